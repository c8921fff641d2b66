//! The data folder: made private, used by one server at a time.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// Name of the database file in the data folder.
pub const DATABASE: &str = "board.sqlite";

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It could not be made or read.
    #[error("The data folder {} could not be made or read: {source}.", path.display())]
    Unusable {
        /// Which folder.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Another server uses it.
    #[error("Another ballot box is using the data folder {}; stop it first, or choose another folder with --data.", path.display())]
    InUse {
        /// Which folder.
        path: PathBuf,
    },
}

/// Makes the folder, readable by its owner only, if it is missing.
///
/// # Errors
/// [`FolderError::Unusable`].
pub fn make(path: &Path) -> Result<(), FolderError> {
    let failed = |source| FolderError::Unusable {
        path: path.to_owned(),
        source,
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(failed)
}

/// A folder that this process has for itself until this value is dropped: two sequencers would
/// append to one log.
#[derive(Debug)]
pub struct LockedFolder {
    _lock: File,
}

impl LockedFolder {
    /// Makes the folder if needed and takes it.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn take(path: &Path) -> Result<Self, FolderError> {
        make(path)?;
        let failed = |source| FolderError::Unusable {
            path: path.to_owned(),
            source,
        };
        let lock = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path.join("lock"))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_folder_is_private_and_taken_once() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a").join("b");
        let taken = LockedFolder::take(&path).unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o700
        );
        assert!(matches!(
            LockedFolder::take(&path),
            Err(FolderError::InUse { .. })
        ));
        drop(taken);
        LockedFolder::take(&path).unwrap();
    }
}
