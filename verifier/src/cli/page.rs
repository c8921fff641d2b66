//! The report as a page in a file.

use super::{could_not, progress::Bar, source::Source};
use std::{
    fs::OpenOptions,
    io::Write,
    path::Path,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};
use verifier::{
    checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint},
    html::Page,
    record::layout::CHECKPOINT,
    report::Decision,
};

/// Verifies a record and writes the report as a page into a new file.
pub fn write(record: &str, file: &Path) -> Result<ExitCode, String> {
    // Before the work, not after it.
    let mut output = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .map_err(|error| {
            format!(
                "could not make `{}`: {error}; name a file that does not exist yet",
                file.display()
            )
        })?;
    let bar = Bar::new();
    let written = Source::open(record, None, &bar).and_then(|source| {
        let record = source.record();
        let report = verifier::verify(record, super::seed()?, &bar);
        let manifest = verifier::manifest_of(record).ok();
        let root = record
            .read(CHECKPOINT, MAX_CHECKPOINT)
            .ok()
            .and_then(|note| UnverifiedCheckpoint::parse(&note).ok())
            .map(|checkpoint| checkpoint.root);
        let page = Page {
            report: &report,
            manifest: manifest.as_ref(),
            root: root.as_ref(),
            made: &now(),
        };
        output
            .write_all(page.to_string().as_bytes())
            .map_err(could_not("write the page"))?;
        Ok(report.verdict)
    });
    drop(bar);
    match written {
        Ok(Decision::Accepted) => {
            println!("ACCEPTED: the report is in {}.", file.display());
            Ok(ExitCode::SUCCESS)
        }
        Ok(Decision::Rejected) => {
            println!("REJECTED: the report is in {}.", file.display());
            Ok(ExitCode::from(1))
        }
        Err(error) => {
            // An empty page would only be in the way of the next try.
            let _ = std::fs::remove_file(file);
            Err(error)
        }
    }
}

fn now() -> String {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs());
    utc(seconds)
}

/// Date and time of the Gregorian calendar (Richards, 2013, the algorithm for days).
pub(super) fn utc(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let e = 4
        * (days + 2_440_588 + 1_401 + (((4 * (days + 2_440_588) + 274_277) / 146_097) * 3) / 4
            - 38)
        + 3;
    let h = 5 * ((e % 1_461) / 4) + 2;
    let day = (h % 153) / 5 + 1;
    let month = (h / 153 + 2) % 12 + 1;
    let year = e / 1_461 + (14 - month) / 12 - 4_716;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC",
        second / 3_600,
        second / 60 % 60
    )
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn seconds_become_dates() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_827_696, "2000-02-29 12:34 UTC"),
            (1_793_491_199, "2026-10-31 23:59 UTC"),
            (4_107_542_399, "2100-02-28 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(utc(seconds), expected);
        }
    }
}
