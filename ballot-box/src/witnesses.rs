//! The witnesses that manifests name, asked to cosign the boards' checkpoints.
//!
//! Spec: docs/spec/board.md, "Cosignatures" (C2SP tlog-witness). Each witness has a thread of its
//! own, so that one that hangs holds up neither the others nor anybody who posts. All of them are
//! asked about the same checkpoint of a board, and about a later one after a second at the
//! earliest and when those that answer have been asked. What they say is checked, and stored by the sequencer; after a close it is also posted
//! to the board, where it certifies the close.

mod asking;
mod request;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use protocol::checkpoint::Checkpoint;
use protocol::entry::Kind;
use protocol::manifest::ElectionManifest;

use crate::boards::{Board, Boards};
use crate::key::BoardKey;
use crate::load::{self, LoadError};
use crate::metrics::Metrics;
use crate::sequencer::{Command, Line};
use crate::store::Store;
use asking::Asking;

/// The shortest time for which witnesses are asked about one checkpoint.
const PACE: Duration = Duration::from_secs(1);
/// The longest time for which one checkpoint is kept for a witness that is still to be asked.
const LONGEST_KEPT: Duration = Duration::from_secs(15);
/// How often a thread looks for new checkpoints.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// More entries than follow a close: certificates, shares, result, beacons and seals of 64
/// trustees, and what 16 witnesses say.
const TAIL: u64 = 4 * 64 + 16 + 2;

/// What asking needs.
pub struct Desk {
    /// Where witnesses are, by name.
    pub addresses: BTreeMap<String, String>,
    /// The boards that everybody reads.
    pub boards: Arc<Boards>,
    /// Reads the database.
    pub store: Store,
    /// Signs checkpoints.
    pub key: Arc<BoardKey>,
    /// The way to the sequencer.
    pub line: Line,
    /// Tells whether this server appends; one that follows another asks nobody.
    pub appends: Arc<AtomicBool>,
    /// Told of every answer.
    pub metrics: Arc<Metrics>,
    /// Threads to replay an election with.
    pub n_threads: usize,
}

/// The threads that ask. Dropping it lets them end after what they are at.
pub struct Witnesses {
    addresses: BTreeMap<String, String>,
    ended: Arc<AtomicBool>,
}

impl Witnesses {
    /// Starts a thread for each witness, and says once which others are not asked.
    ///
    /// # Errors
    /// The operating system's, if a thread cannot be started.
    pub fn start(desk: Desk) -> Result<Self, std::io::Error> {
        let started = Self {
            addresses: desk.addresses.clone(),
            ended: Arc::new(AtomicBool::new(false)),
        };
        let shared = Arc::new(Shared {
            ended: started.ended.clone(),
            aims: Mutex::default(),
            desk,
        });
        for (name, address) in &started.addresses {
            let asking = Asking::new(shared.clone(), name.clone(), address.clone());
            std::thread::Builder::new()
                .name("witness".to_owned())
                .spawn(move || asking.run())?;
        }
        let addresses = started.addresses.clone();
        std::thread::Builder::new()
            .name("witness names".to_owned())
            .spawn(move || shared.warn_of_all(&addresses))?;
        Ok(started)
    }

    /// Says which witnesses of a new election are not asked.
    pub fn warn_of(&self, manifest: &ElectionManifest) {
        warn_of(&self.addresses, manifest);
    }
}

impl Drop for Witnesses {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// One plain warning for an election whose witnesses this server was not told how to reach.
fn warn_of(addresses: &BTreeMap<String, String>, manifest: &ElectionManifest) {
    let board = &manifest.board;
    let (known, unknown): (Vec<&str>, Vec<&str>) = board
        .witnesses
        .iter()
        .map(|witness| witness.name.as_str())
        .partition(|name| addresses.contains_key(*name));
    if unknown.is_empty() {
        return;
    }
    let (needed, election) = (board.witness_quorum, manifest.uuid_text());
    if known.len() < usize::from(needed) {
        tracing::warn!(
            election,
            ?unknown,
            needed,
            "too few witnesses of this election can be asked: its record will never be complete, and its close may never be certified; start the server with --witness NAME=URL for each"
        );
    } else {
        tracing::warn!(
            election,
            ?unknown,
            "not all witnesses of this election are asked; start the server with --witness NAME=URL for each"
        );
    }
}

/// What the threads share.
struct Shared {
    desk: Desk,
    ended: Arc<AtomicBool>,
    /// What all witnesses are asked about now, by the board's number.
    aims: Mutex<HashMap<i32, Aim>>,
}

/// What the witnesses of a board are asked about. It is kept until all that answer have been asked,
/// so that a slow one and a quick one sign the same while the board grows.
struct Aim {
    target: Target,
    /// Those that cosigned when they were asked last.
    awake: BTreeSet<u16>,
    /// Those of them that have not been asked about the target.
    waits_for: BTreeSet<u16>,
}

#[derive(Clone)]
struct Target {
    checkpoint: Checkpoint,
    note: Arc<str>,
    since: Instant,
}

/// What the end of a log tells without replaying it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Before,
    Closed,
    Finished,
}

impl Shared {
    fn is_on(&self) -> bool {
        !self.ended.load(Ordering::Relaxed)
    }

    fn warn_of_all(&self, addresses: &BTreeMap<String, String>) {
        for board in self.desk.boards.all() {
            if !self.is_on() {
                return;
            }
            let running = self.signed_size(&board).and_then(|size| {
                let end = self.end_of(&board, size)?;
                Ok((end != End::Finished).then_some(()))
            });
            if let (Ok(Some(())), Ok(manifest)) = (running, self.manifest(&board)) {
                warn_of(addresses, &manifest);
            }
        }
    }

    fn manifest(&self, board: &Board) -> Result<Arc<ElectionManifest>, LoadError> {
        load::manifest(&self.desk.store, board)
    }

    /// The size of the last checkpoint, without reading the log for it.
    fn signed_size(&self, board: &Board) -> Result<u64, LoadError> {
        match board.checkpoint() {
            Some(checkpoint) => Ok(checkpoint.size),
            None => {
                let (store, key) = (&self.desk.store, &self.desk.key);
                Ok(load::checkpoint(store, key, board)?.0.size)
            }
        }
    }

    fn end_of(&self, board: &Board, size: u64) -> Result<End, LoadError> {
        let first = size.saturating_sub(TAIL);
        let tail = self.desk.store.entries(board.number, first, size)?;
        let has = |kind: Kind| tail.iter().any(|entry| entry.get(1) == Some(&(kind as u8)));
        Ok(match (has(Kind::Result), has(Kind::Close)) {
            (true, _) => End::Finished,
            (false, true) => End::Closed,
            (false, false) => End::Before,
        })
    }

    /// What witnesses of a board are asked about now.
    fn target(&self, board: &Board) -> Result<Target, LoadError> {
        let (checkpoint, note) = match board.signed() {
            Some(signed) => signed,
            None => {
                let _loading = board.loading.blocking_lock();
                if let Some(signed) = board.signed() {
                    signed
                } else {
                    load::into_memory(&self.desk.store, &self.desk.key, board)?
                }
            }
        };
        let latest = Target {
            checkpoint,
            note,
            since: Instant::now(),
        };
        let mut aims = self.aims.lock().unwrap_or_else(PoisonError::into_inner);
        let aim = aims.entry(board.number).or_insert_with(|| Aim {
            target: latest.clone(),
            awake: BTreeSet::new(),
            waits_for: BTreeSet::new(),
        });
        let kept_for = match aim.waits_for.is_empty() {
            true => PACE,
            false => LONGEST_KEPT,
        };
        if aim.target.checkpoint != checkpoint && aim.target.since.elapsed() >= kept_for {
            aim.target = latest;
            aim.waits_for = aim.awake.clone();
        }
        Ok(aim.target.clone())
    }

    /// Notes that a witness was asked about a target, and whether it cosigned.
    fn was_asked(&self, board: &Board, target: &Target, witness: u16, cosigned: bool) {
        let mut aims = self.aims.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(aim) = aims.get_mut(&board.number) else {
            return;
        };
        match cosigned {
            true => aim.awake.insert(witness),
            false => aim.awake.remove(&witness),
        };
        if !cosigned || aim.target.checkpoint == target.checkpoint {
            aim.waits_for.remove(&witness);
        }
    }

    /// Lets the sequencer know an election that is closed, so that it can take entries again.
    fn adopt(&self, board: &Arc<Board>) -> Result<(), LoadError> {
        let _loading = board.loading.blocking_lock();
        if board.state().is_some() {
            return Ok(());
        }
        let (store, key) = (&self.desk.store, &self.desk.key);
        let (checkpoint, _) = load::checkpoint(store, key, board)?;
        let election = load::election(store, board.number, &checkpoint, self.desk.n_threads)?;
        let (done, adopted) = tokio::sync::oneshot::channel();
        self.desk.line.send(Command::Adopt {
            board: board.clone(),
            election: Box::new(election),
            done,
        });
        // A sequencer that has ended sets no state, which is looked at next.
        let _ = adopted.blocking_recv();
        Ok(())
    }
}
