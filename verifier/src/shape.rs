//! What a ballot of a style proves: coordinates, constraints and range forms (`Style.Shape`,
//! docs/spec/manifest.md).

#[cfg(test)]
mod tests;

use crate::manifest::{Contest, ContestKind, Number, OptionsContest};
use std::collections::BTreeMap;

/// The coordinates and constraints of a style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How many positions a ballot has: `N_s`.
    pub n_positions: usize,
    /// The coordinates, j = 1..m, at j − 1.
    pub coordinates: Vec<Coordinate>,
    /// The linear constraints.
    pub constraints: Vec<Constraint>,
    /// n: every form is an integer below 2^n; 0 without forms.
    pub bits: u8,
    /// The range forms, k = 0..ρ−1.
    pub forms: Vec<Form>,
}

/// One coordinate of the committed vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coordinate {
    /// What its value may be.
    pub kind: CoordinateKind,
    /// The position it is part of and its weight there.
    pub place: Option<(usize, u64)>,
}

/// What the value of a coordinate may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoordinateKind {
    /// 0 or 1.
    Bit,
    /// Anything.
    Free,
    /// The product of two other coordinates, numbered from 0.
    ProductOf(usize, usize),
}

/// The sum of coordinates times coefficients equals the constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// The constant.
    pub constant: u64,
    /// Coordinates, numbered from 0, with their coefficients.
    pub terms: Vec<(usize, u64)>,
}

/// A sum of coordinates that lies in 0..2^n − 1: Λ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// The constant.
    pub constant: u64,
    /// What is added to it.
    pub terms: Vec<Term>,
}

/// A coordinate times a signed coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// The coordinate, numbered from 0.
    pub coordinate: usize,
    /// Whether the coefficient is negative.
    pub minus: bool,
    /// Its size.
    pub magnitude: u64,
}

/// `Digits(M)`: weights of which every integer in 0..M, and no other, is a sum
/// (Lipmaa–Asokan–Niemi, FC 2002).
#[must_use]
pub fn digits(most: u64) -> Vec<u64> {
    let mut rest = most;
    let mut weights = Vec::new();
    while rest > 0 {
        let weight = rest.div_ceil(2);
        weights.push(weight);
        rest -= weight;
    }
    weights
}

impl Shape {
    /// `Style.Shape` of the contests with these numbers.
    #[must_use]
    pub fn of(contests: &[Contest], chosen: &[usize]) -> Self {
        let mut builder = Builder {
            shape: Self {
                n_positions: 0,
                coordinates: Vec::new(),
                constraints: Vec::new(),
                bits: 0,
                forms: Vec::new(),
            },
            answers: BTreeMap::new(),
        };
        for number in chosen {
            if let Some(contest) = contests.get(*number) {
                let answer = builder.contest(&contest.kind);
                builder.answers.insert(*number, answer);
            }
        }
        builder.shape
    }

    /// ρ', the number of forms rounded up to a power of two; 0 without forms.
    #[must_use]
    pub fn n_proved(&self) -> usize {
        match self.forms.len() {
            0 => 0,
            forms => forms.next_power_of_two(),
        }
    }

    /// log2 of n·ρ': the rounds of the Bulletproof's last argument.
    #[must_use]
    pub fn n_rounds(&self) -> usize {
        (usize::from(self.bits) * self.n_proved())
            .checked_ilog2()
            .unwrap_or_default() as usize
    }

    /// How many elements and scalars of a ballot are for its forms, those for `T_W` and `zeta_W`
    /// included.
    #[must_use]
    pub fn n_of_ranges(&self) -> usize {
        match self.forms.len() {
            0 => 0,
            forms => forms + 11 + 2 * self.n_rounds(),
        }
    }

    /// The encoding of the shape in the proof's transcript.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let number = |n: usize| (n as u16).to_be_bytes();
        bytes.extend(number(self.n_positions));
        bytes.extend(number(self.coordinates.len()));
        for coordinate in &self.coordinates {
            let (kind, one, other) = match coordinate.kind {
                CoordinateKind::Bit => (0, 0, 0),
                CoordinateKind::Free => (1, 0, 0),
                CoordinateKind::ProductOf(one, other) => (2, one, other),
            };
            bytes.push(kind);
            bytes.extend(number(one));
            bytes.extend(number(other));
            let (position, weight) = match coordinate.place {
                Some((position, weight)) => (position as u16, weight),
                None => (u16::MAX, 0),
            };
            bytes.extend(position.to_be_bytes());
            bytes.extend(weight.to_be_bytes());
        }
        bytes.extend(number(self.constraints.len()));
        for constraint in &self.constraints {
            bytes.extend(constraint.constant.to_be_bytes());
            bytes.extend(number(constraint.terms.len()));
            for (coordinate, coefficient) in &constraint.terms {
                bytes.extend(number(*coordinate));
                bytes.extend(coefficient.to_be_bytes());
            }
        }
        bytes.push(self.bits);
        bytes.extend(number(self.forms.len()));
        for form in &self.forms {
            bytes.extend(form.constant.to_be_bytes());
            bytes.extend(number(form.terms.len()));
            for term in &form.terms {
                bytes.extend(number(term.coordinate));
                bytes.push(u8::from(term.minus));
                bytes.extend(term.magnitude.to_be_bytes());
            }
        }
        bytes
    }
}

/// The coordinates of an answer that contests derived from it need.
#[derive(Debug, Default)]
struct Answer {
    /// The value of a number.
    value: usize,
    /// The category bits: options or buckets, then the blank.
    categories: Vec<usize>,
}

struct Builder {
    shape: Shape,
    /// By the contest's number.
    answers: BTreeMap<usize, Answer>,
}

impl Builder {
    fn contest(&mut self, kind: &ContestKind) -> Answer {
        match kind {
            ContestKind::Options(contest) => self.options(contest),
            ContestKind::Matrix(matrix) => {
                let n_options = matrix.options.len() + usize::from(matrix.blank);
                for _ in &matrix.rows {
                    let bits: Vec<usize> = (0..n_options).map(|_| self.bit()).collect();
                    self.add_up_to_one(&bits);
                }
                Answer::default()
            }
            ContestKind::Number(number) => self.number(number),
            ContestKind::Product([one, other]) => {
                let [one, other] = [one, other].map(|of| self.value_of(*of));
                self.place(CoordinateKind::ProductOf(one, other), 1);
                Answer::default()
            }
            ContestKind::Table([one, other]) => {
                self.table(*one, *other);
                Answer::default()
            }
        }
    }

    fn value_of(&self, contest: usize) -> usize {
        self.answers.get(&contest).map_or(0, |answer| answer.value)
    }

    /// Adds a coordinate in a new position, and gives its number.
    fn place(&mut self, kind: CoordinateKind, weight: u64) -> usize {
        let position = self.shape.n_positions;
        self.shape.n_positions += 1;
        self.coordinate(kind, Some((position, weight)))
    }

    /// Adds a bit of weight 1 in a new position.
    fn bit(&mut self) -> usize {
        self.place(CoordinateKind::Bit, 1)
    }

    fn coordinate(&mut self, kind: CoordinateKind, place: Option<(usize, u64)>) -> usize {
        self.shape.coordinates.push(Coordinate { kind, place });
        self.shape.coordinates.len() - 1
    }

    fn add_up_to_one(&mut self, bits: &[usize]) {
        self.shape.constraints.push(Constraint {
            constant: 1,
            terms: bits.iter().map(|bit| (*bit, 1)).collect(),
        });
    }

    /// Bits for every option, the blank and the slack, and one constraint.
    fn options(&mut self, contest: &OptionsContest) -> Answer {
        let mut terms = Vec::new();
        let mut categories = Vec::new();
        for _ in &contest.options {
            for weight in digits(contest.max_per_option) {
                let place = Some((self.shape.n_positions, weight));
                let bit = self.coordinate(CoordinateKind::Bit, place);
                categories.push(bit);
                terms.push((bit, weight));
            }
            self.shape.n_positions += 1;
        }
        if contest.blank {
            let bit = self.bit();
            categories.push(bit);
            terms.push((bit, contest.max));
        }
        for weight in digits(contest.max - contest.min) {
            terms.push((self.coordinate(CoordinateKind::Bit, None), weight));
        }
        self.shape.constraints.push(Constraint {
            constant: contest.max,
            terms,
        });
        Answer {
            categories,
            ..Answer::default()
        }
    }

    /// The value, the blank, the square and the buckets, and two forms.
    fn number(&mut self, number: &Number) -> Answer {
        let value = self.place(CoordinateKind::Free, 1);
        let blank = number.blank.then(|| self.bit());
        if number.spread {
            self.place(CoordinateKind::ProductOf(value, value), 1);
        }
        let buckets: Vec<usize> = number.buckets.iter().map(|_| self.bit()).collect();
        if !buckets.is_empty() {
            let bits: Vec<usize> = blank.into_iter().chain(buckets.iter().copied()).collect();
            self.add_up_to_one(&bits);
        }
        let range = number.range();
        self.shape.bits = self.shape.bits.max(match range {
            0..=0xff => 8,
            0x100..=0xffff => 16,
            _ => 32,
        });
        let term = |minus| {
            move |(coordinate, magnitude)| Term {
                coordinate,
                minus,
                magnitude,
            }
        };
        let (constant, above, below): (u64, Vec<_>, Vec<_>) = if buckets.is_empty() {
            let blank = blank.map(|blank| (blank, range));
            (
                range,
                Vec::new(),
                blank.into_iter().map(term(true)).collect(),
            )
        } else {
            let from = |bound: i64| bound.abs_diff(number.lo);
            let bounds = || buckets.iter().copied().zip(number.bounds());
            let lower = bounds().map(|(bucket, (first, _))| (bucket, from(first)));
            let upper = bounds().map(|(bucket, (_, last))| (bucket, from(last)));
            let nonzero = |(_, magnitude): &(usize, u64)| *magnitude > 0;
            (
                0,
                lower.filter(nonzero).map(term(true)).collect(),
                upper.filter(nonzero).map(term(false)).collect(),
            )
        };
        let own = |minus| [term(minus)((value, 1))];
        // The value comes before its blank and its buckets.
        for (constant, terms) in [
            (0, own(false).into_iter().chain(above).collect()),
            (constant, own(true).into_iter().chain(below).collect()),
        ] {
            self.shape.forms.push(Form { constant, terms });
        }
        Answer {
            value,
            categories: buckets.into_iter().chain(blank).collect(),
        }
    }

    /// A bit for every pair of categories, and a constraint for each category.
    fn table(&mut self, one: usize, other: usize) {
        let categories = |of: usize| {
            let answer = self.answers.get(&of);
            answer.map_or_else(Vec::new, |answer| answer.categories.clone())
        };
        let (rows, columns) = (categories(one), categories(other));
        let cells: Vec<Vec<usize>> = rows
            .iter()
            .map(|_| columns.iter().map(|_| self.bit()).collect())
            .collect();
        let others = |of: &[usize], own: usize| -> Vec<usize> {
            let others = of.iter().enumerate().filter(|(index, _)| *index != own);
            others.map(|(_, category)| *category).collect()
        };
        for (index, row) in cells.iter().enumerate() {
            self.add_up_to_one(&[row.clone(), others(&rows, index)].concat());
        }
        for index in 0..columns.len() {
            let column = cells.iter().filter_map(|row| row.get(index).copied());
            self.add_up_to_one(&[column.collect(), others(&columns, index)].concat());
        }
    }
}
