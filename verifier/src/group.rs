//! The group ristretto255 (RFC 9496) and its generators: the only file that names the curve library.
//!
//! Everything the verifier computes is public, so everything here may take variable time.

use curve25519_dalek::{
    constants::RISTRETTO_BASEPOINT_POINT,
    ristretto::CompressedRistretto,
    traits::{Identity, IsIdentity, VartimeMultiscalarMul},
};
pub use curve25519_dalek::{ristretto::RistrettoPoint as Point, scalar::Scalar};
use sha2::{Digest as _, Sha512};
use sha3::{
    Shake256,
    digest::{ExtendableOutput, Update, XofReader},
};
use thiserror::Error;

/// The domain separation tag of [`hash_to_group`].
const DOMAIN: &[u8] = b"Psephos-v1_ristretto255_XMD:SHA-512_R255MAP";

/// Bytes that are not an element or a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GroupError {
    /// RFC 9496 decoding refuses the bytes.
    #[error("the bytes are not a canonical encoding of an element")]
    NotAnElement,
    /// The bytes encode the identity, which no valid entry ever holds.
    #[error("an element is the identity")]
    Identity,
    /// The integer is not smaller than the order of the group.
    #[error("the bytes are not a canonical encoding of a scalar")]
    NotAScalar,
}

/// An element together with its encoding. One that was decoded is not the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    encoding: [u8; 32],
    point: Point,
}

impl Element {
    /// Decodes 32 bytes strictly (RFC 9496, section 4.3.1).
    ///
    /// # Errors
    /// [`GroupError::NotAnElement`] and [`GroupError::Identity`].
    pub fn decode(encoding: &[u8; 32]) -> Result<Self, GroupError> {
        let point = decode_point(encoding)?;
        Ok(Self {
            encoding: *encoding,
            point,
        })
    }

    /// Encodes a computed point.
    ///
    /// # Errors
    /// [`GroupError::Identity`].
    pub fn from_point(point: Point) -> Result<Self, GroupError> {
        if point.is_identity() {
            return Err(GroupError::Identity);
        }
        Ok(Self {
            encoding: point.compress().to_bytes(),
            point,
        })
    }

    /// A computed point that may turn out to be the identity, encoded as 32 zero bytes. A check
    /// of its own reports that; what follows from the point is still worked out.
    #[must_use]
    pub fn computed(point: Point) -> Self {
        Self {
            encoding: point.compress().to_bytes(),
            point,
        }
    }

    /// The 32 bytes of the element.
    #[must_use]
    pub fn encoding(&self) -> &[u8; 32] {
        &self.encoding
    }

    /// The element as a point for arithmetic.
    #[must_use]
    pub fn point(&self) -> &Point {
        &self.point
    }
}

/// Decodes a point whose encoding the caller keeps elsewhere.
///
/// # Errors
/// [`GroupError::NotAnElement`] and [`GroupError::Identity`].
pub fn decode_point(encoding: &[u8; 32]) -> Result<Point, GroupError> {
    // The encoding of the identity is 32 zero bytes, and no other.
    if encoding == &[0; 32] {
        return Err(GroupError::Identity);
    }
    CompressedRistretto(*encoding)
        .decompress()
        .ok_or(GroupError::NotAnElement)
}

/// Decodes a scalar: 32 bytes, little-endian, smaller than the order of the group.
///
/// # Errors
/// [`GroupError::NotAScalar`].
pub fn decode_scalar(bytes: &[u8; 32]) -> Result<Scalar, GroupError> {
    Option::from(Scalar::from_canonical_bytes(*bytes)).ok_or(GroupError::NotAScalar)
}

/// Reduces 64 bytes, little-endian, modulo the order of the group.
#[must_use]
pub fn wide_scalar(bytes: &[u8; 64]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(bytes)
}

/// Replaces every scalar, none of which may be 0, by its inverse.
pub fn batch_invert(scalars: &mut [Scalar]) {
    // The product of all before each, then one inversion, then backwards.
    let mut product = Scalar::ONE;
    let before: Vec<Scalar> = scalars
        .iter()
        .map(|scalar| {
            let before = product;
            product *= scalar;
            before
        })
        .collect();
    let mut inverse = product.invert();
    for (scalar, before) in scalars.iter_mut().zip(before).rev() {
        let own = inverse * before;
        inverse *= *scalar;
        *scalar = own;
    }
}

/// The identity: what an empty sum gives.
#[must_use]
pub fn identity() -> Point {
    Point::identity()
}

/// Whether a sum vanishes. Not a verdict: the checks turn it into one.
#[must_use]
pub fn vanishes(point: &Point) -> bool {
    point.is_identity()
}

/// The sum of the products of `scalars` and `points`, which must be equally many.
#[must_use]
pub fn multiscalar_vartime(scalars: &[Scalar], points: &[Point]) -> Point {
    Point::vartime_multiscalar_mul(scalars, points)
}

/// a·A + b·G.
#[must_use]
pub fn double_scalar_basepoint_vartime(a: &Scalar, point: &Point, b: &Scalar) -> Point {
    Point::vartime_double_scalar_mul_basepoint(a, point, b)
}

/// k·A for a small k, by doubling and adding.
#[must_use]
pub fn small_multiple_vartime(factor: u64, point: &Point) -> Point {
    let mut sum = Point::identity();
    for bit in (0..u64::BITS - factor.leading_zeros()).rev() {
        sum += sum;
        if factor >> bit & 1 == 1 {
            sum += point;
        }
    }
    sum
}

/// `HashToGroup` (docs/spec/parameters.md): `hash_to_ristretto255` of RFC 9380, appendix B.
#[must_use]
pub fn hash_to_group(message: &[u8]) -> Point {
    let mut uniform = [0; 64];
    expand_message_xmd(message, DOMAIN, &mut uniform);
    Point::from_uniform_bytes(&uniform)
}

/// `expand_message_xmd` with SHA-512 (RFC 9380, section 5.3.1); `domain` has at most 255 bytes
/// and `output` at most 16,320.
fn expand_message_xmd(message: &[u8], domain: &[u8], output: &mut [u8]) {
    let domain_length = [domain.len() as u8];
    let first: [u8; 64] = Sha512::new()
        .chain_update([0; 128])
        .chain_update(message)
        .chain_update((output.len() as u16).to_be_bytes())
        .chain_update([0])
        .chain_update(domain)
        .chain_update(domain_length)
        .finalize()
        .into();
    let mut block = [0; 64];
    for (number, chunk) in (1_u8..=255).zip(output.chunks_mut(64)) {
        let mixed: Vec<u8> = first.iter().zip(block).map(|(a, b)| a ^ b).collect();
        block = Sha512::new()
            .chain_update(mixed)
            .chain_update([number])
            .chain_update(domain)
            .chain_update(domain_length)
            .finalize()
            .into();
        for (to, from) in chunk.iter_mut().zip(block) {
            *to = from;
        }
    }
}

/// The generators nobody knows a relation among (docs/spec/parameters.md), recomputed here.
#[derive(Debug, Clone)]
pub struct Generators {
    /// G, the basepoint of RFC 9496.
    pub g: Point,
    /// H, the base of the encrypted value.
    pub h: Point,
    /// P, the blinding base of vector commitments.
    pub p: Point,
    /// `P_1`, `P_2`, …, the bases of vector commitments.
    pub p_j: Vec<Point>,
}

impl Generators {
    /// Derives the generators with `coordinates` bases of vector commitments.
    #[must_use]
    pub fn new(coordinates: usize) -> Self {
        Self {
            g: RISTRETTO_BASEPOINT_POINT,
            h: hash_to_group(b"H"),
            p: hash_to_group(b"P"),
            p_j: (1..=coordinates)
                .map(|j| hash_to_group(format!("P{j}").as_bytes()))
                .collect(),
        }
    }
}

/// The generators of range proofs (docs/spec/ranges.md): for each party so many of both kinds,
/// which are those of the crate `bulletproofs`.
#[derive(Debug, Clone, Default)]
pub struct RangeGenerators {
    /// How many each party has: n.
    pub bits: usize,
    /// Those of G, party after party.
    pub g: Vec<Point>,
    /// Those of H.
    pub h: Vec<Point>,
}

impl RangeGenerators {
    /// Derives `bits` generators of both kinds for every party.
    #[must_use]
    pub fn new(bits: usize, parties: usize) -> Self {
        let of = |kind: &[u8]| {
            (0..parties as u32)
                .flat_map(|party| {
                    let mut hash = Shake256::default();
                    hash.update(b"GeneratorsChain");
                    hash.update(kind);
                    hash.update(&party.to_le_bytes());
                    let mut reader = hash.finalize_xof();
                    let next = move |_| {
                        let mut uniform = [0; 64];
                        reader.read(&mut uniform);
                        Point::from_uniform_bytes(&uniform)
                    };
                    (0..bits).map(next)
                })
                .collect()
        };
        Self {
            bits,
            g: of(b"G"),
            h: of(b"H"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text).unwrap().try_into().unwrap()
    }

    /// RFC 9496, appendix A.1.
    #[test]
    fn multiples_of_the_basepoint_match_rfc_9496() {
        let expected = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
            "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
            "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
        ];
        for (factor, encoding) in expected.iter().enumerate() {
            let multiple = small_multiple_vartime(factor as u64, &RISTRETTO_BASEPOINT_POINT);
            assert_eq!(hex::encode(multiple.compress().as_bytes()), *encoding);
        }
        let last = small_multiple_vartime(15, &RISTRETTO_BASEPOINT_POINT);
        assert_eq!(
            hex::encode(last.compress().as_bytes()),
            "e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e"
        );
    }

    /// RFC 9496, appendix A.2: one encoding of each family of faults.
    #[test]
    fn bad_encodings_are_refused() {
        for encoding in [
            "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ] {
            assert_eq!(
                Element::decode(&bytes(encoding)),
                Err(GroupError::NotAnElement)
            );
        }
        assert_eq!(Element::decode(&[0; 32]), Err(GroupError::Identity));
    }

    #[test]
    fn scalars_at_or_above_the_order_are_refused() {
        let order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        assert_eq!(decode_scalar(&order), Err(GroupError::NotAScalar));
        let mut below = order;
        below[0] -= 1;
        assert!(decode_scalar(&below).is_ok());
        assert_eq!(decode_scalar(&[255; 32]), Err(GroupError::NotAScalar));
    }

    /// RFC 9380, appendix K.3.
    #[test]
    fn expansion_matches_rfc_9380() {
        let domain = b"QUUX-V01-CS02-with-expander-SHA512-256";
        for (message, expected) in [
            (
                "",
                "6b9a7312411d92f921c6f68ca0b6380730a1a4d982c507211a90964c394179ba",
            ),
            (
                "abc",
                "0da749f12fbe5483eb066a5f595055679b976e93abe9be6f0f6318bce7aca8dc",
            ),
            (
                "abcdef0123456789",
                "087e45a86e2939ee8b91100af1583c4938e0f5fc6c9db4b107b83346bc967f58",
            ),
        ] {
            let mut output = [0; 32];
            expand_message_xmd(message.as_bytes(), domain, &mut output);
            assert_eq!(hex::encode(output), expected);
        }
    }

    /// RFC 9496, appendix A.3.
    #[test]
    fn the_one_way_map_matches_rfc_9496() {
        for (uniform, expected) in [
            (
                "5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1\
                 4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6",
                "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46",
            ),
            (
                "f116b34b8f17ceb56e8732a60d913dd10cce47a6d53bee9204be8b44f6678b27\
                 0102a56902e2488c46120e9276cfe54638286b9e4b3cdb470b542d46c2068d38",
                "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b",
            ),
        ] {
            let point = Point::from_uniform_bytes(&bytes(uniform));
            assert_eq!(hex::encode(point.compress().as_bytes()), expected);
        }
    }

    #[test]
    fn the_generators_differ() {
        let generators = Generators::new(3);
        let mut all = vec![generators.g, generators.h, generators.p];
        all.extend(&generators.p_j);
        for (i, one) in all.iter().enumerate() {
            assert!(!vanishes(one));
            assert!(all.iter().skip(i + 1).all(|other| other != one));
        }
        assert_eq!(DOMAIN.len(), 43);
    }
}
