//! From a voter's choices to a sealed ballot, and from there to a cast or a challenged one.
//!
//! Spec: docs/spec/ballot.md.

mod plaintext;

use rand_core::TryCryptoRng;

use crate::credential::ALPHABET;
use crate::election::{Refusal, Voting};
use crate::encoding::{EncodingError, Reader};
use crate::entry::{Author, Kind, sign_entry, unsigned_entry};
use crate::group::{Element, Scalar};
use crate::proofs::ballot::{
    BallotContext, EncryptedVector, StyleStatement, Witness, encrypt, prove,
};
use crate::secret::Secret;
use crate::signature::SigningKey;
use crate::transcript::{Digest, RandomnessError, Transcript};

pub use plaintext::{Answer, ChoiceError, PlaintextBallot};

/// Hash of an unsigned ballot; what a voter keeps. 256 bits, shown in full.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ConfirmationCode(pub Digest);

impl ConfirmationCode {
    /// The code of an unsigned ballot entry.
    pub fn of(unsigned: &[u8]) -> Self {
        let mut transcript = Transcript::new("confirmation code");
        transcript.append("entry", unsigned);
        Self(transcript.digest("code"))
    }
}

impl std::fmt::Display for ConfirmationCode {
    /// 52 symbols of Crockford's base 32 in 13 groups of four, joined by hyphens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // 256 bits and four zero bits are 52 symbols of five bits.
        let bit = |i: usize| {
            self.0
                .0
                .get(i / 8)
                .map_or(0, |byte| byte >> (7 - i % 8) & 1)
        };
        for symbol in 0..52 {
            if symbol > 0 && symbol % 4 == 0 {
                f.write_str("-")?;
            }
            let value = (0..5).fold(0, |value, i| value << 1 | bit(5 * symbol + i));
            write!(
                f,
                "{}",
                char::from(ALPHABET.get(usize::from(value)).copied().unwrap_or(b'0'))
            )?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for ConfirmationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The body of a ballot entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedBallot {
    /// Index of the style.
    pub style: u16,
    /// Credential, counter, previous code.
    pub context: BallotContext,
    /// Ciphertext and proof.
    pub vector: EncryptedVector,
}

/// What precedes the ciphertext in a ballot's body: style, counter, previous code.
pub(crate) struct BallotHead {
    pub(crate) style: u16,
    pub(crate) context: BallotContext,
}

impl BallotHead {
    pub(crate) fn decode(
        reader: &mut Reader<'_>,
        credential: Element,
    ) -> Result<Self, EncodingError> {
        let style = reader.u16("the style")?;
        let counter = reader.u32("the counter")?;
        let previous = reader.array("the previous code")?;
        Ok(Self {
            style,
            context: BallotContext {
                credential,
                counter,
                previous,
            },
        })
    }
}

/// A ballot that is encrypted and proved, whose code the voter sees, and that is not yet cast.
pub struct SealedBallot {
    election: Digest,
    unsigned: Vec<u8>,
    code: ConfirmationCode,
    credential: Element,
    witness: Witness,
    answers: Vec<Answer>,
}

/// Why a sealed ballot cannot be cast or challenged.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum SealError {
    /// Another credential.
    #[error("this ballot was sealed for another credential")]
    Credential,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl SealedBallot {
    /// Encrypts and proves. Nothing is signed and nothing can be cast yet.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    pub fn seal(
        election: &Digest,
        style: u16,
        statement: &StyleStatement,
        context: &BallotContext,
        ballot: PlaintextBallot,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, RandomnessError> {
        let PlaintextBallot {
            coordinates,
            answers,
        } = ballot;
        let mut transcript = Transcript::new("encryption nonce");
        transcript.append("election", election.as_bytes());
        transcript.append("credential", context.credential.as_bytes());
        transcript.append_u32("counter", context.counter);
        transcript.append("previous", &context.previous);
        transcript.append_u16("style", style);
        let secret = Secret::new(
            coordinates
                .expose()
                .iter()
                .flat_map(|b| b.to_be_bytes())
                .collect::<Vec<u8>>(),
        );
        let nonce = transcript.nonces(secret.expose(), rng)?.scalar();
        let witness = Witness { coordinates, nonce };
        let vector = prove(statement, context, &witness, rng)?;
        let mut body = Vec::with_capacity(38 + vector.len());
        body.extend_from_slice(&style.to_be_bytes());
        body.extend_from_slice(&context.counter.to_be_bytes());
        body.extend_from_slice(&context.previous);
        body.extend_from_slice(&vector);
        let unsigned = unsigned_entry(
            Kind::Ballot,
            election,
            &Author::Voter(context.credential),
            &body,
        );
        let code = ConfirmationCode::of(&unsigned);
        Ok(Self {
            election: *election,
            unsigned,
            code,
            credential: context.credential,
            witness,
            answers,
        })
    }

    /// The confirmation code.
    pub fn code(&self) -> ConfirmationCode {
        self.code
    }

    /// The encoding of alpha, which a void of this ballot binds.
    pub fn alpha(&self) -> [u8; 32] {
        let alpha = self.unsigned.get(ALPHA_OFFSET..);
        // It is there: this type has no other constructor than the one that writes it.
        alpha
            .and_then(|rest| rest.first_chunk().copied())
            .unwrap_or_default()
    }

    /// Signs the ballot: the entry to post. The nonce is erased.
    ///
    /// # Errors
    /// [`SealError`] if the credential is another one or `rng` fails.
    pub fn cast(
        self,
        credential: &SigningKey,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Vec<u8>, SealError> {
        if *credential.public() != self.credential {
            return Err(SealError::Credential);
        }
        Ok(sign_entry(self.unsigned, credential, rng)?)
    }

    /// Gives the ballot up: the void entry to post, and what opens the ballot to a checking device.
    ///
    /// # Errors
    /// [`SealError`] if the credential is another one or `rng` fails.
    pub fn challenge(
        self,
        credential: &SigningKey,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(Vec<u8>, ChallengedBallot), SealError> {
        if *credential.public() != self.credential {
            return Err(SealError::Credential);
        }
        let body = [*self.code.0.as_bytes(), self.alpha()].concat();
        let unsigned = unsigned_entry(
            Kind::Void,
            &self.election,
            &Author::Voter(self.credential),
            &body,
        );
        let entry = sign_entry(unsigned, credential, rng)?;
        Ok((
            entry,
            ChallengedBallot {
                unsigned: self.unsigned,
                nonce: self.witness.nonce,
                answers: self.answers,
            },
        ))
    }
}

/// Where alpha stands in an unsigned ballot: version, kind, scope, credential, style, counter, previous.
const ALPHA_OFFSET: usize = 1 + 1 + 32 + 32 + 2 + 4 + 32;

/// A ballot opened to test the device that sealed it. Never counted.
pub struct ChallengedBallot {
    /// The unsigned ballot entry.
    pub unsigned: Vec<u8>,
    /// r.
    pub nonce: Secret<Scalar>,
    /// What it is said to contain.
    pub answers: Vec<Answer>,
}

/// A challenged ballot does not contain what was said.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum ChallengeError {
    /// The choices break the rules.
    #[error(transparent)]
    Choice(#[from] ChoiceError),
    /// It could never have been cast.
    #[error(
        "this ballot could never have been cast: {0}; the device that sealed it cheated or failed"
    )]
    Invalid(#[from] Refusal),
    /// Encrypting again gives something else.
    #[error(
        "this ballot does not contain these choices: the device that sealed it cheated or failed"
    )]
    Mismatch,
}

impl ChallengedBallot {
    /// Checks that this ballot could have been cast by the holder of `credential`, encrypts the
    /// choices again with the revealed nonce, and compares.
    ///
    /// # Errors
    /// [`ChallengeError`] if it is no valid ballot of this voter or the ciphertexts differ.
    pub fn verify(
        self,
        voting: &Voting,
        credential: &Element,
        rng: &mut impl TryCryptoRng,
    ) -> Result<ConfirmationCode, ChallengeError> {
        let found = voting.verify_unsigned(&self.unsigned, rng)?;
        if found.context.credential != *credential {
            return Err(ChallengeError::Mismatch);
        }
        let manifest = voting.manifest();
        let style = manifest.styles.get(usize::from(found.style));
        let (style, statement) = style
            .zip(voting.style(found.style))
            .ok_or(ChallengeError::Mismatch)?;
        let ballot = PlaintextBallot::new(manifest, style, self.answers)?;
        let witness = Witness {
            coordinates: ballot.coordinates,
            nonce: self.nonce,
        };
        let (alpha, beta) = encrypt(statement, &witness);
        let said = [alpha.as_slice(), &beta].concat();
        let elements = [&found.vector.alpha].into_iter().chain(&found.vector.beta);
        let found: Vec<u8> = elements.flat_map(|element| *element.as_bytes()).collect();
        if found == said {
            Ok(ConfirmationCode::of(&self.unsigned))
        } else {
            Err(ChallengeError::Mismatch)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_in_full() {
        let text = ConfirmationCode(Digest([0xff; 32])).to_string();
        assert_eq!(text.len(), 64);
        assert_eq!(text, format!("{}ZZZG", "ZZZZ-".repeat(12)));
        assert!(
            ConfirmationCode(Digest([0; 32]))
                .to_string()
                .starts_with("0000-0000-")
        );
    }
}
