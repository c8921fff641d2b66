//! Range proofs: committed values are in 0..2^n − 1, shown by one aggregated Bulletproof.
//!
//! Spec: docs/spec/ranges.md. Source: Bünz et al., IEEE S&P 2018.
//!
//! Proving is that of the crate `bulletproofs`, verifying is written from the paper, so that the
//! proofs of many ballots join one multiscalar multiplication; tests hold the two against each
//! other. [`prove`] is the only place that names that crate and the older curve library under it:
//! only bytes cross. Its transcript is Merlin's, seeded with a digest of ours.
//!
//! The feature `ranges`, on unless told otherwise, is all the arithmetic. Without it proofs are
//! decoded and nothing is proved or verified: that is the booth of an election without numbers.

#[cfg(feature = "ranges")]
mod prove;
#[cfg(feature = "ranges")]
mod verify;

use crate::encoding::{EncodingError, Reader};
use crate::group::{Element, Scalar};

#[cfg(feature = "ranges")]
pub use prove::prove;
#[cfg(feature = "ranges")]
pub(crate) use verify::{Bases, RangeEquation, generators};
#[cfg(feature = "ranges")]
pub use verify::{VerifiedRanges, verify};

/// Numbers of bits that a range proof may have.
pub const BITS: [u8; 3] = [8, 16, 32];

/// Why a range proof is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum RangeError {
    /// Not a number of bits that a range proof has, or no values at all.
    #[error("there are no range proofs of {count} values of {bits} bits")]
    Size {
        /// n.
        bits: u8,
        /// How many values.
        count: usize,
    },
    /// Wrong length, or a field that is not canonical.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// Its equations do not hold.
    #[error("the range proof does not hold")]
    Equations,
}

/// How many values a proof of `count` values is made for: the next power of two.
pub(crate) fn padded(count: usize) -> usize {
    count.next_power_of_two()
}

/// log2(n·ρ'), the rounds of the inner-product argument.
fn rounds(bits: u8, count: usize) -> usize {
    let size = usize::from(bits) * padded(count);
    // A power of two, as both factors are.
    usize::try_from(size.trailing_zeros()).unwrap_or_default()
}

/// Bytes of a proof for `count` values of `bits` bits: 32·(9 + 2·log2(n·ρ')).
pub fn proof_length(bits: u8, count: usize) -> usize {
    32 * (9 + 2 * rounds(bits, count))
}

/// An aggregated Bulletproof, decoded strictly. The names are those of the paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeProof {
    /// Commitment to the bits.
    pub(crate) a: Element,
    /// Commitment to their masks.
    pub(crate) s: Element,
    pub(crate) t_1: Element,
    pub(crate) t_2: Element,
    /// t(x).
    pub(crate) t_x: Scalar,
    /// Its blinding, τ_x.
    pub(crate) t_x_blinding: Scalar,
    /// The blinding of A and S, μ.
    pub(crate) e_blinding: Scalar,
    /// L and R of every round of the inner-product argument.
    pub(crate) rounds: Vec<(Element, Element)>,
    /// What is left of l(x), a.
    pub(crate) left: Scalar,
    /// What is left of r(x), b.
    pub(crate) right: Scalar,
}

impl RangeProof {
    /// Reads a proof for `count` values of `bits` bits, [`proof_length`] bytes.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field; a wrong length is found before any arithmetic.
    pub fn decode(bits: u8, count: usize, reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(reader.bytes(proof_length(bits, count), "the range proof")?);
        let proof = Self {
            a: reader.element("the range proof's A")?,
            s: reader.element("the range proof's S")?,
            t_1: reader.element("the range proof's T_1")?,
            t_2: reader.element("the range proof's T_2")?,
            t_x: reader.scalar("the range proof's t_x")?,
            t_x_blinding: reader.scalar("the range proof's t_x_blinding")?,
            e_blinding: reader.scalar("the range proof's e_blinding")?,
            rounds: (0..rounds(bits, count))
                .map(|_| {
                    let left = reader.element("the range proof's L")?;
                    Ok((left, reader.element("the range proof's R")?))
                })
                .collect::<Result<_, EncodingError>>()?,
            left: reader.scalar("the range proof's a")?,
            right: reader.scalar("the range proof's b")?,
        };
        reader.finish()?;
        Ok(proof)
    }

    /// The encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 * (9 + 2 * self.rounds.len()));
        for element in [&self.a, &self.s, &self.t_1, &self.t_2] {
            bytes.extend_from_slice(element.as_bytes());
        }
        for scalar in [&self.t_x, &self.t_x_blinding, &self.e_blinding] {
            bytes.extend_from_slice(scalar.as_bytes());
        }
        for (left, right) in &self.rounds {
            bytes.extend_from_slice(left.as_bytes());
            bytes.extend_from_slice(right.as_bytes());
        }
        bytes.extend_from_slice(self.left.as_bytes());
        bytes.extend_from_slice(self.right.as_bytes());
        bytes
    }
}

#[cfg(test)]
#[cfg(feature = "ranges")]
mod tests;
