//! The one certified close and the one decryption of an election.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use age::secrecy::SecretString;
use getrandom::SysRng;
use protocol::election::Phase;
use support::{
    AGREED, FakeBoard, Memory, Person, Setup, TO_OPEN, close, dishonest_certification, impatience,
    opened, vote,
};
use trustee::commands::certify_close::Agreement;
use trustee::commands::join::Consent;
use trustee::commands::{Refused, certify_close, decrypt, restore, status};
use trustee::error::Error;
use trustee::follow::FollowError;
use trustee::keystore::Home;
use trustee::patience::Patience;
use trustee::state::{Slot, StateError};
use trustee::words::Words;

const FIRST: &[&[u32]] = &[&[1, 0, 0, 1], &[3, 1, 0]];
const SECOND: &[&[u32]] = &[&[0, 1, 0, 0], &[0, 0, 2]];

fn people<'a>(setup: &'a Setup, folder: &tempfile::TempDir) -> Vec<Person<'a>> {
    (1..=setup.seeds.len())
        .map(|trustee| Person::new(setup, trustee, folder.path()))
        .collect()
}

/// What is wrong with the board, without where the evidence is.
fn cause(error: &Error) -> &FollowError {
    match error {
        Error::Follow(error) => error.cause(),
        other => panic!("{other}"),
    }
}

/// Two boards that are the same up to the opening: the second has one more ballot. Both are closed.
fn split_view(setup: &Setup, people: &[Person<'_>]) -> (FakeBoard, FakeBoard) {
    let one = opened(setup, people);
    vote(setup, &one, 0, FIRST);
    let two = FakeBoard::holding(&one.server().entries);
    vote(setup, &two, 1, SECOND);
    close(setup, &one);
    close(setup, &two);
    (one, two)
}

#[test]
fn a_whole_election_is_certified_decrypted_and_published() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    vote(&setup, &board, 0, FIRST);
    vote(&setup, &board, 2, SECOND);
    close(&setup, &board);
    for person in &people {
        person.certify(&board).unwrap();
    }
    for person in &people[1..] {
        person.decrypt(&board).unwrap();
    }
    let result = setup
        .organiser()
        .result(&board.server().election, &mut SysRng)
        .unwrap();
    board.server().add(&result).unwrap();
    let server = board.server();
    // Voter 2 has weight 3 in the roll.
    let totals: Vec<_> = server
        .election
        .result()
        .unwrap()
        .contests
        .iter()
        .map(|c| c.totals.clone())
        .collect();
    assert_eq!(
        totals,
        [
            Some([1, 3, 0, 1, 0].map(Some).to_vec()),
            Some([3, 1, 6].map(Some).to_vec())
        ]
    );
    drop(server);
    // After the result the one who did not decrypt has its beacon to give, and that is all.
    assert_eq!(board.server().election.signing().beacons_by(), [2, 3]);
    for _ in 0..2 {
        people[0].certify(&board).unwrap();
        people[0].decrypt(&board).unwrap();
        let server = board.server();
        assert_eq!(server.election.signing().beacons_by(), [2, 3, 1]);
        assert_eq!(server.election.shares_by(), [2, 3]);
    }
    let status = status::run(&mut people[0].follow(&board), &mut Memory::default()).unwrap();
    assert_eq!(
        (status.phase.as_str(), status.certified.len()),
        ("finished", 3)
    );
    assert_eq!(status.decrypted, ["T2", "T3"]);
}

#[test]
fn certifying_twice_sends_nothing_new() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    close(&setup, &board);
    people[0].certify(&board).unwrap();
    let sizes = || {
        let server = board.server();
        (server.entries.len(), server.received.len())
    };
    let (size, sent) = sizes();
    people[0].certify(&board).unwrap();
    assert_eq!(sizes(), (size, sent));
    // Killed between the journal and the board: the same bytes go out.
    let entry = board.server().entries.last().unwrap().clone();
    let shorter = FakeBoard::holding(&board.server().entries[..size - 1]);
    people[0].forget_the_board();
    people[0].certify(&shorter).unwrap();
    assert_eq!(shorter.server().received, vec![entry]);
}

#[test]
fn an_open_election_is_neither_certified_nor_decrypted() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    let sent = board.server().received.len();
    for error in [people[0].certify(&board), people[0].decrypt(&board)] {
        let error = error.unwrap_err();
        let expected =
            matches!(&error, Error::Refused(Refused::NotClosed { phase, .. }) if phase == "open");
        assert!(expected, "{error}");
        assert_eq!(error.exit_status(), 1);
    }
    let mut screen = Memory::default();
    let mut follower = people[0].follow(&board);
    let waited = certify_close::run(
        &mut follower,
        people[0].seed,
        &impatience(),
        AGREED,
        &mut screen,
    );
    assert!(matches!(
        waited,
        Err(Error::Follow(FollowError::TimedOut(_)))
    ));
    assert_eq!(board.server().received.len(), sent);
}

#[test]
fn a_second_close_is_refused_and_both_are_named() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let (one, two) = split_view(&setup, &people);
    people[0].certify(&one).unwrap();
    // The board that was seen is not continued by the other one.
    let error = people[0].certify(&two).unwrap_err();
    assert!(
        matches!(cause(&error), FollowError::Rewritten { .. }),
        "{error}"
    );
    assert_eq!(error.exit_status(), 1);
    // Even if it had seen nothing, its promise stands.
    people[0].forget_the_board();
    for refused in [people[0].certify(&two), {
        (1..=3).for_each(|trustee| dishonest_certification(&setup, &two, trustee));
        people[0].forget_the_board();
        people[0].decrypt(&two)
    }] {
        let error = refused.unwrap_err();
        let roots = [&one, &two].map(|board| board.server().election.close().unwrap().root);
        let text = error.to_string();
        assert!(
            roots.iter().all(|root| text.contains(&root.to_string())),
            "{text}"
        );
        assert_eq!(error.exit_status(), 1);
    }
    assert!(two.server().received.is_empty());
}

#[test]
fn without_the_quorum_nothing_is_decrypted_and_the_missing_are_named() {
    let setup = Setup::new(3, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    vote(&setup, &board, 0, FIRST);
    close(&setup, &board);
    people[0].certify(&board).unwrap();
    let sent = board.server().received.len();
    let error = people[0].decrypt(&board).unwrap_err();
    let expected = Refused::NotCertified {
        certified: "T1".to_owned(),
        needed: 2,
        missing: "T2 and T3".to_owned(),
    };
    assert!(
        matches!(&error, Error::Refused(refused) if *refused == expected),
        "{error}"
    );
    let mut screen = Memory::default();
    let mut follower = people[0].follow(&board);
    let waited = decrypt::run(
        &mut follower,
        people[0].seed,
        &impatience(),
        TO_OPEN,
        &mut screen,
    );
    let waited = waited.unwrap_err().to_string();
    assert!(
        waited.contains("2 certifications of the close from T2 and T3"),
        "{waited}"
    );
    assert_eq!(board.server().received.len(), sent);
    assert!(follower.journal().state().message(Slot::Shares).is_none());
}

#[test]
fn whoever_decrypts_what_others_certified_decrypts_no_other_close_for_ever() {
    // Three of four certify, so trustee 4 decrypts without having certified anything itself.
    let setup = Setup::new(4, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let (one, two) = split_view(&setup, &people);
    for trustee in 1..=3 {
        dishonest_certification(&setup, &one, trustee);
        dishonest_certification(&setup, &two, trustee);
    }
    people[3].decrypt(&one).unwrap();
    assert_eq!(one.server().election.shares_by(), [4]);
    people[3].forget_the_board();
    let error = people[3].decrypt(&two).unwrap_err();
    assert!(
        matches!(
            cause(&error),
            FollowError::State(StateError::Second {
                slot: Slot::CertifyClose,
                ..
            })
        ),
        "{error}"
    );
    assert_eq!(error.exit_status(), 1);
    assert!(two.server().received.is_empty());
    // Again for the same sums: the same bytes, and nothing new on the board.
    people[3].forget_the_board();
    let size = one.server().entries.len();
    let mut given = one.server().received.clone();
    given.drain(..given.len() - 2);
    let shorter = FakeBoard::holding(&one.server().entries[..size - 2]);
    people[3].decrypt(&shorter).unwrap();
    assert_eq!(shorter.server().received, given);
}

#[test]
fn words_and_board_restore_the_same_shares() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    vote(&setup, &board, 0, FIRST);
    close(&setup, &board);
    let words = Words::of_seed(people[0].seed).unwrap();
    let home = Home::new(folder.path().join("new-laptop"));
    let passphrase: SecretString = "long enough".to_owned().into();
    let restore = |screen: &mut Memory| {
        let patience = Patience::none();
        let board = board.clone();
        restore::run(
            &home,
            words.expose(),
            &passphrase,
            4,
            board,
            Consent::Ask,
            &patience,
            screen,
        )
    };
    // The trustee had accepted this election before; but this folder has to be told so.
    let mut screen = Memory {
        answer: Some(true),
        ..Memory::default()
    };
    drop(restore(&mut screen).unwrap());
    assert!(!screen.text().contains(words.expose()));
    assert_eq!(home.card().unwrap().name, "T1");
    // Only the election's folder is lost, and the key is still there: it is kept.
    let key = std::fs::read(home.key_path()).unwrap();
    std::fs::remove_dir_all(home.elections()).unwrap();
    let follower = restore(&mut screen).unwrap();
    assert!(follower.journal().state().is_restored());
    drop(follower);
    assert_eq!(std::fs::read(home.key_path()).unwrap(), key);
    let other = Words::of_seed(people[1].seed).unwrap();
    let refused = restore::run(
        &home,
        other.expose(),
        &passphrase,
        4,
        board.clone(),
        Consent::Given,
        &Patience::none(),
        &mut Memory::default(),
    );
    assert!(
        matches!(&refused, Err(Error::Refused(Refused::OtherKey { path })) if *path == home.key_path())
    );
    assert_eq!(std::fs::read(home.key_path()).unwrap(), key);

    let restored = Person {
        seed: &home.unlock(&passphrase).unwrap(),
        folder: home.elections(),
    };
    // It cannot know whether it certified before, so it asks.
    let error = restored.certify(&board).unwrap_err();
    assert!(
        matches!(error, Error::Refused(Refused::MayHaveCertified)),
        "{error}"
    );
    let mut screen = Memory {
        answer: Some(true),
        ..Memory::default()
    };
    let mut follower = restored.follow(&board);
    certify_close::run(
        &mut follower,
        restored.seed,
        &Patience::none(),
        AGREED,
        &mut screen,
    )
    .unwrap();
    drop(follower);
    people[1].certify(&board).unwrap();
    // The board takes only shares that fit the verification keys of the ceremony.
    restored.decrypt(&board).unwrap();
    people[1].decrypt(&board).unwrap();
    let result = setup
        .organiser()
        .result(&board.server().election, &mut SysRng)
        .unwrap();
    board.server().add(&result).unwrap();
    assert_eq!(board.server().election.phase(), Phase::Finished);
}

#[test]
fn a_restored_trustee_takes_its_certification_over_from_the_board() {
    let setup = Setup::new(2, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut people = people(&setup, &folder);
    let board = opened(&setup, &people);
    close(&setup, &board);
    people[0].certify(&board).unwrap();
    people[0].folder = folder.path().join("new-laptop");
    let follower = people[0].join(&board).unwrap();
    let entry = board.server().entries.last().unwrap().clone();
    let (about, adopted) = follower
        .journal()
        .state()
        .message(Slot::CertifyClose)
        .unwrap();
    let root = board.server().election.close().unwrap().root.to_string();
    assert!(about.contains(&root));
    assert_eq!(adopted.bytes(), entry);
}

#[test]
fn ballots_that_were_verified_before_are_trusted_only_under_the_same_root() {
    let setup = Setup::new(1, 1);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    vote(&setup, &board, 0, FIRST);
    let last = board.server().entries.len() - 1;
    let mut follower = people[0].follow(&board);
    follower.catch_up(&mut Memory::default()).unwrap();
    let verified = follower.journal().state().verified().unwrap();
    assert_eq!(verified.size, last as u64 + 1);
    drop(follower);
    // A ballot with a broken signature: the trust in it hangs on the root.
    let at = board.server().entries[last].len() - 40;
    board.server().entries[last][at] ^= 1;
    let mut follower = people[0].follow(&board);
    let error = follower.catch_up(&mut Memory::default()).unwrap_err();
    assert!(
        matches!(error.cause(), FollowError::Rewritten { .. }),
        "{error}"
    );
    drop(follower);
    people[0].forget_the_board();
    let mut follower = people[0].follow(&board);
    let error = follower.catch_up(&mut Memory::default()).unwrap_err();
    assert!(matches!(error.cause(), FollowError::Invalid(invalid) if invalid.index == last as u64));
}

/// A board of four trustees of whom three, not the fourth, certified the close.
fn certified_without_the_fourth(setup: &Setup, people: &[Person<'_>]) -> FakeBoard {
    let board = opened(setup, people);
    vote(setup, &board, 0, FIRST);
    close(setup, &board);
    (1..=3).for_each(|trustee| dishonest_certification(setup, &board, trustee));
    board
}

#[test]
fn opening_the_totals_is_no_certification() {
    let setup = Setup::new(4, 2);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = certified_without_the_fourth(&setup, &people);
    people[3].decrypt(&board).unwrap();
    let follower = people[3].follow(&board);
    let state = follower.journal().state();
    assert!(state.promise(Slot::CertifyClose).is_some());
    assert!(state.message(Slot::CertifyClose).is_none());
    drop(follower);
    // Whoever does not say yes has certified nothing.
    let sent = board.server().received.len();
    let agreement = Agreement::default();
    let mut follower = people[3].follow(&board);
    let screen = &mut Memory::default();
    let unasked = certify_close::run(
        &mut follower,
        people[3].seed,
        &Patience::none(),
        agreement,
        screen,
    );
    assert!(matches!(unasked, Err(Error::Refused(_))));
    assert_eq!(board.server().received.len(), sent);
    drop(follower);
    people[3].certify(&board).unwrap();
    assert!(board.server().election.certified_by().contains(&4));
}

#[test]
fn a_restored_trustee_opens_only_what_may_be_its_first_close() {
    let setup = Setup::new(4, 2);
    let folder = tempfile::tempdir().unwrap();
    let mut people = people(&setup, &folder);
    let board = certified_without_the_fourth(&setup, &people);
    people[3].folder = folder.path().join("new-laptop");
    drop(
        people[3]
            .restore_with_silence_after(&board, usize::MAX)
            .unwrap(),
    );
    let sent = board.server().received.len();
    let error = people[3].decrypt(&board).unwrap_err();
    assert!(
        matches!(&error, Error::Refused(Refused::MayHaveCertified)),
        "{error}"
    );
    assert_eq!(board.server().received.len(), sent);
    let agreement = decrypt::Agreement {
        never_certified: true,
        ..TO_OPEN
    };
    let mut follower = people[3].follow(&board);
    let screen = &mut Memory::default();
    decrypt::run(
        &mut follower,
        people[3].seed,
        &Patience::none(),
        agreement,
        screen,
    )
    .unwrap();
    assert_eq!(board.server().election.shares_by(), [4]);
}
