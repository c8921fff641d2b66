//! Signing and verifying with one key; the encodings.

use bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
use threshold_crypto::ff::{PrimeField as _, PrimeFieldRepr as _};
use threshold_crypto::group::{CurveAffine, EncodedPoint as _};
use threshold_crypto::{
    Fr, FrRepr, G2Affine, PublicKeyShare, SecretKeyShare, Signature, SignatureShare,
};

use zeroize::Zeroize as _;

use super::{JointError, JointPoint, JointSignature};
use crate::secret::Secret;

/// What a signature is for: each use has a domain separation tag of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A message that trustees sign.
    Message,
    /// Possession of a dealer's constant term.
    Possession,
}

impl Use {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Message => b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
            Self::Possession => b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
        }
    }
}

/// `HashToG2`, handed from one crate to the other by its encoding.
fn hash_to_g2(message: &[u8], purpose: Use) -> G2Affine {
    type Hash = ExpandMsgXmd<sha2_09::Sha256>;
    let point =
        <bls12_381::G2Projective as HashToCurve<Hash>>::hash_to_curve(message, purpose.tag());
    let mut encoded = <G2Affine as CurveAffine>::Uncompressed::empty();
    encoded
        .as_mut()
        .copy_from_slice(&bls12_381::G2Affine::from(point).to_uncompressed());
    encoded
        .into_affine_unchecked()
        .expect("both crates write points of the curve as ZCash does")
}

/// A scalar mod r from its 32 bytes, big-endian.
pub(super) fn scalar(bytes: &[u8; 32]) -> Result<Fr, JointError> {
    let mut repr = FrRepr::default();
    let read = repr.read_be(bytes.as_slice());
    let scalar = Fr::from_repr(repr);
    repr.0.zeroize();
    read.map_err(|_| JointError::Scalar)?;
    scalar.map_err(|_| JointError::Scalar)
}

/// x, ready to sign; the field element is erased on the way.
pub(super) fn secret_key(secret: &Secret<[u8; 32]>) -> Result<SecretKeyShare, JointError> {
    let mut x = scalar(secret.expose())?;
    Ok(SecretKeyShare::from_mut(&mut x))
}

fn is_identity(first: u8) -> bool {
    first & 0x40 != 0
}

/// Whether these bytes are the encoding of a key. The crate checks flags, range, curve and
/// subgroup, but takes the identity, also with a sign.
pub(super) fn check_key(bytes: &[u8; JointPoint::LENGTH]) -> Option<()> {
    let [first, ..] = bytes;
    if is_identity(*first) {
        return None;
    }
    PublicKeyShare::from_bytes(bytes).ok().map(drop)
}

/// Whether these bytes are the encoding of a signature; see [`check_key`].
pub(super) fn check_signature(bytes: &[u8; JointSignature::LENGTH]) -> Option<()> {
    let [first, ..] = bytes;
    if is_identity(*first) {
        return None;
    }
    Signature::from_bytes(bytes).ok().map(drop)
}

/// `Sign`: x·HashToG2(message). Not constant time in `secret`, see [`super`].
///
/// # Errors
/// [`JointError::Scalar`] if the secret is not smaller than r; [`JointError::Identity`] if it is 0.
pub fn sign(
    secret: &Secret<[u8; 32]>,
    message: &[u8],
    purpose: Use,
) -> Result<JointSignature, JointError> {
    let signature = secret_key(secret)?.sign_g2(hash_to_g2(message, purpose));
    JointSignature::decode(&signature.to_bytes()).ok_or(JointError::Identity)
}

/// `Verify`: e(X, HashToG2(message)) = e(g, σ). About 4 ms.
///
/// # Errors
/// [`JointError::Signature`] if it does not hold.
pub fn verify(
    key: &JointPoint,
    message: &[u8],
    signature: &JointSignature,
    purpose: Use,
) -> Result<(), JointError> {
    let key = PublicKeyShare::from_bytes(key.0).map_err(|_| JointError::Element)?;
    let signature = SignatureShare::from_bytes(signature.0).map_err(|_| JointError::Element)?;
    if key.verify_g2(&signature, hash_to_g2(message, purpose)) {
        Ok(())
    } else {
        Err(JointError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        crate::encoding::decode_hex(text).unwrap()
    }

    /// Known answers of others: `sign` of github.com/ethereum/bls12-381-tests, release v0.1.2.
    #[test]
    fn signs_as_the_published_suite_does() {
        let secret = Secret::new(bytes(
            "263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3",
        ));
        for (message, expected) in [
            (
                [0x56; 32],
                "882730e5d03f6b42c3abc26d3372625034e1d871b65a8a6b900a56dae22da98abbe1b68f85e49fe7652a55ec3d0591c20767677e33e5cbb1207315c41a9ac03be39c2e7668edc043d6cb1d9fd93033caa8a1c5b0e84bedaeb6c64972503a43eb",
            ),
            (
                [0; 32],
                "b6ed936746e01f8ecf281f020953fbf1f01debd5657c4a383940b020b26507f6076334f91e2366c96e9ab279fb5158090352ea1c5b0c9274504f4f0e7053af24802e51e4568d164fe986834f41e55c8e850ce1f98458c0cfc9ab380b55285a55",
            ),
        ] {
            let signature = sign(&secret, &message, Use::Message).unwrap();
            assert_eq!(crate::encoding::encode_hex(signature.as_bytes()), expected);
        }
    }

    fn key() -> (Secret<[u8; 32]>, JointPoint) {
        let secret = Secret::new([7; 32]);
        let public = secret_key(&secret).unwrap().public_key_share().to_bytes();
        (secret, JointPoint::decode(&public).unwrap())
    }

    #[test]
    fn a_signature_holds_for_its_key_message_and_use_only() {
        let (secret, key) = key();
        let signature = sign(&secret, b"message", Use::Message).unwrap();
        assert_eq!(verify(&key, b"message", &signature, Use::Message), Ok(()));
        let wrong = Err(JointError::Signature);
        assert_eq!(verify(&key, b"massage", &signature, Use::Message), wrong);
        assert_eq!(verify(&key, b"message", &signature, Use::Possession), wrong);
        let other = Secret::new([8; 32]);
        let other = secret_key(&other).unwrap().public_key_share().to_bytes();
        let other = JointPoint::decode(&other).unwrap();
        assert_eq!(verify(&other, b"message", &signature, Use::Message), wrong);
    }

    /// x = 4 in G1 and G2 of the curve, but not of the subgroup.
    #[test]
    fn only_canonical_points_of_the_subgroup_other_than_the_identity_are_read() {
        let (secret, key) = key();
        let signature = sign(&secret, b"message", Use::Message).unwrap();
        let p = "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab";

        let changed = |change: &dyn Fn(&mut [u8; 48])| {
            let mut bytes = *key.as_bytes();
            change(&mut bytes);
            JointPoint::decode(&bytes)
        };
        assert!(changed(&|_| ()).is_some());
        assert!(changed(&|b| b[0] &= 0x7f).is_none(), "not compressed");
        assert!(
            changed(&|b| b[0] |= 0x40).is_none(),
            "identity with content"
        );
        for sign in [0xc0, 0xe0] {
            assert!(
                changed(&|b| {
                    *b = [0; 48];
                    b[0] = sign
                })
                .is_none(),
                "identity"
            );
        }
        for above in [0u8, 1, 2] {
            let mut bytes: [u8; 48] = bytes(p);
            bytes[47] += above;
            bytes[0] |= 0x80;
            assert!(JointPoint::decode(&bytes).is_none(), "x = p + {above}");
        }
        let mut outside = [0; 48];
        (outside[0], outside[47]) = (0x80, 4);
        let of_curve = bls12_381::G1Affine::from_compressed_unchecked(&outside).unwrap();
        assert!(bool::from(of_curve.is_on_curve()) && !bool::from(of_curve.is_torsion_free()));
        assert!(
            JointPoint::decode(&outside).is_none(),
            "outside the subgroup"
        );
        // x = 1 has no y.
        outside[47] = 1;
        assert!(JointPoint::decode(&outside).is_none(), "not on the curve");

        let changed = |change: &dyn Fn(&mut [u8; 96])| {
            let mut bytes = *signature.as_bytes();
            change(&mut bytes);
            JointSignature::decode(&bytes)
        };
        assert!(changed(&|_| ()).is_some());
        assert!(changed(&|b| b[0] &= 0x7f).is_none(), "not compressed");
        assert!(
            changed(&|b| b[0] |= 0x40).is_none(),
            "identity with content"
        );
        for sign in [0xc0, 0xe0] {
            assert!(
                changed(&|b| {
                    *b = [0; 96];
                    b[0] = sign
                })
                .is_none(),
                "identity"
            );
        }
        // The first half of x is its second coordinate; either one may be too large.
        let p: [u8; 48] = bytes(p);
        assert!(
            changed(&|b| {
                b[..48].copy_from_slice(&p);
                b[0] |= 0x80
            })
            .is_none()
        );
        assert!(changed(&|b| b[48..].copy_from_slice(&p)).is_none());
        assert!(changed(&|b| b[48] |= 0x80).is_none());
        let outside = (1..=255u8).find_map(|x| {
            let mut bytes = [0; 96];
            (bytes[0], bytes[95]) = (0x80, x);
            let point = bls12_381::G2Affine::from_compressed_unchecked(&bytes);
            Option::<bls12_381::G2Affine>::from(point).map(|point| (bytes, point))
        });
        let (bytes, point) = outside.unwrap();
        assert!(bool::from(point.is_on_curve()) && !bool::from(point.is_torsion_free()));
        assert!(
            JointSignature::decode(&bytes).is_none(),
            "outside the subgroup"
        );
    }

    #[test]
    fn secrets_that_are_zero_or_not_below_the_order_sign_nothing() {
        let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
        assert_eq!(
            sign(&Secret::new(bytes(order)), b"m", Use::Message),
            Err(JointError::Scalar)
        );
        assert_eq!(
            sign(&Secret::new([0; 32]), b"m", Use::Message),
            Err(JointError::Identity)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn any_flipped_bit_of_a_signature_is_refused(bit in 0usize..768) {
            let (secret, key) = key();
            let mut bytes = *sign(&secret, b"message", Use::Message).unwrap().as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Some(signature) = JointSignature::decode(&bytes) {
                prop_assert_eq!(
                    verify(&key, b"message", &signature, Use::Message),
                    Err(JointError::Signature)
                );
            }
        }
    }
}
