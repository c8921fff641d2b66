//! Previews: shares of all cells, sealed by each trustee for the trustees alone.
//!
//! Spec: docs/spec/tally.md, "Preview". They are how trustees see which counts are small, before
//! anybody else can see any.

#[cfg(feature = "joint")]
use rand_core::TryCryptoRng;
#[cfg(feature = "joint")]
use zeroize::Zeroizing;

use super::EncryptedTally;
use super::cells::Cells;
#[cfg(feature = "joint")]
use super::contest_shares::{ContestShares, DecryptionContext, Purpose, combine, decrypted};
#[cfg(feature = "joint")]
use super::{Logarithms, TallyError};
use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::Element;
#[cfg(feature = "joint")]
use crate::group::{Scalar, mul_base, wide_scalar};
#[cfg(feature = "joint")]
use crate::key_ceremony::{ElectionKeys, KeyShares};
use crate::manifest::ElectionManifest;
use crate::sealing::TAG_LENGTH;
#[cfg(feature = "joint")]
use crate::sealing::{Sealing, open_under, seal_under};
#[cfg(feature = "joint")]
use crate::secret::Secret;
#[cfg(feature = "joint")]
use crate::transcript::RandomnessError;

/// Bytes of a sealed key.
const SEALED_KEY_LENGTH: usize = 32 + TAG_LENGTH;

/// Body of a preview entry: 32 bytes, 48 for each trustee, and the sealed shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    ephemeral: Element,
    /// One per trustee, in order.
    sealed_keys: Vec<[u8; SEALED_KEY_LENGTH]>,
    sealed: Vec<u8>,
}

/// Why a preview is of no use. It is the fault of the trustee who made it.
#[cfg(feature = "joint")]
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum PreviewError {
    /// It does not open.
    #[error("it does not open with your key")]
    Sealed,
    /// It holds no shares.
    #[error("what it holds is malformed: {0}")]
    Encoding(#[from] EncodingError),
    /// It holds false shares.
    #[error("its shares for contest {} are wrong: their proof does not hold", contest + 1)]
    Share {
        /// The contest, from 0.
        contest: usize,
    },
}

/// An opened preview whose proofs hold: one trustee's shares of all cells. With those of t trustees
/// they decrypt the small cells too, so they are erased like the counts.
#[cfg(feature = "joint")]
#[derive(Debug)]
pub struct OpenedPreview {
    trustee: u16,
    /// One for each contest with cells.
    contests: Secret<Vec<Vec<Element>>>,
}

/// A trustee who opens previews of others.
#[cfg(feature = "joint")]
#[derive(Clone, Copy, Debug)]
pub struct PreviewReader<'a> {
    /// Its number, from 1.
    pub trustee: u16,
    /// e, the secret behind its share-encryption key.
    pub secret: &'a Secret<Scalar>,
    /// e·G.
    pub encryption_key: &'a Element,
}

/// Length of the sealed shares: those of every guarded position, and a proof for each contest.
fn sealed_length(cells: &Cells) -> usize {
    32 * cells.n_cells() + 96 * cells.contests().count() + TAG_LENGTH
}

impl Preview {
    /// Reads a preview of exactly the length that this tally gives it.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(
        body: &[u8],
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
    ) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(body);
        let length = sealed_length(&Cells::of_tally(manifest, tally));
        let preview = Self {
            ephemeral: reader.element("the ephemeral key")?,
            sealed_keys: (0..manifest.n_trustees())
                .map(|_| reader.array("a sealed key"))
                .collect::<Result<_, _>>()?,
            sealed: reader.bytes(length, "the sealed shares")?.to_vec(),
        };
        reader.finish()?;
        Ok(preview)
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_element(&self.ephemeral);
        for key in &self.sealed_keys {
            out.extend_from_slice(key);
        }
        out.extend_from_slice(&self.sealed);
    }
}

#[cfg(feature = "joint")]
impl Preview {
    /// Makes a trustee's shares of all cells and seals them for all trustees, whose
    /// share-encryption keys are `encryption_keys`, in order.
    ///
    /// # Errors
    /// [`TallyError::Randomness`] if `rng` fails.
    pub fn new(
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        context: &DecryptionContext,
        (keys, encryption_keys): (&ElectionKeys, &[Element]),
        shares: &KeyShares,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, TallyError> {
        let cells = Cells::of_tally(manifest, tally);
        let mut plain = Zeroizing::new(Vec::with_capacity(sealed_length(&cells)));
        for contest in decrypted(manifest, tally) {
            if let Some((_, guarded)) = cells.of_contest(contest.contest) {
                let about = (context, Purpose::Preview);
                let positions = &guarded.positions;
                ContestShares::new(&contest, positions, about, keys, shares, rng)?
                    .encode(&mut plain);
            }
        }
        let mut random = |bytes: &mut [u8]| rng.try_fill_bytes(bytes).map_err(|_| RandomnessError);
        let mut key = Zeroizing::new([0; 32]);
        random(key.as_mut())?;
        let (secret, ephemeral) = loop {
            let mut wide = Zeroizing::new([0; 64]);
            random(wide.as_mut())?;
            let secret = Secret::new(wide_scalar(&wide));
            // Not the identity, except with probability 1/l.
            if let Some(ephemeral) = Element::from_point(mul_base(secret.expose())) {
                break (secret, ephemeral);
            }
        };
        let seal_key = |(to, encryption_key): (u16, &Element)| {
            let shared = encryption_key.point() * secret.expose();
            let sealing = sealing(context, &ephemeral, (to, encryption_key));
            let sealed = sealing.seal(&shared, key.as_ref());
            sealed.try_into().unwrap_or([0; SEALED_KEY_LENGTH])
        };
        Ok(Self {
            sealed_keys: (1u16..).zip(encryption_keys).map(seal_key).collect(),
            sealed: seal_under(&key, &plain),
            ephemeral,
        })
    }

    /// Opens a preview that the trustee of `context` made, and checks its proofs.
    ///
    /// # Errors
    /// [`PreviewError`]: the maker is at fault.
    pub fn open(
        &self,
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        context: &DecryptionContext,
        keys: &ElectionKeys,
        reader: &PreviewReader<'_>,
    ) -> Result<OpenedPreview, PreviewError> {
        let own = usize::from(reader.trustee).wrapping_sub(1);
        let sealed_key = self.sealed_keys.get(own).ok_or(PreviewError::Sealed)?;
        let shared = self.ephemeral.point() * reader.secret.expose();
        let to = (reader.trustee, reader.encryption_key);
        let key = sealing(context, &self.ephemeral, to).open(&shared, sealed_key);
        let key = key.and_then(|key| Some(Zeroizing::new(*key.first_chunk::<32>()?)));
        let plain = key.and_then(|key| open_under(&key, &self.sealed));
        let plain = plain.ok_or(PreviewError::Sealed)?;
        let cells = Cells::of_tally(manifest, tally);
        let mut reader = Reader::new(&plain);
        // With room for all, so that no copy is left behind where it grew.
        let mut contests = Zeroizing::new(Vec::with_capacity(cells.contests().count()));
        for contest in decrypted(manifest, tally) {
            let Some((_, guarded)) = cells.of_contest(contest.contest) else {
                continue;
            };
            let shares = ContestShares::decode(&mut reader, guarded.positions.len())?;
            let about = (context, Purpose::Preview);
            let wrong = PreviewError::Share {
                contest: contest.contest,
            };
            shares
                .verify(&contest, &guarded.positions, about, keys)
                .map_err(|_| wrong)?;
            contests.push(shares.ds);
        }
        reader.finish()?;
        Ok(OpenedPreview {
            trustee: context.trustee,
            contests: Secret::new(std::mem::take(&mut *contests)),
        })
    }
}

/// The counts of all cells, the small ones too, from t opened previews.
///
/// # Errors
/// [`TallyError::TooFewPreviews`], or [`TallyError::Undecodable`] if a sum is no count.
#[cfg(feature = "joint")]
pub fn read_cells(
    manifest: &ElectionManifest,
    tally: &EncryptedTally,
    previews: &[OpenedPreview],
) -> Result<Secret<Vec<u64>>, TallyError> {
    let chosen = previews.get(..usize::from(manifest.threshold));
    let chosen = chosen.ok_or(TallyError::TooFewPreviews {
        found: previews.len(),
        needed: manifest.threshold,
    })?;
    let cells = Cells::of_tally(manifest, tally);
    let weights = cells.contests().filter_map(|(_, guarded)| {
        let sums = tally.contests.get(guarded.contest)?;
        Some(sums.weight)
    });
    let logarithms = Logarithms::up_to(weights.max().unwrap_or(0));
    let mut counts = Zeroizing::new(Vec::with_capacity(cells.n_cells()));
    for (index, (_, guarded)) in cells.contests().enumerate() {
        let Some(sums) = tally.contests.get(guarded.contest) else {
            continue;
        };
        let shares: Vec<(u16, &[Element])> = chosen
            .iter()
            .map(|opened| {
                let ds = opened.contests.expose().get(index);
                (opened.trustee, ds.map(Vec::as_slice).unwrap_or_default())
            })
            .collect();
        for point in combine(&sums.beta, &guarded.positions, &shares) {
            let count = logarithms.find_between(&point, 0..=sums.weight)?;
            counts.push(count);
        }
    }
    Ok(Secret::new(std::mem::take(&mut *counts)))
}

/// The key seals one message only: the ephemeral key is never used again.
#[cfg(feature = "joint")]
fn sealing<'a>(
    context: &'a DecryptionContext,
    ephemeral: &'a Element,
    (to, encryption_key): (u16, &'a Element),
) -> Sealing<'a> {
    Sealing {
        salt: &context.close,
        label: "psephos v3 preview",
        from: context.trustee,
        to,
        ephemeral: ephemeral.as_bytes(),
        encryption_key,
    }
}
