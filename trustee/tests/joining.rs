//! Joining, and boards that change what was joined.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use protocol::entry::Kind;
use protocol::key_ceremony::Round;
use support::{FakeBoard, Memory, Person, Setup, board_of, new_board};
use trustee::commands::Refused;
use trustee::commands::join::{self, Consent};
use trustee::error::Error;
use trustee::follow::FollowError;
use trustee::patience::Patience;
use trustee::state::{StateError, joined};

/// What is wrong with the board, without where the evidence is.
fn cause(error: &Error) -> &FollowError {
    match error {
        Error::Follow(error) => error.cause(),
        other => panic!("{other}"),
    }
}

#[test]
fn joining_shows_what_is_asked_and_registers_once() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&setup, 2, folder.path());
    let board = new_board(&setup);
    let mut screen = Memory::default();
    drop(person.join_saying(&board, &mut screen).unwrap());
    let text = screen.text();
    for expected in [
        "Test, Club",
        "Who?  (choose 1 to 2 of 4, or blank)",
        "How much?  (give 0 to 5 points over 3 options, at most 3 each)",
        "2 T2  (you)",
        "Any 2 of the 3 trustees can open the totals",
        "Once the close is certified, there is no result if more than 1 of you lose key and words.",
        "3 of the 3 must certify",
        "2026-01-01 00:00 UTC to 2027-01-01 00:00 UTC",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // Again: nothing is asked, nothing is sent.
    let mut screen = Memory::default();
    let board_again = board.clone();
    let patience = Patience::none();
    let elections = &person.folder;
    let again = join::run(
        elections,
        person.seed,
        false,
        board_again,
        Consent::Ask,
        &patience,
        &mut screen,
    );
    drop(again.unwrap());
    assert_eq!(board.server().received.len(), 1);
    let server = board.server();
    assert!(
        server
            .election
            .ceremony()
            .unwrap()
            .has_done(2, Round::Register)
    );
}

#[test]
fn without_consent_nothing_is_signed_or_kept() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&setup, 2, folder.path());
    let board = new_board(&setup);
    for answer in [None, Some(false)] {
        let mut screen = Memory {
            answer,
            ..Memory::default()
        };
        let board = board.clone();
        let patience = Patience::none();
        let elections = &person.folder;
        let refused = join::run(
            elections,
            person.seed,
            false,
            board,
            Consent::Ask,
            &patience,
            &mut screen,
        );
        assert!(matches!(refused, Err(Error::Refused(Refused::Declined))));
    }
    assert!(board.server().received.is_empty());
    assert!(joined(&person.folder).0.is_empty());
}

#[test]
fn a_roster_without_ones_key_is_refused() {
    let (setup, others) = (Setup::new(3, 2), Setup::new(3, 2));
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&others, 1, folder.path());
    let board = new_board(&setup);
    let error = person.join(&board).err().unwrap();
    assert!(
        matches!(&error, Error::Refused(Refused::NotInRoster { .. })),
        "{error}"
    );
    assert_eq!(error.exit_status(), 1);
    assert!(board.server().received.is_empty());
    assert!(joined(&person.folder).0.is_empty());
}

/// The manifest with two witnesses, of whom k must sign, and a quorum.
fn watched(setup: &Setup, k: u16, quorum: u16) -> String {
    let witness = |n: u8| {
        let key = ed25519_key(n);
        format!(r#"{{"name":"paper.example/{n}","key":"{key}"}}"#)
    };
    setup.manifest.replace(
        r#""close_quorum":3"#,
        &format!(
            r#""close_quorum":{quorum},"witness_quorum":{k},"witnesses":[{},{}]"#,
            witness(1),
            witness(2)
        ),
    )
}

/// Points of Ed25519 in use elsewhere; only their bytes are shown.
fn ed25519_key(n: u8) -> &'static str {
    match n {
        1 => "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        _ => "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    }
}

#[test]
fn joining_names_the_witnesses_and_what_they_are_trusted_with() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let shown = |quorum: u16, trustee: usize| {
        let person = Person::new(&setup, trustee, &folder.path().join(quorum.to_string()));
        let board = board_of(&setup, &watched(&setup, 2, quorum));
        let mut screen = Memory::default();
        drop(person.join_saying(&board, &mut screen).unwrap());
        screen.text()
    };
    let text = shown(4, 1);
    let warning = "If more than 0 of these witnesses work for the organiser, one corrupt trustee and the server could have \
                   two closes opened: know who they are.";
    for expected in [
        "paper.example/1\n",
        "paper.example/2+",
        "2 of these 2 must sign what the board shows. At the end 4 of 5 (3 trustees and 2 witnesses) must certify",
        warning,
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // 2·5 > 3 + 4 + 1: then no lie of witnesses matters.
    let text = shown(5, 1);
    assert!(text.contains("At the end 5 of 5 (3 trustees and 2 witnesses) must certify"));
    assert!(!text.contains("work for the organiser"), "{text}");
}

#[test]
fn a_manifest_swapped_after_joining_is_refused() {
    let setup = Setup::new(1, 1);
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&setup, 1, folder.path());
    drop(person.join(&new_board(&setup)).unwrap());
    let swapped = setup.manifest.replace("Who?", "Who else?");
    let other = board_of(&setup, &swapped);
    let error = person.join(&other).err().unwrap();
    assert!(
        matches!(
            cause(&error),
            FollowError::State(StateError::OtherManifest { .. })
        ),
        "{error}"
    );
    let error = person.ceremony(&other, &mut Memory::default()).unwrap_err();
    assert!(
        matches!(
            cause(&error),
            FollowError::State(StateError::OtherManifest { .. })
        ),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("Refused: the organiser or the board has replaced")
    );
    assert_eq!(error.exit_status(), 1);
    assert!(other.server().received.is_empty());
}

#[test]
fn a_board_that_goes_back_or_changes_is_refused() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (
        Person::new(&setup, 1, folder.path()),
        Person::new(&setup, 2, folder.path()),
    );
    let board = new_board(&setup);
    drop(one.join(&board).unwrap());
    drop(two.join(&board).unwrap());
    drop(one.join(&board).unwrap());
    let entries = board.server().entries.clone();
    let sent = board.server().received.len();
    // The manifest, the roll, and two registrations: one less, then both in the other order.
    assert_eq!(entries.len(), 4);
    let shorter = FakeBoard::holding(&entries[..3]);
    let error = one.ceremony(&shorter, &mut Memory::default()).unwrap_err();
    assert!(
        matches!(cause(&error), FollowError::WentBack { seen: 4, found: 3 }),
        "{error}"
    );
    assert_eq!(error.exit_status(), 1);
    let mut swapped = entries.clone();
    swapped.swap(2, 3);
    let changed = FakeBoard::holding(&swapped);
    let error = one.ceremony(&changed, &mut Memory::default()).unwrap_err();
    assert!(
        matches!(cause(&error), FollowError::Rewritten { size: 4 }),
        "{error}"
    );
    assert_eq!(error.exit_status(), 1);
    assert!(shorter.server().received.is_empty() && changed.server().received.is_empty());
    assert_eq!(board.server().received.len(), sent);
}

#[test]
fn a_board_with_an_entry_that_must_not_be_there_is_refused() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let one = Person::new(&setup, 1, folder.path());
    let board = new_board(&setup);
    drop(one.join(&board).unwrap());
    let mut forged = board.server().entries[2].clone();
    // Trustee 1's registration, as if it were trustee 2's.
    assert_eq!(forged[1], Kind::Register as u8);
    forged[35] = 2;
    board.server().entries.push(forged);
    let error = one.ceremony(&board, &mut Memory::default()).unwrap_err();
    assert!(matches!(cause(&error), FollowError::Invalid(invalid) if invalid.index == 3));
    assert_eq!(error.exit_status(), 1);
    assert_eq!(board.server().received.len(), 1);
}
