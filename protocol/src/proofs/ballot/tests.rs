//! Tests of the ballot proof against docs/spec/ballot.md. Every attack has an accepted twin.

mod batches;
mod binding;
mod completeness;
mod encodings;
mod equations;
mod forgeries;
mod generators;
mod numbers;
mod prover;
mod theorems;
mod values;

use getrandom::SysRng;

use super::verify::challenges;
use super::*;
use crate::encoding::EncodingError;
use crate::group::{is_identity, mul_base, wide_scalar};
use crate::proofs::batch::Weights;
use crate::secret::Secret;
use crate::style::{Constraint, Coordinate, CoordinateKind, digits};
use crate::transcript::RandomnessError;

/// A uniform scalar.
fn random_scalar() -> Scalar {
    let mut wide = [0; 64];
    getrandom::fill(&mut wide).unwrap();
    wide_scalar(&wide)
}

/// A uniform element.
fn random_element() -> Element {
    element(mul_base(&random_scalar()))
}

fn element(point: Point) -> Element {
    Element::from_point(point).unwrap()
}

/// A contest's rules, as docs/spec/manifest.md has them.
#[derive(Clone, Copy, Debug)]
struct Rules {
    n_options: usize,
    max_per_option: u32,
    min: u32,
    max: u32,
    blank: bool,
}

const fn choices(n_options: usize, min: u32, max: u32, blank: bool) -> Rules {
    Rules {
        n_options,
        max_per_option: 1,
        min,
        max,
        blank,
    }
}

const fn points(n_options: usize, max_per_option: u32, min: u32, max: u32) -> Rules {
    Rules {
        n_options,
        max_per_option,
        min,
        max,
        blank: false,
    }
}

fn bit(counts: Option<(u16, u64)>) -> Coordinate {
    Coordinate {
        kind: CoordinateKind::Bit,
        counts,
    }
}

fn constraint(terms: &[(u16, u64)], constant: u64) -> Constraint {
    Constraint {
        terms: terms.to_vec(),
        constant,
    }
}

/// `Style.Shape`, written a second time from the specification.
fn shape_of(contests: &[Rules]) -> Shape {
    let (mut coordinates, mut constraints, mut position) = (Vec::new(), Vec::new(), 0u16);
    for rules in contests {
        let mut terms = Vec::new();
        let mut push = |counts: Option<u16>, weight: u64, coefficient: u64| {
            terms.push((u16::try_from(coordinates.len()).unwrap(), coefficient));
            coordinates.push(bit(counts.map(|position| (position, weight))));
        };
        for _ in 0..rules.n_options {
            for weight in digits(rules.max_per_option) {
                push(Some(position), weight, weight);
            }
            position += 1;
        }
        if rules.blank {
            push(Some(position), 1, u64::from(rules.max));
            position += 1;
        }
        for weight in digits(rules.max - rules.min) {
            push(None, 0, weight);
        }
        constraints.push(Constraint {
            terms,
            constant: u64::from(rules.max),
        });
    }
    Shape::new(usize::from(position), coordinates, constraints).unwrap()
}

/// The digits of a value, found from the first weight on.
fn digits_of(mut value: u32, max: u32) -> Vec<u64> {
    let bits = digits(max)
        .into_iter()
        .map(|weight| {
            let weight = u32::try_from(weight).unwrap();
            let taken = value >= weight;
            value -= if taken { weight } else { 0 };
            u64::from(taken)
        })
        .collect();
    assert_eq!(value, 0, "a value above the maximum");
    bits
}

/// The coordinates of an answer: its values, or blank.
fn answer(rules: Rules, values: Option<&[u32]>) -> Vec<u64> {
    let zeros = vec![0; rules.n_options];
    let mut bits: Vec<u64> = values
        .unwrap_or(&zeros)
        .iter()
        .flat_map(|value| digits_of(*value, rules.max_per_option))
        .collect();
    if rules.blank {
        bits.push(u64::from(values.is_none()));
    }
    let slack = values.map_or(0, |values| rules.max - values.iter().sum::<u32>());
    bits.extend(digits_of(slack, rules.max - rules.min));
    bits
}

/// An election of one style whose keys are known to the test.
#[derive(Clone)]
struct Election {
    id: Digest,
    style_number: u16,
    shape: Shape,
    secrets: Vec<Scalar>,
    context: BallotContext,
    style: StyleStatement,
}

/// Why a ballot was refused.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    Encoding(EncodingError),
    Proof(BallotProofError),
}

const EQUATIONS: Refusal = Refusal::Proof(BallotProofError::Equations);
const SHAPE: Refusal = Refusal::Proof(BallotProofError::Shape);

const fn limit(constraint: usize) -> Refusal {
    Refusal::Proof(BallotProofError::Constraint { constraint })
}

impl Election {
    fn new(shape: Shape) -> Self {
        let secrets = (0..shape.n_positions()).map(|_| random_scalar()).collect();
        let context = BallotContext {
            credential: random_element(),
            counter: 1,
            previous: [0; 32],
        };
        Self::with(Digest([7; 32]), 0, shape, secrets, context)
    }

    fn with(
        id: Digest,
        style_number: u16,
        shape: Shape,
        secrets: Vec<Scalar>,
        context: BallotContext,
    ) -> Self {
        let keys: Vec<Element> = secrets.iter().map(|s| element(mul_base(s))).collect();
        let fixed = Arc::new(FixedPoints::new(std::slice::from_ref(&shape), &keys));
        let positions = (0..shape.n_positions()).collect();
        let style = StyleStatement::new(&id, style_number, shape.clone(), positions, keys, fixed);
        Self {
            id,
            style_number,
            shape,
            secrets,
            context,
            style,
        }
    }

    fn of(contests: &[Rules]) -> Self {
        Self::new(shape_of(contests))
    }

    fn keys(&self) -> Vec<Point> {
        self.secrets.iter().map(mul_base).collect()
    }

    /// Encrypts and proves with the program under test.
    fn prove(&self, coordinates: &[u64]) -> Vec<u8> {
        assert_eq!(coordinates.len(), self.shape.n_coordinates());
        let witness = Witness {
            coordinates: Secret::new(coordinates.to_vec()),
            nonce: Secret::new(random_scalar()),
        };
        prove(&self.style, &self.context, &witness, &mut SysRng).unwrap()
    }

    fn decode(&self, bytes: &[u8]) -> Result<EncryptedVector, EncodingError> {
        let mut reader = Reader::new(bytes);
        let vector = EncryptedVector::decode(&self.shape, &mut reader)?;
        reader.finish()?;
        Ok(vector)
    }

    /// Decodes and verifies with the program under test.
    fn verify(&self, bytes: &[u8]) -> Result<(), Refusal> {
        self.verify_vector(&self.decode(bytes).map_err(Refusal::Encoding)?)
    }

    fn verify_vector(&self, vector: &EncryptedVector) -> Result<(), Refusal> {
        single(Candidate::new(&self.style, &self.context, vector))
    }

    /// Verifies under given challenges, as in the interactive argument.
    fn verify_under(&self, vector: &EncryptedVector, (y, x): Challenges) -> Result<(), Refusal> {
        let (_, _, range_context) = challenges(&self.style, &self.context, vector);
        let candidate = Candidate::with_challenges(&self.style, vector, (y, x), &range_context);
        single(candidate)
    }

    fn challenges(&self, vector: &EncryptedVector) -> Challenges {
        let (y, x, _) = challenges(&self.style, &self.context, vector);
        (y, x)
    }
}

/// y and x.
type Challenges = (Scalar, Scalar);

fn single(candidate: Result<Candidate<'_>, BallotProofError>) -> Result<(), Refusal> {
    let candidate = candidate.map_err(Refusal::Proof)?;
    let verdicts = verify_batch(&[candidate], &mut Weights::draw(&mut SysRng).unwrap());
    assert_eq!(verdicts.len(), 1);
    verdicts[0].map_err(Refusal::Proof)
}
