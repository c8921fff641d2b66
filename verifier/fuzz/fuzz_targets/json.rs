//! Strict JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::json::Json;

fuzz_target!(|bytes: &[u8]| {
    let _ = Json::parse(bytes);
});
