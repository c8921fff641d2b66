//! What is read from the database: entries, checkpoints and indices. What they mean is the fold's
//! business.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};
use diesel::sql_types::{BigInt, Nullable};
use protocol::transcript::Digest;
use tokio::sync::Semaphore;

use crate::connection::AnyConnection;
use crate::database::{Database, Readers};
use crate::models::{Election, Place, StoredCosignature};
use crate::schema::{checkpoints, cosignatures, elections, entries, sequencer};

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
    /// It did not answer in time.
    #[error("the database does not answer")]
    Unanswered,
    /// It has steps that this program does not know.
    #[error("a newer ballot box has changed the database; start that one, or restore a backup")]
    Newer,
    /// Its server may lose what it acknowledged.
    #[error(
        "the database server runs with fsync = off, or with synchronous_commit weaker than on, and may lose what it acknowledged; turn both on"
    )]
    Forgetful,
    /// Signed by another key.
    #[error(
        "its boards are signed by another key than board.key of this data folder; put the true key there"
    )]
    OtherKey,
    /// A connection leads to another database than the writer's.
    #[error("a connection shows the database as it was before this server began to append")]
    Elsewhere,
    /// Another server has taken over.
    #[error("another server appends to this database now")]
    Deposed,
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
    readers: Pool<Readers>,
    /// As many as there may be connections. Whoever waits for one holds no thread.
    turns: Arc<Semaphore>,
    patience: Duration,
    /// What [`Readers::epoch`] says.
    epoch: Arc<AtomicI64>,
}

impl Store {
    /// Readers of a database whose tables are there.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be reached; so of all functions here, if it fails.
    pub fn open(
        database: &Database,
        readers: u32,
        busy_timeout: Duration,
    ) -> Result<Self, StoreError> {
        let epoch = Arc::new(AtomicI64::new(0));
        let manager = Readers {
            database: database.clone(),
            busy_timeout,
            epoch: epoch.clone(),
        };
        let readers = Pool::builder()
            .max_size(readers)
            .min_idle(Some(1))
            .connection_timeout(busy_timeout.max(Duration::from_secs(1)))
            .build(manager)?;
        let n_turns = readers.max_size() as usize;
        Ok(Self {
            readers,
            turns: Arc::new(Semaphore::new(n_turns)),
            // Longer than it takes to wait for a lock, or for a connection.
            patience: busy_timeout + Duration::from_secs(5),
            epoch,
        })
    }

    /// Reads only what the writer of this epoch sees, from now on. Connections that lead elsewhere
    /// are given up; if the writer itself is on a database that another server has left behind, it
    /// must not append.
    ///
    /// # Errors
    /// [`StoreError::Deposed`] if there is a later epoch; otherwise what it says if no connection
    /// leads to the writer's database.
    pub fn read_with(&self, epoch: i64) -> Result<(), StoreError> {
        self.epoch.store(epoch, Ordering::Relaxed);
        let query = sequencer::table.select(sequencer::epoch);
        let read = self.connection().and_then(|mut connection| {
            let found: i64 = query.first(&mut *connection)?;
            match found == epoch {
                true => Ok(()),
                false => Err(StoreError::Deposed),
            }
        });
        read.inspect_err(|_| self.read_any())
    }

    /// Reads whatever is there, as a server does that does not append.
    pub fn read_any(&self) {
        self.epoch.store(0, Ordering::Relaxed);
    }

    /// Asks the database from a task. A question that it does not answer in time goes on holding its
    /// turn, so that at most as many threads wait for it as there are connections.
    ///
    /// # Errors
    /// [`StoreError`], also if no turn came or no answer.
    pub async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let answer = async {
            let turn = self.turns.clone().acquire_owned().await;
            let store = self.clone();
            let asked = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                question(&store)
            });
            asked.await.unwrap_or_else(|error| {
                tracing::error!(%error, "a question to the database failed");
                Err(StoreError::Unanswered)
            })
        };
        let answer = tokio::time::timeout(self.patience, answer).await;
        answer.unwrap_or(Err(StoreError::Unanswered))
    }

    fn connection(&self) -> Result<PooledConnection<Readers>, StoreError> {
        Ok(self.readers.get()?)
    }

    /// All elections, in the order of their creation.
    pub fn elections(&self) -> Result<Vec<Election>, StoreError> {
        let query = elections::table
            .order(elections::id)
            .select(Election::as_select());
        Ok(query.load(&mut *self.connection()?)?)
    }

    /// The public key that signs the checkpoints, once a server has appended.
    pub fn board_key(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sequencer::table.select(sequencer::board_key);
        Ok(query.first(&mut *self.connection()?)?)
    }

    /// The leaf hashes of the entries from `start` to `end` − 1, fewer where the log ends before.
    pub fn leaves(&self, election: i32, start: u64, end: u64) -> Result<Vec<Digest>, StoreError> {
        let (start, end) = (stored(start), stored(end));
        let query = entries::table
            .filter(
                entries::election
                    .eq(election)
                    .and(entries::entry_index.ge(start))
                    .and(entries::entry_index.lt(end)),
            )
            .order(entries::entry_index)
            .select(entries::leaf_hash);
        let rows: Vec<Vec<u8>> = query.load(&mut *self.connection()?)?;
        let leaves = rows.into_iter().map(|hash| digest(hash, "leaf hash"));
        leaves.collect()
    }

    /// How many entries this checkpoint of an election is of, if it is a stored one.
    pub fn size_of_note(&self, election: i32, note: &str) -> Result<Option<u64>, StoreError> {
        // The second line is the size (C2SP tlog-checkpoint).
        let Some(size) = note.lines().nth(1).and_then(|line| line.parse().ok()) else {
            return Ok(None);
        };
        let query = checkpoints::table
            .filter(
                checkpoints::election
                    .eq(election)
                    .and(checkpoints::size.eq(stored(size))),
            )
            .select(checkpoints::note);
        let found: Option<String> = query.first(&mut *self.connection()?).optional()?;
        Ok((found.as_deref() == Some(note)).then_some(size))
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
        Ok(query.load(&mut *self.connection()?)?)
    }

    /// Bytes of the bundle of these entries, which must all be there: each has two more for its length.
    pub fn bundle_length(&self, election: i32, start: u64, end: u64) -> Result<u64, StoreError> {
        let (start, end) = (stored(start), stored(end));
        let query = entries::table
            .filter(
                entries::election
                    .eq(election)
                    .and(entries::entry_index.ge(start))
                    .and(entries::entry_index.lt(end)),
            )
            .select((
                count_star(),
                sql::<Nullable<BigInt>>("SUM(LENGTH(bytes) + 2)"),
            ));
        let (n_found, length): (i64, Option<i64>) = query.first(&mut *self.connection()?)?;
        if n_found != end - start {
            return Err(StoreError::Damaged { what: "log" });
        }
        u64::try_from(length.unwrap_or(0)).map_err(|_| StoreError::Damaged { what: "length" })
    }

    /// The checkpoint of the largest size.
    pub fn latest_checkpoint(&self, election: i32) -> Result<Option<String>, StoreError> {
        let query = checkpoints::table
            .filter(checkpoints::election.eq(election))
            .order(checkpoints::size.desc())
            .select(checkpoints::note);
        Ok(query.first(&mut *self.connection()?).optional()?)
    }

    /// The cosignatures of the checkpoint of a size, in the order of the manifest.
    pub fn cosignatures(
        &self,
        election: i32,
        size: u64,
    ) -> Result<Vec<StoredCosignature>, StoreError> {
        let query = cosignatures::table
            .filter(
                cosignatures::election
                    .eq(election)
                    .and(cosignatures::size.eq(stored(size))),
            )
            .order(cosignatures::witness)
            .select(StoredCosignature::as_select());
        Ok(query.load(&mut *self.connection()?)?)
    }

    /// The last cosignature of a witness.
    pub fn last_cosignature(
        &self,
        election: i32,
        witness: u16,
    ) -> Result<Option<StoredCosignature>, StoreError> {
        let query = cosignatures::table
            .filter(
                cosignatures::election
                    .eq(election)
                    .and(cosignatures::witness.eq(i32::from(witness))),
            )
            .order(cosignatures::size.desc())
            .select(StoredCosignature::as_select());
        Ok(query.first(&mut *self.connection()?).optional()?)
    }

    /// The note of the largest checkpoint that at least `quorum` witnesses signed, and what they
    /// signed, both at one moment.
    pub fn witnessed(
        &self,
        election: i32,
        quorum: usize,
    ) -> Result<Option<(String, Vec<StoredCosignature>)>, StoreError> {
        let mut pooled = self.connection()?;
        let connection: &mut AnyConnection = &mut pooled;
        let mut rows: Vec<StoredCosignature> = cosignatures::table
            .filter(cosignatures::election.eq(election))
            .order((cosignatures::size.desc(), cosignatures::witness))
            .select(StoredCosignature::as_select())
            .load(connection)?;
        let count = |size| rows.iter().filter(|row| row.size == size).count();
        let Some(size) = rows
            .iter()
            .map(|row| row.size)
            .find(|size| count(*size) >= quorum)
        else {
            return Ok(None);
        };
        rows.retain(|row| row.size == size);
        // One without a checkpoint is not shown.
        let note: Option<String> = checkpoints::table
            .filter(
                checkpoints::election
                    .eq(election)
                    .and(checkpoints::size.eq(size)),
            )
            .select(checkpoints::note)
            .first(connection)
            .optional()?;
        Ok(note.map(|note| (note, rows)))
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
        place(query.first(&mut *self.connection()?).optional()?)
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
        place(query.first(&mut *self.connection()?).optional()?)
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

/// The databases' integers are signed; a log never has 2^63 entries.
pub fn stored(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::writer::Writer;

    #[test]
    fn readers_leave_the_database_that_the_writer_is_not_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let wait = Duration::from_secs(1);
        for name in ["old", "new"] {
            Database::Sqlite(path(name)).migrate(wait).unwrap();
        }
        symlink(path("old"), path("now")).unwrap();
        let database = Database::Sqlite(path("now"));
        let store = Store::open(&database, 1, wait).unwrap();
        store.check().unwrap();
        // Another takes the place of the first, whose connections stay.
        std::fs::remove_file(path("now")).unwrap();
        symlink(path("new"), path("now")).unwrap();
        let writer = Writer::take(&database, wait, &[7; 32]).unwrap().unwrap();
        assert_eq!(store.board_key().unwrap(), None);
        store.read_with(writer.epoch()).unwrap();
        assert_eq!(store.board_key().unwrap(), Some(vec![7; 32]));
        // A writer that another server has left behind reads what is later, and must not append.
        let later = Writer::take(&database, wait, &[7; 32]).unwrap().unwrap();
        assert!(matches!(
            store.read_with(writer.epoch()),
            Err(StoreError::Deposed)
        ));
        store.read_with(later.epoch()).unwrap();
    }
}
