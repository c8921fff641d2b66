//! What the verifier says: every check with its id, a verdict and numbers.

mod beside;
mod check_id;
mod said;

use crate::figures::ContestFigures;
pub use beside::{BeaconReport, JointReport, Lots, NamedWitness, SealReport, WitnessReport};
pub use check_id::CheckId;
pub use said::{Said, said};
use serde::Serialize;

/// How many failures of one check are kept in full; the others are counted.
pub const MAX_FAILURES: usize = 20;

/// How many notes are kept.
const MAX_NOTES: usize = 50;

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It ran and found nothing wrong.
    Ok,
    /// It found something wrong.
    Failed,
    /// It could not run, which counts as failed.
    #[serde(rename = "not checked")]
    NotChecked,
}

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The entry, by its index on the board, if it is about one.
    pub entry: Option<u64>,
    /// What is wrong.
    pub reason: String,
}

/// The outcome of one check.
#[derive(Debug, Clone, Default)]
struct Outcome {
    ran: bool,
    /// Why it could not run.
    obstacle: Option<String>,
    count: u64,
    n_failures: u64,
    /// Those of the earliest entries, whichever thread found them first.
    failures: Vec<Failure>,
}

impl Outcome {
    fn check(mut self, check: CheckId) -> Check {
        let verdict = match (self.n_failures, self.ran) {
            (0, true) => Verdict::Ok,
            (0, false) => Verdict::NotChecked,
            _ => Verdict::Failed,
        };
        if verdict == Verdict::NotChecked {
            self.failures.push(Failure {
                entry: None,
                reason: self
                    .obstacle
                    .unwrap_or_else(|| "not checked: what it needs is missing".to_owned()),
            });
        }
        Check {
            id: check.id(),
            what: check.what(),
            verdict,
            count: self.count,
            failure_count: self.n_failures,
            failures: self.failures,
        }
    }
}

/// The outcomes of all checks, while they are being made.
#[derive(Debug, Clone)]
pub struct Findings {
    outcomes: Vec<Outcome>,
    notes: Vec<String>,
}

impl Default for Findings {
    fn default() -> Self {
        Self {
            outcomes: vec![Outcome::default(); CheckId::ALL.len()],
            notes: Vec::new(),
        }
    }
}

impl Findings {
    fn outcome(&mut self, check: CheckId) -> Option<&mut Outcome> {
        self.outcomes.get_mut(check as usize)
    }

    /// Says that the check could look at all it has to look at.
    pub fn ran(&mut self, check: CheckId) {
        if let Some(outcome) = self.outcome(check) {
            outcome.ran = outcome.obstacle.is_none();
        }
    }

    /// Says why the check could not look at all it has to look at. It then counts as failed.
    pub fn not_checked(&mut self, check: CheckId, obstacle: impl ToString) {
        if let Some(outcome) = self.outcome(check) {
            outcome.ran = false;
            outcome.obstacle.get_or_insert(obstacle.to_string());
        }
    }

    /// Counts things that were looked at, right or wrong.
    pub fn count(&mut self, check: CheckId, things: u64) {
        if let Some(outcome) = self.outcome(check) {
            outcome.count += things;
        }
    }

    /// Records a failure.
    pub fn fail(&mut self, check: CheckId, entry: Option<u64>, reason: impl ToString) {
        let Some(outcome) = self.outcome(check) else {
            return;
        };
        outcome.n_failures += 1;
        let at = outcome
            .failures
            .partition_point(|failure| failure.entry.unwrap_or(0) <= entry.unwrap_or(0));
        if at < MAX_FAILURES {
            outcome.failures.truncate(MAX_FAILURES - 1);
            let reason = reason.to_string();
            outcome.failures.insert(at, Failure { entry, reason });
        }
    }

    /// Counts one thing and records what is wrong with it, if something is.
    pub fn check<E: ToString>(&mut self, check: CheckId, entry: u64, result: Result<(), E>) {
        self.count(check, 1);
        if let Err(reason) = result {
            self.fail(check, Some(entry), reason);
        }
    }

    /// Remarks something that is neither right nor wrong.
    pub fn note(&mut self, note: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(note);
        }
    }

    /// How many things a check looked at.
    #[must_use]
    pub fn counted(&self, check: CheckId) -> u64 {
        self.outcomes
            .get(check as usize)
            .map_or(0, |outcome| outcome.count)
    }

    /// How many failures a check has found.
    #[must_use]
    pub fn failures(&self, check: CheckId) -> u64 {
        self.outcomes
            .get(check as usize)
            .map_or(0, |outcome| outcome.n_failures)
    }

    /// Whether the check ran and has found nothing wrong so far.
    #[must_use]
    pub fn holds(&self, check: CheckId) -> bool {
        self.outcomes
            .get(check as usize)
            .is_some_and(|outcome| outcome.ran && outcome.n_failures == 0)
    }

    /// Closes the report. Every check is in it, whatever happened.
    #[must_use]
    pub fn report(self, election: Option<ElectionSummary>, results: Vec<ContestResult>) -> Report {
        let checks: Vec<Check> = CheckId::ALL
            .iter()
            .zip(self.outcomes)
            .map(|(check, outcome)| outcome.check(*check))
            .collect();
        let accepted = checks.len() == CheckId::ALL.len()
            && checks.iter().all(|check| check.verdict == Verdict::Ok);
        Report {
            verdict: if accepted {
                Decision::Accepted
            } else {
                Decision::Rejected
            },
            checks,
            // Numbers of a rejected record are nobody's result.
            results: accepted.then_some(results),
            figures: None,
            election,
            notes: self.notes,
            witnesses: None,
            joint: None,
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// The verifier's last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Every check passed.
    Accepted,
    /// At least one did not.
    Rejected,
}

/// A finished check.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// Its id.
    pub id: &'static str,
    /// What it counts.
    #[serde(skip)]
    pub what: &'static str,
    /// Its verdict.
    pub verdict: Verdict,
    /// How many things it looked at.
    pub count: u64,
    /// How many failures it found.
    pub failure_count: u64,
    /// The first of them.
    pub failures: Vec<Failure>,
}

/// What election the record is of, as far as it could be read.
#[derive(Debug, Clone, Serialize)]
pub struct ElectionSummary {
    /// The title in the manifest's language.
    pub title: String,
    /// The election's name on a server.
    pub uuid: String,
    /// The manifest id.
    pub manifest: String,
    /// The election id, once opened.
    pub id: Option<String>,
    /// The booth digest that the opening names; zeros if it names none.
    pub booth: Option<String>,
    /// The log's origin.
    pub origin: String,
    /// The organiser's name.
    pub organiser: String,
    /// The trustees' names, in order.
    pub trustees: Vec<String>,
    /// How many trustees decrypt.
    pub threshold: u16,
    /// The opening time.
    pub opens: String,
    /// The closing time.
    pub closes: String,
    /// How many voters the roll has.
    pub voters: u64,
    /// How many entries the board has.
    pub entries: u64,
    /// How many ballots were cast, superseded ones included.
    pub ballots: u64,
    /// How many voters have a ballot that counts.
    pub counted: u64,
}

/// The verified result of a contest.
#[derive(Debug, Clone, Serialize)]
pub struct ContestResult {
    /// The contest's id.
    pub id: String,
    /// Its title in the manifest's language.
    pub title: String,
    /// How many ballots were counted.
    pub ballots: u32,
    /// Their weight.
    pub weight: u64,
    /// Whether the totals are published; otherwise there were too few ballots.
    pub opened: bool,
    /// The options of choices and points with their totals; of a matrix without.
    pub options: Vec<OptionResult>,
    /// The total of explicit blank answers, where they are allowed and published.
    pub blank: Option<u64>,
    /// The totals of all positions, in order; none where closed, and empty if withheld.
    pub totals: Vec<Option<u64>>,
}

/// The verified total of an option.
#[derive(Debug, Clone, Serialize)]
pub struct OptionResult {
    /// The option's id.
    pub id: String,
    /// Its label in the manifest's language.
    pub label: String,
    /// Its total, unless withheld or closed.
    pub total: Option<u64>,
}

/// The finished report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Accepted only if every check passed.
    pub verdict: Decision,
    /// All checks.
    pub checks: Vec<Check>,
    /// The results, only if accepted.
    pub results: Option<Vec<ContestResult>>,
    /// What is computed from them, only if accepted (docs/spec/figures.md).
    pub figures: Option<Vec<ContestFigures>>,
    /// The election.
    pub election: Option<ElectionSummary>,
    /// Remarks.
    pub notes: Vec<String>,
    /// Which named witnesses cosigned the record's checkpoint; no part of the verdict but what
    /// `board.witnesses` says. None if the manifest names none or cannot be used.
    pub witnesses: Option<WitnessReport>,
    /// Beacon, lots and seal; no part of the verdict. None if the election was not opened.
    pub joint: Option<JointReport>,
    /// The verifier's version.
    pub version: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_did_not_run_rejects() {
        let mut findings = Findings::default();
        for check in CheckId::ALL.iter().skip(1) {
            findings.ran(*check);
        }
        let report = findings.clone().report(None, Vec::new());
        assert_eq!(report.verdict, Decision::Rejected);
        assert_eq!(report.checks[0].verdict, Verdict::NotChecked);
        assert!(report.results.is_none());
        findings.ran(CheckId::RecordFiles);
        let report = findings.report(None, Vec::new());
        assert_eq!(report.verdict, Decision::Accepted);
    }

    #[test]
    fn the_earliest_failures_are_kept_and_all_are_counted() {
        let mut findings = Findings::default();
        findings.ran(CheckId::BallotsBits);
        for entry in (0..100).rev() {
            findings.fail(CheckId::BallotsBits, Some(entry), "false");
        }
        let report = findings.report(None, Vec::new());
        let check = &report.checks[CheckId::BallotsBits as usize];
        assert_eq!((check.verdict, check.failure_count), (Verdict::Failed, 100));
        let entries: Vec<_> = check.failures.iter().filter_map(|f| f.entry).collect();
        assert_eq!(entries, (0..20).collect::<Vec<_>>());
    }

    /// The page and the program must name the same checks.
    #[test]
    fn the_ids_are_those_of_the_specification() {
        let page = include_str!("../../docs/spec/verification.md");
        let ids: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect();
        let ours: Vec<&str> = CheckId::ALL.iter().map(|check| check.id()).collect();
        assert_eq!(ours, ids);
    }
}
