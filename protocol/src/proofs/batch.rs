//! Many equations Σ scalar·point = 0 in one multiscalar multiplication.
//!
//! Every row is multiplied by its own random weight of 128 bits, so that errors of different rows
//! cannot cancel except with probability 2^-128 (Bellare–Garay–Rabin, EUROCRYPT '98).

#[cfg(feature = "tables")]
use std::sync::OnceLock;

use rand_core::TryCryptoRng;
use sha2::{Digest as _, Sha512};

#[cfg(feature = "tables")]
use crate::group::Multiples;
use crate::group::{Point, Scalar, is_identity, vartime_multiscalar};
use crate::transcript::RandomnessError;

/// At least one equation of the batch does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("an equation of the batch does not hold")]
pub struct BatchError;

/// A stream of independent 128-bit weights, expanded from 32 random bytes.
pub struct Weights {
    seed: [u8; 32],
    counter: u64,
    ready: Vec<Scalar>,
}

impl Weights {
    /// Draws a fresh seed.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails: predictable weights would let errors cancel.
    pub fn draw(rng: &mut impl TryCryptoRng) -> Result<Self, RandomnessError> {
        let mut seed = [0; 32];
        rng.try_fill_bytes(&mut seed).map_err(|_| RandomnessError)?;
        Ok(Self {
            seed,
            counter: 0,
            ready: Vec::new(),
        })
    }

    /// The next weight.
    pub fn weight(&mut self) -> Scalar {
        loop {
            if let Some(weight) = self.ready.pop() {
                return weight;
            }
            let block = Sha512::new()
                .chain_update(self.seed)
                .chain_update(self.counter.to_be_bytes())
                .finalize();
            self.counter += 1;
            let (weights, _) = block.as_slice().as_chunks::<16>();
            self.ready.extend(
                weights
                    .iter()
                    .map(|bytes| Scalar::from(u128::from_le_bytes(*bytes))),
            );
        }
    }
}

/// Points that occur in many equations.
#[derive(Debug)]
pub struct SharedPoints {
    points: Vec<Point>,
    /// Their multiples, from when a small batch first needs them.
    #[cfg(feature = "tables")]
    multiples: Option<OnceLock<Multiples>>,
}

impl SharedPoints {
    /// How many points have multiples kept of them: 10 kB each, so 5 MB.
    #[cfg(feature = "tables")]
    const MOST_KEPT: usize = 512;
    /// Above, the curve library's algorithm for many points (Pippenger's) needs less work.
    #[cfg(feature = "tables")]
    const SMALL_BATCH: usize = 190;

    /// For one batch.
    pub fn once(points: Vec<Point>) -> Self {
        Self {
            points,
            #[cfg(feature = "tables")]
            multiples: None,
        }
    }

    /// For batches to come, small ones among them: a ballot that is verified as it arrives.
    pub fn kept(points: Vec<Point>) -> Self {
        Self {
            #[cfg(feature = "tables")]
            multiples: (points.len() <= Self::MOST_KEPT).then(OnceLock::new),
            points,
        }
    }

    /// The points, by index.
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}

/// A sum of weighted equations. The coefficients of shared points are added up, and each costs one
/// point in the end.
pub struct Batch<'a> {
    fixed: &'a SharedPoints,
    fixed_scalars: Vec<Scalar>,
    points: Vec<Point>,
    scalars: Vec<Scalar>,
}

impl<'a> Batch<'a> {
    /// An empty batch over these fixed points.
    pub fn new(fixed: &'a SharedPoints) -> Self {
        Self {
            fixed,
            fixed_scalars: vec![Scalar::ZERO; fixed.points.len()],
            points: Vec::new(),
            scalars: Vec::new(),
        }
    }

    /// Whether the batch is over these very fixed points.
    pub fn is_over(&self, fixed: &SharedPoints) -> bool {
        std::ptr::eq(self.fixed, fixed)
    }

    /// Adds `scalar` times the fixed point of this index.
    pub fn add_fixed(&mut self, index: usize, scalar: Scalar) {
        match self.fixed_scalars.get_mut(index) {
            Some(sum) => *sum += scalar,
            // An index out of range is a defect of the caller; the batch must not hold then.
            None => self.add(Scalar::ONE, crate::group::base()),
        }
    }

    /// Adds `scalar` times `point`.
    pub fn add(&mut self, scalar: Scalar, point: Point) {
        self.scalars.push(scalar);
        self.points.push(point);
    }

    /// Checks that the sum is zero.
    ///
    /// # Errors
    /// [`BatchError`] if it is not.
    pub fn finish(mut self) -> Result<(), BatchError> {
        #[cfg(feature = "tables")]
        if let Some(multiples) = &self.fixed.multiples {
            let used = |scalar: &&Scalar| **scalar != Scalar::ZERO;
            let n_used = self.fixed_scalars.iter().filter(used).count();
            if n_used + self.points.len() < SharedPoints::SMALL_BATCH {
                let multiples = multiples.get_or_init(|| Multiples::new(&self.fixed.points));
                let sum = multiples.sum(&self.fixed_scalars, &self.scalars, &self.points);
                return is_identity(&sum).then_some(()).ok_or(BatchError);
            }
        }
        // A ballot of a small style uses few of an election's fixed points.
        let used = self.fixed_scalars.iter().zip(&self.fixed.points);
        for (scalar, point) in used.filter(|(scalar, _)| **scalar != Scalar::ZERO) {
            self.scalars.push(*scalar);
            self.points.push(*point);
        }
        if is_identity(&vartime_multiscalar(&self.scalars, &self.points)) {
            Ok(())
        } else {
            Err(BatchError)
        }
    }
}

/// Verifies `items` together; where they fail together, in halves, until each culprit is named.
///
/// `add` adds one item's equations to a batch over `fixed`.
pub fn verify_each<T>(
    items: &[T],
    fixed: &SharedPoints,
    weights: &mut Weights,
    add: &impl Fn(&T, &mut Batch<'_>, &mut Weights),
) -> Vec<Result<(), BatchError>> {
    let mut batch = Batch::new(fixed);
    items.iter().for_each(|item| add(item, &mut batch, weights));
    match batch.finish() {
        Ok(()) => vec![Ok(()); items.len()],
        Err(error) if items.len() <= 1 => vec![Err(error); items.len()],
        Err(_) => {
            let (left, right) = items.split_at(items.len() / 2);
            let mut verdicts = verify_each(left, fixed, weights, add);
            verdicts.extend(verify_each(right, fixed, weights, add));
            verdicts
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{base, value_base};
    use getrandom::SysRng;

    #[test]
    fn errors_that_cancel_are_caught_and_both_culprits_named() {
        // Rows claim point = 0; two of them are wrong by +E and −E, so a plain sum would be zero.
        let error = value_base();
        let rows = [
            Point::default(),
            error,
            Point::default(),
            -error,
            Point::default(),
        ];
        let mut weights = Weights::draw(&mut SysRng).unwrap();
        let points = || vec![base(), value_base()];
        for shared in [SharedPoints::once(points()), SharedPoints::kept(points())] {
            let verdicts = verify_each(&rows, &shared, &mut weights, &|row, batch, weights| {
                let weight = weights.weight();
                batch.add(weight, *row + base());
                batch.add_fixed(0, -weight);
            });
            let wrong: Vec<usize> = verdicts
                .iter()
                .enumerate()
                .filter(|(_, v)| v.is_err())
                .map(|(i, _)| i)
                .collect();
            assert_eq!(wrong, [1, 3]);
        }
    }

    #[test]
    fn a_wrong_index_of_a_fixed_point_never_holds() {
        let none = SharedPoints::kept(Vec::new());
        let mut batch = Batch::new(&none);
        batch.add_fixed(0, Scalar::ONE);
        assert_eq!(batch.finish(), Err(BatchError));
    }
}
