//! A board as one party has seen it: it only ever grows.

use std::path::{Path, PathBuf};

use protocol::checkpoint::{Checkpoint, CosignedCheckpoint, board_note};
use protocol::entry::{Envelope, Kind};
use protocol::manifest::{BoardIdentity, ElectionManifest};
use protocol::merkle::{Frontier, leaf_hash};
use protocol::receipt::Receipt;
use protocol::transcript::Digest;

use crate::evidence::folder_beside;
use crate::plain_text::plain_line;
use crate::record::{RecordError, read_record, write_record};

/// The entries of a board under a checkpoint that was checked. A new board is empty and takes its
/// identity (origin and key) from the manifest in its first entry; compare the manifest id with
/// one that was learned elsewhere before trusting it.
#[derive(Debug, Default)]
pub struct Board {
    entries: Vec<Vec<u8>>,
    /// Their hashes, so that the root at every earlier size can be had.
    leaves: Vec<Digest>,
    frontier: Frontier,
    identity: Option<BoardIdentity>,
    checkpoint: String,
    evidence: Option<PathBuf>,
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

    /// Where evidence against the server is kept: beside the folder that the board was loaded from.
    pub(crate) fn evidence(&self) -> Option<&Path> {
        self.evidence.as_deref()
    }

    /// Confirms that a posted entry stands where its receipt says. A server can give a receipt from
    /// one log and show another log to readers; call this after the next
    /// [`update`](crate::BoardClient::update), before anybody is told that the entry is on the board.
    ///
    /// The receipt's checkpoint may be older than what this party knew of the board before, as for an
    /// entry that was there already; but the board that is shown now must continue its log.
    ///
    /// # Errors
    /// A sentence naming what is wrong: the board shows another entry there, is shorter than the
    /// receipt's checkpoint signs, or does not continue its log.
    pub fn confirm(&self, receipt: &Receipt, entry: &[u8]) -> Result<(), String> {
        let shown = usize::try_from(receipt.index)
            .ok()
            .and_then(|index| self.entries.get(index));
        let Some(identity) = self
            .identity
            .as_ref()
            .filter(|_| shown.map(Vec::as_slice) == Some(entry))
        else {
            return Err(format!(
                "it gave a receipt for entry {}, but the board that it shows does not have that entry there",
                receipt.index
            ));
        };
        let signed = Checkpoint::verify(&receipt.checkpoint, identity)
            .map_err(|error| format!("its receipt does not hold: {error}"))?;
        match self.root_at(signed.size) {
            Some(root) if root == signed.root => Ok(()),
            Some(_) => Err(format!(
                "it gave a receipt under a signed checkpoint of {} entries, but the board that it shows has others",
                signed.size
            )),
            None => Err(format!(
                "it gave a receipt under a signed checkpoint of {} entries, but the board that it shows has {}",
                signed.size,
                self.size()
            )),
        }
    }

    /// Root of the log when it had `size` entries, unless it never had so many.
    pub(crate) fn root_at(&self, size: u64) -> Option<Digest> {
        let leaves = self.leaves.get(..usize::try_from(size).ok()?)?;
        let mut log = Frontier::default();
        leaves.iter().for_each(|leaf| log.append(*leaf));
        Some(log.root())
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
        let leaves: Vec<Digest> = new.iter().map(|entry| leaf_hash(entry)).collect();
        leaves.iter().for_each(|leaf| frontier.append(*leaf));
        if frontier.size() != checkpoint.size || frontier.root() != checkpoint.root {
            return Err(format!(
                "its signed checkpoint of {} entries does not belong to the entries it shows, or not to those it showed before",
                checkpoint.size
            ));
        }
        self.entries.extend(new);
        self.leaves.extend(leaves);
        // Nothing but cosignatures that hold is handed on with the board's signature.
        let note = match CosignedCheckpoint::verify(note, &identity) {
            Ok(_) => note,
            Err(_) => board_note(note),
        };
        let is_same = frontier.size() == self.frontier.size();
        if !is_same || note.len() > self.checkpoint.len() {
            self.checkpoint = note.to_owned();
        }
        (self.frontier, self.identity) = (frontier, Some(identity));
        Ok(())
    }

    /// Writes the board as a record (docs/spec/board.md). Tiles are on disk before the checkpoint
    /// that names them, and earlier tiles go after it: a save that is interrupted leaves the board of
    /// the checkpoint that is there, with files to spare that the next save removes.
    ///
    /// # Errors
    /// [`RecordError`] naming the file.
    pub fn save(&self, folder: &Path) -> Result<(), RecordError> {
        write_record(folder, &self.entries, &self.checkpoint)
    }

    /// Reads a record folder and checks signature and root. An empty or missing folder is an empty
    /// board. What a server signs against this board is from now on kept in `<folder>-evidence`.
    ///
    /// # Errors
    /// [`RecordError`] naming the file or what is wrong.
    pub fn load(folder: &Path) -> Result<Self, RecordError> {
        let mut board = Self {
            evidence: Some(folder_beside(folder)),
            ..Self::default()
        };
        if let Some((entries, checkpoint)) = read_record(folder)? {
            let folder = folder.to_owned();
            board
                .extend(entries, &checkpoint)
                .map_err(|what| RecordError::Invalid {
                    folder,
                    what: plain_line(&what),
                })?;
        }
        Ok(board)
    }
}

pub(crate) fn identity_of(first: &[u8]) -> Result<BoardIdentity, String> {
    let envelope =
        Envelope::decode(first).map_err(|error| format!("its first entry is not one: {error}"))?;
    if envelope.kind != Kind::Manifest {
        return Err("its first entry is not a manifest".to_owned());
    }
    let manifest = ElectionManifest::parse(envelope.body)
        .map_err(|error| format!("its manifest is not valid: {error}"))?;
    Ok(manifest.board)
}
