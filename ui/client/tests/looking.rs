//! Looking an entry up in tiles, and what a board that lies in them can make of it: nothing.
// Helpers of a test may stop anywhere, as the tests themselves.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../../../protocol/tests/support/mod.rs"]
mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use client::booth::{Booth, Credential, Place};
use client::browse::{self, BrowseError, Found, Opened, Search, Sought};
use client::history::{HistoryError, Signer, compare};
use client::look::{Board, LookError, Looked};
use ed25519_dalek::{Signer as _, SigningKey};
use getrandom::SysRng;
use protocol::ballot::Answer;
use protocol::credential::{Code, RollVoter};
use protocol::encoding::encode_hex;
use protocol::entry::{Author, Kind, sign_entry, unsigned_entry};
use protocol::manifest::ElectionManifest;
use protocol::transcript::Digest;
use sha2::{Digest as _, Sha256};
use support::{Setup, answers};
use verifier::log::{Hash, leaf_hash, root_of};
use verifier::receipt::{Receipt, ReceiptError};
use verifier::record::MemoryRecord;
use verifier::record::layout::{CHECKPOINT, all_tiles};

/// A long board: two ballots of one voter far apart, and between them what no reader understands.
struct Example {
    manifest: ElectionManifest,
    key: SigningKey,
    entries: Vec<Vec<u8>>,
    election: String,
    voter: String,
    credential: Credential,
    /// Index and code of both ballots.
    ballots: [(u64, Hash); 2],
}

const N_PADDING: usize = 700;

fn choices() -> Vec<Answer> {
    answers(&[&[1, 0, 0, 1], &[3, 1, 0]], false)
}

impl Example {
    fn new() -> Self {
        let key = SigningKey::from_bytes(&[7; 32]);
        let mut setup = Setup::new(3, 2);
        let public = encode_hex(key.verifying_key().as_bytes());
        setup.manifest = setup.manifest.replace(&"11".repeat(32), &public);
        let manifest = ElectionManifest::parse(setup.manifest.as_bytes()).unwrap();
        let code = Code::draw(&mut SysRng).unwrap();
        let part = code.part(&manifest.uuid, 0).public(&mut SysRng);
        setup.lines = vec![RollVoter {
            style: 0,
            weight: 1,
            parts: vec![part.unwrap().unwrap()],
        }];
        let board = setup.opened();
        let booth = Booth::new(board.entries.iter().map(Vec::as_slice), &mut SysRng).unwrap();
        let text = code.text().expose().clone();
        let credential = booth.credential(&[&text]).unwrap();
        let mut entries = board.entries;
        let mut place = Place::FIRST;
        let ballots = [(); 2].map(|()| {
            let sealed = booth.seal(&credential, place, choices(), &mut SysRng);
            let sealed = sealed.unwrap();
            let code = sealed.code();
            place = place.next(&code);
            let index = entries.len() as u64;
            entries.push(sealed.cast(credential.key(), &mut SysRng).unwrap());
            entries.extend((0..N_PADDING).map(|at| at.to_be_bytes().to_vec()));
            (index, *code.0.as_bytes())
        });
        Self {
            election: booth.election_id().to_string(),
            voter: encode_hex(credential.key().public().as_bytes()),
            manifest,
            key,
            entries,
            ballots,
            credential,
        }
    }

    /// A void that the voter signs, saying what they like.
    fn void(&self, code: &Hash, alpha: &Hash) -> Vec<u8> {
        let key = self.credential.key();
        let scope = Digest::from_hex(&self.election).unwrap();
        let body = [*code, *alpha].concat();
        let unsigned = unsigned_entry(Kind::Void, &scope, &Author::Voter(*key.public()), &body);
        sign_entry(unsigned, key, &mut SysRng).unwrap()
    }

    /// What a page that reads the whole board finds.
    fn search(
        &self,
        entries: &[Vec<u8>],
        code: &Hash,
        opened: Option<&Opened>,
    ) -> Result<Search, BrowseError> {
        let record = self.record(entries);
        browse::search(&record, self.manifest.bytes(), Sought { code, opened })
    }

    fn note(&self, entries: &[Vec<u8>]) -> String {
        let origin = &self.manifest.board.origin;
        let root = STANDARD.encode(root(entries));
        let text = format!("{origin}\n{}\n{root}\n", entries.len());
        let id = Sha256::new()
            .chain_update(origin)
            .chain_update(b"\n\x01")
            .chain_update(self.key.verifying_key().as_bytes())
            .finalize();
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let line = STANDARD.encode([&id[..4], &signature].concat());
        format!("{text}\n\u{2014} {origin} {line}\n")
    }

    /// All files of the board with these entries.
    fn record(&self, entries: &[Vec<u8>]) -> MemoryRecord {
        let mut record = MemoryRecord::default();
        record.insert(CHECKPOINT, self.note(entries).into_bytes());
        let mut hashes: Vec<Vec<Hash>> = vec![leaves(entries)];
        for level in 0..2 {
            let above = hashes[level].chunks_exact(256).map(root_of).collect();
            hashes.push(above);
        }
        for tile in all_tiles(entries.len() as u64) {
            let start = tile.index as usize * 256;
            let range = start..start + tile.width as usize;
            let content = match tile.level {
                Some(level) => hashes[usize::from(level)][range].concat(),
                None => entries[range]
                    .iter()
                    .flat_map(|entry| [&(entry.len() as u16).to_be_bytes()[..], entry].concat())
                    .collect(),
            };
            record.insert(tile.path(), content);
        }
        record
    }

    /// The receipt of ballot `ballot` as the board gives it at this size.
    fn receipt(&self, ballot: usize, entries: &[Vec<u8>]) -> Receipt {
        let (index, code) = self.ballots[ballot];
        let proof: Vec<String> = inclusion(index as usize, &leaves(entries))
            .iter()
            .map(|hash| STANDARD.encode(hash))
            .collect();
        let text = serde_json::json!({
            "psephos": 3, "kind": "receipt", "election": self.election,
            "code": encode_hex(&code), "index": index, "proof": proof,
            "checkpoint": self.note(entries),
        });
        Receipt::read(text.to_string().as_bytes()).unwrap()
    }
}

fn board<'a>(example: &'a Example, record: &'a MemoryRecord) -> Result<Board<'a>, LookError> {
    Board::new(record, example.manifest.bytes(), example.ballots[0].0)
}

fn leaves(entries: &[Vec<u8>]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf_hash(entry)).collect()
}

fn root(entries: &[Vec<u8>]) -> Hash {
    root_of(&leaves(entries))
}

/// RFC 6962, section 2.1.1, as it is defined.
fn inclusion(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, sibling) = if index < left.len() {
        (inclusion(index, left), root_of(right))
    } else {
        (inclusion(index - left.len(), right), root_of(left))
    };
    path.push(sibling);
    path
}

/// Asks again and again, and gets each time what was wanted; gives the answer and what was fetched.
fn fetching<T>(
    all: &MemoryRecord,
    ask: impl Fn(&MemoryRecord) -> Result<T, LookError>,
) -> (Result<T, LookError>, Vec<String>) {
    use verifier::record::Record as _;
    let (mut some, mut fetched) = (MemoryRecord::default(), Vec::new());
    some.insert(CHECKPOINT, all.read(CHECKPOINT, 1 << 16).unwrap());
    loop {
        match ask(&some) {
            Err(LookError::History(HistoryError::Wanted { paths })) => {
                assert!(!paths.is_empty());
                for path in paths {
                    assert!(!fetched.contains(&path), "{path} twice");
                    some.insert(path.clone(), all.read(&path, 1 << 24).unwrap());
                    fetched.push(path);
                }
            }
            done => return (done, fetched),
        }
    }
}

#[test]
fn a_ballot_is_found_with_a_few_files_and_so_is_the_one_that_replaces_it() {
    let example = Example::new();
    let all = example.record(&example.entries);
    let [(first, code), (second, later)] = example.ballots;
    let (looked, fetched) = fetching(&all, |record| {
        board(&example, record)?.look(&code, first, None)
    });
    let looked = looked.unwrap();
    let expected = Looked {
        entries: example.entries.len() as u64,
        index: first,
        ballot: Some((example.voter.clone(), 1)),
        by: None,
        election: Some(example.election.clone()),
        witnesses: Vec::new(),
    };
    assert_eq!(looked, expected);
    let bundles = |fetched: &[String]| {
        let bundles = fetched.iter();
        bundles.filter(|path| path.contains("entries")).count()
    };
    assert_eq!(bundles(&fetched), 1, "{fetched:?}");

    let (looked, fetched) = fetching(&all, |record| {
        board(&example, record)?.look(&code, first, Some(second))
    });
    assert_eq!(looked.unwrap().by, Some(second));
    assert_eq!(bundles(&fetched), 2, "{fetched:?}");
    let receipt = example.receipt(0, &example.entries[..300]);
    let (looked, _) = fetching(&all, |record| {
        board(&example, record)?.look_for(&receipt, None)
    });
    assert_eq!(looked.unwrap(), expected);

    // What the server may say instead of it.
    let say = |code: &Hash, index, by| {
        fetching(&all, |record| {
            board(&example, record)?.look(code, index, by)
        })
        .0
    };
    assert!(matches!(
        say(&code, second, None),
        Err(LookError::OtherEntry { .. })
    ));
    assert!(matches!(
        say(&code, first + 1, None),
        Err(LookError::OtherEntry { .. })
    ));
    assert!(matches!(
        say(&later, second, Some(first)),
        Err(LookError::NotLater { .. })
    ));
    assert!(matches!(
        say(&code, first, Some(first + 1)),
        Err(LookError::NotLater { .. })
    ));
    for beyond in [example.entries.len() as u64, u64::MAX] {
        let said = say(&code, beyond, None);
        assert!(matches!(said, Err(LookError::History(HistoryError::Root))));
    }
}

#[test]
fn no_file_with_a_changed_byte_proves_anything() {
    use verifier::record::Record as _;
    let example = Example::new();
    let all = example.record(&example.entries);
    let (first, code) = example.ballots[0];
    let second = example.ballots[1].0;
    let receipt = example.receipt(0, &example.entries[..300]);
    let ask = |record: &MemoryRecord| {
        board(&example, record)?.look(&code, first, Some(second))?;
        board(&example, record)?.look_for(&receipt, Some(second))
    };
    let (good, fetched) = fetching(&all, ask);
    good.unwrap();
    assert!(fetched.iter().any(|path| path.starts_with("tile/1/")));
    for path in fetched.iter().map(String::as_str).chain([CHECKPOINT]) {
        let content = all.read(path, 1 << 24).unwrap();
        // A level's tile holds more than this proof takes; try all of its hashes.
        let mut n_refused = 0;
        for at in (0..content.len()).step_by(32) {
            let mut record = example.record(&example.entries);
            let mut changed = content.clone();
            changed[at] ^= 1;
            record.insert(path, changed);
            n_refused += usize::from(ask(&record).is_err());
        }
        assert!(n_refused > 0, "{path}");
        let mut record = example.record(&example.entries);
        record.insert(path, content[..content.len() / 2].to_vec());
        assert!(ask(&record).is_err(), "{path} cut off");
        record.insert(path, Vec::new());
        assert!(ask(&record).is_err(), "{path} empty");
    }
    let huge = example.note(&example.entries);
    let size = format!("\n{}\n", example.entries.len());
    let mut record = example.record(&example.entries);
    record.insert(
        CHECKPOINT,
        huge.replace(&size, &format!("\n{}\n", u64::MAX))
            .into_bytes(),
    );
    let refused = ask(&record);
    assert!(matches!(
        refused,
        Err(LookError::History(HistoryError::Size { .. }))
    ));
}

#[test]
fn a_receipt_that_names_another_entry_accuses_nobody() {
    let example = Example::new();
    let all = example.record(&example.entries);
    let good = example.receipt(0, &example.entries[..300]);
    let ask = |receipt: &Receipt| {
        fetching(&all, |record| {
            board(&example, record)?.look_for(receipt, None)
        })
        .0
    };
    assert!(ask(&good).is_ok());
    let other_index = Receipt {
        index: good.index + 1,
        ..good.clone()
    };
    let other_code = Receipt {
        code: [9; 32],
        ..good.clone()
    };
    let other_election = Receipt {
        election: [9; 32],
        ..good.clone()
    };
    assert!(matches!(
        ask(&other_election),
        Err(LookError::OtherElection)
    ));
    for receipt in [other_index, other_code] {
        let refused = ask(&receipt);
        assert!(matches!(
            refused,
            Err(LookError::Receipt(ReceiptError::OtherEntry { .. }))
        ));
    }
    let mut other_proof = good.clone();
    other_proof.proof[0][0] ^= 1;
    let beyond = Receipt { index: 300, ..good };
    for receipt in [other_proof, beyond] {
        let refused = ask(&receipt);
        assert!(matches!(
            refused,
            Err(LookError::Receipt(ReceiptError::Inclusion))
        ));
    }
}

#[test]
fn a_board_that_signed_another_history_is_proved_to_have() {
    let example = Example::new();
    let mut other = example.entries.clone();
    let at = example.ballots[0].0 as usize + 3;
    other[at] = b"another voter's".to_vec();
    let forked = example.record(&other);
    for size in [300, 512, example.entries.len()] {
        let receipt = example.receipt(0, &example.entries[..size]);
        let (found, _) = fetching(&forked, |record| {
            board(&example, record)?.look_for(&receipt, None)
        });
        let Err(LookError::History(HistoryError::TwoHistories(proof))) = found else {
            panic!("{size}");
        };
        let proved = proof.check().unwrap();
        assert_eq!(
            (proved.smaller, proved.larger),
            (size as u64, other.len() as u64)
        );
    }
    // A receipt from before the histories part proves nothing against either.
    let before = example.receipt(0, &example.entries[..at]);
    let (found, _) = fetching(&forked, |record| {
        board(&example, record)?.look_for(&before, None)
    });
    assert!(found.is_ok());

    let notes = |a: usize, b: usize| {
        (
            example.note(&example.entries[..a]),
            example.note(&other[..b]),
        )
    };
    let board = &example.manifest.board;
    let manifest = Signer {
        manifest: example.manifest.bytes(),
        origin: &board.origin,
        key: &board.key,
    };
    let (smaller, larger) = notes(600, other.len());
    let found = compare(&forked, manifest, &smaller, &larger);
    assert!(matches!(found, Err(HistoryError::TwoHistories(_))));
    let (smaller, larger) = notes(at, other.len());
    assert!(compare(&forked, manifest, &smaller, &larger).is_ok());
    let (larger, smaller) = notes(600, 500);
    let wrong = compare(&forked, manifest, &larger, &smaller);
    assert!(matches!(
        wrong,
        Err(HistoryError::Order(_) | HistoryError::Wanted { .. })
    ));
    // With the tiles of another log nobody is accused.
    let honest = example.record(&example.entries);
    let (smaller, larger) = notes(600, other.len());
    let wrong = compare(&honest, manifest, &smaller, &larger);
    assert!(matches!(wrong, Err(HistoryError::Root)));
}

/// The same entry without a signature that holds.
fn unsigned(entry: &[u8]) -> Vec<u8> {
    let mut changed = entry.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    changed
}

#[test]
fn a_void_with_the_code_and_another_alpha_is_not_the_void_of_an_opened_ballot() {
    let example = Example::new();
    let entries = &example.entries[..example.ballots[0].0 as usize];
    let (code, alpha) = ([5; 32], [6; 32]);
    let opened = Opened {
        voter: *example.credential.key().public().as_bytes(),
        alpha,
    };
    let index = entries.len() as u64;
    let found = |entry: Vec<u8>, opened| {
        let board = [entries, &[entry]].concat();
        example.search(&board, &code, opened).unwrap().found
    };
    let void = Some(Found::Void { index });
    assert_eq!(found(example.void(&code, &[7; 32]), Some(&opened)), None);
    assert_eq!(found(example.void(&code, &[7; 32]), None), void);
    assert_eq!(found(example.void(&code, &alpha), Some(&opened)), void);
    let other = Opened {
        voter: [8; 32],
        ..opened
    };
    assert_eq!(found(example.void(&code, &alpha), Some(&other)), None);
}

#[test]
fn nothing_is_said_of_entries_that_their_authors_did_not_sign() {
    let example = Example::new();
    let [(first, code), (second, _)] = example.ballots;
    let alpha = [6; 32];
    let key = example.credential.key();
    let scope = Digest::from_hex(&example.election).unwrap();
    let close = unsigned_entry(Kind::Close, &scope, &Author::Organiser, &[]);
    for (at, entry) in [
        (first, unsigned(&example.entries[first as usize])),
        (second, unsigned(&example.entries[second as usize])),
        (second + 1, unsigned(&example.void(&[5; 32], &alpha))),
        // Somebody else's signature on a close.
        (second + 2, sign_entry(close, key, &mut SysRng).unwrap()),
    ] {
        let mut entries = example.entries.clone();
        entries[at as usize] = entry;
        let code = if at == second + 1 { [5; 32] } else { code };
        let searched = example.search(&entries, &code, None);
        assert!(
            matches!(searched, Err(BrowseError::Unsigned { index }) if index == at),
            "{at}: {searched:?}"
        );
        if at <= second {
            let all = example.record(&entries);
            let (looked, _) = fetching(&all, |record| {
                board(&example, record)?.look(&code, first, Some(second))
            });
            assert!(matches!(looked, Err(LookError::Unsigned { index }) if index == at));
        }
    }
}

#[test]
fn a_ballot_that_stands_later_and_was_cast_before_replaces_nothing() {
    let example = Example::new();
    let [(first, _), (second, later)] = example.ballots;
    let mut entries = example.entries.clone();
    entries.swap(first as usize, second as usize);
    let searched = example.search(&entries, &later, None);
    assert!(matches!(searched, Err(BrowseError::Counter { index }) if index == second));
    let all = example.record(&entries);
    let (looked, _) = fetching(&all, |record| {
        board(&example, record)?.look(&later, first, Some(second))
    });
    assert!(matches!(looked, Err(LookError::NotLater { .. })));
}

#[test]
fn a_board_under_another_key_is_not_the_one_of_the_ballot() {
    let example = Example::new();
    let (first, code) = example.ballots[0];
    let receipt = example.receipt(0, &example.entries[..300]);
    let searched = example.search(&example.entries, &code, None).unwrap();
    assert_eq!(searched.election.as_ref(), Some(&example.election));

    // A server shows the real entries under a key of its own, in another manifest.
    let key = SigningKey::from_bytes(&[8; 32]);
    let text = String::from_utf8(example.manifest.bytes().to_vec()).unwrap();
    let [old, new] = [&example.key, &key].map(|key| encode_hex(key.verifying_key().as_bytes()));
    let text = text.replace(&old, &new);
    let manifest = ElectionManifest::parse(text.as_bytes()).unwrap();
    let mut entries = example.entries.clone();
    let signature = entries[0].len() - 64;
    entries[0].splice(34..signature, text.bytes());
    let fake = Example {
        manifest,
        key,
        ..example
    };
    let searched = fake.search(&entries, &code, None);
    assert!(matches!(searched, Err(BrowseError::OtherElection { index }) if index == first));
    let all = fake.record(&entries);
    let (looked, _) = fetching(&all, |record| {
        board(&fake, record)?.look(&code, first, None)
    });
    assert!(matches!(looked, Err(LookError::OtherElection)));
    let (looked, _) = fetching(&all, |record| {
        board(&fake, record)?.look_for(&receipt, None)
    });
    assert!(matches!(looked, Err(LookError::OtherElection)));
    // Neither does it show another manifest than the one on its board.
    let shown = Example {
        manifest: ElectionManifest::parse(text.replace("Test", "Best").as_bytes()).unwrap(),
        ..fake
    };
    let searched = shown.search(&entries, &code, None);
    assert!(matches!(searched, Err(BrowseError::OtherManifest)));
}
