//! Means, spreads and correlations from totals (docs/spec/figures.md).

use super::{
    Figure,
    fraction::{Fraction, ten_to},
};
use crate::{
    entry::body::ContestTotals,
    manifest::{Contest, ContestKind, ContestOption, Manifest, Number},
};
use num_bigint::BigInt;

/// How many digits of a correlation are given.
const OF_CORRELATION: u32 = 4;

/// What is known of a contest, or of a question over its groups.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pub(super) ballots: u64,
    pub(super) weight: u64,
    /// By position, unless withheld; none where closed.
    pub(super) totals: Option<Vec<Option<u64>>>,
}

impl Sums {
    pub(super) fn of(contest: &Contest, totals: &ContestTotals) -> Self {
        let fit = |totals: &&Vec<Option<u64>>| totals.len() == contest.n_positions();
        Self {
            ballots: totals.ballots.into(),
            weight: totals.weight,
            totals: totals.totals.as_ref().filter(fit).cloned(),
        }
    }

    /// The sum of those of some contests; none of no contest.
    pub(super) fn over(all: &[Self], contests: impl IntoIterator<Item = usize>) -> Option<Self> {
        let mut contests = contests.into_iter();
        let first = all.get(contests.next()?)?.clone();
        contests.try_fold(first, |sum, number| Some(sum.plus(all.get(number)?)))
    }

    /// Position by position; withheld or closed where either is.
    fn plus(&self, other: &Self) -> Self {
        let add = |one: &Option<u64>, other: &Option<u64>| (*one)?.checked_add((*other)?);
        let totals = self.totals.as_ref().zip(other.totals.as_ref());
        Self {
            ballots: self.ballots.saturating_add(other.ballots),
            weight: self.weight.saturating_add(other.weight),
            totals: totals.map(|(own, other)| {
                own.iter()
                    .zip(other)
                    .map(|(own, other)| add(own, other))
                    .collect()
            }),
        }
    }

    fn total(&self, position: usize) -> Option<BigInt> {
        let total: Option<u64> = *self.totals.as_ref()?.get(position)?;
        total.map(BigInt::from)
    }
}

/// The figures of a contest that exist. `factors` are the sums of the two contests that a product
/// is of.
pub(super) fn of(
    manifest: &Manifest,
    contest: &Contest,
    own: &Sums,
    factors: [Option<Sums>; 2],
) -> Vec<Figure> {
    match &contest.kind {
        ContestKind::Options(options) => of_scale(&options.options, 0, own, None),
        ContestKind::Matrix(matrix) => {
            let width = matrix.options.len() + usize::from(matrix.blank);
            let rows = 0..matrix.rows.len();
            rows.flat_map(|row| of_scale(&matrix.options, row * width, own, Some(row)))
                .collect()
        }
        ContestKind::Number(number) => {
            Moments::of(number, own).map_or_else(Vec::new, |moments| moments.figures())
        }
        ContestKind::Product(of) => of_product(manifest, *of, own, factors).unwrap_or_default(),
        ContestKind::Table(_) => Vec::new(),
    }
}

fn figure(name: &'static str, value: Option<&Fraction>, digits: u32) -> Option<Figure> {
    let value = value?;
    Some(Figure {
        name,
        row: None,
        value: value.rounded(digits),
        exact: value.exact(),
    })
}

/// The root of a fraction, which is given by its square and its sign.
fn root(name: &'static str, square: Option<&Fraction>, digits: u32) -> Option<Figure> {
    let square = square?;
    Some(Figure {
        name,
        row: None,
        value: square.rounded_root(digits),
        exact: square.exact(),
    })
}

/// A mean and a variance, of the same n.
fn spread(n: &BigInt, sum: &BigInt, squares: &BigInt, decimals: u32) -> Option<Fraction> {
    Fraction::new(n * squares - sum * sum, n * n * ten_to(2 * decimals))
        .filter(|variance| !variance.is_negative())
}

fn of_scale(
    options: &[ContestOption],
    first: usize,
    own: &Sums,
    row: Option<usize>,
) -> Vec<Figure> {
    let counted: Option<Vec<(BigInt, BigInt)>> = options
        .iter()
        .enumerate()
        .map(|(index, option)| Some((option.value?.into(), own.total(first + index)?)))
        .collect();
    let Some(counted) = counted else {
        return Vec::new();
    };
    let n: BigInt = counted.iter().map(|(_, count)| count).sum();
    let sum: BigInt = counted.iter().map(|(value, count)| value * count).sum();
    let squares: BigInt = counted
        .iter()
        .map(|(value, count)| value * value * count)
        .sum();
    let variance = spread(&n, &sum, &squares, 0);
    let figures = [
        figure("mean", Fraction::new(sum, n).as_ref(), 2),
        figure("variance", variance.as_ref(), 2),
        root("standard deviation", variance.as_ref(), 2),
    ];
    let figures = figures.into_iter().flatten();
    figures.map(|figure| Figure { row, ..figure }).collect()
}

/// n, S and Q of a number, and its unit.
struct Moments {
    n: BigInt,
    lo: BigInt,
    sum: BigInt,
    squares: Option<BigInt>,
    decimals: u32,
}

impl Moments {
    fn of(number: &Number, own: &Sums) -> Option<Self> {
        let blank = match number.blank {
            true => own.total(1)?,
            false => BigInt::ZERO,
        };
        let square = 1 + usize::from(number.blank);
        Some(Self {
            n: BigInt::from(own.weight) - blank,
            lo: number.lo.into(),
            sum: own.total(0)?,
            squares: number.spread.then(|| own.total(square)).flatten(),
            decimals: number.decimals,
        })
    }

    fn mean(&self) -> Option<Fraction> {
        let sum = &self.n * &self.lo + &self.sum;
        Fraction::new(sum, &self.n * ten_to(self.decimals))
    }

    fn variance(&self) -> Option<Fraction> {
        spread(&self.n, &self.sum, self.squares.as_ref()?, self.decimals)
    }

    fn figures(&self) -> Vec<Figure> {
        let sum = &self.n * &self.lo + &self.sum;
        let sum = Fraction::new(sum, ten_to(self.decimals));
        let variance = self.variance();
        let figures = [
            figure("sum", sum.as_ref(), self.decimals),
            figure("mean", self.mean().as_ref(), self.decimals + 2),
            figure("variance", variance.as_ref(), 2 * self.decimals + 2),
            root("standard deviation", variance.as_ref(), self.decimals + 2),
        ];
        figures.into_iter().flatten().collect()
    }
}

/// Covariance, correlation and regression line of two numbers.
fn of_product(
    manifest: &Manifest,
    [x, y]: [usize; 2],
    own: &Sums,
    [sums_x, sums_y]: [Option<Sums>; 2],
) -> Option<Vec<Figure>> {
    let moments = |contest: usize, sums: &Sums| match &manifest.contests.get(contest)?.kind {
        ContestKind::Number(number) => Moments::of(number, sums),
        _ => None,
    };
    let (x, y) = (moments(x, &sums_x?)?, moments(y, &sums_y?)?);
    let n = BigInt::from(own.weight);
    let products = &n * own.total(0)? - &x.sum * &y.sum;
    let spread = |of: &Moments| Some(&n * of.squares.as_ref()? - &of.sum * &of.sum);
    let (of_x, of_y) = (spread(&x)?, spread(&y)?);
    let unit = x.decimals + y.decimals;
    let covariance = Fraction::new(products.clone(), &n * &n * ten_to(unit));
    let sign = BigInt::from(if products < BigInt::ZERO { -1 } else { 1 });
    let square = Fraction::new(sign * &products * &products, &of_x * &of_y);
    let slope = Fraction::new(products * ten_to(x.decimals), of_x * ten_to(y.decimals));
    let intercept = slope.as_ref().and_then(|slope| {
        let at_mean = slope.times(&x.mean()?)?;
        y.mean()?.minus(&at_mean)
    });
    let of_line = x.decimals.max(y.decimals) + 2;
    let figures = [
        figure("covariance", covariance.as_ref(), unit + 2),
        root("correlation", square.as_ref(), OF_CORRELATION),
        figure("slope", slope.as_ref(), of_line),
        figure("intercept", intercept.as_ref(), of_line),
    ];
    Some(figures.into_iter().flatten().collect())
}
