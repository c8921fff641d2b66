//! What a trustee derives from its seed.

use hkdf::Hkdf;
use rand_core::TryCryptoRng;
use sha2::Sha512;
use zeroize::Zeroizing;

use super::{Dimensions, Session};
use crate::group::{Element, Scalar, mul_base, wide_scalar};
use crate::joint::Polynomial;
use crate::secret::Secret;
use crate::signature::SigningKey;
use crate::transcript::RandomnessError;

/// A trustee's 256-bit seed: the 24 words. Everything else of a trustee follows from it and the board.
#[derive(Debug)]
pub struct TrusteeSeed(Secret<[u8; 32]>);

impl TrusteeSeed {
    /// Draws a seed.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    pub fn draw(rng: &mut impl TryCryptoRng) -> Result<Self, RandomnessError> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.try_fill_bytes(seed.as_mut())
            .map_err(|_| RandomnessError)?;
        Ok(Self::from_bytes(&seed))
    }

    /// The seed of these bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Secret::new(*bytes))
    }

    /// The bytes, to be written down as words or encrypted.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The key that stands in the roster.
    pub fn signing_key(&self) -> Option<SigningKey> {
        SigningKey::new(self.derive(&[0; 32], "signing key", 0, 0))
    }

    fn derive(&self, salt: &[u8; 32], label: &str, position: u16, degree: u16) -> Secret<Scalar> {
        Secret::new(wide_scalar(&self.wide(salt, label, position, degree)))
    }

    fn wide(
        &self,
        salt: &[u8; 32],
        label: &str,
        position: u16,
        degree: u16,
    ) -> Zeroizing<[u8; 64]> {
        let mut info = b"psephos v1 trustee ".to_vec();
        info.extend_from_slice(label.as_bytes());
        info.extend_from_slice(&position.to_be_bytes());
        info.extend_from_slice(&degree.to_be_bytes());
        let mut wide = Zeroizing::new([0u8; 64]);
        // 64 bytes are far below HKDF's limit of 255 blocks, so this cannot fail.
        let _ = Hkdf::<Sha512>::new(Some(salt), self.0.expose()).expand(&info, wide.as_mut());
        wide
    }

    /// The secrets of one session of the ceremony.
    pub fn ceremony_secrets(&self, session: &Session, dimensions: &Dimensions) -> CeremonySecrets {
        let salt = session.0.as_bytes();
        // Positions are at most 1,024 and degrees below 64, by the manifest's rules.
        let small = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
        let polynomial = |i| {
            (0..dimensions.threshold)
                .map(|k| self.derive(salt, "coefficient", small(i), k))
                .collect()
        };
        CeremonySecrets {
            coefficients: (0..dimensions.positions).map(polynomial).collect(),
            encryption: self.derive(salt, "share encryption", 0, 0),
            ephemeral: self.derive(salt, "dealing ephemeral", 0, 0),
            joint: Polynomial::from_wide(
                (0..dimensions.threshold).map(|k| self.wide(salt, "joint coefficient", 0, k)),
            ),
        }
    }

    /// The contribution to the beacon, which the trustee commits to and later publishes.
    pub(crate) fn contribution(&self, session: &Session) -> Secret<[u8; 32]> {
        let wide = self.wide(session.0.as_bytes(), "contribution", 0, 0);
        let mut contribution = Zeroizing::new([0; 32]);
        contribution.copy_from_slice(wide.split_at(32).0);
        Secret::new(*contribution)
    }
}

/// Secrets of one trustee in one session.
#[derive(Debug)]
pub struct CeremonySecrets {
    /// a_{d,i,k}: per position, t coefficients.
    pub(super) coefficients: Vec<Vec<Secret<Scalar>>>,
    /// e, opens the shares dealt to this trustee.
    pub(super) encryption: Secret<Scalar>,
    /// u, seals the shares that this trustee deals.
    pub(super) ephemeral: Secret<Scalar>,
    /// b_{d,k}: t coefficients of the joint key.
    pub joint: Polynomial,
}

impl CeremonySecrets {
    /// e, which opens what others seal for this trustee.
    pub(crate) fn encryption(&self) -> &Secret<Scalar> {
        &self.encryption
    }

    /// A_{d,i,k} in order of position, then degree; `None` in the impossible case of a zero.
    pub(super) fn coefficient_points(&self) -> Option<Vec<Element>> {
        self.coefficients
            .iter()
            .flatten()
            .map(|a| Element::from_point(mul_base(a.expose())))
            .collect()
    }

    /// f_{d,i}(x) for every position i, by Horner's rule.
    pub(super) fn evaluate(&self, x: u16) -> Vec<Secret<Scalar>> {
        let x = Scalar::from(x);
        self.coefficients
            .iter()
            .map(|polynomial| {
                Secret::new(
                    polynomial
                        .iter()
                        .rev()
                        .fold(Scalar::ZERO, |sum, a| sum * x + a.expose()),
                )
            })
            .collect()
    }
}
