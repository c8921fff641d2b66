//! The trustees' part of a test record.

use crate::{
    dice::{Dice, Key, encode, prove_dleq},
    joint,
};
use bls12_381::Scalar as JointScalar;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use hkdf::Hkdf;
use sha2::Sha256;
use verifier::{
    group::{Point, Scalar},
    transcript::{Digest, Transcript},
};

/// What a dealer shows as its proof of possession.
#[derive(Clone, Copy)]
pub enum Possession {
    /// The right one.
    Own,
    /// That of another secret.
    Of(JointScalar),
    /// The right one in another session.
    OtherSession,
    /// Its signature on the right message under the tag of other messages.
    OtherTag,
}

/// One trustee's secrets of one attempt.
#[derive(Clone)]
pub struct Dealer {
    index: u16,
    /// a_{i,k}, by position, then degree.
    pub polynomials: Vec<Vec<Scalar>>,
    pub encryption: Scalar,
    pub ephemeral: Scalar,
    /// b_k, by degree.
    pub joint: Vec<JointScalar>,
    pub possession: Possession,
    dice: Dice,
}

pub fn session(manifest: &Digest, attempt: u16) -> Digest {
    let mut transcript = Transcript::new("ceremony session");
    transcript.append("manifest", manifest);
    transcript.append("attempt", &attempt.to_be_bytes());
    transcript.digest("session")
}

impl Dealer {
    pub fn new(index: u16, attempt: u16, n_positions: usize, threshold: usize) -> Self {
        let mut dice = Dice::new(format!("dealer {index} {attempt}"));
        let polynomials = (0..n_positions)
            .map(|_| (0..threshold).map(|_| dice.scalar()).collect())
            .collect();
        Self {
            index,
            polynomials,
            encryption: dice.scalar(),
            ephemeral: dice.scalar(),
            joint: (0..threshold)
                .map(|k| joint::secret(&format!("joint {index} {attempt} {k}")))
                .collect(),
            possession: Possession::Own,
            dice,
        }
    }

    /// B_0 ‖ …
    fn joint_coefficients(&self) -> Vec<u8> {
        self.joint.iter().flat_map(joint::public).collect()
    }

    fn possession(&self, session: &Digest) -> [u8; 96] {
        let (mut session, mut secret, mut tag) = (*session, self.joint[0], joint::POSSESSION);
        match self.possession {
            Possession::Own => {}
            Possession::Of(other) => secret = other,
            Possession::OtherSession => session = [0; 32],
            Possession::OtherTag => tag = joint::MESSAGE,
        }
        let message = [
            b"psephos v2 possession\0",
            &session[..],
            &self.index.to_be_bytes(),
            &self.joint_coefficients(),
        ];
        joint::sign(&secret, tag, &message.concat())
    }

    fn append_statement(&self, session: &Digest, transcript: &mut Transcript) -> Vec<u8> {
        let coefficients: Vec<u8> = self
            .polynomials
            .iter()
            .flatten()
            .flat_map(|a| Key::of(*a).public)
            .collect();
        let encryption = Key::of(self.encryption).public;
        let ephemeral = Key::of(self.ephemeral).public;
        transcript.append("session", session);
        transcript.append("trustee", &self.index.to_be_bytes());
        transcript.append("coefficients", &coefficients);
        transcript.append("encryption key", &encryption);
        transcript.append("ephemeral", &ephemeral);
        [&coefficients[..], &encryption, &ephemeral].concat()
    }

    pub fn commitment(&self, session: &Digest) -> Digest {
        let mut transcript = Transcript::new("ceremony commitment");
        self.append_statement(session, &mut transcript);
        transcript.append("joint coefficients", &self.joint_coefficients());
        transcript.append("possession", &self.possession(session));
        transcript.digest("commitment")
    }

    /// The body of a reveal, without the attempt.
    pub fn reveal(&self, session: &Digest) -> Vec<u8> {
        let mut transcript = Transcript::new("ceremony reveal");
        let mut body = self.append_statement(session, &mut transcript);
        let w = self.dice.clone().scalar();
        let commitment = Key::of(w).public;
        transcript.append("R", &commitment);
        let c = transcript.challenge("c");
        let mut z = w;
        let mut power = c;
        let constants = self.polynomials.iter().map(|polynomial| &polynomial[0]);
        for secret in constants.chain([&self.encryption, &self.ephemeral]) {
            z += power * secret;
            power *= c;
        }
        body.extend(commitment);
        body.extend(z.to_bytes());
        body.extend(self.joint_coefficients());
        body.extend(self.possession(session));
        body
    }

    /// f_{d,i}(j) for all i.
    pub fn shares_for(&self, recipient: u16) -> Vec<Scalar> {
        let at = Scalar::from(recipient);
        let evaluate = |polynomial: &Vec<Scalar>| {
            let mut sum = Scalar::ZERO;
            for coefficient in polynomial.iter().rev() {
                sum = sum * at + coefficient;
            }
            sum
        };
        self.polynomials.iter().map(evaluate).collect()
    }

    /// The sealed shares for one recipient; `error` is added to the first share.
    pub fn seal(&self, session: &Digest, recipient: &Self, error: Scalar) -> Vec<u8> {
        let mut shares = self.shares_for(recipient.index);
        shares[0] += error;
        let mut plain: Vec<u8> = shares.iter().flat_map(Scalar::to_bytes).collect();
        plain.extend(joint::encode(&joint::evaluate(
            &self.joint,
            recipient.index,
        )));
        let key_of_recipient = Key::of(recipient.encryption).public;
        let shared = encode(&(Point::mul_base(&recipient.encryption) * self.ephemeral));
        let info = [
            b"psephos v1 share",
            &self.index.to_be_bytes()[..],
            &recipient.index.to_be_bytes(),
            &Key::of(self.ephemeral).public,
            &key_of_recipient,
        ]
        .concat();
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(Some(session), &shared)
            .expand(&info, &mut key)
            .unwrap();
        XChaCha20Poly1305::new(&key.into())
            .encrypt(&XNonce::default(), plain.as_slice())
            .unwrap()
    }

    /// The body of a complaint about a dealer, without the attempt.
    pub fn complain(&self, session: &Digest, dealer: &Self) -> Vec<u8> {
        let mut context = Transcript::new("complaint");
        context.append("session", session);
        context.append("trustee", &self.index.to_be_bytes());
        context.append("dealer", &dealer.index.to_be_bytes());
        let base = Point::mul_base(&dealer.ephemeral);
        let context = context.digest("context");
        let secrets = [self.encryption];
        let (points, proof) = prove_dleq(&context, &base, &secrets, &mut self.dice.clone());
        [&dealer.index.to_be_bytes()[..], &encode(&points[0]), &proof].concat()
    }
}

/// The proof of the rehearsal of one trustee with its shares of all keys.
pub fn rehearse(ceremony: &Digest, trustee: u16, secrets: &[Scalar]) -> Vec<u8> {
    let mut transcript = Transcript::new("rehearsal");
    transcript.append("ceremony", ceremony);
    let nonce = transcript.challenge("nonce");
    let mut context = Transcript::new("rehearsal proof");
    context.append("ceremony", ceremony);
    context.append("trustee", &trustee.to_be_bytes());
    let base = Point::mul_base(&nonce);
    let mut dice = Dice::new(format!("rehearsal {trustee}"));
    prove_dleq(&context.digest("context"), &base, secrets, &mut dice).1
}

/// What a trustee contributes to the beacon.
pub fn contribution(trustee: u16) -> [u8; 32] {
    Key::new(format!("contribution {trustee}")).public
}

/// What it commits to in its certificate.
pub fn contribution_commitment(session: &Digest, trustee: u16) -> Digest {
    let mut transcript = Transcript::new("contribution commitment");
    transcript.append("session", session);
    transcript.append("trustee", &trustee.to_be_bytes());
    transcript.append("contribution", &contribution(trustee));
    transcript.digest("commitment")
}
