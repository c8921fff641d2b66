//! Repeatable randomness and signatures with it. For tests only.

use sha2::{Digest as _, Sha512};
use verifier::{
    group::{Point, Scalar, wide_scalar},
    transcript::signature_challenge,
};

/// A stream of scalars that is the same in every run.
#[derive(Clone)]
pub struct Dice(String, u64);

impl Dice {
    pub fn new(name: impl ToString) -> Self {
        Self(name.to_string(), 0)
    }

    pub fn scalar(&mut self) -> Scalar {
        self.1 += 1;
        let hash = Sha512::digest(format!("{} {}", self.0, self.1));
        wide_scalar(&hash.into())
    }
}

pub fn encode(point: &Point) -> [u8; 32] {
    point.compress().to_bytes()
}

/// A secret key with its public key.
#[derive(Clone)]
pub struct Key {
    pub secret: Scalar,
    pub public: [u8; 32],
}

impl Key {
    pub fn new(name: impl ToString) -> Self {
        Self::of(Dice::new(name).scalar())
    }

    pub fn of(secret: Scalar) -> Self {
        Self {
            secret,
            public: encode(&Point::mul_base(&secret)),
        }
    }

    pub fn sign(&self, prefix: &[u8], message: &[u8]) -> [u8; 64] {
        let nonce = Dice::new(hex::encode(Sha512::digest(message))).scalar();
        let commitment = encode(&Point::mul_base(&nonce));
        let challenge = signature_challenge(&commitment, &self.public, prefix, message);
        let response = nonce + challenge * self.secret;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&commitment);
        signature[32..].copy_from_slice(&response.to_bytes());
        signature
    }
}

/// `Dleq.Prove` for test records.
pub fn prove_dleq(
    context: &[u8; 32],
    base: &Point,
    secrets: &[Scalar],
    dice: &mut Dice,
) -> (Vec<Point>, Vec<u8>) {
    use verifier::transcript::{Transcript, dleq_weight};
    let shares: Vec<Point> = secrets.iter().map(|secret| base * secret).collect();
    let join = |points: &[Point]| points.iter().flat_map(encode).collect::<Vec<u8>>();
    let keys: Vec<Point> = secrets.iter().map(Point::mul_base).collect();
    let mut transcript = Transcript::new("dleq");
    transcript.append("context", context);
    transcript.append("A", &encode(base));
    transcript.append("Y", &join(&keys));
    transcript.append("D", &join(&shares));
    let seed = transcript.digest("weights");
    let w = dice.scalar();
    let (r_g, r_a) = (encode(&Point::mul_base(&w)), encode(&(base * w)));
    transcript.append("R_G", &r_g);
    transcript.append("R_A", &r_a);
    let c = transcript.challenge("c");
    let sum: Scalar = (0..)
        .zip(secrets)
        .map(|(i, secret)| dleq_weight(&seed, i) * secret)
        .sum();
    let proof = [r_g, r_a, (w + c * sum).to_bytes()].concat();
    (shares, proof)
}
