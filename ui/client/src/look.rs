//! Where an entry stands, without reading the whole board: the entry and what the board signed are
//! proved; that nothing later replaces it is not, as long as not everything is read.
//!
//! The manifest comes from the server beside the board, and names the key of the checkpoints. It is
//! believed if it gives, together with the last entries of the set-up, the election id that the
//! entry carries, which is part of its confirmation code.
//!
//! Spec: docs/spec/board.md, "Log" and "Receipt".

use serde::Serialize;
use verifier::checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint};
use verifier::entry::body::Body;
use verifier::entry::{Author, Entry, Kind};
use verifier::log::{Hash, TILE_WIDTH, leaf_hash, root_of_inclusion};
use verifier::manifest::{Manifest, ManifestError};
use verifier::receipt::{Receipt, ReceiptError};
use verifier::record::{Record, layout::CHECKPOINT};

use crate::history::{HistoryError, Log, Signer, compare};
use crate::setup::SetUp;
use protocol::encoding::encode_hex;

/// The messages of all trustees before the opening are far fewer entries than so many bundles have.
const MOST_BUNDLES: usize = 16;

/// Why nothing can be said of an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// What the server shows is not complete, or not what it signed.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The manifest is not valid.
    #[error("the board has no valid manifest: {0}")]
    Manifest(#[from] ManifestError),
    /// The server names an entry that is another one.
    #[error("entry {index}, which the server names, does not hold this code")]
    OtherEntry {
        /// Its index.
        index: u64,
    },
    /// The server names a later ballot that is none, or another voter's.
    #[error(
        "entry {index}, which the server names as the later ballot, is no later ballot of this voter"
    )]
    NotLater {
        /// Its index.
        index: u64,
    },
    /// An entry without its author's signature.
    #[error("entry {index} does not carry its author's signature")]
    Unsigned {
        /// Its index.
        index: u64,
    },
    /// The manifest and the set-up that the server shows are another election's.
    #[error("the server shows another election than the one that this entry or receipt belongs to")]
    OtherElection,
    /// The receipt does not hold.
    #[error(transparent)]
    Receipt(ReceiptError),
}

/// An entry that is proved to be on the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// The number of entries that the board signed.
    pub entries: u64,
    /// Its index.
    pub index: u64,
    /// Who cast it (hexadecimal) and as which of their ballots; none if it is no ballot.
    pub ballot: Option<(String, u32)>,
    /// The later ballot that replaces it, if one was shown.
    pub by: Option<u64>,
    /// The election id (hexadecimal) that the manifest and the set-up give.
    pub election: Option<String>,
    /// The witnesses who cosigned the checkpoint of the receipt.
    pub witnesses: Vec<String>,
}

/// The names of the witnesses who cosigned a receipt's checkpoint, which are others' text.
///
/// # Errors
/// [`ReceiptError`] if a line on it is no cosignature of a witness of the manifest.
pub fn witnesses_of(receipt: &Receipt, manifest: &Manifest) -> Result<Vec<String>, ReceiptError> {
    let cosigned = receipt.cosigned(manifest)?;
    let numbered = (1u16..).zip(&manifest.witnesses);
    let named = numbered.filter(|(number, _)| cosigned.iter().any(|one| one.witness == *number));
    Ok(named.map(|(_, witness)| witness.name.clone()).collect())
}

/// The voter and the number of a ballot.
fn ballot<'a>(entry: &Entry<'a>) -> Option<(&'a Hash, u32)> {
    match (entry.author, &entry.body) {
        (Author::Voter(voter), Body::Ballot(ballot)) => Some((voter, ballot.counter)),
        _ => None,
    }
}

/// The confirmation code of a ballot, the leaf hash of anything else.
fn code_of(entry: &Entry<'_>, bytes: &[u8]) -> Hash {
    match entry.kind {
        Kind::Ballot => entry.confirmation_code(),
        _ => leaf_hash(bytes),
    }
}

/// A board of which some files are there.
pub struct Board<'a> {
    record: &'a dyn Record,
    manifest_text: &'a [u8],
    manifest: Manifest,
    note: String,
    unverified: UnverifiedCheckpoint,
    set_up: u64,
}

/// What is proved, with the leaf hash and the scope of the entry.
type Proved = (Looked, Hash, Hash);

impl<'a> Board<'a> {
    /// The board of a record, which has its checkpoint, under the manifest with this exact text.
    /// Its set-up is among the first `set_up` entries, and ends near the last of them.
    ///
    /// # Errors
    /// [`LookError::Manifest`] and [`LookError::History`] if one of them is malformed.
    pub fn new(
        record: &'a dyn Record,
        manifest_text: &'a [u8],
        set_up: u64,
    ) -> Result<Self, LookError> {
        let note = record.read(CHECKPOINT, MAX_CHECKPOINT);
        let note = note.map_err(HistoryError::from)?;
        let unverified = UnverifiedCheckpoint::parse(&note).map_err(HistoryError::from)?;
        Ok(Self {
            record,
            manifest_text,
            manifest: Manifest::read(manifest_text)?,
            // It was parsed, so it is text.
            note: String::from_utf8(note).unwrap_or_default(),
            set_up: set_up.min(unverified.size),
            unverified,
        })
    }

    /// The election id that the manifest and the end of the set-up give.
    fn election(&self, log: &mut Log<'_>) -> Result<Option<Hash>, LookError> {
        let mut bundles: Vec<Vec<Vec<u8>>> = Vec::new();
        let mut next = self.set_up;
        while next > 0 && bundles.len() < MOST_BUNDLES {
            let first = (next - 1) / TILE_WIDTH * TILE_WIDTH;
            let mut bundle = log.bundle(first)?;
            log.complete()?;
            bundle.truncate(usize::try_from(next - first).unwrap_or(usize::MAX));
            bundles.push(bundle);
            let mut set_up = SetUp::default();
            for bytes in bundles.iter().rev().flatten() {
                if let Ok(entry) = Entry::decode(bytes, &self.manifest) {
                    set_up.read(&entry);
                }
            }
            if let Some(election) = set_up.election(&self.manifest) {
                return Ok(Some(election));
            }
            next = first;
        }
        Ok(None)
    }

    fn signer(&self) -> Signer<'_> {
        Signer {
            manifest: self.manifest_text,
            origin: &self.manifest.origin,
            key: &self.manifest.board_key,
        }
    }

    /// Makes sure that this board begins with that of an earlier checkpoint.
    ///
    /// # Errors
    /// Those of [`compare`].
    pub fn begins_with(&self, earlier: &str) -> Result<(), LookError> {
        Ok(compare(self.record, self.signer(), earlier, &self.note)?)
    }

    /// Proves that the entry at `index` is on the board and holds `code`, and if the server names a
    /// later ballot of the same voter, that `by` is one.
    ///
    /// # Errors
    /// [`LookError`]; [`HistoryError::Wanted`] in it says what to fetch first.
    pub fn look(&self, code: &Hash, index: u64, by: Option<u64>) -> Result<Looked, LookError> {
        let (looked, ..) = self.prove(code, index, by)?;
        Ok(looked)
    }

    /// The same for the entry of a receipt, and that the board keeps what it promised with it.
    ///
    /// # Errors
    /// [`LookError::Receipt`] if the receipt is worthless; [`HistoryError::TwoHistories`] if it
    /// proves that the board lied.
    pub fn look_for(&self, receipt: &Receipt, by: Option<u64>) -> Result<Looked, LookError> {
        let (index, size) = (receipt.index, receipt.checkpoint.size);
        if index >= size {
            return Err(LookError::Receipt(ReceiptError::Inclusion));
        }
        if size > self.unverified.size {
            return Err(LookError::Receipt(ReceiptError::Older {
                record: self.unverified.size,
                receipt: size,
            }));
        }
        let Signer { origin, key, .. } = self.signer();
        // First of all whose key that is: another election's says nothing of this receipt.
        let mut log = Log::new(self.record, self.unverified.size)?;
        if self.election(&mut log)? != Some(receipt.election)
            && self.manifest.id != receipt.election
        {
            return Err(LookError::OtherElection);
        }
        receipt.checkpoint.verify(origin, key).map_err(|error| {
            let of = "receipt";
            LookError::Receipt(ReceiptError::Checkpoint { of, error })
        })?;
        // All is asked for before anything is looked at, so that it can be fetched at once.
        for index in [Some(index), by].into_iter().flatten() {
            log.entry(index)?;
        }
        log.path(size)?;
        log.complete()?;
        self.begins_with(&receipt.note)?;
        let other = LookError::Receipt(ReceiptError::OtherEntry { index });
        let (looked, leaf, scope) = match self.prove(&receipt.code, index, by) {
            Err(LookError::OtherEntry { .. }) => return Err(other),
            proved => proved?,
        };
        if scope != receipt.election {
            return Err(other);
        }
        let root = root_of_inclusion(leaf, index, size, &receipt.proof)
            .map_err(|error| LookError::Receipt(error.into()))?;
        if root != receipt.checkpoint.root {
            return Err(LookError::Receipt(ReceiptError::Inclusion));
        }
        let witnesses = witnesses_of(receipt, &self.manifest).map_err(LookError::Receipt)?;
        Ok(Looked {
            witnesses,
            ..looked
        })
    }

    fn prove(&self, code: &Hash, index: u64, by: Option<u64>) -> Result<Proved, LookError> {
        let mut log = Log::new(self.record, self.unverified.size)?;
        let shown = log.entry(index)?;
        let later = by.map(|by| log.entry(by)).transpose()?;
        log.complete()?;
        let Signer { origin, key, .. } = self.signer();
        let head = self.unverified.verify(origin, key);
        let head = head.map_err(HistoryError::from)?;
        shown.check(&head)?;
        let other = || LookError::OtherEntry { index };
        let entry = Entry::decode(&shown.bytes, &self.manifest).map_err(|_| other())?;
        if code_of(&entry, &shown.bytes) != *code {
            return Err(other());
        }
        let election = self.election(&mut log)?;
        let expected = match entry.kind.is_of_election() {
            true => election,
            false => Some(self.manifest.id),
        };
        if expected != Some(*entry.scope) {
            return Err(LookError::OtherElection);
        }
        if !entry.is_signed(&self.manifest) {
            return Err(LookError::Unsigned { index });
        }
        let found = ballot(&entry);
        if let Some(later) = later {
            later.check(&head)?;
            let not_later = || LookError::NotLater { index: later.index };
            let by = Entry::decode(&later.bytes, &self.manifest).map_err(|_| not_later())?;
            let replaces = match (found, ballot(&by)) {
                (Some((voter, counter)), Some((same, higher))) => voter == same && higher > counter,
                _ => false,
            };
            if later.index <= index || !replaces || by.scope != entry.scope {
                return Err(not_later());
            }
            if !by.is_signed(&self.manifest) {
                return Err(LookError::Unsigned { index: later.index });
            }
        }
        let looked = Looked {
            entries: head.size,
            index,
            ballot: found.map(|(voter, counter)| (encode_hex(voter), counter)),
            by,
            election: election.map(|election| encode_hex(&election)),
            witnesses: Vec::new(),
        };
        Ok((looked, leaf_hash(&shown.bytes), *entry.scope))
    }
}
