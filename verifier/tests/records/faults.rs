//! One fault at a time in an otherwise sound record. Everything around the fault is signed and
//! hashed anew, so that only the check meant for it can find it. Every check has a fault here or
//! in `files`.

use crate::{
    ballots::{Answer, Lie},
    ceremony::Dealer,
    dice::Key,
    election::{Draft, Made, Plan},
    sound::{failed, verify},
};
use verifier::{
    entry::Kind,
    group::Scalar,
    report::{CheckId, Decision},
};

/// A record whose entry `number` of a kind is spoiled before it is signed.
fn spoiled(kind: Kind, number: usize, spoil: impl Fn(&mut Draft) + 'static) -> Made {
    changed(Plan::default(), kind, number, spoil)
}

fn changed(plan: Plan, kind: Kind, number: usize, spoil: impl Fn(&mut Draft) + 'static) -> Made {
    let hook = move |draft: &mut Draft| {
        if draft.kind == kind && draft.number == number {
            spoil(draft);
        }
    };
    Plan {
        hook: Box::new(hook),
        ..plan
    }
    .make()
}

/// Expects exactly these checks to fail.
fn rejected(made: &Made, expected: &[&str]) {
    let report = verify(&made.record());
    assert_eq!(report.verdict, Decision::Rejected);
    let failed = failed(&report);
    let ids: Vec<&str> = failed.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, expected, "{failed:#?}");
}

/// Flips the lowest bit of a byte of the body.
fn flip(at: usize) -> impl Fn(&mut Draft) + 'static {
    move |draft| draft.body()[at] ^= 1
}

/// Overwrites the body from `at` on.
fn put(at: usize, bytes: &[u8]) -> impl Fn(&mut Draft) + 'static {
    let bytes = bytes.to_vec();
    move |draft| draft.body()[at..at + bytes.len()].copy_from_slice(&bytes)
}

fn element(name: &str) -> [u8; 32] {
    Key::new(name).public
}

const SHARES: [&str; 1] = ["shares.proofs"];
const NO_TALLY: [&str; 2] = ["shares.proofs", "result.totals"];
const ENCODING: &str = "entries.encoding";

#[test]
fn forged_signatures_of_every_author() {
    for kind in [
        Kind::Manifest,
        Kind::Roll,
        Kind::Register,
        Kind::Certify,
        Kind::Ballot,
        Kind::Void,
        Kind::CertifyClose,
        Kind::Result,
    ] {
        let made = spoiled(kind, 0, |draft| draft.spoil_signature = 1);
        rejected(&made, &["entries.signatures"]);
    }
}

#[test]
fn a_voters_entry_signed_by_somebody_else() {
    for kind in [Kind::Ballot, Kind::Void] {
        let made = spoiled(kind, 0, |draft| draft.signer = Key::new("somebody"));
        rejected(&made, &["entries.signatures"]);
    }
}

#[test]
fn an_entry_of_another_election() {
    for kind in [Kind::Register, Kind::Ballot, Kind::Void, Kind::CertifyClose] {
        let made = spoiled(kind, 0, |draft| draft.unsigned[2] ^= 1);
        let expected: &[&str] = &["entries.scope"];
        rejected(&made, expected);
    }
}

#[test]
fn a_version_or_kind_that_does_not_exist() {
    for (at, value) in [(0, 2), (0, 0), (1, 0), (1, 17)] {
        let made = spoiled(Kind::Void, 0, move |draft| draft.unsigned[at] = value);
        rejected(&made, &[ENCODING, "entries.signatures"]);
    }
}

#[test]
fn entries_that_are_too_short_or_too_long() {
    let short = spoiled(Kind::Void, 0, |draft| {
        draft.unsigned.pop();
    });
    rejected(&short, &[ENCODING, "entries.signatures"]);
    let long = spoiled(Kind::Void, 0, |draft| draft.unsigned.push(0));
    rejected(&long, &[ENCODING, "entries.signatures"]);
    let shares = spoiled(Kind::Shares, 2, |draft| draft.unsigned.push(0));
    rejected(&shares, &[ENCODING]);
    let result = spoiled(Kind::Result, 0, |draft| draft.unsigned.push(0));
    rejected(
        &result,
        &[
            ENCODING,
            "entries.signatures",
            "result.totals",
            "result.present",
        ],
    );
}

/// Every element of a ballot: not canonical, negative, the identity. Its chain goes on, but it
/// cannot be counted, which the tally then shows.
#[test]
fn malformed_elements_of_a_ballot() {
    let superseded = 0;
    // alpha, 6 positions of beta, C, A, D, E, T_alpha, T_beta.
    for field in 0..13 {
        let at = 38 + 32 * field;
        for bytes in [[0; 32], [255; 32], {
            let mut one = [0; 32];
            one[0] = 1;
            one
        }] {
            let made = spoiled(Kind::Ballot, superseded, put(at, &bytes));
            rejected(&made, &[ENCODING, "entries.signatures", "ballots.proofs"]);
        }
    }
}

#[test]
fn scalars_of_a_ballot_that_are_not_reduced() {
    let responses = 38 + 32 * 13;
    // 3 options, the blank, a slack bit; 2·2 bits of points, 3 slack bits; z, z', zeta.
    for field in 0..15 {
        let made = spoiled(Kind::Ballot, 0, put(responses + 32 * field, &[255; 32]));
        rejected(&made, &[ENCODING, "entries.signatures", "ballots.proofs"]);
    }
}

#[test]
fn malformed_elements_elsewhere() {
    for (kind, at) in [(Kind::Void, 32), (Kind::Result, 4)] {
        let made = spoiled(kind, 0, put(at, &[255; 1]));
        let report = verify(&made.record());
        assert!(
            failed(&report).iter().any(|(id, _)| *id == ENCODING),
            "{kind:?}"
        );
    }
}

#[test]
fn a_ballot_that_encrypts_what_it_does_not_prove() {
    for (lie, equation) in [(Lie::Value, "4"), (Lie::Nonce, "3, 4"), (Lie::Bit, "2")] {
        let made = Plan {
            lie,
            ..Plan::default()
        }
        .make();
        rejected(&made, &["ballots.proofs"]);
        let report = verify(&made.record());
        let (_, reason) = &failed(&report)[0];
        assert!(
            reason.ends_with(&format!("equation {equation}")),
            "{reason}"
        );
    }
}

/// Every part of the proof matters: each response, and each commitment replaced by another point.
#[test]
fn proofs_with_any_part_changed() {
    for field in 6..13 {
        let at = 38 + 32 * field;
        let made = spoiled(Kind::Ballot, 0, put(at, &element("other")));
        rejected(&made, &["ballots.proofs"]);
    }
    for field in 13..28 {
        let made = spoiled(Kind::Ballot, 0, flip(38 + 32 * field));
        rejected(&made, &["ballots.proofs"]);
    }
}

/// More than the contest's maximum: the constraint is what fails.
#[test]
fn a_broken_limit_is_found_by_its_constraint() {
    let made = spoiled(Kind::Ballot, 0, flip(38 + 32 * 13));
    let report = verify(&made.record());
    let check = report
        .checks
        .iter()
        .find(|check| check.id == "ballots.proofs");
    let reasons = &check.unwrap().failures;
    assert!(
        reasons
            .iter()
            .any(|failure| failure.reason.contains("constraint 0")),
        "{reasons:?}"
    );
}

#[test]
fn a_ballot_of_somebody_who_is_not_on_the_roll() {
    // The first ballot of voter 3 is superseded, so that the tally stays as it is.
    let made = spoiled(Kind::Ballot, 4, |draft| {
        draft.signer = Key::new("stranger");
        let public = draft.signer.public;
        draft.unsigned[34..66].copy_from_slice(&public);
    });
    // Without it the counters of the voter's other ballots have a gap.
    rejected(
        &made,
        &["ballots.eligibility", "ballots.chain", "ballots.proofs"],
    );
}

#[test]
fn a_void_of_somebody_who_is_not_on_the_roll() {
    let made = spoiled(Kind::Void, 0, |draft| {
        draft.signer = Key::new("stranger");
        let public = draft.signer.public;
        draft.unsigned[34..66].copy_from_slice(&public);
    });
    rejected(&made, &["ballots.eligibility"]);
}

#[test]
fn a_ballot_of_a_style_that_is_not_the_voters() {
    let mut plan = Plan::default();
    plan.voters[2].0 = 0;
    plan.voters[2].2 = vec![vec![
        Answer::Values(vec![0, 0, 1]),
        Answer::Values(vec![0, 0]),
    ]];
    // The roll says style 1.
    let made = changed(plan, Kind::Roll, 0, |draft| {
        let start = 6 + 2 * (6 + 2 * 96);
        draft.body()[start..start + 2].copy_from_slice(&[0, 1]);
    });
    let report = verify(&made.record());
    let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
    assert!(ids.contains(&"ballots.eligibility"), "{ids:?}");
}

#[test]
fn counters_and_previous_codes_that_break_the_chain() {
    let counter = spoiled(Kind::Ballot, 0, flip(5));
    rejected(&counter, &["ballots.chain", "ballots.proofs"]);
    let previous = spoiled(Kind::Ballot, 5, flip(6));
    rejected(&previous, &["ballots.chain", "ballots.proofs"]);
}

/// A delayed ballot that comes after the voter's next one: the board tries to roll it back.
#[test]
fn an_old_ballot_after_a_newer_one() {
    let made = Plan::default().make();
    let ballots: Vec<usize> = (0..made.entries.len())
        .filter(|index| made.entries[*index][1] == Kind::Ballot as u8)
        .collect();
    let mut entries = made.entries;
    entries.swap(ballots[4], ballots[5]);
    let report = verify(&Made { entries }.record());
    let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
    assert!(ids.contains(&"ballots.chain"), "{ids:?}");
}

#[test]
fn the_same_alpha_twice() {
    // The ballot replays the alpha that its voter voided just before.
    let mut voided = [0; 32];
    let hook = move |draft: &mut Draft| {
        if draft.kind == Kind::Void {
            voided.copy_from_slice(&draft.body()[32..64]);
        } else if draft.kind == Kind::Ballot && draft.number == 0 {
            draft.body()[38..70].copy_from_slice(&voided);
        }
    };
    let made = Plan {
        hook: Box::new(hook),
        ..Plan::default()
    }
    .make();
    rejected(&made, &["ballots.unique", "ballots.proofs"]);
}

/// Another voter posts the ciphertexts and the proof of an earlier ballot.
#[test]
fn a_copied_ballot() {
    let mut copied = Vec::new();
    let hook = move |draft: &mut Draft| {
        if draft.kind == Kind::Ballot && draft.number == 3 {
            copied = draft.body().to_vec();
        } else if draft.kind == Kind::Ballot && draft.number == 4 {
            draft.body().copy_from_slice(&copied);
        }
    };
    let made = Plan {
        hook: Box::new(hook),
        ..Plan::default()
    }
    .make();
    rejected(&made, &["ballots.unique", "ballots.proofs"]);
}

#[test]
fn entries_out_of_their_place() {
    for kind in [
        Kind::Manifest,
        Kind::Register,
        Kind::Commit,
        Kind::Reveal,
        Kind::Deal,
        Kind::Certify,
        Kind::Open,
        Kind::Close,
        Kind::CertifyClose,
        Kind::Shares,
    ] {
        let made = spoiled(kind, 0, |draft| draft.twice = true);
        let report = verify(&made.record());
        let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
        assert!(ids.contains(&"entries.order"), "{kind:?}: {ids:?}");
    }
    let after = spoiled(Kind::Result, 0, |draft| draft.twice = true);
    rejected(&after, &["entries.order", "result.present"]);
}

#[test]
fn a_ballot_after_the_close_or_before_the_opening() {
    let made = Plan::default().make();
    for (from, to) in [
        (Kind::Ballot, Kind::CertifyClose),
        (Kind::Ballot, Kind::Open),
    ] {
        let mut entries = made.entries.clone();
        let last = |kind| {
            entries
                .iter()
                .rposition(|entry| entry[1] == kind as u8)
                .unwrap()
        };
        let (from, to) = (last(from), last(to));
        let ballot = entries.remove(from);
        entries.insert(to, ballot);
        let report = verify(&Made { entries }.record());
        let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
        assert!(ids.contains(&"entries.order"), "{ids:?}");
    }
}

#[test]
fn a_manifest_that_breaks_a_rule() {
    let made = spoiled(Kind::Manifest, 0, |draft| {
        let text = String::from_utf8(draft.unsigned[34..].to_vec()).unwrap();
        let text = text.replace("\"close_quorum\":3", "\"close_quorum\":2");
        draft.unsigned.truncate(34);
        draft.unsigned.extend(text.bytes());
    });
    let report = verify(&made.record());
    let failed = failed(&report);
    let (_, reason) = failed
        .iter()
        .find(|(id, _)| *id == "manifest.valid")
        .unwrap();
    assert!(reason.contains("close_quorum"), "{reason}");
    // The log is still recomputed.
    let board = ["board.entries", "board.root", "board.tiles", "record.files"];
    assert!(
        failed.iter().all(|(id, _)| !board.contains(id)),
        "{failed:?}"
    );
}

#[test]
fn a_roll_that_breaks_its_rules() {
    let gap = spoiled(Kind::Roll, 1, flip(3));
    rejected(&gap, &["roll.parts"]);
    let style = spoiled(Kind::Roll, 1, put(6 + 198, &[9, 9]));
    rejected(&style, &["roll.parts"]);
    let weight = spoiled(Kind::Roll, 1, put(6 + 198 + 2, &[0; 4]));
    rejected(&weight, &["roll.parts"]);
}

#[test]
fn a_credential_that_is_on_the_roll_twice() {
    let mut first = Vec::new();
    let hook = move |draft: &mut Draft| {
        if draft.kind == Kind::Roll && draft.number == 0 {
            first = draft.body()[12..204].to_vec();
        } else if draft.kind == Kind::Roll {
            // The last voter casts nothing.
            draft.body()[6 + 198 + 6..6 + 198 + 198].copy_from_slice(&first);
        }
    };
    let made = Plan {
        hook: Box::new(hook),
        ..Plan::default()
    }
    .make();
    rejected(&made, &["roll.parts"]);
}

/// An issuer chooses its part as the difference to another's: the sum is the identity.
#[test]
fn a_credential_that_is_the_identity() {
    let made = spoiled(Kind::Roll, 1, |draft| {
        let secret = -Key::new("code 4 0").secret;
        let part = Key::of(secret);
        let uuid = hex::decode(crate::election::UUID).unwrap();
        let message = [&uuid[..], &[0, 1]].concat();
        let signature = part.sign(b"psephos v1 credential part\0", &message);
        let at = 6 + 198 + 6 + 96;
        draft.body()[at..at + 32].copy_from_slice(&part.public);
        draft.body()[at + 32..at + 96].copy_from_slice(&signature);
    });
    rejected(&made, &["roll.parts"]);
}

#[test]
fn a_part_without_possession() {
    let made = spoiled(Kind::Roll, 1, flip(6 + 198 + 6 + 96 + 64));
    rejected(&made, &["roll.possession"]);
}

#[test]
fn a_reveal_that_was_not_committed_to() {
    let made = spoiled(Kind::Commit, 1, flip(2));
    rejected(&made, &["ceremony.commitments"]);
}

#[test]
fn a_reveal_without_knowledge() {
    let made = spoiled(Kind::Reveal, 1, |draft| {
        let last = draft.unsigned.len() - 32;
        draft.unsigned[last] ^= 1;
    });
    rejected(&made, &["ceremony.proofs"]);
}

#[test]
fn a_copied_encryption_key_or_ephemeral() {
    let key = Plan {
        dealers: |dealers| dealers[1].encryption = dealers[0].encryption,
        ..Plan::default()
    };
    rejected(&key.make(), &["ceremony.freshness"]);
    let crossed = Plan {
        dealers: |dealers| dealers[2].ephemeral = dealers[0].encryption,
        ..Plan::default()
    };
    rejected(&crossed.make(), &["ceremony.freshness"]);
}

/// The constant terms of a position cancel.
#[test]
fn an_election_key_that_is_the_identity() {
    let made = Plan {
        dealers: |dealers: &mut Vec<Dealer>| {
            let sum = dealers[0].polynomials[2][0] + dealers[1].polynomials[2][0];
            dealers[2].polynomials[2][0] = -sum;
        },
        voters: vec![(0, 1, vec![])],
        ..Plan::default()
    };
    // The identity is in no entry, but nothing can be checked without the keys.
    let report = verify(&made.make().record());
    let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
    assert!(ids.contains(&"ceremony.keys"), "{ids:?}");
}

#[test]
fn a_complaint_about_oneself_or_without_proof() {
    for (at, value) in [(3, 3), (4 + 32 + 64, 1)] {
        let plan = Plan {
            complaint: true,
            ..Plan::default()
        };
        let made = changed(plan, Kind::Complain, 0, move |draft| {
            draft.body()[at] ^= value;
        });
        rejected(&made, &["ceremony.complaints"]);
    }
}

#[test]
fn a_certificate_of_another_ceremony_or_without_rehearsal() {
    for at in [2, 2 + 32 + 64] {
        let made = spoiled(Kind::Certify, 1, flip(at));
        rejected(&made, &["ceremony.certified"]);
    }
}

#[test]
fn an_opening_of_another_roll_or_ceremony() {
    for at in [0, 35, 36] {
        let made = spoiled(Kind::Open, 0, flip(at));
        rejected(&made, &["open.binding"]);
    }
}

#[test]
fn totals_that_could_exceed_their_bound() {
    let mut plan = Plan {
        manifest: crate::election::manifest_text()
            .replace(r#""max_per_option":3"#, r#""max_per_option":1048576"#),
        ..Plan::default()
    };
    for voter in [0, 1, 4] {
        plan.voters[voter].1 = u32::MAX;
        plan.voters[voter].2.clear();
    }
    rejected(&plan.make(), &["open.bounds"]);
}

#[test]
fn a_close_certified_with_another_size_or_root_or_by_too_few() {
    for at in [7, 8] {
        let made = spoiled(Kind::CertifyClose, 1, flip(at));
        rejected(&made, &["close.certified"]);
    }
    let made = Plan {
        certifiers: 2,
        ..Plan::default()
    }
    .make();
    rejected(
        &made,
        &[
            "entries.order",
            "close.certified",
            "shares.threshold",
            "result.totals",
            "result.present",
        ],
    );
}

/// The proof is of the true share; the share is another, as if D were left out of the challenge.
#[test]
fn a_wrong_share_among_enough_right_ones() {
    let made = Plan {
        share_error: Scalar::ONE,
        ..Plan::default()
    }
    .make();
    rejected(&made, &SHARES);
    let report = verify(&made.record());
    assert!(failed(&report)[0].1.contains("contest board"));
}

#[test]
fn a_wrong_share_among_too_few() {
    let made = Plan {
        share_error: Scalar::ONE,
        sharers: 2,
        ..Plan::default()
    }
    .make();
    rejected(&made, &NO_TALLY);
}

#[test]
fn fewer_shares_than_the_threshold() {
    let made = Plan {
        sharers: 1,
        ..Plan::default()
    }
    .make();
    rejected(
        &made,
        &[
            "entries.order",
            "shares.threshold",
            "result.totals",
            "result.present",
        ],
    );
}

#[test]
fn a_result_that_the_ballots_do_not_give() {
    // The number of ballots, one total, two totals exchanged, a total beyond its bound.
    for (at, bytes) in [
        (3, vec![5]),
        (12, vec![3]),
        (20, vec![3, 0, 0, 0, 0, 0, 0, 0, 2]),
        (5, vec![255; 8]),
    ] {
        let made = spoiled(Kind::Result, 0, put(at, &bytes));
        rejected(&made, &["result.totals"]);
    }
}

#[test]
fn totals_that_are_published_though_too_few_voted() {
    let manifest = crate::election::manifest_text()
        .replace(r#""minimum_ballots":2"#, r#""minimum_ballots":3"#);
    let plan = Plan {
        manifest,
        ..Plan::default()
    };
    let made = changed(plan, Kind::Result, 0, |draft| {
        let last = draft.unsigned.len() - 1;
        draft.unsigned[last] = 1;
        draft.unsigned.extend([0; 16]);
    });
    rejected(&made, &["result.totals"]);
}

#[test]
fn a_record_without_a_result() {
    let made = spoiled(Kind::Result, 0, |draft| draft.omit = true);
    rejected(&made, &["result.totals", "result.present"]);
}

/// A new check needs a fault that it alone is meant for.
#[test]
fn every_check_has_a_fault() {
    let sources = [include_str!("faults.rs"), include_str!("files.rs")].concat();
    for check in CheckId::ALL {
        let id = check.id();
        assert!(sources.contains(&format!("\"{id}\"")), "{id}");
    }
}
