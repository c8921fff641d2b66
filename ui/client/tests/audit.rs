//! A record checked as a page does it.
// Helpers of a test may stop anywhere, as the tests themselves.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use client::audit::{AuditError, verify_record};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use verifier::progress::{Progress, Silent};
use verifier::record::archive::header;
use verifier::record::{Record, folder::FolderRecord};
use verifier::report::Decision;

/// The record of the known answers in one file.
fn archive() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/vectors/record");
    let record = FolderRecord::open(&folder).unwrap();
    let mut bytes = Vec::new();
    for (path, size) in record.files() {
        bytes.extend(header(path, *size).unwrap());
        bytes.extend(record.read(path, *size).unwrap());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.extend([0; 1024]);
    bytes
}

#[derive(Default)]
struct Steps {
    promised: AtomicU64,
    done: AtomicU64,
}

impl Progress for Steps {
    fn begin(&self, stage: &'static str, steps: u64) {
        assert!(!stage.is_empty());
        self.promised.fetch_add(steps, Ordering::Relaxed);
    }

    fn advance(&self, steps: u64) {
        self.done.fetch_add(steps, Ordering::Relaxed);
    }
}

#[test]
fn an_archive_is_accepted_and_progress_is_told() {
    let steps = Steps::default();
    let report = verify_record(archive(), [3; 32], &steps).unwrap().report;
    assert_eq!(report.verdict, Decision::Accepted);
    assert!(
        serde_json::to_string(&report)
            .unwrap()
            .contains("\"verdict\":\"accepted\"")
    );
    let done = steps.done.into_inner();
    assert!(done > 0 && done == steps.promised.into_inner());
}

#[test]
fn what_a_page_shows_is_what_the_verified_record_holds() {
    let audited = verify_record(archive(), [3; 32], &Silent).unwrap();
    let (held, election) = (audited.held.unwrap(), audited.report.election.unwrap());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/vectors/record");
    let manifest = verifier::manifest_of(&FolderRecord::open(&folder).unwrap()).unwrap();
    let read = verifier::manifest::Manifest::read(held.manifest.as_bytes()).unwrap();
    assert_eq!(read.id, manifest.id);
    assert!(held.closed && held.result);
    assert_eq!(held.certified.len(), election.trustees.len());
    assert!(held.certified_close.len() >= usize::from(manifest.close_quorum));
    assert!(held.shares.len() >= usize::from(election.threshold));
    assert_eq!(election.booth.unwrap().len(), 64);
}

#[test]
fn damaged_archives_are_rejected_and_never_panic() {
    let good = archive();
    for at in (0..good.len()).step_by(good.len() / 40) {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        let report = verify_record(bad, [3; 32], &Silent).unwrap().report;
        assert_eq!(report.verdict, Decision::Rejected, "byte {at}");
        let report = verify_record(good[..at].to_vec(), [3; 32], &Silent)
            .unwrap()
            .report;
        assert_eq!(report.verdict, Decision::Rejected, "length {at}");
    }
}

#[test]
fn a_compressed_archive_is_named_as_such() {
    let error = verify_record(vec![0x1f, 0x8b, 8], [3; 32], &Silent).unwrap_err();
    assert!(matches!(error, AuditError::Compressed));
}
