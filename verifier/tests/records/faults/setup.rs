//! Manifest, roll, key ceremony, opening.

use super::*;

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
        .find(|(id, _)| *id == "manifest.quorum")
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
    rejected(&gap, &["roll.sequence"]);
    let style = spoiled(Kind::Roll, 1, put(6 + 198, &[9, 9]));
    rejected(&style, &["roll.styles"]);
    let weight = spoiled(Kind::Roll, 1, put(6 + 198 + 2, &[0; 4]));
    rejected(&weight, &["roll.weights"]);
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
    rejected(&made, &["roll.credentials", "roll.parts"]);
}

/// A dishonest issuer makes a second voter from one honest part and another of its own.
#[test]
fn a_part_that_is_on_the_roll_twice() {
    for issuer in [0, 1] {
        let at = 6 + 96 * issuer;
        let mut part = Vec::new();
        let hook = move |draft: &mut Draft| {
            if draft.kind == Kind::Roll && draft.number == 0 {
                part = draft.body()[6 + at..6 + at + 96].to_vec();
            } else if draft.kind == Kind::Roll {
                let start = 6 + 198 + at;
                draft.body()[start..start + 96].copy_from_slice(&part);
            }
        };
        let made = Plan {
            hook: Box::new(hook),
            ..Plan::default()
        }
        .make();
        rejected(&made, &["roll.parts"]);
    }
}

/// Two issuers are free to have the same part: each is distinct among those of its issuer.
#[test]
fn the_same_part_of_two_issuers_is_allowed() {
    let made = spoiled(Kind::Roll, 1, |draft| {
        let part = Key::new("code 4 0");
        let uuid = hex::decode(crate::election::UUID).unwrap();
        let signature = part.sign(
            b"psephos v1 credential part\0",
            &[&uuid[..], &[0, 1]].concat(),
        );
        let at = 6 + 198 + 6 + 96;
        draft.body()[at..at + 32].copy_from_slice(&part.public);
        draft.body()[at + 32..at + 96].copy_from_slice(&signature);
    });
    assert_eq!(failed(&verify(&made.record())), []);
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
    rejected(&made, &["roll.credentials"]);
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
        // After it come two joint coefficients and the proof of possession.
        let last = draft.unsigned.len() - 32 - 2 * 48 - 96;
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

/// A key of an attempt that ended: a complaint opened what was sealed to it.
#[test]
fn an_encryption_key_or_ephemeral_of_an_earlier_attempt() {
    let again: [fn(&mut Vec<Dealer>); 2] = [
        |dealers| dealers[0].encryption = Dealer::new(1, 1, 6, 2).encryption,
        |dealers| dealers[2].ephemeral = Dealer::new(1, 1, 6, 2).encryption,
    ];
    for dealers in again {
        let plan = Plan {
            first_attempt: End::JustComplaint,
            dealers,
            ..Plan::default()
        };
        rejected(&plan.make(), &["ceremony.freshness"]);
    }
}

/// The ceremony ends with attempt 1,000: no session ever comes back.
#[test]
fn an_attempt_after_the_last() {
    let after = |abandoned| {
        let plan = Plan {
            abandoned,
            ..Plan::default()
        };
        verify(&plan.make().record())
    };
    assert_eq!(failed(&after(999)), []);
    let failed = failed(&after(1_000));
    let (_, reason) = failed
        .iter()
        .find(|(id, _)| *id == "ceremony.attempts")
        .unwrap();
    assert!(reason.contains("ended with attempt 1000"), "{reason}");
}

/// The constant terms of a position cancel.
#[test]
fn an_election_key_that_is_the_identity() {
    let made = Plan {
        dealers: |dealers: &mut Vec<Dealer>| {
            let sum = dealers[0].polynomials[2][0] + dealers[1].polynomials[2][0];
            dealers[2].polynomials[2][0] = -sum;
        },
        // Where nobody chooses the option, its ciphertext would be the identity.
        voters: [1, 2]
            .map(|weight| (1, weight, vec![vec![Answer::Values(vec![0, 0, 1])]]))
            .to_vec(),
        ..Plan::default()
    };
    // The identity is in no entry, and all that follows from it holds.
    rejected(&made.make(), &["ceremony.keys"]);
}

#[test]
fn a_complaint_about_oneself_or_without_proof() {
    for (at, value) in [(3, 3), (4 + 32 + 64, 1)] {
        let plan = Plan {
            first_attempt: End::JustComplaint,
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
    for (at, expected) in [(2, "ceremony.digest"), (98, "ceremony.rehearsal")] {
        let made = spoiled(Kind::Certify, 1, flip(at));
        rejected(&made, &[expected]);
    }
}

#[test]
fn an_opening_of_another_roll_or_ceremony() {
    for (at, expected) in [(0, "open.roll"), (35, "open.voters"), (36, "open.ceremony")] {
        let made = spoiled(Kind::Open, 0, flip(at));
        rejected(&made, &[expected]);
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
