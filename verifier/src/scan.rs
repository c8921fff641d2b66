//! The first reading of the entries: hashes, tiles and the fold, bundle after bundle.

use crate::{
    checks::tiles,
    fold::{Fold, is_voters},
    log::{Hash, TILE_WIDTH, TileLevels, Tree, leaf_hash, root_of},
    prepare::{Preparation, Prepared},
    progress::Progress,
    record::{Record, layout::Tile},
    report::{CheckId, Findings},
    workers,
};
use thiserror::Error;

/// Bundles are read until they have this many bytes together, then prepared on all processors.
const CHUNK_BYTES: usize = 4 << 20;

/// A bundle that does not hold its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The bytes end within an entry.
    #[error("the bundle ends within entry {0} of it")]
    Truncated(usize),
    /// There are more bytes than entries.
    #[error("the bundle holds more than its entries")]
    Leftover,
}

/// A bundle that was read.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Which.
    pub tile: Tile,
    /// The root of its leaves.
    pub root: Hash,
    /// Whether an entry of a voter is in it.
    pub has_voters: bool,
}

/// What the first reading gives.
#[derive(Debug, Default)]
pub struct Scan {
    /// The bundles, for a second reading.
    pub bundles: Vec<Bundle>,
}

/// Cuts a bundle into at most `width` entries: each has a length of two bytes before it.
pub fn split(bytes: &[u8], width: u64) -> (Vec<&[u8]>, Result<(), BundleError>) {
    let mut entries = Vec::new();
    let mut rest = bytes;
    for number in 0..width as usize {
        let entry = rest.split_first_chunk::<2>().and_then(|(length, tail)| {
            tail.split_at_checked(usize::from(u16::from_be_bytes(*length)))
        });
        let Some((entry, tail)) = entry else {
            return (entries, Err(BundleError::Truncated(number)));
        };
        entries.push(entry);
        rest = tail;
    }
    let complete = if rest.is_empty() {
        Ok(())
    } else {
        Err(BundleError::Leftover)
    };
    (entries, complete)
}

/// Reads the log of a record once.
pub struct FirstReading<'r, 'm> {
    record: &'r dyn Record,
    progress: &'r dyn Progress,
    /// With the manifest, entries are decoded and folded; without, only hashed.
    election: Option<(&'r Preparation<'m>, &'r mut Fold<'m>)>,
    findings: &'r mut Findings,
    /// The log so far; none once an entry is missing.
    tree: Option<Tree>,
    levels: TileLevels,
    scan: Scan,
}

impl<'r, 'm> FirstReading<'r, 'm> {
    /// Reads all bundles that are there and belong to a log of `size` entries, and compares root
    /// and tiles.
    pub fn run(
        record: &'r dyn Record,
        progress: &'r dyn Progress,
        election: Option<(&'r Preparation<'m>, &'r mut Fold<'m>)>,
        (size, root): (u64, &Hash),
        findings: &'r mut Findings,
    ) -> Scan {
        let mut tiles: Vec<Tile> = record
            .files()
            .keys()
            .filter_map(|path| Tile::of_path(path))
            .filter(|tile| tile.level.is_none() && tile.belongs_to(size))
            .collect();
        tiles.sort_unstable();
        progress.begin("reading entries", tiles.iter().map(|tile| tile.width).sum());
        let mut reading = Self {
            record,
            progress,
            election,
            findings,
            tree: Some(Tree::default()),
            levels: TileLevels::default(),
            scan: Scan::default(),
        };
        let mut chunk = Vec::new();
        let mut n_bytes = 0;
        for tile in tiles {
            match record.read(&tile.path(), tile.bytes().1) {
                Ok(bytes) => {
                    n_bytes += bytes.len();
                    chunk.push((tile, bytes));
                }
                Err(error) => reading.fail_entries(tile, error),
            }
            if n_bytes >= CHUNK_BYTES {
                reading.read(&chunk);
                chunk.clear();
                n_bytes = 0;
            }
        }
        reading.read(&chunk);
        reading.finish(size, root)
    }

    fn fail_entries(&mut self, tile: Tile, reason: impl ToString) {
        let first = tile.index * TILE_WIDTH;
        self.findings
            .fail(CheckId::BoardEntries, Some(first), reason);
    }

    fn read(&mut self, chunk: &[(Tile, Vec<u8>)]) {
        let mut entries = Vec::new();
        let mut ends = Vec::new();
        for (tile, bytes) in chunk {
            let (bundle, complete) = split(bytes, tile.width);
            if let Err(error) = complete {
                self.fail_entries(*tile, error);
            }
            let first = tile.index * TILE_WIDTH;
            entries.extend((first..).zip(bundle));
            ends.push(entries.len());
        }
        let count = entries.len() as u64;
        self.findings.count(CheckId::BoardEntries, count);
        match &self.election {
            None => {
                let leaves = workers::map(&entries, |(_, bytes)| leaf_hash(bytes));
                let mut rest = leaves.as_slice();
                let mut start = 0;
                for ((tile, _), end) in chunk.iter().zip(ends) {
                    let (bundle, tail) = rest.split_at(end - start);
                    self.grow(*tile, bundle.iter().map(|leaf| (*leaf, None)));
                    (rest, start) = (tail, end);
                }
            }
            Some((preparation, _)) => {
                let preparation = *preparation;
                let prepared = workers::map(&entries, |(index, bytes)| {
                    preparation.prepare(*index, bytes)
                });
                let mut rest = prepared.as_slice();
                let mut start = 0;
                for ((tile, _), end) in chunk.iter().zip(ends) {
                    let (bundle, tail) = rest.split_at(end - start);
                    self.grow(*tile, bundle.iter().map(|entry| (entry.leaf, Some(entry))));
                    (rest, start) = (tail, end);
                }
            }
        }
        self.progress.advance(count);
    }

    /// Appends the entries of one bundle to the log and folds them.
    fn grow<'p>(
        &mut self,
        tile: Tile,
        entries: impl Iterator<Item = (Hash, Option<&'p Prepared<'p>>)>,
    ) {
        let mut leaves = Vec::with_capacity(TILE_WIDTH as usize);
        let mut has_voters = false;
        for (leaf, prepared) in entries {
            let index = tile.index * TILE_WIDTH + leaves.len() as u64;
            leaves.push(leaf);
            // A gap before this entry leaves the log unknown from here on.
            self.tree = self.tree.take().filter(|tree| tree.size() == index);
            if let Some(tree) = &mut self.tree {
                tree.push(leaf);
            }
            if let (Some(prepared), Some((_, fold))) = (prepared, &mut self.election) {
                fold.apply(prepared, self.tree.as_ref(), self.findings);
                has_voters |= prepared
                    .decoded
                    .as_ref()
                    .is_ok_and(|decoded| is_voters(decoded.entry.kind));
            }
        }
        tiles::check_leaves(self.record, tile, &leaves, self.findings);
        let root = root_of(&leaves);
        if leaves.len() as u64 == TILE_WIDTH {
            self.levels.push(root);
        }
        self.scan.bundles.push(Bundle {
            tile,
            root,
            has_voters,
        });
    }

    fn finish(self, size: u64, root: &Hash) -> Scan {
        let found = self.findings.counted(CheckId::BoardEntries);
        if found != size {
            let reason = format!("{found} entries were found, the checkpoint has {size}");
            self.findings.fail(CheckId::BoardEntries, None, reason);
        }
        self.findings.ran(CheckId::BoardEntries);
        match self.tree.filter(|tree| tree.size() == size) {
            Some(tree) => {
                self.findings.count(CheckId::BoardRoot, size);
                if tree.root() != *root {
                    let reason = "the recomputed root is not the checkpoint's";
                    self.findings.fail(CheckId::BoardRoot, None, reason);
                }
                tiles::check_levels(self.record, size, &self.levels, self.findings);
                self.findings.ran(CheckId::BoardRoot);
                self.findings.ran(CheckId::BoardTiles);
            }
            None => {
                for check in [CheckId::BoardRoot, CheckId::BoardTiles] {
                    let reason = "not checked: entries are missing";
                    self.findings.not_checked(check, reason);
                }
            }
        }
        self.scan
    }
}
