//! A ballot box that shows voters one board and trustees another, and the witnesses of its manifest.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use demo::stage::Stage;
use protocol::election::{Election, Phase, replay};

#[path = "support/mod.rs"]
mod support;

use support::{Scene, programs, small_club};

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// Three trustees of whom two decrypt, and two witnesses: four of five certify a close.
fn watched() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let example = small_club(6);
    let stage = Stage::set_up_watched(&programs(), folder.path(), &example, (3, 2), 2);
    let stage = stage.unwrap_or_else(|error| panic!("{error}"));
    stage.ceremony().unwrap();
    stage.open().unwrap();
    Scene {
        example,
        stage,
        folder,
    }
}

fn phase(stage: &Stage) -> Phase {
    let (board, mut election) = (stage.fetch().unwrap(), Election::new());
    replay(&mut election, board.iter(), &mut getrandom::SysRng, |_| ()).unwrap();
    election.phase()
}

#[test]
fn with_two_witnesses_the_loss_of_a_trustee_before_the_close_is_no_harm() {
    let scene = watched();
    scene.vote();
    let stage = &scene.stage;
    stage.organiser.run(&["close", "--early"]).unwrap();
    for trustee in stage.trustees.iter().take(2) {
        trustee.certify_close().unwrap().finish().unwrap();
    }
    let start = Instant::now();
    while phase(stage) < Phase::Certified {
        assert!(start.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(200));
    }
    stage.decrypt(&[1, 2]).unwrap();
    scene.publish();
}

#[test]
fn a_board_that_its_witnesses_saw_otherwise_gets_no_certified_close() {
    let scene = watched();
    let stage = &scene.stage;
    // The server keeps the board as it was before the voters came …
    stage.ballot_box.kill();
    let (data, kept) = (
        stage.ballot_box.data(),
        scene.folder.path().join("before the votes"),
    );
    copy(&data, &kept);
    stage.ballot_box.start_again().unwrap();
    // … shows them one with their ballots, which the witnesses see …
    scene.vote();
    let voted = stage.fetch().unwrap().size();
    let start = Instant::now();
    let seen = format!("Cosigned {voted} entries");
    while !stage.witnesses.iter().all(|one| one.said().contains(&seen)) {
        assert!(start.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(200));
    }
    // … and the trustees, who look only now, the other one.
    stage.ballot_box.kill();
    fs::remove_dir_all(&data).unwrap();
    copy(&kept, &data);
    stage.ballot_box.start_again().unwrap();
    stage.organiser.run(&["close", "--early"]).unwrap();
    for trustee in &stage.trustees {
        trustee.certify_close().unwrap().finish().unwrap();
    }
    // All trustees agree, and that is not enough.
    sleep(Duration::from_secs(5));
    assert_eq!(phase(stage), Phase::Closed);
    for trustee in &stage.trustees {
        let refused = trustee.decrypt().unwrap().finish().unwrap_err();
        assert!(
            refused.said().contains("1 more must certify it"),
            "{refused}"
        );
    }
}
