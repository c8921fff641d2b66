//! Joint signatures: BLS signatures that any t trustees make together.
//!
//! Spec: docs/spec/parameters.md, "Joint signatures". Sources: Boneh–Lynn–Shacham, J. Cryptology
//! 2004; Boldyreva, PKC 2003; the ciphersuites of draft-irtf-cfrg-bls-signature-05.
//!
//! Keys are elements of G1 (48 bytes), signatures elements of G2 (96 bytes). The arithmetic is that
//! of the crates `threshold_crypto` and `bls12_381`; only bytes cross this module. It is there with
//! the feature `joint`. Without it, decoding looks at lengths only and nothing can be signed,
//! verified or shared: so it is in a voter's booth, which rests on nothing that is signed jointly.
//!
//! **Not constant time.** `threshold_crypto` multiplies by bits of the secret, with branches. Who can
//! measure a trustee's machine closely enough learns that trustee's share of the joint key, and
//! nothing else: neither the secrecy of votes nor their sum depends on that key. Secrets are erased
//! where this module holds them; the crates below copy field elements on the stack as they compute.

#[cfg(feature = "joint")]
mod arithmetic;
#[cfg(feature = "joint")]
pub(crate) mod sharing;

use crate::encoding::{EncodingError, Reader, encode_hex};

#[cfg(feature = "joint")]
pub use arithmetic::{Use, sign, verify};
#[cfg(feature = "joint")]
pub use sharing::{JointKeys, JointShare, Polynomial};

/// Why something about joint keys and signatures is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum JointError {
    /// Not a canonical encoding of an element of the right group, or the identity.
    #[error("these bytes are no element of the group of joint keys")]
    Element,
    /// Not a scalar below the group's order.
    #[error("these bytes are no scalar of the joint key")]
    Scalar,
    /// A key that would be the identity.
    #[error("a joint key would be the identity")]
    Identity,
    /// A share that is not on the dealer's polynomial.
    #[error("the share of the joint key does not fit the dealer's coefficients")]
    Share,
    /// A signature that does not hold.
    #[error("the joint signature does not hold")]
    Signature,
    /// Too few shares of a signature.
    #[error("a joint signature needs the shares of {needed} trustees, and there are {found}")]
    TooFew {
        /// How many there are.
        found: usize,
        /// t.
        needed: usize,
    },
    /// Two shares of one trustee.
    #[error("there are two shares of trustee {trustee}")]
    Duplicate {
        /// Who.
        trustee: u16,
    },
    /// No such trustee.
    #[error("there is no trustee {trustee}")]
    UnknownTrustee {
        /// The number found.
        trustee: u16,
    },
}

/// An element of G1 other than the identity: a key, or a coefficient.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JointPoint([u8; Self::LENGTH]);

/// An element of G2 other than the identity: a signature, or a share of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct JointSignature([u8; Self::LENGTH]);

impl JointPoint {
    /// Bytes of an encoding.
    pub const LENGTH: usize = 48;

    /// Reads an element strictly: canonical, on the curve, in the subgroup, not the identity.
    /// Without the feature `joint` it only has the right length.
    pub fn decode(bytes: &[u8; Self::LENGTH]) -> Option<Self> {
        #[cfg(feature = "joint")]
        arithmetic::check_key(bytes)?;
        Some(Self(*bytes))
    }

    /// The encoding.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Reads `count` elements.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn read(
        reader: &mut Reader<'_>,
        count: usize,
        what: &'static str,
    ) -> Result<Vec<Self>, EncodingError> {
        // The length is checked first, so that a short input costs no arithmetic.
        let mut list = Reader::new(reader.bytes(count.saturating_mul(Self::LENGTH), what)?);
        let one = |_| Self::decode(&list.array(what)?).ok_or(EncodingError::Element { what });
        (0..count).map(one).collect()
    }
}

impl JointSignature {
    /// Bytes of an encoding.
    pub const LENGTH: usize = 96;

    /// Reads a signature strictly, as [`JointPoint::decode`] does.
    pub fn decode(bytes: &[u8; Self::LENGTH]) -> Option<Self> {
        #[cfg(feature = "joint")]
        arithmetic::check_signature(bytes)?;
        Some(Self(*bytes))
    }

    /// The encoding.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// Reads a signature.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn read(reader: &mut Reader<'_>, what: &'static str) -> Result<Self, EncodingError> {
        Self::decode(&reader.array(what)?).ok_or(EncodingError::Element { what })
    }
}

impl std::fmt::Debug for JointPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&encode_hex(&self.0))
    }
}

impl std::fmt::Debug for JointSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&encode_hex(&self.0))
    }
}
