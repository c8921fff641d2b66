//! Figures as files: `figures.json` and `figures.csv` (docs/spec/figures.md, "Export").

use super::{ContestFigures, Total};
use crate::manifest::Manifest;
use serde::Serialize;

/// How spreadsheets recognise a formula, after white space or without.
const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// White space that itself makes some of them look closer.
const BREAKS: [char; 2] = ['\t', '\r'];

/// `figures.json`.
#[derive(Serialize)]
struct File<'a> {
    psephos: u8,
    kind: &'static str,
    election: &'a str,
    title: &'a str,
    contests: &'a [ContestFigures],
}

/// `figures.json`. `election` is the election id in hexadecimal.
#[must_use]
pub fn json(manifest: &Manifest, election: &str, figures: &[ContestFigures]) -> String {
    let file = File {
        psephos: 3,
        kind: "figures",
        election,
        title: manifest.text(&manifest.title),
        contests: figures,
    };
    // Strings and integers are always written.
    serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
}

/// `figures.csv`.
#[must_use]
pub fn csv(figures: &[ContestFigures]) -> String {
    let mut lines = line(&[
        "contest", "group", "row", "column", "label", "total", "figure", "value",
    ]);
    for contest in figures {
        let name = contest.id.as_ref().or(contest.question.as_ref());
        let name = &text(name.map_or("", String::as_str));
        let group = &text(contest.group.as_deref().unwrap_or_default());
        if !contest.opened {
            lines += &line(&[name, group, "", "", "", "withheld", "", ""]);
        }
        for Total {
            label,
            row,
            column,
            total,
            ..
        } in &contest.totals
        {
            lines += &line(&[
                name,
                group,
                &index(*row),
                &index(*column),
                &text(label),
                &total.map_or_else(|| "closed".to_owned(), |total| total.to_string()),
                "",
                "",
            ]);
        }
        for figure in &contest.figures {
            lines += &line(&[
                name,
                group,
                &index(figure.row),
                "",
                "",
                "",
                figure.name,
                &figure.value,
            ]);
        }
    }
    lines
}

fn index(index: Option<usize>) -> String {
    index.map_or_else(String::new, |index| index.to_string())
}

/// A text that no spreadsheet takes for a formula.
fn text(text: &str) -> String {
    match text.trim_start().starts_with(FORMULA) || text.starts_with(BREAKS) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// A line of RFC 4180.
fn line(fields: &[&str]) -> String {
    let quoted = fields
        .iter()
        .map(|field| match field.contains([',', '"', '\r', '\n']) {
            true => format!("\"{}\"", field.replace('"', "\"\"")),
            false => (*field).to_owned(),
        });
    quoted.collect::<Vec<_>>().join(",") + "\r\n"
}
