//! Adding up ballots, decrypting the sums, reading the totals.
//!
//! Spec: docs/spec/tally.md.

mod logarithm;

use rand_core::TryCryptoRng;

use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::{Element, Point, Scalar, is_identity, value_base};
use crate::key_ceremony::{ElectionKeys, KeyShares};
use crate::manifest::ElectionManifest;
use crate::proofs::dleq::{self, DleqProof, Statement};
use crate::secret::Secret;
use crate::transcript::{Digest, RandomnessError, Transcript};

pub use logarithm::{Logarithms, TotalError};

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

/// What decryption shares are bound to.
#[derive(Clone, Copy, Debug)]
pub struct DecryptionContext {
    /// The election id.
    pub election: Digest,
    /// The certified close.
    pub close: Digest,
    /// The trustee, from 1.
    pub trustee: u16,
}

impl DecryptionContext {
    fn digest(&self, contest: usize) -> Digest {
        let mut transcript = Transcript::new("decryption");
        transcript.append("election", self.election.as_bytes());
        transcript.append("close", self.close.as_bytes());
        transcript.append_u16("trustee", self.trustee);
        // At most 256 contests, by the manifest's rules.
        transcript.append_u16("contest", u16::try_from(contest).unwrap_or(u16::MAX));
        transcript.digest("context")
    }
}

/// One trustee's shares for one contest: 32 bytes per position, and 96.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ContestShares {
    ds: Vec<Element>,
    proof: DleqProof,
}

/// One trustee's decryption shares, decoded but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionShares {
    /// Per contest; `None` where no shares are needed.
    contests: Vec<Option<ContestShares>>,
}

/// Decryption shares whose proofs hold against one tally.
#[derive(Clone, Debug)]
pub struct VerifiedShares {
    trustee: u16,
    contests: Vec<Option<Vec<Element>>>,
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
    #[error("{found} trustees gave decryption shares; {needed} are needed")]
    TooFewShares {
        /// How many there are.
        found: usize,
        /// t.
        needed: u16,
    },
    /// A total is wrong.
    #[error("the total of position {position} of contest {} is not what the ballots and shares give", contest + 1)]
    Total {
        /// The contest, from 0.
        contest: usize,
        /// The position within the contest, from 0.
        position: usize,
    },
    /// Ballots or opening wrong.
    #[error("the result of contest {} counts other ballots, or opens what must stay closed, or the reverse", contest + 1)]
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

impl DecryptionShares {
    /// Decrypts a tally with a trustee's key shares, and proves it.
    ///
    /// # Errors
    /// [`TallyError::Randomness`] if `rng` fails.
    pub fn new(
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        context: &DecryptionContext,
        keys: &ElectionKeys,
        shares: &KeyShares,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, TallyError> {
        let contest_shares = |(contest, offset): (usize, usize)| {
            let Some(base) = decryption_base(manifest, tally, contest) else {
                return Ok(None);
            };
            let n = manifest
                .contests
                .get(contest)
                .map_or(0, crate::manifest::Contest::n_positions);
            let secrets: Vec<_> = shares
                .positions()
                .iter()
                .skip(offset)
                .take(n)
                .map(|s| Secret::new(*s.expose()))
                .collect();
            let wrong = TallyError::Share {
                trustee: context.trustee,
                contest,
            };
            // A share that is zero would be the identity; the ceremony refuses such keys.
            let ds = secrets
                .iter()
                .map(|s| Element::from_point(base.point() * s.expose()));
            let ds = ds.collect::<Option<Vec<_>>>().ok_or(wrong)?;
            let ys = keys
                .of_trustee(context.trustee)
                .get(offset..offset + n)
                .ok_or(wrong)?;
            let statement = Statement {
                context: &context.digest(contest),
                base: &base,
                ys,
                ds: &ds,
            };
            let proof = dleq::prove(&statement, &secrets, rng)?;
            Ok(Some(ContestShares { ds, proof }))
        };
        let contests = manifest
            .contest_offsets()
            .into_iter()
            .enumerate()
            .map(contest_shares);
        Ok(Self {
            contests: contests.collect::<Result<_, TallyError>>()?,
        })
    }

    /// Reads exactly the shares that this tally needs.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(
        body: &[u8],
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
    ) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(body);
        let contest_shares = |(contest, rules): (usize, &crate::manifest::Contest)| {
            if decryption_base(manifest, tally, contest).is_none() {
                return Ok(None);
            }
            let ds = reader.elements(rules.n_positions(), "the decryption shares")?;
            Ok(Some(ContestShares {
                ds,
                proof: DleqProof::decode(&mut reader)?,
            }))
        };
        let contests = manifest
            .contests
            .iter()
            .enumerate()
            .map(contest_shares)
            .collect::<Result<_, EncodingError>>()?;
        reader.finish()?;
        Ok(Self { contests })
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for shares in self.contests.iter().flatten() {
            shares.ds.iter().for_each(|d| out.put_element(d));
            shares.proof.encode(out);
        }
    }

    /// Checks every proof against the tally.
    ///
    /// # Errors
    /// [`TallyError::Share`] with the culprit.
    pub fn verify(
        self,
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        context: &DecryptionContext,
        keys: &ElectionKeys,
    ) -> Result<VerifiedShares, TallyError> {
        let trustee = context.trustee;
        for ((contest, offset), shares) in manifest
            .contest_offsets()
            .into_iter()
            .enumerate()
            .zip(&self.contests)
        {
            let wrong = TallyError::Share { trustee, contest };
            match (decryption_base(manifest, tally, contest), shares) {
                (None, None) => {}
                (Some(base), Some(ContestShares { ds, proof })) => {
                    let ys = keys
                        .of_trustee(trustee)
                        .get(offset..offset + ds.len())
                        .ok_or(wrong)?;
                    let statement = Statement {
                        context: &context.digest(contest),
                        base: &base,
                        ys,
                        ds,
                    };
                    dleq::verify(&statement, proof).map_err(|_| wrong)?;
                }
                _ => return Err(wrong),
            }
        }
        let contests = self
            .contests
            .into_iter()
            .map(|shares| shares.map(|shares| shares.ds))
            .collect();
        Ok(VerifiedShares { trustee, contests })
    }
}

/// A_c of a contest that trustees decrypt.
fn decryption_base(
    manifest: &ElectionManifest,
    tally: &EncryptedTally,
    contest: usize,
) -> Option<Element> {
    let sums = tally.contests.get(contest)?;
    match sums.opening(manifest.minimum_ballots) {
        Opening::Shares => Element::from_point(sums.alpha),
        Opening::Withheld | Opening::Clear => None,
    }
}

/// The result of one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestResult {
    /// Counted ballots.
    pub ballots: u32,
    /// The total of each position, or `None` where they are withheld.
    pub totals: Option<Vec<u64>>,
}

/// Totals that ballots and shares give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Per contest, in manifest order.
    pub contests: Vec<ContestResult>,
}

/// v_i·H per contest and position, decrypted; `None` where withheld.
fn decrypt(
    manifest: &ElectionManifest,
    tally: &EncryptedTally,
    shares: &[&VerifiedShares],
) -> Result<Vec<Option<Vec<Point>>>, TallyError> {
    let t = usize::from(manifest.threshold);
    let chosen = shares.get(..t);
    let lambdas = lagrange(
        &chosen
            .unwrap_or_default()
            .iter()
            .map(|share| share.trustee)
            .collect::<Vec<_>>(),
    );
    let contest =
        |(contest, sums): (usize, &ContestTally)| match sums.opening(manifest.minimum_ballots) {
            Opening::Withheld => Ok(None),
            Opening::Clear => Ok(Some(sums.beta.clone())),
            Opening::Shares => {
                let chosen = chosen.ok_or(TallyError::TooFewShares {
                    found: shares.len(),
                    needed: manifest.threshold,
                })?;
                let mut values = sums.beta.clone();
                for (share, lambda) in chosen.iter().zip(&lambdas) {
                    let wrong = TallyError::Share {
                        trustee: share.trustee,
                        contest,
                    };
                    let ds = share
                        .contests
                        .get(contest)
                        .and_then(Option::as_ref)
                        .ok_or(wrong)?;
                    values
                        .iter_mut()
                        .zip(ds)
                        .for_each(|(value, d)| *value -= d.point() * lambda);
                }
                Ok(Some(values))
            }
        };
    tally.contests.iter().enumerate().map(contest).collect()
}

/// λ_j = Π_{k≠j} k/(k − j) for distinct, non-zero indices.
fn lagrange(indices: &[u16]) -> Vec<Scalar> {
    let lambda = |j: &u16| {
        let others = indices.iter().filter(|k| *k != j);
        let (above, below) = others.fold((Scalar::ONE, Scalar::ONE), |(above, below), k| {
            let (k, j) = (Scalar::from(*k), Scalar::from(*j));
            (above * k, below * (k - j))
        });
        above * below.invert()
    };
    indices.iter().map(lambda).collect()
}

impl Tally {
    /// Decrypts a tally with the shares of at least t trustees.
    ///
    /// # Errors
    /// [`TallyError`] if there are too few shares or a sum is out of its bound.
    pub fn compute(
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        shares: &[&VerifiedShares],
    ) -> Result<Self, TallyError> {
        let points = decrypt(manifest, tally, shares)?;
        let bound = |sums: &ContestTally, rules: &crate::manifest::Contest| {
            sums.weight * u64::from(rules.max_per_option)
        };
        let bounds = tally
            .contests
            .iter()
            .zip(&manifest.contests)
            .map(|(sums, rules)| bound(sums, rules));
        let logarithms = Logarithms::up_to(bounds.max().unwrap_or(0));
        let contest = |(sums, points): (&ContestTally, Option<Vec<Point>>)| {
            let totals =
                points.map(|points| points.iter().map(|point| logarithms.find(point)).collect());
            Ok(ContestResult {
                ballots: sums.ballots,
                totals: totals.transpose()?,
            })
        };
        let contests = tally
            .contests
            .iter()
            .zip(points)
            .map(contest)
            .collect::<Result<_, TallyError>>()?;
        Ok(Self { contests })
    }

    /// Checks that these are the totals that ballots and shares give: v·H for every position.
    ///
    /// # Errors
    /// [`TallyError`], naming contest and position.
    pub fn verify(
        &self,
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        shares: &[&VerifiedShares],
    ) -> Result<(), TallyError> {
        let points = decrypt(manifest, tally, shares)?;
        for (contest, ((result, sums), points)) in self
            .contests
            .iter()
            .zip(&tally.contests)
            .zip(points)
            .enumerate()
        {
            if result.ballots != sums.ballots || result.totals.is_some() != points.is_some() {
                return Err(TallyError::Contest { contest });
            }
            let pairs = result.totals.iter().flatten().zip(points.iter().flatten());
            let wrong = pairs
                .enumerate()
                .find(|(_, (total, point))| value_base() * Scalar::from(**total) != **point);
            if let Some((position, _)) = wrong {
                return Err(TallyError::Total { contest, position });
            }
        }
        Ok(())
    }

    /// Reads the body of a result entry.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(body: &[u8], manifest: &ElectionManifest) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(body);
        let contest = |rules: &crate::manifest::Contest| {
            let ballots = reader.u32("the number of ballots")?;
            let opened = reader.u8("whether a contest is opened")?;
            let totals = match opened {
                0 => None,
                1 => Some(
                    (0..rules.n_positions())
                        .map(|_| reader.u64("a total"))
                        .collect::<Result<_, _>>()?,
                ),
                _ => {
                    return Err(EncodingError::Truncated {
                        what: "whether a contest is opened (0 or 1)",
                    });
                }
            };
            Ok(ContestResult { ballots, totals })
        };
        let contests = manifest
            .contests
            .iter()
            .map(contest)
            .collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Self { contests })
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for contest in &self.contests {
            out.extend_from_slice(&contest.ballots.to_be_bytes());
            out.push(u8::from(contest.totals.is_some()));
            contest
                .totals
                .iter()
                .flatten()
                .for_each(|total| out.extend_from_slice(&total.to_be_bytes()));
        }
    }
}
