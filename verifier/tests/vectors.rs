//! The known answers of docs/spec/vectors, which another program made.

// A test that panics fails, which is what it should do.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

#[path = "vectors/figures.rs"]
mod figures;
#[path = "vectors/joint.rs"]
mod joint;
#[path = "vectors/more.rs"]
mod more;
#[path = "vectors/numbers.rs"]
mod numbers;

use serde_json::Value;
use std::{fs, path::PathBuf};
use verifier::{
    batch::{Bases, Randomness},
    checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint},
    checks::{ballots::proofs::SecondReading, tally::aggregate::Aggregates},
    entry::{Entry, manifest_bytes},
    fold::{Fold, Hindsight},
    group::{Element, Generators, Point},
    manifest::Manifest,
    prepare::Preparation,
    progress::Silent,
    proofs::{reveal::session, signature::Signature},
    record::{Record, folder::FolderRecord, layout::bundle_of},
    report::{Decision, Findings},
    scan::{FirstReading, split},
    shape::digits,
    transcript::Transcript,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/vectors")
}

fn vectors(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name)).unwrap()).unwrap()
}

fn record() -> FolderRecord {
    FolderRecord::open(&folder().join("record")).unwrap()
}

fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let bytes = hex::decode(value.as_str().unwrap()).unwrap();
    bytes.try_into().unwrap()
}

fn encode(point: &Point) -> Value {
    hex::encode(point.compress().as_bytes()).into()
}

#[test]
fn generators() {
    let vectors = vectors("generators.json");
    let generators = Generators::new(16);
    assert_eq!(encode(&generators.g), vectors["G"]);
    assert_eq!(encode(&generators.h), vectors["H"]);
    assert_eq!(encode(&generators.p), vectors["P"]);
    let p_j: Value = generators.p_j.iter().map(encode).collect();
    assert_eq!(p_j, vectors["P_1 to P_16"]);
}

#[test]
fn weights_of_digits() {
    let vectors = vectors("digits.json");
    for (most, weights) in vectors["weights by maximum"].as_object().unwrap() {
        let found: Value = digits(most.parse().unwrap()).into_iter().collect();
        assert_eq!(&found, weights, "{most}");
    }
}

#[test]
fn transcripts() {
    let vectors = vectors("transcript.json");
    let mut transcript = Transcript::new(vectors["name"].as_str().unwrap());
    for item in vectors["items"].as_array().unwrap() {
        let data = hex::decode(item[1].as_str().unwrap()).unwrap();
        transcript.append(item[0].as_str().unwrap(), &data);
    }
    let first = transcript.challenge("c");
    assert_eq!(first.to_bytes(), bytes(&vectors["challenge \"c\""]));
    let second = transcript.challenge("c");
    assert_eq!(second.to_bytes(), bytes(&vectors["challenge \"c\" again"]));
    assert_eq!(transcript.digest("d"), bytes(&vectors["digest \"d\""]));
}

#[test]
fn signatures() {
    let vectors = vectors("signature.json");
    let key = Element::decode(&bytes(&vectors["public"])).unwrap();
    let signature = Signature::decode(&bytes(&vectors["signature"])).unwrap();
    let prefix = hex::decode(vectors["prefix"].as_str().unwrap()).unwrap();
    let content = hex::decode(vectors["content"].as_str().unwrap()).unwrap();
    assert!(signature.verify(&key, &prefix, &content).is_ok());
    assert!(signature.verify(&key, &prefix, b"").is_err());
}

/// The record of the vectors, which the verifier had no part in making.
#[test]
fn the_record_is_accepted() {
    let report = verifier::verify(&record(), [1; 32], &Silent);
    let json = serde_json::to_string_pretty(&report).unwrap();
    assert_eq!(report.verdict, Decision::Accepted, "{json}");
    let results = report.results.unwrap();
    let expected = vectors("election.json");
    for (result, expected) in results.iter().zip(expected["result"].as_array().unwrap()) {
        let totals: Vec<u64> = result.options.iter().filter_map(|o| o.total).collect();
        let opened = expected.as_array();
        assert_eq!(result.opened, opened.is_some());
        for (total, expected) in totals.iter().zip(opened.into_iter().flatten()) {
            assert_eq!(Some(*total), expected.as_u64());
        }
    }
}

/// Every value on the way, not only the verdict.
#[test]
fn the_values_of_the_election() {
    let expected = vectors("election.json");
    let record = record();
    let note = record.read("checkpoint", MAX_CHECKPOINT).unwrap();
    let checkpoint = UnverifiedCheckpoint::parse(&note).unwrap();
    assert_eq!(checkpoint.root, bytes(&expected["root"]));
    let tile = bundle_of(0, checkpoint.size).unwrap();
    let bundle = record.read(&tile.path(), tile.bytes().1).unwrap();
    let (entries, _) = split(&bundle, tile.width);
    let manifest = Manifest::read(manifest_bytes(entries[0]).unwrap()).unwrap();
    assert_eq!(manifest.id, bytes(&expected["manifest id"]));
    assert_eq!(session(&manifest.id, 1), bytes(&expected["session"]));
    for (style, shape) in manifest
        .styles
        .iter()
        .zip(expected["shapes"].as_array().unwrap())
    {
        assert_eq!(&Value::from(hex::encode(style.shape.encode())), shape);
    }
    for ballot in expected["ballots"].as_array().unwrap() {
        let index = ballot["entry"].as_u64().unwrap() as usize;
        let entry = Entry::decode(entries[index], &manifest).unwrap();
        assert_eq!(entry.confirmation_code(), bytes(&ballot["code"]));
    }

    let randomness = Randomness::new([2; 32]);
    let preparation = Preparation {
        manifest: &manifest,
        bases: Bases::new(&Generators::new(0), &[]),
        randomness: &randomness,
    };
    let mut fold = Fold::new(&manifest, Hindsight::default());
    let mut findings = Findings::default();
    let scan = FirstReading::run(
        &record,
        &Silent,
        Some((&preparation, &mut fold)),
        (checkpoint.size, &checkpoint.root),
        &mut findings,
    );
    assert_eq!(fold.roll.digest(), bytes(&expected["roll digest"]));
    for voter in expected["credentials"].as_array().unwrap() {
        assert!(fold.roll.find(&bytes(&voter["X"])).is_some());
    }
    let (keys, ceremony) = fold.ceremony.completed().unwrap();
    assert_eq!(*ceremony, bytes(&expected["ceremony digest"]));
    let joined = |keys: &[Element]| keys.iter().map(|key| hex::encode(key.encoding())).collect();
    let election_keys: Value = joined(&keys.election);
    assert_eq!(election_keys, expected["election keys"]);
    for (trustee, expected) in (1..).zip(expected["verification keys"].as_array().unwrap()) {
        let verification_keys: Value = joined(keys.of_trustee(trustee));
        assert_eq!(&verification_keys, expected);
    }
    let opening = fold.opening.as_ref().unwrap();
    assert_eq!(opening.election, bytes(&expected["election id"]));
    let close = fold.close.as_ref().unwrap();
    assert_eq!(close.size(), expected["close"]["size"]);
    assert_eq!(close.root(), Some(bytes(&expected["close"]["root"])));
    let digest = close.digest(&opening.election);
    assert_eq!(digest, Some(bytes(&expected["close"]["digest"])));

    let second = SecondReading {
        record: &record,
        fold: &fold,
        randomness: &randomness,
        progress: &Silent,
    };
    let empty = Aggregates::new(&manifest);
    let aggregates = second
        .run(&scan.bundles, &mut findings, empty, &mut Default::default())
        .finish();
    for (aggregate, expected) in aggregates
        .iter()
        .zip(expected["aggregates"].as_array().unwrap())
    {
        assert_eq!(aggregate.ballots, expected["ballots"]);
        assert_eq!(aggregate.weight, expected["weight"]);
        assert_eq!(encode(&aggregate.alpha), expected["A"]);
        let beta: Value = aggregate.beta.iter().map(encode).collect();
        assert_eq!(beta, expected["B"]);
    }
}
