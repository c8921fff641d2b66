//! What a ballot of one style proves: coordinates and linear constraints.
//!
//! Spec: docs/spec/manifest.md, "Coordinates and constraints (`Style.Shape`)", and docs/spec/ballot.md, `Kernel`.

mod kernel;
mod of_manifest;

use crate::proofs::ranges::BITS;

use kernel::{Pivot, eliminate};

/// What the proof shows of a coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinateKind {
    /// It is 0 or 1.
    Bit,
    /// Nothing; its range is proved elsewhere.
    Free,
    /// It is the product of the coordinates of these indices, which come before it and are no
    /// products; a square where they are one.
    Product(u16, u16),
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

/// Λ(b) = constant + Σ coefficient·coordinate, a value that a ballot shows to be in range.
/// Constant and coefficients are integers of absolute value below 2^33.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeForm {
    /// λ_0.
    pub constant: u64,
    /// Pairs of coordinate index and coefficient.
    pub terms: Vec<(u16, i64)>,
}

#[cfg(feature = "ranges")]
impl RangeForm {
    /// Λ(b), of coordinates whose form is in range; without branching on them. What is out of range
    /// gives another number, for which there is no proof.
    pub(crate) fn value(&self, coordinates: &[u64]) -> u64 {
        let terms = self.terms.iter().map(|&(j, factor)| {
            let value = coordinates.get(usize::from(j)).copied().unwrap_or(0);
            value.wrapping_mul(factor.cast_unsigned())
        });
        terms.fold(self.constant, u64::wrapping_add)
    }
}

/// What a ballot shows to be in 0..2^bits − 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    bits: u8,
    forms: Vec<RangeForm>,
}

impl Ranges {
    /// n: 8, 16 or 32; 0 where there are no forms.
    pub fn bits(&self) -> u8 {
        self.bits
    }

    /// The forms Λ_0, …, Λ_(ρ−1).
    pub fn forms(&self) -> &[RangeForm] {
        &self.forms
    }
}

/// Absolute values of constants and coefficients of range forms stay below this.
const FORM_LIMIT: u64 = 1 << 33;

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
    /// A range form with a size or a coefficient that range proofs do not have.
    #[error("its numbers have ranges that cannot be proved")]
    Range,
}

/// The coordinates and constraints of one ballot style.
#[derive(Clone, Debug)]
pub struct Shape {
    n_positions: usize,
    coordinates: Vec<Coordinate>,
    constraints: Vec<Constraint>,
    ranges: Ranges,
    pivots: Vec<Pivot>,
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
        let is_factor = |product: usize, k: u16| {
            let before = coordinates.get(..product).unwrap_or_default();
            before
                .get(usize::from(k))
                .is_some_and(|factor| !matches!(factor.kind, CoordinateKind::Product(..)))
        };
        let exists = |(j, c): (usize, &Coordinate)| {
            c.counts
                .is_none_or(|(position, _)| usize::from(position) < n_positions)
                && match c.kind {
                    CoordinateKind::Product(k, l) => is_factor(j, k) && is_factor(j, l),
                    CoordinateKind::Bit | CoordinateKind::Free => true,
                }
        };
        let terms_exist = |c: &Constraint| {
            c.terms.len() <= 65_535
                && c.terms
                    .iter()
                    .all(|&(j, w)| usize::from(j) < m && w < 1 << 63)
        };
        if !coordinates.iter().enumerate().all(exists) || !constraints.iter().all(terms_exist) {
            return Err(ShapeError::OutOfRange);
        }
        let pivots = eliminate(&constraints)?;
        Ok(Self {
            n_positions,
            coordinates,
            constraints,
            ranges: Ranges::default(),
            pivots,
        })
    }

    /// The shape that in addition shows each of these forms to be in 0..2^bits − 1.
    ///
    /// # Errors
    /// [`ShapeError::Range`] for sizes and coefficients that range proofs do not have,
    /// [`ShapeError::OutOfRange`] if a coordinate does not exist.
    pub fn with_ranges(mut self, bits: u8, forms: Vec<RangeForm>) -> Result<Self, ShapeError> {
        let m = self.coordinates.len();
        let is_small = |form: &RangeForm| {
            let mut sizes = form.terms.iter().map(|(_, factor)| factor.unsigned_abs());
            form.constant < FORM_LIMIT && sizes.all(|size| size < FORM_LIMIT)
        };
        let terms_exist = |form: &RangeForm| {
            form.terms.len() <= 65_535 && form.terms.iter().all(|&(j, _)| usize::from(j) < m)
        };
        if !BITS.contains(&bits) || forms.is_empty() || !forms.iter().all(is_small) {
            return Err(ShapeError::Range);
        }
        if forms.len() > 65_535 || !forms.iter().all(terms_exist) {
            return Err(ShapeError::OutOfRange);
        }
        self.ranges = Ranges { bits, forms };
        Ok(self)
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

    /// The forms that are shown to be in range.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges
    }

    /// The encoding that a ballot proof's transcript starts with.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let count = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        out.extend(count(self.n_positions));
        out.extend(count(self.coordinates.len()));
        for coordinate in &self.coordinates {
            let (kind, (k, l)) = match coordinate.kind {
                CoordinateKind::Bit => (0u8, (0, 0)),
                CoordinateKind::Free => (1, (0, 0)),
                CoordinateKind::Product(k, l) => (2, (k, l)),
            };
            let (position, weight) = coordinate.counts.unwrap_or((u16::MAX, 0));
            out.push(kind);
            out.extend(k.to_be_bytes());
            out.extend(l.to_be_bytes());
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
        out.push(self.ranges.bits);
        out.extend(count(self.ranges.forms.len()));
        for form in &self.ranges.forms {
            out.extend(form.constant.to_be_bytes());
            out.extend(count(form.terms.len()));
            for (coordinate, coefficient) in &form.terms {
                out.extend(coordinate.to_be_bytes());
                out.push(u8::from(*coefficient < 0));
                out.extend(coefficient.unsigned_abs().to_be_bytes());
            }
        }
        out
    }
}

#[cfg(test)]
mod tests;
