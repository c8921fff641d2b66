//! A receipt.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::receipt::Receipt;
use protocol::transcript::Digest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(receipt) = Receipt::parse(bytes) {
        let manifest = example::manifest();
        let hash = Digest([0; 32]);
        assert!(
            receipt
                .verify(&manifest.board, &hash, &hash, &hash)
                .is_err()
        );
    }
});
