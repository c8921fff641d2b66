//! Verifying, from the paper: all equations of a proof as two rows of a batch.

use merlin::Transcript as Merlin;
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update, XofReader};

use super::{BITS, RangeError, RangeProof, padded, prove};
use crate::encoding::Reader;
use crate::group::{Element, Point, Scalar, blinding_base, invert_all, value_base, wide_scalar};
use crate::proofs::batch::{Batch, SharedPoints, Weights};
use crate::transcript::Digest;

/// Commitments whose values are shown to be in range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedRanges {
    /// W_0, W_1, ….
    pub commitments: Vec<Element>,
    /// n: values are in 0..2^n − 1.
    pub bits: u8,
}

/// Where a batch has the points of range proofs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bases {
    /// Index of H.
    pub(crate) value_base: usize,
    /// Index of P.
    pub(crate) blinding_base: usize,
    /// Index of the first of [`generators`].
    pub(crate) first: usize,
    /// Number of bits for which they were made.
    pub(crate) bits: u8,
}

impl Bases {
    /// Index of G of a value's bit; that of H is the next.
    fn index(&self, party: usize, bit: usize) -> usize {
        self.first + 2 * (party * usize::from(self.bits) + bit)
    }
}

/// The generators of proofs for up to `parties` values of up to `bits` bits: for each value, for each
/// bit, one of the crate's chain `G` and one of its chain `H`.
pub(crate) fn generators(bits: u8, parties: usize) -> Vec<Point> {
    (0u32..)
        .take(parties)
        .flat_map(|party| {
            let (mut g, mut h) = (chain(b'G', party), chain(b'H', party));
            (0..bits).flat_map(move |_| [next_generator(&mut g), next_generator(&mut h)])
        })
        .collect()
}

/// SHAKE256("GeneratorsChain" ‖ letter ‖ party as a little-endian u32).
fn chain(letter: u8, party: u32) -> impl XofReader {
    let mut hash = Shake256::default();
    hash.update(b"GeneratorsChain");
    hash.update(&[letter]);
    hash.update(&party.to_le_bytes());
    hash.finalize_xof()
}

fn next_generator(chain: &mut impl XofReader) -> Point {
    let mut uniform = [0; 64];
    chain.read(&mut uniform);
    Point::from_uniform_bytes(&uniform)
}

/// A proof with its challenges, ready to join a batch.
pub(crate) struct RangeEquation<'a> {
    commitments: &'a [Element],
    proof: &'a RangeProof,
    bits: u8,
    y: Scalar,
    z: Scalar,
    x: Scalar,
    w: Scalar,
    /// u of every round.
    u: Vec<Scalar>,
}

impl<'a> RangeEquation<'a> {
    /// Computes the challenges. The proof was decoded for as many commitments and as many bits.
    pub(crate) fn new(
        context: &Digest,
        bits: u8,
        commitments: &'a [Element],
        proof: &'a RangeProof,
    ) -> Self {
        let parties = padded(commitments.len());
        let mut transcript = prove::transcript(context);
        transcript.append_message(b"dom-sep", b"rangeproof v1");
        transcript.append_u64(b"n", u64::from(bits));
        transcript.append_u64(b"m", parties as u64);
        let identities = std::iter::repeat_n(&[0; 32], parties - commitments.len());
        for encoding in commitments.iter().map(Element::as_bytes).chain(identities) {
            transcript.append_message(b"V", encoding);
        }
        transcript.append_message(b"A", proof.a.as_bytes());
        transcript.append_message(b"S", proof.s.as_bytes());
        let y = challenge(&mut transcript, b"y");
        let z = challenge(&mut transcript, b"z");
        transcript.append_message(b"T_1", proof.t_1.as_bytes());
        transcript.append_message(b"T_2", proof.t_2.as_bytes());
        let x = challenge(&mut transcript, b"x");
        transcript.append_message(b"t_x", proof.t_x.as_bytes());
        transcript.append_message(b"t_x_blinding", proof.t_x_blinding.as_bytes());
        transcript.append_message(b"e_blinding", proof.e_blinding.as_bytes());
        let w = challenge(&mut transcript, b"w");
        transcript.append_message(b"dom-sep", b"ipp v1");
        transcript.append_u64(b"n", u64::from(bits) * parties as u64);
        let round = |(left, right): &(Element, Element)| {
            transcript.append_message(b"L", left.as_bytes());
            transcript.append_message(b"R", right.as_bytes());
            challenge(&mut transcript, b"u")
        };
        let u = proof.rounds.iter().map(round).collect();
        Self {
            commitments,
            proof,
            bits,
            y,
            z,
            x,
            w,
            u,
        }
    }

    /// Adds both rows, each with its own weight:
    ///
    /// - t(x)·H + τ_x·P = Σ_k z^(2+k)·W_k + δ(y, z)·H + x·T_1 + x²·T_2;
    /// - that A, S and the rounds hold vectors l, r with ⟨l, r⟩ = t(x).
    pub(crate) fn add_to(&self, batch: &mut Batch<'_>, weights: &mut Weights, bases: &Bases) {
        let (proof, n) = (self.proof, usize::from(self.bits));
        let parties = padded(self.commitments.len());
        let (y, z, x) = (self.y, self.z, self.x);
        let (d1, d2) = (weights.weight(), weights.weight());
        // A challenge of 0 (probability 2^-250) makes the proof fail: d1·H is not the identity.
        let challenges = [y, z, x, self.w].into_iter().chain(self.u.iter().copied());
        if challenges
            .into_iter()
            .any(|challenge| challenge == Scalar::ZERO)
        {
            batch.add_fixed(bases.value_base, d1);
            return;
        }
        let zz = z * z;
        let powers =
            |base: Scalar| std::iter::successors(Some(Scalar::ONE), move |p| Some(p * base));

        // The first row. δ(y, z) = (z − z²)·Σ y^i − z³·(2^n − 1)·Σ z^k.
        let sum_y: Scalar = powers(y).take(n * parties).sum();
        let sum_z: Scalar = powers(z).take(parties).sum();
        let all_ones = Scalar::from((1u64 << n) - 1);
        let delta = (z - zz) * sum_y - zz * z * all_ones * sum_z;
        for (commitment, power) in self.commitments.iter().zip(powers(z)) {
            batch.add(d1 * zz * power, *commitment.point());
        }
        batch.add(d1 * x, *proof.t_1.point());
        batch.add(d1 * x * x, *proof.t_2.point());
        let mut h = d1 * (delta - proof.t_x);
        let mut p = -(d1 * proof.t_x_blinding);

        // The second: A + x·S + Σ (u²·L + u⁻²·R) − μ·P + w·(t(x) − a·b)·H, and the generators.
        batch.add(d2, *proof.a.point());
        batch.add(d2 * x, *proof.s.point());
        let (inverse_y, u, inverse_u) = self.inverses();
        let mut product = Scalar::ONE;
        for ((left, right), (u, inverse)) in proof.rounds.iter().zip(u.iter().zip(&inverse_u)) {
            batch.add(d2 * u * u, *left.point());
            batch.add(d2 * inverse * inverse, *right.point());
            product *= inverse;
        }
        p -= d2 * proof.e_blinding;
        h += d2 * self.w * (proof.t_x - proof.left * proof.right);
        batch.add_fixed(bases.value_base, h);
        batch.add_fixed(bases.blinding_base, p);

        // s_i is the product of u^±1 by the bits of i, the first round's for the highest.
        let mut s = Vec::with_capacity(n * parties);
        s.push(product);
        for u in u.iter().rev() {
            let square = u * u;
            s.extend_from_within(..);
            let half = s.len() / 2;
            s.iter_mut().skip(half).for_each(|value| *value *= square);
        }
        let (weighted_z, left, right) = (d2 * z, d2 * proof.left, d2 * proof.right);
        let mut inverse_powers = powers(inverse_y);
        let mut both = s.iter().zip(s.iter().rev());
        for (party, power) in powers(z).take(parties).enumerate() {
            // z^(2+k)·2^i, weighted.
            let mut digit = d2 * zz * power;
            for (bit, ((s, reversed), inverse)) in both
                .by_ref()
                .zip(inverse_powers.by_ref())
                .take(n)
                .enumerate()
            {
                let index = bases.index(party, bit);
                batch.add_fixed(index, -(weighted_z + left * s));
                batch.add_fixed(index + 1, weighted_z + inverse * (digit - right * reversed));
                digit += digit;
            }
        }
    }

    /// y⁻¹, and every u with its inverse; all inverted together.
    fn inverses(&self) -> (Scalar, &[Scalar], Vec<Scalar>) {
        let mut inverses = Vec::with_capacity(1 + self.u.len());
        inverses.extend_from_slice(&self.u);
        inverses.push(self.y);
        invert_all(&mut inverses);
        let inverse_y = inverses.pop().unwrap_or_default();
        (inverse_y, &self.u, inverses)
    }
}

fn challenge(transcript: &mut Merlin, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    wide_scalar(&wide)
}

/// Verifies one proof alone: that every committed value is in 0..2^n − 1.
///
/// `commitments` are W_0 ‖ W_1 ‖ …, at least one; `bits` is 8, 16 or 32. Ballots are verified in
/// batches instead, by [`verify_batch`](crate::proofs::ballot::verify_batch).
///
/// # Errors
/// [`RangeError`]: other sizes, a field that is not canonical, leftover bytes, false equations.
pub fn verify(
    context: &Digest,
    bits: u8,
    commitments: &[u8],
    proof: &[u8],
    weights: &mut Weights,
) -> Result<VerifiedRanges, RangeError> {
    let count = commitments.len() / 32;
    if !BITS.contains(&bits) || count == 0 {
        return Err(RangeError::Size { bits, count });
    }
    let mut reader = Reader::new(commitments);
    let commitments = reader.elements(count, "the commitments")?;
    reader.finish()?;
    let mut reader = Reader::new(proof);
    let proof = RangeProof::decode(bits, count, &mut reader)?;
    reader.finish()?;

    let mut fixed = vec![value_base(), blinding_base()];
    fixed.extend(generators(bits, padded(count)));
    let fixed = SharedPoints::once(fixed);
    let mut batch = Batch::new(&fixed);
    let bases = Bases {
        value_base: 0,
        blinding_base: 1,
        first: 2,
        bits,
    };
    RangeEquation::new(context, bits, &commitments, &proof).add_to(&mut batch, weights, &bases);
    batch.finish().map_err(|_| RangeError::Equations)?;
    Ok(VerifiedRanges { commitments, bits })
}
