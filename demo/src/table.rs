//! The verified results as they are shown at the end: totals with bars, and figures in words.

use std::fmt::Write as _;

use crate::audit::{ContestFigures, Figure, Report, Total};
use crate::clear::ClearContest;

const LABEL: usize = 44;
const BAR: usize = 28;
/// Totals from which figures are computed, and which say nothing by themselves.
const SUMS: [&str; 3] = ["sum of values", "sum of squares", "sum of products"];

/// The verified totals and figures; wrong ones stand beside those that must come out.
pub fn table(report: &Report, expected: &[ClearContest]) -> String {
    let mut text = String::new();
    let nothing = ClearContest::default();
    let mut expected = expected.iter();
    for contest in report.figures() {
        describe(&mut text, contest, expected.next().unwrap_or(&nothing));
    }
    text
}

// Writing to a string cannot fail.
fn describe(text: &mut String, contest: &ContestFigures, clear: &ClearContest) {
    let group = match (&contest.group, contest.is_over_groups()) {
        (Some(group), _) => format!(", group {group}"),
        (None, true) => ", all groups".to_owned(),
        (None, false) => String::new(),
    };
    let _ = writeln!(
        text,
        "\n{}{group} ({} ballots)",
        contest.title, contest.ballots
    );
    if !contest.opened {
        let _ = writeln!(text, "  not opened: too few ballots");
        return;
    }
    let counts = || {
        contest
            .totals
            .iter()
            .filter(|total| !is_sum(contest, total))
    };
    let largest = counts()
        .filter_map(|total| total.total)
        .max()
        .unwrap_or(0)
        .max(1);
    for (place, total) in contest.totals.iter().enumerate() {
        let wrong = match (total.total, clear.totals.get(place)) {
            (Some(found), Some(right)) if found == *right => String::new(),
            (None, Some(_)) if clear.may_be_closed.get(place) == Some(&true) => String::new(),
            (_, right) => format!(
                "  WRONG: must be {}",
                right.map_or("absent".to_owned(), u64::to_string)
            ),
        };
        if is_sum(contest, total) && wrong.is_empty() {
            continue;
        }
        let label = match (contest.kind.as_str(), total.row) {
            ("matrix", Some(row)) => format!("{}. {}", row + 1, total.label),
            _ => total.label.clone(),
        };
        let count = total
            .total
            .map_or("closed".to_owned(), |total| total.to_string());
        let length = total.total.unwrap_or(0).min(largest) * BAR as u64 / largest;
        let bar = "█".repeat(usize::try_from(length).unwrap_or(BAR));
        let line = format!("  {:<LABEL$} {count:>8}  {bar}", short(&label));
        let _ = writeln!(text, "{}{wrong}", line.trim_end());
    }
    let mut rows: Vec<Option<usize>> = contest.figures.iter().map(|figure| figure.row).collect();
    rows.dedup();
    for row in rows {
        let of_row = contest.figures.iter().filter(|figure| figure.row == row);
        let figures: Vec<String> = of_row.map(|figure| said(figure, clear)).collect();
        let row = row.map_or_else(String::new, |row| format!("{}. ", row + 1));
        let _ = writeln!(text, "  {row}{}", figures.join(", "));
    }
}

fn is_sum(contest: &ContestFigures, total: &Total) -> bool {
    let has_sums = matches!(contest.kind.as_str(), "number" | "product");
    has_sums && SUMS.contains(&total.label.as_str())
}

fn said(figure: &Figure, clear: &ClearContest) -> String {
    let verdict = match clear.figures.iter().any(|right| figure.is(right)) {
        true => "",
        false => " (WRONG)",
    };
    format!("{} {}{verdict}", figure.name, figure.value)
}

/// A label on one line of the table.
fn short(label: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    if label.chars().count() <= LABEL {
        return label.chars().map(plain).collect();
    }
    let head: String = label.chars().take(LABEL - 1).map(plain).collect();
    head + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clear::ClearFigure;

    #[test]
    fn the_table_shows_bars_and_figures_and_names_what_is_wrong() {
        let report = r#"{"verdict": "accepted", "checks": [], "figures": [
            {"id": "chair", "kind": "choices", "title": "Who?", "ballots": 17, "opened": true, "figures": [],
             "totals": [{"label": "Ada", "total": 5}, {"label": "Bo", "total": 10}, {"label": "Cy", "total": 0},
               {"label": "Di", "total": null}, {"label": "blank", "total": 3}]},
            {"id": "hours", "kind": "number", "title": "Hours", "ballots": 17, "opened": true,
             "totals": [{"label": "sum of values", "total": 70}],
             "figures": [{"name": "sum", "value": "70", "exact": "70/1"}, {"name": "mean", "value": "4.12", "exact": "70/17"}]},
            {"id": "few", "kind": "number", "group": "east", "title": "Few", "ballots": 2, "opened": false, "totals": [], "figures": []}]}"#;
        let figure = |name, exact: &str| ClearFigure {
            name,
            row: None,
            exact: exact.to_owned(),
        };
        let expected = [
            ClearContest {
                totals: vec![5, 10, 0, 1, 2],
                may_be_closed: vec![false, false, false, true, false],
                ..ClearContest::default()
            },
            ClearContest {
                totals: vec![70],
                figures: vec![figure("sum", "70/1"), figure("mean", "71/17")],
                ..ClearContest::default()
            },
        ];
        let table = table(&serde_json::from_str(report).unwrap(), &expected);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[1], "Who? (17 ballots)");
        assert!(
            lines[2].ends_with(&format!("5  {}", "█".repeat(BAR / 2))),
            "{table}"
        );
        assert!(lines[3].ends_with(&"█".repeat(BAR)), "{table}");
        assert!(lines[4].ends_with(" 0"), "{table}");
        assert!(lines[5].ends_with(" closed"), "{table}");
        assert!(lines[6].contains("blank") && lines[6].ends_with("WRONG: must be 2"));
        assert_eq!(
            lines[8..10],
            ["Hours (17 ballots)", "  sum 70, mean 4.12 (WRONG)"]
        );
        assert_eq!(
            lines[11..],
            [
                "Few, group east (2 ballots)",
                "  not opened: too few ballots"
            ]
        );
    }

    #[test]
    fn long_labels_are_cut_at_characters() {
        assert_eq!(short("Zażółć\ngęślą"), "Zażółć gęślą");
        let cut = short(&"ż".repeat(100));
        assert_eq!(cut.chars().count(), LABEL);
        assert!(cut.ends_with("ż…"));
    }
}
