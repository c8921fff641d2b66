//! Rows of the tables.

use diesel::prelude::*;
use protocol::cosignature::Cosignature;
use protocol::transcript::Digest;

use crate::schema::{checkpoints, cosignatures, elections, entries};
use crate::store::stored;

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

/// A cosignature as it is stored.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = cosignatures)]
pub struct StoredCosignature {
    /// Its election.
    pub election: i32,
    /// Entries of the checkpoint.
    pub size: i64,
    /// Number of the witness in the manifest, from 1.
    pub witness: i32,
    /// When it signed, in seconds since 1970, as it says.
    pub signed_at: i64,
    /// The Ed25519 signature, 64 bytes.
    pub signature: Vec<u8>,
}

impl StoredCosignature {
    /// The row of a cosignature of the checkpoint of `size` entries, unless it is of a time that
    /// the database cannot hold.
    pub fn of(election: i32, size: u64, cosignature: &Cosignature) -> Option<Self> {
        Some(Self {
            election,
            size: stored(size),
            witness: cosignature.witness.into(),
            signed_at: i64::try_from(cosignature.time).ok()?,
            signature: cosignature.signature.to_vec(),
        })
    }

    /// The cosignature, if the row is of its form.
    pub fn cosignature(&self) -> Option<Cosignature> {
        Some(Cosignature {
            witness: self.witness.try_into().ok()?,
            time: self.signed_at.try_into().ok()?,
            signature: self.signature.as_slice().try_into().ok()?,
        })
    }
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
