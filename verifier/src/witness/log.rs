//! What a witness knows of one board, in a folder: its manifest, the checkpoint that was
//! cosigned last, and a proof if the board ever signed two histories.

use super::{Refusal, WitnessError, key::WitnessKey};
use crate::{
    checkpoint::{Checkpoint, CheckpointError, UnverifiedCheckpoint},
    consistency, durable,
    equivocation::Equivocation,
    follow::Known,
    log::Hash,
    manifest::Manifest,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const MANIFEST: &str = "manifest.json";
const CHECKPOINT: &str = "checkpoint";
const EQUIVOCATION: &str = "equivocation.json";

/// One board of a witness.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    manifest: Manifest,
    manifest_bytes: Vec<u8>,
    latest: Option<Cosigned>,
}

/// The checkpoint that was cosigned last.
#[derive(Debug)]
struct Cosigned {
    checkpoint: Checkpoint,
    /// With the board's signature alone.
    note: String,
    /// With both signatures.
    cosigned: String,
}

impl Log {
    /// Begins a board of which nothing is known but its manifest.
    pub fn begin(folder: PathBuf, manifest_bytes: &[u8]) -> Result<Self, WitnessError> {
        durable::create_folder(&folder)?;
        durable::write(&folder.join(MANIFEST), manifest_bytes)?;
        Self::new(folder, manifest_bytes.to_vec())
    }

    /// Goes on from a folder; none if no manifest was ever kept in it.
    pub fn open(folder: PathBuf, key: &WitnessKey) -> Result<Option<Self>, WitnessError> {
        let Some(manifest_bytes) = read(&folder.join(MANIFEST))? else {
            return Ok(None);
        };
        let mut log = Self::new(folder, manifest_bytes)?;
        if let Some(bytes) = read(&log.folder.join(CHECKPOINT))? {
            log.latest = Some(log.restore(bytes, key).ok_or_else(|| log.damaged())?);
        }
        Ok(Some(log))
    }

    fn new(folder: PathBuf, manifest_bytes: Vec<u8>) -> Result<Self, WitnessError> {
        let manifest = Manifest::read(&manifest_bytes)?;
        Ok(Self {
            folder,
            manifest,
            manifest_bytes,
            latest: None,
        })
    }

    /// What was cosigned last, if it is what this witness wrote.
    fn restore(&self, bytes: Vec<u8>, key: &WitnessKey) -> Option<Cosigned> {
        let cosigned = String::from_utf8(bytes).ok()?;
        let (note, checkpoint) = self.board_signed(&cosigned).ok()?;
        let line = cosigned.strip_prefix(&note.note())?.strip_suffix('\n')?;
        key.verify(note.text(), line).then(|| Cosigned {
            checkpoint,
            note: note.note(),
            cosigned,
        })
    }

    fn damaged(&self) -> WitnessError {
        WitnessError::Damaged {
            folder: self.folder.display().to_string(),
        }
    }

    /// The board's manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The checkpoint that was cosigned last, with both signatures.
    pub fn latest(&self) -> Option<&str> {
        Some(&self.latest.as_ref()?.cosigned)
    }

    fn size(&self) -> u64 {
        self.latest
            .as_ref()
            .map_or(0, |latest| latest.checkpoint.size)
    }

    /// Cosigns a checkpoint that somebody hands in with a consistency proof of RFC 6962; gives
    /// the cosignature line.
    pub fn submit(
        &mut self,
        note: &str,
        old: u64,
        proof: Vec<Hash>,
        key: &WitnessKey,
        now: u64,
    ) -> Result<String, Refusal> {
        let (shown, checkpoint) = self.board_signed(note)?;
        if old > checkpoint.size {
            return Err(Refusal::Malformed {
                rule: "the old size is larger than the checkpoint's",
            });
        }
        let mut path = proof;
        if let Some(latest) = &self.latest {
            // Such a proof leaves out its first node where that is the old root.
            if old.is_power_of_two() && old < checkpoint.size {
                path.insert(0, latest.checkpoint.root);
            }
        }
        self.advance(&shown, checkpoint, old, path, key, now)
    }

    /// Cosigns what was seen on the board itself; none if more was cosigned already.
    pub fn seen(
        &mut self,
        known: &Known<'_>,
        key: &WitnessKey,
        now: u64,
    ) -> Result<Option<String>, Refusal> {
        let (shown, checkpoint) = self.board_signed(known.note)?;
        let size = self.size();
        if checkpoint.size < size {
            return Ok(None);
        }
        let path = match usize::try_from(size) {
            Ok(beginning) if size < checkpoint.size => consistency::path(beginning, known.leaves),
            _ => Vec::new(),
        };
        self.advance(&shown, checkpoint, size, path, key, now)
            .map(Some)
    }

    /// The only place where a cosignature is made: the checkpoint is the board's and contains
    /// all that was cosigned before, and it is on the disk before the line is given away.
    fn advance(
        &mut self,
        shown: &UnverifiedCheckpoint,
        checkpoint: Checkpoint,
        old: u64,
        path: Vec<Hash>,
        key: &WitnessKey,
        now: u64,
    ) -> Result<String, Refusal> {
        if let Some(latest) = &self.latest
            && latest.checkpoint.size == checkpoint.size
            && latest.checkpoint.root != checkpoint.root
        {
            return Err(self.contradicted(latest, shown, Vec::new())?);
        }
        if old != self.size() {
            return Err(Refusal::Conflict { size: self.size() });
        }
        match &self.latest {
            // A board is never empty: its first entry is its manifest.
            None if checkpoint.size == 0 || !path.is_empty() => return Err(Refusal::Proof),
            Some(latest) if latest.checkpoint.size == checkpoint.size && !path.is_empty() => {
                return Err(Refusal::Proof);
            }
            Some(latest) if latest.checkpoint.size != checkpoint.size => {
                // A smaller one has no proof either.
                let roots =
                    consistency::roots(old, checkpoint.size, &path).map_err(|_| Refusal::Proof)?;
                if roots.whole != checkpoint.root {
                    return Err(Refusal::Proof);
                }
                if roots.beginning != latest.checkpoint.root {
                    return Err(self.contradicted(latest, shown, path)?);
                }
            }
            // The first one, or the same again at a later time.
            _ => {}
        }
        let line = key.cosign(shown.text(), now);
        let note = shown.note();
        let cosigned = format!("{note}{line}");
        durable::write(&self.folder.join(CHECKPOINT), cosigned.as_bytes())?;
        self.latest = Some(Cosigned {
            checkpoint,
            note,
            cosigned,
        });
        Ok(line)
    }

    /// The checkpoint with the one signature that is the board's, once it holds.
    fn board_signed(&self, note: &str) -> Result<(UnverifiedCheckpoint, Checkpoint), Refusal> {
        let Manifest {
            origin, board_key, ..
        } = &self.manifest;
        let notes = UnverifiedCheckpoint::parse_cosigned(note.as_bytes())?;
        for note in notes {
            match note.verify(origin, board_key) {
                Ok(checkpoint) => return Ok((note, checkpoint)),
                // Somebody else's, who may sign as well.
                Err(CheckpointError::Origin { .. } | CheckpointError::Unsigned) => {}
                Err(_) => return Err(Refusal::Unsigned),
            }
        }
        Err(Refusal::Unsigned)
    }

    fn contradicted(
        &self,
        latest: &Cosigned,
        shown: &UnverifiedCheckpoint,
        path: Vec<Hash>,
    ) -> Result<Refusal, Refusal> {
        let proof = Equivocation {
            manifest: self.manifest_bytes.clone(),
            smaller: latest.note.clone(),
            larger: shown.note(),
            path,
        };
        Ok(self.keep(&proof)?)
    }

    /// Keeps a proof that the board signed two histories. One is enough: whoever has the board's
    /// key could make any number of them.
    pub fn keep(&self, proof: &Equivocation) -> io::Result<Refusal> {
        let file = self.folder.join(EQUIVOCATION);
        let is_new = !file.try_exists()?;
        // Nobody is accused with a proof that does not convince.
        if proof.check().is_err() {
            return Ok(Refusal::Proof);
        }
        if is_new {
            durable::write(&file, proof.write().as_bytes())?;
        }
        Ok(Refusal::TwoHistories { file, is_new })
    }
}

fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
