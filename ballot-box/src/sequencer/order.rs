//! The sequencer's thread: rounds of commands, each with one transaction.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use getrandom::SysRng;
use protocol::checkpoint::Checkpoint;
use protocol::election::{Applied, Election, Phase, Refusal, VerifiedBallot};
use protocol::transcript::Digest;
use tokio::sync::oneshot;

use super::pulse::Pulse;
use super::{Command, Desk, MAX_ROUND, Rejection, Reply, Work};
use crate::boards::{Board, Uuid};
use crate::models::{self, StoredCheckpoint, StoredEntry};
use crate::state::{State, VoterStatus};
use crate::store::stored;
use crate::writer::Batch;

/// How often a server that shares its database looks what the others did.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long a board stays in memory after an entry, whatever others are asked for.
const BUSY: Duration = Duration::from_secs(3600);

/// An election that entries can be appended to. Between rounds it is exactly what the disk holds.
pub(super) struct Live {
    pub(super) board: Arc<Board>,
    pub(super) election: Election,
    pub(super) n_voted: usize,
    /// When this server last appended to it.
    appended: Option<Instant>,
}

/// The work at the desk.
pub(super) struct Order {
    pub(super) desk: Desk,
    pub(super) live: HashMap<i32, Live>,
    /// Told what it does.
    pub(super) pulse: Arc<Pulse>,
    looked: Instant,
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
    /// Told which of [`Batch::cosigned`] are stored, in the same order. A dropped one says no.
    witnesses: Vec<oneshot::Sender<bool>>,
}

impl Order {
    pub(super) fn new(desk: Desk, pulse: Arc<Pulse>) -> Self {
        Self {
            desk,
            live: HashMap::new(),
            pulse,
            looked: Instant::now(),
        }
    }

    pub(super) fn run(mut self, receiver: &Receiver<Command>) {
        let mut ended = false;
        while !ended {
            self.pulse.rests();
            let first = receiver.recv_timeout(LOOK_EVERY);
            self.pulse.works();
            match first {
                Ok(first) => {
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
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => ended = true,
            }
            if !ended && self.looked.elapsed() >= LOOK_EVERY {
                self.look_around();
                self.forget_idle();
                self.looked = Instant::now();
            }
        }
        self.pulse.set_appends(false);
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
                let outcome = match (self.may_append(), self.live.get_mut(&board.number)) {
                    (Err(rejection), _) => Err(rejection),
                    (Ok(()), Some(live)) => live.append(work, round),
                    (Ok(()), None) => Err(Rejection::Unavailable),
                };
                round.answer(reply, outcome);
            }
            Command::Adopt {
                board,
                election,
                done,
            } => {
                let number = board.number;
                if let Entry::Vacant(place) = self.live.entry(number) {
                    let live = Live {
                        n_voted: election.n_voted(),
                        appended: None,
                        election: *election,
                        board,
                    };
                    live.board.set_state(live.state());
                    // Reading it may have taken long; it is not the one to be dropped below.
                    self.desk.boards.is_asked(&live.board);
                    place.insert(live);
                    // Another server may have appended since it was read.
                    if self.desk.database.is_shared() {
                        self.catch_up(number);
                    }
                    self.forget_idle();
                }
                round.answers.push(Box::new(move |_| {
                    let _ = done.send(());
                }));
            }
            Command::Cosigned {
                cosignature,
                note,
                quorum,
                reply,
            } => {
                // Whoever appends asks; what another server is told, it keeps.
                if self.may_append().is_ok() {
                    let quorums = &mut round.batch.witness_quorums;
                    quorums.insert(cosignature.election, quorum);
                    round.batch.cosigned.push((cosignature, note));
                    round.witnesses.push(reply);
                }
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
        self.may_append()?;
        let number = self.desk.next_number;
        let board = Arc::new(Board::new(number, uuid, origin.clone()));
        let mut live = Live {
            board,
            election: Election::new(),
            n_voted: 0,
            appended: None,
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

    /// Drops boards that nobody has asked for lately, if there are too many: anybody can ask for any.
    /// Those that take ballots or lately took an entry stay.
    fn forget_idle(&mut self) {
        let live = &self.live;
        let is_busy = |board: &Board| {
            let live = live.get(&board.number);
            live.is_some_and(Live::is_busy)
        };
        for board in self.desk.boards.idle(self.desk.most_boards, is_busy) {
            self.live.remove(&board.number);
            board.forget();
        }
    }

    fn finish(&mut self, mut round: Round) {
        let mut checkpoints = BTreeMap::new();
        for number in round.leaves.keys() {
            if let Some(live) = self.live.get(number) {
                let checkpoint = live.checkpoint();
                let note = self.desk.key.sign(&live.board.origin, &checkpoint);
                round.batch.checkpoints.push(StoredCheckpoint {
                    election: *number,
                    size: stored(checkpoint.size),
                    note: note.clone(),
                });
                checkpoints.insert(*number, (checkpoint, note.into()));
            }
        }
        let kept = match round.batch.is_empty() {
            true => Some(Vec::new()),
            false => self.commit(&round.batch),
        };
        let on_disk = kept.is_some();
        for (number, leaves) in round.leaves {
            match (self.live.get(&number), checkpoints.remove(&number)) {
                (Some(live), Some((checkpoint, note))) if on_disk => {
                    self.publish(live, &leaves, checkpoint, note)
                }
                // The fold may be ahead of the disk: it is dropped, and read again when asked for.
                _ => {
                    if let Some(live) = self.live.remove(&number) {
                        live.board.forget();
                    }
                }
            }
        }
        if on_disk {
            self.publish_cosigned(&round.batch);
        }
        round.answers.into_iter().for_each(|answer| answer(on_disk));
        for (reply, kept) in round.witnesses.into_iter().zip(kept.unwrap_or_default()) {
            let _ = reply.send(kept);
        }
    }

    /// What witnesses said belongs to the record.
    fn publish_cosigned(&self, batch: &Batch) {
        let Some(unpublished) = &self.desk.unpublished else {
            return;
        };
        let rows = batch.cosigned.iter();
        let cosigned: BTreeSet<_> = rows.map(|(row, _)| row.election).collect();
        if cosigned.is_empty() {
            return;
        }
        for board in self.desk.boards.all() {
            if cosigned.contains(&board.number) {
                unpublished.add(&board);
            }
        }
    }

    /// Which cosignatures are stored, once all is on the disk; `None` if it may not be.
    fn commit(&mut self, batch: &Batch) -> Option<Vec<bool>> {
        let writer = self.desk.writer.as_mut()?;
        let start = Instant::now();
        let outcome = writer.commit(batch);
        let n_entries = batch.entries.len();
        self.desk
            .metrics
            .transaction(outcome.is_ok(), n_entries, start.elapsed());
        match outcome {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::error!(%error, entries = n_entries, "a transaction failed; its entries are not acknowledged");
                // Only the disk knows whether it happened: another connection has to read it.
                self.step_down();
                None
            }
        }
    }

    pub(super) fn publish(
        &self,
        live: &Live,
        leaves: &[Digest],
        checkpoint: Checkpoint,
        note: Arc<str>,
    ) {
        live.board.publish(leaves, checkpoint, note, live.state());
        if leaves.len() as u64 == checkpoint.size {
            self.desk.boards.add(live.board.clone());
        }
        if let Some(unpublished) = &self.desk.unpublished {
            unpublished.add(&live.board);
        }
    }
}

impl Live {
    fn append(&mut self, work: Work, round: &mut Round) -> Result<Applied, Rejection> {
        let (applied, bytes) = match work {
            Work::Entry(entry) => (self.election.apply(&entry, &mut SysRng), entry),
            Work::Ballot { entry, verified } => (self.apply_ballot(*verified), entry),
        };
        let applied = applied.map_err(Rejection::Refused)?;
        self.appended = Some(Instant::now());
        round.batch.entries.push(StoredEntry {
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

    /// Applies a ballot, and counts along who has voted.
    pub(super) fn apply_ballot(&mut self, ballot: VerifiedBallot) -> Result<Applied, Refusal> {
        let credential = *ballot.credential();
        let applied = self.election.apply_verified(ballot)?;
        let voter = self.election.voter(&credential);
        self.n_voted += usize::from(voter.is_some_and(|voter| voter.counter == 1));
        Ok(applied)
    }

    /// Whether it takes ballots or lately took an entry.
    fn is_busy(&self) -> bool {
        let is_running = matches!(
            self.election.phase(),
            Phase::Open | Phase::Closed | Phase::Certified
        );
        is_running || self.appended.is_some_and(|at| at.elapsed() < BUSY)
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            size: self.election.size(),
            root: self.election.root(),
        }
    }

    pub(super) fn state(&self) -> State {
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
