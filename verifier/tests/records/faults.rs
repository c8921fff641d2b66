//! One fault at a time in an otherwise sound record. Everything around the fault is signed and
//! hashed anew, so that only the check meant for it can find it. Every check has a fault here or
//! in `files`.

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
use verifier::{
    entry::Kind,
    group::Scalar,
    report::{CheckId, Decision},
};

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

pub const ENCODING: &str = "entries.encoding";

/// A new check needs a fault that it alone is meant for.
#[test]
fn every_check_has_a_fault() {
    let sources = [
        include_str!("faults/ballots.rs"),
        include_str!("faults/entries.rs"),
        include_str!("faults/setup.rs"),
        include_str!("faults/tally.rs"),
        include_str!("faults/voids.rs"),
        include_str!("faults.rs"),
        include_str!("files.rs"),
    ]
    .concat();
    for check in CheckId::ALL {
        let id = check.id();
        assert!(sources.contains(&format!("\"{id}\"")), "{id}");
    }
}
