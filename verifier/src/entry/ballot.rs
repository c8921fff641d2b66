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
    /// The proof: `W_0`, …, `W_{ρ−1}` and the Bulletproof; empty without range forms.
    pub ranges: &'a [u8],
    /// The proof: C, A, D, E, `T_alpha`, `T_beta`, and with range forms `T_W`.
    pub commitments: &'a [u8],
    /// The proof: `f_1`, …, `f_m`, z, z', zeta, and with range forms `zeta_W`.
    pub responses: &'a [u8],
}

impl<'a> BallotBody<'a> {
    /// Reads what comes after the style.
    ///
    /// # Errors
    /// [`EncodingError::Short`].
    pub fn decode(
        index: u16,
        style: &Style,
        reader: &mut Reader<'a>,
    ) -> Result<Self, EncodingError> {
        let shape = &style.shape;
        // Two of what is for the forms are T_W and zeta_W.
        let for_forms = usize::from(!shape.forms.is_empty());
        Ok(Self {
            style: index,
            counter: reader.u32()?,
            previous: reader.array()?,
            alpha: reader.array()?,
            beta: reader.take(32 * shape.n_positions)?,
            ranges: reader.take(32 * (shape.n_of_ranges() - 2 * for_forms))?,
            commitments: reader.take(32 * (6 + for_forms))?,
            responses: reader.take(32 * (shape.coordinates.len() + 3 + for_forms))?,
        })
    }
}
