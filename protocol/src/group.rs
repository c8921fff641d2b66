//! The group ristretto255, its generators, and encodings of its elements.
//!
//! This is the only file that names the curve library. Spec: docs/spec/parameters.md.

use std::sync::LazyLock;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
#[cfg(feature = "tables")]
use curve25519_dalek::ristretto::VartimeRistrettoPrecomputation;
use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
#[cfg(feature = "tables")]
use curve25519_dalek::traits::VartimePrecomputedMultiscalarMul as _;
use curve25519_dalek::traits::{IsIdentity, MultiscalarMul, VartimeMultiscalarMul};
use sha2::{Digest as _, Sha512};
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroize;

/// An integer mod l, the order of the group.
pub type Scalar = curve25519_dalek::Scalar;

/// A group element in a form for arithmetic; it may be the identity.
pub type Point = RistrettoPoint;

/// The domain separation tag of [`hash_to_group`] (docs/spec/parameters.md).
const HASH_TO_GROUP_TAG: &[u8] = b"Psephos-v1_ristretto255_XMD:SHA-512_R255MAP";

/// A group element that is not the identity, together with its 32-byte encoding.
///
/// Everything that is sent, hashed or signed is an `Element`; arithmetic happens on [`Point`]s.
#[derive(Clone, Copy)]
pub struct Element {
    point: Point,
    bytes: [u8; 32],
}

/// For [`Secret`](crate::secret::Secret): what is left is no element.
impl Zeroize for Element {
    fn zeroize(&mut self) {
        self.point.zeroize();
        self.bytes.zeroize();
    }
}

impl Element {
    /// Decodes strictly: exactly the canonical encoding of an element other than the identity.
    pub fn decode(bytes: &[u8; 32]) -> Option<Self> {
        let point = CompressedRistretto(*bytes).decompress()?;
        (!point.is_identity()).then_some(Self {
            point,
            bytes: *bytes,
        })
    }

    /// The element of a point, or `None` for the identity.
    pub fn from_point(point: Point) -> Option<Self> {
        (!point.is_identity()).then(|| Self {
            point,
            bytes: point.compress().0,
        })
    }

    /// The 32-byte encoding.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The point, for arithmetic.
    pub fn point(&self) -> &Point {
        &self.point
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Element {}

impl std::hash::Hash for Element {
    fn hash<S: std::hash::Hasher>(&self, state: &mut S) {
        self.bytes.hash(state);
    }
}

impl std::fmt::Debug for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.bytes
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Encodes p; the identity encodes as 32 zero bytes, which every decoder refuses.
pub fn encode(point: &Point) -> [u8; 32] {
    point.compress().0
}

/// Encodes 2·p for every p at a fraction of the cost of single encodings.
///
/// Provers compute with halved scalars ([`half`]) and encode the doubles. An identity among the
/// results encodes as 32 zero bytes, which every decoder refuses.
pub fn double_and_encode(points: &[Point]) -> Vec<[u8; 32]> {
    RistrettoPoint::double_and_compress_batch(points)
        .into_iter()
        .map(|encoded| encoded.0)
        .collect()
}

/// s / 2 mod l.
pub fn half(s: &Scalar) -> Scalar {
    s.div_by_2()
}

/// Inverts every scalar in place, at the cost of one inversion. None is zero.
pub fn invert_all(scalars: &mut [Scalar]) {
    Scalar::invert_batch_alloc(scalars);
}

/// Decodes a scalar strictly: 32 bytes little-endian, smaller than l.
pub fn decode_scalar(bytes: &[u8; 32]) -> Option<Scalar> {
    Scalar::from_canonical_bytes(*bytes).into()
}

/// Reads 64 bytes little-endian as an integer and reduces it mod l.
pub fn wide_scalar(bytes: &[u8; 64]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(bytes)
}

/// s·G in constant time.
pub fn mul_base(s: &Scalar) -> Point {
    RistrettoPoint::mul_base(s)
}

/// Σ s_i·p_i in constant time; the slices have one length.
pub fn multiscalar(scalars: &[Scalar], points: &[Point]) -> Point {
    RistrettoPoint::multiscalar_mul(scalars, points)
}

/// Σ s_i·p_i in variable time, for public inputs only; the slices have one length.
pub fn vartime_multiscalar(scalars: &[Scalar], points: &[Point]) -> Point {
    RistrettoPoint::vartime_multiscalar_mul(scalars, points)
}

/// Multiples of points, so that sums with them take fewer additions: about half.
#[cfg(feature = "tables")]
pub struct Multiples(VartimeRistrettoPrecomputation);

#[cfg(feature = "tables")]
impl Multiples {
    /// Of these points, about 10 kB for each.
    pub fn new(points: &[Point]) -> Self {
        Self(VartimeRistrettoPrecomputation::new(points))
    }

    /// Σ `scalars`_i·(point i of these) + Σ `other_scalars`_j·`other_points`_j, in variable time:
    /// for public values only.
    pub fn sum(
        &self,
        scalars: &[Scalar],
        other_scalars: &[Scalar],
        other_points: &[Point],
    ) -> Point {
        self.0
            .vartime_mixed_multiscalar_mul(scalars, other_scalars, other_points)
    }
}

#[cfg(feature = "tables")]
impl std::fmt::Debug for Multiples {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "multiples of {} points", self.0.len())
    }
}

/// `point` if `bit` is 1, otherwise the identity, in constant time. `bit` is 0 or 1.
pub fn select(bit: u8, point: &Point) -> Point {
    Point::conditional_select(&Point::default(), point, Choice::from(bit & 1))
}

/// Whether the point is the identity.
pub fn is_identity(point: &Point) -> bool {
    point.is_identity()
}

/// The basepoint G.
pub fn base() -> Point {
    RISTRETTO_BASEPOINT_POINT
}

/// H, the base of encrypted values; nobody knows its logarithm to G.
pub fn value_base() -> Point {
    static H: LazyLock<Point> = LazyLock::new(|| hash_to_group(b"H"));
    *H
}

/// P, the blinding base of vector commitments.
pub fn blinding_base() -> Point {
    static P: LazyLock<Point> = LazyLock::new(|| hash_to_group(b"P"));
    *P
}

/// P_1, …, P_count, the bases of vector commitments.
pub fn vector_bases(count: usize) -> Vec<Point> {
    (1..=count)
        .map(|j| hash_to_group(format!("P{j}").as_bytes()))
        .collect()
}

/// `HashToGroup`: hash_to_ristretto255 of RFC 9380, appendix B, with SHA-512.
pub fn hash_to_group(message: &[u8]) -> Point {
    Point::from_uniform_bytes(&expand_message(message, HASH_TO_GROUP_TAG))
}

/// expand_message_xmd of RFC 9380, section 5.3.1, with SHA-512 and 64 bytes of output, for which
/// one block suffices.
fn expand_message(message: &[u8], tag: &[u8]) -> [u8; 64] {
    let tag_length = u8::try_from(tag.len()).unwrap_or(u8::MAX);
    let b_0 = Sha512::new()
        .chain_update([0u8; 128])
        .chain_update(message)
        .chain_update(64u16.to_be_bytes())
        .chain_update([0u8])
        .chain_update(tag)
        .chain_update([tag_length])
        .finalize();
    Sha512::new()
        .chain_update(b_0)
        .chain_update([1u8])
        .chain_update(tag)
        .chain_update([tag_length])
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_to_the_element_of_rfc_9497() {
        // RFC 9497, A.1.1.1 (OPRF ristretto255-SHA512): with skS known, Blind and BlindedElement
        // fix the hashed input: HashToGroup("\x00") = Blind^-1 · BlindedElement.
        let blind: [u8; 32] =
            hex::decode("64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706")
                .unwrap()
                .try_into()
                .unwrap();
        let blinded: [u8; 32] =
            hex::decode("609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c")
                .unwrap()
                .try_into()
                .unwrap();
        let tag = b"HashToGroup-OPRFV1-\x00-ristretto255-SHA512";
        let point = Point::from_uniform_bytes(&expand_message(b"\x00", tag));
        assert_eq!(
            *Element::from_point(point * decode_scalar(&blind).unwrap())
                .unwrap()
                .as_bytes(),
            blinded
        );
    }

    #[test]
    fn generators_are_distinct_and_not_the_base() {
        let mut all = vec![base(), value_base(), blinding_base()];
        all.extend(vector_bases(8));
        for (i, a) in all.iter().enumerate() {
            assert!(!is_identity(a));
            assert!(all[..i].iter().all(|b| a != b));
        }
    }

    #[test]
    fn refuses_identity_and_non_canonical_encodings() {
        assert!(Element::decode(&[0; 32]).is_none());
        let good = *Element::from_point(base()).unwrap().as_bytes();
        assert!(Element::decode(&good).is_some());
        // p + the canonical value is the same field element, written differently; the top bit likewise.
        let mut high = good;
        high[31] |= 0x80;
        assert!(Element::decode(&high).is_none());
        assert!(Element::decode(&[0xff; 32]).is_none());
        // l itself, and l + 1, are not canonical scalars.
        let order: [u8; 32] =
            hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
                .unwrap()
                .try_into()
                .unwrap();
        assert!(decode_scalar(&order).is_none());
        let mut more = order;
        more[0] += 1;
        assert!(decode_scalar(&more).is_none());
    }

    #[test]
    fn batched_encoding_of_halves_is_the_plain_encoding() {
        let s = wide_scalar(&[7; 64]);
        let plain = Element::from_point(value_base() * s).unwrap();
        assert_eq!(
            double_and_encode(&[value_base() * half(&s)])[0],
            *plain.as_bytes()
        );
    }
}
