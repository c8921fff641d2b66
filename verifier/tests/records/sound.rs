//! Records that must be accepted.

use crate::{
    ballots::Answer,
    election::{End, Plan, default_totals, manifest_text},
};
use verifier::{
    progress::Silent,
    record::Record,
    report::{CheckId, Decision, Report, Verdict},
};

pub fn verify(record: &dyn Record) -> Report {
    verifier::verify(record, [5; 32], &Silent)
}

/// The ids of the checks that did not pass, with their first reason.
pub fn failed(report: &Report) -> Vec<(&'static str, String)> {
    let failed = report
        .checks
        .iter()
        .filter(|check| check.verdict != Verdict::Ok);
    failed
        .map(|check| {
            let reason = check.failures.first().map(|failure| failure.reason.clone());
            (check.id, reason.unwrap_or_default())
        })
        .collect()
}

fn accepted(plan: Plan) -> Report {
    let report = verify(&plan.make().record());
    assert_eq!(failed(&report), [], "{:?}", report.notes);
    assert_eq!(report.verdict, Decision::Accepted);
    report
}

#[test]
fn a_sound_record_is_accepted_with_its_totals() {
    let report = accepted(Plan::default());
    let results = report.results.unwrap();
    for (result, (ballots, totals)) in results.iter().zip(default_totals()) {
        assert_eq!((result.ballots, result.opened), (ballots, true));
        let mut found: Vec<u64> = result.options.iter().filter_map(|o| o.total).collect();
        found.extend(result.blank);
        assert_eq!(found, totals);
    }
    let election = report.election.unwrap();
    assert_eq!(
        (election.voters, election.ballots, election.counted),
        (5, 7, 4)
    );
    assert_eq!(election.title, "Club election");
    assert_eq!(report.checks.len(), CheckId::ALL.len());
    let count = |check: CheckId| report.checks[check as usize].count;
    assert_eq!(count(CheckId::BallotsBits), 7);
    assert_eq!(count(CheckId::BallotsUnique), 7);
    assert_eq!(count(CheckId::RollPossession), 10);
    assert_eq!(count(CheckId::EntriesSignatures), election.entries);
    assert_eq!(count(CheckId::SharesProofs), 6);
}

#[test]
fn attempts_that_end_without_keys_are_followed_by_another() {
    for (first_attempt, said) in [
        (
            End::JustComplaint,
            "about dealer 1 in attempt 1: the shares are wrong, the dealer is at fault",
        ),
        (
            End::FalseComplaint,
            "about dealer 1 in attempt 1: the shares are right, the complainer is at fault",
        ),
        (End::Abandoned, "trustee 2 abandoned attempt 1"),
    ] {
        let report = accepted(Plan {
            first_attempt,
            ..Plan::default()
        });
        assert_eq!(report.notes.len(), 1);
        assert!(report.notes[0].ends_with(said), "{:?}", report.notes);
    }
}

#[test]
fn shares_of_the_threshold_suffice() {
    accepted(Plan {
        sharers: 2,
        ..Plan::default()
    });
}

#[test]
fn a_contest_with_too_few_ballots_is_withheld() {
    let report = accepted(Plan {
        manifest: manifest_text().replace(r#""minimum_ballots":2"#, r#""minimum_ballots":3"#),
        ..Plan::default()
    });
    let results = report.results.unwrap();
    assert!(results[0].opened && !results[1].opened);
    assert!(
        results[1]
            .options
            .iter()
            .all(|option| option.total.is_none())
    );
}

#[test]
fn an_election_without_ballots_is_accepted() {
    let plan = Plan::default();
    let voters = plan
        .voters
        .iter()
        .map(|(s, w, _)| (*s, *w, vec![]))
        .collect();
    let report = accepted(Plan { voters, ..plan });
    assert!(
        report
            .results
            .unwrap()
            .iter()
            .all(|contest| !contest.opened)
    );
}

/// More than one bundle and tile, so that batches and levels are crossed.
#[test]
fn a_record_of_many_bundles_is_accepted() {
    let answer = |n: u64| Answer::Values(vec![n % 2, 1 - n % 2, u64::from(n.is_multiple_of(3))]);
    let voters = (0..600).map(|n| (1, 1 + n as u32 % 4, vec![vec![answer(n)]]));
    let plan = Plan {
        voters: voters.collect(),
        ..Plan::default()
    };
    let report = accepted(plan);
    assert_eq!(report.election.unwrap().counted, 600);
}

#[test]
fn one_issuer_and_one_trustee_are_enough() {
    let text = manifest_text();
    let text = text.replace(r#",{"name":"Treasurer"}"#, "");
    let start = text.find(r#",{"name":"Trustee 2""#).unwrap();
    let end = text.find(r#"],"threshold":2,"close_quorum":3"#).unwrap();
    let manifest = format!(
        "{}],\"threshold\":1,\"close_quorum\":1{}",
        &text[..start],
        &text[end + r#"],"threshold":2,"close_quorum":3"#.len()..]
    );
    accepted(Plan {
        manifest,
        certifiers: 1,
        sharers: 1,
        ..Plan::default()
    });
}
