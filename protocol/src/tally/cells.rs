//! Guarded counts, and the lines that tie them together.
//!
//! Spec: docs/spec/tally.md, "Small cells" and "Lines". A cell is a guarded position of a contest
//! that trustees decrypt; cells count from 0 over these contests in manifest order.

/// How the guarded positions of a contest are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Options, then the blank where allowed; every ballot has one of them.
    OneOf {
        /// Whether the last cell is a blank.
        blank: bool,
    },
    /// Options, of which every ballot has any number.
    Approval,
    /// Rows of equal length; every ballot has one cell of each.
    Matrix {
        /// How many cells a row has, the blank included.
        row: usize,
        /// Whether the last cell of each row is a blank.
        blank: bool,
    },
    /// The blank where allowed, then buckets; every ballot has one of them.
    Buckets {
        /// Whether the first cell is a blank.
        blank: bool,
    },
    /// Each category of the first contest with each category of the second.
    Table {
        /// The two contests, by their numbers in the manifest, from 0.
        of: [usize; 2],
    },
}

/// A contest with guarded positions that trustees decrypt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardedContest {
    /// Its number in the manifest, from 0.
    pub contest: usize,
    /// How many ballots count.
    pub ballots: u32,
    /// Its guarded positions, within the contest, rising.
    pub positions: Vec<usize>,
    /// How they are arranged.
    pub arrangement: Arrangement,
    /// Positions that are no cells and closed with its blank: the value and the square of a number.
    pub with_blank: Vec<usize>,
}

impl GuardedContest {
    /// Which of the contest's positions are open where cells of these numbers, from 0, are closed.
    pub(super) fn open_positions(
        &self,
        n_positions: usize,
        is_closed: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut is_open = vec![true; n_positions];
        let mut close = |position: &usize| {
            if let Some(is_open) = is_open.get_mut(*position) {
                *is_open = false;
            }
        };
        for (index, position) in self.positions.iter().enumerate() {
            if is_closed(index) {
                close(position);
                if self.is_blank(index) {
                    self.with_blank.iter().for_each(&mut close);
                }
            }
        }
        (0..n_positions)
            .zip(is_open)
            .filter_map(|(position, is_open)| is_open.then_some(position))
            .collect()
    }

    /// Whether its cell of this number, from 0, is a blank.
    fn is_blank(&self, index: usize) -> bool {
        match self.arrangement {
            Arrangement::OneOf { blank } => blank && index + 1 == self.positions.len(),
            Arrangement::Matrix { row, blank } => blank && (index + 1).is_multiple_of(row.max(1)),
            Arrangement::Buckets { blank } => blank && index == 0,
            Arrangement::Approval | Arrangement::Table { .. } => false,
        }
    }
}

/// What the cells of a line add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    /// The number of ballots.
    Ballots(u64),
    /// The count of another cell.
    Margin(usize),
}

/// Cells of one contest with a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The contest, from 0.
    pub contest: usize,
    /// Its own cells.
    pub cells: Vec<usize>,
    /// Their sum.
    pub sum: Sum,
}

/// All cells of an election's sums, and the lines through them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    minimum: u64,
    /// Each with its first cell.
    contests: Vec<(usize, GuardedContest)>,
    /// For each cell the counts that may be open, both included.
    may_be_open: Vec<(u64, u64)>,
    is_blank: Vec<bool>,
    lines: Vec<Line>,
}

impl Cells {
    /// The cells of these contests, in manifest order, of which counts below `minimum` stay closed.
    pub fn new(minimum: u32, guarded: Vec<GuardedContest>) -> Self {
        let mut cells = Self {
            minimum: u64::from(minimum),
            contests: Vec::with_capacity(guarded.len()),
            may_be_open: Vec::new(),
            is_blank: Vec::new(),
            lines: Vec::new(),
        };
        for contest in guarded {
            let first = cells.n_cells();
            for index in 0..contest.positions.len() {
                let is_blank = contest.is_blank(index);
                cells.is_blank.push(is_blank);
                cells.may_be_open.push(match contest.arrangement {
                    _ if is_blank => (0, u64::MAX),
                    Arrangement::Approval => {
                        let most = contest.ballots.saturating_sub(minimum);
                        (cells.minimum, u64::from(most))
                    }
                    _ => (cells.minimum, u64::MAX),
                });
            }
            let lines = cells.lines_of(first, &contest);
            cells.lines.extend(lines);
            cells.contests.push((first, contest));
        }
        cells
    }

    /// κ: counts below it stay closed.
    pub fn minimum(&self) -> u64 {
        self.minimum
    }

    /// Whether a count is too small to be open for its own sake: it is below κ and no blank, or,
    /// of approval, of all but fewer than κ.
    pub fn is_small(&self, cell: usize, count: u64) -> bool {
        let bounds = self.may_be_open.get(cell);
        bounds.is_some_and(|(least, most)| count < *least || count > *most)
    }

    /// Whether a cell is a blank.
    pub fn is_blank(&self, cell: usize) -> bool {
        self.is_blank.get(cell).copied().unwrap_or(false)
    }

    /// How many cells there are.
    pub fn n_cells(&self) -> usize {
        self.is_blank.len()
    }

    /// The lines, in the order of the specification.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The contests with their first cells, in manifest order.
    pub fn contests(&self) -> impl Iterator<Item = (usize, &GuardedContest)> {
        self.contests
            .iter()
            .map(|(first, contest)| (*first, contest))
    }

    /// The contest of this number in the manifest, with its first cell, if it has cells.
    pub fn of_contest(&self, contest: usize) -> Option<(usize, &GuardedContest)> {
        self.contests().find(|(_, known)| known.contest == contest)
    }

    /// Contest and position of a cell, both from 0.
    pub fn place(&self, cell: usize) -> Option<(usize, usize)> {
        self.contests().find_map(|(first, contest)| {
            let position = contest.positions.get(cell.checked_sub(first)?)?;
            Some((contest.contest, *position))
        })
    }

    /// The cells of a contest's categories, in their order: options or buckets, then the blank.
    fn categories(&self, contest: usize) -> Vec<usize> {
        self.of_contest(contest)
            .map(|(first, guarded)| categories(first, guarded))
            .unwrap_or_default()
    }

    fn lines_of(&self, first: usize, guarded: &GuardedContest) -> Vec<Line> {
        let contest = guarded.contest;
        let ballots = Sum::Ballots(u64::from(guarded.ballots));
        let line = |cells, sum| Line {
            contest,
            cells,
            sum,
        };
        match guarded.arrangement {
            Arrangement::Approval => Vec::new(),
            Arrangement::OneOf { .. } | Arrangement::Buckets { .. } => {
                vec![line(categories(first, guarded), ballots)]
            }
            Arrangement::Matrix { row, .. } => (first..first + guarded.positions.len())
                .step_by(row.max(1))
                .map(|start| line((start..start + row).collect(), ballots))
                .collect(),
            Arrangement::Table { of: [c, d] } => {
                let (c, d) = (self.categories(c), self.categories(d));
                let cell = |i: usize, j: usize| first + i * d.len() + j;
                let rows = c.iter().enumerate().map(|(i, margin)| {
                    let cells = (0..d.len()).map(|j| cell(i, j)).collect();
                    line(cells, Sum::Margin(*margin))
                });
                let columns = d.iter().enumerate().map(|(j, margin)| {
                    let cells = (0..c.len()).map(|i| cell(i, j)).collect();
                    line(cells, Sum::Margin(*margin))
                });
                rows.chain(columns).collect()
            }
        }
    }
}

fn categories(first: usize, guarded: &GuardedContest) -> Vec<usize> {
    let n = guarded.positions.len();
    let mut cells: Vec<usize> = (first..first + n).collect();
    if guarded.arrangement == (Arrangement::Buckets { blank: true }) {
        cells.rotate_left(1.min(n));
    }
    cells
}
