//! Receipts against records.

use crate::{
    board::{checkpoint, cosignature, inclusion, root},
    election::{Made, ORIGIN, Plan, witnessed_manifest, witnessing},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use verifier::{
    entry::{Entry, Kind, manifest_bytes},
    equivocation::Equivocation,
    log::leaf_hash,
    manifest::Manifest,
    receipt::{Receipt, ReceiptError, Standing},
};

/// The receipt that the board gives for entry `index` when it has `size` entries.
pub fn receipt(entries: &[Vec<u8>], index: usize, size: usize) -> String {
    let manifest = Manifest::read(manifest_bytes(&entries[0]).unwrap()).unwrap();
    let entry = Entry::decode(&entries[index], &manifest).unwrap();
    let code = match entry.kind {
        Kind::Ballot => entry.confirmation_code(),
        _ => leaf_hash(&entries[index]),
    };
    let leaves: Vec<_> = entries[..size]
        .iter()
        .map(|entry| leaf_hash(entry))
        .collect();
    let proof: Vec<String> = inclusion(index, &leaves)
        .iter()
        .map(|hash| format!("{:?}", STANDARD.encode(hash)))
        .collect();
    format!(
        r#"{{"psephos":3,"kind":"receipt","election":"{}","code":"{}","index":{index},"proof":[{}],"checkpoint":{:?}}}"#,
        hex::encode(entry.scope),
        hex::encode(code),
        proof.join(","),
        checkpoint(ORIGIN, size, &root(&entries[..size])),
    )
}

fn check(text: &str, made: &Made) -> Result<Standing, ReceiptError> {
    Receipt::read(text.as_bytes())?.check(&made.record())
}

fn ballots(made: &Made) -> Vec<usize> {
    (0..made.entries.len())
        .filter(|index| made.entries[*index][1] == Kind::Ballot as u8)
        .collect()
}

#[test]
fn receipts_say_whether_the_ballot_counts() {
    let made = Plan::default().make();
    let ballots = ballots(&made);
    for (number, expected) in [
        (
            0,
            Standing::Superseded {
                by: ballots[1] as u64,
            },
        ),
        (1, Standing::Last { closed: true }),
        (
            4,
            Standing::Superseded {
                by: ballots[6] as u64,
            },
        ),
        (6, Standing::Last { closed: true }),
    ] {
        let index = ballots[number];
        let text = receipt(&made.entries, index, index + 1);
        assert_eq!(check(&text, &made).unwrap(), expected);
    }
    let open = Made {
        entries: made.entries[..=ballots[1]].to_vec(),
        ..Made::default()
    };
    let text = receipt(&made.entries, ballots[1], ballots[1] + 1);
    assert_eq!(
        check(&text, &open).unwrap(),
        Standing::Last { closed: false }
    );
    let register = made.entries.iter().position(|entry| entry[1] == 3).unwrap();
    let text = receipt(&made.entries, register, register + 2);
    assert_eq!(
        check(&text, &made).unwrap(),
        Standing::NotABallot(Kind::Register)
    );
}

/// The board shows the voter one history and the world another: what comes out convinces others.
#[test]
fn a_receipt_of_another_history_is_turned_into_a_proof() {
    let made = Plan::default().make();
    let ballots = ballots(&made);
    let mut other = made.entries.clone();
    other.swap(ballots[0], ballots[2]);
    let other = Made {
        entries: other,
        ..Made::default()
    };
    // Signed when the board had only just the ballot, and when it had all that the record has.
    for size in [ballots[2] + 1, made.entries.len()] {
        let text = receipt(&made.entries, ballots[2], size);
        let Err(ReceiptError::TwoHistories(proof)) = check(&text, &other) else {
            panic!("{size}");
        };
        let proof = Equivocation::read(proof.write().as_bytes()).unwrap();
        let proved = proof.check().unwrap();
        assert_eq!(proved.smaller, size as u64);
        assert_eq!(proved.larger, other.entries.len() as u64);
        assert_eq!(proved.signed, root(&made.entries[..size]));
        assert_eq!(proved.other, root(&other.entries[..size]));
    }
}

/// A ballot, the one that replaces it, and the close: the record may hold what nobody signed.
#[test]
fn no_receipt_rests_on_an_entry_without_its_authors_signature() {
    let made = Plan::default().make();
    let ballots = ballots(&made);
    let is_close = |entry: &Vec<u8>| entry[1] == Kind::Close as u8;
    let close = made.entries.iter().position(is_close).unwrap();
    for (index, unsigned) in [
        (ballots[0], ballots[0]),
        (ballots[0], ballots[1]),
        (ballots[1], close),
    ] {
        let mut entries = made.entries.clone();
        *entries[unsigned].last_mut().unwrap() ^= 1;
        let text = receipt(&entries, index, entries.len());
        let refused = check(
            &text,
            &Made {
                entries,
                ..Made::default()
            },
        );
        assert!(
            matches!(refused, Err(ReceiptError::Unsigned { index }) if index == unsigned as u64),
            "{unsigned}: {refused:?}"
        );
    }
}

#[test]
fn a_receipt_newer_than_the_record() {
    let made = Plan::default().make();
    let index = ballots(&made)[2];
    let text = receipt(&made.entries, index, index + 1);
    let older = Made {
        entries: made.entries[..index].to_vec(),
        ..Made::default()
    };
    assert!(matches!(
        check(&text, &older),
        Err(ReceiptError::Older { .. })
    ));
}

#[test]
fn receipts_with_any_part_changed() {
    let made = Plan::default().make();
    let index = ballots(&made)[2];
    let good = receipt(&made.entries, index, made.entries.len());
    assert!(check(&good, &made).is_ok());
    let at = |mark: &str| good.find(mark).unwrap() + mark.len();
    for place in [
        at("\"election\":\""),
        at("\"code\":\""),
        at("\"index\":"),
        at("\"proof\":[\""),
    ] {
        let mut bytes = good.clone().into_bytes();
        bytes[place] = if bytes[place] == b'1' { b'2' } else { b'1' };
        let text = String::from_utf8(bytes).unwrap();
        assert!(check(&text, &made).is_err(), "{text}");
    }
    for bad in [
        good.replace("\"psephos\":3", "\"psephos\":2"),
        good.replace("receipt", "recipe"),
        good.replace("\"proof\":[", "\"proof\":[\"\","),
        good.replacen('{', "{\"more\":1,", 1),
        good.replace("\"checkpoint\"", "\"checkpoints\""),
    ] {
        assert!(
            matches!(check(&bad, &made), Err(ReceiptError::Malformed(_))),
            "{bad}"
        );
    }
    let signed_by_another = good.replace(ORIGIN, "other.example/e/00");
    assert!(matches!(
        check(&signed_by_another, &made),
        Err(ReceiptError::Checkpoint { .. })
    ));
}

/// A signed head under which the entry cannot stand proves nothing against the board.
#[test]
fn a_receipt_for_an_entry_beyond_its_own_checkpoint_is_no_evidence() {
    let made = Plan::default().make();
    let index = ballots(&made)[2];
    let good = receipt(&made.entries, index, index + 1);
    let head = good.split("\"checkpoint\":").next().unwrap();
    for size in [0, 1, index] {
        let note = checkpoint(ORIGIN, size, &[7; 32]);
        let text = format!("{head}\"checkpoint\":{note:?}}}");
        let verdict = check(&text, &made);
        assert!(
            matches!(verdict, Err(ReceiptError::Inclusion)),
            "{size}: {verdict:?}"
        );
    }
}

/// A receipt with more lines on its checkpoint.
pub fn with_lines(receipt: &str, lines: &str) -> String {
    let mut receipt: serde_json::Value = serde_json::from_str(receipt).unwrap();
    let note = receipt["checkpoint"].as_str().unwrap().to_owned() + lines;
    receipt["checkpoint"] = note.into();
    receipt.to_string()
}

pub fn witnessed() -> Made {
    Plan {
        manifest: witnessed_manifest(),
        witnessing: witnessing(2),
        cosigners: vec![1, 2],
        ..Plan::default()
    }
    .make()
}

#[test]
fn cosignatures_of_a_receipt_are_counted_and_must_hold() {
    let made = witnessed();
    let index = ballots(&made)[2];
    let size = made.entries.len();
    let text = receipt(&made.entries, index, size);
    let line = |witness, root| cosignature(witness, ORIGIN, size, root);
    let own = root(&made.entries);
    let manifest = Manifest::read(manifest_bytes(&made.entries[0]).unwrap()).unwrap();
    for (lines, count) in [
        (String::new(), 0),
        (line(2, &own), 1),
        (line(1, &own) + &line(3, &own), 2),
    ] {
        let text = with_lines(&text, &lines);
        assert!(check(&text, &made).is_ok());
        let cosigned = Receipt::read(text.as_bytes()).unwrap().cosigned(&manifest);
        assert_eq!(cosigned.unwrap().len(), count);
    }
    for lines in [
        line(1, &[7; 32]),
        line(4, &own),
        line(2, &own) + &line(1, &own),
        "— witness.example/1 AAAA\n".to_owned(),
    ] {
        let refused = check(&with_lines(&text, &lines), &made);
        let of = "receipt";
        assert!(
            matches!(refused, Err(ReceiptError::Checkpoint { of: found, .. }) if found == of),
            "{lines}: {refused:?}"
        );
        // It hides no contradiction.
        let mut other = made.entries.clone();
        other.swap(index, index - 1);
        let other = Made {
            entries: other,
            ..Made::default()
        };
        let found = check(&with_lines(&text, &lines), &other);
        let Err(ReceiptError::TwoHistories(proof)) = found else {
            panic!("{lines}: {found:?}");
        };
        assert!(proof.check().is_ok());
        assert!(!proof.write().contains(&lines[5..20]));
    }
}

/// The receipt of a witness's certificate rests on the cosignature in it.
#[test]
fn a_receipt_of_a_witness_close() {
    let made = witnessed();
    let is_close = |entry: &Vec<u8>| entry[1] == Kind::WitnessClose as u8;
    let index = made.entries.iter().position(is_close).unwrap();
    let text = receipt(&made.entries, index, index + 1);
    let standing = Standing::NotABallot(Kind::WitnessClose);
    assert_eq!(check(&text, &made).unwrap(), standing);
    let mut entries = made.entries.clone();
    *entries[index].last_mut().unwrap() ^= 1;
    let text = receipt(&entries, index, index + 1);
    let forged = Made {
        entries,
        ..Made::default()
    };
    assert!(matches!(
        check(&text, &forged),
        Err(ReceiptError::Unsigned { .. })
    ));
}
