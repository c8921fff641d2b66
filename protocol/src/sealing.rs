//! Boxes that one trustee seals for another: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under
//! a key of HKDF-SHA-256 (RFC 5869) over a Diffie–Hellman point.
//!
//! Spec: docs/spec/key-ceremony.md, "deal"; docs/spec/tally.md, "Preview". Every key seals one
//! message only, so the nonce is zero.

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::group::{Element, Point};
use crate::transcript::Digest;

/// Bytes that a seal adds.
pub(crate) const TAG_LENGTH: usize = 16;

/// Who seals what for whom: all that a box's key hangs on besides the secret point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sealing<'a> {
    /// What the box belongs to.
    pub salt: &'a Digest,
    /// The purpose, ASCII.
    pub label: &'static str,
    /// The trustee who seals, from 1.
    pub from: u16,
    /// The trustee who opens, from 1.
    pub to: u16,
    /// u·G of who seals, encoded.
    pub ephemeral: &'a [u8; 32],
    /// e·G of who opens.
    pub encryption_key: &'a Element,
}

impl Sealing<'_> {
    /// Seals under u·e·G; 16 bytes longer than `plain`.
    #[cfg(feature = "joint")]
    pub(crate) fn seal(&self, shared: &Point, plain: &[u8]) -> Vec<u8> {
        seal_under(&self.key(shared), plain)
    }

    /// Opens with u·e·G; `None` if the box is not one of this key.
    pub(crate) fn open(&self, shared: &Point, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        open_under(&self.key(shared), sealed)
    }

    fn key(&self, shared: &Point) -> Zeroizing<[u8; 32]> {
        // Keys and ephemerals are not the identity and their logarithms are known, so neither is
        // the shared point, except with probability 1/l.
        let ikm = Zeroizing::new(crate::group::encode(shared));
        let mut info = self.label.as_bytes().to_vec();
        info.extend_from_slice(&self.from.to_be_bytes());
        info.extend_from_slice(&self.to.to_be_bytes());
        info.extend_from_slice(self.ephemeral);
        info.extend_from_slice(self.encryption_key.as_bytes());
        let mut key = Zeroizing::new([0u8; 32]);
        // One block; this cannot fail.
        let _ = Hkdf::<Sha256>::new(Some(self.salt.as_bytes()), ikm.as_ref())
            .expand(&info, key.as_mut());
        key
    }
}

/// Seals under a key that is used for this message only.
#[cfg(feature = "joint")]
pub(crate) fn seal_under(key: &[u8; 32], plain: &[u8]) -> Vec<u8> {
    // Sealing fails only for messages of more than 2^38 bytes.
    XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::default(), plain)
        .unwrap_or_default()
}

/// Opens what [`seal_under`] sealed; `None` under another key.
pub(crate) fn open_under(key: &[u8; 32], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let opened = XChaCha20Poly1305::new(key.into()).decrypt(&XNonce::default(), sealed);
    opened.ok().map(Zeroizing::new)
}
