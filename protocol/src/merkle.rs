//! Hashing of the append-only log, and proofs about it.
//!
//! Spec: docs/spec/board.md, "Log". Source: RFC 6962, section 2.1.

use sha2::{Digest as _, Sha256};

use crate::transcript::Digest;

/// A proof about the log does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the proof does not lead to the root of the log")]
pub struct MerkleError;

/// Hash of a leaf: SHA-256(0x00 ‖ entry).
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest(
        Sha256::new()
            .chain_update([0u8])
            .chain_update(entry)
            .finalize()
            .into(),
    )
}

/// Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest(
        Sha256::new()
            .chain_update([1u8])
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}

/// Root of the empty log: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest(Sha256::new().finalize().into())
}

/// The right edge of a log: enough to append and to compute the root. Memory grows with the
/// logarithm of the size.
#[derive(Clone, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, largest first; one per set bit of `size`.
    subtrees: Vec<Digest>,
}

impl Frontier {
    /// How many leaves were appended.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends the hash of a leaf.
    pub fn append(&mut self, leaf: Digest) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    /// The root of the log so far.
    pub fn root(&self) -> Digest {
        let mut subtrees = self.subtrees.iter().rev();
        match subtrees.next() {
            None => empty_root(),
            Some(last) => subtrees.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

/// Checks that the leaf of this hash stands at `index` in the log of `size` and `root`.
///
/// # Errors
/// [`MerkleError`] if the proof does not show it.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError);
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(MerkleError);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root {
        Ok(())
    } else {
        Err(MerkleError)
    }
}

/// Checks that the log of `old_size` and `old_root` is the start of the log of `size` and `root`.
///
/// # Errors
/// [`MerkleError`] if the proof does not show it.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    size: u64,
    root: &Digest,
    proof: &[Digest],
) -> Result<(), MerkleError> {
    if old_size > size {
        return Err(MerkleError);
    }
    if old_size == size {
        return if proof.is_empty() && old_root == root {
            Ok(())
        } else {
            Err(MerkleError)
        };
    }
    if old_size == 0 {
        return if proof.is_empty() && *old_root == empty_root() {
            Ok(())
        } else {
            Err(MerkleError)
        };
    }
    // RFC 9162, section 2.1.4.2.
    let mut path = proof.iter();
    let start = if old_size.is_power_of_two() {
        *old_root
    } else {
        *path.next().ok_or(MerkleError)?
    };
    let (mut node, mut last) = (old_size - 1, size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut hash) = (start, start);
    for sibling in path {
        if last == 0 {
            return Err(MerkleError);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && old_hash == *old_root && hash == *root {
        Ok(())
    } else {
        Err(MerkleError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962's recursive definitions, written apart from the code above.
    fn root(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&root(left), &root(right))
            }
        }
    }

    fn path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(k);
        let (mut proof, other) = if index < k {
            (path(index, left), root(right))
        } else {
            (path(index - k, right), root(left))
        };
        proof.push(other);
        proof
    }

    fn subproof(m: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
        if m == leaves.len() {
            return if whole {
                Vec::new()
            } else {
                vec![root(leaves)]
            };
        }
        let k = leaves.len().next_power_of_two() / 2;
        let (left, right) = leaves.split_at(k);
        let (mut proof, other) = if m <= k {
            (subproof(m, left, whole), root(right))
        } else {
            (subproof(m - k, right, false), root(left))
        };
        proof.push(other);
        proof
    }

    fn leaves(count: u8) -> Vec<Digest> {
        (0..count).map(|i| leaf_hash(&[i])).collect()
    }

    #[test]
    fn hashes_are_those_of_the_certificate_transparency_vectors() {
        // The empty tree and the empty leaf, as in the reference implementation's tests.
        assert_eq!(
            empty_root().to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            leaf_hash(b"").to_string(),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
    }

    #[test]
    fn frontier_and_inclusion_agree_with_the_definitions() {
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), empty_root());
        for size in 1..=33u8 {
            let leaves = leaves(size);
            frontier.append(*leaves.last().unwrap());
            let whole = root(&leaves);
            assert_eq!(frontier.root(), whole);
            for (index, leaf) in leaves.iter().enumerate() {
                let proof = path(index, &leaves);
                let (index, size) = (index as u64, u64::from(size));
                assert_eq!(verify_inclusion(leaf, index, size, &proof, &whole), Ok(()));
                assert!(verify_inclusion(&leaf_hash(b"x"), index, size, &proof, &whole).is_err());
                assert!(
                    verify_inclusion(leaf, index + 1, size, &proof, &whole).is_err() || size == 1
                );
                assert!(verify_inclusion(leaf, size, size, &proof, &whole).is_err());
                let mut longer = proof.clone();
                longer.push(whole);
                assert!(verify_inclusion(leaf, index, size, &longer, &whole).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(verify_inclusion(leaf, index, size, shorter, &whole).is_err());
                }
            }
        }
    }

    #[test]
    fn consistency_agrees_with_the_definitions() {
        for size in 1..=20u8 {
            let all = leaves(size);
            for old in 1..=size {
                let proof = if old == size {
                    Vec::new()
                } else {
                    subproof(usize::from(old), &all, true)
                };
                let (old_root, new_root) = (root(&all[..usize::from(old)]), root(&all));
                let check = |proof: &[Digest], a: &Digest, b: &Digest| {
                    verify_consistency(old.into(), a, size.into(), b, proof)
                };
                assert_eq!(check(&proof, &old_root, &new_root), Ok(()), "{old} {size}");
                assert!(check(&proof, &leaf_hash(b"x"), &new_root).is_err());
                assert!(check(&proof, &old_root, &leaf_hash(b"x")).is_err());
                let longer = [proof.as_slice(), &[old_root]].concat();
                assert!(check(&longer, &old_root, &new_root).is_err());
            }
        }
    }
}
