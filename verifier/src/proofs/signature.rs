//! Schnorr signatures that verify as RFC 9591 FROST(ristretto255, SHA-512) signatures
//! (docs/spec/parameters.md).

use crate::{
    encoding::EncodingError,
    group::{Element, Point, Scalar, decode_point, decode_scalar, double_scalar_basepoint_vartime},
    transcript::signature_challenge,
};
use thiserror::Error;

/// A signature that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not hold")]
pub struct SignatureError;

/// A decoded signature: R ‖ z, 64 bytes.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// The encoding of R.
    pub encoding: [u8; 32],
    /// R, not the identity.
    pub commitment: Point,
    /// z.
    pub response: Scalar,
}

impl Signature {
    /// Decodes 64 bytes strictly.
    ///
    /// # Errors
    /// [`EncodingError::Group`].
    pub fn decode(bytes: &[u8; 64]) -> Result<Self, EncodingError> {
        let ([commitment, response], []) = bytes.as_chunks::<32>() else {
            return Err(EncodingError::Short);
        };
        Ok(Self {
            encoding: *commitment,
            commitment: decode_point(commitment)?,
            response: decode_scalar(response)?,
        })
    }

    /// The challenge of this signature under `key` over `prefix ‖ message`.
    #[must_use]
    pub fn challenge(&self, key: &[u8; 32], prefix: &[u8], message: &[u8]) -> Scalar {
        signature_challenge(&self.encoding, key, prefix, message)
    }

    /// Checks z·G = R + c·X.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify(
        &self,
        key: &Element,
        prefix: &[u8],
        message: &[u8],
    ) -> Result<(), SignatureError> {
        let challenge = self.challenge(key.encoding(), prefix, message);
        let commitment = double_scalar_basepoint_vartime(&-challenge, key.point(), &self.response);
        if commitment == self.commitment {
            Ok(())
        } else {
            Err(SignatureError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57";
    const SIGNATURE: &str = "fc45655fbc66bbffad654ea4ce5fdae253a49a64ace25d9adb62010dd9fb2555\
                             2164141787162e5b4cab915b4aa45d94655dbb9ed7c378a53b980a0be220a802";

    fn key() -> Element {
        Element::decode(&hex::decode(KEY).unwrap().try_into().unwrap()).unwrap()
    }

    fn signature() -> [u8; 64] {
        hex::decode(SIGNATURE).unwrap().try_into().unwrap()
    }

    /// RFC 9591, appendix E.3: FROST(ristretto255, SHA-512), message "test".
    #[test]
    fn a_frost_signature_of_rfc_9591_verifies() {
        let signature = Signature::decode(&signature()).unwrap();
        assert_eq!(signature.verify(&key(), b"te", b"st"), Ok(()));
        assert_eq!(signature.verify(&key(), b"", b"test"), Ok(()));
        assert_eq!(signature.verify(&key(), b"", b"tess"), Err(SignatureError));
    }

    #[test]
    fn no_flipped_bit_verifies() {
        for bit in 0..512 {
            let mut bytes = signature();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let verified = Signature::decode(&bytes)
                .is_ok_and(|signature| signature.verify(&key(), b"", b"test").is_ok());
            assert!(!verified, "bit {bit}");
        }
    }
}
