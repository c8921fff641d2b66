//! Verifying, in batches.

use std::borrow::Borrow;

use super::{
    BallotContext, EncryptedVector, G, H, P, RangeArgument, StyleStatement, powers, range_context,
};
use crate::group::Scalar;
use crate::proofs::batch::{Batch, Weights, verify_each};
#[cfg(feature = "ranges")]
use crate::proofs::ranges::RangeEquation;
use crate::style::CoordinateKind;
use crate::transcript::Digest;

/// Why a ballot's proof is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum BallotProofError {
    /// It was decoded under another shape, or keys and positions of the style do not pair up.
    #[error("the ballot does not have the shape of its style")]
    Shape,
    /// Equation 5: a limit of the ballot is not kept.
    #[error("the ballot's proof does not show that limit number {constraint} is kept")]
    Constraint {
        /// 0-based number of the constraint.
        constraint: usize,
    },
    /// Equations 1 to 4, 6, and those of the range proof.
    #[error("the ballot's proof does not hold")]
    Equations,
}

/// A ballot ready for its equations: decoded, challenges computed, limits checked.
pub struct Candidate<'a> {
    style: &'a StyleStatement,
    vector: &'a EncryptedVector,
    #[cfg(feature = "ranges")]
    ranges: Option<RangeEquation<'a>>,
    y: Scalar,
    x: Scalar,
}

/// The challenges y and x of a ballot, and the digest to which its range proof is bound.
pub(super) fn challenges(
    style: &StyleStatement,
    context: &BallotContext,
    vector: &EncryptedVector,
) -> (Scalar, Scalar, Digest) {
    let (proof, ranges) = (&vector.proof, vector.ranges.as_ref());
    let mut transcript = style.transcript(context, vector.alpha.as_bytes(), &vector.beta_bytes());
    let range_context = range_context(&transcript);
    transcript.append(
        "ranges",
        &ranges.map(RangeArgument::bytes).unwrap_or_default(),
    );
    transcript.append("C", proof.c.as_bytes());
    let y = transcript.challenge("y");
    transcript.append("A", proof.a.as_bytes());
    transcript.append("D", proof.d.as_bytes());
    transcript.append("E", proof.e.as_bytes());
    transcript.append("T_alpha", proof.t_alpha.as_bytes());
    transcript.append("T_beta", proof.t_beta.as_bytes());
    if let Some(ranges) = ranges {
        transcript.append("T_W", ranges.t_w.as_bytes());
    }
    (y, transcript.challenge("x"), range_context)
}

impl<'a> Candidate<'a> {
    /// Computes the challenges and checks the limits (equation 5, exact scalar arithmetic).
    ///
    /// # Errors
    /// [`BallotProofError::Constraint`] if a limit is not kept, [`BallotProofError::Shape`] if the
    /// ballot was decoded under another shape.
    pub fn new(
        style: &'a StyleStatement,
        context: &BallotContext,
        vector: &'a EncryptedVector,
    ) -> Result<Self, BallotProofError> {
        let (y, x, range_context) = challenges(style, context, vector);
        Self::with_challenges(style, vector, (y, x), &range_context)
    }

    /// The same under given challenges, as in the interactive argument.
    pub(super) fn with_challenges(
        style: &'a StyleStatement,
        vector: &'a EncryptedVector,
        (y, x): (Scalar, Scalar),
        #[cfg_attr(not(feature = "ranges"), expect(unused_variables))] range_context: &Digest,
    ) -> Result<Self, BallotProofError> {
        let (shape, proof) = (&style.shape, &vector.proof);
        // Sums below run over pairs: a list that is too short would leave equations out.
        if proof.f.len() != shape.n_coordinates()
            || vector.beta.len() != shape.n_positions()
            || style.positions.len() != shape.n_positions()
            || vector.ranges.as_ref().map_or(0, |ranges| ranges.w.len())
                != shape.ranges().forms().len()
        {
            return Err(BallotProofError::Shape);
        }
        for (constraint, equation) in shape.constraints().iter().enumerate() {
            let terms = equation.terms.iter();
            let sum: Scalar = terms
                .filter_map(|(j, c)| Some(Scalar::from(*c) * proof.f.get(usize::from(*j))?))
                .sum();
            if sum != x * Scalar::from(equation.constant) {
                return Err(BallotProofError::Constraint { constraint });
            }
        }
        Ok(Self {
            style,
            vector,
            #[cfg(feature = "ranges")]
            ranges: vector.ranges.as_ref().map(|ranges| {
                let bits = shape.ranges().bits();
                RangeEquation::new(range_context, bits, &ranges.w, &ranges.bulletproof)
            }),
            y,
            x,
        })
    }

    /// The challenges y and x.
    pub fn challenges(&self) -> (&Scalar, &Scalar) {
        (&self.y, &self.x)
    }

    /// Adds equations 1 to 4 and 6, each with its own weight, and those of the range proof. Weights of 128 bits
    /// stay on the commitments, where short scalars save work.
    fn add_to(&self, batch: &mut Batch<'_>, weights: &mut Weights) {
        let (style, proof, x) = (self.style, &self.vector.proof, &self.x);
        let fixed = &style.fixed;
        if !batch.is_over(&fixed.points) {
            // Keys of another election: the batch must not hold.
            batch.add(Scalar::ONE, crate::group::base());
            return;
        }
        let [d1, d2, d3, d4] = std::array::from_fn(|_| weights.weight());

        // 1. A + x·C − Σ f_j·P_j − z·P, and 2. E + x·D − Σ g_j·P_j − z'·P
        batch.add(d1, *proof.a.point());
        batch.add(d1 * x, *proof.c.point());
        batch.add(d2, *proof.e.point());
        batch.add(d2 * x, *proof.d.point());
        batch.add_fixed(P, -(d1 * proof.z + d2 * proof.z_prime));
        for (j, (coordinate, f)) in style.shape.coordinates().iter().zip(&proof.f).enumerate() {
            let g = match coordinate.kind {
                CoordinateKind::Bit => f * (x - f),
                CoordinateKind::Free => Scalar::ZERO,
                CoordinateKind::Product(k, l) => {
                    let f_of = |k| proof.f.get(usize::from(k)).copied().unwrap_or_default();
                    x * f - f_of(k) * f_of(l)
                }
            };
            batch.add_fixed(fixed.base_index(j), -(d1 * f + d2 * g));
        }

        // 3. T_alpha + x·alpha − zeta·G
        batch.add(d3, *proof.t_alpha.point());
        batch.add(d3 * x, *self.vector.alpha.point());
        batch.add_fixed(G, -(d3 * proof.zeta));

        // 4. T_beta + x·Σ y^i·beta_i − (Σ y^pos(j)·w_j·f_j)·H − zeta·Σ y^i·K_i
        let powers = style.powers(&self.y);
        let row: Scalar = style
            .row_weights(&powers)
            .iter()
            .zip(&proof.f)
            .map(|(weight, f)| weight * f)
            .sum();
        batch.add(d4, *proof.t_beta.point());
        batch.add_fixed(H, -(d4 * row));
        for ((power, beta), position) in powers.iter().zip(&self.vector.beta).zip(&style.positions)
        {
            let weighted = d4 * power;
            batch.add(weighted * x, *beta.point());
            batch.add_fixed(fixed.key_index(*position), -(weighted * proof.zeta));
        }

        if let Some(ranges) = &self.vector.ranges {
            self.add_link(ranges, batch, weights.weight());
            #[cfg(feature = "ranges")]
            if let Some(equation) = &self.ranges {
                equation.add_to(batch, weights, &fixed.range_bases());
            }
            // Without the arithmetic of range proofs no such ballot may hold.
            #[cfg(not(feature = "ranges"))]
            batch.add(Scalar::ONE, crate::group::base());
        }
    }

    /// 6. T_W + x·Σ y^k·W_k − (Σ_k y^k·(x·λ_k0 + Σ_j λ_kj·f_j))·H − zeta_W·P
    fn add_link(&self, ranges: &RangeArgument, batch: &mut Batch<'_>, d6: Scalar) {
        let (x, proof) = (&self.x, &self.vector.proof);
        let (constant, row) = self.style.range_row(&self.y);
        let sum: Scalar = row.iter().zip(&proof.f).map(|(factor, f)| factor * f).sum();
        batch.add(d6, *ranges.t_w.point());
        for (power, w) in powers(&self.y, ranges.w.len()).iter().zip(&ranges.w) {
            batch.add(d6 * power * x, *w.point());
        }
        batch.add_fixed(H, -(d6 * (x * constant + sum)));
        batch.add_fixed(P, -(d6 * ranges.zeta_w));
    }
}

/// `BallotProof.Verify` for many ballots of one election, in one multiscalar multiplication;
/// where that fails, in halves, until every culprit is named. The candidates' styles share one
/// [`FixedPoints`](super::FixedPoints); a candidate over others than the first one's is refused.
pub fn verify_batch<'a>(
    candidates: &[impl Borrow<Candidate<'a>>],
    weights: &mut Weights,
) -> Vec<Result<(), BallotProofError>> {
    let Some(first) = candidates.first() else {
        return Vec::new();
    };
    verify_each(
        candidates,
        &first.borrow().style.fixed.points,
        weights,
        &|candidate, batch, weights| {
            candidate.borrow().add_to(batch, weights);
        },
    )
    .into_iter()
    .map(|verdict| verdict.map_err(|_| BallotProofError::Equations))
    .collect()
}
