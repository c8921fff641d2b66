//! Putting a backup back. What was acknowledged is not taken back unless told.

use std::path::Path;
use std::time::Duration;

use diesel::prelude::*;
use protocol::merkle::Frontier;

use super::backup::{Copied, append, copy};
use super::{MaintenanceError, rows};
use crate::connection::AnyConnection;
use crate::database::{Database, try_lock};
use crate::models::Election;
use crate::schema::{checkpoints, cosignatures, elections, entries, sequencer};

/// What may be lost by restoring a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Force {
    /// Nothing: only an empty place is filled.
    None,
    /// Boards that are in the backup with all their entries.
    Overwrite,
    /// Everything, acknowledged entries, too.
    Fork,
}

/// Puts the boards of a backup in the place of those in the database.
///
/// # Errors
/// [`MaintenanceError`]; then the database is as it was.
pub fn restore(
    database: &Database,
    file: &Path,
    force: Force,
) -> Result<Vec<Copied>, MaintenanceError> {
    let backup = Database::Sqlite(file.to_owned());
    rows::snapshot(&backup, |from| {
        rows::migrate(database)?;
        let mut to = rows::writable(database)?;
        lock(&mut to)?;
        to.transaction(|to| {
            // Takes the lock of writers before anything is read.
            diesel::update(sequencer::table)
                .set(sequencer::epoch.eq(sequencer::epoch + 1))
                .execute(to)?;
            let present = rows::elections(to)?;
            if !present.is_empty() && force == Force::None {
                return Err(MaintenanceError::Occupied);
            }
            if force < Force::Fork {
                for election in &present {
                    is_kept(to, from, election)?;
                }
            }
            diesel::delete(cosignatures::table).execute(to)?;
            diesel::delete(checkpoints::table).execute(to)?;
            diesel::delete(entries::table).execute(to)?;
            diesel::delete(elections::table).execute(to)?;
            let copied = copy(from, to, "Restore")?;
            let signer = copied.last().map(|copied| copied.key.to_vec());
            diesel::update(sequencer::table)
                .set(sequencer::board_key.eq(signer))
                .execute(to)?;
            Ok(copied)
        })
    })
}

/// Takes the lock of the one who appends. A server that has just ended holds it for a moment more.
fn lock(connection: &mut AnyConnection) -> Result<(), MaintenanceError> {
    for _ in 0..20 {
        if try_lock(connection)? {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(MaintenanceError::Running)
}

/// Refuses a backup that does not begin with the whole log that is here.
fn is_kept(
    here: &mut AnyConnection,
    backup: &mut AnyConnection,
    election: &Election,
) -> Result<(), MaintenanceError> {
    let size = rows::n_entries(here, Some(election.id))?;
    let fork = |there| MaintenanceError::Fork {
        election: rows::name(election),
        here: size,
        there,
    };
    let same = rows::elections(backup)?
        .into_iter()
        .find(|other| other.uuid == election.uuid)
        .ok_or_else(|| fork(0))?;
    let (mut mine, mut theirs) = (Frontier::default(), Frontier::default());
    while mine.size() < size {
        let start = mine.size();
        let entries = rows::entries(here, election.id, start)?;
        let others = rows::entries(backup, same.id, start)?;
        if entries.is_empty() {
            break;
        }
        for (number, entry) in entries.iter().enumerate() {
            let Some(other) = others.get(number) else {
                return Err(fork(theirs.size()));
            };
            if append(&mut mine, entry).is_none() {
                return Err(MaintenanceError::Damaged {
                    election: rows::name(election),
                    what: "its entries are not the stored log",
                });
            }
            if append(&mut theirs, other).is_none() || entry.bytes != other.bytes {
                return Err(fork(start + number as u64));
            }
        }
    }
    Ok(())
}
