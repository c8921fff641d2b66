//! A second prover, written from docs/spec/ballot.md with a transcript of its own.
//!
//! It takes any scalars as coordinates and any values as plaintexts, answers any challenges, and
//! can be stopped between its moves: honest provers and all cheating ones are made of it.

use sha2::{Digest as _, Sha512};

use super::*;
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
                CoordinateKind::SquareOf(k) => {
                    let k = usize::from(k);
                    (a[j] - Scalar::from(2u8) * a[k] * b[k], a[k] * a[k])
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

    /// Statement and first move: alpha, beta and C; everything else is filled in later.
    pub fn commitment(&self) -> EncryptedVector {
        let (alpha, beta) = self.ciphertext();
        let c = element(self.commit(&self.s, &self.b));
        EncryptedVector {
            alpha,
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
    }

    /// Third move: the responses to x.
    pub fn third_move(&self, x: &Scalar, vector: &mut EncryptedVector) {
        vector.proof.f = self.b.iter().zip(&self.a).map(|(b, a)| x * b + a).collect();
        vector.proof.z = x * self.s + self.t;
        vector.proof.z_prime = x * self.u + self.w;
        vector.proof.zeta = self.rho + x * self.r;
    }

    /// The interactive argument under given challenges.
    pub fn run(&self, (y, x): Challenges) -> EncryptedVector {
        let mut vector = self.commitment();
        self.second_move(&y, &mut vector);
        self.third_move(&x, &mut vector);
        vector
    }

    /// The argument with challenges hashed.
    pub fn prove(&self) -> EncryptedVector {
        let mut vector = self.commitment();
        self.second_move(&hashed(self.election, &vector).0, &mut vector);
        self.third_move(&hashed(self.election, &vector).1, &mut vector);
        vector
    }
}

/// y and x, hashed from every item that docs/spec/ballot.md lists.
pub fn hashed(election: &Election, vector: &EncryptedVector) -> Challenges {
    let join = |points: &[Element]| -> Vec<u8> {
        points.iter().flat_map(|point| *point.as_bytes()).collect()
    };
    let keys: Vec<Element> = election.keys().into_iter().map(element).collect();
    let (context, proof) = (&election.context, &vector.proof);
    let mut items = Items::new("ballot proof");
    items.append("election", &election.id.0);
    items.append("style", &election.style_number.to_be_bytes());
    items.append("shape", &election.shape.encode());
    items.append("keys", &join(&keys));
    items.append("credential", context.credential.as_bytes());
    items.append("counter", &context.counter.to_be_bytes());
    items.append("previous", &context.previous);
    items.append("alpha", vector.alpha.as_bytes());
    items.append("beta", &join(&vector.beta));
    items.append("ranges", b"");
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
    (y, items.challenge("x"))
}

/// The encoding, field by field.
pub fn encode(vector: &EncryptedVector) -> Vec<u8> {
    let proof = &vector.proof;
    let commitments = [
        proof.c,
        proof.a,
        proof.d,
        proof.e,
        proof.t_alpha,
        proof.t_beta,
    ];
    let mut bytes = vector.alpha.as_bytes().to_vec();
    bytes.extend(vector.beta.iter().flat_map(|beta| *beta.as_bytes()));
    bytes.extend(commitments.iter().flat_map(|point| *point.as_bytes()));
    let last = [proof.z, proof.z_prime, proof.zeta];
    bytes.extend(
        proof
            .f
            .iter()
            .chain(&last)
            .flat_map(|scalar| scalar.to_bytes()),
    );
    bytes
}
