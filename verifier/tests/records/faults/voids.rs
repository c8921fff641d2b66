//! Voids: what they forbid, and to whom.

use super::*;
use crate::maker::voter_key;

/// Two voters void one ballot each; the hook may change what they void.
fn two_voids(hook: impl FnMut(&mut Draft) + 'static) -> Made {
    Plan {
        voids: 2,
        hook: Box::new(hook),
        ..Plan::default()
    }
    .make()
}

fn accepted(made: &Made) {
    assert_eq!(failed(&verify(&made.record())), []);
}

/// The alpha of the first ballot of the default plan, whose dice fall the same way every time.
fn first_alpha() -> [u8; 32] {
    let made = Plan::default().make();
    let ballot = made
        .entries
        .iter()
        .find(|entry| entry[1] == Kind::Ballot as u8);
    ballot.unwrap()[104..136].try_into().unwrap()
}

#[test]
fn a_void_of_somebody_who_is_not_on_the_roll() {
    let made = spoiled(Kind::Void, 0, |draft| {
        draft.signer = Key::new("stranger");
        let public = draft.signer.public;
        draft.unsigned[34..66].copy_from_slice(&public);
    });
    rejected(&made, &["voids.credential"]);
}

#[test]
fn a_ballot_that_its_voter_voided_before() {
    let alpha = first_alpha();
    rejected(
        &spoiled(Kind::Void, 0, put(32, &alpha)),
        &["ballots.voided"],
    );
}

/// Somebody sees a ballot before it is on the board, and voids it first.
#[test]
fn a_void_censors_nobody_else() {
    let alpha = first_alpha();
    let made = spoiled(Kind::Void, 0, move |draft| {
        draft.signer = voter_key(1, 2);
        let public = draft.signer.public;
        draft.unsigned[34..66].copy_from_slice(&public);
        draft.body()[32..64].copy_from_slice(&alpha);
    });
    accepted(&made);
}

#[test]
fn a_void_of_what_was_cast_by_its_voter_or_another() {
    for caster in [0, 1] {
        let mut cast = [0; 32];
        let made = two_voids(move |draft| {
            if draft.kind == Kind::Ballot && draft.number == 0 {
                cast.copy_from_slice(&draft.body()[38..70]);
            } else if draft.kind == Kind::Void && draft.number == 1 {
                draft.signer = voter_key(caster, 2);
                let public = draft.signer.public;
                draft.unsigned[34..66].copy_from_slice(&public);
                draft.body()[32..64].copy_from_slice(&cast);
            }
        });
        rejected(&made, &["voids.unique"]);
    }
}

#[test]
fn the_same_void_twice_by_one_voter_but_not_by_two() {
    rejected(
        &spoiled(Kind::Void, 0, |draft| draft.twice = true),
        &["voids.unique"],
    );
    let mut voided = [0; 32];
    let made = two_voids(move |draft| {
        if draft.kind == Kind::Void && draft.number == 0 {
            voided.copy_from_slice(&draft.body()[32..64]);
        } else if draft.kind == Kind::Void {
            draft.body()[32..64].copy_from_slice(&voided);
        }
    });
    accepted(&made);
}

#[test]
fn a_hundred_and_first_void_of_a_voter() {
    let made = |voids_each| {
        Plan {
            voids_each,
            ..Plan::default()
        }
        .make()
    };
    accepted(&made(100));
    rejected(&made(101), &["voids.number"]);
}

/// A void that does not decode is skipped: it forbids nothing.
#[test]
fn a_malformed_void_forbids_nothing() {
    let alpha = first_alpha();
    let made = spoiled(Kind::Void, 0, move |draft| {
        draft.body()[32..64].copy_from_slice(&alpha);
        draft.unsigned.push(0);
    });
    rejected(&made, &[LENGTH]);
    let made = spoiled(Kind::Void, 0, put(32, &[255; 32]));
    rejected(&made, &[ELEMENTS]);
}
