//! From sums and shares to totals. Spec: docs/spec/tally.md, "Combination" and "Result".

use super::{ContestTally, EncryptedTally, Logarithms, Opening, TallyError, VerifiedShares};
use crate::encoding::{EncodingError, Reader};
use crate::group::{Point, Scalar, value_base};
use crate::manifest::ElectionManifest;

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
    shares: &[VerifiedShares],
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
        shares: &[VerifiedShares],
    ) -> Result<Self, TallyError> {
        let points = decrypt(manifest, tally, shares)?;
        let bound = |sums: &ContestTally, rules: &crate::manifest::Contest| {
            sums.weight * rules.max_of_positions()
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
        shares: &[VerifiedShares],
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
