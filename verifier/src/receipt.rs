//! Receipts: whether an entry is on the board of a record, and whether a ballot counts
//! (docs/spec/board.md, "Receipt").

use crate::{
    checkpoint::{CheckpointError, Cosigned, MAX_CHECKPOINT, UnverifiedCheckpoint},
    consistency::path,
    cosignature::certifies,
    entry::{Author, Entry, Kind, body::Body, manifest_bytes},
    equivocation::Equivocation,
    json::{Json, JsonError, Members, lower_hex},
    log::{Hash, InclusionError, Tree, leaf_hash, root_of, root_of_inclusion},
    manifest::Manifest,
    record::{
        Record, RecordError,
        layout::{CHECKPOINT, tiles_of_level},
    },
    scan::split,
    verification::manifest,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use thiserror::Error;

/// Why a receipt could not be confirmed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The receipt is malformed.
    #[error("the receipt is malformed: {0}")]
    Malformed(#[from] JsonError),
    /// A checkpoint does not hold.
    #[error("the {of}'s checkpoint: {error}")]
    Checkpoint {
        /// Whose.
        of: &'static str,
        /// Why.
        error: CheckpointError,
    },
    /// The record cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The record is not of an election.
    #[error("the record has no valid manifest: {reason}")]
    Manifest {
        /// Why.
        reason: String,
    },
    /// The record's entries are not those of its checkpoint.
    #[error("the record's entries do not have the root of its checkpoint")]
    Root,
    /// The record was published before the receipt was given.
    #[error(
        "the record has {record} entries, the receipt's board had {receipt}: get a newer record"
    )]
    Older {
        /// Entries of the record.
        record: u64,
        /// Entries at the time of the receipt.
        receipt: u64,
    },
    /// The board signed two histories, and this proves it.
    #[error(
        "the board signed a receipt for a history that is not the record's: \
         keep the receipt, it proves that the board lied"
    )]
    TwoHistories(Box<Equivocation>),
    /// The inclusion proof does not lead to the receipt's checkpoint.
    #[error("the receipt's proof of inclusion does not hold for the entry on the board")]
    Inclusion,
    /// The inclusion proof has the wrong form.
    #[error("the receipt's proof of inclusion is malformed: {0}")]
    Proof(#[from] InclusionError),
    /// An entry that the answer rests on does not carry its author's signature.
    #[error("entry {index} of the board does not carry its author's signature")]
    Unsigned {
        /// The index.
        index: u64,
    },
    /// Another entry is at the index.
    #[error("entry {index} of the board is not the one of the receipt")]
    OtherEntry {
        /// The index.
        index: u64,
    },
}

/// A receipt, read but not yet checked.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The election id.
    pub election: [u8; 32],
    /// The confirmation code of the ballot, or the leaf hash of another entry.
    pub code: [u8; 32],
    /// The index of the entry.
    pub index: u64,
    /// The inclusion proof.
    pub proof: Vec<Hash>,
    /// The checkpoint it was given under.
    pub checkpoint: UnverifiedCheckpoint,
    /// The same with the cosignatures on it.
    pub note: String,
}

/// What the record says of the entry of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the voter's last ballot.
    Last {
        /// Whether the election is closed, so that it stays the last.
        closed: bool,
    },
    /// The voter cast another ballot later.
    Superseded {
        /// The entry of the last one.
        by: u64,
    },
    /// It is on the board and no ballot.
    NotABallot(Kind),
}

impl Receipt {
    /// Reads a receipt strictly.
    ///
    /// # Errors
    /// [`ReceiptError::Malformed`] and [`ReceiptError::Checkpoint`].
    pub fn read(text: &[u8]) -> Result<Self, ReceiptError> {
        let mut members = Members::of(Json::parse(text)?, "")?;
        members.integer("psephos", 3, 3)?;
        if members.string("kind")? != "receipt" {
            return Err(members.refused("kind", "`receipt`").into());
        }
        let hex = |members: &mut Members, name: &str| {
            lower_hex(&members.string(name)?)
                .ok_or_else(|| members.refused(name, "64 lower-case hexadecimal digits"))
        };
        let election = hex(&mut members, "election")?;
        let code = hex(&mut members, "code")?;
        let index = members.integer("index", 0, 1 << 53)?;
        let proof = members
            .array("proof", 0, 64)?
            .iter()
            .map(|value| match value {
                Json::String(text) => STANDARD.decode(text).ok()?.try_into().ok(),
                _ => None,
            })
            .collect::<Option<_>>()
            .ok_or_else(|| members.refused("proof", "hashes in base64"))?;
        let note = members.string("checkpoint")?;
        members.finish()?;
        // A conflict of what the board signed with the record comes before all that else is on it.
        let checkpoint =
            UnverifiedCheckpoint::parse_board(note.as_bytes()).map_err(of("receipt"))?;
        Ok(Self {
            election,
            code,
            index,
            proof,
            checkpoint,
            note,
        })
    }

    /// Looks for the entry in a record. The record itself is not verified beyond its root.
    ///
    /// # Errors
    /// [`ReceiptError`].
    pub fn check(&self, record: &dyn Record) -> Result<Standing, ReceiptError> {
        let note = record.read(CHECKPOINT, MAX_CHECKPOINT)?;
        let board = UnverifiedCheckpoint::parse_board(&note).map_err(of("record"))?;
        let manifest =
            manifest(record, board.size).map_err(|reason| ReceiptError::Manifest { reason })?;
        for (checkpoint, whose) in [(&board, "record"), (&self.checkpoint, "receipt")] {
            checkpoint
                .verify(&manifest.origin, &manifest.board_key)
                .map_err(of(whose))?;
        }
        // Among so few entries it cannot stand, whatever the record says; the empty tree of size 0,
        // which no record passes through, ends here as well.
        if self.index >= self.checkpoint.size {
            return Err(ReceiptError::Inclusion);
        }
        if self.checkpoint.size > board.size {
            return Err(ReceiptError::Older {
                record: board.size,
                receipt: self.checkpoint.size,
            });
        }
        let walk = Walk::through(record, &manifest, board.size, self)?;
        if walk.root != Some(board.root) {
            return Err(ReceiptError::Root);
        }
        if walk.root_of_receipt != Some(self.checkpoint.root) {
            let proof = self.two_histories(walk, &board);
            return Err(ReceiptError::TwoHistories(Box::new(proof)));
        }
        let other = ReceiptError::OtherEntry { index: self.index };
        let Some((leaf, standing)) = walk.found else {
            return Err(other);
        };
        let size = self.checkpoint.size;
        let root = root_of_inclusion(leaf, self.index, size, &self.proof)?;
        if root != self.checkpoint.root {
            return Err(ReceiptError::Inclusion);
        }
        if let Some(index) = walk.unsigned {
            return Err(ReceiptError::Unsigned { index });
        }
        self.cosigned(&manifest)?;
        Ok(standing)
    }

    /// Who cosigned the receipt's checkpoint, of the witnesses that the manifest names. A receipt
    /// may have none: the server answers before any witness does.
    ///
    /// # Errors
    /// [`ReceiptError::Checkpoint`] if a line on it is no cosignature of a named witness.
    pub fn cosigned(&self, manifest: &Manifest) -> Result<Vec<Cosigned>, ReceiptError> {
        UnverifiedCheckpoint::parse(self.note.as_bytes())
            .and_then(|note| note.check_cosignatures(&manifest.witnesses))
            .map_err(of("receipt"))
    }

    /// The proof that the board signed the receipt's history beside the record's, which has the
    /// root of its checkpoint `board`.
    fn two_histories(&self, walk: Walk, board: &UnverifiedCheckpoint) -> Equivocation {
        let path = match usize::try_from(self.checkpoint.size) {
            Ok(beginning) if self.checkpoint.size < board.size => path(beginning, &walk.leaves),
            _ => Vec::new(),
        };
        Equivocation {
            manifest: walk.manifest,
            smaller: self.checkpoint.note(),
            larger: board.note(),
            path,
        }
    }
}

fn of(of: &'static str) -> impl Fn(CheckpointError) -> ReceiptError {
    move |error| ReceiptError::Checkpoint { of, error }
}

/// What one reading of all entries gives.
#[derive(Default)]
struct Walk {
    root: Option<Hash>,
    root_of_receipt: Option<Hash>,
    /// All leaf hashes, and the manifest's bytes: what a proof of two histories takes.
    leaves: Vec<Hash>,
    manifest: Vec<u8>,
    /// The receipt's entry, if it is the one at its index.
    found: Option<(Hash, Standing)>,
    /// The first entry without its author's signature, of those that the answer rests on.
    unsigned: Option<u64>,
}

impl Walk {
    fn through(
        record: &dyn Record,
        manifest: &Manifest,
        size: u64,
        receipt: &Receipt,
    ) -> Result<Self, ReceiptError> {
        let mut walk = Self::default();
        let mut tree = Tree::default();
        let mut voter: Option<[u8; 32]> = None;
        let mut is_closed = false;
        for tile in tiles_of_level(None, size) {
            let bundle = record.read(&tile.path(), tile.bytes().1)?;
            for bytes in split(&bundle, tile.width).0 {
                let index = tree.size();
                let leaf = leaf_hash(bytes);
                tree.push(leaf);
                walk.leaves.push(leaf);
                if index == 0 {
                    walk.manifest = manifest_bytes(bytes).unwrap_or_default().to_vec();
                }
                if tree.size() == receipt.checkpoint.size {
                    walk.root_of_receipt = Some(tree.root());
                }
                let Ok(entry) = Entry::decode(bytes, manifest) else {
                    continue;
                };
                if index == receipt.index {
                    let code = match entry.kind {
                        Kind::Ballot => entry.confirmation_code(),
                        _ => leaf,
                    };
                    let standing = match entry.author {
                        Author::Voter(credential) if entry.kind == Kind::Ballot => {
                            voter = Some(*credential);
                            Standing::Last { closed: false }
                        }
                        _ => Standing::NotABallot(entry.kind),
                    };
                    if code == receipt.code && *entry.scope == receipt.election {
                        walk.believe(index, &entry, manifest);
                        walk.found = Some((leaf, standing));
                    }
                } else if entry.kind == Kind::Close {
                    walk.believe(index, &entry, manifest);
                    is_closed = true;
                } else if entry.kind == Kind::Ballot
                    && !is_closed
                    && matches!(entry.author, Author::Voter(author) if voter == Some(*author))
                    && let Some((leaf, _)) = walk.found
                {
                    walk.believe(index, &entry, manifest);
                    walk.found = Some((leaf, Standing::Superseded { by: index }));
                }
            }
        }
        if let Some((_, Standing::Last { closed })) = &mut walk.found {
            *closed = is_closed;
        }
        walk.root = (tree.size() == size).then(|| tree.root());
        Ok(walk)
    }

    /// Notes an entry that is not its author's, though the answer is to rest on it.
    fn believe(&mut self, index: u64, entry: &Entry<'_>, manifest: &Manifest) {
        let is_signed = match (&entry.body, entry.author) {
            (Body::WitnessClose { size, time }, Author::Witness(witness)) => {
                let leaves = usize::try_from(*size)
                    .ok()
                    .and_then(|size| self.leaves.get(..size));
                manifest
                    .witness(witness)
                    .zip(leaves)
                    .is_some_and(|(witness, leaves)| {
                        let log = (manifest.origin.as_str(), *size, &root_of(leaves));
                        certifies(&witness.key, *time, log, entry.signature).is_ok()
                    })
            }
            _ => entry.is_signed(manifest),
        };
        if self.unsigned.is_none() && !is_signed {
            self.unsigned = Some(index);
        }
    }
}
