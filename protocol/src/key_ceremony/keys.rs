//! What a ceremony makes: election keys, verification keys, and each trustee's key shares.

#[cfg(feature = "joint")]
use rand_core::TryCryptoRng;

#[cfg(feature = "joint")]
use super::deal::open;
#[cfg(feature = "joint")]
use super::{CeremonySecrets, Deal, DealError};
use super::{Dimensions, Reveal, Session};
use crate::group::{Element, Point, Scalar, mul_base};
#[cfg(feature = "joint")]
use crate::joint::{JointKeys, JointShare};
use crate::proofs::dleq::{self, DleqError, DleqProof, Statement};
#[cfg(feature = "joint")]
use crate::secret::Secret;
#[cfg(feature = "joint")]
use crate::transcript::RandomnessError;
use crate::transcript::{Digest, Transcript};

/// A key of the ceremony is the identity, which nobody can bring about by chance.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum KeyError {
    /// One of the election keys or their verification keys.
    #[error(
        "a key of position {position} is the identity; the last reveal was chosen to make it so"
    )]
    Position {
        /// The position, from 0.
        position: usize,
    },
    /// The joint key or one of its verification keys.
    #[error("a joint key is the identity; the last reveal was chosen to make it so")]
    Joint,
}

/// The public keys that a ceremony's reveals fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElectionKeys {
    /// K_i, one per position.
    pub keys: Vec<Element>,
    /// Y_{j,i}: per trustee, one per position.
    pub verification_keys: Vec<Vec<Element>>,
}

impl ElectionKeys {
    /// Sums up the reveals of all trustees, in order.
    ///
    /// # Errors
    /// [`KeyError`] if a key is the identity.
    pub fn new(reveals: &[&Reveal], dimensions: &Dimensions) -> Result<Self, KeyError> {
        let t = usize::from(dimensions.threshold);
        // A_{i,k} summed over the dealers: the coefficients of the joint polynomials.
        let mut joint = vec![Point::default(); dimensions.positions * t];
        for reveal in reveals {
            joint
                .iter_mut()
                .zip(&reveal.coefficients)
                .for_each(|(sum, a)| *sum += a.point());
        }
        let element =
            |position, point| Element::from_point(point).ok_or(KeyError::Position { position });
        let keys = joint
            .iter()
            .step_by(t)
            .enumerate()
            .map(|(i, k)| element(i, *k))
            .collect::<Result<_, _>>()?;
        // A higher coefficient may be the identity, so this works on points, not elements.
        let verification_key = |trustee: u16, coefficients: &[Point]| {
            let x = Scalar::from(trustee);
            coefficients
                .iter()
                .rev()
                .fold(Point::default(), |sum, a| sum * x + a)
        };
        let of_trustee = |trustee| {
            let points = joint.chunks(t).enumerate();
            points
                .map(|(i, coefficients)| element(i, verification_key(trustee, coefficients)))
                .collect()
        };
        let verification_keys = (1..=dimensions.trustees)
            .map(of_trustee)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            keys,
            verification_keys,
        })
    }

    /// Y_{j,·} of the trustee of 1-based index j.
    pub fn of_trustee(&self, trustee: u16) -> &[Element] {
        let index = usize::from(trustee).checked_sub(1);
        index
            .and_then(|index| self.verification_keys.get(index))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// J and its verification keys, from the reveals of all trustees, in order.
///
/// # Errors
/// [`KeyError::Joint`] if one is the identity.
#[cfg(feature = "joint")]
pub(super) fn joint_keys(
    reveals: &[&Reveal],
    dimensions: &Dimensions,
) -> Result<JointKeys, KeyError> {
    let dealers = reveals.iter().map(|reveal| reveal.joint.as_slice());
    JointKeys::new(dealers, dimensions.trustees, dimensions.threshold).map_err(|_| KeyError::Joint)
}

/// s_{j,i} = Σ_d f_{d,i}(j): the key shares of one trustee, one per position; and x_j beside them.
#[cfg(feature = "joint")]
#[derive(Debug)]
pub struct KeyShares {
    positions: Vec<Secret<Scalar>>,
    joint: JointShare,
}

#[cfg(feature = "joint")]
impl KeyShares {
    /// Opens and checks what every dealer sealed for `trustee`, and adds it up.
    ///
    /// # Errors
    /// The dealer whose shares are wrong, and why.
    pub fn collect(
        session: &Session,
        trustee: u16,
        secrets: &CeremonySecrets,
        reveals: &[&Reveal],
        deals: &[&Deal],
        dimensions: &Dimensions,
    ) -> Result<Self, (u16, DealError)> {
        let own = usize::from(trustee).wrapping_sub(1);
        let mut sums: Vec<Secret<Scalar>> = (0..dimensions.positions)
            .map(|_| Secret::new(Scalar::ZERO))
            .collect();
        let mut joint = Vec::new();
        for ((dealer, from), deal) in (1u16..).zip(reveals).zip(deals) {
            let shared = from.ephemeral.point() * secrets.encryption.expose();
            let wrong = |error| (dealer, error);
            let to = reveals.get(own).ok_or(wrong(DealError::Sealed))?;
            let sealed = deal.sealed.get(own).ok_or(wrong(DealError::Sealed))?;
            let shares = open(
                session,
                (dealer, from),
                (trustee, to),
                sealed,
                &shared,
                dimensions,
            )
            .map_err(wrong)?;
            sums.iter_mut()
                .zip(&shares.positions)
                .for_each(|(sum, share)| *sum = Secret::new(sum.expose() + share.expose()));
            joint.push(shares.joint);
        }
        let joint = JointShare::sum(&joint).map_err(|error| (trustee, error.into()))?;
        Ok(Self {
            positions: sums,
            joint,
        })
    }

    /// The share of each position.
    pub(crate) fn positions(&self) -> &[Secret<Scalar>] {
        &self.positions
    }

    /// The share of the joint key.
    pub(crate) fn joint(&self) -> &JointShare {
        &self.joint
    }
}

/// The ceremony digest: everything that was dealt, and the keys.
pub(super) fn ceremony_digest(
    session: &Session,
    leaves: &[[Digest; 3]],
    keys: &ElectionKeys,
) -> Digest {
    let mut transcript = Transcript::new("ceremony");
    transcript.append("session", session.0.as_bytes());
    for [commit, reveal, deal] in leaves {
        transcript.append("commit", commit.as_bytes());
        transcript.append("reveal", reveal.as_bytes());
        transcript.append("deal", deal.as_bytes());
    }
    transcript.append_elements("keys", keys.keys.iter());
    transcript.digest("ceremony")
}

/// The rehearsal: a decryption of a ciphertext whose nonce is a public hash of the ceremony.
struct Rehearsal {
    context: Digest,
    base: Element,
    ds: Vec<Element>,
}

impl Rehearsal {
    fn new(ceremony: &Digest, trustee: u16, keys: &ElectionKeys) -> Option<Self> {
        let mut transcript = Transcript::new("rehearsal");
        transcript.append("ceremony", ceremony.as_bytes());
        let nonce = transcript.challenge("nonce");
        let mut context = Transcript::new("rehearsal proof");
        context.append("ceremony", ceremony.as_bytes());
        context.append_u16("trustee", trustee);
        let images = keys
            .of_trustee(trustee)
            .iter()
            .map(|y| Element::from_point(y.point() * nonce));
        Some(Self {
            context: context.digest("context"),
            base: Element::from_point(mul_base(&nonce))?,
            ds: images.collect::<Option<_>>()?,
        })
    }
}

/// Proves that a trustee holds its key shares; `None` in the impossible case of a zero nonce.
///
/// # Errors
/// [`RandomnessError`] if `rng` fails.
#[cfg(feature = "joint")]
pub(super) fn rehearse(
    ceremony: &Digest,
    trustee: u16,
    keys: &ElectionKeys,
    shares: &KeyShares,
    rng: &mut impl TryCryptoRng,
) -> Result<Option<DleqProof>, RandomnessError> {
    let Some(rehearsal) = Rehearsal::new(ceremony, trustee, keys) else {
        return Ok(None);
    };
    let Rehearsal { context, base, ds } = &rehearsal;
    let statement = Statement {
        context,
        base,
        ys: keys.of_trustee(trustee),
        ds,
    };
    dleq::prove(&statement, shares.positions(), rng).map(Some)
}

/// Checks a rehearsal.
///
/// # Errors
/// [`DleqError`] if it does not hold.
pub(super) fn verify_rehearsal(
    ceremony: &Digest,
    trustee: u16,
    keys: &ElectionKeys,
    proof: &DleqProof,
) -> Result<(), DleqError> {
    let rehearsal = Rehearsal::new(ceremony, trustee, keys).ok_or(DleqError)?;
    let Rehearsal { context, base, ds } = &rehearsal;
    dleq::verify(
        &Statement {
            context,
            base,
            ys: keys.of_trustee(trustee),
            ds,
        },
        proof,
    )
}
