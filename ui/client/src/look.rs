//! Where an entry stands, without reading the whole board: the entry and what the board signed are
//! proved; that nothing later replaces it is not, as long as not everything is read.
//!
//! Spec: docs/spec/board.md, "Log" and "Receipt".

use serde::Serialize;
use verifier::checkpoint::{Checkpoint, MAX_CHECKPOINT, UnverifiedCheckpoint};
use verifier::entry::body::Body;
use verifier::entry::{Author, Entry, Kind, manifest_bytes};
use verifier::log::{Hash, leaf_hash, root_of_inclusion};
use verifier::manifest::{Manifest, ManifestError};
use verifier::receipt::{Receipt, ReceiptError};
use verifier::record::{Record, layout::CHECKPOINT};

use crate::history::{HistoryError, Log, Signer, compare};
use protocol::encoding::encode_hex;

/// Why nothing can be said of an entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LookError {
    /// What the server shows is not complete, or not what it signed.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// The first entry is no manifest.
    #[error("the board does not begin with a manifest")]
    NoManifest,
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

/// Proves that the entry at `index` is on the board of the record's checkpoint and holds `code`,
/// and if the server names a later ballot of the same voter, that `by` is one.
///
/// # Errors
/// [`LookError`]; [`HistoryError::Wanted`] in it says what to fetch first.
pub fn look(
    record: &dyn Record,
    code: &Hash,
    index: u64,
    by: Option<u64>,
) -> Result<Looked, LookError> {
    let (looked, ..) = prove(record, code, index, by)?;
    Ok(looked)
}

/// The same for the entry of a receipt, and that the board keeps what it promised with it.
///
/// # Errors
/// [`LookError::Receipt`] if the receipt is worthless, or proves that the board lied.
pub fn look_for_receipt(
    record: &dyn Record,
    receipt: &Receipt,
    by: Option<u64>,
) -> Result<Looked, LookError> {
    let note = note(record)?;
    let board = UnverifiedCheckpoint::parse(note.as_bytes()).map_err(HistoryError::from)?;
    let size = receipt.checkpoint.size;
    if receipt.index >= size {
        return Err(LookError::Receipt(ReceiptError::Inclusion));
    }
    if size > board.size {
        return Err(LookError::Receipt(ReceiptError::Older {
            record: board.size,
            receipt: size,
        }));
    }
    // All is asked for before anything is looked at, so that it can be fetched at once.
    let mut log = Log::new(record, board.size)?;
    for index in [Some(0), Some(receipt.index), by].into_iter().flatten() {
        log.entry(index)?;
    }
    log.path(size)?;
    log.complete()?;
    let (manifest, bytes) = first(record, board.size)?;
    receipt
        .checkpoint
        .verify(&manifest.origin, &manifest.board_key)
        .map_err(|error| {
            let of = "receipt";
            LookError::Receipt(ReceiptError::Checkpoint { of, error })
        })?;
    let signer = Signer {
        manifest: &bytes,
        origin: &manifest.origin,
        key: &manifest.board_key,
    };
    compare(record, signer, &receipt.note, &note)?;
    let proved = prove(record, &receipt.code, receipt.index, by);
    let (looked, leaf, scope) = match proved {
        Err(LookError::OtherEntry { index }) => {
            return Err(LookError::Receipt(ReceiptError::OtherEntry { index }));
        }
        proved => proved?,
    };
    if scope != receipt.election {
        let index = receipt.index;
        return Err(LookError::Receipt(ReceiptError::OtherEntry { index }));
    }
    let root = root_of_inclusion(leaf, receipt.index, size, &receipt.proof)
        .map_err(|error| LookError::Receipt(error.into()))?;
    if root != receipt.checkpoint.root {
        return Err(LookError::Receipt(ReceiptError::Inclusion));
    }
    Ok(looked)
}

fn note(record: &dyn Record) -> Result<String, LookError> {
    let note = record.read(CHECKPOINT, MAX_CHECKPOINT);
    let note = note.map_err(HistoryError::from)?;
    // What is no text has no signature that holds.
    Ok(String::from_utf8_lossy(&note).into_owned())
}

/// The manifest in the first entry, with its exact text; whether that entry is the board's is for
/// [`prove`] to say.
fn first(record: &dyn Record, size: u64) -> Result<(Manifest, Vec<u8>), LookError> {
    let mut log = Log::new(record, size)?;
    let first = log.entry(0)?;
    log.complete()?;
    let bytes = manifest_bytes(&first.bytes).map_err(|_| LookError::NoManifest)?;
    let manifest = Manifest::read(bytes)?;
    Ok((manifest, bytes.to_vec()))
}

/// What is proved, with the leaf hash and the scope of the entry.
fn prove(
    record: &dyn Record,
    code: &Hash,
    index: u64,
    by: Option<u64>,
) -> Result<(Looked, Hash, Hash), LookError> {
    let note = note(record)?;
    let board = UnverifiedCheckpoint::parse(note.as_bytes()).map_err(HistoryError::from)?;
    let mut log = Log::new(record, board.size)?;
    let mut shown = vec![log.entry(0)?, log.entry(index)?];
    if let Some(by) = by {
        shown.push(log.entry(by)?);
    }
    log.complete()?;
    let (manifest, _) = first(record, board.size)?;
    let head: Checkpoint = board
        .verify(&manifest.origin, &manifest.board_key)
        .map_err(HistoryError::from)?;
    shown.iter().try_for_each(|entry| entry.check(&head))?;
    let mut shown = shown.iter().skip(1);
    let other = || LookError::OtherEntry { index };
    let bytes = shown.next().map(|shown| &shown.bytes).ok_or_else(other)?;
    let entry = Entry::decode(bytes, &manifest).map_err(|_| other())?;
    if code_of(&entry, bytes) != *code {
        return Err(other());
    }
    let found = ballot(&entry);
    if let Some(later) = shown.next() {
        let index_of_later = later.index;
        let not_later = || LookError::NotLater {
            index: index_of_later,
        };
        let later = Entry::decode(&later.bytes, &manifest).map_err(|_| not_later())?;
        match (found, ballot(&later)) {
            (Some((voter, _)), Some((other, _))) if voter == other && index_of_later > index => {}
            _ => return Err(not_later()),
        }
    }
    let looked = Looked {
        entries: head.size,
        index,
        ballot: found.map(|(voter, counter)| (encode_hex(voter), counter)),
        by,
    };
    Ok((looked, leaf_hash(bytes), *entry.scope))
}
