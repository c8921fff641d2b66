//! A board as one party has seen it: it only ever grows.

use std::path::Path;

use protocol::checkpoint::Checkpoint;
use protocol::entry::{Envelope, Kind};
use protocol::manifest::{BoardIdentity, ElectionManifest};
use protocol::merkle::{Frontier, leaf_hash};
use protocol::receipt::Receipt;
use protocol::transcript::Digest;

use crate::record::{RecordError, read_record, write_record};

/// The entries of a board under a checkpoint that was checked. A new board is empty and takes its
/// identity (origin and key) from the manifest in its first entry; compare the manifest id with
/// one that was learned elsewhere before trusting it.
#[derive(Debug, Default)]
pub struct Board {
    entries: Vec<Vec<u8>>,
    frontier: Frontier,
    identity: Option<BoardIdentity>,
    checkpoint: String,
}

impl Board {
    /// The entries.
    pub fn entries(&self) -> &[Vec<u8>] {
        &self.entries
    }

    /// The entries, for a fold.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(Vec::as_slice)
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Root of the log.
    pub fn root(&self) -> Digest {
        self.frontier.root()
    }

    /// The checkpoint's signed note; empty for an empty board.
    pub fn checkpoint(&self) -> &str {
        &self.checkpoint
    }

    /// Origin and key, from the first entry on.
    pub fn identity(&self) -> Option<&BoardIdentity> {
        self.identity.as_ref()
    }

    /// Confirms that a posted entry stands where its receipt says. A server can give a receipt from
    /// one log and show another log to readers; call this after the next
    /// [`update`](crate::BoardClient::update), before anybody is told that the entry is on the board.
    ///
    /// # Errors
    /// A sentence naming what is wrong: the board is shorter, or shows another entry there.
    pub fn confirm(&self, receipt: &Receipt, entry: &[u8]) -> Result<(), String> {
        let shown = usize::try_from(receipt.index)
            .ok()
            .and_then(|index| self.entries.get(index));
        if shown.map(Vec::as_slice) == Some(entry) {
            return Ok(());
        }
        Err(format!(
            "it gave a receipt for entry {}, but the board that it shows does not have that entry there",
            receipt.index
        ))
    }

    /// Appends entries if together they make the log that the note's signature promises. On error
    /// nothing changes.
    pub(crate) fn extend(&mut self, new: Vec<Vec<u8>>, note: &str) -> Result<(), String> {
        let identity = match &self.identity {
            Some(identity) => identity.clone(),
            None => identity_of(new.first().ok_or("it has no entries")?)?,
        };
        let checkpoint = Checkpoint::verify(note, &identity).map_err(|error| error.to_string())?;
        let mut frontier = self.frontier.clone();
        new.iter()
            .for_each(|entry| frontier.append(leaf_hash(entry)));
        if frontier.size() != checkpoint.size || frontier.root() != checkpoint.root {
            return Err(format!(
                "its signed checkpoint of {} entries does not belong to the entries it shows, or not to those it showed before",
                checkpoint.size
            ));
        }
        self.entries.extend(new);
        (self.frontier, self.identity, self.checkpoint) =
            (frontier, Some(identity), note.to_owned());
        Ok(())
    }

    /// Writes the board as a record (docs/spec/board.md). Files are replaced one by one, the
    /// checkpoint last.
    ///
    /// # Errors
    /// [`RecordError`] naming the file.
    pub fn save(&self, folder: &Path) -> Result<(), RecordError> {
        write_record(folder, &self.entries, &self.checkpoint)
    }

    /// Reads a record folder and checks signature and root. An empty or missing folder is an empty
    /// board.
    ///
    /// # Errors
    /// [`RecordError`] naming the file or what is wrong.
    pub fn load(folder: &Path) -> Result<Self, RecordError> {
        let mut board = Self::default();
        if let Some((entries, checkpoint)) = read_record(folder)? {
            let folder = folder.to_owned();
            board
                .extend(entries, &checkpoint)
                .map_err(|what| RecordError::Invalid { folder, what })?;
        }
        Ok(board)
    }
}

fn identity_of(first: &[u8]) -> Result<BoardIdentity, String> {
    let envelope =
        Envelope::decode(first).map_err(|error| format!("its first entry is not one: {error}"))?;
    if envelope.kind != Kind::Manifest {
        return Err("its first entry is not a manifest".to_owned());
    }
    let manifest = ElectionManifest::parse(envelope.body)
        .map_err(|error| format!("its manifest is not valid: {error}"))?;
    Ok(manifest.board)
}
