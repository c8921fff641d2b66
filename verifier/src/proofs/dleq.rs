//! Batched equality of logarithms (`Dleq`, docs/spec/parameters.md).

use super::Row;
use crate::{
    encoding::{EncodingError, Reader},
    group::{Element, Generators, Scalar},
    transcript::{Digest, Transcript, dleq_weight},
};
use thiserror::Error;

/// A proof that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DleqError {
    /// There is nothing to prove, or not as many D as Y.
    #[error("the statement of equal logarithms is malformed")]
    Statement,
    /// The row of the basepoint fails.
    #[error("the proof of equal logarithms does not hold in the row of G")]
    RowOfG,
    /// The row of the second base fails.
    #[error("the proof of equal logarithms does not hold in the row of A")]
    RowOfA,
}

/// A proof: `R_G ‖ R_A ‖ z`, 96 bytes.
#[derive(Debug, Clone, Copy)]
pub struct DleqProof {
    commitment_g: Element,
    commitment_a: Element,
    response: Scalar,
}

/// What a proof says: `D_i = s_i·A` and `Y_i = s_i·G` for all i.
#[derive(Debug, Clone, Copy)]
pub struct DleqStatement<'a> {
    /// Where the proof is used.
    pub context: &'a Digest,
    /// The second base, A.
    pub base: &'a Element,
    /// `Y_i`.
    pub keys: &'a [Element],
    /// `D_i`.
    pub shares: &'a [Element],
}

impl DleqProof {
    /// Reads 96 bytes strictly.
    ///
    /// # Errors
    /// [`EncodingError`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Self {
            commitment_g: reader.element()?,
            commitment_a: reader.element()?,
            response: reader.scalar()?,
        })
    }

    /// `Dleq.Verify`: both rows, each exactly.
    ///
    /// # Errors
    /// [`DleqError`].
    pub fn verify(
        &self,
        statement: &DleqStatement<'_>,
        generators: &Generators,
    ) -> Result<(), DleqError> {
        let DleqStatement {
            context,
            base,
            keys,
            shares,
        } = statement;
        if keys.is_empty() || keys.len() != shares.len() {
            return Err(DleqError::Statement);
        }
        let mut transcript = Transcript::new("dleq");
        transcript.append("context", *context);
        transcript.append("A", base.encoding());
        transcript.append_elements("Y", keys.iter());
        transcript.append_elements("D", shares.iter());
        let seed = transcript.digest("weights");
        transcript.append("R_G", self.commitment_g.encoding());
        transcript.append("R_A", self.commitment_a.encoding());
        let challenge = transcript.challenge("c");

        let mut row_g = Row::default();
        let mut row_a = Row::default();
        row_g.add(-self.response, &generators.g);
        row_g.add(Scalar::ONE, self.commitment_g.point());
        row_a.add(-self.response, base.point());
        row_a.add(Scalar::ONE, self.commitment_a.point());
        for (index, (key, share)) in (0..).zip(keys.iter().zip(*shares)) {
            let weight = challenge * dleq_weight(&seed, index);
            row_g.add(weight, key.point());
            row_a.add(weight, share.point());
        }
        if !row_g.holds() {
            return Err(DleqError::RowOfG);
        }
        if !row_a.holds() {
            return Err(DleqError::RowOfA);
        }
        Ok(())
    }
}
