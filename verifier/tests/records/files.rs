//! Faults in the record's files, with the entries left as they are, and hostile sizes.

use crate::{
    board::{self, checkpoint},
    dice::Dice,
    election::{ORIGIN, Plan},
    sound::{failed, verify},
};
use verifier::record::{MemoryRecord, Record};

fn record() -> MemoryRecord {
    Plan::default().make().record()
}

fn ids(record: &MemoryRecord) -> Vec<&'static str> {
    let report = verify(record);
    failed(&report).into_iter().map(|(id, _)| id).collect()
}

fn change(record: &mut MemoryRecord, path: &str, change: impl Fn(&mut Vec<u8>)) {
    let mut content = record.remove(path).unwrap();
    change(&mut content);
    record.insert(path, content);
}

fn bundle(record: &MemoryRecord) -> String {
    let mut paths = record.files().keys();
    paths
        .find(|path| path.starts_with("tile/entries/"))
        .unwrap()
        .clone()
}

fn tile(record: &MemoryRecord) -> String {
    let mut paths = record.files().keys();
    paths
        .find(|path| path.starts_with("tile/0/"))
        .unwrap()
        .clone()
}

#[test]
fn a_file_too_many() {
    for path in [
        "readme",
        "tile/1/000.p/1",
        "tile/0/000",
        "../checkpoint",
        "checkpoint ",
    ] {
        let mut record = record();
        record.insert(path, vec![0; 32]);
        assert_eq!(ids(&record), ["record.files"], "{path}");
    }
}

#[test]
fn a_missing_tile() {
    let mut record = record();
    let path = tile(&record);
    record.remove(&path);
    assert_eq!(ids(&record), ["record.files", "board.tiles"]);
}

#[test]
fn a_missing_bundle() {
    let mut record = record();
    let path = bundle(&record);
    record.remove(&path);
    let ids = ids(&record);
    for id in [
        "record.files",
        "board.entries",
        "board.root",
        "manifest.encoding",
    ] {
        assert!(ids.contains(&id), "{ids:?}");
    }
}

#[test]
fn a_wrong_tile() {
    let mut record = record();
    let path = tile(&record);
    change(&mut record, &path, |content| content[40] ^= 1);
    assert_eq!(ids(&record), ["board.tiles"]);
}

#[test]
fn a_root_that_is_not_the_entries() {
    let made = Plan::default().make();
    let mut record = made.record();
    let note = checkpoint(ORIGIN, made.entries.len(), &[1; 32]);
    record.insert("checkpoint", note.into_bytes());
    assert_eq!(ids(&record), ["board.root"]);
}

#[test]
fn a_checkpoint_that_is_not_the_boards() {
    let mut forged = record();
    change(&mut forged, "checkpoint", |note| {
        let last = note.len() - 10;
        note[last] = if note[last] == b'A' { b'B' } else { b'A' };
    });
    assert_eq!(ids(&forged), ["board.signature"]);

    let made = Plan::default().make();
    let mut foreign = made.record();
    let root = board::root(&made.entries);
    let note = checkpoint("other.example/e/00", made.entries.len(), &root);
    foreign.insert("checkpoint", note.into_bytes());
    assert_eq!(ids(&foreign), ["board.origin"]);
}

#[test]
fn a_bundle_with_leftover_or_missing_bytes() {
    let mut longer = record();
    let path = bundle(&longer);
    change(&mut longer, &path, |content| content.push(0));
    assert_eq!(ids(&longer), ["board.entries"]);
    let mut shorter = record();
    change(&mut shorter, &path, |content| {
        content.pop();
    });
    let ids = ids(&shorter);
    assert!(
        ids.contains(&"board.entries") && ids.contains(&"board.root"),
        "{ids:?}"
    );
}

/// One flipped bit anywhere in the files is found.
#[test]
fn any_flipped_bit_is_found() {
    let record = record();
    for (path, size) in record.files() {
        let content = record.read(path, *size).unwrap();
        for at in (0..content.len()).step_by(content.len() / 12 + 1) {
            let mut spoiled = record_of(&record);
            change(&mut spoiled, path, |content| content[at] ^= 4);
            assert!(!ids(&spoiled).is_empty(), "{path}, byte {at}");
        }
    }
}

fn record_of(record: &MemoryRecord) -> MemoryRecord {
    let mut copy = MemoryRecord::default();
    for (path, size) in record.files() {
        copy.insert(path, record.read(path, *size).unwrap());
    }
    copy
}

#[test]
fn a_checkpoint_of_an_absurd_size_costs_nothing() {
    for size in [1 << 20, 1 << 60, usize::MAX] {
        let mut record = record();
        let note = checkpoint(ORIGIN, size, &[1; 32]);
        record.insert("checkpoint", note.into_bytes());
        let ids = ids(&record);
        assert!(
            ids.contains(&"record.files") && ids.contains(&"board.entries"),
            "{ids:?}"
        );
    }
}

#[test]
fn an_empty_record_and_an_empty_board() {
    let empty = MemoryRecord::default();
    // The container alone has nothing wrong.
    assert_eq!(verify(&empty).checks.len(), ids(&empty).len() + 1);
    let mut record = MemoryRecord::default();
    let root = board::root(&[]);
    record.insert("checkpoint", checkpoint(ORIGIN, 0, &root).into_bytes());
    let ids = ids(&record);
    assert!(
        ids.contains(&"manifest.encoding") && ids.contains(&"result.present"),
        "{ids:?}"
    );
}

#[test]
fn a_checkpoint_of_many_bytes_is_not_read() {
    let mut record = record();
    record.insert("checkpoint", vec![b'a'; 70_000]);
    assert!(ids(&record).contains(&"board.note"));
}

/// Entries damaged at random, on a board that signs them: always refused, never a panic.
#[test]
fn random_damage_is_always_refused() {
    let made = Plan::default().make();
    let mut dice = Dice::new("damage");
    for round in 0..150 {
        let roll = dice.scalar().to_bytes();
        let number = |at: usize| usize::from(u16::from_be_bytes([roll[at], roll[at + 1]]));
        let mut entries = made.entries.clone();
        let index = number(0) % entries.len();
        let entry = &mut entries[index];
        match round % 3 {
            0 => {
                let at = number(2) % entry.len();
                entry[at] = entry[at].wrapping_add(roll[4] | 1);
            }
            1 => entry.truncate(number(2) % entry.len()),
            _ => {
                // Lengths and counts are near the front.
                let at = number(2) % entry.len().min(50);
                let end = entry.len().min(at + 4);
                entry[at..end].fill(255);
            }
        }
        let record = board::record(ORIGIN, &entries);
        assert!(!ids(&record).is_empty(), "round {round}, entry {index}");
    }
}
