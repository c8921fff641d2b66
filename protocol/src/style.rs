//! What a ballot of one style proves: coordinates and linear constraints.
//!
//! Spec: docs/spec/manifest.md, "Coordinates and constraints (`Style.Shape`)", and docs/spec/ballot.md, `Kernel`.

use std::collections::BTreeMap;

use crate::group::Scalar;
use crate::manifest::{BallotStyle, ElectionManifest};
use crate::transcript::Nonces;

/// What the proof shows of a coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinateKind {
    /// It is 0 or 1.
    Bit,
    /// Nothing; its range is proved elsewhere.
    Free,
    /// It is the square of the coordinate of this index.
    SquareOf(u16),
}

/// One entry of the vector that a ballot commits to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coordinate {
    /// What is proved of it.
    pub kind: CoordinateKind,
    /// To which position of the style it counts, with which weight; none for slack.
    pub counts: Option<(u16, u64)>,
}

/// Σ coefficient·coordinate = constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Pairs of coordinate index and coefficient (below 2^63).
    pub terms: Vec<(u16, u64)>,
    /// The right-hand side.
    pub constant: u64,
}

/// Why coordinates and constraints make no shape.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum ShapeError {
    /// The constraints contradict each other.
    #[error("its limits contradict each other; no ballot could keep them")]
    Inconsistent,
    /// A coordinate or position that does not exist is named.
    #[error("it names a coordinate or position that does not exist")]
    OutOfRange,
    /// Too many coordinates or positions.
    #[error("it has too many options")]
    TooLarge,
}

/// The coordinates and constraints of one ballot style.
#[derive(Clone, Debug)]
pub struct Shape {
    n_positions: usize,
    coordinates: Vec<Coordinate>,
    constraints: Vec<Constraint>,
    pivots: Vec<Pivot>,
}

/// A coordinate that follows from the free ones in every vector of the kernel:
/// a_column = Σ factor·a_j.
#[derive(Clone, Debug)]
struct Pivot {
    column: usize,
    terms: Vec<(usize, Scalar)>,
}

/// `Digits`: weights of bits whose sub-sums are exactly 0..=max (Lipmaa–Asokan–Niemi, FC 2002).
pub fn digits(max: u32) -> Vec<u64> {
    let max = u64::from(max);
    (0..64)
        .map_while(|i| (max >> i > 0).then(|| (max + (1 << i)) >> (i + 1)))
        .collect()
}

impl Shape {
    /// Makes a shape, eliminating the constraints.
    ///
    /// # Errors
    /// [`ShapeError`] if indices do not exist or the constraints contradict each other.
    pub fn new(
        n_positions: usize,
        coordinates: Vec<Coordinate>,
        constraints: Vec<Constraint>,
    ) -> Result<Self, ShapeError> {
        let m = coordinates.len();
        if m > 65_534 || n_positions > 65_534 || constraints.len() > 65_535 {
            return Err(ShapeError::TooLarge);
        }
        let exists = |c: &Coordinate| {
            c.counts
                .is_none_or(|(position, _)| usize::from(position) < n_positions)
                && !matches!(c.kind, CoordinateKind::SquareOf(k) if usize::from(k) >= m)
        };
        let terms_exist = |c: &Constraint| {
            c.terms.len() <= 65_535
                && c.terms
                    .iter()
                    .all(|&(j, w)| usize::from(j) < m && w < 1 << 63)
        };
        if !coordinates.iter().all(exists) || !constraints.iter().all(terms_exist) {
            return Err(ShapeError::OutOfRange);
        }
        let pivots = eliminate(&constraints)?;
        Ok(Self {
            n_positions,
            coordinates,
            constraints,
            pivots,
        })
    }

    /// `Style.Shape`: the shape that a manifest gives one of its styles.
    ///
    /// # Errors
    /// [`ShapeError`] if the style has too many options.
    pub fn of_style(manifest: &ElectionManifest, style: &BallotStyle) -> Result<Self, ShapeError> {
        let (mut coordinates, mut constraints) = (Vec::new(), Vec::new());
        let mut position = 0u16;
        let index = |length: usize| u16::try_from(length).map_err(|_| ShapeError::TooLarge);
        for contest in manifest.contests_of(style) {
            let mut terms = Vec::new();
            for _ in &contest.options {
                for weight in digits(contest.max_per_option) {
                    terms.push((index(coordinates.len())?, weight));
                    coordinates.push(Coordinate {
                        kind: CoordinateKind::Bit,
                        counts: Some((position, weight)),
                    });
                }
                position = position.checked_add(1).ok_or(ShapeError::TooLarge)?;
            }
            if contest.blank {
                terms.push((index(coordinates.len())?, u64::from(contest.max)));
                coordinates.push(Coordinate {
                    kind: CoordinateKind::Bit,
                    counts: Some((position, 1)),
                });
                position = position.checked_add(1).ok_or(ShapeError::TooLarge)?;
            }
            for weight in digits(contest.max - contest.min) {
                terms.push((index(coordinates.len())?, weight));
                coordinates.push(Coordinate {
                    kind: CoordinateKind::Bit,
                    counts: None,
                });
            }
            constraints.push(Constraint {
                terms,
                constant: u64::from(contest.max),
            });
        }
        Self::new(usize::from(position), coordinates, constraints)
    }

    /// N_s, the number of positions.
    pub fn n_positions(&self) -> usize {
        self.n_positions
    }

    /// m, the number of coordinates.
    pub fn n_coordinates(&self) -> usize {
        self.coordinates.len()
    }

    /// The coordinates.
    pub fn coordinates(&self) -> &[Coordinate] {
        &self.coordinates
    }

    /// The constraints.
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// The encoding that a ballot proof's transcript starts with.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let count = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        out.extend(count(self.n_positions));
        out.extend(count(self.coordinates.len()));
        for coordinate in &self.coordinates {
            let (kind, of) = match coordinate.kind {
                CoordinateKind::Bit => (0u8, 0),
                CoordinateKind::Free => (1, 0),
                CoordinateKind::SquareOf(k) => (2, k),
            };
            let (position, weight) = coordinate.counts.unwrap_or((u16::MAX, 0));
            out.push(kind);
            out.extend(of.to_be_bytes());
            out.extend(position.to_be_bytes());
            out.extend(weight.to_be_bytes());
        }
        out.extend(count(self.constraints.len()));
        for constraint in &self.constraints {
            out.extend(constraint.constant.to_be_bytes());
            out.extend(count(constraint.terms.len()));
            for (coordinate, coefficient) in &constraint.terms {
                out.extend(coordinate.to_be_bytes());
                out.extend(coefficient.to_be_bytes());
            }
        }
        out
    }

    /// Dimension of the kernel: coordinates minus rank of the constraints.
    pub fn kernel_dimension(&self) -> usize {
        self.coordinates.len() - self.pivots.len()
    }

    /// `Kernel`: a uniform vector a with Σ c_kj·a_j = 0 for every constraint k.
    ///
    /// Every coordinate that is not a pivot gets a mask of its own; pivots follow. Constant-time.
    pub(crate) fn kernel_vector(&self, nonces: &mut Nonces) -> Vec<Scalar> {
        let mut a: Vec<Scalar> = (0..self.coordinates.len())
            .map(|_| *nonces.scalar().expose())
            .collect();
        for pivot in &self.pivots {
            // Terms never name pivots, so the order of this loop does not matter.
            let value = pivot
                .terms
                .iter()
                .filter_map(|(j, factor)| Some(factor * a.get(*j)?))
                .sum();
            if let Some(slot) = a.get_mut(pivot.column) {
                *slot = value;
            }
        }
        a
    }
}

/// A constraint during elimination: its non-zero coefficients, and the constant.
struct Row {
    coefficients: BTreeMap<usize, Scalar>,
    constant: Scalar,
}

impl Row {
    fn new(constraint: &Constraint) -> Self {
        let mut coefficients = BTreeMap::new();
        for (j, coefficient) in &constraint.terms {
            *coefficients.entry(usize::from(*j)).or_insert(Scalar::ZERO) +=
                Scalar::from(*coefficient);
        }
        coefficients.retain(|_, value| *value != Scalar::ZERO);
        Self {
            coefficients,
            constant: Scalar::from(constraint.constant),
        }
    }

    fn scale(&mut self, factor: &Scalar) {
        self.coefficients
            .values_mut()
            .for_each(|value| *value *= factor);
        self.constant *= factor;
    }

    fn subtract(&mut self, factor: &Scalar, other: &Self) {
        for (j, value) in &other.coefficients {
            let sum = self.coefficients.entry(*j).or_insert(Scalar::ZERO);
            *sum -= factor * value;
            if *sum == Scalar::ZERO {
                self.coefficients.remove(j);
            }
        }
        self.constant -= factor * other.constant;
    }
}

/// Gauss–Jordan elimination mod l of the constraint matrix, augmented by the constants. Rows are
/// sparse: constraints of different contests share no coordinate.
fn eliminate(constraints: &[Constraint]) -> Result<Vec<Pivot>, ShapeError> {
    let mut reduced: Vec<(usize, Row)> = Vec::new();
    for constraint in constraints {
        let mut row = Row::new(constraint);
        for (column, other) in &reduced {
            if let Some(factor) = row.coefficients.get(column).copied() {
                row.subtract(&factor, other);
            }
        }
        let first = row
            .coefficients
            .first_key_value()
            .map(|(column, value)| (*column, *value));
        match first {
            Some((column, value)) => {
                row.scale(&value.invert());
                for (_, other) in &mut reduced {
                    if let Some(factor) = other.coefficients.get(&column).copied() {
                        other.subtract(&factor, &row);
                    }
                }
                reduced.push((column, row));
            }
            // Nothing is left of the coefficients; a constant says 0 = d.
            None if row.constant != Scalar::ZERO => return Err(ShapeError::Inconsistent),
            None => {}
        }
    }
    Ok(reduced
        .into_iter()
        .map(|(column, row)| Pivot {
            column,
            terms: row
                .coefficients
                .into_iter()
                .filter(|(j, _)| *j != column)
                .map(|(j, value)| (j, -value))
                .collect(),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;
    use getrandom::SysRng;

    fn bit() -> Coordinate {
        Coordinate {
            kind: CoordinateKind::Bit,
            counts: None,
        }
    }

    fn shape(m: usize, constraints: &[(&[(u16, u64)], u64)]) -> Result<Shape, ShapeError> {
        let constraints = constraints.iter().map(|(terms, constant)| Constraint {
            terms: terms.to_vec(),
            constant: *constant,
        });
        Shape::new(0, vec![bit(); m], constraints.collect())
    }

    #[test]
    fn digits_reach_every_value_and_no_other() {
        for max in 0..=300u32 {
            let weights = digits(max);
            let mut reached = vec![false; 1 + max as usize];
            reached[0] = true;
            let mut sums = vec![0u64];
            for weight in &weights {
                sums.extend(sums.clone().iter().map(|sum| sum + weight));
                sums.sort_unstable();
                sums.dedup();
            }
            assert_eq!(sums, (0..=u64::from(max)).collect::<Vec<_>>(), "{max}");
        }
        assert_eq!(digits(1 << 30).iter().sum::<u64>(), 1 << 30);
    }

    fn assert_uniform_kernel(shape: &Shape, dimension: usize) {
        assert_eq!(shape.kernel_dimension(), dimension);
        let mut nonces = Transcript::new("test").nonces(b"", &mut SysRng).unwrap();
        let (a, b) = (
            shape.kernel_vector(&mut nonces),
            shape.kernel_vector(&mut nonces),
        );
        for constraint in shape.constraints() {
            let sum: Scalar = constraint
                .terms
                .iter()
                .map(|(j, c)| Scalar::from(*c) * a[usize::from(*j)])
                .sum();
            assert_eq!(sum, Scalar::ZERO);
        }
        // A coordinate that is the same in two uniform vectors is constant on the kernel.
        let forced = a.iter().zip(&b).filter(|(x, y)| x == y).count();
        assert!(
            forced == 0 || dimension == 0,
            "{forced} coordinates are not masked"
        );
    }

    #[test]
    fn permutation_matrices_are_masked_by_the_whole_kernel() {
        for k in 2..=5u16 {
            let rows = (0..k).map(|i| ((0..k).map(|j| (i * k + j, 1)).collect::<Vec<_>>(), 1));
            let columns = (0..k).map(|j| ((0..k).map(|i| (i * k + j, 1)).collect::<Vec<_>>(), 1));
            let constraints = rows
                .chain(columns)
                .map(|(terms, constant)| Constraint { terms, constant })
                .collect();
            let shape = Shape::new(0, vec![bit(); usize::from(k * k)], constraints).unwrap();
            // 2k constraints, of rank 2k − 1.
            assert_uniform_kernel(&shape, usize::from((k - 1) * (k - 1)));
        }
    }

    #[test]
    fn duplicate_and_dependent_rows_cost_no_dimension() {
        let a: &[(u16, u64)] = &[(0, 1), (1, 1), (2, 1)];
        let b: &[(u16, u64)] = &[(2, 1), (3, 2)];
        let sum: &[(u16, u64)] = &[(0, 1), (1, 1), (2, 2), (3, 2)];
        assert_uniform_kernel(&shape(4, &[(a, 1), (a, 1)]).unwrap(), 3);
        assert_uniform_kernel(&shape(4, &[(a, 1), (b, 2), (sum, 3)]).unwrap(), 2);
        assert_uniform_kernel(&shape(4, &[(sum, 3), (b, 2), (a, 1)]).unwrap(), 2);
    }

    #[test]
    fn contradictions_and_unknown_coordinates_are_refused() {
        let a: &[(u16, u64)] = &[(0, 1), (1, 1)];
        let twice: &[(u16, u64)] = &[(0, 2), (1, 2)];
        assert_eq!(
            shape(2, &[(a, 1), (a, 2)]).unwrap_err(),
            ShapeError::Inconsistent
        );
        assert_eq!(
            shape(2, &[(a, 1), (twice, 3)]).unwrap_err(),
            ShapeError::Inconsistent
        );
        assert_eq!(shape(2, &[(&[], 1)]).unwrap_err(), ShapeError::Inconsistent);
        assert_eq!(shape(1, &[(a, 1)]).unwrap_err(), ShapeError::OutOfRange);
        assert!(shape(2, &[(a, 1), (twice, 2)]).is_ok());
    }
}
