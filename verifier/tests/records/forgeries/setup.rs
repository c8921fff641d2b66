//! Manifest, roll and opening.

use super::*;
use crate::{
    election::{UUID, manifest_text},
    faults::{flip, put},
};
use verifier::group::Scalar;

/// Where the one voter of the second part of the roll has its style, and where its parts begin.
const STYLE: usize = 6;
const PARTS: usize = 12;

/// The sound record with the text of its manifest changed, and nothing else.
fn manifest(from: &'static str, to: &'static str) -> impl Fn() -> Made + 'static {
    move || {
        spoiled(Kind::Manifest, 0, move |draft| {
            let text = String::from_utf8(draft.unsigned[34..].to_vec()).unwrap();
            assert!(text.contains(from));
            draft.unsigned.truncate(34);
            draft.unsigned.extend(text.replacen(from, to, 1).bytes());
        })
    }
}

fn code(voter: usize, issuer: usize) -> Scalar {
    Key::new(format!("code {voter} {issuer}")).secret
}

/// The last voter with these secrets of its two parts.
fn parts(secrets: [Scalar; 2]) -> Made {
    spoiled(Kind::Roll, 1, move |draft| {
        for (issuer, secret) in secrets.into_iter().enumerate() {
            let part = Key::of(secret);
            let message = [&hex::decode(UUID).unwrap()[..], &[0, issuer as u8]].concat();
            let proof = part.sign(b"psephos v1 credential part\0", &message);
            let at = PARTS + 96 * issuer;
            draft.body()[at..at + 32].copy_from_slice(&part.public);
            draft.body()[at + 32..at + 96].copy_from_slice(&proof);
        }
    })
}

pub fn all() -> Vec<Forgery> {
    let judged = [
        "record.files",
        "record.archive",
        "board.note",
        "board.entries",
        "board.root",
        "board.tiles",
    ];
    let needs_manifest = all_but(&judged);
    let mut all = vec![
        Forgery::of(
            ("duplicate-member", "manifest.encoding"),
            (
                "The manifest has a member twice, so that readers may differ on it.",
                "A18",
            ),
            manifest("\"threshold\":2", "\"threshold\":1,\"threshold\":2"),
        )
        .and(&needs_manifest),
        Forgery::of(
            ("unknown-member", "manifest.encoding"),
            (
                "The manifest has a member that nobody knows.",
                "A03; A18; A72",
            ),
            manifest("\"psephos\":3", "\"psephos\":3,\"generator\":\"00\""),
        )
        .and(&needs_manifest),
        Forgery::of(
            ("protocol-1", "manifest.rules"),
            (
                "The manifest is of another version of the protocol.",
                "A03; A19; A72",
            ),
            manifest("\"psephos\":3", "\"psephos\":1"),
        )
        .and(&needs_manifest),
        Forgery::of(
            ("options-in-an-unknown-order", "manifest.rules"),
            (
                "The options of a contest are to be listed in an order that is not known.",
                "A72",
            ),
            manifest("\"blank\":", "\"order\":\"sorted\",\"blank\":"),
        )
        .and(&needs_manifest),
        Forgery::of(
            ("closes-before-it-opens", "manifest.rules"),
            ("The election closes before it opens.", "A33"),
            manifest("2026-11-08T20:00:00Z", "2026-10-08T20:00:00Z"),
        )
        .and(&needs_manifest),
        Forgery::of(
            ("one-trustee-twice", "manifest.rules"),
            ("Two trustees have one name.", "A43"),
            manifest("\"Trustee 2\"", "\"Trustee 1\""),
        )
        .and(&needs_manifest),
        Forgery::of(
            ("small-quorum", "manifest.quorum"),
            (
                "So few trustees certify a close that two closes could be certified.",
                "A48; A53",
            ),
            || {
                let manifest = manifest_text().replace("\"close_quorum\":3", "\"close_quorum\":2");
                Plan { manifest, ..plan() }.make()
            },
        ),
    ];
    all.extend(roll());
    all.extend(opening());
    all
}

fn roll() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("gap-in-the-roll", "roll.sequence"),
            (
                "A part of the roll says that more voters come before it than do.",
                "A35; A73",
            ),
            || spoiled(Kind::Roll, 1, flip(3)),
        ),
        Forgery::of(
            ("voter-of-no-style", "roll.styles"),
            (
                "A voter has a style that the manifest does not have.",
                "A06",
            ),
            || spoiled(Kind::Roll, 1, put(STYLE, &[9, 9])),
        ),
        Forgery::of(
            ("weight-0", "roll.weights"),
            ("A voter has the weight 0.", "A37"),
            || spoiled(Kind::Roll, 1, put(STYLE + 2, &[0; 4])),
        ),
        Forgery::of(
            ("duplicate-credential", "roll.credentials"),
            (
                "Two voters have one credential, from different parts.",
                "A35; Belenios 2.0",
            ),
            || parts([code(0, 0) + Scalar::ONE, code(0, 1) - Scalar::ONE]),
        ),
        Forgery::of(
            ("identity-as-credential", "roll.credentials"),
            (
                "An issuer chose its part as the difference to another's: the credential is the identity.",
                "A17; A38",
            ),
            || parts([code(3, 0), -code(3, 0)]),
        ),
        Forgery::of(
            ("duplicate-part", "roll.parts"),
            (
                "A dishonest issuer made a second voter from one honest part and one of its own.",
                "A35",
            ),
            || parts([code(0, 0), code(3, 1)]),
        ),
        Forgery::of(
            ("duplicate-voter", "roll.credentials"),
            ("A voter is on the roll twice, in the same bytes.", "A35"),
            || parts([code(0, 0), code(0, 1)]),
        )
        .and(&["roll.parts"]),
        Forgery::of(
            ("part-without-possession", "roll.possession"),
            (
                "An issuer does not prove that it knows the secret of its part.",
                "A38",
            ),
            || spoiled(Kind::Roll, 1, flip(PARTS + 96 + 64)),
        ),
    ]
}

fn opening() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("opening-of-another-roll", "open.roll"),
            (
                "The opening names another roll than the one on the board.",
                "A36",
            ),
            || spoiled(Kind::Open, 0, flip(0)),
        ),
        Forgery::of(
            ("opening-for-more-voters", "open.voters"),
            ("The opening names another number of voters.", "A35"),
            || spoiled(Kind::Open, 0, flip(35)),
        ),
        Forgery::of(
            ("opened-without-voters", "open.voters"),
            (
                "The election was opened before anybody was on the roll.",
                "A35; A73",
            ),
            || {
                Plan {
                    late_roll: true,
                    insert: vec![(Kind::Roll, 0, entry(Kind::Open, 0))],
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("opening-of-another-ceremony", "open.ceremony"),
            ("The opening names another key ceremony.", "A43"),
            || spoiled(Kind::Open, 0, flip(36)),
        ),
        Forgery::of(
            ("unbounded-totals", "open.bounds"),
            (
                "A voter's weight is so large that a total could not be read.",
                "A22; A24; A37",
            ),
            || {
                let mut plan = plan();
                plan.manifest =
                    manifest_text().replace(r#""max_per_option":3"#, r#""max_per_option":1048576"#);
                plan.voters[2].1 = 1 << 29;
                plan.make()
            },
        ),
    ]
}
