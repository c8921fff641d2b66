//! The record's files: checkpoint, entry bundles and hash tiles.
//!
//! Spec: docs/spec/board.md, "Record" (C2SP tlog-tiles).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use protocol::merkle::{leaf_hash, node_hash};
use protocol::transcript::Digest;

/// Hashes or entries of a full tile.
const WIDTH: usize = 256;

/// Why record files cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The file system.
    #[error("{path:?} cannot be read or written: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
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
        .chain([("checkpoint".to_owned(), checkpoint.as_bytes().to_vec())])
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

fn failed(path: &Path) -> impl Fn(std::io::Error) -> RecordError {
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
    for (name, content) in record_files(entries, checkpoint) {
        let path = folder.join(&name);
        // Tiles never change; an equal file is left alone.
        if fs::read(&path).is_ok_and(|old| old == content) {
            continue;
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed(parent))?;
        }
        let new = path.with_extension("new");
        let mut file = fs::File::create(&new).map_err(failed(&new))?;
        file.write_all(&content)
            .and_then(|()| file.sync_all())
            .map_err(failed(&new))?;
        fs::rename(&new, &path).map_err(failed(&path))?;
        // The partial tiles that this one completes or continues.
        remove_shorter(&path, &name).map_err(failed(&path))?;
    }
    Ok(())
}

/// Removes partial tiles of the same index that are shorter than the one at `path`.
fn remove_shorter(path: &Path, name: &str) -> std::io::Result<()> {
    let (folder, keep) = match path.parent() {
        Some(parent) if parent.extension().is_some_and(|extension| extension == "p") => {
            (parent.to_owned(), path.file_name())
        }
        _ if name == "checkpoint" => return Ok(()),
        _ => (path.with_extension("p"), None),
    };
    if !folder.is_dir() {
        return Ok(());
    }
    for item in fs::read_dir(&folder)? {
        let item = item?;
        if Some(item.file_name().as_os_str()) != keep {
            fs::remove_file(item.path())?;
        }
    }
    if keep.is_none() {
        fs::remove_dir(&folder)?;
    }
    Ok(())
}

/// Entries and checkpoint of a stored record, or `None` where there is none.
pub(crate) fn read_record(folder: &Path) -> Result<Option<StoredRecord>, RecordError> {
    let path = folder.join("checkpoint");
    if !path.exists() {
        return Ok(None);
    }
    let checkpoint = fs::read_to_string(&path).map_err(failed(&path))?;
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
        let bytes = fs::read(&path).map_err(failed(&path))?;
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

    #[test]
    fn a_growing_record_leaves_no_stale_tiles() {
        let folder = tempfile::tempdir().unwrap();
        let entry = |i: u32| i.to_be_bytes().to_vec();
        for size in [1, 5, 255, 256, 257, 600] {
            let entries: Vec<_> = (0..size).map(entry).collect();
            write_record(folder.path(), &entries, &format!("o\n{size}\nr\n")).unwrap();
            let mut expected: Vec<_> = record_files(&entries, "")
                .map(|(name, _)| folder.path().join(name))
                .collect();
            let mut found = Vec::new();
            let mut folders = vec![folder.path().to_owned()];
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
            expected.sort();
            found.sort();
            assert_eq!(found, expected, "{size}");
            assert_eq!(read_record(folder.path()).unwrap().unwrap().0, entries);
        }
    }
}
