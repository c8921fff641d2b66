//! Range proofs (`Ranges.Verify`, docs/spec/ranges.md): an aggregated Bulletproof
//! (Bünz–Bootle–Boneh–Poelstra–Wuille–Maxwell, S&P 2018) over the range forms of a ballot, and
//! equation 6 of the ballot proof, which ties the forms to the coordinates.

#[cfg(test)]
mod tests;

use crate::{
    batch::{Base, Sum},
    encoding::{EncodingError, Reader},
    group::{Point, Scalar, batch_invert, decode_point, wide_scalar},
    shape::Shape,
    transcript::Digest,
};
use merlin::Transcript;
use std::iter;

/// How many rows the claim of a range proof has: equation 6, and the two of the Bulletproof.
pub const N_ROWS: usize = 3;

/// The Bulletproof of a ballot with its commitments, decoded.
#[derive(Debug, Clone)]
pub struct RangeProof {
    /// `W_k`.
    commitments: Vec<Point>,
    /// A, S, `T_1`, `T_2`.
    points: [Point; 4],
    t_x: Scalar,
    t_x_blinding: Scalar,
    e_blinding: Scalar,
    /// `L_i` and `R_i`.
    rounds: Vec<[Point; 2]>,
    a: Scalar,
    b: Scalar,
}

impl RangeProof {
    /// Decodes commitments and proof strictly, in their order.
    ///
    /// # Errors
    /// [`EncodingError`].
    pub fn decode(shape: &Shape, bytes: &[u8]) -> Result<Self, EncodingError> {
        let mut reader = Reader::new(bytes);
        let mut point = || Ok::<_, EncodingError>(decode_point(reader.array()?)?);
        let commitments = shape.forms.iter().map(|_| point());
        let commitments = commitments.collect::<Result<_, _>>()?;
        let points = [point()?, point()?, point()?, point()?];
        let (t_x, t_x_blinding) = (reader.scalar()?, reader.scalar()?);
        let e_blinding = reader.scalar()?;
        let mut point = || Ok::<_, EncodingError>(decode_point(reader.array()?)?);
        let rounds = (0..shape.n_rounds()).map(|_| Ok([point()?, point()?]));
        let rounds = rounds.collect::<Result<_, EncodingError>>()?;
        let proof = Self {
            commitments,
            points,
            t_x,
            t_x_blinding,
            e_blinding,
            rounds,
            a: reader.scalar()?,
            b: reader.scalar()?,
        };
        reader.finish()?;
        Ok(proof)
    }

    /// How many points it has.
    #[must_use]
    pub fn n_points(&self) -> usize {
        self.commitments.len() + 4 + 2 * self.rounds.len()
    }
}

/// The challenges of a Bulletproof.
#[derive(Debug)]
pub struct Challenges {
    y: Scalar,
    z: Scalar,
    x: Scalar,
    w: Scalar,
    /// `u_i`.
    rounds: Vec<Scalar>,
    /// Whether one of them is 0, under which nothing is proved.
    zero: bool,
}

impl Challenges {
    /// Derives them from the bytes of commitments and proof. `context` names the statement.
    #[must_use]
    pub fn derive(shape: &Shape, context: &Digest, bytes: &[u8]) -> Self {
        let (parts, _) = bytes.as_chunks::<32>();
        let mut parts = parts.iter();
        let mut transcript = Transcript::new(b"psephos v3 ranges");
        let mut append = |transcript: &mut Transcript, label: &'static [u8]| {
            transcript.append_message(label, parts.next().unwrap_or(&[0; 32]));
        };
        let challenge = |transcript: &mut Transcript, label: &'static [u8]| {
            let mut wide = [0; 64];
            transcript.challenge_bytes(label, &mut wide);
            wide_scalar(&wide)
        };
        transcript.append_message(b"context", context);
        transcript.append_message(b"dom-sep", b"rangeproof v1");
        transcript.append_u64(b"n", shape.bits.into());
        transcript.append_u64(b"m", shape.n_proved() as u64);
        for _ in &shape.forms {
            append(&mut transcript, b"V");
        }
        for _ in shape.forms.len()..shape.n_proved() {
            transcript.append_message(b"V", &[0; 32]);
        }
        append(&mut transcript, b"A");
        append(&mut transcript, b"S");
        let (y, z) = (
            challenge(&mut transcript, b"y"),
            challenge(&mut transcript, b"z"),
        );
        append(&mut transcript, b"T_1");
        append(&mut transcript, b"T_2");
        let x = challenge(&mut transcript, b"x");
        append(&mut transcript, b"t_x");
        append(&mut transcript, b"t_x_blinding");
        append(&mut transcript, b"e_blinding");
        let w = challenge(&mut transcript, b"w");
        transcript.append_message(b"dom-sep", b"ipp v1");
        transcript.append_u64(b"n", 1 << shape.n_rounds());
        let rounds: Vec<Scalar> = (0..shape.n_rounds())
            .map(|_| {
                append(&mut transcript, b"L");
                append(&mut transcript, b"R");
                challenge(&mut transcript, b"u")
            })
            .collect();
        let zero = [y, z, x, w]
            .iter()
            .chain(&rounds)
            .any(|c| *c == Scalar::ZERO);
        Self {
            y,
            z,
            x,
            w,
            rounds,
            zero,
        }
    }
}

/// What the ballot proof has of its range forms.
#[derive(Debug, Clone, Copy)]
pub struct Linked<'a> {
    /// The shape.
    pub shape: &'a Shape,
    /// The ballot proof's challenge x.
    pub x: Scalar,
    /// The powers of its challenge y, at least one per form.
    pub powers: &'a [Scalar],
    /// `f_1`, …, `f_m`.
    pub f: &'a [Scalar],
    /// `T_W`.
    pub commitment: &'a Point,
    /// `zeta_W`.
    pub response: Scalar,
}

/// Adds equation 6 and both equations of the Bulletproof, times their weights, to the sum.
pub fn add_to(
    proof: &RangeProof,
    challenges: &Challenges,
    linked: &Linked<'_>,
    weights: &[Scalar; N_ROWS],
    sum: &mut Sum<'_>,
) {
    let [w_linked, w_value, w_product] = weights;
    let Challenges { y, z, x, w, .. } = challenges;
    let n = usize::from(linked.shape.bits);
    let n_proved = linked.shape.n_proved();
    if challenges.zero {
        sum.add_base(w_value + w_product, Base::H);
        return;
    }

    // 6. T_W + x·Σ y^k·W_k − (Σ y^k·(x·λ_k0 + Σ λ_kj·f_j))·H − zeta_W·P
    let mut value = Scalar::ZERO;
    for (form, power) in linked.shape.forms.iter().zip(linked.powers) {
        let mut opened = linked.x * Scalar::from(form.constant);
        for term in &form.terms {
            let f = linked.f.get(term.coordinate).copied().unwrap_or_default();
            let product = match term.magnitude {
                1 => f,
                magnitude => Scalar::from(magnitude) * f,
            };
            if term.minus {
                opened -= product;
            } else {
                opened += product;
            }
        }
        value += power * opened;
    }
    sum.add(*w_linked, linked.commitment);
    let mut of_h = -(w_linked * value);
    let mut of_p = -(w_linked * linked.response);

    // t_x·H + t_x_blinding·P − Σ z^(k+2)·W_k − δ·H − x·T_1 − x²·T_2
    let z2 = z * z;
    let mut power_of_z = z2;
    let from_linked = w_linked * linked.x;
    for (commitment, power) in proof.commitments.iter().zip(linked.powers) {
        sum.add(from_linked * power - w_value * power_of_z, commitment);
        power_of_z *= z;
    }
    let [a, s, t_1, t_2] = &proof.points;
    let x_value = w_value * x;
    sum.add(-x_value, t_1);
    sum.add(-(x_value * x), t_2);
    of_h += w_value * (proof.t_x - delta(challenges, n, n_proved));
    of_p += w_value * proof.t_x_blinding;

    // A + x·S + Σ (u²·L + u^−2·R) − e_blinding·P + w·(t_x − a·b)·H + Σ of G_h and H_h
    let mut inverses = challenges.rounds.clone();
    inverses.push(*y);
    batch_invert(&mut inverses);
    let y_inverse = inverses.pop().unwrap_or_default();
    sum.add(*w_product, a);
    sum.add(w_product * x, s);
    for ((round, u), inverse) in proof.rounds.iter().zip(&challenges.rounds).zip(&inverses) {
        let [left, right] = round;
        sum.add(w_product * u * u, left);
        sum.add(w_product * inverse * inverse, right);
    }
    of_p -= w_product * proof.e_blinding;
    of_h += w_product * w * (proof.t_x - proof.a * proof.b);
    sum.add_base(of_h, Base::H);
    sum.add_base(of_p, Base::P);

    // −z − a·s_h of G_h, and z + y^−h·(z^(2 + p)·2^i − b·s_(M−1−h)) of H_h, where h = p·n + i.
    let s = products(&challenges.rounds, &inverses);
    let (w_z, w_a, w_b) = (w_product * z, w_product * proof.a, w_product * proof.b);
    let mut power_of_y = Scalar::ONE;
    let mut power_of_z = w_product * z2;
    let mut reversed = s.iter().rev();
    let mut forward = s.iter();
    for party in 0..n_proved {
        let mut doubled = power_of_z;
        for bit in 0..n {
            let (Some(s_h), Some(s_back)) = (forward.next(), reversed.next()) else {
                return;
            };
            sum.add_base(-(w_z + w_a * s_h), Base::RangeG(party, bit));
            let of_h = w_z + power_of_y * (doubled - w_b * s_back);
            sum.add_base(of_h, Base::RangeH(party, bit));
            doubled += doubled;
            power_of_y *= y_inverse;
        }
        power_of_z *= z;
    }
}

/// δ = (z − z²)·Σ y^h − Σ z^(k+3)·(2^n − 1), h < M and k < ρ'.
fn delta(challenges: &Challenges, n: usize, n_proved: usize) -> Scalar {
    let Challenges { y, z, rounds, .. } = challenges;
    // The sum of the first 2^r powers is (1 + y)·(1 + y²)·(1 + y⁴)·…
    let mut sum_of_y = Scalar::ONE;
    let mut square = *y;
    for _ in rounds {
        sum_of_y *= Scalar::ONE + square;
        square *= square;
    }
    let z3 = z * z * z;
    let sum_of_z: Scalar = iter::successors(Some(z3), |power| Some(power * z))
        .take(n_proved)
        .sum();
    let ones = Scalar::from((1_u64 << n) - 1);
    (z - z * z) * sum_of_y - sum_of_z * ones
}

/// `s_0` = Π `u_i`^−1, and `s_h` = `s_(h − 2^g)`·`u_(log2 M − g)`² where g = floor(log2 h).
fn products(rounds: &[Scalar], inverses: &[Scalar]) -> Vec<Scalar> {
    let mut s = vec![inverses.iter().product()];
    for u in rounds.iter().rev() {
        let square = u * u;
        let more: Vec<Scalar> = s.iter().map(|s| s * square).collect();
        s.extend(more);
    }
    s
}
