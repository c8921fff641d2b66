//! Decryption shares: one trustee's part in opening the sums. Spec: docs/spec/tally.md, "Shares".

#[cfg(feature = "joint")]
use rand_core::TryCryptoRng;

use super::cells::Cells;
use super::contest_shares::{ContestShares, DecryptionContext, Purpose, decrypted};
use super::pattern::{Pattern, put_closed, read_closed};
use super::{EncryptedTally, TallyError};
use crate::encoding::{EncodingError, Reader};
use crate::group::Element;
use crate::key_ceremony::ElectionKeys;
#[cfg(feature = "joint")]
use crate::key_ceremony::KeyShares;
use crate::manifest::ElectionManifest;

/// One trustee's decryption shares, decoded but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecryptionShares {
    /// The cells that the trustee closes.
    closed: Pattern,
    /// One for each contest that trustees decrypt, of the positions that are not closed.
    contests: Vec<ContestShares>,
}

/// Decryption shares whose proofs hold against one tally.
#[derive(Clone, Debug)]
pub struct VerifiedShares {
    pub(super) trustee: u16,
    pub(super) closed: Pattern,
    /// One for each contest that trustees decrypt.
    pub(super) contests: Vec<Vec<Element>>,
}

impl VerifiedShares {
    /// The cells that the trustee closes.
    pub fn closed(&self) -> &Pattern {
        &self.closed
    }
}

impl DecryptionShares {
    /// Decrypts a tally with a trustee's key shares, all but the closed cells, and proves it.
    ///
    /// # Errors
    /// [`TallyError::Randomness`] if `rng` fails.
    #[cfg(feature = "joint")]
    pub fn new(
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
        closed: &Pattern,
        context: &DecryptionContext,
        keys: &ElectionKeys,
        shares: &KeyShares,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, TallyError> {
        let cells = Cells::of_tally(manifest, tally);
        let contests = decrypted(manifest, tally).map(|contest| {
            let positions = closed.open_positions(&cells, contest.contest, contest.n_positions);
            let about = (context, Purpose::Decryption);
            ContestShares::new(&contest, &positions, about, keys, shares, rng)
        });
        Ok(Self {
            contests: contests.collect::<Result<_, _>>()?,
            closed: closed.clone(),
        })
    }

    /// Reads exactly the shares that this tally needs: closed cells first, shares of the rest.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(
        body: &[u8],
        manifest: &ElectionManifest,
        tally: &EncryptedTally,
    ) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(body);
        let cells = Cells::of_tally(manifest, tally);
        let (mut closed, mut contests) = (Vec::with_capacity(cells.n_cells()), Vec::new());
        for contest in decrypted(manifest, tally) {
            let mut count = contest.n_positions;
            if let Some((_, guarded)) = cells.of_contest(contest.contest) {
                let bits = read_closed(&mut reader, guarded.positions.len())?;
                let is_closed = |index: usize| bits.get(index).copied().unwrap_or(false);
                count = guarded.open_positions(count, is_closed).len();
                closed.extend(bits);
            }
            contests.push(ContestShares::decode(&mut reader, count)?);
        }
        reader.finish()?;
        let closed = Pattern::new(closed);
        Ok(Self { closed, contests })
    }

    /// Appends the encoding of shares for this tally.
    pub fn encode(&self, manifest: &ElectionManifest, tally: &EncryptedTally, out: &mut Vec<u8>) {
        let cells = Cells::of_tally(manifest, tally);
        for (contest, shares) in decrypted(manifest, tally).zip(&self.contests) {
            if let Some((first, guarded)) = cells.of_contest(contest.contest) {
                let all = first..first + guarded.positions.len();
                put_closed(all.map(|cell| self.closed.is_closed(cell)), out);
            }
            shares.encode(out);
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
        let cells = Cells::of_tally(manifest, tally);
        let mut shares = self.contests.iter();
        for contest in decrypted(manifest, tally) {
            let wrong = TallyError::Share {
                trustee: context.trustee,
                contest: contest.contest,
            };
            let shares = shares.next().ok_or(wrong)?;
            let positions =
                self.closed
                    .open_positions(&cells, contest.contest, contest.n_positions);
            let about = (context, Purpose::Decryption);
            shares.verify(&contest, &positions, about, keys)?;
        }
        Ok(VerifiedShares {
            trustee: context.trustee,
            closed: self.closed,
            contests: self.contests.into_iter().map(|shares| shares.ds).collect(),
        })
    }
}

/// The shares of t trustees who close the same cells: the first on the board to be so many.
///
/// # Errors
/// [`TallyError::TooFewShares`] with the largest number that agree.
pub(super) fn agreeing<'a>(
    manifest: &ElectionManifest,
    shares: &'a [VerifiedShares],
) -> Result<Vec<&'a VerifiedShares>, TallyError> {
    let mut most = 0;
    for (last, share) in shares.iter().enumerate() {
        let so_far = shares.iter().take(last + 1);
        let same: Vec<_> = so_far
            .filter(|other| other.closed == share.closed)
            .collect();
        if same.len() >= usize::from(manifest.threshold) {
            return Ok(same);
        }
        most = most.max(same.len());
    }
    Err(TallyError::TooFewShares {
        found: most,
        needed: manifest.threshold,
    })
}
