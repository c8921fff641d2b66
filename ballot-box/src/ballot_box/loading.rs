//! Reading an election from the disk when it is first asked for: one task for each board does, and
//! goes on when those who wait for it give up.

use std::sync::Arc;

use protocol::checkpoint::Checkpoint;
use tokio::sync::{Semaphore, oneshot};

use super::{BallotBox, blocking, unavailable};
use crate::boards::Board;
use crate::key::BoardKey;
use crate::load::{self, LoadError};
use crate::problem::Problem;
use crate::sequencer::{Command, Line};
use crate::state::State;
use crate::store::Store;

impl BallotBox {
    /// The last checkpoint, after reading the log from the disk if that has not been done.
    ///
    /// # Errors
    /// 503 if it cannot be read.
    pub async fn checkpoint(&self, board: &Arc<Board>) -> Result<Checkpoint, Problem> {
        if let Some(checkpoint) = board.checkpoint() {
            return Ok(checkpoint);
        }
        let turn = board.loading.clone().lock_owned().await;
        let (store, key, board) = (self.store.clone(), self.key.clone(), board.clone());
        let loaded = tokio::spawn(async move {
            let _turn = turn;
            load_log(&store, &key, &board).await
        });
        loaded.await.map_err(|_| unavailable())?
    }

    /// The state after the last entry, after replaying the log if that has not been done.
    ///
    /// # Errors
    /// 503 if it cannot be replayed.
    pub async fn state(&self, board: &Arc<Board>) -> Result<Arc<State>, Problem> {
        if let Some(state) = board.state() {
            return Ok(state);
        }
        let turn = board.loading.clone().lock_owned().await;
        if let Some(state) = board.state() {
            return Ok(state);
        }
        // Whoever asks for old elections, however many, holds up none that runs.
        let closes = self.manifest(board).await?.closes;
        let replays = match closes > self.config.clock.now() {
            true => &self.running_replays,
            false => &self.replays,
        };
        let loading = Loading {
            store: self.store.clone(),
            key: self.key.clone(),
            line: self.line().clone(),
            n_threads: self.config.workers,
            board: board.clone(),
            replays: replays.clone(),
        };
        // A task of its own, which whoever gives up waiting does not end.
        let loaded = tokio::spawn(async move {
            let _turn = turn;
            loading.state().await
        });
        loaded.await.map_err(|_| unavailable())??;
        board.state().ok_or_else(unavailable)
    }
}

/// What it takes to replay a log.
struct Loading {
    store: Store,
    key: Arc<BoardKey>,
    line: Line,
    n_threads: usize,
    board: Arc<Board>,
    replays: Arc<Semaphore>,
}

impl Loading {
    /// Replays the log, and hands the fold to the sequencer, which sets the board's state.
    async fn state(self) -> Result<(), Problem> {
        let _turn = self.replays.acquire().await.map_err(|_| unavailable())?;
        // Nothing is appended before the sequencer has the fold, so what is read stays complete.
        let checkpoint = load_log(&self.store, &self.key, &self.board).await?;
        let (done, adopted) = oneshot::channel();
        let replayed = blocking({
            let board = self.board.clone();
            move || {
                let election =
                    load::election(&self.store, board.number, &checkpoint, self.n_threads)?;
                self.line.send(Command::Adopt {
                    board,
                    election: Box::new(election),
                    done,
                });
                Ok(())
            }
        });
        replayed.await?.map_err(|error: LoadError| {
            tracing::error!(%error, election = %self.board.uuid, "a log could not be replayed");
            unavailable()
        })?;
        adopted.await.map_err(|_| unavailable())
    }
}

/// The last checkpoint of a board, after reading its log if that has not been done. Whoever asks
/// holds [`Board::loading`].
async fn load_log(
    store: &Store,
    key: &Arc<BoardKey>,
    board: &Arc<Board>,
) -> Result<Checkpoint, Problem> {
    if let Some(checkpoint) = board.checkpoint() {
        return Ok(checkpoint);
    }
    let log = blocking({
        let (store, key, board) = (store.clone(), key.clone(), board.clone());
        move || Ok(load::into_memory(&store, &key, &board)?.0)
    });
    log.await?.map_err(|error: LoadError| {
        tracing::error!(%error, election = %board.uuid, "a log could not be read");
        unavailable()
    })
}
