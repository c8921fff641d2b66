//! Which cells stay closed. Spec: docs/spec/tally.md, "Pattern" (`SmallCells.Close`,
//! `SmallCells.Verify`).

use super::cells::{Cells, Line, Sum};
use super::determined::determined;
use crate::encoding::{EncodingError, Reader};

/// Which cells of an election's sums stay closed: one bit for each of [`Cells`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    closed: Vec<bool>,
}

/// Why a pattern and the totals that it leaves open are refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum PatternError {
    /// A small count is open.
    #[error(
        "the total of position {position} of contest {} tells of too few people to be opened",
        contest + 1
    )]
    Small {
        /// The contest, from 0.
        contest: usize,
        /// The position within the contest, from 0.
        position: usize,
    },
    /// Closed counts follow from open ones, or could be no other.
    #[error("the open totals of contest {} give away what stays closed", contest + 1)]
    Leak {
        /// The contest, from 0.
        contest: usize,
    },
}

impl Pattern {
    /// The pattern of these bits, one for each cell.
    pub fn new(closed: Vec<bool>) -> Self {
        Self { closed }
    }

    /// `SmallCells.Close`: the pattern for these counts, one for each cell.
    pub fn close(cells: &Cells, counts: &[u64]) -> Self {
        let count = |cell: usize| counts.get(cell).copied();
        let is_small = |(cell, count): (usize, &u64)| cells.is_small(cell, *count);
        let mut pattern = Self::new(counts.iter().enumerate().map(is_small).collect());
        loop {
            let mut is_mended = false;
            for line in cells.lines() {
                if pattern.leaks(line, cells.minimum(), count) {
                    is_mended |= pattern.mend(line, cells);
                }
            }
            if is_mended {
                continue;
            }
            let leaking = pattern.given_away(cells);
            if !leaking.is_some_and(|line| pattern.mend(line, cells)) {
                return pattern;
            }
        }
    }

    /// Closes the first of a line's open cells that are no blanks after its first closed cell, going
    /// round, or else its blank; says whether one was open. Which one it is depends on no count, so
    /// that it tells nothing of those that stay closed.
    fn mend(&mut self, line: &Line, cells: &Cells) -> bool {
        let mut order = line.cells.clone();
        let first = order.iter().position(|cell| self.is_closed(*cell));
        order.rotate_left(first.unwrap_or(0));
        let open = |cell: &&usize| !self.is_closed(**cell);
        let next = order
            .iter()
            .find(|cell| open(cell) && !cells.is_blank(**cell));
        let next = next.or_else(|| order.iter().find(open));
        let closed = next.and_then(|cell| self.closed.get_mut(*cell));
        closed.map(|closed| *closed = true).is_some()
    }

    /// `SmallCells.Verify`: checks that no small count is open and that no line gives away a closed
    /// one. `total` gives the total of an open cell; closed ones are never asked for.
    ///
    /// # Errors
    /// [`PatternError`], naming the first cell or line in order.
    pub fn verify(
        &self,
        cells: &Cells,
        total: impl Fn(usize) -> Option<u64>,
    ) -> Result<(), PatternError> {
        for cell in (0..cells.n_cells()).filter(|cell| !self.is_closed(*cell)) {
            if cells.is_small(cell, total(cell).unwrap_or(0)) {
                let (contest, position) = cells.place(cell).unwrap_or_default();
                return Err(PatternError::Small { contest, position });
            }
        }
        let mut lines = cells.lines().iter();
        let leaking = lines.find(|line| self.leaks(line, cells.minimum(), &total));
        match leaking.or_else(|| self.given_away(cells)) {
            Some(Line { contest, .. }) => Err(PatternError::Leak { contest: *contest }),
            None => Ok(()),
        }
    }

    /// Whether a line leaks by one of the first two rules; only open cells are read.
    fn leaks(&self, line: &Line, minimum: u64, total: impl Fn(usize) -> Option<u64>) -> bool {
        let read = |cell: usize| i128::from(total(cell).unwrap_or(0));
        let is_open = |cell: &&usize| !self.is_closed(**cell);
        let n_open = line.cells.iter().filter(is_open).count();
        let sum = match line.sum {
            _ if n_open == 0 => return false,
            Sum::Margin(margin) if self.is_closed(margin) => return true,
            Sum::Margin(margin) => read(margin),
            Sum::Ballots(ballots) => i128::from(ballots),
        };
        let open: i128 = line
            .cells
            .iter()
            .filter(is_open)
            .map(|cell| read(*cell))
            .sum();
        n_open < line.cells.len() && sum - open < 2 * i128::from(minimum) - 1
    }

    /// The first line that leaks by the third rule: it has an open cell, and a closed one, own or
    /// margin, that all lines together give away.
    fn given_away<'a>(&self, cells: &'a Cells) -> Option<&'a Line> {
        let determined = determined(cells.lines(), |cell| self.is_closed(cell));
        let is_determined = |cell: &usize| determined.binary_search(cell).is_ok();
        cells.lines().iter().find(|line| {
            let margin = match line.sum {
                Sum::Margin(margin) => Some(margin),
                Sum::Ballots(_) => None,
            };
            line.cells.iter().any(|cell| !self.is_closed(*cell))
                && line.cells.iter().chain(margin.iter()).any(is_determined)
        })
    }

    /// Whether a cell stays closed.
    pub fn is_closed(&self, cell: usize) -> bool {
        self.closed.get(cell).copied().unwrap_or(false)
    }

    /// How many cells the pattern is about.
    pub fn n_cells(&self) -> usize {
        self.closed.len()
    }

    /// How many cells stay closed.
    pub fn n_closed(&self) -> usize {
        self.closed.iter().filter(|closed| **closed).count()
    }

    /// The positions of a contest, of `n_positions`, that are open.
    pub fn open_positions(&self, cells: &Cells, contest: usize, n_positions: usize) -> Vec<usize> {
        match cells.of_contest(contest) {
            None => (0..n_positions).collect(),
            Some((first, guarded)) => {
                guarded.open_positions(n_positions, |index| self.is_closed(first + index))
            }
        }
    }
}

/// Reads closed cells: one bit for each guarded position, the most significant first.
///
/// # Errors
/// [`EncodingError`] if bytes are missing or unused bits are not 0.
pub(super) fn read_closed(
    reader: &mut Reader<'_>,
    n_guarded: usize,
) -> Result<Vec<bool>, EncodingError> {
    let what = "the closed cells";
    let bytes = reader.bytes(n_guarded.div_ceil(8), what)?;
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte >> (7 - bit) & 1 == 1));
    let mut closed: Vec<bool> = bits.collect();
    if closed.drain(n_guarded..).any(|bit| bit) {
        return Err(EncodingError::Value { what });
    }
    Ok(closed)
}

/// Appends closed cells.
pub(super) fn put_closed(closed: impl Iterator<Item = bool>, out: &mut Vec<u8>) {
    let closed: Vec<bool> = closed.collect();
    out.extend(closed.chunks(8).map(|bits| {
        let bits = (0..8).zip(bits);
        bits.fold(0, |byte, (bit, closed)| {
            byte | u8::from(*closed) << (7 - bit)
        })
    }));
}

#[cfg(test)]
mod tests;
