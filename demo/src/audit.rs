//! The auditor: runs the verifier as a program and reads its report.

use std::path::Path;

use serde::Deserialize;

use crate::clear::{ClearContest, ClearFigure};
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
    figures: Option<Vec<ContestFigures>>,
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

/// The verified totals and figures of a contest, or of a question over all groups.
#[derive(Clone, Debug, Deserialize)]
pub struct ContestFigures {
    id: Option<String>,
    question: Option<String>,
    /// The group that was asked.
    pub group: Option<String>,
    /// `choices`, `points`, `matrix`, `number`, `product` or `table`.
    pub kind: String,
    /// What voters read.
    pub title: String,
    /// How many ballots were counted.
    pub ballots: u64,
    /// Whether there were enough of them.
    pub opened: bool,
    /// By position.
    pub totals: Vec<Total>,
    /// What is computed of them.
    pub figures: Vec<Figure>,
}

/// A total.
#[derive(Clone, Debug, Deserialize)]
pub struct Total {
    /// An option, a bucket, or what is added up.
    pub label: String,
    /// The row of a matrix or table.
    pub row: Option<usize>,
    /// The total, unless it is closed.
    pub total: Option<u64>,
}

/// A mean, a spread, a correlation.
#[derive(Clone, Debug, Deserialize)]
pub struct Figure {
    /// What it is called.
    pub name: String,
    /// The row of a matrix.
    pub row: Option<usize>,
    /// Rounded.
    pub value: String,
    exact: String,
}

impl ContestFigures {
    /// Its id, or that of the question.
    pub fn id(&self) -> &str {
        self.id
            .as_ref()
            .or(self.question.as_ref())
            .map_or("", String::as_str)
    }

    /// Whether these are all groups together.
    pub fn is_over_groups(&self) -> bool {
        self.id.is_none()
    }

    /// The figure of this name.
    pub fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    /// Whether every total and figure is the one in the clear. What is withheld or closed must be
    /// allowed to be.
    fn matches(&self, clear: &ClearContest) -> bool {
        if self.id() != clear.id
            || self.ballots != clear.ballots
            || self.opened == clear.is_withheld
        {
            return false;
        }
        if clear.is_withheld {
            return self.totals.is_empty() && self.figures.is_empty();
        }
        let expected = clear.totals.iter().zip(&clear.may_be_closed);
        let is_right = |(found, (total, may_be_closed)): (&Total, (&u64, &bool))| match found.total
        {
            Some(found) => found == *total,
            None => *may_be_closed,
        };
        let is_whole = self.totals.iter().all(|total| total.total.is_some());
        let is_known = |figure: &Figure| clear.figures.iter().any(|one| figure.is(one));
        self.totals.len() == clear.totals.len()
            && self.totals.iter().zip(expected).all(is_right)
            && self.figures.iter().all(is_known)
            && (!is_whole || self.figures.len() == clear.figures.len())
    }
}

impl Figure {
    /// Whether it is the figure in the clear.
    pub fn is(&self, clear: &ClearFigure) -> bool {
        (self.name.as_str(), self.row, &self.exact) == (clear.name, clear.row, &clear.exact)
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

    /// The verified totals and figures, contest by contest, then question by question over all
    /// groups; none of a rejected record.
    pub fn figures(&self) -> &[ContestFigures] {
        self.figures.as_deref().unwrap_or_default()
    }

    /// What the trustees signed together; none of a record whose election was not opened.
    pub fn joint(&self) -> Option<&Joint> {
        self.joint.as_ref()
    }

    /// Whether the verified totals and figures are those that must come out, of the same contests
    /// in the same order.
    pub fn matches(&self, expected: &[ClearContest]) -> bool {
        let found = self.figures();
        found.len() == expected.len()
            && found
                .iter()
                .zip(expected)
                .all(|(found, clear)| found.matches(clear))
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

    fn clear() -> Vec<ClearContest> {
        vec![ClearContest {
            id: "hours".to_owned(),
            ballots: 55,
            totals: vec![7, 3, 52],
            may_be_closed: vec![false, true, true],
            is_withheld: false,
            figures: vec![ClearFigure {
                name: "mean",
                row: None,
                exact: "7/55".to_owned(),
            }],
        }]
    }

    fn report(totals: [&str; 3], mean: &str) -> Report {
        let totals = totals.map(|total| format!(r#"{{"label": "", "total": {total}}}"#));
        let text = format!(
            r#"{{"verdict": "accepted", "checks": [
                {{"id": "a", "verdict": "ok", "count": 1}}, {{"id": "b", "verdict": "failed"}},
                {{"id": "c", "verdict": "not checked"}}], "figures": [
              {{"id": "hours", "kind": "number", "title": "Hours", "ballots": 55, "opened": true,
                "totals": [{}], "figures": [{mean}]}}]}}"#,
            totals.join(",")
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn only_the_totals_and_figures_in_the_clear_match() {
        let mean = r#"{"name": "mean", "value": "0.13", "exact": "7/55"}"#;
        assert!(report(["7", "3", "52"], mean).matches(&clear()));
        assert!(!report(["8", "3", "52"], mean).matches(&clear()));
        assert!(!report(["7", "3", "52"], &mean.replace("7/55", "7/54")).matches(&clear()));
        assert!(!report(["7", "3", "52"], "").matches(&clear()));
        assert!(!report(["7", "3", "52"], mean).matches(&[]));
        // What is closed takes figures with it, but only what is guarded may be closed.
        assert!(report(["7", "null", "null"], "").matches(&clear()));
        assert!(!report(["null", "3", "52"], mean).matches(&clear()));
        let mut withheld = clear();
        withheld[0].is_withheld = true;
        assert!(!report(["7", "3", "52"], mean).matches(&withheld));
    }

    #[test]
    fn checks_that_did_not_run_count_as_failed() {
        assert_eq!(report(["7", "3", "52"], "").failed(), ["b", "c"]);
    }
}
