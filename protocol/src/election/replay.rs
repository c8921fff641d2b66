//! Folding a whole board, with ballots verified in batches.

use std::num::NonZeroUsize;

use rand_core::TryCryptoRng;

use super::{Election, Phase, Refusal, VerifiedBallot, Voting};
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

type Verdicts = Vec<Result<VerifiedBallot, Refusal>>;

/// Applies `entries` to an election in order; ballots are verified in batches. `progress` is told
/// how many entries are applied.
///
/// # Errors
/// [`ReplayError`] naming the first entry that is refused; the election then holds those before it.
pub fn replay<'a>(
    election: &mut Election,
    entries: impl IntoIterator<Item = &'a [u8]>,
    rng: &mut impl TryCryptoRng,
    progress: impl FnMut(u64),
) -> Result<(), ReplayError> {
    let verify = |voting: &Voting, _, ballots: &[&[u8]], rng: &mut _| voting.verify(ballots, rng);
    fold(election, entries, BATCH, verify, rng, progress)
}

/// As [`replay`], on several threads, each with randomness of its own. Ballots among the first
/// `trusted` entries of the board are taken as verified: the caller has verified exactly these
/// bytes before, and compared the log's root at that size. All other checks are made anew.
///
/// # Errors
/// As [`replay`].
pub fn replay_on_threads<'a, R: TryCryptoRng>(
    election: &mut Election,
    entries: impl IntoIterator<Item = &'a [u8]>,
    trusted: u64,
    threads: NonZeroUsize,
    make_rng: impl Fn() -> R + Sync,
    progress: impl FnMut(u64),
) -> Result<(), ReplayError> {
    let chunk = &|voting: &Voting, first: u64, ballots: &[&[u8]]| -> Verdicts {
        let n_old = usize::try_from(trusted.saturating_sub(first)).unwrap_or(usize::MAX);
        let (old, new) = ballots.split_at(n_old.min(ballots.len()));
        let mut verdicts: Verdicts = old
            .iter()
            .map(|ballot| voting.trust_stored(ballot))
            .collect();
        if !new.is_empty() {
            verdicts.extend(voting.verify(new, &mut make_rng()));
        }
        verdicts
    };
    let verify = |voting: &Voting, first: u64, ballots: &[&[u8]], _: &mut R| -> Verdicts {
        let chunks = (first..).step_by(BATCH).zip(ballots.chunks(BATCH));
        if ballots.len() <= BATCH {
            return chunks
                .flat_map(|(first, ballots)| chunk(voting, first, ballots))
                .collect();
        }
        std::thread::scope(|scope| {
            let running: Vec<_> = chunks
                .map(|(first, ballots)| scope.spawn(move || chunk(voting, first, ballots)))
                .collect();
            running
                .into_iter()
                .flat_map(|thread| {
                    thread
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        })
    };
    let together = BATCH.saturating_mul(threads.get());
    fold(
        election,
        entries,
        together,
        verify,
        &mut make_rng(),
        progress,
    )
}

/// The fold; `verify` gives the verdicts on ballots that follow each other from an index on.
fn fold<'a, R: TryCryptoRng>(
    election: &mut Election,
    entries: impl IntoIterator<Item = &'a [u8]>,
    together: usize,
    mut verify: impl FnMut(&Voting, u64, &[&[u8]], &mut R) -> Verdicts,
    rng: &mut R,
    mut progress: impl FnMut(u64),
) -> Result<(), ReplayError> {
    let mut batch: Vec<&[u8]> = Vec::with_capacity(together);
    let mut flush = |election: &mut Election, batch: &mut Vec<&[u8]>, rng: &mut R| {
        let Some(voting) = election.voting().cloned() else {
            return Ok(());
        };
        let verdicts = verify(&voting, election.size(), batch, rng);
        batch.clear();
        for verdict in verdicts {
            let index = election.size();
            let applied = verdict.and_then(|ballot| election.apply_verified(ballot));
            applied.map_err(|refusal| ReplayError { index, refusal })?;
        }
        Ok(())
    };
    for entry in entries {
        let is_ballot =
            entry.get(1) == Some(&(Kind::Ballot as u8)) && election.phase() == Phase::Open;
        if is_ballot {
            batch.push(entry);
        }
        if batch.len() == together || !is_ballot {
            flush(election, &mut batch, rng)?;
            progress(election.size());
        }
        if !is_ballot {
            let index = election.size();
            election
                .apply(entry, rng)
                .map_err(|refusal| ReplayError { index, refusal })?;
        }
    }
    flush(election, &mut batch, rng)?;
    progress(election.size());
    Ok(())
}
