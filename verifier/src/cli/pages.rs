//! Comparing the pages of a server.

use super::{plain::plain, source::Source};
use std::process::ExitCode;
use verifier::{
    pages::{PagesError, compare},
    progress::Silent,
    report::{ElectionSummary, Report, Verdict},
};

/// Verifies the record as far as the opening, then compares the pages with its booth digest.
pub fn pages(url: &str) -> Result<ExitCode, String> {
    let url = url.trim_end_matches('/');
    let (origin, uuid) = url
        .rsplit_once("/e/")
        .filter(|(origin, _)| origin.starts_with("http"))
        .ok_or("give the address of the board: https://host/e/<uuid>")?;
    let source = Source::open(url, None, &Silent)?;
    let report = verifier::verify(source.record(), super::seed()?, &Silent);
    let Some(election) = opening(&report) else {
        println!(
            "NOT COMPARED: the record has faults; `verifier verify {}` names them.",
            plain(url)
        );
        return Ok(ExitCode::from(1));
    };
    if election.uuid != uuid {
        println!(
            "NOT COMPARED: the record is of another election, {}.",
            plain(&election.uuid)
        );
        return Ok(ExitCode::from(1));
    }
    let booth = election
        .booth
        .as_deref()
        .ok_or("the election is not open yet, so it names no pages; try again later")?;
    if booth.bytes().all(|digit| digit == b'0') {
        return Err(
            "the opening names no pages; ask the organiser which are the right ones".to_owned(),
        );
    }
    match compare(origin, uuid, booth) {
        Ok(files) => {
            println!(
                "THE SAME: {files} files, plain and compressed, are those of the list that the opening names."
            );
            println!("The list has the hash {booth}.");
            println!(
                "This is what the server sent to this program now; it can send others something else."
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ PagesError::Fetch { .. }) => Err(error.to_string()),
        Err(error) => {
            println!("OTHER PAGES: {}.", plain(&error.to_string()));
            println!("Do not vote with them; tell the organiser and a trustee.");
            Ok(ExitCode::from(1))
        }
    }
}

/// The election, if nothing is wrong but what only comes after voting.
fn opening(report: &Report) -> Option<&ElectionSummary> {
    let is_late = |id: &str| {
        ["close.", "shares.", "result."]
            .iter()
            .any(|group| id.starts_with(group))
    };
    let is_open = report
        .election
        .as_ref()
        .is_some_and(|election| election.id.is_some());
    let sound = report.checks.iter().all(|check| {
        check.verdict == Verdict::Ok
            || is_late(check.id)
            || (!is_open && check.verdict == Verdict::NotChecked)
    });
    report.election.as_ref().filter(|_| sound)
}
