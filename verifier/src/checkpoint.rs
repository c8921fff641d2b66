//! Checkpoints: C2SP signed notes over the size and root of the log (docs/spec/board.md).

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosignature;
    use ed25519_dalek::{Signer, SigningKey};

    const ORIGIN: &str = "vote.example/e/00";

    fn note(text: &str, name: &str, signing_key: &SigningKey) -> String {
        let key = signing_key.verifying_key().to_bytes();
        let id = Sha256::digest([name.as_bytes(), b"\n\x01", &key].concat());
        let signature = signing_key.sign(text.as_bytes()).to_bytes();
        let line = STANDARD.encode([&id[..4], &signature].concat());
        format!("{text}\n— {name} {line}\n")
    }

    fn text(size: &str) -> String {
        format!("{ORIGIN}\n{size}\n{}\n", STANDARD.encode([7; 32]))
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[3; 32])
    }

    fn verify(note: &str) -> Result<Checkpoint, CheckpointError> {
        UnverifiedCheckpoint::parse(note.as_bytes())?
            .verify(ORIGIN, &key().verifying_key().to_bytes())
    }

    #[test]
    fn a_checkpoint_with_its_one_signature_verifies() {
        let plain = note(&text("12"), ORIGIN, &key());
        let expected = Checkpoint {
            size: 12,
            root: [7; 32],
        };
        assert_eq!(verify(&plain), Ok(expected));
    }

    #[test]
    fn of_a_cosigned_note_the_lines_that_could_be_a_boards_are_read() {
        let plain = note(&text("12"), ORIGIN, &key());
        let other = note(&text("12"), "other.example", &key());
        let other = other.lines().last().unwrap();
        let cosigned = format!("{plain}— witness.example AAAAAAAA\n{other}\n");
        let found = UnverifiedCheckpoint::parse_cosigned(cosigned.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].note(), plain);
        assert_eq!(found[0].text(), text("12"));
        let bad = cosigned.replacen("12\n", "012\n", 1);
        assert!(UnverifiedCheckpoint::parse_cosigned(bad.as_bytes()).is_err());
    }

    /// After the good line: another log's, an unknown kind's, itself; before it: a cosignature.
    #[test]
    fn a_line_that_is_no_cosignature_after_the_boards_is_refused() {
        let plain = note(&text("12"), ORIGIN, &key());
        let own = plain.lines().last().unwrap();
        let (head, _) = plain.rsplit_once("—").unwrap();
        let other = note(&text("12"), "witness.example", &key());
        let refused = |note: &str| {
            let refused = matches!(verify(note), Err(CheckpointError::Form { .. }));
            assert!(refused, "{note:?}");
        };
        for line in [
            "— witness.example AAAAAAAA",
            own,
            other.lines().last().unwrap(),
            "",
        ] {
            refused(&format!("{plain}{line}\n"));
        }
        let cosignature = cosignature::line("witness.example", &[1; 4], 7, &[2; 64]);
        refused(&format!("{head}{cosignature}{own}\n"));
        assert!(verify(&format!("{plain}{}", cosignature.repeat(16))).is_ok());
        refused(&format!("{plain}{}", cosignature.repeat(17)));
    }

    #[test]
    fn cosignatures_are_of_named_witnesses_in_their_order() {
        let witness = |number: u8| SigningKey::from_bytes(&[number; 32]);
        let named: Vec<Witness> = (1..=3)
            .map(|number| Witness {
                name: format!("w{number}.example"),
                key: witness(number).verifying_key().to_bytes(),
            })
            .collect();
        let plain = note(&text("12"), ORIGIN, &key());
        let line = |name: &str, number: u8, time: u64| {
            let key = witness(number).verifying_key().to_bytes();
            let signature = witness(number).sign(&cosignature::message(7, &text("12")));
            let id = cosignature::key_id(name, &key);
            cosignature::line(name, &id, time, &signature.to_bytes())
        };
        let [one, three] = [line("w1.example", 1, 7), line("w3.example", 3, 7)];
        let check = |lines: &[&str]| {
            let note = plain.clone() + &lines.concat();
            let note = UnverifiedCheckpoint::parse(note.as_bytes()).unwrap();
            note.check_cosignatures(&named)
        };
        assert_eq!(check(&[]), Ok(Vec::new()));
        let cosigned = [1, 3].map(|witness| Cosigned { witness, time: 7 });
        assert_eq!(check(&[&one, &three]), Ok(cosigned.to_vec()));
        for twice in [[&one, &one], [&three, &one]] {
            let name = "w1.example".to_owned();
            let order = Err(CheckpointError::Order { name });
            assert_eq!(check(&twice.map(String::as_str)), order);
        }
        for (name, number) in [("w4.example", 1), ("w1.example", 2)] {
            let error = check(&[&line(name, number, 7)]);
            assert!(
                matches!(error, Err(CheckpointError::Stranger { .. })),
                "{name}"
            );
        }
        let name = "w1.example".to_owned();
        let forged = Err(CheckpointError::Cosignature { name });
        assert_eq!(check(&[&line("w1.example", 1, 8)]), forged);
    }

    /// The same point with y + p: RFC 8032 refuses it, and so must we.
    #[test]
    fn a_key_that_is_not_canonical_verifies_nothing() {
        let mut accepted = 0;
        for low in 0xed..=0xff {
            let mut key = [0xff; 32];
            key[0] = low;
            key[31] = 0x7f;
            accepted += usize::from(VerifyingKey::from_bytes(&key).is_ok());
            assert!(!is_canonical(&key));
            let plain = note(&text("12"), ORIGIN, &self::key());
            let parsed = UnverifiedCheckpoint::parse(plain.as_bytes()).unwrap();
            assert_eq!(parsed.verify(ORIGIN, &key), Err(CheckpointError::Key));
        }
        assert!(accepted > 0, "decoding alone would take some of them");
        let mut largest = [0xff; 32];
        largest[0] = 0xec;
        assert!(is_canonical(&largest) && is_canonical(&[0; 32]));
    }

    #[test]
    fn a_signature_of_another_key_or_name_or_text_is_refused() {
        let other = note(&text("12"), ORIGIN, &SigningKey::from_bytes(&[4; 32]));
        assert_eq!(verify(&other), Err(CheckpointError::Unsigned));
        let name = note(&text("12"), "other.example", &key());
        assert!(matches!(verify(&name), Err(CheckpointError::Origin { .. })));
        let changed = note(&text("12"), ORIGIN, &key()).replacen("12\n", "13\n", 1);
        assert_eq!(verify(&changed), Err(CheckpointError::Signature));
        let foreign = note("x\n1\nAAAA\n", ORIGIN, &key());
        assert!(matches!(
            verify(&foreign),
            Err(CheckpointError::Form { .. })
        ));
    }

    #[test]
    fn malformed_notes_are_refused() {
        let good = note(&text("12"), ORIGIN, &key());
        for bad in [
            String::new(),
            text("12"),
            good.trim_end().to_owned(),
            format!("{good}\n"),
            format!("{good}x\n"),
            good.replace('\n', "\r\n"),
            note(&text("012"), ORIGIN, &key()),
            note(&text("+12"), ORIGIN, &key()),
            note(&text("18446744073709551616"), ORIGIN, &key()),
            note(&text(""), ORIGIN, &key()),
            note(&(text("12") + "extension\n"), ORIGIN, &key()),
            note(&format!("{ORIGIN}\n12\nAAAA\n"), ORIGIN, &key()),
            good.replacen("— ", "- ", 1),
        ] {
            assert!(
                matches!(verify(&bad), Err(CheckpointError::Form { .. })),
                "{bad:?}"
            );
        }
        assert_eq!(
            UnverifiedCheckpoint::parse(&[0xff]),
            Err(CheckpointError::NotText)
        );
    }

    #[test]
    fn a_key_of_small_order_verifies_nothing() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let id = Sha256::digest([ORIGIN.as_bytes(), b"\n\x01", &identity].concat());
        let mut signature = [0; 64];
        signature[0] = 1;
        let line = STANDARD.encode([&id[..4], &signature].concat());
        let note = format!("{}\n— {ORIGIN} {line}\n", text("12"));
        let parsed = UnverifiedCheckpoint::parse(note.as_bytes()).unwrap();
        assert_eq!(
            parsed.verify(ORIGIN, &identity),
            Err(CheckpointError::Signature)
        );
    }
}
