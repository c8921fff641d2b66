//! A consistent copy of all boards in one SQLite file, whichever database they are in. Every log is
//! checked against its last checkpoint while it is copied: a backup is worth what can be read back.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use protocol::checkpoint::Checkpoint;
use protocol::merkle::{Frontier, leaf_hash};

use super::{Bar, MaintenanceError, failed, rows};
use crate::connection::AnyConnection;
use crate::database::Database;
use crate::models::{Election, StoredEntry};
use crate::store::stored;
use crate::writer::{Batch, insert};

/// What was copied of an election.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its uuid.
    pub uuid: String,
    /// How many entries.
    pub size: u64,
    /// The root over them, in hexadecimal digits.
    pub root: String,
    /// The public key that signs its checkpoints.
    pub key: [u8; 32],
}

/// Writes a backup to `file`, which must not exist.
///
/// # Errors
/// [`MaintenanceError`]; then there is no such file.
pub fn backup(database: &Database, file: &Path) -> Result<Vec<Copied>, MaintenanceError> {
    if file.exists() {
        return Err(MaintenanceError::Exists {
            path: file.to_owned(),
        });
    }
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}", std::process::id()));
    let draft = PathBuf::from(draft);
    let written = write(database, &draft).and_then(|copied| {
        File::open(&draft)
            .and_then(|file| file.sync_all())
            .map_err(failed(&draft))?;
        fs::rename(&draft, file).map_err(failed(file))?;
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed(folder))?;
        Ok(copied)
    });
    if written.is_err() {
        // There may be nothing to remove.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn write(database: &Database, draft: &Path) -> Result<Vec<Copied>, MaintenanceError> {
    let copied = rows::snapshot(database, |from| {
        let target = Database::Sqlite(draft.to_owned());
        rows::migrate(&target)?;
        let mut to = rows::writable(&target)?;
        let copied = to.transaction(|to| copy(from, to, "Backup"))?;
        // One file, without a log beside it.
        to.batch_execute("PRAGMA journal_mode = DELETE")?;
        Ok(copied)
    })?;
    Ok(copied)
}

/// Copies all elections into tables that are empty, within transactions of the caller.
pub(super) fn copy(
    from: &mut AnyConnection,
    to: &mut AnyConnection,
    what: &'static str,
) -> Result<Vec<Copied>, MaintenanceError> {
    let bar = Bar::new(what, rows::n_entries(from, None)?);
    let elections = rows::elections(from)?;
    let mut copied = Vec::new();
    for election in elections {
        copied.push(copy_election(from, to, election, &bar)?);
    }
    Ok(copied)
}

fn copy_election(
    from: &mut AnyConnection,
    to: &mut AnyConnection,
    election: Election,
    bar: &Bar,
) -> Result<Copied, MaintenanceError> {
    let (number, uuid) = (election.id, rows::name(&election));
    let damaged = |what| MaintenanceError::Damaged {
        election: uuid.clone(),
        what,
    };
    let mut batch = Batch {
        elections: vec![election],
        ..Batch::default()
    };
    let (mut log, mut board) = (Frontier::default(), None);
    loop {
        batch.entries = rows::entries(from, number, log.size())?;
        if batch.entries.is_empty() {
            break;
        }
        for entry in &batch.entries {
            append(&mut log, entry).ok_or_else(|| damaged("its entries are not the stored log"))?;
        }
        if board.is_none() {
            board = batch
                .entries
                .first()
                .and_then(|entry| rows::board_of(&entry.bytes));
        }
        insert(to, &batch)?;
        bar.advance(batch.entries.len() as u64);
        batch.elections.clear();
    }
    batch.entries.clear();
    let board = board.ok_or_else(|| damaged("it has no manifest"))?;
    let (mut last, mut size) = (None, 0);
    loop {
        batch.checkpoints = rows::checkpoints(from, number, size)?;
        let Some(checkpoint) = batch.checkpoints.last() else {
            break;
        };
        size = u64::try_from(checkpoint.size).unwrap_or(0);
        last = Checkpoint::verify(&checkpoint.note, &board).ok();
        insert(to, &batch)?;
    }
    batch.cosignatures = rows::cosignatures(from, number)?;
    insert(to, &batch)?;
    let root = log.root();
    let signed = last.is_some_and(|last| last.size == log.size() && last.root == root);
    if !signed {
        return Err(damaged("its last checkpoint is not that of its entries"));
    }
    Ok(Copied {
        uuid,
        size: log.size(),
        root: root.to_string(),
        key: board.key,
    })
}

/// Appends a stored entry to a log, if it is the next one and its stored hash is right.
pub(super) fn append(log: &mut Frontier, entry: &StoredEntry) -> Option<()> {
    let leaf = leaf_hash(&entry.bytes);
    let is_next = entry.entry_index == stored(log.size()) && entry.leaf_hash == leaf.0;
    is_next.then(|| log.append(leaf))
}
