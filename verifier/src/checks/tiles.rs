//! `board.tiles`: every hash tile is the one recomputed from the entries.

use crate::{
    log::{Hash, TileLevels},
    record::{
        Record,
        layout::{Tile, tiles_of_level},
    },
    report::{CheckId, Findings},
};

/// Compares the tile of level 0 beside a bundle with the leaf hashes of the bundle.
pub fn check_leaves(record: &dyn Record, bundle: Tile, leaves: &[Hash], findings: &mut Findings) {
    let tile = Tile {
        level: Some(0),
        ..bundle
    };
    compare(record, tile, Some(leaves.concat()), findings);
}

/// Compares the tiles of all higher levels. This runs only if all bundles were there, so their
/// number is bounded by the record's files.
pub fn check_levels(record: &dyn Record, size: u64, levels: &TileLevels, findings: &mut Findings) {
    for level in 1..8 {
        for tile in tiles_of_level(Some(level), size) {
            compare(
                record,
                tile,
                levels.tile(level, tile.index, tile.width),
                findings,
            );
        }
    }
}

fn compare(record: &dyn Record, tile: Tile, expected: Option<Vec<u8>>, findings: &mut Findings) {
    let check = CheckId::BoardTiles;
    let path = tile.path();
    findings.count(check, 1);
    match record.read(&path, tile.bytes().1) {
        Err(error) => findings.fail(check, None, error),
        Ok(content) if Some(&content) == expected.as_ref() => {}
        Ok(_) => findings.fail(check, None, format!("`{path}` is not the recomputed tile")),
    }
}
