//! Repeatable randomness and signatures with it. For tests only.

use sha2::{Digest as _, Sha512};
use verifier::{
    group::{Point, Scalar, decode_point, wide_scalar},
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

/// Another point's encoding: the encoded one plus G.
pub fn shifted(point: &[u8]) -> [u8; 32] {
    let point = decode_point(point.try_into().unwrap()).unwrap();
    encode(&(point + Point::mul_base(&Scalar::ONE)))
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

/// `Dleq.Prove` by whoever leaves the D out of the challenge: all but the first one are right, and
/// that one is solved from what was hashed (Haines, Lewis, Pereira, Teague, S&P 2020).
pub fn prove_without_shares(
    context: &[u8; 32],
    base: &Point,
    secrets: &[Scalar],
    dice: &mut Dice,
) -> (Vec<Point>, Vec<u8>) {
    use verifier::transcript::{Transcript, dleq_weight};
    let keys: Vec<u8> = secrets.iter().flat_map(|s| Key::of(*s).public).collect();
    let mut transcript = Transcript::new("dleq");
    transcript.append("context", context);
    transcript.append("A", &encode(base));
    transcript.append("Y", &keys);
    let seed = transcript.digest("weights");
    let (w, error) = (dice.scalar(), Point::mul_base(&dice.scalar()));
    let (r_g, r_a) = (Point::mul_base(&w), base * w + error);
    transcript.append("R_G", &encode(&r_g));
    transcript.append("R_A", &encode(&r_a));
    let c = transcript.challenge("c");
    let weights: Vec<Scalar> = (0..)
        .zip(secrets)
        .map(|(i, _)| c * dleq_weight(&seed, i))
        .collect();
    let sum: Scalar = weights.iter().zip(secrets).map(|(r, s)| r * s).sum();
    let z = w + sum;
    let mut shares: Vec<Point> = secrets.iter().map(|secret| base * secret).collect();
    // What is missing in the row of A is put on the first share.
    shares[0] -= error * weights[0].invert();
    let row: Point = shares.iter().zip(&weights).map(|(d, r)| d * r).sum();
    assert_eq!(row + r_a, base * z, "the row of A holds");
    (
        shares,
        [&encode(&r_g)[..], &encode(&r_a), &z.to_bytes()].concat(),
    )
}
