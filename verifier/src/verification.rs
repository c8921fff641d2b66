//! All checks, in the order in which each has what it needs.

use crate::{
    batch::{Bases, Randomness},
    checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint},
    checks::{
        ballots::proofs::SecondReading,
        files,
        tally::{self, aggregate::Aggregates},
    },
    entry::manifest_bytes,
    fold::{Fold, Hindsight},
    group::Generators,
    manifest::Manifest,
    prepare::Preparation,
    progress::Progress,
    record::{
        Record,
        layout::{CHECKPOINT, bundle_of},
    },
    report::{CheckId, ContestResult, ElectionSummary, Findings, Report},
    scan::{FirstReading, split},
};
use std::collections::BTreeMap;

/// Verifies a record.
///
/// `seed` is 32 fresh bytes of the operating system's randomness: the weights of the batches
/// come from it, and whoever made the record must not be able to foresee them.
///
/// The report holds every check of docs/spec/verification.md, whatever the record is.
#[must_use]
pub fn verify(record: &dyn Record, seed: [u8; 32], progress: &dyn Progress) -> Report {
    let mut findings = Findings::default();
    let checkpoint = record
        .read(CHECKPOINT, MAX_CHECKPOINT)
        .map_err(|error| error.to_string())
        .and_then(|note| UnverifiedCheckpoint::parse(&note).map_err(|error| error.to_string()));
    let checkpoint = match checkpoint {
        Ok(checkpoint) => checkpoint,
        Err(reason) => {
            findings.fail(CheckId::BoardCheckpoint, None, reason);
            return findings.report(None, Vec::new());
        }
    };
    files::check(record, checkpoint.size, &mut findings);
    findings.count(CheckId::ManifestValid, 1);
    let manifest = match manifest(record, checkpoint.size) {
        Ok(manifest) => Some(manifest),
        Err(reason) => {
            findings.fail(CheckId::ManifestValid, Some(0), reason);
            None
        }
    };
    findings.ran(CheckId::ManifestValid);
    let Some(manifest) = manifest else {
        let log = (checkpoint.size, &checkpoint.root);
        FirstReading::run(record, progress, None, log, &mut findings);
        return findings.report(None, Vec::new());
    };
    findings.count(CheckId::BoardCheckpoint, 1);
    if let Err(error) = checkpoint.verify(&manifest.origin, &manifest.board_key) {
        findings.fail(CheckId::BoardCheckpoint, None, error);
    }
    findings.ran(CheckId::BoardCheckpoint);

    let randomness = Randomness::new(seed);
    let audit = Audit {
        record,
        progress,
        manifest: &manifest,
        randomness: &randomness,
    };
    let (summary, results) = audit.run(&checkpoint, &mut findings);
    findings.report(Some(summary), results)
}

/// The manifest of a record, of which nothing else is verified.
///
/// # Errors
/// What is wrong with the checkpoint's form, the first entry or the manifest.
pub fn manifest_of(record: &dyn Record) -> Result<Manifest, String> {
    let note = record
        .read(CHECKPOINT, MAX_CHECKPOINT)
        .map_err(|error| error.to_string())?;
    let checkpoint = UnverifiedCheckpoint::parse(&note).map_err(|error| error.to_string())?;
    manifest(record, checkpoint.size)
}

/// Finds the manifest in the first entry.
pub(crate) fn manifest(record: &dyn Record, size: u64) -> Result<Manifest, String> {
    let bundle = bundle_of(0, size).ok_or("the board is empty")?;
    let bytes = record
        .read(&bundle.path(), bundle.bytes().1)
        .map_err(|error| error.to_string())?;
    let (entries, _) = split(&bytes, bundle.width);
    let first = entries.first().ok_or("there is no first entry")?;
    let text = manifest_bytes(first).map_err(|error| error.to_string())?;
    Manifest::read(text).map_err(|error| error.to_string())
}

/// The checks that need the manifest.
struct Audit<'a> {
    record: &'a dyn Record,
    progress: &'a dyn Progress,
    manifest: &'a Manifest,
    randomness: &'a Randomness,
}

impl Audit<'_> {
    /// Folds the record, and again with hindsight if entries were taken that do not decode: they
    /// are skipped, so what comes after them is to be judged without them. Each kind of hindsight
    /// comes once, whatever the record does meanwhile, so this ends after three times at most.
    fn run(
        &self,
        checkpoint: &UnverifiedCheckpoint,
        findings: &mut Findings,
    ) -> (ElectionSummary, Vec<ContestResult>) {
        let mut hindsight = Hindsight::default();
        loop {
            let mut attempt = findings.clone();
            match self.fold(checkpoint, hindsight, &mut attempt) {
                Ok(end) => {
                    *findings = attempt;
                    return end;
                }
                Err(learnt) => hindsight = learnt,
            }
        }
    }

    fn fold(
        &self,
        checkpoint: &UnverifiedCheckpoint,
        hindsight: Hindsight,
        findings: &mut Findings,
    ) -> Result<(ElectionSummary, Vec<ContestResult>), Hindsight> {
        let generators = Generators::new(0);
        let preparation = Preparation {
            manifest: self.manifest,
            bases: Bases::new(&generators, &[]),
            randomness: self.randomness,
        };
        let size = checkpoint.size;
        let mut fold = Fold::new(self.manifest, hindsight);
        let scan = FirstReading::run(
            self.record,
            self.progress,
            Some((&preparation, &mut fold)),
            (size, &checkpoint.root),
            findings,
        );
        fold.finish(size, findings);

        let reading = SecondReading {
            record: self.record,
            fold: &fold,
            randomness: self.randomness,
            progress: self.progress,
        };
        let mut undecodable = BTreeMap::new();
        let aggregates = reading.run(
            &scan.bundles,
            findings,
            Aggregates::new(self.manifest),
            &mut undecodable,
        );
        if fold.hindsight.undecodable.is_empty() && !undecodable.is_empty() {
            return Err(Hindsight {
                undecodable,
                ..fold.hindsight
            });
        }
        self.finish_second_reading(&fold, size, findings);
        let aggregates = aggregates.finish();
        if let Some(decrypted) = tally::teach(&fold, &aggregates) {
            return Err(Hindsight {
                decrypted: Some(decrypted),
                ..fold.hindsight
            });
        }
        let results = tally::check(&fold, &aggregates, &generators, findings);
        Ok((self.summary(&fold, size), results))
    }

    /// Nothing may have been left out: every entry decoded and its signature checked, and the
    /// proof of every ballot.
    fn finish_second_reading(&self, fold: &Fold<'_>, size: u64, findings: &mut Findings) {
        let n_ballots = fold.polling.n_ballots;
        for (check, expected) in [
            (CheckId::EntriesEncoding, size),
            (CheckId::EntriesSignatures, size),
            (CheckId::BallotsProofs, n_ballots),
        ] {
            let counted = findings.counted(check);
            if counted == expected && (check != CheckId::BallotsProofs || fold.opening.is_some()) {
                findings.ran(check);
            } else {
                let reason = format!("not checked: {counted} of {expected} could be looked at");
                findings.not_checked(check, reason);
            }
        }
    }

    fn summary(&self, fold: &Fold<'_>, size: u64) -> ElectionSummary {
        let manifest = self.manifest;
        let voters = fold.roll.voters();
        ElectionSummary {
            title: manifest.text(&manifest.title).to_owned(),
            uuid: hex::encode(manifest.uuid),
            manifest: hex::encode(manifest.id),
            id: fold
                .opening
                .as_ref()
                .map(|opening| hex::encode(opening.election)),
            origin: manifest.origin.clone(),
            organiser: manifest.organiser.name.clone(),
            trustees: manifest
                .trustees
                .iter()
                .map(|trustee| trustee.name.clone())
                .collect(),
            threshold: manifest.threshold,
            opens: manifest.opens.clone(),
            closes: manifest.closes.clone(),
            voters: voters.len() as u64,
            entries: size,
            ballots: fold.polling.n_ballots,
            counted: voters
                .iter()
                .filter(|voter| voter.last_entry.is_some())
                .count() as u64,
        }
    }
}
