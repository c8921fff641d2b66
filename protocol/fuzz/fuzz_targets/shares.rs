//! Decryption shares, for the tally of the known answers.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::tally::{DecryptionShares, EncryptedTally};
use std::sync::LazyLock;

static TALLY: LazyLock<EncryptedTally> = LazyLock::new(|| {
    let election = example::election(example::entries().len());
    election.encrypted_tally().unwrap().clone()
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(shares) = DecryptionShares::decode(bytes, &example::manifest(), &TALLY) {
        let mut again = Vec::new();
        shares.encode(&example::manifest(), &TALLY, &mut again);
        assert_eq!(again, bytes);
    }
});
