//! What is known of a board, in a folder: the manifest, the last checkpoint and the hash of every
//! entry under it. The hashes are needed to prove that a board left out what it showed before.

use super::FollowError;
use crate::{
    checkpoint::{Checkpoint, UnverifiedCheckpoint},
    durable,
    log::{Hash, root_of},
    manifest::Manifest,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const MANIFEST: &str = "manifest.json";
const NOTE: &str = "checkpoint";
const LEAVES: &str = "leaves";

/// What is known.
#[derive(Debug)]
pub struct State {
    folder: PathBuf,
    pub manifest: Option<Manifest>,
    pub manifest_bytes: Vec<u8>,
    /// The last checkpoint as it was signed.
    pub note: String,
    pub known: Option<Checkpoint>,
    /// The leaf hashes of its entries.
    pub leaves: Vec<Hash>,
}

impl State {
    /// Reads what a folder holds, and makes it if there is none.
    pub fn open(folder: &Path) -> Result<Self, FollowError> {
        let mut state = Self {
            folder: folder.to_owned(),
            manifest: None,
            manifest_bytes: Vec::new(),
            note: String::new(),
            known: None,
            leaves: Vec::new(),
        };
        fs::create_dir_all(folder).map_err(|error| state.unusable(error))?;
        let Some(bytes) = state.read(MANIFEST)? else {
            return Ok(state);
        };
        let manifest = Manifest::read(&bytes).map_err(|error| state.unusable(error))?;
        state.manifest_bytes = bytes;
        let note = state.read(NOTE)?;
        let leaves = state.read(LEAVES)?;
        if let (Some(note), Some(leaves)) = (note, leaves) {
            let known = UnverifiedCheckpoint::parse_board(&note)
                .and_then(|note| note.verify(&manifest.origin, &manifest.board_key))
                .map_err(|error| state.unusable(error))?;
            let (leaves, _) = leaves.as_chunks::<32>();
            // Hashes of entries after the checkpoint: the program was stopped between two files.
            let leaves = usize::try_from(known.size)
                .ok()
                .and_then(|size| leaves.get(..size))
                .filter(|leaves| root_of(leaves) == known.root)
                .ok_or_else(|| {
                    state.unusable("the hashes in it are not those of its checkpoint")
                })?;
            state.leaves = leaves.to_vec();
            state.note = String::from_utf8(note).map_err(|error| state.unusable(error))?;
            state.known = Some(known);
        }
        state.manifest = Some(manifest);
        Ok(state)
    }

    /// Keeps the manifest, once.
    pub fn begin(&mut self, bytes: &[u8], manifest: Manifest) -> Result<(), FollowError> {
        match &self.manifest {
            Some(known) if known.id != manifest.id => {
                return Err(self.unusable("it is of another election"));
            }
            Some(_) => return Ok(()),
            None => {}
        }
        self.write(MANIFEST, bytes)?;
        self.manifest_bytes = bytes.to_vec();
        self.manifest = Some(manifest);
        Ok(())
    }

    /// Keeps a checkpoint with the hashes of its entries.
    pub fn keep(
        &mut self,
        note: &str,
        checkpoint: Checkpoint,
        leaves: Vec<Hash>,
    ) -> Result<(), FollowError> {
        // The checkpoint comes last: with it the hashes before it are complete.
        self.write(LEAVES, leaves.as_flattened())?;
        self.write(NOTE, note.as_bytes())?;
        self.note = note.to_owned();
        self.known = Some(checkpoint);
        self.leaves = leaves;
        Ok(())
    }

    /// Keeps the same checkpoint with more cosignatures.
    pub fn cosigned(&mut self, note: &str) -> Result<(), FollowError> {
        self.write(NOTE, note.as_bytes())?;
        self.note = note.to_owned();
        Ok(())
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, FollowError> {
        match fs::read(self.folder.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unusable(error)),
        }
    }

    /// Writes a file whole or not at all.
    fn write(&self, name: &str, content: &[u8]) -> Result<(), FollowError> {
        durable::write(&self.folder.join(name), content).map_err(|error| self.unusable(error))
    }

    fn unusable(&self, reason: impl ToString) -> FollowError {
        FollowError::State {
            folder: self.folder.display().to_string(),
            reason: reason.to_string(),
        }
    }
}
