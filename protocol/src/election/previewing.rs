//! What a trustee learns from the previews on a board: which counts are small.
//!
//! Spec: docs/spec/tally.md, "Preview" and "Pattern".

use super::Election;
use crate::key_ceremony::{StepError, TrusteeSeed};
use crate::tally::{OpenedPreview, Pattern, PreviewError, PreviewReader, TallyError, read_cells};

/// The previews of a board, opened by one trustee.
#[derive(Debug)]
pub struct Previewed {
    good: Vec<OpenedPreview>,
    bad: Vec<(u16, PreviewError)>,
}

impl Previewed {
    /// How many are good.
    pub fn n_good(&self) -> usize {
        self.good.len()
    }

    /// The trustees whose previews are of no use, and why.
    pub fn bad(&self) -> &[(u16, PreviewError)] {
        &self.bad
    }

    /// `SmallCells.Close` over the counts that the previews give, which are forgotten again.
    ///
    /// # Errors
    /// [`TallyError::TooFewPreviews`] with fewer than t good ones.
    pub fn pattern(&self, election: &Election) -> Result<Pattern, TallyError> {
        let too_few = TallyError::TooFewPreviews {
            found: self.good.len(),
            needed: election.manifest().map_or(0, |manifest| manifest.threshold),
        };
        let sums = election.manifest().zip(election.encrypted_tally());
        let ((manifest, tally), cells) = sums.zip(election.cells()).ok_or(too_few)?;
        let counts = read_cells(manifest, tally, &self.good)?;
        Ok(Pattern::close(&cells, counts.expose()))
    }
}

impl Election {
    /// Opens all previews of this board with a trustee's seed, and checks them.
    ///
    /// # Errors
    /// [`StepError`] if the key ceremony is not complete or this is not its seed.
    pub fn open_previews(&self, seed: &TrusteeSeed, trustee: u16) -> Result<Previewed, StepError> {
        let mut previewed = Previewed {
            good: Vec::new(),
            bad: Vec::new(),
        };
        let ceremony = self.ceremony().ok_or(StepError::Incomplete)?;
        let session = ceremony.session();
        let secrets = seed.ceremony_secrets(&session, ceremony.dimensions());
        let encryption_keys = ceremony.encryption_keys();
        let own = usize::from(trustee).wrapping_sub(1);
        let reader = PreviewReader {
            trustee,
            secret: secrets.encryption(),
            encryption_key: encryption_keys.get(own).ok_or(StepError::Incomplete)?,
        };
        for (author, preview) in &self.previews {
            let parts = self.voting().zip(self.encrypted_tally());
            let parts = parts.zip(self.decryption_context(*author));
            let ((voting, tally), context) = parts.ok_or(StepError::Incomplete)?;
            let keys = voting.keys();
            match preview.open(voting.manifest(), tally, &context, keys, &reader) {
                Ok(opened) => previewed.good.push(opened),
                Err(error) => previewed.bad.push((*author, error)),
            }
        }
        Ok(previewed)
    }
}
