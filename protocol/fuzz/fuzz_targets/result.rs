//! The totals of a result.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::tally::Tally;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tally) = Tally::decode(bytes, &example::manifest()) {
        let mut again = Vec::new();
        tally.encode(&example::manifest(), &mut again);
        assert_eq!(again, bytes);
    }
});
