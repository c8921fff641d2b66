//! The aggregates of the ballots that count (docs/spec/tally.md).

use crate::{
    group::{Point, identity},
    manifest::Manifest,
    proofs::ballot::SealedBallot,
};

/// The bits of a weight.
const WEIGHT_BITS: usize = 32;

/// The aggregate of one contest.
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// How many ballots count.
    pub ballots: u32,
    /// The sum of their weights.
    pub weight: u64,
    /// `A_c`.
    pub alpha: Point,
    /// `B_i`, one per position of the contest.
    pub beta: Vec<Point>,
}

/// All aggregates, while ballots are added.
///
/// Ballots are summed separately for each bit of the weight, so that a weight costs additions
/// and no multiplication: Σ w·X = Σ 2^b·(Σ of the X whose weight has bit b).
#[derive(Debug, Clone)]
pub struct Aggregates<'m> {
    manifest: &'m Manifest,
    ballots: Vec<u32>,
    weights: Vec<u64>,
    by_bit: Vec<Option<Sums>>,
}

#[derive(Debug, Clone)]
struct Sums {
    /// One per contest.
    alpha: Vec<Point>,
    /// One per position of the election.
    beta: Vec<Point>,
}

impl<'m> Aggregates<'m> {
    /// No ballots.
    #[must_use]
    pub fn new(manifest: &'m Manifest) -> Self {
        let n_contests = manifest.contests.len();
        Self {
            manifest,
            ballots: vec![0; n_contests],
            weights: vec![0; n_contests],
            by_bit: vec![None; WEIGHT_BITS],
        }
    }

    /// No ballots of the same election.
    #[must_use]
    pub fn empty(&self) -> Self {
        Self::new(self.manifest)
    }

    /// Adds a ballot.
    pub fn add(&mut self, style: u16, weight: u32, ballot: &SealedBallot) {
        let Some(style) = self.manifest.styles.get(usize::from(style)) else {
            return;
        };
        for contest in &style.contests {
            if let Some(ballots) = self.ballots.get_mut(*contest) {
                *ballots += 1;
            }
            if let Some(sum) = self.weights.get_mut(*contest) {
                *sum += u64::from(weight);
            }
        }
        for (bit, sums) in self.by_bit.iter_mut().enumerate() {
            if weight >> bit & 1 == 0 {
                continue;
            }
            let sums = sums.get_or_insert_with(|| Sums::new(self.manifest));
            for contest in &style.contests {
                if let Some(sum) = sums.alpha.get_mut(*contest) {
                    *sum += ballot.alpha;
                }
            }
            for (position, beta) in style.positions.iter().zip(&ballot.beta) {
                if let Some(sum) = sums.beta.get_mut(*position) {
                    *sum += beta;
                }
            }
        }
    }

    /// Adds the ballots of another part of the board.
    pub fn merge(&mut self, other: &Aggregates<'_>) {
        for (sum, ballots) in self.ballots.iter_mut().zip(&other.ballots) {
            *sum += ballots;
        }
        for (sum, weight) in self.weights.iter_mut().zip(&other.weights) {
            *sum += weight;
        }
        for (sums, others) in self.by_bit.iter_mut().zip(&other.by_bit) {
            let Some(others) = others else {
                continue;
            };
            let sums = sums.get_or_insert_with(|| Sums::new(self.manifest));
            for (sum, other) in sums.alpha.iter_mut().zip(&others.alpha) {
                *sum += other;
            }
            for (sum, other) in sums.beta.iter_mut().zip(&others.beta) {
                *sum += other;
            }
        }
    }

    /// The aggregate of every contest.
    #[must_use]
    pub fn finish(&self) -> Vec<Aggregate> {
        let mut total = Sums::new(self.manifest);
        let doubled = |sum: &mut Point, bit: Option<&Point>| {
            *sum += *sum;
            if let Some(bit) = bit {
                *sum += bit;
            }
        };
        for sums in self.by_bit.iter().rev() {
            let sums = sums.as_ref();
            for (number, sum) in total.alpha.iter_mut().enumerate() {
                doubled(sum, sums.and_then(|sums| sums.alpha.get(number)));
            }
            for (number, sum) in total.beta.iter_mut().enumerate() {
                doubled(sum, sums.and_then(|sums| sums.beta.get(number)));
            }
        }
        self.manifest
            .contests
            .iter()
            .zip(&total.alpha)
            .zip(self.ballots.iter().zip(&self.weights))
            .map(|((contest, alpha), (ballots, weight))| Aggregate {
                ballots: *ballots,
                weight: *weight,
                alpha: *alpha,
                beta: total
                    .beta
                    .get(contest.positions())
                    .unwrap_or_default()
                    .to_vec(),
            })
            .collect()
    }
}

impl Sums {
    fn new(manifest: &Manifest) -> Self {
        Self {
            alpha: vec![identity(); manifest.contests.len()],
            beta: vec![identity(); manifest.n_positions()],
        }
    }
}
