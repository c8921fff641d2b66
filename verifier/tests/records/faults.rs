//! One fault at a time in an otherwise sound record. Everything around the fault is signed and
//! hashed anew, so that only the checks meant for it can find it.

mod ballots;
mod entries;
mod setup;
mod tally;
mod voids;

use crate::{
    ballots::{Answer, Lie},
    ceremony::Dealer,
    dice::Key,
    election::{Draft, End, Made, Plan},
    sound::{failed, verify},
};
use verifier::{entry::Kind, group::Scalar, report::Decision};

/// A record whose entry `number` of a kind is spoiled before it is signed.
pub fn spoiled(kind: Kind, number: usize, spoil: impl Fn(&mut Draft) + 'static) -> Made {
    changed(Plan::default(), kind, number, spoil)
}

pub fn changed(
    plan: Plan,
    kind: Kind,
    number: usize,
    spoil: impl Fn(&mut Draft) + 'static,
) -> Made {
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
pub fn rejected(made: &Made, expected: &[&str]) {
    let report = verify(&made.record());
    assert_eq!(report.verdict, Decision::Rejected);
    let failed = failed(&report);
    let ids: Vec<&str> = failed.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, expected, "{failed:#?}");
}

/// Flips the lowest bit of a byte of the body.
pub fn flip(at: usize) -> impl Fn(&mut Draft) + 'static {
    move |draft| draft.body()[at] ^= 1
}

/// Overwrites the body from `at` on.
pub fn put(at: usize, bytes: &[u8]) -> impl Fn(&mut Draft) + 'static {
    let bytes = bytes.to_vec();
    move |draft| draft.body()[at..at + bytes.len()].copy_from_slice(&bytes)
}

pub fn element(name: &str) -> [u8; 32] {
    Key::new(name).public
}

pub const ELEMENTS: &str = "entries.elements";
pub const LENGTH: &str = "entries.length";
