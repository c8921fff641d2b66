//! Ciphertexts and proof of a ballot, of either style.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::encoding::Reader;
use protocol::proofs::ballot::EncryptedVector;
use protocol::style::Shape;
use std::sync::LazyLock;

static SHAPES: LazyLock<Vec<Shape>> = LazyLock::new(|| {
    let manifest = example::manifest();
    let shape = |style| Shape::of_style(&manifest, style).unwrap();
    manifest.styles.iter().map(shape).collect()
});

fuzz_target!(|bytes: &[u8]| {
    for shape in SHAPES.iter() {
        let _ = EncryptedVector::decode(shape, &mut Reader::new(bytes));
    }
});
