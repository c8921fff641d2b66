//! The published record: where it goes, and whether it keeps what receipts promised.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use board_client::{Board, RecordError};
use protocol::merkle::leaf_hash;

use crate::voters::Receipted;

/// Where the record goes unless it is said.
pub const USUAL_FOLDER: &str = "psephos-demo-record";

/// Why the record cannot be put there, or is not as promised.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// Somebody else's.
    #[error(
        "{} exists and is not a record of an earlier run, so it is not replaced; \
         choose another place with --record",
        path.display()
    )]
    Foreign {
        /// The path.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("{} cannot be used for the record: {source}", path.display())]
    System {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not a record.
    #[error("the published record cannot be read: {0}")]
    Record(#[from] RecordError),
    /// A receipt was not kept.
    #[error(
        "the receipt for entry {index} was not kept: the published record has another entry there"
    )]
    BrokenPromise {
        /// The index of the receipt.
        index: u64,
    },
}

fn system(path: &Path) -> impl Fn(io::Error) -> FolderError {
    move |source| FolderError::System {
        path: path.to_owned(),
        source,
    }
}

/// Makes sure that a record can be written to this path: nothing is there, or an empty folder, or a
/// record, which is a folder of exactly `checkpoint` and `tile`.
///
/// # Errors
/// [`FolderError::Foreign`] if there is anything else.
pub fn expect_replaceable(path: &Path) -> Result<(), FolderError> {
    let foreign = || FolderError::Foreign {
        path: path.to_owned(),
    };
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.map_err(system(path))?,
    };
    if !metadata.is_dir() {
        return Err(foreign());
    }
    let mut names = Vec::new();
    for file in fs::read_dir(path).map_err(system(path))? {
        names.push(file.map_err(system(path))?.file_name());
    }
    names.sort();
    if names.is_empty() || names == ["checkpoint", "tile"] {
        Ok(())
    } else {
        Err(foreign())
    }
}

/// Takes away the record of an earlier run.
///
/// # Errors
/// [`FolderError`], as [`expect_replaceable`].
pub fn make_room(path: &Path) -> Result<(), FolderError> {
    expect_replaceable(path)?;
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome.map_err(system(path)),
    }
}

/// Checks that the record has every receipted entry where the receipt says.
///
/// # Errors
/// [`FolderError::BrokenPromise`] naming the first that it has not.
pub fn expect_kept(record: &Path, receipts: &[Receipted]) -> Result<(), FolderError> {
    let board = Board::load(record)?;
    for &Receipted { index, leaf } in receipts {
        let position = usize::try_from(index).ok();
        let entry = position.and_then(|position| board.entries().get(position));
        if entry.map(|entry| leaf_hash(entry)) != Some(leaf) {
            return Err(FolderError::BrokenPromise { index });
        }
    }
    Ok(())
}

/// The bytes of all files of a record.
///
/// # Errors
/// [`FolderError::System`].
pub fn size(path: &Path) -> Result<u64, FolderError> {
    let mut bytes = 0;
    for file in fs::read_dir(path).map_err(system(path))? {
        let file = file.map_err(system(path))?;
        let metadata = file.metadata().map_err(system(path))?;
        bytes += if metadata.is_dir() {
            size(&file.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("record");
        make_room(&path).unwrap();
        fs::create_dir_all(path.join("tile/entries")).unwrap();
        fs::write(path.join("checkpoint"), "note").unwrap();
        fs::write(path.join("tile/entries/000"), "entry").unwrap();
        assert_eq!(size(&path).unwrap(), 9);
        fs::write(path.join("thesis.tex"), "mine").unwrap();
        assert!(matches!(make_room(&path), Err(FolderError::Foreign { .. })));
        assert!(path.join("thesis.tex").is_file());
        fs::remove_file(path.join("thesis.tex")).unwrap();
        make_room(&path).unwrap();
        assert!(!path.exists());
        fs::write(&path, "a file").unwrap();
        assert!(matches!(make_room(&path), Err(FolderError::Foreign { .. })));
    }
}
