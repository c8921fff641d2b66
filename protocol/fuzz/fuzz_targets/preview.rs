//! Previews of counts, for the tally of the known answers, which has none.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::tally::{EncryptedTally, Preview};
use std::sync::LazyLock;

static TALLY: LazyLock<EncryptedTally> = LazyLock::new(|| {
    let election = example::election(example::entries().len());
    election.encrypted_tally().unwrap().clone()
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(preview) = Preview::decode(bytes, &example::manifest(), &TALLY) {
        let mut again = Vec::new();
        preview.encode(&mut again);
        assert_eq!(again, bytes);
    }
});
