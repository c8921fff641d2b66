//! Witnesses of a board, and their cosignatures of its checkpoints.
//!
//! Spec: docs/spec/board.md, "Cosignatures". Format: C2SP tlog-cosignature, Ed25519.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::encoding::{decode_hex, encode_hex};
use crate::note::{SignatureType, key_id, read_signature_line, signature_line, verify_ed25519};

/// Most witnesses of a board.
pub const MAX_WITNESSES: usize = 16;
/// Most bytes of a witness's name.
const MAX_NAME_LENGTH: usize = 100;

/// Somebody who cosigns checkpoints of a board only if they contain all that it cosigned before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The name of its key. Text of others: it may say anything but white space and `+`.
    pub name: String,
    /// Its Ed25519 key, 32 bytes, not decoded.
    pub key: [u8; 32],
}

/// A cosignature of a witness that the manifest names, verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// The witness's number in the manifest, from 1.
    pub witness: u16,
    /// When it signed, in seconds since 1970 (UTC), as it says.
    pub time: u64,
    /// The Ed25519 signature.
    pub signature: [u8; 64],
}

/// Why a cosignature is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum CosignatureError {
    /// Not a line of this witness.
    #[error("the line is not a cosignature of this witness")]
    Other,
    /// The signature does not hold.
    #[error("the cosignature does not hold for this checkpoint")]
    Signature,
}

/// Why a text is not the key of a witness.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum WitnessKeyError {
    /// Another form.
    #[error(
        "a witness's key has the form name+8 hexadecimal digits+base64, as `verifier witness` prints it"
    )]
    Form,
    /// A name that manifests do not take.
    #[error(
        "a witness's name has 1 to {MAX_NAME_LENGTH} bytes, without white space, plus signs and control characters"
    )]
    Name,
    /// Name, id and key do not belong together.
    #[error("the id does not belong to the name and the key; copy the whole line again")]
    Id,
}

/// Whether a manifest takes this name of a witness: a key name of a signed note, in the form of
/// the manifest's strings.
pub fn is_witness_name(name: &str) -> bool {
    let reorders = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '+' && !reorders(c);
    (1..=MAX_NAME_LENGTH).contains(&name.len()) && name.chars().all(is_plain)
}

/// The bytes that a witness signs; `text` is that of the checkpoint.
pub fn cosigned_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl Witness {
    /// Reads a key as witnesses hand it on: `name+id+base64(0x04 ‖ key)`.
    ///
    /// # Errors
    /// [`WitnessKeyError`], naming what is wrong.
    pub fn parse(text: &str) -> Result<Self, WitnessKeyError> {
        let mut parts = text.splitn(3, '+');
        let parts = parts.next().zip(parts.next()).zip(parts.next());
        let ((name, id), encoded) = parts.ok_or(WitnessKeyError::Form)?;
        let id: [u8; 4] = decode_hex(id).ok_or(WitnessKeyError::Form)?;
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|_| WitnessKeyError::Form)?;
        let Some((&[signature_type], key)) = bytes.split_first_chunk::<1>() else {
            return Err(WitnessKeyError::Form);
        };
        let key = key.try_into().map_err(|_| WitnessKeyError::Form)?;
        if signature_type != SignatureType::Cosignature as u8 {
            return Err(WitnessKeyError::Form);
        }
        if !is_witness_name(name) {
            return Err(WitnessKeyError::Name);
        }
        if id != key_id(name, SignatureType::Cosignature, &key) {
            return Err(WitnessKeyError::Id);
        }
        Ok(Self {
            name: name.to_owned(),
            key,
        })
    }

    /// The key as it is handed on.
    pub fn verifier_key(&self) -> String {
        let id = key_id(&self.name, SignatureType::Cosignature, &self.key);
        let key = [[SignatureType::Cosignature as u8].as_slice(), &self.key].concat();
        format!("{}+{}+{}", self.name, encode_hex(&id), STANDARD.encode(key))
    }

    /// The signature line, with its line feed.
    pub fn line(&self, time: u64, signature: &[u8; 64]) -> String {
        let content = [time.to_be_bytes().as_slice(), signature].concat();
        let kind = SignatureType::Cosignature;
        signature_line(&self.name, kind, &self.key, &content)
    }

    /// Checks the signature of a checkpoint's text at a time.
    ///
    /// # Errors
    /// [`CosignatureError::Signature`] if it does not hold.
    pub fn verify(
        &self,
        text: &str,
        time: u64,
        signature: &[u8; 64],
    ) -> Result<(), CosignatureError> {
        verify_ed25519(
            &self.key,
            cosigned_message(time, text).as_bytes(),
            signature,
        )
        .map_err(|_| CosignatureError::Signature)
    }

    /// Whether a signature line, without its line feed, carries this witness's name.
    pub(crate) fn is_named_on(&self, line: &str) -> bool {
        line.strip_prefix("\u{2014} ")
            .and_then(|rest| rest.strip_prefix(self.name.as_str()))
            .is_some_and(|rest| rest.starts_with(' '))
    }

    /// Checks a signature line, without its line feed, under a checkpoint's text; gives time and
    /// signature.
    ///
    /// # Errors
    /// [`CosignatureError`], naming what is wrong.
    pub fn verify_line(&self, text: &str, line: &str) -> Result<(u64, [u8; 64]), CosignatureError> {
        let kind = SignatureType::Cosignature;
        let content = read_signature_line(line, &self.name, kind, &self.key)
            .ok_or(CosignatureError::Other)?;
        let parts = content
            .split_first_chunk::<8>()
            .and_then(|(time, signature)| Some((*time, signature.try_into().ok()?)));
        let (time, signature) = parts.ok_or(CosignatureError::Other)?;
        let time = u64::from_be_bytes(time);
        self.verify(text, time, &signature)?;
        Ok((time, signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer as _, SigningKey};

    fn witness() -> (Witness, SigningKey) {
        let key = SigningKey::from_bytes(&[5; 32]);
        let witness = Witness {
            name: "witness.example/ada".to_owned(),
            key: key.verifying_key().to_bytes(),
        };
        (witness, key)
    }

    #[test]
    fn a_line_reads_back_and_no_changed_character_does() {
        let (witness, key) = witness();
        let text = "example.org/e/00\n5\nAAAA\n";
        let signature = key.sign(cosigned_message(7, text).as_bytes()).to_bytes();
        let line = witness.line(7, &signature);
        let line = line.strip_suffix('\n').unwrap();
        assert_eq!(witness.verify_line(text, line), Ok((7, signature)));
        assert!(
            witness
                .verify_line("example.org/e/00\n6\nAAAA\n", line)
                .is_err()
        );
        for position in 0..line.len() {
            let mut bytes = line.as_bytes().to_vec();
            bytes[position] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(witness.verify_line(text, &changed).is_err(), "{position}");
            }
        }
    }

    #[test]
    fn a_key_that_is_handed_on_reads_back_and_a_mistyped_one_is_named() {
        let (witness, _) = witness();
        let text = witness.verifier_key();
        assert_eq!(Witness::parse(&text), Ok(witness));
        let other = text.replace("/ada+", "/eve+");
        assert_eq!(Witness::parse(&other), Err(WitnessKeyError::Id));
        for (wrong, error) in [
            ("", WitnessKeyError::Form),
            ("a+b", WitnessKeyError::Form),
            (&text.replace("ada+", "ada+0"), WitnessKeyError::Form),
            (&text.replacen("+B", "+A", 1), WitnessKeyError::Form),
            (&format!("{text}="), WitnessKeyError::Form),
            (&text.replace("witness", "wit ness"), WitnessKeyError::Name),
            (&text.replace("witness", "\u{202e}"), WitnessKeyError::Name),
            (&format!("{}{text}", "w".repeat(100)), WitnessKeyError::Name),
        ] {
            assert_eq!(Witness::parse(wrong), Err(error), "{wrong}");
        }
    }
}
