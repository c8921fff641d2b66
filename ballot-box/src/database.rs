//! Where the board is stored: an SQLite file in the data folder, or a PostgreSQL database that
//! several servers share. How it is reached and its tables are made; what is in them:
//! [`crate::store`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection as _};
use diesel::sql_types::{Bool, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use protocol::secret::Secret;

use crate::connection::AnyConnection;
use crate::store::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Number of the lock that the one who appends holds; one database holds one ballot box.
const APPENDING: i64 = 0x7073_6570_686f_7301;
/// Number of the lock that guards changes of the tables.
const MIGRATING: i64 = 0x7073_6570_686f_7302;

/// Which database.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file, used by one server.
    Sqlite(PathBuf),
    /// PostgreSQL under this address, which may hold a password.
    Postgres(Arc<Secret<String>>),
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing is written over it.
    Read,
    /// The one who appends writes over it.
    Write,
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(_) => f.write_str("the PostgreSQL database"),
        }
    }
}

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    fsync: String,
}

#[derive(QueryableByName)]
struct Lock {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

impl Database {
    /// Whether several servers may be at it.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// A new connection.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be reached, or would not keep what it says it has.
    pub fn connect(
        &self,
        access: Access,
        busy_timeout: Duration,
    ) -> Result<AnyConnection, StoreError> {
        let wait = busy_timeout.as_millis();
        match self {
            Self::Sqlite(path) => {
                let path = path.to_str().ok_or(StoreError::Damaged {
                    what: "path: it is not UTF-8",
                })?;
                let mut connection = SqliteConnection::establish(path)?;
                // Nothing is acknowledged before it would survive a loss of power: synchronous = FULL.
                let settings = match access {
                    Access::Read => "query_only = ON",
                    Access::Write => {
                        "journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"
                    }
                };
                connection
                    .batch_execute(&format!("PRAGMA busy_timeout = {wait}; PRAGMA {settings};"))?;
                Ok(AnyConnection::Sqlite(connection))
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(url.expose())?;
                // The keepalives tell the database within ten seconds that a server is gone.
                let settings = match access {
                    Access::Read => "default_transaction_read_only = on",
                    Access::Write => "synchronous_commit = on",
                };
                connection.batch_execute(&format!(
                    "SET client_min_messages = warning; SET lock_timeout = {wait}; SET {settings}; \
                     SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
                ))?;
                let setting: Setting =
                    diesel::sql_query("SELECT current_setting('fsync') AS fsync")
                        .get_result(&mut connection)?;
                if setting.fsync != "on" {
                    return Err(StoreError::Forgetful);
                }
                Ok(AnyConnection::Postgres(connection))
            }
        }
    }

    /// Makes the tables or brings them up to date; gives the names of the steps that were taken.
    ///
    /// # Errors
    /// [`StoreError`], also if a newer program has been at the database.
    pub fn migrate(&self, busy_timeout: Duration) -> Result<Vec<String>, StoreError> {
        match self.connect(Access::Write, busy_timeout)? {
            AnyConnection::Sqlite(mut connection) => migrate(&mut connection, SQLITE),
            AnyConnection::Postgres(mut connection) => {
                // The lock ends with the connection.
                connection.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATING})"))?;
                migrate(&mut connection, POSTGRES)
            }
        }
    }
}

fn migrate<DB: Backend, C: MigrationHarness<DB>>(
    connection: &mut C,
    source: EmbeddedMigrations,
) -> Result<Vec<String>, StoreError> {
    let known: Vec<String> = MigrationSource::<DB>::migrations(&source)
        .map_err(StoreError::Migration)?
        .iter()
        .map(|step| step.name().version().to_string())
        .collect();
    let taken = connection
        .applied_migrations()
        .map_err(StoreError::Migration)?;
    if taken.iter().any(|step| !known.contains(&step.to_string())) {
        return Err(StoreError::Newer);
    }
    let new = connection
        .run_pending_migrations(source)
        .map_err(StoreError::Migration)?;
    Ok(new.iter().map(ToString::to_string).collect())
}

/// Tries to become the one who appends, for as long as the connection lasts. A file needs no lock
/// here: its folder is used by one server only.
///
/// # Errors
/// [`StoreError`] if the database does not answer.
pub fn try_lock(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    match connection {
        AnyConnection::Sqlite(_) => Ok(true),
        AnyConnection::Postgres(connection) => {
            let query = format!("SELECT pg_try_advisory_lock({APPENDING}) AS taken");
            let lock: Lock = diesel::sql_query(query).get_result(connection)?;
            Ok(lock.taken)
        }
    }
}

/// Whether `text` is the address of a PostgreSQL database.
pub fn is_postgres(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

/// Where the file is in a data folder.
pub fn file_in(folder: &Path) -> PathBuf {
    folder.join(crate::data_folder::DATABASE)
}

/// Makes the connections of a pool.
#[derive(Debug)]
pub struct Readers {
    /// Which database.
    pub database: Database,
    /// How long to wait for a lock.
    pub busy_timeout: Duration,
}

impl ManageConnection for Readers {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        self.database.connect(Access::Read, self.busy_timeout)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        Ok(connection.ping()?)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        connection.is_broken()
    }
}
