//! Receipts against records.

use crate::{
    board::{checkpoint, inclusion, root},
    election::{Made, ORIGIN, Plan},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use verifier::{
    entry::{Entry, Kind},
    equivocation::Equivocation,
    log::leaf_hash,
    manifest::Manifest,
    receipt::{Receipt, ReceiptError, Standing},
};

/// The receipt that the board gives for entry `index` when it has `size` entries.
pub fn receipt(entries: &[Vec<u8>], index: usize, size: usize) -> String {
    let manifest = Manifest::read(Plan::default().manifest.as_bytes()).unwrap();
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
        r#"{{"psephos":2,"kind":"receipt","election":"{}","code":"{}","index":{index},"proof":[{}],"checkpoint":{:?}}}"#,
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
        good.replace("\"psephos\":2", "\"psephos\":1"),
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
