//! Joint key, beacon and seal: what the board admits, and every way in which it does not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use getrandom::SysRng;
use proptest::prelude::*;
use protocol::beacon::{audit_seed, lot_order, lot_seed};
use protocol::election::{Election, EntryMaker, MakeError, Phase, Refusal};
use protocol::entry::{Author, Kind, sign_entry, unsigned_entry};
use protocol::key_ceremony::{
    CeremonyError, DealError, Fault, Reveal, RevealError, Round, Step, next_step,
};
use protocol::tally::Pattern;
use support::{Board, Setup, answers};

/// Where the content of a trustee's entry begins: version, kind, scope, trustee.
const CONTENT: usize = 1 + 1 + 32 + 2;
/// Behind attempt, 16 coefficients, two keys and a proof, all of 32 bytes: the joint coefficients.
const JOINT: usize = CONTENT + 2 + 20 * 32;

fn step(board: &Board, setup: &Setup, trustee: u16) -> Vec<u8> {
    let seed = &setup.seeds[usize::from(trustee) - 1];
    let ceremony = board.election.ceremony().unwrap();
    match next_step(ceremony, seed, trustee, &mut SysRng).unwrap() {
        Step::Post { entry, .. } | Step::Complain { entry, .. } => entry,
        other => panic!("{other:?}"),
    }
}

/// An entry of a dishonest trustee: any body, well signed.
fn signed(setup: &Setup, kind: Kind, trustee: u16, scope: &[u8], body: &[u8]) -> Vec<u8> {
    let scope = protocol::transcript::Digest(scope.try_into().unwrap());
    let key = setup.seeds[usize::from(trustee) - 1].signing_key().unwrap();
    let unsigned = unsigned_entry(kind, &scope, &Author::Trustee(trustee), body);
    sign_entry(unsigned, &key, &mut SysRng).unwrap()
}

/// The same entry with a changed body, signed again by its author.
fn changed(setup: &Setup, entry: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let trustee = u16::from_be_bytes([entry[34], entry[35]]);
    let mut body = entry[CONTENT..entry.len() - 64].to_vec();
    change(&mut body);
    let kind = [Kind::Reveal, Kind::Certify, Kind::Beacon, Kind::Seal]
        .into_iter()
        .find(|kind| *kind as u8 == entry[1])
        .unwrap();
    signed(setup, kind, trustee, &entry[2..34], &body)
}

fn beacon(board: &Board, setup: &Setup, trustee: u16) -> Result<Vec<u8>, MakeError> {
    let seed = &setup.seeds[usize::from(trustee) - 1];
    let key = seed.signing_key().unwrap();
    EntryMaker { key: &key }.beacon(&board.election, seed, trustee, &mut SysRng)
}

fn seal(board: &Board, setup: &Setup, trustee: u16) -> Result<Vec<u8>, MakeError> {
    let seed = &setup.seeds[usize::from(trustee) - 1];
    let key = seed.signing_key().unwrap();
    EntryMaker { key: &key }.seal(&board.election, seed, trustee, &mut SysRng)
}

/// A closed and certified election with one ballot.
fn certified() -> (Setup, Board) {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2, 3]);
    (setup, board)
}

fn finished() -> (Setup, Board) {
    let (setup, mut board) = certified();
    board.decrypt(&setup, &[1, 2]);
    board.publish(&setup);
    (setup, board)
}

#[test]
fn beacons_give_an_audit_seed_and_all_of_them_lots() {
    let (setup, mut board) = certified();
    assert_eq!(board.election.audit_seed(), None);
    for trustee in [3, 1] {
        let entry = beacon(&board, &setup, trustee).unwrap();
        assert_eq!(entry.len(), CONTENT + 32 + 96 + 64);
        board.admit(&entry);
    }
    let election = board.election.election_id().unwrap();
    let signature = board.election.beacon_signature().unwrap();
    let seed = board.election.audit_seed().unwrap();
    assert_eq!(seed, audit_seed(&election, &signature));
    // Two of three sign; lots need what all three contribute.
    assert_eq!(board.election.lot_orders(), None);
    // The last one may come after the result, and changes no signature.
    board.decrypt(&setup, &[1, 2]);
    board.publish(&setup);
    let last = beacon(&board, &setup, 2).unwrap();
    board.admit(&last);
    assert_eq!(board.election.beacon_signature(), Some(signature));
    let signing = board.election.signing();
    assert_eq!(signing.beacons_by(), [3, 1, 2]);
    let contributions: Vec<_> = (1..=3)
        .map(|trustee| signing.beacon_of(trustee).unwrap().contribution)
        .collect();
    let order = |contest, options| {
        lot_order(
            &lot_seed(&election, &signature, &contributions, contest),
            options,
        )
    };
    // The blank of the first contest is no option.
    let expected = vec![order(0, 4), order(1, 3)];
    assert_eq!(board.election.lot_orders(), Some(expected));
}

#[test]
fn two_of_three_seal_and_any_two_make_the_same_signature() {
    let (setup, mut board) = finished();
    let (size, root) = (board.election.size(), board.election.root());
    let state = *board.election.signing().final_state().unwrap();
    assert_eq!((state.size, state.root), (size, root));
    let mut found = Vec::new();
    for pair in [[1, 2], [3, 1], [2, 3]] {
        let mut again = Board {
            election: Election::new(),
            entries: Vec::new(),
        };
        board.entries.iter().for_each(|entry| again.admit(entry));
        let first = seal(&again, &setup, pair[0]).unwrap();
        again.admit(&first);
        assert_eq!(again.election.seal_signature(), None, "one of two");
        // What was signed does not change with what comes after the result.
        let second = seal(&again, &setup, pair[1]).unwrap();
        again.admit(&second);
        assert_eq!(again.election.signing().sealed_by(), pair);
        found.push(again.election.seal_signature().unwrap());
    }
    assert!(found.iter().all(|signature| *signature == found[0]));
    for trustee in [1, 2, 3] {
        let entry = seal(&board, &setup, trustee).unwrap();
        board.admit(&entry);
    }
    assert_eq!(board.election.seal_signature(), Some(found[0]));
    assert_eq!(board.election.phase(), Phase::Finished);
}

#[test]
fn beacons_before_the_certified_close_are_refused() {
    let setup = Setup::new(3, 2);
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    assert!(matches!(
        beacon(&board, &setup, 1),
        Err(MakeError::NotNow(_))
    ));
    let id = board.election.election_id().unwrap();
    let too_soon = |phase| Refusal::Phase {
        kind: Kind::Beacon,
        phase,
    };
    let entry = signed(&setup, Kind::Beacon, 1, id.as_bytes(), &[0; 128]);
    assert_eq!(board.refusal(&entry), too_soon(Phase::Open));
    board.close_and_certify(&setup, &[1, 2]);
    assert_eq!(board.refusal(&entry), too_soon(Phase::Closed));
}

#[test]
fn seals_before_the_result_are_refused() {
    let (setup, mut board) = certified();
    assert!(matches!(seal(&board, &setup, 1), Err(MakeError::NotNow(_))));
    let id = board.election.election_id().unwrap();
    let entry = signed(&setup, Kind::Seal, 1, id.as_bytes(), &[0; 96]);
    let refused = Refusal::Phase {
        kind: Kind::Seal,
        phase: Phase::Certified,
    };
    assert_eq!(board.refusal(&entry), refused);
    assert_eq!(refused.code(), "wrong-phase");
}

#[test]
fn a_second_beacon_or_seal_of_one_trustee_is_refused() {
    let (setup, mut board) = finished();
    for (kind, make) in [
        (Kind::Beacon, beacon as fn(&Board, &Setup, u16) -> _),
        (Kind::Seal, seal),
    ] {
        let entry = make(&board, &setup, 1).unwrap();
        board.admit(&entry);
        let again = make(&board, &setup, 1).unwrap();
        for second in [&entry, &again] {
            assert_eq!(board.refusal(second), Refusal::Repeated { kind });
        }
    }
}

#[test]
fn shares_of_others_and_on_other_messages_are_refused() {
    let (setup, mut board) = finished();
    let (of_one, of_two) = (
        beacon(&board, &setup, 1).unwrap(),
        beacon(&board, &setup, 2).unwrap(),
    );
    let (seal_one, seal_two) = (
        seal(&board, &setup, 1).unwrap(),
        seal(&board, &setup, 2).unwrap(),
    );
    let share = |entry: &[u8]| entry[entry.len() - 160..entry.len() - 64].to_vec();
    let with = |entry: &[u8], other: &[u8]| {
        changed(&setup, entry, |body| {
            let at = body.len() - 96;
            body[at..].copy_from_slice(&share(other));
        })
    };
    for (kind, entry, other) in [
        (Kind::Beacon, &of_one, &of_two),
        (Kind::Beacon, &of_one, &seal_one),
        (Kind::Seal, &seal_one, &seal_two),
        (Kind::Seal, &seal_one, &of_one),
    ] {
        let refusal = board.refusal(&with(entry, other));
        assert_eq!(refusal, Refusal::JointShare { kind, trustee: 1 });
        assert_eq!(refusal.code(), "bad-joint-share");
    }
    // A seal of another board of the same election: one beacon earlier, or later.
    board.admit(&of_one);
    assert_eq!(
        seal(&board, &setup, 1).unwrap()[..CONTENT + 96],
        seal_one[..CONTENT + 96]
    );
    board.admit(&seal_one);
}

#[test]
fn contributions_other_than_the_committed_one_are_refused() {
    let (setup, mut board) = certified();
    let entry = beacon(&board, &setup, 1).unwrap();
    let refused = Refusal::Contribution { trustee: 1 };
    assert_eq!(refused.code(), "other-contribution");
    let flipped = changed(&setup, &entry, |body| body[31] ^= 1);
    assert_eq!(board.refusal(&flipped), refused);
    let of_two = beacon(&board, &setup, 2).unwrap();
    let copied = changed(&setup, &entry, |body| {
        body[..32].copy_from_slice(&of_two[CONTENT..CONTENT + 32]);
    });
    assert_eq!(board.refusal(&copied), refused);
    board.admit(&entry);
}

#[test]
fn nothing_but_beacons_and_seals_follows_a_result() {
    let (setup, mut board) = finished();
    let late = EntryMaker {
        key: &setup.seeds[2].signing_key().unwrap(),
    }
    .shares(
        &board.election,
        &setup.seeds[2],
        3,
        &Pattern::default(),
        &mut SysRng,
    )
    .unwrap();
    assert!(matches!(
        board.refusal(&late),
        Refusal::Phase {
            kind: Kind::Shares,
            phase: Phase::Finished
        }
    ));
    let close = setup
        .organiser()
        .result(&board.election, &mut SysRng)
        .unwrap();
    assert!(matches!(board.refusal(&close), Refusal::Phase { .. }));
}

fn at(round: Round) -> (Setup, Board) {
    let setup = Setup::new(3, 2);
    let mut board = setup.registered();
    let rounds = [Round::Commit, Round::Reveal, Round::Deal, Round::Certify];
    let before: Vec<Round> = rounds.into_iter().filter(|r| *r < round).collect();
    board.rounds(&setup, &before);
    (setup, board)
}

#[test]
fn joint_coefficients_and_possession_are_committed_to() {
    let (setup, mut board) = at(Round::Reveal);
    let good = step(&board, &setup, 1);
    assert_eq!(good.len(), JOINT + 2 * 48 + 96 + 64);
    let refused = RevealError::Commitment { trustee: 1 };
    // The other y of a point of the same x is a point, too.
    for at in [JOINT, JOINT + 48, JOINT + 96] {
        let entry = changed(&setup, &good, |body| body[at - CONTENT] ^= 0x20);
        let refusal = board.refusal(&entry);
        assert_eq!(refusal, Refusal::Ceremony(CeremonyError::Reveal(refused)));
    }
    // More or fewer coefficients than t, the identity, a point that is none.
    let malformed = [
        changed(&setup, &good, |body| {
            body.drain(JOINT - CONTENT..JOINT - CONTENT + 48);
        }),
        changed(&setup, &good, |body| {
            let extra = body[JOINT - CONTENT..JOINT - CONTENT + 48].to_vec();
            body.splice(JOINT - CONTENT..JOINT - CONTENT, extra);
        }),
        changed(&setup, &good, |body| {
            body[JOINT - CONTENT..JOINT - CONTENT + 48].fill(0);
            body[JOINT - CONTENT] = 0xc0;
        }),
        changed(&setup, &good, |body| body[JOINT - CONTENT] ^= 0x80),
    ];
    for entry in malformed {
        assert!(matches!(
            board.refusal(&entry),
            Refusal::Body {
                kind: Kind::Reveal,
                ..
            }
        ));
    }
    board.admit(&good);
}

#[test]
fn a_joint_key_without_possession_of_its_secret_is_refused() {
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
        Reveal::new(&session, trustee, &secrets, &mut SysRng)
            .unwrap()
            .unwrap()
    };
    // Another's constant term; a proof made for another's coefficients.
    let (first, own) = (reveal(1), reveal(3));
    let stolen = Reveal {
        joint: vec![first.joint[0], own.joint[1]],
        ..own.clone()
    };
    let copied = Reveal {
        joint: first.joint.clone(),
        possession: first.possession,
        ..own
    };
    for rogue in [stolen, copied] {
        let body = |content: &[u8]| [1u16.to_be_bytes().as_slice(), content].concat();
        let mut board = setup.registered();
        for trustee in [1, 2] {
            let entry = step(&board, &setup, trustee);
            board.admit(&entry);
        }
        let commitment = body(rogue.commitment(&session, 3).as_bytes());
        board.admit(&signed(&setup, Kind::Commit, 3, id.as_bytes(), &commitment));
        let mut content = Vec::new();
        rogue.encode(&mut content);
        let entry = signed(&setup, Kind::Reveal, 3, id.as_bytes(), &body(&content));
        let refusal = board.refusal(&entry);
        let expected = RevealError::Possession { trustee: 3 };
        assert_eq!(refusal, Refusal::Ceremony(CeremonyError::Reveal(expected)));
        assert_eq!(refusal.code(), "no-joint-possession");
    }
    let entry = step(&board, &setup, 1);
    board.admit(&entry);
}

#[test]
fn a_certificate_needs_a_rehearsal_with_the_trustees_own_joint_share() {
    let (setup, mut board) = at(Round::Certify);
    let (first, second) = (step(&board, &setup, 1), step(&board, &setup, 2));
    assert_eq!(first.len(), CONTENT + 2 + 32 + 96 + 32 + 96 + 64);
    let borrowed = changed(&setup, &first, |body| {
        let at = body.len() - 96;
        body[at..].copy_from_slice(&second[second.len() - 160..second.len() - 64]);
    });
    let refusal = board.refusal(&borrowed);
    let expected = CeremonyError::JointRehearsal { trustee: 1 };
    assert_eq!(refusal, Refusal::Ceremony(expected));
    assert_eq!(refusal.code(), "bad-joint-rehearsal");
    board.admit(&first);
}

/// A dealer whose joint share alone is wrong is named by the complaint of its recipient.
#[test]
fn a_wrong_joint_share_is_blamed_on_its_dealer() {
    let (setup, mut board) = at(Round::Deal);
    let ceremony = board.election.ceremony().unwrap();
    let (session, dimensions) = (ceremony.session(), *ceremony.dimensions());
    // Trustee 1 deals the joint shares of another seed; everything else is its own.
    let other = protocol::key_ceremony::TrusteeSeed::from_bytes(&[9; 32]);
    let mut mixed = setup.seeds[0].ceremony_secrets(&session, &dimensions);
    mixed.joint = other.ceremony_secrets(&session, &dimensions).joint;
    let reveals = [1u16, 2, 3].map(|trustee| {
        let secrets = setup.seeds[usize::from(trustee) - 1].ceremony_secrets(&session, &dimensions);
        Reveal::new(&session, trustee, &secrets, &mut SysRng)
            .unwrap()
            .unwrap()
    });
    let refs: Vec<&Reveal> = reveals.iter().collect();
    let deal = protocol::key_ceremony::Deal::new(&session, 1, &mixed, &refs).unwrap();
    let mut body = 1u16.to_be_bytes().to_vec();
    deal.encode(&mut body);
    let id = ceremony.manifest();
    board.admit(&signed(&setup, Kind::Deal, 1, id.as_bytes(), &body));
    for trustee in [2, 3] {
        let entry = step(&board, &setup, trustee);
        board.admit(&entry);
    }
    let complaint = step(&board, &setup, 2);
    assert_eq!(complaint[1], Kind::Complain as u8);
    board.admit(&complaint);
    let culprit = board.election.ceremony().unwrap().culprits()[0];
    assert_eq!(culprit.trustee, 1);
    assert!(matches!(
        culprit.fault,
        Fault::WrongShares {
            recipient: 2,
            error: DealError::Joint(_)
        }
    ));
}

/// Words and board give the same beacon and the same seal.
#[test]
fn a_restored_trustee_signs_the_same() {
    let (mut setup, board) = finished();
    let before = [
        beacon(&board, &setup, 2).unwrap(),
        seal(&board, &setup, 2).unwrap(),
    ];
    setup.seeds[1] = protocol::key_ceremony::TrusteeSeed::from_bytes(setup.seeds[1].expose());
    let after = [
        beacon(&board, &setup, 2).unwrap(),
        seal(&board, &setup, 2).unwrap(),
    ];
    for (before, after) in before.iter().zip(&after) {
        let end = before.len() - 64;
        assert_eq!(before[..end], after[..end]);
    }
    // Another trustee's seed signs nothing here.
    let key = setup.seeds[0].signing_key().unwrap();
    let made = EntryMaker { key: &key }.seal(&board.election, &setup.seeds[0], 2, &mut SysRng);
    assert!(matches!(made, Err(MakeError::Step(_))));
}

#[test]
fn any_flipped_bit_of_a_beacon_or_seal_is_refused() {
    let (setup, board) = finished();
    let entries = [
        beacon(&board, &setup, 1).unwrap(),
        seal(&board, &setup, 1).unwrap(),
    ];
    let board = std::cell::RefCell::new(board);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    runner
        .run(&(0usize..2, 0usize..10_000), |(which, bit)| {
            let entry = &entries[which];
            let mut board = board.borrow_mut();
            // As sent, and with the body signed again by its author.
            let mut sent = entry.clone();
            let at = bit % (8 * sent.len());
            sent[at / 8] ^= 1 << (at % 8);
            prop_assert!(board.election.apply(&sent, &mut SysRng).is_err());
            let resigned = changed(&setup, entry, |body| {
                let at = bit % (8 * body.len());
                body[at / 8] ^= 1 << (at % 8);
            });
            prop_assert!(board.election.apply(&resigned, &mut SysRng).is_err());
            Ok(())
        })
        .unwrap();
}
