//! Rows of one snapshot of a database, a few at a time.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use protocol::encoding::encode_hex;
use protocol::entry::Envelope;
use protocol::manifest::{BoardIdentity, ElectionManifest};

use super::MaintenanceError;
use crate::connection::AnyConnection;
use crate::database::{Access, Database};
use crate::models::{Election, StoredCheckpoint, StoredCosignature, StoredEntry};
use crate::schema::{checkpoints, cosignatures, elections, entries};
use crate::store::{StoreError, stored};

const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Entries read at a time; the longest have 64 kB.
pub const CHUNK: u64 = 256;

/// Gives `work` a connection on which nothing changes while it works.
pub fn snapshot<T>(
    database: &Database,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, MaintenanceError>,
) -> Result<T, MaintenanceError> {
    if let Database::Sqlite(path) = database
        && !path.is_file()
    {
        return Err(MaintenanceError::NoDatabase { path: path.clone() });
    }
    let mut connection = database.connect(Access::Read, BUSY_TIMEOUT)?;
    connection.transaction(|connection| {
        if matches!(connection, AnyConnection::Postgres(_)) {
            connection.batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")?;
        }
        work(connection)
    })
}

/// A connection to write over.
pub fn writable(database: &Database) -> Result<AnyConnection, MaintenanceError> {
    Ok(database.connect(Access::Write, BUSY_TIMEOUT)?)
}

/// Makes the tables or brings them up to date.
pub fn migrate(database: &Database) -> Result<Vec<String>, MaintenanceError> {
    Ok(database.migrate(BUSY_TIMEOUT)?)
}

/// The uuid of an election in digits, whatever is stored.
pub fn name(election: &Election) -> String {
    encode_hex(&election.uuid)
}

/// All elections.
pub fn elections(connection: &mut AnyConnection) -> Result<Vec<Election>, StoreError> {
    let query = elections::table
        .order(elections::id)
        .select(Election::as_select());
    Ok(query.load(connection)?)
}

/// How many entries are stored of an election, or of all.
pub fn n_entries(connection: &mut AnyConnection, election: Option<i32>) -> Result<u64, StoreError> {
    let count: i64 = match election {
        Some(election) => entries::table
            .filter(entries::election.eq(election))
            .count()
            .get_result(connection)?,
        None => entries::table.count().get_result(connection)?,
    };
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The next stored entries from an index on, at most [`CHUNK`].
pub fn entries(
    connection: &mut AnyConnection,
    election: i32,
    start: u64,
) -> Result<Vec<StoredEntry>, StoreError> {
    let range = entries::election
        .eq(election)
        .and(entries::entry_index.ge(stored(start)));
    let query = entries::table
        .filter(range)
        .order(entries::entry_index)
        .limit(stored(CHUNK))
        .select(StoredEntry::as_select());
    Ok(query.load(connection)?)
}

/// The next stored checkpoints with more than `size` entries, at most [`CHUNK`].
pub fn checkpoints(
    connection: &mut AnyConnection,
    election: i32,
    size: u64,
) -> Result<Vec<StoredCheckpoint>, StoreError> {
    let range = checkpoints::election
        .eq(election)
        .and(checkpoints::size.gt(stored(size)));
    let query = checkpoints::table
        .filter(range)
        .order(checkpoints::size)
        .limit(stored(CHUNK))
        .select(StoredCheckpoint::as_select());
    Ok(query.load(connection)?)
}

/// The stored cosignatures; the server keeps a few of each witness. A database of an earlier
/// program, which has no table for them, has none.
pub fn cosignatures(
    connection: &mut AnyConnection,
    election: i32,
) -> Result<Vec<StoredCosignature>, StoreError> {
    let has_table = match connection {
        AnyConnection::Sqlite(_) => {
            "EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'cosignatures')"
        }
        AnyConnection::Postgres(_) => "to_regclass('cosignatures') IS NOT NULL",
    };
    if !diesel::select(sql::<Bool>(has_table)).get_result::<bool>(connection)? {
        return Ok(Vec::new());
    }
    let query = cosignatures::table
        .filter(cosignatures::election.eq(election))
        .order((cosignatures::size, cosignatures::witness))
        .select(StoredCosignature::as_select());
    Ok(query.load(connection)?)
}

/// The signed note of the checkpoint of a size.
pub fn note(
    connection: &mut AnyConnection,
    election: i32,
    size: i64,
) -> Result<Option<String>, StoreError> {
    let query = checkpoints::table
        .find((election, size))
        .select(checkpoints::note);
    Ok(query.first(connection).optional()?)
}

/// The signed note of the largest checkpoint.
pub fn last_note(
    connection: &mut AnyConnection,
    election: i32,
) -> Result<Option<String>, StoreError> {
    let query = checkpoints::table
        .filter(checkpoints::election.eq(election))
        .order(checkpoints::size.desc())
        .select(checkpoints::note);
    Ok(query.first(connection).optional()?)
}

/// The log that a first entry, the manifest, names.
pub fn board_of(entry: &[u8]) -> Option<BoardIdentity> {
    let envelope = Envelope::decode(entry).ok()?;
    Some(ElectionManifest::parse(envelope.body).ok()?.board)
}
