//! Witnesses certify the close beside the trustees.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use ed25519_dalek::{Signer as _, SigningKey};
use getrandom::SysRng;
use proptest::prelude::*;
use protocol::checkpoint::checkpoint_text;
use protocol::cosignature::{Cosignature, cosigned_message};
use protocol::election::{Election, Phase, Refusal, replay, witness_close_entry};
use protocol::encoding::encode_hex;
use protocol::entry::Kind;
use protocol::merkle::{Frontier, leaf_hash};
use protocol::transcript::Digest;
use support::{Board, Setup, answers};

const TIME: u64 = 1_763_800_000;

fn key(witness: u16) -> SigningKey {
    SigningKey::from_bytes(&[u8::try_from(witness).unwrap(); 32])
}

/// Three trustees of whom two decrypt, and two witnesses who must both be honest: four of five
/// certify the close.
fn watched() -> Setup {
    let mut setup = Setup::new(3, 2);
    let witness = |number| {
        let key = encode_hex(&key(number).verifying_key().to_bytes());
        format!(r#"{{"name":"w{number}","key":"{key}"}}"#)
    };
    setup.manifest = setup.manifest.replace(
        r#""close_quorum":3"#,
        &format!(
            r#""close_quorum":4,"witness_quorum":2,"witnesses":[{},{}]"#,
            witness(1),
            witness(2)
        ),
    );
    setup
}

/// A closed board that two trustees certified.
fn closed() -> (Setup, Board) {
    let setup = watched();
    let mut board = setup.opened();
    board.vote(&setup, 0, answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false));
    board.close_and_certify(&setup, &[1, 2]);
    assert_eq!(board.election.phase(), Phase::Closed);
    (setup, board)
}

fn root(board: &Board, size: u64) -> Digest {
    let mut log = Frontier::default();
    let entries = board.entries.iter().take(usize::try_from(size).unwrap());
    entries.for_each(|entry| log.append(leaf_hash(entry)));
    log.root()
}

fn close_size(board: &Board) -> u64 {
    board.election.close().unwrap().size
}

/// What a witness signs of a board of this size and root, as an entry.
fn signed(board: &Board, witness: u16, size: u64, root: &Digest) -> Vec<u8> {
    let origin = &board.election.manifest().unwrap().board.origin;
    let message = cosigned_message(TIME, &checkpoint_text(origin, size, root));
    let cosignature = Cosignature {
        witness,
        time: TIME,
        signature: key(witness).sign(message.as_bytes()).to_bytes(),
    };
    let election = board.election.election_id().unwrap();
    witness_close_entry(&election, size, &cosignature)
}

fn witnessed(board: &Board, witness: u16, size: u64) -> Vec<u8> {
    signed(board, witness, size, &root(board, size))
}

#[test]
fn witnesses_certify_the_close_where_a_trustee_does_not() {
    let (setup, mut board) = closed();
    let close = close_size(&board);
    // Of the close itself, and of all that came since.
    board.admit(&witnessed(&board, 2, close));
    assert_eq!(board.election.phase(), Phase::Closed);
    let now = board.election.size();
    board.admit(&witnessed(&board, 1, now));
    assert_eq!(board.election.phase(), Phase::Certified);
    assert_eq!(board.election.witnessed_by(), [2, 1]);
    assert_eq!(board.election.certified_by(), [1, 2]);
    assert_eq!(board.election.n_certified(), 4);
    board.decrypt(&setup, &[3, 1]);
    board.publish(&setup);
    let mut again = Election::new();
    let entries: Vec<&[u8]> = board.entries.iter().map(Vec::as_slice).collect();
    replay(&mut again, entries, &mut SysRng, |_| ()).unwrap();
    assert_eq!(again.result(), board.election.result());
}

#[test]
fn a_cosignature_of_another_size_or_history_is_refused() {
    let (_, mut board) = closed();
    let (close, now) = (close_size(&board), board.election.size());
    let before = witnessed(&board, 1, close - 1);
    let error = |size| Refusal::WitnessedSize { witness: 1, size };
    assert_eq!(board.refusal(&before), error(close - 1));
    for size in [0, now + 1, u64::MAX] {
        let entry = signed(&board, 1, size, &Digest([7; 32]));
        assert_eq!(board.refusal(&entry), error(size));
    }
    let false_root = Refusal::Cosignature { witness: 1 };
    let entry = signed(&board, 1, close, &Digest([7; 32]));
    assert_eq!(board.refusal(&entry), false_root);
    // The root of one size under the name of another.
    let entry = signed(&board, 1, now, &root(&board, close));
    assert_eq!(board.refusal(&entry), false_root);
    for size in [close, now] {
        assert!(board.refusal(&entry) == false_root);
        let (_, mut board) = closed();
        let entry = witnessed(&board, 1, size);
        board.admit(&entry);
    }
}

#[test]
fn each_witness_certifies_once() {
    let (_, mut board) = closed();
    let close = close_size(&board);
    board.admit(&witnessed(&board, 1, close));
    let kind = Kind::WitnessClose;
    for size in [close, board.election.size()] {
        let again = witnessed(&board, 1, size);
        assert_eq!(board.refusal(&again), Refusal::Repeated { kind });
    }
}

#[test]
fn nobody_but_a_named_witness_certifies() {
    let (_, mut board) = closed();
    for witness in [0, 3, u16::MAX] {
        let mut entry = witnessed(&board, 1, close_size(&board));
        entry[34..36].copy_from_slice(&witness.to_be_bytes());
        let expected = Refusal::UnknownWitness { witness };
        assert_eq!(board.refusal(&entry), expected);
    }
    let mut entry = witnessed(&board, 1, close_size(&board));
    entry[35] = 2;
    let expected = Refusal::Cosignature { witness: 2 };
    assert_eq!(board.refusal(&entry), expected);

    let unwatched = Setup::new(3, 2);
    let mut board = unwatched.opened();
    board.close_and_certify(&unwatched, &[1, 2]);
    let entry = witnessed(&board, 1, close_size(&board));
    let expected = Refusal::UnknownWitness { witness: 1 };
    assert_eq!(board.refusal(&entry), expected);
}

#[test]
fn witnesses_certify_between_the_close_and_the_result_only() {
    let setup = watched();
    let mut board = setup.opened();
    let refused = |phase| Refusal::Phase {
        kind: Kind::WitnessClose,
        phase,
    };
    let entry = witnessed(&board, 1, board.election.size());
    assert_eq!(board.refusal(&entry), refused(Phase::Open));
    board.close_and_certify(&setup, &[1, 2, 3]);
    board.admit(&witnessed(&board, 1, close_size(&board)));
    // What comes behind the quorum is of no use, and admitted.
    board.decrypt(&setup, &[1, 2]);
    let late = witnessed(&board, 2, board.election.size());
    let mut other = board.entries[0].clone();
    other.clone_from(&late);
    other[2] ^= 1;
    let kind = Kind::WitnessClose;
    assert_eq!(board.refusal(&other), Refusal::Scope { kind });
    board.publish(&setup);
    assert_eq!(board.refusal(&late), refused(Phase::Finished));
}

#[test]
fn no_changed_bit_is_taken() {
    let (_, mut board) = closed();
    let entry = witnessed(&board, 1, board.election.size());
    for bit in 0..entry.len() * 8 {
        let mut changed = entry.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        board.refusal(&changed);
    }
    for length in 0..entry.len() {
        board.refusal(&entry[..length]);
    }
    board.refusal(&[entry.as_slice(), &[0]].concat());
    board.admit(&entry);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_signature_for_one_size_serves_no_other(signed_size in 0u64..60, named in 0u64..60, time in 0..3u64) {
        let (_, mut board) = closed();
        let size = signed_size.min(board.election.size());
        let mut entry = witnessed(&board, 2, size);
        entry[36..44].copy_from_slice(&named.to_be_bytes());
        entry[44..52].copy_from_slice(&(TIME + time).to_be_bytes());
        let holds = named == size && time == 0;
        let fits = (close_size(&board)..=board.election.size()).contains(&named);
        if holds && fits {
            board.admit(&entry);
        } else {
            board.refusal(&entry);
        }
    }
}
