//! Cosignatures (C2SP tlog-cosignature, `cosignature/v1`): at this time, this is the largest
//! board that the witness has seen, and it begins with every board that it saw before.

use crate::{checkpoint::verifying_key, log::Hash};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signature;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The signature type of a cosignature in a signed note.
pub const TYPE: u8 = 0x04;

/// A line that is not the cosignature of this witness under this text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CosignatureError {
    /// The line is of somebody else.
    #[error("the line is not a cosignature of this witness")]
    Other,
    /// The signature does not hold.
    #[error("the cosignature does not hold")]
    Signature,
}

/// A line of a note that has the form of a cosignature; it is not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The name of the witness, by its own word.
    pub name: String,
    key_id: [u8; 4],
    /// When it cosigned, in seconds since 1970.
    pub time: u64,
    signature: [u8; 64],
}

impl Cosignature {
    /// Reads `— name base64(id ‖ time ‖ signature)`, without the end of the line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        if !is_key_name(name) {
            return None;
        }
        let bytes = STANDARD.decode(encoded).ok()?;
        let (key_id, rest) = bytes.split_first_chunk()?;
        let (time, signature) = rest.split_first_chunk()?;
        Some(Self {
            name: name.to_owned(),
            key_id: *key_id,
            time: u64::from_be_bytes(*time),
            signature: signature.try_into().ok()?,
        })
    }

    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        line(&self.name, &self.key_id, self.time, &self.signature)
    }

    /// Checks the line as that of this witness under the text of a checkpoint.
    ///
    /// # Errors
    /// [`CosignatureError`].
    pub fn verify(&self, name: &str, key: &[u8; 32], text: &str) -> Result<(), CosignatureError> {
        if self.name != name || self.key_id != key_id(name, key) {
            return Err(CosignatureError::Other);
        }
        verify(key, self.time, text, &self.signature)
    }
}

/// The bytes that are signed; `time` in seconds since 1970, `text` that of the checkpoint.
#[must_use]
pub fn message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// The first bytes of SHA-256(name ‖ 0x0A ‖ 0x04 ‖ key).
#[must_use]
pub fn key_id(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', TYPE])
        .chain_update(key)
        .finalize()
        .into();
    [a, b, c, d]
}

/// A signature line, with its end.
#[must_use]
pub fn line(name: &str, key_id: &[u8; 4], time: u64, signature: &[u8; 64]) -> String {
    let bytes = [&key_id[..], &time.to_be_bytes(), signature];
    format!("— {name} {}\n", STANDARD.encode(bytes.concat()))
}

/// Whether the signature of a witness-close is the witness's cosignature of the log of this size
/// (docs/spec/tally.md).
///
/// # Errors
/// [`CosignatureError::Signature`].
pub fn certifies(
    key: &[u8; 32],
    time: u64,
    (origin, size, root): (&str, u64, &Hash),
    signature: &[u8; 64],
) -> Result<(), CosignatureError> {
    let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
    verify(key, time, &text, signature)
}

/// What a signed note allows as the name of a key.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c == '+' || c.is_whitespace())
}

/// Ed25519, strictly.
fn verify(
    key: &[u8; 32],
    time: u64,
    text: &str,
    signature: &[u8; 64],
) -> Result<(), CosignatureError> {
    verifying_key(key)
        .and_then(|key| {
            let signature = Signature::from_bytes(signature);
            key.verify_strict(&message(time, text), &signature).ok()
        })
        .ok_or(CosignatureError::Signature)
}
