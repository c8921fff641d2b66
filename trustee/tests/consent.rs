//! Nothing that cannot be taken back is signed before the trustee has seen it and said yes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use support::{AGREED, FakeBoard, Memory, Person, Setup, close, opened, vote};
use trustee::commands::certify_close::Agreement;
use trustee::commands::{Refused, certify_close, decrypt};
use trustee::error::Error;
use trustee::patience::Patience;
use trustee::state::Slot;

const VOTE: &[&[u32]] = &[&[1, 0, 0, 1], &[3, 1, 0]];

/// A setup whose voting ends far in the future, or has ended.
fn setup(is_early: bool) -> Setup {
    let mut setup = Setup::new(1, 1);
    let closes = if is_early { "2999-01-01" } else { "2026-02-01" };
    setup.manifest = setup.manifest.replace("2027-01-01", closes);
    setup
}

fn certify(
    person: &Person<'_>,
    board: &FakeBoard,
    agreement: Agreement,
    screen: &mut Memory,
) -> Result<(), Error> {
    let mut follower = person.follow(board);
    let done = certify_close::run(
        &mut follower,
        person.seed,
        &Patience::none(),
        agreement,
        screen,
    );
    let state = follower.journal().state();
    assert_eq!(state.message(Slot::CertifyClose).is_some(), done.is_ok());
    done
}

fn refusal(done: Result<(), Error>) -> Refused {
    match done {
        Err(Error::Refused(refused)) => refused,
        other => panic!("{other:?}"),
    }
}

#[test]
fn no_close_is_certified_unasked() {
    let setup = setup(false);
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&setup, 1, folder.path());
    let board = opened(&setup, std::slice::from_ref(&person));
    close(&setup, &board);
    let sent = board.server().received.len();
    for answer in [None, Some(false)] {
        let mut screen = Memory {
            answer,
            ..Memory::default()
        };
        let refused = refusal(certify(&person, &board, Agreement::default(), &mut screen));
        assert_eq!(refused, Refused::NotAgreed);
        assert!(refused.to_string().contains("--yes"));
        // It was shown before it was asked.
        let text = screen.text();
        let (shown, asked) = (
            text.find("0 ballots from 0 voters of 4"),
            text.find("Do you certify"),
        );
        assert!(shown.is_some() && shown < asked, "{text}");
        assert!(
            text.contains("2026-01-01 00:00 UTC to 2026-02-01"),
            "{text}"
        );
    }
    assert_eq!(board.server().received.len(), sent);
    let mut screen = Memory {
        answer: Some(true),
        ..Memory::default()
    };
    certify(&person, &board, Agreement::default(), &mut screen).unwrap();
    assert!(screen.text().contains("✓ You have certified this close"));
}

#[test]
fn an_early_close_needs_a_yes_of_its_own() {
    let setup = setup(true);
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&setup, 1, folder.path());
    let board = opened(&setup, std::slice::from_ref(&person));
    close(&setup, &board);
    let sent = board.server().received.len();
    let only_yes = Agreement {
        to_early_close: false,
        ..AGREED
    };
    let mut screen = Memory::default();
    let refused = refusal(certify(&person, &board, only_yes, &mut screen));
    assert!(matches!(&refused, Refused::EarlyClose { closes } if closes.starts_with("2999-01-01")));
    assert!(refused.to_string().contains("--early"));
    let only_early = Agreement {
        to_certify: false,
        ..AGREED
    };
    let refused = refusal(certify(&person, &board, only_early, &mut screen));
    assert_eq!(refused, Refused::NotAgreed);
    assert_eq!(board.server().received.len(), sent);
    certify(&person, &board, AGREED, &mut screen).unwrap();
}

#[test]
fn voters_whom_the_totals_could_single_out_are_named_before_consent() {
    let setup = setup(false);
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&setup, 1, folder.path());
    let board = opened(&setup, std::slice::from_ref(&person));
    // Voter 2 is the only one with weight 3; nobody of the style "one" votes.
    vote(&setup, &board, 0, VOTE);
    vote(&setup, &board, 2, VOTE);
    close(&setup, &board);
    let mut screen = Memory::default();
    refusal(certify(&person, &board, Agreement::default(), &mut screen));
    let text = screen.text();
    for expected in [
        r#""all", weight 1: 2 voters, 1 voted"#,
        r#""all", weight 3: 1 voter, 1 voted"#,
        r#""one", weight 1: 1 voter, 0 voted"#,
        r#"Only 1 ballot is counted from voters with ballot style "all" and weight 3"#,
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains(r#"ballot style "one""#), "{text}");
    assert!(text.find("could show how they voted") < text.find("Do you certify"));
}

#[test]
fn totals_are_not_opened_unasked() {
    let setup = setup(false);
    let folder = tempfile::tempdir().unwrap();
    let person = Person::new(&setup, 1, folder.path());
    let board = opened(&setup, std::slice::from_ref(&person));
    vote(&setup, &board, 0, VOTE);
    close(&setup, &board);
    person.certify(&board).unwrap();
    let sent = board.server().received.len();
    for answer in [None, Some(false)] {
        let mut screen = Memory {
            answer,
            ..Memory::default()
        };
        let mut follower = person.follow(&board);
        let patience = Patience::none();
        let agreement = decrypt::Agreement::default();
        let done = decrypt::run(
            &mut follower,
            person.seed,
            &patience,
            agreement,
            &mut screen,
        );
        let refused = refusal(done);
        assert_eq!(refused, Refused::NotOpened);
        assert!(refused.to_string().contains("--yes"));
        assert!(follower.journal().state().message(Slot::Shares).is_none());
    }
    assert_eq!(board.server().received.len(), sent);
}
