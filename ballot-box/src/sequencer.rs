//! The one thread that puts entries in order: it applies the fold, writes all that wait in one
//! transaction, signs one checkpoint for each board, and only then answers.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use getrandom::SysRng;
use protocol::election::{Applied, Election, Refusal, VerifiedBallot};
use protocol::entry::Kind;
use protocol::group::Element;
use protocol::transcript::Digest;
use tokio::sync::oneshot;

use crate::boards::{Board, Boards, Log, Uuid};
use crate::checkpoint::Checkpoint;
use crate::key::BoardKey;
use crate::models::{self, NewCheckpoint, NewEntry};
use crate::state::{State, VoterStatus};
use crate::store::{Batch, StoreError, Writer, stored};
use crate::tiles::Tree;

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
        verified: VerifiedBallot,
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

impl Line {
    /// Sends a command. If the sequencer has ended, the command and its reply are dropped, which
    /// tells whoever waits.
    pub fn send(&self, command: Command) {
        if self.0.send(command).is_err() {
            tracing::error!("the sequencer has ended");
        }
    }
}

/// The thread. Dropping it waits until everything sent before is done.
pub struct Sequencer {
    line: Line,
    thread: Option<JoinHandle<()>>,
}

/// What the sequencer works with.
pub struct Desk {
    /// The database.
    pub writer: Writer,
    /// Where it is, to open it again after a failure.
    pub database: PathBuf,
    /// How long to wait for its lock.
    pub busy_timeout: Duration,
    /// Signs checkpoints.
    pub key: Arc<BoardKey>,
    /// The boards that everybody reads.
    pub boards: Arc<Boards>,
    /// Number of the next election in the database.
    pub next_number: i32,
}

impl Sequencer {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's, if the thread cannot be started.
    pub fn start(desk: Desk) -> Result<Self, std::io::Error> {
        let (sender, receiver) = sync_channel(4 * MAX_ROUND);
        let order = Order {
            desk,
            live: HashMap::new(),
        };
        let thread = std::thread::Builder::new()
            .name("sequencer".to_owned())
            .spawn(move || order.run(&receiver))?;
        Ok(Self {
            line: Line(sender),
            thread: Some(thread),
        })
    }

    /// A way to the sequencer.
    pub fn line(&self) -> &Line {
        &self.line
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
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the sequencer panicked");
        }
    }
}

/// An election that entries can be appended to. Between rounds it is exactly what the disk holds.
struct Live {
    board: Arc<Board>,
    election: Election,
    n_voted: usize,
}

struct Order {
    desk: Desk,
    live: HashMap<i32, Live>,
}

/// What is answered once it is known whether the round is on the disk.
type Answer = Box<dyn FnOnce(bool)>;

/// Everything between two transactions.
#[derive(Default)]
struct Round {
    batch: Batch,
    /// The new leaves of each changed board.
    leaves: BTreeMap<i32, Vec<Digest>>,
    answers: Vec<Answer>,
}

impl Order {
    fn run(mut self, receiver: &Receiver<Command>) {
        let mut ended = false;
        while !ended && let Ok(first) = receiver.recv() {
            let mut round = Round::default();
            ended |= self.take(first, &mut round);
            // What came in during the last transaction goes into this one.
            while round.answers.len() < MAX_ROUND
                && let Ok(next) = receiver.try_recv()
            {
                ended |= self.take(next, &mut round);
            }
            self.finish(round);
        }
    }

    /// Takes a command into the round; true if it is the last.
    fn take(&mut self, command: Command, round: &mut Round) -> bool {
        match command {
            Command::End => return true,
            Command::Create {
                uuid,
                origin,
                entry,
                reply,
            } => {
                let outcome = self.create(uuid, origin, entry, round);
                round.answer(reply, outcome);
            }
            Command::Append { board, work, reply } => {
                let outcome = match self.live.get_mut(&board.number) {
                    Some(live) => live.append(work, round),
                    None => Err(Rejection::Unavailable),
                };
                round.answer(reply, outcome);
            }
            Command::Adopt {
                board,
                election,
                done,
            } => {
                self.live.entry(board.number).or_insert_with(|| {
                    let live = Live {
                        n_voted: election.n_voted(),
                        election: *election,
                        board,
                    };
                    live.board.set_state(live.state());
                    live
                });
                round.answers.push(Box::new(move |_| {
                    let _ = done.send(());
                }));
            }
            Command::Voter {
                board,
                credential,
                reply,
            } => {
                let live = self.live.get(&board.number);
                let status = live.and_then(|live| VoterStatus::of(&live.election, &credential));
                // The status may rest on entries of this round. A dropped reply says "unavailable".
                let known = live.is_some();
                round.answers.push(Box::new(move |on_disk| {
                    if on_disk && known {
                        let _ = reply.send(status);
                    }
                }));
            }
        }
        false
    }

    fn create(
        &mut self,
        uuid: Uuid,
        origin: String,
        entry: Vec<u8>,
        round: &mut Round,
    ) -> Result<Applied, Rejection> {
        let in_round = round
            .batch
            .elections
            .iter()
            .any(|election| election.uuid == uuid.0);
        if in_round || self.desk.boards.get(&uuid).is_some() {
            return Err(Rejection::Exists);
        }
        let number = self.desk.next_number;
        let board = Arc::new(Board::new(number, uuid, origin.clone()));
        let mut live = Live {
            board,
            election: Election::new(),
            n_voted: 0,
        };
        let applied = live.append(Work::Entry(entry), round)?;
        self.desk.next_number += 1;
        round.batch.elections.push(models::Election {
            id: number,
            uuid: uuid.0.to_vec(),
            origin,
        });
        self.live.insert(number, live);
        Ok(applied)
    }

    fn finish(&mut self, mut round: Round) {
        let mut checkpoints = BTreeMap::new();
        for number in round.leaves.keys() {
            if let Some(live) = self.live.get(number) {
                let checkpoint = live.sign(&self.desk.key);
                let (size, note) = (stored(checkpoint.size), checkpoint.note.to_string());
                round.batch.checkpoints.push(NewCheckpoint {
                    election: *number,
                    size,
                    note,
                });
                checkpoints.insert(*number, checkpoint);
            }
        }
        let on_disk = round.leaves.is_empty() || self.commit(&round.batch);
        for (number, leaves) in round.leaves {
            match (self.live.get(&number), checkpoints.remove(&number)) {
                (Some(live), Some(checkpoint)) if on_disk => {
                    self.publish(live, &leaves, checkpoint)
                }
                // The fold may be ahead of the disk: it is dropped, and read again when asked for.
                _ => {
                    if let Some(live) = self.live.remove(&number) {
                        live.board.forget();
                    }
                }
            }
        }
        round.answers.into_iter().for_each(|answer| answer(on_disk));
    }

    fn commit(&mut self, batch: &Batch) -> bool {
        match self.desk.writer.commit(batch) {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(%error, entries = batch.entries.len(), "a transaction failed; its entries are not acknowledged");
                if let Err(error) = self.reopen() {
                    tracing::error!(%error, "the database could not be read again");
                }
                false
            }
        }
    }

    /// After a failed transaction only the disk knows whether it happened.
    fn reopen(&mut self) -> Result<(), StoreError> {
        self.desk.writer = Writer::open(&self.desk.database, self.desk.busy_timeout)?;
        self.desk.next_number = self.desk.boards.add_stored(self.desk.writer.elections()?)?;
        Ok(())
    }

    fn publish(&self, live: &Live, leaves: &[Digest], checkpoint: Checkpoint) {
        let is_new = leaves.len() as u64 == checkpoint.size;
        if is_new {
            live.board.set_log(Log {
                tree: Tree::default(),
                checkpoint: checkpoint.clone(),
            });
        }
        live.board.publish(leaves, checkpoint, live.state());
        if is_new {
            self.desk.boards.add(live.board.clone());
        }
    }
}

impl Live {
    fn append(&mut self, work: Work, round: &mut Round) -> Result<Applied, Rejection> {
        let (applied, bytes) = match work {
            Work::Entry(entry) => {
                let applied = self
                    .election
                    .apply(&entry, &mut SysRng)
                    .map_err(Rejection::Refused)?;
                // A ballot comes this way only if it was posted while the election was opening.
                if applied.kind == Kind::Ballot {
                    self.n_voted = self.election.n_voted();
                }
                (applied, entry)
            }
            Work::Ballot { entry, verified } => {
                let credential = *verified.credential();
                let applied = self
                    .election
                    .apply_verified(verified)
                    .map_err(Rejection::Refused)?;
                let first = self
                    .election
                    .voter(&credential)
                    .is_some_and(|voter| voter.counter == 1);
                self.n_voted += usize::from(first);
                (applied, entry)
            }
        };
        round.batch.entries.push(NewEntry {
            election: self.board.number,
            entry_index: stored(applied.index),
            bytes,
            leaf_hash: applied.leaf.0.to_vec(),
            code: applied.code.map(|code| code.0.0.to_vec()),
        });
        round
            .leaves
            .entry(self.board.number)
            .or_default()
            .push(applied.leaf);
        Ok(applied)
    }

    fn sign(&self, key: &BoardKey) -> Checkpoint {
        Checkpoint::sign(
            key,
            &self.board.origin,
            self.election.size(),
            self.election.root(),
        )
    }

    fn state(&self) -> State {
        State::of(&self.board, &self.election, self.n_voted)
    }
}

impl Round {
    /// Refusals wait, too: what is refused as repeated may stand in this very round.
    fn answer(&mut self, reply: Reply, outcome: Result<Applied, Rejection>) {
        self.answers.push(Box::new(move |on_disk| {
            let outcome = if on_disk {
                outcome
            } else {
                Err(Rejection::Unavailable)
            };
            let _ = reply.0.send(outcome);
        }));
    }
}
