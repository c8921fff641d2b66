//! `Ballot.Encrypt` and `BallotProof.Prove` for test records.

use crate::dice::{Dice, encode};
use verifier::{
    group::{Generators, Point, Scalar, identity, multiscalar_vartime},
    manifest::{Manifest, Style},
    shape::digits,
    transcript::{Digest, Transcript},
};

/// One answer: the values of the options, or blank.
#[derive(Clone)]
pub enum Answer {
    Values(Vec<u64>),
    Blank,
    /// Blank together with choices, which no contest allows.
    BlankWith(Vec<u64>),
}

/// What a prover may do wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Nothing.
    None,
    /// Encrypts one more than it proves in the first position.
    Value,
    /// Proves another nonce than it encrypted with.
    Nonce,
    /// Commits to a bit that is 2, with its constraint kept by another that is −1.
    Bit,
    /// Commits to this instead of a bit, with its constraint kept by another.
    Instead(Scalar),
    /// Encrypts 1,000 in the first position, with a proof for a verifier that hashes the prover's
    /// masks alone.
    Weak,
    /// Makes alpha with another nonce than beta.
    Alpha,
    /// Sends another response z, z' or zeta (from 0): the sum is off by this.
    Response(usize, Scalar),
}

pub struct Context<'a> {
    pub manifest: &'a Manifest,
    pub election: &'a Digest,
    pub keys: &'a [Point],
    pub generators: &'a Generators,
}

pub struct Cast<'a> {
    pub style: u16,
    pub credential: &'a [u8; 32],
    pub counter: u32,
    pub previous: &'a Digest,
    pub answers: &'a [Answer],
    pub lie: Lie,
    /// A nonce that was used before.
    pub nonce: Option<Scalar>,
}

/// The greedy digits of a value.
fn bits(most: u64, value: u64) -> Vec<u64> {
    let mut rest = value;
    let take = |weight: u64| {
        let taken = u64::from(rest >= weight);
        rest -= taken * weight;
        taken
    };
    digits(most).into_iter().map(take).collect()
}

/// The values of positions and coordinates.
fn plain(manifest: &Manifest, style: &Style, answers: &[Answer]) -> (Vec<u64>, Vec<u64>) {
    let (mut values, mut coordinates) = (Vec::new(), Vec::new());
    for (index, answer) in style.contests.iter().zip(answers) {
        let contest = &manifest.contests[*index];
        let zeros = vec![0; contest.options.len()];
        let (chosen, blank) = match answer {
            Answer::Values(values) => (values, 0),
            Answer::Blank => (&zeros, 1),
            Answer::BlankWith(values) => (values, 1),
        };
        let mut sum = contest.max * blank;
        for value in chosen {
            values.push(*value);
            coordinates.extend(bits(contest.max_per_option, *value));
            sum += value;
        }
        if contest.blank {
            values.push(blank);
            coordinates.push(blank);
        }
        // Where the sum is beyond the maximum there is no slack that would help.
        let slack = contest.max.saturating_sub(sum);
        coordinates.extend(bits(contest.max - contest.min, slack));
    }
    (values, coordinates)
}

/// The body of a ballot entry.
pub fn seal(context: &Context<'_>, cast: &Cast<'_>, dice: &mut Dice) -> Vec<u8> {
    let style = &context.manifest.styles[usize::from(cast.style)];
    let shape = &style.shape;
    let keys: Vec<Point> = style.positions.iter().map(|i| context.keys[*i]).collect();
    let (values, b) = plain(context.manifest, style, cast.answers);
    let h = context.generators.h;
    let scalars = |numbers: &[u64]| numbers.iter().map(|n| Scalar::from(*n)).collect::<Vec<_>>();
    let (mut v, mut b) = (scalars(&values), scalars(&b));
    if cast.lie == Lie::Value {
        v[0] += Scalar::ONE;
    }
    if cast.lie == Lie::Bit {
        // The first two options of the first contest have one bit each.
        (b[0], b[1]) = (Scalar::from(2_u8), b[0] + b[1] - Scalar::from(2_u8));
        (v[0], v[1]) = (b[0], b[1]);
    }
    if let Lie::Instead(value) = cast.lie {
        (b[0], b[1]) = (value, b[0] + b[1] - value);
        (v[0], v[1]) = (b[0], b[1]);
    }
    if cast.lie == Lie::Weak {
        v[0] = Scalar::from(1_000_u16);
    }
    let fresh = dice.scalar();
    let mut r = cast.nonce.unwrap_or(fresh);
    let other = Scalar::from(u8::from(cast.lie == Lie::Alpha));
    let alpha = encode(&Point::mul_base(&(r + other)));
    let beta: Vec<[u8; 32]> = v
        .iter()
        .zip(&keys)
        .map(|(v, key)| encode(&multiscalar_vartime(&[*v, r], &[h, *key])))
        .collect();
    if cast.lie == Lie::Nonce {
        r += Scalar::ONE;
    }

    if cast.lie == Lie::Weak {
        let ciphertexts = [&alpha[..], &beta.concat()].concat();
        return forge(context, cast, &keys, (&v, r, &ciphertexts), dice);
    }

    let mut transcript = Transcript::new("ballot proof");
    transcript.append("election", context.election);
    transcript.append("style", &cast.style.to_be_bytes());
    transcript.append("shape", &shape.encode());
    transcript.append("keys", &keys.iter().flat_map(encode).collect::<Vec<u8>>());
    transcript.append("credential", cast.credential);
    transcript.append("counter", &cast.counter.to_be_bytes());
    transcript.append("previous", cast.previous);
    transcript.append("alpha", &alpha);
    transcript.append("beta", &beta.concat());
    transcript.append("ranges", b"");

    let commit = |blinding: Scalar, vector: &[Scalar]| {
        let mut scalars = vec![blinding];
        scalars.extend(vector);
        let mut points = vec![context.generators.p];
        points.extend(&context.generators.p_j[..vector.len()]);
        multiscalar_vartime(&scalars, &points)
    };
    let s = dice.scalar();
    let c = encode(&commit(s, &b));
    transcript.append("C", &c);
    let y = transcript.challenge("y");
    let mut a: Vec<Scalar> = b.iter().map(|_| dice.scalar()).collect();
    for constraint in &shape.constraints {
        // Constraints of a manifest share no coordinates, so the last of each is its pivot.
        let ((pivot, coefficient), others) = constraint.terms.split_last().unwrap();
        let sum: Scalar = others.iter().map(|(j, c)| a[*j] * Scalar::from(*c)).sum();
        a[*pivot] = -sum * Scalar::from(*coefficient).invert();
    }
    let two = Scalar::from(2_u8);
    let d: Vec<Scalar> = a
        .iter()
        .zip(&b)
        .map(|(a, b)| a * (Scalar::ONE - two * b))
        .collect();
    let e: Vec<Scalar> = a.iter().map(|a| -(a * a)).collect();
    let (t, u, w, rho) = (dice.scalar(), dice.scalar(), dice.scalar(), dice.scalar());
    let mut powers = vec![Scalar::ONE];
    while powers.len() < keys.len() {
        powers.push(powers[powers.len() - 1] * y);
    }
    let masked: Scalar = shape
        .coordinates
        .iter()
        .zip(&a)
        .filter_map(|(coordinate, a)| {
            let (position, weight) = coordinate.place?;
            Some(powers[position] * Scalar::from(weight) * a)
        })
        .sum();
    let t_beta = keys
        .iter()
        .zip(&powers)
        .fold(identity(), |sum, (key, power)| sum + key * power)
        * rho
        + h * masked;
    let commitments = [
        c,
        encode(&commit(t, &a)),
        encode(&commit(u, &d)),
        encode(&commit(w, &e)),
        encode(&Point::mul_base(&rho)),
        encode(&t_beta),
    ];
    for (label, commitment) in ["A", "D", "E", "T_alpha", "T_beta"]
        .iter()
        .zip(&commitments[1..])
    {
        transcript.append(label, commitment);
    }
    let x = transcript.challenge("x");

    let mut body = cast.style.to_be_bytes().to_vec();
    body.extend(cast.counter.to_be_bytes());
    body.extend(cast.previous);
    body.extend(alpha);
    body.extend(beta.concat());
    body.extend(commitments.concat());
    for (b, a) in b.iter().zip(&a) {
        body.extend((x * b + a).to_bytes());
    }
    let mut responses = [x * s + t, x * u + w, rho + x * r];
    if let Lie::Response(which, error) = cast.lie {
        responses[which] += error;
    }
    for response in responses {
        body.extend(response.to_bytes());
    }
    body
}

/// A ballot of any values with a proof that holds wherever challenges are hashes of the masks
/// alone: the commitments C and D are solved from the equations afterwards (Bernhard, Pereira,
/// Warinschi, ASIACRYPT 2012).
fn forge(
    context: &Context<'_>,
    cast: &Cast<'_>,
    keys: &[Point],
    (v, r, ciphertexts): (&[Scalar], Scalar, &[u8]),
    dice: &mut Dice,
) -> Vec<u8> {
    let shape = &context.manifest.styles[usize::from(cast.style)].shape;
    let Generators { h, p, p_j, .. } = context.generators;
    let y = Transcript::new("ballot proof").challenge("y");
    let mut powers = vec![Scalar::ONE];
    while powers.len() < keys.len() {
        powers.push(powers[powers.len() - 1] * y);
    }
    let sum_of_keys: Point = keys
        .iter()
        .zip(&powers)
        .map(|(key, power)| key * power)
        .sum();
    let (rho, mask) = (dice.scalar(), dice.scalar());
    let (a, e) = (
        Point::mul_base(&dice.scalar()),
        Point::mul_base(&dice.scalar()),
    );
    let masks = [
        encode(&a),
        encode(&e),
        encode(&Point::mul_base(&rho)),
        encode(&(h * mask + sum_of_keys * rho)),
    ];
    let mut transcript = Transcript::new("ballot proof");
    transcript.append("masks", &masks.concat());
    let x = transcript.challenge("x");

    let mut f: Vec<Scalar> = shape.coordinates.iter().map(|_| dice.scalar()).collect();
    let opened = |f: &[Scalar]| -> Scalar {
        let placed = shape.coordinates.iter().zip(f);
        placed
            .filter_map(|(coordinate, f)| {
                let (position, weight) = coordinate.place?;
                Some(powers[position] * Scalar::from(weight) * f)
            })
            .sum()
    };
    // The first coordinate is the one bit of the first position: equation 4.
    let target: Scalar = powers.iter().zip(v).map(|(power, v)| power * v).sum();
    let missing = x * target + mask - opened(&f);
    f[0] += missing;
    assert_eq!(opened(&f), x * target + mask);
    // The last coordinate of each constraint is slack, in no position: equation 5.
    for constraint in &shape.constraints {
        let ((pivot, coefficient), others) = constraint.terms.split_last().unwrap();
        let sum: Scalar = others.iter().map(|(j, c)| f[*j] * Scalar::from(*c)).sum();
        f[*pivot] =
            (x * Scalar::from(constraint.constant) - sum) * Scalar::from(*coefficient).invert();
    }
    let (z, z_prime) = (dice.scalar(), dice.scalar());
    let open = |blinding: Scalar, vector: Vec<Scalar>| {
        let rest: Point = vector.iter().zip(p_j).map(|(f, p_j)| p_j * f).sum();
        p * blinding + rest
    };
    let products = f.iter().map(|f| f * (x - f)).collect();
    let c = (open(z, f.clone()) - a) * x.invert();
    let d = (open(z_prime, products) - e) * x.invert();

    let mut body = cast.style.to_be_bytes().to_vec();
    body.extend(cast.counter.to_be_bytes());
    body.extend(cast.previous);
    body.extend(ciphertexts);
    let [a, e, t_alpha, t_beta] = masks;
    body.extend([encode(&c), a, encode(&d), e, t_alpha, t_beta].concat());
    body.extend(f.iter().flat_map(Scalar::to_bytes));
    for response in [z, z_prime, rho + x * r] {
        body.extend(response.to_bytes());
    }
    body
}
