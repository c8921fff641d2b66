//! Boards that acknowledge what they do not show, and what is kept against them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use support::{AGREED, FakeBoard, Memory, Person, Setup, close, new_board, opened, vote};
use trustee::commands::{certify_close, decrypt};
use trustee::error::Error;
use trustee::follow::FollowError;
use trustee::patience::Patience;

fn people<'a>(setup: &'a Setup, folder: &tempfile::TempDir) -> Vec<Person<'a>> {
    (1..=setup.seeds.len())
        .map(|trustee| Person::new(setup, trustee, folder.path()))
        .collect()
}

/// The error names the receipt and the board, and both are there.
fn expect_evidence(error: &Error) {
    assert_eq!(error.exit_status(), 1);
    let Error::Follow(evidence @ FollowError::Evidence { folder, .. }) = error else {
        panic!("{error}")
    };
    let FollowError::BrokenPromise { receipt, .. } = evidence.cause() else {
        panic!("{error}")
    };
    assert!(folder.join("entries").exists());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(receipt), 0o600);
    assert_eq!(mode(receipt.parent().unwrap()), 0o700);
    board_client::Receipt::parse(&std::fs::read(receipt).unwrap()).unwrap();
    let text = error.to_string();
    assert!(text.contains(receipt.to_str().unwrap()) && text.contains(folder.to_str().unwrap()));
}

#[test]
fn a_receipt_without_the_entry_is_no_success() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    vote(&setup, &board, 0, &[&[1, 0, 0, 1], &[3, 1, 0]]);
    close(&setup, &board);
    let certify = |board: &FakeBoard, screen: &mut Memory| {
        let patience = Patience::none();
        let mut follower = people[0].follow(board);
        certify_close::run(&mut follower, people[0].seed, &patience, AGREED, screen)
    };
    board.server().swallows = true;
    let mut screen = Memory::default();
    expect_evidence(&certify(&board, &mut screen).unwrap_err());
    assert!(!screen.text().contains("✓ You have certified"));
    // The promise is remembered when the program starts again, before anything is sent.
    let sent = board.server().received.len();
    expect_evidence(&certify(&board, &mut Memory::default()).unwrap_err());
    assert_eq!(board.server().received.len(), sent);
    // A board that keeps it after all is followed.
    board.server().swallows = false;
    let last = board.server().received.last().unwrap().clone();
    board.server().add(&last).unwrap();
    certify(&board, &mut Memory::default()).unwrap();
    people[1].certify(&board).unwrap();

    board.server().swallows = true;
    let mut screen = Memory::default();
    let patience = Patience::none();
    let mut follower = people[0].follow(&board);
    let opened = decrypt::run(
        &mut follower,
        people[0].seed,
        &patience,
        support::TO_OPEN,
        &mut screen,
    );
    expect_evidence(&opened.unwrap_err());
    assert!(!screen.text().contains("✓ Your part"));
}

#[test]
fn a_message_of_the_ceremony_that_is_swallowed_is_not_reported_as_sent() {
    let setup = Setup::new(1, 1);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    board.server().swallows = true;
    let mut screen = Memory::default();
    let error = people[0].join_saying(&board, &mut screen).err().unwrap();
    expect_evidence(&error);
    assert!(!screen.text().contains("✓ You are registered"));
    board.server().swallows = false;
    let register = board.server().received[0].clone();
    board.server().add(&register).unwrap();
    board.server().swallows = true;
    let mut screen = Memory::default();
    expect_evidence(&people[0].ceremony(&board, &mut screen).unwrap_err());
    assert!(!screen.text().contains("You have committed"));
}

#[test]
fn a_second_close_is_kept_as_evidence() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let one = opened(&setup, &people);
    let two = FakeBoard::holding(&one.server().entries);
    vote(&setup, &two, 0, &[&[1, 0, 0, 1], &[3, 1, 0]]);
    close(&setup, &one);
    close(&setup, &two);
    people[0].certify(&one).unwrap();
    people[0].forget_the_board();
    let error = people[0].certify(&two).unwrap_err();
    let Error::Follow(FollowError::Evidence { folder, .. }) = &error else {
        panic!("{error}")
    };
    assert!(error.to_string().contains(folder.to_str().unwrap()));
    let kept = std::fs::read(folder.join("entries")).unwrap();
    assert_eq!(kept, two.server().entries.concat());
    // What the trustee follows is still the first one.
    people[0].certify(&one).unwrap_err();
    people[0].forget_the_board();
    people[0].certify(&one).unwrap();
}
