//! One argument for the whole ballot: every position holds an allowed value, every limit is kept.
//!
//! Spec: `BallotProof.Prove`, `BallotProof.Verify` (docs/spec/ballot.md), with the security
//! argument. Sources: Groth, ACNS 2005; Groth–Kohlweiss, EUROCRYPT 2015; Bootle et al., ESORICS 2015.

mod prove;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::encoding::{EncodingError, Reader};
use crate::group::{Element, Point, Scalar, base, blinding_base, half, value_base, vector_bases};
use crate::style::Shape;
use crate::transcript::{Digest, Transcript};

pub use prove::{Witness, encrypt, prove};
pub use verify::{BallotProofError, Candidate, verify_batch};

/// The points that the ballots of an election share, in the order of the batch: G, H, P, P_1, …,
/// P_m, then K_0, …, K_{N−1}.
#[derive(Debug)]
pub struct FixedPoints {
    points: Vec<Point>,
    n_bases: usize,
}

const G: usize = 0;
const H: usize = 1;
const P: usize = 2;
const FIRST_BASE: usize = 3;

impl FixedPoints {
    /// The fixed points for ballots of up to `n_bases` coordinates under these election keys.
    pub fn new(n_bases: usize, keys: &[Element]) -> Self {
        let mut points = vec![base(), value_base(), blinding_base()];
        points.extend(vector_bases(n_bases));
        points.extend(keys.iter().map(Element::point));
        Self { points, n_bases }
    }

    fn base_index(&self, coordinate: usize) -> usize {
        FIRST_BASE + coordinate
    }

    fn key_index(&self, position: usize) -> usize {
        FIRST_BASE + self.n_bases + position
    }

    /// P_1, …, P_count.
    fn bases(&self, count: usize) -> &[Point] {
        self.points
            .get(FIRST_BASE..FIRST_BASE + count.min(self.n_bases))
            .unwrap_or_default()
    }
}

/// Everything about a ballot style that its proofs share, computed once.
#[derive(Clone)]
pub struct StyleStatement {
    fixed: Arc<FixedPoints>,
    shape: Shape,
    /// Global position of each of the style's positions.
    positions: Vec<usize>,
    /// Transcript with election, style, shape and keys.
    prefix: Transcript,
    /// Election keys of the style's positions.
    keys: Vec<Point>,
    /// w_j·H / 2 per coordinate; the identity where it counts to no position.
    half_weighted: Vec<Point>,
}

/// What sets one ballot of a style apart from every other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BallotContext {
    /// The voter's credential X.
    pub credential: Element,
    /// 1 for the voter's first ballot, 2 for the next, ….
    pub counter: u32,
    /// Confirmation code of the voter's previous ballot; zero for the first.
    pub previous: [u8; 32],
}

impl StyleStatement {
    /// The statement of style number `style` of an election.
    ///
    /// `positions` are the global positions of the style, `keys` their election keys, and `fixed`
    /// has at least as many bases as the shape has coordinates.
    pub fn new(
        election: &Digest,
        style: u16,
        shape: Shape,
        positions: Vec<usize>,
        keys: Vec<Element>,
        fixed: Arc<FixedPoints>,
    ) -> Self {
        let mut prefix = Transcript::new("ballot proof");
        prefix.append("election", election.as_bytes());
        prefix.append_u16("style", style);
        prefix.append("shape", &shape.encode());
        prefix.append_elements("keys", keys.iter());
        let half_value_base = value_base() * half(&Scalar::ONE);
        // Few weights are distinct: choices have but one.
        let mut multiples = BTreeMap::new();
        let half_weighted = shape
            .coordinates()
            .iter()
            .map(|coordinate| match coordinate.counts {
                Some((_, weight)) => *multiples
                    .entry(weight)
                    .or_insert_with(|| half_value_base * Scalar::from(weight)),
                None => Point::default(),
            })
            .collect();
        Self {
            fixed,
            shape,
            positions,
            prefix,
            keys: keys.iter().map(|key| *key.point()).collect(),
            half_weighted,
        }
    }

    /// The coordinates and constraints.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Bytes of alpha, beta and proof together.
    pub fn encoded_length(&self) -> usize {
        32 * (1 + self.shape.n_positions() + 6 + self.shape.n_coordinates() + 3)
    }

    fn transcript(&self, context: &BallotContext, alpha: &[u8; 32], beta: &[u8]) -> Transcript {
        let mut transcript = self.prefix.clone();
        transcript.append("credential", context.credential.as_bytes());
        transcript.append_u32("counter", context.counter);
        transcript.append("previous", &context.previous);
        transcript.append("alpha", alpha);
        transcript.append("beta", beta);
        transcript.append("ranges", b"");
        transcript
    }

    /// 1, y, y², …: one power per position.
    fn powers(&self, y: &Scalar) -> Vec<Scalar> {
        std::iter::successors(Some(Scalar::ONE), |power| Some(power * y))
            .take(self.shape.n_positions())
            .collect()
    }

    /// y^pos(j)·w_j per coordinate; zero where it counts to no position.
    fn row_weights(&self, powers: &[Scalar]) -> Vec<Scalar> {
        let weight = |counts: Option<(u16, u64)>| {
            let (position, weight) = counts?;
            Some(powers.get(usize::from(position))? * Scalar::from(weight))
        };
        self.shape
            .coordinates()
            .iter()
            .map(|c| weight(c.counts).unwrap_or(Scalar::ZERO))
            .collect()
    }
}

/// Ciphertext and proof, decoded. 32·(N_s + m + 10) bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedVector {
    /// alpha = r·G.
    pub alpha: Element,
    /// beta_i = v_i·H + r·K_i.
    pub beta: Vec<Element>,
    pub(crate) proof: BallotProof,
}

/// The argument that an [`EncryptedVector`] holds allowed values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BallotProof {
    pub(crate) c: Element,
    pub(crate) a: Element,
    pub(crate) d: Element,
    pub(crate) e: Element,
    pub(crate) t_alpha: Element,
    pub(crate) t_beta: Element,
    /// f_1, …, f_m.
    pub(crate) f: Vec<Scalar>,
    pub(crate) z: Scalar,
    /// z'.
    pub(crate) z_prime: Scalar,
    pub(crate) zeta: Scalar,
}

impl EncryptedVector {
    /// Reads strictly what a ballot of this shape holds.
    ///
    /// # Errors
    /// [`EncodingError`] naming the field; a wrong length is found before any arithmetic.
    pub fn decode(shape: &Shape, reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        let length = 32 * (1 + shape.n_positions() + 6 + shape.n_coordinates() + 3);
        let mut reader = Reader::new(reader.bytes(length, "the encrypted ballot and its proof")?);
        let vector = Self {
            alpha: reader.element("alpha")?,
            beta: reader.elements(shape.n_positions(), "beta")?,
            proof: BallotProof {
                c: reader.element("the proof's C")?,
                a: reader.element("the proof's A")?,
                d: reader.element("the proof's D")?,
                e: reader.element("the proof's E")?,
                t_alpha: reader.element("the proof's T_alpha")?,
                t_beta: reader.element("the proof's T_beta")?,
                f: reader.scalars(shape.n_coordinates(), "the proof's f")?,
                z: reader.scalar("the proof's z")?,
                z_prime: reader.scalar("the proof's z'")?,
                zeta: reader.scalar("the proof's zeta")?,
            },
        };
        reader.finish()?;
        Ok(vector)
    }

    /// The encoding of beta_0, beta_1, …, joined.
    fn beta_bytes(&self) -> Vec<u8> {
        self.beta
            .iter()
            .flat_map(|element| *element.as_bytes())
            .collect()
    }
}

#[cfg(test)]
mod tests;
