//! The entries for which a trustee needs its shares of the keys.

use rand_core::TryCryptoRng;

use super::{EntryMaker, MakeError};
use crate::beacon::Beacon;
use crate::election::{Election, Phase};
use crate::entry::{Author, Kind, sign_entry, unsigned_entry};
use crate::joint::JointSignature;
use crate::key_ceremony::{StepError, TrusteeSeed, key_shares};
use crate::tally::{DecryptionShares, Pattern, Preview};

const NOT_CERTIFIED: &str = "the close is not certified by enough trustees and witnesses yet";

impl EntryMaker<'_> {
    /// The entry with a trustee's shares of all guarded counts, sealed for the trustees.
    ///
    /// # Errors
    /// [`MakeError`] if the close is not certified, no count is guarded, or the seed is not the
    /// ceremony's.
    pub fn preview(
        &self,
        election: &Election,
        seed: &TrusteeSeed,
        trustee: u16,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let context = election
            .decryption_context(trustee)
            .ok_or(MakeError::NotNow(NOT_CERTIFIED))?;
        let cells = election.cells().filter(|cells| cells.n_cells() > 0);
        cells.ok_or(MakeError::NotNow("no count of this election is guarded"))?;
        let parts = election
            .voting()
            .zip(election.encrypted_tally())
            .zip(election.ceremony());
        let ((voting, tally), ceremony) =
            parts.ok_or(MakeError::NotNow("the election is not open"))?;
        let key_shares = key_shares(ceremony, seed, trustee)?;
        let keys = (voting.keys(), ceremony.encryption_keys());
        let preview = Preview::new(
            voting.manifest(),
            tally,
            &context,
            (keys.0, &keys.1),
            &key_shares,
            rng,
        )?;
        let mut body = Vec::new();
        preview.encode(&mut body);
        self.of_trustee(election, Kind::Preview, trustee, &body, rng)
    }

    /// The entry with a trustee's decryption shares for the tally of this board's ballots, all but
    /// the cells that `closed` closes: the pattern of [`Previewed`](crate::election::Previewed),
    /// or an empty one where no count is guarded.
    ///
    /// The caller must have recorded durably that it opens this tally and no other.
    ///
    /// # Errors
    /// [`MakeError`] if the close is not certified or the seed is not the ceremony's.
    pub fn shares(
        &self,
        election: &Election,
        seed: &TrusteeSeed,
        trustee: u16,
        closed: &Pattern,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, MakeError> {
        let context = election
            .decryption_context(trustee)
            .ok_or(MakeError::NotNow(NOT_CERTIFIED))?;
        let n_cells = election.cells().map_or(0, |cells| cells.n_cells());
        if closed.n_cells() != n_cells {
            return Err(MakeError::NotNow(
                "guarded counts must be looked at before anybody decrypts",
            ));
        }
        let parts = election
            .voting()
            .zip(election.encrypted_tally())
            .zip(election.ceremony());
        let ((voting, tally), ceremony) =
            parts.ok_or(MakeError::NotNow("the election is not open"))?;
        let key_shares = key_shares(ceremony, seed, trustee)?;
        let manifest = voting.manifest();
        let keys = voting.keys();
        let shares =
            DecryptionShares::new(manifest, tally, closed, &context, keys, &key_shares, rng)?;
        let mut body = Vec::new();
        shares.encode(manifest, tally, &mut body);
        self.of_trustee(election, Kind::Shares, trustee, &body, rng)
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
        let message = message.ok_or(MakeError::NotNow(NOT_CERTIFIED))?;
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
