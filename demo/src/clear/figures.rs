//! Figures of answers in the clear.
//!
//! Spec: docs/spec/figures.md. Means and variances are those of the answers themselves, not of what
//! is left of them above `lo`.

use protocol::manifest::{BallotStyle, Contest, ContestKind, ElectionManifest, NumberRules};

use super::fraction::Fraction;
use super::{Answers, answer_to};

/// A figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearFigure {
    /// What it is called in exports.
    pub name: &'static str,
    /// The row of a matrix.
    pub row: Option<usize>,
    /// Its exact value, or that of its square with its sign, as exports write it.
    pub exact: String,
}

/// The figures of the answers to these contests, which are one question.
pub(super) fn of(
    manifest: &ElectionManifest,
    contests: &[usize],
    ballots: &[(&BallotStyle, Answers<'_>)],
) -> Vec<ClearFigure> {
    let Some(contest) = contests
        .first()
        .and_then(|index| manifest.contests.get(*index))
    else {
        return Vec::new();
    };
    match &contest.kind {
        ContestKind::Number(rules) => number(rules, &numbers(manifest, contests, ballots)),
        ContestKind::Choices => scale(None, &chosen(contest, None, contests, ballots)),
        ContestKind::Matrix { rows } => (0..rows.len())
            .flat_map(|row| scale(Some(row), &chosen(contest, Some(row), contests, ballots)))
            .collect(),
        ContestKind::Product { .. } => {
            let pairs = contests
                .iter()
                .filter_map(|index| manifest.contests.get(*index)?.of());
            let (x, y): (Vec<_>, Vec<_>) = pairs.map(|[x, y]| (x, y)).unzip();
            let rules = |of: &[usize]| {
                let first = of.first().and_then(|index| manifest.contests.get(*index));
                first
                    .and_then(Contest::number)
                    .map_or(0, |rules| u32::from(rules.decimals))
            };
            let decimals = (rules(&x), rules(&y));
            let (x, y) = (
                numbers(manifest, &x, ballots),
                numbers(manifest, &y, ballots),
            );
            product(decimals, &x, &y).unwrap_or_default()
        }
        ContestKind::Points | ContestKind::Table { .. } => Vec::new(),
    }
}

/// The numbers that were answered, voter by voter.
fn numbers(
    manifest: &ElectionManifest,
    contests: &[usize],
    ballots: &[(&BallotStyle, Answers<'_>)],
) -> Vec<i128> {
    let answers = ballots.iter().flat_map(|(_, answers)| {
        contests.iter().filter_map(|index| {
            let rules = manifest.contests.get(*index)?.number()?;
            let answer = answer_to(answers, *index).filter(|answer| !answer.blank)?;
            Some(i128::from(rules.lo) + i128::from(*answer.values.first()?))
        })
    });
    answers.collect()
}

/// The values of the options that were chosen, voter by voter.
fn chosen(
    contest: &Contest,
    row: Option<usize>,
    contests: &[usize],
    ballots: &[(&BallotStyle, Answers<'_>)],
) -> Vec<i128> {
    let answers = ballots.iter().flat_map(|(_, answers)| {
        contests.iter().filter_map(|index| {
            let answer = answer_to(answers, *index)?;
            let option = match row {
                Some(row) => usize::try_from(*answer.values.get(row)?).ok()?,
                None => answer.values.iter().position(|value| *value == 1)?,
            };
            contest.options.get(option)?.value.map(i128::from)
        })
    });
    answers.collect()
}

fn figure(name: &'static str, row: Option<usize>, exact: Option<Fraction>) -> Option<ClearFigure> {
    let exact = exact?.to_string();
    Some(ClearFigure { name, row, exact })
}

/// Σ v, Σ v², n.
fn sums(values: &[i128]) -> Option<(i128, i128, i128)> {
    let sum = values.iter().sum();
    let squares = values.iter().map(|value| value * value).sum();
    Some((sum, squares, i128::try_from(values.len()).ok()?))
}

fn power(decimals: u32) -> i128 {
    10i128.pow(decimals)
}

fn number(rules: &NumberRules, values: &[i128]) -> Vec<ClearFigure> {
    let (Some((sum, squares, n)), decimals) = (sums(values), u32::from(rules.decimals)) else {
        return Vec::new();
    };
    let ten = power(decimals);
    let variance = rules
        .spread
        .then(|| Fraction::new(n * squares - sum * sum, n * n * ten * ten))
        .flatten();
    let figures = [
        figure("sum", None, Fraction::new(sum, ten)),
        figure("mean", None, Fraction::new(sum, n * ten)),
        figure("variance", None, variance),
        figure("standard deviation", None, variance),
    ];
    figures.into_iter().flatten().collect()
}

fn scale(row: Option<usize>, values: &[i128]) -> Vec<ClearFigure> {
    let Some((sum, squares, n)) = sums(values) else {
        return Vec::new();
    };
    let variance = Fraction::new(n * squares - sum * sum, n * n);
    let figures = [
        figure("mean", row, Fraction::new(sum, n)),
        figure("variance", row, variance),
        figure("standard deviation", row, variance),
    ];
    figures.into_iter().flatten().collect()
}

fn product((d_x, d_y): (u32, u32), x: &[i128], y: &[i128]) -> Option<Vec<ClearFigure>> {
    let ((sum_x, squares_x, n), (sum_y, squares_y, _)) = (sums(x)?, sums(y)?);
    let products: i128 = x.iter().zip(y).map(|(x, y)| x * y).sum();
    let together = n * products - sum_x * sum_y;
    let (alone_x, alone_y) = (n * squares_x - sum_x * sum_x, n * squares_y - sum_y * sum_y);
    // Its square is taken of whole numbers first: the root is of no figure of its own.
    let correlation = Fraction::new(
        together.signum() * together.checked_mul(together)?,
        alone_x.checked_mul(alone_y)?,
    );
    let slope = Fraction::new(together * power(d_x), alone_x * power(d_y));
    // mean_y − q·mean_x, over the common denominator n·alone_x.
    let intercept = Fraction::new(sum_y * alone_x - together * sum_x, n * alone_x * power(d_y));
    let figures = [
        figure(
            "covariance",
            None,
            Fraction::new(together, n * n * power(d_x + d_y)),
        ),
        figure("correlation", None, correlation),
        figure("slope", None, slope),
        figure("intercept", None, intercept),
    ];
    Some(figures.into_iter().flatten().collect())
}
