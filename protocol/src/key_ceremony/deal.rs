//! The round *deal*: shares, sealed for each trustee.

#[cfg(feature = "joint")]
use zeroize::Zeroizing;

#[cfg(feature = "joint")]
use super::CeremonySecrets;
use super::{Dimensions, Reveal, Session};
use crate::encoding::{EncodingError, Reader};
#[cfg(feature = "joint")]
use crate::group::encode;
use crate::group::{Element, Point, Scalar, is_identity, mul_base, vartime_multiscalar};
#[cfg(feature = "joint")]
use crate::joint::{JointError, sharing};
use crate::sealing::{Sealing, TAG_LENGTH};
use crate::secret::Secret;

/// Why shares dealt to a trustee are wrong. It is the dealer's fault.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum DealError {
    /// They do not open.
    #[error("the sealed shares do not open")]
    Sealed,
    /// Not canonical scalars.
    #[error("the shares are malformed: {0}")]
    Encoding(#[from] EncodingError),
    /// They do not lie on the dealer's polynomials.
    #[error("the share for position {position} does not fit the dealer's coefficients")]
    Share {
        /// The position, from 0.
        position: usize,
    },
    /// The share of the joint key is no scalar, or not on the dealer's polynomial.
    #[cfg(feature = "joint")]
    #[error(transparent)]
    Joint(#[from] JointError),
}

/// Body of a deal entry, after the attempt: n sealed boxes of 32·(N + 1) + 16 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deal {
    /// One per recipient, in order.
    pub sealed: Vec<Vec<u8>>,
}

/// Shares of one dealer for one recipient, checked against the dealer's coefficients.
#[derive(Debug)]
#[cfg_attr(
    not(feature = "joint"),
    expect(
        dead_code,
        reason = "only who takes part in the ceremony uses its shares"
    )
)]
pub struct ReceivedShares {
    /// f_{d,i}(j), one per position.
    pub(super) positions: Vec<Secret<Scalar>>,
    /// h_d(j).
    pub(super) joint: Secret<[u8; 32]>,
}

impl Deal {
    /// Seals the shares for all recipients; `reveals` are those of trustees 1..n.
    ///
    /// # Errors
    /// [`JointError`] in the impossible case that the joint polynomial has no value.
    #[cfg(feature = "joint")]
    pub fn new(
        session: &Session,
        dealer: u16,
        secrets: &CeremonySecrets,
        reveals: &[&Reveal],
    ) -> Result<Self, JointError> {
        let ephemeral = encode(&mul_base(secrets.ephemeral.expose()));
        let sealed = (1u16..).zip(reveals).map(|(recipient, reveal)| {
            let shared = reveal.encryption_key.point() * secrets.ephemeral.expose();
            let length = 32 * (secrets.coefficients.len() + 1);
            let mut plain = Zeroizing::new(Vec::with_capacity(length));
            secrets
                .evaluate(recipient)
                .iter()
                .for_each(|share| plain.extend_from_slice(share.expose().as_bytes()));
            plain.extend_from_slice(secrets.joint.share(recipient)?.expose());
            Ok(sealing(session, (dealer, &ephemeral), (recipient, reveal)).seal(&shared, &plain))
        });
        Ok(Self {
            sealed: sealed.collect::<Result<_, JointError>>()?,
        })
    }

    /// Reads a deal strictly.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field.
    pub fn decode(reader: &mut Reader<'_>, dimensions: &Dimensions) -> Result<Self, EncodingError> {
        let length = 32 * (dimensions.positions + 1) + TAG_LENGTH;
        let sealed = |_| Ok(reader.bytes(length, "the sealed shares")?.to_vec());
        Ok(Self {
            sealed: (0..dimensions.trustees)
                .map(sealed)
                .collect::<Result<_, EncodingError>>()?,
        })
    }

    /// Appends the encoding.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.sealed
            .iter()
            .for_each(|sealed| out.extend_from_slice(sealed));
    }
}

/// Opens and checks the shares that `dealer` sealed for `recipient`, given their Diffie–Hellman point.
///
/// # Errors
/// [`DealError`]: the dealer is at fault.
pub(super) fn open(
    session: &Session,
    (dealer, from): (u16, &Reveal),
    (recipient, to): (u16, &Reveal),
    sealed: &[u8],
    shared: &Point,
    dimensions: &Dimensions,
) -> Result<ReceivedShares, DealError> {
    let plain = sealing(
        session,
        (dealer, from.ephemeral.as_bytes()),
        (recipient, to),
    )
    .open(shared, sealed);
    let plain = plain.ok_or(DealError::Sealed)?;
    let mut reader = Reader::new(&plain);
    let shares = (0..dimensions.positions).map(|_| Ok(Secret::new(reader.scalar("a share")?)));
    let shares = shares.collect::<Result<Vec<_>, EncodingError>>()?;
    let joint = Secret::new(reader.array("the share of the joint key")?);
    reader.finish()?;
    #[cfg(feature = "joint")]
    sharing::verify_share(&joint, &from.joint, recipient)?;
    let degree = usize::from(dimensions.threshold);
    for (position, (share, coefficients)) in shares
        .iter()
        .zip(from.coefficients.chunks(degree))
        .enumerate()
    {
        if !is_identity(&(mul_base(share.expose()) - evaluate_in_exponent(coefficients, recipient)))
        {
            return Err(DealError::Share { position });
        }
    }
    Ok(ReceivedShares {
        positions: shares,
        joint,
    })
}

/// Σ_k x^k·A_k.
pub(super) fn evaluate_in_exponent(coefficients: &[Element], x: u16) -> Point {
    let x = Scalar::from(x);
    let powers = std::iter::successors(Some(Scalar::ONE), |power| Some(power * x));
    let powers: Vec<Scalar> = powers.take(coefficients.len()).collect();
    let points: Vec<Point> = coefficients.iter().map(|a| *a.point()).collect();
    vartime_multiscalar(&powers, &points)
}

/// The key seals one message only: session, dealer and recipient fix it.
fn sealing<'a>(
    session: &'a Session,
    (dealer, ephemeral): (u16, &'a [u8; 32]),
    (recipient, to): (u16, &'a Reveal),
) -> Sealing<'a> {
    Sealing {
        salt: &session.0,
        label: "psephos v1 share",
        from: dealer,
        to: recipient,
        ephemeral,
        encryption_key: &to.encryption_key,
    }
}
