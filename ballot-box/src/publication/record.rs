//! What of a board is not published yet, and in which order it is written: tiles and bundles, then
//! the checkpoint that names them, and only then are partial ones removed that full ones replace.

use std::cell::OnceCell;

use object_store::path::Path;
use protocol::checkpoint::{Checkpoint, board_note, cosigned_note};
use rocket::futures::{StreamExt as _, TryStreamExt as _, stream};

use super::Press;
use crate::boards::Board;
use crate::bundle;
use crate::load::{self, LoadError};
use crate::models::StoredCosignature;
use crate::store::StoreError;
use crate::tiles::{TilePath, grown};
use crate::tree::{Hashes, Tree, join};

/// Tiles that are written at a time.
const AT_ONCE: usize = 8;

/// Why a board could not be published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The folder or store.
    #[error("the folder or store of --tiles failed: {0}")]
    Destination(#[from] object_store::Error),
    /// The database.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// More is published there than the database has.
    #[error(
        "the checkpoint published at {place} is signed with this server's key and names {size} entries that are not the database's: the election is not served and takes no entry, since that would be a second history; bring back the database that has them, or, if the loss is final and announced, remove what is published there and start the server again"
    )]
    Lost {
        /// Where.
        place: String,
        /// How many entries it names.
        size: u64,
    },
    /// Something else is published there.
    #[error(
        "the checkpoint that is published at {place} is none that this ballot box has signed and stored; nothing is written over it"
    )]
    Foreign {
        /// Where.
        place: String,
    },
}

impl From<StoreError> for PublishError {
    fn from(error: StoreError) -> Self {
        Self::Load(error.into())
    }
}

impl Press {
    /// Publishes a board up to its last checkpoint.
    ///
    /// # Errors
    /// [`PublishError`]; what is published is then complete up to the checkpoint that stands there.
    pub(super) async fn publish(&self, board: &Board) -> Result<(), PublishError> {
        let log = self.destination.log(&board.origin)?;
        let place = log.clone().join("checkpoint");
        let current = self.destination.current(&place).await?;
        let (checkpoint, note) = load::checkpoint(&self.store, &self.key, board)?;
        let note = self.cosigned(board, &checkpoint, note)?;
        let from = match &current {
            None => 0,
            Some(current) => {
                let signed = board_note(&current.text);
                let stored = self.store.size_of_note(board.number, signed)?;
                match stored {
                    Some(size) => size,
                    None => return Err(self.stranger(board, place.to_string(), signed)),
                }
            }
        };
        // Another server appends and publishes by now, or nothing is new, not even a cosignature.
        let has_lines = |text: &str| text.lines().count() >= note.lines().count();
        let is_there = current
            .as_ref()
            .is_some_and(|current| has_lines(&current.text));
        if from > checkpoint.size || from == checkpoint.size && is_there {
            return Ok(());
        }
        let paths = grown(from, checkpoint.size);
        let tree = OnceCell::new();
        stream::iter(&paths)
            .map(|path| async {
                let content = self.content(board, path, &tree)?;
                let place = at(&log, &path.to_string())?;
                self.destination.put(&place, content).await?;
                Ok::<(), PublishError>(())
            })
            .buffer_unordered(AT_ONCE)
            .try_collect::<()>()
            .await?;
        self.destination.replace(&place, &note, current).await?;
        for path in &paths {
            let old = from >> (8 * path.level.unwrap_or(0));
            let was_partial = (path.start() + 1..path.end()).contains(&old);
            if path.is_full() && was_partial {
                self.destination
                    .clear(&at(&log, &format!("{path}.p"))?)
                    .await?;
            }
        }
        Ok(())
    }

    /// A published note that the database does not hold. If this key signed it, what it names was
    /// acknowledged and is lost here, as after a restore: to go on would sign a second history.
    fn stranger(&self, board: &Board, place: String, note: &str) -> PublishError {
        match Checkpoint::verify(note, &self.key.board(&board.origin)) {
            Ok(checkpoint) => {
                board.was_shown(checkpoint);
                let size = checkpoint.size;
                PublishError::Lost { place, size }
            }
            Err(_) => PublishError::Foreign { place },
        }
    }

    /// The note of a checkpoint with the cosignatures that came so far.
    fn cosigned(
        &self,
        board: &Board,
        checkpoint: &Checkpoint,
        note: String,
    ) -> Result<String, PublishError> {
        let manifest = load::manifest(&self.store, board)?;
        if manifest.board.witnesses.is_empty() {
            return Ok(note);
        }
        let rows = self.store.cosignatures(board.number, checkpoint.size)?;
        let cosignatures: Vec<_> = rows
            .iter()
            .filter_map(StoredCosignature::cosignature)
            .collect();
        Ok(cosigned_note(&manifest.board, &note, &cosignatures))
    }

    /// What a tile or bundle holds. Tiles above the leaves are those of the board, or of the tree,
    /// which is read from the disk if the board is not in memory.
    fn content(
        &self,
        board: &Board,
        path: &TilePath,
        tree: &OnceCell<Tree>,
    ) -> Result<Vec<u8>, PublishError> {
        let (number, start, end) = (board.number, path.start(), path.end());
        let (content, n_read) = match path.level {
            None => {
                let entries = self.store.entries(number, start, end)?;
                let n_read = entries.len() as u64;
                (bundle::join(entries), n_read)
            }
            Some(0) => {
                let leaves = self.store.leaves(number, start, end)?;
                (join(&leaves), leaves.len() as u64)
            }
            Some(_) => {
                let hashes = match (board.tile(path), tree.get()) {
                    (Some(Hashes::Kept(hashes)), _) => Some(Hashes::Kept(hashes)),
                    (_, Some(tree)) => tree.tile(path),
                    (_, None) => {
                        let log = load::log(&self.store, &self.key, board)?;
                        tree.get_or_init(|| log.tree).tile(path)
                    }
                };
                match hashes {
                    Some(Hashes::Kept(hashes)) => (hashes, path.width),
                    _ => (Vec::new(), 0),
                }
            }
        };
        if n_read == path.width {
            Ok(content)
        } else {
            Err(StoreError::Damaged { what: "log" }.into())
        }
    }
}

fn at(log: &Path, name: &str) -> Result<Path, object_store::Error> {
    Ok(Path::parse(format!("{log}/{name}"))?)
}
