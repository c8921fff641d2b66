//! The key ceremony.

use super::*;
use crate::{
    ceremony::Dealer,
    election::{End, trustee_key},
    faults::flip,
};

fn dealt(dealers: fn(&mut Vec<Dealer>)) -> impl Fn() -> Made + 'static {
    move || Plan { dealers, ..plan() }.make()
}

fn complaint(at: usize, bits: u8) -> impl Fn() -> Made + 'static {
    move || {
        let plan = Plan {
            first_attempt: End::JustComplaint,
            ..plan()
        };
        crate::faults::changed(plan, Kind::Complain, 0, move |draft| {
            draft.body()[at] ^= bits
        })
    }
}

/// Flips a bit of the response of the last reveal's proof.
fn without_knowledge(draft: &mut Draft) {
    if draft.kind == Kind::Reveal && draft.number == 2 {
        // After it come two joint coefficients and the proof of possession.
        let last = draft.unsigned.len() - 32 - 2 * 48 - 96;
        draft.unsigned[last] ^= 1;
    }
}

pub fn all() -> Vec<Forgery> {
    let mut all = rounds();
    all.extend(values());
    all
}

fn rounds() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("begun-without-a-trustee", "ceremony.registered"),
            (
                "The ceremony began before all trustees had registered.",
                "A43; SIV issue 86",
            ),
            || inserted(entry(Kind::Commit, 0), Kind::Register, 2),
        ),
        Forgery::of(
            ("message-of-another-attempt", "ceremony.attempts"),
            (
                "A commitment is for an attempt that has not begun.",
                "A39; A73",
            ),
            || {
                let commit = resigned(Kind::Commit, 0, &trustee_key(1), |unsigned| {
                    unsigned[37] = 2
                });
                inserted(commit, Kind::Commit, 0)
            },
        ),
        Forgery::of(
            ("rushed-reveal", "ceremony.rounds"),
            (
                "A trustee revealed before all had committed, so that the last one could choose.",
                "A42; Gennaro, Jarecki, Krawczyk, Rabin 2007",
            ),
            || inserted(entry(Kind::Reveal, 0), Kind::Commit, 2),
        ),
        Forgery::of(
            ("complaint-after-the-certificate", "ceremony.rounds"),
            (
                "A trustee complains about shares that it had certified.",
                "A41",
            ),
            || {
                let ended = Plan {
                    first_attempt: End::JustComplaint,
                    ..plan()
                }
                .make();
                let complaint = ended.entries.iter().find(|e| e[1] == Kind::Complain as u8);
                inserted(complaint.unwrap().clone(), Kind::Certify, 2)
            },
        ),
        Forgery::of(
            ("nothing-to-abandon", "ceremony.rounds"),
            (
                "A trustee abandons an attempt in which nobody has committed.",
                "A73",
            ),
            || {
                let abandon = resigned(Kind::Commit, 0, &trustee_key(1), |unsigned| {
                    unsigned[1] = Kind::Abandon as u8;
                    unsigned.truncate(38);
                });
                inserted(abandon, Kind::Commit, 0)
            },
        ),
        Forgery::of(
            ("opened-without-a-certificate", "ceremony.everybody"),
            (
                "The election was opened before all trustees had certified the keys.",
                "A43",
            ),
            || inserted(entry(Kind::Open, 0), Kind::Certify, 2),
        ),
        Forgery::of(
            ("complaint-about-oneself", "ceremony.complaints"),
            ("A trustee complains about itself.", "A41"),
            complaint(3, 3),
        ),
        Forgery::of(
            ("complaint-without-proof", "ceremony.complaints"),
            (
                "A complaint does not prove that the revealed point is the right one.",
                "A41",
            ),
            complaint(4 + 32 + 64, 1),
        ),
    ]
}

fn values() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("changed-after-the-commitment", "ceremony.commitments"),
            (
                "A trustee revealed other values than it had committed to.",
                "A42",
            ),
            || spoiled(Kind::Commit, 2, flip(2)),
        ),
        Forgery::of(
            ("rogue-key", "ceremony.proofs"),
            (
                "The last trustee chose its part as the difference to a key of its own, and cannot prove that it knows it.",
                "A38",
            ),
            || {
                let dealers: fn(&mut Vec<Dealer>) = |dealers| {
                    let others = dealers[0].polynomials[0][0] + dealers[1].polynomials[0][0];
                    dealers[2].polynomials[0][0] -= others;
                };
                Plan {
                    dealers,
                    hook: Box::new(without_knowledge),
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("copied-reveal", "ceremony.proofs"),
            (
                "A trustee revealed the values and the proof of another one.",
                "A44",
            ),
            dealt(|dealers| dealers[2] = dealers[0].clone()),
        )
        .and(&[
            "ceremony.commitments",
            "ceremony.possession",
            "ceremony.freshness",
        ]),
        Forgery::of(
            ("copied-encryption-key", "ceremony.freshness"),
            ("Two trustees have one key for sealed shares.", "A44"),
            dealt(|dealers| dealers[1].encryption = dealers[0].encryption),
        ),
        Forgery::of(
            ("key-of-an-earlier-attempt", "ceremony.freshness"),
            (
                "A trustee used a key again that a complaint of an earlier attempt had opened.",
                "A41; A44",
            ),
            || {
                let dealers: fn(&mut Vec<Dealer>) =
                    |dealers| dealers[0].encryption = Dealer::new(1, 1, 6, 2).encryption;
                Plan {
                    first_attempt: End::JustComplaint,
                    dealers,
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("identity-as-election-key", "ceremony.keys"),
            (
                "The parts of an election key cancel: what is encrypted to it is in the clear.",
                "A17",
            ),
            || {
                let dealers: fn(&mut Vec<Dealer>) = |dealers| {
                    let sum = dealers[0].polynomials[2][0] + dealers[1].polynomials[2][0];
                    dealers[2].polynomials[2][0] = -sum;
                };
                // Where nobody chooses the option, its ciphertext would be the identity.
                let voter = |weight| (1, weight, vec![vec![super::values(&[0, 0, 1])]]);
                Plan {
                    dealers,
                    voters: vec![voter(1), voter(2)],
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("certificate-of-another-ceremony", "ceremony.digest"),
            (
                "A trustee certified another ceremony than the one on the board.",
                "A43",
            ),
            || spoiled(Kind::Certify, 1, flip(2)),
        ),
        Forgery::of(
            ("certificate-without-rehearsal", "ceremony.rehearsal"),
            (
                "A trustee certified the keys without showing that it can decrypt with its share.",
                "A41",
            ),
            || spoiled(Kind::Certify, 1, flip(2 + 32 + 64)),
        ),
    ]
}
