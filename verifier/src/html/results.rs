//! The results: totals with bars, tables of two questions, and figures.

use super::text::{Escaped, Foreign, Number, Share};
use crate::{
    figures::{ContestFigures, Figure, Total, categories},
    manifest::{Contest, ContestKind, Manifest},
};
use std::fmt::{Formatter, Result};

/// Says what every contest, and every question over its groups, came to.
pub(super) fn results(
    figures: &[ContestFigures],
    manifest: Option<&Manifest>,
    f: &mut Formatter<'_>,
) -> Result {
    writeln!(f, "<h2>Results</h2>")?;
    for of in figures {
        let contests = manifest.map_or(&[][..], |manifest| &manifest.contests);
        let asks = |contest: &&Contest| match &of.id {
            Some(id) => contest.id == *id,
            None => contest.of_group.as_ref().map(|(question, _)| question) == of.question.as_ref(),
        };
        let contest = contests.iter().find(asks);
        writeln!(f, "<section class=\"contest\">")?;
        writeln!(f, "<h3>{}</h3>", Foreign(&of.title))?;
        writeln!(f, "<p class=\"soft\">{}</p>", said(of, contest, manifest))?;
        if of.opened {
            match of.kind {
                "matrix" | "table" => grid(of, &names(contest, manifest), f)?,
                _ => totals(of, f)?,
            }
            self::figures(&of.figures, &names(contest, manifest), f)?;
        } else {
            writeln!(
                f,
                "<p>Withheld: fewer ballots were counted than the manifest demands before totals \
                 are opened.</p>"
            )?;
        }
        writeln!(f, "</section>")?;
    }
    writeln!(
        f,
        "<p class=\"soft\">Totals count each ballot with its voter\u{2019}s weight. A share is \
         of all that was given in the question; bars are drawn against its largest total. Closed \
         counts are small, or would give small ones away.</p>"
    )
}

/// How many were counted, and what was allowed.
fn said(of: &ContestFigures, contest: Option<&Contest>, manifest: Option<&Manifest>) -> String {
    let mut said = String::new();
    let groups = manifest.map_or(&[][..], |manifest| &manifest.groups);
    let group = groups
        .iter()
        .find(|group| of.group.as_ref() == Some(&group.id));
    if let (Some(group), Some(manifest)) = (group, manifest) {
        said += &format!("Group: {}. ", Foreign(manifest.text(&group.title)));
    } else if of.question.is_some() {
        said += "All groups together. ";
    }
    let ballots = if of.ballots == 1 { "ballot" } else { "ballots" };
    said += &format!("{} {ballots} counted.", Number(of.ballots));
    if let Some(contest) = contest {
        said += &allowed(contest);
    }
    said
}

fn allowed(contest: &Contest) -> String {
    let blank = if contest.blank() {
        ", or a blank answer"
    } else {
        ""
    };
    match &contest.kind {
        ContestKind::Options(options) => {
            let rule = match (options.min, options.max) {
                (1, 1) => "1".to_owned(),
                (min, max) if min == max => format!("exactly {max}"),
                (min, max) => format!("{min} to {max}"),
            };
            let of_one = match options.max_per_option {
                1 => String::new(),
                most => format!(", at most {most} for one option"),
            };
            let what = match (options.max_per_option, options.max) {
                (1, 1) => "choice",
                (1, _) => "choices",
                _ => "points",
            };
            format!(" Allowed: {rule} {what}{of_one}{blank}.")
        }
        ContestKind::Matrix(_) => format!(" Allowed: 1 choice in each row{blank}."),
        ContestKind::Number(_) => format!(" Allowed: a number{blank}."),
        ContestKind::Product(_) | ContestKind::Table(_) => {
            " Counted from the answers to two questions.".to_owned()
        }
    }
}

/// The names of a grid's rows and columns.
fn names(contest: Option<&Contest>, manifest: Option<&Manifest>) -> [Vec<String>; 2] {
    let (Some(contest), Some(manifest)) = (contest, manifest) else {
        return [Vec::new(), Vec::new()];
    };
    match &contest.kind {
        ContestKind::Matrix(matrix) => [&matrix.rows, &matrix.options].map(|of| {
            let labels = of.iter().map(|of| manifest.text(&of.label).to_owned());
            labels.collect()
        }),
        ContestKind::Table(of) => of.map(|of| categories(manifest, of)),
        _ => [Vec::new(), Vec::new()],
    }
}

fn name(names: &[String], index: usize) -> String {
    match names.get(index) {
        Some(name) => Foreign(name).to_string(),
        // The blank of a row of a matrix, or a manifest that is not there.
        None if index == names.len() && index > 0 => "<em>Blank answer</em>".to_owned(),
        None => (index + 1).to_string(),
    }
}

fn total(of: Option<u64>) -> String {
    of.map_or_else(|| "closed".to_owned(), |total| Number(total).to_string())
}

/// Totals of positions with bars. A sum of values is no count, and has none.
fn totals(of: &ContestFigures, f: &mut Formatter<'_>) -> Result {
    let is_count = |total: &Total| {
        of.kind != "product"
            && (of.kind != "number" || total.from.is_some() || total.label == "blank")
    };
    let counts = || of.totals.iter().filter(|total| is_count(total));
    let given = || counts().filter_map(|total| total.total);
    let sum = given().fold(0_u64, u64::saturating_add);
    let largest = given().max().unwrap_or_default();
    let is_whole = counts().all(|total| total.total.is_some());
    writeln!(
        f,
        "<table>\n<thead><tr><th scope=\"col\">Answer</th><th scope=\"col\" class=\"number\">Total</th>\
         <th scope=\"col\" class=\"number\">Share</th></tr></thead>\n<tbody>"
    )?;
    let n_options = of.totals.len();
    for (index, row) in of.totals.iter().enumerate() {
        let is_blank = row.label == "blank" && (of.kind == "number" || index + 1 == n_options);
        write!(f, "<tr><th scope=\"row\">")?;
        match is_blank {
            true => write!(f, "<em>Blank answer</em>")?,
            false => write!(f, "{}", Foreign(&row.label))?,
        }
        let count = row.total.filter(|_| is_count(row));
        if let Some(count) = count.filter(|count| *count > 0) {
            write!(
                f,
                "<svg class=\"bar\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"{}\" \
                 height=\"80%\"/></svg>",
                Share(count, largest.saturating_add(largest / 80))
            )?;
        }
        write!(
            f,
            "</th><td class=\"number\">{}</td><td class=\"number\">",
            total(row.total)
        )?;
        if let Some(count) = count.filter(|_| is_whole) {
            write!(f, "{}", Share(count, sum))?;
        }
        writeln!(f, "</td></tr>")?;
    }
    writeln!(f, "</tbody>\n</table>")
}

/// Counts by row and column.
fn grid(of: &ContestFigures, [rows, columns]: &[Vec<String>; 2], f: &mut Formatter<'_>) -> Result {
    let n_columns = of.totals.iter().filter_map(|total| total.column).max();
    write!(f, "<table>\n<thead><tr><td></td>")?;
    for column in 0..n_columns.map_or(0, |last| last + 1) {
        let name = name(columns, column);
        write!(f, "<th scope=\"col\" class=\"number\">{name}</th>")?;
    }
    writeln!(f, "</tr></thead>\n<tbody>")?;
    let n_rows = of.totals.iter().filter_map(|total| total.row).max();
    for row in 0..n_rows.map_or(0, |last| last + 1) {
        write!(f, "<tr><th scope=\"row\">{}</th>", name(rows, row))?;
        for cell in of.totals.iter().filter(|cell| cell.row == Some(row)) {
            write!(f, "<td class=\"number\">{}</td>", total(cell.total))?;
        }
        writeln!(f, "</tr>")?;
    }
    writeln!(f, "</tbody>\n</table>")
}

fn figures(figures: &[Figure], [rows, _]: &[Vec<String>; 2], f: &mut Formatter<'_>) -> Result {
    if figures.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "<table>\n<thead><tr><th scope=\"col\">Figure</th><th scope=\"col\" class=\"number\">Value</th>\
         </tr></thead>\n<tbody>"
    )?;
    for figure in figures {
        write!(f, "<tr><th scope=\"row\">")?;
        if let Some(row) = figure.row {
            write!(f, "{}: ", name(rows, row))?;
        }
        writeln!(
            f,
            "{}</th><td class=\"number\">{}</td></tr>",
            Escaped(figure.name),
            Escaped(&figure.value)
        )?;
    }
    writeln!(f, "</tbody>\n</table>")
}
