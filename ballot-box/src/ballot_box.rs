//! The ballot box behind its addresses: what happens to an entry from arrival to receipt, and what
//! is read back.

mod creation;
mod loading;
mod posting;
mod reading;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use protocol::encoding::encode_hex;
use tokio::sync::Semaphore;

use crate::boards::{Board, Boards, Uuid};
use crate::config::Config;
use crate::data_folder::LockedFolder;
use crate::database::Database;
use crate::error::StartError;
use crate::kept::Kept;
use crate::key::BoardKey;
use crate::limits::{Limit, Limits};
use crate::metrics::{Metrics, Now};
use crate::problem::Problem;
use crate::publication::destination::Destination;
use crate::publication::{Press, Publisher, Unpublished};
use crate::sequencer::{Desk, Line, Sequencer};
use crate::store::{Store, StoreError};
use crate::verification::Verification;
use crate::witnesses::{self, Witnesses};
use crate::writer::Writer;

pub use posting::Posted;
pub(crate) use posting::reply;

/// Longest that anybody waits for an answer, whatever the database does. An entry may be appended
/// after that; it is then found when it is posted again.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Logs that are replayed at a time, however many are asked for, and as many of running elections.
const REPLAYS: usize = 4;

/// The ballot box. Dropping it finishes what waits; the fields are dropped in this order.
pub struct BallotBox {
    witnesses: Witnesses,
    verification: Verification,
    sequencer: Sequencer,
    _publisher: Option<Publisher>,
    unpublished: Option<Arc<Unpublished>>,
    boards: Arc<Boards>,
    store: Store,
    kept: Kept,
    key: Arc<BoardKey>,
    /// Turns to check a new manifest.
    creations: Semaphore,
    /// Turns to replay the log of an election that is past its close: each holds one that is not
    /// counted yet.
    replays: Arc<Semaphore>,
    /// The same for one that is not.
    running_replays: Arc<Semaphore>,
    limits: Limits,
    metrics: Arc<Metrics>,
    config: Config,
    _folder: LockedFolder,
}

impl BallotBox {
    /// Takes the data folder, opens the database and starts the threads.
    ///
    /// # Errors
    /// [`StartError`], naming what is in the way.
    pub fn open(config: Config) -> Result<Self, StartError> {
        let folder = LockedFolder::take(&config.data)?;
        // Before the database file is made: it tells a lost key from one that is not made yet.
        let key = match &config.database {
            Database::Sqlite(_) => Some(BoardKey::load_or_create(&config.data)?),
            Database::Postgres(_) => None,
        };
        let n_readers = u32::try_from(config.workers)
            .unwrap_or(u32::MAX)
            .clamp(4, 32);
        for step in config.database.migrate(config.busy_timeout)? {
            tracing::info!(step, "the database was brought up to date");
        }
        let store = Store::open(&config.database, n_readers, config.busy_timeout)?;
        let key = Arc::new(match key {
            Some(key) => key,
            None if store.board_key()?.is_some() => BoardKey::load(&config.data)?,
            None => BoardKey::load_or_create(&config.data)?,
        });
        let writer = Writer::take(&config.database, config.busy_timeout, &key.public())?;
        if let Some(writer) = &writer {
            store.read_with(writer.epoch())?;
        }
        if writer.is_none() {
            tracing::info!("another server appends to the database; this one follows it");
        }
        let boards = Arc::new(Boards::default());
        let next_number = boards.add_stored(store.elections()?)?;
        let metrics = Arc::new(Metrics::default());
        let press = match &config.tiles {
            None => None,
            Some(address) => Some(Press {
                destination: Destination::open(address)?,
                unpublished: Arc::new(Unpublished::default()),
                store: store.clone(),
                key: key.clone(),
                metrics: metrics.clone(),
            }),
        };
        let unpublished = press.as_ref().map(|press| press.unpublished.clone());
        let desk = Desk {
            metrics: metrics.clone(),
            database: config.database.clone(),
            writer,
            store: store.clone(),
            busy_timeout: config.busy_timeout,
            key: key.clone(),
            boards: boards.clone(),
            next_number,
            most_boards: config.boards,
            unpublished: unpublished.clone(),
        };
        let sequencer = Sequencer::start(desk).map_err(StartError::Thread)?;
        let publisher = press.map(Publisher::start).transpose();
        let publisher = publisher.map_err(StartError::Thread)?;
        let verification = Verification::start(config.workers, config.queue, sequencer.line())
            .map_err(StartError::Thread)?;
        let witnesses = Witnesses::start(witnesses::Desk {
            addresses: config.witnesses.clone(),
            boards: boards.clone(),
            store: store.clone(),
            key: key.clone(),
            line: sequencer.line().clone(),
            appends: sequencer.appends_flag(),
            metrics: metrics.clone(),
            n_threads: config.workers,
        })
        .map_err(StartError::Thread)?;
        Ok(Self {
            witnesses,
            verification,
            sequencer,
            _publisher: publisher,
            unpublished,
            boards,
            store,
            kept: Kept::default(),
            key,
            creations: Semaphore::new(config.workers),
            replays: Arc::new(Semaphore::new(REPLAYS)),
            running_replays: Arc::new(Semaphore::new(REPLAYS)),
            limits: Limits {
                address: Limit::new(config.address_limit),
                credential: Limit::new(config.credential_limit),
            },
            metrics,
            config,
            _folder: folder,
        })
    }

    /// An answer, or that there is none in time. Giving up is safe at any moment: whoever puts entries
    /// in order or reads a log for the first time goes on.
    ///
    /// # Errors
    /// 503 if it takes too long, besides those of the answer.
    pub async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let answer = tokio::time::timeout(ANSWER_WITHIN, answer).await;
        answer.unwrap_or_else(|_| Err(unavailable()))
    }

    /// The settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How often one may post.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The server's figures.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The server's figures as text.
    pub fn metrics_text(&self) -> String {
        self.metrics.text(Now {
            waiting: self.verification.waiting(),
            appends: self.sequencer.appends(),
            elections: self.boards.all().len(),
            unpublished: self.unpublished.as_ref().map_or(0, |boards| boards.count()),
        })
    }

    /// The board's public key, 64 hexadecimal digits.
    pub fn public_key(&self) -> String {
        encode_hex(&self.key.public())
    }

    /// All boards.
    pub fn boards(&self) -> &Boards {
        &self.boards
    }

    /// The board of an election.
    ///
    /// # Errors
    /// 404 if there is none.
    pub fn board(&self, uuid: &Uuid) -> Result<Arc<Board>, Problem> {
        self.boards
            .get(uuid)
            .ok_or_else(|| Problem::not_found("There is no election of this uuid on this server."))
    }

    /// The entries from `start` to `end` − 1.
    ///
    /// # Errors
    /// 503 if they cannot be read.
    pub async fn entries(
        &self,
        board: &Board,
        start: u64,
        end: u64,
    ) -> Result<Vec<Vec<u8>>, Problem> {
        let number = board.number;
        self.read(move |store| store.entries(number, start, end))
            .await
    }

    /// Whether this server can accept entries: not while it follows another.
    ///
    /// # Errors
    /// 503 if not.
    pub async fn ready(&self) -> Result<(), Problem> {
        self.leads()?;
        self.health().await?;
        if self.sequencer.appends() {
            Ok(())
        } else {
            Err(unavailable())
        }
    }

    /// Refuses what only the server that appends can take, before it costs anything. One that has
    /// its database for itself tries, since that opens it again.
    fn leads(&self) -> Result<(), Problem> {
        if self.sequencer.is_held_up(self.config.busy_timeout) {
            return Err(unavailable());
        }
        if self.config.database.is_shared() && !self.sequencer.appends() {
            return Err(following());
        }
        Ok(())
    }

    /// Whether the server lives and can read its database.
    ///
    /// # Errors
    /// 503 if not.
    pub async fn health(&self) -> Result<(), Problem> {
        self.read(Store::check).await.map_err(|_| unavailable())?;
        if self.sequencer.is_alive() {
            Ok(())
        } else {
            Err(unavailable())
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        read(&self.store, query).await
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    fn line(&self) -> &Line {
        self.sequencer.line()
    }
}

/// Asks the database; what is wrong with it is for the log only.
pub(crate) async fn read<T: Send + 'static>(
    store: &Store,
    query: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, Problem> {
    store.ask(query).await.map_err(|error| {
        tracing::error!(%error, "the database could not be read");
        unavailable()
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a task failed");
        Problem::internal()
    })
}

pub(crate) fn unavailable() -> Problem {
    Problem::unavailable("The server cannot read or write its disk just now; try again shortly.")
}

fn following() -> Problem {
    Problem::unavailable(
        "Another server of this ballot box takes entries just now; send it there, or here again shortly.",
    )
}

fn busy() -> Problem {
    Problem::unavailable("More is waiting than this server can answer; try again shortly.")
}
