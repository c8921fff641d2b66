//! The ballot box behind its addresses: what happens to an entry from arrival to receipt, and what
//! is read back.

mod creation;
mod loading;
mod posting;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use protocol::checkpoint::cosigned_note;
use protocol::encoding::encode_hex;
use protocol::entry::Envelope;
use protocol::group::Element;
use protocol::manifest::ElectionManifest;
use protocol::receipt::Receipt;
use protocol::transcript::Digest;
use tokio::sync::{Semaphore, oneshot};

use crate::boards::{Board, Boards, Uuid};
use crate::config::Config;
use crate::data_folder::LockedFolder;
use crate::database::Database;
use crate::error::StartError;
use crate::key::BoardKey;
use crate::limits::{Limit, Limits};
use crate::metrics::{Metrics, Now};
use crate::models::{Place, StoredCosignature};
use crate::problem::Problem;
use crate::sequencer::{Command, Desk, Line, Sequencer};
use crate::state::VoterStatus;
use crate::store::{Store, StoreError};
use crate::verification::Verification;
use crate::witnesses::{self, Witnesses};
use crate::writer::Writer;

pub use posting::Posted;
pub(crate) use posting::reply;

/// Longest that anybody waits for an answer, whatever the database does. An entry may be appended
/// after that; it is then found when it is posted again.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The ballot box. Dropping it finishes what waits; the fields are dropped in this order.
pub struct BallotBox {
    witnesses: Witnesses,
    verification: Verification,
    sequencer: Sequencer,
    boards: Arc<Boards>,
    store: Store,
    key: Arc<BoardKey>,
    /// Turns to check a new manifest.
    creations: Semaphore,
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
        let desk = Desk {
            metrics: metrics.clone(),
            database: config.database.clone(),
            writer,
            store: store.clone(),
            busy_timeout: config.busy_timeout,
            key: key.clone(),
            boards: boards.clone(),
            next_number,
        };
        let sequencer = Sequencer::start(desk).map_err(StartError::Thread)?;
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
            boards,
            store,
            key,
            creations: Semaphore::new(config.workers),
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

    /// The receipt of the entry at a place.
    ///
    /// # Errors
    /// The problem to be sent.
    pub async fn receipt(&self, board: &Arc<Board>, place: &Place) -> Result<Receipt, Problem> {
        self.checkpoint(board).await?;
        let inclusion = board.prove(place.index).ok_or_else(unavailable)?;
        Ok(Receipt::new(
            &place.scope,
            &place.code,
            place.index,
            &inclusion.proof,
            inclusion.note.to_string(),
        ))
    }

    /// Where the entry with this confirmation code or leaf hash stands.
    ///
    /// # Errors
    /// The problem to be sent; 404 if there is no such entry.
    pub async fn find(&self, board: &Board, digest: Digest) -> Result<Place, Problem> {
        let number = board.number;
        let place = self.read(move |store| match store.place_of_code(number, &digest)? {
            None => store.place_of_leaf(number, &digest),
            place => Ok(place),
        });
        place.await?.ok_or_else(|| {
            Problem::not_found("This board has no entry with this confirmation code or leaf hash.")
        })
    }

    /// What a voter has cast.
    ///
    /// # Errors
    /// The problem to be sent; 404 if the credential is not on the roll.
    pub async fn voter(
        &self,
        board: &Arc<Board>,
        credential: Element,
    ) -> Result<VoterStatus, Problem> {
        self.state(board).await?;
        let (reply, answer) = oneshot::channel();
        let question = Command::Voter {
            board: board.clone(),
            credential,
            reply,
        };
        self.line().try_send(question).map_err(|_| busy())?;
        let status = answer.await.map_err(|_| unavailable())?;
        status.ok_or_else(|| Problem::not_found("This credential is not on the roll."))
    }

    /// The signed note of the last checkpoint, with the cosignatures that came so far if the
    /// database can be read.
    ///
    /// # Errors
    /// 503 if it cannot be read.
    pub async fn note(&self, board: &Arc<Board>) -> Result<String, Problem> {
        self.checkpoint(board).await?;
        let (checkpoint, note) = board.signed().ok_or_else(unavailable)?;
        // Without the database there is still the checkpoint, which holds by itself.
        let Ok(manifest) = self.manifest(board).await else {
            return Ok(note.to_string());
        };
        if manifest.board.witnesses.is_empty() {
            return Ok(note.to_string());
        }
        let number = board.number;
        let rows = self.read(move |store| store.cosignatures(number, checkpoint.size));
        let rows = rows.await.unwrap_or_default();
        Ok(cosigned(&manifest, &note, &rows))
    }

    /// The signed note of the last checkpoint that enough witnesses cosigned, with what they signed.
    ///
    /// # Errors
    /// 404 if there is none; 503 if it cannot be read.
    pub async fn witnessed(&self, board: &Arc<Board>) -> Result<String, Problem> {
        Ok(self.witnessed_checkpoint(board).await?.1)
    }

    /// The receipt of the entry at a place under the last checkpoint that enough witnesses cosigned.
    ///
    /// # Errors
    /// 404 if there is none that includes the entry; 503 if it cannot be read.
    pub async fn witnessed_receipt(
        &self,
        board: &Arc<Board>,
        place: &Place,
    ) -> Result<Receipt, Problem> {
        self.checkpoint(board).await?;
        let (size, note) = self.witnessed_checkpoint(board).await?;
        let proof = board.prove_in(place.index, size).ok_or_else(|| {
            Problem::not_found("No witnessed checkpoint of this board includes this entry yet.")
        })?;
        Ok(Receipt::new(
            &place.scope,
            &place.code,
            place.index,
            &proof,
            note,
        ))
    }

    async fn witnessed_checkpoint(&self, board: &Arc<Board>) -> Result<(u64, String), Problem> {
        let manifest = self.manifest(board).await?;
        let (number, quorum) = (board.number, usize::from(manifest.board.witness_quorum));
        if quorum == 0 {
            return Err(Problem::not_found("This election names no witnesses."));
        }
        let found = self.read(move |store| store.witnessed(number, quorum));
        let (note, rows) = found.await?.ok_or_else(|| {
            Problem::not_found("No checkpoint of this board is cosigned by enough witnesses yet.")
        })?;
        let size = rows.first().and_then(|row| u64::try_from(row.size).ok());
        Ok((size.unwrap_or(0), cosigned(&manifest, &note, &rows)))
    }

    /// The manifest.
    ///
    /// # Errors
    /// 503 if it cannot be read.
    pub async fn manifest(&self, board: &Board) -> Result<Arc<ElectionManifest>, Problem> {
        if let Some(manifest) = board.manifest.get() {
            return Ok(manifest.clone());
        }
        let entry = self
            .entries(board, 0, 1)
            .await?
            .pop()
            .ok_or_else(unavailable)?;
        let manifest = Envelope::decode(&entry)
            .ok()
            .and_then(|envelope| ElectionManifest::parse(envelope.body).ok());
        let manifest = manifest.ok_or_else(unavailable)?;
        Ok(board.manifest.get_or_init(|| Arc::new(manifest)).clone())
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

    fn line(&self) -> &Line {
        self.sequencer.line()
    }
}

/// A note with stored cosignatures of its checkpoint.
fn cosigned(manifest: &ElectionManifest, note: &str, rows: &[StoredCosignature]) -> String {
    let cosignatures: Vec<_> = rows
        .iter()
        .filter_map(StoredCosignature::cosignature)
        .collect();
    cosigned_note(&manifest.board, note, &cosignatures)
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

fn unavailable() -> Problem {
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
