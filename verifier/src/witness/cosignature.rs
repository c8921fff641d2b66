//! Cosignatures (C2SP tlog-cosignature, `cosignature/v1`): at this time, this is the largest
//! board that the witness has seen, and it begins with every board that it saw before.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The signature type of a cosignature in a signed note.
pub const TYPE: u8 = 0x04;

/// A line that is not the cosignature of this witness under this text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CosignatureError {
    /// The line is of somebody else, or not a cosignature.
    #[error("the line is not a cosignature of this witness")]
    Other,
    /// The signature does not hold.
    #[error("the cosignature does not hold")]
    Signature,
}

/// The bytes that are signed; `time` in seconds since 1970, `text` that of the checkpoint.
#[must_use]
pub fn message(time: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{text}").into_bytes()
}

/// The first bytes of SHA-256(name ‖ 0x0A ‖ 0x04 ‖ key).
#[must_use]
pub fn key_id(name: &str, key: &VerifyingKey) -> [u8; 4] {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', TYPE])
        .chain_update(key.as_bytes())
        .finalize()
        .into();
    [a, b, c, d]
}

/// The signature line, with its end.
#[must_use]
pub fn line(name: &str, key: &VerifyingKey, time: u64, signature: &Signature) -> String {
    let bytes = [
        &key_id(name, key)[..],
        &time.to_be_bytes(),
        &signature.to_bytes(),
    ];
    format!("— {name} {}\n", STANDARD.encode(bytes.concat()))
}

/// Checks a signature line under the text of a checkpoint; gives its time.
///
/// # Errors
/// [`CosignatureError`].
pub fn verify(
    name: &str,
    key: &VerifyingKey,
    text: &str,
    line: &str,
) -> Result<u64, CosignatureError> {
    let encoded = line
        .strip_prefix("— ")
        .and_then(|rest| rest.strip_prefix(name)?.strip_prefix(' '))
        .ok_or(CosignatureError::Other)?;
    let bytes = STANDARD
        .decode(encoded)
        .map_err(|_| CosignatureError::Other)?;
    let parts = bytes
        .split_first_chunk::<4>()
        .and_then(|(id, rest)| Some((id, rest.split_first_chunk::<8>()?)));
    let Some((id, (time, signature))) = parts else {
        return Err(CosignatureError::Other);
    };
    let signature = Signature::from_slice(signature).map_err(|_| CosignatureError::Other)?;
    if *id != key_id(name, key) {
        return Err(CosignatureError::Other);
    }
    let time = u64::from_be_bytes(*time);
    key.verify_strict(&message(time, text), &signature)
        .map_err(|_| CosignatureError::Signature)?;
    Ok(time)
}
