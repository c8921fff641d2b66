//! Batched proof that many logarithms to G and to A are the same.
//!
//! Spec: `Dleq` (docs/spec/parameters.md). Source: Chaum–Pedersen, CRYPTO '92; the whole statement
//! is hashed, as Bernhard–Pereira–Warinschi, ASIACRYPT 2012, requires; batching with small
//! exponents, Bellare–Garay–Rabin, EUROCRYPT '98.

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::{Element, Point, Scalar, base, is_identity, mul_base, vartime_multiscalar};
use crate::secret::Secret;
use crate::transcript::{Digest, RandomnessError, Transcript, weight};

/// The proof does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the proof of equal logarithms does not hold")]
pub struct DleqError;

/// What is proved: D_i = s_i·A and Y_i = s_i·G for all i. `ys` and `ds` have one length.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Digest of what the proof belongs to.
    pub context: &'a Digest,
    /// A.
    pub base: &'a Element,
    /// Y_0, Y_1, ….
    pub ys: &'a [Element],
    /// D_0, D_1, ….
    pub ds: &'a [Element],
}

impl Statement<'_> {
    fn transcript(&self) -> (Transcript, Vec<Scalar>) {
        let mut transcript = Transcript::new("dleq");
        transcript.append("context", self.context.as_bytes());
        transcript.append("A", self.base.as_bytes());
        transcript.append_elements("Y", self.ys.iter());
        transcript.append_elements("D", self.ds.iter());
        let seed = transcript.digest("weights");
        let weights = (0u32..)
            .zip(self.ys)
            .map(|(i, _)| weight(&seed, i))
            .collect();
        (transcript, weights)
    }
}

/// A proof, 96 bytes: R_G ‖ R_A ‖ z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DleqProof {
    r_g: Element,
    r_a: Element,
    z: Scalar,
}

impl DleqProof {
    /// Size of the encoding in bytes.
    pub const LENGTH: usize = 96;

    /// Reads a proof strictly.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Self {
            r_g: reader.element("a proof's R_G")?,
            r_a: reader.element("a proof's R_A")?,
            z: reader.scalar("a proof's z")?,
        })
    }

    /// Appends the 96 bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_element(&self.r_g);
        out.put_element(&self.r_a);
        out.put_scalar(&self.z);
    }
}

fn challenge(mut transcript: Transcript, r_g: &Element, r_a: &Element) -> Scalar {
    transcript.append("R_G", r_g.as_bytes());
    transcript.append("R_A", r_a.as_bytes());
    transcript.challenge("c")
}

/// `Dleq.Prove`: `secrets` are s_0, s_1, …, as many as the statement has rows. Constant-time in them.
///
/// # Errors
/// [`RandomnessError`] if `rng` fails.
pub fn prove(
    statement: &Statement<'_>,
    secrets: &[Secret<Scalar>],
    rng: &mut impl TryCryptoRng,
) -> Result<DleqProof, RandomnessError> {
    let (transcript, weights) = statement.transcript();
    let mut witness = Zeroizing::new(Vec::with_capacity(32 * secrets.len()));
    secrets
        .iter()
        .for_each(|s| witness.extend_from_slice(s.expose().as_bytes()));
    let mut nonces = transcript.nonces(&witness, rng)?;
    loop {
        let w = nonces.scalar();
        let r_g = Element::from_point(mul_base(w.expose()));
        let r_a = Element::from_point(statement.base.point() * w.expose());
        // Both are elements except with probability 1/l.
        if let (Some(r_g), Some(r_a)) = (r_g, r_a) {
            let c = challenge(transcript, &r_g, &r_a);
            let sum = Secret::new(
                weights
                    .iter()
                    .zip(secrets)
                    .map(|(rho, s)| rho * s.expose())
                    .sum::<Scalar>(),
            );
            return Ok(DleqProof {
                r_g,
                r_a,
                z: w.expose() + c * sum.expose(),
            });
        }
    }
}

/// `Dleq.Verify`.
///
/// # Errors
/// [`DleqError`] if the proof does not hold, or the statement's rows do not pair up.
pub fn verify(statement: &Statement<'_>, proof: &DleqProof) -> Result<(), DleqError> {
    if statement.ys.len() != statement.ds.len() {
        return Err(DleqError);
    }
    let (transcript, weights) = statement.transcript();
    let c = challenge(transcript, &proof.r_g, &proof.r_a);
    let row = |base: Point, r: &Element, images: &[Element]| {
        let mut scalars = vec![proof.z, -Scalar::ONE];
        let mut points = vec![base, *r.point()];
        scalars.extend(weights.iter().map(|rho| -(c * rho)));
        points.extend(images.iter().map(Element::point));
        is_identity(&vartime_multiscalar(&scalars, &points))
    };
    if row(base(), &proof.r_g, statement.ys)
        && row(*statement.base.point(), &proof.r_a, statement.ds)
    {
        Ok(())
    } else {
        Err(DleqError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{value_base, wide_scalar};
    use getrandom::SysRng;

    struct Example {
        context: Digest,
        base: Element,
        secrets: Vec<Secret<Scalar>>,
        ys: Vec<Element>,
        ds: Vec<Element>,
    }

    fn example() -> Example {
        let base = Element::from_point(value_base()).unwrap();
        let secrets: Vec<_> = (1..4u8)
            .map(|i| Secret::new(wide_scalar(&[i; 64])))
            .collect();
        let ys = secrets
            .iter()
            .map(|s| Element::from_point(mul_base(s.expose())).unwrap())
            .collect();
        let ds = secrets
            .iter()
            .map(|s| Element::from_point(base.point() * s.expose()).unwrap())
            .collect();
        Example {
            context: Digest([5; 32]),
            base,
            secrets,
            ys,
            ds,
        }
    }

    impl Example {
        fn statement(&self) -> Statement<'_> {
            Statement {
                context: &self.context,
                base: &self.base,
                ys: &self.ys,
                ds: &self.ds,
            }
        }
    }

    #[test]
    fn true_statements_hold_and_every_change_is_refused() {
        let e = example();
        let proof = prove(&e.statement(), &e.secrets, &mut SysRng).unwrap();
        assert_eq!(verify(&e.statement(), &proof), Ok(()));

        let other = Element::from_point(mul_base(&wide_scalar(&[77; 64]))).unwrap();
        let context = Digest([6; 32]);
        assert!(
            verify(
                &Statement {
                    context: &context,
                    ..e.statement()
                },
                &proof
            )
            .is_err()
        );
        assert!(
            verify(
                &Statement {
                    base: &other,
                    ..e.statement()
                },
                &proof
            )
            .is_err()
        );
        for i in 0..3 {
            let (mut ys, mut ds) = (e.ys.clone(), e.ds.clone());
            ys[i] = other;
            ds[i] = other;
            assert!(
                verify(
                    &Statement {
                        ys: &ys,
                        ..e.statement()
                    },
                    &proof
                )
                .is_err()
            );
            assert!(
                verify(
                    &Statement {
                        ds: &ds,
                        ..e.statement()
                    },
                    &proof
                )
                .is_err()
            );
        }
        assert!(
            verify(
                &Statement {
                    ys: &e.ys[..2],
                    ..e.statement()
                },
                &proof
            )
            .is_err()
        );
        for changed in [
            DleqProof {
                r_g: other,
                ..proof
            },
            DleqProof {
                r_a: other,
                ..proof
            },
            DleqProof {
                z: proof.z + Scalar::ONE,
                ..proof
            },
        ] {
            assert!(verify(&e.statement(), &changed).is_err());
        }
    }

    #[test]
    fn swapped_rows_and_errors_that_cancel_in_the_plain_sum_are_refused() {
        let e = example();
        // D_0 + E and D_1 − E keep the unweighted sum; so does a swap.
        let error = mul_base(&wide_scalar(&[9; 64]));
        let mut cancelling = e.ds.clone();
        cancelling[0] = Element::from_point(e.ds[0].point() + error).unwrap();
        cancelling[1] = Element::from_point(e.ds[1].point() - error).unwrap();
        let mut swapped = e.ds.clone();
        swapped.swap(0, 1);
        for ds in [cancelling, swapped] {
            let statement = Statement {
                ds: &ds,
                ..e.statement()
            };
            let proof = prove(&statement, &e.secrets, &mut SysRng).unwrap();
            assert_eq!(verify(&statement, &proof), Err(DleqError));
        }
    }

    #[test]
    fn a_factor_chosen_after_the_challenge_is_refused() {
        // The attack on challenges that omit D: fix R_A and z first, then solve for D. It works
        // only if c does not depend on D.
        let e = example();
        let (s, y, d) = (&e.secrets[..1], &e.ys[..1], &e.ds[..1]);
        let honest = Statement {
            context: &e.context,
            base: &e.base,
            ys: y,
            ds: d,
        };
        let proof = prove(&honest, s, &mut SysRng).unwrap();
        let (transcript, weights) = honest.transcript();
        let c = challenge(transcript, &proof.r_g, &proof.r_a);
        let r_a = Element::from_point(mul_base(&wide_scalar(&[4; 64]))).unwrap();
        let forged = (e.base.point() * proof.z - r_a.point()) * (c * weights[0]).invert();
        let forged = [Element::from_point(forged).unwrap()];
        let statement = Statement {
            ds: &forged,
            ..honest
        };
        assert_eq!(
            verify(&statement, &DleqProof { r_a, ..proof }),
            Err(DleqError)
        );
    }
}
