//! What pages hand over as JSON texts: answers, and challenged ballots on their way from the device
//! that sealed them to the one that checks them. All of it is secret and erased after use, as far as
//! Rust holds it; what a page keeps in JavaScript's strings, nobody can erase.

use std::fmt::Write as _;

use protocol::ballot::{Answer, ChallengedBallot};
use protocol::encoding::{decode_hex, encode_hex};
use protocol::entry::MAX_ENTRY_LENGTH;
use protocol::group::decode_scalar;
use protocol::secret::Secret;
use serde::Deserialize;

/// Why a text is refused. Nothing of it is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum TextError {
    /// Not answers.
    #[error("the answers are not a JSON array of {{\"values\": [number, …], \"blank\": bool}}")]
    Answers,
    /// Not a challenged ballot.
    #[error(
        "this is no challenged ballot, or not a whole one; hand it over from the first device again"
    )]
    Opening,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerText {
    values: Vec<u32>,
    blank: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OpeningText {
    psephos: u8,
    kind: String,
    ballot: String,
    nonce: String,
    answers: Vec<AnswerText>,
}

const KIND: &str = "challenged-ballot";

impl From<AnswerText> for Answer {
    fn from(AnswerText { values, blank }: AnswerText) -> Self {
        Self { values, blank }
    }
}

/// Reads answers, `[{"values": [number, …], "blank": bool}, …]`, one per contest of the style.
///
/// # Errors
/// [`TextError::Answers`] if they are written in another way.
pub fn answers(text: &str) -> Result<Vec<Answer>, TextError> {
    let answers: Vec<AnswerText> = serde_json::from_str(text).map_err(|_| TextError::Answers)?;
    Ok(answers.into_iter().map(Answer::from).collect())
}

/// Writes a challenged ballot: `{"psephos": 1, "kind": "challenged-ballot", "ballot": hex,
/// "nonce": hex, "answers": […]}`, the ballot being its unsigned entry.
pub fn write_opening(opened: &ChallengedBallot) -> Secret<String> {
    let n_values: usize = opened.answers.iter().map(|a| a.values.len()).sum();
    // Of the full size from the start: a text that grows leaves copies behind.
    let size = 200 + 2 * opened.unsigned.len() + 32 * opened.answers.len() + 11 * n_values;
    let mut text = String::with_capacity(size);
    let nonce = Secret::new(encode_hex(opened.nonce.expose().as_bytes()));
    let ballot = encode_hex(&opened.unsigned);
    text.push_str(r#"{"psephos":1,"kind":""#);
    for part in [
        KIND,
        r#"","ballot":""#,
        &ballot,
        r#"","nonce":""#,
        nonce.expose(),
    ] {
        text.push_str(part);
    }
    text.push_str(r#"","answers":["#);
    for (index, answer) in opened.answers.iter().enumerate() {
        let comma = |index| if index == 0 { "" } else { "," };
        text.push_str(comma(index));
        text.push_str(r#"{"values":["#);
        for (index, value) in answer.values.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = write!(text, "{}{value}", comma(index));
        }
        let _ = write!(text, r#"],"blank":{}}}"#, answer.blank);
    }
    text.push_str("]}");
    Secret::new(text)
}

/// Reads a challenged ballot. Nothing in it is checked yet.
///
/// # Errors
/// [`TextError::Opening`] if it is not written as [`write_opening`] does.
pub fn read_opening(text: &str) -> Result<ChallengedBallot, TextError> {
    let OpeningText {
        psephos,
        kind,
        ballot,
        nonce,
        answers,
    } = serde_json::from_str(text).map_err(|_| TextError::Opening)?;
    let (nonce, answers) = (
        Secret::new(nonce),
        answers.into_iter().map(Answer::from).collect(),
    );
    if psephos != 1 || kind != KIND {
        return Err(TextError::Opening);
    }
    let bytes = decode_hex(nonce.expose()).map(Secret::new);
    let nonce = bytes.and_then(|bytes| decode_scalar(bytes.expose()));
    let nonce = nonce.map(Secret::new).ok_or(TextError::Opening)?;
    Ok(ChallengedBallot {
        unsigned: entry(&ballot).ok_or(TextError::Opening)?,
        nonce,
        answers,
    })
}

/// An unsigned entry in hexadecimal digits.
fn entry(text: &str) -> Option<Vec<u8>> {
    if text.len() > 2 * MAX_ENTRY_LENGTH {
        return None;
    }
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| {
        let [byte] = decode_hex(std::str::from_utf8(pair).ok()?)?;
        Some(byte)
    };
    rest.is_empty().then(|| pairs.iter().map(byte).collect())?
}
