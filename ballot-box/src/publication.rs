//! Publishing: the record of every board in a folder or bucket, where any web server or store hands
//! it out as C2SP tlog-tiles says. It follows the sequencer on a thread of its own and holds up
//! nobody: while the folder or store fails, it tries again, ever more rarely.
//!
//! Only the server that appends publishes, and a checkpoint only after all that it names. What a
//! server writes that no longer appends is right all the same: tiles of a given width never change,
//! and an older checkpoint is not put in the place of a newer one ([`destination`]).

pub mod destination;
mod record;
mod unpublished;

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::boards::Board;
use crate::key::BoardKey;
use crate::metrics::Metrics;
use crate::store::Store;
use destination::Destination;
pub use record::PublishError;
pub use unpublished::Unpublished;

/// How long what is new is gathered before it is published.
const EVERY: Duration = Duration::from_secs(1);

/// How long to wait at most before the next try.
const AT_MOST: Duration = Duration::from_secs(60);

/// How long the end of the server may be put off to publish what it did last.
const LAST: Duration = Duration::from_secs(5);

/// What publishing works with.
pub struct Press {
    /// Where to.
    pub destination: Destination,
    /// Which boards.
    pub unpublished: Arc<Unpublished>,
    /// What is in them.
    pub store: Store,
    /// Signed their checkpoints.
    pub key: Arc<BoardKey>,
    /// Told of every try.
    pub metrics: Arc<Metrics>,
}

/// The thread. Dropping it publishes what is left, if that can be done in a few seconds.
pub struct Publisher {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Publisher {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's, if the thread cannot be started.
    pub fn start(press: Press) -> Result<Self, std::io::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("publisher".to_owned())
            .spawn(move || runtime.block_on(press.run(stopped)))?;
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the publisher panicked");
        }
    }
}

impl Press {
    async fn run(self, mut stopped: oneshot::Receiver<()>) {
        let mut pause = EVERY;
        loop {
            tokio::select! {
                () = self.unpublished.wait() => {}
                _ = &mut stopped => break,
            }
            // What was being published when the server ends, waits again.
            let is_well = tokio::select! {
                is_well = self.round() => is_well,
                _ = &mut stopped => break,
            };
            pause = if is_well {
                EVERY
            } else {
                AT_MOST.min(2 * pause)
            };
            tokio::select! {
                () = sleep(pause) => {}
                _ = &mut stopped => break,
            }
        }
        if timeout(LAST, self.round()).await.is_err() {
            tracing::warn!(
                "the server ends before everything is published; the next start goes on"
            );
        }
    }

    /// Publishes what waits now; false if nothing could be.
    async fn round(&self) -> bool {
        let boards = self.unpublished.all();
        let (mut n_done, n_boards) = (0, boards.len());
        for (board, change) in boards {
            let start = Instant::now();
            match self.publish(&board).await {
                Ok(()) => {
                    n_done += 1;
                    self.unpublished.done(&board, change);
                    self.metrics.published(true, start.elapsed());
                }
                Err(error) => {
                    self.metrics.published(false, start.elapsed());
                    self.report(&board, &error);
                }
            }
        }
        n_done > 0 || n_boards == 0
    }

    fn report(&self, board: &Board, error: &PublishError) {
        tracing::error!(%error, election = %board.uuid, "a board could not be published; it is tried again");
    }
}
