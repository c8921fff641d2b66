//! Joint signatures of the trustees: BLS over BLS12-381, keys in G1, signatures in G2
//! (docs/spec/parameters.md, "Joint signatures"). Only this file knows the library of the curve.
//!
//! Many signatures are checked in one product of pairings: every one has its own random weight of
//! 128 bits, so a false one survives with probability 2^-128. A product that fails is bisected
//! until the culprits are named.

#[cfg(test)]
mod tests;

use crate::{batch::Randomness, group::GroupError};
use bls12_381::{
    G1Affine, G1Projective, G2Affine, G2Prepared, G2Projective, Gt, Scalar,
    hash_to_curve::{ExpandMsgXmd, HashToCurve},
    multi_miller_loop,
};
use std::{collections::BTreeMap, ops::Add};

/// How many bytes a key has.
pub const KEY: usize = 48;

/// How many claims are checked together.
const BATCH: usize = 256;

/// How many bytes a signature has.
pub const SIGNATURE: usize = 96;

/// An element of G1: a key, or a coefficient of one. One that was decoded is not the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JointKey(G1Affine);

/// An element of G2: a signature or a share of one. One that was decoded is not the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JointSignature(G2Affine);

/// What a signature is for: each has a tag of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// A message.
    Message,
    /// The possession of the secret of a key.
    Possession,
}

impl Purpose {
    fn tag(self) -> &'static [u8] {
        match self {
            Self::Message => b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
            Self::Possession => b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_",
        }
    }

    fn hash(self, message: &[u8]) -> G2Projective {
        <G2Projective as HashToCurve<ExpandMsgXmd<sha2_09::Sha256>>>::hash_to_curve(
            message,
            self.tag(),
        )
    }
}

impl JointKey {
    /// Decodes a compressed element strictly.
    ///
    /// # Errors
    /// [`GroupError::NotAnElement`], also for points outside the subgroup, and
    /// [`GroupError::Identity`].
    pub fn decode(encoding: &[u8; KEY]) -> Result<Self, GroupError> {
        let point = Option::<G1Affine>::from(G1Affine::from_compressed(encoding))
            .ok_or(GroupError::NotAnElement)?;
        let key = Self(point);
        if key.is_identity() {
            return Err(GroupError::Identity);
        }
        Ok(key)
    }

    /// The compressed encoding.
    #[must_use]
    pub fn encoding(&self) -> [u8; KEY] {
        self.0.to_compressed()
    }

    /// Whether it is the identity, which only a computed one can be.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.0.is_identity().into()
    }
}

impl JointSignature {
    /// Decodes a compressed element strictly.
    ///
    /// # Errors
    /// [`GroupError::NotAnElement`], also for points outside the subgroup, and
    /// [`GroupError::Identity`].
    pub fn decode(encoding: &[u8; SIGNATURE]) -> Result<Self, GroupError> {
        let point = Option::<G2Affine>::from(G2Affine::from_compressed(encoding))
            .ok_or(GroupError::NotAnElement)?;
        if point.is_identity().into() {
            return Err(GroupError::Identity);
        }
        Ok(Self(point))
    }

    /// The compressed encoding.
    #[must_use]
    pub fn encoding(&self) -> [u8; SIGNATURE] {
        self.0.to_compressed()
    }

    /// Combines the shares of different trustees, counted from 1: Σ λ_j·σ_j at 0
    /// (docs/spec/beacon-and-seal.md).
    #[must_use]
    pub fn combine(shares: &[(u16, Self)]) -> Self {
        let scalar = |trustee: u16| Scalar::from(u64::from(trustee));
        let mut sum = G2Projective::identity();
        for (trustee, share) in shares {
            let mut lambda = Scalar::one();
            for (other, _) in shares.iter().filter(|(other, _)| other != trustee) {
                let difference = scalar(*other) - scalar(*trustee);
                // Numbers of different trustees differ, so there is an inverse.
                lambda *= scalar(*other) * difference.invert().unwrap_or(Scalar::zero());
            }
            sum += share.0 * lambda;
        }
        Self(sum.into())
    }
}

/// J and the key of every trustee's share of it.
#[derive(Debug, Clone)]
pub struct JointKeys {
    /// J.
    pub key: JointKey,
    /// `J_j`, for trustee j at j − 1.
    pub shares: Vec<JointKey>,
}

impl JointKeys {
    /// Adds the coefficients of all dealers, each t in order of degree, and evaluates the sum at
    /// every trustee's index.
    #[must_use]
    pub fn combine(dealers: &[&[JointKey]]) -> Self {
        let length = dealers.first().map_or(0, |dealer| dealer.len());
        let mut sums = vec![G1Projective::identity(); length];
        for dealer in dealers {
            for (sum, coefficient) in sums.iter_mut().zip(*dealer) {
                *sum += coefficient.0;
            }
        }
        let at = |index| JointKey(Self::combine_at(sums.iter().copied(), index).into());
        Self {
            key: at(0),
            shares: (1..).take(dealers.len()).map(at).collect(),
        }
    }

    /// Σ j^k·B_k by Horner's rule.
    fn combine_at(
        coefficients: impl DoubleEndedIterator<Item = G1Projective>,
        at: u16,
    ) -> G1Projective {
        let zero = G1Projective::identity();
        coefficients.rev().fold(zero, |sum, coefficient| {
            multiple(u128::from(at), sum, zero) + coefficient
        })
    }

    /// `J_j` of trustee j, counted from 1.
    #[must_use]
    pub fn of_trustee(&self, trustee: u16) -> Option<&JointKey> {
        self.shares.get(usize::from(trustee).checked_sub(1)?)
    }
}

/// Whether a share, 32 bytes big-endian, is Σ j^k·b_k of the dealer of these coefficients.
#[must_use]
pub fn is_share(share: &[u8; 32], coefficients: &[JointKey], trustee: u16) -> bool {
    let mut little_endian = *share;
    little_endian.reverse();
    let dealt = JointKeys::combine_at(coefficients.iter().map(|b| b.0.into()), trustee);
    Option::<Scalar>::from(Scalar::from_bytes(&little_endian))
        .is_some_and(|share| G1Affine::generator() * share == dealt)
}

/// The claim that a signature is over this message and under this key.
#[derive(Debug, Clone)]
pub struct JointClaim {
    /// The key.
    pub key: JointKey,
    /// What the signature is for.
    pub purpose: Purpose,
    /// The message.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: JointSignature,
}

impl JointClaim {
    /// Checks this claim alone. Under a key that is the identity none holds, and neither does a
    /// signature that is.
    #[must_use]
    pub fn holds(&self) -> bool {
        let signs_something = !bool::from(self.signature.0.is_identity());
        let hash = G2Prepared::from(G2Affine::from(self.purpose.hash(&self.message)));
        let signature = G2Prepared::from(self.signature.0);
        let terms = [(&self.key.0, &hash), (&-G1Affine::generator(), &signature)];
        signs_something && multi_miller_loop(&terms).final_exponentiation() == Gt::identity()
    }
}

/// Checks all claims, many together; gives the numbers of the false ones, in ascending order.
#[must_use]
pub fn find_false(claims: &[&JointClaim], randomness: &Randomness) -> Vec<usize> {
    let mut found = Vec::new();
    let mut first = 0;
    for (rows, hashes) in batches(claims) {
        search(&rows, first, &hashes, randomness, &mut found);
        first += rows.len();
    }
    found
}

/// What a pairing prepares of a hash has some 20 kB, and claims may be many: so few are prepared
/// at a time.
fn batches<'a>(claims: &[&'a JointClaim]) -> impl Iterator<Item = (Vec<Row<'a>>, Vec<G2Prepared>)> {
    claims.chunks(BATCH).map(prepare)
}

/// A claim and the number of its message's hash.
struct Row<'a> {
    claim: &'a JointClaim,
    hash: usize,
}

/// Hashes every message once.
fn prepare<'a>(claims: &[&'a JointClaim]) -> (Vec<Row<'a>>, Vec<G2Prepared>) {
    let mut numbers = BTreeMap::new();
    let mut hashes = Vec::new();
    let row = |claim: &&'a JointClaim| {
        let message = (claim.purpose, claim.message.as_slice());
        let hash = *numbers.entry(message).or_insert_with(|| {
            let hash = claim.purpose.hash(&claim.message);
            hashes.push(G2Prepared::from(G2Affine::from(hash)));
            hashes.len() - 1
        });
        Row { claim, hash }
    };
    let rows = claims.iter().map(row).collect();
    (rows, hashes)
}

fn search(
    rows: &[Row<'_>],
    first: usize,
    hashes: &[G2Prepared],
    randomness: &Randomness,
    found: &mut Vec<usize>,
) {
    if all_hold(rows, hashes, randomness) {
        return;
    }
    if rows.len() == 1 {
        found.push(first);
        return;
    }
    let middle = rows.len() / 2;
    let (left, right) = rows.split_at(middle);
    search(left, first, hashes, randomness, found);
    search(right, first + middle, hashes, randomness, found);
}

/// Whether Π e(w·X, HashToG2(message)) · e(−g, Σ w·σ) = 1. The keys of one message are added up,
/// so that it costs one pairing.
fn all_hold(rows: &[Row<'_>], hashes: &[G2Prepared], randomness: &Randomness) -> bool {
    let mut keys: BTreeMap<usize, G1Projective> = BTreeMap::new();
    let mut signatures = G2Projective::identity();
    for (row, weight) in rows.iter().zip(randomness.integers()) {
        // One claim is checked exactly, whatever was drawn.
        let weight = if rows.len() == 1 { 1 } else { weight };
        let key = G1Projective::from(row.claim.key.0);
        *keys.entry(row.hash).or_default() += multiple(weight, key, G1Projective::identity());
        let signature = G2Projective::from(row.claim.signature.0);
        signatures += multiple(weight, signature, G2Projective::identity());
    }
    let left: Vec<(G1Affine, &G2Prepared)> = keys
        .into_iter()
        .filter_map(|(hash, key)| Some((key.into(), hashes.get(hash)?)))
        .collect();
    let signatures = G2Prepared::from(G2Affine::from(signatures));
    let base = -G1Affine::generator();
    let mut terms: Vec<(&G1Affine, &G2Prepared)> =
        left.iter().map(|(key, hash)| (key, *hash)).collect();
    terms.push((&base, &signatures));
    multi_miller_loop(&terms).final_exponentiation() == Gt::identity()
}

/// A small multiple by doubling and adding: everything here is public.
fn multiple<P: Copy + Add<Output = P>>(factor: u128, point: P, identity: P) -> P {
    let mut sum = identity;
    for bit in (0..u128::BITS - factor.leading_zeros()).rev() {
        sum = sum + sum;
        if factor >> bit & 1 == 1 {
            sum = sum + point;
        }
    }
    sum
}
