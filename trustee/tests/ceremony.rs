//! The key ceremony among honest, slow, killed, restored and lying trustees.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use board_client::ClientError;
use getrandom::SysRng;
use protocol::election::Phase;
use protocol::entry::{Author, Envelope, Kind, sign_entry, unsigned_entry};
use protocol::key_ceremony::{Fault, Round, Step, next_step};
use support::{
    FakeBoard, Memory, Person, Setup, ceremony_of_all, impatience, new_board, opened, patience,
};
use trustee::commands::Refused;
use trustee::commands::ceremony::{self, Next, next};
use trustee::error::Error;
use trustee::follow::{FollowError, Follower};
use trustee::state::Slot;

fn people<'a>(setup: &'a Setup, folder: &tempfile::TempDir) -> Vec<Person<'a>> {
    (1..=setup.seeds.len())
        .map(|trustee| Person::new(setup, trustee, folder.path()))
        .collect()
}

/// One look at the board, and one message if there is one to send.
fn step(follower: &mut Follower<FakeBoard>, person: &Person<'_>) -> Option<Vec<u8>> {
    follower.catch_up(&mut Memory::default()).unwrap();
    match next(follower, person.seed, 9).unwrap() {
        Next::Send { entry, .. } => {
            follower.send(&entry).unwrap();
            Some(entry.bytes().to_vec())
        }
        _ => None,
    }
}

fn kind(entry: &[u8]) -> Kind {
    Envelope::decode(entry).unwrap().kind
}

#[test]
fn three_programs_at_once_make_a_key() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    assert_eq!(board.server().election.phase(), Phase::Open);
    // Each trustee sent five messages, and none twice.
    let server = board.server();
    assert_eq!(server.received.len(), 15);
    // A ceremony that is complete is reported so.
    drop(server);
    let mut screen = Memory::default();
    people[0].ceremony(&board, &mut screen).unwrap();
    assert!(screen.text().contains("You are trustee 1 of 3 (T1)"));
    assert!(screen.text().contains("The election key is made"));
}

#[test]
fn programs_that_are_killed_after_every_message_go_on() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    for person in &people {
        person.join(&board).unwrap();
    }
    for _ in 0..20 {
        for person in &people {
            // Killed after the journal's line and before the message is sent; then again after.
            let mut follower = person.follow(&board);
            follower.catch_up(&mut Memory::default()).unwrap();
            let recorded = match next(&mut follower, person.seed, 9).unwrap() {
                Next::Send { entry, .. } => Some(entry.bytes().to_vec()),
                _ => None,
            };
            drop(follower);
            let sent = step(&mut person.follow(&board), person);
            assert_eq!(sent, recorded);
        }
    }
    let server = board.server();
    assert_eq!(server.election.ceremony().unwrap().round(), Round::Complete);
    assert_eq!(server.election.ceremony().unwrap().attempt(), 1);
    assert_eq!(server.received.len(), 10);
}

#[test]
fn a_silent_trustee_is_waited_for_by_name() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    for person in &people[..2] {
        person.join(&board).unwrap();
    }
    let mut screen = Memory::default();
    let mut follower = people[0].follow(&board);
    let error = ceremony::run(&mut follower, people[0].seed, &impatience(), 3, &mut screen);
    let error = error.unwrap_err();
    assert!(matches!(&error, Error::Follow(FollowError::TimedOut(timed)) if timed.what == "T3"));
    assert_eq!(error.exit_status(), 2);
    let waited = screen
        .lines
        .iter()
        .filter(|line| line.contains("waiting for T3"));
    assert!(waited.count() > 0, "{}", screen.text());
    drop(follower);
    // Nothing is lost: with the third trustee the ceremony ends.
    people[2].join(&board).unwrap();
    ceremony_of_all(&people, &board);
}

#[test]
fn a_board_that_does_not_answer_is_tried_again() {
    let setup = Setup::new(1, 1);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    people[0].join(&board).unwrap();
    board.server().silent_for = 3;
    let texts = ceremony_of_all(&people, &board);
    assert!(texts[0].contains("trying again"));
}

/// The entry with which trustee 2 deals shares of which the first recipient's are wrong.
fn wrong_deal(setup: &Setup, board: &FakeBoard) -> Vec<u8> {
    let server = board.server();
    let ceremony = server.election.ceremony().unwrap();
    let Step::Post {
        kind: Kind::Deal,
        entry,
    } = next_step(ceremony, &setup.seeds[1], 2, &mut SysRng).unwrap()
    else {
        panic!("trustee 2 does not deal now")
    };
    let envelope = Envelope::decode(&entry).unwrap();
    let mut body = envelope.body.to_vec();
    body[2] ^= 1;
    let author = Author::Trustee(2);
    let unsigned = unsigned_entry(Kind::Deal, &envelope.scope, &author, &body);
    sign_entry(
        unsigned,
        &setup.seeds[1].signing_key().unwrap(),
        &mut SysRng,
    )
    .unwrap()
}

/// Brings the first attempt to the point where trustee 2 has dealt wrong shares to trustee 1.
fn deal_wrong_shares(setup: &Setup, people: &[Person<'_>], board: &FakeBoard) {
    for person in people {
        person.join(board).unwrap();
    }
    while board.server().election.ceremony().unwrap().round() < Round::Deal {
        for person in people {
            step(&mut person.follow(board), person);
        }
    }
    let wrong = wrong_deal(setup, board);
    board.server().add(&wrong).unwrap();
    for person in [&people[0], &people[2]] {
        step(&mut person.follow(board), person);
    }
}

#[test]
fn wrong_shares_are_complained_about_and_the_dealer_is_named() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    deal_wrong_shares(&setup, &people, &board);

    let mut screen = Memory::default();
    let mut follower = people[0].follow(&board);
    let error = ceremony::run(&mut follower, people[0].seed, &impatience(), 3, &mut screen);
    assert!(matches!(
        error,
        Err(Error::Follow(FollowError::TimedOut(_)))
    ));
    drop(follower);
    let text = screen.text();
    assert!(
        text.contains("What trustee 2 (T2) dealt to you is wrong"),
        "{text}"
    );
    assert!(
        text.contains("Attempt 1 ended: trustee 2 (T2) dealt to trustee 1 (T1)"),
        "{text}"
    );
    {
        let server = board.server();
        let culprit = server.election.ceremony().unwrap().culprits()[0];
        assert_eq!((culprit.attempt, culprit.trustee), (1, 2));
        assert!(matches!(
            culprit.fault,
            Fault::WrongShares { recipient: 1, .. }
        ));
    }
    // Trustee 2's own program does not know the wrong deal. That attempt is over; but if the next one
    // has begun already, it is given up, for there too something may have been sent. All go on.
    let texts = ceremony_of_all(&people, &board);
    assert!(
        texts[1].contains("this folder does not know it"),
        "{}",
        texts[1]
    );
    assert!(board.server().election.ceremony().unwrap().attempt() >= 2);
}

#[test]
fn a_lying_answer_is_not_taken_for_a_race() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    for person in &people {
        person.join(&board).unwrap();
    }
    let sent = board.server().received.len();
    board.server().lies = true;
    let error = people[0]
        .ceremony(&board, &mut Memory::default())
        .unwrap_err();
    assert!(
        matches!(
            &error,
            Error::Follow(FollowError::Board(ClientError::Lying { .. }))
        ),
        "{error}"
    );
    assert_eq!(board.server().received.len(), sent + 1);
}

#[test]
fn a_complaint_that_was_recorded_is_sent_again_unchanged() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    deal_wrong_shares(&setup, &people, &board);
    let complaint = |person: &Person<'_>| {
        let mut follower = person.follow(&board);
        follower.catch_up(&mut Memory::default()).unwrap();
        match next(&mut follower, person.seed, 9).unwrap() {
            Next::Send { entry, .. } => entry.bytes().to_vec(),
            other => panic!("{other:?}"),
        }
    };
    let first = complaint(&people[0]);
    assert_eq!(kind(&first), Kind::Complain);
    assert_eq!(complaint(&people[0]), first);
}

#[test]
fn attempts_that_keep_failing_stop_with_the_culprit() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    deal_wrong_shares(&setup, &people, &board);
    let mut screen = Memory::default();
    let mut follower = people[0].follow(&board);
    let error = ceremony::run(&mut follower, people[0].seed, &patience(), 1, &mut screen);
    let error = error.unwrap_err();
    let expected = Refused::Attempts {
        attempts: 1,
        culprit: "T2".to_owned(),
    };
    assert!(
        matches!(&error, Error::Refused(refused) if *refused == expected),
        "{error}"
    );
    assert_eq!(error.exit_status(), 1);
}

#[test]
fn a_restored_trustee_abandons_an_open_attempt() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut people = people(&setup, &folder);
    let board = new_board(&setup);
    for person in &people {
        person.join(&board).unwrap();
    }
    while board.server().election.ceremony().unwrap().round() < Round::Reveal {
        for person in &people {
            step(&mut person.follow(&board), person);
        }
    }
    // The laptop is lost; the words and the board are not.
    people[0].folder = folder.path().join("new-laptop");
    let follower = people[0].join(&board).unwrap();
    assert_eq!(follower.journal().state().must_abandon(), Some(1));
    drop(follower);
    let mut follower = people[0].follow(&board);
    let entry = step(&mut follower, &people[0]).unwrap();
    assert_eq!(kind(&entry), Kind::Abandon);
    drop(follower);
    let texts = ceremony_of_all(&people, &board);
    assert!(
        texts[1].contains("Attempt 1 ended: trustee 1 (T1) gave it up"),
        "{}",
        texts[1]
    );
    let server = board.server();
    let ceremony = server.election.ceremony().unwrap();
    assert_eq!((ceremony.attempt(), ceremony.round()), (2, Round::Complete));
}

#[test]
fn an_old_copy_of_the_folder_abandons_too() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = new_board(&setup);
    for person in &people {
        person.join(&board).unwrap();
    }
    for person in &people {
        step(&mut person.follow(&board), person);
    }
    people[0].forget("commit");
    let mut follower = people[0].follow(&board);
    let entry = step(&mut follower, &people[0]).unwrap();
    assert_eq!(kind(&entry), Kind::Abandon);
    assert!(
        follower
            .journal()
            .state()
            .message(Slot::Abandon(1))
            .is_some()
    );
}

#[test]
fn a_restore_after_the_ceremony_needs_no_new_attempt() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut people = people(&setup, &folder);
    let board = new_board(&setup);
    for person in &people {
        person.join(&board).unwrap();
    }
    ceremony_of_all(&people, &board);
    people[0].folder = folder.path().join("new-laptop");
    let follower = people[0].join(&board).unwrap();
    assert_eq!(follower.journal().state().must_abandon(), None);
    assert!(follower.journal().state().is_restored());
    drop(follower);
    let mut screen = Memory::default();
    people[0].ceremony(&board, &mut screen).unwrap();
    assert_eq!(board.server().election.ceremony().unwrap().attempt(), 1);
}
