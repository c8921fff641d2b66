//! Attacks on the key ceremony, each refused by name or blamed on its author.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use getrandom::SysRng;
use protocol::election::{EntryMaker, Refusal};
use protocol::entry::{Author, Kind, sign_entry, unsigned_entry};
use protocol::group::Element;
use protocol::key_ceremony::{
    CeremonyError, ComplaintError, Fault, RevealError, Round, Session, Step, abandon, key_shares,
    next_step,
};
use protocol::tally::Pattern;
use support::{Board, Setup, answers};

/// Where the content of a trustee's entry begins: version, kind, scope, trustee, attempt.
const CONTENT: usize = 1 + 1 + 32 + 2 + 2;
/// 8 positions of 2 coefficients each.
const COEFFICIENTS: usize = 16 * 32;

fn step(board: &Board, setup: &Setup, trustee: u16) -> Vec<u8> {
    let seed = &setup.seeds[usize::from(trustee) - 1];
    match next_step(
        board.election.ceremony().unwrap(),
        seed,
        trustee,
        &mut SysRng,
    )
    .unwrap()
    {
        Step::Post { entry, .. } | Step::Complain { entry, .. } => entry,
        other => panic!("{other:?}"),
    }
}

/// Changes an entry and signs it again, as its dishonest author would.
fn resigned(
    setup: &Setup,
    trustee: u16,
    entry: &[u8],
    change: impl FnOnce(&mut Vec<u8>),
) -> Vec<u8> {
    let mut unsigned = entry[..entry.len() - 64].to_vec();
    change(&mut unsigned);
    sign_entry(
        unsigned,
        &setup.seeds[usize::from(trustee) - 1].signing_key().unwrap(),
        &mut SysRng,
    )
    .unwrap()
}

fn at(round: Round) -> (Setup, Board) {
    let setup = Setup::new(3, 2);
    let mut board = setup.registered();
    let rounds = [Round::Commit, Round::Reveal, Round::Deal, Round::Certify];
    let before: Vec<Round> = rounds.into_iter().filter(|r| *r < round).collect();
    board.rounds(&setup, &before);
    (setup, board)
}

fn knowledge(trustee: u16) -> Refusal {
    Refusal::Ceremony(CeremonyError::Reveal(RevealError::Knowledge { trustee }))
}

fn commitment(trustee: u16) -> Refusal {
    Refusal::Ceremony(CeremonyError::Reveal(RevealError::Commitment { trustee }))
}

#[test]
fn a_contribution_changed_after_the_commitment_is_refused() {
    let (setup, mut board) = at(Round::Reveal);
    let good = step(&board, &setup, 1);
    let key = setup.seeds[1].signing_key().unwrap();
    let other = key.public().as_bytes();
    // Any coefficient, the encryption key, the ephemeral.
    for field in 0..18 {
        let changed = resigned(&setup, 1, &good, |bytes| {
            bytes[CONTENT + 32 * field..CONTENT + 32 * (field + 1)].copy_from_slice(other);
        });
        assert_eq!(board.refusal(&changed), commitment(1), "field {field}");
    }
    board.admit(&good);
}

#[test]
fn a_rogue_key_without_knowledge_of_its_secret_is_refused() {
    // Trustee 3 commits to target − Σ others: it saw nobody's reveal, but suppose it guessed them.
    let setup = Setup::new(3, 2);
    let mut board = setup.registered();
    let honest = [step(&board, &setup, 1), step(&board, &setup, 2)];
    let session = board.election.ceremony().unwrap().session();
    let dimensions = *board.election.ceremony().unwrap().dimensions();
    let reveal = |trustee: u16| {
        let secrets = setup.seeds[usize::from(trustee) - 1].ceremony_secrets(&session, &dimensions);
        protocol::key_ceremony::Reveal::new(&session, trustee, &secrets, &mut SysRng)
            .unwrap()
            .unwrap()
    };
    let (first, second, mut rogue) = (reveal(1), reveal(2), reveal(3));
    let target = setup.seeds[2].signing_key().unwrap();
    for position in 0..8 {
        let others =
            first.coefficients[2 * position].point() + second.coefficients[2 * position].point();
        rogue.coefficients[2 * position] =
            Element::from_point(target.public().point() - others).unwrap();
    }
    honest.iter().for_each(|entry| board.admit(entry));
    let id = board.election.ceremony().unwrap().manifest();
    let post = |kind, content: &[u8]| {
        let body = [1u16.to_be_bytes().as_slice(), content].concat();
        let unsigned = unsigned_entry(kind, &id, &Author::Trustee(3), &body);
        sign_entry(unsigned, &target, &mut SysRng).unwrap()
    };
    board.admit(&post(
        Kind::Commit,
        rogue.commitment(&session, 3).as_bytes(),
    ));
    let entries = [step(&board, &setup, 1), step(&board, &setup, 2)];
    entries.iter().for_each(|entry| board.admit(entry));
    let mut content = Vec::new();
    rogue.encode(&mut content);
    assert_eq!(board.refusal(&post(Kind::Reveal, &content)), knowledge(3));
}

#[test]
fn a_copied_contribution_is_refused_under_another_number() {
    let setup = Setup::new(3, 2);
    let mut board = setup.registered();
    let first = step(&board, &setup, 1);
    board.admit(&first);
    // Trustee 2 repeats trustee 1's commitment, then its reveal.
    let copy = |entry: &[u8], original: &[u8]| {
        resigned(&setup, 2, entry, |bytes| {
            bytes[CONTENT..].copy_from_slice(&original[CONTENT..original.len() - 64])
        })
    };
    let entry = copy(&step(&board, &setup, 2), &first);
    board.admit(&entry);
    let third = step(&board, &setup, 3);
    board.admit(&third);
    let first = step(&board, &setup, 1);
    board.admit(&first);
    let entry = copy(&step(&board, &setup, 2), &first);
    assert_eq!(board.refusal(&entry), commitment(2));
}

#[test]
fn a_copied_ephemeral_is_refused_even_with_its_own_commitment() {
    // With a copied ephemeral, a complaint would open somebody else's shares.
    let setup = Setup::new(3, 2);
    let mut board = setup.registered();
    let ceremony = board.election.ceremony().unwrap();
    let (session, dimensions, id) = (
        ceremony.session(),
        *ceremony.dimensions(),
        ceremony.manifest(),
    );
    let reveal = |trustee: u16| {
        let secrets = setup.seeds[usize::from(trustee) - 1].ceremony_secrets(&session, &dimensions);
        protocol::key_ceremony::Reveal::new(&session, trustee, &secrets, &mut SysRng)
            .unwrap()
            .unwrap()
    };
    let (first, mut copied) = (reveal(1), reveal(2));
    copied.ephemeral = first.ephemeral;
    let key = setup.seeds[1].signing_key().unwrap();
    let post = |kind, content: &[u8]| {
        let body = [1u16.to_be_bytes().as_slice(), content].concat();
        sign_entry(
            unsigned_entry(kind, &id, &Author::Trustee(2), &body),
            &key,
            &mut SysRng,
        )
        .unwrap()
    };
    let commits = [
        step(&board, &setup, 1),
        post(Kind::Commit, copied.commitment(&session, 2).as_bytes()),
    ];
    let third = step(&board, &setup, 3);
    commits
        .iter()
        .chain([&third])
        .for_each(|entry| board.admit(entry));
    let entry = step(&board, &setup, 1);
    board.admit(&entry);
    let mut content = Vec::new();
    copied.encode(&mut content);
    // The proof of knowledge of the ephemeral cannot be made.
    assert_eq!(board.refusal(&post(Kind::Reveal, &content)), knowledge(2));
}

#[test]
fn more_or_fewer_coefficients_than_the_threshold_are_refused() {
    let (setup, mut board) = at(Round::Reveal);
    let good = step(&board, &setup, 1);
    let more = resigned(&setup, 1, &good, |bytes| {
        let extra = bytes[CONTENT..CONTENT + 32 * 8].to_vec();
        bytes.splice(CONTENT + COEFFICIENTS..CONTENT + COEFFICIENTS, extra);
    });
    let fewer = resigned(&setup, 1, &good, |bytes| {
        bytes.drain(CONTENT..CONTENT + 32 * 8);
    });
    let identity = resigned(&setup, 1, &good, |bytes| {
        bytes[CONTENT + 32..CONTENT + 64].fill(0)
    });
    for entry in [more, fewer, identity] {
        assert!(matches!(
            board.refusal(&entry),
            Refusal::Body {
                kind: Kind::Reveal,
                ..
            }
        ));
    }
}

#[test]
fn unknown_trustees_repeated_messages_and_other_attempts_are_refused() {
    let (setup, mut board) = at(Round::Commit);
    let good = step(&board, &setup, 1);
    for number in [0u16, 4, u16::MAX] {
        let entry = resigned(&setup, 1, &good, |bytes| {
            bytes[34..36].copy_from_slice(&number.to_be_bytes())
        });
        assert_eq!(
            board.refusal(&entry),
            Refusal::UnknownTrustee { trustee: number }
        );
    }
    let as_second = resigned(&setup, 1, &good, |bytes| {
        bytes[34..36].copy_from_slice(&2u16.to_be_bytes())
    });
    assert!(matches!(board.refusal(&as_second), Refusal::Signature(_)));
    for attempt in [0u16, 2] {
        let entry = resigned(&setup, 1, &good, |bytes| {
            bytes[36..38].copy_from_slice(&attempt.to_be_bytes())
        });
        let found = CeremonyError::Attempt {
            current: 1,
            found: attempt,
        };
        assert_eq!(board.refusal(&entry), Refusal::Ceremony(found));
    }
    board.admit(&good);
    let repeated = CeremonyError::Repeated {
        trustee: 1,
        round: Round::Commit,
    };
    assert_eq!(board.refusal(&good), Refusal::Ceremony(repeated));
    let other = resigned(&setup, 1, &good, |bytes| bytes[CONTENT] ^= 1);
    assert_eq!(board.refusal(&other), Refusal::Ceremony(repeated));
}

#[test]
fn a_false_complaint_is_blamed_on_the_complainer() {
    let (setup, mut board) = at(Round::Certify);
    let ceremony = board.election.ceremony().unwrap();
    let (session, dimensions, id) = (
        ceremony.session(),
        *ceremony.dimensions(),
        ceremony.manifest(),
    );
    let reveal = |trustee: u16| {
        let secrets = setup.seeds[usize::from(trustee) - 1].ceremony_secrets(&session, &dimensions);
        protocol::key_ceremony::Reveal::new(&session, trustee, &secrets, &mut SysRng)
            .unwrap()
            .unwrap()
    };
    let secrets = setup.seeds[0].ceremony_secrets(&session, &dimensions);
    let (own, from) = (reveal(1), reveal(2));
    let complaint = protocol::key_ceremony::Complaint::new(
        &session,
        1,
        &secrets,
        &own,
        (2, &from),
        &mut SysRng,
    )
    .unwrap()
    .unwrap();
    let post = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut body = 1u16.to_be_bytes().to_vec();
        complaint.encode(&mut body);
        change(&mut body);
        let unsigned = unsigned_entry(Kind::Complain, &id, &Author::Trustee(1), &body);
        sign_entry(
            unsigned,
            &setup.seeds[0].signing_key().unwrap(),
            &mut SysRng,
        )
        .unwrap()
    };
    // Not well-founded: itself, nobody, another dealer's number, another point.
    for (dealer, expected) in [
        (1u16, ComplaintError::Dealer { dealer: 1 }),
        (0, ComplaintError::Dealer { dealer: 0 }),
        (4, ComplaintError::Dealer { dealer: 4 }),
        (3, ComplaintError::Proof),
    ] {
        let entry = post(&|body| body[2..4].copy_from_slice(&dealer.to_be_bytes()));
        assert_eq!(
            board.refusal(&entry),
            Refusal::Ceremony(CeremonyError::Complaint(expected))
        );
    }
    let entry = post(&|body| body[4..36].copy_from_slice(own.ephemeral.as_bytes()));
    assert_eq!(
        board.refusal(&entry),
        Refusal::Ceremony(CeremonyError::Complaint(ComplaintError::Proof))
    );

    board.admit(&post(&|_| ()));
    let ceremony = board.election.ceremony().unwrap();
    assert_eq!(ceremony.attempt(), 2);
    assert_eq!(ceremony.culprits()[0].trustee, 1);
    assert_eq!(
        ceremony.culprits()[0].fault,
        Fault::FalseComplaint { dealer: 2 }
    );
    // Nothing of the first attempt opens anything of the second: every secret is fresh.
    let fresh = Session::new(&id, 2);
    let again = protocol::key_ceremony::Reveal::new(
        &fresh,
        1,
        &setup.seeds[0].ceremony_secrets(&fresh, &dimensions),
        &mut SysRng,
    );
    let again = again.unwrap().unwrap();
    assert_ne!(again.encryption_key, own.encryption_key);
    assert_ne!(again.ephemeral, own.ephemeral);
    assert!(
        again
            .coefficients
            .iter()
            .zip(&own.coefficients)
            .all(|(a, b)| a != b)
    );
}

#[test]
fn certificates_of_another_ceremony_or_without_shares_are_refused() {
    let (setup, mut board) = at(Round::Certify);
    let (first, second) = (step(&board, &setup, 1), step(&board, &setup, 2));
    let other = resigned(&setup, 1, &first, |bytes| bytes[CONTENT] ^= 1);
    assert_eq!(
        board.refusal(&other),
        Refusal::Ceremony(CeremonyError::Digest { trustee: 1 })
    );
    // Another trustee's rehearsal.
    let borrowed = resigned(&setup, 1, &first, |bytes| {
        bytes[CONTENT + 32..].copy_from_slice(&second[CONTENT + 32..second.len() - 64]);
    });
    assert_eq!(
        board.refusal(&borrowed),
        Refusal::Ceremony(CeremonyError::Rehearsal { trustee: 1 })
    );
    board.admit(&first);
    // Who has certified cannot complain or certify again.
    assert_eq!(
        board.refusal(&first),
        Refusal::Ceremony(CeremonyError::Repeated {
            trustee: 1,
            round: Round::Certify
        })
    );
}

#[test]
fn an_election_opens_only_after_everybody_certified() {
    let (setup, mut board) = at(Round::Certify);
    for trustee in [1, 2] {
        let entry = step(&board, &setup, trustee);
        board.admit(&entry);
    }
    assert!(
        setup
            .organiser()
            .open(&board.election, &[0; 32], &mut SysRng)
            .is_err()
    );
    let entry = step(&board, &setup, 3);
    board.admit(&entry);
    let good = setup
        .organiser()
        .open(&board.election, &[0; 32], &mut SysRng)
        .unwrap();
    // An opening that names another roll, number of voters or ceremony.
    let key = setup.organiser.signing_key().unwrap();
    for (field, what) in [(34, "roll"), (69, "number of voters"), (70, "key ceremony")] {
        let mut unsigned = good[..good.len() - 64].to_vec();
        unsigned[field] ^= 1;
        let entry = sign_entry(unsigned, &key, &mut SysRng).unwrap();
        assert_eq!(board.refusal(&entry), Refusal::Opening { what });
    }
    board.admit(&good);
    // The set-up is frozen.
    let line = setup.lines[0].clone();
    let manifest = board.election.manifest().unwrap().clone();
    for entry in setup
        .organiser()
        .roll(&manifest, 4, &[line], &mut SysRng)
        .unwrap()
    {
        assert!(matches!(
            board.refusal(&entry),
            Refusal::Phase {
                kind: Kind::Roll,
                ..
            }
        ));
    }
}

#[test]
fn abandoning_ends_an_attempt_in_ones_own_name() {
    let (setup, mut board) = at(Round::Commit);
    let give_up = |board: &Board| {
        abandon(
            board.election.ceremony().unwrap(),
            &setup.seeds[1],
            2,
            &mut SysRng,
        )
        .unwrap()
    };
    let entry = give_up(&board);
    assert!(
        matches!(
            board.refusal(&entry),
            Refusal::Ceremony(CeremonyError::Round { .. })
        ),
        "nothing has begun"
    );
    board.rounds(&setup, &[Round::Commit, Round::Reveal]);
    let entry = give_up(&board);
    board.admit(&entry);
    let ceremony = board.election.ceremony().unwrap();
    assert_eq!((ceremony.attempt(), ceremony.round()), (2, Round::Commit));
    assert_eq!(
        (ceremony.culprits()[0].trustee, ceremony.culprits()[0].fault),
        (2, Fault::Abandoned)
    );
    board.rounds(
        &setup,
        &[Round::Commit, Round::Reveal, Round::Deal, Round::Certify],
    );
    let entry = give_up(&board);
    assert!(
        board.election.apply(&entry, &mut SysRng).is_err(),
        "a complete ceremony cannot be undone"
    );
}

#[test]
fn a_silent_trustee_is_named() {
    let (setup, mut board) = at(Round::Deal);
    for trustee in [1, 3] {
        let entry = step(&board, &setup, trustee);
        board.admit(&entry);
    }
    let ceremony = board.election.ceremony().unwrap();
    let Step::Wait {
        round: Round::Deal,
        missing,
    } = next_step(ceremony, &setup.seeds[0], 1, &mut SysRng).unwrap()
    else {
        panic!("not waiting")
    };
    assert_eq!(missing, [2]);
}

#[test]
fn words_and_board_restore_a_trustee() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2, 3]);
    let restored = protocol::key_ceremony::TrusteeSeed::from_bytes(setup.seeds[1].expose());
    let key = restored.signing_key().unwrap();
    let entry = EntryMaker { key: &key }
        .shares(
            &board.election,
            &restored,
            2,
            &Pattern::default(),
            &mut SysRng,
        )
        .unwrap();
    board.admit(&entry);
    // Another trustee's seed restores nothing.
    assert!(key_shares(board.election.ceremony().unwrap(), &setup.seeds[0], 2).is_err());
}

#[test]
fn wrong_shares_at_decryption_are_named() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2, 3]);
    let key = setup.seeds[0].signing_key().unwrap();
    let good = EntryMaker { key: &key }
        .shares(
            &board.election,
            &setup.seeds[0],
            1,
            &Pattern::default(),
            &mut SysRng,
        )
        .unwrap();
    let start = 36;
    // Two factors swapped; the proof of another contest; another trustee's factors.
    let swapped = resigned(&setup, 1, &good, |bytes| {
        bytes[start..start + 64].rotate_left(32)
    });
    let key = setup.seeds[1].signing_key().unwrap();
    let second = EntryMaker { key: &key }
        .shares(
            &board.election,
            &setup.seeds[1],
            2,
            &Pattern::default(),
            &mut SysRng,
        )
        .unwrap();
    let borrowed = resigned(&setup, 1, &good, |bytes| {
        bytes[start..].copy_from_slice(&second[start..second.len() - 64])
    });
    for entry in [swapped, borrowed] {
        let refusal = board.refusal(&entry);
        assert!(
            refusal
                .to_string()
                .starts_with("trustee 1's decryption share for contest 1 is wrong"),
            "{refusal}"
        );
    }
    board.admit(&second);
    assert_eq!(
        board.refusal(&second),
        Refusal::Repeated { kind: Kind::Shares }
    );
    // One bad share and two good ones: the totals come out.
    board.decrypt(&setup, &[3]);
    assert!(board.election.compute_tally().is_ok());
}

#[test]
fn a_ceremony_that_failed_a_thousand_times_is_over() {
    // One trustee can end attempts all by itself; no session may ever come back.
    let setup = Setup::new(3, 2);
    let mut board = setup.registered();
    for attempt in 1..=1_000 {
        assert_eq!(board.election.ceremony().unwrap().attempt(), attempt);
        let commit = step(&board, &setup, 2);
        board.admit(&commit);
        let entry = abandon(
            board.election.ceremony().unwrap(),
            &setup.seeds[1],
            2,
            &mut SysRng,
        )
        .unwrap();
        board.admit(&entry);
    }
    let commit = step(&board, &setup, 2);
    assert_eq!(
        board.refusal(&commit),
        Refusal::Ceremony(CeremonyError::Exhausted)
    );
    let entry = abandon(
        board.election.ceremony().unwrap(),
        &setup.seeds[1],
        2,
        &mut SysRng,
    )
    .unwrap();
    assert_eq!(
        board.refusal(&entry),
        Refusal::Ceremony(CeremonyError::Exhausted)
    );
}
