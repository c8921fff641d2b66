//! The program itself, on a folder, an archive and a live board.

use crate::election::{End, Made, Plan, manifest_text};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    process::{Command, Output},
    thread,
};
use tempfile::TempDir;
use verifier::{
    entry::Kind,
    record::{MemoryRecord, Record, archive::header},
};

fn run(arguments: &[&str]) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_verifier");
    let output: Output = Command::new(program).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

fn made() -> Made {
    Plan::default().make()
}

fn files(record: &MemoryRecord) -> Vec<(String, Vec<u8>)> {
    let read = |(path, size): (&String, &u64)| (path.clone(), record.read(path, *size).unwrap());
    record.files().iter().map(read).collect()
}

fn folder(record: &MemoryRecord) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files(record) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_folder_is_accepted_and_its_result_shown() {
    let folder = folder(&made().record());
    let (status, output) = run(&["verify", text(folder.path())]);
    assert_eq!(status, 0, "{output}");
    for line in [
        "Club election",
        "Trustee 1, Trustee 2, Trustee 3 (2 of 3 decrypt)",
        "ballots.bits           ok                   7 ballot proofs, equation 2",
        "Board (4 ballots)",
        "             3  Cy",
        "             2  blank",
        "ACCEPTED: all 74 checks passed.",
    ] {
        assert!(output.contains(line), "{line}\n{output}");
    }
    let (status, output) = run(&["verify", "--quiet", text(folder.path())]);
    assert_eq!((status, output.lines().count()), (0, 1), "{output}");
}

#[test]
fn json_is_one_object_with_all_checks() {
    let folder = folder(&made().record());
    let (status, output) = run(&["verify", "--json", text(folder.path())]);
    assert_eq!(status, 0, "{output}");
    let report: serde_json::Value = serde_json::from_str(output.trim()).unwrap();
    assert_eq!(report["verdict"], "accepted");
    assert_eq!(report["checks"].as_array().unwrap().len(), 74);
    assert_eq!(report["checks"][0]["verdict"], "ok");
    assert_eq!(report["results"][0]["options"][2]["total"], 3);
    assert_eq!(report["election"]["title"], "Club election");
    assert_eq!(output.lines().count(), 1);
}

#[test]
fn a_rejected_record_shows_no_result() {
    let folder = folder(&made().record());
    fs::write(folder.path().join("notes.txt"), "x").unwrap();
    let (status, output) = run(&["verify", text(folder.path())]);
    assert_eq!(status, 1);
    assert!(output.contains("record.files           FAILED"), "{output}");
    assert!(
        output.contains("`notes.txt` is not a file of this record"),
        "{output}"
    );
    assert!(
        output.contains("REJECTED: 1 of 74 checks failed."),
        "{output}"
    );
    assert!(!output.contains("Cy"), "{output}");
    let (status, output) = run(&["verify", "--json", text(folder.path())]);
    let report: serde_json::Value = serde_json::from_str(output.trim()).unwrap();
    assert_eq!((status, &report["verdict"]), (1, &"rejected".into()));
    assert!(report["results"].is_null());
}

#[test]
fn an_archive_is_accepted_and_any_other_tar_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.tar");
    let mut archive = Vec::new();
    for (path, content) in files(&made().record()) {
        archive.extend(header(&path, content.len() as u64).unwrap());
        archive.extend(&content);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1_024]);
    fs::write(&path, &archive).unwrap();
    let (status, output) = run(&["verify", "--quiet", text(&path)]);
    assert_eq!(status, 0, "{output}");
    // Another owner in a header.
    archive[115] = b'1';
    fs::write(&path, &archive).unwrap();
    let (status, output) = run(&["verify", "--quiet", text(&path)]);
    assert_eq!(status, 1, "{output}");
}

#[test]
fn what_cannot_run_exits_with_two() {
    for arguments in [
        &["verify", "/nowhere/at/all"][..],
        &["verify", "http://127.0.0.1:1/e/00"],
        &["receipt", "/nowhere", "/nowhere/at/all"],
        &["show", "/nowhere", "1"],
        &["verify"],
        &["frobnicate"],
    ] {
        assert_eq!(run(arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn entries_of_all_kinds_are_shown() {
    let made = Plan {
        first_attempt: End::JustComplaint,
        ..Plan::default()
    }
    .make();
    let folder = folder(&made.record());
    for (index, entry) in made.entries.iter().enumerate() {
        let (status, output) = run(&["show", text(folder.path()), &index.to_string()]);
        assert_eq!(status, 0, "{output}");
        assert!(output.starts_with(&format!("entry          {index}, {} bytes", entry.len())));
    }
    let beyond = made.entries.len().to_string();
    assert_eq!(run(&["show", text(folder.path()), &beyond]).0, 2);
    assert_eq!(
        run(&["show", text(folder.path()), &u64::MAX.to_string()]).0,
        2
    );
}

/// Serves files until the test ends; a partial tile is served only as its full one.
fn serve(files: Vec<(String, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let request = lines.next().unwrap().unwrap();
            while !lines.next().unwrap().unwrap().is_empty() {}
            let path = request.split(' ').nth(1).unwrap();
            let path = path.strip_prefix("/e/00/").unwrap_or_default();
            let found = files.iter().find(|(name, _)| name == path);
            let (status, content) = match found {
                Some((_, content)) => ("200 OK", &content[..]),
                None => ("404 Not Found", &b""[..]),
            };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                content.len()
            );
            stream
                .write_all(&[head.as_bytes(), content].concat())
                .unwrap();
        }
    });
    format!("http://{address}/e/00")
}

#[test]
fn a_live_board_is_fetched_and_verified() {
    let record = made().record();
    let url = serve(files(&record));
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let (status, output) = run(&["verify", "--quiet", "--save", text(&saved), &url]);
    assert_eq!(status, 0, "{output}");
    let (status, output) = run(&["verify", "--quiet", text(&saved)]);
    assert_eq!(status, 0, "{output}");
    // The folder must be new.
    let (status, _) = run(&["verify", "--quiet", "--save", text(&saved), &url]);
    assert_eq!(status, 2);
}

/// A board that has grown since may have only the full tiles, which begin with the partial ones.
#[test]
fn a_board_that_has_grown_is_fetched() {
    let mut files = files(&made().record());
    for (path, content) in &mut files {
        if let Some((number, _)) = path.split_once(".p/") {
            *path = number.to_owned();
            content.extend([0, 1, 7]);
        }
    }
    let (status, output) = run(&["verify", "--quiet", &serve(files)]);
    assert_eq!(status, 0, "{output}");
}

#[test]
fn a_board_without_a_tile_is_rejected() {
    let mut files = files(&made().record());
    files.retain(|(path, _)| !path.starts_with("tile/0/"));
    let (status, output) = run(&["verify", "--quiet", &serve(files)]);
    assert_eq!(status, 1, "{output}");
    assert!(output.contains("record.files"), "{output}");
}

#[test]
fn a_receipt_of_another_history_becomes_a_proof_that_the_program_takes() {
    let made = made();
    let (index, size) = (made.entries.len() - 3, made.entries.len() - 2);
    let receipt = crate::receipts::receipt(&made.entries, index, size);
    let mut other = made.entries;
    other.swap(index, index - 1);
    let folder = folder(
        &Made {
            entries: other,
            ..Made::default()
        }
        .record(),
    );
    let out = tempfile::tempdir().unwrap();
    let (saved, proof) = (out.path().join("receipt"), out.path().join("proof"));
    fs::write(&saved, receipt).unwrap();
    let arguments = ["receipt", text(folder.path()), text(&saved)];
    let (status, output) = run(&arguments);
    assert_eq!(status, 1, "{output}");
    assert!(output.contains("--proof"), "{output}");

    let arguments = [&arguments[..], &["--proof", text(&proof)]].concat();
    let (status, output) = run(&arguments);
    assert_eq!(status, 1, "{output}");
    let record = text(folder.path());
    let (status, output) = run(&["equivocation", text(&proof), "--record", record]);
    assert_eq!(status, 0, "{output}");
    assert!(output.contains("PROVED"), "{output}");
    // What is there already is kept.
    assert_eq!(run(&arguments).0, 2);
}

#[test]
fn a_malformed_receipt_is_not_confirmed() {
    let folder = folder(&made().record());
    let receipt = tempfile::NamedTempFile::new().unwrap();
    fs::write(receipt.path(), manifest_text()).unwrap();
    let (status, output) = run(&["receipt", text(folder.path()), text(receipt.path())]);
    assert_eq!(status, 1, "{output}");
    assert!(
        output.contains("NOT CONFIRMED: the receipt is malformed"),
        "{output}"
    );
}

fn witnessed_and_signed() -> Made {
    Plan {
        manifest: crate::election::witnessed_manifest(),
        witnessing: crate::election::witnessing(2),
        cosigners: vec![1, 2],
        beacons: vec![1, 2, 3],
        seals: vec![1, 3],
        ..Plan::default()
    }
    .make()
}

#[test]
fn what_stands_beside_the_verdict_is_said() {
    let folder = folder(&witnessed_and_signed().record());
    let (status, output) = run(&["verify", text(folder.path())]);
    assert_eq!(status, 0, "{output}");
    for line in [
        "2 of the 3 witnesses that the manifest names cosigned this board, and 2 must",
        "up to the result, are sealed by Trustee 1, Trustee 3.",
        "made after the close by Trustee 1, Trustee 2, Trustee 3.",
        "Where a rule of the election says that lots decide",
        "No verdict on the count depends on it.",
    ] {
        assert!(output.contains(line), "{line}\n{output}");
    }
    let (_, json) = run(&["verify", "--json", text(folder.path())]);
    let report: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
    let signature = report["joint"]["seal"]["signature"].as_str().unwrap();
    assert!(output.contains(signature));
    assert_eq!(report["witnesses"]["quorum"], 2);
    let page = tempfile::tempdir().unwrap();
    let page = page.path().join("report.html");
    let (status, _) = run(&["report", text(folder.path()), "--out", text(&page)]);
    assert_eq!(status, 0);
    assert!(fs::read_to_string(&page).unwrap().contains(signature));
}

/// The first of a longer sample is the shorter one, and no entry of it is after the close.
#[test]
fn a_sample_is_drawn_from_the_entries_up_to_the_close() {
    let made = witnessed_and_signed();
    let of_kind = |kind: Kind| made.entries.iter().position(|e| e[1] == kind as u8);
    let close = of_kind(Kind::Close).unwrap();
    let folder = folder(&made.record());
    let draw = |count: &str| {
        let (status, output) = run(&["sample", text(folder.path()), "--count", count]);
        assert_eq!(status, 0, "{output}");
        let indices: Vec<usize> = output.lines().map(|line| line.parse().unwrap()).collect();
        indices
    };
    let (few, all) = (draw("5"), draw("1000"));
    assert_eq!((few.len(), all.len()), (5, close + 1));
    assert!(all.starts_with(&few));
    let mut sorted = all.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (0..=close).collect::<Vec<_>>());
    assert_ne!(sorted, all);
    let none = self::folder(&self::made().record());
    let (status, output) = run(&["sample", text(none.path()), "--count", "5"]);
    assert_eq!((status, output.contains("no audit seed")), (1, true));
}

#[test]
fn beacons_seals_and_witnesses_are_shown() {
    let made = witnessed_and_signed();
    let folder = folder(&made.record());
    for (kind, shown) in [
        (
            Kind::WitnessClose,
            "author         witness 1, witness.example/1",
        ),
        (Kind::Beacon, "contribution"),
        (Kind::Seal, "joint share"),
        (Kind::Certify, "committed to as"),
        (Kind::Reveal, "possession"),
    ] {
        let at = made.entries.iter().position(|e| e[1] == kind as u8);
        let at = at.unwrap().to_string();
        let (status, output) = run(&["show", text(folder.path()), &at]);
        assert_eq!(status, 0, "{output}");
        assert!(output.contains(shown), "{output}");
    }
}

#[test]
fn a_receipt_says_how_many_witnesses_cosigned_it() {
    let made = crate::receipts::witnessed();
    let folder = folder(&made.record());
    let index = made.entries.iter().position(|e| e[1] == Kind::Ballot as u8);
    let index = index.unwrap();
    let receipt = crate::receipts::receipt(&made.entries, index, index + 1);
    let file = tempfile::NamedTempFile::new().unwrap();
    for (lines, said) in [
        (String::new(), "0 of the 3 witnesses cosigned"),
        (
            crate::board::cosignature(
                3,
                crate::election::ORIGIN,
                index + 1,
                &crate::board::root(&made.entries[..=index]),
            ),
            "1 of the 3 witnesses cosigned",
        ),
    ] {
        fs::write(file.path(), crate::receipts::with_lines(&receipt, &lines)).unwrap();
        let (status, output) = run(&["receipt", text(folder.path()), text(file.path())]);
        assert_eq!(status, 0, "{output}");
        assert!(output.contains(said), "{output}");
    }
}
