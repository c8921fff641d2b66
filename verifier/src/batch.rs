//! Many equations in one multiscalar multiplication (docs/spec/verification.md).
//!
//! Every row has its own random weight of 128 bits, so a false row survives with probability
//! 2^-128, whatever the others are. A batch that fails is bisected until the culprits are named.

use crate::{
    group::{Generators, Point, RangeGenerators, Scalar, multiscalar_vartime, vanishes},
    proofs::signature::Signature,
    transcript::random_weights,
};
use std::sync::atomic::{AtomicU64, Ordering};

/// The verifier's own randomness. Whoever makes a record must not be able to foresee it.
#[derive(Debug)]
pub struct Randomness {
    seed: [u8; 32],
    streams: AtomicU64,
}

impl Randomness {
    /// Begins with 32 fresh bytes of the operating system.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self {
            seed,
            streams: AtomicU64::new(0),
        }
    }

    /// Integers of 128 bits that nothing else uses: weights for another group.
    pub(crate) fn integers(&self) -> impl Iterator<Item = u128> {
        self.stream().map(|weight| {
            let bytes = weight.to_bytes();
            let low = bytes.first_chunk().copied().unwrap_or_default();
            u128::from_le_bytes(low)
        })
    }

    /// Weights that nothing else uses.
    fn stream(&self) -> impl Iterator<Item = Scalar> {
        let stream = self.streams.fetch_add(1, Ordering::Relaxed);
        (0..).flat_map(move |block| random_weights(&self.seed, stream, block))
    }
}

/// The points that occur in many rows: G, H, P, the bases of vector commitments, the election's
/// keys, the generators of range proofs. Their coefficients are added up, so each is multiplied once per batch.
#[derive(Debug, Clone)]
pub struct Bases {
    points: Vec<Point>,
    n_coordinates: usize,
    n_keys: usize,
    ranges: RangeGenerators,
}

/// One of the [`Bases`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// G.
    G,
    /// H.
    H,
    /// P.
    P,
    /// `P_j`, at j − 1.
    Coordinate(usize),
    /// `K_i`, by the election's number of the position.
    Key(usize),
    /// `G_(p·n + i)` of range proofs: of party p, its number i.
    RangeG(usize, usize),
    /// `H_(p·n + i)`.
    RangeH(usize, usize),
}

impl Bases {
    /// Joins the generators and the election's keys; there may be none yet.
    #[must_use]
    pub fn new(generators: &Generators, keys: &[Point]) -> Self {
        Self::with_ranges(generators, keys, RangeGenerators::default())
    }

    /// The same with the generators of range proofs.
    #[must_use]
    pub fn with_ranges(generators: &Generators, keys: &[Point], ranges: RangeGenerators) -> Self {
        let mut points = vec![generators.g, generators.h, generators.p];
        points.extend(&generators.p_j);
        points.extend(keys);
        points.extend(&ranges.g);
        points.extend(&ranges.h);
        Self {
            points,
            n_coordinates: generators.p_j.len(),
            n_keys: keys.len(),
            ranges,
        }
    }

    fn number(&self, base: Base) -> usize {
        match base {
            Base::G => 0,
            Base::H => 1,
            Base::P => 2,
            Base::Coordinate(index) => 3 + index,
            Base::Key(index) => 3 + self.n_coordinates + index,
            Base::RangeG(party, bit) => self.range(party, bit),
            Base::RangeH(party, bit) => self.ranges.g.len() + self.range(party, bit),
        }
    }

    fn range(&self, party: usize, bit: usize) -> usize {
        3 + self.n_coordinates + self.n_keys + party * self.ranges.bits + bit
    }
}

/// A sum of products that vanishes if all rows in it hold.
#[derive(Debug)]
pub struct Sum<'b> {
    bases: &'b Bases,
    of_bases: Vec<Scalar>,
    scalars: Vec<Scalar>,
    points: Vec<Point>,
}

impl<'b> Sum<'b> {
    fn new(bases: &'b Bases) -> Self {
        Self {
            bases,
            of_bases: vec![Scalar::ZERO; bases.points.len()],
            scalars: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Adds a multiple of a point.
    pub fn add(&mut self, scalar: Scalar, point: &Point) {
        self.scalars.push(scalar);
        self.points.push(*point);
    }

    /// Adds a multiple of a base.
    pub fn add_base(&mut self, scalar: Scalar, base: Base) {
        // A number outside the bases cannot come from a decoded entry; if it did, the sum would
        // lack a term and the row would be false.
        if let Some(sum) = self.of_bases.get_mut(self.bases.number(base)) {
            *sum += scalar;
        }
    }

    fn vanishes(mut self) -> bool {
        for (scalar, base) in self.of_bases.iter().zip(&self.bases.points) {
            if *scalar != Scalar::ZERO {
                self.scalars.push(*scalar);
                self.points.push(*base);
            }
        }
        vanishes(&multiscalar_vartime(&self.scalars, &self.points))
    }
}

/// One or more rows that belong to one author.
pub trait Claim {
    /// How many rows there are.
    fn n_rows(&self) -> usize;

    /// Adds every row, times its weight, to the sum.
    fn add_to(&self, weights: &[Scalar], sum: &mut Sum<'_>);
}

/// A claim of the batch that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FalseClaim {
    /// Its index in the batch.
    pub index: usize,
    /// Its rows that do not hold.
    pub rows: Vec<usize>,
}

/// Checks all claims together and names the false ones.
#[must_use]
pub fn find_false<C: Claim>(
    claims: &[C],
    bases: &Bases,
    randomness: &Randomness,
) -> Vec<FalseClaim> {
    let mut found = Vec::new();
    search(claims, 0, bases, randomness, &mut found);
    found
}

fn search<C: Claim>(
    claims: &[C],
    first: usize,
    bases: &Bases,
    randomness: &Randomness,
    found: &mut Vec<FalseClaim>,
) {
    if let [claim] = claims {
        let rows = false_rows(claim, bases);
        if !rows.is_empty() {
            found.push(FalseClaim { index: first, rows });
        }
    } else if !all_hold(claims, bases, randomness) {
        let middle = claims.len() / 2;
        let (left, right) = claims.split_at(middle);
        search(left, first, bases, randomness, found);
        search(right, first + middle, bases, randomness, found);
    }
}

fn all_hold<C: Claim>(claims: &[C], bases: &Bases, randomness: &Randomness) -> bool {
    let mut stream = randomness.stream();
    let mut sum = Sum::new(bases);
    for claim in claims {
        let weights: Vec<Scalar> = stream.by_ref().take(claim.n_rows()).collect();
        claim.add_to(&weights, &mut sum);
    }
    sum.vanishes()
}

/// Looks at each row by itself, exactly.
fn false_rows<C: Claim>(claim: &C, bases: &Bases) -> Vec<usize> {
    let n_rows = claim.n_rows();
    (0..n_rows)
        .filter(|row| {
            let weights: Vec<Scalar> = (0..n_rows)
                .map(|other| Scalar::from(u8::from(other == *row)))
                .collect();
            let mut sum = Sum::new(bases);
            claim.add_to(&weights, &mut sum);
            !sum.vanishes()
        })
        .collect()
}

/// The claim that a signature holds: R + c·X − z·G vanishes. One row.
#[derive(Debug, Clone)]
pub struct SignatureClaim {
    key: Point,
    commitment: Point,
    challenge: Scalar,
    response: Scalar,
}

impl SignatureClaim {
    /// The claim that `signature` is over `prefix ‖ message` and of the key.
    #[must_use]
    pub fn new(
        signature: &Signature,
        key: Point,
        encoding: &[u8; 32],
        prefix: &[u8],
        message: &[u8],
    ) -> Self {
        Self {
            key,
            commitment: signature.commitment,
            challenge: signature.challenge(encoding, prefix, message),
            response: signature.response,
        }
    }
}

impl Claim for SignatureClaim {
    fn n_rows(&self) -> usize {
        1
    }

    fn add_to(&self, weights: &[Scalar], sum: &mut Sum<'_>) {
        if let [weight] = weights {
            sum.add(*weight, &self.commitment);
            sum.add(weight * self.challenge, &self.key);
            sum.add_base(-(weight * self.response), Base::G);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The claim that a point is a multiple of G, with two rows that say the same.
    struct Multiple(u64, Point);

    impl Claim for Multiple {
        fn n_rows(&self) -> usize {
            2
        }

        fn add_to(&self, weights: &[Scalar], sum: &mut Sum<'_>) {
            for weight in weights {
                sum.add(*weight, &self.1);
                sum.add_base(-(weight * Scalar::from(self.0)), Base::G);
            }
        }
    }

    fn bases() -> Bases {
        Bases::new(&Generators::new(2), &[])
    }

    fn claims(n: u64) -> Vec<Multiple> {
        let g = Generators::new(0).g;
        (0..n).map(|k| Multiple(k, g * Scalar::from(k))).collect()
    }

    #[test]
    fn true_claims_hold_and_false_ones_are_named() {
        let randomness = Randomness::new([9; 32]);
        let mut claims = claims(100);
        assert_eq!(find_false(&claims, &bases(), &randomness), []);
        claims[17].0 += 1;
        claims[64].0 += 1;
        let found = find_false(&claims, &bases(), &randomness);
        let named: Vec<_> = found.iter().map(|claim| claim.index).collect();
        assert_eq!(named, [17, 64]);
        assert_eq!(found[0].rows, [0, 1]);
    }

    #[test]
    fn opposite_errors_do_not_cancel() {
        let mut claims = claims(10);
        let error = Generators::new(0).h;
        claims[3].1 += error;
        claims[4].1 -= error;
        let found = find_false(&claims, &bases(), &Randomness::new([9; 32]));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn streams_and_blocks_give_different_weights() {
        let randomness = Randomness::new([9; 32]);
        let mut weights: Vec<[u8; 32]> = Vec::new();
        for _ in 0..4 {
            weights.extend(randomness.stream().take(9).map(|weight| weight.to_bytes()));
        }
        weights.sort_unstable();
        weights.dedup();
        assert_eq!(weights.len(), 36);
        assert!(weights.iter().all(|weight| weight[16..] == [0; 16]));
    }
}
