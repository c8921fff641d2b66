//! The certified close: `close.root` and `close.quorum` (docs/spec/tally.md).

use crate::{
    log::Hash,
    manifest::Manifest,
    report::{CheckId, Findings},
    transcript::{Digest, Transcript},
};
use std::collections::BTreeSet;

/// The close and who certified it.
#[derive(Debug)]
pub struct Close {
    /// The index of the entry.
    pub entry: u64,
    /// The root of the log after the close; none if entries are missing from the record.
    pub root: Option<Hash>,
    /// Who certified it.
    pub certified: BTreeSet<u16>,
}

impl Close {
    /// How many entries the log had after the close.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.entry + 1
    }

    /// The close digest.
    #[must_use]
    pub fn digest(&self, election: &Digest) -> Option<Digest> {
        let mut transcript = Transcript::new("certified close");
        transcript.append("election", election);
        transcript.append("size", &self.size().to_be_bytes());
        transcript.append("root", &self.root?);
        Some(transcript.digest("close"))
    }

    /// Applies a certificate.
    pub fn certify(
        &mut self,
        index: u64,
        trustee: u16,
        (size, root): (u64, &Digest),
        findings: &mut Findings,
    ) {
        let result = match &self.root {
            None => Err("not checked: entries before the close are missing"),
            Some(_) if size != self.size() => Err("the size is not that of the log at the close"),
            Some(expected) if expected != root => {
                Err("the root is not that of the log at the close")
            }
            Some(_) => Ok(()),
        };
        findings.check(CheckId::CloseRoot, index, result);
        self.certified.insert(trustee);
    }
}

/// Checks the quorum after the last entry. Shares before it are refused in their place.
pub fn finish(close: Option<&Close>, manifest: &Manifest, findings: &mut Findings) {
    let Some(close) = close else {
        for check in [CheckId::CloseRoot, CheckId::CloseQuorum] {
            findings.not_checked(check, "not checked: the election was not closed");
        }
        return;
    };
    let certified = close.certified.len();
    findings.count(CheckId::CloseQuorum, certified as u64);
    if certified < usize::from(manifest.close_quorum) {
        let reason = format!(
            "{certified} trustees certified the close; {} must",
            manifest.close_quorum
        );
        findings.fail(CheckId::CloseQuorum, None, reason);
    }
    findings.ran(CheckId::CloseRoot);
    findings.ran(CheckId::CloseQuorum);
}
