//! The record of the known answers, whose keys are all known, and its two readers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use getrandom::SysRng;
use protocol::credential::{Code, combine};
use protocol::election::{Election, Phase};
use protocol::group::wide_scalar;
use protocol::key_ceremony::TrusteeSeed;
use protocol::manifest::ElectionManifest;
use protocol::secret::Secret;
use protocol::signature::SigningKey;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use verifier::log::{leaf_hash, root_of};
use verifier::progress::Silent;
use verifier::record::layout::tiles_of_level;
use verifier::record::{MemoryRecord, Record};
use verifier::report::{Decision, Report};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/vectors")
}

pub fn entries() -> Vec<Vec<u8>> {
    let bundle = fs::read(vectors().join("record/tile/entries/000.p/35")).unwrap();
    let mut rest = bundle.as_slice();
    let mut entries = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let (entry, after) = tail.split_at(u16::from_be_bytes(*length).into());
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

/// The keys of all authors.
pub struct Keys {
    organiser: SigningKey,
    trustees: Vec<SigningKey>,
    voters: Vec<SigningKey>,
}

impl Keys {
    pub fn new() -> Self {
        let text = fs::read(vectors().join("election.json")).unwrap();
        let values: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let voter = |voter: &serde_json::Value| {
            let parts: Vec<_> = (0u16..)
                .zip(voter["codes"].as_array().unwrap())
                .map(|(issuer, code)| {
                    let code = Code::parse(code.as_str().unwrap()).unwrap();
                    code.part(&[0x5a; 16], issuer)
                })
                .collect();
            combine(&parts).unwrap()
        };
        let trustee = |seed: u8| TrusteeSeed::from_bytes(&[seed; 32]).signing_key().unwrap();
        Self {
            organiser: SigningKey::new(Secret::new(wide_scalar(&[9; 64]))).unwrap(),
            trustees: (1..=3).map(trustee).collect(),
            voters: values["credentials"]
                .as_array()
                .unwrap()
                .iter()
                .map(voter)
                .collect(),
        }
    }

    /// The key of the author of an entry, by its kind and author; the organiser's where none is.
    pub fn of(&self, entry: &[u8]) -> &SigningKey {
        let trustee = entry.get(35).copied().unwrap_or_default();
        let found = match entry.get(1) {
            Some(3..=9 | 14 | 15 | 18 | 19) => {
                self.trustees.get(usize::from(trustee).wrapping_sub(1))
            }
            Some(11 | 12) => self
                .voters
                .iter()
                .find(|key| entry.get(34..66) == Some(key.public().as_bytes().as_slice())),
            _ => None,
        };
        found.unwrap_or(&self.organiser)
    }
}

/// Folds entries; the index of the first that is refused.
pub fn fold(entries: &[Vec<u8>]) -> Result<Election, usize> {
    let mut election = Election::new();
    for (index, entry) in entries.iter().enumerate() {
        election.apply(entry, &mut SysRng).map_err(|_| index)?;
    }
    Ok(election)
}

pub fn accepted_by_fold(entries: &[Vec<u8>]) -> bool {
    // The board signs under the origin and key that it has, whatever a manifest says.
    let is_of_this_board = |manifest: &ElectionManifest| {
        manifest.board.origin == origin()
            && manifest.board.key == board_key().verifying_key().to_bytes()
    };
    fold(entries).is_ok_and(|election| {
        election.phase() == Phase::Finished && election.manifest().is_some_and(is_of_this_board)
    })
}

fn board_key() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[8; 32])
}

fn origin() -> String {
    format!("board.example/e/{}", "5a".repeat(16))
}

/// What a board of these entries publishes.
pub fn record(entries: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
    assert!(entries.len() < 256);
    let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let (origin, size) = (origin(), entries.len() as u64);
    let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root_of(&leaves)));
    let key = board_key();
    let public = key.verifying_key().to_bytes();
    let id = Sha256::digest([origin.as_bytes(), b"\n\x01", &public].concat());
    let line = STANDARD.encode([&id[..4], &key.sign(text.as_bytes()).to_bytes()].concat());
    let note = format!("{text}\n\u{2014} {origin} {line}\n{}", cosignature(&text));
    let mut files = BTreeMap::from([("checkpoint".to_owned(), note.into_bytes())]);
    for level in [None, Some(0)] {
        for tile in tiles_of_level(level, size) {
            let content = match level {
                Some(_) => leaves.concat(),
                None => entries
                    .iter()
                    .flat_map(|entry| [&(entry.len() as u16).to_be_bytes(), &entry[..]].concat())
                    .collect(),
            };
            files.insert(tile.path(), content);
        }
    }
    files
}

/// The line of the witness that the manifest names, whose key is among the known answers.
fn cosignature(text: &str) -> String {
    const NAME: &str = "witness.example/ada";
    const TIME: u64 = 1_763_800_000;
    let key = ed25519_dalek::SigningKey::from_bytes(&[11; 32]);
    let public = key.verifying_key().to_bytes();
    let id = Sha256::digest([NAME.as_bytes(), b"\n\x04", &public].concat());
    let signed = key.sign(format!("cosignature/v1\ntime {TIME}\n{text}").as_bytes());
    let line = [&id[..4], &TIME.to_be_bytes(), &signed.to_bytes()].concat();
    format!("\u{2014} {NAME} {}\n", STANDARD.encode(line))
}

pub fn write(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    for (path, content) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

fn report(entries: &[Vec<u8>]) -> Report {
    let mut memory = MemoryRecord::default();
    for (path, content) in record(entries) {
        memory.insert(path, content);
    }
    assert!(memory.files().len() <= 3);
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).unwrap();
    verifier::verify(&memory, seed, &Silent)
}

pub fn accepted_by_verifier(entries: &[Vec<u8>]) -> bool {
    report(entries).verdict == Decision::Accepted
}

/// The entries in which the verifier finds a fault, of whichever kind. That a record ends too
/// early is no fault of its last entry.
pub fn faulty_entries(entries: &[Vec<u8>]) -> Vec<u64> {
    let report = report(entries);
    let checks = report
        .checks
        .iter()
        .filter(|check| check.id != "result.present");
    let failures = checks.flat_map(|check| &check.failures);
    failures.filter_map(|failure| failure.entry).collect()
}
