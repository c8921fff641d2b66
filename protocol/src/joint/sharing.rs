//! Sharing a joint key among n trustees, and combining what t of them signed.
//!
//! Trustee j's share belongs to the point j, and the secret stands at 0. `threshold_crypto` counts
//! from 0 and keeps share i at the point i + 1; [`place`] is the only way from one to the other.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde::de::value::{Error as ValueError, MapDeserializer};
use threshold_crypto::ff::{PrimeField as _, PrimeFieldRepr as _};
use threshold_crypto::group::{CurveAffine, CurveProjective as _};
use threshold_crypto::poly::{Commitment, Poly};
use threshold_crypto::{G1Affine, PublicKeySet, SecretKeyShare, SignatureShare};
use zeroize::{Zeroize as _, Zeroizing};

use super::arithmetic::{Use, scalar, secret_key, sign, verify};
use super::{JointError, JointPoint, JointSignature};
use crate::secret::Secret;

/// The number that `threshold_crypto` gives the share of trustee j, from 1.
fn place(trustee: u16) -> Result<u64, JointError> {
    u64::from(trustee)
        .checked_sub(1)
        .ok_or(JointError::UnknownTrustee { trustee })
}

/// b_{d,0}, …, b_{d,t−1}: what one dealer shares, exactly t scalars mod r of 32 bytes.
#[derive(Debug)]
pub struct Polynomial(Vec<Secret<[u8; 32]>>);

impl Polynomial {
    /// The polynomial with these coefficients, 64 bytes each, read little-endian and reduced mod r.
    pub fn from_wide(coefficients: impl IntoIterator<Item = Zeroizing<[u8; 64]>>) -> Self {
        let reduce = |wide: Zeroizing<[u8; 64]>| {
            let reduced = Zeroizing::new(bls12_381::Scalar::from_bytes_wide(&wide));
            let mut bytes = Zeroizing::new(reduced.to_bytes());
            bytes.reverse();
            Secret::new(*bytes)
        };
        Self(coefficients.into_iter().map(reduce).collect())
    }

    /// The coefficients, for as short a time as possible.
    pub fn expose(&self) -> &[Secret<[u8; 32]>] {
        &self.0
    }

    /// B_k = b_k·g, t of them.
    ///
    /// # Errors
    /// [`JointError::Identity`] in the impossible case of a coefficient that is 0.
    pub fn points(&self) -> Result<Vec<JointPoint>, JointError> {
        let point = |b: &Secret<[u8; 32]>| {
            let bytes = secret_key(b)?.public_key_share().to_bytes();
            JointPoint::decode(&bytes).ok_or(JointError::Identity)
        };
        self.0.iter().map(point).collect()
    }

    /// The signature of `message` with the constant term, as proof that the dealer has it.
    ///
    /// # Errors
    /// [`JointError::Identity`] in the impossible case of a constant term that is 0.
    pub fn prove_possession(&self, message: &[u8]) -> Result<JointSignature, JointError> {
        let constant = self.0.first().ok_or(JointError::Identity)?;
        sign(constant, message, Use::Possession)
    }

    /// h(j), 32 bytes big-endian.
    ///
    /// # Errors
    /// [`JointError::Scalar`] if a coefficient is not smaller than r.
    pub fn share(&self, trustee: u16) -> Result<Secret<[u8; 32]>, JointError> {
        // All at once, so that no half-filled list is moved; the polynomial erases it.
        let mut coefficients = Vec::with_capacity(self.0.len());
        for b in &self.0 {
            coefficients.push(scalar(b.expose())?);
        }
        let mut value = Poly::from(coefficients).evaluate(u64::from(trustee));
        let mut repr = value.into_repr();
        let mut bytes = Zeroizing::new([0; 32]);
        let written = repr.write_be(bytes.as_mut_slice());
        repr.0.zeroize();
        // Taking it as a key erases the field element.
        drop(SecretKeyShare::from_mut(&mut value));
        written.map_err(|_| JointError::Scalar)?;
        Ok(Secret::new(*bytes))
    }
}

/// x_j = Σ_d h_d(j) mod r: a trustee's share of the joint key.
#[derive(Debug)]
pub struct JointShare(Secret<[u8; 32]>);

impl JointShare {
    /// Adds up what all dealers dealt.
    ///
    /// # Errors
    /// [`JointError::Scalar`] if one of them is not smaller than r.
    pub fn sum<'a>(
        dealt: impl IntoIterator<Item = &'a Secret<[u8; 32]>>,
    ) -> Result<Self, JointError> {
        let mut sum = Zeroizing::new(bls12_381::Scalar::zero());
        for share in dealt {
            let mut bytes = Zeroizing::new(*share.expose());
            bytes.reverse();
            let share: Option<bls12_381::Scalar> = bls12_381::Scalar::from_bytes(&bytes).into();
            *sum += *Zeroizing::new(share.ok_or(JointError::Scalar)?);
        }
        let mut bytes = Zeroizing::new(sum.to_bytes());
        bytes.reverse();
        Ok(Self(Secret::new(*bytes)))
    }

    /// This trustee's share of the signature of `message`.
    ///
    /// # Errors
    /// [`JointError::Identity`] in the impossible case of a share that is 0.
    pub fn sign(&self, message: &[u8]) -> Result<JointSignature, JointError> {
        sign(&self.0, message, Use::Message)
    }
}

fn commitment(points: &[JointPoint]) -> Result<Commitment, JointError> {
    let bytes: Vec<Vec<u8>> = points.iter().map(|point| point.0.to_vec()).collect();
    let fields = std::iter::once(("coeff", bytes));
    Commitment::deserialize(MapDeserializer::<_, ValueError>::new(fields))
        .map_err(|_| JointError::Element)
}

/// Checks h_d(j)·g = Σ_k j^k·B_{d,k}.
///
/// # Errors
/// [`JointError::Scalar`] if the share is no scalar mod r, [`JointError::Share`] if it does not fit.
pub(crate) fn verify_share(
    share: &Secret<[u8; 32]>,
    coefficients: &[JointPoint],
    trustee: u16,
) -> Result<(), JointError> {
    let own = secret_key(share)?.public_key_share().to_bytes();
    let expected = commitment(coefficients)?.evaluate(u64::from(trustee));
    if expected.into_affine().into_compressed().as_ref() == own.as_slice() {
        Ok(())
    } else {
        Err(JointError::Share)
    }
}

/// J and its verification keys J_1..J_n.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointKeys {
    key: JointPoint,
    verification_keys: Vec<JointPoint>,
    threshold: usize,
    set: PublicKeySet,
}

impl JointKeys {
    /// Sums up the joint coefficients of all dealers, t each.
    ///
    /// # Errors
    /// [`JointError::Identity`] if a key is the identity.
    pub fn new<'a>(
        dealers: impl IntoIterator<Item = &'a [JointPoint]>,
        trustees: u16,
        threshold: u16,
    ) -> Result<Self, JointError> {
        let mut dealers = dealers.into_iter();
        let mut sum = commitment(dealers.next().unwrap_or_default())?;
        for coefficients in dealers {
            sum += commitment(coefficients)?;
        }
        // Trailing coefficients that cancel are gone from the sum; the crate counts on at least one.
        if sum.evaluate(0u64) == G1Affine::zero().into_projective() {
            return Err(JointError::Identity);
        }
        let set = PublicKeySet::from(sum);
        let point = |bytes: [u8; 48]| JointPoint::decode(&bytes).ok_or(JointError::Identity);
        Ok(Self {
            key: point(set.public_key().to_bytes())?,
            verification_keys: (1..=trustees)
                .map(|trustee| point(set.public_key_share(place(trustee)?).to_bytes()))
                .collect::<Result<_, _>>()?,
            threshold: usize::from(threshold),
            set,
        })
    }

    /// J.
    pub fn key(&self) -> &JointPoint {
        &self.key
    }

    /// J_j of the trustee of 1-based index j.
    ///
    /// # Errors
    /// [`JointError::UnknownTrustee`] if there is none.
    pub fn of_trustee(&self, trustee: u16) -> Result<&JointPoint, JointError> {
        let index = usize::from(trustee).checked_sub(1);
        index
            .and_then(|index| self.verification_keys.get(index))
            .ok_or(JointError::UnknownTrustee { trustee })
    }

    /// Checks a trustee's share of the signature of `message`.
    ///
    /// # Errors
    /// [`JointError::Signature`] if it does not hold.
    pub fn verify_share(
        &self,
        trustee: u16,
        message: &[u8],
        share: &JointSignature,
    ) -> Result<(), JointError> {
        verify(self.of_trustee(trustee)?, message, share, Use::Message)
    }

    /// The signature of `message`, of the first t of these shares; it is verified under J.
    ///
    /// # Errors
    /// [`JointError`]: too few, two of one trustee, a stranger's, or one that is false.
    pub fn combine(
        &self,
        message: &[u8],
        shares: &[(u16, JointSignature)],
    ) -> Result<JointSignature, JointError> {
        let mut by_place = BTreeMap::new();
        for (trustee, share) in shares {
            self.of_trustee(*trustee)?;
            let share = SignatureShare::from_bytes(share.0).map_err(|_| JointError::Element)?;
            if by_place.insert(place(*trustee)?, share).is_some() {
                return Err(JointError::Duplicate { trustee: *trustee });
            }
        }
        let (found, needed) = (by_place.len(), self.threshold);
        if found < needed {
            return Err(JointError::TooFew { found, needed });
        }
        let combined = self
            .set
            .combine_signatures(by_place.iter().take(needed))
            .map_err(|_| JointError::Signature)?;
        let signature = JointSignature::decode(&combined.to_bytes()).ok_or(JointError::Identity)?;
        verify(&self.key, message, &signature, Use::Message)?;
        Ok(signature)
    }
}

/// Checks a proof of possession of the secret behind a dealer's constant term.
///
/// # Errors
/// [`JointError::Signature`] if it does not hold.
pub(crate) fn verify_possession(
    constant: &JointPoint,
    message: &[u8],
    proof: &JointSignature,
) -> Result<(), JointError> {
    verify(constant, message, proof, Use::Possession)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polynomial(seed: u8, t: u8) -> Polynomial {
        Polynomial::from_wide((0..t).map(|k| Zeroizing::new([seed.wrapping_add(k * 16); 64])))
    }

    fn shared(n: u16, t: u8) -> (JointKeys, Vec<JointShare>) {
        let dealers: Vec<Polynomial> = (1..=n).map(|d| polynomial(d as u8, t)).collect();
        let points: Vec<_> = dealers.iter().map(|d| d.points().unwrap()).collect();
        let keys = JointKeys::new(points.iter().map(Vec::as_slice), n, t.into()).unwrap();
        let share = |j| {
            let dealt: Vec<_> = dealers.iter().map(|d| d.share(j).unwrap()).collect();
            for (share, points) in dealt.iter().zip(&points) {
                verify_share(share, points, j).unwrap();
                // With t = 1 all shares are the secret itself.
                assert_eq!(verify_share(share, points, j + 1).is_ok(), t == 1);
            }
            JointShare::sum(&dealt).unwrap()
        };
        (keys, (1..=n).map(share).collect())
    }

    #[test]
    fn any_t_of_n_sign_the_same_and_fewer_sign_nothing() {
        for (n, t) in [(1, 1), (3, 1), (3, 2), (4, 4), (5, 3)] {
            let (keys, shares) = shared(n, t);
            let all: Vec<_> = (1..)
                .zip(&shares)
                .map(|(j, share)| (j, share.sign(b"m").unwrap()))
                .collect();
            for (j, share) in &all {
                keys.verify_share(*j, b"m", share).unwrap();
            }
            let t = usize::from(t);
            let expected = keys.combine(b"m", &all[..t]).unwrap();
            for start in 0..all.len() {
                let mut some = all.clone();
                some.rotate_left(start);
                assert_eq!(keys.combine(b"m", &some[..t]), Ok(expected), "{n} {t}");
                assert_eq!(
                    keys.combine(b"m", &some[..t - 1]),
                    Err(JointError::TooFew {
                        found: t - 1,
                        needed: t
                    })
                );
            }
        }
    }

    #[test]
    fn false_doubled_and_strange_shares_do_not_combine() {
        let (keys, shares) = shared(3, 2);
        let of = |j: u16, message: &[u8]| (j, shares[usize::from(j) - 1].sign(message).unwrap());
        let (first, second) = (of(1, b"m"), of(2, b"m"));
        let wrong = Err(JointError::Signature);
        assert_eq!(keys.combine(b"m", &[first, of(2, b"n")]), wrong);
        // A share under another's number.
        let strange = keys.verify_share(3, b"m", &second.1);
        assert_eq!(strange, Err(JointError::Signature));
        assert_eq!(keys.combine(b"m", &[first, (3, second.1)]), wrong);
        let duplicate = Err(JointError::Duplicate { trustee: 1 });
        assert_eq!(keys.combine(b"m", &[first, first, second]), duplicate);
        for trustee in [0, 4] {
            let unknown = Err(JointError::UnknownTrustee { trustee });
            assert_eq!(keys.combine(b"m", &[first, (trustee, second.1)]), unknown);
        }
    }

    #[test]
    fn keys_that_cancel_are_refused() {
        let (a, t) = (polynomial(1, 2), 2);
        let points = a.points().unwrap();
        let negative: Vec<JointPoint> = points
            .iter()
            .map(|point| {
                let mut bytes = *point.as_bytes();
                bytes[0] ^= 0x20;
                JointPoint::decode(&bytes).unwrap()
            })
            .collect();
        let keys = |dealers: [&[JointPoint]; 2]| JointKeys::new(dealers, 3, t);
        assert_eq!(keys([&points, &negative]), Err(JointError::Identity));
        let constant_only = [negative[0], points[1]];
        assert_eq!(keys([&points, &constant_only]), Err(JointError::Identity));
        // Only the higher coefficient cancels: the key is sound, whoever signs.
        let higher_only = [points[0], negative[1]];
        assert!(keys([&points, &higher_only]).is_ok());
    }

    #[test]
    fn secrets_never_print() {
        let text = format!("{:?} {:?}", polynomial(1, 2), shared(1, 1).1);
        assert!(
            text.contains("<redacted>") && !text.contains("1, 1"),
            "{text}"
        );
    }
}
