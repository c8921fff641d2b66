//! The entries of a record, as one bundle: signatures are not the obstacle here, the checks are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::{
    progress::Silent,
    record::MemoryRecord,
    report::{CheckId, Decision},
};

fuzz_target!(|bytes: &[u8]| {
    let mut record = MemoryRecord::default();
    let note = include_bytes!("../../../docs/spec/vectors/record/checkpoint");
    let bundle = include_bytes!("../../../docs/spec/vectors/record/tile/entries/000.p/35");
    let tile = include_bytes!("../../../docs/spec/vectors/record/tile/0/000.p/35");
    record.insert("checkpoint", note.to_vec());
    record.insert("tile/entries/000.p/35", bytes.to_vec());
    record.insert("tile/0/000.p/35", tile.to_vec());
    let report = verifier::verify(&record, [1; 32], &Silent);
    assert_eq!(report.checks.len(), CheckId::ALL.len());
    assert_eq!(report.verdict == Decision::Accepted, bytes == bundle);
});
