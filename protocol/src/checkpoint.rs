//! Checkpoints: the signed size and root of a board's log.
//!
//! Spec: docs/spec/board.md, "Log". Formats: C2SP signed-note and tlog-checkpoint.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::cosignature::{Cosignature, MAX_WITNESSES};
use crate::manifest::BoardIdentity;
use crate::note::{SignatureType, read_signature_line, signature_line, verify_ed25519};
use crate::transcript::Digest;

/// No honest checkpoint, with all its witnesses, is longer.
const MAX_LENGTH: usize = 16_384;

/// Size and root of a log, whose signature was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Number of entries.
    pub size: u64,
    /// Root of the log.
    pub root: Digest,
}

/// Why a checkpoint is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not a checkpoint.
    #[error("the checkpoint is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// Another log.
    #[error("the checkpoint is of another log than the manifest names")]
    Origin,
    /// No signature of the board.
    #[error("the checkpoint is not signed with the board key that the manifest names")]
    Signature,
    /// A line after the board's that is no good cosignature.
    #[error(
        "line {line} after the board's signature is not a valid cosignature of a witness that the manifest names, or not in its order"
    )]
    Cosignature {
        /// Which of these lines, from 1.
        line: usize,
    },
}

/// A checkpoint whose signatures were all checked, with those of its witnesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosignedCheckpoint {
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The cosignatures on it, in the manifest's order, none twice.
    pub cosignatures: Vec<Cosignature>,
}

/// The text of a checkpoint that is signed.
pub fn checkpoint_text(origin: &str, size: u64, root: &Digest) -> String {
    format!("{origin}\n{size}\n{}\n", STANDARD.encode(root.as_bytes()))
}

/// The note of a checkpoint text and its Ed25519 signature by the board.
pub fn checkpoint_note(board: &BoardIdentity, text: &str, signature: &[u8; 64]) -> String {
    let kind = SignatureType::Note;
    let line = signature_line(&board.origin, kind, &board.key, signature);
    format!("{text}\n{line}")
}

/// A note up to the board's own signature line: what convicts a board, without what it may have
/// added to be spared.
pub fn board_note(note: &str) -> &str {
    let lines = note.split_inclusive('\n');
    let end: usize = lines
        .scan(false, |is_last, line| {
            let length = (!*is_last).then_some(line.len());
            *is_last |= line.starts_with('\u{2014}');
            length
        })
        .sum();
    note.split_at_checked(end).map_or(note, |(note, _)| note)
}

/// The note of a checkpoint that carries the board's signature only, with these cosignatures.
pub fn cosigned_note(board: &BoardIdentity, note: &str, cosignatures: &[Cosignature]) -> String {
    let mut cosignatures: Vec<&Cosignature> = cosignatures.iter().collect();
    cosignatures.sort_by_key(|cosignature| cosignature.witness);
    cosignatures.dedup_by_key(|cosignature| cosignature.witness);
    let lines = cosignatures.into_iter().filter_map(|cosignature| {
        let witness = board.witness(cosignature.witness)?;
        Some(witness.line(cosignature.time, &cosignature.signature))
    });
    std::iter::once(note.to_owned()).chain(lines).collect()
}

impl Checkpoint {
    /// Checks strictly what the board signed, and gives what it says. What stands after the
    /// board's signature is not looked at: a board that adds something strange to a checkpoint
    /// has signed it all the same.
    ///
    /// # Errors
    /// [`CheckpointError`], naming what is wrong.
    pub fn verify(note: &str, board: &BoardIdentity) -> Result<Self, CheckpointError> {
        CosignedCheckpoint::verify(board_note(note), board).map(|cosigned| cosigned.checkpoint)
    }
}

impl CosignedCheckpoint {
    /// Checks a note strictly, with every cosignature on it.
    ///
    /// # Errors
    /// [`CheckpointError`], naming what is wrong.
    pub fn verify(note: &str, board: &BoardIdentity) -> Result<Self, CheckpointError> {
        let malformed = |what| CheckpointError::Malformed { what };
        if note.len() > MAX_LENGTH {
            return Err(malformed("it is too long"));
        }
        let (text, signatures) = note
            .split_once("\n\n")
            .ok_or(malformed("it has no signatures"))?;
        let text = format!("{text}\n");
        let lines: Vec<&str> = text.lines().collect();
        let [origin, size, root] = lines.as_slice() else {
            return Err(malformed("it must have three lines"));
        };
        if *origin != board.origin {
            return Err(CheckpointError::Origin);
        }
        let size = size
            .parse::<u64>()
            .map_err(|_| malformed("its size is not a number"))?;
        let root = STANDARD
            .decode(root)
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        let root = Digest(root.ok_or(malformed("its root is not a hash"))?);
        // Only the one way of writing these values is signed.
        if text != checkpoint_text(origin, size, &root) {
            return Err(malformed("it is not written in the one allowed way"));
        }
        let lines = signatures
            .strip_suffix('\n')
            .ok_or(malformed("its last line does not end"))?;
        let mut lines = lines.split('\n');
        let kind = SignatureType::Note;
        lines
            .next()
            .and_then(|line| read_signature_line(line, &board.origin, kind, &board.key))
            .and_then(|signature| verify_ed25519(&board.key, text.as_bytes(), &signature).ok())
            .ok_or(CheckpointError::Signature)?;
        Ok(Self {
            checkpoint: Checkpoint { size, root },
            cosignatures: cosignatures(&text, &lines.collect::<Vec<_>>(), board)?,
        })
    }

    /// Whether enough witnesses cosigned it; never, if the manifest names none.
    pub fn is_witnessed(&self, board: &BoardIdentity) -> bool {
        board.witness_quorum > 0 && self.cosignatures.len() >= usize::from(board.witness_quorum)
    }
}

/// The cosignatures of these lines.
fn cosignatures(
    text: &str,
    lines: &[&str],
    board: &BoardIdentity,
) -> Result<Vec<Cosignature>, CheckpointError> {
    if lines.len() > MAX_WITNESSES {
        return Err(CheckpointError::Malformed {
            what: "it has more than 16 cosignatures",
        });
    }
    let mut witnesses = (1u16..).zip(&board.witnesses);
    let read = |(index, line): (usize, &&str)| {
        // What is left of the witnesses stands behind the one before.
        let named = witnesses.find(|(_, witness)| witness.is_named_on(line));
        let verified = named.and_then(|(number, witness)| {
            let (time, signature) = witness.verify_line(text, line).ok()?;
            Some(Cosignature {
                witness: number,
                time,
                signature,
            })
        });
        verified.ok_or(CheckpointError::Cosignature { line: index + 1 })
    };
    lines.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosignature::{Witness, cosigned_message};
    use ed25519_dalek::{Signer as _, SigningKey};

    fn note(size: &str) -> (String, BoardIdentity) {
        let key = SigningKey::from_bytes(&[7; 32]);
        let board = BoardIdentity {
            origin: "example.org/e/00".to_owned(),
            key: key.verifying_key().to_bytes(),
            witnesses: Vec::new(),
            witness_quorum: 0,
        };
        let text = checkpoint_text(&board.origin, 5, &Digest([9; 32]))
            .replace("\n5\n", &format!("\n{size}\n"));
        let signature = key.sign(text.as_bytes()).to_bytes();
        (checkpoint_note(&board, &text, &signature), board)
    }

    #[test]
    fn a_checkpoint_verifies_and_no_changed_character_does() {
        let (good, board) = note("5");
        assert_eq!(
            Checkpoint::verify(&good, &board),
            Ok(Checkpoint {
                size: 5,
                root: Digest([9; 32])
            })
        );
        for position in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[position] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(
                    Checkpoint::verify(&changed, &board).is_err(),
                    "byte {position}"
                );
            }
        }
    }

    #[test]
    fn another_key_and_loose_writings_are_refused() {
        let (good, mut board) = note("5");
        for loose in [
            good.replace("=\n", "=\r\n"),
            good.replace("\n\n", "\n"),
            good.replacen('\n', "\n\n", 1),
        ] {
            assert!(Checkpoint::verify(&loose, &board).is_err(), "{loose:?}");
        }
        for size in ["05", "+5", " 5", "5 "] {
            assert!(
                Checkpoint::verify(&note(size).0, &board).is_err(),
                "{size:?}"
            );
        }
        board.key = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
        assert_eq!(
            Checkpoint::verify(&good, &board),
            Err(CheckpointError::Signature)
        );
        board.origin = "example.org/e/01".to_owned();
        assert_eq!(
            Checkpoint::verify(&good, &board),
            Err(CheckpointError::Origin)
        );
    }

    /// A checkpoint of a board with three witnesses, and their cosignature lines.
    fn witnessed() -> (String, BoardIdentity, Vec<String>) {
        let (note, mut board) = note("5");
        let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
        let mut lines = Vec::new();
        for number in 1..=3u8 {
            let key = SigningKey::from_bytes(&[number; 32]);
            let witness = Witness {
                name: format!("w{number}"),
                key: key.verifying_key().to_bytes(),
            };
            let time = 1_700_000_000 + u64::from(number);
            let signature = key.sign(cosigned_message(time, &text).as_bytes());
            lines.push(witness.line(time, &signature.to_bytes()));
            board.witnesses.push(witness);
        }
        board.witness_quorum = 2;
        (note, board, lines)
    }

    fn witnesses_on(note: &str, board: &BoardIdentity) -> Result<Vec<u16>, CheckpointError> {
        let cosigned = CosignedCheckpoint::verify(note, board)?;
        let witnesses = cosigned.cosignatures.iter().map(|one| one.witness);
        Ok(witnesses.collect())
    }

    #[test]
    fn cosignatures_of_named_witnesses_are_counted_in_their_order_only() {
        let (note, board, lines) = witnessed();
        let with = |numbers: &[usize]| {
            let lines = numbers.iter().map(|number| lines[*number].as_str());
            note.clone() + &lines.collect::<String>()
        };
        for (numbers, witnesses) in [
            ([].as_slice(), [].as_slice()),
            (&[1], &[2]),
            (&[0, 2], &[1, 3]),
            (&[0, 1, 2], &[1, 2, 3]),
        ] {
            let note = with(numbers);
            assert_eq!(witnesses_on(&note, &board).unwrap(), witnesses);
            let cosigned = CosignedCheckpoint::verify(&note, &board).unwrap();
            assert_eq!(cosigned.is_witnessed(&board), numbers.len() >= 2);
            let mut backwards = cosigned.cosignatures;
            backwards.reverse();
            assert_eq!(cosigned_note(&board, &with(&[]), &backwards), note);
        }
        for (numbers, line) in [
            ([1, 0].as_slice(), 2),
            (&[1, 1], 2),
            (&[0, 2, 0], 3),
            (&[0, 1, 2, 2], 4),
        ] {
            let error = witnesses_on(&with(numbers), &board);
            assert_eq!(error, Err(CheckpointError::Cosignature { line }));
        }
        // A board without these witnesses knows none of them.
        let (_, stranger) = super::tests::note("5");
        let error = witnesses_on(&with(&[0]), &stranger);
        assert_eq!(error, Err(CheckpointError::Cosignature { line: 1 }));
    }

    #[test]
    fn no_changed_character_of_a_cosignature_is_taken() {
        let (note, board, lines) = witnessed();
        let good = note.clone() + &lines[0] + &lines[1];
        for position in note.len()..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[position] ^= 1;
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(witnesses_on(&changed, &board).is_err(), "byte {position}");
            }
        }
        // What the board signed, it signed, whatever it adds.
        let strange = format!("{good}\u{2014} stranger AAAA\nmore");
        let signed = Checkpoint::verify(&note, &board).unwrap();
        assert_eq!(Checkpoint::verify(&strange, &board), Ok(signed));
        assert_eq!(board_note(&strange), note);
        for loose in [
            strange,
            good.trim_end().to_owned(),
            format!("{good}\n"),
            good.replace("\n\u{2014} w2", "\r\n\u{2014} w2"),
            format!("{note}{}", lines[0].repeat(17)),
        ] {
            assert!(witnesses_on(&loose, &board).is_err(), "{loose:?}");
        }
    }
}
