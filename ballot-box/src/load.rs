//! Reading an election back from the disk: its hash tree from the leaf hashes, its state by
//! replaying the entries.

use std::sync::Arc;

use getrandom::SysRng;
use protocol::checkpoint::{Checkpoint, CheckpointError};
use protocol::election::{Election, Phase, Refusal, VerifiedBallot, Voting};
use protocol::entry::{Envelope, Kind};
use protocol::manifest::ElectionManifest;
use protocol::transcript::Digest;

use crate::boards::{Board, Log};
use crate::key::BoardKey;
use crate::store::{Store, StoreError};
use crate::tiles::TILE_WIDTH;
use crate::tree::{Lack, Tiles, Tree};

/// Entries read at a time.
const CHUNK: u64 = 1024;

/// Leaf hashes read at a time.
const LEAVES: u64 = 1 << 14;

/// Why an election cannot be read back. All but the first mean that the file was changed or
/// damaged: the server then serves neither a wrong log nor a wrong state.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No checkpoint.
    #[error("the database has no checkpoint for this log")]
    NoCheckpoint,
    /// A checkpoint of somebody else.
    #[error("the stored checkpoint is not this server's: {0}")]
    Foreign(#[from] CheckpointError),
    /// The stored leaves are not those of the last checkpoint.
    #[error(
        "the stored log of {found} entries is not the one of the last checkpoint, which has {size}"
    )]
    Checkpoint {
        /// Stored entries.
        found: u64,
        /// Entries of the checkpoint.
        size: u64,
    },
    /// The database holds less than it did, or something else.
    #[error(
        "the stored log of {found} entries does not extend the {shown} that this server has shown: acknowledged entries were lost or changed; bring the database back that has them, nothing is appended here until then"
    )]
    WentBack {
        /// Entries shown before.
        shown: u64,
        /// Stored entries.
        found: u64,
    },
    /// The fold refuses a stored entry.
    #[error("stored entry {index} is refused: {refusal}")]
    Entry {
        /// Which entry.
        index: u64,
        /// Why.
        refusal: Refusal,
    },
    /// The entries are not those that the leaf hashes are of.
    #[error("the stored entries are not those of the last checkpoint: the root is {root}")]
    Entries {
        /// Root over the entries.
        root: Digest,
    },
}

/// The last checkpoint of a log, and its signed note.
///
/// # Errors
/// [`LoadError`] if there is none, or it is not this server's.
pub fn checkpoint(
    store: &Store,
    key: &BoardKey,
    board: &Board,
) -> Result<(Checkpoint, String), LoadError> {
    let note = store
        .latest_checkpoint(board.number)?
        .ok_or(LoadError::NoCheckpoint)?;
    let checkpoint = Checkpoint::verify(&note, &key.board(&board.origin))?;
    Ok((checkpoint, note))
}

/// The manifest of a board, which is its first entry.
///
/// # Errors
/// [`LoadError`] if it cannot be read.
pub fn manifest(store: &Store, board: &Board) -> Result<Arc<ElectionManifest>, LoadError> {
    if let Some(manifest) = board.manifest.get() {
        return Ok(manifest.clone());
    }
    let damaged = StoreError::Damaged { what: "manifest" };
    let entry = store.entries(board.number, 0, 1)?.pop();
    let manifest = entry.and_then(|entry| {
        let envelope = Envelope::decode(&entry).ok()?;
        ElectionManifest::parse(envelope.body).ok()
    });
    let manifest = Arc::new(manifest.ok_or(damaged)?);
    Ok(board.manifest.get_or_init(|| manifest).clone())
}

/// The hash tree of a log and its last checkpoint.
///
/// # Errors
/// [`LoadError`] if they cannot be read or do not fit each other.
pub fn log(store: &Store, key: &BoardKey, board: &Board) -> Result<Log, LoadError> {
    // Another server may be appending: what it adds behind this checkpoint is not read.
    let (checkpoint, note) = self::checkpoint(store, key, board)?;
    let size = checkpoint.size;
    let mut tree = Tree::default();
    while tree.size() < size {
        let (start, end) = (tree.size(), size.min(tree.size() + LEAVES));
        let leaves = store.leaves(board.number, start, end)?;
        if leaves.is_empty() {
            break;
        }
        leaves.into_iter().for_each(|leaf| tree.append(leaf));
    }
    if tree.size() != size || tree.root() != checkpoint.root {
        return Err(LoadError::Checkpoint {
            found: tree.size(),
            size,
        });
    }
    // An entry behind it has come with a later checkpoint, or a checkpoint is lost.
    let is_last = store.leaves(board.number, size, size + 1)?.is_empty();
    if !is_last && store.latest_checkpoint(board.number)?.as_deref() == Some(&note) {
        return Err(LoadError::Checkpoint {
            found: size + 1,
            size,
        });
    }
    Ok(Log {
        tree,
        checkpoint,
        note: note.into(),
    })
}

/// Reads the log of a board that is not in memory, and gives it to the board, if it extends what
/// this server has shown.
///
/// # Errors
/// [`LoadError`]; [`LoadError::WentBack`] if it does not, as after a failover to a database that had
/// missed the last entries. Going on would sign a second history.
pub fn into_memory(
    store: &Store,
    key: &BoardKey,
    board: &Board,
) -> Result<(Checkpoint, Arc<str>), LoadError> {
    loop {
        let shown = board.shown();
        let log = log(store, key, board)?;
        if let Some(before) = shown {
            let ask = |tiles: &Tiles| log.tree.root_of(before.size, tiles);
            let root = match with_tiles(store, board.number, ask)? {
                Ok(root) => Some(root),
                Err(Lack::Entries) => None,
                Err(_) => return Err(StoreError::Damaged { what: "log" }.into()),
            };
            // Unless this server has shown more since it was read.
            if root != Some(before.root) && board.shown() == shown {
                return Err(LoadError::WentBack {
                    shown: before.size,
                    found: log.tree.size(),
                });
            }
        }
        let signed = (log.checkpoint, log.note.clone());
        if board.set_log(log, shown) {
            return Ok(signed);
        }
    }
}

/// Asks a hash tree, and reads from the disk the leaves that it lacks, of one tile after another. The
/// inner error is what the tree lacks besides.
///
/// # Errors
/// [`StoreError`] if they cannot be read.
pub fn with_tiles<T>(
    store: &Store,
    number: i32,
    ask: impl Fn(&Tiles) -> Result<T, Lack>,
) -> Result<Result<T, Lack>, StoreError> {
    let mut tiles = Tiles::new();
    loop {
        match ask(&tiles) {
            // One that was read is not asked for again.
            Err(Lack::Tile(tile)) if !tiles.contains_key(&tile) => {
                let start = tile * TILE_WIDTH;
                let leaves = store.leaves(number, start, start + TILE_WIDTH)?;
                tiles.insert(tile, leaves);
            }
            answer => return Ok(answer),
        }
    }
}

/// Replays the entries of a log up to its last checkpoint. Proofs of ballots were checked before
/// they were stored, and the root shows that they are the same ballots.
///
/// # Errors
/// [`LoadError`] if the entries cannot be read or are not those of the checkpoint.
pub fn election(
    store: &Store,
    number: i32,
    checkpoint: &Checkpoint,
    n_threads: usize,
) -> Result<Election, LoadError> {
    let mut election = Election::new();
    while election.size() < checkpoint.size {
        let start = election.size();
        let entries = store.entries(number, start, checkpoint.size.min(start + CHUNK))?;
        let mut rest = entries.as_slice();
        while let Some((first, others)) = rest.split_first() {
            let n_ballots = rest.iter().take_while(|entry| is_ballot(entry)).count();
            match election
                .voting()
                .cloned()
                .filter(|_| n_ballots > 0 && election.phase() == Phase::Open)
            {
                Some(voting) => {
                    let (ballots, after) = rest.split_at(n_ballots);
                    for ballot in decode(&voting, ballots, n_threads) {
                        let index = election.size();
                        let applied = ballot.and_then(|ballot| election.apply_verified(ballot));
                        applied.map_err(|refusal| LoadError::Entry { index, refusal })?;
                    }
                    rest = after;
                }
                None => {
                    let index = election.size();
                    election
                        .apply(first, &mut SysRng)
                        .map_err(|refusal| LoadError::Entry { index, refusal })?;
                    rest = others;
                }
            }
        }
        if election.size() == start {
            return Err(LoadError::Checkpoint {
                found: start,
                size: checkpoint.size,
            });
        }
    }
    let root = election.root();
    if root == checkpoint.root {
        Ok(election)
    } else {
        Err(LoadError::Entries { root })
    }
}

/// Whether an entry says that it is a ballot.
pub(crate) fn is_ballot(entry: &[u8]) -> bool {
    entry.get(1) == Some(&(Kind::Ballot as u8))
}

/// Decodes ballots on all threads; decoding is what takes the time of a restart.
fn decode(
    voting: &Voting,
    ballots: &[Vec<u8>],
    n_threads: usize,
) -> Vec<Result<VerifiedBallot, Refusal>> {
    let share = ballots.len().div_ceil(n_threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = ballots
            .chunks(share)
            .map(|chunk| {
                scope.spawn(|| {
                    chunk
                        .iter()
                        .map(|entry| voting.trust_stored(entry))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_default())
            .collect()
    })
}
