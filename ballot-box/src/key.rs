//! The board's signing key: made at the first start, kept in one file, never overwritten.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signer as _, SigningKey};
use getrandom::{SysRng, rand_core::TryRng as _};
use protocol::checkpoint::{Checkpoint, checkpoint_note, checkpoint_text};
use protocol::encoding::{decode_hex, encode_hex};
use protocol::manifest::BoardIdentity;
use protocol::secret::Secret;

use crate::data_folder::DATABASE;

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The file could not be read or written.
    #[error("The board's key file {} could not be read or made: {source}. Check the folder's owner and the space on the disk.", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Not a key.
    #[error("{} is not a key file of 64 hexadecimal digits; put the true one back from a backup. It is never made anew, because boards already name it.", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
    /// Others can read it.
    #[error("{} can be read by other users of this computer; run: chmod 600 {}", path.display(), path.display())]
    Readable {
        /// Which file.
        path: PathBuf,
    },
    /// The key is gone.
    #[error("The key file {} is missing although there are boards signed with it; put it back from a backup. It is never made anew.", path.display())]
    Lost {
        /// Which file.
        path: PathBuf,
    },
    /// No randomness.
    #[error("The operating system gave no randomness; no key was made.")]
    Randomness,
}

/// The Ed25519 key that signs checkpoints.
pub struct BoardKey(SigningKey);

impl BoardKey {
    /// Reads the key of a data folder, or makes it if there is none.
    ///
    /// # Errors
    /// [`KeyError`], naming the file.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join("board.key");
        let failed = |source| KeyError::File {
            path: path.clone(),
            source,
        };
        match fs::metadata(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if folder.join(DATABASE).exists() {
                    return Err(KeyError::Lost { path });
                }
                create(folder, &path)?;
            }
            Err(error) => return Err(failed(error)),
        }
        Self::load(folder)
    }

    /// Reads the key of a data folder.
    ///
    /// # Errors
    /// [`KeyError`], naming the file; [`KeyError::Lost`] if there is none.
    pub fn load(folder: &Path) -> Result<Self, KeyError> {
        let path = folder.join("board.key");
        let failed = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => KeyError::Lost { path: path.clone() },
            _ => KeyError::File {
                path: path.clone(),
                source,
            },
        };
        if fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(KeyError::Readable { path });
        }
        let text = Secret::new(fs::read_to_string(&path).map_err(failed)?);
        let seed = decode_hex(text.expose().trim_end()).map(Secret::new);
        let seed = seed.ok_or(KeyError::Damaged { path })?;
        Ok(Self(SigningKey::from_bytes(seed.expose())))
    }

    /// The public key, 32 bytes.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// The log of this origin, as manifests name it, for checkpoints that no witness signed yet.
    pub fn board(&self, origin: &str) -> BoardIdentity {
        BoardIdentity {
            origin: origin.to_owned(),
            key: self.public(),
            witnesses: Vec::new(),
            witness_quorum: 0,
        }
    }

    /// The signed note of a checkpoint of the log of this origin.
    pub fn sign(&self, origin: &str, checkpoint: &Checkpoint) -> String {
        let text = checkpoint_text(origin, checkpoint.size, &checkpoint.root);
        let signature = self.0.sign(text.as_bytes()).to_bytes();
        checkpoint_note(&self.board(origin), &text, &signature)
    }
}

/// Makes the file whole or not at all, and never over another: the name is a hard link to a
/// complete file.
fn create(folder: &Path, path: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    let mut seed = [0; 32];
    SysRng
        .try_fill_bytes(&mut seed)
        .map_err(|_| KeyError::Randomness)?;
    let seed = Secret::new(seed);
    let text = Secret::new(encode_hex(seed.expose()) + "\n");
    let draft = folder.join(format!("board.key.{}", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .map_err(failed)?;
    let written = file
        .write_all(text.expose().as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| match fs::hard_link(&draft, path) {
            // Another process made it first; that one is the key.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        })
        .and_then(|()| File::open(folder)?.sync_all());
    let removed = fs::remove_file(&draft);
    written.and(removed).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::transcript::Digest;

    #[test]
    fn a_checkpoint_reads_back_under_its_own_key_and_origin_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = BoardKey::load_or_create(folder.path()).unwrap();
        let checkpoint = Checkpoint {
            size: 7,
            root: Digest([1; 32]),
        };
        let note = key.sign("example.org/e/00", &checkpoint);
        let read = |origin, note: &str| Checkpoint::verify(note, &key.board(origin));
        assert_eq!(read("example.org/e/00", &note), Ok(checkpoint));
        assert!(read("example.org/e/01", &note).is_err());
        assert!(read("example.org/e/00", &note.replace("\n7\n", "\n8\n")).is_err());
    }

    #[test]
    fn a_key_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = BoardKey::load_or_create(folder.path()).unwrap();
        let path = folder.path().join("board.key");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let again = BoardKey::load_or_create(folder.path()).unwrap();
        assert_eq!(first.public(), again.public());

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            BoardKey::load_or_create(folder.path()),
            Err(KeyError::Readable { .. })
        ));
    }

    #[test]
    fn a_damaged_key_is_reported_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        BoardKey::load_or_create(folder.path()).unwrap();
        let path = folder.path().join("board.key");
        fs::write(&path, "").unwrap();
        assert!(matches!(
            BoardKey::load_or_create(folder.path()),
            Err(KeyError::Damaged { .. })
        ));
        assert_eq!(fs::read(&path).unwrap(), b"");

        fs::remove_file(&path).unwrap();
        fs::write(folder.path().join(DATABASE), "").unwrap();
        assert!(matches!(
            BoardKey::load_or_create(folder.path()),
            Err(KeyError::Lost { .. })
        ));
        assert!(!path.exists());
    }
}
