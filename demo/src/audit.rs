//! The auditor: runs the verifier as a program and reads its report.

use std::path::Path;

use serde::Deserialize;

use crate::example::ExampleElection;
use crate::programs::{ProgramError, Programs};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The verifier did not run.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// What it printed is no report.
    #[error(
        "the verifier could not run, or its report cannot be read ({reason}); it said:\n{said}"
    )]
    Report {
        /// Why.
        reason: String,
        /// What it printed.
        said: String,
    },
}

/// The verifier's report, as far as it is used here.
#[derive(Clone, Debug, Deserialize)]
pub struct Report {
    verdict: String,
    checks: Vec<Check>,
    results: Option<Vec<ContestResult>>,
    joint: Option<Joint>,
}

/// What the trustees signed together, as the verifier found it.
#[derive(Clone, Debug, Deserialize)]
pub struct Joint {
    /// The public randomness after the close.
    pub beacon: Beacon,
    /// The seal, once there is a result.
    pub seal: Option<Seal>,
}

/// The beacon.
#[derive(Clone, Debug, Deserialize)]
pub struct Beacon {
    /// Whose beacons are on the board.
    pub by: Vec<u16>,
    /// The seed for samples of an audit, if enough trustees signed.
    pub audit_seed: Option<String>,
    /// The order of lots by contest, if all trustees contributed.
    pub lots: Option<Vec<Lots>>,
}

/// The order in which lots put the options of a contest.
#[derive(Clone, Debug, Deserialize)]
pub struct Lots {
    /// The contest's id.
    pub contest: String,
    /// Numbers of its options, from 0.
    pub order: Vec<usize>,
}

/// The seal.
#[derive(Clone, Debug, Deserialize)]
pub struct Seal {
    /// Who sealed.
    pub by: Vec<u16>,
    /// The joint signature, if enough trustees sealed.
    pub signature: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Check {
    id: String,
    verdict: String,
}

/// The verified result of a question.
#[derive(Clone, Debug, Deserialize)]
pub struct ContestResult {
    /// The question's id.
    pub id: String,
    /// How many ballots were counted.
    pub ballots: u64,
    options: Vec<OptionResult>,
    blank: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
struct OptionResult {
    id: String,
    total: Option<u64>,
}

impl ContestResult {
    /// The totals of the options and of the blank; nothing if any is withheld.
    pub fn totals(&self) -> Option<Vec<u64>> {
        let options = self.options.iter().map(|option| option.total);
        options.chain(self.blank.map(Some)).collect()
    }
}

impl Report {
    /// Whether every check passed.
    pub fn is_accepted(&self) -> bool {
        self.verdict == "accepted"
    }

    /// The ids of the checks that did not pass.
    pub fn failed(&self) -> Vec<&str> {
        let failed = self.checks.iter().filter(|check| check.verdict != "ok");
        failed.map(|check| check.id.as_str()).collect()
    }

    /// The verified results; none of a rejected record.
    pub fn results(&self) -> &[ContestResult] {
        self.results.as_deref().unwrap_or_default()
    }

    /// What the trustees signed together; none of a record whose election was not opened.
    pub fn joint(&self) -> Option<&Joint> {
        self.joint.as_ref()
    }

    /// Whether the verified totals are those that must come out: the same questions and options,
    /// in the same order.
    pub fn matches(&self, example: &ExampleElection) -> bool {
        let found = self.results();
        found.len() == example.questions.len()
            && found
                .iter()
                .zip(&example.questions)
                .zip(&example.expected)
                .all(|((found, question), expected)| {
                    let ids = found.options.iter().map(|option| &option.id);
                    found.id == question.id
                        && ids.eq(question.options.iter().map(|(id, _)| id))
                        && found.totals().as_ref() == Some(expected)
                })
    }
}

/// Runs the verifier on a record; `folder` takes its log.
///
/// # Errors
/// [`AuditError`] if it could not run. That it rejects the record is a report, not an error.
pub fn verify(programs: &Programs, record: &Path, folder: &Path) -> Result<Report, AuditError> {
    let record = record.to_string_lossy();
    let arguments = ["verify", &*record, "--json", "--quiet"];
    let running = programs.start("verifier", &arguments, folder, &folder.join("verifier.log"))?;
    let (status, said) = running.outcome();
    let unreadable = |reason: String, said: &str| AuditError::Report {
        reason,
        said: said.to_owned(),
    };
    let line = said.lines().find(|line| line.starts_with('{'));
    let line = line.ok_or_else(|| unreadable(format!("{status}"), &said))?;
    let report: Report =
        serde_json::from_str(line).map_err(|error| unreadable(error.to_string(), &said))?;
    // The exit status and the report must say the same, or neither is worth anything.
    let promised = if report.is_accepted() { 0 } else { 1 };
    if status.code() != Some(promised) {
        let reason = format!("it says {:?} and ended with {status}", report.verdict);
        return Err(unreadable(reason, &said));
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::club;

    fn report(chair: &str, blank: &str) -> Report {
        let text = format!(
            r#"{{"verdict": "accepted", "checks": [
                {{"id": "a", "verdict": "ok", "count": 1}}, {{"id": "b", "verdict": "failed"}},
                {{"id": "c", "verdict": "not checked"}}], "results": [
              {{"id": "chair", "ballots": 55, "options": [{chair}], "blank": {blank}}},
              {{"id": "budget", "ballots": 55, "blank": null, "options": [
                {{"id": "o1", "total": 1}}, {{"id": "o2", "total": 2}}, {{"id": "o3", "total": 3}},
                {{"id": "o4", "total": 4}}]}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn totals_match_only_with_the_same_options_in_order() {
        let mut club = club::election();
        club.expected = vec![vec![5, 6, 7, 8], vec![1, 2, 3, 4]];
        let right =
            r#"{"id": "o1", "total": 5}, {"id": "o2", "total": 6}, {"id": "o3", "total": 7}"#;
        assert!(report(right, "8").matches(&club));
        assert!(!report(right, "9").matches(&club));
        assert!(!report(right, "null").matches(&club));
        assert!(!report(&right.replace('7', "null"), "8").matches(&club));
        assert!(!report(&right.replace("o1", "ox"), "8").matches(&club));
        assert!(!report(&right.replace('6', "5"), "8").matches(&club));
    }

    #[test]
    fn checks_that_did_not_run_count_as_failed() {
        assert_eq!(report("", "8").failed(), ["b", "c"]);
    }
}
