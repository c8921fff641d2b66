//! The envelope: which check refuses an entry that does not decode, and `entries.scope`
//! (docs/spec/encoding.md).

use crate::{
    encoding::EncodingError,
    entry::{Entry, EntryError},
    group::GroupError,
    report::{CheckId, Findings},
    transcript::Digest,
};
use thiserror::Error;

/// The checks of an entry that are made when it is cut into its parts.
const OF_PARTS: [CheckId; 4] = [
    CheckId::EntriesVersion,
    CheckId::EntriesKind,
    CheckId::EntriesLength,
    CheckId::EntriesFields,
];

/// The checks of an entry that are made when its elements and scalars are decoded.
const OF_VALUES: [CheckId; 2] = [CheckId::EntriesElements, CheckId::EntriesScalars];

/// The check whose fault it is that an entry does not decode.
#[must_use]
pub fn refused_by(error: &EntryError) -> CheckId {
    match error {
        EntryError::Version { .. } => CheckId::EntriesVersion,
        EntryError::Kind { .. } => CheckId::EntriesKind,
        EntryError::Encoding(error) => not_decoded_by(error),
        EntryError::Trustee { .. }
        | EntryError::Witness { .. }
        | EntryError::Style { .. }
        | EntryError::Field { .. } => CheckId::EntriesFields,
    }
}

/// The check whose fault it is that bytes do not decode.
#[must_use]
pub fn not_decoded_by(error: &EncodingError) -> CheckId {
    match error {
        EncodingError::Group(GroupError::NotAScalar) => CheckId::EntriesScalars,
        EncodingError::Group(GroupError::NotAnElement | GroupError::Identity) => {
            CheckId::EntriesElements
        }
        EncodingError::Short | EncodingError::Leftover { .. } => CheckId::EntriesLength,
    }
}

/// Counts an entry that was cut into its parts, or refused.
pub fn count_parts(findings: &mut Findings) {
    for check in OF_PARTS {
        findings.count(check, 1);
    }
}

/// Counts entries whose elements and scalars were decoded, or refused.
pub fn count_values(entries: u64, findings: &mut Findings) {
    for check in OF_VALUES {
        findings.count(check, entries);
    }
}

/// After the last entry of `size`: nothing may have been left out. Every entry was cut and its
/// values decoded, and the signature of every one that was not refused was looked at; those of
/// `cosigned` entries are cosignatures, which have a check of their own.
pub fn finish(size: u64, cosigned: u64, findings: &mut Findings) {
    let mut refused = 0;
    for check in OF_PARTS.into_iter().chain(OF_VALUES) {
        refused += findings.failures(check);
        expect(check, size, findings);
    }
    expect(
        CheckId::EntriesSignatures,
        size.saturating_sub(refused + cosigned),
        findings,
    );
}

/// Lets a check pass only if it looked at as many things as there are.
pub fn expect(check: CheckId, expected: u64, findings: &mut Findings) {
    let counted = findings.counted(check);
    if counted == expected {
        findings.ran(check);
    } else {
        let reason = format!("not checked: {counted} of {expected} could be looked at");
        findings.not_checked(check, reason);
    }
}

/// An entry of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the scope is not the {0} id")]
pub struct ForeignScope(&'static str);

/// Compares the scope with the manifest id, or from kind 11 on with the election id. Where there
/// is no election id yet, the entry is out of its phase, which another check says.
///
/// # Errors
/// [`ForeignScope`].
pub fn check_scope(
    entry: &Entry<'_>,
    manifest: &Digest,
    election: Option<&Digest>,
) -> Result<(), ForeignScope> {
    let (expected, name) = if entry.kind.is_of_election() {
        (election, "election")
    } else {
        (Some(manifest), "manifest")
    };
    match expected {
        Some(expected) if entry.scope != expected => Err(ForeignScope(name)),
        _ => Ok(()),
    }
}
