//! `entries.scope`: every entry belongs to this election (docs/spec/encoding.md).

use crate::{entry::Entry, transcript::Digest};
use thiserror::Error;

/// An entry of something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// The scope is another id.
    #[error("the scope is not the {0} id")]
    Foreign(&'static str),
    /// The election id is not known.
    #[error("not checked: there is no election id before an opening")]
    Unknown,
}

/// Compares the scope with the manifest id, or from kind 11 on with the election id.
///
/// # Errors
/// [`ScopeError`].
pub fn check_scope(
    entry: &Entry<'_>,
    manifest: &Digest,
    election: Option<&Digest>,
) -> Result<(), ScopeError> {
    let (expected, name) = if entry.kind.is_of_election() {
        (election.ok_or(ScopeError::Unknown)?, "election")
    } else {
        (manifest, "manifest")
    };
    if entry.scope == expected {
        Ok(())
    } else {
        Err(ScopeError::Foreign(name))
    }
}
