//! Receipts: the ballot box's signed promise that a ballot is on the board.
//!
//! Spec: docs/spec/board.md, "Receipt". Parsing and hashing are the verifier's, which shares no
//! code with the ballot box.

use crate::booth::Booth;
use protocol::ballot::ConfirmationCode;
use protocol::entry::{EntryError, Envelope, Kind};
use verifier::checkpoint::{CheckpointError, UnverifiedCheckpoint};
use verifier::log::{Hash, InclusionError, leaf_hash, root_of_inclusion};
use verifier::manifest::Witness;
use verifier::receipt::{Receipt, ReceiptError};

/// Why a receipt proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadReceipt {
    /// The entry that was posted is no entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The receipt is malformed.
    #[error(transparent)]
    Malformed(#[from] ReceiptError),
    /// The receipt is of another election.
    #[error("the receipt is of another election")]
    Election,
    /// The receipt is for another entry than the one posted.
    #[error("the receipt is for another entry than the one that was sent; keep both and complain")]
    Code,
    /// The entry cannot stand there on the board that the booth was shown.
    #[error(
        "the receipt is of another board than the one that was shown here; keep it, it proves that the server shows \
         different boards"
    )]
    Fork,
    /// The board did not sign it.
    #[error("the receipt's checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The proof has the wrong form.
    #[error("the receipt's proof of inclusion is malformed: {0}")]
    Proof(#[from] InclusionError),
    /// Not enough witnesses.
    #[error("only {found} witnesses cosigned the receipt's checkpoint, and {needed} are needed")]
    Unwitnessed {
        /// How many did.
        found: usize,
        /// How many must.
        needed: u16,
    },
    /// The proof does not lead to the signed root.
    #[error("the receipt does not show that the entry is on the board")]
    Inclusion,
}

/// A receipt that holds: if the entry is missing from the record, the receipt proves that the
/// board lied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// Index of the entry on the board.
    pub index: u64,
    /// Number of entries of the board that signed.
    pub size: u64,
    /// Root of the log at that size.
    pub root: Hash,
    /// The witnesses who cosigned, from 1.
    pub witnesses: Vec<u16>,
}

/// Checks that a receipt (its JSON text) is for exactly this posted entry, in this election, and
/// signed by the board of its manifest.
///
/// # Errors
/// [`BadReceipt`], naming what does not hold.
pub fn verify(booth: &Booth, entry: &[u8], receipt: &[u8]) -> Result<VerifiedReceipt, BadReceipt> {
    let envelope = Envelope::decode(entry)?;
    let leaf = leaf_hash(entry);
    let code = match envelope.kind {
        Kind::Ballot => *ConfirmationCode::of(envelope.unsigned).0.as_bytes(),
        _ => leaf,
    };
    let receipt = Receipt::read(receipt)?;
    if receipt.election != *booth.election_id().as_bytes() {
        return Err(BadReceipt::Election);
    }
    if receipt.code != code {
        return Err(BadReceipt::Code);
    }
    let board = &booth.manifest().board;
    let checkpoint = receipt.checkpoint.verify(&board.origin, &board.key)?;
    let (index, size) = (receipt.index, checkpoint.size);
    // The booth has folded that many entries; a board on which this one stands among them, or
    // which is shorter, is another board.
    if index < booth.size() {
        return Err(BadReceipt::Fork);
    }
    if root_of_inclusion(leaf, index, size, &receipt.proof)? != checkpoint.root {
        return Err(BadReceipt::Inclusion);
    }
    let witnesses = board.witnesses.iter().map(|witness| Witness {
        name: witness.name.clone(),
        key: witness.key,
    });
    // The receipt was read as far as the board's own line.
    let cosigned = UnverifiedCheckpoint::parse(receipt.note.as_bytes())?
        .check_cosignatures(&witnesses.collect::<Vec<_>>())?;
    Ok(VerifiedReceipt {
        index,
        size,
        root: checkpoint.root,
        witnesses: cosigned.iter().map(|one| one.witness).collect(),
    })
}

/// Checks the same, and that enough witnesses cosigned its checkpoint; gives their names, which
/// are others' text.
///
/// # Errors
/// [`BadReceipt`], naming what does not hold.
pub fn verify_witnessed(
    booth: &Booth,
    entry: &[u8],
    receipt: &[u8],
) -> Result<Vec<String>, BadReceipt> {
    let board = &booth.manifest().board;
    let verified = verify(booth, entry, receipt)?;
    let found = verified.witnesses.len();
    if board.witness_quorum == 0 || found < usize::from(board.witness_quorum) {
        return Err(BadReceipt::Unwitnessed {
            found,
            needed: board.witness_quorum,
        });
    }
    let names = verified.witnesses.iter();
    Ok(names
        .filter_map(|number| board.witness(*number))
        .map(|witness| witness.name.clone())
        .collect())
}
