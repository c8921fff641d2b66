//! The record's files: checkpoint, entry bundles and hash tiles.
//!
//! Spec: docs/spec/board.md, "Record" (C2SP tlog-tiles).

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use protocol::merkle::{leaf_hash, node_hash};
use protocol::transcript::Digest;

/// Hashes or entries of a full tile.
const WIDTH: usize = 256;
const CHECKPOINT: &str = "checkpoint";

/// Why record files cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file system.
    #[error(
        "{path:?} cannot be written: {source}; see that there is room and that the folder is yours, then try again"
    )]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of a stored board is missing or damaged.
    #[error(
        "{path:?} of the stored board cannot be read: {source}; move the folder {folder:?} away to fetch the board anew, and keep it to compare"
    )]
    Unreadable {
        /// Which folder.
        folder: PathBuf,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What is stored is not a board.
    #[error(
        "the board stored in {folder:?} is not valid: {what}; move that folder away to fetch the board anew"
    )]
    Invalid {
        /// Which folder.
        folder: PathBuf,
        /// What is wrong.
        what: String,
    },
}

/// A tile's path: `x001/x234/067` style index, `.p/<width>` where it is partial.
pub(crate) fn tile_path(level: &str, index: u64, width: usize) -> String {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    groups.reverse();
    let partial = if width == WIDTH {
        String::new()
    } else {
        format!(".p/{width}")
    };
    format!("tile/{level}/{}{partial}", groups.join("/"))
}

/// Entries as a bundle: each after its length in two bytes.
fn bundle(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.iter().map(|entry| entry.len() + 2).sum());
    for entry in entries {
        // No entry of a board is longer than 65,535 bytes.
        out.extend_from_slice(&u16::try_from(entry.len()).unwrap_or(u16::MAX).to_be_bytes());
        out.extend_from_slice(entry);
    }
    out
}

/// Takes a bundle apart again.
pub(crate) fn unbundle(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        entries.push(entry.to_vec());
        bytes = rest;
    }
    bytes.is_empty().then_some(entries)
}

/// All files of the record of these entries, by path, in no particular order; the checkpoint last.
pub fn record_files<'a>(
    entries: &'a [Vec<u8>],
    checkpoint: &'a str,
) -> impl Iterator<Item = (String, Vec<u8>)> + 'a {
    let bundles = (0u64..)
        .zip(entries.chunks(WIDTH))
        .map(|(i, chunk)| (tile_path("entries", i, chunk.len()), bundle(chunk)));
    let mut level: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let mut tiles = Vec::new();
    for height in 0.. {
        if level.is_empty() {
            break;
        }
        let name = height.to_string();
        for (i, hashes) in (0u64..).zip(level.chunks(WIDTH)) {
            tiles.push((
                tile_path(&name, i, hashes.len()),
                hashes.iter().flat_map(|hash| hash.0).collect(),
            ));
        }
        level = level
            .chunks_exact(WIDTH)
            .filter_map(|hashes| subtree(hashes.to_vec()))
            .collect();
    }
    bundles
        .chain(tiles)
        .chain([(CHECKPOINT.to_owned(), checkpoint.as_bytes().to_vec())])
}

/// Root of a complete subtree.
fn subtree(mut hashes: Vec<Digest>) -> Option<Digest> {
    while hashes.len() > 1 {
        let (pairs, _) = hashes.as_chunks::<2>();
        hashes = pairs
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    hashes.pop()
}

/// Entries and the checkpoint's note.
type StoredRecord = (Vec<Vec<u8>>, String);

fn failed(path: &Path) -> impl Fn(io::Error) -> RecordError {
    move |source| RecordError::File {
        path: path.to_owned(),
        source,
    }
}

pub(crate) fn write_record(
    folder: &Path,
    entries: &[Vec<u8>],
    checkpoint: &str,
) -> Result<(), RecordError> {
    let (mut record, mut folders) = (BTreeSet::new(), BTreeSet::<PathBuf>::new());
    for (name, content) in record_files(entries, checkpoint) {
        let path = folder.join(&name);
        if name == CHECKPOINT {
            // Whatever the checkpoint names is on disk before the checkpoint is.
            folders.iter().try_for_each(|folder| sync_folder(folder))?;
        }
        let above = path.ancestors().skip(1);
        folders.extend(
            above
                .take_while(|above| above.starts_with(folder))
                .map(Path::to_owned),
        );
        // Tiles never change; an equal file is left alone.
        if !fs::read(&path).is_ok_and(|old| old == content) {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent).map_err(failed(parent))?;
            }
            replace_file(&path, &content).map_err(failed(&path))?;
        }
        record.insert(path);
    }
    sync_folder(folder)?;
    // Only now nobody needs the partial tiles that others complete or continue.
    remove_leftovers(&folder.join("tile"), &record)
}

/// Writes a file so that there is the old one or the new one at any time.
pub(crate) fn replace_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = fs::File::create(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

/// Waits until the names in a folder are on disk.
fn sync_folder(folder: &Path) -> Result<(), RecordError> {
    // Elsewhere a folder cannot be opened as a file.
    if cfg!(unix) {
        let file = fs::File::open(folder).map_err(failed(folder))?;
        file.sync_all().map_err(failed(folder))?;
    }
    Ok(())
}

/// Removes shorter partial tiles, and what an interrupted save has left; nothing that is not named
/// like one of those.
fn remove_leftovers(folder: &Path, record: &BTreeSet<PathBuf>) -> Result<(), RecordError> {
    if !folder.is_dir() {
        return Ok(());
    }
    let is_partial = folder.extension().is_some_and(|extension| extension == "p");
    for item in fs::read_dir(folder).map_err(failed(folder))? {
        let path = item.map_err(failed(folder))?.path();
        let is_new = path.extension().is_some_and(|extension| extension == "new");
        if path.is_dir() {
            remove_leftovers(&path, record)?;
        } else if (is_partial || is_new) && !record.contains(&path) {
            fs::remove_file(&path).map_err(failed(&path))?;
        }
    }
    if is_partial
        && fs::read_dir(folder)
            .map_err(failed(folder))?
            .next()
            .is_none()
    {
        fs::remove_dir(folder).map_err(failed(folder))?;
    }
    Ok(())
}

/// Entries and checkpoint of a stored record, or `None` where there is none.
pub(crate) fn read_record(folder: &Path) -> Result<Option<StoredRecord>, RecordError> {
    let unreadable = |path: &Path, source| RecordError::Unreadable {
        folder: folder.to_owned(),
        path: path.to_owned(),
        source,
    };
    let path = folder.join(CHECKPOINT);
    let checkpoint = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|source| unreadable(&path, source))?,
    };
    let invalid = |what: &str| RecordError::Invalid {
        folder: folder.to_owned(),
        what: what.to_owned(),
    };
    let size = checkpoint
        .lines()
        .nth(1)
        .and_then(|line| line.parse::<u64>().ok());
    let size = size.ok_or_else(|| invalid("its checkpoint has no size"))?;
    let mut entries = Vec::new();
    for (index, width) in bundles(size) {
        let path = folder.join(tile_path("entries", index, width));
        let bytes = fs::read(&path).map_err(|source| unreadable(&path, source))?;
        let chunk = unbundle(&bytes).filter(|chunk| chunk.len() == width);
        entries.extend(chunk.ok_or_else(|| invalid("an entry bundle is damaged"))?);
    }
    Ok(Some((entries, checkpoint)))
}

/// Index and width of each entry bundle of a log of this size.
pub(crate) fn bundles(size: u64) -> impl Iterator<Item = (u64, usize)> {
    let full = size / WIDTH as u64;
    // The remainder is below 256.
    let partial = usize::try_from(size % WIDTH as u64).unwrap_or(0);
    (0..full)
        .map(|index| (index, WIDTH))
        .chain((partial > 0).then_some((full, partial)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_tiles_specification() {
        assert_eq!(tile_path("0", 0, 256), "tile/0/000");
        assert_eq!(
            tile_path("entries", 1_234_067, 256),
            "tile/entries/x001/x234/067"
        );
        assert_eq!(tile_path("3", 273, 112), "tile/3/273.p/112");
    }

    #[test]
    fn bundles_read_back_and_damaged_ones_do_not() {
        let entries = vec![b"a".to_vec(), Vec::new(), vec![7; 65_535]];
        let bytes = bundle(&entries);
        assert_eq!(unbundle(&bytes), Some(entries));
        assert_eq!(unbundle(&bytes[..bytes.len() - 1]), None);
        assert_eq!(unbundle(&[bytes.as_slice(), &[0]].concat()), None);
    }

    fn files_under(folder: &Path) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![folder.to_owned()]);
        while let Some(next) = folders.pop() {
            for item in fs::read_dir(next).unwrap() {
                let path = item.unwrap().path();
                if path.is_dir() {
                    folders.push(path)
                } else {
                    found.push(path)
                }
            }
        }
        found.sort();
        found
    }

    fn expected_files(folder: &Path, entries: &[Vec<u8>]) -> Vec<PathBuf> {
        let names = record_files(entries, "").map(|(name, _)| folder.join(name));
        let mut expected: Vec<_> = names.collect();
        expected.sort();
        expected
    }

    #[test]
    fn an_interrupted_save_leaves_the_board_of_its_checkpoint() {
        let entry = |i: u32| i.to_be_bytes().to_vec();
        for (before, after) in [(5, 6), (5, 300), (256, 257), (300, 600)] {
            let folder = tempfile::tempdir().unwrap();
            let entries: Vec<_> = (0..after).map(entry).collect();
            let old = &entries[..before];
            write_record(folder.path(), old, &format!("o\n{before}\nr\n")).unwrap();
            // Where the checkpoint's file should be made stands a folder: all tiles are written,
            // the checkpoint is not.
            let obstacle = folder.path().join("checkpoint.new");
            fs::create_dir(&obstacle).unwrap();
            let note = format!("o\n{after}\nr\n");
            assert!(write_record(folder.path(), &entries, &note).is_err());
            assert_eq!(read_record(folder.path()).unwrap().unwrap().0, old);
            // The next save ends it, and removes what was left.
            fs::remove_dir(&obstacle).unwrap();
            fs::write(folder.path().join("tile/0/000.new"), "half").unwrap();
            write_record(folder.path(), &entries, &note).unwrap();
            assert_eq!(read_record(folder.path()).unwrap().unwrap().0, entries);
            let expected = expected_files(folder.path(), &entries);
            assert_eq!(files_under(folder.path()), expected);
        }
    }

    #[test]
    fn a_missing_tile_is_told_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let entries = vec![vec![1], vec![2]];
        write_record(folder.path(), &entries, "o\n2\nr\n").unwrap();
        fs::remove_file(folder.path().join("tile/entries/000.p/2")).unwrap();
        let told = read_record(folder.path()).unwrap_err().to_string();
        assert!(told.contains("to fetch the board anew"), "{told}");
    }

    #[test]
    fn a_growing_record_leaves_no_stale_tiles() {
        let folder = tempfile::tempdir().unwrap();
        let entry = |i: u32| i.to_be_bytes().to_vec();
        for size in [1, 5, 255, 256, 257, 600] {
            let entries: Vec<_> = (0..size).map(entry).collect();
            write_record(folder.path(), &entries, &format!("o\n{size}\nr\n")).unwrap();
            let expected = expected_files(folder.path(), &entries);
            assert_eq!(files_under(folder.path()), expected, "{size}");
            assert_eq!(read_record(folder.path()).unwrap().unwrap().0, entries);
        }
    }
}
