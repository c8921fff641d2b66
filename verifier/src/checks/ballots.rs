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

/// The most ballots, and the most voids, of one voter.
const MAX_PER_VOTER: u32 = 100;

/// Ballots and voids so far.
#[derive(Debug, Default)]
pub struct Polling {
    /// The alphas of ballots.
    cast: HashSet<[u8; 32]>,
    /// The alphas of voids, each with the credential that voided it: a void binds nobody else.
    voided: HashSet<([u8; 32], [u8; 32])>,
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
        self.check_unique(index, credential, body.alpha, findings);
        self.cast.insert(*body.alpha);
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
        roll: &mut Roll,
        findings: &mut Findings,
    ) {
        self.n_voids += 1;
        self.check_unique(index, credential, alpha, findings);
        self.voided.insert((*credential, *alpha));
        let Some(voter) = roll.find_mut(credential) else {
            findings.check(CheckId::BallotsEligibility, index, Err(NOT_ON_ROLL));
            return;
        };
        findings.count(CheckId::BallotsEligibility, 1);
        voter.n_voids = voter.n_voids.saturating_add(1);
        if voter.n_voids > MAX_PER_VOTER {
            let reason = format!("the voter has more than {MAX_PER_VOTER} voids");
            findings.fail(CheckId::BallotsChain, Some(index), reason);
        }
    }

    fn check_unique(
        &self,
        index: u64,
        credential: &[u8; 32],
        alpha: &[u8; 32],
        findings: &mut Findings,
    ) {
        let unique = if self.cast.contains(alpha) {
            Err("alpha occurs in an earlier ballot")
        } else if self.voided.contains(&(*credential, *alpha)) {
            Err("alpha occurs in an earlier void of the same voter")
        } else {
            Ok(())
        };
        findings.check(CheckId::BallotsUnique, index, unique);
    }
}

const NOT_ON_ROLL: &str = "the credential is not on the roll";

fn check_chain(voter: &Voter, body: &BallotBody<'_>) -> Result<(), String> {
    let expected = u64::from(voter.n_ballots) + 1;
    if u64::from(body.counter) != expected {
        Err(format!("the counter is {}, not {expected}", body.counter))
    } else if body.counter > MAX_PER_VOTER {
        Err(format!("the counter is more than {MAX_PER_VOTER}"))
    } else if *body.previous != voter.last_code {
        Err("the previous code is not that of the voter's previous ballot".to_owned())
    } else {
        Ok(())
    }
}
