//! Full tiles and bundles as they are sent, as many as were asked for lately and fit into a little
//! memory: whoever else reads the same log then costs no look at the disk.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::tiles::TilePath;

/// Bytes that are kept, of all boards together.
const MOST: u64 = 32 << 20;

/// A tile or bundle of this length or more is not kept.
pub const TOO_LONG: u64 = 1 << 20;

/// A tile of the election of this number. Full ones never change.
type Name = (i32, TilePath);

/// What is kept.
pub struct Kept(Cache<Name, Arc<[u8]>, Length>);

#[derive(Clone)]
struct Length;

impl Weighter<Name, Arc<[u8]>> for Length {
    fn weight(&self, _: &Name, content: &Arc<[u8]>) -> u64 {
        // With its name and the cache's own.
        content.len() as u64 + 128
    }
}

impl Default for Kept {
    fn default() -> Self {
        Self(Cache::with_weighter(4096, MOST, Length))
    }
}

impl Kept {
    /// A tile or bundle, if it is kept.
    pub fn get(&self, election: i32, path: &TilePath) -> Option<Arc<[u8]>> {
        self.0.get(&(election, *path))
    }

    /// Keeps a tile or bundle, if it is full and not too long.
    pub fn add(&self, election: i32, path: &TilePath, content: &Arc<[u8]>) {
        if path.is_full() && (content.len() as u64) < TOO_LONG {
            self.0.insert((election, *path), content.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_tiles_are_kept_and_not_too_many() {
        let kept = Kept::default();
        let path = |index, width| TilePath {
            level: None,
            index,
            width,
        };
        let content: Arc<[u8]> = vec![0; 1 << 19].into();
        kept.add(1, &path(0, 255), &content);
        assert!(kept.get(1, &path(0, 255)).is_none());
        let long: Arc<[u8]> = vec![0; 1 << 20].into();
        kept.add(1, &path(0, 256), &long);
        assert!(kept.get(1, &path(0, 256)).is_none());
        for index in 0..200 {
            kept.add(1, &path(index, 256), &content);
            // Of another election there is nothing.
            assert!(kept.get(2, &path(index, 256)).is_none());
        }
        let n_kept = (0..200).filter(|index| kept.get(1, &path(*index, 256)).is_some());
        assert!((1..=64).contains(&n_kept.count()));
    }
}
