//! What a ballot of a style proves: coordinates and constraints (`Style.Shape`,
//! docs/spec/manifest.md).

use crate::manifest::Contest;

/// The coordinates and constraints of a style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// How many positions a ballot has: `N_s`.
    pub n_positions: usize,
    /// The coordinates, j = 1..m, at j − 1.
    pub coordinates: Vec<Coordinate>,
    /// The linear constraints.
    pub constraints: Vec<Constraint>,
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
    /// The square of another coordinate, numbered from 0.
    SquareOf(usize),
}

/// The sum of coordinates times coefficients equals the constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constraint {
    /// The constant.
    pub constant: u64,
    /// Coordinates, numbered from 0, with their coefficients.
    pub terms: Vec<(usize, u64)>,
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
    /// `Style.Shape`: bits for every option, the blank and the slack of each contest, and one
    /// constraint for each contest.
    #[must_use]
    pub fn of(contests: &[&Contest]) -> Self {
        let mut shape = Self {
            n_positions: 0,
            coordinates: Vec::new(),
            constraints: Vec::new(),
        };
        for contest in contests {
            let mut terms = Vec::new();
            for _ in &contest.options {
                for weight in digits(contest.max_per_option) {
                    terms.push((shape.bit(Some(weight)), weight));
                }
                shape.n_positions += 1;
            }
            if contest.blank {
                terms.push((shape.bit(Some(1)), contest.max));
                shape.n_positions += 1;
            }
            for weight in digits(contest.max - contest.min) {
                terms.push((shape.bit(None), weight));
            }
            shape.constraints.push(Constraint {
                constant: contest.max,
                terms,
            });
        }
        shape
    }

    /// Adds a bit in the position being made, or in none, and gives its number.
    fn bit(&mut self, weight: Option<u64>) -> usize {
        self.coordinates.push(Coordinate {
            kind: CoordinateKind::Bit,
            place: weight.map(|weight| (self.n_positions, weight)),
        });
        self.coordinates.len() - 1
    }

    /// The encoding of the shape in the proof's transcript.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let number = |n: usize| (n as u16).to_be_bytes();
        bytes.extend(number(self.n_positions));
        bytes.extend(number(self.coordinates.len()));
        for coordinate in &self.coordinates {
            let (kind, of) = match coordinate.kind {
                CoordinateKind::Bit => (0, 0),
                CoordinateKind::Free => (1, 0),
                CoordinateKind::SquareOf(of) => (2, of),
            };
            bytes.push(kind);
            bytes.extend(number(of));
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
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{ContestOption, Text};

    /// The page's closed formula, for comparison.
    fn digits_by_formula(most: u64) -> Vec<u64> {
        if most == 0 {
            return Vec::new();
        }
        (0..=most.ilog2())
            .map(|i| (most + (1 << i)) >> (i + 1))
            .collect()
    }

    #[test]
    fn digits_are_the_formula_and_reach_every_value_and_no_other() {
        for most in 0..200 {
            let weights = digits(most);
            assert_eq!(weights, digits_by_formula(most));
            let mut reached = vec![false; most as usize + 1];
            for choice in 0..1_u32 << weights.len() {
                let sum: u64 = weights
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| choice >> i & 1 == 1)
                    .map(|(_, weight)| weight)
                    .sum();
                reached[sum as usize] = true;
            }
            assert!(reached.iter().all(|reached| *reached));
        }
        assert_eq!(digits(1 << 20), digits_by_formula(1 << 20));
    }

    fn contest(options: usize, min: u64, max: u64, max_per_option: u64, blank: bool) -> Contest {
        Contest {
            id: "c".into(),
            title: Text::new(),
            options: vec![
                ContestOption {
                    id: "o".into(),
                    label: Text::new()
                };
                options
            ],
            min,
            max,
            max_per_option,
            blank,
            first_position: 0,
        }
    }

    /// The example of docs/spec/encoding.md: 13 options, 1 to 3 choices.
    #[test]
    fn thirteen_options_with_one_to_three_choices_have_fifteen_coordinates() {
        let shape = Shape::of(&[&contest(13, 1, 3, 1, false)]);
        assert_eq!((shape.n_positions, shape.coordinates.len()), (13, 15));
        assert_eq!(shape.constraints[0].terms.len(), 15);
    }

    #[test]
    fn a_shape_encodes_as_written_by_hand() {
        let shape = Shape::of(&[&contest(1, 0, 3, 3, true)]);
        let mut expected = vec![0, 2, 0, 5];
        for (position, weight) in [(0_u16, 2_u8), (0, 1), (1, 1), (65_535, 0), (65_535, 0)] {
            expected.extend([0, 0, 0]);
            expected.extend(position.to_be_bytes());
            expected.extend([0, 0, 0, 0, 0, 0, 0, weight]);
        }
        expected.extend([0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 5]);
        for (coordinate, coefficient) in [(0, 2), (1, 1), (2, 3), (3, 2), (4, 1)] {
            expected.extend([0, coordinate, 0, 0, 0, 0, 0, 0, 0, coefficient]);
        }
        assert_eq!(shape.encode(), expected);
    }
}
