//! The one beacon and the one seal of a trustee.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use protocol::election::EntryMaker;
use protocol::entry::Kind;
use protocol::tally::Pattern;
use support::{
    FakeBoard, Memory, Person, Setup, close, dishonest_certification, impatience, opened, publish,
    vote,
};
use trustee::commands::{Refused, seal, status};
use trustee::error::Error;
use trustee::follow::FollowError;
use trustee::patience::Patience;
use trustee::state::{Slot, StateError};

const FIRST: &[&[u32]] = &[&[1, 0, 0, 1], &[3, 1, 0]];

fn people<'a>(setup: &'a Setup, folder: &tempfile::TempDir) -> Vec<Person<'a>> {
    (1..=setup.seeds.len())
        .map(|trustee| Person::new(setup, trustee, folder.path()))
        .collect()
}

/// A board of which trustees 1 and 2 opened the totals; the result is not published yet.
fn decrypted(setup: &Setup, people: &[Person<'_>]) -> FakeBoard {
    let board = opened(setup, people);
    vote(setup, &board, 0, FIRST);
    close(setup, &board);
    people
        .iter()
        .for_each(|person| person.certify(&board).unwrap());
    people[..2]
        .iter()
        .for_each(|person| person.decrypt(&board).unwrap());
    board
}

fn kinds(entries: &[Vec<u8>]) -> Vec<u8> {
    entries.iter().map(|entry| entry[1]).collect()
}

#[test]
fn beacons_come_with_the_decryption_and_seals_after_the_result() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = decrypted(&setup, &people);
    let (shares, beacon, sealed) = (15, 18, 19);
    let entries = board.server().entries.clone();
    let last = &entries[entries.len() - 4..];
    assert_eq!(kinds(last), [shares, beacon, shares, beacon]);
    assert!(board.server().election.audit_seed().is_some());
    // Nothing is sealed before the result.
    let error = people[0].seal(&board).unwrap_err();
    let refused =
        matches!(&error, Error::Refused(Refused::NoResult { phase }) if phase == "certified");
    assert!(refused, "{error}");
    publish(&setup, &board);
    people[0].seal(&board).unwrap();
    let status = status::run(&mut people[1].follow(&board), &mut Memory::default()).unwrap();
    assert_eq!(
        (status.sealed.as_slice(), status.next.as_str()),
        (&["T1".to_owned()][..], "run `trustee seal`")
    );
    assert_eq!(status.waiting_for, ["T2", "T3"]);
    // Trustee 3 decrypted nothing; its beacon comes with its seal.
    people[2].seal(&board).unwrap();
    let entries = board.server().entries.clone();
    assert_eq!(
        kinds(&entries[entries.len() - 3..]),
        [sealed, beacon, sealed]
    );
    assert!(board.server().election.seal_signature().is_some());
    assert!(board.server().election.lot_orders().is_some());
    // Again: nothing is sent.
    let sent = board.server().received.len();
    people[2].seal(&board).unwrap();
    assert_eq!(board.server().received.len(), sent);
    let mut screen = Memory::default();
    let status = status::run(&mut people[2].follow(&board), &mut screen).unwrap();
    status::show(&status, &mut screen);
    assert!(
        screen.text().contains("2 of 2 needed: T1, T3"),
        "{}",
        screen.text()
    );
}

#[test]
fn a_trustee_who_waits_seals_in_the_same_sitting() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = decrypted(&setup, &people);
    let agreed = seal::Agreement {
        to_seal: true,
        never_sealed: false,
    };
    let mut follower = people[0].follow(&board);
    let mut screen = Memory::default();
    let waited = seal::run(
        &mut follower,
        people[0].seed,
        &impatience(),
        agreed,
        &mut screen,
    );
    assert!(matches!(
        waited,
        Err(Error::Follow(FollowError::TimedOut(_)))
    ));
    std::thread::scope(|scope| {
        let sealing = scope.spawn(|| {
            let patience = support::patience();
            seal::run(
                &mut follower,
                people[0].seed,
                &patience,
                agreed,
                &mut screen,
            )
        });
        publish(&setup, &board);
        sealing.join().unwrap().unwrap();
    });
    assert_eq!(board.server().election.signing().sealed_by(), [1]);
}

#[test]
fn a_seal_is_agreed_to_first() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = decrypted(&setup, &people);
    publish(&setup, &board);
    for answer in [None, Some(false)] {
        let mut screen = Memory {
            answer,
            ..Memory::default()
        };
        let mut follower = people[0].follow(&board);
        let agreement = seal::Agreement::default();
        let refused = seal::run(
            &mut follower,
            people[0].seed,
            &Patience::none(),
            agreement,
            &mut screen,
        );
        assert!(matches!(refused, Err(Error::Refused(Refused::NotSealed))));
        assert!(follower.journal().state().message(Slot::Seal).is_none());
        // What is sealed is shown before it is asked.
        let root = board.server().election.root().to_string();
        assert!(screen.text().contains(&root), "{}", screen.text());
    }
    assert!(board.server().election.signing().sealed_by().is_empty());
}

#[test]
fn killed_between_journal_and_board_a_trustee_sends_the_same_seal_and_beacon() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = decrypted(&setup, &people);
    publish(&setup, &board);
    let before = board.server().entries.clone();
    people[2].seal(&board).unwrap();
    let given = board.server().entries[before.len()..].to_vec();
    assert_eq!(kinds(&given), [Kind::Beacon as u8, Kind::Seal as u8]);
    // The board that answered is gone; another one holds what was there before.
    let shorter = FakeBoard::holding(&before);
    people[2].forget_the_board();
    people[2].seal(&shorter).unwrap();
    assert_eq!(shorter.server().received, given);
    // Killed after the beacon: only the seal is missing.
    let shorter = FakeBoard::holding(&[&before[..], &given[..1]].concat());
    people[2].forget_the_board();
    people[2].seal(&shorter).unwrap();
    assert_eq!(shorter.server().received, given[1..]);
}

#[test]
fn another_end_is_never_sealed() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let one = decrypted(&setup, &people);
    // The same totals, opened with the shares of another trustee.
    let two = FakeBoard::holding(&one.server().entries);
    people[2].decrypt(&two).unwrap();
    publish(&setup, &one);
    publish(&setup, &two);
    people[0].seal(&one).unwrap();
    let sent = two.server().received.len();
    people[0].forget_the_board();
    for _ in 0..2 {
        let error = people[0].seal(&two).unwrap_err();
        let Error::Follow(found) = &error else {
            panic!("{error}")
        };
        let is_second = matches!(
            found.cause(),
            FollowError::State(StateError::Second {
                slot: Slot::Seal,
                ..
            })
        );
        assert!(is_second, "{error}");
        let text = error.to_string();
        let ends =
            [&one, &two].map(|board| *board.server().election.signing().final_state().unwrap());
        assert!(
            ends.iter().all(|end| text.contains(&end.root.to_string())),
            "{text}"
        );
    }
    assert_eq!(two.server().received.len(), sent);
    assert!(two.server().election.signing().sealed_by().is_empty());
}

#[test]
fn a_trustee_of_another_close_seals_nothing() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let one = opened(&setup, &people);
    vote(&setup, &one, 0, FIRST);
    let two = FakeBoard::holding(&one.server().entries);
    vote(&setup, &two, 1, &[&[0, 1, 0, 0], &[0, 0, 2]]);
    close(&setup, &one);
    close(&setup, &two);
    people[0].certify(&one).unwrap();
    for trustee in 1..=3 {
        dishonest_certification(&setup, &two, trustee);
    }
    for trustee in [2u16, 3] {
        let seed = &setup.seeds[usize::from(trustee) - 1];
        let key = seed.signing_key().unwrap();
        let maker = EntryMaker { key: &key };
        let mut server = two.server();
        let entry = maker.shares(
            &server.election,
            seed,
            trustee,
            &Pattern::default(),
            &mut getrandom::SysRng,
        );
        server.add(&entry.unwrap()).unwrap();
    }
    publish(&setup, &two);
    people[0].forget_the_board();
    let error = people[0].seal(&two).unwrap_err();
    assert_eq!(error.exit_status(), 1);
    assert!(two.server().received.is_empty());
}

#[test]
fn a_restored_trustee_seals_only_if_it_never_did() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut people = people(&setup, &folder);
    let board = decrypted(&setup, &people);
    publish(&setup, &board);
    people[0].folder = folder.path().join("new-laptop");
    // Its certification is on the board and not in this folder, so it was restored.
    drop(people[0].join(&board).unwrap());
    let error = people[0].seal(&board).unwrap_err();
    assert!(
        matches!(&error, Error::Refused(Refused::MayHaveSealed)),
        "{error}"
    );
    let agreement = seal::Agreement {
        to_seal: true,
        never_sealed: true,
    };
    let mut follower = people[0].follow(&board);
    let screen = &mut Memory::default();
    seal::run(
        &mut follower,
        people[0].seed,
        &Patience::none(),
        agreement,
        screen,
    )
    .unwrap();
    drop(follower);
    // A seal that is on the board already is taken over from there.
    people[0].folder = folder.path().join("newest-laptop");
    let follower = people[0].join(&board).unwrap();
    let (about, adopted) = follower.journal().state().message(Slot::Seal).unwrap();
    let end = *board.server().election.signing().final_state().unwrap();
    assert!(about.contains(&end.root.to_string()));
    assert_eq!(adopted.bytes(), board.server().entries.last().unwrap());
}

#[test]
fn a_refused_beacon_stays_in_the_trustees_hands() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = decrypted(&setup, &people);
    board.server().lies = true;
    people[2].decrypt(&board).unwrap_err();
    board.server().lies = false;
    // Its shares were not taken; they come first, and the beacon was not made before.
    let follower = people[2].follow(&board);
    assert!(follower.journal().state().message(Slot::Shares).is_some());
    assert!(follower.journal().state().message(Slot::Beacon).is_none());
    drop(follower);
    publish(&setup, &board);
    board.server().lies = true;
    people[2].seal(&board).unwrap_err();
    let follower = people[2].follow(&board);
    let (_, beacon) = follower.journal().state().message(Slot::Beacon).unwrap();
    let refused = board.server().received.last().unwrap().clone();
    assert_eq!(beacon.bytes(), refused);
    board.server().lies = false;
    drop(follower);
    people[2].seal(&board).unwrap();
    assert!(board.server().entries.contains(&refused));
}
