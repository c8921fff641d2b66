//! Manifests with witnesses.

use super::super::*;
use super::witnessed;
use crate::{board, election::witnessed_manifest, faults::changed};

fn manifest(from: &'static str, to: &'static str) -> impl Fn() -> Made + 'static {
    move || {
        changed(witnessed(), Kind::Manifest, 0, move |draft| {
            let text = String::from_utf8(draft.unsigned[34..].to_vec()).unwrap();
            assert!(text.contains(from));
            draft.unsigned.truncate(34);
            draft.unsigned.extend(text.replacen(from, to, 1).bytes());
        })
    }
}

pub fn all() -> Vec<Forgery> {
    let needs_manifest = all_but(&[
        "record.files",
        "record.archive",
        "board.note",
        "board.entries",
        "board.root",
        "board.tiles",
    ]);
    let refused = |name: (&'static str, &'static str),
                   what: (&'static str, &'static str),
                   (from, to): (&'static str, &'static str)| {
        Forgery::of(name, what, manifest(from, to)).and(&needs_manifest)
    };
    vec![
        Forgery::of(
            ("quorum-too-small-for-its-witnesses", "manifest.quorum"),
            (
                "So few trustees and witnesses certify the close that two closes could be certified.",
                "A53; A55",
            ),
            || {
                let manifest =
                    witnessed_manifest().replace(r#""close_quorum":5"#, r#""close_quorum":4"#);
                Plan {
                    manifest,
                    ..witnessed()
                }
                .make()
            },
        ),
        refused(
            ("quorum-of-witnesses-alone", "manifest.rules"),
            (
                "The witnesses alone would be enough to certify a close.",
                "A53; A55",
            ),
            (r#""close_quorum":5"#, r#""close_quorum":3"#),
        ),
        refused(
            ("quorum-of-more-than-all", "manifest.rules"),
            (
                "More must certify the close than there are trustees and witnesses.",
                "A73",
            ),
            (r#""close_quorum":5"#, r#""close_quorum":7"#),
        ),
        refused(
            ("witnesses-without-quorum", "manifest.encoding"),
            (
                "The manifest names witnesses, but not how many must cosign.",
                "A72",
            ),
            (r#","witness_quorum":2"#, ""),
        ),
        Forgery::of(
            ("witness-quorum-without-witnesses", "manifest.encoding"),
            (
                "The manifest says how many witnesses must cosign, but names none.",
                "A72",
            ),
            || {
                changed(plan(), Kind::Manifest, 0, |draft| {
                    let text = String::from_utf8(draft.unsigned[34..].to_vec()).unwrap();
                    let from = r#""close_quorum":3"#;
                    let text = text.replacen(from, r#""close_quorum":3,"witness_quorum":1"#, 1);
                    draft.unsigned.truncate(34);
                    draft.unsigned.extend(text.bytes());
                })
            },
        )
        .and(&needs_manifest),
        refused(
            ("half-of-the-witnesses", "manifest.rules"),
            (
                "Half of the witnesses are enough, so the board can show each half another history.",
                "A53; A55",
            ),
            (r#""witness_quorum":2"#, r#""witness_quorum":1"#),
        ),
        refused(
            ("witness-with-a-space-in-its-name", "manifest.rules"),
            (
                "A witness's name has a space, so no note can carry its signature.",
                "A18",
            ),
            ("witness.example/2", "witness example/2"),
        ),
        refused(
            ("two-witnesses-of-one-name", "manifest.rules"),
            ("Two witnesses have the same name.", "A47"),
            ("witness.example/2", "witness.example/1"),
        ),
        Forgery::of(
            ("witness-with-the-key-of-the-board", "manifest.rules"),
            ("The board is named as a witness of itself.", "A47; A53"),
            || {
                let of =
                    |key: ed25519_dalek::SigningKey| hex::encode(key.verifying_key().to_bytes());
                let (from, to) = (of(board::witness_key(2)), of(board::board_key()));
                changed(witnessed(), Kind::Manifest, 0, move |draft| {
                    let text = String::from_utf8(draft.unsigned[34..].to_vec()).unwrap();
                    draft.unsigned.truncate(34);
                    draft.unsigned.extend(text.replacen(&from, &to, 1).bytes());
                })
            },
        )
        .and(&needs_manifest),
    ]
}
