//! Witnesses: in the manifest, on the checkpoint, and as certifiers of the close.

mod manifests;

use super::*;
use crate::{
    board,
    election::{ORIGIN, Seen, Witnessing, witnessed_manifest, witnessing},
    faults::changed,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// An election with three witnesses, of whom two must cosign; two trustees and all witnesses
/// certified the close.
pub fn witnessed() -> Plan {
    Plan {
        manifest: witnessed_manifest(),
        certifiers: 2,
        witnessing: witnessing(3),
        cosigners: vec![1, 3],
        seals: vec![1, 2],
        ..plan()
    }
}

fn cosigned(cosigners: &'static [u16]) -> impl Fn() -> Made + 'static {
    move || {
        Plan {
            cosigners: cosigners.to_vec(),
            ..witnessed()
        }
        .make()
    }
}

/// The checkpoint with other lines after the board's.
fn noted(
    (name, expect): (&'static str, &'static str),
    (what, source): (&'static str, &'static str),
    lines: impl Fn(usize, &[u8; 32]) -> String + 'static,
) -> Forgery {
    let make = move || {
        let made = witnessed().make();
        let (size, root) = (made.entries.len(), board::root(&made.entries));
        let note = board::checkpoint(ORIGIN, size, &root) + &lines(size, &root);
        let mut record = made.record();
        record.insert("checkpoint", note.into_bytes());
        archive(&record)
    };
    Forgery {
        make: Box::new(make),
        ..Forgery::of((name, expect), (what, source), || witnessed().make())
    }
}

fn line(witness: u16, size: usize, root: &[u8; 32]) -> String {
    board::cosignature(witness, ORIGIN, size, root)
}

/// The close is certified by the first two witnesses, and by the third in this way.
fn third(what: Seen, spoil: bool) -> impl Fn() -> Made + 'static {
    move || {
        let mut witnessing = witnessing(2);
        witnessing.push(Witnessing {
            witness: 3,
            what,
            spoil,
        });
        Plan {
            witnessing,
            ..witnessed()
        }
        .make()
    }
}

/// A witness-close of the sound record once more, before another entry.
fn again(
    number: usize,
    before: (Kind, usize),
    change: impl Fn(&mut Vec<u8>) + 'static,
) -> Box<dyn Fn() -> Made> {
    Box::new(move || {
        let entries = witnessed().make().entries;
        let mut closes = entries.iter().filter(|e| e[1] == Kind::WitnessClose as u8);
        let mut entry = closes.nth(number).unwrap().clone();
        change(&mut entry);
        Plan {
            insert: vec![(before.0, before.1, entry)],
            ..witnessed()
        }
        .make()
    })
}

pub fn all() -> Vec<Forgery> {
    let mut all = manifests::all();
    all.extend(checkpoints());
    all.extend(closes());
    all
}

fn checkpoints() -> Vec<Forgery> {
    let unread = all_but(&["record.archive", "board.note"]);
    vec![
        Forgery::of(
            ("too-few-cosignatures", "board.witnesses"),
            (
                "Fewer witnesses cosigned the checkpoint than the manifest asks for.",
                "A53; A55",
            ),
            cosigned(&[2]),
        ),
        Forgery::of(
            ("no-cosignature", "board.witnesses"),
            ("No witness cosigned the checkpoint.", "A53; A55"),
            cosigned(&[]),
        ),
        Forgery::of(
            ("cosignatures-in-another-order", "board.witnesses"),
            (
                "The cosignatures are not in the order of the manifest.",
                "A18",
            ),
            cosigned(&[3, 1]),
        ),
        Forgery::of(
            ("cosigned-twice-by-one", "board.witnesses"),
            (
                "One witness's cosignature is there twice, to count as two.",
                "A47",
            ),
            cosigned(&[1, 1]),
        ),
        Forgery::of(
            ("cosignature-of-a-stranger", "board.witnesses"),
            (
                "Beside enough others, a witness cosigned whom the manifest does not name.",
                "A53",
            ),
            cosigned(&[1, 2, 4]),
        ),
        Forgery::of(
            ("cosignature-without-witnesses", "board.witnesses"),
            (
                "A witness cosigned the checkpoint of an election that names none.",
                "A53",
            ),
            || {
                Plan {
                    cosigners: vec![1],
                    ..plan()
                }
                .make()
            },
        ),
        noted(
            ("forged-cosignature", "board.witnesses"),
            (
                "A cosignature is of another checkpoint of the same size; enough others are right.",
                "A53",
            ),
            |size, root| {
                let others = line(1, size, root) + &line(2, size, root);
                others + &line(3, size, &[1; 32])
            },
        ),
        noted(
            ("cosignature-at-another-time", "board.witnesses"),
            (
                "Somebody changed the time of a cosignature, which is signed, too.",
                "A53",
            ),
            |size, root| {
                let forged = line(3, size, root);
                let (head, encoded) = forged.trim_end().rsplit_once(' ').unwrap();
                let mut bytes = STANDARD.decode(encoded).unwrap();
                bytes[11] ^= 1;
                let forged = format!("{head} {}\n", STANDARD.encode(bytes));
                line(1, size, root) + &line(2, size, root) + &forged
            },
        ),
        noted(
            ("cosignature-under-another-name", "board.witnesses"),
            (
                "A stranger's cosignature stands under the name of a witness.",
                "A53",
            ),
            |size, root| {
                let stranger = line(4, size, root).replace("example/4", "example/3");
                line(1, size, root) + &line(2, size, root) + &stranger
            },
        ),
        noted(
            ("seventeen-cosignatures", "board.note"),
            (
                "The checkpoint has more cosignatures than there can be witnesses.",
                "A70",
            ),
            |size, root| (1..=17).map(|witness| line(witness, size, root)).collect(),
        )
        .and(&unread),
        noted(
            ("cosignature-too-short", "board.note"),
            ("A cosignature lacks its time.", "A18"),
            |size, root| {
                let short = line(3, size, root);
                let (head, encoded) = short.trim_end().rsplit_once(' ').unwrap();
                let mut bytes = STANDARD.decode(encoded).unwrap();
                bytes.drain(4..12);
                let short = format!("{head} {}\n", STANDARD.encode(bytes));
                line(1, size, root) + &line(2, size, root) + &short
            },
        )
        .and(&unread),
        noted(
            ("cosignatures-in-two-blocks", "board.note"),
            ("An empty line stands between two cosignatures.", "A18"),
            |size, root| line(1, size, root) + "\n" + &line(2, size, root),
        )
        .and(&unread),
    ]
}

fn closes() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("witness-close-of-another-root", "close.witnesses"),
            (
                "A witness certified the close of another history.",
                "A53; A54",
            ),
            third(Seen::Other, false),
        ),
        Forgery::of(
            ("witness-close-before-the-close", "close.witnesses"),
            (
                "A witness's checkpoint ends before the close that it is to certify.",
                "A48; A54",
            ),
            third(Seen::Earlier, false),
        ),
        Forgery::of(
            ("witness-close-beyond-itself", "close.witnesses"),
            (
                "A witness's checkpoint is of more entries than stand before it.",
                "A54",
            ),
            third(Seen::Later, false),
        ),
        Forgery::of(
            ("witness-close-forged", "close.witnesses"),
            (
                "The signature is not the witness's; anybody may post it, but nobody make it.",
                "A43; A53",
            ),
            third(Seen::Close, true),
        ),
        Forgery::of(
            ("witness-close-at-another-time", "close.witnesses"),
            (
                "A witness-close says another time than the one that is signed.",
                "A53",
            ),
            || {
                changed(witnessed(), Kind::WitnessClose, 1, |draft| {
                    draft.body()[15] ^= 1
                })
            },
        ),
        Forgery::of(
            ("witness-0", "entries.fields"),
            ("A witness-close is of witness 0.", "A39"),
            again(0, (Kind::WitnessClose, 1), |entry| entry[35] = 0),
        ),
        Forgery::of(
            ("witness-beyond-the-last", "entries.fields"),
            ("A witness-close is of witness 4 of 3.", "A39"),
            again(0, (Kind::WitnessClose, 1), |entry| entry[35] = 4),
        ),
        Forgery::of(
            ("long-witness-close", "entries.length"),
            ("A witness-close has a byte too many.", "A18"),
            again(0, (Kind::WitnessClose, 1), |entry| entry.insert(50, 0)),
        ),
        Forgery::of(
            ("witness-close-while-voting", "entries.phase"),
            ("A witness certifies the close before it.", "A73"),
            again(0, (Kind::Ballot, 2), |_| ()),
        ),
        Forgery::of(
            ("witness-close-after-the-result", "entries.phase"),
            ("A witness certifies the close after the result.", "A73"),
            again(0, (Kind::Seal, 0), |_| ()),
        ),
        Forgery::of(
            ("witness-close-in-another-election", "entries.scope"),
            ("A witness-close is of another election.", "A29"),
            || {
                changed(witnessed(), Kind::WitnessClose, 1, |draft| {
                    draft.unsigned[2] ^= 1
                })
            },
        ),
        Forgery::of(
            ("witness-close-twice", "entries.once"),
            (
                "One witness certifies the close twice, to count as two.",
                "A47",
            ),
            again(0, (Kind::WitnessClose, 2), |_| ()),
        ),
        Forgery::of(
            ("shares-before-the-last-witness", "close.quorum"),
            (
                "A trustee gave shares before enough trustees and witnesses had certified the close.",
                "A48; A53",
            ),
            || {
                let entries = witnessed().make().entries;
                let shares = entries.iter().find(|e| e[1] == Kind::Shares as u8);
                Plan {
                    insert: vec![(Kind::WitnessClose, 2, shares.unwrap().clone())],
                    ..witnessed()
                }
                .make()
            },
        ),
        Forgery::of(
            ("close-without-a-quorum-of-witnesses", "close.quorum"),
            (
                "Too few trustees and witnesses certified the close, and the election ends there.",
                "A48; A53",
            ),
            || {
                Plan {
                    witnessing: witnessing(2),
                    sharers: 0,
                    seals: Vec::new(),
                    hook: Box::new(|draft| draft.omit = draft.kind == Kind::Result),
                    ..witnessed()
                }
                .make()
            },
        )
        .and(&[
            "shares.threshold",
            "result.ballots",
            "result.withheld",
            "result.totals",
            "result.present",
        ]),
    ]
}
