//! Checkpoints and cosignatures, right and wrong.

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
    UnverifiedCheckpoint::parse(note.as_bytes())?.verify(ORIGIN, &key().verifying_key().to_bytes())
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
