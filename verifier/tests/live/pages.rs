//! The report as a page.

use crate::{board::folder, run};
use std::fs;
use verifier::record::{Record, folder::FolderRecord};

#[test]
fn the_page_of_an_accepted_record_holds_what_the_record_says() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("report.html");
    let arguments = [
        "report",
        folder().to_str().unwrap(),
        "--out",
        file.to_str().unwrap(),
    ]
    .map(str::to_owned);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (status, output) = run(&arguments);
    assert_eq!(status, 0, "{output}");
    let page = fs::read_to_string(&file).unwrap();
    let vectors = fs::read(folder().join("../election.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_slice(&vectors).unwrap();
    for name in ["election id", "manifest id", "root"] {
        assert!(page.contains(vectors[name].as_str().unwrap()), "{name}");
    }
    for text in [
        "<strong>ACCEPTED</strong>",
        "<bdi>Allotment association, annual vote</bdi>",
        "1 ballot counted. Allowed: 1 choice, or a blank answer.",
        "2 ballots counted. Allowed: 0 to 5 points, at most 3 for one option.",
        "Withheld: ",
        "85.7%",
        "2 of 3 decrypt",
        "<bdi>Chidi</bdi>",
        "board.example/e/",
        "result.present",
    ] {
        assert!(page.contains(text), "{text}");
    }
    // A report is not overwritten.
    let (status, output) = run(&arguments);
    assert_eq!(status, 2, "{output}");
    assert_eq!(fs::read_to_string(&file).unwrap(), page);
}

#[test]
fn the_page_of_a_rejected_record_shows_no_totals() {
    let record = FolderRecord::open(&folder()).unwrap();
    let read = |path: &String| (path.clone(), record.read(path, u64::MAX).unwrap());
    let mut files: std::collections::BTreeMap<_, _> = record.files().keys().map(read).collect();
    files.insert("<script>alert(1)</script>".to_owned(), Vec::new());
    // A name with a slash in it makes a folder.
    let copy = crate::board::write(&files);
    let file = copy.path().with_extension("html");
    let (status, output) = run(&[
        "report",
        copy.path().to_str().unwrap(),
        "--out",
        file.to_str().unwrap(),
    ]);
    assert_eq!(status, 1, "{output}");
    let page = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    assert!(page.contains("<strong>REJECTED</strong>"));
    for text in ["<script", "85.7%", "Turnout", "Apple"] {
        assert!(!page.contains(text), "{text}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn a_page_that_cannot_be_made_leaves_no_file() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("report.html");
    let (status, _) = run(&["report", "/nowhere/at/all", "--out", file.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(!file.exists());
}
