//! Where the board is stored: an SQLite file in the data folder, or a PostgreSQL database that
//! several servers share. How it is reached and its tables are made; what is in them:
//! [`crate::store`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
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
use crate::schema::sequencer;
use crate::store::StoreError;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Number of the lock that the one who appends holds; one database holds one ballot box.
const APPENDING: i64 = 0x7073_6570_686f_7301;
/// Number of the lock that guards changes of the tables.
const MIGRATING: i64 = 0x7073_6570_686f_7302;

/// How a connection to PostgreSQL behaves unless its address says otherwise: it is made to a server
/// that takes writes, of several that the address names; no step of making it takes longer than
/// seconds, and a machine that vanishes is noticed within ten.
const UNLESS_SAID: [(&str, &str); 6] = [
    ("target_session_attrs", "read-write"),
    ("connect_timeout", "4"),
    ("keepalives_idle", "4"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "10000"),
];

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

/// What a database server promises about what it has acknowledged.
#[derive(QueryableByName)]
struct Promises {
    #[diesel(sql_type = Text)]
    fsync: String,
    #[diesel(sql_type = Text)]
    synchronous_commit: String,
    /// The same in this session, which may differ.
    #[diesel(sql_type = Text)]
    here: String,
    #[diesel(sql_type = Text)]
    replicas: String,
}

/// Whether a transaction is on the disk, and on that of the replica, before it is acknowledged.
fn waits_for_disk(synchronous_commit: &str) -> bool {
    ["on", "remote_apply"].contains(&synchronous_commit)
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
                let url = with_defaults(url.expose());
                let mut connection = PgConnection::establish(url.expose())?;
                // The keepalives tell the database within ten seconds that a server is gone.
                connection.batch_execute(&format!(
                    "SET client_min_messages = warning; SET lock_timeout = {wait}; \
                     SET tcp_keepalives_idle = 4; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
                ))?;
                let promises = promises(&mut connection)?;
                match access {
                    Access::Read => {
                        connection.batch_execute("SET default_transaction_read_only = on")?;
                    }
                    Access::Write => prepare_to_write(&mut connection, &promises)?,
                }
                Ok(AnyConnection::Postgres(connection))
            }
        }
    }

    /// Says in the log what the database's operator should change, when this server begins to append.
    ///
    /// # Errors
    /// [`StoreError`] if the database does not answer.
    pub fn warn_of_losses(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let (Self::Postgres(url), AnyConnection::Postgres(connection)) = (self, connection) else {
            return Ok(());
        };
        let promises = promises(connection)?;
        if !waits_for_disk(&promises.synchronous_commit) {
            tracing::warn!(
                synchronous_commit = %promises.synchronous_commit,
                "the database may lose what it acknowledges; the ballot box turns synchronous_commit on for itself, but it should be on"
            );
        }
        if promises.replicas.is_empty() && names_several(url.expose()) {
            tracing::warn!(
                "--database names several servers, but the one that takes writes waits for no replica (synchronous_standby_names is empty): if another takes over, acknowledged entries may be lost"
            );
        }
        Ok(())
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

/// The address with what it leaves open ([`UNLESS_SAID`]).
fn with_defaults(url: &str) -> Secret<String> {
    let mut whole = String::with_capacity(url.len() + 256);
    whole.push_str(url);
    let given = url.split_once('?').map_or("", |(_, given)| given);
    for (name, value) in UNLESS_SAID {
        let is_given = |pair: &str| pair.split('=').next() == Some(name);
        if !given.split('&').any(is_given) {
            whole.push(if whole.contains('?') { '&' } else { '?' });
            whole.push_str(&format!("{name}={value}"));
        }
    }
    Secret::new(whole)
}

/// Whether the address names several servers, of which one may take over from another.
fn names_several(url: &str) -> bool {
    let authority = url.split("://").nth(1).unwrap_or_default();
    let hosts = authority.split(['/', '?']).next().unwrap_or_default();
    hosts.contains(',') || url.contains("host=") && url.contains(',')
}

/// What the server promises.
///
/// # Errors
/// [`StoreError::Forgetful`] if it may lose what it has acknowledged, whatever is set here.
fn promises(connection: &mut PgConnection) -> Result<Promises, StoreError> {
    let promises: Promises = diesel::sql_query(
        "SELECT current_setting('fsync') AS fsync, \
         (SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit') AS synchronous_commit, \
         current_setting('synchronous_commit') AS here, \
         current_setting('synchronous_standby_names') AS replicas",
    )
    .get_result(connection)?;
    if promises.fsync == "on" {
        Ok(promises)
    } else {
        Err(StoreError::Forgetful)
    }
}

/// Makes the connection wait for the disk, and for the replicas if there are any. A timeout of
/// statements would end that wait, and the server would acknowledge what no replica has. It is set
/// also where it is so already: what a session has not set itself changes with the server's settings.
fn prepare_to_write(
    connection: &mut PgConnection,
    promises: &Promises,
) -> Result<(), diesel::result::Error> {
    let wait = match promises.here.as_str() {
        "remote_apply" => "remote_apply",
        _ => "on",
    };
    connection.batch_execute(&format!(
        "SET statement_timeout = 0; SET synchronous_commit = {wait}"
    ))
}

/// Asks whether the database still promises to keep what it acknowledges over this connection that
/// writes: its settings may change while it runs.
///
/// # Errors
/// [`StoreError::Forgetful`] if it does not, or what it says if it fails.
pub fn check_promises(connection: &mut AnyConnection) -> Result<(), StoreError> {
    match connection {
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(connection) => {
            let promises = promises(connection)?;
            match waits_for_disk(&promises.here) {
                true => Ok(()),
                false => Err(StoreError::Forgetful),
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
    /// The epoch in which this server appends; 0 while it does not. A connection that shows an
    /// earlier one leads to another database than the writer's, as it may after a failover.
    pub epoch: Arc<AtomicI64>,
}

impl ManageConnection for Readers {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection, StoreError> {
        self.database.connect(Access::Read, self.busy_timeout)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let ours = self.epoch.load(Ordering::Relaxed);
        if ours == 0 {
            return Ok(connection.ping()?);
        }
        let epoch: i64 = sequencer::table
            .select(sequencer::epoch)
            .first(connection)?;
        match epoch >= ours {
            true => Ok(()),
            false => Err(StoreError::Elsewhere),
        }
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        connection.is_broken()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_last_word_over_what_is_usual() {
        let whole = |url: &str| with_defaults(url).expose().clone();
        assert_eq!(
            whole("postgres://a@h/d"),
            "postgres://a@h/d?target_session_attrs=read-write&connect_timeout=4&keepalives_idle=4&\
             keepalives_interval=2&keepalives_count=3&tcp_user_timeout=10000"
        );
        let given = "postgres://a@h,i/d?connect_timeout=9&target_session_attrs=any";
        let found = whole(given);
        assert!(found.starts_with(given) && found.matches("connect_timeout").count() == 1);
        assert_eq!(found.matches("target_session_attrs").count(), 1);
    }

    #[test]
    fn several_servers_are_seen_in_an_address() {
        for several in ["postgres://a@h,i/d", "postgresql:///d?host=/a,/b&user=a"] {
            assert!(names_several(several), "{several}");
        }
        for one in ["postgres://a@h/d", "postgres://a@%2Ftmp%2Fx/d?user=b"] {
            assert!(!names_several(one), "{one}");
        }
    }
}
