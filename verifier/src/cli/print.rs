//! The report for people.

use super::plain::plain;
use std::io::{self, Write};
use verifier::{
    figures::ContestFigures,
    report::{Check, Decision, ElectionSummary, Report, Verdict, said},
};

/// Prints the report; quietly, only what failed and the verdict.
pub fn report(report: &Report, quiet: bool, to: &mut impl Write) -> io::Result<()> {
    if !quiet && let Some(election) = &report.election {
        self::election(election, to)?;
    }
    for check in &report.checks {
        if !quiet || check.verdict != Verdict::Ok {
            self::check(check, to)?;
        }
    }
    if !quiet {
        for note in &report.notes {
            writeln!(to, "note: {}", plain(note))?;
        }
        for contest in report.figures.iter().flatten() {
            self::contest(contest, to)?;
        }
        for said in said(report) {
            writeln!(to, "\n{}", said.heading)?;
            for sentence in &said.sentences {
                writeln!(to, "  {}", plain(sentence))?;
            }
            for (name, value) in &said.values {
                writeln!(to, "  {name:<12} {}", plain(value))?;
            }
        }
        writeln!(to)?;
    }
    let failed = report
        .checks
        .iter()
        .filter(|check| check.verdict != Verdict::Ok);
    match report.verdict {
        Decision::Accepted => writeln!(to, "ACCEPTED: all {} checks passed.", report.checks.len()),
        Decision::Rejected => writeln!(
            to,
            "REJECTED: {} of {} checks failed. Do not rely on any number of this record.",
            failed.count(),
            report.checks.len()
        ),
    }
}

fn election(election: &ElectionSummary, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "{}", plain(&election.title))?;
    writeln!(to, "  organiser    {}", plain(&election.organiser))?;
    writeln!(
        to,
        "  trustees     {} ({} of {} decrypt)",
        plain(&election.trustees.join(", ")),
        election.threshold,
        election.trustees.len()
    )?;
    writeln!(
        to,
        "  open         {} to {}",
        election.opens, election.closes
    )?;
    writeln!(to, "  board        {}", plain(&election.origin))?;
    if let Some(id) = &election.id {
        writeln!(to, "  election id  {id}")?;
    }
    writeln!(
        to,
        "  {} entries, {} voters on the roll, {} ballots cast, {} counted",
        election.entries, election.voters, election.ballots, election.counted
    )?;
    writeln!(to)
}

fn check(check: &Check, to: &mut impl Write) -> io::Result<()> {
    let verdict = match check.verdict {
        Verdict::Ok => "ok",
        Verdict::Failed => "FAILED",
        Verdict::NotChecked => "not checked",
    };
    writeln!(
        to,
        "{:22} {verdict:12} {:>9} {}",
        check.id, check.count, check.what
    )?;
    for failure in &check.failures {
        let reason = plain(&failure.reason);
        match failure.entry {
            Some(entry) => writeln!(to, "    entry {entry}: {reason}")?,
            None => writeln!(to, "    {reason}")?,
        }
    }
    let more = check
        .failure_count
        .saturating_sub(check.failures.len() as u64);
    if more > 0 {
        writeln!(to, "    and {more} more")?;
    }
    Ok(())
}

fn contest(contest: &ContestFigures, to: &mut impl Write) -> io::Result<()> {
    writeln!(to)?;
    write!(to, "{} ({} ballots", plain(&contest.title), contest.ballots)?;
    if let Some(group) = &contest.group {
        write!(to, ", group {}", plain(group))?;
    } else if contest.question.is_some() {
        write!(to, ", all groups")?;
    }
    writeln!(to, ")")?;
    if !contest.opened {
        return writeln!(to, "  withheld: fewer ballots than the manifest's minimum");
    }
    for total in &contest.totals {
        let count = total
            .total
            .map_or("closed".to_owned(), |count| count.to_string());
        let label = match (contest.kind, total.row) {
            ("matrix", Some(row)) => format!("row {}: {}", row + 1, total.label),
            _ => total.label.clone(),
        };
        writeln!(to, "  {count:>12}  {}", plain(&label))?;
    }
    for figure in &contest.figures {
        let row = figure
            .row
            .map_or(String::new(), |row| format!("row {}: ", row + 1));
        writeln!(to, "  {:>12}  {row}{}", figure.value, figure.name)?;
    }
    Ok(())
}
