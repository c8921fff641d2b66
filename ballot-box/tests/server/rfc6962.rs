//! The log seen from outside: hashes, proofs, checkpoints and bundles, written again from RFC 6962
//! and the C2SP pages with nothing of the server or of `protocol`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::host::Http;

pub type Hash = [u8; 32];

pub fn leaf(entry: &[u8]) -> Hash {
    Sha256::digest([&[0], entry].concat()).into()
}

fn node(left: Hash, right: Hash) -> Hash {
    Sha256::digest([&[1][..], &left, &right].concat()).into()
}

/// MTH of section 2.1.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node(root(left), root(right))
        }
    }
}

/// The root that an inclusion proof of section 2.1.1 leads to.
pub fn root_of_proof(leaf: Hash, index: usize, size: usize, proof: &[Hash]) -> Hash {
    if size == 1 {
        assert!(proof.is_empty());
        return leaf;
    }
    let k = size.next_power_of_two() / 2;
    let (last, rest) = proof.split_last().unwrap();
    if index < k {
        node(root_of_proof(leaf, index, k, rest), *last)
    } else {
        node(*last, root_of_proof(leaf, index - k, size - k, rest))
    }
}

pub struct Checkpoint {
    pub size: usize,
    pub root: Hash,
}

/// Checks a signed note of this origin under this key.
pub fn read_checkpoint(note: &str, origin: &str, key: &str) -> Checkpoint {
    let (text, signature) = note.split_once("\n\n").unwrap();
    let text = format!("{text}\n");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, origin));
    let encoded = signature
        .strip_prefix(&format!("\u{2014} {origin} "))
        .unwrap()
        .strip_suffix('\n')
        .unwrap();
    let bytes = STANDARD.decode(encoded).unwrap();
    let (id, signature) = bytes.split_at(4);
    let key: [u8; 32] = unhex(key);
    assert_eq!(
        id,
        &Sha256::digest([format!("{origin}\n\u{1}").as_bytes(), &key].concat())[..4]
    );
    let signature = Signature::from_slice(signature).unwrap();
    VerifyingKey::from_bytes(&key)
        .unwrap()
        .verify_strict(text.as_bytes(), &signature)
        .unwrap();
    Checkpoint {
        size: lines[1].parse().unwrap(),
        root: STANDARD.decode(lines[2]).unwrap().try_into().unwrap(),
    }
}

pub fn unhex<const N: usize>(text: &str) -> [u8; N] {
    assert_eq!(text.len(), 2 * N);
    let bytes: Vec<_> = (0..N)
        .map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap())
        .collect();
    bytes.try_into().unwrap()
}

/// A board as an auditor sees it.
pub struct Audit {
    pub origin: String,
    pub key: String,
    pub uuid: String,
}

impl Audit {
    pub fn new(http: &impl Http, uuid: &str) -> Self {
        let board = http.get("/board").expect(200).json();
        let origin = format!("{}/{uuid}", board["origin_prefix"].as_str().unwrap());
        Self {
            origin,
            key: board["key"].as_str().unwrap().to_owned(),
            uuid: uuid.to_owned(),
        }
    }

    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub fn checkpoint(&self, http: &impl Http) -> Checkpoint {
        let note = http
            .get(&format!("/e/{}/checkpoint", self.uuid))
            .expect(200)
            .text();
        read_checkpoint(&note, &self.origin, &self.key)
    }

    /// All entries, from the bundles, under a checkpoint that fits them.
    pub fn entries(&self, http: &impl Http) -> Vec<Vec<u8>> {
        let Checkpoint { size, root: signed } = self.checkpoint(http);
        let mut entries = Vec::new();
        while entries.len() < size {
            let (index, width) = (entries.len() / 256, (size - entries.len()).min(256));
            let partial = if width < 256 {
                format!(".p/{width}")
            } else {
                String::new()
            };
            let bundle = http.get(&format!(
                "/e/{}/tile/entries/{index:03}{partial}",
                self.uuid
            ));
            let mut rest = bundle.expect(200).body.as_slice();
            while let Some((length, after)) = rest.split_first_chunk::<2>() {
                let (entry, after) = after.split_at(usize::from(u16::from_be_bytes(*length)));
                entries.push(entry.to_vec());
                rest = after;
            }
        }
        assert_eq!(entries.len(), size);
        assert_eq!(
            root(&entries.iter().map(|entry| leaf(entry)).collect::<Vec<_>>()),
            signed
        );
        entries
    }

    /// Checks a receipt for an entry against a log of these leaves; gives its code.
    pub fn check_receipt(&self, receipt: &Value, entry: &[u8], leaves: &[Hash]) -> String {
        assert_eq!(
            (&receipt["psephos"], &receipt["kind"]),
            (&3.into(), &"receipt".into())
        );
        assert_eq!(
            unhex::<32>(receipt["election"].as_str().unwrap()),
            entry[2..34]
        );
        let checkpoint = read_checkpoint(
            receipt["checkpoint"].as_str().unwrap(),
            &self.origin,
            &self.key,
        );
        let hash = |text: &Value| {
            STANDARD
                .decode(text.as_str().unwrap())
                .unwrap()
                .try_into()
                .unwrap()
        };
        let proof: Vec<Hash> = receipt["proof"]
            .as_array()
            .unwrap()
            .iter()
            .map(hash)
            .collect();
        let index = usize::try_from(receipt["index"].as_u64().unwrap()).unwrap();
        assert_eq!(leaves[index], leaf(entry));
        assert_eq!(
            root_of_proof(leaf(entry), index, checkpoint.size, &proof),
            checkpoint.root
        );
        assert_eq!(
            root(&leaves[..checkpoint.size]),
            checkpoint.root,
            "the checkpoint is not of this log"
        );
        receipt["code"].as_str().unwrap().to_owned()
    }
}

pub fn leaves(entries: &[Vec<u8>]) -> Vec<Hash> {
    entries.iter().map(|entry| leaf(entry)).collect()
}
