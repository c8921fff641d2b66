//! What pages call: the same functions, with bytes and JSON texts for JavaScript.
//!
//! Entries come as entry bundles are (docs/spec/board.md, "Log"): each with its length (u16,
//! big-endian) before it. What is thrown is a JSON text: `kind`, for the page to choose its words
//! by, `message`, one sentence of what happened, and sometimes what else is known.
//!
//! There are three wasm files, so that voters do not wait for what only others need: the feature
//! `booth` is what voting takes, with `ranges` also what surveys take, `auditor` what reading and
//! verifying boards takes.

#[cfg(feature = "auditor")]
mod auditor;
#[cfg(feature = "ranges")]
mod respondent;
#[cfg(feature = "booth")]
mod voter;

use serde::Serialize;
use wasm_bindgen::prelude::JsValue;

use crate::history::HistoryError;

/// What is thrown: the members of a JSON object, their values already written.
struct Thrown(Vec<(&'static str, String)>);

impl Thrown {
    fn new(kind: &str, message: impl ToString) -> Self {
        Self(Vec::new())
            .with("kind", kind)
            .with("message", message.to_string())
    }

    fn with(mut self, member: &'static str, value: impl Serialize) -> Self {
        self.0.push((member, text(&value)));
        self
    }
}

impl From<HistoryError> for Thrown {
    fn from(error: HistoryError) -> Self {
        match &error {
            HistoryError::Wanted { paths } => {
                Self::new("wanted", &error).with("paths", paths.as_slice())
            }
            HistoryError::TwoHistories(proof) => {
                Self::new("two-histories", &error).with("proof", proof.write())
            }
            _ => Self::new("board", error),
        }
    }
}

impl From<Thrown> for JsValue {
    fn from(thrown: Thrown) -> Self {
        let members = thrown.0.iter();
        let members: Vec<_> = members
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        Self::from_str(&format!("{{{}}}", members.join(",")))
    }
}

/// An error for which there are no words beyond its own.
fn other(error: impl std::fmt::Display) -> Thrown {
    Thrown::new("refused", error)
}

/// A value as JSON text; ours have string keys and no failing parts.
fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Splits joined entry bundles.
fn split(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bundle = rest;
    }
    Some(entries)
}

fn split_all(bundle: &[u8]) -> Result<Vec<&[u8]>, Thrown> {
    split(bundle).ok_or_else(|| Thrown::new("setup", "an entry bundle is cut off"))
}
