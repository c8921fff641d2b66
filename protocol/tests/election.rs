//! A whole election in one process, and entries that every state refuses.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use protocol::ballot::{Answer, ChallengeError, PlaintextBallot, SealedBallot};
use protocol::credential::{Code, RollVoter};
use protocol::election::{Election, Phase, Refusal, replay};
use protocol::entry::{Author, Kind, sign_entry, unsigned_entry};
use protocol::group::{Element, Scalar, mul_base};
use protocol::key_ceremony::{Fault, Round, Step, next_step};
use protocol::manifest::ElectionManifest;
use protocol::tally::Pattern;
use support::{Setup, answers};

use getrandom::SysRng;

#[test]
fn a_whole_election_counts_last_ballots_by_weight() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    let before = board.election.size();
    // Voter 0 votes twice; the second ballot counts. Voter 2 has weight 3 (see the roll).
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 0], &[3, 1, 0]], false));
    board.vote(&setup, 1, answers(&[&[0, 1, 1, 0], &[0, 0, 0]], false));
    board.vote(&setup, 2, answers(&[&[1, 0, 1, 0], &[0, 2, 3]], false));
    board.vote(&setup, 0, answers(&[&[0, 0, 0, 0], &[1, 1, 1]], true));
    assert_eq!(
        (board.election.n_ballots(), board.election.n_voted()),
        (4, 3)
    );
    assert_eq!(board.election.size(), before + 4);

    board.close_and_certify(&setup, &[1, 2, 3]);
    board.decrypt(&setup, &[3, 1]);
    board.publish(&setup);
    assert_eq!(board.election.phase(), Phase::Finished);
    let result = board.election.result().unwrap();
    assert_eq!(result.contests[0].ballots, 3);
    assert_eq!(
        result.contests[0].totals.as_deref(),
        Some([3, 1, 4, 0, 1].map(Some).as_slice())
    );
    assert_eq!(
        result.contests[1].totals.as_deref(),
        Some([1, 7, 10].map(Some).as_slice())
    );

    // The fold of the recorded entries is the same state.
    let mut again = Election::new();
    let entries: Vec<&[u8]> = board.entries.iter().map(Vec::as_slice).collect();
    replay(&mut again, entries.iter().copied(), &mut SysRng, |_| ()).unwrap();
    assert_eq!(
        (again.size(), again.root(), again.result()),
        (board.election.size(), board.election.root(), Some(result))
    );
}

#[test]
fn who_reads_the_set_up_alone_sees_what_all_see_and_refuses_what_comes_behind() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    let n_before = board.entries.len();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 0], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2, 3]);
    let (before, behind) = board.entries.split_at(n_before);

    let mut reader = Election::new();
    let refusal = reader.apply_set_up(&behind[0], &mut SysRng);
    assert_eq!(refusal, Err(Refusal::NoManifest));
    for (index, entry) in before.iter().enumerate() {
        let mut other = Election::new();
        for entry in &before[..index] {
            other.apply_set_up(entry, &mut SysRng).unwrap();
        }
        // A changed entry is refused for the same reason as by the whole fold.
        let mut changed = entry.clone();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        let by_all = reader.apply(&changed, &mut SysRng);
        assert!(by_all.is_err(), "entry {index}");
        assert_eq!(other.apply_set_up(&changed, &mut SysRng), by_all);
        for entry in behind {
            let refusal = other.apply_set_up(entry, &mut SysRng);
            let expected = if index == 0 {
                matches!(refusal, Err(Refusal::NoManifest))
            } else {
                matches!(refusal, Err(Refusal::Phase { .. }))
            };
            assert!(expected, "before entry {index}: {refusal:?}");
        }
        reader.apply_set_up(entry, &mut SysRng).unwrap();
    }
    assert_eq!(reader.phase(), Phase::Open);
    assert_eq!(reader.size(), u64::try_from(n_before).unwrap());
    for entry in behind {
        let refusal = reader.apply_set_up(entry, &mut SysRng);
        assert!(matches!(refusal, Err(Refusal::Phase { .. })));
    }
}

#[test]
fn any_t_of_n_decrypt_and_fewer_do_not() {
    let setup = Setup::new(4, 3);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2, 3, 4]);
    board.decrypt(&setup, &[4, 2]);
    assert!(board.election.compute_tally().is_err());
    assert!(
        setup
            .organiser()
            .result(&board.election, &mut SysRng)
            .is_err()
    );
    board.decrypt(&setup, &[1]);
    assert_eq!(
        board.election.compute_tally().unwrap().contests[1].totals,
        Some([3, 1, 0].map(Some).to_vec())
    );
}

#[test]
fn shares_wait_for_the_certifying_quorum() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2]);
    assert_eq!(board.election.phase(), Phase::Closed);
    let key = setup.seeds[0].signing_key().unwrap();
    let maker = protocol::election::EntryMaker { key: &key };
    assert!(
        maker
            .shares(
                &board.election,
                &setup.seeds[0],
                1,
                &Pattern::default(),
                &mut SysRng
            )
            .is_err()
    );
    // A trustee that certifies another root is refused and named.
    let id = board.election.election_id().unwrap();
    let close = *board.election.close().unwrap();
    let key = setup.seeds[2].signing_key().unwrap();
    let body = [close.size.to_be_bytes().as_slice(), &[7; 32]].concat();
    let entry = sign_entry(
        unsigned_entry(Kind::CertifyClose, &id, &Author::Trustee(3), &body),
        &key,
        &mut SysRng,
    );
    assert_eq!(
        board.refusal(&entry.unwrap()),
        Refusal::CloseMismatch { trustee: 3 }
    );
}

#[test]
fn a_contest_below_the_minimum_stays_closed() {
    let setup = Setup::with_minimum(3, 2, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2, 3]);
    board.decrypt(&setup, &[1, 2]);
    board.publish(&setup);
    let result = board.election.result().unwrap();
    assert!(
        result
            .contests
            .iter()
            .all(|contest| contest.ballots == 1 && contest.totals.is_none())
    );
}

#[test]
fn an_election_without_ballots_has_totals_of_zero() {
    let setup = Setup::with_minimum(3, 2, 1);
    let mut board = setup.opened();
    board.close_and_certify(&setup, &[1, 2, 3]);
    board.decrypt(&setup, &[1, 2]);
    board.publish(&setup);
    assert!(
        board
            .election
            .result()
            .unwrap()
            .contests
            .iter()
            .all(|contest| contest.totals.is_none())
    );
}

#[test]
fn ballots_out_of_place_are_refused_and_change_nothing() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    let choices = || answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false);
    let first = board.vote(&setup, 0, choices());
    let (size, root) = (board.election.size(), board.election.root());

    // A copy, and a copy signed by another voter.
    assert_eq!(
        board.refusal(&first),
        Refusal::Counter {
            expected: 2,
            found: 1
        }
    );
    let unsigned = &first[..first.len() - 64];
    let mut stolen = unsigned.to_vec();
    stolen[34..66].copy_from_slice(setup.credentials[1].public().as_bytes());
    let stolen = sign_entry(stolen, &setup.credentials[1], &mut SysRng).unwrap();
    assert!(matches!(board.refusal(&stolen), Refusal::BallotProof(_)));
    // A counter that skips, a wrong predecessor, an unknown credential, a wrong style.
    let voting = board.election.voting().unwrap().clone();
    let seal = |voter: usize, style, counter, previous| {
        setup
            .seal(&voting, voter, style, counter, previous, choices())
            .cast(&setup.credentials[voter], &mut SysRng)
    };
    let previous = board
        .election
        .voter(setup.credentials[0].public())
        .unwrap()
        .previous;
    assert_eq!(
        board.refusal(&seal(0, 0, 3, previous).unwrap()),
        Refusal::Counter {
            expected: 2,
            found: 3
        }
    );
    assert_eq!(
        board.refusal(&seal(0, 0, 2, [0; 32]).unwrap()),
        Refusal::Previous
    );
    assert_eq!(
        board.refusal(&seal(4, 0, 1, [0; 32]).unwrap()),
        Refusal::UnknownCredential
    );
    assert_eq!(
        board.refusal(&seal(3, 0, 1, [0; 32]).unwrap()),
        Refusal::Style {
            expected: 1,
            found: 0
        }
    );
    // A ballot whose signature is another's.
    let mut unsigned = seal(1, 0, 1, [0; 32]).unwrap();
    let end = unsigned.len() - 64;
    unsigned.truncate(end);
    let forged = sign_entry(unsigned, &setup.credentials[0], &mut SysRng).unwrap();
    assert!(matches!(board.refusal(&forged), Refusal::Signature(_)));
    assert_eq!((board.election.size(), board.election.root()), (size, root));
    // The same choices, sealed properly, are welcome.
    board.admit(&seal(0, 0, 2, previous).unwrap());
}

#[test]
fn a_voided_ballot_is_never_cast_and_a_cast_one_never_voided() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    let choices = || answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false);
    let seal = |board: &support::Board| {
        setup.seal(
            board.election.voting().unwrap(),
            0,
            0,
            1,
            [0; 32],
            choices(),
        )
    };
    let voter = *setup.credentials[0].public();
    let sealed = seal(&board);
    let code = sealed.code();
    let (void, challenged) = sealed
        .challenge(&setup.credentials[0], &mut SysRng)
        .unwrap();
    let unsigned = challenged.unsigned.clone();
    board.admit(&void);
    let entry = sign_entry(unsigned.clone(), &setup.credentials[0], &mut SysRng).unwrap();
    assert_eq!(board.refusal(&entry), Refusal::RepeatedAlpha);
    assert_eq!(board.refusal(&void), Refusal::RepeatedAlpha);
    let voting = board.election.voting().unwrap().clone();
    assert_eq!(challenged.verify(&voting, &voter, &mut SysRng), Ok(code));

    // A booth that encrypted something else is caught; so is one that seals what cannot be cast.
    let (_, mut challenged) = seal(&board)
        .challenge(&setup.credentials[0], &mut SysRng)
        .unwrap();
    challenged.answers = answers(&[&[0, 1, 0, 1], &[3, 1, 0]], false);
    assert_eq!(
        challenged.verify(&voting, &voter, &mut SysRng),
        Err(ChallengeError::Mismatch)
    );
    for byte in [0, 1, 2, 34, 66, 70, 80, unsigned.len() - 1] {
        let (_, mut challenged) = seal(&board)
            .challenge(&setup.credentials[0], &mut SysRng)
            .unwrap();
        challenged.unsigned[byte] ^= 1;
        assert!(
            challenged.verify(&voting, &voter, &mut SysRng).is_err(),
            "byte {byte}"
        );
    }
    let (_, mut challenged) = seal(&board)
        .challenge(&setup.credentials[0], &mut SysRng)
        .unwrap();
    challenged.unsigned.truncate(700);
    assert!(matches!(
        challenged.verify(&voting, &voter, &mut SysRng),
        Err(ChallengeError::Invalid(_))
    ));
    let (_, challenged) = seal(&board)
        .challenge(&setup.credentials[0], &mut SysRng)
        .unwrap();
    let other = setup.credentials[1].public();
    assert_eq!(
        challenged.verify(&voting, other, &mut SysRng),
        Err(ChallengeError::Mismatch)
    );

    let cast = board.vote(&setup, 1, choices());
    let void = void_of(&board, &setup, 2, &cast[104..136]);
    assert_eq!(board.refusal(&void), Refusal::RepeatedAlpha);
}

/// A void entry by `voter` for any alpha at all.
fn void_of(board: &support::Board, setup: &Setup, voter: usize, alpha: &[u8]) -> Vec<u8> {
    let body = [[0; 32].as_slice(), alpha].concat();
    let id = board.election.election_id().unwrap();
    let author = Author::Voter(*setup.credentials[voter].public());
    sign_entry(
        unsigned_entry(Kind::Void, &id, &author, &body),
        &setup.credentials[voter],
        &mut SysRng,
    )
    .unwrap()
}

#[test]
fn nobody_can_void_the_ballot_of_another_voter_before_it_is_cast() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    let choices = answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false);
    let sealed = setup.seal(board.election.voting().unwrap(), 0, 0, 1, [0; 32], choices);
    let ballot = sealed.cast(&setup.credentials[0], &mut SysRng).unwrap();
    let squatting = void_of(&board, &setup, 1, &ballot[104..136]);
    board.admit(&squatting);
    board.admit(&ballot);
}

#[test]
fn no_voter_makes_the_board_grow_without_end() {
    let setup = Setup::new(1, 1);
    let mut board = setup.opened();
    for _ in 0..100 {
        board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    }
    let previous = board
        .election
        .voter(setup.credentials[0].public())
        .unwrap()
        .previous;
    let voting = board.election.voting().unwrap().clone();
    let more = setup.seal(
        &voting,
        0,
        0,
        101,
        previous,
        answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false),
    );
    let more = more.cast(&setup.credentials[0], &mut SysRng).unwrap();
    assert_eq!(
        board.refusal(&more),
        Refusal::TooMany { kind: Kind::Ballot }
    );
    let alpha = |i: u64| {
        *Element::from_point(mul_base(&Scalar::from(i + 1)))
            .unwrap()
            .as_bytes()
    };
    for i in 0..100 {
        let void = void_of(&board, &setup, 1, &alpha(i));
        board.admit(&void);
    }
    let void = void_of(&board, &setup, 1, &alpha(100));
    assert_eq!(board.refusal(&void), Refusal::TooMany { kind: Kind::Void });
}

#[test]
fn one_part_of_an_issuer_serves_one_voter() {
    // Two issuers; the first made one part, the second many that all stand beside it.
    let mut setup = Setup::new(3, 2);
    setup.manifest = setup.manifest.replace(
        r#"[{"name":"Registrar"}]"#,
        r#"[{"name":"A"},{"name":"B"}]"#,
    );
    let manifest = ElectionManifest::parse(setup.manifest.as_bytes()).unwrap();
    let part = |issuer| {
        Code::draw(&mut SysRng)
            .unwrap()
            .part(&manifest.uuid, issuer)
            .public(&mut SysRng)
            .unwrap()
            .unwrap()
    };
    let line = |parts| RollVoter {
        style: 0,
        weight: 1,
        parts,
    };
    let honest = part(0);
    let mut board = support::Board {
        election: Election::new(),
        entries: Vec::new(),
    };
    let entry = setup
        .organiser()
        .manifest(setup.manifest.as_bytes(), &mut SysRng)
        .unwrap();
    board.admit(&entry);
    let twice = vec![line(vec![honest, part(1)]), line(vec![honest, part(1)])];
    for entry in setup
        .organiser()
        .roll(&manifest, 0, &twice, &mut SysRng)
        .unwrap()
    {
        assert!(matches!(
            board.refusal(&entry),
            Refusal::RollVoter { voter: 1, .. }
        ));
    }
    for (first, refused) in [(0, false), (1, true)] {
        let lines = [line(vec![honest, part(1)])];
        for entry in setup
            .organiser()
            .roll(&manifest, first, &lines, &mut SysRng)
            .unwrap()
        {
            if refused {
                assert!(matches!(
                    board.refusal(&entry),
                    Refusal::RollVoter { voter: 0, .. }
                ));
            } else {
                board.admit(&entry);
            }
        }
    }
}

#[test]
fn nothing_is_taken_in_the_wrong_phase_or_from_another_election() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    let other = Setup::new(3, 2);
    let mut other_board = other.opened();
    let ballot = board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    assert_eq!(
        other_board.refusal(&ballot),
        Refusal::Scope { kind: Kind::Ballot }
    );
    for entry in &board.entries[..board.entries.len() - 1] {
        let mut election = Election::new();
        std::mem::swap(&mut election, &mut board.election);
        let (size, root) = (election.size(), election.root());
        assert!(
            election.apply(entry, &mut SysRng).is_err(),
            "a set-up entry came through twice"
        );
        assert_eq!((election.size(), election.root()), (size, root));
        board.election = election;
    }
    let sealed = setup.seal(
        board.election.voting().unwrap(),
        1,
        0,
        1,
        [0; 32],
        answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false),
    );
    let late = sealed.cast(&setup.credentials[1], &mut SysRng).unwrap();
    board.close_and_certify(&setup, &[]);
    assert_eq!(
        board.refusal(&late),
        Refusal::Phase {
            kind: Kind::Ballot,
            phase: Phase::Closed
        }
    );
}

#[test]
fn every_bit_of_every_entry_matters() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2, 3]);
    board.decrypt(&setup, &[1, 2]);
    board.publish(&setup);
    let mut election = Election::new();
    for entry in &board.entries {
        // One bit in each stretch of bytes; all of them would take minutes.
        for position in (0..entry.len()).step_by(1 + entry.len() / 24) {
            let mut changed = entry.clone();
            changed[position] ^= 1 << (position % 8);
            let (size, root) = (election.size(), election.root());
            assert!(
                election.apply(&changed, &mut SysRng).is_err(),
                "bit in byte {position} of {}",
                entry[1]
            );
            assert_eq!((election.size(), election.root()), (size, root));
        }
        election.apply(entry, &mut SysRng).unwrap();
    }
    assert_eq!(election.phase(), Phase::Finished);
}

#[test]
fn a_dealer_of_wrong_shares_is_named_and_the_attempt_ends() {
    let setup = Setup::new(3, 2);
    let mut board = setup.registered();
    board.rounds(&setup, &[Round::Commit, Round::Reveal]);
    // Trustee 2 swaps two sealed shares before signing its deal.
    for (trustee, seed) in (1u16..).zip(&setup.seeds) {
        let Step::Post { mut entry, .. } = next_step(
            board.election.ceremony().unwrap(),
            seed,
            trustee,
            &mut SysRng,
        )
        .unwrap() else {
            panic!("trustee {trustee} does not deal")
        };
        if trustee == 2 {
            let length = entry.len() - 64;
            entry.truncate(length);
            let body = 1 + 1 + 32 + 2 + 2;
            let size = (length - body) / 3;
            entry[body..body + 2 * size].rotate_left(size);
            entry = sign_entry(entry, &seed.signing_key().unwrap(), &mut SysRng).unwrap();
        }
        board.admit(&entry);
    }
    let ceremony = board.election.ceremony().unwrap();
    let Step::Complain {
        dealer: 2, entry, ..
    } = next_step(ceremony, &setup.seeds[0], 1, &mut SysRng).unwrap()
    else {
        panic!("the wrong shares went unnoticed")
    };
    board.admit(&entry);
    let ceremony = board.election.ceremony().unwrap();
    assert_eq!((ceremony.attempt(), ceremony.round()), (2, Round::Commit));
    let culprit = ceremony.culprits()[0];
    assert_eq!(culprit.trustee, 2);
    assert!(matches!(
        culprit.fault,
        Fault::WrongShares { recipient: 1, .. }
    ));
    // The next attempt succeeds with fresh secrets.
    board.rounds(
        &setup,
        &[Round::Commit, Round::Reveal, Round::Deal, Round::Certify],
    );
    assert_eq!(board.election.ceremony().unwrap().round(), Round::Complete);
}

#[test]
fn seals_need_matching_choices() {
    let setup = Setup::new(3, 2);
    let board = setup.opened();
    let manifest = board.election.manifest().unwrap();
    let make =
        |answers: Vec<Answer>| PlaintextBallot::new(manifest, &manifest.styles[0], answers).is_ok();
    assert!(make(answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false)));
    assert!(
        !make(answers(&[&[1, 1, 1, 0], &[0, 0, 0]], false)),
        "three of at most two"
    );
    assert!(
        !make(answers(&[&[0, 0, 0, 0], &[0, 0, 0]], false)),
        "none, and not blank"
    );
    assert!(
        !make(answers(&[&[1, 0, 0, 0], &[0, 0, 0]], true)),
        "blank and a choice"
    );
    assert!(
        !make(answers(&[&[2, 0, 0, 0], &[0, 0, 0]], false)),
        "two in one option"
    );
    assert!(
        !make(answers(&[&[1, 0, 0], &[0, 0, 0]], false)),
        "an option missing"
    );
    assert!(
        !make(answers(&[&[1, 0, 0, 0], &[4, 0, 0]], false)),
        "too many points"
    );
    assert!(!make(answers(&[&[1, 0, 0, 0]], false)), "an answer missing");
    let _: fn(SealedBallot) = drop;
}
