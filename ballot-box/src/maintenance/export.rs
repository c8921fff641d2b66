//! The record of an election as files that any web server can host, and the verifier reads.
//!
//! Spec: docs/spec/board.md, "Record".

use std::fs;
use std::path::Path;

use protocol::checkpoint::{CosignedCheckpoint, cosigned_note};
use protocol::entry::Kind;
use protocol::merkle::leaf_hash;

use super::{Bar, MaintenanceError, failed, rows};
use crate::bundle;
use crate::connection::AnyConnection;
use crate::database::Database;
use crate::models::Election;
use crate::store::stored;
use crate::tiles::{TILE_WIDTH, TilePath, grown};
use crate::tree::{Hashes, Tree, join};

/// Writes the record of an election into a new folder; gives the number of entries.
///
/// # Errors
/// [`MaintenanceError`]; what is written then has no checkpoint, so nobody takes it for a record.
pub fn export(
    database: &Database,
    uuid: &str,
    folder: &Path,
    unfinished: bool,
) -> Result<u64, MaintenanceError> {
    rows::snapshot(database, |connection| {
        let elections = rows::elections(connection)?;
        let names: Vec<_> = elections.iter().map(rows::name).collect();
        let election = elections
            .into_iter()
            .find(|found| rows::name(found) == uuid);
        let election = election.ok_or_else(|| MaintenanceError::NoElection {
            uuid: uuid.to_owned(),
            known: names.join(", "),
        })?;
        if folder.exists() {
            return Err(MaintenanceError::Exists {
                path: folder.to_owned(),
            });
        }
        let size = rows::n_entries(connection, Some(election.id))?;
        // Beacons and seals of 64 trustees may follow the result.
        let last = rows::entries(connection, election.id, size.saturating_sub(2 * 64 + 1))?;
        let has_result = last
            .iter()
            .any(|entry| entry.bytes.get(1) == Some(&(Kind::Result as u8)));
        if !has_result && !unfinished {
            return Err(MaintenanceError::Unfinished {
                uuid: uuid.to_owned(),
            });
        }
        write(connection, &election, folder, unfinished)
    })
}

fn write(
    connection: &mut AnyConnection,
    election: &Election,
    folder: &Path,
    unfinished: bool,
) -> Result<u64, MaintenanceError> {
    let damaged = |what| MaintenanceError::Damaged {
        election: rows::name(election),
        what,
    };
    let bar = Bar::new("Export", rows::n_entries(connection, Some(election.id))?);
    let (mut tree, mut board) = (Tree::default(), None);
    loop {
        // A chunk is a bundle.
        let entries = rows::entries(connection, election.id, tree.size())?;
        let width = entries.len() as u64;
        if width == 0 {
            break;
        }
        if board.is_none() {
            board = entries
                .first()
                .and_then(|entry| rows::board_of(&entry.bytes));
        }
        let path = TilePath {
            level: None,
            index: tree.size() / TILE_WIDTH,
            width,
        };
        let leaves: Vec<_> = entries
            .iter()
            .map(|entry| leaf_hash(&entry.bytes))
            .collect();
        leaves.iter().for_each(|leaf| tree.append(*leaf));
        let hashes = TilePath {
            level: Some(0),
            ..path
        };
        file(folder, &hashes.to_string(), &join(&leaves))?;
        let bytes = bundle::join(entries.into_iter().map(|entry| entry.bytes).collect());
        file(folder, &path.to_string(), &bytes)?;
        bar.advance(width);
    }
    for path in grown(0, tree.size()) {
        if path.level.is_none_or(|level| level == 0) {
            continue;
        }
        match tree.tile(&path) {
            Some(Hashes::Kept(hashes)) => file(folder, &path.to_string(), &hashes)?,
            _ => return Err(damaged("it has no such tile")),
        }
    }
    let board = board.ok_or_else(|| damaged("it has no manifest"))?;
    let note = rows::last_note(connection, election.id)?.unwrap_or_default();
    let size = stored(tree.size());
    let cosignatures: Vec<_> = rows::cosignatures(connection, election.id)?
        .into_iter()
        .filter(|row| row.size == size)
        .filter_map(|row| row.cosignature())
        .collect();
    let note = cosigned_note(&board, &note, &cosignatures);
    let signed = CosignedCheckpoint::verify(&note, &board)
        .map_err(|_| damaged("its last checkpoint is not signed by its board and witnesses"))?;
    if board.witness_quorum > 0 && !signed.is_witnessed(&board) && !unfinished {
        return Err(MaintenanceError::Unwitnessed {
            uuid: rows::name(election),
            found: signed.cosignatures.len(),
            needed: board.witness_quorum,
        });
    }
    let checkpoint = signed.checkpoint;
    if checkpoint.size != tree.size() || checkpoint.root != tree.root() {
        return Err(damaged("its last checkpoint is not that of its entries"));
    }
    // Last: a folder without it is no record.
    file(folder, "checkpoint", note.as_bytes())?;
    Ok(tree.size())
}

fn file(folder: &Path, name: &str, content: &[u8]) -> Result<(), MaintenanceError> {
    let path = folder.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed(parent))?;
    }
    fs::write(&path, content).map_err(failed(&path))
}
