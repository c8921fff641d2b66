//! What a larger log says of its own beginning (RFC 6962, section 2.1.2; docs/spec/board.md,
//! "Equivocation").
//!
//! The path of RFC 6962's consistency proof, with its first node always in it, gives two roots:
//! that of the whole log and that of its first entries. The first must be the signed one; then
//! the second is what the log's beginning is, whatever another checkpoint says of it.

use crate::log::{Hash, node_hash, root_of};
use thiserror::Error;

/// A path that does not fit its two sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathError {
    /// The beginning must have at least one entry and fewer than the whole.
    #[error("the sizes are not those of a log and a beginning of it")]
    Sizes,
    /// The path has too few or too many hashes.
    #[error("the path has the wrong length")]
    Length,
}

/// The roots that a path gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roots {
    /// Of the first entries.
    pub beginning: Hash,
    /// Of all entries.
    pub whole: Hash,
}

/// The path from the first `size` of these leaves to all of them: `SUBPROOF(size, D, false)` of
/// RFC 6962. It is empty where there is no such beginning.
#[must_use]
pub fn path(size: usize, leaves: &[Hash]) -> Vec<Hash> {
    if size == 0 || size > leaves.len() {
        return Vec::new();
    }
    if size == leaves.len() {
        return vec![root_of(leaves)];
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = if size <= left.len() {
        (self::path(size, left), root_of(right))
    } else {
        (self::path(size - left.len(), right), root_of(left))
    };
    path.push(sibling);
    path
}

/// The roots of the first `size` entries and of all `whole` entries (RFC 9162, section 2.1.4.2).
///
/// # Errors
/// [`PathError`].
pub fn roots(size: u64, whole: u64, path: &[Hash]) -> Result<Roots, PathError> {
    if size == 0 || size >= whole {
        return Err(PathError::Sizes);
    }
    let (start, siblings) = path.split_first().ok_or(PathError::Length)?;
    let (mut node, mut last) = (size - 1, whole - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut beginning, mut all) = (*start, *start);
    for sibling in siblings {
        if last == 0 {
            return Err(PathError::Length);
        }
        if node & 1 == 1 || node == last {
            beginning = node_hash(sibling, &beginning);
            all = node_hash(sibling, &all);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            all = node_hash(&all, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 {
        Ok(Roots {
            beginning,
            whole: all,
        })
    } else {
        Err(PathError::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::leaf_hash;

    #[test]
    fn paths_give_the_roots_of_every_beginning() {
        let leaves: Vec<Hash> = (0..40_u8).map(|i| leaf_hash(&[i])).collect();
        for whole in 2..=leaves.len() {
            let leaves = &leaves[..whole];
            for size in 1..whole {
                let mut path = path(size, leaves);
                let expected = Roots {
                    beginning: root_of(&leaves[..size]),
                    whole: root_of(leaves),
                };
                let found = |path: &[Hash]| roots(size as u64, whole as u64, path);
                assert_eq!(found(&path), Ok(expected), "{size} of {whole}");
                path.push([0; 32]);
                assert_eq!(found(&path), Err(PathError::Length));
                path.truncate(path.len() - 2);
                assert_ne!(found(&path), Ok(expected));
            }
        }
    }

    /// PROOF(3, D[7]), PROOF(4, D[7]) and PROOF(6, D[7]) of RFC 6962, section 2.1.3: nodes by
    /// their letters there. The second has the root of the beginning in front.
    #[test]
    fn the_example_of_rfc_6962() {
        let leaves: Vec<Hash> = (0..7_u8).map(|i| leaf_hash(&[i])).collect();
        let node = |range: std::ops::Range<usize>| root_of(&leaves[range]);
        assert_eq!(
            path(3, &leaves),
            [node(2..3), node(3..4), node(0..2), node(4..7)]
        );
        assert_eq!(path(4, &leaves), [node(0..4), node(4..7)]);
        assert_eq!(path(6, &leaves), [node(4..6), node(6..7), node(0..4)]);
    }

    #[test]
    fn sizes_without_a_beginning_are_refused() {
        for (size, whole) in [(0, 3), (3, 3), (4, 3), (0, 0), (u64::MAX, u64::MAX)] {
            assert_eq!(roots(size, whole, &[[0; 32]]), Err(PathError::Sizes));
        }
        assert_eq!(roots(1, 2, &[]), Err(PathError::Length));
        assert_eq!(roots(1, u64::MAX, &[[0; 32]]), Err(PathError::Length));
        assert!(path(0, &[[0; 32]]).is_empty() && path(2, &[[0; 32]]).is_empty());
    }
}
