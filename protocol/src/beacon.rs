//! What trustees sign jointly, and what follows from it: audit seed, lots, audit samples.
//!
//! Spec: docs/spec/beacon-and-seal.md. Nothing of secrecy or of the count rests on it.

use std::collections::BinaryHeap;

use crate::encoding::{EncodingError, Reader};
#[cfg(feature = "joint")]
use crate::joint::JointPoint;
use crate::joint::JointSignature;
use crate::key_ceremony::Session;
use crate::transcript::{Digest, Transcript};

/// Body of a beacon entry: 128 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// 32 bytes that the trustee committed to when it certified the ceremony.
    pub contribution: [u8; 32],
    /// Its share of the signature on [`beacon_message`].
    pub share: JointSignature,
}

impl Beacon {
    /// Reads a beacon strictly.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Self {
            contribution: reader.array("the contribution")?,
            share: JointSignature::read(reader, "the signature share")?,
        })
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.contribution);
        out.extend_from_slice(self.share.as_bytes());
    }
}

/// What a seal is about: the board up to its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalState {
    /// Number of entries up to and including the result.
    pub size: u64,
    /// Root of the log at that size.
    pub root: Digest,
}

/// What the trustees' joint beacon signs.
pub fn beacon_message(election: &Digest) -> Vec<u8> {
    [b"psephos v2 beacon\0".as_slice(), election.as_bytes()].concat()
}

/// What the trustees' joint seal signs.
pub fn seal_message(election: &Digest, state: &FinalState) -> Vec<u8> {
    [
        b"psephos v2 seal\0".as_slice(),
        election.as_bytes(),
        &state.size.to_be_bytes(),
        state.root.as_bytes(),
    ]
    .concat()
}

/// What a dealer signs with its constant term.
#[cfg(feature = "joint")]
pub(crate) fn possession_message(
    session: &Session,
    dealer: u16,
    coefficients: &[JointPoint],
) -> Vec<u8> {
    let mut message = b"psephos v2 possession\0".to_vec();
    message.extend_from_slice(session.0.as_bytes());
    message.extend_from_slice(&dealer.to_be_bytes());
    coefficients
        .iter()
        .for_each(|point| message.extend_from_slice(point.as_bytes()));
    message
}

/// What a trustee signs with its share to show that it has it.
#[cfg(feature = "joint")]
pub(crate) fn rehearsal_message(ceremony: &Digest) -> Vec<u8> {
    [b"psephos v2 rehearsal\0".as_slice(), ceremony.as_bytes()].concat()
}

/// The commitment to a trustee's contribution, published when it certifies the ceremony.
pub fn contribution_commitment(session: &Session, trustee: u16, contribution: &[u8; 32]) -> Digest {
    let mut transcript = Transcript::new("contribution commitment");
    transcript.append("session", session.0.as_bytes());
    transcript.append_u16("trustee", trustee);
    transcript.append("contribution", contribution);
    transcript.digest("commitment")
}

/// Public randomness for samples of an audit.
pub fn audit_seed(election: &Digest, signature: &JointSignature) -> Digest {
    let mut transcript = Transcript::new("beacon audit");
    transcript.append("election", election.as_bytes());
    transcript.append("signature", signature.as_bytes());
    transcript.digest("seed")
}

/// The seed of the lots of contest number `contest`; `contributions` are those of trustees 1..n.
pub fn lot_seed(
    election: &Digest,
    signature: &JointSignature,
    contributions: &[[u8; 32]],
    contest: u16,
) -> Digest {
    let mut transcript = Transcript::new("beacon lot");
    transcript.append("election", election.as_bytes());
    transcript.append("signature", signature.as_bytes());
    transcript.append("contributions", contributions.as_flattened());
    transcript.append_u16("contest", contest);
    transcript.digest("seed")
}

/// The order in which lots put the options of a contest; numbers from 0, without the blank.
pub fn lot_order(seed: &Digest, n_options: u16) -> Vec<u16> {
    let rank = |option: &u16| {
        let mut transcript = Transcript::new("lot");
        transcript.append("seed", seed.as_bytes());
        transcript.append_u16("option", *option);
        transcript.digest("rank")
    };
    let mut order: Vec<u16> = (0..n_options).collect();
    order.sort_by_cached_key(rank);
    order
}

/// The first `size` entries of an audit sample of a board of `n_entries`, by index.
pub fn audit_sample(seed: &Digest, n_entries: u64, size: usize) -> Vec<u64> {
    let rank = |entry: u64| {
        let mut transcript = Transcript::new("sample");
        transcript.append("seed", seed.as_bytes());
        transcript.append_u64("entry", entry);
        transcript.digest("rank")
    };
    let mut first = BinaryHeap::new();
    for entry in 0..n_entries {
        first.push((rank(entry), entry));
        if first.len() > size {
            first.pop();
        }
    }
    first
        .into_sorted_vec()
        .into_iter()
        .map(|(_, entry)| entry)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_the_start_of_a_larger_one() {
        let seed = Digest([3; 32]);
        let all = audit_sample(&seed, 100, 200);
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!(audit_sample(&seed, 100, 7), all[..7]);
        assert_ne!(audit_sample(&Digest([4; 32]), 100, 7), all[..7]);
    }

    #[test]
    fn a_lot_orders_every_option_once() {
        let order = lot_order(&Digest([3; 32]), 20);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
        assert_ne!(order, sorted);
    }
}
