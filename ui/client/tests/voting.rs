//! A voter's way through the booth, and what must stop it.
// Helpers of a test may stop anywhere, as the tests themselves.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../../../protocol/tests/support/mod.rs"]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::booth::{Booth, BoothError, Place, PlaceError};
use client::challenge::{self, Opening, OpeningError};
use client::receipt::{self, BadReceipt};
use ed25519_dalek::{Signer as _, SigningKey};
use getrandom::SysRng;
use protocol::ballot::{Answer, ChoiceError, ConfirmationCode};
use protocol::credential::{Code, RollVoter};
use protocol::election::Phase;
use protocol::encoding::encode_hex;
use protocol::manifest::ElectionManifest;
use protocol::merkle::{leaf_hash, node_hash};
use protocol::transcript::Digest;
use sha2::{Digest as _, Sha256};
use support::{Board, Setup, answers};

/// A small election with typed codes and a board that signs.
struct Example {
    board: Board,
    codes: Vec<String>,
    key: SigningKey,
}

impl Example {
    fn new() -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut setup = Setup::new(3, 2);
        let public = encode_hex(key.verifying_key().as_bytes());
        setup.manifest = setup.manifest.replace(&"11".repeat(32), &public);
        let manifest = ElectionManifest::parse(setup.manifest.as_bytes()).unwrap();
        let codes: Vec<Code> = (0..3).map(|_| Code::draw(&mut SysRng).unwrap()).collect();
        let line = |(style, code): (u16, &Code)| RollVoter {
            style,
            weight: 1 + u32::from(style),
            parts: vec![
                code.part(&manifest.uuid, 0)
                    .public(&mut SysRng)
                    .unwrap()
                    .unwrap(),
            ],
        };
        setup.lines = [0, 1].into_iter().zip(&codes).map(line).collect();
        let codes = codes.iter().map(|code| code.text().expose().clone());
        Self {
            codes: codes.collect(),
            board: setup.opened(),
            key,
        }
    }

    fn booth(&self) -> Booth {
        let entries = self.board.entries.iter().map(Vec::as_slice);
        Booth::new(entries, &mut SysRng).unwrap()
    }

    fn choices() -> Vec<Answer> {
        answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false)
    }

    /// Signs a checkpoint and writes a receipt for the entry as the one after `before`.
    fn receipt(&self, election: &Digest, before: &[Digest], entry: &[u8], code: &str) -> String {
        let manifest = self.board.election.manifest().unwrap();
        let origin = &manifest.board.origin;
        let leaves = [before, &[leaf_hash(entry)]].concat();
        let (index, size, root) = (before.len(), leaves.len(), root(&leaves));
        let proof: Vec<String> = path_of_last(&leaves)
            .iter()
            .map(|hash| STANDARD.encode(hash.as_bytes()))
            .collect();
        let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root.as_bytes()));
        let public = self.key.verifying_key();
        let id = Sha256::new()
            .chain_update(origin)
            .chain_update(b"\n\x01")
            .chain_update(public.as_bytes())
            .finalize();
        let mut signature = id[..4].to_vec();
        signature.extend_from_slice(&self.key.sign(text.as_bytes()).to_bytes());
        let note = format!("{text}\n\u{2014} {origin} {}\n", STANDARD.encode(signature));
        serde_json::json!({
            "psephos": 3, "kind": "receipt", "election": election.to_string(), "code": code,
            "index": index, "proof": proof, "checkpoint": note,
        })
        .to_string()
    }

    /// Leaf hashes of what the booth was shown.
    fn leaves(&self) -> Vec<Digest> {
        let entries = self.board.entries.iter();
        entries.map(|entry| leaf_hash(entry)).collect()
    }
}

/// The tree of RFC 6962, section 2.1, as it is defined.
fn split(leaves: &[Digest]) -> (&[Digest], &[Digest]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

fn root(leaves: &[Digest]) -> Digest {
    match leaves {
        [leaf] => *leaf,
        _ => node_hash(&root(split(leaves).0), &root(split(leaves).1)),
    }
}

fn path_of_last(leaves: &[Digest]) -> Vec<Digest> {
    match leaves {
        [_] => Vec::new(),
        _ => [path_of_last(split(leaves).1), vec![root(split(leaves).0)]].concat(),
    }
}

#[test]
fn typed_codes_become_ballots_that_the_election_admits_in_turn() {
    let mut example = Example::new();
    let booth = example.booth();
    assert_eq!(
        Some(*booth.election_id()),
        example.board.election.election_id()
    );
    assert_eq!(booth.size(), example.board.entries.len() as u64);
    assert_eq!(booth.root(), example.board.election.root());

    let typed = example.codes[0].to_lowercase().replace('-', " ");
    let credential = booth.credential(&[&typed]).unwrap();
    assert_eq!((credential.style(), credential.weight()), (0, 1));
    let sealed = booth
        .seal(&credential, Place::FIRST, Example::choices(), &mut SysRng)
        .unwrap();
    let place = Place::FIRST.next(&sealed.code());
    let code = sealed.code();
    let entry = sealed.cast(credential.key(), &mut SysRng).unwrap();
    assert_eq!(ConfirmationCode::of(&entry[..entry.len() - 64]), code);
    example.board.admit(&entry);

    let again = booth
        .seal(
            &credential,
            place,
            answers(&[&[0; 4], &[0, 0, 0]], true),
            &mut SysRng,
        )
        .unwrap();
    example
        .board
        .admit(&again.cast(credential.key(), &mut SysRng).unwrap());

    let other = booth.credential(&[&example.codes[1]]).unwrap();
    assert_eq!((other.style(), other.weight()), (1, 2));
    let sealed = booth
        .seal(
            &other,
            Place::FIRST,
            answers(&[&[1, 1, 1]], false),
            &mut SysRng,
        )
        .unwrap();
    let code = sealed.code();
    let (void, challenged) = sealed.challenge(other.key(), &mut SysRng).unwrap();
    example.board.admit(&void);
    assert_eq!(
        booth.check_challenged(other.key().public(), challenged, &mut SysRng),
        Ok(code)
    );
    assert_eq!(example.board.election.n_voted(), 1);
}

#[test]
fn a_booth_is_only_made_of_a_valid_open_election_that_was_expected() {
    let example = Example::new();
    let entries: Vec<&[u8]> = example.board.entries.iter().map(Vec::as_slice).collect();
    let last = entries.len() - 1;
    assert_eq!(
        Booth::new(entries[..last].iter().copied(), &mut SysRng).err(),
        Some(BoothError::NotOpen {
            phase: Phase::Setup
        })
    );
    for index in 0..entries.len() {
        let mut changed = entries
            .iter()
            .map(|entry| entry.to_vec())
            .collect::<Vec<_>>();
        let middle = changed[index].len() / 2;
        changed[index][middle] ^= 1;
        let booth = Booth::new(changed.iter().map(Vec::as_slice), &mut SysRng);
        assert!(
            matches!(booth.err(), Some(BoothError::Setup { index: found, .. }) if found == index as u64),
            "entry {index} with a flipped bit"
        );
    }
    let id = *example.booth().election_id();
    assert!(example.booth().expect(&id).is_ok());
    let expected = Digest([9; 32]);
    assert_eq!(
        example.booth().expect(&expected).err(),
        Some(BoothError::OtherElection {
            expected,
            found: id
        })
    );
}

#[test]
fn wrong_codes_and_answers_are_named() {
    let example = Example::new();
    let booth = example.booth();
    let error = |codes: &[&str]| booth.credential(codes).unwrap_err();
    assert_eq!(
        error(&[]),
        BoothError::Codes {
            expected: 1,
            found: 0
        }
    );
    assert!(matches!(
        error(&[&example.codes[0][1..]]),
        BoothError::Code { issuer: 0, .. }
    ));
    // Drawn, but never put on the roll.
    assert_eq!(error(&[&example.codes[2]]), BoothError::NotOnTheRoll);

    let credential = booth.credential(&[&example.codes[0]]).unwrap();
    let seal = |answers| booth.seal(&credential, Place::FIRST, answers, &mut SysRng);
    let error = seal(answers(&[&[1, 1, 1, 0], &[0, 0, 0]], false)).err();
    assert!(matches!(
        error,
        Some(BoothError::Choice(ChoiceError::Sum { contest: 0, .. }))
    ));
    assert!(seal(Example::choices()).is_ok());
}

#[test]
fn a_place_that_contradicts_this_devices_receipt_is_refused() {
    let [first, second] = [Digest([1; 32]), Digest([2; 32])];
    let at = |cast, last| Place::after(cast, last).unwrap();
    let (none, one, two) = (at(0, None), at(1, Some(first)), at(2, Some(second)));
    assert_eq!(none, Place::FIRST);
    assert_eq!(one, Place::FIRST.next(&ConfirmationCode(first)));
    assert_eq!(one.since(one), Ok(0));
    assert_eq!(two.since(one), Ok(1));
    assert_eq!(two.since(Place::FIRST), Ok(2));
    let fewer = Err(PlaceError::Fewer { known: 1, found: 0 });
    assert_eq!(none.since(one), fewer);
    assert_eq!(at(1, Some(second)).since(one), Err(PlaceError::OtherBallot));
    for (cast, last) in [(0, Some(first)), (1, None)] {
        assert_eq!(Place::after(cast, last), Err(PlaceError::Malformed));
    }
}

#[test]
fn a_receipt_holds_only_for_the_posted_entry_under_the_boards_signature() {
    let example = Example::new();
    let booth = example.booth();
    let credential = booth.credential(&[&example.codes[0]]).unwrap();
    let sealed = booth
        .seal(&credential, Place::FIRST, Example::choices(), &mut SysRng)
        .unwrap();
    let code = sealed.code().0;
    let entry = sealed.cast(credential.key(), &mut SysRng).unwrap();
    let before = example.leaves();
    let size = before.len() as u64;
    let verify = |text: &str| receipt::verify(&booth, &entry, text.as_bytes());
    let id = *booth.election_id();

    let good = example.receipt(&id, &before, &entry, &code.to_string());
    let verified = verify(&good).unwrap();
    assert_eq!((verified.index, verified.size), (size, size + 1));
    // More of the same board is a good receipt; a log too short for what was shown is a fork.
    let later = [before.as_slice(), &[leaf_hash(b"another voter's")]].concat();
    let later = example.receipt(&id, &later, &entry, &code.to_string());
    assert_eq!(verify(&later).unwrap().index, size + 1);
    let fork = example.receipt(&id, &before[..1], &entry, &code.to_string());
    assert!(matches!(verify(&fork), Err(BadReceipt::Fork)));

    let other_election = example.receipt(&Digest([1; 32]), &before, &entry, &code.to_string());
    assert!(matches!(verify(&other_election), Err(BadReceipt::Election)));
    // A receipt for somebody else's ballot, as a lying ballot box might give it.
    let other_code = example.receipt(&id, &before, &entry, &Digest([2; 32]).to_string());
    assert!(matches!(verify(&other_code), Err(BadReceipt::Code)));
    let other_leaf = example.receipt(&id, &before, b"another entry", &code.to_string());
    assert!(matches!(verify(&other_leaf), Err(BadReceipt::Inclusion)));
    let other_size = good.replace(
        &format!("\\n{}\\n", size + 1),
        &format!("\\n{}\\n", size + 2),
    );
    assert!(matches!(
        verify(&other_size),
        Err(BadReceipt::Checkpoint(_))
    ));
    let index = format!("\"index\":{size}");
    let other_index = good.replace(&index, &format!("\"index\":{}", size + 1));
    assert!(verify(&other_index).is_err());
    assert!(matches!(verify(&good[1..]), Err(BadReceipt::Malformed(_))));
}

#[test]
fn an_opened_ballot_seals_to_the_same_code_elsewhere_and_a_changed_one_does_not() {
    let example = Example::new();
    let booth = example.booth();
    let credential = booth.credential(&[&example.codes[0]]).unwrap();
    let place = Place {
        counter: 3,
        previous: [9; 32],
    };
    let seal = || challenge::seal(&booth, &credential, place, Example::choices(), &mut SysRng);
    let (sealed, opening) = seal().unwrap();
    let bytes = opening.encode();
    let elsewhere = Opening::decode(bytes.expose()).unwrap();
    assert_eq!(elsewhere.voter(), credential.key().public());
    assert_eq!(
        elsewhere.seal_again(&example.booth()).unwrap().code(),
        sealed.code()
    );
    // Each ballot has a seed of its own.
    assert_ne!(seal().unwrap().0.code(), sealed.code());

    // Whoever changes a choice, the seed or the place gets another code, or no ballot at all.
    for at in 1..bytes.expose().len() {
        let mut changed = bytes.expose().clone();
        changed[at] ^= 1;
        let code = Opening::decode(&changed).map(|opening| opening.seal_again(&booth));
        assert!(
            !matches!(code, Ok(Ok(code)) if code.code() == sealed.code()),
            "{at}"
        );
    }
    for length in 0..bytes.expose().len() {
        let cut =
            Opening::decode(&bytes.expose()[..length]).map(|opening| opening.seal_again(&booth));
        assert!(!matches!(cut, Ok(Ok(_))), "{length}");
    }
    assert!(matches!(Opening::decode(&[2]), Err(OpeningError::Version)));

    // The last value is 0; with two digits, or as many as there may be, it is another encoding.
    let shorter = &bytes.expose()[..bytes.expose().len() - 1];
    for last in [&[128, 0][..], &[128, 128, 0], &[128, 128, 128, 0]] {
        let longer = [shorter, last].concat();
        assert!(
            matches!(Opening::decode(&longer), Err(OpeningError::Value)),
            "{last:?}"
        );
    }
}
