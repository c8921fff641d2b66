//! Manifests that break one rule of docs/spec/manifest.md.

use crate::election::{manifest_text, witnessed_manifest};
use verifier::manifest::Manifest;

fn refused(text: &str) -> String {
    match Manifest::read(text.as_bytes()) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

/// Replaces the first occurrence, which must be there.
fn with(from: &str, to: &str) -> String {
    let text = manifest_text();
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn the_sample_keeps_all_rules() {
    let manifest = Manifest::read(manifest_text().as_bytes()).unwrap();
    assert_eq!(manifest.n_positions(), 6);
    assert_eq!(manifest.contests[1].positions(), 4..6);
    assert_eq!(manifest.styles[0].positions, [0, 1, 2, 3, 4, 5]);
    assert_eq!(manifest.styles[1].positions, [0, 1, 2, 3]);
}

#[test]
fn members_that_are_missing_unknown_or_of_another_type() {
    for (from, to) in [
        ("\"psephos\":3", "\"psephos\":2"),
        ("\"psephos\":3", "\"psephos\":3.0"),
        ("\"psephos\":3", "\"psephos\":\"2\""),
        ("\"psephos\":3,", ""),
        ("\"psephos\":3,", "\"psephos\":3,\"psephos\":3,"),
        ("\"psephos\":3,", "\"psephos\":3,\"more\":1,"),
        ("\"threshold\":2", "\"threshold\":2e0"),
        ("\"threshold\":2", "\"threshold\":-2"),
        ("\"threshold\":2,", ""),
        ("{\"name\":\"Secretary\"}", "[\"Secretary\"]"),
        (
            "{\"name\":\"Secretary\"}",
            "{\"name\":\"Secretary\",\"key\":\"\"}",
        ),
        ("{\"name\":\"Secretary\"}", "{}"),
        ("\"blank\":true", "\"blank\":1"),
        ("\"blank\":true,", ""),
        ("\"blank\":true,", "\"blank\":true,\"order\":\"sorted\","),
        ("\"blank\":true,", "\"blank\":true,\"order\":true,"),
        ("\"min\":1", "\"min\":null"),
        ("{\"en\":\"Ada\"}", "\"Ada\""),
        ("\"minimum_ballots\":2}", "\"minimum_ballots\":2} x"),
    ] {
        refused(&with(from, to));
    }
    refused(&format!("\u{feff}{}", manifest_text()));
}

/// Some readers take an array of the members' values in place of an object.
#[test]
fn arrays_in_place_of_objects() {
    let text = manifest_text();
    let ends = |start: usize| {
        let mut depth = 0;
        let closes = text[start..].char_indices().find(|(_, character)| {
            depth += i32::from(*character == '{') - i32::from(*character == '}');
            depth == 0
        });
        start + closes.unwrap().0 + 1
    };
    let mut tried = 0;
    for (start, _) in text.match_indices('{') {
        let object = &text[start..ends(start)];
        let members: serde_json::Value = serde_json::from_str(object).unwrap();
        let values: Vec<_> = members.as_object().unwrap().values().collect();
        let values = serde_json::to_string(&values).unwrap();
        for array in [values.as_str(), "[]", &format!("[{object}]")] {
            let changed = format!("{}{array}{}", &text[..start], &text[ends(start)..]);
            refused(&changed);
            tried += 1;
        }
    }
    assert_eq!(tried, 3 * 25);
}

#[test]
fn strings_texts_ids_and_keys() {
    let long = "x".repeat(501);
    let key = hex::encode(crate::election::trustee_key(1).public);
    let upper = key.to_uppercase();
    for (from, to) in [
        (
            "00112233445566778899aabbccddeeff\"",
            "00112233445566778899AABBCCDDEEFF\"",
        ),
        (
            "00112233445566778899aabbccddeeff\"",
            "00112233445566778899aabbccddeef\"",
        ),
        ("\"language\":\"en\"", "\"language\":\"EN\""),
        ("\"language\":\"en\"", "\"language\":\"de\""),
        ("\"en\":\"Club election\"", "\"en\":\"\""),
        ("\"en\":\"Club election\"", "\"en\":\"Club\\u0007\""),
        ("\"en\":\"Club election\"", "\"en\":\"Club\\u0085\""),
        ("\"en\":\"Club election\"", "\"en\":\"Club\u{202e}\""),
        ("\"en\":\"Club election\"", "\"en\":\"\u{2066}Club\""),
        ("\"en\":\"Ada\"", "\"en\":\"A\u{2069}da\""),
        ("\"name\":\"The club\"", "\"name\":\"The \u{202a}club\""),
        ("\"name\":\"Treasurer\"", "\"name\":\"\\u202dTreasurer\""),
        ("\"pl\":\"Wybory klubu\"", "\"pl-\":\"Wybory klubu\""),
        (
            "\"pl\":\"Wybory klubu\"",
            "\"pl-123456789\":\"Wybory klubu\"",
        ),
        ("\"en\":\"Club election\"", "\"en\":\"a\",\"en\":\"b\""),
        ("\"pl\":\"Wybory klubu\"", "\"PL\":\"Wybory klubu\""),
        ("\"name\":\"The club\"", "\"name\":\"\""),
        ("\"name\":\"The club\"", "\"name\":\"The\\nclub\""),
        ("The club", &long),
        (&key, &upper),
        (&key, &"0".repeat(64)),
        (&key, &"f".repeat(64)),
        (&key, &key[..62]),
        ("\"id\":\"all\"", "\"id\":\"\""),
        ("\"id\":\"all\"", "\"id\":\"a b\""),
        ("\"id\":\"all\"", "\"id\":\"guest\""),
        ("\"id\":\"a\"", "\"id\":\"b\""),
        ("\"id\":\"budget\"", "\"id\":\"board\""),
    ] {
        refused(&with(from, to));
    }
    // Other marks of writing are for everybody, and tags may have several subtags.
    for (from, to) in [
        (
            "The club",
            "The \u{2029}\u{202f}\u{2065}\u{206a}\u{200f}club",
        ),
        (
            "\"pl\":\"Wybory klubu\"",
            "\"zh-Hant-TW\":\"\u{202f}Wybory\"",
        ),
    ] {
        assert!(Manifest::read(with(from, to).as_bytes()).is_ok());
    }
    // Line feeds are for texts, and texts may be long.
    let text = format!("\"en\":\"Club\\nelection {}\"", "x".repeat(19_000));
    let text = with("\"en\":\"Club election\"", &text);
    assert!(Manifest::read(text.as_bytes()).is_ok());
}

#[test]
fn people_and_quorums() {
    let first = hex::encode(crate::election::trustee_key(1).public);
    let second = hex::encode(crate::election::trustee_key(2).public);
    let organiser = hex::encode(crate::election::organiser_key().public);
    for (from, to) in [
        (&second[..], &first[..]),
        (&second, &organiser),
        ("\"Trustee 2\"", "\"Trustee 1\""),
        ("\"threshold\":2", "\"threshold\":0"),
        ("\"threshold\":2", "\"threshold\":4"),
        ("\"close_quorum\":3", "\"close_quorum\":2"),
        ("\"close_quorum\":3", "\"close_quorum\":4"),
        (
            "\"issuers\":[{\"name\":\"Secretary\"},{\"name\":\"Treasurer\"}]",
            "\"issuers\":[]",
        ),
        ("vote.example/e/", "https://vote.example/e/"),
        ("vote.example/e/001", "vote.example/e/002"),
        ("vote.example/e/", "/vote.example/e/"),
        ("vote.example/e/", "/"),
        ("vote.example/e/", ""),
        ("vote.example/e/", "vote.exämple/e/"),
        ("vote.example/e/", "vote.example/a+b/"),
        ("vote.example/e/", "vote.example /e/"),
    ] {
        refused(&with(from, to));
    }
}

#[test]
fn times_contests_and_styles() {
    for (from, to) in [
        ("2026-11-01T08:00:00Z", "2026-11-08T20:00:00Z"),
        ("2026-11-01T08:00:00Z", "2026-11-31T08:00:00Z"),
        ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00"),
        ("2026-11-01T08:00:00Z", "2026-11-01T08:00:60Z"),
        ("2026-11-01T08:00:00Z", "1969-12-31T23:59:59Z"),
        (
            "\"contests\":[\"board\",\"budget\"]",
            "\"contests\":[\"budget\",\"board\"]",
        ),
        (
            "\"contests\":[\"board\",\"budget\"]",
            "\"contests\":[\"board\",\"board\"]",
        ),
        (
            "\"contests\":[\"board\",\"budget\"]",
            "\"contests\":[\"board\"]",
        ),
        (
            "\"contests\":[\"board\",\"budget\"]",
            "\"contests\":[\"board\",\"other\"]",
        ),
        ("\"contests\":[\"board\",\"budget\"]", "\"contests\":[]"),
        ("\"min\":1,\"max\":2", "\"min\":3,\"max\":2"),
        ("\"min\":1,\"max\":2", "\"min\":0,\"max\":0"),
        ("\"min\":1,\"max\":2", "\"min\":1,\"max\":4"),
        ("\"min\":0,\"max\":4", "\"min\":0,\"max\":7"),
        ("\"kind\":\"choices\"", "\"kind\":\"ranking\""),
        (
            "\"kind\":\"choices\"",
            "\"kind\":\"choices\",\"max_per_option\":1",
        ),
        ("\"max_per_option\":3", "\"max_per_option\":0"),
        ("\"max_per_option\":3", "\"max_per_option\":1048577"),
        ("\"max_per_option\":3,", ""),
        ("\"minimum_ballots\":2", "\"minimum_ballots\":0"),
        ("\"minimum_ballots\":2", "\"minimum_ballots\":4294967296"),
    ] {
        refused(&with(from, to));
    }
}

#[test]
fn sizes_that_do_not_fit() {
    let options = |n: usize, most: &str| {
        let option = |i| format!("{{\"id\":\"o{i}\",\"label\":{{\"en\":\"x\"}}}}");
        let list: Vec<String> = (0..n).map(option).collect();
        let start = manifest_text().find("\"options\":[{\"id\":\"x\"").unwrap();
        let text = format!(
            "{}\"options\":[{}]}}],\"minimum_ballots\":2}}",
            &manifest_text()[..start],
            list.join(",")
        );
        text.replacen(
            "\"max_per_option\":3",
            &format!("\"max_per_option\":{most}"),
            1,
        )
    };
    assert!(Manifest::read(options(200, "3").as_bytes()).is_ok());
    assert!(refused(&options(640, "3")).contains("would not fit"));
    // Positions and coordinates of a ballot: 4 + 5 of the first contest, 101·(1 + 19) of the
    // options of the second, and its slack. 2,032 fill an entry, with its style and signature.
    let full = options(101, "300000");
    assert!(Manifest::read(full.as_bytes()).is_ok());
    let more = full.replacen("\"min\":0,\"max\":4", "\"min\":0,\"max\":8", 1);
    assert!(refused(&more).contains("a ballot would not fit"));
    assert!(refused(&options(1_025, "3")).contains("array"));
    assert!(refused(&options(300, "1048576")).contains("fit an entry"));
    let long = with(
        "\"en\":\"Club election\"",
        &format!("\"en\":\"{}\"", "x".repeat(20_001)),
    );
    refused(&long);
    assert!(refused(&" ".repeat(60_001)).contains("60,000"));
}

#[test]
fn witnesses_and_their_quorum() {
    let text = witnessed_manifest();
    let manifest = Manifest::read(text.as_bytes()).unwrap();
    assert_eq!((manifest.witnesses.len(), manifest.witness_quorum), (3, 2));
    assert_eq!(manifest.witness(3).unwrap().name, "witness.example/3");
    assert!(manifest.witness(0).is_none() && manifest.witness(4).is_none());
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let long = "x".repeat(101);
    let [board, second] = [manifest.board_key, manifest.witnesses[1].key].map(hex::encode);
    let origin = &manifest.origin;
    for (from, to) in [
        ("\"witness_quorum\":2", "\"witness_quorum\":1"),
        ("\"witness_quorum\":2", "\"witness_quorum\":4"),
        (",\"witness_quorum\":2", ""),
        ("witness.example/2", "witness.example/1"),
        ("witness.example/2", "witness example/2"),
        ("witness.example/2", "witness\u{3000}example/2"),
        ("witness.example/2", "witness+example/2"),
        ("witness.example/2", ""),
        ("witness.example/2", &long),
        ("witness.example/2", origin),
        (&second, &board),
        (&second, &hex::encode(manifest.witnesses[0].key)),
        (&second, &second[2..]),
        ("\"close_quorum\":5", "\"close_quorum\":7"),
        ("\"close_quorum\":5", "\"close_quorum\":4"),
        ("\"close_quorum\":5", "\"close_quorum\":3"),
    ] {
        refused(&with(from, to));
    }
    assert!(Manifest::read(with("witness.example/2", &long[1..]).as_bytes()).is_ok());
    let start = text.find("\"witnesses\"").unwrap();
    let end = text.find("\"witness_quorum\"").unwrap();
    refused(&format!("{}{}", &text[..start], &text[end..]));
    refused(&format!(
        "{}\"witnesses\":[],{}",
        &text[..start],
        &text[end..]
    ));
    let one = |i| format!("{{\"name\":\"w{i}\",\"key\":\"{}\"}}", hex::encode([i; 32]));
    for (count, is_refused) in [(16, false), (17, true)] {
        let list: Vec<String> = (0..count).map(one).collect();
        let many = format!(
            "{}\"witnesses\":[{}],{}",
            &text[..start],
            list.join(","),
            &text[end..]
        )
        .replace("\"close_quorum\":5", "\"close_quorum\":19")
        .replace("\"witness_quorum\":2", "\"witness_quorum\":16");
        assert_eq!(
            Manifest::read(many.as_bytes()).is_err(),
            is_refused,
            "{count}"
        );
    }
}

/// 2q > (n + W) + (t − 1) + (W − k), and q > W.
#[test]
fn the_least_quorum_with_witnesses() {
    // n = 3 and t = 2: without witnesses 3; then (W, k) and the least quorum.
    for (w, k, least) in [
        (1, 1, 3),
        (2, 2, 4),
        (3, 2, 5),
        (3, 3, 4),
        (5, 5, 6),
        (5, 3, 6),
    ] {
        let list: Vec<String> = (1..=w)
            .map(|i| format!("{{\"name\":\"w{i}\",\"key\":\"{}\"}}", hex::encode([i; 32])))
            .collect();
        let read = |quorum: u8| {
            let to = format!(
                "\"close_quorum\":{quorum},\"witnesses\":[{}],\"witness_quorum\":{k}",
                list.join(",")
            );
            Manifest::read(with("\"close_quorum\":3", &to).as_bytes())
        };
        assert!(read(least).is_ok(), "{w} {k}");
        assert!(read(least - 1).is_err(), "{w} {k}");
    }
}
