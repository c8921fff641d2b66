//! Small cells: what anybody can check of the cells that are open (`SmallCells.Verify`,
//! docs/spec/tally.md).

use crate::manifest::{ContestKind, Manifest};
use std::collections::BTreeMap;

/// A cell, by its contest and its position within it.
pub type Cell = (usize, usize);

/// What is known of the cells of the decrypted contests: counts, and none where closed. A cell
/// whose total could not be read is missing.
pub type Counts = BTreeMap<Cell, Option<u64>>;

/// Cells whose sum is known.
#[derive(Debug)]
struct Line {
    /// What it is, for people.
    name: String,
    /// Its own cells, each with its factor.
    cells: Vec<(Cell, u64)>,
    sum: Sum,
}

#[derive(Debug, Clone, Copy)]
enum Sum {
    /// A number of ballots.
    Public(u64),
    /// Another cell: the line's margin.
    Margin(Cell),
}

/// All faults of what is open, in words, and how many cells and lines were looked at.
///
/// `ballots` are those of every contest of the manifest.
pub fn check(
    manifest: &Manifest,
    decrypted: &[usize],
    ballots: &[u32],
    counts: &Counts,
) -> (u64, Vec<String>) {
    let least = u64::from(manifest.minimum_cell.unwrap_or_default());
    let lines = lines(manifest, decrypted, ballots);
    let looked_at = (counts.len() + lines.len()) as u64;
    let mut faults = Vec::new();
    for ((contest, position), count) in counts {
        if count.is_some_and(|count| count < least) {
            let name = name(manifest, *contest);
            faults.push(format!("contest {name}: position {position} is open and small"));
        }
    }
    for line in lines {
        if line.leaks(counts, least) {
            faults.push(format!("{} give a closed cell away", line.name));
        }
    }
    (looked_at, faults)
}

impl Line {
    fn leaks(&self, counts: &Counts, least: u64) -> bool {
        let own: Option<Vec<(Option<u64>, u64)>> = self
            .cells
            .iter()
            .map(|(cell, factor)| Some((*counts.get(cell)?, *factor)))
            .collect();
        // Where a total could not be read, the check has not looked at all it has to.
        let Some(own) = own else {
            return false;
        };
        let n_closed = own.iter().filter(|(count, _)| count.is_none()).count();
        if n_closed == own.len() {
            return false;
        }
        let sum = match self.sum {
            Sum::Public(sum) => sum,
            Sum::Margin(cell) => match counts.get(&cell) {
                Some(Some(sum)) => *sum,
                Some(None) => return n_closed == 0,
                None => return false,
            },
        };
        let open = own
            .iter()
            .filter_map(|(count, factor)| count.map(|count| count.saturating_mul(*factor)))
            .fold(0_u64, u64::saturating_add);
        n_closed == 1 || (n_closed > 0 && sum.saturating_sub(open) < least)
    }
}

/// The lines of the decrypted contests, in the order of the manifest.
fn lines(manifest: &Manifest, decrypted: &[usize], ballots: &[u32]) -> Vec<Line> {
    let mut lines = Vec::new();
    for number in decrypted {
        let Some(contest) = manifest.contests.get(*number) else {
            continue;
        };
        let ballots = u64::from(ballots.get(*number).copied().unwrap_or_default());
        let name = format!("contest {}: the cells", contest.id);
        let mut public = |cells: Vec<(usize, u64)>, sum| {
            lines.push(Line {
                name: name.clone(),
                cells: cells
                    .into_iter()
                    .map(|(position, factor)| ((*number, position), factor))
                    .collect(),
                sum: Sum::Public(sum),
            });
        };
        match &contest.kind {
            ContestKind::Options(options) if !options.points && options.min == options.max => {
                let n_options = options.options.len();
                let factor = |position| if position < n_options { 1 } else { options.max };
                let cells = (0..contest.n_positions()).map(|position| (position, factor(position)));
                public(cells.collect(), options.max * ballots);
            }
            ContestKind::Matrix(matrix) => {
                let width = matrix.options.len() + usize::from(matrix.blank);
                for row in 0..matrix.rows.len() {
                    let cells = (row * width..(row + 1) * width).map(|position| (position, 1));
                    public(cells.collect(), ballots);
                }
            }
            ContestKind::Number(_) => {
                let cells = contest.guarded().into_iter().map(|position| (position, 1));
                let cells: Vec<_> = cells.collect();
                if !cells.is_empty() {
                    public(cells, ballots);
                }
            }
            ContestKind::Table(of) => lines.extend(of_table(manifest, *number, *of, &name)),
            ContestKind::Options(_) | ContestKind::Product(_) => {}
        }
    }
    lines
}

/// A line for each row, then for each column.
fn of_table(manifest: &Manifest, number: usize, of: [usize; 2], name: &str) -> Vec<Line> {
    let [rows, columns] = of.map(|contest| {
        let contest = manifest.contests.get(contest);
        contest.and_then(|contest| contest.kind.categories()).unwrap_or_default()
    });
    let [one, other] = of;
    let line = |cells: Vec<usize>, margin| Line {
        name: name.to_owned(),
        cells: cells.into_iter().map(|cell| ((number, cell), 1)).collect(),
        sum: Sum::Margin(margin),
    };
    let width = columns.len();
    let of_rows = rows.iter().enumerate().map(|(index, category)| {
        line((index * width..(index + 1) * width).collect(), (one, *category))
    });
    let of_columns = columns.iter().enumerate().map(|(index, category)| {
        let cells = (0..rows.len()).map(|row| row * width + index).collect();
        line(cells, (other, *category))
    });
    of_rows.chain(of_columns).collect()
}

fn name(manifest: &Manifest, contest: usize) -> &str {
    let contest = manifest.contests.get(contest);
    contest.map_or("", |contest| &contest.id)
}
