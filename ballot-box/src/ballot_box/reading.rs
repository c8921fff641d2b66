//! What is read back of a board: checkpoints, receipts, the state, voters, the manifest. What is not
//! in memory is read from the disk first.

use std::sync::Arc;

use protocol::checkpoint::cosigned_note;
use protocol::entry::Envelope;
use protocol::group::Element;
use protocol::manifest::ElectionManifest;
use protocol::receipt::Receipt;
use protocol::transcript::Digest;
use tokio::sync::oneshot;

use super::{BallotBox, busy, unavailable};
use crate::boards::Board;
use crate::load;
use crate::models::{Place, StoredCosignature};
use crate::problem::Problem;
use crate::sequencer::Command;
use crate::state::VoterStatus;
use crate::tree::Tiles;

impl BallotBox {
    /// The receipt of the entry at a place.
    ///
    /// # Errors
    /// The problem to be sent.
    pub async fn receipt(&self, board: &Arc<Board>, place: &Place) -> Result<Receipt, Problem> {
        self.checkpoint(board).await?;
        let (checkpoint, note) = board.signed().ok_or_else(unavailable)?;
        let proof = self.prove(board, place.index, checkpoint.size).await?;
        Ok(Receipt::new(
            &place.scope,
            &place.code,
            place.index,
            &proof,
            note.to_string(),
        ))
    }

    /// Where the entry with this confirmation code or leaf hash stands.
    ///
    /// # Errors
    /// The problem to be sent; 404 if there is no such entry.
    pub async fn find(&self, board: &Board, digest: Digest) -> Result<Place, Problem> {
        let number = board.number;
        let place = self.read(move |store| match store.place_of_code(number, &digest)? {
            None => store.place_of_leaf(number, &digest),
            place => Ok(place),
        });
        place.await?.ok_or_else(|| {
            Problem::not_found("This board has no entry with this confirmation code or leaf hash.")
        })
    }

    /// What a voter has cast.
    ///
    /// # Errors
    /// The problem to be sent; 404 if the credential is not on the roll.
    pub async fn voter(
        &self,
        board: &Arc<Board>,
        credential: Element,
    ) -> Result<VoterStatus, Problem> {
        self.state(board).await?;
        let (reply, answer) = oneshot::channel();
        let question = Command::Voter {
            board: board.clone(),
            credential,
            reply,
        };
        self.line().try_send(question).map_err(|_| busy())?;
        let status = answer.await.map_err(|_| unavailable())?;
        status.ok_or_else(|| Problem::not_found("This credential is not on the roll."))
    }

    /// The signed note of the last checkpoint, with the cosignatures that came so far if the
    /// database can be read.
    ///
    /// # Errors
    /// 503 if it cannot be read.
    pub async fn note(&self, board: &Arc<Board>) -> Result<String, Problem> {
        self.checkpoint(board).await?;
        let (checkpoint, note) = board.signed().ok_or_else(unavailable)?;
        // Without the database there is still the checkpoint, which holds by itself.
        let Ok(manifest) = self.manifest(board).await else {
            return Ok(note.to_string());
        };
        if manifest.board.witnesses.is_empty() {
            return Ok(note.to_string());
        }
        let number = board.number;
        let rows = self.read(move |store| store.cosignatures(number, checkpoint.size));
        let rows = rows.await.unwrap_or_default();
        Ok(cosigned(&manifest, &note, &rows))
    }

    /// The signed note of the last checkpoint that enough witnesses cosigned, with what they signed.
    ///
    /// # Errors
    /// 404 if there is none; 503 if it cannot be read.
    pub async fn witnessed(&self, board: &Arc<Board>) -> Result<String, Problem> {
        Ok(self.witnessed_checkpoint(board).await?.1)
    }

    /// The receipt of the entry at a place under the last checkpoint that enough witnesses cosigned.
    ///
    /// # Errors
    /// 404 if there is none that includes the entry; 503 if it cannot be read.
    pub async fn witnessed_receipt(
        &self,
        board: &Arc<Board>,
        place: &Place,
    ) -> Result<Receipt, Problem> {
        let (size, note) = self.witnessed_checkpoint(board).await?;
        self.checkpoint(board).await?;
        if place.index >= size {
            return Err(Problem::not_found(
                "No witnessed checkpoint of this board includes this entry yet.",
            ));
        }
        let proof = self.prove(board, place.index, size).await?;
        Ok(Receipt::new(
            &place.scope,
            &place.code,
            place.index,
            &proof,
            note,
        ))
    }

    /// Proves that entry `index` is among the first `size`.
    async fn prove(
        &self,
        board: &Arc<Board>,
        index: u64,
        size: u64,
    ) -> Result<Vec<Digest>, Problem> {
        if let Ok(proof) = board.inclusion(index, size, &Tiles::new()) {
            return Ok(proof);
        }
        let (number, tree) = (board.number, board.clone());
        let proof = self.read(move |store| {
            load::with_tiles(store, number, |tiles| tree.inclusion(index, size, tiles))
        });
        proof.await?.map_err(|lack| {
            tracing::error!(%lack, election = %board.uuid, index, size, "no receipt could be made");
            unavailable()
        })
    }

    async fn witnessed_checkpoint(&self, board: &Arc<Board>) -> Result<(u64, String), Problem> {
        let manifest = self.manifest(board).await?;
        let (number, quorum) = (board.number, usize::from(manifest.board.witness_quorum));
        if quorum == 0 {
            return Err(Problem::not_found("This election names no witnesses."));
        }
        let found = self.read(move |store| store.witnessed(number, quorum));
        let (note, rows) = found.await?.ok_or_else(|| {
            Problem::not_found("No checkpoint of this board is cosigned by enough witnesses yet.")
        })?;
        let size = rows.first().and_then(|row| u64::try_from(row.size).ok());
        Ok((size.unwrap_or(0), cosigned(&manifest, &note, &rows)))
    }

    /// The manifest.
    ///
    /// # Errors
    /// 503 if it cannot be read.
    pub async fn manifest(&self, board: &Board) -> Result<Arc<ElectionManifest>, Problem> {
        if let Some(manifest) = board.manifest.get() {
            return Ok(manifest.clone());
        }
        let entry = self
            .entries(board, 0, 1)
            .await?
            .pop()
            .ok_or_else(unavailable)?;
        let manifest = Envelope::decode(&entry)
            .ok()
            .and_then(|envelope| ElectionManifest::parse(envelope.body).ok());
        let manifest = manifest.ok_or_else(unavailable)?;
        Ok(board.manifest.get_or_init(|| Arc::new(manifest)).clone())
    }
}

/// A note with stored cosignatures of its checkpoint.
fn cosigned(manifest: &ElectionManifest, note: &str, rows: &[StoredCosignature]) -> String {
    let cosignatures: Vec<_> = rows
        .iter()
        .filter_map(StoredCosignature::cosignature)
        .collect();
    cosigned_note(&manifest.board, note, &cosignatures)
}
