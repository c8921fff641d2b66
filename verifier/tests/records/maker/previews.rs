//! Previews: shares of all cells, sealed for the trustees (docs/spec/tally.md, "Small cells").

use super::{Joint, Maker};
use crate::dice::{Key, encode, prove_dleq};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce, aead::Aead};
use hkdf::Hkdf;
use sha2::Sha256;
use verifier::{
    entry::Kind,
    group::{Point, Scalar},
    transcript::{Digest, Transcript},
};

fn encrypt(key: [u8; 32], plain: &[u8]) -> Vec<u8> {
    XChaCha20Poly1305::new(&key.into())
        .encrypt(&XNonce::default(), plain)
        .unwrap()
}

impl Maker {
    pub(super) fn preview(
        &mut self,
        (election, close): (&Digest, &Digest),
        trustee: u16,
        joint: &Joint,
        decrypted: &[(usize, Point)],
    ) {
        let of_trustee = &joint.secrets[usize::from(trustee) - 1];
        let mut shares = Vec::new();
        for (number, alpha) in decrypted {
            let first = self.manifest.contests[*number].first_position;
            let guarded = self.manifest.guarded(*number);
            let secrets: Vec<Scalar> = guarded.iter().map(|i| of_trustee[first + i]).collect();
            if secrets.is_empty() {
                continue;
            }
            let mut context = Transcript::new("preview");
            context.append("election", election);
            context.append("close", close);
            context.append("trustee", &trustee.to_be_bytes());
            context.append("contest", &(*number as u16).to_be_bytes());
            let context = context.digest("context");
            let (points, proof) = prove_dleq(&context, alpha, &secrets, &mut self.dice);
            shares.extend(points.iter().flat_map(encode));
            shares.extend(proof);
        }
        let u = self.dice.scalar();
        let ephemeral = Key::of(u).public;
        let key = self.dice.scalar().to_bytes();
        let mut body = ephemeral.to_vec();
        for (recipient, secret) in (1_u16..).zip(&joint.encryption) {
            let encryption_key = Key::of(*secret).public;
            let shared = encode(&(Point::mul_base(secret) * u));
            let info = [
                b"psephos v3 preview",
                &trustee.to_be_bytes()[..],
                &recipient.to_be_bytes(),
                &ephemeral,
                &encryption_key,
            ];
            let mut wrap = [0; 32];
            Hkdf::<Sha256>::new(Some(close), &shared)
                .expand(&info.concat(), &mut wrap)
                .unwrap();
            body.extend(encrypt(wrap, &key));
        }
        body.extend(encrypt(key, &shares));
        self.trustee(Kind::Preview, election, trustee, &body);
    }
}
