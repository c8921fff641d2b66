//! Decrypting a survey whose small counts stay closed: each trustee looks first, with its own program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use getrandom::SysRng;
use protocol::election::{EntryMaker, Phase};
use protocol::entry::{Author, Envelope, Kind, sign_entry, unsigned_entry};
use protocol::tally::Pattern;
use support::election::survey_answers;
use support::{
    FakeBoard, Memory, Person, Setup, TO_OPEN, cast, close, impatience, opened, patience,
};
use trustee::commands::{Refused, decrypt, status};
use trustee::error::Error;
use trustee::patience::Patience;

/// Six at the first place and three at the second, all between two and four years.
fn certified(setup: &Setup, people: &[Person<'_>]) -> FakeBoard {
    let board = opened(setup, people);
    for voter in 0..9 {
        let place = usize::from(voter >= 6);
        cast(
            setup,
            &board,
            voter,
            survey_answers(place, Some(3), [1, 0, 0]),
        );
    }
    close(setup, &board);
    for person in people {
        person.certify(&board).unwrap();
    }
    board
}

fn people<'a>(setup: &'a Setup, folder: &tempfile::TempDir) -> Vec<Person<'a>> {
    (1..=setup.seeds.len())
        .map(|trustee| Person::new(setup, trustee, folder.path()))
        .collect()
}

fn decrypt_saying(
    person: &Person<'_>,
    board: &FakeBoard,
    patience: &Patience,
) -> (String, Result<(), Error>) {
    let mut screen = Memory::default();
    let mut follower = person.follow(board);
    let done = decrypt::run(&mut follower, person.seed, patience, TO_OPEN, &mut screen);
    (screen.text(), done)
}

/// The kinds of what a board received from an index on.
fn kinds(board: &FakeBoard, from: usize) -> Vec<u8> {
    board.server().received[from..]
        .iter()
        .map(|entry| entry[1])
        .collect()
}

const PREVIEW: u8 = Kind::Preview as u8;
const BEACON: u8 = Kind::Beacon as u8;

#[test]
fn trustees_look_first_and_come_back_to_decrypt() {
    let setup = Setup::survey(3, 2, 9);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = certified(&setup, &people);
    let before = board.server().received.len();
    let (said, done) = decrypt_saying(&people[0], &board, &Patience::none());
    assert!(
        said.contains("Those below 3 stay closed for everybody"),
        "{said}"
    );
    let Error::Refused(Refused::FewPreviews {
        found: 1,
        needed: 2,
        missing,
    }) = done.unwrap_err()
    else {
        panic!("{said}");
    };
    assert_eq!(missing, "T2 and T3");
    // No share of anything before t previews are there.
    assert_eq!(kinds(&board, before), [PREVIEW, BEACON]);
    let look = || status::run(&mut people[0].follow(&board), &mut Memory::default()).unwrap();
    assert_eq!(look().previewed, ["T1"]);
    assert_eq!(look().waiting_for, ["T2", "T3"]);
    assert!(look().next.contains("once more"), "{}", look().next);

    // Once more changes nothing; a second trustee finds two previews and decrypts at once.
    assert!(
        decrypt_saying(&people[0], &board, &Patience::none())
            .1
            .is_err()
    );
    assert_eq!(kinds(&board, before), [PREVIEW, BEACON]);
    let (said, done) = decrypt_saying(&people[1], &board, &Patience::none());
    done.unwrap();
    assert!(said.contains("of 22 counts stay closed"), "{said}");
    assert!(
        look().next.contains("run `trustee decrypt`"),
        "{}",
        look().next
    );
    decrypt_saying(&people[0], &board, &Patience::none())
        .1
        .unwrap();
    let result = setup
        .organiser()
        .result(&board.server().election, &mut SysRng);
    board.server().add(&result.unwrap()).unwrap();
    let server = board.server();
    let result = server.election.result().unwrap();
    // Nobody was at the third place, and after the last comes the first.
    let places = result.contests[0].totals.clone().unwrap();
    assert_eq!(places, [None, Some(3), None]);
    assert_eq!(result.contests[1].total(0), Some(27));
    drop(server);
    // The third comes too late and gives its beacon only.
    let from = board.server().received.len();
    decrypt_saying(&people[2], &board, &Patience::none())
        .1
        .unwrap();
    assert_eq!(kinds(&board, from), [BEACON]);
}

#[test]
fn waiting_trustees_decrypt_in_one_go() {
    let setup = Setup::survey(3, 2, 9);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = certified(&setup, &people);
    std::thread::scope(|scope| {
        for person in &people[..2] {
            scope.spawn(|| decrypt_saying(person, &board, &patience()).1.unwrap());
        }
    });
    assert_eq!(board.server().election.n_agreeing_shares(), 2);
    assert!(decrypt_saying(&people[2], &board, &impatience()).1.is_ok());
}

#[test]
fn a_trustee_stopped_after_its_preview_goes_on_with_the_same_one() {
    let setup = Setup::survey(3, 2, 9);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = certified(&setup, &people);
    let size = board.server().entries.len();
    assert!(
        decrypt_saying(&people[0], &board, &Patience::none())
            .1
            .is_err()
    );
    let preview = board.server().entries[size].clone();
    // The board as it was when the preview was in the journal and not sent.
    let shorter = FakeBoard::holding(&board.server().entries[..size]);
    people[0].forget_the_board();
    let (said, done) = decrypt_saying(&people[0], &shorter, &Patience::none());
    assert!(
        matches!(done, Err(Error::Refused(Refused::FewPreviews { .. }))),
        "{said}"
    );
    assert_eq!(shorter.server().received[0], preview);
    // Killed once more between preview and shares, with the others gone on.
    decrypt_saying(&people[1], &shorter, &Patience::none())
        .1
        .unwrap();
    decrypt_saying(&people[0], &shorter, &Patience::none())
        .1
        .unwrap();
    assert_eq!(shorter.server().election.shares_by(), [2, 1]);
    let from = shorter.server().received.len();
    decrypt_saying(&people[0], &shorter, &Patience::none())
        .1
        .unwrap();
    assert_eq!(kinds(&shorter, from), [0u8; 0]);
}

#[test]
fn a_trustee_that_previewed_sums_opens_no_others() {
    let setup = Setup::survey(3, 2, 9);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    for voter in 0..5 {
        cast(&setup, &board, voter, survey_answers(0, Some(3), [1, 0, 0]));
    }
    let other = FakeBoard::holding(&board.server().entries);
    cast(&setup, &other, 6, survey_answers(0, Some(3), [1, 0, 0]));
    for board in [&board, &other] {
        close(&setup, board);
        for trustee in 1..=3 {
            support::dishonest_certification(&setup, board, trustee);
        }
    }
    assert!(
        decrypt_saying(&people[0], &board, &Patience::none())
            .1
            .is_err()
    );
    people[0].forget_the_board();
    // Even without the memory of the close it opened.
    people[0].forget("certify-close");
    let error = decrypt_saying(&people[0], &other, &Patience::none())
        .1
        .unwrap_err();
    assert!(
        error.to_string().contains("will never sign one for"),
        "{error}"
    );
    assert_eq!(kinds(&other, 0), [0u8; 0]);
}

#[test]
fn bad_previews_are_named_and_a_strange_pattern_is_said() {
    let setup = Setup::survey(3, 2, 9);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = certified(&setup, &people);
    let key = setup.trustee_key(3);
    {
        let mut server = board.server();
        let maker = EntryMaker { key: &key };
        let good = maker
            .preview(&server.election, &setup.seeds[2], 3, &mut SysRng)
            .unwrap();
        let mut body = Envelope::decode(&good).unwrap().body.to_vec();
        *body.last_mut().unwrap() ^= 1;
        let id = server.election.election_id().unwrap();
        let unsigned = unsigned_entry(Kind::Preview, &id, &Author::Trustee(3), &body);
        let bad = sign_entry(unsigned, &key, &mut SysRng).unwrap();
        server.add(&bad).unwrap();
    }
    let (said, done) = decrypt_saying(&people[0], &board, &Patience::none());
    assert!(said.contains("The preview of T3 is of no use"), "{said}");
    assert!(matches!(
        done,
        Err(Error::Refused(Refused::FewPreviews { found: 1, .. }))
    ));
    {
        // The same trustee closes everything.
        let mut server = board.server();
        let n_cells = server.election.cells().unwrap().n_cells();
        let all = Pattern::new(vec![true; n_cells]);
        let maker = EntryMaker { key: &key };
        let shares = maker.shares(&server.election, &setup.seeds[2], 3, &all, &mut SysRng);
        server.add(&shares.unwrap()).unwrap();
    }
    let (said, done) = decrypt_saying(&people[1], &board, &Patience::none());
    done.unwrap();
    assert!(said.contains("1 of 2 needed parts are there"), "{said}");
    assert!(
        said.contains("T3 closed other counts than you did"),
        "{said}"
    );
    decrypt_saying(&people[0], &board, &Patience::none())
        .1
        .unwrap();
    assert_eq!(board.server().election.n_agreeing_shares(), 2);
    assert!(board.server().election.compute_tally().is_ok());
}

#[test]
fn nothing_is_previewed_before_the_close_is_certified() {
    let setup = Setup::survey(3, 2, 9);
    let folder = tempfile::tempdir().unwrap();
    let people = people(&setup, &folder);
    let board = opened(&setup, &people);
    for voter in 0..5 {
        cast(&setup, &board, voter, survey_answers(0, Some(3), [1, 0, 0]));
    }
    close(&setup, &board);
    people[0].certify(&board).unwrap();
    let from = board.server().received.len();
    let done = decrypt_saying(&people[0], &board, &Patience::none()).1;
    assert!(matches!(
        done,
        Err(Error::Refused(Refused::NotCertified { .. }))
    ));
    assert_eq!(kinds(&board, from), [0u8; 0]);
    assert_eq!(board.server().election.phase(), Phase::Closed);
}
