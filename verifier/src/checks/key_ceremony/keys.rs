//! Election keys and verification keys from what the trustees revealed.

use crate::{
    group::{Element, Point, identity, small_multiple_vartime, vanishes},
    joint::{JointKey, JointKeys},
};
use thiserror::Error;

/// A key that is the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeysError {
    /// An election key is the identity.
    #[error("the election key of position {position} is the identity")]
    ElectionKey {
        /// The position, from 0.
        position: usize,
    },
    /// A verification key is the identity.
    #[error("the verification key of trustee {trustee} at position {position} is the identity")]
    VerificationKey {
        /// The trustee, from 1.
        trustee: usize,
        /// The position, from 0.
        position: usize,
    },
    /// The joint key is the identity.
    #[error("the joint key is the identity")]
    JointKey,
    /// The key of a trustee's joint share is the identity.
    #[error("the joint verification key of trustee {trustee} is the identity")]
    JointShare {
        /// The trustee, from 1.
        trustee: usize,
    },
}

/// The public keys of an election.
#[derive(Debug, Clone)]
pub struct Keys {
    /// `K_i`, one per position.
    pub election: Vec<Element>,
    /// `Y_{j,i}`, for trustee j at j − 1, one per position.
    verification: Vec<Vec<Element>>,
}

impl Keys {
    /// Adds the coefficients of all dealers and evaluates the sum at every trustee's index.
    /// `dealers` holds, for each, `A_{i,k}` in order of position, then of degree k < t.
    #[must_use]
    pub fn combine(dealers: &[&[Element]], threshold: usize) -> Self {
        let length = dealers.first().map_or(0, |dealer| dealer.len());
        let mut sums = vec![identity(); length];
        for dealer in dealers {
            for (sum, coefficient) in sums.iter_mut().zip(*dealer) {
                *sum += coefficient.point();
            }
        }
        let at = |index: usize| {
            sums.chunks_exact(threshold)
                .map(|sum| Element::computed(evaluate(sum, index as u64)))
                .collect()
        };
        Self {
            election: at(0),
            verification: (1..=dealers.len()).map(at).collect(),
        }
    }

    /// Checks that no key is the identity: what is encrypted to it would be in the clear.
    ///
    /// # Errors
    /// [`KeysError`], for the first one that is.
    pub fn check(&self) -> Result<(), KeysError> {
        let identity = |keys: &[Element]| keys.iter().position(|key| vanishes(key.point()));
        if let Some(position) = identity(&self.election) {
            return Err(KeysError::ElectionKey { position });
        }
        for (trustee, keys) in (1..).zip(&self.verification) {
            if let Some(position) = identity(keys) {
                return Err(KeysError::VerificationKey { trustee, position });
            }
        }
        Ok(())
    }

    /// `Y_{j,i}` of trustee j, counted from 1.
    #[must_use]
    pub fn of_trustee(&self, trustee: u16) -> &[Element] {
        usize::from(trustee)
            .checked_sub(1)
            .and_then(|index| self.verification.get(index))
            .map_or(&[], Vec::as_slice)
    }
}

/// Checks that neither the joint key nor that of a share is the identity: whoever likes could
/// sign under it, or its trustee could not.
///
/// # Errors
/// [`KeysError::JointKey`] and [`KeysError::JointShare`].
pub fn check_joint(keys: &JointKeys) -> Result<(), KeysError> {
    if keys.key.is_identity() {
        return Err(KeysError::JointKey);
    }
    match keys.shares.iter().position(JointKey::is_identity) {
        Some(index) => Err(KeysError::JointShare { trustee: index + 1 }),
        None => Ok(()),
    }
}

/// Σ j^k·A_k by Horner's rule, for a small j.
pub(super) fn evaluate<'a>(
    coefficients: impl IntoIterator<Item = &'a Point, IntoIter: DoubleEndedIterator>,
    at: u64,
) -> Point {
    coefficients
        .into_iter()
        .rev()
        .fold(identity(), |sum, coefficient| {
            small_multiple_vartime(at, &sum) + coefficient
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Generators, Scalar};

    fn element(value: i64) -> Element {
        let scalar = match value {
            0.. => Scalar::from(value.unsigned_abs()),
            _ => -Scalar::from(value.unsigned_abs()),
        };
        Element::from_point(Generators::new(0).g * scalar).unwrap()
    }

    #[test]
    fn keys_are_the_sums_of_the_polynomials() {
        // f_1 = 5 + 2x and f_2 = 7 + 3x at one position: f(1) = 17, f(2) = 22.
        let dealers = [[element(5), element(2)], [element(7), element(3)]];
        let dealers: Vec<&[Element]> = dealers.iter().map(|dealer| &dealer[..]).collect();
        let keys = Keys::combine(&dealers, 2);
        assert_eq!(keys.check(), Ok(()));
        assert_eq!(keys.election, [element(12)]);
        assert_eq!(keys.of_trustee(1), [element(17)]);
        assert_eq!(keys.of_trustee(2), [element(22)]);
        assert!(keys.of_trustee(0).is_empty() && keys.of_trustee(3).is_empty());
    }

    #[test]
    fn a_key_that_cancels_is_refused() {
        let dealers = [[element(5)], [element(-5)]];
        let dealers: Vec<&[Element]> = dealers.iter().map(|dealer| &dealer[..]).collect();
        let error = KeysError::ElectionKey { position: 0 };
        assert_eq!(Keys::combine(&dealers, 1).check(), Err(error));
        let dealers = [[element(5), element(-4)], [element(1), element(1)]];
        let dealers: Vec<&[Element]> = dealers.iter().map(|dealer| &dealer[..]).collect();
        let error = KeysError::VerificationKey {
            trustee: 2,
            position: 0,
        };
        assert_eq!(Keys::combine(&dealers, 2).check(), Err(error));
    }

    #[test]
    fn a_joint_key_that_cancels_is_refused() {
        let of = |factors: &[[i64; 2]]| {
            let dealers: Vec<_> = factors.iter().map(|b| b.map(JointKey::of)).collect();
            let dealers: Vec<&[JointKey]> = dealers.iter().map(|b| &b[..]).collect();
            check_joint(&JointKeys::combine(&dealers))
        };
        assert_eq!(of(&[[5, 1], [-4, 2]]), Ok(()));
        assert_eq!(of(&[[5, 1], [-5, 2]]), Err(KeysError::JointKey));
        // f = 6 − 3x: the share of trustee 2 is 0.
        let zero = KeysError::JointShare { trustee: 2 };
        assert_eq!(of(&[[4, -1], [2, -2]]), Err(zero));
    }
}
