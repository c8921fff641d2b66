//! Watching a live board: what it signed last is kept, and what it signs next must contain it
//! (docs/spec/board.md, "Equivocation").

mod state;

use crate::{
    checkpoint::{Checkpoint, MAX_CHECKPOINT, UnverifiedCheckpoint},
    consistency,
    entry::manifest_bytes,
    equivocation::Equivocation,
    log::{Hash, TILE_WIDTH, leaf_hash, root_of},
    manifest::Manifest,
    record::{
        RecordError,
        download::Board,
        layout::{CHECKPOINT, bundle_of, tiles_of_level},
    },
    scan::split,
};
use state::State;
use std::path::Path;
use thiserror::Error;

/// A board with more entries is not followed: its hashes alone would fill the memory.
const MAX_ENTRIES: u64 = 1 << 28;

/// Why nothing new is known of a board. None of it proves that the board lied.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FollowError {
    /// The board cannot be reached, or does not answer as a board does.
    #[error("the board does not answer: {0}")]
    Unavailable(#[from] RecordError),
    /// What answers is not the board that was followed so far.
    #[error("what answers is not a board of this election: {reason}")]
    NoBoard {
        /// Why not.
        reason: String,
    },
    /// The entries do not have the root that the board signed.
    #[error("the entries that the board shows are not those it signed for")]
    OtherEntries,
    /// An old checkpoint.
    #[error(
        "the board shows an old checkpoint, of {shown} entries; it has shown {seen} before, and \
         the old ones are among them"
    )]
    Older {
        /// How many entries it has.
        shown: u64,
        /// How many entries the board had already.
        seen: u64,
    },
    /// The folder cannot be used.
    #[error(
        "the folder `{folder}` cannot be used: {reason}; keep a copy of it and begin with a new one"
    )]
    State {
        /// Which.
        folder: String,
        /// Why not.
        reason: String,
    },
}

impl FollowError {
    /// Whether asking the board again may help.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        !matches!(self, Self::State { .. })
    }
}

/// What one look at the board shows.
#[derive(Debug)]
pub enum Seen {
    /// The board, for the first time.
    First(Checkpoint),
    /// The same entries as before.
    Same(Checkpoint),
    /// More entries, after those from before.
    Grown {
        /// How many there were.
        from: u64,
        /// What is there now.
        to: Checkpoint,
    },
    /// The board signed two histories.
    TwoHistories(Box<Equivocation>),
}

/// What is known of a board.
#[derive(Debug)]
pub struct Known<'a> {
    /// Its manifest.
    pub manifest: &'a Manifest,
    /// The manifest's exact text.
    pub manifest_bytes: &'a [u8],
    /// The last checkpoint as it was signed.
    pub note: &'a str,
    /// The leaf hashes of its entries.
    pub leaves: &'a [Hash],
}

/// Who watches a board.
#[derive(Debug)]
pub struct Follower {
    board: Board,
    state: State,
    liars: Vec<String>,
}

impl Follower {
    /// Goes on from what a folder holds; it is made if it is not there.
    ///
    /// # Errors
    /// [`FollowError::State`].
    pub fn open(url: &str, folder: &Path) -> Result<Self, FollowError> {
        Ok(Self {
            board: Board::at(url),
            state: State::open(folder)?,
            liars: Vec::new(),
        })
    }

    /// The manifest of the board, from the first look on.
    #[must_use]
    pub fn manifest(&self) -> Option<&Manifest> {
        self.state.manifest.as_ref()
    }

    /// What is known of the board, from the first look on.
    #[must_use]
    pub fn known(&self) -> Option<Known<'_>> {
        self.state.known.as_ref()?;
        Some(Known {
            manifest: self.state.manifest.as_ref()?,
            manifest_bytes: &self.state.manifest_bytes,
            note: &self.state.note,
            leaves: &self.state.leaves,
        })
    }

    /// Looks at the board once, and keeps what it shows unless it contradicts what it showed.
    ///
    /// # Errors
    /// [`FollowError`].
    pub fn look(&mut self) -> Result<Seen, FollowError> {
        let note = self
            .board
            .fetch(CHECKPOINT, MAX_CHECKPOINT)?
            .ok_or_else(|| no_board("it has no checkpoint"))?;
        // What the board signed counts, whatever else stands on the note.
        let shown = UnverifiedCheckpoint::parse_board(&note).map_err(no_board)?;
        // Cosignatures are kept where they hold: they say who else vouched for it.
        let text = match UnverifiedCheckpoint::parse(&note) {
            Ok(cosigned) if self.holds(&cosigned) => cosigned.cosigned_note(),
            _ => shown.note(),
        };
        let Some(known) = self.state.known.clone() else {
            return self.first(&shown, &text);
        };
        let manifest = self
            .state
            .manifest
            .as_ref()
            .ok_or(no_board("no manifest"))?;
        let shown = shown
            .verify(&manifest.origin, &manifest.board_key)
            .map_err(no_board)?;
        if shown.size > MAX_ENTRIES || shown.size == 0 {
            return Err(no_board(format!("it speaks of {} entries", shown.size)));
        }
        if shown == known {
            if text.len() > self.state.note.len() {
                self.state.cosigned(&text)?;
            }
            return Ok(Seen::Same(shown));
        }
        if shown.size <= known.size {
            return self.not_more(&known, &shown, text);
        }
        self.more(&known, shown, text)
    }

    /// Whether all cosignatures on a note are of witnesses of the manifest, which is known.
    fn holds(&self, note: &UnverifiedCheckpoint) -> bool {
        let manifest = self.state.manifest.as_ref();
        manifest.is_some_and(|manifest| note.check_cosignatures(&manifest.witnesses).is_ok())
    }

    /// The named witnesses that cosigned both notes of the last contradiction: they lied, too.
    #[must_use]
    pub fn liars(&self) -> &[String] {
        &self.liars
    }

    /// Nothing is known yet: the first entry says what the board is.
    fn first(&mut self, shown: &UnverifiedCheckpoint, text: &str) -> Result<Seen, FollowError> {
        if shown.size > MAX_ENTRIES {
            return Err(no_board(format!("it speaks of {} entries", shown.size)));
        }
        let tile = bundle_of(0, shown.size).ok_or_else(|| no_board("it is empty"))?;
        let bundle = self
            .board
            .fetch_tile(tile)?
            .ok_or_else(|| no_board("it has no first entry"))?;
        let (entries, _) = split(&bundle, tile.width);
        let first = entries.first().ok_or(FollowError::OtherEntries)?;
        let bytes = manifest_bytes(first).map_err(no_board)?;
        let manifest = Manifest::read(bytes).map_err(no_board)?;
        let checkpoint = shown
            .verify(&manifest.origin, &manifest.board_key)
            .map_err(no_board)?;
        let mut leaves = Vec::new();
        self.fetch(&mut leaves, checkpoint.size)?;
        // The manifest is one of the signed entries.
        if root_of(&leaves) != checkpoint.root || leaves.first() != Some(&leaf_hash(first)) {
            return Err(FollowError::OtherEntries);
        }
        self.state.begin(bytes, manifest)?;
        self.state.keep(text, checkpoint.clone(), leaves)?;
        Ok(Seen::First(checkpoint))
    }

    /// The board shows no more entries than before: they must be a beginning of those.
    fn not_more(
        &mut self,
        known: &Checkpoint,
        shown: &Checkpoint,
        text: String,
    ) -> Result<Seen, FollowError> {
        let size = shown.size as usize;
        let beginning = self.state.leaves.get(..size).unwrap_or_default();
        if shown.size < known.size && root_of(beginning) == shown.root {
            return Err(FollowError::Older {
                shown: shown.size,
                seen: known.size,
            });
        }
        let path = if shown.size < known.size {
            consistency::path(size, &self.state.leaves)
        } else {
            Vec::new()
        };
        self.two_histories(text, self.state.note.clone(), path)
    }

    /// The board shows more entries: those from before must be their beginning.
    fn more(
        &mut self,
        known: &Checkpoint,
        shown: Checkpoint,
        text: String,
    ) -> Result<Seen, FollowError> {
        let mut leaves = self.state.leaves.clone();
        self.fetch(&mut leaves, shown.size)?;
        if root_of(&leaves) != shown.root {
            // Either the entries from before are not in it, or what was fetched is wrong.
            leaves.clear();
            self.fetch(&mut leaves, shown.size)?;
            if root_of(&leaves) != shown.root {
                return Err(FollowError::OtherEntries);
            }
            let size = known.size as usize;
            if leaves.get(..size).map(root_of) != Some(known.root) {
                let path = consistency::path(size, &leaves);
                return self.two_histories(self.state.note.clone(), text, path);
            }
        }
        self.state.keep(&text, shown.clone(), leaves)?;
        Ok(Seen::Grown {
            from: known.size,
            to: shown,
        })
    }

    /// Completes the leaves to those of a log of `size` entries.
    fn fetch(&self, leaves: &mut Vec<Hash>, size: u64) -> Result<(), FollowError> {
        let have = leaves.len() as u64;
        let bundles = tiles_of_level(None, size).skip((have / TILE_WIDTH) as usize);
        for tile in bundles {
            let bundle = self
                .board
                .fetch_tile(tile)?
                .ok_or(FollowError::OtherEntries)?;
            let (entries, whole) = split(&bundle, tile.width);
            if whole.is_err() {
                return Err(FollowError::OtherEntries);
            }
            let known = leaves.len() % TILE_WIDTH as usize;
            leaves.extend(entries.iter().skip(known).map(|entry| leaf_hash(entry)));
        }
        Ok(())
    }

    fn two_histories(
        &mut self,
        smaller: String,
        larger: String,
        path: Vec<Hash>,
    ) -> Result<Seen, FollowError> {
        let (first, second) = (self.cosigners(&smaller), self.cosigners(&larger));
        self.liars = first
            .into_iter()
            .filter(|witness| second.contains(witness))
            .collect();
        let board_line = |note: &str| {
            let board = UnverifiedCheckpoint::parse_board(note.as_bytes()).map_err(no_board)?;
            Ok::<_, FollowError>(board.note())
        };
        let proof = Equivocation {
            manifest: self.state.manifest_bytes.clone(),
            smaller: board_line(&smaller)?,
            larger: board_line(&larger)?,
            path,
        };
        // Nobody is accused with a proof that does not convince.
        match proof.check() {
            Ok(_) => Ok(Seen::TwoHistories(Box::new(proof))),
            Err(error) => Err(no_board(error)),
        }
    }
}

impl Follower {
    /// The names of the witnesses on a note that was kept.
    fn cosigners(&self, note: &str) -> Vec<String> {
        let Some(manifest) = &self.state.manifest else {
            return Vec::new();
        };
        let cosigned = UnverifiedCheckpoint::parse(note.as_bytes())
            .and_then(|note| note.check_cosignatures(&manifest.witnesses))
            .unwrap_or_default();
        let names = cosigned
            .iter()
            .filter_map(|cosigned| manifest.witness(cosigned.witness));
        names.map(|witness| witness.name.clone()).collect()
    }
}

fn no_board(reason: impl ToString) -> FollowError {
    FollowError::NoBoard {
        reason: reason.to_string(),
    }
}
