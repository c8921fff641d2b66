//! Receipts: the board's signed promise that an entry is on it.
//!
//! Spec: docs/spec/board.md, "Receipt".

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::checkpoint::{Checkpoint, CheckpointError, CosignedCheckpoint};
use crate::entry::VERSION;
use crate::manifest::BoardIdentity;
use crate::merkle::{MerkleError, verify_inclusion};
use crate::transcript::Digest;

/// Integers in JSON stay within what every reader of JSON keeps exact.
const MAX_INDEX: u64 = 1 << 53;

/// Why a receipt is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum ReceiptError {
    /// Not a receipt.
    #[error("this is not a receipt: {reason}")]
    Malformed {
        /// What the reader says.
        reason: String,
    },
    /// Another entry.
    #[error("the receipt is for another entry than the one sent")]
    OtherEntry,
    /// Another election.
    #[error("the receipt is of another election")]
    OtherElection,
    /// A bad checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Not included.
    #[error("the receipt does not show that the entry is on the board")]
    Inclusion(#[from] MerkleError),
}

/// A receipt as it is sent and saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    psephos: u8,
    kind: String,
    /// The entry's scope, in hexadecimal: the election id for ballots.
    pub election: String,
    /// A ballot's confirmation code, or any other entry's leaf hash, in hexadecimal.
    pub code: String,
    /// Where the entry stands.
    pub index: u64,
    /// The inclusion proof, hashes in base64.
    pub proof: Vec<String>,
    /// The checkpoint, a signed note.
    pub checkpoint: String,
}

impl Receipt {
    /// A receipt of these values.
    pub fn new(
        scope: &Digest,
        code: &Digest,
        index: u64,
        proof: &[Digest],
        checkpoint: String,
    ) -> Self {
        Self {
            psephos: VERSION,
            kind: "receipt".to_owned(),
            election: scope.to_string(),
            code: code.to_string(),
            index,
            proof: proof
                .iter()
                .map(|hash| STANDARD.encode(hash.as_bytes()))
                .collect(),
            checkpoint,
        }
    }

    /// Reads a receipt.
    ///
    /// # Errors
    /// [`ReceiptError::Malformed`] if it is not one.
    pub fn parse(json: &[u8]) -> Result<Self, ReceiptError> {
        let malformed = |reason: String| ReceiptError::Malformed { reason };
        let receipt: Self =
            serde_json::from_slice(json).map_err(|error| malformed(error.to_string()))?;
        if receipt.psephos != VERSION || receipt.kind != "receipt" {
            return Err(malformed("it is of another kind or version".to_owned()));
        }
        if receipt.index > MAX_INDEX {
            return Err(malformed("its index is more than 2^53".to_owned()));
        }
        Ok(receipt)
    }

    /// Checks that the entry with this scope, code and leaf hash is on the board, at the receipt's
    /// index, under a checkpoint signed by the board.
    ///
    /// # Errors
    /// [`ReceiptError`], naming what is wrong.
    pub fn verify(
        &self,
        board: &BoardIdentity,
        scope: &Digest,
        code: &Digest,
        leaf: &Digest,
    ) -> Result<Checkpoint, ReceiptError> {
        if self.election != scope.to_string() {
            return Err(ReceiptError::OtherElection);
        }
        if self.code != code.to_string() {
            return Err(ReceiptError::OtherEntry);
        }
        let CosignedCheckpoint { checkpoint, .. } =
            CosignedCheckpoint::verify(&self.checkpoint, board)?;
        let hash = |text: &String| Some(Digest(STANDARD.decode(text).ok()?.try_into().ok()?));
        let proof: Option<Vec<Digest>> = self.proof.iter().map(hash).collect();
        verify_inclusion(
            leaf,
            self.index,
            checkpoint.size,
            &proof.ok_or(MerkleError)?,
            &checkpoint.root,
        )?;
        Ok(checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::{checkpoint_note, checkpoint_text};
    use crate::merkle::leaf_hash;
    use ed25519_dalek::{Signer as _, SigningKey};

    /// A receipt for the only entry of a log.
    fn receipt() -> (Receipt, BoardIdentity, Digest) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let board = BoardIdentity {
            origin: "example.org/e/00".to_owned(),
            key: key.verifying_key().to_bytes(),
            witnesses: Vec::new(),
            witness_quorum: 0,
        };
        let leaf = leaf_hash(b"entry");
        let text = checkpoint_text(&board.origin, 1, &leaf);
        let note = checkpoint_note(&board, &text, &key.sign(text.as_bytes()).to_bytes());
        let receipt = Receipt::new(&Digest([1; 32]), &Digest([2; 32]), 0, &[], note);
        (receipt, board, leaf)
    }

    #[test]
    fn a_receipt_holds_for_its_election_code_and_entry_only() {
        let (receipt, board, leaf) = receipt();
        let (election, code) = (Digest([1; 32]), Digest([2; 32]));
        let other = Digest([3; 32]);
        let verify = |election, code, leaf| receipt.verify(&board, election, code, leaf);
        assert_eq!(verify(&election, &code, &leaf).unwrap().size, 1);
        assert_eq!(
            verify(&other, &code, &leaf),
            Err(ReceiptError::OtherElection)
        );
        assert_eq!(
            verify(&election, &other, &leaf),
            Err(ReceiptError::OtherEntry)
        );
        assert_eq!(
            verify(&election, &code, &other),
            Err(ReceiptError::Inclusion(MerkleError))
        );
    }

    #[test]
    fn loose_writings_are_refused() {
        let json = serde_json::to_string(&receipt().0).unwrap();
        assert!(Receipt::parse(json.as_bytes()).is_ok());
        for (from, to) in [
            ("\"index\":0", "\"index\":9007199254740993"),
            ("\"index\":0", "\"index\":0,\"index\":0"),
            ("\"index\":0", "\"index\":0,\"more\":0"),
            ("\"index\":0", "\"index\":0.0"),
            ("\"psephos\":3", "\"psephos\":2"),
            ("\"receipt\"", "\"checkpoint\""),
        ] {
            let loose = json.replace(from, to);
            assert_ne!(loose, json);
            assert!(Receipt::parse(loose.as_bytes()).is_err(), "{to}");
        }
    }
}
