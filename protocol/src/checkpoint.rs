//! Checkpoints: the signed size and root of a board's log.
//!
//! Spec: docs/spec/board.md, "Log". Formats: C2SP signed-note and tlog-checkpoint.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use curve25519_dalek::edwards::EdwardsPoint;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::manifest::BoardIdentity;
use crate::transcript::Digest;

/// Signature type of Ed25519 in signed notes.
const ED25519: u8 = 1;
/// No honest checkpoint, with all its witnesses, is longer.
const MAX_LENGTH: usize = 16_384;

/// Size and root of a log, whose signature was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of entries.
    pub size: u64,
    /// Root of the log.
    pub root: Digest,
}

/// Why a checkpoint is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not a checkpoint.
    #[error("the checkpoint is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// Another log.
    #[error("the checkpoint is of another log than the manifest names")]
    Origin,
    /// No signature of the board.
    #[error("the checkpoint is not signed with the board key that the manifest names")]
    Signature,
}

/// The text of a checkpoint that is signed.
pub fn checkpoint_text(origin: &str, size: u64, root: &Digest) -> String {
    format!("{origin}\n{size}\n{}\n", STANDARD.encode(root.as_bytes()))
}

/// The note of a checkpoint text and its Ed25519 signature by the board.
pub fn checkpoint_note(board: &BoardIdentity, text: &str, signature: &[u8; 64]) -> String {
    let line = [key_id(&board.origin, &board.key).as_slice(), signature].concat();
    format!(
        "{text}\n\u{2014} {} {}\n",
        board.origin,
        STANDARD.encode(line)
    )
}

/// The first four bytes of SHA-256(name ‖ line feed ‖ type ‖ public key).
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', ED25519])
        .chain_update(public)
        .finalize();
    let (ids, _) = hash.as_slice().as_chunks::<4>();
    ids.first().copied().unwrap_or_default()
}

impl Checkpoint {
    /// Checks a note strictly and gives what it says.
    ///
    /// # Errors
    /// [`CheckpointError`], naming what is wrong.
    pub fn verify(note: &str, board: &BoardIdentity) -> Result<Self, CheckpointError> {
        let malformed = |what| CheckpointError::Malformed { what };
        if note.len() > MAX_LENGTH {
            return Err(malformed("it is too long"));
        }
        let (text, signatures) = note
            .split_once("\n\n")
            .ok_or(malformed("it has no signatures"))?;
        let text = format!("{text}\n");
        let lines: Vec<&str> = text.lines().collect();
        let [origin, size, root] = lines.as_slice() else {
            return Err(malformed("it must have three lines"));
        };
        if *origin != board.origin {
            return Err(CheckpointError::Origin);
        }
        let size = size
            .parse::<u64>()
            .map_err(|_| malformed("its size is not a number"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        let root = Digest(root.ok_or(malformed("its root is not a hash"))?);
        // Only the one way of writing these values is signed.
        if text != checkpoint_text(origin, size, &root) {
            return Err(malformed("it is not written in the one allowed way"));
        }
        let line = signatures
            .strip_suffix('\n')
            .filter(|line| !line.contains('\n'));
        let line = line.ok_or(malformed("it must have exactly one signature line"))?;
        let key = VerifyingKey::from_bytes(&board.key).map_err(|_| CheckpointError::Signature)?;
        // The library also reads encodings with y ≥ p.
        if EdwardsPoint::from(key).compress().to_bytes() != board.key {
            return Err(CheckpointError::Signature);
        }
        let encoded = line
            .strip_prefix(&format!("\u{2014} {} ", board.origin))
            .ok_or(CheckpointError::Signature)?;
        let bytes = STANDARD.decode(encoded).unwrap_or_default();
        let signed = match bytes.split_first_chunk::<4>() {
            Some((id, signature)) if *id == key_id(&board.origin, &board.key) => {
                Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_strict(text.as_bytes(), &signature).is_ok())
            }
            _ => false,
        };
        if signed {
            Ok(Self { size, root })
        } else {
            Err(CheckpointError::Signature)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    fn note(size: &str) -> (String, BoardIdentity) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let board = BoardIdentity {
            origin: "example.org/e/00".to_owned(),
            key: key.verifying_key().to_bytes(),
        };
        let text = checkpoint_text(&board.origin, 5, &Digest([9; 32]))
            .replace("\n5\n", &format!("\n{size}\n"));
        let signature = key.sign(text.as_bytes()).to_bytes();
        (checkpoint_note(&board, &text, &signature), board)
    }

    #[test]
    fn key_id_is_that_of_the_signed_note_page() {
        // The verifier key PeterNeumann+c74f20a3+… of Go's golang.org/x/mod/sumdb/note.
        let key = STANDARD
            .decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
            .unwrap();
        assert_eq!(
            key_id("PeterNeumann", key[1..].try_into().unwrap()),
            [0xc7, 0x4f, 0x20, 0xa3]
        );
    }

    #[test]
    fn a_checkpoint_verifies_and_no_changed_character_does() {
        let (good, board) = note("5");
        assert_eq!(
            Checkpoint::verify(&good, &board),
            Ok(Checkpoint {
                size: 5,
                root: Digest([9; 32])
            })
        );
        for position in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[position] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(
                    Checkpoint::verify(&changed, &board).is_err(),
                    "byte {position}"
                );
            }
        }
    }

    #[test]
    fn another_key_and_loose_writings_are_refused() {
        let (good, mut board) = note("5");
        for loose in [
            good.replace("=\n", "=\r\n"),
            format!("{good}\n"),
            format!("{good}\u{2014} other AAAA\n"),
        ] {
            assert!(Checkpoint::verify(&loose, &board).is_err(), "{loose:?}");
        }
        for size in ["05", "+5", " 5", "5 "] {
            assert!(
                Checkpoint::verify(&note(size).0, &board).is_err(),
                "{size:?}"
            );
        }
        board.key = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
        assert_eq!(
            Checkpoint::verify(&good, &board),
            Err(CheckpointError::Signature)
        );
        board.origin = "example.org/e/01".to_owned();
        assert_eq!(
            Checkpoint::verify(&good, &board),
            Err(CheckpointError::Origin)
        );
    }
}
