//! The fold over the entries (`Election.Apply`, docs/spec/board.md): one entry after the other,
//! with everything that needs the entries before it.
//!
//! An entry that does not decode or is out of its place changes nothing. Any other entry is
//! applied even if another check finds it wrong, so that one fault is reported once and not at
//! every later entry.

use crate::{
    checks::{
        ballots::Polling,
        close::{self, Close},
        entries,
        joint::Signed,
        key_ceremony::KeyCeremony,
        opening::{self, Opening},
        order,
        roll::Roll,
        tally::shares,
    },
    encoding::EncodingError,
    entry::{
        Author, EntryError, Kind,
        body::{Body, ContestTotals, OpenBody},
    },
    log::Tree,
    manifest::Manifest,
    prepare::{Decoded, Prepared},
    report::{CheckId, Findings},
};
use std::collections::BTreeMap;

/// What a first fold could not know, because it is found out only when its ballots are checked.
/// If there is such a thing, the record is folded again.
#[derive(Debug, Clone, Default)]
pub struct Hindsight {
    /// Entries of voters with elements or scalars that do not decode.
    pub undecodable: BTreeMap<u64, EncodingError>,
    /// The numbers of the decrypted contests: what an entry of shares or a preview must hold
    /// follows from them.
    pub decrypted: Option<Vec<usize>>,
}

/// A trustee's shares, still as bytes.
#[derive(Debug, Clone)]
pub struct SharesEntry {
    /// The index of the entry.
    pub entry: u64,
    /// The trustee.
    pub trustee: u16,
    /// The body.
    pub bytes: Vec<u8>,
}

/// The state of the election after some entries.
#[derive(Debug)]
pub struct Fold<'m> {
    /// The manifest.
    pub manifest: &'m Manifest,
    /// What an earlier fold of the same record has taught.
    pub hindsight: Hindsight,
    /// The roll.
    pub roll: Roll,
    /// The key ceremony.
    pub ceremony: KeyCeremony<'m>,
    /// The entry that opened the election.
    pub opened: Option<u64>,
    /// What follows from the opening; none if it could not be derived.
    pub opening: Option<Opening<'m>>,
    /// Ballots and voids.
    pub polling: Polling,
    /// The close.
    pub close: Option<Close>,
    /// Shares, at most one entry of each trustee.
    pub shares: Vec<SharesEntry>,
    /// The bodies of previews, by trustee.
    pub previews: BTreeMap<u16, Vec<u8>>,
    /// Whether shares or previews after the close were refused before their length was known.
    pub misplaced_shares: bool,
    /// What the trustees sign jointly.
    pub signed: Signed,
    /// How many entries carry a cosignature in the place of a signature.
    pub n_cosigned: u64,
    /// The result and the index of its entry.
    pub result: Option<(u64, Vec<ContestTotals>)>,
}

impl<'m> Fold<'m> {
    /// Before the first entry.
    #[must_use]
    pub fn new(manifest: &'m Manifest, hindsight: Hindsight) -> Self {
        Self {
            manifest,
            hindsight,
            roll: Roll::default(),
            ceremony: KeyCeremony::new(manifest),
            opened: None,
            opening: None,
            polling: Polling::default(),
            close: None,
            shares: Vec::new(),
            previews: BTreeMap::new(),
            misplaced_shares: false,
            signed: Signed::default(),
            n_cosigned: 0,
            result: None,
        }
    }

    /// Whether the election has been opened.
    #[must_use]
    pub fn is_opened(&self) -> bool {
        self.opened.is_some()
    }

    /// Applies the next entry. `tree` is the log up to and with it, if no entry before is missing.
    pub fn apply(&mut self, prepared: &Prepared<'_>, tree: Option<&Tree>, findings: &mut Findings) {
        self.apply_entry(prepared, findings);
        let is_before_result = self
            .result
            .as_ref()
            .is_none_or(|(result, _)| *result == prepared.index);
        if let Some(close) = self.close.as_mut().filter(|_| is_before_result) {
            close.roots.push(tree.map(Tree::root));
        }
    }

    fn apply_entry(&mut self, prepared: &Prepared<'_>, findings: &mut Findings) {
        let index = prepared.index;
        entries::count_parts(findings);
        let decoded = match &prepared.decoded {
            Ok(decoded) => decoded,
            Err(error) => {
                findings.fail(entries::refused_by(error), Some(index), error);
                entries::count_values(1, findings);
                return;
            }
        };
        let entry = &decoded.entry;
        if let Err(error) = self.check_late(index, decoded) {
            // Which fault is the first depends on the length that is not known yet.
            self.misplaced_shares |= decoded.late.is_some() && self.close.is_some();
            findings.fail(entries::refused_by(&error), Some(index), error);
            entries::count_values(1, findings);
            return;
        }
        if let Some(signature) = decoded.signature {
            entries::count_values(1, findings);
            findings.check(CheckId::EntriesSignatures, index, signature);
        } else if entry.kind == Kind::WitnessClose {
            // Its signature is judged by a check of its own, and nothing else in it is a value.
            entries::count_values(1, findings);
            self.n_cosigned += 1;
        }
        let election = self.opening.as_ref().map(|opening| &opening.election);
        let scope = entries::check_scope(entry, &self.manifest.id, election);
        findings.check(CheckId::EntriesScope, index, scope);
        findings.count(CheckId::EntriesPhase, 1);
        findings.count(CheckId::EntriesOnce, 1);
        match order::admit(self, index, entry) {
            Ok(()) => self.apply_admitted(prepared, decoded, findings),
            Err(misplaced) => {
                findings.fail(misplaced.check(), Some(index), misplaced);
                let is_late = matches!(entry.kind, Kind::Shares | Kind::Preview);
                if is_late && self.close.is_some() {
                    self.misplaced_shares = true;
                }
            }
        }
    }

    /// What of the decoding needs hindsight.
    fn check_late(&self, index: u64, decoded: &Decoded<'_>) -> Result<(), EntryError> {
        if let Some(error) = self.hindsight.undecodable.get(&index) {
            return Err((*error).into());
        }
        if let (Some(decrypted), Some(_)) = (&self.hindsight.decrypted, &self.close) {
            match &decoded.entry.body {
                Body::Shares(bytes) => {
                    shares::decode(bytes, self.manifest, decrypted)?;
                }
                Body::Preview(bytes) => shares::check_preview(bytes, self.manifest, decrypted)?,
                _ => {}
            }
        }
        decoded.late.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Whether so many trustees gave shares that close the same cells. Before it is known which
    /// contests are decrypted, all of them might.
    #[must_use]
    pub fn shares_agree(&self) -> bool {
        let threshold = usize::from(self.manifest.threshold);
        let Some(decrypted) = &self.hindsight.decrypted else {
            return self.shares.len() >= threshold;
        };
        let entries = self.shares.iter();
        let patterns = entries
            .filter_map(|entry| shares::pattern(&entry.bytes, self.manifest, decrypted).ok());
        shares::agreed(patterns, threshold).is_some()
    }

    /// Whether a decrypted contest has cells that trustees look at before anybody else. Before it
    /// is known which contests are decrypted, all of them might be.
    #[must_use]
    pub fn has_cells(&self) -> bool {
        let all: Vec<usize> = (0..self.manifest.contests.len()).collect();
        let decrypted = self.hindsight.decrypted.as_ref().unwrap_or(&all);
        shares::has_cells(self.manifest, decrypted)
    }

    fn apply_admitted(
        &mut self,
        prepared: &Prepared<'_>,
        decoded: &Decoded<'_>,
        findings: &mut Findings,
    ) {
        let (index, entry) = (prepared.index, &decoded.entry);
        match (&entry.body, entry.author) {
            (Body::Roll(body), _) => {
                let found = &decoded.roll;
                let place = (index, &prepared.leaf);
                self.roll.apply(place, body, found, self.manifest, findings);
            }
            (Body::Open(body), _) => self.open(index, body, findings),
            (Body::Ballot(body), Author::Voter(credential)) => {
                let code = decoded.code.unwrap_or_default();
                self.polling
                    .cast(index, credential, body, code, &mut self.roll, findings);
            }
            (Body::Void { alpha, .. }, Author::Voter(credential)) => {
                self.polling
                    .void(index, credential, alpha, &mut self.roll, findings);
            }
            (Body::Empty, Author::Organiser) => {
                self.close = Some(Close::at(index));
            }
            (Body::WitnessClose { size, time }, Author::Witness(witness)) => {
                if let Some(close) = &mut self.close {
                    let said = (*size, *time);
                    let signature = entry.signature;
                    close.witness(index, witness, said, signature, self.manifest, findings);
                }
            }
            (Body::Result(totals), _) => self.result = Some((index, totals.clone())),
            (_, Author::Trustee(trustee)) => {
                self.apply_trustee(prepared, decoded, trustee, findings);
            }
            _ => {}
        }
    }

    fn apply_trustee(
        &mut self,
        prepared: &Prepared<'_>,
        decoded: &Decoded<'_>,
        trustee: u16,
        findings: &mut Findings,
    ) {
        let (index, entry) = (prepared.index, &decoded.entry);
        match (&entry.body, &mut self.close) {
            (Body::CertifyClose { size, root }, Some(close)) => {
                close.certify(index, trustee, (*size, root), findings);
            }
            (Body::Shares(bytes), Some(_)) => {
                self.shares.push(SharesEntry {
                    entry: index,
                    trustee,
                    bytes: bytes.to_vec(),
                });
            }
            (Body::Preview(bytes), Some(_)) => {
                self.previews.insert(trustee, bytes.to_vec());
            }
            (Body::Beacon { contribution, .. }, Some(_)) => {
                let matches = self.ceremony.is_contribution(trustee, contribution);
                let contribution = (**contribution, matches);
                if let Some(share) = decoded.joint.signature {
                    self.signed
                        .post_beacon(index, trustee, contribution, share, findings);
                }
            }
            (Body::Seal(_), Some(_)) => {
                if let Some(share) = decoded.joint.signature {
                    self.signed.post_seal(index, trustee, share);
                }
            }
            _ => {
                let place = (index, &prepared.leaf);
                let said = (entry, &decoded.joint);
                self.ceremony.apply(place, trustee, said, findings);
            }
        }
    }

    fn open(&mut self, index: u64, body: &OpenBody, findings: &mut Findings) {
        self.opened = Some(index);
        opening::check_bounds(index, self.manifest, &self.roll, findings);
        if let Some((keys, digest)) = self.ceremony.completed() {
            opening::check_binding(index, body, &self.roll, digest, findings);
            let key_material = (keys, digest);
            self.opening = Some(Opening::new(
                index,
                body,
                self.manifest,
                &self.roll,
                key_material,
            ));
        }
    }

    /// Whether the entry with this index, by a voter, was admitted in its place.
    #[must_use]
    pub fn is_polling(&self, index: u64) -> bool {
        let opened = self.opened.is_some_and(|opened| opened < index);
        let ended = self.close.as_ref().map(|close| close.entry);
        opened && ended.is_none_or(|ended| index < ended)
    }

    /// After the last entry: says which checks could look at all they have to.
    pub fn finish(&self, findings: &mut Findings) {
        for check in [
            CheckId::EntriesScope,
            CheckId::EntriesPhase,
            CheckId::EntriesOnce,
        ] {
            findings.ran(check);
        }
        self.roll.finish(findings);
        self.ceremony.finish(findings);
        if self.opening.is_none() {
            for check in [
                CheckId::OpenRoll,
                CheckId::OpenVoters,
                CheckId::OpenCeremony,
                CheckId::OpenBounds,
            ] {
                findings.not_checked(check, "not checked: the election was not opened");
            }
        }
        Polling::finish(self.opening.is_some(), findings);
        close::finish(self.close.as_ref(), self.manifest, findings);
        findings.count(CheckId::ResultPresent, u64::from(self.result.is_some()));
        if self.result.is_none() {
            findings.fail(CheckId::ResultPresent, None, "there is no result");
        }
        findings.ran(CheckId::ResultPresent);
    }
}

/// Whether entries of this kind are by voters, and so checked in batches.
#[must_use]
pub fn is_voters(kind: Kind) -> bool {
    matches!(kind, Kind::Ballot | Kind::Void)
}
