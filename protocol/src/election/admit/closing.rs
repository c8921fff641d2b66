//! Admission from the close on: certified close, decryption shares, result.

use super::body_error;
use crate::beacon::FinalState;
use crate::checkpoint::checkpoint_text;
use crate::election::{Close, Election, Phase, Refusal};
use crate::encoding::Reader;
use crate::entry::{EntrySignature, Envelope, Kind};
use crate::manifest::ElectionManifest;
use crate::signature::SignatureError;
use crate::tally::{DecryptionContext, DecryptionShares, Preview, Tally, TallyError, close_digest};
use crate::transcript::Digest;

impl Election {
    pub(super) fn apply_close(&mut self, body: &[u8], leaf: Digest) -> Result<(), Refusal> {
        self.expect(Kind::Close, Phase::Open)?;
        Reader::new(body)
            .finish()
            .map_err(body_error(Kind::Close))?;
        let mut log = self.log.clone();
        log.append(leaf);
        self.close = Some(Close {
            size: log.size(),
            root: log.root(),
        });
        Ok(())
    }

    pub(super) fn apply_certify_close(&mut self, trustee: u16, body: &[u8]) -> Result<(), Refusal> {
        let close = self
            .close
            .filter(|_| self.result.is_none())
            .ok_or(self.not_now(Kind::CertifyClose))?;
        let error = body_error(Kind::CertifyClose);
        let mut reader = Reader::new(body);
        let size = reader.u64("the size").map_err(error)?;
        let root = Digest(reader.array("the root").map_err(error)?);
        reader.finish().map_err(error)?;
        if self.certified.contains(&trustee) {
            return Err(Refusal::Repeated {
                kind: Kind::CertifyClose,
            });
        }
        if (Close { size, root }) != close {
            return Err(Refusal::CloseMismatch { trustee });
        }
        self.certified.push(trustee);
        Ok(())
    }

    pub(super) fn apply_witness_close(
        &mut self,
        manifest: &ElectionManifest,
        election: Digest,
        number: u16,
        envelope: &Envelope<'_>,
    ) -> Result<(), Refusal> {
        let kind = Kind::WitnessClose;
        if envelope.scope != election {
            return Err(Refusal::Scope { kind });
        }
        let witness = manifest.board.witness(number);
        let witness = witness.ok_or(Refusal::UnknownWitness { witness: number })?;
        let EntrySignature::Cosignature(signature) = &envelope.signature else {
            return Err(SignatureError.into());
        };
        let close = self
            .close
            .filter(|_| self.result.is_none())
            .ok_or(self.not_now(kind))?;
        let error = body_error(kind);
        let mut reader = Reader::new(envelope.body);
        let size = reader.u64("the size").map_err(error)?;
        let time = reader.u64("the time").map_err(error)?;
        reader.finish().map_err(error)?;
        if self.witnessed.contains(&number) {
            return Err(Refusal::Repeated { kind });
        }
        let after_close = size
            .checked_sub(close.size)
            .and_then(|index| usize::try_from(index).ok());
        let root = after_close.and_then(|index| self.roots_since_close.get(index));
        let root = root.ok_or(Refusal::WitnessedSize {
            witness: number,
            size,
        })?;
        let text = checkpoint_text(&manifest.board.origin, size, root);
        witness
            .verify(&text, time, signature)
            .map_err(|_| Refusal::Cosignature { witness: number })?;
        self.witnessed.push(number);
        Ok(())
    }

    /// What a trustee's decryption shares are bound to, once the close is certified.
    pub fn decryption_context(&self, trustee: u16) -> Option<DecryptionContext> {
        let (election, close) = self.election_id().zip(self.close)?;
        let certified = self.phase() >= Phase::Certified;
        certified.then(|| DecryptionContext {
            election,
            close: close_digest(&election, close.size, &close.root),
            trustee,
        })
    }

    pub(super) fn apply_preview(
        &mut self,
        manifest: &ElectionManifest,
        trustee: u16,
        body: &[u8],
    ) -> Result<(), Refusal> {
        let kind = Kind::Preview;
        self.expect(kind, Phase::Certified)?;
        if self.cells().is_none_or(|cells| cells.n_cells() == 0) {
            return Err(Refusal::NothingGuarded);
        }
        if self.previews.iter().any(|(author, _)| *author == trustee) {
            return Err(Refusal::Repeated { kind });
        }
        let tally = self.tally.as_ref().ok_or(self.not_now(kind))?;
        let preview = Preview::decode(body, manifest, tally).map_err(body_error(kind))?;
        self.previews.push((trustee, preview));
        Ok(())
    }

    pub(super) fn apply_shares(
        &mut self,
        manifest: &ElectionManifest,
        trustee: u16,
        body: &[u8],
    ) -> Result<(), Refusal> {
        self.expect(Kind::Shares, Phase::Certified)?;
        if self.share_order.contains(&trustee) {
            return Err(Refusal::Repeated { kind: Kind::Shares });
        }
        let parts = self
            .voting
            .as_ref()
            .zip(self.tally.as_ref())
            .zip(self.decryption_context(trustee));
        let ((voting, tally), context) = parts.ok_or(self.not_now(Kind::Shares))?;
        let shares =
            DecryptionShares::decode(body, manifest, tally).map_err(body_error(Kind::Shares))?;
        let shares = shares.verify(manifest, tally, &context, voting.keys())?;
        self.shares.push(shares);
        self.share_order.push(trustee);
        Ok(())
    }

    pub(super) fn apply_result(
        &mut self,
        manifest: &ElectionManifest,
        body: &[u8],
        leaf: Digest,
    ) -> Result<(), Refusal> {
        self.expect(Kind::Result, Phase::Certified)?;
        let result = Tally::decode(body, manifest).map_err(body_error(Kind::Result))?;
        let tally = self.tally.as_ref().ok_or(self.not_now(Kind::Result))?;
        result.verify(manifest, tally, &self.shares)?;
        let mut log = self.log.clone();
        log.append(leaf);
        self.signing.end(FinalState {
            size: log.size(),
            root: log.root(),
        });
        self.result = Some(result);
        Ok(())
    }

    /// The totals that the ballots and shares of the board give.
    ///
    /// # Errors
    /// [`TallyError`] if there are not enough shares yet.
    pub fn compute_tally(&self) -> Result<Tally, TallyError> {
        let needed = self
            .manifest
            .as_ref()
            .map_or(0, |manifest| manifest.threshold);
        let too_few = TallyError::TooFewShares {
            found: self.shares.len(),
            needed,
        };
        let (manifest, tally) = self
            .manifest
            .as_ref()
            .zip(self.tally.as_ref())
            .ok_or(too_few)?;
        Tally::compute(manifest, tally, &self.shares)
    }
}
