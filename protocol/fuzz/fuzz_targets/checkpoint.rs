//! A signed note: only the one way of writing is taken, and nobody signs for the fuzzer.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::checkpoint::{Checkpoint, CosignedCheckpoint};
use protocol::cosignature::Witness;
use protocol::manifest::BoardIdentity;

fuzz_target!(|note: &str| {
    let board = BoardIdentity {
        origin: note.lines().next().unwrap_or_default().to_owned(),
        key: [3; 32],
        witnesses: vec![Witness {
            name: "w".to_owned(),
            key: [5; 32],
        }],
        witness_quorum: 1,
    };
    assert!(Checkpoint::verify(note, &board).is_err());
    assert!(CosignedCheckpoint::verify(note, &board).is_err());
});
