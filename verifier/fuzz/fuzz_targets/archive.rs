//! A record in one file: no bytes may stop the checks, and only the known ones are accepted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use verifier::{progress::Silent, record::archive::ArchiveRecord};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(record) = ArchiveRecord::open(Cursor::new(bytes)) {
        let report = verifier::verify(&record, [1; 32], &Silent);
        assert_eq!(report.checks.len(), verifier::report::CheckId::ALL.len());
    }
});
