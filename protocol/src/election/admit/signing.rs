//! Admission of what trustees sign jointly: beacons after the certified close, seals after the
//! result.

use super::body_error;
use crate::beacon::{Beacon, contribution_commitment};
use crate::election::{Election, Phase, Refusal};
use crate::encoding::Reader;
use crate::entry::Kind;
use crate::joint::JointSignature;

impl Election {
    pub(super) fn apply_beacon(&mut self, trustee: u16, body: &[u8]) -> Result<(), Refusal> {
        let kind = Kind::Beacon;
        if self.phase() < Phase::Certified {
            return Err(self.not_now(kind));
        }
        let error = body_error(kind);
        let mut reader = Reader::new(body);
        let beacon = Beacon::decode(&mut reader).map_err(error)?;
        reader.finish().map_err(error)?;
        if self.signing.beacon_of(trustee).is_some() {
            return Err(Refusal::Repeated { kind });
        }
        let ceremony = self.ceremony.as_ref().ok_or(self.not_now(kind))?;
        let session = ceremony.session();
        let found = contribution_commitment(&session, trustee, &beacon.contribution);
        if ceremony.contribution_commitment(trustee) != Some(&found) {
            return Err(Refusal::Contribution { trustee });
        }
        #[cfg(feature = "joint")]
        {
            let message = self.beacon_message().ok_or(self.not_now(kind))?;
            self.verify_joint_share(kind, trustee, &message, &beacon.share)?;
        }
        self.signing.add_beacon(trustee, beacon);
        Ok(())
    }

    pub(super) fn apply_seal(&mut self, trustee: u16, body: &[u8]) -> Result<(), Refusal> {
        let kind = Kind::Seal;
        self.expect(kind, Phase::Finished)?;
        let error = body_error(kind);
        let mut reader = Reader::new(body);
        let share = JointSignature::read(&mut reader, "the signature share").map_err(error)?;
        reader.finish().map_err(error)?;
        if self.signing.seal_of(trustee).is_some() {
            return Err(Refusal::Repeated { kind });
        }
        #[cfg(feature = "joint")]
        {
            let message = self.seal_message().ok_or(self.not_now(kind))?;
            self.verify_joint_share(kind, trustee, &message, &share)?;
        }
        self.signing.add_seal(trustee, share);
        Ok(())
    }

    #[cfg(feature = "joint")]
    fn verify_joint_share(
        &self,
        kind: Kind,
        trustee: u16,
        message: &[u8],
        share: &JointSignature,
    ) -> Result<(), Refusal> {
        self.joint_keys()
            .ok_or(self.not_now(kind))?
            .verify_share(trustee, message, share)
            .map_err(|_| Refusal::JointShare { kind, trustee })
    }
}
