//! The round *deal*: shares, sealed for each trustee.

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

#[cfg(feature = "joint")]
use super::CeremonySecrets;
use super::{Dimensions, Reveal, Session};
use crate::encoding::{EncodingError, Reader};
use crate::group::{Element, Point, Scalar, is_identity, mul_base, vartime_multiscalar};
#[cfg(feature = "joint")]
use crate::joint::{JointError, sharing};
use crate::secret::Secret;

/// Bytes that the seal adds.
const TAG_LENGTH: usize = 16;

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
        let ephemeral = mul_base(secrets.ephemeral.expose());
        let sealed = (1u16..).zip(reveals).map(|(recipient, reveal)| {
            let shared = reveal.encryption_key.point() * secrets.ephemeral.expose();
            let length = 32 * (secrets.coefficients.len() + 1);
            let mut plain = Zeroizing::new(Vec::with_capacity(length));
            secrets
                .evaluate(recipient)
                .iter()
                .for_each(|share| plain.extend_from_slice(share.expose().as_bytes()));
            plain.extend_from_slice(secrets.joint.share(recipient)?.expose());
            let cipher = cipher(
                session,
                dealer,
                recipient,
                &shared,
                &ephemeral,
                &reveal.encryption_key,
            );
            // Sealing fails only for messages of more than 2^38 bytes.
            Ok(cipher
                .encrypt(&XNonce::default(), plain.as_slice())
                .unwrap_or_default())
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
    let cipher = cipher(
        session,
        dealer,
        recipient,
        shared,
        from.ephemeral.point(),
        &to.encryption_key,
    );
    let plain = Zeroizing::new(
        cipher
            .decrypt(&XNonce::default(), sealed)
            .map_err(|_| DealError::Sealed)?,
    );
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
fn cipher(
    session: &Session,
    dealer: u16,
    recipient: u16,
    shared: &Point,
    ephemeral: &Point,
    encryption_key: &Element,
) -> XChaCha20Poly1305 {
    // Keys and ephemerals are not the identity and their logarithms are known, so neither is the
    // shared point, except with probability 1/l.
    let encode =
        |point: &Point| Element::from_point(*point).map_or([0; 32], |element| *element.as_bytes());
    let ikm = Zeroizing::new(encode(shared));
    let mut info = b"psephos v1 share".to_vec();
    info.extend_from_slice(&dealer.to_be_bytes());
    info.extend_from_slice(&recipient.to_be_bytes());
    info.extend_from_slice(&encode(ephemeral));
    info.extend_from_slice(encryption_key.as_bytes());
    let mut key = Zeroizing::new([0u8; 32]);
    // One block; this cannot fail.
    let _ =
        Hkdf::<Sha256>::new(Some(session.0.as_bytes()), ikm.as_ref()).expand(&info, key.as_mut());
    XChaCha20Poly1305::new(&(*key).into())
}
