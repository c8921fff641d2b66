//! A manifest: its bytes are kept as they are.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::manifest::ElectionManifest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(manifest) = ElectionManifest::parse(bytes) {
        assert_eq!(manifest.bytes(), bytes);
    }
});
