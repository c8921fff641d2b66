//! Envelopes and places of entries.

use super::*;

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
    for (at, value, id) in [
        (0, 1, "entries.version"),
        (0, 2, "entries.version"),
        (0, 4, "entries.version"),
        (0, 0, "entries.version"),
        (1, 0, "entries.kind"),
        (1, 21, "entries.kind"),
    ] {
        let made = spoiled(Kind::Void, 0, move |draft| draft.unsigned[at] = value);
        rejected(&made, &[id]);
    }
}

#[test]
fn entries_that_are_too_short_or_too_long() {
    let short = spoiled(Kind::Void, 0, |draft| {
        draft.unsigned.pop();
    });
    rejected(&short, &[LENGTH]);
    let long = spoiled(Kind::Void, 0, |draft| draft.unsigned.push(0));
    rejected(&long, &[LENGTH]);
    let shares = spoiled(Kind::Shares, 2, |draft| draft.unsigned.push(0));
    rejected(&shares, &[LENGTH]);
    let result = spoiled(Kind::Result, 0, |draft| draft.unsigned.push(0));
    rejected(
        &result,
        &[
            LENGTH,
            "result.ballots",
            "result.withheld",
            "result.totals",
            "result.present",
        ],
    );
}

#[test]
fn malformed_elements_elsewhere() {
    for (kind, at, expected) in [
        (Kind::Void, 32, ELEMENTS),
        (Kind::Result, 12, "entries.fields"),
    ] {
        let made = spoiled(kind, 0, put(at, &[255; 1]));
        let report = verify(&made.record());
        assert!(
            failed(&report).iter().any(|(id, _)| *id == expected),
            "{kind:?}"
        );
    }
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
        let expected = match kind {
            Kind::Close => "entries.phase",
            _ => "entries.once",
        };
        assert!(ids.contains(&expected), "{kind:?}: {ids:?}");
    }
    let after = spoiled(Kind::Result, 0, |draft| draft.twice = true);
    rejected(&after, &["entries.phase"]);
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
        let report = verify(
            &Made {
                entries,
                ..Made::default()
            }
            .record(),
        );
        let ids: Vec<_> = failed(&report).into_iter().map(|(id, _)| id).collect();
        assert!(ids.contains(&"entries.phase"), "{ids:?}");
    }
}
