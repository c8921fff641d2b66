//! From v·H to v, with baby-step giant-step (Shanks 1971).

use std::ops::RangeInclusive;

use crate::group::{Point, Scalar, double_and_encode, half, value_base};

/// The largest table kept: 2^22 baby steps, 64 MiB.
const MOST_BABY_STEPS: u64 = 1 << 22;
/// Points encoded together.
const CHUNK: u64 = 1024;
/// Bits of a slot that hold a baby step; those above hold a part of its point's encoding.
const STEP_BITS: u32 = 23;

/// A point is not v·H for any v within the bound.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("a decrypted sum is not a total between 0 and {bound}; a share or a ballot is wrong")]
pub struct TotalError {
    /// The largest possible total.
    pub bound: u64,
}

/// A table for reading totals of up to a bound. Building and finding take about the square root of
/// the bound, as long as that is at most 2^22; beyond, finding takes up to bound / 2^22.
pub struct Logarithms {
    bound: u64,
    n_baby_steps: u64,
    baby_steps: BabySteps,
}

/// An open-addressed table from encodings of j·H to j, 8 bytes a slot and at least half of them
/// empty. It keeps only a part of an encoding, so every hit is checked.
struct BabySteps {
    slots: Vec<u64>,
}

impl BabySteps {
    /// An empty table for so many steps.
    fn for_steps(count: u64) -> Self {
        let slots = usize::try_from(2 * count).unwrap_or(usize::MAX);
        Self {
            slots: vec![0; slots.next_power_of_two()],
        }
    }

    /// The bits of an encoding that choose the slot and stand in it: all but about 2^-18 of wrong
    /// encodings differ there from any that is in the table.
    fn key(encoding: &[u8; 32]) -> u64 {
        let [_, tail @ ..] = encoding;
        tail.first_chunk()
            .map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// The slots to look at for a key, one after the other.
    fn probe(&self, key: u64) -> impl Iterator<Item = usize> + use<> {
        let count = self.slots.len();
        // A power of two; the highest bits of the key choose where to begin.
        let start = ((u128::from(key) * count as u128) >> 64) as usize;
        (0..count).map(move |step| (start + step) & (count - 1))
    }

    fn insert(&mut self, encoding: &[u8; 32], step: u64) {
        let key = Self::key(encoding);
        for slot in self.probe(key) {
            if let Some(slot) = self.slots.get_mut(slot)
                && *slot == 0
            {
                // An empty slot is 0, so steps count from 1 in here.
                *slot = key >> STEP_BITS << STEP_BITS | (step + 1);
                return;
            }
        }
    }

    /// The steps whose points may have this encoding.
    fn find(&self, encoding: &[u8; 32]) -> impl Iterator<Item = u64> {
        let key = Self::key(encoding);
        self.probe(key)
            .map_while(|slot| self.slots.get(slot).copied().filter(|slot| *slot != 0))
            .filter(move |slot| (slot ^ key) >> STEP_BITS == 0)
            .map(|slot| (slot & ((1 << STEP_BITS) - 1)) - 1)
    }
}

impl Logarithms {
    /// A table for totals 0..=bound.
    pub fn up_to(bound: u64) -> Self {
        let n_baby_steps = (bound.isqrt() + 1).min(MOST_BABY_STEPS);
        let half_base = value_base() * half(&Scalar::ONE);
        let mut baby_steps = BabySteps::for_steps(n_baby_steps);
        let mut next = Point::default();
        for start in (0..n_baby_steps).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            let count = CHUNK.min(n_baby_steps - start);
            let points: Vec<Point> = steps(&mut next, &half_base, count);
            for (j, encoding) in (start..).zip(double_and_encode(&points)) {
                baby_steps.insert(&encoding, j);
            }
        }
        Self {
            bound,
            n_baby_steps,
            baby_steps,
        }
    }

    /// v with v·H = `point`, 0 ≤ v ≤ bound.
    ///
    /// # Errors
    /// [`TotalError`] if there is none.
    pub fn find(&self, point: &Point) -> Result<u64, TotalError> {
        self.find_between(point, 0..=self.bound)
    }

    /// v with v·H = `point` within an interval, whose length, not its end, decides how long it takes.
    ///
    /// # Errors
    /// [`TotalError`] if there is none.
    pub fn find_between(
        &self,
        point: &Point,
        interval: RangeInclusive<u64>,
    ) -> Result<u64, TotalError> {
        let (low, high) = (*interval.start(), *interval.end());
        let missing = TotalError { bound: high };
        let length = high.checked_sub(low).ok_or(missing)?;
        let rest = point - value_base() * Scalar::from(low);
        let mut next = rest * half(&Scalar::ONE);
        let giant_step = -(value_base() * half(&Scalar::from(self.n_baby_steps)));
        let n_giant_steps = length / self.n_baby_steps + 1;
        for start in (0..n_giant_steps).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            let points = steps(&mut next, &giant_step, CHUNK.min(n_giant_steps - start));
            for (giant, encoding) in (start..).zip(double_and_encode(&points)) {
                for baby in self.baby_steps.find(&encoding) {
                    let above = giant * self.n_baby_steps + baby;
                    if above <= length && value_base() * Scalar::from(above) == rest {
                        return Ok(low + above);
                    }
                }
            }
        }
        Err(missing)
    }
}

/// `count` points from `next` on, `step` apart; `next` moves on.
fn steps(next: &mut Point, step: &Point, count: u64) -> Vec<Point> {
    (0..count)
        .map(|_| {
            let point = *next;
            *next += step;
            point
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_small_total_and_no_other() {
        for bound in [0, 1, 2, 3, 10, 100] {
            let table = Logarithms::up_to(bound);
            for v in 0..=bound {
                assert_eq!(table.find(&(value_base() * Scalar::from(v))), Ok(v));
            }
            assert_eq!(
                table.find(&(value_base() * Scalar::from(bound + 1))),
                Err(TotalError { bound })
            );
            assert_eq!(table.find(&-value_base()), Err(TotalError { bound }));
            assert_eq!(table.find(&crate::group::base()), Err(TotalError { bound }));
        }
    }

    #[test]
    fn finds_large_totals() {
        let table = Logarithms::up_to(1 << 36);
        for v in [0, 1, (1 << 36) - 1, 1 << 36, 123_456_789_012 % (1 << 36)] {
            assert_eq!(table.find(&(value_base() * Scalar::from(v))), Ok(v));
        }
    }

    #[test]
    fn finds_within_an_interval_and_nothing_beside_it() {
        let table = Logarithms::up_to(10_000);
        let point = |v: u64| value_base() * Scalar::from(v);
        let high = 1 << 47;
        for v in [high, high + 1, high + 250_000] {
            assert_eq!(table.find_between(&point(v), high..=high + 250_000), Ok(v));
        }
        for v in [high - 1, high + 250_001, 0] {
            assert!(
                table
                    .find_between(&point(v), high..=high + 250_000)
                    .is_err()
            );
        }
        let (low, high) = (5, 4);
        assert!(table.find_between(&point(5), low..=high).is_err());
    }

    /// The worst case of the specification; minutes, so it is measured by hand.
    #[test]
    #[ignore = "minutes: a total of 2^48 after a table of 2^22 steps"]
    fn finds_the_largest_total_of_all() {
        let start = std::time::Instant::now();
        let table = Logarithms::up_to(1 << 48);
        let built = start.elapsed();
        let point = value_base() * Scalar::from(1u64 << 48);
        assert_eq!(table.find(&point), Ok(1 << 48));
        println!("table {built:?}, with the search {:?}", start.elapsed());
    }
}
