//! Masks: uniform vectors that keep every constraint with zero on its right side.
//!
//! Spec: docs/spec/ballot.md, `Kernel`.

use std::collections::BTreeMap;

use super::{Constraint, Shape, ShapeError};
use crate::group::Scalar;
use crate::transcript::Nonces;

/// A coordinate that follows from the free ones in every vector of the kernel:
/// a_column = Σ factor·a_j.
#[derive(Clone, Debug)]
pub(super) struct Pivot {
    column: usize,
    terms: Vec<(usize, Scalar)>,
}

impl Shape {
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
pub(super) fn eliminate(constraints: &[Constraint]) -> Result<Vec<Pivot>, ShapeError> {
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
