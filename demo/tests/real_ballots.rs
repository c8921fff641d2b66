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
    if let Some(election) = folder(name) {
        hold(&election, ballots, more);
    }
}

/// Holds the election of a folder; gives what was said.
fn hold(election: &Path, ballots: u64, more: &[&str]) -> String {
    support::programs();
    let place = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--json", "--election"])
        .arg(election)
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
    text
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

/// Numbers of the real budget ballots: how many points each voter spent, and on how many projects.
#[test]
fn sum_mean_and_variance_of_what_toulouse_spent() {
    const VOTERS: usize = 120;
    let Some(election) = folder("toulouse-2019") else {
        return;
    };
    let ballots = std::fs::read_to_string(election.join("ballots.csv")).unwrap();
    let points = |line: &str| -> Vec<i64> {
        line.split(',')
            .map(|value| value.parse().unwrap())
            .collect()
    };
    let voters = ballots.lines().skip(1).take(VOTERS).map(points);
    let spent = |points: Vec<i64>| {
        let projects = points.iter().filter(|given| **given > 0).count() as i64;
        (points.iter().sum::<i64>(), projects)
    };
    let answers: Vec<(i64, i64)> = voters.map(spent).collect();
    let lines: String = answers
        .iter()
        .map(|(points, projects)| format!("{points},{projects}\n"))
        .collect();
    let sum = |of: fn(&(i64, i64)) -> i64| answers.iter().map(of).sum::<i64>();
    let (points, projects) = (sum(|answer| answer.0), sum(|answer| answer.1));
    let numbers = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(numbers.path().join(name), text).unwrap();
    let question = r#"{"title": "What Toulouse spent", "kind": "numbers", "lo": 0, "hi": 30,
        "options": [{"id": "points", "label": "Points spent", "buckets": [0, 3, 5, 7]}, {"id": "projects", "label": "Projects"}]}"#;
    write("question.json", question.to_owned());
    write("ballots.csv", format!("points,projects\n{lines}"));
    write(
        "totals.csv",
        format!("id,total\npoints,{points}\nprojects,{projects}\n"),
    );
    let text = hold(
        numbers.path(),
        VOTERS as u64,
        &["--trustees", "1", "--threshold", "1"],
    );
    let mean = format!(
        "sum {points}, mean {:.2}, variance ",
        points as f64 / VOTERS as f64
    );
    assert!(text.contains(&mean), "{mean}: {text}");

    // With another sum the demonstration says what is wrong.
    write(
        "totals.csv",
        format!("id,total\npoints,{}\nprojects,{projects}\n", points + 1),
    );
    let place = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--trustees", "1", "--threshold", "1", "--election"])
        .arg(numbers.path())
        .arg("--record")
        .arg(place.path().join("record"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains(&format!("WRONG: must be {}", points + 1)),
        "{text}"
    );
}

/// The widest range that can be asked for, below zero, and a single voter.
#[test]
fn numbers_at_the_ends_of_what_can_be_asked() {
    let numbers = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(numbers.path().join(name), text).unwrap();
    write(
        "question.json",
        r#"{"title": "Balance", "kind": "numbers", "lo": -2147483648, "hi": 2147483647, "decimals": 2, "unit": "euros"}"#,
    );
    write("ballots.csv", "-2147483648\n2147483647\n-1\n0\n");
    let alone = ["--trustees", "1", "--threshold", "1"];
    let text = hold(numbers.path(), 4, &alone);
    assert!(text.contains("not the variance"), "{text}");
    assert!(text.contains("sum -0.02, mean -0.0050"), "{text}");

    write(
        "question.json",
        r#"{"title": "Cold", "kind": "numbers", "lo": -40, "hi": -10}"#,
    );
    write("ballots.csv", "degrees\n-17\n");
    let text = hold(numbers.path(), 1, &alone);
    assert!(
        text.contains("sum -17, mean -17.00, variance 0.00, standard deviation 0.00"),
        "{text}"
    );
}
