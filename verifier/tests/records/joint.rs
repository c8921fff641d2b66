//! Joint signatures for test records (docs/spec/parameters.md, "Joint signatures").

use bls12_381::{
    G1Affine, G2Affine, G2Projective, Scalar,
    hash_to_curve::{ExpandMsgXmd, HashToCurve},
};
use sha2::{Digest as _, Sha512};

pub const MESSAGE: &str = "SIG";
pub const POSSESSION: &str = "POP";

/// A secret that is the same in every run.
pub fn secret(name: &str) -> Scalar {
    Scalar::from_bytes_wide(&Sha512::digest(name).into())
}

pub fn public(secret: &Scalar) -> [u8; 48] {
    G1Affine::from(G1Affine::generator() * secret).to_compressed()
}

pub fn sign(secret: &Scalar, tag: &str, message: &[u8]) -> [u8; 96] {
    let tag = format!("BLS_{tag}_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_");
    let hash = <G2Projective as HashToCurve<ExpandMsgXmd<sha2_09::Sha256>>>::hash_to_curve(
        message,
        tag.as_bytes(),
    );
    G2Affine::from(hash * secret).to_compressed()
}

/// Σ b_k·j^k.
pub fn evaluate(polynomial: &[Scalar], at: u16) -> Scalar {
    let at = Scalar::from(u64::from(at));
    let horner = |sum: Scalar, coefficient: &Scalar| sum * at + coefficient;
    polynomial.iter().rev().fold(Scalar::zero(), horner)
}

/// 32 bytes, big-endian.
pub fn encode(scalar: &Scalar) -> [u8; 32] {
    let mut bytes = scalar.to_bytes();
    bytes.reverse();
    bytes
}

/// On the curve, but not of the order of its group.
pub fn outside_g1() -> [u8; 48] {
    let mut encoding = [0; 48];
    encoding[0] = 0x80;
    assert!(bool::from(
        G1Affine::from_compressed_unchecked(&encoding).is_some()
    ));
    encoding
}

/// On the twist, but not of the order of its group.
pub fn outside_g2() -> [u8; 96] {
    let with_x = |x| {
        let mut encoding = [0; 96];
        encoding[0] = 0x80;
        encoding[95] = x;
        encoding
    };
    let on_curve = |e: &[u8; 96]| G2Affine::from_compressed_unchecked(e).is_some().into();
    (0..=255).map(with_x).find(on_curve).unwrap()
}

pub fn identity_of_g1() -> [u8; 48] {
    G1Affine::identity().to_compressed()
}

pub fn identity_of_g2() -> [u8; 96] {
    G2Affine::identity().to_compressed()
}
