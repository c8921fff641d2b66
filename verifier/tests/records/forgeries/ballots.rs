//! Ballots and voids.

use super::*;
use crate::{
    ballots::{Answer, Cast, Lie},
    dice::Dice,
    faults::put,
    maker::voter_key,
};
use verifier::group::Scalar;

/// The plan with the first ballot false in one way.
fn lying(lie: Lie) -> impl Fn() -> Made + 'static {
    move || Plan { lie, ..plan() }.make()
}

/// The plan with another first ballot of voter 0, which is superseded later.
fn answered(board: Answer, budget: Answer) -> impl Fn() -> Made + 'static {
    move || {
        let mut plan = plan();
        plan.voters[0].2[0] = vec![board.clone(), budget.clone()];
        plan.make()
    }
}

/// The plan with ballots changed before they are sealed.
fn cast(change: fn(usize, &mut Cast<'_>)) -> impl Fn() -> Made + 'static {
    move || {
        Plan {
            casting: Box::new(change),
            ..plan()
        }
        .make()
    }
}

/// The first ballot with its body changed, and its voter's next one following it.
fn moved(change: impl Fn(&mut [u8]) + 'static) -> impl Fn() -> Made + 'static {
    let change = std::rc::Rc::new(change);
    move || {
        let change = change.clone();
        spoiled(Kind::Ballot, 0, move |draft| change(draft.body()))
    }
}

/// Exchanges two items of 32 bytes.
fn exchange(body: &mut [u8], one: usize, other: usize) {
    let kept = body[one..one + 32].to_vec();
    body.copy_within(other..other + 32, one);
    body[other..other + 32].copy_from_slice(&kept);
}

/// One voter with so many ballots.
pub fn many_ballots(count: usize) -> Made {
    let mut plan = plan();
    plan.voters[1].2 = vec![vec![super::values(&[0, 0, 1])]; count];
    plan.make()
}

pub fn all() -> Vec<Forgery> {
    let mut all = voters();
    all.extend(proofs());
    all.extend(copies());
    all.extend(voids());
    all
}

fn voters() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("ballot-of-a-stranger", "ballots.credential"),
            ("A ballot in perfect order is by somebody who is not on the roll.", "A35"),
            || {
                let mut plan = plan();
                plan.voters.push((1, 1, vec![vec![super::values(&[1, 0, 0])]]));
                Plan { unlisted: 1, ..plan }.make()
            },
        ),
        Forgery::of(
            ("ballot-of-another-style", "ballots.style"),
            ("A voter cast a ballot of another style than the roll gives.", "A35; A55"),
            cast(|voter, cast| {
                if voter == 0 && cast.counter == 1 {
                    cast.style = 1;
                }
            }),
        ),
        Forgery::of(
            ("counter-with-a-gap", "ballots.counter"),
            ("A voter's only ballot says that it is the second one: one is missing.", "A30; A54"),
            cast(|voter, cast| {
                if voter == 1 {
                    cast.counter = 2;
                }
            }),
        ),
        Forgery::of(
            ("previous-ballot-denied", "ballots.previous"),
            ("A voter's second ballot does not name the first one.", "A30; Baloglu, Bursuc, Mauw, Pang 2021"),
            cast(|voter, cast| {
                if voter == 0 && cast.counter == 2 {
                    cast.previous = &[9; 32];
                }
            }),
        ),
        Forgery::of(
            ("a-hundred-and-one-ballots", "ballots.number"),
            ("One voter cast more ballots than the limit, to make everybody's work grow.", "A70"),
            || many_ballots(101),
        ),
        Forgery::of(
            ("one-nonce-twice", "ballots.unique"),
            ("Two voters used one nonce, so their ciphertexts show whether they agree.", "A11; A32; Küsters, Truderung, Vogt 2012"),
            cast(|voter, cast| {
                if voter == 1 || voter == 2 {
                    cast.nonce = Some(Dice::new("reused").scalar());
                }
            }),
        ),
        Forgery::of(
            ("challenged-ballot-cast", "ballots.voided"),
            ("A voter cast a ballot that it had challenged and opened.", "A58; Benaloh 2007"),
            || {
                let alpha = entry(Kind::Ballot, 0)[104..136].to_vec();
                spoiled(Kind::Void, 0, put(32, &alpha))
            },
        ),
        Forgery::of(
            ("own-ballots-reordered", "ballots.counter"),
            ("The board shows a voter's second ballot before the first: the older one would count.", "A30; A31"),
            || {
                let mut entries = plan().make().entries;
                let first = entries.iter().position(|e| e[1] == Kind::Ballot as u8).unwrap();
                entries.swap(first, first + 1);
                Made {
 entries, ..Made::default() }
            },
        )
        .and(&[
            "ballots.previous",
            "close.root",
            "shares.proofs",
            "result.totals",
        ]),
        Forgery::of(
            ("old-ballot-again", "ballots.counter"),
            ("The board shows a voter's first ballot once more after the second.", "A30; Belenios 1.19"),
            || inserted(entry(Kind::Ballot, 0), Kind::Ballot, 2),
        )
        .and(&["ballots.previous", "ballots.unique", "result.totals"]),
    ]
}

fn proofs() -> Vec<Forgery> {
    let half = Scalar::from(2_u8).invert();
    vec![
        Forgery::of(
            ("weak-fiat-shamir", "ballots.bits"),
            ("A ballot gives an option 1,000; its proof holds where the challenge hashes the prover's masks alone.", "A01; Bernhard, Pereira, Warinschi 2012"),
            lying(Lie::Weak),
        )
        .and(&EQUATIONS),
        Forgery::of(
            ("commitment-not-opened", "ballots.commitment"),
            (
                "The responses of a proof do not open its commitment.",
                "A07; A13",
            ),
            lying(Lie::Response(0, Scalar::ONE)),
        ),
        Forgery::of(
            ("opposite-errors", "ballots.commitment"),
            (
                "Two proofs have opposite errors, which cancel where a batch has no weights.",
                "A12",
            ),
            cast(|voter, cast| match (voter, cast.counter) {
                (0, 1) => cast.lie = Lie::Response(0, Scalar::ONE),
                (0, 2) => cast.lie = Lie::Response(0, -Scalar::ONE),
                _ => {}
            }),
        ),
        Forgery::of(
            ("two-votes-minus-one", "ballots.bits"),
            (
                "A ballot gives an option 2 and takes 1 from another: the sum is legal.",
                "A21",
            ),
            lying(Lie::Bit),
        ),
        Forgery::of(
            ("plus-five-minus-four", "ballots.bits"),
            (
                "A ballot gives an option 5 and takes 4 from another: the sum is legal.",
                "A21; A22",
            ),
            lying(Lie::Instead(Scalar::from(5_u8))),
        ),
        Forgery::of(
            ("half-a-vote", "ballots.bits"),
            (
                "A ballot gives options the inverse of 2 modulo the order: two halves make one.",
                "A21",
            ),
            lying(Lie::Instead(half)),
        ),
        Forgery::of(
            ("bits-not-opened", "ballots.bits"),
            ("The response for the products of a proof is off.", "A07"),
            lying(Lie::Response(1, Scalar::ONE)),
        ),
        Forgery::of(
            ("alpha-of-another-nonce", "ballots.nonce"),
            (
                "A ballot's alpha has another nonce than its ciphertexts: the total could not be read.",
                "A13; A24",
            ),
            lying(Lie::Alpha),
        ),
        Forgery::of(
            ("encrypts-more-than-it-proves", "ballots.values"),
            (
                "A ballot encrypts one more than the values that its proof is about.",
                "A13; A21",
            ),
            lying(Lie::Value),
        ),
        Forgery::of(
            ("proof-of-another-nonce", "ballots.nonce"),
            (
                "A ballot's proof is about another nonce than its ciphertexts have.",
                "A13",
            ),
            lying(Lie::Nonce),
        )
        .and(&["ballots.values"]),
        Forgery::of(
            ("overvote", "ballots.limits"),
            (
                "A ballot chooses three options where two are allowed.",
                "A21; A23",
            ),
            answered(super::values(&[1, 1, 1]), super::values(&[3, 1])),
        ),
        Forgery::of(
            ("undervote", "ballots.limits"),
            ("A ballot chooses no option where one is demanded.", "A23"),
            answered(super::values(&[0, 0, 0]), super::values(&[3, 1])),
        ),
        Forgery::of(
            ("blank-and-a-choice", "ballots.limits"),
            ("A ballot is blank and chooses an option.", "A23"),
            answered(Answer::BlankWith(vec![1, 0, 0]), super::values(&[3, 1])),
        ),
        Forgery::of(
            ("points-beyond-the-sum", "ballots.limits"),
            (
                "A ballot gives more points than the contest allows together.",
                "A21; A23",
            ),
            answered(super::values(&[0, 1, 1]), super::values(&[3, 3])),
        ),
    ]
}

fn copies() -> Vec<Forgery> {
    let copy = || {
        let copied = entry(Kind::Ballot, 0)[66..].to_vec();
        let length = copied.len() - 64;
        spoiled(Kind::Ballot, 3, move |draft| {
            draft.body().copy_from_slice(&copied[..length])
        })
    };
    let alpha = 38;
    let beta = |position: usize| 70 + 32 * position;
    let response = |coordinate: usize| 454 + 32 * coordinate;
    let others = [
        "ballots.commitment",
        "ballots.bits",
        "ballots.nonce",
        "ballots.limits",
    ];
    vec![
        Forgery::of(
            ("copied-ballot", "ballots.unique"),
            (
                "A voter posts the ciphertexts and the proof of another one.",
                "A27; Cortier, Smyth 2013",
            ),
            copy,
        )
        .and(&[&EQUATIONS[..], &["result.totals"]].concat()),
        Forgery::of(
            ("options-permuted", "ballots.values"),
            (
                "Two options of a ballot change places, with their responses.",
                "A09; A28",
            ),
            moved(move |body| {
                exchange(body, beta(0), beta(1));
                exchange(body, response(0), response(1));
            }),
        )
        .and(&others),
        Forgery::of(
            ("re-encrypted-copy", "ballots.values"),
            (
                "A ballot's alpha and first ciphertext are shifted, its proof is kept.",
                "A28",
            ),
            moved(move |body| {
                for at in [alpha, beta(0)] {
                    let point = crate::dice::shifted(&body[at..at + 32]);
                    body[at..at + 32].copy_from_slice(&point);
                }
            }),
        )
        .and(&others),
        Forgery::of(
            ("proof-of-another-election", "ballots.values"),
            (
                "A ballot of another election is posted under this one's scope.",
                "A09; A29",
            ),
            || {
                let manifest = crate::election::manifest_text().replace("Club election", "Other");
                let other = Plan { manifest, ..plan() }.make().entries;
                let ballot = other.iter().find(|e| e[1] == Kind::Ballot as u8).unwrap();
                let body = ballot[66..ballot.len() - 64].to_vec();
                spoiled(Kind::Ballot, 0, move |draft| {
                    draft.body().copy_from_slice(&body)
                })
            },
        )
        .and(&others),
    ]
}

fn voids() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("void-of-a-stranger", "voids.credential"),
            ("A void is by somebody who is not on the roll.", "A35"),
            || {
                spoiled(Kind::Void, 0, |draft| {
                    draft.signer = Key::new("stranger");
                    let public = draft.signer.public;
                    draft.unsigned[34..66].copy_from_slice(&public);
                })
            },
        ),
        Forgery::of(
            ("void-of-a-cast-ballot", "voids.unique"),
            (
                "A ballot was challenged after it had been cast: it would be a proof of the vote.",
                "A58; Helios issue 297",
            ),
            || {
                let void = resigned(Kind::Void, 0, &voter_key(0, 2), |unsigned| {
                    let alpha = entry(Kind::Ballot, 0)[104..136].to_vec();
                    unsigned[98..130].copy_from_slice(&alpha);
                });
                inserted(void, Kind::Ballot, 2)
            },
        ),
        Forgery::of(
            ("void-given-twice", "voids.unique"),
            ("A voter voids the same ballot twice.", "A27"),
            || spoiled(Kind::Void, 0, |draft| draft.twice = true),
        ),
        Forgery::of(
            ("a-hundred-and-one-voids", "voids.number"),
            (
                "One voter voided more ballots than the limit, to make everybody's work grow.",
                "A70",
            ),
            || {
                Plan {
                    voids_each: 101,
                    ..plan()
                }
                .make()
            },
        ),
    ]
}
