//! Rows of the tables.

use diesel::prelude::*;
use protocol::transcript::Digest;

use crate::schema::{checkpoints, elections, entries};

/// An election as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = elections)]
pub struct Election {
    /// Number in this database.
    pub id: i32,
    /// The uuid of its manifest, 16 bytes.
    pub uuid: Vec<u8>,
    /// The origin line of its log.
    pub origin: String,
}

/// An entry as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = entries, treat_none_as_default_value = false)]
pub struct StoredEntry {
    /// Its election.
    pub election: i32,
    /// Its place in the log, from 0.
    pub entry_index: i64,
    /// The entry.
    pub bytes: Vec<u8>,
    /// Hash of its leaf.
    pub leaf_hash: Vec<u8>,
    /// Its confirmation code, of a ballot.
    pub code: Option<Vec<u8>>,
}

/// A signed checkpoint as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = checkpoints)]
pub struct StoredCheckpoint {
    /// Its election.
    pub election: i32,
    /// Entries in the log.
    pub size: i64,
    /// The signed note.
    pub note: String,
}

/// Where an entry stands, and what its receipt names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its place in the log, from 0.
    pub index: u64,
    /// The confirmation code of a ballot, the leaf hash of anything else.
    pub code: Digest,
    /// The manifest id or election id that the entry carries.
    pub scope: Digest,
}
