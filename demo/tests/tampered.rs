//! Every file of a published record, changed in every way that a person could: the verifier must
//! say no, and name what is wrong.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "support/mod.rs"]
mod support;

use support::{Scene, small_club};

/// Bytes looked at in each file: its ends, and places between.
const PLACES: usize = 6;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn places(length: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..PLACES)
        .map(|i| i * (length - 1) / (PLACES - 1))
        .collect();
    places.dedup();
    places
}

/// A finished election with more entries than a full bundle holds, so that the record has full
/// and partial tiles and a second level.
struct Published {
    scene: Scene,
    record: PathBuf,
}

impl Published {
    fn new() -> Self {
        let scene = Scene::opened(small_club(270), 3, 2);
        scene.vote();
        scene.finish(&[1, 3]);
        let record = scene.folder.path().join("record");
        Self { scene, record }
    }

    /// The verifier must reject the record as it is now and fail one of these checks.
    fn expect_rejected(&self, record: &Path, checks: &[&str], change: &str) {
        let report = self.scene.verify(record);
        assert!(!report.is_accepted(), "accepted: {change}");
        let failed = report.failed();
        assert!(
            checks.iter().any(|check| failed.contains(check)),
            "{change}: {failed:?} lacks all of {checks:?}"
        );
        assert!(
            report.figures().is_empty(),
            "{change}: results of a rejected record"
        );
    }

    fn expect_accepted(&self, record: &Path) {
        let report = self.scene.verify(record);
        assert!(report.is_accepted(), "{:?}", report.failed());
    }
}

#[test]
fn no_change_of_a_published_record_goes_unnoticed() {
    let published = Published::new();
    let record = &published.record;
    let files = files(record);
    let names: Vec<String> = files
        .iter()
        .map(|path| {
            path.strip_prefix(record)
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert!(names.contains(&"tile/entries/000".to_owned()), "{names:?}");
    assert!(
        names.iter().any(|name| name.starts_with("tile/1/000.p/")),
        "{names:?}"
    );

    for (path, name) in files.iter().zip(&names) {
        let content = fs::read(path).unwrap();
        // Whatever checkpoint, entries and tiles say, they must say of each other.
        let check: &[&str] = match name.as_str() {
            "checkpoint" => &["board.note", "board.origin", "board.signature"],
            name if name.starts_with("tile/entries/") => &["board.root"],
            _ => &["board.tiles"],
        };
        for place in places(content.len()) {
            let mut changed = content.clone();
            changed[place] ^= 1 << (place % 8);
            fs::write(path, &changed).unwrap();
            published.expect_rejected(record, check, &format!("{name}, byte {place} flipped"));
        }
        fs::write(path, [content.as_slice(), b"\0"].concat()).unwrap();
        let missing: &[&str] = if name == "checkpoint" {
            &["board.note"]
        } else {
            &["record.files"]
        };
        // Only hash tiles have a length that the checkpoint's size gives.
        let check = if name.starts_with("tile/entries/") {
            &["board.entries"]
        } else {
            missing
        };
        published.expect_rejected(record, check, &format!("{name}, a byte more"));
        fs::write(path, &content[..content.len() - 1]).unwrap();
        published.expect_rejected(record, check, &format!("{name}, a byte less"));
        fs::write(path, b"").unwrap();
        published.expect_rejected(record, check, &format!("{name}, emptied"));
        fs::remove_file(path).unwrap();
        published.expect_rejected(record, missing, &format!("{name}, removed"));
        let renamed = path.with_extension("old");
        fs::write(&renamed, &content).unwrap();
        published.expect_rejected(record, check, &format!("{name}, renamed"));
        fs::remove_file(renamed).unwrap();
        fs::write(path, &content).unwrap();
    }
    published.expect_accepted(record);

    for extra in [
        "note.txt",
        "tile/entries/002",
        "tile/0/x",
        "tile/9/000",
        ".hidden",
    ] {
        let path = record.join(extra);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, b"extra").unwrap();
        published.expect_rejected(record, &["record.files"], &format!("{extra} added"));
        fs::remove_file(&path).unwrap();
        let _ = fs::remove_dir(path.parent().unwrap());
    }
    published.expect_accepted(record);

    // Two ballots change places; the lengths stay.
    let path = record.join("tile/entries/000");
    let content = fs::read(&path).unwrap();
    let mut entries = Vec::new();
    let mut rest = content.as_slice();
    while let Some((length, _)) = rest.split_first_chunk::<2>() {
        let (entry, after) = rest.split_at(2 + usize::from(u16::from_be_bytes(*length)));
        entries.push(entry);
        rest = after;
    }
    let last = entries.len() - 1;
    assert_eq!(entries[last].len(), entries[last - 1].len(), "two ballots");
    entries.swap(last, last - 1);
    fs::write(&path, entries.concat()).unwrap();
    published.expect_rejected(record, &["board.root"], "two ballots swapped");
    fs::write(&path, &content).unwrap();

    archive(&published);
}

/// The same election as one file.
fn archive(published: &Published) {
    let path = published.scene.folder.path().join("record.tar");
    let out = path.to_str().unwrap();
    published
        .scene
        .stage
        .organiser
        .run(&["record", "--out", out])
        .unwrap();
    published.expect_accepted(&path);
    let content = fs::read(&path).unwrap();

    // Every header, field by field, and the content and padding after it.
    const FIELDS: [usize; 13] = [0, 99, 100, 108, 116, 124, 136, 148, 156, 157, 257, 263, 345];
    let mut block = 0;
    let mut members = 0;
    while content[block..block + 512].iter().any(|byte| *byte != 0) {
        let header = &content[block..block + 512];
        let digits = std::str::from_utf8(&header[124..135]).unwrap();
        let size = usize::from_str_radix(digits, 8).unwrap();
        let padded = size.div_ceil(512) * 512;
        let mut places: Vec<usize> = FIELDS.iter().map(|field| block + field).collect();
        places.extend([block + 512, block + 512 + size / 2, block + 512 + size - 1]);
        if padded > size {
            places.extend([block + 512 + size, block + 512 + padded - 1]);
        }
        for place in places {
            let mut changed = content.clone();
            changed[place] ^= 1;
            fs::write(&path, &changed).unwrap();
            let report = published.scene.verify(&path);
            assert!(!report.is_accepted(), "byte {place} of the archive flipped");
            assert!(!report.failed().is_empty());
        }
        block += 512 + padded;
        members += 1;
    }
    assert_eq!(members, files(&published.record).len());
    assert_eq!(content.len(), block + 1024);
    let cases = [
        ("a block less", content[..content.len() - 512].to_vec()),
        ("a byte less", content[..content.len() - 1].to_vec()),
        ("half", content[..content.len() / 2].to_vec()),
        ("a block more", [content.as_slice(), &[0; 512]].concat()),
        ("a byte more", [content.as_slice(), b"x"].concat()),
        ("a second archive", [content.as_slice(), &content].concat()),
        (
            "the first member twice",
            [&content[..1024], &content].concat(),
        ),
    ];
    for (change, changed) in cases {
        fs::write(&path, changed).unwrap();
        let report = published.scene.verify(&path);
        assert!(!report.is_accepted(), "{change}");
        assert!(
            report.failed().contains(&"record.archive"),
            "{change}: {:?}",
            report.failed()
        );
    }
    fs::write(&path, &content).unwrap();
    published.expect_accepted(&path);
}
