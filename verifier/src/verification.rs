//! All checks, in the order in which each has what it needs.

use crate::{
    batch::{Bases, Randomness},
    checkpoint::{Cosigned, MAX_CHECKPOINT, UnverifiedCheckpoint},
    checks::{
        ballots::proofs::{OF_PROOFS, SecondReading},
        entries, files, joint,
        tally::{self, aggregate::Aggregates},
    },
    entry::{body::ContestTotals, manifest_bytes},
    figures::{ContestFigures, figures},
    fold::{Fold, Hindsight},
    group::Generators,
    manifest::{Contest, ContestKind, Manifest},
    prepare::Preparation,
    progress::Progress,
    record::{
        Record,
        layout::{CHECKPOINT, bundle_of},
    },
    report::{
        CheckId, ContestResult, ElectionSummary, Findings, JointReport, NamedWitness, OptionResult,
        Report, WitnessReport,
    },
    scan::{FirstReading, split},
};
use std::collections::{BTreeMap, BTreeSet};

/// Verifies a record.
///
/// `seed` is 32 fresh bytes of the operating system's randomness: the weights of the batches
/// come from it, and whoever made the record must not be able to foresee them.
///
/// The report holds every check of docs/spec/verification.md, whatever the record is.
#[must_use]
pub fn verify(record: &dyn Record, seed: [u8; 32], progress: &dyn Progress) -> Report {
    let mut findings = Findings::default();
    files::check_container(record, &mut findings);
    let checkpoint = record
        .read(CHECKPOINT, MAX_CHECKPOINT)
        .map_err(|error| error.to_string())
        .and_then(|note| UnverifiedCheckpoint::parse(&note).map_err(|error| error.to_string()));
    let checkpoint = match checkpoint {
        Ok(checkpoint) => checkpoint,
        Err(reason) => {
            findings.fail(CheckId::BoardNote, None, reason);
            return findings.report(None, Vec::new());
        }
    };
    findings.count(CheckId::BoardNote, 1);
    findings.ran(CheckId::BoardNote);
    files::check(record, checkpoint.size, &mut findings);
    let manifest = match find_manifest(record, checkpoint.size) {
        Ok(manifest) => manifest,
        Err((check, reason)) => {
            findings.fail(check, Some(0), reason);
            let log = (checkpoint.size, &checkpoint.root);
            FirstReading::run(record, progress, None, log, &mut findings);
            return findings.report(None, Vec::new());
        }
    };
    for (check, result) in [
        (CheckId::ManifestEncoding, Ok(())),
        (CheckId::ManifestRules, Ok(())),
        (CheckId::ManifestQuorum, manifest.check_quorum()),
    ] {
        findings.check(check, 0, result);
        findings.ran(check);
    }
    for (check, result) in [
        (
            CheckId::BoardOrigin,
            checkpoint.check_origin(&manifest.origin),
        ),
        (
            CheckId::BoardSignature,
            checkpoint.check_signature(&manifest.board_key),
        ),
    ] {
        findings.count(check, 1);
        if let Err(error) = result {
            findings.fail(check, None, error);
        }
        findings.ran(check);
    }

    let cosigned = check_witnesses(&checkpoint, &manifest, &mut findings);
    let randomness = Randomness::new(seed);
    let audit = Audit {
        record,
        progress,
        manifest: &manifest,
        randomness: &randomness,
    };
    let found = audit.run(&checkpoint, &mut findings);
    let witnesses = witness_report(&manifest, &cosigned, &found.witnessed);
    let report = findings.report(Some(found.summary), found.results);
    Report {
        witnesses,
        joint: found.joint,
        // Like results, of an accepted record alone.
        figures: report.results.as_ref().map(|_| found.figures),
        ..report
    }
}

/// Checks the cosignatures of the checkpoint, and that they are enough; gives those that hold.
fn check_witnesses(
    checkpoint: &UnverifiedCheckpoint,
    manifest: &Manifest,
    findings: &mut Findings,
) -> Vec<Cosigned> {
    let check = CheckId::BoardWitnesses;
    let cosigned = checkpoint
        .check_cosignatures(&manifest.witnesses)
        .map_err(|error| findings.fail(check, None, error))
        .unwrap_or_default();
    findings.count(check, cosigned.len() as u64);
    let least = usize::from(manifest.witness_quorum);
    if cosigned.len() < least && findings.failures(check) == 0 {
        let reason = format!("{} witnesses cosigned it; {least} must", cosigned.len());
        findings.fail(check, None, reason);
    }
    findings.ran(check);
    cosigned
}

fn witness_report(
    manifest: &Manifest,
    cosigned: &[Cosigned],
    certified: &BTreeSet<u16>,
) -> Option<WitnessReport> {
    let time = |number| {
        let of = |cosigned: &&Cosigned| cosigned.witness == number;
        cosigned.iter().find(of).map(|cosigned| cosigned.time)
    };
    let named = (1..).zip(&manifest.witnesses);
    (!manifest.witnesses.is_empty()).then(|| WitnessReport {
        quorum: manifest.witness_quorum,
        named: named
            .map(|(number, witness)| NamedWitness {
                name: witness.name.clone(),
                cosigned: time(number),
                certified_close: certified.contains(&number),
            })
            .collect(),
    })
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

/// Finds the manifest in the first entry, and accepts it only if it keeps all its rules.
pub(crate) fn manifest(record: &dyn Record, size: u64) -> Result<Manifest, String> {
    let manifest = find_manifest(record, size).map_err(|(_, reason)| reason)?;
    manifest.check_quorum().map_err(|error| error.to_string())?;
    Ok(manifest)
}

/// Finds the manifest in the first entry, or says which check refuses it and why.
fn find_manifest(record: &dyn Record, size: u64) -> Result<Manifest, (CheckId, String)> {
    let unreadable = |reason: String| (CheckId::ManifestEncoding, reason);
    let bundle = bundle_of(0, size).ok_or_else(|| unreadable("the board is empty".to_owned()))?;
    let bytes = record
        .read(&bundle.path(), bundle.bytes().1)
        .map_err(|error| unreadable(error.to_string()))?;
    let (entries, _) = split(&bytes, bundle.width);
    let first = entries
        .first()
        .ok_or_else(|| unreadable("there is no first entry".to_owned()))?;
    let text = manifest_bytes(first).map_err(|error| unreadable(error.to_string()))?;
    Manifest::read_with_any_quorum(text).map_err(|error| {
        let check = if error.is_of_encoding() {
            CheckId::ManifestEncoding
        } else {
            CheckId::ManifestRules
        };
        (check, error.to_string())
    })
}

/// What a reading of all entries gives.
struct Found {
    summary: ElectionSummary,
    results: Vec<ContestResult>,
    figures: Vec<ContestFigures>,
    joint: Option<JointReport>,
    /// The witnesses who certified the close.
    witnessed: BTreeSet<u16>,
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
    fn run(&self, checkpoint: &UnverifiedCheckpoint, findings: &mut Findings) -> Found {
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
    ) -> Result<Found, Hindsight> {
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
        fold.finish(findings);

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
        tally::check(&fold, &aggregates, &generators, findings);
        let published = fold.result.as_ref().map(|(_, published)| published);
        let published = published.map_or(&[][..], Vec::as_slice);
        let contests = self.manifest.contests.iter().zip(published);
        Ok(Found {
            summary: self.summary(&fold, size),
            results: contests
                .map(|(contest, totals)| self.name(contest, totals))
                .collect(),
            figures: figures(self.manifest, published),
            joint: joint::check(&fold, self.randomness, findings),
            witnessed: fold.close.map(|close| close.witnessed).unwrap_or_default(),
        })
    }

    /// The published totals of a contest, with its texts.
    fn name(&self, contest: &Contest, published: &ContestTotals) -> ContestResult {
        let manifest = self.manifest;
        let totals = published.totals.clone().unwrap_or_default();
        let total = |position: usize| totals.get(position).copied().flatten();
        let (of_options, blank) = match &contest.kind {
            ContestKind::Options(options) => (true, options.blank.then_some(options.options.len())),
            ContestKind::Number(number) => (false, number.blank.then_some(1)),
            _ => (false, None),
        };
        let options = contest.options().iter().enumerate();
        ContestResult {
            id: contest.id.clone(),
            title: manifest.text(&contest.title).to_owned(),
            ballots: published.ballots,
            weight: published.weight,
            opened: published.totals.is_some(),
            options: options
                .map(|(position, option)| OptionResult {
                    id: option.id.clone(),
                    label: manifest.text(&option.label).to_owned(),
                    total: of_options.then(|| total(position)).flatten(),
                })
                .collect(),
            blank: blank.and_then(total),
            totals,
        }
    }

    /// Nothing may have been left out: every entry decoded and its signature checked, and the
    /// proof of every ballot.
    fn finish_second_reading(&self, fold: &Fold<'_>, size: u64, findings: &mut Findings) {
        entries::finish(size, fold.n_cosigned, findings);
        for check in OF_PROOFS {
            if fold.opening.is_some() {
                entries::expect(check, fold.polling.n_ballots, findings);
            } else {
                findings.not_checked(check, "not checked: the election was not opened");
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
            booth: fold
                .opening
                .as_ref()
                .map(|opening| hex::encode(opening.booth)),
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
