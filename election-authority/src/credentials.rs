//! Issuing credentials: one code for each voter, and the public part of the roll.
//!
//! Spec: docs/spec/credentials.md. Nothing here needs the network: an issuer's machine needs the
//! election's uuid, the voter list, its own number and the issuers' order key.

use std::num::NonZero;

use protocol::credential::{Code, PublicPart};
use protocol::transcript::{RandomnessError, Transcript};
use rand_core::TryCryptoRng;

use crate::key_file::OrderKey;
use crate::roll::{Voter, VoterList};
use crate::roll_part::{IssuedPart, IssuedVoter};

/// What one issuer made: codes for the voters, and the public part for the organiser.
pub struct Issued<'a> {
    /// A code for each voter, in the order of the voter list.
    pub codes: Vec<(&'a Voter, Code)>,
    /// The part file, in the secret order.
    pub part: IssuedPart,
}

impl std::fmt::Debug for Issued<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued")
            .field("codes", &"<redacted>")
            .finish_non_exhaustive()
    }
}

/// Draws a code for each voter as issuer number `issuer` (from 1) of the election `uuid`. Work is
/// shared by all processors; `rng` makes a source of randomness for each.
///
/// # Errors
/// [`RandomnessError`] if a source fails; then nothing was issued.
pub fn issue<'a, R: TryCryptoRng>(
    uuid: &[u8; 16],
    issuer: u16,
    voters: &'a VoterList,
    order_key: &OrderKey,
    rng: impl Fn() -> R + Sync,
) -> Result<Issued<'a>, RandomnessError> {
    let voters = voters.voters();
    let index = issuer.saturating_sub(1);
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let share = voters.len().div_ceil(workers).max(1);
    let rng = &rng;
    let drawn = std::thread::scope(|scope| {
        let threads: Vec<_> = voters
            .chunks(share)
            .map(|voters| scope.spawn(move || draw(uuid, index, voters.len(), &mut rng())))
            .collect();
        // A thread that panicked has drawn nothing, which is what the error says.
        let results = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or(Err(RandomnessError)));
        results.collect::<Result<Vec<_>, _>>()
    })?;
    let (mut codes, mut lines) = (Vec::new(), Vec::new());
    for (voter, (code, part)) in voters.iter().zip(drawn.into_iter().flatten()) {
        codes.push((voter, code));
        let line = IssuedVoter::new(&voter.style, voter.weight, &part);
        lines.push((order_key.rank(&voter.id), line));
    }
    lines.sort_by_key(|(rank, _)| *rank);
    let mut transcript = Transcript::new("roll order");
    for (rank, _) in &lines {
        transcript.append("rank", rank);
    }
    let order = transcript.digest("order").to_string();
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    Ok(Issued {
        codes,
        part: IssuedPart::new(uuid, issuer, order, lines),
    })
}

fn draw(
    uuid: &[u8; 16],
    issuer: u16,
    count: usize,
    rng: &mut impl TryCryptoRng,
) -> Result<Vec<(Code, PublicPart)>, RandomnessError> {
    let mut drawn = Vec::with_capacity(count);
    while drawn.len() < count {
        let code = Code::draw(rng)?;
        // A code whose key is zero comes up with probability 2^-252; another one is drawn.
        if let Some(part) = code.part(uuid, issuer).public(rng)? {
            drawn.push((code, part));
        }
    }
    Ok(drawn)
}

#[cfg(test)]
mod tests;
