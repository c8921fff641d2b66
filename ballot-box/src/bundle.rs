//! Entry bundles. They are read from the disk while they are sent, so that whoever reads slowly
//! holds little of the server's memory.

use rocket::futures::stream::{BoxStream, StreamExt as _, unfold};

use crate::ballot_box::{BallotBox, read};
use crate::boards::Board;
use crate::problem::Problem;

/// Entries read at a time: of the longest entries, 1 MB.
const STEP: u64 = 16;

/// Entries, each with its length before it, 16 bits big-endian.
pub struct Bundle {
    /// Number of bytes of all parts.
    pub length: u64,
    /// The bytes. They end early if the disk fails, which `length` shows.
    pub parts: BoxStream<'static, Vec<u8>>,
}

impl BallotBox {
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
                Some((join(entries.await.ok()?), stop))
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
