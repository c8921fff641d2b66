//! Close, shares and result.

use super::*;
use crate::{
    election::manifest_text,
    faults::{flip, put},
};
use verifier::group::Scalar;

/// What needs a result.
const OF_RESULT: [&str; 4] = [
    "result.ballots",
    "result.withheld",
    "result.totals",
    "result.present",
];

pub fn all() -> Vec<Forgery> {
    let mut all = closes();
    all.extend(results());
    all
}

fn closes() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("close-of-another-size", "close.root"),
            (
                "A trustee certified a close after another number of entries.",
                "A53; A54",
            ),
            || spoiled(Kind::CertifyClose, 1, flip(7)),
        ),
        Forgery::of(
            ("close-of-another-root", "close.root"),
            (
                "A trustee certified the close of another history.",
                "A53; A54",
            ),
            || spoiled(Kind::CertifyClose, 1, flip(8)),
        ),
        Forgery::of(
            ("shares-before-the-quorum", "close.quorum"),
            (
                "A trustee gave shares before enough trustees had certified the close.",
                "A48; A53",
            ),
            || inserted(entry(Kind::Shares, 0), Kind::CertifyClose, 2),
        ),
        Forgery::of(
            ("close-without-a-quorum", "close.quorum"),
            (
                "Too few trustees certified the close, and the election ends there.",
                "A48; A53",
            ),
            || {
                Plan {
                    certifiers: 2,
                    sharers: 0,
                    ..plan()
                }
                .make()
            },
        )
        .and(&[&["shares.threshold"][..], &OF_RESULT].concat()),
        Forgery::of(
            ("wrong-share", "shares.proofs"),
            (
                "A share is not the one that its proof is about; enough others are right.",
                "A47",
            ),
            || {
                Plan {
                    share_error: Scalar::ONE,
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("wrong-share-of-too-few", "shares.proofs"),
            ("A share is wrong, and without it there are too few.", "A47"),
            || {
                Plan {
                    share_error: Scalar::ONE,
                    sharers: 2,
                    ..plan()
                }
                .make()
            },
        )
        .and(&["result.totals"]),
        Forgery::of(
            ("share-not-hashed", "shares.proofs"),
            (
                "A proof's challenge leaves the share out, and the share was worked out afterwards.",
                "A02; Haines, Lewis, Pereira, Teague 2020",
            ),
            || {
                Plan {
                    unhashed_share: true,
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("ballot-left-out-of-the-tally", "shares.proofs"),
            (
                "The trustees decrypted a sum that lacks one voter's ballot.",
                "A46; A61; Belenios 3.1",
            ),
            || {
                Plan {
                    left_out: Some(1),
                    ..plan()
                }
                .make()
            },
        )
        .and(&["result.ballots", "result.totals"]),
        Forgery::of(
            ("result-before-the-shares", "shares.threshold"),
            (
                "The organiser posted a result before enough trustees had given shares.",
                "A47; A49",
            ),
            || inserted(entry(Kind::Result, 0), Kind::Shares, 1),
        ),
        Forgery::of(
            ("too-few-shares", "shares.threshold"),
            (
                "Fewer trustees than the threshold gave shares, and the election ends there.",
                "A47",
            ),
            || {
                Plan {
                    sharers: 1,
                    hook: Box::new(|draft| draft.omit = draft.kind == Kind::Result),
                    ..plan()
                }
                .make()
            },
        )
        .and(&OF_RESULT),
    ]
}

fn results() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("wrong-number-of-ballots", "result.ballots"),
            (
                "The result names another number of ballots than count.",
                "A50; A61",
            ),
            || spoiled(Kind::Result, 0, put(3, &[5])),
        ),
        Forgery::of(
            ("totals-withheld-without-reason", "result.withheld"),
            (
                "The organiser keeps a contest's totals back though enough voters answered.",
                "A50",
            ),
            || {
                spoiled(Kind::Result, 0, |draft| {
                    // The second contest: ballots, weight, opened, two totals.
                    let opened = draft.unsigned.len() - 17;
                    draft.unsigned[opened] = 0;
                    draft.unsigned.truncate(opened + 1);
                })
            },
        ),
        Forgery::of(
            ("totals-of-too-few", "result.withheld"),
            (
                "Totals are published though fewer voters answered than the minimum.",
                "A52",
            ),
            || {
                let manifest =
                    manifest_text().replace(r#""minimum_ballots":2"#, r#""minimum_ballots":3"#);
                let plan = Plan { manifest, ..plan() };
                crate::faults::changed(plan, Kind::Result, 0, |draft| {
                    let last = draft.unsigned.len() - 1;
                    draft.unsigned[last] = 1;
                    draft.unsigned.extend([0; 16]);
                })
            },
        ),
        Forgery::of(
            ("wrong-total", "result.totals"),
            ("A total is one more than the ballots give.", "A50"),
            || spoiled(Kind::Result, 0, |draft| draft.body()[20] += 1),
        ),
        Forgery::of(
            ("totals-exchanged", "result.totals"),
            ("The totals of two options have changed places.", "A50"),
            || {
                spoiled(Kind::Result, 0, |draft| {
                    let body = draft.body();
                    let kept = body[13..21].to_vec();
                    body.copy_within(29..37, 13);
                    body[29..37].copy_from_slice(&kept);
                    assert_ne!(kept, body[13..21], "the totals differ");
                })
            },
        ),
        Forgery::of(
            ("total-beyond-its-bound", "result.totals"),
            (
                "A total is the largest number that there is room for.",
                "A22; A24",
            ),
            || spoiled(Kind::Result, 0, put(13, &[255; 8])),
        ),
        Forgery::of(
            ("no-result", "result.present"),
            ("The record ends without a result.", "A14"),
            || spoiled(Kind::Result, 0, |draft| draft.omit = true),
        )
        .and(&OF_RESULT),
    ]
}
