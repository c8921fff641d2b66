//! Checkpoints of this server: made with its key, and read back from its disk.
//!
//! Spec: docs/spec/board.md, "Log".

use std::sync::Arc;

use protocol::checkpoint::{self as format, CheckpointError};
use protocol::manifest::BoardIdentity;
use protocol::transcript::Digest;

use crate::key::BoardKey;

/// A checkpoint that this server signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Entries in the log.
    pub size: u64,
    /// Root of the log.
    pub root: Digest,
    /// The signed note.
    pub note: Arc<str>,
}

impl Checkpoint {
    /// Signs the size and root of the log of this origin, which is also the key's name in the note.
    pub fn sign(key: &BoardKey, origin: &str, size: u64, root: Digest) -> Self {
        let text = format::checkpoint_text(origin, size, &root);
        let signature = key.sign(text.as_bytes());
        let note = format::checkpoint_note(&identity(key, origin), &text, &signature);
        Self {
            size,
            root,
            note: note.into(),
        }
    }

    /// Reads a stored note.
    ///
    /// # Errors
    /// [`CheckpointError`] if this server did not sign it for this log.
    pub fn read(key: &BoardKey, origin: &str, note: String) -> Result<Self, CheckpointError> {
        let format::Checkpoint { size, root } =
            format::Checkpoint::verify(&note, &identity(key, origin))?;
        Ok(Self {
            size,
            root,
            note: note.into(),
        })
    }
}

fn identity(key: &BoardKey, origin: &str) -> BoardIdentity {
    BoardIdentity {
        origin: origin.to_owned(),
        key: key.public(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reads_back_under_its_own_key_and_origin_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = BoardKey::load_or_create(folder.path()).unwrap();
        let signed = Checkpoint::sign(&key, "example.org/e/00", 7, Digest([1; 32]));
        let read = |origin, note: &str| Checkpoint::read(&key, origin, note.to_owned());
        assert_eq!(read("example.org/e/00", &signed.note), Ok(signed.clone()));
        assert!(read("example.org/e/01", &signed.note).is_err());
        assert!(read("example.org/e/00", &signed.note.replace("\n7\n", "\n8\n")).is_err());
    }
}
