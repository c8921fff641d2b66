//! One proof of knowledge of many logarithms.
//!
//! Spec: the reveal round (docs/spec/key-ceremony.md). Source: Gennaro–Leigh–Sundaram–Yerazunis,
//! ASIACRYPT 2004: z = w + Σ c^i·σ_i is special-sound, because N + 1 challenges give a Vandermonde
//! system in w, σ_1, …, σ_N.

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::{Element, Scalar, base, is_identity, mul_base, vartime_multiscalar};
use crate::secret::Secret;
use crate::transcript::{RandomnessError, Transcript};

/// The proof does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the proof of knowledge does not hold")]
pub struct KnowledgeError;

/// A proof, 64 bytes: R ‖ z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnowledgeProof {
    r: Element,
    z: Scalar,
}

impl KnowledgeProof {
    /// Reads a proof strictly.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Self {
            r: reader.element("a proof's R")?,
            z: reader.scalar("a proof's z")?,
        })
    }

    /// Appends the 64 bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_element(&self.r);
        out.put_scalar(&self.z);
    }
}

fn challenge(mut statement: Transcript, r: &Element) -> Scalar {
    statement.append("R", r.as_bytes());
    statement.challenge("c")
}

/// Proves knowledge of σ_1, σ_2, … with S_i = σ_i·G. `statement` has hashed every S_i.
///
/// # Errors
/// [`RandomnessError`] if `rng` fails.
pub fn prove(
    statement: &Transcript,
    secrets: &[&Secret<Scalar>],
    rng: &mut impl TryCryptoRng,
) -> Result<KnowledgeProof, RandomnessError> {
    let mut witness = Zeroizing::new(Vec::with_capacity(32 * secrets.len()));
    secrets
        .iter()
        .for_each(|s| witness.extend_from_slice(s.expose().as_bytes()));
    let mut nonces = statement.nonces(&witness, rng)?;
    loop {
        let w = nonces.scalar();
        // The identity comes up with probability 1/l.
        if let Some(r) = Element::from_point(mul_base(w.expose())) {
            let c = challenge(statement.clone(), &r);
            // Horner: (…(σ_N·c + σ_{N−1})·c + … + σ_1)·c + w.
            let z = secrets
                .iter()
                .rev()
                .fold(Scalar::ZERO, |sum, s| (sum + s.expose()) * c)
                + w.expose();
            return Ok(KnowledgeProof { r, z });
        }
    }
}

/// Checks z·G = R + Σ c^i·S_i.
///
/// # Errors
/// [`KnowledgeError`] if it does not hold.
pub fn verify(
    statement: &Transcript,
    images: &[&Element],
    proof: &KnowledgeProof,
) -> Result<(), KnowledgeError> {
    let c = challenge(statement.clone(), &proof.r);
    let mut scalars = vec![-proof.z, Scalar::ONE];
    let mut points = vec![base(), *proof.r.point()];
    let mut power = Scalar::ONE;
    for image in images {
        power *= c;
        scalars.push(power);
        points.push(*image.point());
    }
    if is_identity(&vartime_multiscalar(&scalars, &points)) {
        Ok(())
    } else {
        Err(KnowledgeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::wide_scalar;
    use getrandom::SysRng;

    #[test]
    fn every_image_is_covered() {
        let secrets: Vec<_> = (1..5u8)
            .map(|i| Secret::new(wide_scalar(&[i; 64])))
            .collect();
        let images: Vec<_> = secrets
            .iter()
            .map(|s| Element::from_point(mul_base(s.expose())).unwrap())
            .collect();
        let mut statement = Transcript::new("test");
        statement.append_elements("S", images.iter());
        let proof = prove(&statement, &secrets.iter().collect::<Vec<_>>(), &mut SysRng).unwrap();
        assert_eq!(
            verify(&statement, &images.iter().collect::<Vec<_>>(), &proof),
            Ok(())
        );
        for i in 0..images.len() {
            let mut changed = images.clone();
            changed[i] = Element::from_point(changed[i].point() + base()).unwrap();
            // Even where the statement is not hashed again, the equation itself covers image i.
            assert!(verify(&statement, &changed.iter().collect::<Vec<_>>(), &proof).is_err());
        }
        assert!(
            verify(
                &Transcript::new("other"),
                &images.iter().collect::<Vec<_>>(),
                &proof
            )
            .is_err()
        );
    }
}
