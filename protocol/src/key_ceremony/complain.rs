//! Complaints: a Diffie–Hellman point that lets everybody judge one dealing.

#[cfg(feature = "joint")]
use rand_core::TryCryptoRng;

#[cfg(feature = "joint")]
use super::CeremonySecrets;
use super::deal::open;
use super::{Deal, DealError, Dimensions, Reveal, Session};
use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::Element;
use crate::proofs::dleq::{self, DleqError, DleqProof, Statement};
#[cfg(feature = "joint")]
use crate::secret::Secret;
#[cfg(feature = "joint")]
use crate::transcript::RandomnessError;
use crate::transcript::{Digest, Transcript};

/// Why a complaint is refused (it is then not heard at all).
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum ComplaintError {
    /// The dealer does not exist or is the complainer.
    #[error("the complaint names trustee {dealer}, who cannot be complained about")]
    Dealer {
        /// The dealer named.
        dealer: u16,
    },
    /// The revealed point is not proved.
    #[error("the complaint's proof does not hold")]
    Proof,
}

/// Body of a complaint, after the attempt: 130 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// Who is accused.
    pub dealer: u16,
    /// e_j·E_d.
    pub shared: Element,
    /// log_G(encryption key) = log_{E_d}(shared).
    pub proof: DleqProof,
}

fn context(session: &Session, trustee: u16, dealer: u16) -> Digest {
    let mut transcript = Transcript::new("complaint");
    transcript.append("session", session.0.as_bytes());
    transcript.append_u16("trustee", trustee);
    transcript.append_u16("dealer", dealer);
    transcript.digest("context")
}

impl Complaint {
    /// Complains about `dealer`; `None` in the impossible case that the shared point is the identity.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    #[cfg(feature = "joint")]
    pub fn new(
        session: &Session,
        trustee: u16,
        secrets: &CeremonySecrets,
        own: &Reveal,
        (dealer, from): (u16, &Reveal),
        rng: &mut impl TryCryptoRng,
    ) -> Result<Option<Self>, RandomnessError> {
        let Some(shared) =
            Element::from_point(from.ephemeral.point() * secrets.encryption.expose())
        else {
            return Ok(None);
        };
        let context = context(session, trustee, dealer);
        let statement = Statement {
            context: &context,
            base: &from.ephemeral,
            ys: &[own.encryption_key],
            ds: &[shared],
        };
        let proof = dleq::prove(
            &statement,
            &[Secret::new(*secrets.encryption.expose())],
            rng,
        )?;
        Ok(Some(Self {
            dealer,
            shared,
            proof,
        }))
    }

    /// Reads a complaint strictly.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Self {
            dealer: reader.u16("the dealer")?,
            shared: reader.element("the shared point")?,
            proof: DleqProof::decode(reader)?,
        })
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.dealer.to_be_bytes());
        out.put_element(&self.shared);
        self.proof.encode(out);
    }

    /// Judges the complaint of `trustee`: `Err` of the inner result if the dealer is at fault,
    /// `Ok` if its shares are right and the complaint is false.
    ///
    /// # Errors
    /// [`ComplaintError`] if the complaint is not even well-founded enough to be judged.
    pub fn judge(
        &self,
        session: &Session,
        (trustee, to): (u16, &Reveal),
        from: &Reveal,
        deal: &Deal,
        dimensions: &Dimensions,
    ) -> Result<Result<(), DealError>, ComplaintError> {
        let context = context(session, trustee, self.dealer);
        let statement = Statement {
            context: &context,
            base: &from.ephemeral,
            ys: &[to.encryption_key],
            ds: &[self.shared],
        };
        dleq::verify(&statement, &self.proof).map_err(|DleqError| ComplaintError::Proof)?;
        let sealed = deal
            .sealed
            .get(usize::from(trustee).wrapping_sub(1))
            .map(Vec::as_slice)
            .unwrap_or_default();
        let shares = open(
            session,
            (self.dealer, from),
            (trustee, to),
            sealed,
            self.shared.point(),
            dimensions,
        );
        Ok(shares.map(drop))
    }
}
