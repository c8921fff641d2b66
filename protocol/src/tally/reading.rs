//! Reading many totals at once, on as many threads as there are.
//!
//! Spec: docs/spec/tally.md, "Combination". Most totals are counts and read in no time; a sum of
//! squares may take a minute, so it is looked for where the sum of the values says that it lies.

use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Logarithms, TallyError};
use crate::group::Point;
use crate::manifest::Contest;

/// The decrypted points of one contest.
pub(super) struct Sought<'a> {
    /// Its rules, which bound its totals.
    pub(super) rules: &'a Contest,
    /// The weight of its ballots.
    pub(super) weight: u64,
    /// Positions within the contest, rising, and their v·H.
    pub(super) points: Vec<(usize, Point)>,
}

impl Sought<'_> {
    fn bound(&self, position: usize) -> u64 {
        // At most 2^48, or the election had not opened.
        self.weight
            .saturating_mul(self.rules.max_of_position(position))
    }

    /// All totals of this contest, in order.
    fn read(&self, logarithms: &Logarithms) -> Result<Vec<u64>, TallyError> {
        let mut totals: Vec<u64> = Vec::with_capacity(self.points.len());
        for (position, point) in &self.points {
            let all = 0..=self.bound(*position);
            let likely = match (self.rules.square(), totals.first()) {
                (Some(square), Some(sum)) if square == *position => self.squares(*sum),
                _ => all.clone(),
            };
            let total = logarithms
                .find_between(point, likely)
                .or_else(|_| logarithms.find_between(point, all));
            totals.push(total?);
        }
        Ok(totals)
    }

    /// Where the sum of the squares of values lies whose sum is `sum`: by Cauchy and Schwarz
    /// S²/W ≤ Q, and Q ≤ R·S as no value is above R.
    fn squares(&self, sum: u64) -> RangeInclusive<u64> {
        let sum = u128::from(sum);
        let least = (sum * sum).div_ceil(u128::from(self.weight.max(1)));
        let most = sum * u128::from(self.rules.max_of_position(0));
        let narrow = |bound| u64::try_from(bound).unwrap_or(u64::MAX);
        narrow(least)..=narrow(most)
    }
}

/// The totals of all contests.
///
/// # Errors
/// [`TallyError::Undecodable`] if a point is no total within its bound.
pub(super) fn read(contests: &[Sought<'_>]) -> Result<Vec<Vec<u64>>, TallyError> {
    let bounds = contests.iter().flat_map(|sought| {
        let positions = sought.points.iter();
        positions.map(|(position, _)| sought.bound(*position))
    });
    let logarithms = Logarithms::up_to(bounds.max().unwrap_or(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(sought) = contests.get(index) else {
                return found;
            };
            found.push((index, sought.read(&logarithms)));
        }
    };
    let mut found = if threads == 1 || contests.len() == 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            running
                .into_iter()
                .flat_map(|thread| {
                    let found = thread.join();
                    found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        })
    };
    found.sort_unstable_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, totals)| totals).collect()
}
