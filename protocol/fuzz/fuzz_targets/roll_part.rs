//! A part of the roll, of one issuer or two.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::credential::RollPart;

fuzz_target!(|bytes: &[u8]| {
    for n_issuers in 1..=2 {
        if let Ok(part) = RollPart::decode(bytes, n_issuers) {
            let mut again = Vec::new();
            part.encode(&mut again);
            assert_eq!(again, bytes);
        }
    }
});
