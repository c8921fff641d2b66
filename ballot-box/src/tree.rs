//! The hash tree of a log: what of it is kept in memory, and the tiles and inclusion proofs made
//! from that.
//!
//! Kept are the roots of full tiles, the tree over them and the last few tiles: a quarter of a byte
//! for each entry. The leaf hashes of all other tiles are read from the disk when they are asked for.
//!
//! Spec: docs/spec/board.md, "Log" (RFC 6962, C2SP tlog-tiles).

use std::collections::{BTreeMap, VecDeque};

use protocol::merkle::{empty_root, node_hash};
use protocol::transcript::Digest;

use crate::tiles::{TILE_WIDTH, TilePath};

/// The height of a tile: it has 2^8 leaves.
const HEIGHT: u32 = TILE_WIDTH.ilog2();

/// Full tiles of leaf hashes that are kept, so that what was just appended has its proof at once.
const RECENT: usize = 8;

/// The hash tree of a log. It only grows.
#[derive(Debug, Default)]
pub struct Tree {
    /// Over the roots of full tiles.
    upper: Nodes,
    /// The leaves of the last full tiles.
    recent: VecDeque<Vec<Digest>>,
    /// The tile that is not full yet.
    last: Nodes,
}

/// Where the hashes of a tile are.
#[derive(Debug, PartialEq, Eq)]
pub enum Hashes {
    /// Here.
    Kept(Vec<u8>),
    /// On the disk: they are the leaf hashes of the entries of this range.
    Stored,
}

/// Leaf hashes of full tiles that were read from the disk, by the number of the tile.
pub type Tiles = BTreeMap<u64, Vec<Digest>>;

/// What is missing for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lack {
    /// The log is not in memory.
    #[error("the log is not in memory")]
    Log,
    /// The log is shorter than what is asked about.
    #[error("the log has not so many entries")]
    Entries,
    /// The leaves of this full tile have to be read from the disk.
    #[error("the leaves of tile {0} are not in memory")]
    Tile(u64),
    /// What was read from the disk is no full tile.
    #[error("the stored leaves of tile {0} are not all there")]
    Damaged(u64),
}

impl Tree {
    /// Appends the hash of a leaf.
    pub fn append(&mut self, leaf: Digest) {
        self.last.append(leaf);
        if self.last.count() < TILE_WIDTH {
            return;
        }
        let full = std::mem::take(&mut self.last);
        if let Some(root) = full.node(HEIGHT, 0) {
            self.upper.append(root);
        }
        self.recent.push_back(full.into_leaves());
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.upper.count() * TILE_WIDTH + self.last.count()
    }

    /// The root.
    pub fn root(&self) -> Digest {
        // The last tile and the roots of the others are always here.
        self.root_of(self.size(), &Tiles::new())
            .unwrap_or_else(|_| empty_root())
    }

    /// The root of the first `size` leaves. `tiles` are those that were read from the disk, as in
    /// all functions here; at most two are needed.
    ///
    /// # Errors
    /// [`Lack::Entries`] if there are fewer leaves, [`Lack::Tile`] if that tile is needed, too.
    pub fn root_of(&self, size: u64, tiles: &Tiles) -> Result<Digest, Lack> {
        match size {
            0 => Ok(empty_root()),
            _ if size > self.size() => Err(Lack::Entries),
            _ => self.range(0, size, tiles),
        }
    }

    /// The inclusion proof of leaf `index` among the first `size` leaves: PATH of RFC 6962,
    /// section 2.1.1.
    ///
    /// # Errors
    /// [`Lack::Entries`] if there are fewer leaves or `index` is not below `size`, [`Lack::Tile`] if
    /// that tile is needed, too.
    pub fn inclusion(&self, index: u64, size: u64, tiles: &Tiles) -> Result<Vec<Digest>, Lack> {
        if index >= size || size > self.size() {
            return Err(Lack::Entries);
        }
        let (mut start, mut end) = (0, size);
        let mut proof = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                proof.push(self.range(middle, end, tiles)?);
                end = middle;
            } else {
                proof.push(self.range(start, middle, tiles)?);
                start = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// The consistency proof from the first `old` to the first `size` leaves: PROOF of RFC 6962,
    /// section 2.1.2.
    ///
    /// # Errors
    /// [`Lack::Entries`] if there are fewer leaves or `old` is above `size`, [`Lack::Tile`] if that
    /// tile is needed, too.
    pub fn consistency(&self, old: u64, size: u64, tiles: &Tiles) -> Result<Vec<Digest>, Lack> {
        if old > size || size > self.size() {
            return Err(Lack::Entries);
        }
        let mut proof = Vec::new();
        let (mut start, mut end) = (0, size);
        while start < old && old < end {
            let middle = start + split(end - start);
            if old <= middle {
                proof.push(self.range(middle, end, tiles)?);
                end = middle;
            } else {
                proof.push(self.range(start, middle, tiles)?);
                start = middle;
            }
        }
        // The old root itself is left out, which whoever checks the proof has.
        if start > 0 {
            proof.push(self.range(start, end, tiles)?);
        }
        proof.reverse();
        Ok(proof)
    }

    /// The hash over leaves `start` to `end` − 1, which are there, where `start` is a multiple of the
    /// largest power of two not above `end` − `start`.
    fn range(&self, start: u64, end: u64, tiles: &Tiles) -> Result<Digest, Lack> {
        let count = end - start;
        if !count.is_power_of_two() {
            let middle = start + split(count);
            let left = self.range(start, middle, tiles)?;
            return Ok(node_hash(&left, &self.range(middle, end, tiles)?));
        }
        let level = count.trailing_zeros();
        if let Some(level) = level.checked_sub(HEIGHT) {
            return self.upper.node(level, start / count).ok_or(Lack::Entries);
        }
        let (tile, place) = (start / TILE_WIDTH, start % TILE_WIDTH / count);
        if tile == self.upper.count() {
            return self.last.node(level, place).ok_or(Lack::Entries);
        }
        let stored = || tiles.get(&tile).map(Vec::as_slice);
        let leaves = self.recent(tile).or_else(stored).ok_or(Lack::Tile(tile))?;
        if leaves.len() as u64 != TILE_WIDTH {
            return Err(Lack::Damaged(tile));
        }
        Nodes::of(leaves).node(level, place).ok_or(Lack::Entries)
    }

    /// The hashes of a tile, or `None` if the log does not have them yet.
    pub fn tile(&self, path: &TilePath) -> Option<Hashes> {
        let level = path.level?;
        let width = usize::try_from(path.width).ok()?;
        let kept = match level.checked_sub(1) {
            None if path.index == self.upper.count() => self.last.leaves().get(..width)?,
            None if path.index < self.upper.count() => match self.recent(path.index) {
                Some(leaves) => leaves.get(..width)?,
                None => return Some(Hashes::Stored),
            },
            None => return None,
            Some(level) => {
                let start: usize = path.start().try_into().ok()?;
                let height = usize::from(level.checked_mul(8)?);
                self.upper.levels.get(height)?.get(start..start + width)?
            }
        };
        Some(Hashes::Kept(join(kept)))
    }

    /// The leaves of a full tile, if it is one of the last.
    fn recent(&self, tile: u64) -> Option<&[Digest]> {
        let n_before = self.upper.count() - self.recent.len() as u64;
        let place = usize::try_from(tile.checked_sub(n_before)?).ok()?;
        self.recent.get(place).map(Vec::as_slice)
    }
}

/// Hashes as a tile has them.
pub fn join(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// All complete subtrees over some hashes.
#[derive(Debug)]
struct Nodes {
    /// `levels[k][i]` is the hash of the complete subtree over hashes i·2^k to (i + 1)·2^k − 1. The
    /// first is always there.
    levels: Vec<Vec<Digest>>,
}

impl Default for Nodes {
    fn default() -> Self {
        Self {
            levels: vec![Vec::new()],
        }
    }
}

impl Nodes {
    fn of(hashes: &[Digest]) -> Self {
        let mut nodes = Self::default();
        hashes.iter().for_each(|hash| nodes.append(*hash));
        nodes
    }

    fn append(&mut self, hash: Digest) {
        let mut node = hash;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let Some(nodes) = self.levels.get_mut(level) else {
                return;
            };
            nodes.push(node);
            match nodes.as_slice() {
                [.., left, right] if nodes.len() % 2 == 0 => node = node_hash(left, right),
                _ => return,
            }
        }
    }

    fn leaves(&self) -> &[Digest] {
        self.levels.first().map_or(&[], Vec::as_slice)
    }

    fn into_leaves(self) -> Vec<Digest> {
        self.levels.into_iter().next().unwrap_or_default()
    }

    fn count(&self) -> u64 {
        self.leaves().len() as u64
    }

    /// The root of the complete subtree of this level and number.
    fn node(&self, level: u32, number: u64) -> Option<Digest> {
        let nodes = self.levels.get(usize::try_from(level).ok()?)?;
        nodes.get(usize::try_from(number).ok()?).copied()
    }
}

/// The largest power of two smaller than `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::merkle::{Frontier, leaf_hash, verify_consistency, verify_inclusion};

    fn leaves(size: u64) -> Vec<Digest> {
        (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    fn tree(leaves: &[Digest]) -> Tree {
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.append(*leaf));
        tree
    }

    /// Answers like a disk with these leaves, and counts how many tiles were read.
    fn read<T>(
        leaves: &[Digest],
        ask: impl Fn(&Tiles) -> Result<T, Lack>,
    ) -> (Result<T, Lack>, usize) {
        let mut tiles = Tiles::new();
        loop {
            match ask(&tiles) {
                Err(Lack::Tile(tile)) => {
                    let start = usize::try_from(tile * TILE_WIDTH).unwrap();
                    let again = tiles.insert(tile, leaves[start..start + 256].to_vec());
                    assert!(again.is_none());
                }
                answer => return (answer, tiles.len()),
            }
        }
    }

    /// Sizes and places worth a look: all small ones, and those where tiles end.
    fn looked_at(index: u64) -> bool {
        index < 20 || (index + 2) % 256 < 5 || index.is_multiple_of(97)
    }

    #[test]
    fn every_proof_of_every_size_holds() {
        let leaves = leaves(3_000);
        let tree = tree(&leaves);
        let mut frontier = Frontier::default();
        assert_eq!(tree.root_of(0, &Tiles::new()), Ok(frontier.root()));
        let mut roots = vec![frontier.root()];
        for (size, leaf) in (1..).zip(&leaves) {
            frontier.append(*leaf);
            let root = frontier.root();
            roots.push(root);
            if !looked_at(size) {
                continue;
            }
            let (found, n_read) = read(&leaves, |tiles| tree.root_of(size, tiles));
            assert_eq!(found, Ok(root));
            assert!(n_read <= 1);
            for index in (0..size).filter(|index| looked_at(*index)) {
                let ask = |tiles: &Tiles| tree.inclusion(index, size, tiles);
                let (proof, n_read) = read(&leaves, ask);
                let leaf = &leaves[usize::try_from(index).unwrap()];
                verify_inclusion(leaf, index, size, &proof.unwrap(), &root).unwrap();
                assert!(n_read <= 2);
                if index > 0 {
                    let ask = |tiles: &Tiles| tree.consistency(index, size, tiles);
                    let (proof, n_read) = read(&leaves, ask);
                    let before = &roots[usize::try_from(index).unwrap()];
                    verify_consistency(index, before, size, &root, &proof.unwrap()).unwrap();
                    assert!(n_read <= 2);
                }
            }
        }
        assert_eq!(tree.size(), 3_000);
        assert_eq!(tree.root(), frontier.root());
    }

    #[test]
    fn what_is_not_there_is_told_from_what_is_on_the_disk() {
        let leaves = leaves(3_000);
        let tree = tree(&leaves);
        let none = Tiles::new();
        assert_eq!(tree.root_of(3_001, &none), Err(Lack::Entries));
        assert_eq!(tree.inclusion(3_000, 3_000, &none), Err(Lack::Entries));
        assert_eq!(tree.inclusion(7, 7, &none), Err(Lack::Entries));
        assert_eq!(tree.inclusion(0, 3_001, &none), Err(Lack::Entries));
        assert_eq!(tree.consistency(3_001, 3_001, &none), Err(Lack::Entries));
        assert_eq!(tree.consistency(8, 7, &none), Err(Lack::Entries));
        assert_eq!(tree.consistency(0, 3_000, &none), Ok(Vec::new()));
        // The last tiles are kept, those before are not; their roots are.
        assert!(tree.inclusion(768, 3_000, &none).is_ok());
        assert_eq!(tree.inclusion(767, 3_000, &none), Err(Lack::Tile(2)));
        assert_eq!(tree.root_of(300, &none), Err(Lack::Tile(1)));
        assert!(tree.root_of(512, &none).is_ok());
        assert!(tree.consistency(512, 3_000, &none).is_ok());
        let short = Tiles::from([(2, leaves[..7].to_vec())]);
        assert_eq!(tree.inclusion(767, 3_000, &short), Err(Lack::Damaged(2)));
    }

    #[test]
    fn tiles_hold_the_roots_of_the_tiles_below() {
        let leaves = leaves(2_648);
        let tree = tree(&leaves);
        let tile = |path: &str| tree.tile(&TilePath::parse(path.split('/')).unwrap());
        let kept = |hashes: &[Digest]| Some(Hashes::Kept(join(hashes)));
        assert_eq!(tile("0/000"), Some(Hashes::Stored));
        assert_eq!(tile("0/001.p/7"), Some(Hashes::Stored));
        assert_eq!(tile("0/002"), kept(&leaves[512..768]));
        assert_eq!(tile("0/009.p/9"), kept(&leaves[2_304..2_313]));
        assert_eq!(tile("0/010.p/88"), kept(&leaves[2_560..]));
        assert_eq!(tile("0/010.p/89"), None);
        assert_eq!(tile("0/010"), None);
        assert_eq!(tile("0/011.p/1"), None);
        let roots: Vec<_> = leaves
            .chunks_exact(256)
            .map(|chunk| {
                let mut frontier = Frontier::default();
                chunk.iter().for_each(|leaf| frontier.append(*leaf));
                frontier.root()
            })
            .collect();
        assert_eq!(tile("1/000.p/10"), kept(&roots));
        assert_eq!(tile("1/000.p/2"), kept(&roots[..2]));
        assert_eq!(tile("1/000.p/11"), None);
        assert_eq!(tile("2/000.p/1"), None);
        assert_eq!(tile("63/000.p/1"), None);
    }
}
