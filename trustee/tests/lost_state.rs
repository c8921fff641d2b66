//! A trustee whose journal is gone must not be led to sign a second time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use support::{FakeBoard, Memory, Person, Setup, close, opened, vote};
use trustee::commands::Refused;
use trustee::error::Error;
use trustee::state::Slot;

const ONE: &[&[u32]] = &[&[1, 0, 0, 1], &[3, 1, 0]];

fn people<'a>(setup: &'a Setup, folder: &tempfile::TempDir) -> Vec<Person<'a>> {
    (1..=setup.seeds.len())
        .map(|trustee| Person::new(setup, trustee, folder.path()))
        .collect()
}

#[test]
fn a_past_that_the_server_hid_while_joining_again_gets_no_second_close() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut people = people(&setup, &folder);
    let one = opened(&setup, &people);
    let two = FakeBoard::holding(&one.server().entries);
    vote(&setup, &two, 0, ONE);
    close(&setup, &one);
    close(&setup, &two);
    people[0].certify(&one).unwrap();
    // The folder is lost. The server shows nothing but the manifest, so that joining looks like the
    // first time; it takes the new registration, but gives no receipt that it could not keep.
    people[0].folder = folder.path().join("new-laptop");
    let hiding = FakeBoard::holding(&one.server().entries[..1]);
    hiding.server().lies = true;
    let joined = people[0].join(&hiding);
    assert!(joined.is_err());
    drop(joined);
    let mut follower = people[0].follow(&two);
    assert!(!follower.journal().state().is_restored());
    let mut screen = Memory::default();
    follower.catch_up(&mut screen).unwrap();
    assert!(
        screen.text().contains("this folder does not know it"),
        "{}",
        screen.text()
    );
    drop(follower);
    let error = people[0].certify(&two).unwrap_err();
    assert!(
        matches!(error, Error::Refused(Refused::MayHaveCertified)),
        "{error}"
    );
    assert!(two.server().received.is_empty());
    assert!(
        (people[0].follow(&two).journal().state())
            .message(Slot::CertifyClose)
            .is_none()
    );
}

#[test]
fn any_own_entry_that_the_journal_does_not_know_means_lost_state() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    vote(&setup, &board, 0, ONE);
    close(&setup, &board);
    people[0].certify(&board).unwrap();
    people[1].certify(&board).unwrap();
    people[0].decrypt(&board).unwrap();
    let path = people[0].election_folder().join("journal");
    let whole = std::fs::read(&path).unwrap();
    let mut follower = people[0].follow(&board);
    follower.catch_up(&mut Memory::default()).unwrap();
    assert!(!follower.journal().state().is_restored());
    drop(follower);
    for slot in [
        r#""register""#,
        r#"{"commit":1}"#,
        r#"{"reveal":1}"#,
        r#"{"deal":1}"#,
        r#"{"certify":1}"#,
        r#""certify-close""#,
        r#""shares""#,
    ] {
        std::fs::write(&path, &whole).unwrap();
        people[0].forget(&format!("\"slot\":{slot}"));
        let mut follower = people[0].follow(&board);
        let mut screen = Memory::default();
        follower.catch_up(&mut screen).unwrap();
        assert!(follower.journal().state().is_restored(), "{slot}");
        let said = screen.text().matches("does not know it").count();
        assert_eq!(said, 1, "{slot}");
    }
}

#[test]
fn a_restore_that_is_stopped_before_the_board_answers_is_still_one() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut people = people(&setup, &folder);
    let board = support::new_board(&setup);
    for person in &people {
        person.join(&board).unwrap();
    }
    // Trustee 2 has committed: an attempt is open.
    let mut follower = people[1].follow(&board);
    follower.catch_up(&mut Memory::default()).unwrap();
    let next = trustee::commands::ceremony::next(&mut follower, people[1].seed, 9).unwrap();
    let trustee::commands::ceremony::Next::Send { entry, .. } = next else {
        panic!("{next:?}")
    };
    follower.send(&entry).unwrap();
    drop(follower);
    people[0].folder = folder.path().join("new-laptop");
    // The second look at the board fails, after the election was joined.
    let restored = people[0].restore_with_silence_after(&board, 1);
    assert!(restored.is_err());
    drop(restored);
    let mut follower = people[0].follow(&board);
    assert!(follower.journal().state().is_restored());
    follower.catch_up(&mut Memory::default()).unwrap();
    assert_eq!(follower.journal().state().must_abandon(), Some(1));
}
