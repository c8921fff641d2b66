//! What is signed after the close: by witnesses, and by trustees jointly.

use super::{Joint, Maker};
use crate::{
    board,
    ceremony::contribution,
    election::{ORIGIN, Witnessing, organiser_key},
    joint,
};
use bls12_381::Scalar as JointScalar;
use verifier::{entry::Kind, transcript::Digest};

impl Maker {
    /// The seals of the plan, on the log that ends with the result.
    pub(super) fn seals(
        &mut self,
        election: &Digest,
        joint: &Joint,
        (result, root): (usize, &[u8; 32]),
    ) {
        for index in self.plan.seals.clone() {
            let size = (result as u64 + 1).to_be_bytes();
            let message = [b"psephos v2 seal\0", &election[..], &size, root].concat();
            let share = self.sign_jointly(Kind::Seal, index, &joint.joint, message);
            self.trustee(Kind::Seal, election, index, &share);
        }
    }

    pub(super) fn beacon(&mut self, election: &Digest, joint: &Joint, index: u16) {
        let message = [b"psephos v2 beacon\0", &election[..]].concat();
        let share = self.sign_jointly(Kind::Beacon, index, &joint.joint, message);
        let body = [&contribution(index)[..], &share].concat();
        self.trustee(Kind::Beacon, election, index, &body);
    }

    /// A trustee's share of a signature, unless the plan has it sign something else.
    pub(super) fn sign_jointly(
        &self,
        kind: Kind,
        trustee: u16,
        shares: &[JointScalar],
        mut message: Vec<u8>,
    ) -> [u8; 96] {
        let signer = (self.plan.joint_message)(kind, trustee, &mut message);
        joint::sign(&shares[usize::from(signer) - 1], joint::MESSAGE, &message)
    }

    /// A witness certifies the close, in its own way.
    pub(super) fn witness_close(
        &mut self,
        election: &Digest,
        close: usize,
        witnessing: &Witnessing,
    ) {
        let own = self.entries.len();
        let (size, root) = witnessing.what.log(close, own, &self.entries);
        let body = [(size as u64).to_be_bytes(), board::TIME.to_be_bytes()].concat();
        let witness = witnessing.witness;
        let author = witness.to_be_bytes();
        // The place of a signature by a trustee, which is replaced.
        let (index, _) = self.put(
            Kind::WitnessClose,
            election,
            (&author, &organiser_key()),
            &body,
        );
        let signature = board::cosign(witness, ORIGIN, size, &root);
        for entry in &mut self.entries[index..] {
            let start = entry.len() - 64;
            entry[start..].copy_from_slice(&signature);
            if witnessing.spoil {
                entry[start] ^= 1;
            }
        }
    }
}
