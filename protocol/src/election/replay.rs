//! Folding a whole board, with ballots verified in batches.

use rand_core::TryCryptoRng;

use super::{Election, Phase, Refusal};
use crate::entry::Kind;

/// Ballots verified together.
const BATCH: usize = 256;

/// An entry of a board is refused: the board is not valid.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[error("entry {index} of the board is not valid: {refusal}")]
pub struct ReplayError {
    /// Its index.
    pub index: u64,
    /// Why.
    #[source]
    pub refusal: Refusal,
}

/// Applies `entries` to an election in order; ballots are verified in batches. `progress` is told
/// how many entries are applied.
///
/// # Errors
/// [`ReplayError`] naming the first entry that is refused; the election then holds those before it.
pub fn replay<'a>(
    election: &mut Election,
    entries: impl IntoIterator<Item = &'a [u8]>,
    rng: &mut impl TryCryptoRng,
    mut progress: impl FnMut(u64),
) -> Result<(), ReplayError> {
    let mut batch: Vec<&[u8]> = Vec::with_capacity(BATCH);
    for entry in entries {
        let is_ballot =
            entry.get(1) == Some(&(Kind::Ballot as u8)) && election.phase() == Phase::Open;
        if is_ballot {
            batch.push(entry);
        }
        if batch.len() == BATCH || !is_ballot {
            apply_ballots(election, &mut batch, rng)?;
            progress(election.size());
        }
        if !is_ballot {
            let index = election.size();
            election
                .apply(entry, rng)
                .map_err(|refusal| ReplayError { index, refusal })?;
        }
    }
    apply_ballots(election, &mut batch, rng)?;
    progress(election.size());
    Ok(())
}

fn apply_ballots(
    election: &mut Election,
    batch: &mut Vec<&[u8]>,
    rng: &mut impl TryCryptoRng,
) -> Result<(), ReplayError> {
    let Some(voting) = election.voting().cloned() else {
        return Ok(());
    };
    let verdicts = voting.verify(batch, rng);
    batch.clear();
    for verdict in verdicts {
        let index = election.size();
        let applied = verdict.and_then(|ballot| election.apply_verified(ballot));
        applied.map_err(|refusal| ReplayError { index, refusal })?;
    }
    Ok(())
}
