//! Which election a board belongs to: its election id, made again from the manifest and the last
//! entries of the set-up.
//!
//! The id is a hash over the manifest and over what the opening fixes, and a ballot's confirmation
//! code is a hash over the id. So whoever shows entries that give the id of a ballot has no choice
//! of the manifest left, nor of the board's key in it; who shows them and who signed them does not
//! matter, and nothing else of the set-up is needed.
//!
//! Spec: docs/spec/board.md, "Election id"; docs/spec/ballot.md, "Confirmation code".

use verifier::checks::key_ceremony::keys::Keys;
use verifier::checks::opening::election_id;
use verifier::entry::Entry;
use verifier::entry::body::{Body, OpenBody};
use verifier::group::Element;
use verifier::log::Hash;
use verifier::manifest::Manifest;

/// What was seen of a set-up.
#[derive(Debug, Default)]
pub struct SetUp {
    attempt: u16,
    revealed: Vec<Vec<Element>>,
    opening: Option<OpenBody>,
}

impl SetUp {
    /// Takes the next entry, in order of the board.
    pub fn read(&mut self, entry: &Entry<'_>) {
        if self.opening.is_some() {
            return;
        }
        match &entry.body {
            Body::Reveal(reveal) => {
                if reveal.attempt != self.attempt {
                    self.attempt = reveal.attempt;
                    self.revealed.clear();
                }
                self.revealed.push(reveal.coefficients.clone());
            }
            Body::Open(open) => self.opening = Some(open.clone()),
            _ => {}
        }
    }

    /// The election id, if all that it takes was among the entries.
    #[must_use]
    pub fn election(&self, manifest: &Manifest) -> Option<Hash> {
        let opening = self.opening.as_ref()?;
        if self.revealed.len() != manifest.trustees.len() {
            return None;
        }
        let dealers: Vec<_> = self.revealed.iter().map(Vec::as_slice).collect();
        let keys = Keys::combine(&dealers, usize::from(manifest.threshold));
        Some(election_id(manifest, &keys.election, opening))
    }
}
