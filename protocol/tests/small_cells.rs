//! Surveys whose small counts stay closed: previews, patterns, shares and results on a board.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use getrandom::SysRng;
use protocol::election::{Election, Phase, Refusal, replay};
use protocol::entry::{Author, Envelope, Kind, sign_entry, unsigned_entry};
use protocol::tally::{Pattern, PatternError, PreviewError, TallyError};
use support::{Board, Setup, survey_answers};

/// Place, years, likes of every voter: 8, 3 and 1 of the places, so that the last is small.
const ANSWERS: [(usize, Option<u32>, [u32; 3]); 12] = [
    (0, Some(0), [1, 0, 0]),
    (0, Some(1), [1, 0, 0]),
    (0, Some(1), [1, 1, 0]),
    (0, Some(3), [1, 1, 0]),
    (0, Some(4), [1, 1, 0]),
    (0, Some(2), [1, 0, 0]),
    (0, Some(9), [1, 0, 1]),
    (0, Some(7), [1, 0, 0]),
    (1, Some(5), [1, 1, 0]),
    (1, Some(6), [1, 0, 0]),
    (1, None, [1, 1, 0]),
    (2, Some(4), [0, 0, 0]),
];

/// A closed board with these answers, certified.
fn certified(setup: &Setup) -> Board {
    let mut board = setup.opened();
    for (voter, (place, years, likes)) in ANSWERS.into_iter().enumerate() {
        board.vote(setup, voter, survey_answers(place, years, likes));
    }
    board.close_and_certify(setup, &[1, 2, 3]);
    board
}

/// The same entry with another body, signed by the same trustee.
fn with_body(board: &Board, setup: &Setup, kind: Kind, trustee: u16, body: &[u8]) -> Vec<u8> {
    let id = board.election.election_id().unwrap();
    let unsigned = unsigned_entry(kind, &id, &Author::Trustee(trustee), body);
    sign_entry(unsigned, &setup.trustee_key(trustee), &mut SysRng).unwrap()
}

fn preview(board: &Board, setup: &Setup, trustee: u16) -> Vec<u8> {
    let key = setup.trustee_key(trustee);
    let seed = &setup.seeds[usize::from(trustee) - 1];
    let maker = protocol::election::EntryMaker { key: &key };
    let made = maker.preview(&board.election, seed, trustee, &mut SysRng);
    made.unwrap()
}

#[test]
fn small_counts_stay_closed_and_all_else_is_what_the_ballots_give() {
    let setup = Setup::survey(3, 2, ANSWERS.len());
    let mut board = certified(&setup);
    board.preview(&setup, &[3, 1]);
    // All trustees find the same, also one who gave no preview.
    let pattern = board.pattern(&setup, 2);
    assert_eq!(pattern, board.pattern(&setup, 1));
    board.decrypt(&setup, &[2, 3]);
    board.publish(&setup);
    assert_eq!(board.election.phase(), Phase::Finished);
    let result = board.election.result().unwrap();
    assert!(
        result
            .contests
            .iter()
            .all(|contest| { contest.ballots == 12 && contest.weight == 12 })
    );
    let totals = |contest: usize| result.contests[contest].totals.clone().unwrap();
    // 8, 3, 1: the last is small, and after the last comes the first.
    assert_eq!(totals(0), [None, Some(3), None]);
    // Value, blank, square, buckets 0 to 1, 2 to 4, 5 to 9; a blank may be small.
    let (sum, squares) = (42, 238);
    assert_eq!(totals(1), [sum, 1, squares, 3, 4, 4].map(Some));
    // The breakdowns of the first and the last place are hidden with them, and that of the other has
    // only small counts.
    assert!(totals(2).iter().all(Option::is_none));
    // Liked by 11 of 12, 5 and 1: all but one is as small as one.
    assert_eq!(totals(3), [None, Some(5), None]);

    let mut again = Election::new();
    let entries = board.entries.iter().map(Vec::as_slice);
    replay(&mut again, entries, &mut SysRng, |_| {}).unwrap();
    assert_eq!(again.result(), board.election.result());
}

#[test]
fn no_share_is_given_for_a_closed_cell() {
    let setup = Setup::survey(3, 2, ANSWERS.len());
    let mut board = certified(&setup);
    board.preview(&setup, &[1, 2]);
    let pattern = board.pattern(&setup, 1);
    let entry = board.shares(&setup, 1, &pattern);
    let body = Envelope::decode(&entry).unwrap().body.len();
    // Nothing of the table is left open, so it has no proof.
    let (positions, contests, bits) = (3 + 6 + 12 + 3, 3, 1 + 1 + 2 + 1);
    assert_eq!(
        body,
        32 * (positions - pattern.n_closed()) + 96 * contests + bits
    );
    // Without all cells looked at there is nothing to sign.
    let key = setup.trustee_key(1);
    let maker = protocol::election::EntryMaker { key: &key };
    let empty = Pattern::default();
    let made = maker.shares(&board.election, &setup.seeds[0], 1, &empty, &mut SysRng);
    assert!(made.is_err());
    // With everything closed only sums of values are left, or with the blank not even they.
    let n_cells = board.election.cells().unwrap().n_cells();
    let all = board.shares(&setup, 1, &Pattern::new(vec![true; n_cells]));
    assert_eq!(Envelope::decode(&all).unwrap().body.len(), bits);
    board.admit(&all);
}

#[test]
fn bad_previews_are_named_and_left_out() {
    let setup = Setup::survey(3, 2, ANSWERS.len());
    let mut board = certified(&setup);
    board.preview(&setup, &[1]);
    let good = board.entries.last().unwrap().clone();
    let body = Envelope::decode(&good).unwrap().body;
    // Another's preview under one's own name, and a box for one trustee that does not open.
    let copied = with_body(&board, &setup, Kind::Preview, 2, body);
    board.admit(&copied);
    let own = preview(&board, &setup, 3);
    let mut body = Envelope::decode(&own).unwrap().body.to_vec();
    body[32 + 48] ^= 1;
    let hidden = with_body(&board, &setup, Kind::Preview, 3, &body);
    board.admit(&hidden);

    let opened = |trustee: u16| {
        let seed = &setup.seeds[usize::from(trustee) - 1];
        board.election.open_previews(seed, trustee).unwrap()
    };
    assert_eq!(opened(1).bad(), [(2, PreviewError::Sealed)]);
    assert!(opened(1).pattern(&board.election).is_ok());
    let bad = [(2, PreviewError::Sealed), (3, PreviewError::Sealed)];
    assert_eq!(opened(2).bad(), bad);
    assert_eq!(
        opened(2).pattern(&board.election),
        Err(TallyError::TooFewPreviews {
            found: 1,
            needed: 2
        })
    );
}

#[test]
fn shares_that_close_other_cells_open_nothing_together() {
    let setup = Setup::survey(3, 2, ANSWERS.len());
    let mut board = certified(&setup);
    board.preview(&setup, &[1, 2, 3]);
    let right = board.pattern(&setup, 1);
    let n_cells = right.n_cells();
    let everything = board.shares(&setup, 1, &Pattern::new(vec![true; n_cells]));
    board.admit(&everything);
    board.decrypt(&setup, &[2]);
    assert_eq!(board.election.n_agreeing_shares(), 1);
    let too_few = TallyError::TooFewShares {
        found: 1,
        needed: 2,
    };
    assert_eq!(board.election.compute_tally(), Err(too_few));
    board.decrypt(&setup, &[3]);
    assert_eq!(board.election.n_agreeing_shares(), 2);
    board.publish(&setup);
    let result = board.election.result().unwrap();
    assert_eq!(result.contests[0].totals, Some(vec![None, Some(3), None]));
}

#[test]
fn t_trustees_who_open_small_counts_get_no_result_admitted() {
    let setup = Setup::survey(3, 2, ANSWERS.len());
    let mut board = certified(&setup);
    let n_cells = board.election.cells().unwrap().n_cells();
    for (contest, closed) in [
        (0, vec![false; n_cells]),
        // Only the smallest place, which the others then tell.
        (0, {
            let mut closed = vec![true; n_cells];
            (closed[0], closed[1]) = (false, false);
            closed
        }),
    ] {
        let mut other = Board {
            election: Election::new(),
            entries: Vec::new(),
        };
        board.entries.iter().for_each(|entry| other.admit(entry));
        for trustee in [1, 2] {
            let entry = other.shares(&setup, trustee, &Pattern::new(closed.clone()));
            other.admit(&entry);
        }
        let error = other.election.compute_tally().unwrap_err();
        let expected = match closed[2] {
            false => PatternError::Small {
                contest,
                position: 2,
            },
            true => PatternError::Leak { contest },
        };
        assert_eq!(error, TallyError::Pattern(expected));
    }
    // The result of a right pattern with one closed bit taken away, or one added.
    board.preview(&setup, &[1, 2]);
    board.decrypt(&setup, &[1, 2]);
    let made = setup
        .organiser()
        .result(&board.election, &mut SysRng)
        .unwrap();
    let body = Envelope::decode(&made).unwrap().body.to_vec();
    let id = board.election.election_id().unwrap();
    // ballots, weight, opened, then the bits of the first contest: 101.
    assert_eq!(body[13], 0b1010_0000);
    let sign = |body: &[u8]| {
        let unsigned = unsigned_entry(Kind::Result, &id, &Author::Organiser, body);
        let key = setup.organiser.signing_key().unwrap();
        sign_entry(unsigned, &key, &mut SysRng).unwrap()
    };
    let mut opened = body.clone();
    opened[13] = 0b0010_0000;
    opened.splice(14..14, 8u64.to_be_bytes());
    let mut closed = body.clone();
    closed[13] = 0b1110_0000;
    closed.drain(14..22);
    for forged in [opened, closed] {
        let refusal = board.refusal(&sign(&forged));
        assert_eq!(refusal, Refusal::Tally(TallyError::Contest { contest: 0 }));
    }
    let mut unused = body.clone();
    unused[13] |= 1;
    assert!(matches!(
        board.refusal(&sign(&unused)),
        Refusal::Body { .. }
    ));
    let mut weight = body.clone();
    weight[11] ^= 1;
    let refusal = board.refusal(&sign(&weight));
    assert_eq!(refusal, Refusal::Tally(TallyError::Contest { contest: 0 }));
    board.admit(&sign(&body));
}

#[test]
fn previews_are_taken_once_after_the_certified_close_and_of_one_length() {
    let setup = Setup::survey(3, 2, ANSWERS.len());
    let mut board = setup.opened();
    let kind = Kind::Preview;
    let early = with_body(&board, &setup, kind, 1, &[0; 100]);
    let wrong_phase = |phase| Refusal::Phase { kind, phase };
    assert_eq!(board.refusal(&early), wrong_phase(Phase::Open));
    for (voter, (place, years, likes)) in ANSWERS.into_iter().enumerate() {
        board.vote(&setup, voter, survey_answers(place, years, likes));
    }
    board.close_and_certify(&setup, &[]);
    assert_eq!(board.refusal(&early), wrong_phase(Phase::Closed));
    let maker = protocol::election::EntryMaker {
        key: &setup.trustee_key(1),
    };
    let made = maker.preview(&board.election, &setup.seeds[0], 1, &mut SysRng);
    assert!(made.is_err());
    for trustee in [1, 2, 3] {
        let key = setup.trustee_key(trustee);
        let maker = protocol::election::EntryMaker { key: &key };
        let entry = maker.certify_close(&board.election, trustee, &mut SysRng);
        board.admit(&entry.unwrap());
    }
    let good = preview(&board, &setup, 1);
    let body = Envelope::decode(&good).unwrap().body.to_vec();
    assert_eq!(
        body.len(),
        32 + 3 * 48 + 32 * (3 + 4 + 12 + 3) + 96 * 4 + 16
    );
    for bad in [&body[1..], &[body.as_slice(), &[0]].concat()] {
        let refusal = board.refusal(&with_body(&board, &setup, kind, 1, bad));
        assert!(matches!(refusal, Refusal::Body { .. }), "{refusal}");
    }
    board.admit(&good);
    let second = preview(&board, &setup, 1);
    assert_eq!(board.refusal(&second), Refusal::Repeated { kind });
}

#[test]
fn previews_have_no_place_where_nothing_is_guarded() {
    let setup = Setup::new(2, 1);
    let mut board = setup.opened();
    board.close_and_certify(&setup, &[1, 2]);
    let entry = with_body(&board, &setup, Kind::Preview, 1, &[0; 100]);
    let refusal = board.refusal(&entry);
    assert_eq!(refusal, Refusal::NothingGuarded);
    assert_eq!(refusal.code(), "nothing-to-preview");
    // A survey that is withheld: shares need no previews.
    let setup = Setup::survey(2, 1, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, survey_answers(0, None, [0; 3]));
    board.close_and_certify(&setup, &[1, 2]);
    let entry = with_body(&board, &setup, Kind::Preview, 1, &[0; 100]);
    assert_eq!(board.refusal(&entry), Refusal::NothingGuarded);
    board.decrypt(&setup, &[2]);
    board.publish(&setup);
}

#[test]
fn an_election_with_small_counts_and_weights_does_not_open() {
    let mut setup = Setup::survey(2, 2, 3);
    setup.lines[1].weight = 2;
    let mut board = setup.registered();
    board.rounds(
        &setup,
        &[
            protocol::key_ceremony::Round::Commit,
            protocol::key_ceremony::Round::Reveal,
            protocol::key_ceremony::Round::Deal,
            protocol::key_ceremony::Round::Certify,
        ],
    );
    let open = setup
        .organiser()
        .open(&board.election, &[0; 32], &mut SysRng);
    assert_eq!(board.refusal(&open.unwrap()), Refusal::Weights);
}
