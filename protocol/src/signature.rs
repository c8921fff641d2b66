//! Schnorr signatures that verify as RFC 9591 FROST(ristretto255, SHA-512) ones.
//!
//! Spec: docs/spec/parameters.md, "Signatures".

use rand_core::TryCryptoRng;

use crate::encoding::{EncodingError, Reader, Write as _};
use crate::group::{Element, Scalar, base, is_identity, mul_base, vartime_multiscalar};
use crate::proofs::batch::{SharedPoints, Weights, verify_each};
use crate::secret::Secret;
use crate::transcript::{RandomnessError, Transcript, signature_challenge};

/// What a signature is about; each message starts with its own prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// An entry of the board.
    Entry,
    /// Possession of a credential part.
    CredentialPart,
}

impl Purpose {
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Entry => b"psephos v1 entry\0",
            Self::CredentialPart => b"psephos v1 credential part\0",
        }
    }

    fn message(self, content: &[u8]) -> Vec<u8> {
        [self.prefix(), content].concat()
    }
}

/// A signature does not hold.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the signature does not hold under the author's key")]
pub struct SignatureError;

/// A signature, 64 bytes: R ‖ z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    pub(crate) r: Element,
    pub(crate) z: Scalar,
}

impl Signature {
    /// Size of the encoding in bytes.
    pub const LENGTH: usize = 64;

    /// Reads a signature strictly.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, EncodingError> {
        Ok(Self {
            r: reader.element("the signature's R")?,
            z: reader.scalar("the signature's z")?,
        })
    }

    /// Appends the 64 bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_element(&self.r);
        out.put_scalar(&self.z);
    }

    /// The challenge c = H(R, X, message).
    pub(crate) fn challenge(&self, key: &Element, purpose: Purpose, content: &[u8]) -> Scalar {
        signature_challenge(&self.r, key, &purpose.message(content))
    }
}

/// Checks a signature: z·G = R + c·X.
///
/// # Errors
/// [`SignatureError`] if it does not hold.
pub fn verify(
    key: &Element,
    purpose: Purpose,
    content: &[u8],
    signature: &Signature,
) -> Result<(), SignatureError> {
    let c = signature.challenge(key, purpose, content);
    let difference = mul_base(&signature.z)
        - vartime_multiscalar(&[Scalar::ONE, c], &[*signature.r.point(), *key.point()]);
    if is_identity(&difference) {
        Ok(())
    } else {
        Err(SignatureError)
    }
}

/// A signature to be verified together with others.
pub(crate) struct Claim<'a> {
    pub(crate) key: &'a Element,
    pub(crate) signature: &'a Signature,
    /// [`Signature::challenge`] of the message.
    pub(crate) challenge: Scalar,
}

/// Verifies signatures together; where they fail together, every culprit is named. In order.
pub(crate) fn verify_claims(
    claims: &[Claim<'_>],
    weights: &mut Weights,
) -> Vec<Result<(), SignatureError>> {
    let shared = SharedPoints::once(vec![base()]);
    verify_each(claims, &shared, weights, &|claim, batch, weights| {
        let d = weights.weight();
        batch.add(d, *claim.signature.r.point());
        batch.add(d * claim.challenge, *claim.key.point());
        batch.add_fixed(0, -(d * claim.signature.z));
    })
    .into_iter()
    .map(|verdict| verdict.map_err(|_| SignatureError))
    .collect()
}

/// A signing key with its public key; the public key is never given separately.
#[derive(Debug)]
pub struct SigningKey {
    secret: Secret<Scalar>,
    public: Element,
}

impl SigningKey {
    /// The key pair of a secret scalar, or `None` for zero.
    pub fn new(secret: Secret<Scalar>) -> Option<Self> {
        let public = Element::from_point(mul_base(secret.expose()))?;
        Some(Self { secret, public })
    }

    /// The public key.
    pub fn public(&self) -> &Element {
        &self.public
    }

    /// Signs `content` for `purpose`. Constant-time in the key.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    pub fn sign(
        &self,
        purpose: Purpose,
        content: &[u8],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Signature, RandomnessError> {
        let message = purpose.message(content);
        let mut transcript = Transcript::new("signature");
        transcript.append("key", self.public.as_bytes());
        transcript.append("message", &message);
        let mut nonces = transcript.nonces(self.secret.expose().as_bytes(), rng)?;
        loop {
            let k = nonces.scalar();
            // The identity comes up with probability 1/l.
            if let Some(r) = Element::from_point(mul_base(k.expose())) {
                let c = signature_challenge(&r, &self.public, &message);
                return Ok(Signature {
                    r,
                    z: k.expose() + c * self.secret.expose(),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::wide_scalar;
    use getrandom::SysRng;

    fn key(seed: u8) -> SigningKey {
        SigningKey::new(Secret::new(wide_scalar(&[seed; 64]))).unwrap()
    }

    /// The operating system's randomness, for the older interface of that crate.
    struct OldSysRng;

    impl frost_ristretto255::rand_core::RngCore for OldSysRng {
        fn next_u32(&mut self) -> u32 {
            frost_ristretto255::rand_core::impls::next_u32_via_fill(self)
        }
        fn next_u64(&mut self) -> u64 {
            frost_ristretto255::rand_core::impls::next_u64_via_fill(self)
        }
        fn fill_bytes(&mut self, out: &mut [u8]) {
            getrandom::fill(out).unwrap();
        }
        fn try_fill_bytes(
            &mut self,
            out: &mut [u8],
        ) -> Result<(), frost_ristretto255::rand_core::Error> {
            self.fill_bytes(out);
            Ok(())
        }
    }

    impl frost_ristretto255::rand_core::CryptoRng for OldSysRng {}

    #[test]
    fn frost_verifies_our_signatures() {
        let key = key(3);
        let signature = key.sign(Purpose::Entry, b"content", &mut SysRng).unwrap();
        let mut bytes = Vec::new();
        signature.encode(&mut bytes);
        let theirs = frost_ristretto255::Signature::deserialize(&bytes).unwrap();
        let verifying =
            frost_ristretto255::VerifyingKey::deserialize(key.public().as_bytes()).unwrap();
        verifying
            .verify(b"psephos v1 entry\0content", &theirs)
            .unwrap();
        assert!(
            verifying
                .verify(b"psephos v1 entry\0Content", &theirs)
                .is_err()
        );
    }

    #[test]
    fn we_verify_signatures_of_frost() {
        let secret =
            frost_ristretto255::SigningKey::deserialize(wide_scalar(&[9; 64]).as_bytes()).unwrap();
        let public = frost_ristretto255::VerifyingKey::from(&secret)
            .serialize()
            .unwrap();
        let public = Element::decode(&public.try_into().unwrap()).unwrap();
        let theirs = secret
            .sign(OldSysRng, b"psephos v1 entry\0content")
            .serialize()
            .unwrap();
        let signature = Signature::decode(&mut Reader::new(&theirs)).unwrap();
        assert_eq!(
            verify(&public, Purpose::Entry, b"content", &signature),
            Ok(())
        );
    }

    #[test]
    fn another_key_purpose_or_message_is_refused() {
        let signature = key(1)
            .sign(Purpose::Entry, b"content", &mut SysRng)
            .unwrap();
        assert_eq!(
            verify(key(1).public(), Purpose::Entry, b"content", &signature),
            Ok(())
        );
        assert!(verify(key(2).public(), Purpose::Entry, b"content", &signature).is_err());
        assert!(
            verify(
                key(1).public(),
                Purpose::CredentialPart,
                b"content",
                &signature
            )
            .is_err()
        );
        assert!(verify(key(1).public(), Purpose::Entry, b"contend", &signature).is_err());
        let other = key(1)
            .sign(Purpose::Entry, b"content", &mut SysRng)
            .unwrap();
        let mixed = Signature {
            r: other.r,
            z: signature.z,
        };
        assert!(verify(key(1).public(), Purpose::Entry, b"content", &mixed).is_err());
    }
}
