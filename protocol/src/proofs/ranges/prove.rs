//! Proving, with the crate `bulletproofs`. Nothing else names it or the curve library under it.

use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek_4::Scalar as OldScalar;
use curve25519_dalek_4::ristretto::{CompressedRistretto, RistrettoPoint as OldPoint};
use merlin::Transcript as Merlin;
use rand_core_06::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{BITS, RangeError, padded};
use crate::group::{Point, Scalar, blinding_base, encode, value_base};

use crate::transcript::{Digest, Nonces};

/// Name of the Merlin transcript.
pub(super) const NAME: &[u8] = b"psephos v3 ranges";

/// A proof, and what it is about.
#[derive(Debug)]
pub struct ProvedRanges {
    /// W_0 ‖ W_1 ‖ …, 32 bytes each; without what was padded.
    pub commitments: Vec<u8>,
    /// The Bulletproof.
    pub proof: Vec<u8>,
}

/// Proves that every value is in 0..2^n − 1: W_k = value_k·H + γ_k·P and one Bulletproof for all.
///
/// Spec: docs/spec/ballot.md, "Ranges". A value out of range makes a proof that does not verify.
/// Constant-time in values and blindings, as the crate is: what it does in variable time, the
/// inner-product argument, works on vectors that the proof could as well show.
///
/// | symbol | argument | range |
/// |---|---|---|
/// | | `context` | digest of the statement, 32 bytes |
/// | n | `bits` | 8, 16 or 32 |
/// | value_k | `values` | one or more; secret |
/// | γ_k | `blindings` | as many scalars, uniform; secret |
///
/// # Errors
/// [`RangeError::Size`] for other sizes. [`RangeError::Equations`] if a challenge is zero, which
/// happens with probability 2^-252.
pub fn prove(
    context: &Digest,
    bits: u8,
    values: &[u64],
    blindings: &[Scalar],
    nonces: &mut Nonces,
) -> Result<ProvedRanges, RangeError> {
    let count = values.len();
    if !BITS.contains(&bits) || count == 0 || blindings.len() != count {
        return Err(RangeError::Size { bits, count });
    }
    let n = usize::from(bits);
    let parties = padded(count);
    // Copied into lists of their full size, which erase themselves.
    let mut padded_values = Zeroizing::new(vec![0u64; parties]);
    let mut old_blindings = Zeroizing::new(vec![OldScalar::ZERO; parties]);
    for (slot, value) in padded_values.iter_mut().zip(values) {
        *slot = *value;
    }
    for (slot, blinding) in old_blindings.iter_mut().zip(blindings) {
        *slot = OldScalar::from_bytes_mod_order(*blinding.as_bytes());
    }

    let generators = BulletproofGens::new(n, parties);
    let (proof, commitments) = RangeProof::prove_multiple_with_rng(
        &generators,
        &bases()?,
        &mut transcript(context),
        &padded_values,
        &old_blindings,
        n,
        &mut FromNonces(nonces),
    )
    .map_err(|_| RangeError::Equations)?;
    Ok(ProvedRanges {
        commitments: commitments
            .iter()
            .take(count)
            .flat_map(|commitment| commitment.to_bytes())
            .collect(),
        proof: proof.to_bytes(),
    })
}

pub(super) fn transcript(context: &Digest) -> Merlin {
    let mut transcript = Merlin::new(NAME);
    transcript.append_message(b"context", context.as_bytes());
    transcript
}

/// H and P in the older library.
pub(super) fn bases() -> Result<PedersenGens, RangeError> {
    Ok(PedersenGens {
        B: old_point(&value_base())?,
        B_blinding: old_point(&blinding_base())?,
    })
}

/// The same element in the older library, by its encoding.
fn old_point(point: &Point) -> Result<OldPoint, RangeError> {
    CompressedRistretto(encode(point))
        .decompress()
        .ok_or(RangeError::Equations)
}

/// Our nonces as the randomness that the crate asks for: each scalar that it draws is one nonce.
struct FromNonces<'a>(&'a mut Nonces);

impl RngCore for FromNonces<'_> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.fill_bytes(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.fill_bytes(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(64) {
            let block = self.0.block();
            part.iter_mut()
                .zip(block.iter())
                .for_each(|(byte, fresh)| *byte = *fresh);
        }
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for FromNonces<'_> {}
