//! Small cells: patterns, and a preview made from the primitives alone.

use chacha20poly1305::aead::{Aead as _, KeyInit as _};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use protocol::key_ceremony::ElectionKeys;
use protocol::proofs::dleq::{Statement, prove};
use protocol::tally::cells::{Arrangement, Cells, GuardedContest};
use protocol::tally::{
    DecryptionContext, EncryptedTally, PatternError, Preview, PreviewError, PreviewReader,
    read_cells,
};
use serde_json::{Value, json};
use sha2::Sha256;

use super::*;

/// A contest as the file names it, with its counts in the order of guarded positions.
fn contest(number: usize, ballots: u32, arrangement: Arrangement, n: usize) -> GuardedContest {
    GuardedContest {
        contest: number,
        ballots,
        positions: (0..n).collect(),
        arrangement,
        with_blank: Vec::new(),
    }
}

fn described(guarded: &GuardedContest) -> Value {
    let cells = guarded.positions.len();
    match guarded.arrangement {
        Arrangement::OneOf { blank } => json!({"kind": "one of", "cells": cells, "blank": blank}),
        Arrangement::Approval => json!({"kind": "approval", "cells": cells}),
        Arrangement::Matrix { row, blank } => {
            json!({"kind": "matrix", "cells": cells, "row": row, "blank": blank})
        }
        Arrangement::Buckets { blank } => {
            json!({"kind": "buckets", "cells": cells, "blank": blank})
        }
        Arrangement::Table { of } => json!({"kind": "table", "cells": cells, "of": of}),
    }
}

/// One question with these counts.
fn alone(
    arrangement: Arrangement,
    ballots: u64,
    counts: &[u64],
) -> (Vec<GuardedContest>, Vec<u64>) {
    let ballots = u32::try_from(ballots).unwrap();
    let contests = vec![contest(0, ballots, arrangement, counts.len())];
    (contests, counts.to_vec())
}

/// Two questions with one answer, the second a number with buckets and a blank, and their table.
fn table(rows: &[Vec<u64>], blank: bool) -> (Vec<GuardedContest>, Vec<u64>) {
    let ballots = u32::try_from(rows.iter().flatten().sum::<u64>()).unwrap();
    let n_columns = rows[0].len();
    let mut counts: Vec<u64> = rows.iter().map(|row| row.iter().sum()).collect();
    let mut columns: Vec<u64> = (0..n_columns)
        .map(|j| rows.iter().map(|row| row[j]).sum())
        .collect();
    if blank {
        // The last category is the blank, whose position comes first.
        columns.rotate_right(1);
    }
    counts.extend(columns);
    counts.extend(rows.iter().flatten());
    let one_of = Arrangement::OneOf { blank: false };
    let contests = vec![
        contest(0, ballots, one_of, rows.len()),
        contest(1, ballots, Arrangement::Buckets { blank }, n_columns),
        contest(
            2,
            ballots,
            Arrangement::Table { of: [0, 1] },
            rows.len() * n_columns,
        ),
    ];
    (contests, counts)
}

fn pattern_of(name: &str, minimum: u32, contests: Vec<GuardedContest>, counts: &[u64]) -> Value {
    let (of, ballots): (Vec<Value>, Vec<u32>) = contests
        .iter()
        .map(|guarded| (described(guarded), guarded.ballots))
        .unzip();
    let cells = Cells::new(minimum, contests);
    let pattern = Pattern::close(&cells, counts);
    let bits = |pattern: &Pattern| -> Vec<u8> {
        (0..counts.len())
            .map(|cell| u8::from(pattern.is_closed(cell)))
            .collect()
    };
    let total = |cell: usize| counts.get(cell).copied();
    assert_eq!(pattern.verify(&cells, total), Ok(()));
    // Every pattern with one cell more or less closed, and what is wrong with it.
    let mut others = Vec::new();
    for cell in 0..counts.len() {
        let flipped = (0..counts.len()).map(|other| pattern.is_closed(other) != (other == cell));
        let fault = match Pattern::new(flipped.collect()).verify(&cells, total) {
            Ok(()) => "none",
            Err(PatternError::Small { .. }) => "small",
            Err(_) => "leak",
        };
        others.push(fault);
    }
    json!({"name": name, "minimum_cell": minimum, "ballots": ballots[0], "contests": of, "counts": counts,
           "closed": bits(&pattern), "fault with the n-th cell turned": others})
}

fn patterns() -> Vec<Value> {
    let one_of = |blank| Arrangement::OneOf { blank };
    let examples = [
        ("nothing is small", 3, alone(one_of(false), 14, &[4, 4, 6])),
        (
            "one is small and closes the next",
            3,
            alone(one_of(false), 14, &[1, 4, 9]),
        ),
        (
            "after the last comes the first",
            3,
            alone(one_of(false), 14, &[9, 4, 1]),
        ),
        (
            "two small ones that do not hide each other",
            3,
            alone(one_of(false), 14, &[2, 2, 10]),
        ),
        (
            "two that are small together",
            3,
            alone(one_of(false), 14, &[1, 1, 12]),
        ),
        (
            "a blank may be small",
            3,
            alone(one_of(true), 20, &[9, 10, 1]),
        ),
        (
            "a blank is closed last",
            3,
            alone(one_of(true), 20, &[1, 1, 18]),
        ),
        (
            "buckets, of which the first cell is the blank",
            4,
            alone(Arrangement::Buckets { blank: true }, 30, &[3, 2, 5, 20]),
        ),
        (
            "a number that few answered",
            4,
            alone(Arrangement::Buckets { blank: true }, 30, &[28, 1, 1, 0]),
        ),
        (
            "approval of few and of nearly all",
            3,
            alone(Arrangement::Approval, 20, &[2, 18, 10, 17, 3]),
        ),
        (
            "a matrix with blanks",
            3,
            alone(
                Arrangement::Matrix {
                    row: 4,
                    blank: true,
                },
                20,
                &[1, 4, 15, 0, 7, 7, 5, 1],
            ),
        ),
        (
            "a rare category hides its breakdown",
            4,
            table(&[vec![8, 9], vec![2, 1], vec![9, 9]], false),
        ),
        (
            "a table with blanks",
            3,
            table(&[vec![5, 6, 1], vec![7, 2, 4]], true),
        ),
        (
            "rows and columns together give a cell away",
            5,
            table(
                &[
                    vec![3, 3, 10, 10],
                    vec![3, 3, 1, 10],
                    vec![10, 10, 3, 3],
                    vec![10, 10, 3, 3],
                ],
                false,
            ),
        ),
    ];
    examples
        .into_iter()
        .map(|(name, minimum, (contests, counts))| pattern_of(name, minimum, contests, &counts))
        .collect()
}

const MANIFEST: &str = r#"{"psephos":3,"uuid":"00112233445566778899aabbccddeeff","language":"en","title":{"en":"Example"},
"organiser":{"name":"O","key":"KEY1"},"issuers":[{"name":"I"}],
"trustees":[{"name":"A","key":"KEY2"},{"name":"B","key":"KEY3"}],"threshold":1,"close_quorum":2,
"board":{"origin":"example.org/00112233445566778899aabbccddeeff","key":"KEY1"},
"opens":"2026-01-01T00:00:00Z","closes":"2027-01-01T00:00:00Z","styles":[{"id":"s","contests":["c","p"]}],
"contests":[{"id":"c","kind":"choices","title":{"en":"C"},"options":[{"id":"a","label":{"en":"A"}},{"id":"b","label":{"en":"B"}},{"id":"c","label":{"en":"C"}}],"min":1,"max":1,"blank":false},
{"id":"p","kind":"points","title":{"en":"P"},"options":[{"id":"a","label":{"en":"A"}}],"min":0,"max":9,"max_per_option":9,"blank":false}],
"minimum_ballots":2,"minimum_cell":2}"#;

fn scalar(byte: u8) -> Scalar {
    wide_scalar(&[byte; 64])
}

fn element(point: Point) -> Element {
    Element::from_point(point).unwrap()
}

/// Trustee 1 of two, each of whom can decrypt, previews three counts of six ballots, 3, 2 and 1,
/// of which two stay closed.
fn preview() -> Value {
    let mut manifest = MANIFEST.to_owned();
    for (name, byte) in [("KEY1", 1), ("KEY2", 2), ("KEY3", 3)] {
        manifest = manifest.replace(name, &point(mul_base(&scalar(byte))));
    }
    let parsed = ElectionManifest::parse(manifest.as_bytes()).unwrap();
    // The shares of positions 0 to 3; with a threshold of 1 those of both trustees are the same.
    let shares: Vec<Scalar> = (10..14).map(scalar).collect();
    let keys: Vec<Element> = shares.iter().map(|s| element(mul_base(s))).collect();
    let mut tally = EncryptedTally::new(&parsed);
    let h = value_base();
    for (nonce, choice) in (20..26).zip([0, 0, 0, 1, 1, 2]) {
        let r = scalar(nonce);
        let beta = |(i, key): (usize, &Element)| {
            let value = u32::from(i == choice || i == 3);
            element(h * Scalar::from(value) + key.point() * r)
        };
        let betas: Vec<Element> = keys.iter().enumerate().map(beta).collect();
        tally.add(&[0, 1], 1, &element(mul_base(&r)), &betas);
    }
    let alpha = element(tally.contests()[0].alpha);
    let context = DecryptionContext {
        election: Digest([4; 32]),
        close: Digest([5; 32]),
        trustee: 1,
    };
    let mut transcript = Transcript::new("preview");
    transcript.append("election", context.election.as_bytes());
    transcript.append("close", context.close.as_bytes());
    transcript.append_u16("trustee", 1);
    transcript.append_u16("contest", 0);
    let proof_context = transcript.digest("context");
    let ds: Vec<Element> = shares[..3]
        .iter()
        .map(|s| element(alpha.point() * s))
        .collect();
    let statement = Statement {
        context: &proof_context,
        base: &alpha,
        ys: &keys[..3],
        ds: &ds,
    };
    let secrets: Vec<Secret<Scalar>> = shares[..3].iter().map(|s| Secret::new(*s)).collect();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let proof = prove(&statement, &secrets, &mut rng).unwrap();
    let mut plain: Vec<u8> = ds.iter().flat_map(|d| *d.as_bytes()).collect();
    proof.encode(&mut plain);
    let seal = |key: &[u8; 32], plain: &[u8]| {
        let cipher = XChaCha20Poly1305::new(key.into());
        cipher.encrypt(&XNonce::default(), plain).unwrap()
    };
    let (k, u) = ([6u8; 32], scalar(30));
    let ephemeral = element(mul_base(&u));
    let mut body = ephemeral.as_bytes().to_vec();
    let mut boxes = Vec::new();
    for (recipient, byte) in [(1u16, 31), (2, 32)] {
        let encryption_key = element(mul_base(&scalar(byte)));
        let shared = element(encryption_key.point() * u);
        let info = [
            b"psephos v3 preview".as_slice(),
            &1u16.to_be_bytes(),
            &recipient.to_be_bytes(),
            ephemeral.as_bytes(),
            encryption_key.as_bytes(),
        ]
        .concat();
        let mut key = [0; 32];
        Hkdf::<Sha256>::new(Some(context.close.as_bytes()), shared.as_bytes())
            .expand(&info, &mut key)
            .unwrap();
        let sealed = seal(&key, &k);
        body.extend_from_slice(&sealed);
        boxes.push(json!({"trustee": recipient, "encryption secret": encode_hex(scalar(byte).as_bytes()),
            "encryption key": encode_hex(encryption_key.as_bytes()), "shared point": encode_hex(shared.as_bytes()),
            "key": encode_hex(&key), "sealed key": encode_hex(&sealed)}));
    }
    body.extend_from_slice(&seal(&k, &plain));

    // This code opens it, and only for its trustees.
    let decoded = Preview::decode(&body, &parsed, &tally).unwrap();
    let election_keys = ElectionKeys {
        keys: keys.clone(),
        verification_keys: vec![keys.clone(), keys.clone()],
    };
    let open = |body: &Preview, trustee: u16, byte: u8, context: &DecryptionContext| {
        let secret = Secret::new(scalar(byte));
        let encryption_key = element(mul_base(&scalar(byte)));
        let reader = PreviewReader {
            trustee,
            secret: &secret,
            encryption_key: &encryption_key,
        };
        body.open(&parsed, &tally, context, &election_keys, &reader)
    };
    for (trustee, byte) in [(1, 31), (2, 32)] {
        let opened = open(&decoded, trustee, byte, &context).unwrap();
        let counts = read_cells(&parsed, &tally, &[opened]).unwrap();
        assert_eq!(*counts.expose(), [3, 2, 1]);
    }
    let refused = [
        (2, 31, context),
        (1, 32, context),
        (
            1,
            31,
            DecryptionContext {
                trustee: 2,
                ..context
            },
        ),
        (
            1,
            31,
            DecryptionContext {
                close: Digest([9; 32]),
                ..context
            },
        ),
    ];
    for (trustee, byte, context) in refused {
        let error = open(&decoded, trustee, byte, &context).unwrap_err();
        assert_eq!(error, PreviewError::Sealed);
    }
    // Another election with the same close: it opens, and its proof is for another one.
    let other = DecryptionContext {
        election: Digest([9; 32]),
        ..context
    };
    let error = open(&decoded, 1, 31, &other).unwrap_err();
    assert_eq!(error, PreviewError::Share { contest: 0 });
    for index in 0..body.len() {
        let mut changed = body.clone();
        changed[index] ^= 1;
        // What is not sealed for this trustee may change, and the ephemeral may be no element.
        let is_others = (32 + 48..32 + 96).contains(&index);
        if let Ok(changed) = Preview::decode(&changed, &parsed, &tally) {
            assert_eq!(
                open(&changed, 1, 31, &context).is_ok(),
                is_others,
                "{index}"
            );
        }
    }
    let cells = Cells::of_tally(&parsed, &tally);
    let closed = Pattern::close(&cells, &[3, 2, 1]);
    let closed: Vec<bool> = (0..3).map(|cell| closed.is_closed(cell)).collect();
    assert_eq!(closed, [true, false, true]);
    json!({"manifest": manifest, "ballots": 6, "election": context.election.to_string(), "close": context.close.to_string(),
        "trustee": 1, "verification keys": keys.iter().map(|y| encode_hex(y.as_bytes())).collect::<Vec<_>>(),
        "A": [encode_hex(alpha.as_bytes()), point(tally.contests()[1].alpha)],
        "B": tally.contests().iter().map(|sums| sums.beta.iter().map(|b| point(*b)).collect::<Vec<_>>()).collect::<Vec<_>>(),
        "proof context": proof_context.to_string(), "ephemeral secret": encode_hex(u.as_bytes()), "k": encode_hex(&k),
        "recipients": boxes, "plain": encode_hex(&plain), "body": encode_hex(&body), "counts": [3, 2, 1],
        "closed": [1, 0, 1]})
}

#[test]
fn small_cells() {
    check_json(
        "cells.json",
        &json!({ "spec": "Small cells (tally.md): SmallCells.Close, SmallCells.Verify, Preview",
                 "patterns": patterns(), "preview": preview() }),
    );
}
