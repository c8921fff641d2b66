//! The ballots: `ballots.*` and `voids.*` (docs/spec/ballot.md). What needs the order of the board is checked
//! in the fold; proofs and voters' signatures are checked in batches, in [`proofs`].

pub mod proofs;

use super::roll::Roll;
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
        let mut check = |check, holds, reason: &str| {
            let result = if holds { Ok(()) } else { Err(reason) };
            findings.check(check, index, result);
        };
        self.n_ballots += 1;
        let unique = self.cast.insert(*body.alpha);
        check(CheckId::BallotsUnique, unique, CAST_BEFORE);
        let voided = self.voided.contains(&(*credential, *body.alpha));
        check(CheckId::BallotsVoided, !voided, VOIDED_BEFORE);
        let voter = roll.find_mut(credential);
        check(CheckId::BallotsCredential, voter.is_some(), NOT_ON_ROLL);
        let Some(voter) = voter else {
            return;
        };
        let eligible = voter.style == body.style;
        let reason = "the ballot is not of the voter's style";
        check(CheckId::BallotsStyle, eligible, reason);
        let expected = u64::from(voter.n_ballots) + 1;
        let reason = format!("the counter is {}, not {expected}", body.counter);
        let follows = u64::from(body.counter) == expected;
        check(CheckId::BallotsCounter, follows, &reason);
        let reason = "the previous code is not that of the voter's previous ballot";
        let names = *body.previous == voter.last_code;
        check(CheckId::BallotsPrevious, names, reason);
        let reason = format!("the voter has more than {MAX_PER_VOTER} ballots");
        let few = voter.n_ballots < MAX_PER_VOTER;
        check(CheckId::BallotsNumber, few, &reason);

        voter.n_ballots = voter.n_ballots.saturating_add(1);
        voter.last_code = code;
        // A ballot of another style has other positions and cannot be counted.
        if eligible {
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
        let mut check = |check, holds, reason: &str| {
            let result = if holds { Ok(()) } else { Err(reason) };
            findings.check(check, index, result);
        };
        self.n_voids += 1;
        let cast = self.cast.contains(alpha);
        let voided = !self.voided.insert((*credential, *alpha));
        let reason = if cast { CAST_BEFORE } else { VOIDED_BEFORE };
        check(CheckId::VoidsUnique, !cast && !voided, reason);
        let voter = roll.find_mut(credential);
        check(CheckId::VoidsCredential, voter.is_some(), NOT_ON_ROLL);
        let Some(voter) = voter else {
            return;
        };
        let few = voter.n_voids < MAX_PER_VOTER;
        let reason = format!("the voter has more than {MAX_PER_VOTER} voids");
        check(CheckId::VoidsNumber, few, &reason);
        voter.n_voids = voter.n_voids.saturating_add(1);
    }

    /// After the last entry. `opened` says whether the election was.
    pub fn finish(opened: bool, findings: &mut Findings) {
        for check in [
            CheckId::BallotsCredential,
            CheckId::BallotsStyle,
            CheckId::BallotsCounter,
            CheckId::BallotsPrevious,
            CheckId::BallotsNumber,
            CheckId::BallotsUnique,
            CheckId::BallotsVoided,
            CheckId::VoidsCredential,
            CheckId::VoidsUnique,
            CheckId::VoidsNumber,
        ] {
            if opened {
                findings.ran(check);
            } else {
                findings.not_checked(check, "not checked: the election was not opened");
            }
        }
    }
}

const NOT_ON_ROLL: &str = "the credential is not on the roll";
const CAST_BEFORE: &str = "alpha occurs in an earlier ballot";
const VOIDED_BEFORE: &str = "alpha occurs in an earlier void of the same voter";
