//! The boards in memory: for each election its hash tree, its last checkpoint and the state after
//! its last entry. Only what is on the disk is ever put here.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use protocol::checkpoint::Checkpoint;
use protocol::encoding::{decode_hex, encode_hex};
use protocol::manifest::ElectionManifest;
use protocol::transcript::Digest;

use crate::models;
use crate::state::State;
use crate::store::StoreError;
use crate::tiles::TilePath;
use crate::tree::{Hashes, Lack, Tiles, Tree};

/// The name of an election on this server: 16 bytes, written as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

impl Uuid {
    /// Reads exactly 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        decode_hex(text).map(Self)
    }
}

impl std::fmt::Display for Uuid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&encode_hex(&self.0))
    }
}

/// A log as far as it is on the disk.
pub struct Log {
    /// Its hash tree, of the checkpoint's size.
    pub tree: Tree,
    /// Its last checkpoint.
    pub checkpoint: Checkpoint,
    /// The signed note of the checkpoint.
    pub note: Arc<str>,
}

/// One election's board.
pub struct Board {
    /// Number of the election in the database.
    pub number: i32,
    /// Name of the election on this server.
    pub uuid: Uuid,
    /// Origin line of the log.
    pub origin: String,
    /// Read once from the first entry, which never changes.
    pub(crate) manifest: OnceLock<Arc<ElectionManifest>>,
    /// `None` until read from the disk.
    log: RwLock<Option<Log>>,
    /// The last checkpoint that this server had, which everything read later must extend. Kept
    /// when the log is forgotten.
    shown: Mutex<Option<Checkpoint>>,
    /// `None` until the fold has replayed the log.
    state: RwLock<Option<Arc<State>>>,
    /// When it was last asked for, as a number that only grows.
    asked: AtomicU64,
    /// Held while reading from the disk, so that only one task does.
    pub(crate) loading: Arc<tokio::sync::Mutex<()>>,
}

impl Board {
    /// A board of which nothing has been read yet.
    pub fn new(number: i32, uuid: Uuid, origin: String) -> Self {
        Self {
            number,
            uuid,
            origin,
            manifest: OnceLock::new(),
            log: RwLock::new(None),
            state: RwLock::new(None),
            asked: AtomicU64::new(0),
            loading: Arc::default(),
            shown: Mutex::new(None),
        }
    }

    /// The last checkpoint, if the log has been read.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        read(&self.log).as_ref().map(|log| log.checkpoint)
    }

    /// The last checkpoint and its signed note, if the log has been read.
    pub fn signed(&self) -> Option<(Checkpoint, Arc<str>)> {
        let log = read(&self.log);
        log.as_ref().map(|log| (log.checkpoint, log.note.clone()))
    }

    /// The state after the last entry, if the log has been replayed.
    pub fn state(&self) -> Option<Arc<State>> {
        read(&self.state).clone()
    }

    /// Proves that entry `index` is among the first `size`. `tiles` are those that were read from the
    /// disk.
    ///
    /// # Errors
    /// What is missing.
    pub fn inclusion(&self, index: u64, size: u64, tiles: &Tiles) -> Result<Vec<Digest>, Lack> {
        let log = read(&self.log);
        log.as_ref()
            .ok_or(Lack::Log)?
            .tree
            .inclusion(index, size, tiles)
    }

    /// Proves that the log of `size` entries begins with that of `old`.
    ///
    /// # Errors
    /// What is missing.
    pub fn consistency(&self, old: u64, size: u64, tiles: &Tiles) -> Result<Vec<Digest>, Lack> {
        let log = read(&self.log);
        log.as_ref()
            .ok_or(Lack::Log)?
            .tree
            .consistency(old, size, tiles)
    }

    /// The content of a hash tile, or where it is; `None` if there is no such tile yet.
    pub fn tile(&self, path: &TilePath) -> Option<Hashes> {
        read(&self.log).as_ref()?.tree.tile(path)
    }

    /// The last checkpoint that this server had.
    pub fn shown(&self) -> Option<Checkpoint> {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a log that was read from the disk and extends what this server had shown then; false if
    /// it has shown more meanwhile.
    pub fn set_log(&self, log: Log, extends: Option<Checkpoint>) -> bool {
        let mut place = write(&self.log);
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown != extends {
            return false;
        }
        *shown = Some(log.checkpoint);
        *place = Some(log);
        true
    }

    /// Remembers a checkpoint of this board that others were shown, and forgets what was read: only
    /// a log that extends it is served or added to from now on.
    pub fn was_shown(&self, checkpoint: Checkpoint) {
        let mut log = write(&self.log);
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(checkpoint);
        *log = None;
        *write(&self.state) = None;
    }

    /// Takes the state that the fold reached.
    pub fn set_state(&self, state: State) {
        *write(&self.state) = Some(Arc::new(state));
    }

    /// Adds entries that are on the disk, with the checkpoint, its note and the state after them.
    pub fn publish(&self, leaves: &[Digest], checkpoint: Checkpoint, note: Arc<str>, state: State) {
        let mut log = write(&self.log);
        // One that was read from the disk meanwhile may have these entries already; it is read again.
        let n_new = leaves.len() as u64;
        if n_new == checkpoint.size {
            *log = Some(Log {
                tree: Tree::default(),
                checkpoint,
                note: note.clone(),
            });
        }
        if let Some(log) = log.as_mut()
            && log.tree.size() + n_new == checkpoint.size
        {
            leaves.iter().for_each(|leaf| log.tree.append(*leaf));
            (log.checkpoint, log.note) = (checkpoint, note);
        } else {
            *log = None;
        }
        // Also without a log: one that is being read may lack these entries, which are acknowledged.
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        // What was shown before stays the measure, should it be more than is there now.
        if shown.is_none_or(|before| before.size <= checkpoint.size) {
            *shown = Some(checkpoint);
        }
        drop(shown);
        // While the log is held: whoever has seen the opening on it may vote at once.
        self.set_state(state);
    }

    /// Whether anything of it that can be forgotten is in memory.
    pub fn is_in_memory(&self) -> bool {
        read(&self.log).is_some() || read(&self.state).is_some()
    }

    /// Forgets the log, which is then read again.
    pub fn forget_log(&self) {
        *write(&self.log) = None;
    }

    /// Forgets all that was read, because it may differ from the disk or nobody asks for it.
    pub fn forget(&self) {
        *write(&self.log) = None;
        *write(&self.state) = None;
    }
}

/// All boards of the server.
#[derive(Default)]
pub struct Boards {
    boards: RwLock<BTreeMap<Uuid, Arc<Board>>>,
    n_asked: AtomicU64,
}

impl Boards {
    /// The board of an election, for somebody who asks.
    pub fn get(&self, uuid: &Uuid) -> Option<Arc<Board>> {
        let board = read(&self.boards).get(uuid).cloned()?;
        self.is_asked(&board);
        Some(board)
    }

    /// Somebody asks for a board.
    pub fn is_asked(&self, board: &Board) {
        let now = self.n_asked.fetch_add(1, Ordering::Relaxed) + 1;
        board.asked.store(now, Ordering::Relaxed);
    }

    /// The boards in memory that nobody has asked for lately: all but `most` of them, without those
    /// that are `busy`.
    pub fn idle(&self, most: usize, busy: impl Fn(&Board) -> bool) -> Vec<Arc<Board>> {
        let mut boards = self.all();
        boards.retain(|board| board.is_in_memory() && !busy(board));
        if boards.len() <= most {
            return Vec::new();
        }
        // Each is looked at once: others are asked for meanwhile.
        boards.sort_by_cached_key(|board| board.asked.load(Ordering::Relaxed));
        boards.truncate(boards.len().saturating_sub(most));
        boards
    }

    /// All boards, by rising uuid.
    pub fn all(&self) -> Vec<Arc<Board>> {
        read(&self.boards).values().cloned().collect()
    }

    /// Adds the boards of stored elections that are not here yet, and gives the number of the next.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] if a uuid is not 16 bytes.
    pub fn add_stored(&self, elections: Vec<models::Election>) -> Result<i32, StoreError> {
        let mut next = 1;
        for models::Election { id, uuid, origin } in elections {
            let uuid = Uuid(
                uuid.try_into()
                    .map_err(|_| StoreError::Damaged { what: "uuid" })?,
            );
            write(&self.boards)
                .entry(uuid)
                .or_insert_with(|| Arc::new(Board::new(id, uuid, origin)));
            next = next.max(id.saturating_add(1));
        }
        Ok(next)
    }

    /// Adds a board.
    pub fn add(&self, board: Arc<Board>) {
        write(&self.boards).insert(board.uuid, board);
    }
}

/// Nothing that holds one of these locks panics, so a poisoned lock still guards whole values.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use protocol::election::Election;

    use super::*;

    #[test]
    fn a_log_read_before_an_append_is_refused_after_it() {
        let board = Board::new(1, Uuid([1; 16]), "o".to_owned());
        let state = || State::of(&board, &Election::new(), 0);
        let leaves = [Digest([1; 32]), Digest([2; 32])];
        let log = |leaves: &[Digest]| {
            let mut tree = Tree::default();
            leaves.iter().for_each(|leaf| tree.append(*leaf));
            let (size, root) = (tree.size(), tree.root());
            Log {
                tree,
                checkpoint: Checkpoint { size, root },
                note: "".into(),
            }
        };
        let (before, after) = (log(&leaves[..1]), log(&leaves));
        // The log is not in memory while the second entry is appended.
        let shown = board.shown();
        board.publish(&leaves[1..], after.checkpoint, "".into(), state());
        assert!(!board.set_log(before, shown));
        assert!(board.set_log(after, board.shown()));
        assert_eq!(board.checkpoint().unwrap().size, 2);
    }
}
