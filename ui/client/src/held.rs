//! What a record holds besides its report, for a page to show in place of what a server says.
//!
//! It is read from the same bytes as the report. Where no check failed, no entry was skipped, so
//! what is collected here is what the fold made of the entries; otherwise it proves nothing.

use serde::Serialize;
use std::collections::BTreeSet;
use verifier::checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint};
use verifier::entry::{Author, Entry, Kind};
use verifier::record::Record;
use verifier::record::layout::{CHECKPOINT, bundle_of, tiles_of_level};
use verifier::scan::split;

use crate::browse::{BrowseError, manifest};

/// What a record holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Held {
    /// The manifest's text, exactly.
    pub manifest: String,
    /// Number of challenged ballots.
    pub voids: u64,
    /// Trustees who certified the last attempt of the key ceremony, from 1.
    pub certified: BTreeSet<u16>,
    /// Trustees who certified the close, from 1.
    pub certified_close: BTreeSet<u16>,
    /// Witnesses who certified the close, from 1.
    pub witnessed_close: BTreeSet<u16>,
    /// Trustees who opened the totals, from 1.
    pub shares: BTreeSet<u16>,
    /// Whether every cosignature on the checkpoint holds, however many there are.
    pub cosignatures_hold: bool,
    /// Whether there is a close.
    pub closed: bool,
    /// Whether there is a result.
    pub result: bool,
}

/// Reads the entries of a record once more.
///
/// # Errors
/// [`BrowseError`] if there is no checkpoint, no manifest, or a bundle is missing.
pub fn held(record: &dyn Record) -> Result<Held, BrowseError> {
    let note = record.read(CHECKPOINT, MAX_CHECKPOINT)?;
    let size = UnverifiedCheckpoint::parse(&note)?.size;
    let rules = manifest(record, size)?;
    let mut held = Held {
        cosignatures_hold: UnverifiedCheckpoint::parse(&note)?
            .check_cosignatures(&rules.witnesses)
            .is_ok(),
        ..Held::default()
    };
    if let Some(first) = bundle_of(0, size) {
        let bytes = record.read(&first.path(), first.bytes().1)?;
        let (entries, _) = split(&bytes, first.width);
        let text = entries
            .first()
            .and_then(|first| verifier::entry::manifest_bytes(first).ok());
        held.manifest = String::from_utf8_lossy(text.unwrap_or_default()).into_owned();
    }
    for tile in tiles_of_level(None, size) {
        let bundle = record.read(&tile.path(), tile.bytes().1)?;
        for bytes in split(&bundle, tile.width).0 {
            if let Ok(entry) = Entry::decode(bytes, &rules) {
                held.add(&entry);
            }
        }
    }
    Ok(held)
}

impl Held {
    fn add(&mut self, entry: &Entry<'_>) {
        if let Author::Witness(witness) = entry.author {
            self.witnessed_close.insert(witness);
            return;
        }
        let trustees = match entry.kind {
            Kind::Certify => &mut self.certified,
            Kind::CertifyClose => &mut self.certified_close,
            Kind::Shares => &mut self.shares,
            kind => {
                self.closed |= kind == Kind::Close;
                self.result |= kind == Kind::Result;
                self.voids += u64::from(kind == Kind::Void);
                // The attempt that follows is certified anew.
                if matches!(kind, Kind::Complain | Kind::Abandon) {
                    self.certified.clear();
                }
                return;
            }
        };
        trustees.extend(entry.trustee());
    }
}
