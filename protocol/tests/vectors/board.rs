//! The log of several tiles, and receipts.

use super::{Example, check_json, vectors};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use protocol::ballot::ConfirmationCode;
use protocol::checkpoint::{checkpoint_note, checkpoint_text};
use protocol::entry::{Envelope, Kind};
use protocol::manifest::ElectionManifest;
use protocol::merkle::{Frontier, leaf_hash, node_hash, verify_consistency, verify_inclusion};
use protocol::receipt::Receipt;
use protocol::transcript::Digest;
use serde_json::{Value, json};
use std::fs;

/// The leaves of the example: entry i is the two bytes of i.
fn leaves(size: u16) -> Vec<Digest> {
    (0..size).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::default();
    leaves.iter().for_each(|leaf| frontier.append(*leaf));
    frontier.root()
}

fn split(leaves: &[Digest]) -> (&[Digest], &[Digest]) {
    leaves.split_at(leaves.len().next_power_of_two() / 2)
}

/// PATH of RFC 6962, section 2.1.1.
fn inclusion(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = split(leaves);
    let (mut proof, other) = match index.checked_sub(left.len()) {
        None => (inclusion(index, left), right),
        Some(index) => (inclusion(index, right), left),
    };
    proof.push(root(other));
    proof
}

/// SUBPROOF(size, leaves, false) of RFC 6962, section 2.1.2.
fn path(size: usize, leaves: &[Digest]) -> Vec<Digest> {
    if size == leaves.len() {
        return vec![root(leaves)];
    }
    let (left, right) = split(leaves);
    let (mut proof, other) = if size <= left.len() {
        (path(size, left), right)
    } else {
        (path(size - left.len(), right), left)
    };
    proof.push(root(other));
    proof
}

fn hex(hashes: &[Digest]) -> Vec<String> {
    hashes.iter().map(Digest::to_string).collect()
}

#[test]
fn a_log_of_several_tiles() {
    const SIZE: u16 = 600;
    let leaves = leaves(SIZE);
    let whole = root(&leaves);
    let proofs = [0u16, 1, 255, 256, 300, 511, 512, 598, 599].map(|index| {
        let proof = inclusion(index.into(), &leaves);
        let leaf = &leaves[usize::from(index)];
        assert!(verify_inclusion(leaf, index.into(), SIZE.into(), &proof, &whole).is_ok());
        assert_ne!(proof.len(), 0);
        json!({ "index": index, "proof": hex(&proof) })
    });
    let beginnings = [1u16, 255, 256, 257, 300, 512, 513, 599].map(|size| {
        let path = path(size.into(), &leaves);
        let beginning = root(&leaves[..usize::from(size)]);
        // The proof of RFC 6962 begins without the root of a beginning that is a whole subtree.
        let proof = &path[usize::from(size.is_power_of_two())..];
        assert!(verify_consistency(size.into(), &beginning, SIZE.into(), &whole, proof).is_ok());
        json!({ "size": size, "root": beginning.to_string(), "path": hex(&path) })
    });
    let tile = [root(&leaves[..256]), root(&leaves[256..512])];
    assert_eq!(
        node_hash(&node_hash(&tile[0], &tile[1]), &root(&leaves[512..])),
        whole
    );
    check_json(
        "log.json",
        &json!({
            "spec": "Log and Equivocation (board.md): the log whose entry i is i in two bytes, big-endian",
            "size": SIZE, "root": whole.to_string(), "first leaf": leaves[0].to_string(),
            "tile/1/000.p/2": hex(&tile), "inclusion": proofs, "beginnings": beginnings,
        }),
    );
}

/// The entries of the record of the known answers.
pub fn entries() -> Vec<Vec<u8>> {
    let bundle = fs::read(super::folder().join("record/tile/entries/000.p/35")).unwrap();
    let mut rest = bundle.as_slice();
    let mut entries = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let (entry, after) = tail.split_at(u16::from_be_bytes(*length).into());
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

#[test]
fn receipts_for_entries_of_the_record() {
    let entries = entries();
    let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let text = &entries[0][34..entries[0].len() - 64];
    let manifest = ElectionManifest::parse(text).unwrap();
    let receipts: Vec<Value> = (0..entries.len())
        .filter_map(|index| {
            let envelope = Envelope::decode(&entries[index]).unwrap();
            let code = match envelope.kind {
                Kind::Ballot => ConfirmationCode::of(envelope.unsigned).0,
                Kind::Void | Kind::Close => leaves[index],
                _ => return None,
            };
            let before = &leaves[..=index];
            let text = checkpoint_text(&manifest.board.origin, before.len() as u64, &root(before));
            let signature = Example::board_key().sign(text.as_bytes()).to_bytes();
            let note = checkpoint_note(&manifest.board, &text, &signature);
            let proof = inclusion(index, before);
            let receipt = Receipt::new(&envelope.scope, &code, index as u64, &proof, note);
            receipt
                .verify(&manifest.board, &envelope.scope, &code, &leaves[index])
                .unwrap();
            Some(json!({ "entry": index, "receipt": serde_json::to_string(&receipt).unwrap() }))
        })
        .collect();
    check_json(
        "receipts.json",
        &json!({ "spec": "Receipt (board.md): of the ballots, the void and the close of record/, each as given when it was the last entry",
                 "receipts": receipts }),
    );
}

/// The reference tests of Certificate Transparency, and a signed note of another program.
#[test]
fn logs_and_notes_of_others() {
    let outside = vectors("outside.json");
    let tree = &outside["Merkle tree"];
    let hashes: Vec<Digest> = tree["leaves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|leaf| leaf_hash(&hex::decode(leaf.as_str().unwrap()).unwrap()))
        .collect();
    for (size, expected) in tree["roots"].as_array().unwrap().iter().enumerate() {
        assert_eq!(root(&hashes[..size]).to_string(), *expected, "{size}");
    }
    let note = &outside["signed note"];
    let text = |name: &str| note[name].as_str().unwrap();
    let board = protocol::manifest::BoardIdentity {
        origin: text("name").to_owned(),
        key: hex::decode(text("public")).unwrap().try_into().unwrap(),
        witnesses: Vec::new(),
        witness_quorum: 0,
    };
    let (_, line) = text("note").trim_end().rsplit_once(' ').unwrap();
    let signature = STANDARD.decode(line).unwrap()[4..].try_into().unwrap();
    assert_eq!(
        checkpoint_note(&board, text("text"), &signature),
        text("note")
    );
}
