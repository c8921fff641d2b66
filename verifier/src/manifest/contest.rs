//! Contests: what is asked, and the positions that an answer has.

use super::Text;
use crate::shape::digits;
use std::ops::Range;

/// A question, or what is counted of the answers to two others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contest {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// What it asks.
    pub kind: ContestKind,
    /// The question of which this contest is one group's, and the group, by its index.
    pub of_group: Option<(String, usize)>,
    /// The election's number of its first position.
    pub first_position: usize,
    /// The greatest value of each of its positions, in order.
    pub most: Vec<u64>,
}

/// What a contest asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContestKind {
    /// Choices or points.
    Options(OptionsContest),
    /// One option for each row.
    Matrix(Matrix),
    /// One integer.
    Number(Number),
    /// The sum of products of two numbers, contests by their index in the manifest.
    Product([usize; 2]),
    /// How many gave each pair of answers to two contests, by their index in the manifest.
    Table([usize; 2]),
}

/// Choices or points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsContest {
    /// Whether the manifest says "points".
    pub points: bool,
    /// Its options.
    pub options: Vec<ContestOption>,
    /// The least sum of an answer's values.
    pub min: u64,
    /// The greatest sum of an answer's values.
    pub max: u64,
    /// The greatest value of one option.
    pub max_per_option: u64,
    /// Whether an explicit blank answer is allowed.
    pub blank: bool,
}

/// Rows of which each has one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// The rows.
    pub rows: Vec<ContestOption>,
    /// The options of every row.
    pub options: Vec<ContestOption>,
    /// Whether a row may be left blank.
    pub blank: bool,
}

/// An integer in lo..hi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The least answer.
    pub lo: i64,
    /// The greatest answer.
    pub hi: i64,
    /// An answer is the integer divided by ten to this power.
    pub decimals: u32,
    /// Its unit.
    pub unit: Option<Text>,
    /// Whether an explicit blank answer is allowed.
    pub blank: bool,
    /// Whether the sum of squares is counted.
    pub spread: bool,
    /// Where each bucket begins, from lo on; none without buckets.
    pub buckets: Vec<i64>,
}

/// A choice in a contest, or a row of a matrix, which has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestOption {
    /// Its id.
    pub id: String,
    /// Its label.
    pub label: Text,
    /// Its value on a scale.
    pub value: Option<i64>,
}

impl Number {
    /// R = hi − lo.
    #[must_use]
    pub fn range(&self) -> u64 {
        self.hi.abs_diff(self.lo)
    }

    /// The least and the greatest answer of each bucket.
    pub fn bounds(&self) -> impl Iterator<Item = (i64, i64)> {
        let ends = self.buckets.iter().skip(1).map(|next| next - 1);
        self.buckets.iter().copied().zip(ends.chain([self.hi]))
    }

    /// How many positions come before the buckets: value, blank, square.
    #[must_use]
    pub fn n_before_buckets(&self) -> usize {
        1 + usize::from(self.blank) + usize::from(self.spread)
    }
}

impl ContestKind {
    /// The name of the kind in manifests.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Options(OptionsContest { points: false, .. }) => "choices",
            Self::Options(_) => "points",
            Self::Matrix(_) => "matrix",
            Self::Number(_) => "number",
            Self::Product(_) => "product",
            Self::Table(_) => "table",
        }
    }

    /// The contests that this one is derived from.
    #[must_use]
    pub fn of(&self) -> Option<[usize; 2]> {
        match self {
            Self::Product(of) | Self::Table(of) => Some(*of),
            _ => None,
        }
    }

    /// The categories that answers fall into, as positions of the contest: options or buckets,
    /// then the blank. None where there are none.
    #[must_use]
    pub fn categories(&self) -> Option<Vec<usize>> {
        match self {
            Self::Options(options) if !options.points && (options.min, options.max) == (1, 1) => {
                let n_categories = options.options.len() + usize::from(options.blank);
                (n_categories > 1).then(|| (0..n_categories).collect())
            }
            Self::Number(number) if !number.buckets.is_empty() => {
                let first = number.n_before_buckets();
                let buckets = first..first + number.buckets.len();
                Some(buckets.chain(number.blank.then_some(1)).collect())
            }
            _ => None,
        }
    }

    /// The positions that are cells where the manifest has a minimum for them.
    #[must_use]
    pub fn guarded(&self, n_positions: usize) -> Vec<usize> {
        match self {
            Self::Options(options) if options.points => Vec::new(),
            Self::Options(_) | Self::Matrix(_) | Self::Table(_) => (0..n_positions).collect(),
            Self::Number(number) if number.buckets.is_empty() => Vec::new(),
            Self::Number(number) => {
                let blank = number.blank.then_some(1);
                let buckets = number.n_before_buckets()..n_positions;
                blank.into_iter().chain(buckets).collect()
            }
            Self::Product(_) => Vec::new(),
        }
    }

    /// The greatest value of each position, in order; `before` are the contests before this one.
    #[must_use]
    pub(super) fn most(&self, before: &[Contest]) -> Vec<u64> {
        let other = |index: usize| before.get(index).map(|contest| &contest.kind);
        match self {
            Self::Options(options) => {
                let mut most = vec![options.max_per_option; options.options.len()];
                most.extend(options.blank.then_some(1));
                most
            }
            Self::Matrix(matrix) => {
                vec![1; matrix.rows.len() * (matrix.options.len() + usize::from(matrix.blank))]
            }
            Self::Number(number) => {
                let range = number.range();
                let mut most = vec![range];
                most.extend(number.blank.then_some(1));
                most.extend(number.spread.then_some(range * range));
                most.extend(vec![1; number.buckets.len()]);
                most
            }
            Self::Product(of) => {
                let range = |index: &usize| match other(*index) {
                    Some(Self::Number(number)) => number.range(),
                    _ => 0,
                };
                vec![of.iter().map(range).product()]
            }
            Self::Table(of) => {
                let size = |index: &usize| {
                    other(*index)
                        .and_then(Self::categories)
                        .map_or(0, |of| of.len())
                };
                vec![1; of.iter().map(size).product()]
            }
        }
    }

    /// How many coordinates an answer has (docs/spec/manifest.md, `Style.Shape`).
    #[must_use]
    pub(super) fn n_coordinates(&self, n_positions: usize) -> usize {
        match self {
            Self::Options(options) => {
                options.options.len() * digits(options.max_per_option).len()
                    + usize::from(options.blank)
                    + digits(options.max - options.min).len()
            }
            _ => n_positions,
        }
    }
}

impl Contest {
    /// How many positions the contest has.
    #[must_use]
    pub fn n_positions(&self) -> usize {
        self.most.len()
    }

    /// The election's numbers of its positions.
    #[must_use]
    pub fn positions(&self) -> Range<usize> {
        self.first_position..self.first_position + self.n_positions()
    }

    /// The positions that are cells where the manifest has a minimum for them, by their numbers
    /// within the contest, in order.
    #[must_use]
    pub fn guarded(&self) -> Vec<usize> {
        self.kind.guarded(self.n_positions())
    }

    /// The positions that are closed together with these cells and have no bit of their own:
    /// value and square of a number go with its blank.
    #[must_use]
    pub fn closed_with(&self, closed: &[usize]) -> Vec<usize> {
        match &self.kind {
            ContestKind::Number(number) if number.blank && closed.contains(&1) => {
                [Some(0), number.spread.then_some(2)]
                    .into_iter()
                    .flatten()
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether a position counts blank answers.
    #[must_use]
    pub fn is_blank(&self, position: usize) -> bool {
        self.blank()
            && match &self.kind {
                ContestKind::Options(options) => position == options.options.len(),
                ContestKind::Matrix(matrix) => {
                    let width = matrix.options.len() + 1;
                    position % width == width - 1
                }
                _ => position == 1,
            }
    }

    /// Its options: of choices, points and matrix.
    #[must_use]
    pub fn options(&self) -> &[ContestOption] {
        match &self.kind {
            ContestKind::Options(options) => &options.options,
            ContestKind::Matrix(matrix) => &matrix.options,
            _ => &[],
        }
    }

    /// Whether an answer, or a row of it, may be blank.
    #[must_use]
    pub fn blank(&self) -> bool {
        match &self.kind {
            ContestKind::Options(options) => options.blank,
            ContestKind::Matrix(matrix) => matrix.blank,
            ContestKind::Number(number) => number.blank,
            ContestKind::Product(_) | ContestKind::Table(_) => false,
        }
    }
}
