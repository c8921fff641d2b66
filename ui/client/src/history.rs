//! What some files of a board prove against what it signed: that an entry is on it, and that it
//! begins with another board that it signed.
//!
//! Spec: docs/spec/board.md, "Log" and "Equivocation". The tiles are not believed: what is made of
//! them is a proof, and must lead to a signed root.

use std::collections::BTreeSet;

use verifier::checkpoint::{Checkpoint, CheckpointError, UnverifiedCheckpoint};
use verifier::consistency::{PathError, roots};
use verifier::equivocation::Equivocation;
use verifier::log::{Hash, TILE_WIDTH, leaf_hash, node_hash, root_of, root_of_inclusion};
use verifier::record::layout::{Tile, bundle_of};
use verifier::record::{Record, RecordError};
use verifier::scan::split;

/// No board has more entries; a checkpoint that says so is not followed into its tiles.
const MAX_ENTRIES: u64 = 1 << 53;

/// Why nothing is proved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// Files that must be fetched first.
    #[error("{} files of the board are not there yet", paths.len())]
    Wanted {
        /// Their paths in the record.
        paths: Vec<String>,
    },
    /// A file that is too large to be one of a board.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The board did not sign it.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A checkpoint of more entries than any board has.
    #[error("the board speaks of {size} entries, more than any election has")]
    Size {
        /// How many.
        size: u64,
    },
    /// What is compared is in the wrong order.
    #[error(transparent)]
    Order(#[from] PathError),
    /// The files are not those of the checkpoint.
    #[error("what the board shows is not what it signed")]
    Root,
    /// The board signed two histories, and this proves it.
    #[error("the board signed two histories")]
    TwoHistories(Box<Equivocation>),
}

/// The log of a checkpoint, of which a record holds some tiles and bundles.
pub struct Log<'a> {
    record: &'a dyn Record,
    size: u64,
    wanted: BTreeSet<String>,
}

/// An entry with its proof of inclusion, which is not checked yet.
pub struct Shown {
    /// Its index.
    pub index: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    proof: Vec<Hash>,
}

impl Shown {
    /// Checks the proof.
    ///
    /// # Errors
    /// [`HistoryError::Root`] if the entry is not one of those that the board signed.
    pub fn check(&self, head: &Checkpoint) -> Result<(), HistoryError> {
        let leaf = leaf_hash(&self.bytes);
        match root_of_inclusion(leaf, self.index, head.size, &self.proof) {
            Ok(root) if root == head.root => Ok(()),
            _ => Err(HistoryError::Root),
        }
    }
}

impl<'a> Log<'a> {
    /// The log of `size` entries.
    ///
    /// # Errors
    /// [`HistoryError::Size`].
    pub fn new(record: &'a dyn Record, size: u64) -> Result<Self, HistoryError> {
        if size > MAX_ENTRIES {
            return Err(HistoryError::Size { size });
        }
        let wanted = BTreeSet::new();
        Ok(Self {
            record,
            size,
            wanted,
        })
    }

    /// Says which files were missing so far; what was made without them is worth nothing.
    ///
    /// # Errors
    /// [`HistoryError::Wanted`].
    pub fn complete(&mut self) -> Result<(), HistoryError> {
        if self.wanted.is_empty() {
            return Ok(());
        }
        let paths = std::mem::take(&mut self.wanted).into_iter().collect();
        Err(HistoryError::Wanted { paths })
    }

    /// The entry at `index`, with a proof made of the tiles.
    ///
    /// # Errors
    /// [`HistoryError::Record`] if a file is too large.
    pub fn entry(&mut self, index: u64) -> Result<Shown, HistoryError> {
        let mut shown = Shown {
            index,
            bytes: Vec::new(),
            proof: Vec::new(),
        };
        let Some(bundle) = bundle_of(index, self.size) else {
            // Beyond the log: an empty proof leads nowhere.
            return Ok(shown);
        };
        let content = self.read(bundle)?;
        let (entries, _) = split(&content, bundle.width);
        let at = usize::try_from(index % TILE_WIDTH).unwrap_or(usize::MAX);
        shown.bytes = entries.get(at).copied().unwrap_or_default().to_vec();
        shown.proof = self.inclusion(index, 0, self.size)?;
        Ok(shown)
    }

    /// The entries of the bundle that holds the one at `index`; nothing proves them.
    ///
    /// # Errors
    /// [`HistoryError::Record`] if the file is too large.
    pub fn bundle(&mut self, index: u64) -> Result<Vec<Vec<u8>>, HistoryError> {
        let Some(bundle) = bundle_of(index, self.size) else {
            return Ok(Vec::new());
        };
        let content = self.read(bundle)?;
        let (entries, _) = split(&content, bundle.width);
        Ok(entries.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// The path from the first `size` entries to all of them, as a proof of two histories has it.
    ///
    /// # Errors
    /// [`HistoryError::Record`] if a file is too large.
    pub fn path(&mut self, size: u64) -> Result<Vec<Hash>, HistoryError> {
        if size == 0 || size >= self.size {
            return Ok(Vec::new());
        }
        self.beginning(size, 0, self.size)
    }

    /// A file; one that is not there is wanted, and empty for now.
    fn read(&mut self, tile: Tile) -> Result<Vec<u8>, HistoryError> {
        match self.record.read(&tile.path(), tile.bytes().1) {
            Ok(content) => Ok(content),
            Err(RecordError::Missing { path }) => {
                self.wanted.insert(path);
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The root of the 2^`height` leaves from `start` on, a multiple of their number.
    fn subtree(&mut self, height: u32, start: u64) -> Result<Hash, HistoryError> {
        // A tile has 256 hashes of subtrees of height 8·level.
        let level = height / 8;
        let (first, n) = (start >> (8 * level), 1_u64 << (height % 8));
        let all = self.size >> (8 * level);
        let index = first / TILE_WIDTH;
        let tile = Tile {
            level: u8::try_from(level).ok(),
            index,
            width: TILE_WIDTH.min(all - index * TILE_WIDTH),
        };
        let content = self.read(tile)?;
        let (hashes, _) = content.as_chunks::<32>();
        let at = usize::try_from(first % TILE_WIDTH).unwrap_or(usize::MAX);
        let hashes = hashes.iter().skip(at).take(n as usize).copied();
        // Of a tile that is too short comes another root, which is found out.
        Ok(root_of(&hashes.collect::<Vec<_>>()))
    }

    /// The root of the leaves from `start` to `end` − 1 (RFC 6962, section 2.1).
    fn root(&mut self, start: u64, end: u64) -> Result<Hash, HistoryError> {
        let n = end - start;
        if n.is_power_of_two() {
            return self.subtree(n.ilog2(), start);
        }
        let middle = start + n.next_power_of_two() / 2;
        let (left, right) = (self.root(start, middle)?, self.root(middle, end)?);
        Ok(node_hash(&left, &right))
    }

    /// `PATH` of RFC 6962, section 2.1.1.
    fn inclusion(&mut self, index: u64, start: u64, end: u64) -> Result<Vec<Hash>, HistoryError> {
        if end - start == 1 {
            return Ok(Vec::new());
        }
        let middle = start + (end - start).next_power_of_two() / 2;
        let (mut path, sibling) = if index < middle {
            (
                self.inclusion(index, start, middle)?,
                self.root(middle, end)?,
            )
        } else {
            (
                self.inclusion(index, middle, end)?,
                self.root(start, middle)?,
            )
        };
        path.push(sibling);
        Ok(path)
    }

    /// `SUBPROOF` of RFC 6962, section 2.1.2, with its first node always in it.
    fn beginning(&mut self, size: u64, start: u64, end: u64) -> Result<Vec<Hash>, HistoryError> {
        if start + size == end {
            return Ok(vec![self.root(start, end)?]);
        }
        let middle = start + (end - start).next_power_of_two() / 2;
        let (mut path, sibling) = if start + size <= middle {
            (
                self.beginning(size, start, middle)?,
                self.root(middle, end)?,
            )
        } else {
            (
                self.beginning(start + size - middle, middle, end)?,
                self.root(start, middle)?,
            )
        };
        path.push(sibling);
        Ok(path)
    }
}

/// Whose checkpoints are compared.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The manifest's exact text, which fixes the others.
    pub manifest: &'a [u8],
    /// The log's origin line.
    pub origin: &'a str,
    /// The log's Ed25519 key.
    pub key: &'a [u8; 32],
}

/// Makes sure that the log of the note `larger`, some of whose tiles `record` has, begins with the
/// log of the note `smaller`.
///
/// # Errors
/// [`HistoryError::Wanted`] if tiles are missing; [`HistoryError::Order`] if `larger` is smaller;
/// [`HistoryError::TwoHistories`] with the proof if the board signed two histories;
/// [`HistoryError::Root`] if the tiles are not those of `larger`.
pub fn compare(
    record: &dyn Record,
    signer: Signer<'_>,
    smaller: &str,
    larger: &str,
) -> Result<(), HistoryError> {
    // What the board signed, it signed, whatever stands below it; no proof carries that on.
    let head = |note: &str| -> Result<(Checkpoint, String), CheckpointError> {
        let note = UnverifiedCheckpoint::parse_board(note.as_bytes())?;
        Ok((note.verify(signer.origin, signer.key)?, note.note()))
    };
    let ((beginning, smaller), (whole, larger)) = (head(smaller)?, head(larger)?);
    let mut log = Log::new(record, whole.size)?;
    let path = log.path(beginning.size)?;
    log.complete()?;
    let found = if beginning.size == whole.size {
        whole.root
    } else {
        let roots = roots(beginning.size, whole.size, &path)?;
        if roots.whole != whole.root {
            return Err(HistoryError::Root);
        }
        roots.beginning
    };
    if found == beginning.root {
        return Ok(());
    }
    Err(HistoryError::TwoHistories(Box::new(Equivocation {
        manifest: signer.manifest.to_vec(),
        smaller,
        larger,
        path,
    })))
}
