//! A manifest's text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::manifest::Manifest;

fuzz_target!(|bytes: &[u8]| {
    let _ = Manifest::read(bytes);
});
