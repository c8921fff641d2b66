//! Reading an election back from the disk: its hash tree from the leaf hashes, its state by
//! replaying the entries.

use std::sync::Arc;

use getrandom::SysRng;
use protocol::checkpoint::{Checkpoint, CheckpointError};
use protocol::election::{Election, Phase, Refusal, VerifiedBallot, Voting};
use protocol::entry::Kind;
use protocol::transcript::Digest;

use crate::boards::{Board, Log};
use crate::key::BoardKey;
use crate::store::{Store, StoreError};
use crate::tiles::Tree;

/// Entries read at a time.
const CHUNK: u64 = 1024;

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

/// The hash tree of a log and its last checkpoint.
///
/// # Errors
/// [`LoadError`] if they cannot be read or do not fit each other.
pub fn log(store: &Store, key: &BoardKey, board: &Board) -> Result<Log, LoadError> {
    let (leaves, note) = store.log(board.number)?;
    let note = note.ok_or(LoadError::NoCheckpoint)?;
    let checkpoint = Checkpoint::verify(&note, &key.board(&board.origin))?;
    let size = checkpoint.size;
    let mut tree = Tree::default();
    leaves.into_iter().for_each(|leaf| tree.append(leaf));
    if tree.size() != size || tree.root(size) != Some(checkpoint.root) {
        return Err(LoadError::Checkpoint {
            found: tree.size(),
            size,
        });
    }
    Ok(Log {
        tree,
        checkpoint,
        note: note.into(),
    })
}

/// Reads the log of a board and gives it to the board; gives the last checkpoint and its note.
///
/// # Errors
/// [`LoadError`], as [`log`] and [`Board::set_log`].
pub fn into_board(
    store: &Store,
    key: &BoardKey,
    board: &Board,
) -> Result<(Checkpoint, Arc<str>), LoadError> {
    let read = || {
        let log = log(store, key, board)?;
        let signed = (log.checkpoint, log.note.clone());
        board.set_log(log).map(|()| signed)
    };
    match read() {
        // Entries may have been appended while it was read; a log that went back does so twice.
        Err(LoadError::WentBack { .. }) => read(),
        other => other,
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
