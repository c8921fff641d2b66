//! Tiles and entry bundles as they are answered. Full ones are kept for a while, for whoever else
//! reads them. What is not, or is long, is read from the disk while it is sent, so that whoever reads
//! slowly holds little of the server's memory.

use std::sync::Arc;

use rocket::futures::stream::{BoxStream, StreamExt as _, unfold};

use crate::ballot_box::{BallotBox, read, unavailable};
use crate::boards::Board;
use crate::kept::TOO_LONG;
use crate::problem::Problem;
use crate::tiles::TilePath;
use crate::tree::{self, Hashes};

/// Entries read at a time: of the longest entries, 1 MB.
const STEP: u64 = 16;

/// Entries, each with its length before it, 16 bits big-endian.
pub struct Bundle {
    /// Number of bytes of all parts.
    pub length: u64,
    /// The bytes. They end early if the disk fails, which `length` shows.
    pub parts: BoxStream<'static, Vec<u8>>,
}

/// What a tile or bundle holds.
pub enum Content {
    /// Bytes that are there already.
    Whole(Arc<[u8]>),
    /// Entries that are read while they are sent.
    Bundle(Bundle),
}

impl BallotBox {
    /// A tile or bundle, or `None` if the log has not grown so far.
    ///
    /// # Errors
    /// 500 or 503 if it cannot be read.
    pub async fn tile(
        &self,
        board: &Arc<Board>,
        path: TilePath,
    ) -> Result<Option<Content>, Problem> {
        let number = board.number;
        if let Some(content) = self.kept().get(number, &path) {
            return Ok(Some(Content::Whole(content)));
        }
        let checkpoint = self.checkpoint(board).await?;
        let (start, end) = (path.start(), path.end());
        let content: Arc<[u8]> = if path.level.is_some() {
            match board.tile(&path) {
                None => return Ok(None),
                Some(Hashes::Kept(hashes)) => hashes.into(),
                Some(Hashes::Stored) => {
                    let leaves = read(self.store(), move |store| store.leaves(number, start, end));
                    let leaves = leaves.await?;
                    // Nobody may be told to keep for ever what is not whole.
                    if leaves.len() as u64 != path.width {
                        return Err(self.damaged(board, &path));
                    }
                    tree::join(&leaves).into()
                }
            }
        } else if end > checkpoint.size {
            return Ok(None);
        } else {
            let bundle = self.bundle(board, start, end).await?;
            if !path.is_full() || bundle.length >= TOO_LONG {
                return Ok(Some(Content::Bundle(bundle)));
            }
            let entries = read(self.store(), move |store| store.entries(number, start, end));
            let entries = entries.await?;
            if entries.len() as u64 != path.width {
                return Err(self.damaged(board, &path));
            }
            join(entries).into()
        };
        self.kept().add(number, &path, &content);
        Ok(Some(Content::Whole(content)))
    }

    fn damaged(&self, board: &Board, path: &TilePath) -> Problem {
        tracing::error!(election = %board.uuid, %path, "the database does not hold all of a tile");
        unavailable()
    }

    /// The bundle of the entries from `start` to `end` − 1, which must be on the disk.
    ///
    /// # Errors
    /// 503 if they cannot be read.
    pub async fn bundle(&self, board: &Board, start: u64, end: u64) -> Result<Bundle, Problem> {
        let (store, number) = (self.store().clone(), board.number);
        let length = read(&store, move |store| store.bundle_length(number, start, end));
        let length = length.await?;
        let parts = unfold(start, move |start| {
            let store = store.clone();
            async move {
                let stop = end.min(start + STEP);
                if start == stop {
                    return None;
                }
                let entries = read(&store, move |store| store.entries(number, start, stop));
                let entries = entries.await.ok()?;
                let is_whole = entries.len() as u64 == stop - start;
                is_whole.then(|| (join(entries), stop))
            }
        });
        Ok(Bundle {
            length,
            parts: parts.boxed(),
        })
    }
}

/// Joins entries into the bytes of a bundle.
pub(crate) fn join(entries: Vec<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| 2 + entry.len()).sum());
    for entry in entries {
        // No longer entry is ever accepted.
        let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&entry);
    }
    bytes
}
