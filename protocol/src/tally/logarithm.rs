//! From v·H to v, with baby-step giant-step (Shanks 1971).

use std::collections::HashMap;

use crate::group::{Point, Scalar, double_and_encode, half, value_base};

/// The largest table kept: 2^22 baby steps, about 100 MB.
const MOST_BABY_STEPS: u64 = 1 << 22;
/// Points encoded together.
const CHUNK: u64 = 1024;

/// A point is not v·H for any v within the bound.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("a decrypted sum is not a total between 0 and {bound}; a share or a ballot is wrong")]
pub struct TotalError {
    /// The largest possible total.
    pub bound: u64,
}

/// A table for reading totals of up to a bound. Building and finding take about the square root of
/// the bound.
pub struct Logarithms {
    bound: u64,
    n_baby_steps: u64,
    /// First eight bytes of the encoding of j·H → j. Every hit is checked.
    baby_steps: HashMap<u64, u64>,
}

fn key(encoding: &[u8; 32]) -> u64 {
    encoding
        .split_first_chunk()
        .map_or(0, |(head, _)| u64::from_le_bytes(*head))
}

impl Logarithms {
    /// A table for totals 0..=bound.
    pub fn up_to(bound: u64) -> Self {
        let n_baby_steps = (bound.isqrt() + 1).min(MOST_BABY_STEPS);
        let half_base = value_base() * half(&Scalar::ONE);
        let mut baby_steps = HashMap::new();
        let mut next = Point::default();
        for start in (0..n_baby_steps).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            let count = CHUNK.min(n_baby_steps - start);
            let points: Vec<Point> = steps(&mut next, &half_base, count);
            for (j, encoding) in (start..).zip(double_and_encode(&points)) {
                baby_steps.entry(key(&encoding)).or_insert(j);
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
        let mut next = point * half(&Scalar::ONE);
        let giant_step = -(value_base() * half(&Scalar::from(self.n_baby_steps)));
        let n_giant_steps = self.bound / self.n_baby_steps + 1;
        for start in (0..n_giant_steps).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            let points = steps(&mut next, &giant_step, CHUNK.min(n_giant_steps - start));
            for (giant, encoding) in (start..).zip(double_and_encode(&points)) {
                let found = self
                    .baby_steps
                    .get(&key(&encoding))
                    .map(|baby| giant * self.n_baby_steps + baby);
                if let Some(total) = found.filter(|total| *total <= self.bound)
                    && value_base() * Scalar::from(total) == *point
                {
                    return Ok(total);
                }
            }
        }
        Err(TotalError { bound: self.bound })
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
}
