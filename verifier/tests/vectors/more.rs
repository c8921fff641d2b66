//! Logs of several tiles, receipts, complaints, and the answers of others.

use super::{bytes, encode, record, vectors};
use ed25519_dalek::SigningKey;
use serde_json::Value;
use verifier::{
    checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint},
    consistency,
    cosignature::{Cosignature, CosignatureError},
    encoding::Reader,
    group::{Element, Generators, Point, Scalar, decode_point},
    log::{Hash, TileLevels, leaf_hash, root_of, root_of_inclusion},
    proofs::{
        dleq::{DleqProof, DleqStatement},
        signature::Signature,
    },
    receipt::{Receipt, Standing},
    record::Record as _,
    transcript::Transcript,
    witness::key::WitnessKey,
};
use zeroize::Zeroizing;

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(bytes).collect()
}

#[test]
fn a_log_of_several_tiles() {
    let vectors = vectors("log.json");
    let size = vectors["size"].as_u64().unwrap();
    let leaves: Vec<Hash> = (0..size as u16)
        .map(|i| leaf_hash(&i.to_be_bytes()))
        .collect();
    let root: Hash = bytes(&vectors["root"]);
    assert_eq!(leaves[0], bytes(&vectors["first leaf"]));
    assert_eq!(root_of(&leaves), root);
    let mut levels = TileLevels::default();
    for tile in leaves.chunks_exact(256) {
        levels.push(root_of(tile));
    }
    let tile = hashes(&vectors["tile/1/000.p/2"]).concat();
    assert_eq!(levels.tile(1, 0, 2), Some(tile));
    for inclusion in vectors["inclusion"].as_array().unwrap() {
        let index = inclusion["index"].as_u64().unwrap();
        let proof = hashes(&inclusion["proof"]);
        let found = root_of_inclusion(leaves[index as usize], index, size, &proof);
        assert_eq!(found, Ok(root), "{index}");
        let other = root_of_inclusion(leaves[index as usize], index ^ 1, size, &proof);
        assert_ne!(other, Ok(root), "{index}");
    }
    for beginning in vectors["beginnings"].as_array().unwrap() {
        let begin = beginning["size"].as_u64().unwrap();
        let path = hashes(&beginning["path"]);
        assert_eq!(consistency::path(begin as usize, &leaves), path);
        let roots = consistency::roots(begin, size, &path).unwrap();
        assert_eq!(roots.whole, root);
        assert_eq!(roots.beginning, bytes(&beginning["root"]));
    }
}

#[test]
fn a_cosignature_of_the_record() {
    let vectors = vectors("cosignature.json");
    let text = |member: &str| vectors[member].as_str().unwrap();
    let time = vectors["time"].as_u64().unwrap();
    let home = tempfile::tempdir().unwrap();
    let seed = Zeroizing::new(bytes(&vectors["seed"]));
    let key = WitnessKey::open(&home.path().join("key"), Some(text("name")), &seed).unwrap();
    assert_eq!(key.verifier_key(), text("key"));
    assert!(!format!("{key:?}").contains(text("seed")));
    let note = record().read("checkpoint", MAX_CHECKPOINT).unwrap();
    let note = UnverifiedCheckpoint::parse(&note).unwrap();
    assert_eq!(key.cosign(note.text(), time), text("line"));
    let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
    let verify = |signed: &str, line: &str| {
        let line = Cosignature::parse(line.trim_end()).ok_or(CosignatureError::Other)?;
        line.verify(text("name"), &public, signed)?;
        Ok(line.time)
    };
    assert_eq!(verify(note.text(), text("line")), Ok(time));
    let other = note.text().replacen("35", "34", 1);
    assert_eq!(
        verify(&other, text("line")),
        Err(CosignatureError::Signature)
    );
    // Another name, another time, another key id, no base64, too short.
    for (from, to, error) in [
        ("ada", "bob", CosignatureError::Other),
        ("AABpIXPA", "AABpIXPB", CosignatureError::Signature),
        ("Mgxyr", "Mgxys", CosignatureError::Other),
        ("Mgxyr", "Mgx~r", CosignatureError::Other),
        ("AABpIXPA", "", CosignatureError::Other),
    ] {
        let line = text("line").replacen(from, to, 1);
        assert_ne!(line, text("line"));
        assert_eq!(verify(note.text(), &line), Err(error), "{to}");
    }
}

#[test]
fn receipts_of_the_record() {
    let vectors = vectors("receipts.json");
    let mut standings = Vec::new();
    for vector in vectors["receipts"].as_array().unwrap() {
        let receipt = Receipt::read(vector["receipt"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(receipt.index, vector["entry"]);
        standings.push(receipt.check(&record()).unwrap());
    }
    let count = |wanted: fn(&Standing) -> bool| standings.iter().filter(|s| wanted(s)).count();
    assert_eq!(count(|s| matches!(s, Standing::Last { closed: true })), 2);
    assert_eq!(count(|s| matches!(s, Standing::Superseded { .. })), 1);
    assert_eq!(count(|s| matches!(s, Standing::NotABallot(_))), 2);
}

#[test]
fn a_complaint_is_proved() {
    let vectors = vectors("complaint.json");
    let body = hex::decode(vectors["body after the attempt"].as_str().unwrap()).unwrap();
    let (dealer, rest) = body.split_at(2);
    let mut reader = Reader::new(rest);
    let shared = reader.element().unwrap();
    let proof = DleqProof::read(&mut reader).unwrap();
    let element = |name: &str| Element::decode(&bytes(&vectors[name])).unwrap();
    let number = |name: &str| (vectors[name].as_u64().unwrap() as u16).to_be_bytes();
    assert_eq!(dealer, number("dealer"));
    let check = |trustee: [u8; 2]| {
        let mut context = Transcript::new("complaint");
        context.append("session", &bytes::<32>(&vectors["session"]));
        context.append("trustee", &trustee);
        context.append("dealer", dealer);
        let statement = DleqStatement {
            context: &context.digest("context"),
            base: &element("ephemeral of the dealer"),
            keys: &[element("encryption key of the trustee")],
            shares: std::slice::from_ref(&shared),
        };
        proof.verify(&statement, &Generators::new(0))
    };
    assert!(check(number("trustee")).is_ok());
    assert!(check([0, 3]).is_err());
}

#[test]
fn totals_in_the_exponent() {
    let h = Generators::new(0).h;
    for pair in vectors("totals.json")["totals"].as_array().unwrap() {
        let total = Scalar::from(pair[0].as_u64().unwrap());
        assert_eq!(encode(&(h * total)), pair[1]);
    }
}

#[test]
fn answers_of_others() {
    let outside = vectors("outside.json");
    let multiples = outside["ristretto255 multiples of G"]["0 to 15"]
        .as_array()
        .unwrap();
    for (multiple, encoding) in (0u8..).zip(multiples) {
        assert_eq!(encode(&Point::mul_base(&Scalar::from(multiple))), *encoding);
        assert_eq!(Element::decode(&bytes(encoding)).is_ok(), multiple > 0);
    }
    for bad in outside["ristretto255 bad encodings"]["encodings"]
        .as_array()
        .unwrap()
    {
        assert!(decode_point(&bytes(bad)).is_err(), "{bad}");
    }
    let tree = &outside["Merkle tree"];
    let leaf = |leaf: &Value| leaf_hash(&hex::decode(leaf.as_str().unwrap()).unwrap());
    let leaves: Vec<Hash> = tree["leaves"]
        .as_array()
        .unwrap()
        .iter()
        .map(leaf)
        .collect();
    for (size, root) in tree["roots"].as_array().unwrap().iter().enumerate() {
        assert_eq!(root_of(&leaves[..size]), bytes(root));
    }
    let v = &outside["Schnorr signature"];
    let signature = Signature::decode(&bytes(&v["signature"])).unwrap();
    let public = Element::decode(&bytes(&v["public"])).unwrap();
    let message = hex::decode(v["message"].as_str().unwrap()).unwrap();
    assert!(signature.verify(&public, b"", &message).is_ok());
    assert!(signature.verify(&public, b"x", &message).is_err());
}
