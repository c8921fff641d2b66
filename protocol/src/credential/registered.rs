//! Keys that respondents made themselves, and the line with which they hand them in.
//!
//! Spec: docs/spec/credentials.md, "Registered keys".

use rand_core::TryCryptoRng;

use super::{PublicPart, RollVoter, verify_possession};
use crate::encoding::{Reader, decode_hex, encode_hex};
use crate::proofs::batch::Weights;
use crate::signature::Signature;
use crate::transcript::RandomnessError;

const PREFIX: &str = "psephos-key-1:";

/// A key that a respondent registers for one election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredKey {
    /// The election.
    pub uuid: [u8; 16],
    /// X_0 with its proof of possession.
    pub part: PublicPart,
}

/// Why a line registers no key.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum RegisteredKeyError {
    /// Not such a line.
    #[error("it is not psephos-key-1:, an election, a key and a proof, joined by colons")]
    Form,
    /// Cut, or changed.
    #[error("its {part} is not {digits} lower-case hexadecimal digits; a part of the line is lost")]
    Digits {
        /// Which part.
        part: &'static str,
        /// How many it has.
        digits: usize,
    },
    /// Digits that are no key.
    #[error("its key is not the encoding of an element")]
    Key,
    /// Digits that are no signature.
    #[error("its proof is not the encoding of a signature")]
    Signature,
    /// Of somebody else's key, or of another election.
    #[error("its proof does not hold for its key and election")]
    Possession,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl std::fmt::Display for RegisteredKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut proof = Vec::with_capacity(Signature::LENGTH);
        self.part.possession.encode(&mut proof);
        let key = encode_hex(self.part.key.as_bytes());
        write!(
            f,
            "{PREFIX}{}:{key}:{}",
            encode_hex(&self.uuid),
            encode_hex(&proof)
        )
    }
}

impl RegisteredKey {
    /// Reads a line, without white space around it. The proof is not checked yet.
    ///
    /// # Errors
    /// [`RegisteredKeyError`], naming what is wrong.
    pub fn parse(line: &str) -> Result<Self, RegisteredKeyError> {
        let fields = line
            .strip_prefix(PREFIX)
            .ok_or(RegisteredKeyError::Form)?
            .split(':')
            .collect::<Vec<_>>();
        let &[uuid, key, proof] = fields.as_slice() else {
            return Err(RegisteredKeyError::Form);
        };
        let lost = |part, digits| RegisteredKeyError::Digits { part, digits };
        let uuid = decode_hex(uuid).ok_or(lost("election", 32))?;
        let key: [u8; 32] = decode_hex(key).ok_or(lost("key", 64))?;
        let proof: [u8; 64] = decode_hex(proof).ok_or(lost("proof", 128))?;
        let key = Reader::new(&key).element("the key");
        let possession = Signature::decode(&mut Reader::new(&proof));
        Ok(Self {
            uuid,
            part: PublicPart {
                key: key.map_err(|_| RegisteredKeyError::Key)?,
                possession: possession.map_err(|_| RegisteredKeyError::Signature)?,
            },
        })
    }

    /// Checks that whoever made the line knew the key's secret.
    ///
    /// # Errors
    /// [`RegisteredKeyError::Possession`] if not, [`RegisteredKeyError::Randomness`] if `rng` fails.
    pub fn verify(&self, rng: &mut impl TryCryptoRng) -> Result<(), RegisteredKeyError> {
        let voter = RollVoter {
            style: 0,
            weight: 1,
            parts: vec![self.part],
        };
        verify_possession(&self.uuid, &[voter], &mut Weights::draw(rng)?)
            .map_err(|_| RegisteredKeyError::Possession)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::Code;
    use getrandom::SysRng;

    fn registered() -> RegisteredKey {
        let uuid = [7; 16];
        let part = Code::draw(&mut SysRng).unwrap().part(&uuid, 0);
        let part = part.public(&mut SysRng).unwrap().unwrap();
        RegisteredKey { uuid, part }
    }

    #[test]
    fn a_line_comes_back_as_the_key_that_wrote_it() {
        let key = registered();
        let line = key.to_string();
        assert_eq!(line.len(), 14 + 32 + 1 + 64 + 1 + 128);
        assert_eq!(RegisteredKey::parse(&line), Ok(key));
        assert_eq!(key.verify(&mut SysRng), Ok(()));
    }

    #[test]
    fn lines_that_were_cut_or_changed_are_refused() {
        let line = registered().to_string();
        let told = |line: &str| RegisteredKey::parse(line).unwrap_err();
        assert_eq!(told(""), RegisteredKeyError::Form);
        assert_eq!(told(&line[1..]), RegisteredKeyError::Form);
        assert_eq!(told(&format!("{line}:")), RegisteredKeyError::Form);
        let cut = RegisteredKeyError::Digits {
            part: "proof",
            digits: 128,
        };
        assert_eq!(told(&line[..line.len() - 1]), cut);
        let election = told(&line.replacen("0707", "07g7", 1)).to_string();
        assert!(election.contains("its election is not 32"), "{election}");
        let (head, proof) = line.split_at(14 + 33);
        assert_eq!(
            told(&format!("{head}{}{}", "f".repeat(64), &proof[64..])),
            RegisteredKeyError::Key
        );
        assert_eq!(
            told(&format!("{head}{}:{}", &proof[..64], "f".repeat(128))),
            RegisteredKeyError::Signature
        );
    }

    #[test]
    fn a_proof_holds_for_its_own_key_and_election_only() {
        let (one, other) = (registered(), registered());
        let mut stolen = one;
        stolen.part.key = other.part.key;
        let mut moved = one;
        moved.uuid = [8; 16];
        for false_line in [stolen, moved] {
            assert_eq!(
                false_line.verify(&mut SysRng),
                Err(RegisteredKeyError::Possession)
            );
        }
    }
}
