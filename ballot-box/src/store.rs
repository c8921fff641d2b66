//! The database: one SQLite file, one writer, several readers. It holds entries, checkpoints and
//! indices; what they mean is the fold's business.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::sql_types::{BigInt, Nullable};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use protocol::transcript::Digest;

use crate::models::{Election, NewCheckpoint, NewEntry, Place};
use crate::schema::{checkpoints, elections, entries};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Offset and length of the scope in every entry (docs/spec/encoding.md, "Entry").
const SCOPE: std::ops::Range<usize> = 2..34;

/// Why the database did not answer. For the server's log; never sent to anybody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It could not be opened.
    #[error("the database could not be opened: {0}")]
    Open(#[from] diesel::ConnectionError),
    /// Its tables could not be brought up to date.
    #[error("the database could not be brought up to date: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// A query failed.
    #[error("the database failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// No connection was free in time.
    #[error("no connection to the database was free: {0}")]
    Pool(#[from] diesel::r2d2::PoolError),
    /// A stored value is not of its form.
    #[error("the database holds a damaged {what}")]
    Damaged {
        /// What is damaged.
        what: &'static str,
    },
}

/// Reads the database, from any thread.
#[derive(Clone)]
pub struct Store {
    readers: Pool<ConnectionManager<SqliteConnection>>,
}

/// The one connection that writes.
pub struct Writer {
    connection: SqliteConnection,
}

/// What is written in one transaction.
#[derive(Debug, Default)]
pub struct Batch {
    /// New elections.
    pub elections: Vec<Election>,
    /// New entries.
    pub entries: Vec<NewEntry>,
    /// One checkpoint for each election with new entries.
    pub checkpoints: Vec<NewCheckpoint>,
}

#[derive(Debug)]
struct ReadOnly {
    busy_timeout: Duration,
}

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for ReadOnly {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        let wait = self.busy_timeout.as_millis();
        connection
            .batch_execute(&format!(
                "PRAGMA busy_timeout = {wait}; PRAGMA query_only = ON;"
            ))
            .map_err(diesel::r2d2::Error::QueryError)
    }
}

/// Opens the database file, makes or updates its tables, and gives its reader and its writer.
///
/// # Errors
/// [`StoreError`] if the file cannot be used.
pub fn open(
    path: &Path,
    readers: u32,
    busy_timeout: Duration,
) -> Result<(Store, Writer), StoreError> {
    let mut writer = Writer::open(path, busy_timeout)?;
    writer
        .connection
        .run_pending_migrations(MIGRATIONS)
        .map_err(StoreError::Migration)?;
    let readers = Pool::builder()
        .max_size(readers)
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(10))
        .connection_customizer(Box::new(ReadOnly { busy_timeout }))
        .build(ConnectionManager::new(url(path)?))?;
    Ok((Store { readers }, writer))
}

fn url(path: &Path) -> Result<&str, StoreError> {
    path.to_str().ok_or(StoreError::Damaged {
        what: "path: it is not UTF-8",
    })
}

impl Writer {
    /// Opens the database for writing.
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be used.
    pub fn open(path: &Path, busy_timeout: Duration) -> Result<Self, StoreError> {
        let mut connection = SqliteConnection::establish(url(path)?)?;
        // Nothing is acknowledged before it would survive a loss of power: synchronous = FULL.
        connection.batch_execute(&format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;",
            busy_timeout.as_millis()
        ))?;
        Ok(Self { connection })
    }

    /// All elections, in the order of their creation.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    pub fn elections(&mut self) -> Result<Vec<Election>, StoreError> {
        let query = elections::table
            .order(elections::id)
            .select(Election::as_select());
        Ok(query.load(&mut self.connection)?)
    }

    /// Writes a batch, all of it or nothing; when this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// [`StoreError`]; then whether the batch is on the disk is known only by reading.
    pub fn commit(&mut self, batch: &Batch) -> Result<(), StoreError> {
        self.connection.immediate_transaction(|connection| {
            diesel::insert_into(elections::table)
                .values(&batch.elections)
                .execute(connection)?;
            diesel::insert_into(entries::table)
                .values(&batch.entries)
                .execute(connection)?;
            diesel::insert_into(checkpoints::table)
                .values(&batch.checkpoints)
                .execute(connection)?;
            Ok(())
        })
    }
}

impl Store {
    fn connection(
        &self,
    ) -> Result<PooledConnection<ConnectionManager<SqliteConnection>>, StoreError> {
        Ok(self.readers.get()?)
    }

    /// The leaf hashes of an election's log, from the first.
    ///
    /// # Errors
    /// [`StoreError`], as of all functions here.
    pub fn leaf_hashes(&self, election: i32) -> Result<Vec<Digest>, StoreError> {
        let rows: Vec<Vec<u8>> = entries::table
            .filter(entries::election.eq(election))
            .order(entries::entry_index)
            .select(entries::leaf_hash)
            .load(&mut self.connection()?)?;
        rows.into_iter()
            .map(|hash| digest(hash, "leaf hash"))
            .collect()
    }

    /// The entries from `start` to `end` − 1, fewer where the log ends before.
    pub fn entries(&self, election: i32, start: u64, end: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let (start, end) = (stored(start), stored(end));
        let query = entries::table
            .filter(
                entries::election
                    .eq(election)
                    .and(entries::entry_index.ge(start))
                    .and(entries::entry_index.lt(end)),
            )
            .order(entries::entry_index)
            .select(entries::bytes);
        Ok(query.load(&mut self.connection()?)?)
    }

    /// Bytes of the bundle of these entries: each has two more for its length.
    pub fn bundle_length(&self, election: i32, start: u64, end: u64) -> Result<u64, StoreError> {
        let (start, end) = (stored(start), stored(end));
        let query = entries::table
            .filter(
                entries::election
                    .eq(election)
                    .and(entries::entry_index.ge(start))
                    .and(entries::entry_index.lt(end)),
            )
            .select(sql::<Nullable<BigInt>>("SUM(LENGTH(bytes) + 2)"));
        let length: Option<i64> = query.first(&mut self.connection()?)?;
        u64::try_from(length.unwrap_or(0)).map_err(|_| StoreError::Damaged { what: "length" })
    }

    /// The checkpoint of the largest size.
    pub fn latest_checkpoint(&self, election: i32) -> Result<Option<String>, StoreError> {
        let query = checkpoints::table
            .filter(checkpoints::election.eq(election))
            .order(checkpoints::size.desc())
            .select(checkpoints::note);
        Ok(query.first(&mut self.connection()?).optional()?)
    }

    /// The entry with this leaf hash.
    pub fn place_of_leaf(&self, election: i32, leaf: &Digest) -> Result<Option<Place>, StoreError> {
        let query = entries::table
            .filter(
                entries::election
                    .eq(election)
                    .and(entries::leaf_hash.eq(leaf.0.as_slice())),
            )
            .select((
                entries::entry_index,
                entries::leaf_hash,
                entries::code,
                entries::bytes,
            ));
        place(query.first(&mut self.connection()?).optional()?)
    }

    /// The ballot with this confirmation code.
    pub fn place_of_code(&self, election: i32, code: &Digest) -> Result<Option<Place>, StoreError> {
        let query = entries::table
            .filter(
                entries::election
                    .eq(election)
                    .and(entries::code.eq(code.0.as_slice())),
            )
            .select((
                entries::entry_index,
                entries::leaf_hash,
                entries::code,
                entries::bytes,
            ));
        place(query.first(&mut self.connection()?).optional()?)
    }

    /// Whether the database answers at all.
    pub fn check(&self) -> Result<(), StoreError> {
        self.connection()?.batch_execute("SELECT 1")?;
        Ok(())
    }
}

type PlaceRow = (i64, Vec<u8>, Option<Vec<u8>>, Vec<u8>);

fn place(row: Option<PlaceRow>) -> Result<Option<Place>, StoreError> {
    let Some((index, leaf, code, bytes)) = row else {
        return Ok(None);
    };
    let scope = bytes
        .get(SCOPE)
        .ok_or(StoreError::Damaged { what: "entry" })?;
    Ok(Some(Place {
        index: u64::try_from(index).map_err(|_| StoreError::Damaged { what: "index" })?,
        code: digest(code.unwrap_or(leaf), "confirmation code")?,
        scope: digest(scope.to_vec(), "scope")?,
    }))
}

fn digest(bytes: Vec<u8>, what: &'static str) -> Result<Digest, StoreError> {
    bytes
        .try_into()
        .map(Digest)
        .map_err(|_| StoreError::Damaged { what })
}

/// SQLite's integers are signed; a log never has 2^63 entries.
pub fn stored(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}
