//! Close, shares, result.

use super::*;

#[test]
fn a_close_certified_with_another_size_or_root_or_by_too_few() {
    for at in [7, 8] {
        let made = spoiled(Kind::CertifyClose, 1, flip(at));
        rejected(&made, &["close.root"]);
    }
    let made = Plan {
        certifiers: 2,
        ..Plan::default()
    }
    .make();
    rejected(
        &made,
        &[
            "close.quorum",
            "shares.threshold",
            "result.ballots",
            "result.withheld",
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
    rejected(&made, &["shares.proofs"]);
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
    rejected(&made, &["shares.proofs", "result.totals"]);
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
            "shares.threshold",
            "result.ballots",
            "result.withheld",
            "result.totals",
            "result.present",
        ],
    );
}

/// Shares that do not decode are skipped, so they are not among those that a result needs.
#[test]
fn malformed_shares_do_not_count() {
    let plan = Plan {
        sharers: 2,
        ..Plan::default()
    };
    let made = changed(plan, Kind::Shares, 0, put(0, &[255; 32]));
    rejected(
        &made,
        &[
            ELEMENTS,
            "shares.threshold",
            "result.ballots",
            "result.withheld",
            "result.totals",
            "result.present",
        ],
    );
}

/// A trustee whose shares did not decode has not given any yet.
#[test]
fn good_shares_after_malformed_ones_of_the_same_trustee() {
    let malformed = spoiled(Kind::Shares, 0, |draft| draft.unsigned.push(0)).entries;
    let mut entries = Plan::default().make().entries;
    let at = entries
        .iter()
        .position(|entry| entry[1] == Kind::Shares as u8)
        .unwrap();
    entries.insert(at, malformed[at].clone());
    rejected(
        &Made {
            entries,
            ..Made::default()
        },
        &[LENGTH],
    );
}

#[test]
fn a_result_that_the_ballots_do_not_give() {
    // The number of ballots, one total, two totals exchanged, a total beyond its bound.
    for (at, bytes, expected) in [
        (3, vec![5], "result.ballots"),
        (20, vec![3], "result.totals"),
        (28, vec![3, 0, 0, 0, 0, 0, 0, 0, 2], "result.totals"),
        (13, vec![255; 8], "result.totals"),
    ] {
        let made = spoiled(Kind::Result, 0, put(at, &bytes));
        rejected(&made, &[expected]);
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
    rejected(&made, &["result.withheld"]);
}

#[test]
fn a_record_without_a_result() {
    let made = spoiled(Kind::Result, 0, |draft| draft.omit = true);
    rejected(
        &made,
        &[
            "result.ballots",
            "result.withheld",
            "result.totals",
            "result.present",
        ],
    );
}
