//! A challenged ballot on its way to another device: in a link, a QR code or a file.
//!
//! Spec: docs/spec/ballot.md, "Challenge". All randomness of a ballot that pages seal comes from
//! one seed, drawn for it. So a ballot is opened by the seed and the choices: the checking device
//! seals them again, and must get the very same ballot, proof and confirmation code included. That
//! is more than the specification asks of it, and short enough for a code that phones read.
//!
//! The bytes are this program's own, since both ends are the pages of one build:
//! version (u8, 1) ‖ seed (32) ‖ credential (element) ‖ counter (u32) ‖ previous (32) ‖ for each
//! answer: blank (u8) ‖ number of values (u16) ‖ each value in base 128 without leading zeros,
//! least significant digit first, the top bit of a byte saying that another follows.

use protocol::ballot::{Answer, SealedBallot};
use protocol::encoding::{EncodingError, Reader};
use protocol::group::Element;
use protocol::secret::Secret;
use protocol::transcript::RandomnessError;
use rand_core::{TryCryptoRng, TryRng};
use sha2::{Digest as _, Sha512};

use crate::booth::{Booth, BoothError, Credential, Place};

const VERSION: u8 = 1;
/// 2^32 - 1, the largest value of a number, has five digits in base 128.
const MOST_DIGITS: u32 = 5;

/// What all randomness of one ballot comes from. It opens the ballot.
pub struct Seed(Secret<[u8; 32]>);

impl Seed {
    /// Draws a seed.
    ///
    /// # Errors
    /// [`RandomnessError`] if `rng` fails.
    pub fn draw(rng: &mut impl TryCryptoRng) -> Result<Self, RandomnessError> {
        let mut bytes = [0; 32];
        let drawn = rng.try_fill_bytes(&mut bytes);
        let seed = Secret::new(bytes);
        drawn.map_err(|_| RandomnessError).map(|()| Self(seed))
    }

    /// The stream of this seed, from its beginning.
    fn stream(&self) -> Stream<'_> {
        Stream {
            seed: self,
            n_blocks: 0,
        }
    }
}

/// SHA-512 of the seed and a counter, block after block. A rest of a block is thrown away.
struct Stream<'a> {
    seed: &'a Seed,
    n_blocks: u64,
}

impl TryRng for Stream<'_> {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for chunk in bytes.chunks_mut(64) {
            let block = Sha512::new()
                .chain_update(b"psephos v1 booth randomness\0")
                .chain_update(self.seed.0.expose())
                .chain_update(self.n_blocks.to_be_bytes())
                .finalize();
            self.n_blocks += 1;
            for (byte, random) in chunk.iter_mut().zip(block) {
                *byte = random;
            }
        }
        Ok(())
    }
}

impl TryCryptoRng for Stream<'_> {}

/// What opens a challenged ballot. Secret until the voter hands it over.
pub struct Opening {
    seed: Seed,
    voter: Element,
    place: Place,
    /// What it is said to contain.
    pub answers: Vec<Answer>,
}

/// Why bytes open no ballot.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum OpeningError {
    /// Another version.
    #[error(
        "this ballot was opened by another version of these pages; check it with the one that opened it"
    )]
    Version,
    /// Cut off, or something else.
    #[error("this opened ballot is damaged ({0}); copy the whole link, or save it to a file again")]
    Encoding(#[from] EncodingError),
    /// A value that no answer has.
    #[error(
        "this opened ballot is damaged (a value); copy the whole link, or save it to a file again"
    )]
    Value,
}

/// Seals answers with randomness from a seed, which is kept until the ballot is cast.
///
/// # Errors
/// Those of [`Booth::seal`].
pub fn seal(
    booth: &Booth,
    credential: &Credential,
    place: Place,
    answers: Vec<Answer>,
    rng: &mut impl TryCryptoRng,
) -> Result<(SealedBallot, Opening), BoothError> {
    let seed = Seed::draw(rng)?;
    let sealed = booth.seal(credential, place, answers.clone(), &mut seed.stream())?;
    let opening = Opening {
        seed,
        voter: *credential.key().public(),
        place,
        answers,
    };
    Ok((sealed, opening))
}

impl Opening {
    /// The voter whose ballot it is.
    pub fn voter(&self) -> &Element {
        &self.voter
    }

    /// Seals the same answers again: a ballot with the code that the first device must have shown
    /// before, and with the alpha that its void must bind.
    ///
    /// # Errors
    /// [`BoothError`] if no such ballot could be cast in this election.
    pub fn seal_again(&self, booth: &Booth) -> Result<SealedBallot, BoothError> {
        let stream = &mut self.seed.stream();
        booth.seal_for(&self.voter, self.place, self.answers.clone(), stream)
    }

    /// The bytes that open the ballot to another device.
    pub fn encode(&self) -> Secret<Vec<u8>> {
        let n_values: usize = self.answers.iter().map(|answer| answer.values.len()).sum();
        // Of the full size from the start: a vector that grows leaves copies behind.
        let mut bytes = Vec::with_capacity(101 + 3 * self.answers.len() + 5 * n_values);
        bytes.push(VERSION);
        bytes.extend_from_slice(self.seed.0.expose());
        bytes.extend_from_slice(self.voter.as_bytes());
        bytes.extend_from_slice(&self.place.counter.to_be_bytes());
        bytes.extend_from_slice(&self.place.previous);
        for answer in &self.answers {
            bytes.push(u8::from(answer.blank));
            // A contest has at most 1,024 options.
            let count = u16::try_from(answer.values.len()).unwrap_or(u16::MAX);
            bytes.extend_from_slice(&count.to_be_bytes());
            for value in &answer.values {
                let mut rest = *value;
                while rest >= 128 {
                    bytes.push(low_digit(rest) | 128);
                    rest >>= 7;
                }
                bytes.push(low_digit(rest));
            }
        }
        Secret::new(bytes)
    }

    /// Reads what [`Opening::encode`] wrote.
    ///
    /// # Errors
    /// [`OpeningError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, OpeningError> {
        let mut reader = Reader::new(bytes);
        if reader.u8("the version")? != VERSION {
            return Err(OpeningError::Version);
        }
        let seed = Seed(Secret::new(reader.array("the seed")?));
        let voter = reader.element("the credential")?;
        let place = Place {
            counter: reader.u32("the counter")?,
            previous: reader.array("the previous code")?,
        };
        let mut answers = Vec::new();
        while reader.remaining() > 0 {
            let blank = match reader.u8("blank")? {
                0 => false,
                1 => true,
                _ => return Err(OpeningError::Value),
            };
            let count = reader.u16("the number of values")?;
            let values = (0..count).map(|_| value(&mut reader));
            let values = values.collect::<Result<_, _>>()?;
            answers.push(Answer { values, blank });
        }
        Ok(Self {
            seed,
            voter,
            place,
            answers,
        })
    }
}

fn low_digit(value: u32) -> u8 {
    u8::try_from(value & 127).unwrap_or(0)
}

fn value(reader: &mut Reader<'_>) -> Result<u32, OpeningError> {
    let mut value = 0u64;
    for place in 0..MOST_DIGITS {
        let digit = reader.u8("a value")?;
        value |= u64::from(digit & 127) << (7 * place);
        if digit < 128 {
            // One encoding per value: the most significant digit is no zero.
            let is_shortest = digit != 0 || place == 0;
            let value = u32::try_from(value).ok().filter(|_| is_shortest);
            return value.ok_or(OpeningError::Value);
        }
    }
    Err(OpeningError::Value)
}
