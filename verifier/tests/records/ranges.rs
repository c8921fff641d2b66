//! `Ranges.Prove` for test records: the prover of Bünz and others, step by step.

use crate::dice::{Dice, encode};
use merlin::Transcript;
use verifier::group::{
    Generators, Point, RangeGenerators, Scalar, multiscalar_vartime, wide_scalar,
};

/// What is committed to and what is proved of it; a liar changes it.
pub struct Forms {
    /// What `W_k` commits to.
    pub committed: Vec<Scalar>,
    /// What the Bulletproof takes it for.
    pub proved: Vec<u64>,
    /// What the statement is named.
    pub context: [u8; 32],
}

/// Commitments with the Bulletproof, and the blindings of the commitments.
pub struct Proved {
    pub blindings: Vec<Scalar>,
    pub bytes: Vec<u8>,
}

fn challenge(transcript: &mut Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    wide_scalar(&wide)
}

fn inner(one: &[Scalar], other: &[Scalar]) -> Scalar {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// Proves that every form is an integer of `n` bits.
pub fn prove(n: usize, forms: &Forms, generators: &Generators, dice: &mut Dice) -> Proved {
    let Generators { h, p, .. } = generators;
    let blindings: Vec<Scalar> = forms.committed.iter().map(|_| dice.scalar()).collect();
    let commitments: Vec<Point> = forms
        .committed
        .iter()
        .zip(&blindings)
        .map(|(value, blinding)| h * value + p * blinding)
        .collect();
    let n_proved = forms.proved.len().next_power_of_two();
    let m = n * n_proved;
    let bases = RangeGenerators::new(n, n_proved);
    let mut transcript = Transcript::new(b"psephos v3 ranges");
    transcript.append_message(b"context", &forms.context);
    transcript.append_message(b"dom-sep", b"rangeproof v1");
    transcript.append_u64(b"n", n as u64);
    transcript.append_u64(b"m", n_proved as u64);
    let mut bytes = Vec::new();
    for commitment in &commitments {
        transcript.append_message(b"V", &encode(commitment));
        bytes.extend(encode(commitment));
    }
    for _ in commitments.len()..n_proved {
        transcript.append_message(b"V", &[0; 32]);
    }
    let mut put = |transcript: &mut Transcript, label: &'static [u8], part: [u8; 32]| {
        transcript.append_message(label, &part);
        bytes.extend(part);
    };
    let commit = |blinding: Scalar, left: &[Scalar], right: &[Scalar]| {
        let scalars = [left, right, &[blinding]].concat();
        let points = [&bases.g[..], &bases.h, &[*p]].concat();
        multiscalar_vartime(&scalars, &points)
    };

    let mut random = |count: usize| -> Vec<Scalar> { (0..count).map(|_| dice.scalar()).collect() };
    let bit = |h: usize| {
        forms
            .proved
            .get(h / n)
            .map_or(0, |value| value >> (h % n) & 1)
    };
    let a_l: Vec<Scalar> = (0..m).map(|h| Scalar::from(bit(h))).collect();
    let a_r: Vec<Scalar> = a_l.iter().map(|bit| bit - Scalar::ONE).collect();
    let (s_l, s_r) = (random(m), random(m));
    let secrets = random(4);
    let (alpha, rho, tau_1, tau_2) = (secrets[0], secrets[1], secrets[2], secrets[3]);
    put(&mut transcript, b"A", encode(&commit(alpha, &a_l, &a_r)));
    put(&mut transcript, b"S", encode(&commit(rho, &s_l, &s_r)));
    let (y, z) = (
        challenge(&mut transcript, b"y"),
        challenge(&mut transcript, b"z"),
    );

    let powers = |base: Scalar, count: usize| -> Vec<Scalar> {
        let next = |power: &Scalar| Some(power * base);
        std::iter::successors(Some(Scalar::ONE), next)
            .take(count)
            .collect()
    };
    let (y_h, z_k) = (powers(y, m), powers(z, n_proved + 2));
    let of_z = |h: usize| z_k[h / n + 2] * Scalar::from(1_u64 << (h % n));
    let l_0: Vec<Scalar> = a_l.iter().map(|a| a - z).collect();
    let r_0: Vec<Scalar> = (0..m).map(|h| y_h[h] * (a_r[h] + z) + of_z(h)).collect();
    let r_1: Vec<Scalar> = (0..m).map(|h| y_h[h] * s_r[h]).collect();
    let t_1 = inner(&l_0, &r_1) + inner(&s_l, &r_0);
    let t_2 = inner(&s_l, &r_1);
    put(&mut transcript, b"T_1", encode(&(h * t_1 + p * tau_1)));
    put(&mut transcript, b"T_2", encode(&(h * t_2 + p * tau_2)));
    let x = challenge(&mut transcript, b"x");
    let mut l: Vec<Scalar> = (0..m).map(|h| l_0[h] + s_l[h] * x).collect();
    let mut r: Vec<Scalar> = (0..m).map(|h| r_0[h] + r_1[h] * x).collect();
    let of_blindings: Scalar = blindings.iter().zip(&z_k[2..]).map(|(b, z)| b * z).sum();
    put(&mut transcript, b"t_x", inner(&l, &r).to_bytes());
    let t_x_blinding = tau_1 * x + tau_2 * x * x + of_blindings;
    put(&mut transcript, b"t_x_blinding", t_x_blinding.to_bytes());
    put(&mut transcript, b"e_blinding", (alpha + rho * x).to_bytes());
    let q = h * challenge(&mut transcript, b"w");

    transcript.append_message(b"dom-sep", b"ipp v1");
    transcript.append_u64(b"n", m as u64);
    let y_inverse = powers(y.invert(), m);
    let mut g = bases.g;
    let mut h: Vec<Point> = bases.h.iter().zip(&y_inverse).map(|(h, y)| h * y).collect();
    while l.len() > 1 {
        let half = l.len() / 2;
        let ((l_1, l_2), (r_1, r_2)) = (l.split_at(half), r.split_at(half));
        let ((g_1, g_2), (h_1, h_2)) = (g.split_at(half), h.split_at(half));
        let cross = |l: &[Scalar], r: &[Scalar], g: &[Point], h: &[Point]| {
            let scalars = [l, r, &[inner(l, r)]].concat();
            encode(&multiscalar_vartime(&scalars, &[g, h, &[q]].concat()))
        };
        put(&mut transcript, b"L", cross(l_1, r_2, g_2, h_1));
        put(&mut transcript, b"R", cross(l_2, r_1, g_1, h_2));
        let u = challenge(&mut transcript, b"u");
        let inverse = u.invert();
        let fold = |one: &[Scalar], other: &[Scalar], by: Scalar, inverse: Scalar| {
            let pairs = one.iter().zip(other);
            pairs.map(|(a, b)| a * by + b * inverse).collect::<Vec<_>>()
        };
        let fold_points = |one: &[Point], other: &[Point], by: Scalar, inverse: Scalar| {
            let pairs = one.iter().zip(other);
            let sum = |(a, b): (&Point, &Point)| multiscalar_vartime(&[by, inverse], &[*a, *b]);
            pairs.map(sum).collect::<Vec<_>>()
        };
        let (next_g, next_h) = (
            fold_points(g_1, g_2, inverse, u),
            fold_points(h_1, h_2, u, inverse),
        );
        (l, r) = (fold(l_1, l_2, u, inverse), fold(r_1, r_2, inverse, u));
        (g, h) = (next_g, next_h);
    }
    bytes.extend(l[0].to_bytes());
    bytes.extend(r[0].to_bytes());
    Proved { blindings, bytes }
}
