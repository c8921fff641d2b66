//! The ballots: `ballots.*` (docs/spec/ballot.md). What needs the order of the board is checked
//! in the fold; proofs and voters' signatures are checked in batches, in [`proofs`].

pub mod proofs;

use super::roll::{Roll, Voter};
use crate::{
    entry::ballot::BallotBody,
    report::{CheckId, Findings},
    transcript::Digest,
};
use std::collections::HashSet;

/// Ballots and voids so far.
#[derive(Debug, Default)]
pub struct Polling {
    /// The alphas of ballots and voids.
    alphas: HashSet<[u8; 32]>,
    /// How many ballots were cast.
    pub n_ballots: u64,
    /// How many ballots were voided.
    pub n_voids: u64,
}

impl Polling {
    /// Applies a ballot that was cast while the election was open.
    pub fn cast(
        &mut self,
        index: u64,
        credential: &[u8; 32],
        body: &BallotBody<'_>,
        code: Digest,
        roll: &mut Roll,
        findings: &mut Findings,
    ) {
        self.n_ballots += 1;
        self.see(index, body.alpha, findings);
        let Some(voter) = roll.find_mut(credential) else {
            findings.check(CheckId::BallotsEligibility, index, Err(NOT_ON_ROLL));
            return;
        };
        let eligible = if voter.style == body.style {
            Ok(())
        } else {
            Err("the ballot is not of the voter's style")
        };
        findings.check(CheckId::BallotsEligibility, index, eligible);
        findings.check(CheckId::BallotsChain, index, check_chain(voter, body));
        voter.n_ballots = voter.n_ballots.saturating_add(1);
        voter.last_code = code;
        // A ballot of another style has other positions and cannot be counted.
        if eligible.is_ok() {
            voter.last_entry = Some(index);
        }
    }

    /// Applies a ballot that was voided while the election was open.
    pub fn void(
        &mut self,
        index: u64,
        credential: &[u8; 32],
        alpha: &[u8; 32],
        roll: &Roll,
        findings: &mut Findings,
    ) {
        self.n_voids += 1;
        self.see(index, alpha, findings);
        let eligible = roll.find(credential).map(|_| ()).ok_or(NOT_ON_ROLL);
        findings.check(CheckId::BallotsEligibility, index, eligible);
    }

    fn see(&mut self, index: u64, alpha: &[u8; 32], findings: &mut Findings) {
        let unique = if self.alphas.insert(*alpha) {
            Ok(())
        } else {
            Err("alpha occurs in an earlier ballot or void")
        };
        findings.check(CheckId::BallotsUnique, index, unique);
    }
}

const NOT_ON_ROLL: &str = "the credential is not on the roll";

fn check_chain(voter: &Voter, body: &BallotBody<'_>) -> Result<(), String> {
    let expected = u64::from(voter.n_ballots) + 1;
    if u64::from(body.counter) != expected {
        Err(format!("the counter is {}, not {expected}", body.counter))
    } else if *body.previous != voter.last_code {
        Err("the previous code is not that of the voter's previous ballot".to_owned())
    } else {
        Ok(())
    }
}
