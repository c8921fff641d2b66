//! `Ballot.Encrypt` and `BallotProof.Prove` for test records.

use crate::{
    dice::{Dice, encode},
    ranges::{self, Forms},
};
use verifier::{
    group::{Generators, Point, Scalar, identity, multiscalar_vartime},
    manifest::{ContestKind, Manifest, Style},
    shape::{CoordinateKind, Shape, digits},
    transcript::{Digest, Transcript},
};

/// One answer: the values of the options, for each row of a matrix the number of the option, for a
/// number the one value above lo; or blank.
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
    /// Changes what is encrypted (by position) and committed to (by coordinate).
    pub tamper: Option<Tamper>,
    /// Changes what is proved of the range forms.
    pub ranges: Option<fn(&mut Forms)>,
}

pub type Tamper = fn(&mut [Scalar], &mut [Scalar]);

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

/// The values of positions and coordinates. Contests that ask nothing follow from the others.
pub fn plain(manifest: &Manifest, style: &Style, answers: &[Answer]) -> (Vec<u64>, Vec<u64>) {
    let (mut values, mut coordinates) = (Vec::new(), Vec::new());
    let mut answers = answers.iter();
    // By contest: the value of a number, and the category of an answer.
    let mut found: Vec<(u64, usize)> = vec![(0, 0); manifest.contests.len()];
    for index in &style.contests {
        let contest = &manifest.contests[*index];
        let answer = match contest.kind.of() {
            Some(_) => &Answer::Blank,
            None => answers.next().unwrap(),
        };
        let (chosen, blank) = match answer {
            Answer::Values(values) => (values.clone(), 0),
            Answer::Blank => (Vec::new(), 1),
            Answer::BlankWith(values) => (values.clone(), 1),
        };
        let bits: Vec<u64> = match &contest.kind {
            ContestKind::Options(options) => {
                let mut sum = options.max * blank;
                let n_options = options.options.len();
                for option in 0..n_options {
                    let value = chosen.get(option).copied().unwrap_or_default();
                    values.push(value);
                    coordinates.extend(bits(options.max_per_option, value));
                    sum += value;
                }
                if options.blank {
                    values.push(blank);
                    coordinates.push(blank);
                }
                // Where the sum is beyond the maximum there is no slack that would help.
                let slack = options.max.saturating_sub(sum);
                coordinates.extend(bits(options.max - options.min, slack));
                let choice = chosen.iter().position(|value| *value == 1);
                found[*index].1 = choice.unwrap_or(n_options);
                continue;
            }
            ContestKind::Matrix(matrix) => {
                let width = matrix.options.len() as u64 + u64::from(matrix.blank);
                let row = |option: &u64| {
                    let option = *option;
                    (0..width).map(move |other| u64::from(other == option))
                };
                chosen.iter().flat_map(row).collect()
            }
            ContestKind::Number(number) => {
                let value = chosen.first().copied().unwrap_or_default();
                let mut bits = vec![value];
                bits.extend(number.blank.then_some(blank));
                bits.extend(number.spread.then_some(value * value));
                let within = |(first, last): (i64, i64)| {
                    let answer = number.lo + value as i64;
                    blank == 0 && (first..=last).contains(&answer)
                };
                let buckets: Vec<bool> = number.bounds().map(within).collect();
                bits.extend(buckets.iter().map(|bucket| u64::from(*bucket)));
                let category = buckets.iter().position(|bucket| *bucket);
                found[*index] = (value, category.unwrap_or(buckets.len()));
                bits
            }
            ContestKind::Product([one, other]) => vec![found[*one].0 * found[*other].0],
            ContestKind::Table([one, other]) => {
                let width = |of: usize| manifest.contests[of].kind.categories().unwrap().len();
                let cell = found[*one].1 * width(*other) + found[*other].1;
                let cells = 0..width(*one) * width(*other);
                cells.map(|other| u64::from(other == cell)).collect()
            }
        };
        values.extend(&bits);
        coordinates.extend(bits);
    }
    (values, coordinates)
}

/// Uniform masks in the kernel of the constraints, by Gauss–Jordan elimination.
fn masks(shape: &Shape, dice: &mut Dice) -> Vec<Scalar> {
    let m = shape.coordinates.len();
    let mut rows: Vec<(usize, Vec<Scalar>)> = Vec::new();
    for constraint in &shape.constraints {
        let mut row = vec![Scalar::ZERO; m];
        for (coordinate, coefficient) in &constraint.terms {
            row[*coordinate] = Scalar::from(*coefficient);
        }
        let subtract = |row: &mut Vec<Scalar>, factor: Scalar, other: &[Scalar]| {
            for (value, other) in row.iter_mut().zip(other) {
                *value -= factor * other;
            }
        };
        for (pivot, other) in &rows {
            let factor = row[*pivot];
            if factor != Scalar::ZERO {
                subtract(&mut row, factor, other);
            }
        }
        let Some(pivot) = row.iter().rposition(|value| *value != Scalar::ZERO) else {
            continue;
        };
        let inverse = row[pivot].invert();
        row.iter_mut().for_each(|value| *value *= inverse);
        for (_, other) in &mut rows {
            let factor = other[pivot];
            if factor != Scalar::ZERO {
                subtract(other, factor, &row);
            }
        }
        rows.push((pivot, row));
    }
    let mut a: Vec<Scalar> = (0..m).map(|_| dice.scalar()).collect();
    for (pivot, _) in &rows {
        a[*pivot] = Scalar::ZERO;
    }
    for (pivot, row) in &rows {
        let sum: Scalar = row
            .iter()
            .zip(&a)
            .filter(|(c, _)| **c != Scalar::ZERO)
            .map(|(c, a)| c * a)
            .sum();
        // The row has 1 at its own pivot, whose mask is 0 so far, and 0 at those of others.
        a[*pivot] = -sum;
    }
    a
}

/// Λ_k of coordinates, or of their masks where the constants are left out.
fn forms(shape: &Shape, coordinates: &[Scalar], constants: Scalar) -> Vec<Scalar> {
    let form = |form: &verifier::shape::Form| {
        let terms = form.terms.iter().map(|term| {
            let product = coordinates[term.coordinate] * Scalar::from(term.magnitude);
            if term.minus { -product } else { product }
        });
        constants * Scalar::from(form.constant) + terms.sum::<Scalar>()
    };
    shape.forms.iter().map(form).collect()
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
    if let Some(tamper) = cast.tamper {
        tamper(&mut v, &mut b);
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
    let ranges = (!shape.forms.is_empty()).then(|| {
        let committed = forms(shape, &b, Scalar::ONE);
        let n = usize::from(shape.bits);
        let low = |form: &Scalar| {
            let bytes = *form.to_bytes().first_chunk::<8>().unwrap();
            u64::from_le_bytes(bytes) & ((1 << n) - 1)
        };
        let mut forms = Forms {
            proved: committed.iter().map(low).collect(),
            committed,
            context: transcript.clone().digest("ranges context"),
        };
        if let Some(lie) = cast.ranges {
            lie(&mut forms);
        }
        ranges::prove(n, &forms, context.generators, dice)
    });
    let of_ranges = ranges.as_ref().map_or(&[][..], |ranges| &ranges.bytes);
    transcript.append("ranges", of_ranges);

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
    let a = masks(shape, dice);
    let of_kinds = |of: &dyn Fn(usize, CoordinateKind) -> Scalar| -> Vec<Scalar> {
        let kinds = shape.coordinates.iter().enumerate();
        kinds
            .map(|(j, coordinate)| of(j, coordinate.kind))
            .collect()
    };
    let two = Scalar::from(2_u8);
    let d = of_kinds(&|j, kind| match kind {
        CoordinateKind::Bit => a[j] * (Scalar::ONE - two * b[j]),
        CoordinateKind::Free => Scalar::ZERO,
        CoordinateKind::ProductOf(k, l) => a[j] - a[k] * b[l] - a[l] * b[k],
    });
    let e = of_kinds(&|j, kind| match kind {
        CoordinateKind::Bit => -(a[j] * a[j]),
        CoordinateKind::Free => Scalar::ZERO,
        CoordinateKind::ProductOf(k, l) => -(a[k] * a[l]),
    });
    let (t, u, w, rho) = (dice.scalar(), dice.scalar(), dice.scalar(), dice.scalar());
    let mut powers = vec![Scalar::ONE];
    while powers.len() < keys.len().max(shape.forms.len()) {
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
    let linking = ranges.as_ref().map(|ranges| {
        let tau = dice.scalar();
        let masked = forms(shape, &a, Scalar::ZERO);
        let masked: Scalar = masked
            .iter()
            .zip(&powers)
            .map(|(form, power)| form * power)
            .sum();
        let t_w = encode(&(h * masked + context.generators.p * tau));
        transcript.append("T_W", &t_w);
        let blinding: Scalar = ranges
            .blindings
            .iter()
            .zip(&powers)
            .map(|(b, power)| b * power)
            .sum();
        (t_w, tau, blinding)
    });
    let x = transcript.challenge("x");

    let mut body = cast.style.to_be_bytes().to_vec();
    body.extend(cast.counter.to_be_bytes());
    body.extend(cast.previous);
    body.extend(alpha);
    body.extend(beta.concat());
    body.extend(of_ranges);
    body.extend(commitments.concat());
    body.extend(linking.iter().flat_map(|(t_w, _, _)| *t_w));
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
    if let Some((_, tau, blinding)) = linking {
        body.extend((tau + x * blinding).to_bytes());
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
