//! Decryption shares: one trustee's part in opening the sums. Spec: docs/spec/tally.md, "Shares".

#[cfg(feature = "joint")]
use rand_core::TryCryptoRng;

use super::{EncryptedTally, Opening, TallyError};
use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::Element;
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
    pub(super) trustee: u16,
    pub(super) contests: Vec<Option<Vec<Element>>>,
}

impl DecryptionShares {
    /// Decrypts a tally with a trustee's key shares, and proves it.
    ///
    /// # Errors
    /// [`TallyError::Randomness`] if `rng` fails.
    #[cfg(feature = "joint")]
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
