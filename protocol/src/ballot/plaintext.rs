//! Choices that keep every limit, and the coordinates that follow from them.

use zeroize::{Zeroize, Zeroizing};

use crate::manifest::{BallotStyle, Contest, ContestKind, ElectionManifest, NumberRules};
use crate::secret::Secret;
use crate::style::digits;

/// A voter's answer to one contest that asks something. Secret: no `Debug`, erased on drop.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Choices and points: one value per option. Matrix: for each row the number of the option
    /// chosen, from 0; the number of options for a blank row. Number: one value, the answer − lo.
    pub values: Vec<u32>,
    /// An explicit blank; all values are 0 then. A matrix has blank rows instead.
    pub blank: bool,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.values.zeroize();
        self.blank.zeroize();
    }
}

/// Why choices make no ballot. Contests, options and rows are counted from 1 in the messages.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum ChoiceError {
    /// Not as many answers as contests that ask something.
    #[error("the ballot has {found} answers; this style asks {expected} questions")]
    Answers {
        /// How many there must be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Not as many values as options, or rows, or other than one number.
    #[error("question {} takes {expected} values; the answer has {found}", contest + 1)]
    Values {
        /// Which answer, from 0.
        contest: usize,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A value above the maximum.
    #[error("question {}: option {} has the value {found}; at most {max} is allowed", contest + 1, option + 1)]
    TooMuch {
        /// Which answer, from 0.
        contest: usize,
        /// Which option, from 0.
        option: usize,
        /// The value.
        found: u32,
        /// The largest allowed.
        max: u32,
    },
    /// The sum of values is out of the limits.
    #[error("question {}: the values add up to {found}; between {min} and {max} are allowed", contest + 1)]
    Sum {
        /// Which answer, from 0.
        contest: usize,
        /// The sum.
        found: u64,
        /// The least allowed.
        min: u32,
        /// The most allowed.
        max: u32,
    },
    /// A row without one of its options.
    #[error("question {}: row {} has none of its options", contest + 1, row + 1)]
    Row {
        /// Which answer, from 0.
        contest: usize,
        /// Which row, from 0.
        row: usize,
    },
    /// A number out of range.
    #[error("question {}: the number is not in the range that is allowed", contest + 1)]
    Range {
        /// Which answer, from 0.
        contest: usize,
    },
    /// Blank and something else, or a blank where none is allowed.
    #[error("question {}: a blank answer is not allowed here, or not together with other choices", contest + 1)]
    Blank {
        /// Which answer, from 0.
        contest: usize,
    },
}

/// Choices that keep every limit of their style.
pub struct PlaintextBallot {
    pub(super) coordinates: Secret<Vec<u64>>,
    pub(super) answers: Vec<Answer>,
}

impl PlaintextBallot {
    /// Checks choices against the limits of a style: one answer for each contest that asks
    /// something ([`ElectionManifest::asked_in`]).
    ///
    /// # Errors
    /// [`ChoiceError`], naming the question.
    pub fn new(
        manifest: &ElectionManifest,
        style: &BallotStyle,
        answers: Vec<Answer>,
    ) -> Result<Self, ChoiceError> {
        let expected = manifest.asked_in(style).count();
        if answers.len() != expected {
            return Err(ChoiceError::Answers {
                expected,
                found: answers.len(),
            });
        }
        for (contest, (rules, answer)) in manifest.asked_in(style).zip(&answers).enumerate() {
            check(contest, rules, answer)?;
        }
        // Of the full size from the start: a vector that grows leaves copies behind.
        let n_coordinates = manifest.contests_of(style).map(Contest::n_coordinates);
        let mut coordinates = Coordinates {
            list: Zeroizing::new(Vec::with_capacity(n_coordinates.sum())),
            starts: Vec::new(),
        };
        let mut given = answers.iter();
        for &index in &style.contests {
            if let Some(contest) = manifest.contests.get(index) {
                coordinates.starts.push((index, coordinates.list.len()));
                coordinates.contest(manifest, contest, &mut given);
            }
        }
        Ok(Self {
            coordinates: Secret::new(std::mem::take(&mut *coordinates.list)),
            answers,
        })
    }
}

/// Checks one answer against the rules of its contest.
fn check(contest: usize, rules: &Contest, answer: &Answer) -> Result<(), ChoiceError> {
    let found = answer.values.len();
    let expected = match &rules.kind {
        ContestKind::Matrix { rows } => rows.len(),
        ContestKind::Number(_) => 1,
        _ => rules.options.len(),
    };
    if expected != found {
        return Err(ChoiceError::Values {
            contest,
            expected,
            found,
        });
    }
    let sum: u64 = answer.values.iter().copied().map(u64::from).sum();
    match &rules.kind {
        ContestKind::Matrix { .. } => {
            let choices = rules.options.len() + usize::from(rules.blank);
            let is_choice = |value: &u32| usize::try_from(*value).is_ok_and(|v| v < choices);
            if answer.blank {
                return Err(ChoiceError::Blank { contest });
            }
            match answer.values.iter().position(|value| !is_choice(value)) {
                Some(row) => Err(ChoiceError::Row { contest, row }),
                None => Ok(()),
            }
        }
        _ if answer.blank && (!rules.blank || sum > 0) => Err(ChoiceError::Blank { contest }),
        ContestKind::Number(number) if sum > u64::from(number.range()) => {
            Err(ChoiceError::Range { contest })
        }
        ContestKind::Number(_) => Ok(()),
        _ => check_limits(contest, rules, answer, sum),
    }
}

/// The largest value of an option, and the limits of the sum.
fn check_limits(
    contest: usize,
    rules: &Contest,
    answer: &Answer,
    sum: u64,
) -> Result<(), ChoiceError> {
    let max = rules.max_per_option;
    let mut values = answer.values.iter().enumerate();
    if let Some((option, &found)) = values.find(|(_, value)| **value > max) {
        return Err(ChoiceError::TooMuch {
            contest,
            option,
            found,
            max,
        });
    }
    let limits = u64::from(rules.min)..=u64::from(rules.max);
    if !answer.blank && !limits.contains(&sum) {
        return Err(ChoiceError::Sum {
            contest,
            found: sum,
            min: rules.min,
            max: rules.max,
        });
    }
    Ok(())
}

/// The coordinates of a ballot, in the order of `Style.Shape`. Nothing branches on them.
struct Coordinates {
    list: Zeroizing<Vec<u64>>,
    /// Index of each contest in the manifest, and where its coordinates start.
    starts: Vec<(usize, usize)>,
}

impl Coordinates {
    fn contest<'a>(
        &mut self,
        manifest: &ElectionManifest,
        contest: &Contest,
        answers: &mut impl Iterator<Item = &'a Answer>,
    ) {
        let answer = if contest.asks() { answers.next() } else { None };
        let values = answer.map_or(&[][..], |answer| &answer.values);
        let blank = u64::from(answer.is_some_and(|answer| answer.blank));
        match &contest.kind {
            ContestKind::Choices | ContestKind::Points => {
                for value in values {
                    push_digits(&mut self.list, u64::from(*value), contest.max_per_option);
                }
                if contest.blank {
                    self.list.push(blank);
                }
                let sum: u64 = values.iter().copied().map(u64::from).sum();
                // With a blank the sum is 0, and slack is not there.
                let slack = (u64::from(contest.max) - sum) * (1 - blank);
                push_digits(&mut self.list, slack, contest.max - contest.min);
            }
            ContestKind::Matrix { .. } => {
                let choices = (0u32..).take(contest.options.len() + usize::from(contest.blank));
                for value in values {
                    let bits = choices.clone().map(|choice| u64::from(choice == *value));
                    self.list.extend(bits);
                }
            }
            ContestKind::Number(rules) => {
                let value = u64::from(values.first().copied().unwrap_or(0));
                self.number(rules, value, contest.blank.then_some(blank));
            }
            ContestKind::Product { of, .. } => {
                let [c, d] = of.map(|contest| self.at(contest, 0));
                self.list.push(c * d);
            }
            ContestKind::Table { of, .. } => {
                let [rows, columns] = of.map(|contest| self.categories(manifest, contest));
                for row in rows.iter() {
                    self.list.extend(columns.iter().map(|column| row * column));
                }
            }
        }
    }

    fn number(&mut self, rules: &NumberRules, value: u64, blank: Option<u64>) {
        self.list.push(value);
        self.list.extend(blank);
        if rules.spread {
            self.list.push(value * value);
        }
        let answered = 1 - blank.unwrap_or(0);
        for (first, last) in rules.bucket_bounds() {
            let is_above = u64::from(value >= u64::from(first));
            let is_below = u64::from(value <= u64::from(last));
            self.list.push(is_above & is_below & answered);
        }
    }

    /// The coordinate of a contest of the style at this place within it.
    fn at(&self, contest: usize, offset: usize) -> u64 {
        let mut starts = self.starts.iter();
        let start = starts.find(|(index, _)| *index == contest);
        let coordinate = start.and_then(|(_, start)| self.list.get(start + offset));
        coordinate.copied().unwrap_or(0)
    }

    /// The coordinates of a contest's categories.
    fn categories(&self, manifest: &ElectionManifest, contest: usize) -> Zeroizing<Vec<u64>> {
        let offsets = manifest.contests.get(contest).and_then(Contest::categories);
        let offsets = offsets.unwrap_or_default();
        let mut list = Zeroizing::new(Vec::with_capacity(offsets.len()));
        list.extend(offsets.into_iter().map(|offset| self.at(contest, offset)));
        list
    }
}

/// Appends the bits of `value` in the weights of `Digits(max)`, without branching on the value.
fn push_digits(coordinates: &mut Vec<u64>, value: u64, max: u32) {
    let mut rest = value;
    for weight in digits(max) {
        // Both are below 2^63, so the top bit of the difference says which is larger.
        let bit = 1 ^ (rest.wrapping_sub(weight) >> 63);
        rest -= weight * bit;
        coordinates.push(bit);
    }
}

#[cfg(test)]
mod tests;
