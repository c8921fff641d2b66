//! Elections of the world, where their ballots are at hand: beside the repository's parent folder,
//! in `shared/elections`. They are not part of the repository.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

#[path = "support/mod.rs"]
mod support;

fn folder(name: &str) -> Option<PathBuf> {
    let elections = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/elections");
    let folder = elections.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("{name}: NOT RUN, because {} is not there", folder.display());
    None
}

fn run(name: &str, ballots: u64, more: &[&str]) {
    let Some(election) = folder(name) else {
        return;
    };
    support::programs();
    let place = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--json", "--election"])
        .arg(&election)
        .arg("--record")
        .arg(place.path().join("record"))
        .args(more)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}{errors}");
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!(last["accepted"], ballots);
    assert_eq!(last["totals_match"], true);
}

#[test]
fn all_approval_ballots_of_gy() {
    run("gy-2002", 365, &["--trustees", "5", "--threshold", "3"]);
}

#[test]
fn choices_of_gdynia() {
    run("gdynia-2020", 400, &["--limit", "400"]);
}

#[test]
fn points_of_toulouse() {
    run(
        "toulouse-2019",
        150,
        &["--limit", "150", "--trustees", "1", "--threshold", "1"],
    );
}
