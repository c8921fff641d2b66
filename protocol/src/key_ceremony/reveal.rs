//! The rounds *commit* and *reveal*.

#[cfg(feature = "joint")]
use rand_core::TryCryptoRng;

#[cfg(feature = "joint")]
use super::CeremonySecrets;
use super::{Dimensions, Session};
#[cfg(feature = "joint")]
use crate::beacon::possession_message;
use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::Element;
#[cfg(feature = "joint")]
use crate::group::mul_base;
#[cfg(feature = "joint")]
use crate::joint::sharing;
use crate::joint::{JointPoint, JointSignature};
use crate::proofs::knowledge::{self, KnowledgeError, KnowledgeProof};
#[cfg(feature = "joint")]
use crate::transcript::RandomnessError;
use crate::transcript::{Digest, Transcript};

/// Why a reveal is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum RevealError {
    /// Not what was committed to.
    #[error("what trustee {trustee} revealed is not what it had committed to")]
    Commitment {
        /// The culprit.
        trustee: u16,
    },
    /// The proof of knowledge fails.
    #[error("trustee {trustee} does not know the secrets behind what it revealed")]
    Knowledge {
        /// The culprit.
        trustee: u16,
    },
    /// The proof of possession of the joint constant term fails.
    #[error("trustee {trustee} does not have the secret behind its part of the joint key")]
    Possession {
        /// The culprit.
        trustee: u16,
    },
    /// A key that somebody else uses, or that is used twice.
    #[error("trustee {trustee} revealed a key that is already in use in this ceremony")]
    Reused {
        /// The culprit.
        trustee: u16,
    },
}

/// Body of a reveal entry, after the attempt: 32·(N·t + 4) + 48·t + 96 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// A_{d,i,k}, N·t of them.
    pub coefficients: Vec<Element>,
    /// e·G: others seal shares to it.
    pub encryption_key: Element,
    /// u·G: this trustee seals shares with it.
    pub ephemeral: Element,
    /// Knowledge of every a_{d,i,0}, e and u.
    pub proof: KnowledgeProof,
    /// B_{d,k}, t of them.
    pub joint: Vec<JointPoint>,
    /// Possession of b_{d,0}.
    pub possession: JointSignature,
}

impl Reveal {
    /// Computes the reveal of a trustee's secrets; `None` in the impossible case of a zero secret.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    #[cfg(feature = "joint")]
    pub fn new(
        session: &Session,
        trustee: u16,
        secrets: &CeremonySecrets,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Option<Self>, RandomnessError> {
        let points = secrets.coefficient_points();
        let keys = [&secrets.encryption, &secrets.ephemeral]
            .map(|s| Element::from_point(mul_base(s.expose())));
        let (Some(coefficients), [Some(encryption_key), Some(ephemeral)]) = (points, keys) else {
            return Ok(None);
        };
        let statement = statement(
            "ceremony reveal",
            session,
            trustee,
            &coefficients,
            &encryption_key,
            &ephemeral,
        );
        let constants = secrets
            .coefficients
            .iter()
            .filter_map(|polynomial| polynomial.first());
        let known: Vec<_> = constants
            .chain([&secrets.encryption, &secrets.ephemeral])
            .collect();
        let proof = knowledge::prove(&statement, &known, rng)?;
        let Ok(joint) = secrets.joint.points() else {
            return Ok(None);
        };
        let message = possession_message(session, trustee, &joint);
        let Ok(possession) = secrets.joint.prove_possession(&message) else {
            return Ok(None);
        };
        Ok(Some(Self {
            coefficients,
            encryption_key,
            ephemeral,
            proof,
            joint,
            possession,
        }))
    }

    /// The commitment to this reveal, published a round earlier.
    pub fn commitment(&self, session: &Session, trustee: u16) -> Digest {
        let Self {
            coefficients,
            encryption_key,
            ephemeral,
            ..
        } = self;
        let mut transcript = statement(
            "ceremony commitment",
            session,
            trustee,
            coefficients,
            encryption_key,
            ephemeral,
        );
        let joint: Vec<u8> = self.joint.iter().flat_map(|b| *b.as_bytes()).collect();
        transcript.append("joint coefficients", &joint);
        transcript.append("possession", self.possession.as_bytes());
        transcript.digest("commitment")
    }

    /// Checks commitment and proofs.
    ///
    /// # Errors
    /// [`RevealError`] with the culprit.
    pub fn verify(
        &self,
        session: &Session,
        trustee: u16,
        commitment: &Digest,
        dimensions: &Dimensions,
    ) -> Result<(), RevealError> {
        if self.commitment(session, trustee) != *commitment {
            return Err(RevealError::Commitment { trustee });
        }
        if self.encryption_key == self.ephemeral {
            return Err(RevealError::Reused { trustee });
        }
        let Self {
            coefficients,
            encryption_key,
            ephemeral,
            ..
        } = self;
        let statement = statement(
            "ceremony reveal",
            session,
            trustee,
            coefficients,
            encryption_key,
            ephemeral,
        );
        let constants = coefficients
            .iter()
            .step_by(usize::from(dimensions.threshold));
        let images: Vec<_> = constants.chain([encryption_key, ephemeral]).collect();
        knowledge::verify(&statement, &images, &self.proof)
            .map_err(|KnowledgeError| RevealError::Knowledge { trustee })?;
        #[cfg(feature = "joint")]
        self.verify_possession(session, trustee)?;
        Ok(())
    }

    #[cfg(feature = "joint")]
    fn verify_possession(&self, session: &Session, trustee: u16) -> Result<(), RevealError> {
        let message = possession_message(session, trustee, &self.joint);
        self.joint
            .first()
            .and_then(|constant| {
                sharing::verify_possession(constant, &message, &self.possession).ok()
            })
            .ok_or(RevealError::Possession { trustee })
    }

    /// Reads a reveal of exactly N·t coefficients and t joint ones.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(reader: &mut Reader<'_>, dimensions: &Dimensions) -> Result<Self, EncodingError> {
        let count = dimensions.positions * usize::from(dimensions.threshold);
        Ok(Self {
            coefficients: reader.elements(count, "the coefficients")?,
            encryption_key: reader.element("the encryption key")?,
            ephemeral: reader.element("the ephemeral")?,
            proof: KnowledgeProof::decode(reader)?,
            joint: JointPoint::read(
                reader,
                usize::from(dimensions.threshold),
                "the joint coefficients",
            )?,
            possession: JointSignature::read(reader, "the proof of possession")?,
        })
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.coefficients
            .iter()
            .for_each(|element| out.put_element(element));
        out.put_element(&self.encryption_key);
        out.put_element(&self.ephemeral);
        self.proof.encode(out);
        self.joint
            .iter()
            .for_each(|point| out.extend_from_slice(point.as_bytes()));
        out.extend_from_slice(self.possession.as_bytes());
    }
}

fn statement(
    name: &str,
    session: &Session,
    trustee: u16,
    coefficients: &[Element],
    encryption_key: &Element,
    ephemeral: &Element,
) -> Transcript {
    let mut transcript = Transcript::new(name);
    transcript.append("session", session.0.as_bytes());
    transcript.append_u16("trustee", trustee);
    transcript.append_elements("coefficients", coefficients.iter());
    transcript.append("encryption key", encryption_key.as_bytes());
    transcript.append("ephemeral", ephemeral.as_bytes());
    transcript
}
