//! A board that contradicts what was signed before is kept: it is what others must see.

use std::path::Path;

use protocol::merkle::{Frontier, leaf_hash};

use super::FollowError;
use crate::board::BoardAccess;
use crate::state::StateError;

/// Whether the board itself, with its signed checkpoint, shows that somebody lies.
fn is_contradiction(error: &FollowError) -> bool {
    match error {
        FollowError::Invalid(_)
        | FollowError::WentBack { .. }
        | FollowError::Rewritten { .. }
        | FollowError::BrokenPromise { .. } => true,
        FollowError::State(error) => matches!(
            error,
            StateError::Second { .. } | StateError::OtherManifest { .. }
        ),
        _ => false,
    }
}

/// Keeps the board below an election's folder if it is evidence, and says where. The board that
/// was followed until now has a folder of its own and is not touched.
pub(crate) fn with_evidence<B: BoardAccess>(
    board: &B,
    election_folder: &Path,
    error: FollowError,
) -> FollowError {
    if !is_contradiction(&error) {
        return error;
    }
    let mut log = Frontier::default();
    let entries = board.entries().iter();
    entries.for_each(|entry| log.append(leaf_hash(entry)));
    let root: String = log.root().to_string().chars().take(16).collect();
    let folder = election_folder
        .join("evidence")
        .join(format!("{}-{root}", log.size()));
    match board.save_evidence(&folder) {
        Ok(()) => FollowError::Evidence {
            error: Box::new(error),
            folder,
        },
        // What is wrong matters more than a full disk.
        Err(_) => error,
    }
}
