//! The body of a ballot, cut into its parts but not yet decoded.

use crate::{
    encoding::{EncodingError, Reader},
    manifest::Style,
};

/// A ballot's parts, of exactly the lengths its style demands.
#[derive(Debug, Clone, Copy)]
pub struct BallotBody<'a> {
    /// The style, by its index in the manifest.
    pub style: u16,
    /// The number of this ballot among its voter's, from 1.
    pub counter: u32,
    /// The confirmation code of the voter's previous ballot, or zeros.
    pub previous: &'a [u8; 32],
    /// alpha.
    pub alpha: &'a [u8; 32],
    /// The joined encodings of beta, one per position.
    pub beta: &'a [u8],
    /// The proof: C, A, D, E, `T_alpha`, `T_beta`.
    pub commitments: &'a [u8; 192],
    /// The proof: `f_1`, …, `f_m`, z, z', zeta.
    pub responses: &'a [u8],
}

impl<'a> BallotBody<'a> {
    /// Reads what comes after the style.
    pub(super) fn decode(
        index: u16,
        style: &Style,
        reader: &mut Reader<'a>,
    ) -> Result<Self, EncodingError> {
        Ok(Self {
            style: index,
            counter: reader.u32()?,
            previous: reader.array()?,
            alpha: reader.array()?,
            beta: reader.take(32 * style.shape.n_positions)?,
            commitments: reader.array()?,
            responses: reader.take(32 * (style.shape.coordinates.len() + 3))?,
        })
    }
}
