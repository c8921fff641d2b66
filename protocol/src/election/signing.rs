//! What trustees signed jointly, as far as the board has it.
//!
//! Spec: docs/spec/beacon-and-seal.md. No step of an election waits for it.

use super::Election;
use crate::beacon::{Beacon, FinalState, beacon_message, seal_message};
#[cfg(feature = "joint")]
use crate::beacon::{audit_seed, lot_order, lot_seed};
#[cfg(feature = "joint")]
use crate::joint::JointKeys;
use crate::joint::JointSignature;
#[cfg(feature = "joint")]
use crate::transcript::Digest;

/// Beacons and seals, in the order of the board.
#[derive(Debug, Default)]
pub struct Signing {
    beacons: Vec<(u16, Beacon)>,
    end: Option<FinalState>,
    seals: Vec<(u16, JointSignature)>,
}

impl Signing {
    pub(super) fn end(&mut self, end: FinalState) {
        self.end = Some(end);
    }

    pub(super) fn add_beacon(&mut self, trustee: u16, beacon: Beacon) {
        self.beacons.push((trustee, beacon));
    }

    pub(super) fn add_seal(&mut self, trustee: u16, share: JointSignature) {
        self.seals.push((trustee, share));
    }

    /// What a seal is about, once the result is on the board.
    pub fn final_state(&self) -> Option<&FinalState> {
        self.end.as_ref()
    }

    /// The beacon of a trustee.
    pub fn beacon_of(&self, trustee: u16) -> Option<&Beacon> {
        let found = self.beacons.iter().find(|(author, _)| *author == trustee);
        found.map(|(_, beacon)| beacon)
    }

    /// The seal of a trustee.
    pub fn seal_of(&self, trustee: u16) -> Option<&JointSignature> {
        let found = self.seals.iter().find(|(author, _)| *author == trustee);
        found.map(|(_, share)| share)
    }

    /// The trustees whose beacons are on the board, in its order.
    pub fn beacons_by(&self) -> Vec<u16> {
        self.beacons.iter().map(|(trustee, _)| *trustee).collect()
    }

    /// The trustees who sealed, in the order of the board.
    pub fn sealed_by(&self) -> Vec<u16> {
        self.seals.iter().map(|(trustee, _)| *trustee).collect()
    }
}

impl Election {
    /// What beacons sign, from the opening on.
    pub fn beacon_message(&self) -> Option<Vec<u8>> {
        self.election_id().map(|election| beacon_message(&election))
    }

    /// What seals sign, once the result is on the board.
    pub fn seal_message(&self) -> Option<Vec<u8>> {
        let (election, end) = self.election_id().zip(self.signing.end)?;
        Some(seal_message(&election, &end))
    }
}

#[cfg(feature = "joint")]
impl Election {
    /// J and its verification keys, once everybody revealed.
    pub fn joint_keys(&self) -> Option<&JointKeys> {
        self.ceremony()?.joint_keys()
    }

    /// The joint signature that the beacons give, once there are t of them.
    pub fn beacon_signature(&self) -> Option<JointSignature> {
        let beacons = self.signing.beacons.iter();
        let shares: Vec<_> = beacons.map(|(j, beacon)| (*j, beacon.share)).collect();
        let message = self.beacon_message()?;
        self.joint_keys()?.combine(&message, &shares).ok()
    }

    /// The joint signature that the seals give, once there are t of them.
    pub fn seal_signature(&self) -> Option<JointSignature> {
        let message = self.seal_message()?;
        self.joint_keys()?
            .combine(&message, &self.signing.seals)
            .ok()
    }

    /// The seed of audit samples, once t beacons are on the board.
    pub fn audit_seed(&self) -> Option<Digest> {
        let election = self.election_id()?;
        Some(audit_seed(&election, &self.beacon_signature()?))
    }

    /// The order in which lots put the options of each contest, once all n beacons are there.
    pub fn lot_orders(&self) -> Option<Vec<Vec<u16>>> {
        let (election, manifest) = self.election_id().zip(self.manifest())?;
        let contributions = (1..=manifest.n_trustees())
            .map(|trustee| Some(self.signing.beacon_of(trustee)?.contribution))
            .collect::<Option<Vec<_>>>()?;
        let signature = self.beacon_signature()?;
        let order = |(contest, rules): (u16, &crate::manifest::Contest)| {
            let seed = lot_seed(&election, &signature, &contributions, contest);
            // At most 1,024 options, by the manifest's rules.
            lot_order(
                &seed,
                u16::try_from(rules.options.len()).unwrap_or(u16::MAX),
            )
        };
        Some((0u16..).zip(&manifest.contests).map(order).collect())
    }
}
