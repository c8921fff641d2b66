//! The program itself: what it prints, how it ends, and that it leaves nothing running.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn demo(arguments: &[&str]) -> Command {
    // A clear sentence, should the programs be missing.
    support::programs();
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.args(arguments);
    command
}

fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[path = "support/mod.rs"]
mod support;

#[test]
fn the_made_up_club_votes_from_first_key_to_verified_totals() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    let record_text = record.to_str().unwrap();
    let output = demo(&["--scripted", "--json", "--record", record_text])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["ballots"], 56);
    assert_eq!(last["accepted"], 56);
    assert_eq!(last["verified"], true);
    assert_eq!(last["totals_match"], true);
    for part in [
        "ceremony", "encrypt", "cast", "tally", "decrypt", "verify", "total",
    ] {
        assert!(last["seconds"][part].as_f64().unwrap() > 0.0, "{part}");
    }
    assert_eq!(last["sealed_by"], 2);
    assert!(
        text.contains("Sealed by 2 of 3 trustees: Trustee 2, Trustee 3"),
        "{text}"
    );
    assert!(
        text.contains("signed by Trustee 1, Trustee 2, Trustee 3: audit seed "),
        "{text}"
    );
    assert!(last["record_bytes"].as_u64().unwrap() > 10_000);
    assert!(record.join("checkpoint").is_file());
    assert!(text.contains("Tomás \"Tom\" Oyelaran"), "{text}");

    // Again, into the same folder: the record is replaced.
    let before = fs::read(record.join("checkpoint")).unwrap();
    let output = demo(&["--scripted", "--record", record_text])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_ne!(fs::read(record.join("checkpoint")).unwrap(), before);
}

#[test]
fn the_hospital_answers_every_kind_of_question() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    let record = record.to_str().unwrap();
    let output = demo(&["--survey", "--json", "--record", record])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["ballots"], &last["accepted"]),
        (&39.into(), &39.into())
    );
    assert_eq!(
        (&last["verified"], &last["totals_match"]),
        (&true.into(), &true.into())
    );
    // Small cells of the table are closed, and those of nobody's answer show as closed, too.
    assert!(
        text.lines().any(|line| line.trim_end().ends_with("closed")),
        "{text}"
    );
    for told in [
        "Years here, and how work fits with life (39 ballots)",
        "correlation 0.",
        "How many nights did you work last month?, group care (26 ballots)",
        "How many nights did you work last month?, all groups (39 ballots)",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}

#[test]
fn what_cannot_be_run_ends_with_2_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.tex"), "mine").unwrap();
    let path = folder.path().to_str().unwrap();
    let ranking = tempfile::tempdir().unwrap();
    let question =
        r#"{"title": "Ranked", "kind": "ranking", "options": [{"id": "1", "label": "A"}]}"#;
    fs::write(ranking.path().join("question.json"), question).unwrap();
    let ranking = ranking.path().to_str().unwrap();
    let cases: [(&[&str], &str); 5] = [
        (
            &["--scripted", "--record", path],
            "is not a record of an earlier run",
        ),
        (&["--election", ranking], "ranked counting is not there yet"),
        (&["--election", path], "question.json could not be read"),
        (
            &["--trustees", "2", "--threshold", "3"],
            "3 of 2 trustees cannot decrypt",
        ),
        (&["--limit", "3"], "--election"),
    ];
    for (arguments, reason) in cases {
        let output = demo(arguments).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(said(&output).contains(reason), "{}", said(&output));
    }
    assert_eq!(
        fs::read_to_string(folder.path().join("thesis.tex")).unwrap(),
        "mine"
    );
}

#[test]
fn an_interrupted_demonstration_leaves_no_program_running_and_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    let parties = folder.path().join("temporary");
    fs::create_dir(&parties).unwrap();
    let record = folder.path().join("record");
    let mut running = demo(&["--scripted", "--record", record.to_str().unwrap()])
        .env("TMPDIR", &parties)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(running.stdout.take().unwrap()).lines();
    let board = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some((_, board)) = line.split_once("the board is ") {
            break board.to_owned();
        }
    };
    assert!(ureq::get(&board).call().is_ok());
    let killed = Command::new("kill")
        .arg(running.id().to_string())
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(running.wait().unwrap().code(), Some(2));
    let begun = Instant::now();
    while ureq::get(&board).call().is_ok() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the ballot box still runs"
        );
    }
    assert_eq!(fs::read_dir(&parties).unwrap().count(), 0);
    assert!(!record.exists());
}
