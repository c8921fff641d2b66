//! The paths of a record: C2SP tlog-tiles with tiles of height 8 (docs/spec/board.md).

use crate::log::TILE_WIDTH;

/// The path of the checkpoint.
pub const CHECKPOINT: &str = "checkpoint";

/// The most bytes an entry may have.
pub const MAX_ENTRY: u64 = 65_535;

/// One tile of hashes or one bundle of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// The level of a tile of hashes; none for a bundle of entries.
    pub level: Option<u8>,
    /// Its number within the level, from 0.
    pub index: u64,
    /// How many hashes or entries it holds: 1 to 256, less than 256 if partial.
    pub width: u64,
}

impl Tile {
    /// The path of the file, as the number's digits in groups of three, all but the last with
    /// an `x` before them.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = match self.level {
            Some(level) => format!("tile/{level}/"),
            None => "tile/entries/".to_owned(),
        };
        let digits = self.index.to_string();
        let digits = format!("{digits:0>width$}", width = digits.len().div_ceil(3) * 3);
        let groups = digits.len() / 3;
        for group in 0..groups {
            if group + 1 < groups {
                path.push('x');
            }
            path.push_str(digits.get(3 * group..3 * group + 3).unwrap_or_default());
            if group + 1 < groups {
                path.push('/');
            }
        }
        if self.width < TILE_WIDTH {
            path.push_str(&format!(".p/{}", self.width));
        }
        path
    }

    /// The tile that a path names, if it names one exactly.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match kind {
            "entries" => None,
            level => Some(level.parse().ok()?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, TILE_WIDTH),
        };
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let tile = Self {
            level,
            index: digits.parse().ok()?,
            width,
        };
        // Only the canonical spelling is a path.
        (tile.path() == path).then_some(tile)
    }

    /// Whether a record of a log of `size` entries holds this tile.
    #[must_use]
    pub fn belongs_to(&self, size: u64) -> bool {
        let level = self.level.unwrap_or(0);
        let hashes = hashes_at(level, size);
        let full = hashes / TILE_WIDTH;
        (self.index < full && self.width == TILE_WIDTH)
            || (self.index == full && self.width == hashes % TILE_WIDTH && self.width > 0)
    }

    /// The range of sizes that the file may have, in bytes.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        match self.level {
            Some(_) => (32 * self.width, 32 * self.width),
            None => (2 * self.width, (2 + MAX_ENTRY) * self.width),
        }
    }
}

/// How many hashes a level of tiles holds in total.
fn hashes_at(level: u8, size: u64) -> u64 {
    size.checked_shr(8 * u32::from(level)).unwrap_or(0)
}

/// The tiles of one level, or the bundles, in order; made one by one, since a hostile
/// checkpoint may speak of 2^64 entries.
pub fn tiles_of_level(level: Option<u8>, size: u64) -> impl Iterator<Item = Tile> {
    let hashes = hashes_at(level.unwrap_or(0), size);
    (0..hashes.div_ceil(TILE_WIDTH)).map(move |index| Tile {
        level,
        index,
        width: TILE_WIDTH.min(hashes - index * TILE_WIDTH),
    })
}

/// The bundle that holds entry `entry` of a log of `size` entries.
#[must_use]
pub fn bundle_of(entry: u64, size: u64) -> Option<Tile> {
    let index = entry / TILE_WIDTH;
    (entry < size).then(|| Tile {
        level: None,
        index,
        width: TILE_WIDTH.min(size - index * TILE_WIDTH),
    })
}

/// All tiles and bundles of a record of a log of `size` entries.
pub fn all_tiles(size: u64) -> impl Iterator<Item = Tile> {
    std::iter::once(None)
        .chain((0..8).map(Some))
        .flat_map(move |level| tiles_of_level(level, size))
}

/// How many tiles and bundles a record of a log of `size` entries holds.
#[must_use]
pub fn n_tiles(size: u64) -> u64 {
    let bundles = size.div_ceil(TILE_WIDTH);
    let tiles = (0..8).map(|level| hashes_at(level, size).div_ceil(TILE_WIDTH));
    tiles.fold(bundles, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(size: u64) -> Vec<String> {
        all_tiles(size).map(|tile| tile.path()).collect()
    }

    #[test]
    fn paths_are_those_of_tlog_tiles() {
        let tile = |level, index, width| Tile {
            level,
            index,
            width,
        };
        for (tile, path) in [
            (tile(Some(0), 0, 256), "tile/0/000"),
            (tile(Some(0), 5, 3), "tile/0/005.p/3"),
            (tile(Some(1), 1_234_067, 256), "tile/1/x001/x234/067"),
            (tile(None, 1_000, 7), "tile/entries/x001/000.p/7"),
        ] {
            assert_eq!(tile.path(), path);
            assert_eq!(Tile::of_path(path), Some(tile));
        }
    }

    #[test]
    fn other_spellings_are_no_paths() {
        for path in [
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/+0/000",
            "tile/0/x000/000",
            "tile/0/001.p/256",
            "tile/0/001.p/0256",
            "tile/0/001.p/+3",
            "tile/0/../0/001",
            "tile/0/x001067",
            "tile/entries/",
            "/tile/0/000",
            "tile/0/x018446744073709551616",
            "checkpoint",
        ] {
            assert_eq!(Tile::of_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_record_holds_the_tiles_of_its_size_and_no_others() {
        assert_eq!(paths(0), Vec::<String>::new());
        assert_eq!(paths(1), ["tile/entries/000.p/1", "tile/0/000.p/1"]);
        assert_eq!(
            paths(256),
            ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
        );
        assert_eq!(
            paths(257),
            [
                "tile/entries/000",
                "tile/entries/001.p/1",
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1"
            ]
        );
        for size in [0, 1, 255, 256, 257, 65_535, 65_536, 70_000] {
            assert_eq!(all_tiles(size).count() as u64, n_tiles(size));
            for (index, bundle) in tiles_of_level(None, size).enumerate() {
                assert_eq!(bundle_of(256 * index as u64, size), Some(bundle));
            }
            assert_eq!(bundle_of(size, size), None);
            assert!(all_tiles(size).all(|tile| tile.belongs_to(size)));
            assert!(all_tiles(size).all(|tile| Tile::of_path(&tile.path()) == Some(tile)));
        }
    }

    #[test]
    fn an_absurd_size_costs_nothing() {
        assert_eq!(all_tiles(u64::MAX).next().map(|tile| tile.index), Some(0));
        assert!(n_tiles(u64::MAX) > 1 << 56);
        let tile = Tile {
            level: Some(255),
            index: 0,
            width: 1,
        };
        assert!(!tile.belongs_to(u64::MAX));
    }
}
