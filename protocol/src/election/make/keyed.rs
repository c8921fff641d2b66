//! The entries for which a trustee needs its shares of the keys.

use rand_core::TryCryptoRng;

use super::{EntryMaker, MakeError};
use crate::beacon::Beacon;
use crate::election::{Election, Phase};
use crate::entry::{Author, Kind, sign_entry, unsigned_entry};
use crate::joint::JointSignature;
use crate::key_ceremony::{StepError, TrusteeSeed, key_shares};
use crate::tally::DecryptionShares;

impl EntryMaker<'_> {
    /// The entry with a trustee's decryption shares for the tally of this board's ballots.
    ///
    /// # Errors
    /// [`MakeError`] if the close is not certified or the seed is not the ceremony's.
    pub fn shares(
        &self,
        election: &Election,
        seed: &TrusteeSeed,
        trustee: u16,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let context = election
            .decryption_context(trustee)
            .ok_or(MakeError::NotNow(
                "the close is not certified by enough trustees and witnesses yet",
            ))?;
        let parts = election
            .voting()
            .zip(election.encrypted_tally())
            .zip(election.ceremony());
        let ((voting, tally), ceremony) =
            parts.ok_or(MakeError::NotNow("the election is not open"))?;
        let key_shares = key_shares(ceremony, seed, trustee)?;
        let manifest = voting.manifest();
        let shares =
            DecryptionShares::new(manifest, tally, &context, voting.keys(), &key_shares, rng)?;
        let mut body = Vec::new();
        shares.encode(&mut body);
        let unsigned = unsigned_entry(
            Kind::Shares,
            &context.election,
            &Author::Trustee(trustee),
            &body,
        );
        Ok(sign_entry(unsigned, self.key, rng)?)
    }

    /// The entry with a trustee's beacon: its contribution, and its share of the joint signature.
    ///
    /// # Errors
    /// [`MakeError`] if the close is not certified or the seed is not the ceremony's.
    pub fn beacon(
        &self,
        election: &Election,
        seed: &TrusteeSeed,
        trustee: u16,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let certified = election.phase() >= Phase::Certified;
        let message = election.beacon_message().filter(|_| certified);
        let message = message.ok_or(MakeError::NotNow(
            "the close is not certified by enough trustees and witnesses yet",
        ))?;
        let contribution = |election: &Election| {
            let session = election.ceremony()?.session();
            Some(*seed.contribution(&session).expose())
        };
        let beacon = Beacon {
            contribution: contribution(election)
                .ok_or(MakeError::NotNow("the election is not open"))?,
            share: joint_share(election, seed, trustee, &message)?,
        };
        let mut body = Vec::new();
        beacon.encode(&mut body);
        self.of_trustee(election, Kind::Beacon, trustee, &body, rng)
    }

    /// The entry with which a trustee seals the board up to its result.
    ///
    /// The caller must have recorded durably that it seals this state and no other.
    ///
    /// # Errors
    /// [`MakeError`] if there is no result yet or the seed is not the ceremony's.
    pub fn seal(
        &self,
        election: &Election,
        seed: &TrusteeSeed,
        trustee: u16,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let message = election
            .seal_message()
            .ok_or(MakeError::NotNow("there is no result to seal yet"))?;
        let share = joint_share(election, seed, trustee, &message)?;
        self.of_trustee(election, Kind::Seal, trustee, share.as_bytes(), rng)
    }

    fn of_trustee(
        &self,
        election: &Election,
        kind: Kind,
        trustee: u16,
        body: &[u8],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let id = election
            .election_id()
            .ok_or(MakeError::NotNow("the election is not open"))?;
        let unsigned = unsigned_entry(kind, &id, &Author::Trustee(trustee), body);
        Ok(sign_entry(unsigned, self.key, rng)?)
    }
}

fn joint_share(
    election: &Election,
    seed: &TrusteeSeed,
    trustee: u16,
    message: &[u8],
) -> Result<JointSignature, MakeError> {
    let ceremony = election
        .ceremony()
        .ok_or(MakeError::NotNow("the election is not open"))?;
    let shares = key_shares(ceremony, seed, trustee)?;
    let share = shares.joint().sign(message);
    Ok(share.map_err(|_| StepError::Zero)?)
}
