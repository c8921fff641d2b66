//! Checkpoints: C2SP signed notes over the size and root of the log (docs/spec/board.md).

#[cfg(test)]
mod tests;

use crate::{
    cosignature::{Cosignature, CosignatureError, is_key_name},
    log::Hash,
    manifest::Witness,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// More than any checkpoint needs.
pub const MAX_CHECKPOINT: u64 = 65_536;

/// A checkpoint has no more cosignatures than a manifest names witnesses.
pub const MAX_COSIGNATURES: usize = 16;

/// A note that is not a checkpoint, or not the board's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The bytes are no UTF-8 text.
    #[error("the checkpoint is not UTF-8 text")]
    NotText,
    /// The text is not three lines and signatures.
    #[error("the checkpoint is not a signed note: {rule}")]
    Form {
        /// The rule that is broken.
        rule: &'static str,
    },
    /// The origin is another log's.
    #[error("the checkpoint is of {found}, not of {expected}")]
    Origin {
        /// What the note says.
        found: String,
        /// What the manifest says.
        expected: String,
    },
    /// The manifest's key of the board is no Ed25519 key.
    #[error("the manifest's board key is not an Ed25519 key")]
    Key,
    /// The signature line is not of the board's key.
    #[error("the checkpoint is not signed with the board's key")]
    Unsigned,
    /// The board's signature does not hold.
    #[error("the board's signature of the checkpoint does not hold")]
    Signature,
    /// A line is of nobody whom the manifest names.
    #[error("the manifest names no witness `{name}` with the key of its cosignature")]
    Stranger {
        /// The name on the line.
        name: String,
    },
    /// A line is not in the manifest's order, or there twice.
    #[error("the cosignature of `{name}` is not in the manifest's order, or there twice")]
    Order {
        /// The name on the line.
        name: String,
    },
    /// A cosignature does not hold.
    #[error("the cosignature of `{name}` does not hold")]
    Cosignature {
        /// The name on the line.
        name: String,
    },
}

/// A parsed note; its signature is not yet checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnverifiedCheckpoint {
    /// The first line.
    pub origin: String,
    /// The number of entries.
    pub size: u64,
    /// The root of the log at that size.
    pub root: Hash,
    signed: String,
    signature: SignatureLine,
    cosignatures: Vec<Cosignature>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct SignatureLine {
    name: String,
    key_id: [u8; 4],
    signature: Signature,
}

/// A witness of the manifest that cosigned a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cosigned {
    /// Its number, from 1.
    pub witness: u16,
    /// When it cosigned, in seconds since 1970.
    pub time: u64,
}

/// A checkpoint that the board signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of entries.
    pub size: u64,
    /// The root of the log at that size.
    pub root: Hash,
}

impl UnverifiedCheckpoint {
    /// Parses a note strictly.
    ///
    /// # Errors
    /// [`CheckpointError::NotText`] and [`CheckpointError::Form`].
    pub fn parse(note: &[u8]) -> Result<Self, CheckpointError> {
        let form = |rule| CheckpointError::Form { rule };
        let board = Self::parse_board(note)?;
        let (_, block) = Text::parse(note)?;
        let cosignatures: Vec<Cosignature> = block
            .split('\n')
            .skip(1)
            .map(Cosignature::parse)
            .collect::<Option<_>>()
            .ok_or(form("a line after the board's is no cosignature"))?;
        if cosignatures.len() > MAX_COSIGNATURES {
            return Err(form("it has more than 16 cosignatures"));
        }
        Ok(UnverifiedCheckpoint {
            cosignatures,
            ..board
        })
    }

    /// Parses the text and the board's own signature line, whatever stands after them: a board
    /// that adds a false line to what it signed has still signed it.
    ///
    /// # Errors
    /// [`CheckpointError::NotText`] and [`CheckpointError::Form`].
    pub fn parse_board(note: &[u8]) -> Result<Self, CheckpointError> {
        let (text, block) = Text::parse(note)?;
        let signature = block
            .split('\n')
            .next()
            .and_then(SignatureLine::parse)
            .ok_or(CheckpointError::Form {
                rule: "the board's signature is malformed",
            })?;
        Ok(text.signed_with(signature))
    }

    /// Parses a note that may carry the signatures of others too: one checkpoint for each line
    /// that could be a board's, in their order. Lines of other kinds are left out.
    ///
    /// # Errors
    /// [`CheckpointError::NotText`] and [`CheckpointError::Form`].
    pub fn parse_cosigned(note: &[u8]) -> Result<Vec<Self>, CheckpointError> {
        let (text, block) = Text::parse(note)?;
        let signatures = block.lines().filter_map(SignatureLine::parse);
        Ok(signatures
            .map(|signature| text.signed_with(signature))
            .collect())
    }

    /// Whether lines stand after the board's.
    #[must_use]
    pub fn is_cosigned(&self) -> bool {
        !self.cosignatures.is_empty()
    }

    /// The text that is signed: origin, size and root, each with the end of its line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.signed
    }

    /// The note with the board's signature alone.
    #[must_use]
    pub fn note(&self) -> String {
        let line = &self.signature;
        let bytes = [&line.key_id[..], &line.signature.to_bytes()].concat();
        format!(
            "{}\n— {} {}\n",
            self.signed,
            line.name,
            STANDARD.encode(bytes)
        )
    }

    /// The note with all its lines.
    #[must_use]
    pub fn cosigned_note(&self) -> String {
        let lines: String = self.cosignatures.iter().map(Cosignature::line).collect();
        self.note() + &lines
    }

    /// Checks that every line after the board's is a cosignature of one of these witnesses, in
    /// their order and none twice; gives who cosigned.
    ///
    /// # Errors
    /// [`CheckpointError::Stranger`], [`CheckpointError::Order`] and
    /// [`CheckpointError::Cosignature`].
    pub fn check_cosignatures(
        &self,
        witnesses: &[Witness],
    ) -> Result<Vec<Cosigned>, CheckpointError> {
        let mut cosigned: Vec<Cosigned> = Vec::new();
        for line in &self.cosignatures {
            let name = || line.name.clone();
            let (number, witness) = (1..)
                .zip(witnesses)
                .find(|(_, witness)| witness.name == line.name)
                .ok_or_else(|| CheckpointError::Stranger { name: name() })?;
            if cosigned.last().is_some_and(|last| last.witness >= number) {
                return Err(CheckpointError::Order { name: name() });
            }
            line.verify(&witness.name, &witness.key, &self.signed)
                .map_err(|error| match error {
                    CosignatureError::Other => CheckpointError::Stranger { name: name() },
                    CosignatureError::Signature => CheckpointError::Cosignature { name: name() },
                })?;
            cosigned.push(Cosigned {
                witness: number,
                time: line.time,
            });
        }
        Ok(cosigned)
    }

    /// Checks that the note is of this log and signed with its key.
    ///
    /// # Errors
    /// [`CheckpointError`].
    pub fn verify(&self, origin: &str, key: &[u8; 32]) -> Result<Checkpoint, CheckpointError> {
        self.check_origin(origin)?;
        self.check_signature(key)?;
        Ok(Checkpoint {
            size: self.size,
            root: self.root,
        })
    }

    /// Checks that the note is of the log with this origin, and signed under its name.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`].
    pub fn check_origin(&self, origin: &str) -> Result<(), CheckpointError> {
        for found in [&self.origin, &self.signature.name] {
            if found != origin {
                return Err(CheckpointError::Origin {
                    found: found.clone(),
                    expected: origin.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Checks that the note is signed with this key, under whatever name it says (Ed25519,
    /// strictly).
    ///
    /// # Errors
    /// [`CheckpointError::Key`], [`CheckpointError::Unsigned`] and
    /// [`CheckpointError::Signature`].
    pub fn check_signature(&self, key: &[u8; 32]) -> Result<(), CheckpointError> {
        let verifying_key = verifying_key(key).ok_or(CheckpointError::Key)?;
        let id: [u8; 32] = Sha256::new()
            .chain_update(&self.signature.name)
            .chain_update(b"\n\x01")
            .chain_update(key)
            .finalize()
            .into();
        if !id.starts_with(&self.signature.key_id) {
            return Err(CheckpointError::Unsigned);
        }
        verifying_key
            .verify_strict(self.signed.as_bytes(), &self.signature.signature)
            .map_err(|_| CheckpointError::Signature)
    }
}

/// The text of a note, before its signatures.
struct Text<'a> {
    origin: &'a str,
    size: u64,
    root: Hash,
    signed: &'a str,
}

impl<'a> Text<'a> {
    /// Reads the text; gives the signature lines too, without the end of the last.
    fn parse(note: &'a [u8]) -> Result<(Self, &'a str), CheckpointError> {
        let form = |rule| CheckpointError::Form { rule };
        let note = std::str::from_utf8(note).map_err(|_| CheckpointError::NotText)?;
        if note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(form("it holds control characters"));
        }
        let split = note
            .find("\n\n")
            .ok_or(form("no empty line before the signatures"))?;
        let (signed, rest) = note
            .split_at_checked(split + 1)
            .ok_or(form("no empty line before the signatures"))?;
        let mut lines = signed.lines();
        let (Some(origin), Some(size), Some(root), None) =
            (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(form("the text is not origin, size and root"));
        };
        if origin.is_empty() {
            return Err(form("the origin is empty"));
        }
        let size_is_plain = size.bytes().all(|byte| byte.is_ascii_digit())
            && (size == "0" || !size.starts_with('0'));
        let size = size
            .parse()
            .ok()
            .filter(|_| size_is_plain)
            .ok_or(form("the size is not a plain number"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(form("the root is not 32 bytes in base64"))?;
        let block = rest
            .strip_prefix('\n')
            .and_then(|block| block.strip_suffix('\n'))
            .ok_or(form("the last line does not end"))?;
        let text = Self {
            origin,
            size,
            root,
            signed,
        };
        Ok((text, block))
    }

    fn signed_with(&self, signature: SignatureLine) -> UnverifiedCheckpoint {
        UnverifiedCheckpoint {
            origin: self.origin.to_owned(),
            size: self.size,
            root: self.root,
            signed: self.signed.to_owned(),
            signature,
            cosignatures: Vec::new(),
        }
    }
}

impl SignatureLine {
    /// `— name base64`, with a key id of four bytes before the signature.
    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = STANDARD.decode(encoded).ok()?;
        let (key_id, signature) = bytes.split_first_chunk()?;
        let signature = Signature::from_slice(signature).ok()?;
        is_key_name(name).then(|| Self {
            name: name.to_owned(),
            key_id: *key_id,
            signature,
        })
    }
}

/// The key, if its encoding is canonical.
pub(crate) fn verifying_key(key: &[u8; 32]) -> Option<VerifyingKey> {
    let decoded = VerifyingKey::from_bytes(key).ok();
    decoded.filter(|_| is_canonical(key))
}

/// Whether the y of an encoded point is below 2^255 − 19: decoding alone takes larger ones too.
fn is_canonical(point: &[u8; 32]) -> bool {
    let [first, middle @ .., last] = point;
    *first < 0xed || last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}
