//! Files that are written once, private ones for the owner alone: none is overwritten but by name
//! and as a whole.

use std::fs;
use std::io::{Read as _, Write as _};
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
    /// A secret that others may read.
    #[error("{} can be read by others (mode {mode:o}), and holds a secret; run `chmod 600` on it, and think who may have read it", path.display())]
    Mode {
        /// Which file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
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

/// Writes a new file, durably: it and its name are on disk.
///
/// # Errors
/// [`FileError::Exists`] if there is one, [`FileError::System`] if it cannot be written.
pub fn create(path: &Path, content: &[u8], readers: Readers) -> Result<(), FileError> {
    let file = create_unsynced(path, content, readers)?;
    file.sync_all()
        .map_err(|source| remove_half(path, source))?;
    sync_parent(path)
}

/// Takes the place of a file, durably: whoever looks finds the old content or the new, and all of it.
///
/// # Errors
/// [`FileError::System`] if it cannot be written; the old one is still there then.
pub fn replace(path: &Path, content: &[u8], readers: Readers) -> Result<(), FileError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    // What an interrupted attempt left.
    match fs::remove_file(&beside) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(system(&beside, "removed", source));
        }
        _ => {}
    }
    let file = create_unsynced(&beside, content, readers)?;
    file.sync_all()
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|source| remove_half(&beside, source))?;
    sync_parent(path)
}

/// Waits until the names in the folder of `path` are on disk.
fn sync_parent(path: &Path) -> Result<(), FileError> {
    match path.parent() {
        Some(parent) if parent == Path::new("") => sync_folder(Path::new(".")),
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

fn sync_folder(folder: &Path) -> Result<(), FileError> {
    // Elsewhere a folder cannot be opened as a file.
    if cfg!(unix) {
        let file = fs::File::open(folder).and_then(|file| file.sync_all());
        file.map_err(|source| system(folder, "written to disk", source))?;
    }
    Ok(())
}

/// Waits until files that [`create_quickly`] has made in `folder` are on disk.
///
/// # Errors
/// [`FileError::System`] naming one that is not.
pub fn sync_created(folder: &Path, paths: &[PathBuf]) -> Result<(), FileError> {
    // Many threads wait at the same time, so that the file system commits many files at once.
    let share = paths.len().div_ceil(16).max(1);
    let sync = |path: &PathBuf| {
        let file = fs::OpenOptions::new().append(true).open(path);
        file.and_then(|file| file.sync_all())
            .map_err(|source| system(path, "written to disk", source))
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = paths
            .chunks(share)
            .map(|paths| scope.spawn(move || paths.iter().try_for_each(sync)))
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    })?;
    sync_folder(folder)
}

/// Writes one of very many new files that the owner alone may read, without waiting for the disk:
/// that is for [`sync_created`] to do, for all of them.
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
        .map_err(|source| system(path, "made", source))?;
    sync_parent(path)
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

/// Reads a file that holds a secret; the bytes are erased when dropped. A file that others may read
/// is refused; a pipe has no others.
///
/// # Errors
/// [`FileError`] if it is missing, cannot be read or is not private.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let failed = |source| system(path, "read", source);
    let mut file = fs::File::open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = file.metadata().map_err(failed)?;
        let mode = metadata.permissions().mode() & 0o777;
        if metadata.is_file() && mode & 0o077 != 0 {
            let path = path.to_owned();
            return Err(FileError::Mode { path, mode });
        }
    }
    // No secret here is longer than its buffer, so no copy is left behind where one grew.
    let mut content = Zeroizing::new(Vec::with_capacity(16_384));
    file.read_to_end(&mut content).map_err(failed)?;
    Ok(content)
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
    fn a_file_that_cannot_be_replaced_is_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        create(&path, b"one", Readers::Owner).unwrap();
        // In the way of the new one, as an interrupted attempt might leave it.
        let beside = folder.path().join("list.new");
        fs::create_dir(&beside).unwrap();
        assert!(matches!(
            replace(&path, b"two", Readers::Owner),
            Err(FileError::System { .. })
        ));
        assert_eq!(read(&path).unwrap(), b"one");
        fs::remove_dir(&beside).unwrap();
        fs::write(&beside, b"half").unwrap();
        replace(&path, b"two", Readers::Owner).unwrap();
        assert_eq!(read(&path).unwrap(), b"two");
        assert!(!beside.exists());
    }

    #[test]
    #[cfg(unix)]
    fn a_secret_that_others_may_read_is_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        create(&path, b"one", Readers::Owner).unwrap();
        assert_eq!(*read_secret(&path).unwrap(), b"one");
        for mode in [0o640, 0o604, 0o644, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = read_secret(&path).unwrap_err();
            assert!(matches!(error, FileError::Mode { .. }), "{error}");
            assert!(error.to_string().contains(&format!("{mode:o}")));
        }
    }

    #[test]
    fn a_letter_that_is_not_on_disk_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |i: u32| folder.path().join(format!("{i}.txt"));
        let mut paths: Vec<_> = (0..40).map(path).collect();
        for path in &paths {
            create_quickly(path, b"code").unwrap();
        }
        sync_created(folder.path(), &paths).unwrap();
        paths.push(path(40));
        let error = sync_created(folder.path(), &paths).unwrap_err();
        assert!(error.to_string().contains("40.txt"), "{error}");
        assert!(!path(40).exists());
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("no/such/file")).unwrap_err();
        assert_eq!(error.to_string(), "no/such/file is not there");
    }
}
