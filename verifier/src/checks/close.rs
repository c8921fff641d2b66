//! The certified close: `close.root`, `close.witnesses` and `close.quorum` (docs/spec/tally.md).

use crate::{
    cosignature,
    log::Hash,
    manifest::Manifest,
    report::{CheckId, Findings},
    transcript::{Digest, Transcript},
};
use std::collections::BTreeSet;

const OF_CLOSE: [CheckId; 3] = [
    CheckId::CloseRoot,
    CheckId::CloseWitnesses,
    CheckId::CloseQuorum,
];

/// The close and who certified it.
#[derive(Debug)]
pub struct Close {
    /// The index of the entry.
    pub entry: u64,
    /// The root of the log after the close and after each later entry; none if entries are
    /// missing from the record.
    pub roots: Vec<Option<Hash>>,
    /// The trustees who certified it.
    pub certified: BTreeSet<u16>,
    /// The witnesses who certified it.
    pub witnessed: BTreeSet<u16>,
}

impl Close {
    /// Right after its entry.
    #[must_use]
    pub fn at(entry: u64) -> Self {
        Self {
            entry,
            roots: Vec::new(),
            certified: BTreeSet::new(),
            witnessed: BTreeSet::new(),
        }
    }

    /// How many trustees and witnesses certified it.
    #[must_use]
    pub fn n_certificates(&self) -> usize {
        self.certified.len() + self.witnessed.len()
    }

    /// The root of the log after the close.
    #[must_use]
    pub fn root(&self) -> Option<Hash> {
        *self.roots.first()?
    }

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
        transcript.append("root", &self.root()?);
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
        let result = match self.root() {
            None => Err("not checked: entries before the close are missing"),
            Some(_) if size != self.size() => Err("the size is not that of the log at the close"),
            Some(expected) if expected != *root => {
                Err("the root is not that of the log at the close")
            }
            Some(_) => Ok(()),
        };
        findings.check(CheckId::CloseRoot, index, result);
        self.certified.insert(trustee);
    }

    /// Applies the cosignature of a later checkpoint, which certifies the close as well.
    pub fn witness(
        &mut self,
        index: u64,
        witness: u16,
        (size, time): (u64, u64),
        signature: &[u8; 64],
        manifest: &Manifest,
        findings: &mut Findings,
    ) {
        let result = self.check_witness(witness, (size, time), signature, manifest);
        findings.check(CheckId::CloseWitnesses, index, result);
        self.witnessed.insert(witness);
    }

    fn check_witness(
        &self,
        witness: u16,
        (size, time): (u64, u64),
        signature: &[u8; 64],
        manifest: &Manifest,
    ) -> Result<(), &'static str> {
        // Roots are known for the sizes from the close on up to the index of this entry.
        let root = size
            .checked_sub(self.size())
            .and_then(|after| self.roots.get(usize::try_from(after).ok()?))
            .ok_or("the size is not one that the log had after the close and before this entry")?
            .ok_or("not checked: entries before it are missing")?;
        let key = manifest.witness(witness).map(|witness| &witness.key);
        let log = (manifest.origin.as_str(), size, &root);
        key.and_then(|key| cosignature::certifies(key, time, log, signature).ok())
            .ok_or("the signature is not the witness's cosignature of the log at that size")
    }
}

/// Checks the quorum after the last entry. Shares before it are refused in their place.
pub fn finish(close: Option<&Close>, manifest: &Manifest, findings: &mut Findings) {
    let Some(close) = close else {
        for check in OF_CLOSE {
            findings.not_checked(check, "not checked: the election was not closed");
        }
        return;
    };
    let certified = close.n_certificates();
    findings.count(CheckId::CloseQuorum, certified as u64);
    if certified < usize::from(manifest.close_quorum) {
        let reason = format!(
            "{certified} trustees and witnesses certified the close; {} must",
            manifest.close_quorum
        );
        findings.fail(CheckId::CloseQuorum, None, reason);
    }
    for check in OF_CLOSE {
        findings.ran(check);
    }
}
