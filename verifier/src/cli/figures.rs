//! Figures as files for spreadsheets and programs.

use super::{could_not, seed, source::Source};
use std::{
    io::{self, Write},
    process::ExitCode,
};
use verifier::{
    figures::{csv, json},
    progress::Silent,
    report::Decision,
};

/// Verifies a record, and prints what is computed from its result.
pub fn figures(record: &str, as_csv: bool) -> Result<ExitCode, String> {
    let source = Source::open(record, None, &Silent)?;
    let report = verifier::verify(source.record(), seed()?, &Silent);
    let election = report.election.as_ref();
    let id = election.and_then(|election| election.id.as_deref());
    let (Decision::Accepted, Some(figures), Some(id)) = (report.verdict, &report.figures, id)
    else {
        eprintln!("The record is rejected, so it has no figures: run `verifier verify`.");
        return Ok(ExitCode::from(1));
    };
    let text = match as_csv {
        true => csv(figures),
        false => json(&verifier::manifest_of(source.record())?, id, figures),
    };
    io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .map_err(could_not("write the figures"))?;
    Ok(ExitCode::SUCCESS)
}
