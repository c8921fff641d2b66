//! The transcript (docs/spec/parameters.md): the only file that makes challenges, those of range
//! proofs apart, which have a transcript of their own.

use crate::group::{Element, Scalar, wide_scalar};
use sha2::{Digest as _, Sha512};

/// 32 bytes that name what was hashed.
pub type Digest = [u8; 32];

/// A byte string built from length-prefixed, labelled items, hashed with SHA-512.
///
/// Only the state of the hash is kept; a clone continues from the same items.
#[derive(Debug, Clone)]
pub struct Transcript(Sha512);

impl Transcript {
    /// `Transcript(name)`.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut transcript = Self(Sha512::new());
        transcript.append("psephos v1", name.as_bytes());
        transcript
    }

    /// Appends one item.
    pub fn append(&mut self, label: &str, data: &[u8]) {
        self.head(label, data.len());
        self.0.update(data);
    }

    /// Appends one item that joins the encodings of elements.
    pub fn append_elements<'a>(
        &mut self,
        label: &str,
        elements: impl ExactSizeIterator<Item = &'a Element>,
    ) {
        self.head(label, 32 * elements.len());
        for element in elements {
            self.0.update(element.encoding());
        }
    }

    /// A scalar that depends on everything appended before; the label stays in the transcript.
    pub fn challenge(&mut self, label: &str) -> Scalar {
        self.append(label, &[]);
        wide_scalar(&self.0.clone().finalize().into())
    }

    /// 32 bytes that depend on everything appended before; the label stays in the transcript.
    pub fn digest(&mut self, label: &str) -> Digest {
        self.append(label, &[]);
        first_half(&self.0.clone().finalize().into())
    }

    fn head(&mut self, label: &str, length: usize) {
        self.0.update((label.len() as u32).to_be_bytes());
        self.0.update(label);
        self.0.update((length as u64).to_be_bytes());
    }
}

/// The challenge of a signature (RFC 9591, FROST(ristretto255, SHA-512)) over
/// `prefix ‖ message`.
#[must_use]
pub fn signature_challenge(
    commitment: &[u8; 32],
    key: &[u8; 32],
    prefix: &[u8],
    message: &[u8],
) -> Scalar {
    let hash = Sha512::new()
        .chain_update(b"FROST-RISTRETTO255-SHA512-v1chal")
        .chain_update(commitment)
        .chain_update(key)
        .chain_update(prefix)
        .chain_update(message);
    wide_scalar(&hash.finalize().into())
}

/// Weight number `index` of a `Dleq` proof: 128 bits of a hash of the seed.
#[must_use]
pub fn dleq_weight(seed: &Digest, index: u32) -> Scalar {
    let hash = Sha512::new()
        .chain_update(b"psephos v1 weight")
        .chain_update(seed)
        .chain_update(index.to_be_bytes());
    low_half_scalar(&hash.finalize().into())
}

/// Block number `block` of the verifier's own random stream number `stream`: four weights of
/// 128 bits, unknown to whoever made the record as long as `seed` is.
#[must_use]
pub fn random_weights(seed: &[u8; 32], stream: u64, block: u64) -> [Scalar; 4] {
    let hash: [u8; 64] = Sha512::new()
        .chain_update(b"psephos v1 verifier's weights")
        .chain_update(seed)
        .chain_update(stream.to_be_bytes())
        .chain_update(block.to_be_bytes())
        .finalize()
        .into();
    let mut weights = [Scalar::ZERO; 4];
    for (weight, bytes) in weights.iter_mut().zip(hash.as_chunks::<16>().0) {
        *weight = Scalar::from(u128::from_le_bytes(*bytes));
    }
    weights
}

fn first_half(hash: &[u8; 64]) -> Digest {
    let mut half = [0; 32];
    for (to, from) in half.iter_mut().zip(hash) {
        *to = *from;
    }
    half
}

fn low_half_scalar(hash: &[u8; 64]) -> Scalar {
    let mut low = [0; 16];
    for (to, from) in low.iter_mut().zip(hash) {
        *to = *from;
    }
    Scalar::from(u128::from_le_bytes(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of the page's rules, written out by hand.
    #[test]
    fn a_transcript_is_its_items() {
        let mut transcript = Transcript::new("n");
        transcript.append("ab", b"c");
        let digest = transcript.digest("d");
        let by_hand: &[u8] = b"\0\0\0\x0apsephos v1\0\0\0\0\0\0\0\x01n\
              \0\0\0\x02ab\0\0\0\0\0\0\0\x01c\
              \0\0\0\x01d\0\0\0\0\0\0\0\0";
        let hash: [u8; 64] = Sha512::digest(by_hand).into();
        assert_eq!(digest, first_half(&hash));
    }

    #[test]
    fn a_later_challenge_covers_the_label_of_an_earlier_one() {
        let mut with = Transcript::new("n");
        let mut without = with.clone();
        with.challenge("y");
        assert_ne!(with.challenge("x"), without.challenge("x"));
    }

    #[test]
    fn moving_a_byte_between_items_changes_the_digest() {
        let digest = |first: &[u8], second: &[u8]| {
            let mut transcript = Transcript::new("n");
            transcript.append("a", first);
            transcript.append("a", second);
            transcript.digest("d")
        };
        assert_ne!(digest(b"xy", b"z"), digest(b"x", b"yz"));
    }
}
