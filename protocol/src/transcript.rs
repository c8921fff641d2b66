//! The transcript: the only place where a challenge, a digest or a nonce is made.
//!
//! Spec: docs/spec/parameters.md, "Transcript", "Nonces", "Signatures".

use rand_core::TryCryptoRng;
use sha2::{Digest as _, Sha512};
use zeroize::Zeroizing;

use crate::group::{Element, Scalar, wide_scalar};
use crate::secret::Secret;

/// Fresh randomness could not be had; nothing was computed.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("The operating system gave no randomness; nothing was encrypted, proved or signed.")]
pub struct RandomnessError;

/// A 32-byte digest made by a [`Transcript`] or by the Merkle log.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::encoding::decode_hex(text).map(Self)
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// A list of labelled items, hashed with SHA-512. Every item is length-prefixed, so two different
/// lists are never the same bytes.
#[derive(Clone)]
pub struct Transcript {
    state: Sha512,
}

impl std::fmt::Debug for Transcript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transcript")
    }
}

impl Transcript {
    /// A transcript that starts with `item("psephos v1", name)`.
    pub fn new(name: &str) -> Self {
        let mut transcript = Self {
            state: Sha512::new(),
        };
        transcript.append("psephos v1", name.as_bytes());
        transcript
    }

    /// Appends one item.
    pub fn append(&mut self, label: &str, data: &[u8]) {
        self.begin_item(label, data.len());
        self.state.update(data);
    }

    /// Appends a 16-bit integer, big-endian.
    pub fn append_u16(&mut self, label: &str, value: u16) {
        self.append(label, &value.to_be_bytes());
    }

    /// Appends a 32-bit integer, big-endian.
    pub fn append_u32(&mut self, label: &str, value: u32) {
        self.append(label, &value.to_be_bytes());
    }

    /// Appends a 64-bit integer, big-endian.
    pub fn append_u64(&mut self, label: &str, value: u64) {
        self.append(label, &value.to_be_bytes());
    }

    /// Appends elements joined in one item.
    pub fn append_elements<'a>(
        &mut self,
        label: &str,
        elements: impl ExactSizeIterator<Item = &'a Element>,
    ) {
        self.begin_item(label, 32 * elements.len());
        elements.for_each(|element| self.state.update(element.as_bytes()));
    }

    /// A scalar that depends on every item so far.
    pub fn challenge(&mut self, label: &str) -> Scalar {
        self.append(label, b"");
        wide_scalar(&self.state.clone().finalize().into())
    }

    /// 32 bytes that depend on every item so far.
    pub fn digest(&mut self, label: &str) -> Digest {
        self.append(label, b"");
        let wide: [u8; 64] = self.state.clone().finalize().into();
        let mut digest = [0; 32];
        digest.copy_from_slice(wide.split_at(32).0);
        Digest(digest)
    }

    /// `Nonces`: secret scalars that depend on the witness, on 32 fresh bytes from `rng`, and on
    /// the statement so far. The transcript itself is not changed.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    pub fn nonces(
        &self,
        witness: &[u8],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Nonces, RandomnessError> {
        let mut fresh = Zeroizing::new([0u8; 32]);
        rng.try_fill_bytes(fresh.as_mut())
            .map_err(|_| RandomnessError)?;
        let statement = self.clone().digest("nonces");
        let mut prefix = Zeroizing::new(Vec::with_capacity(16 + 4 + witness.len() + 64));
        prefix.extend_from_slice(b"psephos v1 nonce");
        prefix.extend_from_slice(&length_u32(witness.len()));
        prefix.extend_from_slice(witness);
        prefix.extend_from_slice(fresh.as_ref());
        prefix.extend_from_slice(statement.as_bytes());
        Ok(Nonces {
            prefix: Sha512::new_with_prefix(&*prefix),
            next: 0,
        })
    }

    fn begin_item(&mut self, label: &str, length: usize) {
        self.state.update(length_u32(label.len()));
        self.state.update(label.as_bytes());
        self.state.update((length as u64).to_be_bytes());
    }
}

/// Lengths of labels and witnesses are far below 2^32.
fn length_u32(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

/// A stream of secret nonces; see [`Transcript::nonces`].
pub struct Nonces {
    prefix: Sha512,
    next: u32,
}

impl Nonces {
    /// The next nonce.
    pub fn scalar(&mut self) -> Secret<Scalar> {
        Secret::new(wide_scalar(&self.block()))
    }

    /// The 64 bytes of which the next nonce is made.
    pub(crate) fn block(&mut self) -> Zeroizing<[u8; 64]> {
        let block = self.prefix.clone().chain_update(self.next.to_be_bytes());
        self.next += 1;
        Zeroizing::new(block.finalize().into())
    }
}

/// The challenge of a Schnorr signature, as in RFC 9591's FROST(ristretto255, SHA-512).
pub(crate) fn signature_challenge(r: &Element, key: &Element, message: &[u8]) -> Scalar {
    let wide = Sha512::new()
        .chain_update(b"FROST-RISTRETTO255-SHA512-v1")
        .chain_update(b"chal")
        .chain_update(r.as_bytes())
        .chain_update(key.as_bytes())
        .chain_update(message)
        .finalize();
    wide_scalar(&wide.into())
}

/// Weight number `index` of a batched proof: 128 bits derived from a digest of its statement.
pub(crate) fn weight(seed: &Digest, index: u32) -> Scalar {
    let wide: [u8; 64] = Sha512::new()
        .chain_update(b"psephos v1 weight")
        .chain_update(seed.as_bytes())
        .chain_update(index.to_be_bytes())
        .finalize()
        .into();
    let mut low = [0u8; 16];
    low.copy_from_slice(wide.split_at(16).0);
    Scalar::from(u128::from_le_bytes(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn item_boundaries_matter() {
        let digest = |items: &[(&str, &[u8])]| {
            let mut t = Transcript::new("test");
            items.iter().for_each(|(label, data)| t.append(label, data));
            t.digest("d")
        };
        let all = [
            digest(&[("a", b"bc")]),
            digest(&[("ab", b"c")]),
            digest(&[("a", b"b"), ("c", b"")]),
            digest(&[("a", b""), ("bc", b"")]),
            digest(&[("a", b"bc"), ("", b"")]),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b));
        }
    }

    #[test]
    fn nonces_differ_by_witness_statement_randomness_and_number() {
        let nonce = |statement: &str, witness: &[u8], seed: u64, skip: usize| {
            let t = Transcript::new(statement);
            let mut rng = rand::rngs::ChaCha20Rng::seed_from_u64(seed);
            let mut nonces = t.nonces(witness, &mut rng).unwrap();
            (0..skip).for_each(|_| drop(nonces.scalar()));
            *nonces.scalar().expose()
        };
        let all = [
            nonce("s", b"w", 1, 0),
            nonce("other", b"w", 1, 0),
            nonce("s", b"v", 1, 0),
            nonce("s", b"w", 2, 0),
            nonce("s", b"w", 1, 1),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b));
        }
        assert_eq!(all[0], nonce("s", b"w", 1, 0));
    }

    #[test]
    fn stops_without_randomness() {
        struct Broken;
        impl rand_core::TryRng for Broken {
            type Error = RandomnessError;
            fn try_next_u32(&mut self) -> Result<u32, RandomnessError> {
                Err(RandomnessError)
            }
            fn try_next_u64(&mut self) -> Result<u64, RandomnessError> {
                Err(RandomnessError)
            }
            fn try_fill_bytes(&mut self, _: &mut [u8]) -> Result<(), RandomnessError> {
                Err(RandomnessError)
            }
        }
        impl TryCryptoRng for Broken {}
        assert!(Transcript::new("s").nonces(b"w", &mut Broken).is_err());
    }
}
