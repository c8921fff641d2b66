//! A log as a record.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest as _, Sha256};
use verifier::{
    log::{Hash, leaf_hash, root_of},
    record::{MemoryRecord, layout::all_tiles},
};

pub fn board_key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

/// A key that the manifest does not name.
pub fn other_key() -> SigningKey {
    SigningKey::from_bytes(&[43; 32])
}

pub fn checkpoint(origin: &str, size: usize, root: &Hash) -> String {
    let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
    note(&text, origin, &board_key())
}

/// When all witnesses cosign, in seconds since 1970.
pub const TIME: u64 = 1_794_168_000;

pub fn witness_name(witness: u16) -> String {
    format!("witness.example/{witness}")
}

pub fn witness_key(witness: u16) -> SigningKey {
    SigningKey::from_bytes(&[100 + witness as u8; 32])
}

/// The signature of a witness on a checkpoint.
pub fn cosign(witness: u16, origin: &str, size: usize, root: &Hash) -> [u8; 64] {
    let root = STANDARD.encode(root);
    let text = format!("cosignature/v1\ntime {TIME}\n{origin}\n{size}\n{root}\n");
    witness_key(witness).sign(text.as_bytes()).to_bytes()
}

/// The line of a witness under a checkpoint.
pub fn cosignature(witness: u16, origin: &str, size: usize, root: &Hash) -> String {
    let name = witness_name(witness);
    let key = witness_key(witness).verifying_key().to_bytes();
    let id = Sha256::digest([name.as_bytes(), b"\n\x04", &key].concat());
    let signature = cosign(witness, origin, size, root);
    let line = STANDARD.encode([&id[..4], &TIME.to_be_bytes(), &signature].concat());
    format!("— {name} {line}\n")
}

/// A text as a signed note.
pub fn note(text: &str, name: &str, key: &SigningKey) -> String {
    let public = key.verifying_key().to_bytes();
    let id = Sha256::digest([name.as_bytes(), b"\n\x01", &public].concat());
    let signature = key.sign(text.as_bytes()).to_bytes();
    let line = STANDARD.encode([&id[..4], &signature].concat());
    format!("{text}\n— {name} {line}\n")
}

pub fn root(entries: &[Vec<u8>]) -> Hash {
    root_of(
        &entries
            .iter()
            .map(|entry| leaf_hash(entry))
            .collect::<Vec<_>>(),
    )
}

/// The RFC 6962 inclusion proof of a leaf, by definition.
pub fn inclusion(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(split);
    let (mut proof, sibling) = if index < split {
        (inclusion(index, left), root_of(right))
    } else {
        (inclusion(index - split, right), root_of(left))
    };
    proof.push(sibling);
    proof
}

pub fn record(origin: &str, entries: &[Vec<u8>]) -> MemoryRecord {
    let mut record = MemoryRecord::default();
    record.insert(
        "checkpoint",
        checkpoint(origin, entries.len(), &root(entries)).into_bytes(),
    );
    // hashes[level] are the roots of all full subtrees of 256^level leaves.
    let mut hashes: Vec<Vec<Hash>> = vec![entries.iter().map(|entry| leaf_hash(entry)).collect()];
    for level in 0..7 {
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
