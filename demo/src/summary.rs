//! What is said at the end: what trustees signed, and one JSON object.

use std::fmt::Write as _;

use serde::Serialize;

use crate::audit::{Lots, Report};

/// How long the parts took.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Seconds {
    /// All trustees make the election key.
    pub ceremony: f64,
    /// Voters' devices encrypt and prove every ballot.
    pub encrypt: f64,
    /// The ballot box takes every ballot, and every receipt is checked.
    pub cast: f64,
    /// The close, and every trustee verifies all ballots and adds them up.
    pub tally: f64,
    /// The threshold of trustees decrypts, and the organiser publishes.
    pub decrypt: f64,
    /// The trustees seal the result, and the organiser writes the record.
    pub seal: f64,
    /// The verifier checks the record.
    pub verify: f64,
    /// Everything, from the start of the server on.
    pub total: f64,
}

/// The outcome, as it is printed for programs.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// How many ballots were cast, superseded ones included.
    pub ballots: usize,
    /// How many of them have a receipt that holds and that the record keeps.
    pub accepted: usize,
    /// Whether the verifier accepted the record.
    pub verified: bool,
    /// The checks that did not pass.
    pub failed_checks: Vec<String>,
    /// Whether every total and figure is the one that must come out.
    pub totals_match: bool,
    /// How many trustees sealed the result.
    pub sealed_by: usize,
    /// How long the parts took.
    pub seconds: Seconds,
    /// Bytes of all files of the record.
    pub record_bytes: u64,
    /// Where the record is.
    pub record: String,
}

impl Outcome {
    /// Whether everything is as it must be.
    pub fn is_success(&self) -> bool {
        self.verified && self.totals_match && self.accepted == self.ballots
    }
}

/// What the trustees signed together, in words; `trustees` is how many there are.
pub fn signatures(report: &Report, trustees: u16) -> String {
    let Some(joint) = report.joint() else {
        return "Nothing is signed by the trustees together.\n".to_owned();
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = match &joint.beacon.audit_seed {
        Some(seed) => writeln!(
            text,
            "Public randomness, signed by {}: audit seed {seed}",
            named(&joint.beacon.by)
        ),
        None => writeln!(
            text,
            "No public randomness: beacons are there of {} only",
            named(&joint.beacon.by)
        ),
    };
    let _ = match &joint.beacon.lots {
        Some(lots) => writeln!(text, "Lots for equal totals are drawn: {}", in_order(lots)),
        None => writeln!(text, "No lots: they need a beacon of every trustee"),
    };
    let seal = joint.seal.as_ref();
    let by = seal.map(|seal| seal.by.as_slice()).unwrap_or_default();
    let _ = match seal.is_some_and(|seal| seal.signature.is_some()) {
        true => writeln!(
            text,
            "Sealed by {} of {trustees} trustees: {}",
            by.len(),
            named(by)
        ),
        false => writeln!(
            text,
            "Not sealed: {} of {trustees} trustees sealed",
            by.len()
        ),
    };
    text
}

/// The option that comes first, then the others, by their numbers from 1; of contests with options.
fn in_order(lots: &[Lots]) -> String {
    let order = |lots: &Lots| {
        let numbers = lots.order.iter().map(|option| (option + 1).to_string());
        let numbers: Vec<String> = numbers.collect();
        format!("{} in the order {}", lots.contest, numbers.join(" "))
    };
    let with_options = lots.iter().filter(|lots| !lots.order.is_empty());
    with_options.map(order).collect::<Vec<_>>().join("; ")
}

/// Trustees by their names, which here are numbers.
fn named(trustees: &[u16]) -> String {
    match trustees {
        [] => "nobody".to_owned(),
        some => some
            .iter()
            .map(|number| format!("Trustee {number}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_together_is_said_in_words() {
        let said = |joint: &str| {
            let report = format!(r#"{{"verdict": "accepted", "checks": [], "joint": {joint}}}"#);
            signatures(&serde_json::from_str(&report).unwrap(), 3)
        };
        let all = said(
            r#"{"beacon": {"by": [1, 2, 3], "audit_seed": "5eed", "lots": [{"contest": "pay", "order": []}, {"contest": "chair", "order": [1, 0]}]},
                "seal": {"by": [2, 3], "signature": "516e"}}"#,
        );
        assert_eq!(
            all,
            "Public randomness, signed by Trustee 1, Trustee 2, Trustee 3: audit seed 5eed\n\
             Lots for equal totals are drawn: chair in the order 2 1\n\
             Sealed by 2 of 3 trustees: Trustee 2, Trustee 3\n"
        );
        let few = said(
            r#"{"beacon": {"by": [3], "audit_seed": null, "lots": null}, "seal": {"by": [3], "signature": null}}"#,
        );
        assert!(
            few.contains("No public randomness") && few.contains("No lots"),
            "{few}"
        );
        assert!(few.contains("Not sealed: 1 of 3"), "{few}");
    }

    #[test]
    fn success_needs_every_part() {
        let good = Outcome {
            ballots: 2,
            accepted: 2,
            verified: true,
            failed_checks: Vec::new(),
            totals_match: true,
            sealed_by: 2,
            seconds: Seconds::default(),
            record_bytes: 1,
            record: String::new(),
        };
        assert!(good.is_success());
        let worse = |change: fn(&mut Outcome)| {
            let mut outcome = good.clone();
            change(&mut outcome);
            outcome.is_success()
        };
        assert!(!worse(|outcome| outcome.accepted = 1));
        assert!(!worse(|outcome| outcome.verified = false));
        assert!(!worse(|outcome| outcome.totals_match = false));
    }
}
