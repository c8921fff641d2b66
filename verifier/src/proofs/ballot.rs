//! The ballot proof (`BallotProof.Verify`, docs/spec/ballot.md).

use crate::{
    batch::{Base, Claim, Sum},
    encoding::{EncodingError, Reader},
    entry::ballot::BallotBody,
    group::{Element, Point, Scalar, decode_point},
    proofs::ranges::{self, Challenges, Linked, RangeProof},
    shape::{CoordinateKind, Shape},
    transcript::{Digest, Transcript},
};
use std::iter;

/// How many equations between elements every proof has: 1 to 4.
const N_EQUATIONS: usize = 4;

/// What is the same for all ballots of a style.
#[derive(Debug, Clone)]
pub struct BallotContext<'m> {
    shape: &'m Shape,
    /// The election's number of each position of the style.
    positions: &'m [usize],
    /// The transcript up to and with the keys.
    prefix: Transcript,
}

impl<'m> BallotContext<'m> {
    /// Begins the transcript of all proofs of a style. `keys` are those of its positions, in order.
    #[must_use]
    pub fn new(
        election: &Digest,
        style: u16,
        shape: &'m Shape,
        positions: &'m [usize],
        keys: &[Element],
    ) -> Self {
        let mut prefix = Transcript::new("ballot proof");
        prefix.append("election", election);
        prefix.append("style", &style.to_be_bytes());
        prefix.append("shape", &shape.encode());
        prefix.append_elements("keys", keys.iter());
        Self {
            shape,
            positions,
            prefix,
        }
    }
}

/// A ballot of which every point and scalar is decoded.
#[derive(Debug, Clone)]
pub struct SealedBallot {
    /// alpha.
    pub alpha: Point,
    /// beta, one per position.
    pub beta: Vec<Point>,
    /// The Bulletproof, and `T_W` and `zeta_W`, where the style has range forms.
    ranges: Option<(RangeProof, Point, Scalar)>,
    /// C, A, D, E, `T_alpha`, `T_beta`.
    commitments: [Point; 6],
    /// `f_1`, …, `f_m`.
    f: Vec<Scalar>,
    /// z, z', zeta.
    z: [Scalar; 3],
}

impl SealedBallot {
    /// Decodes the points and scalars strictly, in the order of their bytes.
    ///
    /// # Errors
    /// [`EncodingError`].
    pub fn decode(shape: &Shape, body: &BallotBody<'_>) -> Result<Self, EncodingError> {
        let alpha = decode_point(body.alpha)?;
        let (beta, _) = body.beta.as_chunks::<32>();
        let beta = beta.iter().map(decode_point).collect::<Result<_, _>>()?;
        let has_forms = !shape.forms.is_empty();
        let range_proof = has_forms.then(|| RangeProof::decode(shape, body.ranges));
        let range_proof = range_proof.transpose()?;
        let mut commitments = Reader::new(body.commitments);
        let mut commitment = || Ok::<_, EncodingError>(decode_point(commitments.array()?)?);
        let six = [
            commitment()?,
            commitment()?,
            commitment()?,
            commitment()?,
            commitment()?,
            commitment()?,
        ];
        let linking = has_forms.then(commitment).transpose()?;
        commitments.finish()?;
        let mut responses = Reader::new(body.responses);
        let f = shape.coordinates.iter().map(|_| responses.scalar());
        let f = f.collect::<Result<_, _>>()?;
        let z = [
            responses.scalar()?,
            responses.scalar()?,
            responses.scalar()?,
        ];
        let linked = has_forms.then(|| responses.scalar()).transpose()?;
        responses.finish()?;
        let linked = linking.zip(linked);
        Ok(Self {
            alpha,
            beta,
            ranges: range_proof
                .zip(linked)
                .map(|(proof, (point, scalar))| (proof, point, scalar)),
            commitments: six,
            f,
            z,
        })
    }

    /// How many points it has.
    #[must_use]
    pub fn n_points(&self) -> usize {
        let of_ranges = self.ranges.as_ref();
        7 + self.beta.len() + of_ranges.map_or(0, |(proof, _, _)| 1 + proof.n_points())
    }
}

/// The claim that a ballot's proof holds: equations 1 to 4, one row each, and with range forms
/// equation 6 and two of the Bulletproof.
#[derive(Debug)]
pub struct BallotClaim<'c> {
    context: &'c BallotContext<'c>,
    ballot: &'c SealedBallot,
    /// The powers of y, from y^0, one per position and one per form.
    powers: Vec<Scalar>,
    x: Scalar,
    /// Those of the Bulletproof.
    challenges: Option<Challenges>,
}

impl<'c> BallotClaim<'c> {
    /// Derives the challenges y and x of a ballot.
    #[must_use]
    pub fn new(
        context: &'c BallotContext<'c>,
        credential: &[u8; 32],
        body: &BallotBody<'_>,
        ballot: &'c SealedBallot,
    ) -> Self {
        let mut transcript = context.prefix.clone();
        transcript.append("credential", credential);
        transcript.append("counter", &body.counter.to_be_bytes());
        transcript.append("previous", body.previous);
        transcript.append("alpha", body.alpha);
        transcript.append("beta", body.beta);
        let shape = context.shape;
        let challenges = ballot.ranges.as_ref().map(|_| {
            let context = transcript.clone().digest("ranges context");
            Challenges::derive(shape, &context, body.ranges)
        });
        transcript.append("ranges", body.ranges);
        let (encodings, _) = body.commitments.as_chunks::<32>();
        let mut labelled = ["C", "A", "D", "E", "T_alpha", "T_beta", "T_W"]
            .into_iter()
            .zip(encodings);
        if let Some((label, encoding)) = labelled.next() {
            transcript.append(label, encoding);
        }
        let y = transcript.challenge("y");
        for (label, encoding) in labelled {
            transcript.append(label, encoding);
        }
        let x = transcript.challenge("x");
        let powers = iter::successors(Some(Scalar::ONE), |power| Some(power * y))
            .take(shape.n_positions.max(shape.forms.len()))
            .collect();
        Self {
            context,
            ballot,
            powers,
            x,
            challenges,
        }
    }

    /// The constraints, numbered from 0, that equation 5 finds broken. It has no points, so it is
    /// checked exactly.
    pub fn broken_constraints(&self) -> impl Iterator<Item = usize> {
        let constraints = self.context.shape.constraints.iter().enumerate();
        constraints.filter_map(|(number, constraint)| {
            let sum: Scalar = constraint
                .terms
                .iter()
                .map(|(coordinate, coefficient)| Scalar::from(*coefficient) * self.f(*coordinate))
                .sum();
            (sum != self.x * Scalar::from(constraint.constant)).then_some(number)
        })
    }

    fn f(&self, coordinate: usize) -> Scalar {
        self.ballot.f.get(coordinate).copied().unwrap_or_default()
    }
}

impl Claim for BallotClaim<'_> {
    fn n_rows(&self) -> usize {
        let of_ranges = self.challenges.as_ref().map_or(0, |_| ranges::N_ROWS);
        N_EQUATIONS + of_ranges
    }

    fn add_to(&self, weights: &[Scalar], sum: &mut Sum<'_>) {
        let Some(([w1, w2, w3, w4], of_ranges)) = weights.split_first_chunk::<N_EQUATIONS>() else {
            return;
        };
        let x = self.x;
        let [c, a, d, e, t_alpha, t_beta] = &self.ballot.commitments;
        let [z, z_prime, zeta] = self.ballot.z;

        // 1. x·C + A − Σ f_j·P_j − z·P   and   2. x·D + E − Σ g_j·P_j − z'·P
        sum.add(w1 * x, c);
        sum.add(*w1, a);
        sum.add(w2 * x, d);
        sum.add(*w2, e);
        sum.add_base(-(w1 * z + w2 * z_prime), Base::P);
        // The sum of y^pos(j)·w_j·f_j, for equation 4.
        let mut value = Scalar::ZERO;
        for (j, (coordinate, f)) in self
            .context
            .shape
            .coordinates
            .iter()
            .zip(&self.ballot.f)
            .enumerate()
        {
            let g = match coordinate.kind {
                CoordinateKind::Bit => f * (x - f),
                CoordinateKind::Free => Scalar::ZERO,
                CoordinateKind::ProductOf(one, other) => x * f - self.f(one) * self.f(other),
            };
            sum.add_base(-(w1 * f + w2 * g), Base::Coordinate(j));
            if let Some((position, weight)) = coordinate.place {
                let power = self.powers.get(position).copied().unwrap_or_default();
                value += match weight {
                    1 => power * f,
                    _ => power * Scalar::from(weight) * f,
                };
            }
        }

        // 3. T_alpha + x·alpha − zeta·G
        sum.add(*w3, t_alpha);
        sum.add(w3 * x, &self.ballot.alpha);
        sum.add_base(-(w3 * zeta), Base::G);

        // 4. T_beta + x·Σ y^i·beta_i − value·H − zeta·Σ y^i·K_i
        sum.add(*w4, t_beta);
        sum.add_base(-(w4 * value), Base::H);
        let (of_beta, of_key) = (w4 * x, w4 * zeta);
        for ((power, beta), key) in self
            .powers
            .iter()
            .zip(&self.ballot.beta)
            .zip(self.context.positions)
        {
            sum.add(of_beta * power, beta);
            sum.add_base(-(of_key * power), Base::Key(*key));
        }

        if let (Some((proof, commitment, response)), Some(challenges), Ok(weights)) =
            (&self.ballot.ranges, &self.challenges, of_ranges.try_into())
        {
            let linked = Linked {
                shape: self.context.shape,
                x,
                powers: &self.powers,
                f: &self.ballot.f,
                commitment,
                response: *response,
            };
            ranges::add_to(proof, challenges, &linked, weights, sum);
        }
    }
}
