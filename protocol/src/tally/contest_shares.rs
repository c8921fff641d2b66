//! One trustee's shares for some positions of one contest, with their proof.

#[cfg(feature = "joint")]
use rand_core::TryCryptoRng;

use super::{EncryptedTally, Opening, TallyError};
use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::{Element, Point, Scalar};
use crate::key_ceremony::ElectionKeys;
#[cfg(feature = "joint")]
use crate::key_ceremony::KeyShares;
use crate::manifest::ElectionManifest;
use crate::proofs::dleq::{self, DleqProof, Statement};
#[cfg(feature = "joint")]
use crate::secret::Secret;
use crate::transcript::{Digest, Transcript};

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

/// What shares are given for: its proofs are no proofs for another purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// For everybody.
    Decryption,
    /// For the trustees alone.
    #[cfg(feature = "joint")]
    Preview,
}

impl DecryptionContext {
    fn digest(&self, purpose: Purpose, contest: usize) -> Digest {
        let mut transcript = Transcript::new(match purpose {
            Purpose::Decryption => "decryption",
            #[cfg(feature = "joint")]
            Purpose::Preview => "preview",
        });
        transcript.append("election", self.election.as_bytes());
        transcript.append("close", self.close.as_bytes());
        transcript.append_u16("trustee", self.trustee);
        // At most 256 contests, by the manifest's rules.
        transcript.append_u16("contest", u16::try_from(contest).unwrap_or(u16::MAX));
        transcript.digest("context")
    }
}

/// A contest that trustees decrypt.
pub(super) struct Decrypted {
    /// Its number in the manifest, from 0.
    pub(super) contest: usize,
    /// Its first position among all.
    offset: usize,
    /// How many positions it has.
    pub(super) n_positions: usize,
    /// A_c.
    base: Element,
}

/// The contests that trustees decrypt, in manifest order.
pub(super) fn decrypted(
    manifest: &ElectionManifest,
    tally: &EncryptedTally,
) -> impl Iterator<Item = Decrypted> {
    let contests = manifest
        .contest_offsets()
        .into_iter()
        .zip(tally.contests.iter());
    contests
        .enumerate()
        .filter_map(
            |(contest, (offset, sums))| match sums.opening(manifest.minimum_ballots) {
                Opening::Shares => Some(Decrypted {
                    contest,
                    offset,
                    n_positions: sums.beta.len(),
                    base: Element::from_point(sums.alpha)?,
                }),
                Opening::Withheld | Opening::Clear => None,
            },
        )
}

/// Shares of some positions: 32 bytes for each, and 96 if there is any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContestShares {
    /// D_{j,i} for these positions, in order.
    pub(super) ds: Vec<Element>,
    proof: Option<DleqProof>,
}

impl ContestShares {
    /// Makes and proves the shares of `positions`, within the contest.
    #[cfg(feature = "joint")]
    pub(super) fn new(
        decrypted: &Decrypted,
        positions: &[usize],
        (context, purpose): (&DecryptionContext, Purpose),
        keys: &ElectionKeys,
        shares: &KeyShares,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, TallyError> {
        let wrong = TallyError::Share {
            trustee: context.trustee,
            contest: decrypted.contest,
        };
        let secret = |position: &usize| {
            let share = shares.positions().get(decrypted.offset + position)?;
            Some(Secret::new(*share.expose()))
        };
        let secrets = positions.iter().map(secret).collect::<Option<Vec<_>>>();
        let secrets = secrets.ok_or(wrong)?;
        // A share that is zero would be the identity; the ceremony refuses such keys.
        let ds = secrets
            .iter()
            .map(|s| Element::from_point(decrypted.base.point() * s.expose()));
        let ds = ds.collect::<Option<Vec<_>>>().ok_or(wrong)?;
        let ys = decrypted.ys(positions, context, keys).ok_or(wrong)?;
        if ds.is_empty() {
            return Ok(Self { ds, proof: None });
        }
        let statement = Statement {
            context: &context.digest(purpose, decrypted.contest),
            base: &decrypted.base,
            ys: &ys,
            ds: &ds,
        };
        let proof = Some(dleq::prove(&statement, &secrets, rng)?);
        Ok(Self { ds, proof })
    }

    /// Reads the shares of so many positions.
    pub(super) fn decode(reader: &mut Reader<'_>, count: usize) -> Result<Self, EncodingError> {
        let ds = reader.elements(count, "the decryption shares")?;
        let proof = (count > 0).then(|| DleqProof::decode(reader)).transpose()?;
        Ok(Self { ds, proof })
    }

    /// Appends the encoding.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        self.ds.iter().for_each(|d| out.put_element(d));
        if let Some(proof) = &self.proof {
            proof.encode(out);
        }
    }

    /// Checks the proof that these are the shares of `positions`.
    pub(super) fn verify(
        &self,
        decrypted: &Decrypted,
        positions: &[usize],
        (context, purpose): (&DecryptionContext, Purpose),
        keys: &ElectionKeys,
    ) -> Result<(), TallyError> {
        let wrong = TallyError::Share {
            trustee: context.trustee,
            contest: decrypted.contest,
        };
        let ys = decrypted.ys(positions, context, keys).ok_or(wrong)?;
        match &self.proof {
            None if ys.is_empty() && self.ds.is_empty() => Ok(()),
            None => Err(wrong),
            Some(proof) => {
                let statement = Statement {
                    context: &context.digest(purpose, decrypted.contest),
                    base: &decrypted.base,
                    ys: &ys,
                    ds: &self.ds,
                };
                dleq::verify(&statement, proof).map_err(|_| wrong)
            }
        }
    }
}

impl Decrypted {
    /// Y_{j,i} of these positions.
    fn ys(
        &self,
        positions: &[usize],
        context: &DecryptionContext,
        keys: &ElectionKeys,
    ) -> Option<Vec<Element>> {
        let all = keys.of_trustee(context.trustee);
        let y = |position: &usize| all.get(self.offset + position).copied();
        positions.iter().map(y).collect()
    }
}

/// v_i·H of these positions of a contest: B_i − Σ λ_j·D_{j,i} over t trustees' shares of them.
pub(super) fn combine(
    beta: &[Point],
    positions: &[usize],
    shares: &[(u16, &[Element])],
) -> Vec<Point> {
    let lambdas = lagrange(&shares.iter().map(|(j, _)| *j).collect::<Vec<_>>());
    let value = |(index, position): (usize, &usize)| {
        let beta = beta.get(*position).copied().unwrap_or_default();
        let terms = lambdas.iter().zip(shares);
        terms.fold(beta, |value, (lambda, (_, ds))| {
            ds.get(index).map_or(value, |d| value - d.point() * lambda)
        })
    };
    positions.iter().enumerate().map(value).collect()
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
