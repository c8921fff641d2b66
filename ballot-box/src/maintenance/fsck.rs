//! Recomputes everything that is stored from the entries alone: leaf hashes, codes, indices, roots,
//! every checkpoint, and the fold with all signatures and proofs, which counts each credential's
//! ballots.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use diesel::prelude::*;
use diesel::sql_types::Text;
use getrandom::SysRng;
use protocol::ballot::ConfirmationCode;
use protocol::checkpoint::{Checkpoint, CosignedCheckpoint, cosigned_note};
use protocol::election::{Election as Fold, replay_on_threads};
use protocol::encoding::encode_hex;
use protocol::entry::{Envelope, Kind};
use protocol::manifest::BoardIdentity;
use protocol::merkle::{Frontier, leaf_hash};

use super::{Bar, MaintenanceError, rows};
use crate::connection::AnyConnection;
use crate::database::Database;
use crate::models::{Election, StoredCheckpoint, StoredEntry};
use crate::schema::entries;
use crate::store::stored;

/// Findings that are listed; the others are counted.
const MAX_LISTED: usize = 200;

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Elections that were checked.
    pub elections: usize,
    /// Entries that were checked.
    pub entries: u64,
    /// Checkpoints that were checked.
    pub checkpoints: u64,
    /// What is wrong, the first of it; each names the election and the place.
    pub findings: Vec<String>,
    /// How much is wrong.
    pub n_findings: usize,
}

impl Report {
    fn add(&mut self, finding: String) {
        self.n_findings += 1;
        if self.findings.len() < MAX_LISTED {
            self.findings.push(finding);
        }
    }
}

/// Checks all boards. `key` is the public key of this server, if it is known.
///
/// # Errors
/// [`MaintenanceError`] if the database cannot be read; what is wrong in it is in the report.
pub fn fsck(
    database: &Database,
    key: Option<[u8; 32]>,
    threads: NonZeroUsize,
) -> Result<Report, MaintenanceError> {
    rows::snapshot(database, |connection| {
        let mut report = Report::default();
        check_file(connection, &mut report)?;
        let bar = Bar::new("Check", rows::n_entries(connection, None)?);
        for election in rows::elections(connection)? {
            report.elections += 1;
            let mut check = Check {
                name: rows::name(&election),
                log: Frontier::default(),
                fold: Some(Fold::new()),
                board: None,
                due: VecDeque::new(),
                all_read: false,
                threads,
                report: &mut report,
            };
            check.run(connection, &election, key, &bar)?;
        }
        Ok(report)
    })
}

/// SQLite knows whether its tables and indices fit each other; PostgreSQL does not, without
/// extensions, but every entry is looked up by its hash and code anyway.
fn check_file(connection: &mut AnyConnection, report: &mut Report) -> Result<(), MaintenanceError> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        integrity_check: String,
    }
    if let AnyConnection::Sqlite(connection) = connection {
        let lines: Vec<Line> =
            diesel::sql_query("SELECT integrity_check FROM pragma_integrity_check")
                .load(connection)?;
        for line in lines.iter().filter(|line| line.integrity_check != "ok") {
            report.add(format!("the database file: {}", line.integrity_check));
        }
    }
    Ok(())
}

struct Check<'a> {
    name: String,
    log: Frontier,
    /// `None` from the first entry on that it refuses.
    fold: Option<Fold>,
    board: Option<BoardIdentity>,
    /// Checkpoints of more entries than the log has so far.
    due: VecDeque<StoredCheckpoint>,
    /// Whether no more checkpoints are stored.
    all_read: bool,
    threads: NonZeroUsize,
    report: &'a mut Report,
}

impl Check<'_> {
    fn found(&mut self, what: impl std::fmt::Display) {
        let finding = format!("election {}: {what}", self.name);
        self.report.add(finding);
    }

    fn run(
        &mut self,
        connection: &mut AnyConnection,
        election: &Election,
        key: Option<[u8; 32]>,
        bar: &Bar,
    ) -> Result<(), MaintenanceError> {
        let mut is_first = true;
        loop {
            // Enough for every thread to verify a batch of ballots.
            let mut chunk = Vec::new();
            let mut start = self.log.size();
            for _ in 0..self.threads.get() {
                let more = rows::entries(connection, election.id, start)?;
                start += more.len() as u64;
                chunk.extend(more);
            }
            if chunk.is_empty() {
                break;
            }
            if std::mem::take(&mut is_first) {
                self.check_manifest(election, &chunk, key);
            }
            for entry in &chunk {
                let expected = self.log.size();
                if entry.entry_index != stored(expected) {
                    self.found(format_args!(
                        "entry {expected} is missing; the next that is stored is {}",
                        entry.entry_index
                    ));
                    return Ok(());
                }
                self.check_entry(connection, election.id, entry)?;
                self.check_checkpoints(connection, election.id)?;
            }
            self.check_fold(&chunk);
            self.report.entries += chunk.len() as u64;
            bar.advance(chunk.len() as u64);
        }
        self.check_end(connection, election.id)
    }

    fn check_manifest(
        &mut self,
        election: &Election,
        chunk: &[StoredEntry],
        key: Option<[u8; 32]>,
    ) {
        self.board = chunk.first().and_then(|entry| rows::board_of(&entry.bytes));
        let Some(board) = &self.board else {
            return self.found("entry 0 is no manifest, so no checkpoint can be checked");
        };
        let (is_of_origin, is_own) = (
            board.origin == election.origin,
            key.is_none_or(|key| key == board.key),
        );
        let is_named = board.origin.ends_with(&format!("/{}", self.name));
        if !is_of_origin || !is_named {
            self.found("it is stored under another origin or uuid than its manifest names");
        }
        if !is_own {
            self.found("its manifest names another key than board.key of the data folder");
        }
    }

    fn check_entry(
        &mut self,
        connection: &mut AnyConnection,
        election: i32,
        entry: &StoredEntry,
    ) -> Result<(), MaintenanceError> {
        let index = entry.entry_index;
        let leaf = leaf_hash(&entry.bytes);
        if entry.leaf_hash != leaf.0 {
            self.found(format_args!(
                "entry {index}: the stored leaf hash is not that of its bytes"
            ));
        }
        let code = Envelope::decode(&entry.bytes)
            .ok()
            .filter(|envelope| envelope.kind == Kind::Ballot)
            .map(|envelope| ConfirmationCode::of(envelope.unsigned).0.0.to_vec());
        if entry.code != code {
            self.found(format_args!(
                "entry {index}: the stored confirmation code is not that of its bytes"
            ));
        }
        // A receipt is looked up by these, and names the index.
        let by_leaf: Option<i64> = entries::table
            .filter(
                entries::election
                    .eq(election)
                    .and(entries::leaf_hash.eq(&leaf.0[..])),
            )
            .select(entries::entry_index)
            .first(connection)
            .optional()?;
        let by_code: Option<i64> = match &code {
            Some(code) => entries::table
                .filter(entries::election.eq(election).and(entries::code.eq(code)))
                .select(entries::entry_index)
                .first(connection)
                .optional()?,
            None => Some(index),
        };
        if (by_leaf, by_code) != (Some(index), Some(index)) {
            self.found(format_args!(
                "entry {index}: its receipt is not found by its hash or code"
            ));
        }
        self.log.append(leaf);
        Ok(())
    }

    /// Checks the checkpoint of the entries so far, if there is one.
    fn check_checkpoints(
        &mut self,
        connection: &mut AnyConnection,
        election: i32,
    ) -> Result<(), MaintenanceError> {
        let size = self.log.size();
        if self.due.is_empty() && !self.all_read {
            self.due = rows::checkpoints(connection, election, size - 1)?.into();
            self.all_read = self.due.is_empty();
        }
        while self
            .due
            .front()
            .is_some_and(|next| next.size <= stored(size))
        {
            let Some(next) = self.due.pop_front() else {
                break;
            };
            self.report.checkpoints += 1;
            let Some(board) = &self.board else { continue };
            match CosignedCheckpoint::verify(&next.note, board).map(|signed| signed.checkpoint) {
                Ok(checkpoint) if stored(checkpoint.size) != next.size => {
                    self.found(format_args!(
                        "the checkpoint of {} entries says {}",
                        next.size, checkpoint.size
                    ));
                }
                Ok(checkpoint) if checkpoint.root != self.log.root() => {
                    self.found(format_args!(
                        "the checkpoint of {size} entries was signed over others than are stored"
                    ));
                }
                Ok(_) => {}
                Err(error) => self.found(format_args!(
                    "the checkpoint of {} entries: {error}",
                    next.size
                )),
            }
        }
        Ok(())
    }

    fn check_fold(&mut self, chunk: &[StoredEntry]) {
        let Some(fold) = &mut self.fold else { return };
        let entries = chunk.iter().map(|entry| entry.bytes.as_slice());
        if let Err(error) = replay_on_threads(fold, entries, 0, self.threads, || SysRng, |_| ()) {
            let author = chunk
                .iter()
                .find(|entry| entry.entry_index == stored(error.index))
                .map_or_else(String::new, author);
            self.found(format_args!("{error}{author}"));
            self.fold = None;
        }
    }

    fn check_end(
        &mut self,
        connection: &mut AnyConnection,
        election: i32,
    ) -> Result<(), MaintenanceError> {
        let size = self.log.size();
        let beyond = rows::checkpoints(connection, election, size)?;
        if let Some(checkpoint) = beyond.first() {
            self.found(format_args!(
                "{size} entries are stored, but a checkpoint of {} was signed: acknowledged entries are lost",
                checkpoint.size
            ));
        }
        let last = rows::last_note(connection, election)?.unwrap_or_default();
        let signed = self
            .board
            .as_ref()
            .and_then(|board| Checkpoint::verify(&last, board).ok());
        if beyond.is_empty() && signed.is_none_or(|signed| signed.size != size) {
            self.found("the last entries have no checkpoint");
        }
        self.check_cosignatures(connection, election)
    }

    fn check_cosignatures(
        &mut self,
        connection: &mut AnyConnection,
        election: i32,
    ) -> Result<(), MaintenanceError> {
        for row in rows::cosignatures(connection, election)? {
            let note = rows::note(connection, election, row.size)?;
            let holds = self.board.as_ref().zip(note).zip(row.cosignature());
            let holds = holds.is_some_and(|((board, note), cosignature)| {
                let cosigned = cosigned_note(board, &note, &[cosignature]);
                let checked = CosignedCheckpoint::verify(&cosigned, board);
                checked.is_ok_and(|checked| checked.cosignatures == [cosignature])
            });
            if !holds {
                self.found(format_args!(
                    "the cosignature of witness {} does not hold for the checkpoint of {} entries",
                    row.witness, row.size
                ));
            }
        }
        Ok(())
    }
}

/// Whose entry it is, where that is a credential.
fn author(entry: &StoredEntry) -> String {
    match Envelope::decode(&entry.bytes).map(|envelope| envelope.author) {
        Ok(protocol::entry::Author::Voter(credential)) => {
            format!(" (credential {})", encode_hex(credential.as_bytes()))
        }
        _ => String::new(),
    }
}
