//! A challenged ballot on its way to another device: in a link, a QR code or a file.
//!
//! Spec: docs/spec/ballot.md, "Challenge". The bytes are this program's own: both ends are the
//! pages of one build. They open the ballot, so they never go to a server.
//!
//! version (u8, 1) ‖ nonce (scalar) ‖ length (u16) ‖ unsigned ballot ‖ for each answer: blank (u8)
//! ‖ number of values (u16) ‖ each value in base 128, least significant first, the top bit of a
//! byte saying that another follows.

use protocol::ballot::{Answer, ChallengedBallot};
use protocol::encoding::{EncodingError, Reader};
use protocol::entry::{Author, EntryError, Unsigned};
use protocol::group::Element;
use protocol::secret::Secret;

const VERSION: u8 = 1;
/// 2^20, the largest value of an option, has three digits in base 128.
const MOST_DIGITS: u32 = 4;

/// Bytes that open no ballot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenedError {
    /// Another version.
    #[error(
        "this opened ballot is of another version of these pages; open it with the one that made it"
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
    /// It holds something that is no ballot.
    #[error("this opened ballot holds no ballot: {0}")]
    Entry(#[from] EntryError),
    /// It holds an entry of another kind.
    #[error("this opened ballot holds an entry that is no voter's")]
    Author,
}

/// The bytes that open a ballot to another device.
pub fn encode(opened: &ChallengedBallot) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(opened.unsigned.len() + 256);
    bytes.push(VERSION);
    bytes.extend_from_slice(opened.nonce.expose().as_bytes());
    // An entry is never longer than 65,535 bytes.
    let length = u16::try_from(opened.unsigned.len()).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&opened.unsigned);
    for answer in &opened.answers {
        bytes.push(u8::from(answer.blank));
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
    bytes
}

fn low_digit(value: u32) -> u8 {
    u8::try_from(value & 127).unwrap_or(0)
}

/// Reads what [`encode`] wrote.
///
/// # Errors
/// [`OpenedError`].
pub fn decode(bytes: &[u8]) -> Result<ChallengedBallot, OpenedError> {
    let mut reader = Reader::new(bytes);
    if reader.u8("the version")? != VERSION {
        return Err(OpenedError::Version);
    }
    let nonce = Secret::new(reader.scalar("the nonce")?);
    let length = reader.u16("the length")?;
    let unsigned = reader.bytes(length.into(), "the ballot")?.to_vec();
    let mut answers = Vec::new();
    while reader.remaining() > 0 {
        let blank = match reader.u8("blank")? {
            0 => false,
            1 => true,
            _ => return Err(OpenedError::Value),
        };
        let count = reader.u16("the number of values")?;
        let values = (0..count).map(|_| value(&mut reader));
        let values = values.collect::<Result<_, _>>()?;
        answers.push(Answer { values, blank });
    }
    Ok(ChallengedBallot {
        unsigned,
        nonce,
        answers,
    })
}

fn value(reader: &mut Reader<'_>) -> Result<u32, OpenedError> {
    let mut value = 0;
    for place in 0..MOST_DIGITS {
        let digit = reader.u8("a value")?;
        value |= u32::from(digit & 127) << (7 * place);
        if digit < 128 {
            return Ok(value);
        }
    }
    Err(OpenedError::Value)
}

/// The voter whose ballot it says it is.
///
/// # Errors
/// [`OpenedError`] if it is no entry of a voter.
pub fn voter(opened: &ChallengedBallot) -> Result<Element, OpenedError> {
    match Unsigned::decode(&opened.unsigned)?.author {
        Author::Voter(credential) => Ok(credential),
        _ => Err(OpenedError::Author),
    }
}
