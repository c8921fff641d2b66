//! An entry of the election of the known answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use verifier::{
    entry::{Entry, manifest_bytes},
    manifest::Manifest,
};

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    let bundle = include_bytes!("../../../docs/spec/vectors/record/tile/entries/000.p/35");
    let (entries, _) = verifier::scan::split(bundle, 35);
    Manifest::read(manifest_bytes(entries[0]).unwrap()).unwrap()
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entry) = Entry::decode(bytes, &MANIFEST) {
        let _ = entry.body.joint();
    }
});
