//! Small cells: what anybody can check of the cells that are open (`SmallCells.Verify`,
//! docs/spec/tally.md).

mod determined;
mod lines;
#[cfg(test)]
mod tests;

use crate::manifest::{ContestKind, Manifest};
use lines::{Line, Sum};
use std::collections::{BTreeMap, BTreeSet};

/// A cell, by its contest and its position within it.
pub type Cell = (usize, usize);

/// What is known of the cells of the decrypted contests: counts, and none where closed. A cell
/// whose total could not be read is missing.
pub type Counts = BTreeMap<Cell, Option<u64>>;

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
    let lines = lines::of(manifest, decrypted, ballots);
    let mut faults = Vec::new();
    for (cell, count) in counts {
        let ballots = ballots.get(cell.0).copied().unwrap_or_default();
        if count.is_some_and(|count| is_small(manifest, *cell, count, least, ballots.into())) {
            faults.push(format!("{} is open and small", name(manifest, *cell)));
        }
    }
    let determined = determined::of(&lines, counts);
    for line in &lines {
        if let Some(why) = leak(line, counts, &determined, least) {
            faults.push(format!("contest {}: {why}", line.contest));
        }
    }
    ((counts.len() + lines.len()) as u64, faults)
}

/// Whether so few gave an answer, or so few did not, that they are to be hidden. A blank is no
/// answer.
fn is_small(manifest: &Manifest, cell: Cell, count: u64, least: u64, ballots: u64) -> bool {
    let (contest, position) = cell;
    let Some(contest) = manifest.contests.get(contest) else {
        return false;
    };
    let is_approval = match &contest.kind {
        ContestKind::Options(options) => !options.points && options.min < options.max,
        _ => false,
    };
    let is_answer = !contest.is_blank(position);
    (is_answer && count < least) || (is_approval && count.saturating_add(least) > ballots)
}

/// What a line gives away, if something.
fn leak(
    line: &Line,
    counts: &Counts,
    determined: &BTreeSet<Cell>,
    least: u64,
) -> Option<&'static str> {
    // Where a total could not be read, the check has not looked at all it has to.
    let own: Vec<Option<u64>> = line
        .cells
        .iter()
        .map(|cell| counts.get(cell).copied())
        .collect::<Option<_>>()?;
    let n_closed = own.iter().filter(|count| count.is_none()).count();
    if n_closed == own.len() {
        return None;
    }
    let (sum, margin) = match line.sum {
        Sum::Ballots(ballots) => (ballots, None),
        Sum::Margin(margin) => match counts.get(&margin)? {
            Some(sum) => (*sum, Some(margin)),
            None => return Some("a line is open whose sum is closed"),
        },
    };
    let open = own
        .iter()
        .flatten()
        .fold(0, |sum: u64, count| sum.saturating_add(*count));
    // As many as two counts that are not small may have, so that two small ones never stand alone.
    if n_closed > 0 && sum.saturating_sub(open) < 2 * least - 1 {
        return Some("the closed cells of a line together are small");
    }
    let known = line.cells.iter().copied().chain(margin);
    let mut known = known.filter(|cell| determined.contains(cell));
    known
        .next()
        .map(|_| "a line has a closed cell that all lines together give away")
}

fn name(manifest: &Manifest, (contest, position): Cell) -> String {
    let contest = manifest.contests.get(contest);
    let id = contest.map_or("", |contest| &contest.id);
    format!("contest {id}: position {position}")
}
