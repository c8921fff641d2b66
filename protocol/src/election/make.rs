//! The entries that organisers and trustees add to a board, made from its state.

use rand_core::TryCryptoRng;

#[cfg(feature = "joint")]
mod keyed;

use super::Election;
use crate::cosignature::Cosignature;
use crate::credential::{RollPart, RollVoter};
use crate::entry::{Author, Kind, sign_entry, unsigned_entry};
use crate::key_ceremony::Round;
#[cfg(feature = "joint")]
use crate::key_ceremony::StepError;
use crate::manifest::{ElectionManifest, ManifestError};
use crate::signature::SigningKey;
use crate::tally::TallyError;
use crate::transcript::{Digest, RandomnessError};

/// Why an entry cannot be made now.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum MakeError {
    /// A bad manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The state does not allow it.
    #[error("{0}")]
    NotNow(&'static str),
    /// Key shares cannot be recomputed.
    #[cfg(feature = "joint")]
    #[error(transparent)]
    Step(#[from] StepError),
    /// No tally.
    #[error(transparent)]
    Tally(#[from] TallyError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// The entry with which a witness's cosignature of the board of `size` entries certifies the
/// close. Whoever holds the cosignature may make it.
pub fn witness_close_entry(election: &Digest, size: u64, cosignature: &Cosignature) -> Vec<u8> {
    let body = [size.to_be_bytes(), cosignature.time.to_be_bytes()].concat();
    let author = Author::Witness(cosignature.witness);
    let mut entry = unsigned_entry(Kind::WitnessClose, election, &author, &body);
    entry.extend_from_slice(&cosignature.signature);
    entry
}

/// Signs entries with one key: the organiser's or a trustee's.
pub struct EntryMaker<'a> {
    /// The author's key.
    pub key: &'a SigningKey,
}

impl EntryMaker<'_> {
    /// The first entry of a board.
    ///
    /// # Errors
    /// [`MakeError`] if the manifest is not valid or `rng` fails.
    pub fn manifest(
        &self,
        bytes: &[u8],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let manifest = ElectionManifest::parse(bytes)?;
        let unsigned = unsigned_entry(Kind::Manifest, &manifest.id(), &Author::Organiser, bytes);
        Ok(sign_entry(unsigned, self.key, rng)?)
    }

    /// The roll entries that list `voters`, in order, after `first` voters listed before.
    ///
    /// # Errors
    /// [`MakeError`] if `rng` fails.
    pub fn roll(
        &self,
        manifest: &ElectionManifest,
        first: u32,
        voters: &[RollVoter],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<Vec<u8>>, MakeError> {
        let mut entries = Vec::new();
        let mut next = first;
        for voters in voters.chunks(RollPart::capacity(manifest.issuers.len()).max(1)) {
            let part = RollPart {
                first: next,
                voters: voters.to_vec(),
            };
            let mut body = Vec::new();
            part.encode(&mut body);
            let unsigned = unsigned_entry(Kind::Roll, &manifest.id(), &Author::Organiser, &body);
            entries.push(sign_entry(unsigned, self.key, rng)?);
            next = next.saturating_add(u32::try_from(voters.len()).unwrap_or(u32::MAX));
        }
        Ok(entries)
    }

    /// The entry that opens the election. `booth` is the digest of the booth's files, or zero.
    ///
    /// # Errors
    /// [`MakeError::NotNow`] if the ceremony is not complete or the roll is empty.
    pub fn open(
        &self,
        election: &Election,
        booth: &[u8; 32],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let ceremony = election
            .ceremony()
            .filter(|ceremony| ceremony.round() == Round::Complete);
        let digest = ceremony.and_then(crate::key_ceremony::KeyCeremony::digest);
        let (manifest, digest) = election
            .manifest()
            .zip(digest)
            .ok_or(MakeError::NotNow("the key ceremony is not complete yet"))?;
        let voters = u32::try_from(election.n_voters()).unwrap_or(u32::MAX);
        if voters == 0 {
            return Err(MakeError::NotNow(
                "the roll is empty; publish it before opening",
            ));
        }
        let roll = election.roll_digest();
        let body = [
            roll.as_bytes().as_slice(),
            &voters.to_be_bytes(),
            digest.as_bytes(),
            booth,
        ]
        .concat();
        let unsigned = unsigned_entry(Kind::Open, &manifest.id(), &Author::Organiser, &body);
        Ok(sign_entry(unsigned, self.key, rng)?)
    }

    /// The entry that closes the election.
    ///
    /// # Errors
    /// [`MakeError::NotNow`] if the election is not open.
    pub fn close(
        &self,
        election: &Election,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let id = election
            .election_id()
            .ok_or(MakeError::NotNow("the election is not open"))?;
        Ok(sign_entry(
            unsigned_entry(Kind::Close, &id, &Author::Organiser, &[]),
            self.key,
            rng,
        )?)
    }

    /// The entry that publishes the totals which the board's ballots and shares give.
    ///
    /// # Errors
    /// [`MakeError`] if there are not enough shares yet.
    pub fn result(
        &self,
        election: &Election,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let id = election
            .election_id()
            .ok_or(MakeError::NotNow("the election is not open"))?;
        let mut body = Vec::new();
        let manifest = election
            .manifest()
            .ok_or(MakeError::NotNow("the election is not open"))?;
        election.compute_tally()?.encode(manifest, &mut body);
        Ok(sign_entry(
            unsigned_entry(Kind::Result, &id, &Author::Organiser, &body),
            self.key,
            rng,
        )?)
    }

    /// The entry with which a trustee certifies the close of this board.
    ///
    /// The caller must have recorded durably that it certifies this close and no other.
    ///
    /// # Errors
    /// [`MakeError::NotNow`] if the election is not closed.
    pub fn certify_close(
        &self,
        election: &Election,
        trustee: u16,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let parts = election.election_id().zip(election.close());
        let (id, close) = parts.ok_or(MakeError::NotNow("the election is not closed yet"))?;
        let body = [close.size.to_be_bytes().as_slice(), close.root.as_bytes()].concat();
        let unsigned = unsigned_entry(Kind::CertifyClose, &id, &Author::Trustee(trustee), &body);
        Ok(sign_entry(unsigned, self.key, rng)?)
    }
}
