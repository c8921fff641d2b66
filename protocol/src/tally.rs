//! Adding up ballots, decrypting the sums, reading the totals.
//!
//! Spec: docs/spec/tally.md.

pub mod cells;
mod contest_shares;
mod determined;
mod guarded;
mod logarithm;
mod pattern;
mod preview;
mod reading;
mod shares;
mod totals;

use crate::group::{Element, Point, Scalar, is_identity};
use crate::manifest::ElectionManifest;
use crate::transcript::{Digest, RandomnessError, Transcript};

pub use contest_shares::DecryptionContext;
pub use logarithm::{Logarithms, TotalError};
pub use pattern::{Pattern, PatternError};
pub use preview::Preview;
#[cfg(feature = "joint")]
pub use preview::{OpenedPreview, PreviewError, PreviewReader, read_cells};
pub use shares::{DecryptionShares, VerifiedShares};
pub use totals::{ContestResult, Tally};

/// The sum of the counted ballots of one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestTally {
    /// How many ballots.
    pub ballots: u32,
    /// The sum of their weights.
    pub weight: u64,
    /// A_c.
    pub alpha: Point,
    /// B_i, one per position of the contest.
    pub beta: Vec<Point>,
}

/// How the totals of a contest come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Fewer ballots than the manifest's minimum: not at all.
    Withheld,
    /// A_c is the identity, so B_i is v·H in the clear.
    Clear,
    /// t trustees decrypt.
    Shares,
}

impl ContestTally {
    /// How the totals of this contest come about.
    pub fn opening(&self, minimum_ballots: u32) -> Opening {
        if self.ballots < minimum_ballots {
            Opening::Withheld
        } else if is_identity(&self.alpha) {
            Opening::Clear
        } else {
            Opening::Shares
        }
    }
}

/// The encrypted sums of all contests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedTally {
    contests: Vec<ContestTally>,
}

impl EncryptedTally {
    /// The sums of no ballots.
    pub fn new(manifest: &ElectionManifest) -> Self {
        let empty = |n| ContestTally {
            ballots: 0,
            weight: 0,
            alpha: Point::default(),
            beta: vec![Point::default(); n],
        };
        Self {
            contests: manifest
                .contests
                .iter()
                .map(|contest| empty(contest.n_positions()))
                .collect(),
        }
    }

    /// The contests, in manifest order.
    pub fn contests(&self) -> &[ContestTally] {
        &self.contests
    }

    /// Adds a ballot that answers `contests` (indices, rising), with its weight.
    pub fn add(&mut self, contests: &[usize], weight: u32, alpha: &Element, beta: &[Element]) {
        self.change(contests, weight, alpha, beta, true);
    }

    /// Takes a ballot out again that was added before and is superseded now.
    pub fn remove(&mut self, contests: &[usize], weight: u32, alpha: &Element, beta: &[Element]) {
        self.change(contests, weight, alpha, beta, false);
    }

    fn change(
        &mut self,
        contests: &[usize],
        weight: u32,
        alpha: &Element,
        beta: &[Element],
        add: bool,
    ) {
        let factor = Scalar::from(weight);
        let term = |point: &Point| match (weight, add) {
            (1, true) => *point,
            (1, false) => -point,
            (_, true) => point * factor,
            (_, false) => point * -factor,
        };
        let mut beta = beta.iter();
        for index in contests {
            let Some(sum) = self.contests.get_mut(*index) else {
                continue;
            };
            sum.alpha += term(alpha.point());
            sum.beta
                .iter_mut()
                .zip(beta.by_ref())
                .for_each(|(sum, b)| *sum += term(b.point()));
            if add {
                sum.ballots += 1;
                sum.weight += u64::from(weight);
            } else {
                sum.ballots -= 1;
                sum.weight -= u64::from(weight);
            }
        }
    }
}

/// Names a certified close.
pub fn close_digest(election: &Digest, size: u64, root: &Digest) -> Digest {
    let mut transcript = Transcript::new("certified close");
    transcript.append("election", election.as_bytes());
    transcript.append_u64("size", size);
    transcript.append("root", root.as_bytes());
    transcript.digest("close")
}

/// Why shares or totals are refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum TallyError {
    /// A share's proof fails.
    #[error("trustee {trustee}'s decryption share for contest {} is wrong: its proof does not hold", contest + 1)]
    Share {
        /// The culprit.
        trustee: u16,
        /// The contest, from 0.
        contest: usize,
    },
    /// Too few shares.
    #[error("{found} trustees gave decryption shares that fit together; {needed} are needed")]
    TooFewShares {
        /// How many agree.
        found: usize,
        /// t.
        needed: u16,
    },
    /// Too few previews.
    #[error("{found} trustees gave good previews of the counts; {needed} are needed")]
    TooFewPreviews {
        /// How many there are.
        found: usize,
        /// t.
        needed: u16,
    },
    /// The open totals tell what may not be told.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// A total is wrong.
    #[error("the total of position {position} of contest {} is not what the ballots and shares give", contest + 1)]
    Total {
        /// The contest, from 0.
        contest: usize,
        /// The position within the contest, from 0.
        position: usize,
    },
    /// Ballots or opening wrong.
    #[error("the result of contest {} counts other ballots or weights, or opens what must stay closed, or the reverse", contest + 1)]
    Contest {
        /// The contest, from 0.
        contest: usize,
    },
    /// A point cannot be read as a total.
    #[error(transparent)]
    Undecodable(#[from] TotalError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}
