//! Signatures and proofs, each as the equations its page lists.

pub mod ballot;
pub mod dleq;
pub mod ranges;
pub mod reveal;
pub mod signature;

use crate::group::{Point, Scalar, multiscalar_vartime, vanishes};

/// A sum of products that a proof says is the identity.
#[derive(Debug, Default)]
struct Row {
    scalars: Vec<Scalar>,
    points: Vec<Point>,
}

impl Row {
    fn add(&mut self, scalar: Scalar, point: &Point) {
        self.scalars.push(scalar);
        self.points.push(*point);
    }

    /// Computes the sum exactly; nothing is weighted, so nothing can cancel.
    fn holds(&self) -> bool {
        vanishes(&multiscalar_vartime(&self.scalars, &self.points))
    }
}
