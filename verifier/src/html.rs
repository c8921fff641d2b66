//! The report as one page: for people, for paper, and to put beside the record.
//!
//! The page runs nothing and asks for nothing: no script, no picture, no font from elsewhere, and
//! a policy that forbids them. What the election's own texts say is shown, never obeyed.

mod results;
#[cfg(test)]
mod tests;
mod text;

use crate::{
    log::Hash,
    manifest::Manifest,
    report::{Check, Decision, ElectionSummary, Report, Said, Verdict, said},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};
use std::fmt::{Display, Formatter, Result};
use text::{Escaped, Foreign, Instant, Number, Share};

const STYLE: &str = include_str!("html/style.css");

/// A report with what the page shows beside it.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The report.
    pub report: &'a Report,
    /// The manifest, if there is one.
    pub manifest: Option<&'a Manifest>,
    /// The root of the log, as the checkpoint has it.
    pub root: Option<&'a Hash>,
    /// When the report was made.
    pub made: &'a str,
}

impl Display for Page<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let election = self.report.election.as_ref();
        let title = election.map_or("Election", |election| &election.title);
        let accepted = self.report.verdict == Decision::Accepted;
        // The only style is the one of this hash.
        let style = STANDARD.encode(Sha256::digest(STYLE));
        let word = if accepted { "Accepted" } else { "REJECTED" };
        writeln!(
            f,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{word}: {}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
            Escaped(title)
        )?;
        self.verdict(f)?;
        match election {
            Some(election) => writeln!(f, "<h1>{}</h1>", Foreign(&election.title))?,
            None => writeln!(f, "<h1>An election whose manifest cannot be read</h1>")?,
        }
        if let Some(election) = election {
            writeln!(
                f,
                "<p class=\"soft\">Organised by {}. Open from {} to {}.</p>",
                Foreign(&election.organiser),
                Instant(&election.opens),
                Instant(&election.closes)
            )?;
        }
        // Numbers of a rejected record are nobody's.
        if let (true, Some(figures)) = (accepted, &self.report.figures) {
            results::results(figures, self.manifest, f)?;
            if let Some(election) = election {
                turnout(election, f)?;
            }
            for said in said(self.report) {
                beside(&said, f)?;
            }
        }
        // What is wrong comes first.
        if !accepted {
            self.checks(f)?;
        }
        if let Some(election) = election {
            self.election(election, f)?;
        }
        if accepted {
            self.checks(f)?;
        }
        self.meaning(f)?;
        writeln!(
            f,
            "<footer class=\"soft\"><p>Made on {} by <code>verifier</code> {} of Psephos. Whoever \
             has the record can make this page again: <code>verifier report RECORD --out \
             FILE.html</code>.</p></footer>\n</body>\n</html>",
            Escaped(self.made),
            Escaped(self.report.version)
        )
    }
}

impl Page<'_> {
    fn verdict(&self, f: &mut Formatter<'_>) -> Result {
        let checks = &self.report.checks;
        let failed = checks.iter().filter(|check| check.verdict != Verdict::Ok);
        match self.report.verdict {
            Decision::Accepted => writeln!(
                f,
                "<p class=\"verdict accepted\"><strong>ACCEPTED</strong> All {} checks of the \
                 election record passed.</p>",
                checks.len()
            ),
            Decision::Rejected => writeln!(
                f,
                "<p class=\"verdict rejected\" role=\"alert\"><strong>REJECTED</strong> {} of {} \
                 checks of the election record failed. Do not rely on any number of this record; \
                 this page shows none.</p>",
                failed.count(),
                checks.len()
            ),
        }
    }

    fn election(&self, election: &ElectionSummary, f: &mut Formatter<'_>) -> Result {
        writeln!(f, "<h2>Election</h2>")?;
        if self.report.verdict == Decision::Rejected {
            writeln!(f, "<p>As the record has it; none of this is confirmed.</p>")?;
        }
        writeln!(f, "<dl>")?;
        writeln!(
            f,
            "<dt>Organiser</dt><dd>{}</dd>",
            Foreign(&election.organiser)
        )?;
        writeln!(
            f,
            "<dt>Trustees</dt><dd>{} of {} decrypt<ol>",
            election.threshold,
            election.trustees.len()
        )?;
        for trustee in &election.trustees {
            writeln!(f, "<li>{}</li>", Foreign(trustee))?;
        }
        writeln!(f, "</ol></dd>")?;
        let id = election.id.as_deref().unwrap_or("none: never opened");
        let row = |f: &mut Formatter<'_>, name: &str, value: &str| {
            writeln!(
                f,
                "<dt>{name}</dt><dd class=\"code\">{}</dd>",
                Escaped(value)
            )
        };
        row(f, "Election id", id)?;
        row(f, "Manifest id", &election.manifest)?;
        for (what, time) in [("Opens", &election.opens), ("Closes", &election.closes)] {
            writeln!(f, "<dt>{what}</dt><dd>{}</dd>", Instant(time))?;
        }
        row(f, "Board", &election.origin)?;
        if let Some(manifest) = self.manifest {
            row(f, "Board key", &hex::encode(manifest.board_key))?;
        }
        row(f, "Entries", &election.entries.to_string())?;
        if let Some(root) = self.root {
            row(f, "Root of the log", &hex::encode(root))?;
        }
        writeln!(f, "</dl>")
    }

    fn checks(&self, f: &mut Formatter<'_>) -> Result {
        writeln!(
            f,
            "<h2>Checks</h2>\n<table class=\"checks\">\n<thead><tr><th scope=\"col\">Check</th>\
             <th scope=\"col\">Verdict</th><th scope=\"col\">What was looked at</th></tr></thead>\n<tbody>"
        )?;
        let (passed, failed): (Vec<&Check>, Vec<&Check>) = self
            .report
            .checks
            .iter()
            .partition(|check| check.verdict == Verdict::Ok);
        for check in failed.into_iter().chain(passed) {
            self::check(check, f)?;
        }
        writeln!(f, "</tbody>\n</table>")?;
        if !self.report.notes.is_empty() {
            writeln!(f, "<h2>Notes</h2>\n<ul>")?;
            for note in &self.report.notes {
                writeln!(f, "<li>{}</li>", Escaped(note))?;
            }
            writeln!(f, "</ul>")?;
        }
        Ok(())
    }

    fn meaning(&self, f: &mut Formatter<'_>) -> Result {
        let text = match self.report.verdict {
            Decision::Accepted => {
                "The totals are those of exactly the last valid ballot of every voter on this \
                 board; each ballot holds only what its question allows, and is by a credential \
                 of the roll. It does not say that the roll lists the right people, that the \
                 server kept every ballot it was sent, or that voters\u{2019} devices encrypted \
                 what they were told. Compare the election id above with the one that voters and \
                 trustees see, and check receipts against this record."
            }
            Decision::Rejected => {
                "This record does not show what happened in the election. Another copy of it may \
                 be sound: fetch it again, from the organiser and from somebody else. If that one \
                 is rejected as well, the organiser must explain the failed checks."
            }
        };
        writeln!(f, "<h2>What this means</h2>\n<p>{text}</p>")
    }
}

fn turnout(election: &ElectionSummary, f: &mut Formatter<'_>) -> Result {
    let superseded = election.ballots.saturating_sub(election.counted);
    writeln!(f, "<h2>Turnout</h2>\n<table>\n<tbody>")?;
    for (what, number) in [
        ("Voters on the roll", election.voters),
        ("Ballots cast", election.ballots),
        ("Superseded by a later ballot of the same voter", superseded),
        (
            "Ballots that count, one per voter who voted",
            election.counted,
        ),
    ] {
        writeln!(
            f,
            "<tr><th scope=\"row\">{what}</th><td class=\"number\">{}</td></tr>",
            Number(number)
        )?;
    }
    writeln!(
        f,
        "<tr><th scope=\"row\">Turnout</th><td class=\"number\">{}</td></tr>\n</tbody>\n</table>",
        Share(election.counted, election.voters)
    )
}

/// What stands beside the verdict.
fn beside(said: &Said, f: &mut Formatter<'_>) -> Result {
    writeln!(f, "<h2>{}</h2>", said.heading)?;
    for sentence in &said.sentences {
        writeln!(f, "<p>{}</p>", Foreign(sentence))?;
    }
    if said.values.is_empty() {
        return Ok(());
    }
    writeln!(f, "<dl>")?;
    for (name, value) in &said.values {
        let value = Escaped(value);
        writeln!(f, "<dt>{name}</dt><dd class=\"code\">{value}</dd>")?;
    }
    writeln!(f, "</dl>")
}

fn check(check: &Check, f: &mut Formatter<'_>) -> Result {
    let verdict = match check.verdict {
        Verdict::Ok => "ok",
        Verdict::Failed => "<span class=\"bad\">FAILED</span>",
        Verdict::NotChecked => "<span class=\"bad\">not checked</span>",
    };
    write!(
        f,
        "<tr><th scope=\"row\"><code>{}</code></th><td>{verdict}</td><td class=\"what\">{} {}",
        Escaped(check.id),
        Number(check.count),
        Escaped(check.what)
    )?;
    if !check.failures.is_empty() {
        write!(f, "<ul class=\"failures\">")?;
        for failure in &check.failures {
            match failure.entry {
                Some(entry) => write!(f, "<li>entry {entry}: {}</li>", Escaped(&failure.reason))?,
                None => write!(f, "<li>{}</li>", Escaped(&failure.reason))?,
            }
        }
        let more = check
            .failure_count
            .saturating_sub(check.failures.len() as u64);
        if more > 0 {
            write!(f, "<li>and {} more</li>", Number(more))?;
        }
        write!(f, "</ul>")?;
    }
    writeln!(f, "</td></tr>")
}
