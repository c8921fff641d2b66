//! The container, the checkpoint and the log.

use super::*;
use crate::{
    board::{self, checkpoint},
    election::ORIGIN,
    maker::add_order,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The sound record with its files changed.
fn changed(change: impl Fn(&mut MemoryRecord) + 'static) -> Box<dyn Fn() -> Vec<u8>> {
    Box::new(move || {
        let mut record = plan().make().record();
        change(&mut record);
        archive(&record)
    })
}

fn path(record: &MemoryRecord, start: &str) -> String {
    let mut paths = record.files().keys();
    paths.find(|path| path.starts_with(start)).unwrap().clone()
}

fn forgery(
    (name, expect): (&'static str, &'static str),
    (what, source): (&'static str, &'static str),
    make: Box<dyn Fn() -> Vec<u8>>,
) -> Forgery {
    Forgery {
        make,
        ..Forgery::of((name, expect), (what, source), || plan().make())
    }
}

/// The sound record with another note.
fn noted(note: impl Fn(&str) -> String + 'static) -> Box<dyn Fn() -> Vec<u8>> {
    changed(move |record| {
        let old = String::from_utf8(record.remove("checkpoint").unwrap()).unwrap();
        record.insert("checkpoint", note(&old).into_bytes());
    })
}

pub fn all() -> Vec<Forgery> {
    let unread = all_but(&["record.archive", "board.note"]);
    let unread_entries = all_but(&["record.archive", "board.note"]);
    vec![
        forgery(
            ("extra-file", "record.files"),
            ("The record holds a file that is none of the format.", "A70"),
            changed(|record| record.insert("readme", b"hello".to_vec())),
        ),
        forgery(
            ("path-outside", "record.files"),
            (
                "A file of the archive is to be unpacked outside of its folder.",
                "A70",
            ),
            changed(|record| record.insert("../checkpoint", b"x".to_vec())),
        ),
        forgery(
            ("missing-tile", "record.files"),
            ("The tile of leaf hashes is missing.", "A70"),
            changed(|record| {
                let tile = path(record, "tile/0/");
                record.remove(&tile);
            }),
        )
        .and(&["board.tiles"]),
        forgery(
            ("tile-too-long", "record.files"),
            ("A tile has a byte too many.", "A70"),
            changed(|record| {
                let tile = path(record, "tile/0/");
                let mut bytes = record.remove(&tile).unwrap();
                bytes.push(0);
                record.insert(tile, bytes);
            }),
        )
        .and(&["board.tiles"]),
        forgery(
            ("missing-bundle", "board.entries"),
            ("The entries are missing.", "A54; A70"),
            changed(|record| {
                let bundle = path(record, "tile/entries/");
                record.remove(&bundle);
            }),
        )
        .and(&unread_entries),
        forgery(
            ("archive-owner", "record.archive"),
            (
                "A header of the archive names another owner, so the same record has two archives.",
                "A18",
            ),
            Box::new(|| {
                let mut bytes = archive(&plan().make().record());
                bytes[115] = b'1';
                let sum: u32 = bytes[..512]
                    .iter()
                    .enumerate()
                    .map(|(at, byte)| {
                        u32::from(if (148..156).contains(&at) {
                            b' '
                        } else {
                            *byte
                        })
                    })
                    .sum();
                bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
                bytes
            }),
        ),
        forgery(
            ("archive-leftover", "record.archive"),
            ("Bytes come after the end of the archive.", "A70"),
            Box::new(|| [archive(&plan().make().record()), vec![0; 512]].concat()),
        ),
        forgery(
            ("two-signatures", "board.note"),
            (
                "The checkpoint has a second signature line, so it is not the note of the format.",
                "A18",
            ),
            noted(|note| format!("{note}— witness.example AAAAAAAA\n")),
        )
        .and(&unread),
        forgery(
            ("checkpoint-with-extension", "board.note"),
            ("The checkpoint has a line after the root.", "A72"),
            noted(|note| note.replacen("\n\n", "\nextension\n\n", 1)),
        )
        .and(&unread),
        forgery(
            ("another-board", "board.origin"),
            (
                "The board's key signed the checkpoint, but for another log.",
                "A29; A53",
            ),
            noted(|_| {
                let entries = plan().make().entries;
                checkpoint("other.example/e/00", entries.len(), &board::root(&entries))
            }),
        ),
        forgery(
            ("another-board-key", "board.signature"),
            (
                "Somebody else signed the checkpoint in the board's name.",
                "A53",
            ),
            noted(|note| {
                let (text, _) = note.split_once("\n\n").unwrap();
                board::note(&format!("{text}\n"), ORIGIN, &board::other_key())
            }),
        ),
        forgery(
            ("malleable-ed25519", "board.signature"),
            (
                "The order of the group is added to S of the checkpoint's signature.",
                "A71; Chalkias, Garillot, Nikolaenko 2020",
            ),
            noted(|note| {
                let (head, line) = note.trim_end().rsplit_once(' ').unwrap();
                let mut bytes = STANDARD.decode(line).unwrap();
                add_order(&mut bytes[36..]);
                format!("{head} {}\n", STANDARD.encode(bytes))
            }),
        ),
        forgery(
            ("leftover-in-bundle", "board.entries"),
            ("A bundle holds bytes after its last entry.", "A70"),
            changed(|record| {
                let bundle = path(record, "tile/entries/");
                let mut bytes = record.remove(&bundle).unwrap();
                bytes.push(0);
                record.insert(bundle, bytes);
            }),
        ),
        forgery(
            ("two-heads", "board.root"),
            (
                "The board signed another root for the same size: a second history.",
                "A53; A54",
            ),
            noted(|_| checkpoint(ORIGIN, plan().make().entries.len(), &[1; 32])),
        ),
        forgery(
            ("wrong-tile", "board.tiles"),
            (
                "A tile holds a hash that is not of the entry beside it.",
                "A53",
            ),
            changed(|record| {
                let tile = path(record, "tile/0/");
                let mut bytes = record.remove(&tile).unwrap();
                bytes[40] ^= 1;
                record.insert(tile, bytes);
            }),
        ),
    ]
}
