//! Signature lines of signed notes, and the strict Ed25519 under them.
//!
//! Spec: docs/spec/board.md, "Log". Format: C2SP signed-note.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use curve25519_dalek::edwards::EdwardsPoint;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// What a key of a note signs, which is a part of its id.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum SignatureType {
    /// The text of the note (Ed25519).
    Note = 1,
    /// The text and a time (tlog-cosignature, Ed25519).
    Cosignature = 4,
}

/// A signature that does not hold, or a key under which none does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoteSignatureError;

/// The first four bytes of SHA-256(name ‖ line feed ‖ type ‖ public key).
pub(crate) fn key_id(name: &str, signature_type: SignatureType, public: &[u8; 32]) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', signature_type as u8])
        .chain_update(public)
        .finalize();
    let (ids, _) = hash.as_slice().as_chunks::<4>();
    ids.first().copied().unwrap_or_default()
}

/// A signature line with its line feed: `— name base64(id ‖ content)`.
pub(crate) fn signature_line(
    name: &str,
    signature_type: SignatureType,
    public: &[u8; 32],
    content: &[u8],
) -> String {
    let bytes = [key_id(name, signature_type, public).as_slice(), content].concat();
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}

/// What follows the id on a signature line without line feed, if the line is of this key.
pub(crate) fn read_signature_line(
    line: &str,
    name: &str,
    signature_type: SignatureType,
    public: &[u8; 32],
) -> Option<Vec<u8>> {
    let encoded = line
        .strip_prefix("\u{2014} ")?
        .strip_prefix(name)?
        .strip_prefix(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (id, content) = bytes.split_first_chunk::<4>()?;
    (*id == key_id(name, signature_type, public)).then(|| content.to_vec())
}

/// Verifies Ed25519 strictly: canonical key, R and S, nothing of small order, no cofactor.
pub(crate) fn verify_ed25519(
    public: &[u8; 32],
    message: &[u8],
    signature: &[u8],
) -> Result<(), NoteSignatureError> {
    let key = VerifyingKey::from_bytes(public).map_err(|_| NoteSignatureError)?;
    // The library also reads encodings with y ≥ p.
    if EdwardsPoint::from(key).compress().to_bytes() != *public {
        return Err(NoteSignatureError);
    }
    let signature = Signature::from_slice(signature).map_err(|_| NoteSignatureError)?;
    key.verify_strict(message, &signature)
        .map_err(|_| NoteSignatureError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_id_is_that_of_the_signed_note_page() {
        // The verifier key PeterNeumann+c74f20a3+… of Go's golang.org/x/mod/sumdb/note.
        let key = STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap();
        assert_eq!(
            key_id(
                "PeterNeumann",
                SignatureType::Note,
                key[1..].try_into().unwrap()
            ),
            [0xc7, 0x4f, 0x20, 0xa3]
        );
    }
}
