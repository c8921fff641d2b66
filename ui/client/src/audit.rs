//! A whole record checked in a page: the archive's bytes go in, the verifier's report comes out.

use serde::Serialize;
use std::io::Cursor;
use verifier::progress::Progress;
use verifier::record::RecordError;
use verifier::record::archive::ArchiveRecord;
use verifier::report::Report;

use crate::held::{Held, held};

/// Why there is no report. A record that is merely wrong has one, and is rejected by it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The file is compressed, and not the archive itself.
    #[error("the file is compressed; unpack it first, since every byte of the archive is checked")]
    Compressed,
    /// The bytes cannot be read.
    #[error(transparent)]
    Unreadable(#[from] RecordError),
}

/// The report of a record, and what the same bytes hold.
#[derive(Debug, Clone, Serialize)]
pub struct Audited {
    /// What the checks say.
    pub report: Report,
    /// What the record holds; none where it cannot be read. Worth something only as far as the
    /// report goes.
    pub held: Option<Held>,
}

/// Runs every check of docs/spec/verification.md on a record in one archive file.
///
/// `seed` is 32 fresh bytes of randomness that whoever made the record could not foresee.
///
/// # Errors
/// [`AuditError`].
pub fn verify_record(
    archive: Vec<u8>,
    seed: [u8; 32],
    progress: &dyn Progress,
) -> Result<Audited, AuditError> {
    // RFC 1952: how a file compressed by gzip begins.
    if archive.starts_with(&[0x1f, 0x8b]) {
        return Err(AuditError::Compressed);
    }
    let record = ArchiveRecord::open(Cursor::new(archive))?;
    Ok(Audited {
        report: verifier::verify(&record, seed, progress),
        held: held(&record).ok(),
    })
}
