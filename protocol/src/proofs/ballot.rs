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
use crate::proofs::batch::SharedPoints;
use crate::proofs::ranges::{self, RangeProof};
#[cfg(feature = "ranges")]
use crate::style::Ranges;
use crate::style::Shape;
use crate::transcript::{Digest, Transcript};

pub use prove::{Witness, encrypt, prove};
pub use verify::{BallotProofError, Candidate, verify_batch};

/// The points that the ballots of an election share, in the order of the batch: G, H, P, P_1, …,
/// P_m, then K_0, …, K_{N−1}, then the generators of range proofs.
#[derive(Debug)]
pub struct FixedPoints {
    points: SharedPoints,
    n_bases: usize,
    /// n for which there are generators of range proofs.
    #[cfg(feature = "ranges")]
    bits: u8,
    /// Index of the first of them.
    #[cfg(feature = "ranges")]
    first_generator: usize,
}

const G: usize = 0;
const H: usize = 1;
const P: usize = 2;
const FIRST_BASE: usize = 3;

impl FixedPoints {
    /// The fixed points for ballots of these shapes under these election keys.
    pub fn new(shapes: &[Shape], keys: &[Element]) -> Self {
        let n_bases = shapes.iter().map(Shape::n_coordinates).max().unwrap_or(0);
        let mut points = vec![base(), value_base(), blinding_base()];
        points.extend(vector_bases(n_bases));
        points.extend(keys.iter().map(Element::point));
        #[cfg(feature = "ranges")]
        {
            let sizes = shapes.iter().map(Shape::ranges);
            let bits = sizes.clone().map(Ranges::bits).max().unwrap_or(0);
            let most = sizes.map(|ranges| ranges.forms().len()).max().unwrap_or(0);
            let first_generator = points.len();
            if most > 0 {
                points.extend(ranges::generators(bits, ranges::padded(most)));
            }
            Self {
                points: SharedPoints::kept(points),
                n_bases,
                bits,
                first_generator,
            }
        }
        #[cfg(not(feature = "ranges"))]
        Self {
            points: SharedPoints::kept(points),
            n_bases,
        }
    }

    /// Where the points of range proofs are.
    #[cfg(feature = "ranges")]
    fn range_bases(&self) -> ranges::Bases {
        ranges::Bases {
            value_base: H,
            blinding_base: P,
            first: self.first_generator,
            bits: self.bits,
        }
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
            .points()
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
        encoded_length(&self.shape)
    }

    /// The transcript up to and with beta.
    fn transcript(&self, context: &BallotContext, alpha: &[u8; 32], beta: &[u8]) -> Transcript {
        let mut transcript = self.prefix.clone();
        transcript.append("credential", context.credential.as_bytes());
        transcript.append_u32("counter", context.counter);
        transcript.append("previous", &context.previous);
        transcript.append("alpha", alpha);
        transcript.append("beta", beta);
        transcript
    }

    /// 1, y, y², …: one power per position.
    fn powers(&self, y: &Scalar) -> Vec<Scalar> {
        powers(y, self.shape.n_positions())
    }

    /// Σ_k y^k·λ_k0, and Σ_k y^k·λ_kj for every coordinate.
    fn range_row(&self, y: &Scalar) -> (Scalar, Vec<Scalar>) {
        let forms = self.shape.ranges().forms();
        let (mut constant, mut row) =
            (Scalar::ZERO, vec![Scalar::ZERO; self.shape.n_coordinates()]);
        for (form, power) in forms.iter().zip(powers(y, forms.len())) {
            constant += power * Scalar::from(form.constant);
            for (j, factor) in &form.terms {
                if let Some(sum) = row.get_mut(usize::from(*j)) {
                    *sum += power * integer(*factor);
                }
            }
        }
        (constant, row)
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

/// Bytes of alpha, beta and proof of a ballot of this shape.
fn encoded_length(shape: &Shape) -> usize {
    let forms = shape.ranges().forms().len();
    let ranges = match forms {
        0 => 0,
        _ => 32 * (forms + 2) + ranges::proof_length(shape.ranges().bits(), forms),
    };
    32 * (1 + shape.n_positions() + 6 + shape.n_coordinates() + 3) + ranges
}

/// The digest to which a ballot's range proof is bound: of all that precedes it.
fn range_context(transcript: &Transcript) -> Digest {
    transcript.clone().digest("ranges context")
}

/// 1, y, y², …
fn powers(y: &Scalar, count: usize) -> Vec<Scalar> {
    std::iter::successors(Some(Scalar::ONE), |power| Some(power * y))
        .take(count)
        .collect()
}

/// An integer mod l; it is public.
fn integer(value: i64) -> Scalar {
    let size = Scalar::from(value.unsigned_abs());
    if value < 0 { -size } else { size }
}

/// Ciphertext and proof, decoded. 32·(N_s + m + 10) bytes where the style has no range forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedVector {
    /// alpha = r·G.
    pub alpha: Element,
    /// beta_i = v_i·H + r·K_i.
    pub beta: Vec<Element>,
    /// Where the style has range forms.
    pub(crate) ranges: Option<RangeArgument>,
    pub(crate) proof: BallotProof,
}

/// That the range forms are in range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RangeArgument {
    /// W_k = Λ_k(b)·H + γ_k·P.
    pub(crate) w: Vec<Element>,
    /// The Bulletproof about them.
    pub(crate) bulletproof: RangeProof,
    pub(crate) t_w: Element,
    /// ζ_W.
    pub(crate) zeta_w: Scalar,
}

impl RangeArgument {
    /// W ‖ Bulletproof.
    fn bytes(&self) -> Vec<u8> {
        let commitments = self.w.iter().flat_map(|w| *w.as_bytes());
        commitments.chain(self.bulletproof.encode()).collect()
    }
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
        let mut reader =
            Reader::new(reader.bytes(encoded_length(shape), "the encrypted ballot and its proof")?);
        let alpha = reader.element("alpha")?;
        let beta = reader.elements(shape.n_positions(), "beta")?;
        let (bits, forms) = (shape.ranges().bits(), shape.ranges().forms().len());
        let has_ranges = forms > 0;
        let w = reader.elements(forms, "the proof's W")?;
        let bulletproof = has_ranges
            .then(|| RangeProof::decode(bits, forms, &mut reader))
            .transpose()?;
        let (c, a) = (
            reader.element("the proof's C")?,
            reader.element("the proof's A")?,
        );
        let (d, e) = (
            reader.element("the proof's D")?,
            reader.element("the proof's E")?,
        );
        let t_alpha = reader.element("the proof's T_alpha")?;
        let t_beta = reader.element("the proof's T_beta")?;
        let t_w = has_ranges
            .then(|| reader.element("the proof's T_W"))
            .transpose()?;
        let proof = BallotProof {
            c,
            a,
            d,
            e,
            t_alpha,
            t_beta,
            f: reader.scalars(shape.n_coordinates(), "the proof's f")?,
            z: reader.scalar("the proof's z")?,
            z_prime: reader.scalar("the proof's z'")?,
            zeta: reader.scalar("the proof's zeta")?,
        };
        let ranges = match bulletproof.zip(t_w) {
            Some((bulletproof, t_w)) => Some(RangeArgument {
                w,
                bulletproof,
                t_w,
                zeta_w: reader.scalar("the proof's zeta_W")?,
            }),
            None => None,
        };
        let vector = Self {
            alpha,
            beta,
            ranges,
            proof,
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
