//! A second prover, written from docs/spec/ballot.md with a transcript of its own.
//!
//! It takes any scalars as coordinates and any values as plaintexts, answers any challenges, and
//! can be stopped between its moves: honest provers and all cheating ones are made of it.

use sha2::{Digest as _, Sha512};

use super::*;
use crate::style::RangeForm;
use crate::transcript::Transcript;

/// docs/spec/parameters.md, "Transcript", as one growing byte string.
#[derive(Clone)]
pub struct Items(Vec<u8>);

impl Items {
    pub fn new(name: &str) -> Self {
        let mut items = Self(Vec::new());
        items.append("psephos v1", name.as_bytes());
        items
    }

    pub fn append(&mut self, label: &str, data: &[u8]) {
        self.0
            .extend(u32::try_from(label.len()).unwrap().to_be_bytes());
        self.0.extend(label.as_bytes());
        self.0
            .extend(u64::try_from(data.len()).unwrap().to_be_bytes());
        self.0.extend(data);
    }

    pub fn challenge(&mut self, label: &str) -> Scalar {
        self.append(label, b"");
        wide_scalar(&Sha512::digest(&self.0).into())
    }
}

/// What a prover chooses. Everything is open to change before each move.
pub struct Prover<'a> {
    pub election: &'a Election,
    /// The committed coordinates.
    pub b: Vec<Scalar>,
    /// The encrypted values; an honest prover's follow from `b`.
    pub values: Vec<Scalar>,
    pub r: Scalar,
    pub s: Scalar,
    pub t: Scalar,
    pub u: Scalar,
    pub w: Scalar,
    pub rho: Scalar,
    pub a: Vec<Scalar>,
    /// The values of the range forms, as they are committed and as the range proof has them.
    pub committed: Vec<Scalar>,
    pub in_range: Vec<u64>,
    pub gamma: Vec<Scalar>,
    pub tau: Scalar,
}

impl<'a> Prover<'a> {
    pub fn new(election: &'a Election, b: &[Scalar]) -> Self {
        assert_eq!(b.len(), election.shape.n_coordinates());
        let mut nonces = Transcript::new("masks").nonces(b"", &mut SysRng).unwrap();
        let mut values = vec![Scalar::ZERO; election.shape.n_positions()];
        for (coordinate, b_j) in election.shape.coordinates().iter().zip(b) {
            if let Some((position, weight)) = coordinate.counts {
                values[usize::from(position)] += Scalar::from(weight) * b_j;
            }
        }
        let committed: Vec<Scalar> = election
            .shape
            .ranges()
            .forms()
            .iter()
            .map(|form| {
                let terms = form.terms.iter();
                let terms = terms.map(|(j, factor)| signed(*factor) * b[usize::from(*j)]);
                Scalar::from(form.constant) + terms.sum::<Scalar>()
            })
            .collect();
        Self {
            election,
            b: b.to_vec(),
            values,
            r: random_scalar(),
            s: random_scalar(),
            t: random_scalar(),
            u: random_scalar(),
            w: random_scalar(),
            rho: random_scalar(),
            a: election.shape.kernel_vector(&mut nonces),
            in_range: committed.iter().map(low_bits).collect(),
            gamma: committed.iter().map(|_| random_scalar()).collect(),
            committed,
            tau: random_scalar(),
        }
    }

    pub fn of_integers(election: &'a Election, b: &[u64]) -> Self {
        Self::new(
            election,
            &b.iter().copied().map(Scalar::from).collect::<Vec<_>>(),
        )
    }

    /// Fresh masks for another run after the same C.
    pub fn with_fresh_masks(&self) -> Self {
        let fresh = Self::new(self.election, &self.b);
        Self {
            values: self.values.clone(),
            r: self.r,
            s: self.s,
            committed: self.committed.clone(),
            in_range: self.in_range.clone(),
            gamma: self.gamma.clone(),
            ..fresh
        }
    }

    fn commit(&self, blinding: &Scalar, vector: &[Scalar]) -> Point {
        vector_bases(vector.len())
            .iter()
            .zip(vector)
            .map(|(base, scalar)| base * scalar)
            .sum::<Point>()
            + blinding_base() * blinding
    }

    /// (d_j, e_j) of every coordinate.
    pub fn cross_terms(&self) -> Vec<(Scalar, Scalar)> {
        let (a, b) = (&self.a, &self.b);
        let coordinates = self.election.shape.coordinates().iter().enumerate();
        coordinates
            .map(|(j, coordinate)| match coordinate.kind {
                CoordinateKind::Bit => (a[j] - Scalar::from(2u8) * a[j] * b[j], a[j] * a[j]),
                CoordinateKind::Free => (Scalar::ZERO, Scalar::ZERO),
                CoordinateKind::Product(k, l) => {
                    let (k, l) = (usize::from(k), usize::from(l));
                    (a[j] - a[k] * b[l] - a[l] * b[k], a[k] * a[l])
                }
            })
            .collect()
    }

    fn powers(&self, y: &Scalar) -> Vec<Scalar> {
        let mut powers = vec![Scalar::ONE];
        for i in 1..self.election.shape.n_positions() {
            powers.push(powers[i - 1] * y);
        }
        powers
    }

    pub fn ciphertext(&self) -> (Element, Vec<Element>) {
        let keys = self.election.keys();
        let beta = keys.iter().zip(&self.values);
        let beta = beta.map(|(key, value)| element(value_base() * value + key * self.r));
        (element(mul_base(&self.r)), beta.collect())
    }

    /// W and the Bulletproof of this prover for a ciphertext.
    pub fn ranges(&self, alpha: &Element, beta: &[Element]) -> Option<RangeArgument> {
        let bits = self.election.shape.ranges().bits();
        let mut nonces = Transcript::new("ranges").nonces(b"", &mut SysRng).unwrap();
        let context = Digest(range_context(self.election, alpha, beta));
        let proved = (!self.gamma.is_empty())
            .then(|| ranges::prove(&context, bits, &self.in_range, &self.gamma, &mut nonces))?
            .unwrap();
        let mut reader = Reader::new(&proved.proof);
        let w = self.committed.iter().zip(&self.gamma);
        Some(RangeArgument {
            w: w.map(|(value, gamma)| element(value_base() * value + blinding_base() * gamma))
                .collect(),
            bulletproof: RangeProof::decode(bits, self.gamma.len(), &mut reader).unwrap(),
            t_w: *alpha,
            zeta_w: Scalar::ZERO,
        })
    }

    /// Statement and first move: alpha, beta, W with its proof, and C; everything else is filled in
    /// later.
    pub fn commitment(&self) -> EncryptedVector {
        let (alpha, beta) = self.ciphertext();
        let c = element(self.commit(&self.s, &self.b));
        EncryptedVector {
            alpha,
            ranges: self.ranges(&alpha, &beta),
            beta,
            proof: BallotProof {
                c,
                a: c,
                d: c,
                e: c,
                t_alpha: c,
                t_beta: c,
                f: vec![Scalar::ZERO; self.b.len()],
                z: Scalar::ZERO,
                z_prime: Scalar::ZERO,
                zeta: Scalar::ZERO,
            },
        }
    }

    /// Second move: A, D, E, T_alpha and T_beta after y.
    pub fn second_move(&self, y: &Scalar, vector: &mut EncryptedVector) {
        let (d, e): (Vec<Scalar>, Vec<Scalar>) =
            self.cross_terms().into_iter().map(|(d, e)| (d, -e)).unzip();
        let powers = self.powers(y);
        let row: Scalar = self
            .election
            .shape
            .coordinates()
            .iter()
            .zip(&self.a)
            .filter_map(|(coordinate, a_j)| {
                let (position, weight) = coordinate.counts?;
                Some(powers[usize::from(position)] * Scalar::from(weight) * a_j)
            })
            .sum();
        let keys: Point = self
            .election
            .keys()
            .iter()
            .zip(&powers)
            .map(|(k, y)| k * y)
            .sum();
        vector.proof.a = element(self.commit(&self.t, &self.a));
        vector.proof.d = element(self.commit(&self.u, &d));
        vector.proof.e = element(self.commit(&self.w, &e));
        vector.proof.t_alpha = element(mul_base(&self.rho));
        vector.proof.t_beta = element(value_base() * row + keys * self.rho);
        if let Some(ranges) = &mut vector.ranges {
            let row = combine(&self.election.shape, y, |form| {
                let terms = form.terms.iter();
                terms
                    .map(|(j, factor)| signed(*factor) * self.a[usize::from(*j)])
                    .sum()
            });
            ranges.t_w = element(value_base() * row + blinding_base() * self.tau);
        }
    }

    /// Third move: the responses to x.
    pub fn third_move(&self, (y, x): &Challenges, vector: &mut EncryptedVector) {
        if let Some(ranges) = &mut vector.ranges {
            let mut gamma = self.gamma.iter();
            let blinding = combine(&self.election.shape, y, |_| *gamma.next().unwrap());
            ranges.zeta_w = self.tau + x * blinding;
        }
        vector.proof.f = self.b.iter().zip(&self.a).map(|(b, a)| x * b + a).collect();
        vector.proof.z = x * self.s + self.t;
        vector.proof.z_prime = x * self.u + self.w;
        vector.proof.zeta = self.rho + x * self.r;
    }

    /// The interactive argument under given challenges.
    pub fn run(&self, (y, x): Challenges) -> EncryptedVector {
        let mut vector = self.commitment();
        self.second_move(&y, &mut vector);
        self.third_move(&(y, x), &mut vector);
        vector
    }

    /// The argument with challenges hashed.
    pub fn prove(&self) -> EncryptedVector {
        let mut vector = self.commitment();
        self.second_move(&hashed(self.election, &vector).0, &mut vector);
        self.third_move(&hashed(self.election, &vector), &mut vector);
        vector
    }
}

/// Σ_k y^k·value(form k).
pub fn combine(shape: &Shape, y: &Scalar, mut value: impl FnMut(&RangeForm) -> Scalar) -> Scalar {
    let mut power = Scalar::ONE;
    let mut sum = Scalar::ZERO;
    for form in shape.ranges().forms() {
        sum += power * value(form);
        power *= y;
    }
    sum
}

pub fn signed(value: i64) -> Scalar {
    let size = Scalar::from(value.unsigned_abs());
    if value < 0 { -size } else { size }
}

/// The lowest 64 bits of a residue; all of it for a value in range.
pub fn low_bits(value: &Scalar) -> u64 {
    u64::from_le_bytes(*value.as_bytes().first_chunk().unwrap())
}

/// Every item up to beta.
fn statement(election: &Election, alpha: &Element, beta: &[Element]) -> Items {
    let join = |points: &[Element]| -> Vec<u8> {
        points.iter().flat_map(|point| *point.as_bytes()).collect()
    };
    let keys: Vec<Element> = election.keys().into_iter().map(element).collect();
    let context = &election.context;
    let mut items = Items::new("ballot proof");
    items.append("election", &election.id.0);
    items.append("style", &election.style_number.to_be_bytes());
    items.append("shape", &election.shape.encode());
    items.append("keys", &join(&keys));
    items.append("credential", context.credential.as_bytes());
    items.append("counter", &context.counter.to_be_bytes());
    items.append("previous", &context.previous);
    items.append("alpha", alpha.as_bytes());
    items.append("beta", &join(beta));
    items
}

/// What the Bulletproof of a ballot is bound to.
pub fn range_context(election: &Election, alpha: &Element, beta: &[Element]) -> [u8; 32] {
    let mut items = statement(election, alpha, beta);
    items.append("ranges context", b"");
    *Sha512::digest(&items.0).first_chunk().unwrap()
}

/// y and x, hashed from every item that docs/spec/ballot.md lists.
pub fn hashed(election: &Election, vector: &EncryptedVector) -> Challenges {
    let (proof, ranges) = (&vector.proof, vector.ranges.as_ref());
    let mut items = statement(election, &vector.alpha, &vector.beta);
    items.append("ranges", &ranges.map(range_bytes).unwrap_or_default());
    items.append("C", proof.c.as_bytes());
    let y = items.challenge("y");
    for (label, commitment) in [
        ("A", &proof.a),
        ("D", &proof.d),
        ("E", &proof.e),
        ("T_alpha", &proof.t_alpha),
        ("T_beta", &proof.t_beta),
    ] {
        items.append(label, commitment.as_bytes());
    }
    if let Some(ranges) = ranges {
        items.append("T_W", ranges.t_w.as_bytes());
    }
    (y, items.challenge("x"))
}

/// W and the Bulletproof, field by field.
fn range_bytes(ranges: &RangeArgument) -> Vec<u8> {
    let proof = &ranges.bulletproof;
    let mut bytes: Vec<u8> = ranges.w.iter().flat_map(|w| *w.as_bytes()).collect();
    for point in [proof.a, proof.s, proof.t_1, proof.t_2] {
        bytes.extend(point.as_bytes());
    }
    for scalar in [proof.t_x, proof.t_x_blinding, proof.e_blinding] {
        bytes.extend(scalar.to_bytes());
    }
    for (left, right) in &proof.rounds {
        bytes.extend([*left.as_bytes(), *right.as_bytes()].concat());
    }
    bytes.extend([proof.left.to_bytes(), proof.right.to_bytes()].concat());
    bytes
}

/// The encoding, field by field.
pub fn encode(vector: &EncryptedVector) -> Vec<u8> {
    let proof = &vector.proof;
    let mut commitments = vec![
        proof.c,
        proof.a,
        proof.d,
        proof.e,
        proof.t_alpha,
        proof.t_beta,
    ];
    let mut last = vec![proof.z, proof.z_prime, proof.zeta];
    let mut bytes = vector.alpha.as_bytes().to_vec();
    bytes.extend(vector.beta.iter().flat_map(|beta| *beta.as_bytes()));
    if let Some(ranges) = &vector.ranges {
        bytes.extend(range_bytes(ranges));
        commitments.push(ranges.t_w);
        last.push(ranges.zeta_w);
    }
    bytes.extend(commitments.iter().flat_map(|point| *point.as_bytes()));
    bytes.extend(
        proof
            .f
            .iter()
            .chain(&last)
            .flat_map(|scalar| scalar.to_bytes()),
    );
    bytes
}
