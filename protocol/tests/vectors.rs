//! Known answers: a seeded election and the values that the specification names, as files under
//! docs/spec/vectors. This test makes them anew and compares; with `PSEPHOS_WRITE_VECTORS=1` it
//! writes them. Other implementations read the same files.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "vectors/board.rs"]
mod board;
#[path = "vectors/cells.rs"]
mod cells;
#[path = "vectors/joint.rs"]
mod joint;
#[path = "vectors/numbers.rs"]
mod numbers;
#[path = "vectors/secrets.rs"]
mod secrets;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ed25519_dalek::Signer as _;
use protocol::ballot::{Answer, ConfirmationCode, PlaintextBallot, SealedBallot};
use protocol::checkpoint::{checkpoint_note, checkpoint_text, cosigned_note};
use protocol::cosignature::{Cosignature, cosigned_message};
use protocol::credential::{Code, RollVoter, combine};
use protocol::election::{Election, EntryMaker, witness_close_entry};
use protocol::encoding::{Reader, encode_hex};
use protocol::entry::{Envelope, Kind};
use protocol::group::{
    Element, Point, Scalar, base, blinding_base, mul_base, value_base, vector_bases, wide_scalar,
};
use protocol::key_ceremony::{Session, Step, TrusteeSeed, next_step};
use protocol::manifest::ElectionManifest;
use protocol::merkle::{Frontier, leaf_hash};
use protocol::proofs::ballot::{BallotContext, Candidate, EncryptedVector};
use protocol::secret::Secret;
use protocol::signature::{Purpose, SigningKey};
use protocol::style::{Shape, digits};
use protocol::tally::Pattern;
use protocol::tally::close_digest;
use protocol::transcript::{Digest, Transcript};
use rand::SeedableRng as _;
use rand::rngs::ChaCha20Rng;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/vectors")
}

/// Compares with the file, or writes it.
fn check(name: &str, content: &[u8]) {
    let path = folder().join(name);
    if std::env::var_os("PSEPHOS_WRITE_VECTORS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
    }
    let found = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        found == content,
        "docs/spec/vectors/{name} differs from what this code makes"
    );
}

/// A file of known answers.
fn vectors(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn check_json(name: &str, value: &Value) {
    check(name, format!("{value:#}\n").as_bytes());
}

fn point(point: Point) -> String {
    Element::from_point(point).map_or("00".repeat(32), |element| encode_hex(element.as_bytes()))
}

#[test]
fn generators() {
    let bases: Vec<String> = vector_bases(16).into_iter().map(point).collect();
    check_json(
        "generators.json",
        &json!({ "spec": "HashToGroup (parameters.md)", "G": point(base()), "H": point(value_base()),
                 "P": point(blinding_base()), "P_1 to P_16": bases }),
    );
}

#[test]
fn transcripts() {
    let mut transcript = Transcript::new("example");
    transcript.append("first", b"data");
    transcript.append_u32("number", 7);
    transcript.append("empty", b"");
    let first = transcript.challenge("c");
    let second = transcript.challenge("c");
    let digest = transcript.digest("d");
    check_json(
        "transcript.json",
        &json!({ "spec": "Transcript (parameters.md)", "name": "example",
                 "items": [["first", "64617461"], ["number", "00000007"], ["empty", ""]],
                 "challenge \"c\"": encode_hex(first.as_bytes()), "challenge \"c\" again": encode_hex(second.as_bytes()),
                 "digest \"d\"": digest.to_string() }),
    );
}

#[test]
fn signatures() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let secret = wide_scalar(&[42; 64]);
    let key = SigningKey::new(Secret::new(secret)).unwrap();
    let mut signature = Vec::new();
    key.sign(Purpose::Entry, b"content", &mut rng)
        .unwrap()
        .encode(&mut signature);
    check_json(
        "signature.json",
        &json!({ "spec": "Signatures (parameters.md)", "secret": encode_hex(secret.as_bytes()),
                 "public": encode_hex(key.public().as_bytes()), "prefix": encode_hex(b"psephos v1 entry\0"),
                 "content": encode_hex(b"content"), "signature": encode_hex(&signature) }),
    );
}

#[test]
fn digits_of_maxima() {
    let weights: BTreeMap<String, Vec<u64>> =
        [0u32, 1, 2, 3, 4, 5, 6, 7, 10, 100, 1_000_000, 1 << 30]
            .into_iter()
            .map(|max| (max.to_string(), digits(max)))
            .collect();
    check_json(
        "digits.json",
        &json!({ "spec": "Digits (manifest.md)", "weights by maximum": weights }),
    );
}

/// A seeded election: every value of it is a known answer.
struct Example {
    rng: ChaCha20Rng,
    organiser: SigningKey,
    seeds: Vec<TrusteeSeed>,
    codes: Vec<Code>,
    election: Election,
    entries: Vec<Vec<u8>>,
}

const UUID: [u8; 16] = [0x5a; 16];
const WITNESS: &str = "witness.example/ada";

impl Example {
    fn new() -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let seeds = (0..3u8)
            .map(|i| TrusteeSeed::from_bytes(&[i + 1; 32]))
            .collect();
        let codes = (0..4).map(|_| Code::draw(&mut rng).unwrap()).collect();
        let organiser = SigningKey::new(Secret::new(wide_scalar(&[9; 64]))).unwrap();
        Self {
            rng,
            organiser,
            seeds,
            codes,
            election: Election::new(),
            entries: Vec::new(),
        }
    }

    fn board_key() -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[8; 32])
    }

    /// Its cosignature of the record's checkpoint is in cosignature.json, made by others.
    fn witness_key() -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[11; 32])
    }

    /// What the witness signs of a board of this size and root.
    fn cosignature(&self, time: u64, size: u64, root: &Digest) -> Cosignature {
        let origin = &self.election.manifest().unwrap().board.origin;
        let message = cosigned_message(time, &checkpoint_text(origin, size, root));
        Cosignature {
            witness: 1,
            time,
            signature: Self::witness_key().sign(message.as_bytes()).to_bytes(),
        }
    }

    fn manifest(&self) -> String {
        let key = |key: &SigningKey| encode_hex(key.public().as_bytes());
        let trustee = |seed: &TrusteeSeed, name: &str| json!({ "name": name, "key": key(&seed.signing_key().unwrap()) });
        let option =
            |id: &str, en: &str, fr: &str| json!({ "id": id, "label": { "en": en, "fr": fr } });
        let manifest = json!({
            "psephos": 3,
            "uuid": encode_hex(&UUID),
            "language": "en",
            "title": { "en": "Allotment association, annual vote", "fr": "Association des jardins, vote annuel" },
            "description": { "en": "Two questions.\nThe second gives points." },
            "organiser": { "name": "Allotment association", "key": key(&self.organiser) },
            "issuers": [{ "name": "Registrar" }, { "name": "Treasurer" }],
            "trustees": [trustee(&self.seeds[0], "Ada"), trustee(&self.seeds[1], "Bela"), trustee(&self.seeds[2], "Chidi")],
            "threshold": 2,
            "close_quorum": 3,
            "witnesses": [{ "name": WITNESS, "key": encode_hex(Self::witness_key().verifying_key().as_bytes()) }],
            "witness_quorum": 1,
            "board": { "origin": format!("board.example/e/{}", encode_hex(&UUID)),
                       "key": encode_hex(Self::board_key().verifying_key().as_bytes()) },
            "opens": "2026-03-01T08:00:00Z",
            "closes": "2026-03-08T18:00:00Z",
            "styles": [{ "id": "members", "contests": ["chair", "plants"] }, { "id": "guests", "contests": ["plants"] }],
            "contests": [
                { "id": "chair", "kind": "choices", "title": { "en": "Who chairs?" }, "min": 1, "max": 1, "blank": true,
                  "options": [option("a", "Amara", "Amara"), option("b", "Bruno", "Bruno"), option("c", "Chen", "Chen")] },
                { "id": "plants", "kind": "points", "title": { "en": "What shall we plant?" }, "min": 0, "max": 5,
                  "max_per_option": 3, "blank": false,
                  "options": [option("apple", "Apple", "Pomme"), option("pear", "Pear", "Poire")] }
            ],
            "minimum_ballots": 2
        });
        format!("{manifest:#}")
    }

    fn maker(&self) -> EntryMaker<'_> {
        EntryMaker {
            key: &self.organiser,
        }
    }

    fn admit(&mut self, entry: Vec<u8>) {
        // The weights of batched checks leave no trace.
        self.election.apply(&entry, &mut getrandom::SysRng).unwrap();
        self.entries.push(entry);
    }

    fn credential(&self, voter: usize) -> SigningKey {
        combine(&[
            self.codes[2 * voter].part(&UUID, 0),
            self.codes[2 * voter + 1].part(&UUID, 1),
        ])
        .unwrap()
    }

    fn vote(&mut self, voter: usize, answers: Vec<Answer>) -> SealedBallot {
        let credential = self.credential(voter);
        let record = self.election.voter(credential.public()).unwrap().clone();
        let context = BallotContext {
            credential: *credential.public(),
            counter: record.counter + 1,
            previous: record.previous,
        };
        let voting = self.election.voting().unwrap().clone();
        let style = &voting.manifest().styles[usize::from(record.style)];
        let ballot = PlaintextBallot::new(voting.manifest(), style, answers).unwrap();
        let statement = voting.style(record.style).unwrap();
        SealedBallot::seal(
            voting.election_id(),
            record.style,
            statement,
            &context,
            ballot,
            &mut self.rng,
        )
        .unwrap()
    }

    fn cast(&mut self, voter: usize, answers: Vec<Answer>) {
        let credential = self.credential(voter);
        let entry = self
            .vote(voter, answers)
            .cast(&credential, &mut self.rng)
            .unwrap();
        self.admit(entry);
    }
}

impl Example {
    fn sign_jointly(&mut self, rng: &mut ChaCha20Rng, trustees: &[u16], kind: Kind) {
        for trustee in trustees {
            let seed = &self.seeds[usize::from(*trustee) - 1];
            let key = seed.signing_key().unwrap();
            let maker = EntryMaker { key: &key };
            let entry = match kind {
                Kind::Beacon => maker.beacon(&self.election, seed, *trustee, rng),
                _ => maker.seal(&self.election, seed, *trustee, rng),
            };
            self.admit(entry.unwrap());
        }
    }
}

fn answer(values: &[u32], blank: bool) -> Answer {
    Answer {
        values: values.to_vec(),
        blank,
    }
}

#[test]
fn a_seeded_election() {
    let mut e = Example::new();
    let text = e.manifest();
    let entry = e
        .maker()
        .manifest(text.as_bytes(), &mut ChaCha20Rng::seed_from_u64(4))
        .unwrap();
    e.admit(entry);
    let manifest = ElectionManifest::parse(text.as_bytes()).unwrap();

    let mut lines = Vec::new();
    for voter in 0..2usize {
        let parts = [(2 * voter, 0), (2 * voter + 1, 1)];
        let parts = parts.map(|(code, issuer)| {
            e.codes[code]
                .part(&UUID, issuer)
                .public(&mut e.rng)
                .unwrap()
                .unwrap()
        });
        lines.push(RollVoter {
            style: u16::from(voter == 1),
            weight: 1 + 2 * u32::from(voter == 1),
            parts: parts.to_vec(),
        });
    }
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    for entry in e.maker().roll(&manifest, 0, &lines, &mut rng).unwrap() {
        e.admit(entry);
    }
    loop {
        let mut posted = false;
        for trustee in 1..=3u16 {
            let seed = &e.seeds[usize::from(trustee) - 1];
            if let Step::Post { entry, .. } =
                next_step(e.election.ceremony().unwrap(), seed, trustee, &mut e.rng).unwrap()
            {
                e.admit(entry);
                posted = true;
            }
        }
        if !posted {
            break;
        }
    }
    let ceremony = e.election.ceremony().unwrap();
    let (session, ceremony_digest) = (ceremony.session(), ceremony.digest().unwrap());
    assert_eq!(session, Session::new(&manifest.id(), 1));
    let keys = ceremony.keys().unwrap().clone();
    let roll_digest = e.election.roll_digest();
    let entry = e.maker().open(&e.election, &[0; 32], &mut rng).unwrap();
    e.admit(entry);
    let voting = e.election.voting().unwrap().clone();

    e.cast(0, vec![answer(&[0, 1, 0], false), answer(&[3, 2], false)]);
    e.cast(1, vec![answer(&[0, 1], false)]);
    let challenged = e.vote(0, vec![answer(&[1, 0, 0], false), answer(&[0, 0], false)]);
    let credential = e.credential(0);
    let (void, opened) = challenged.challenge(&credential, &mut e.rng).unwrap();
    e.admit(void);
    e.cast(0, vec![answer(&[0, 0, 0], true), answer(&[1, 3], false)]);

    let tally = e.election.encrypted_tally().unwrap().clone();
    let sums: Vec<Value> = tally
        .contests()
        .iter()
        .map(|sum| {
            json!({ "ballots": sum.ballots, "weight": sum.weight, "A": point(sum.alpha),
                           "B": sum.beta.iter().copied().map(point).collect::<Vec<_>>() })
        })
        .collect();
    let entry = e.maker().close(&e.election, &mut rng).unwrap();
    e.admit(entry);
    let close = *e.election.close().unwrap();
    for trustee in 1..=3u16 {
        let key = e.seeds[usize::from(trustee) - 1].signing_key().unwrap();
        let entry = EntryMaker { key: &key }
            .certify_close(&e.election, trustee, &mut rng)
            .unwrap();
        e.admit(entry);
        if trustee == 2 {
            // With two trustees, the witness makes the quorum.
            let (size, root) = (e.election.size(), e.election.root());
            let cosignature = e.cosignature(1_763_700_000, size, &root);
            let id = e.election.election_id().unwrap();
            e.admit(witness_close_entry(&id, size, &cosignature));
        }
    }
    for trustee in [3u16, 1] {
        let seed = &e.seeds[usize::from(trustee) - 1];
        let key = seed.signing_key().unwrap();
        let entry = EntryMaker { key: &key }
            .shares(&e.election, seed, trustee, &Pattern::default(), &mut rng)
            .unwrap();
        e.admit(entry);
    }
    e.sign_jointly(&mut rng, &[2, 1], Kind::Beacon);
    let entry = e.maker().result(&e.election, &mut rng).unwrap();
    e.admit(entry);
    e.sign_jointly(&mut rng, &[3, 1], Kind::Seal);
    // The last contribution, without which there are no lots, may come at any time.
    e.sign_jointly(&mut rng, &[3], Kind::Beacon);
    let result = e.election.result().unwrap();
    // Style 0 answered both contests, style 1 (weight 3) the second; contest 0 has one ballot only.
    assert_eq!(
        (result.contests[0].ballots, &result.contests[0].totals),
        (1, &None)
    );
    assert_eq!(
        (result.contests[1].ballots, &result.contests[1].totals),
        (2, &Some(vec![Some(1), Some(6)]))
    );

    let mut ballots = Vec::new();
    for (index, entry) in e.entries.iter().enumerate() {
        let envelope = Envelope::decode(entry).unwrap();
        if envelope.kind != Kind::Ballot {
            continue;
        }
        let mut reader = Reader::new(envelope.body);
        let style = reader.u16("style").unwrap();
        let protocol::entry::Author::Voter(credential) = envelope.author else {
            panic!("no voter")
        };
        let context = BallotContext {
            credential,
            counter: reader.u32("counter").unwrap(),
            previous: reader.array("previous").unwrap(),
        };
        let statement = voting.style(style).unwrap();
        let vector = EncryptedVector::decode(statement.shape(), &mut reader).unwrap();
        let candidate = Candidate::new(statement, &context, &vector).unwrap();
        let (y, x) = candidate.challenges();
        let code = ConfirmationCode::of(envelope.unsigned);
        ballots.push(
            json!({ "entry": index, "y": encode_hex(y.as_bytes()), "x": encode_hex(x.as_bytes()),
                             "code": code.0.to_string(), "code as shown": code.to_string() }),
        );
    }
    let shapes: Vec<String> = manifest
        .styles
        .iter()
        .map(|style| encode_hex(&Shape::of_style(&manifest, style).unwrap().encode()))
        .collect();
    let credentials: Vec<Value> = (0..2)
        .map(|voter| {
            let codes: Vec<String> = (0..2)
                .map(|k| e.codes[2 * voter + k].text().expose().clone())
                .collect();
            json!({ "codes": codes, "X": encode_hex(e.credential(voter).public().as_bytes()) })
        })
        .collect();
    let trustee_keys: Vec<Value> = e
        .seeds
        .iter()
        .map(|seed| json!({ "seed": encode_hex(seed.expose()), "key": encode_hex(seed.signing_key().unwrap().public().as_bytes()) }))
        .collect();
    let elements = |elements: &[Element]| {
        elements
            .iter()
            .map(|k| encode_hex(k.as_bytes()))
            .collect::<Vec<_>>()
    };
    let mut frontier = Frontier::default();
    e.entries
        .iter()
        .for_each(|entry| frontier.append(leaf_hash(entry)));
    let (size, root) = (frontier.size(), frontier.root());
    let voided = opened.unsigned.clone();
    check_json(
        "election.json",
        &json!({
            "spec": "values of the election whose record is in the folder record/",
            "manifest id": manifest.id().to_string(),
            "credentials": credentials,
            "roll digest": roll_digest.to_string(),
            "trustees": trustee_keys,
            "session": session.0.to_string(),
            "ceremony digest": ceremony_digest.to_string(),
            "election keys": elements(&keys.keys),
            "verification keys": keys.verification_keys.iter().map(|keys| elements(keys)).collect::<Vec<_>>(),
            "election id": voting.election_id().to_string(),
            "shapes": shapes,
            "ballots": ballots,
            "challenged": { "unsigned": encode_hex(&voided), "nonce": encode_hex(opened.nonce.expose().as_bytes()),
                            "code": ConfirmationCode::of(&voided).0.to_string(), "values": [[1, 0, 0], [0, 0]] },
            "aggregates": sums,
            "close": { "size": close.size, "root": close.root.to_string(),
                       "digest": close_digest(voting.election_id(), close.size, &close.root).to_string() },
            "result": [Value::Null, [1, 6]],
            "size": size,
            "root": root.to_string(),
        }),
    );

    joint::check_values(&e);

    let board = &manifest.board;
    let text = checkpoint_text(&board.origin, size, &root);
    let note = checkpoint_note(
        board,
        &text,
        &Example::board_key().sign(text.as_bytes()).to_bytes(),
    );
    let cosignature = e.cosignature(1_763_800_000, size, &root);
    let note = cosigned_note(board, &note, &[cosignature]);
    for (name, content) in small_record(&e.entries, &note) {
        check(&format!("record/{name}"), &content);
    }
    // A sanity check of the group itself: l·G is the identity, (l − 1)·G is −G.
    assert_eq!(mul_base(&-Scalar::ONE), -base());
}

/// The files of a record of fewer than 256 entries: one partial bundle and one partial tile.
fn small_record(entries: &[Vec<u8>], note: &str) -> Vec<(String, Vec<u8>)> {
    assert!(entries.len() < 256);
    let bundle = entries
        .iter()
        .flat_map(|e| [&u16::try_from(e.len()).unwrap().to_be_bytes(), e.as_slice()].concat());
    let hashes = entries.iter().flat_map(|entry| leaf_hash(entry).0);
    vec![
        ("checkpoint".to_owned(), note.as_bytes().to_vec()),
        (
            format!("tile/entries/000.p/{}", entries.len()),
            bundle.collect(),
        ),
        (format!("tile/0/000.p/{}", entries.len()), hashes.collect()),
    ]
}
