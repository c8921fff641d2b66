//! Boards read by the transparency log code of Go's module mirror (docs/spec/interop).

use crate::{
    board::{self, folder, history},
    go::interop,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};
use tempfile::TempDir;
use verifier::{
    consistency,
    log::{Hash, leaf_hash, root_of},
    record::{Record, folder::FolderRecord, layout::tiles_of_level},
};

/// A whole record: the files of a board, and its tiles of hashes.
fn record(entries: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
    let mut files = board::files(entries);
    let mut hashes: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for level in 0..8 {
        for tile in tiles_of_level(Some(level), entries.len() as u64) {
            let start = tile.index as usize * 256;
            let content = hashes[start..start + tile.width as usize].concat();
            files.insert(tile.path(), content);
        }
        hashes = hashes.chunks_exact(256).map(root_of).collect();
    }
    files
}

fn written(entries: &[Vec<u8>]) -> TempDir {
    board::write(&record(entries))
}

fn check(folder: &Path) -> Result<String, String> {
    interop(&["record", folder.to_str().unwrap()], "")
}

#[test]
fn the_record_of_the_known_answers_verifies_in_go() {
    assert_eq!(
        check(&folder()).unwrap(),
        "OK: 35 entries, 1 tiles of hashes, 1 cosignatures\n"
    );
}

/// The witness of the manifest, and a checkpoint of the record that it did not cosign.
#[test]
fn the_cosignature_of_the_known_answers_verifies_in_go() {
    let vectors = fs::read(folder().join("../cosignature.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&vectors).unwrap();
    let folder = folder();
    let note = folder.join("checkpoint");
    let ask = |file: &Path| {
        let (record, key) = (folder.to_str().unwrap(), vectors["key"].as_str().unwrap());
        interop(&["cosignature", record, key, file.to_str().unwrap()], "")
    };
    let expected = format!("OK: 35 entries, cosigned at {}\n", vectors["time"]);
    assert_eq!(ask(&note).unwrap(), expected);
    let forged = tempfile::NamedTempFile::new().unwrap();
    let line = vectors["line"].as_str().unwrap();
    let text = fs::read_to_string(&note).unwrap();
    fs::write(
        forged.path(),
        text.replace(line, &line.replace("AABpIXPA", "AABpIXPB")),
    )
    .unwrap();
    assert!(ask(forged.path()).is_err());
}

#[test]
fn records_of_the_corpus_verify_in_go() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/forgeries");
    for name in [
        "sound",
        "sound-with-a-hundred-ballots",
        "sound-closed-by-witnesses",
    ] {
        let archive = fs::File::open(corpus.join(format!("{name}.tar"))).unwrap();
        let archive = verifier::record::archive::ArchiveRecord::open(archive).unwrap();
        let files = archive.files().keys();
        let read = |path: &String| (path.clone(), archive.read(path, 1 << 24).unwrap());
        let record = board::write(&files.map(read).collect());
        assert!(check(record.path()).is_ok(), "{name}");
    }
}

/// Over HTTP, as a running board serves it, and of several tiles and levels.
#[test]
fn a_served_board_of_several_tiles_verifies_in_go() {
    let files = record(&history(600, 1));
    let url = board::serve(Arc::new(Mutex::new(files)));
    assert_eq!(
        interop(&["record", &url], "").unwrap(),
        "OK: 600 entries, 4 tiles of hashes, 0 cosignatures\n"
    );
}

/// Every file, at its beginning, its end and in between.
#[test]
fn go_notices_every_changed_byte() {
    let written = written(&history(600, 1));
    let record = FolderRecord::open(written.path()).unwrap();
    let paths: Vec<PathBuf> = record
        .files()
        .keys()
        .map(|path| written.path().join(path))
        .collect();
    assert_eq!(paths.len(), 8);
    for path in paths {
        let good = fs::read(&path).unwrap();
        for index in [0, good.len() / 3, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[index] ^= 1;
            fs::write(&path, bad).unwrap();
            assert!(
                check(written.path()).is_err(),
                "{} at {index}",
                path.display()
            );
        }
        fs::write(&path, good).unwrap();
    }
    assert!(check(written.path()).is_ok());
}

#[test]
fn inclusion_proofs_of_receipts_hold_in_go() {
    let vectors = folder().join("../receipts.json");
    let vectors: serde_json::Value = serde_json::from_slice(&fs::read(vectors).unwrap()).unwrap();
    let folder = folder();
    let receipts = vectors["receipts"].as_array().unwrap();
    assert!(receipts.len() > 3);
    for receipt in receipts {
        let text = receipt["receipt"].as_str().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        let arguments = [
            "receipt",
            folder.to_str().unwrap(),
            file.path().to_str().unwrap(),
        ];
        fs::write(file.path(), text).unwrap();
        interop(&arguments, "").unwrap();
        let mut bad: serde_json::Value = serde_json::from_str(text).unwrap();
        let hash = bad["proof"][0].as_str().unwrap().to_owned();
        let swapped = if hash.starts_with('A') { "B" } else { "A" };
        bad["proof"][0] = format!("{swapped}{}", &hash[1..]).into();
        fs::write(file.path(), bad.to_string()).unwrap();
        assert!(interop(&arguments, "").is_err());
    }
}

/// Ours always has its first node; where that is the old root, RFC 6962 leaves it out.
#[test]
fn consistency_proofs_hold_in_go() {
    let entries = history(300, 1);
    let written = written(&entries);
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    for size in [1, 2, 3, 29, 64, 255, 256, 257, 299] {
        let mut path = consistency::path(size, &leaves);
        if size.is_power_of_two() {
            assert_eq!(path.remove(0), root_of(&leaves[..size]));
        }
        let prove = |path: &[Hash]| {
            let lines: Vec<String> = path.iter().map(|hash| STANDARD.encode(hash)).collect();
            let size = size.to_string();
            let arguments = ["beginning", written.path().to_str().unwrap(), &size];
            interop(&arguments, &lines.join("\n"))
        };
        let root = prove(&path).unwrap();
        assert_eq!(root.trim(), STANDARD.encode(root_of(&leaves[..size])));
        path[0][31] ^= 1;
        assert!(prove(&path).is_err(), "{size}");
    }
}
