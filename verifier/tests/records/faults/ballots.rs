//! Ballots.

use super::*;

/// Every element of a ballot: not canonical, negative, the identity. The ballot is skipped, so
/// that the voter's next one has a gap before it.
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
            rejected(&made, &[ELEMENTS, "ballots.counter", "ballots.previous"]);
        }
    }
}

/// A signature that does not decode is a part of the entry that does not decode.
#[test]
fn a_ballot_whose_signature_does_not_decode_is_skipped() {
    let mut entries = Plan::default().make().entries;
    let ballot = entries
        .iter()
        .position(|entry| entry[1] == Kind::Ballot as u8)
        .unwrap();
    let last = entries[ballot].len() - 1;
    entries[ballot][last] = 0xff;
    let report = verify(
        &Made {
            entries,
            ..Made::default()
        }
        .record(),
    );
    let failed: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
    // The close certifies the log as it was before.
    for id in ["entries.scalars", "ballots.counter"] {
        assert!(failed.contains(&id), "{failed:?}");
    }
    assert_eq!(report.election.unwrap().ballots, 6);
}

/// Nothing of a ballot that is skipped takes effect: the voter's ballot before it counts.
#[test]
fn a_last_ballot_that_does_not_decode_leaves_the_one_before() {
    let made = spoiled(Kind::Ballot, 6, put(38, &[0; 32]));
    let report = verify(&made.record());
    let election = report.election.as_ref().unwrap();
    assert_eq!((election.ballots, election.counted), (6, 4));
    let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
    assert!(!ids.iter().any(|id| id.starts_with("ballots.")), "{ids:?}");
    assert!(ids.contains(&ELEMENTS), "{ids:?}");
}

#[test]
fn scalars_of_a_ballot_that_are_not_reduced() {
    let responses = 38 + 32 * 13;
    // 3 options, the blank, a slack bit; 2·2 bits of points, 3 slack bits; z, z', zeta.
    for field in 0..15 {
        let made = spoiled(Kind::Ballot, 0, put(responses + 32 * field, &[255; 32]));
        rejected(
            &made,
            &["entries.scalars", "ballots.counter", "ballots.previous"],
        );
    }
}

#[test]
fn a_ballot_that_encrypts_what_it_does_not_prove() {
    for (lie, expected) in [
        (Lie::Value, &["ballots.values"][..]),
        (Lie::Nonce, &["ballots.nonce", "ballots.values"]),
        (Lie::Bit, &["ballots.bits"]),
    ] {
        let made = Plan {
            lie,
            ..Plan::default()
        }
        .make();
        rejected(&made, expected);
    }
}

/// Every part of the proof matters: each response, and each commitment replaced by another point.
#[test]
fn proofs_with_any_part_changed() {
    for field in 6..13 {
        let at = 38 + 32 * field;
        let made = spoiled(Kind::Ballot, 0, put(at, &element("other")));
        rejected_by_equations(&made);
    }
    for field in 13..28 {
        let made = spoiled(Kind::Ballot, 0, flip(38 + 32 * field));
        rejected_by_equations(&made);
    }
}

/// The checks of a ballot's proof.
const EQUATIONS: [&str; 5] = [
    "ballots.commitment",
    "ballots.bits",
    "ballots.nonce",
    "ballots.values",
    "ballots.limits",
];

fn rejected_by_equations(made: &Made) {
    let failed = failed(&verify(&made.record()));
    assert!(!failed.is_empty());
    assert!(
        failed.iter().all(|(id, _)| EQUATIONS.contains(id)),
        "{failed:?}"
    );
}

/// More than the contest's maximum: the constraint is what fails.
#[test]
fn a_broken_limit_is_found_by_its_constraint() {
    let made = spoiled(Kind::Ballot, 0, flip(38 + 32 * 13));
    let report = verify(&made.record());
    let check = report
        .checks
        .iter()
        .find(|check| check.id == "ballots.limits");
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
    let chain = ["ballots.credential", "ballots.counter", "ballots.previous"];
    rejected(&made, &[&chain[..], &EQUATIONS].concat());
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
    assert!(ids.contains(&"ballots.style"), "{ids:?}");
}

#[test]
fn counters_and_previous_codes_that_break_the_chain() {
    let counter = spoiled(Kind::Ballot, 0, flip(5));
    rejected(&counter, &[&["ballots.counter"][..], &EQUATIONS].concat());
    let previous = spoiled(Kind::Ballot, 5, flip(6));
    rejected(&previous, &[&["ballots.previous"][..], &EQUATIONS].concat());
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
    let report = verify(
        &Made {
            entries,
            ..Made::default()
        }
        .record(),
    );
    let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
    assert!(ids.contains(&"ballots.counter"), "{ids:?}");
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
    rejected(&made, &[&["ballots.unique"][..], &EQUATIONS].concat());
}

/// The limit keeps one voter from making everybody's work grow without end.
#[test]
fn a_hundred_and_first_ballot_of_a_voter() {
    let plan = |n| {
        let mut plan = Plan::default();
        let answers = vec![Answer::Values(vec![0, 1, 0])];
        plan.voters[3].2 = vec![answers; n];
        plan.make()
    };
    assert_eq!(failed(&verify(&plan(100).record())), []);
    rejected(&plan(101), &["ballots.number"]);
}
