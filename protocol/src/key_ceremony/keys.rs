//! What a ceremony makes: election keys, verification keys, and each trustee's key shares.

use rand_core::TryCryptoRng;

use super::deal::open;
use super::{CeremonySecrets, Deal, DealError, Dimensions, Reveal, Session};
use crate::group::{Element, Point, Scalar, mul_base};
use crate::proofs::dleq::{self, DleqError, DleqProof, Statement};
use crate::secret::Secret;
use crate::transcript::{Digest, RandomnessError, Transcript};

/// A key of the ceremony is the identity, which nobody can bring about by chance.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("a key of position {position} is the identity; the last reveal was chosen to make it so")]
pub struct KeyError {
    /// The position, from 0.
    pub position: usize,
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
            |position: usize, point: Point| Element::from_point(point).ok_or(KeyError { position });
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

/// s_{j,i} = Σ_d f_{d,i}(j): the key shares of one trustee, one per position.
#[derive(Debug)]
pub struct KeyShares(Vec<Secret<Scalar>>);

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
                .zip(&shares.0)
                .for_each(|(sum, share)| *sum = Secret::new(sum.expose() + share.expose()));
        }
        Ok(Self(sums))
    }

    /// The share of each position.
    pub(crate) fn positions(&self) -> &[Secret<Scalar>] {
        &self.0
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
