//! Rules of the witnesses, and of the quorum with them.

use super::*;

fn witness(name: &str, digit: &str) -> Value {
    json!({"name": name, "key": digit.repeat(64)})
}

/// The valid manifest with three witnesses, of whom two are needed.
fn watched() -> Value {
    let mut manifest = valid();
    manifest["witnesses"] = json!([
        witness("w.example/ada", "2"),
        witness("Böhm", "3"),
        witness("c", "4")
    ]);
    manifest["witness_quorum"] = json!(2);
    manifest["close_quorum"] = json!(5);
    manifest
}

#[track_caller]
fn refused(pointer: &str, value: Value) -> String {
    let mut manifest = watched();
    assert!(parse(&manifest).is_ok());
    *manifest.pointer_mut(pointer).unwrap() = value;
    parse(&manifest).unwrap_err().to_string()
}

#[test]
fn witnesses_are_read_as_they_stand() {
    let board = parse(&watched()).unwrap().board;
    assert_eq!((board.witnesses.len(), board.witness_quorum), (3, 2));
    assert_eq!(board.witness(1).unwrap().name, "w.example/ada");
    assert_eq!(board.witness(3).unwrap().key, [0x44; 32]);
    assert_eq!((board.witness(0), board.witness(4)), (None, None));
    let board = parse(&valid()).unwrap().board;
    assert_eq!((board.witnesses.len(), board.witness_quorum), (0, 0));
}

#[test]
fn neither_witnesses_nor_their_quorum_stands_alone() {
    for (left_out, message) in [
        ("witness_quorum", "lacks the member \"witness_quorum\""),
        ("witnesses", "unknown member \"witness_quorum\""),
    ] {
        let mut manifest = watched();
        manifest.as_object_mut().unwrap().remove(left_out);
        manifest["close_quorum"] = json!(3);
        let error = parse(&manifest).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn a_name_is_one_that_a_signed_note_takes() {
    for name in [
        "a b",
        "a+b",
        "a\u{a0}b",
        "a\u{2003}b",
        "a\u{3000}",
        "a\nb",
        "",
        "\u{202e}a",
    ] {
        let error = refused("/witnesses/0/name", json!(name));
        assert!(error.contains("witnesses[0].name"), "{name:?}: {error}");
    }
    let mut manifest = watched();
    manifest["witnesses"][0]["name"] = json!("n".repeat(100));
    assert!(parse(&manifest).is_ok());
    let error = refused("/witnesses/0/name", json!("n".repeat(101)));
    assert!(error.contains("100 bytes"), "{error}");
}

#[test]
fn keys_and_names_are_distinct_and_none_is_the_boards() {
    let name = refused("/witnesses/2/name", json!("Böhm"));
    assert_eq!(name, "manifest.witnesses repeats the name \"Böhm\"");
    let origin = format!("vote.example/e/{UUID}");
    let name = refused("/witnesses/2/name", json!(origin));
    assert!(name.contains("repeats the name"), "{name}");
    let key = refused("/witnesses/2/key", json!("3".repeat(64)));
    assert_eq!(key, "manifest.witnesses repeats a key, that of \"c\"");
    let key = refused("/witnesses/2/key", json!("11".repeat(32)));
    assert!(key.contains("repeats a key"), "{key}");
    for key in ["A".repeat(64), "2".repeat(63), "2".repeat(66)] {
        let error = refused("/witnesses/1/key", json!(key));
        assert!(error.contains("64 lower-case"), "{error}");
    }
}

#[test]
fn there_are_one_to_sixteen_and_no_more_are_needed_than_there_are() {
    assert!(refused("/witnesses", json!([])).contains("between 1 and 16"));
    let many = |n: u32| -> Vec<Value> {
        let one = |i| json!({"name": format!("w{i}"), "key": key(200 + i)});
        (0..n).map(one).collect()
    };
    let mut manifest = watched();
    manifest["witnesses"] = json!(many(16));
    manifest["witness_quorum"] = json!(16);
    manifest["close_quorum"] = json!(19);
    assert!(parse(&manifest).is_ok());
    assert!(refused("/witnesses", json!(many(17))).contains("between 1 and 16"));
    for quorum in [0, 1, 4] {
        let error = refused("/witness_quorum", json!(quorum));
        assert!(error.contains("between 2 and 3"), "{error}");
    }
}

#[test]
fn no_two_quorums_share_only_those_who_may_lie() {
    for (n, t, w, k, q) in [
        (3, 2, 2, 2, 4),
        (3, 2, 3, 2, 5),
        (3, 2, 1, 1, 3),
        (1, 1, 1, 1, 2),
        (5, 3, 16, 9, 17),
        // Five witnesses could certify without any trustee by the first rule alone.
        (3, 2, 5, 5, 6),
    ] {
        let rule = CloseRule {
            trustees: n,
            threshold: t,
            witnesses: w,
            witness_quorum: k,
        };
        assert_eq!(rule.least_quorum(), q, "{n} {t} {w} {k}");
    }
    for n in 1..=6u16 {
        for t in 1..=n {
            for w in 0..=4u16 {
                for k in (w / 2 + w.min(1)).min(w)..=w {
                    let rule = CloseRule {
                        trustees: n,
                        threshold: t,
                        witnesses: w,
                        witness_quorum: k,
                    };
                    let safe = |q: u16| 2 * q > (n + w) + (t - 1) + (w - k) && q > w;
                    let least = (1..).find(|q| safe(*q)).unwrap();
                    assert_eq!(rule.least_quorum(), least, "{n} {t} {w} {k}");
                    assert!(least <= rule.certifiers());
                }
            }
        }
    }
    assert_eq!(
        refused("/close_quorum", json!(4)),
        "close_quorum is 4; with 3 trustees and threshold 2, 3 witnesses and witness_quorum 2 it must be at least 5, \
         so that two different closes can never both be certified"
    );
    assert!(refused("/close_quorum", json!(7)).contains("between 1 and 6"));
}
