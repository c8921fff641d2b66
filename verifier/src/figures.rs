//! Figures: what is computed from a result (docs/spec/figures.md). Everything is exact until it
//! is rounded, once.

mod export;
mod fraction;
mod statistics;

pub use export::{csv, json};

use crate::{
    entry::body::ContestTotals,
    manifest::{Contest, ContestKind, ContestOption, Manifest, Number},
};
use num_bigint::BigInt;
use serde::Serialize;
use statistics::Sums;

/// The totals and figures of a contest, or of a question over all groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContestFigures {
    /// The contest's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The question's id, where this is the sum over its groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The group's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The kind of the contest.
    pub kind: &'static str,
    /// Its title in the manifest's language.
    pub title: String,
    /// How many ballots were counted.
    pub ballots: u64,
    /// Their weight.
    pub weight: u64,
    /// Whether the totals are published.
    pub opened: bool,
    /// The totals of its positions, in order; empty if withheld.
    pub totals: Vec<Total>,
    /// The figures that exist.
    pub figures: Vec<Figure>,
}

/// The total of a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Total {
    /// What it counts.
    pub label: String,
    /// The row of a matrix or table, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The column, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The least answer of a bucket, in units of 10^-decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// The greatest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    /// The total; none if it is closed.
    pub total: Option<u64>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Its name.
    pub name: &'static str,
    /// The row of a matrix, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The rounded decimal.
    pub value: String,
    /// The fraction; of a standard deviation or a correlation that of its square, with its sign.
    pub exact: String,
}

/// The figures of every contest, in the order of the manifest, then of every question over its
/// groups. Totals are as in the result; those that do not fit the manifest are left out.
#[must_use]
pub fn figures(manifest: &Manifest, totals: &[ContestTotals]) -> Vec<ContestFigures> {
    let sums: Vec<Sums> = manifest
        .contests
        .iter()
        .zip(totals)
        .map(|(contest, totals)| Sums::of(contest, totals))
        .collect();
    let mut figures = Vec::new();
    let mut questions: Vec<(&str, Vec<usize>)> = Vec::new();
    for (number, contest) in manifest.contests.iter().enumerate() {
        let of_group = contest.of_group.as_ref();
        let group = of_group.and_then(|(_, group)| manifest.groups.get(*group));
        figures.extend(
            describe(manifest, &[number], &sums).map(|described| ContestFigures {
                id: Some(contest.id.clone()),
                group: group.map(|group| group.id.clone()),
                ..described
            }),
        );
        if let Some((question, _)) = of_group {
            match questions.iter_mut().find(|(other, _)| other == question) {
                Some((_, asked)) => asked.push(number),
                None => questions.push((question, vec![number])),
            }
        }
    }
    for (question, asked) in questions {
        figures.extend(
            describe(manifest, &asked, &sums).map(|described| ContestFigures {
                question: Some(question.to_owned()),
                ..described
            }),
        );
    }
    figures
}

/// A contest, or those that ask the same question of different groups, added up. What a product
/// is of is added up over these contests alone: another group may have been asked the two numbers
/// without the product.
fn describe(manifest: &Manifest, asked: &[usize], sums: &[Sums]) -> Option<ContestFigures> {
    let contests: Option<Vec<&Contest>> = asked
        .iter()
        .map(|number| manifest.contests.get(*number))
        .collect();
    let contests = contests?;
    let contest = *contests.first()?;
    let own = Sums::over(sums, asked.iter().copied())?;
    let factor = |which: usize| {
        let factors = contests
            .iter()
            .filter_map(|of| of.kind.of()?.get(which).copied());
        Sums::over(sums, factors)
    };
    let labelled = labels(manifest, contest)
        .into_iter()
        .zip(own.totals.iter().flatten());
    Some(ContestFigures {
        id: None,
        question: None,
        group: None,
        kind: contest.kind.name(),
        title: manifest.text(&contest.title).to_owned(),
        ballots: own.ballots,
        weight: own.weight,
        opened: own.totals.is_some(),
        totals: labelled
            .map(|(label, total)| Total {
                total: *total,
                ..label
            })
            .collect(),
        figures: match own.totals {
            Some(_) => statistics::of(manifest, contest, &own, [factor(0), factor(1)]),
            None => Vec::new(),
        },
    })
}

/// The labels of a contest's positions, without their totals.
#[must_use]
pub fn labels(manifest: &Manifest, contest: &Contest) -> Vec<Total> {
    let plain = |label: &str| Total {
        label: label.to_owned(),
        row: None,
        column: None,
        from: None,
        to: None,
        total: None,
    };
    let option = |option: &ContestOption| plain(manifest.text(&option.label));
    let with_blank = |options: &[ContestOption], blank: bool| -> Vec<Total> {
        let options = options.iter().map(option);
        options.chain(blank.then(|| plain("blank"))).collect()
    };
    let in_grid = |row: usize, column: usize, cell: Total| Total {
        row: Some(row),
        column: Some(column),
        ..cell
    };
    match &contest.kind {
        ContestKind::Options(options) => with_blank(&options.options, options.blank),
        ContestKind::Matrix(matrix) => {
            let row = |row| {
                let cells = with_blank(&matrix.options, matrix.blank).into_iter();
                let cells = cells.enumerate();
                cells.map(move |(column, cell)| in_grid(row, column, cell))
            };
            (0..matrix.rows.len()).flat_map(row).collect()
        }
        ContestKind::Number(number) => {
            let mut labels = vec![plain("sum of values")];
            labels.extend(number.blank.then(|| plain("blank")));
            labels.extend(number.spread.then(|| plain("sum of squares")));
            labels.extend(number.bounds().map(|(from, to)| Total {
                from: Some(from),
                to: Some(to),
                ..plain(&bucket(number, from, to))
            }));
            labels
        }
        ContestKind::Product(_) => vec![plain("sum of products")],
        ContestKind::Table(of) => {
            let [rows, columns] = of.map(|contest| categories(manifest, contest));
            let mut labels = Vec::new();
            for (row, one) in rows.iter().enumerate() {
                for (column, other) in columns.iter().enumerate() {
                    labels.push(in_grid(row, column, plain(&format!("{one} / {other}"))));
                }
            }
            labels
        }
    }
}

/// The labels of the categories of a contest.
#[must_use]
pub fn categories(manifest: &Manifest, contest: usize) -> Vec<String> {
    let Some(contest) = manifest.contests.get(contest) else {
        return Vec::new();
    };
    let labels = labels(manifest, contest);
    let categories = contest.kind.categories().unwrap_or_default().into_iter();
    categories
        .filter_map(|position| labels.get(position).map(|label| label.label.clone()))
        .collect()
}

fn bucket(number: &Number, from: i64, to: i64) -> String {
    let decimal = |value: i64| fraction::decimal(&BigInt::from(value), value < 0, number.decimals);
    format!("{} to {}", decimal(from), decimal(to))
}
