//! The lines: cells whose sum is known.

use super::Cell;
use crate::manifest::{ContestKind, Manifest};

/// Cells of one contest with their sum.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// The contest's id.
    pub(super) contest: String,
    /// Its own cells.
    pub(super) cells: Vec<Cell>,
    pub(super) sum: Sum,
}

/// What the cells of a line add up to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sum {
    /// A number of ballots.
    Ballots(u64),
    /// Another cell: the line's margin.
    Margin(Cell),
}

/// The lines of the decrypted contests, in the order of the manifest.
pub(super) fn of(manifest: &Manifest, decrypted: &[usize], ballots: &[u32]) -> Vec<Line> {
    let mut lines = Vec::new();
    for number in decrypted {
        let Some(contest) = manifest.contests.get(*number) else {
            continue;
        };
        let ballots = ballots.get(*number).copied().unwrap_or_default();
        let mut add = |positions: Vec<usize>, sum| {
            lines.push(Line {
                contest: contest.id.clone(),
                cells: positions.into_iter().map(|i| (*number, i)).collect(),
                sum,
            });
        };
        let public = Sum::Ballots(ballots.into());
        match &contest.kind {
            ContestKind::Options(options) if !options.points && options.min == options.max => {
                add((0..contest.n_positions()).collect(), public);
            }
            ContestKind::Matrix(matrix) => {
                let width = matrix.options.len() + usize::from(matrix.blank);
                for row in 0..matrix.rows.len() {
                    add((row * width..(row + 1) * width).collect(), public);
                }
            }
            // Buckets, then the blank, as categories are.
            ContestKind::Number(_) => {
                if let Some(categories) = contest.kind.categories() {
                    add(categories, public);
                }
            }
            ContestKind::Table([one, other]) => {
                let of = |contest: usize| {
                    let kind = manifest.contests.get(contest).map(|of| &of.kind);
                    kind.and_then(ContestKind::categories).unwrap_or_default()
                };
                let (rows, columns) = (of(*one), of(*other));
                let width = columns.len();
                for (row, category) in rows.iter().enumerate() {
                    let cells = row * width..(row + 1) * width;
                    add(cells.collect(), Sum::Margin((*one, *category)));
                }
                for (column, category) in columns.iter().enumerate() {
                    let cells = (0..rows.len()).map(|row| row * width + column);
                    add(cells.collect(), Sum::Margin((*other, *category)));
                }
            }
            ContestKind::Options(_) | ContestKind::Product(_) => {}
        }
    }
    lines
}
