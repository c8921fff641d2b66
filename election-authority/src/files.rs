//! Files that are written once: private ones for the owner alone, and none ever overwritten.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is there already.
    #[error("{} is there already and is never overwritten; move it away first if it is not needed", path.display())]
    Exists {
        /// Which file or folder.
        path: PathBuf,
    },
    /// It is not there.
    #[error("{} is not there", path.display())]
    Missing {
        /// Which file or folder.
        path: PathBuf,
    },
    /// The operating system refuses.
    #[error("{} cannot be {doing}: {source}", path.display())]
    System {
        /// Which file or folder.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: std::io::Error,
    },
    /// It does not hold what it should.
    #[error("{} is not {expected}; {advice}", path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What it should be.
        expected: &'static str,
        /// What to do.
        advice: &'static str,
    },
}

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The owner alone (mode 0600).
    Owner,
    /// Whoever the system lets.
    Everyone,
}

/// Writes a new file, durably.
///
/// # Errors
/// [`FileError::Exists`] if there is one, [`FileError::System`] if it cannot be written.
pub fn create(path: &Path, content: &[u8], readers: Readers) -> Result<(), FileError> {
    let file = create_unsynced(path, content, readers)?;
    file.sync_all().map_err(|source| remove_half(path, source))
}

/// Writes one of very many new files that the owner alone may read, without waiting for the disk.
///
/// # Errors
/// [`FileError::Exists`] if there is one, [`FileError::System`] if it cannot be written.
pub fn create_quickly(path: &Path, content: &[u8]) -> Result<(), FileError> {
    create_unsynced(path, content, Readers::Owner).map(drop)
}

fn create_unsynced(path: &Path, content: &[u8], readers: Readers) -> Result<fs::File, FileError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options
        .open(path)
        .map_err(|source| system(path, "written", source))?;
    match file.write_all(content) {
        Ok(()) => Ok(file),
        Err(source) => Err(remove_half(path, source)),
    }
}

/// Half a file must not pass for a whole one later; the caller has made it just now.
fn remove_half(path: &Path, source: std::io::Error) -> FileError {
    let _ = fs::remove_file(path);
    system(path, "written", source)
}

/// Makes a new folder; with [`Readers::Owner`] nobody else can look into it (mode 0700).
///
/// # Errors
/// [`FileError::Exists`] if there is one, [`FileError::System`] if it cannot be made.
pub fn create_folder(path: &Path, readers: Readers) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    if readers == Readers::Owner {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder
        .create(path)
        .map_err(|source| system(path, "made", source))
}

/// Makes a folder like [`create_folder`], and those above it, unless it is there.
///
/// # Errors
/// [`FileError::System`] if it cannot be made.
pub fn ensure_folder(path: &Path, readers: Readers) -> Result<(), FileError> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|source| system(parent, "made", source))?;
    }
    match create_folder(path, readers) {
        Err(FileError::Exists { .. }) if path.is_dir() => Ok(()),
        outcome => outcome,
    }
}

/// Reads a file.
///
/// # Errors
/// [`FileError`] if it is missing or cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(|source| system(path, "read", source))
}

/// Reads a file that holds a secret; the bytes are erased when dropped.
///
/// # Errors
/// [`FileError`] if it is missing or cannot be read.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    read(path).map(Zeroizing::new)
}

pub(crate) fn system(path: &Path, doing: &'static str, source: std::io::Error) -> FileError {
    let path = path.to_owned();
    match source.kind() {
        std::io::ErrorKind::AlreadyExists => FileError::Exists { path },
        std::io::ErrorKind::NotFound if doing == "read" => FileError::Missing { path },
        _ => FileError::System {
            path,
            doing,
            source,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_private_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"one", Readers::Owner).unwrap();
        assert!(matches!(
            create(&path, b"two", Readers::Owner),
            Err(FileError::Exists { .. })
        ));
        assert_eq!(read(&path).unwrap(), b"one");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            let inner = folder.path().join("inner");
            create_folder(&inner, Readers::Owner).unwrap();
            assert_eq!(mode(&inner), 0o700);
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("no/such/file")).unwrap_err();
        assert_eq!(error.to_string(), "no/such/file is not there");
    }
}
