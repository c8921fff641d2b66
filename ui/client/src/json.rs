//! Answers as pages hand them over, in a JSON text. They are secret, and erased after use as far as
//! Rust holds them; what a page keeps in JavaScript's strings, nobody can erase.

use protocol::ballot::Answer;
use serde::Deserialize;

/// A text that holds no answers. Nothing of it is repeated.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the answers are not a JSON array of {{\"values\": [number, …], \"blank\": bool}}")]
pub struct NoAnswers;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerText {
    values: Vec<u32>,
    blank: bool,
}

/// Reads answers, `[{"values": [number, …], "blank": bool}, …]`, one per contest of the style.
///
/// # Errors
/// [`NoAnswers`] if they are written in another way.
pub fn answers(text: &str) -> Result<Vec<Answer>, NoAnswers> {
    let answers: Vec<AnswerText> = serde_json::from_str(text).map_err(|_| NoAnswers)?;
    let answers = answers.into_iter();
    Ok(answers
        .map(|AnswerText { values, blank }| Answer { values, blank })
        .collect())
}
