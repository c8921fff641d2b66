//! The whole demonstration, from the first key to the verified totals.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::audit::{self, AuditError, Report};
use crate::clear::{self, ClearContest};
use crate::example::ExampleElection;
use crate::programs::Programs;
use crate::record::{self, FolderError};
use crate::screen::{counted_step, say, step};
use crate::stage::{Stage, StageError};
use crate::summary::{Outcome, Seconds};
use crate::voters::{self, VoterError};

/// How many witnesses a demonstration has.
pub const WITNESSES: usize = 2;

/// What can be chosen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// n.
    pub trustees: u16,
    /// t.
    pub threshold: u16,
    /// Where the record goes.
    pub record: PathBuf,
}

/// Why the demonstration did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// A step of the election.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A voter.
    #[error(transparent)]
    Voter(#[from] VoterError),
    /// The record.
    #[error(transparent)]
    Record(#[from] FolderError),
    /// The auditor.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The system refuses a path.
    #[error("a path cannot be used: {0}")]
    System(#[from] io::Error),
}

/// What came out, the verifier's report, and what must come out.
pub type Held = (Outcome, Report, Vec<ClearContest>);

/// Holds the election with all programs; `folder` takes everything but the record.
///
/// # Errors
/// [`RunError`] of the first step that fails. A rejected record and wrong totals are no errors
/// but part of the outcome.
pub fn run(
    programs: &Programs,
    folder: &Path,
    example: &ExampleElection,
    settings: &Settings,
) -> Result<Held, RunError> {
    let record = std::path::absolute(&settings.record)?;
    record::expect_replaceable(&record)?;
    let (n, t) = (settings.trustees, settings.threshold);
    let begun = Instant::now();
    let mut seconds = Seconds::default();

    let what = format!(
        "Keys, {WITNESSES} witnesses, manifest, a roll of {} voters",
        example.voters.len()
    );
    let (stage, _) = step(&what, || {
        Stage::set_up_watched(programs, folder, example, (n, t), WITNESSES)
    })?;
    say(&format!("  the board is {}", stage.board()));
    let what = format!("Key ceremony of {n} trustees, of whom {t} can decrypt");
    ((), seconds.ceremony) = step(&what, || stage.ceremony())?;
    let ((booth, codes), _) = step("Opening; the voters' booth checks the set-up", || {
        stage.open()?;
        stage.booth()
    })?;

    let n_voters = example.voters.len();
    let (entries, seconds_of_encrypt) = counted_step("Encrypting and proving", n_voters, |tick| {
        voters::seal_all(&booth, &example.voters, &codes, tick)
    })?;
    seconds.encrypt = seconds_of_encrypt;
    let (receipts, seconds_of_cast) =
        counted_step("Casting, receipts checked", n_voters, |tick| {
            voters::cast_all(&booth, stage.board(), &entries, tick)
        })?;
    seconds.cast = seconds_of_cast;
    drop(entries);

    let what = format!("Close; {n} trustees add up all ballots, witnesses sign it");
    ((), seconds.tally) = step(&what, || stage.close())?;
    // Not everybody is needed: the last t of them are as good as any others.
    let chosen: Vec<u16> = (n - t + 1..=n).collect();
    let what = format!("{t} of the trustees decrypt the totals; publication");
    ((), seconds.decrypt) = step(&what, || {
        stage.decrypt(&chosen)?;
        stage.publish()?;
        Ok::<_, RunError>(())
    })?;
    let what = format!("{t} of the trustees seal the result; the record");
    ((), seconds.seal) = step(&what, || {
        stage.seal(&chosen)?;
        record::make_room(&record)?;
        stage.write_record(&record)?;
        Ok::<_, RunError>(())
    })?;
    let (report, seconds_of_verify) = step("The verifier checks the whole record", || {
        audit::verify(programs, &record, folder)
    })?;
    seconds.verify = seconds_of_verify;
    record::expect_kept(&record, &receipts)?;
    seconds.total = begun.elapsed().as_secs_f64();

    let mut expected = clear::election(booth.manifest(), &example.voters);
    for (clear, published) in expected.iter_mut().zip(&example.published) {
        clear.publish(published);
    }
    let challenged = receipts.len() - example.n_cast().min(receipts.len());
    let outcome = Outcome {
        ballots: example.n_cast(),
        accepted: receipts.len() - challenged,
        verified: report.is_accepted(),
        failed_checks: report.failed().into_iter().map(str::to_owned).collect(),
        totals_match: report.matches(&expected),
        sealed_by: report
            .joint()
            .and_then(|joint| joint.seal.as_ref())
            .map_or(0, |seal| seal.by.len()),
        seconds,
        record_bytes: record::size(&record)?,
        record: record.to_string_lossy().into_owned(),
    };
    Ok((outcome, report, expected))
}
