//! Records that must be accepted.

use crate::{
    ballots::Answer,
    election::{End, Plan, default_totals, manifest_text, witnessed_manifest, witnessing},
    joint,
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

/// Beside the verdict: what t trustees signed is the one signature of the sum of all secrets, and
/// lots are drawn only when everybody contributed.
#[test]
fn beacon_seal_and_witnesses_are_reported_beside_the_verdict() {
    let report = accepted(Plan {
        manifest: witnessed_manifest(),
        witnessing: witnessing(2),
        cosigners: vec![2, 3],
        beacons: vec![1, 3],
        late_beacons: vec![2],
        seals: vec![2, 3],
        ..Plan::default()
    });
    let secret: bls12_381::Scalar = (1..=3)
        .map(|dealer| joint::secret(&format!("joint {dealer} 1 0")))
        .sum();
    let signed = |message: &str| {
        let message = hex::decode(message).unwrap();
        Some(hex::encode(joint::sign(&secret, joint::MESSAGE, &message)))
    };
    let found = report.joint.unwrap();
    let election = report.election.unwrap();
    let id = election.id.unwrap();
    assert_eq!(found.key, hex::encode(joint::public(&secret)));
    let beacon = found.beacon;
    assert_eq!(beacon.message, hex::encode("psephos v2 beacon\0") + &id);
    assert_eq!(beacon.signature, signed(&beacon.message));
    assert_eq!(
        (beacon.by, beacon.contributions),
        (vec![1, 2, 3], vec![1, 2, 3])
    );
    assert!(beacon.audit_seed.is_some());
    let lots = beacon.lots.unwrap();
    let mut order = lots[0].order.clone();
    order.sort_unstable();
    assert_eq!(
        (lots.len(), lots[0].contest.as_str(), order),
        (2, "board", vec![0, 1, 2])
    );
    let seal = found.seal.unwrap();
    // Two seals and a beacon come after the result.
    assert_eq!((seal.by, seal.size), (vec![2, 3], election.entries - 3));
    assert_eq!(
        seal.message,
        format!(
            "{}{id}{:016x}{}",
            hex::encode("psephos v2 seal\0"),
            seal.size,
            seal.root
        )
    );
    assert_eq!(seal.signature, signed(&seal.message));
    let witnesses = report.witnesses.unwrap();
    assert_eq!(witnesses.quorum, 2);
    let said: Vec<_> = witnesses
        .named
        .iter()
        .map(|witness| (witness.cosigned, witness.certified_close))
        .collect();
    let time = Some(crate::board::TIME);
    assert_eq!(said, [(None, true), (time, true), (time, false)]);
}

#[test]
fn too_few_shares_make_no_beacon_and_no_seal() {
    let report = accepted(Plan {
        beacons: vec![1],
        seals: vec![2],
        ..Plan::default()
    });
    assert_eq!(report.witnesses, None);
    let found = report.joint.unwrap();
    assert_eq!((found.beacon.signature, found.beacon.lots), (None, None));
    assert_eq!(found.seal.unwrap().signature, None);
    // Two shares are enough for a sample, but one contribution is missing for lots.
    let report = accepted(Plan {
        beacons: vec![3, 1],
        ..Plan::default()
    });
    let beacon = report.joint.unwrap().beacon;
    assert!(beacon.audit_seed.is_some());
    assert_eq!((beacon.contributions, beacon.lots), (vec![1, 3], None));
}
