//! A witness of a real ballot box, and the box's board in the hands of others' code.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::time::Duration;

#[path = "../../verifier/tests/live/go.rs"]
mod go;
#[path = "support/mod.rs"]
mod support;

use go::interop;
use support::{Scene, small_club};

/// Followed from before the opening to the result; every kind of entry of a sound election.
#[test]
fn a_whole_election_is_witnessed_and_read_by_go() {
    let scene = Scene::set_up(small_club(6), 3, 2);
    let folder = scene.folder.path();
    let board = scene.stage.board();
    let arguments = [
        "witness",
        "--home",
        "witness",
        "--name",
        "witness.example/ada",
        "--follow",
        board,
        "--every",
        "1",
        "--listen",
        "127.0.0.1:0",
    ];
    let witness = scene
        .stage
        .programs()
        .start("verifier", &arguments, folder, &folder.join("witness.log"))
        .unwrap();
    let wait_for = |text: &str| {
        witness
            .wait_until(Duration::from_secs(60), |witness| {
                witness.said().contains(text)
            })
            .unwrap();
    };
    wait_for("Cosigned ");
    scene.stage.ceremony().unwrap();
    scene.stage.open().unwrap();
    scene.vote();
    let told = interop(&["record", board], "").unwrap();
    assert!(told.starts_with("OK: "), "{told}");
    scene.finish(&[1, 3]);
    let record = folder.join("record");
    let signed = fs::read_to_string(record.join("checkpoint")).unwrap();
    let size = signed.lines().nth(1).unwrap();
    wait_for(&format!("Cosigned {size} entries of "));
    let said = witness.said();
    assert!(
        !said.contains("ALARM") && !said.contains("Not cosigned"),
        "{said}"
    );
    // What the witness serves is the record's checkpoint and its own line; Go checks both.
    let after = |text: &str| {
        let rest = said.split_once(text).unwrap().1;
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let url = format!(
        "{}{}",
        after("Listening on "),
        after("Cosigned checkpoints are at ")
    );
    let cosigned = ureq::get(&url)
        .call()
        .unwrap()
        .body_mut()
        .read_to_string()
        .unwrap();
    let line = cosigned.strip_prefix(&signed).unwrap();
    assert!(line.starts_with("— witness.example/ada "), "{line}");
    fs::write(folder.join("cosigned"), &cosigned).unwrap();
    let place = record.to_str().unwrap();
    let told = interop(&["record", place], "").unwrap();
    assert!(told.starts_with(&format!("OK: {size} entries")), "{told}");
    let file = folder.join("cosigned");
    let arguments = [
        "cosignature",
        place,
        &after("its cosignatures: "),
        file.to_str().unwrap(),
    ];
    let told = interop(&arguments, "").unwrap();
    assert!(told.starts_with(&format!("OK: {size} entries")), "{told}");
    // A signature that was changed is nobody's.
    let changed = cosigned.replacen("ada ", "bob ", 1);
    fs::write(&file, changed).unwrap();
    assert!(interop(&arguments, "").is_err());
}
