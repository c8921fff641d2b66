//! Contests: what is asked, and what is counted of it.
//!
//! Spec: docs/spec/manifest.md, "A contest", "Positions".

use super::Text;
use crate::style::digits;

/// What a contest asks, or counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContestKind {
    /// Each option 0 or 1.
    Choices,
    /// Each option 0 to the maximum.
    Points,
    /// One option for each row.
    Matrix {
        /// The rows.
        rows: Vec<ContestRow>,
    },
    /// One integer.
    Number(NumberRules),
    /// Nothing is asked: the sum of products of the answers to two numbers.
    Product {
        /// Indices of the two contests in the manifest.
        of: [usize; 2],
        /// The largest product.
        max: u64,
    },
    /// Nothing is asked: how many gave each pair of answers to two contests that have categories.
    Table {
        /// Indices of the two contests in the manifest.
        of: [usize; 2],
        /// How many categories the first has.
        rows: usize,
        /// How many categories the second has.
        columns: usize,
    },
}

/// A choice in a contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestOption {
    /// Its id, distinct within the contest.
    pub id: String,
    /// What voters read.
    pub label: Text,
    /// What it counts in the mean of a scale: −10^6 to 10^6.
    pub value: Option<i64>,
}

/// A row of a matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContestRow {
    /// Its id, distinct within the contest.
    pub id: String,
    /// What voters read.
    pub label: Text,
}

/// The rules of a numeric answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRules {
    /// The least answer.
    pub lo: i64,
    /// The largest answer; hi − lo is in 1..2^32 − 1.
    pub hi: i64,
    /// An answer is the integer divided by 10 to this power: 0 to 9.
    pub decimals: u8,
    /// What is counted in.
    pub unit: Option<Text>,
    /// By how much a booth's slider moves.
    pub step: Option<u32>,
    /// Whether the sum of squares is counted.
    pub spread: bool,
    /// Where each bucket begins, rising from `lo`; empty without buckets.
    pub buckets: Vec<i64>,
}

impl NumberRules {
    /// R = hi − lo: what is encrypted is the answer less lo, 0 to R.
    pub fn range(&self) -> u32 {
        // Below 2^32 by the reader's rules.
        u32::try_from(self.hi - self.lo).unwrap_or(u32::MAX)
    }

    /// The least and the largest value of each bucket, less lo.
    pub fn bucket_bounds(&self) -> impl Iterator<Item = (u32, u32)> {
        let offset = |bound: i64| u32::try_from(bound - self.lo).unwrap_or(u32::MAX);
        let next = self.buckets.iter().skip(1).map(|bound| bound - 1);
        self.buckets
            .iter()
            .zip(next.chain([self.hi]))
            .map(move |(first, last)| (offset(*first), offset(last)))
    }
}

/// A question, or what is counted of two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contest {
    /// Its id.
    pub id: String,
    /// What it asks or counts.
    pub kind: ContestKind,
    /// What voters read.
    pub title: Text,
    /// More to read.
    pub description: Option<Text>,
    /// The options; of a matrix those of every row. Numbers and what is derived have none.
    pub options: Vec<ContestOption>,
    /// Least sum of values, unless blank; 1 for the rows of a matrix, 0 without options.
    pub min: u32,
    /// Largest sum of values; 1 for the rows of a matrix, 0 without options.
    pub max: u32,
    /// Largest value of one option; 0 without options.
    pub max_per_option: u32,
    /// Whether an explicit blank answer is allowed; of a matrix, for each row.
    pub blank: bool,
    /// Whether booths list the options from one on that is drawn at random for each voter.
    pub is_rotated: bool,
    /// The question that is the same for several groups, and the index of this contest's group.
    pub question: Option<(String, usize)>,
}

impl Contest {
    /// Whether a voter is asked: not for products and tables.
    pub fn asks(&self) -> bool {
        self.of().is_none()
    }

    /// The two contests that it is derived from.
    pub fn of(&self) -> Option<[usize; 2]> {
        match self.kind {
            ContestKind::Product { of, .. } | ContestKind::Table { of, .. } => Some(of),
            _ => None,
        }
    }

    /// The rules of a numeric answer, if it is one.
    pub fn number(&self) -> Option<&NumberRules> {
        match &self.kind {
            ContestKind::Number(rules) => Some(rules),
            _ => None,
        }
    }

    /// How many positions the contest has.
    pub fn n_positions(&self) -> usize {
        let answers = self.options.len() + usize::from(self.blank);
        match &self.kind {
            ContestKind::Choices | ContestKind::Points => answers,
            ContestKind::Matrix { rows } => rows.len() * answers,
            ContestKind::Number(rules) => {
                1 + usize::from(self.blank) + usize::from(rules.spread) + rules.buckets.len()
            }
            ContestKind::Product { .. } => 1,
            ContestKind::Table { rows, columns, .. } => rows * columns,
        }
    }

    /// How many coordinates the contest has in a shape.
    pub fn n_coordinates(&self) -> usize {
        match self.kind {
            ContestKind::Choices | ContestKind::Points => {
                self.options.len() * digits(self.max_per_option).len()
                    + usize::from(self.blank)
                    + digits(self.max - self.min).len()
            }
            // Everywhere else a position has one coordinate, in the same order.
            _ => self.n_positions(),
        }
    }

    /// Largest value of a position of this contest.
    pub fn max_of_position(&self, index: usize) -> u64 {
        match &self.kind {
            ContestKind::Choices | ContestKind::Points if index < self.options.len() => {
                self.max_per_option.into()
            }
            ContestKind::Number(rules) if index == 0 => rules.range().into(),
            ContestKind::Number(rules) if Some(index) == self.square() => {
                u64::from(rules.range()).pow(2)
            }
            ContestKind::Product { max, .. } => *max,
            _ => 1,
        }
    }

    /// Largest value of any position.
    pub fn max_of_positions(&self) -> u64 {
        let all = (0..self.n_positions()).map(|index| self.max_of_position(index));
        all.max().unwrap_or(0)
    }

    /// The position of the square of a number, where the contest has one.
    pub fn square(&self) -> Option<usize> {
        let rules = self.number()?;
        rules.spread.then_some(1 + usize::from(self.blank))
    }

    /// The positions of a number's buckets.
    fn buckets(&self) -> std::ops::Range<usize> {
        let count = self.number().map_or(0, |rules| rules.buckets.len());
        self.n_positions() - count..self.n_positions()
    }

    /// The positions of the categories of which a table can be made, where the contest has them:
    /// exactly one of them is 1 in a ballot, and the coordinate of each is at the same place.
    pub fn categories(&self) -> Option<Vec<usize>> {
        match &self.kind {
            ContestKind::Choices if (self.min, self.max) == (1, 1) && self.n_positions() > 1 => {
                Some((0..self.n_positions()).collect())
            }
            ContestKind::Number(rules) if !rules.buckets.is_empty() => {
                Some(self.buckets().chain(self.blank.then_some(1)).collect())
            }
            _ => None,
        }
    }

    /// The positions whose totals are cells, rising: those that `minimum_cell` guards.
    pub fn guarded(&self) -> Vec<usize> {
        match &self.kind {
            ContestKind::Choices | ContestKind::Matrix { .. } | ContestKind::Table { .. } => {
                (0..self.n_positions()).collect()
            }
            ContestKind::Number(rules) if !rules.buckets.is_empty() => self
                .blank
                .then_some(1)
                .into_iter()
                .chain(self.buckets())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// What the contest must be where `minimum_cell` guards counts, if it is not.
    pub(super) fn unguarded(&self) -> Option<&'static str> {
        let n_options = u32::try_from(self.options.len()).unwrap_or(u32::MAX);
        let (holds, expected) = match &self.kind {
            ContestKind::Choices => (
                (self.min, self.max) == (1, 1)
                    || ((self.min, self.max) == (0, n_options) && !self.blank),
                "one of n, or approval without blank, where there is a minimum_cell",
            ),
            ContestKind::Points => (!self.blank, "without blank where there is a minimum_cell"),
            ContestKind::Number(rules) => (
                (!self.blank || !rules.buckets.is_empty())
                    && rules.bucket_bounds().all(|(first, last)| first < last),
                "with buckets of two values or more, if with blank, where there is a minimum_cell",
            ),
            _ => return None,
        };
        (!holds).then_some(expected)
    }
}
