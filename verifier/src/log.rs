//! The Merkle log: RFC 6962 hashing, roots, tiles and inclusion proofs (docs/spec/board.md).

use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// A hash of the log.
pub type Hash = [u8; 32];

/// How many hashes a full tile holds: tiles have height 8.
pub const TILE_WIDTH: u64 = 256;

/// The hash of a leaf.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(entry)
        .finalize()
        .into()
}

/// The hash of an inner node.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A growing tree of which only the roots of its full subtrees are kept, largest first.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    size: u64,
    subtrees: Vec<Hash>,
}

impl Tree {
    /// The number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Every trailing one of the size is a full subtree of the same height as `hash`.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root (RFC 6962, section 2.1).
    #[must_use]
    pub fn root(&self) -> Hash {
        self.subtrees
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(|| Sha256::digest([]).into())
    }
}

/// The root of a list of leaves or of roots of equally large subtrees.
#[must_use]
pub fn root_of(hashes: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    for hash in hashes {
        tree.push(*hash);
    }
    tree.root()
}

/// The hashes of tile levels 1 and up, from the leaves in order.
#[derive(Debug, Default)]
pub struct TileLevels(Vec<Vec<Hash>>);

impl TileLevels {
    /// Adds the root of the next full tile of level 0.
    pub fn push(&mut self, mut root: Hash) {
        for number in 0.. {
            if self.0.len() == number {
                self.0.push(Vec::new());
            }
            let Some(level) = self.0.get_mut(number) else {
                return;
            };
            level.push(root);
            if !(level.len() as u64).is_multiple_of(TILE_WIDTH) {
                return;
            }
            let start = level.len() - TILE_WIDTH as usize;
            root = root_of(level.get(start..).unwrap_or_default());
        }
    }

    /// The content of the tile of level 1 or more, if it is known.
    #[must_use]
    pub fn tile(&self, level: u8, index: u64, width: u64) -> Option<Vec<u8>> {
        let hashes = self.0.get(usize::from(level).checked_sub(1)?)?;
        let start = index.checked_mul(TILE_WIDTH)?;
        let range =
            usize::try_from(start).ok()?..usize::try_from(start.checked_add(width)?).ok()?;
        Some(hashes.get(range)?.concat())
    }
}

/// An inclusion proof that does not fit its leaf and tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InclusionError {
    /// The leaf is not in a tree of this size.
    #[error("the leaf is outside the tree")]
    Outside,
    /// The proof has too few or too many hashes.
    #[error("the proof has the wrong length")]
    Length,
}

/// The root that an inclusion proof gives for a leaf (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// [`InclusionError`].
pub fn root_of_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
) -> Result<Hash, InclusionError> {
    if index >= size {
        return Err(InclusionError::Outside);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut root = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(InclusionError::Length);
        }
        if node & 1 == 1 || node == last {
            root = node_hash(sibling, &root);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            root = node_hash(&root, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 {
        Ok(root)
    } else {
        Err(InclusionError::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leaves and roots of the Certificate Transparency reference tests.
    const LEAVES: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaves() -> Vec<Hash> {
        LEAVES
            .iter()
            .map(|leaf| leaf_hash(&hex::decode(leaf).unwrap()))
            .collect()
    }

    #[test]
    fn roots_match_the_reference_tests() {
        for (size, root) in ROOTS.iter().enumerate() {
            assert_eq!(
                hex::encode(root_of(&leaves()[..size])),
                *root,
                "size {size}"
            );
        }
    }

    /// The definition of section 2.1.1, as a recursion.
    fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() <= 1 {
            return Vec::new();
        }
        let split = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(split);
        let (mut proof, sibling) = if index < split {
            (path(index, left), root_of(right))
        } else {
            (path(index - split, right), root_of(left))
        };
        proof.push(sibling);
        proof
    }

    #[test]
    fn inclusion_proofs_of_every_leaf_hold_and_no_other_length_does() {
        for size in 1..=8 {
            let leaves = &leaves()[..size];
            for (index, leaf) in leaves.iter().enumerate() {
                let mut proof = path(index, leaves);
                let root =
                    |proof: &[Hash]| root_of_inclusion(*leaf, index as u64, size as u64, proof);
                assert_eq!(root(&proof), Ok(root_of(leaves)));
                proof.push([0; 32]);
                assert_eq!(root(&proof), Err(InclusionError::Length));
                proof.truncate(proof.len().saturating_sub(2));
                if size > 1 {
                    assert_ne!(root(&proof), Ok(root_of(leaves)));
                }
            }
        }
        assert_eq!(
            root_of_inclusion([0; 32], 3, 3, &[]),
            Err(InclusionError::Outside)
        );
    }

    #[test]
    fn higher_tiles_hold_the_roots_of_full_tiles_below() {
        let mut levels = TileLevels::default();
        let roots: Vec<Hash> = (0..600_u16).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        for root in &roots {
            levels.push(*root);
        }
        assert_eq!(levels.tile(1, 1, 256), Some(roots[256..512].concat()));
        assert_eq!(levels.tile(1, 2, 88), Some(roots[512..].concat()));
        let above = [root_of(&roots[..256]), root_of(&roots[256..512])];
        assert_eq!(levels.tile(2, 0, 2), Some(above.concat()));
        assert_eq!(levels.tile(2, 0, 3), None);
        assert_eq!(levels.tile(9, u64::MAX, u64::MAX), None);
    }
}
