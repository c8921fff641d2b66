//! The hash tree of a log, and the tiles and inclusion proofs read from it.
//!
//! Spec: docs/spec/board.md, "Log" (RFC 6962, C2SP tlog-tiles).

use protocol::merkle::{empty_root, node_hash};
use protocol::transcript::Digest;

/// How many hashes or entries a full tile or bundle has: tile height 8.
pub const TILE_WIDTH: u64 = 256;

/// All complete subtrees of a log: about 64 bytes per entry. It only grows.
#[derive(Debug, Default)]
pub struct Tree {
    /// `levels[k][i]` is the hash of the complete subtree over leaves i·2^k to (i + 1)·2^k − 1.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// Appends the hash of a leaf.
    pub fn append(&mut self, leaf: Digest) {
        let mut node = leaf;
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

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// The root of the first `size` leaves, or `None` if there are fewer.
    pub fn root(&self, size: u64) -> Option<Digest> {
        match size {
            0 => Some(empty_root()),
            _ => self.range(0, size),
        }
    }

    /// The inclusion proof of leaf `index` among the first `size` leaves: PATH of RFC 6962,
    /// section 2.1.1. `None` if there are fewer leaves or `index` is not below `size`.
    pub fn inclusion(&self, index: u64, size: u64) -> Option<Vec<Digest>> {
        if index >= size || size > self.size() {
            return None;
        }
        let (mut start, mut end) = (0, size);
        let mut proof = Vec::new();
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                proof.push(self.range(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range(start, middle)?);
                start = middle;
            }
        }
        proof.reverse();
        Some(proof)
    }

    /// The consistency proof from the first `old` to the first `size` leaves: PROOF of RFC 6962,
    /// section 2.1.2. `None` if there are fewer leaves.
    pub fn consistency(&self, old: u64, size: u64) -> Option<Vec<Digest>> {
        if old > size || size > self.size() {
            return None;
        }
        let mut proof = Vec::new();
        let (mut start, mut end) = (0, size);
        while start < old && old < end {
            let middle = start + split(end - start);
            if old <= middle {
                proof.push(self.range(middle, end)?);
                end = middle;
            } else {
                proof.push(self.range(start, middle)?);
                start = middle;
            }
        }
        // The old root itself is left out, which whoever checks the proof has.
        if start > 0 {
            proof.push(self.range(start, end)?);
        }
        proof.reverse();
        Some(proof)
    }

    /// The hashes of a tile, joined, or `None` if the log does not have them yet.
    pub fn tile(&self, path: &TilePath) -> Option<Vec<u8>> {
        let level = path.level?.checked_mul(8)?;
        let start = usize::try_from(path.start()).ok()?;
        let end = usize::try_from(path.end()).ok()?;
        let hashes = self.levels.get(usize::from(level))?.get(start..end)?;
        Some(hashes.iter().flat_map(|hash| hash.0).collect())
    }

    /// The paths of all hash tiles of the log.
    pub fn tiles(&self) -> Vec<TilePath> {
        let mut paths = Vec::new();
        for (level, nodes) in (0u8..).zip(self.levels.iter().step_by(8)) {
            for (index, tile) in (0..).zip(nodes.chunks(TILE_WIDTH as usize)) {
                paths.push(TilePath {
                    level: Some(level),
                    index,
                    width: tile.len() as u64,
                });
            }
        }
        paths
    }

    /// The hash over leaves `start` to `end` − 1, where `start` is a multiple of the largest power
    /// of two not above `end` − `start`.
    fn range(&self, start: u64, end: u64) -> Option<Digest> {
        let count = end - start;
        if count.is_power_of_two() {
            let level = usize::try_from(count.trailing_zeros()).ok()?;
            let index = usize::try_from(start / count).ok()?;
            return self.levels.get(level)?.get(index).copied();
        }
        let middle = start + split(count);
        Some(node_hash(
            &self.range(start, middle)?,
            &self.range(middle, end)?,
        ))
    }
}

/// The largest power of two smaller than `count`, which is at least 2.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Which tile or entry bundle is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TilePath {
    /// The level of a hash tile; `None` for an entry bundle.
    pub level: Option<u8>,
    /// Number of the tile in its level, from 0.
    pub index: u64,
    /// 1 to 255 for a partial tile, 256 for a full one.
    pub width: u64,
}

impl TilePath {
    /// Reads the segments after `/tile/`: `<level>/<index>[.p/<width>]` with the index in groups of
    /// three digits, all but the last marked with `x`. Exactly one spelling is read.
    pub fn parse<'a>(segments: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let mut segments = segments.into_iter();
        let level = match segments.next()? {
            "entries" => None,
            level => Some(u8::try_from(decimal(level, 63)?).ok()?),
        };
        let mut index: u64 = 0;
        loop {
            let segment = segments.next()?;
            if let Some(group) = segment.strip_prefix('x') {
                index = index.checked_mul(1000)?.checked_add(three_digits(group)?)?;
                // A leading group of zeros would be a second spelling.
                if index == 0 {
                    return None;
                }
                continue;
            }
            let (group, partial) = match segment.strip_suffix(".p") {
                Some(group) => (group, true),
                None => (segment, false),
            };
            index = index.checked_mul(1000)?.checked_add(three_digits(group)?)?;
            let width = match partial {
                true => decimal(segments.next()?, TILE_WIDTH - 1).filter(|width| *width > 0)?,
                false => TILE_WIDTH,
            };
            // No log has so many entries that this fails.
            index.checked_mul(TILE_WIDTH)?.checked_add(TILE_WIDTH)?;
            return segments.next().is_none().then_some(Self {
                level,
                index,
                width,
            });
        }
    }

    /// First hash or entry, counted in its level.
    pub fn start(&self) -> u64 {
        self.index * TILE_WIDTH
    }

    /// One after the last hash or entry.
    pub fn end(&self) -> u64 {
        self.start() + self.width
    }

    /// Whether nothing can be added to it any more.
    pub fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }
}

impl std::fmt::Display for TilePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => f.write_str("tile/entries/")?,
        }
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        groups.reverse();
        f.write_str(&groups.join("/"))?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

fn three_digits(group: &str) -> Option<u64> {
    (group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| group.parse().ok())?
}

fn decimal(text: &str, most: u64) -> Option<u64> {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain
        .then(|| text.parse().ok())?
        .filter(|value| *value <= most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::merkle::{Frontier, leaf_hash, verify_consistency, verify_inclusion};

    fn tree(size: u64) -> (Tree, Vec<Digest>) {
        let leaves: Vec<_> = (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let mut tree = Tree::default();
        leaves.iter().for_each(|leaf| tree.append(*leaf));
        (tree, leaves)
    }

    #[test]
    fn every_proof_of_every_size_holds() {
        let (tree, leaves) = tree(70);
        assert_eq!(tree.size(), 70);
        let mut frontier = Frontier::default();
        assert_eq!(tree.root(0), Some(frontier.root()));
        for size in 1..=70 {
            frontier.append(leaves[usize::try_from(size - 1).unwrap()]);
            assert_eq!(tree.root(size), Some(frontier.root()));
            for index in 0..size {
                let proof = tree.inclusion(index, size).unwrap();
                let leaf = &leaves[usize::try_from(index).unwrap()];
                verify_inclusion(leaf, index, size, &proof, &frontier.root()).unwrap();
            }
            assert_eq!(tree.inclusion(size, size), None);
        }
        assert_eq!(tree.root(71), None);
        assert_eq!(tree.inclusion(0, 71), None);
    }

    #[test]
    fn every_beginning_of_every_size_is_proved() {
        let (tree, _) = tree(70);
        for size in 1..=70 {
            let root = tree.root(size).unwrap();
            for old in 1..=size {
                let proof = tree.consistency(old, size).unwrap();
                let beginning = tree.root(old).unwrap();
                verify_consistency(old, &beginning, size, &root, &proof).unwrap();
            }
            assert_eq!(tree.consistency(0, size), Some(Vec::new()));
            assert_eq!(tree.consistency(size + 1, size), None);
        }
        assert_eq!(tree.consistency(1, 71), None);
    }

    #[test]
    fn tiles_hold_the_roots_of_the_tiles_below() {
        let (tree, leaves) = tree(600);
        let tile = |path: &str| tree.tile(&TilePath::parse(path.split('/')).unwrap());
        let joined = |hashes: &[Digest]| hashes.iter().flat_map(|hash| hash.0).collect::<Vec<_>>();
        assert_eq!(tile("0/000"), Some(joined(&leaves[..256])));
        assert_eq!(tile("0/001.p/7"), Some(joined(&leaves[256..263])));
        assert_eq!(tile("0/002.p/88"), Some(joined(&leaves[512..])));
        assert_eq!(tile("0/002.p/89"), None);
        assert_eq!(tile("0/002"), None);
        let roots: Vec<_> = leaves
            .chunks_exact(256)
            .map(|chunk| {
                let mut frontier = Frontier::default();
                chunk.iter().for_each(|leaf| frontier.append(*leaf));
                frontier.root()
            })
            .collect();
        assert_eq!(tile("1/000.p/2"), Some(joined(&roots)));
        assert_eq!(tile("1/000.p/3"), None);
        assert_eq!(tile("2/000.p/1"), None);
        assert_eq!(tile("63/000.p/1"), None);
    }

    #[test]
    fn paths_have_one_spelling() {
        let parse = |path: &str| TilePath::parse(path.split('/'));
        assert_eq!(
            parse("0/x001/x234/067"),
            Some(TilePath {
                level: Some(0),
                index: 1_234_067,
                width: 256
            })
        );
        assert_eq!(
            parse("entries/x001/000.p/255"),
            Some(TilePath {
                level: None,
                index: 1000,
                width: 255
            })
        );
        for bad in [
            "",
            "0",
            "0/",
            "0/1",
            "0/0000",
            "0/x000/001",
            "0/x001",
            "0/001.p",
            "0/001.p/",
            "0/001.p/0",
            "0/001.p/256",
            "0/001.p/01",
            "0/001/5",
            "0/001.p/5/6",
            "00/001",
            "64/001",
            "-1/001",
            "+1/001",
            "entries/../001",
            "0/x1a/001",
            "0/001.P/1",
            "0/x999/x999/x999/x999/x999/x999/999",
            "0/٠٠١",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
