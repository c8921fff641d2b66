//! The one thread that puts entries in order: it applies the fold, writes all that wait in one
//! transaction, signs one checkpoint for each board, and only then answers. Of several servers that
//! share a database one appends; the threads of the others follow it, and one of them takes over
//! when it is gone.

mod follow;
mod order;
mod pulse;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use protocol::election::{Applied, Election, Refusal, VerifiedBallot};
use protocol::group::Element;
use tokio::sync::oneshot;

use crate::boards::{Board, Boards, Uuid};
use crate::database::Database;
use crate::key::BoardKey;
use crate::metrics::Metrics;
use crate::models::StoredCosignature;
use crate::publication::Unpublished;
use crate::state::VoterStatus;
use crate::store::Store;
use crate::writer::Writer;
use order::Order;
use pulse::Pulse;

/// Most commands of one transaction.
const MAX_ROUND: usize = 1024;

/// Why an entry was not appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The fold refuses it.
    Refused(Refusal),
    /// There is an election of this uuid already.
    Exists,
    /// The disk failed, or the election has to be read from it again.
    Unavailable,
    /// Another server appends.
    Following,
}

/// Where the answer about an entry goes.
pub struct Reply(pub oneshot::Sender<Result<Applied, Rejection>>);

impl Reply {
    /// Answers that the entry was not appended. Whoever has gone is not told.
    pub fn reject(self, rejection: Rejection) {
        let _ = self.0.send(Err(rejection));
    }
}

/// An entry, as far as it was checked.
pub enum Work {
    /// To be checked by the fold.
    Entry(Vec<u8>),
    /// A ballot whose signature and proof hold.
    Ballot {
        /// The entry.
        entry: Vec<u8>,
        /// What was found in it.
        verified: Box<VerifiedBallot>,
    },
}

/// What the sequencer is asked to do.
pub enum Command {
    /// Begin a board with this manifest entry.
    Create {
        /// Name of the election.
        uuid: Uuid,
        /// Origin of the log.
        origin: String,
        /// The entry.
        entry: Vec<u8>,
        /// Who asked.
        reply: Reply,
    },
    /// Append an entry.
    Append {
        /// To which board.
        board: Arc<Board>,
        /// The entry.
        work: Work,
        /// Who asked.
        reply: Reply,
    },
    /// Take over a fold that has been replayed from the disk.
    Adopt {
        /// Of which board.
        board: Arc<Board>,
        /// The fold.
        election: Box<Election>,
        /// Told when the board's state is set.
        done: oneshot::Sender<()>,
    },
    /// Keep what a witness said of a stored checkpoint.
    Cosigned {
        /// The cosignature.
        cosignature: StoredCosignature,
        /// The note of the checkpoint that the witness was asked about.
        note: Arc<str>,
        /// How many witnesses its election needs.
        quorum: usize,
        /// Told whether it is stored.
        reply: oneshot::Sender<bool>,
    },
    /// Tell what a voter has cast.
    Voter {
        /// On which board.
        board: Arc<Board>,
        /// The voter.
        credential: Element,
        /// Who asked.
        reply: oneshot::Sender<Option<VoterStatus>>,
    },
    /// Finish what was sent before, and end.
    End,
}

/// The way to the sequencer. It is bounded, so those who send faster than the disk writes wait.
#[derive(Clone)]
pub struct Line(SyncSender<Command>);

/// As many commands wait for the sequencer as may.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sequencer's line is full")]
pub struct LineFull;

impl Line {
    /// Sends a command at once or not at all, as a task must: one that waits here holds up others.
    ///
    /// # Errors
    /// [`LineFull`] if too many wait already.
    pub fn try_send(&self, command: Command) -> Result<(), LineFull> {
        match self.0.try_send(command) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(_)) => Err(LineFull),
            Err(TrySendError::Disconnected(_)) => {
                tracing::error!("the sequencer has ended");
                Ok(())
            }
        }
    }

    /// Sends a command, from a thread that may wait. If the sequencer has ended, the command and
    /// its reply are dropped, which tells whoever waits.
    pub fn send(&self, command: Command) {
        if self.0.send(command).is_err() {
            tracing::error!("the sequencer has ended");
        }
    }
}

/// The thread. Dropping it waits until everything sent before is done.
pub struct Sequencer {
    line: Line,
    pulse: Arc<Pulse>,
    thread: Option<JoinHandle<()>>,
}

/// What the sequencer works with.
pub struct Desk {
    /// Told of every transaction.
    pub metrics: Arc<Metrics>,
    /// Where the board is.
    pub database: Database,
    /// Appends to it, if this server is the one.
    pub writer: Option<Writer>,
    /// Reads it.
    pub store: Store,
    /// How long to wait for its lock.
    pub busy_timeout: Duration,
    /// Signs checkpoints.
    pub key: Arc<BoardKey>,
    /// The boards that everybody reads.
    pub boards: Arc<Boards>,
    /// Number of the next election in the database.
    pub next_number: i32,
    /// Boards kept in memory beside those that take entries.
    pub most_boards: usize,
    /// Told which boards are to be published, if they are.
    pub unpublished: Option<Arc<Unpublished>>,
}

impl Sequencer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's, if the thread cannot be started.
    pub fn start(desk: Desk) -> Result<Self, std::io::Error> {
        let (sender, receiver) = sync_channel(4 * MAX_ROUND);
        let pulse = Arc::new(Pulse::new(desk.writer.is_some()));
        if let (Some(_), Some(unpublished)) = (&desk.writer, &desk.unpublished) {
            unpublished.begin(desk.boards.all());
        }
        let order = Order::new(desk, pulse.clone());
        let thread = std::thread::Builder::new()
            .name("sequencer".to_owned())
            .spawn(move || {
                let _end = EndWithThread;
                order.run(&receiver);
            })?;
        Ok(Self {
            line: Line(sender),
            pulse,
            thread: Some(thread),
        })
    }

    /// A way to the sequencer.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// Tells whether this server is the one that appends, also when it changes.
    pub fn appends_flag(&self) -> Arc<AtomicBool> {
        self.pulse.appends_flag()
    }

    /// Whether this server is the one that appends.
    pub fn appends(&self) -> bool {
        self.pulse.appends()
    }

    /// Whether the database has kept the thread waiting for longer than this.
    pub fn is_held_up(&self, patience: Duration) -> bool {
        self.pulse.is_held_up(patience)
    }

    /// Whether the thread still runs.
    pub fn is_alive(&self) -> bool {
        self.thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for Sequencer {
    fn drop(&mut self) {
        self.line.send(Command::End);
        // One that panicked has ended the process.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// Ends the process when its thread panics: without the sequencer nothing is appended any more, and
/// whoever watches over the process starts it again.
struct EndWithThread;

impl Drop for EndWithThread {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!("the sequencer panicked; the process ends, to be started again");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequencer_that_panics_ends_the_process() {
        const INNER: &str = "BALLOT_BOX_PANICS_IN_TEST";
        if std::env::var_os(INNER).is_some() {
            let thread = std::thread::spawn(|| {
                let _end = EndWithThread;
                panic!("as a sequencer might");
            });
            let _ = thread.join();
            return;
        }
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "sequencer::tests::a_sequencer_that_panics_ends_the_process",
            ])
            .env(INNER, "")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        // By a signal, and not with a code.
        assert_eq!(status.code(), None);
    }

    #[test]
    fn a_full_line_is_told_and_not_waited_for() {
        let (sender, receiver) = sync_channel(1);
        let line = Line(sender);
        assert_eq!(line.try_send(Command::End), Ok(()));
        assert_eq!(line.try_send(Command::End), Err(LineFull));
        assert!(receiver.recv().is_ok());
        assert_eq!(line.try_send(Command::End), Ok(()));
        // One that has ended drops the reply, which says enough.
        drop(receiver);
        assert_eq!(line.try_send(Command::End), Ok(()));
    }
}
