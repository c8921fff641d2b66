//! The last message of a trustee: it has its shares, and certifies the ceremony.

use crate::encoding::{EncodingError, Reader};
use crate::joint::JointSignature;
use crate::proofs::dleq::DleqProof;
use crate::transcript::Digest;

/// Body of a certificate, after the attempt: 288 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The ceremony digest.
    pub digest: Digest,
    /// Shows that the trustee holds its key shares.
    pub rehearsal: DleqProof,
    /// What the trustee will contribute to the beacon, committed to.
    pub contribution: Digest,
    /// Shows that the trustee holds its share of the joint key.
    pub joint_rehearsal: JointSignature,
}

impl Certificate {
    /// Reads a certificate strictly.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Self {
            digest: Digest(reader.array("the ceremony digest")?),
            rehearsal: DleqProof::decode(reader)?,
            contribution: Digest(reader.array("the commitment to the contribution")?),
            joint_rehearsal: JointSignature::read(reader, "the joint rehearsal")?,
        })
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.digest.as_bytes());
        self.rehearsal.encode(out);
        out.extend_from_slice(self.contribution.as_bytes());
        out.extend_from_slice(self.joint_rehearsal.as_bytes());
    }
}
