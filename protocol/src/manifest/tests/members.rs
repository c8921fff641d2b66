//! Each member's own form.

use super::*;

#[test]
fn another_version_is_refused() {
    for version in [2, 4] {
        let message = format!("manifest.psephos is {version}; it must be between 3 and 3");
        assert_eq!(refusal("/psephos", json!(version)), message);
    }
}

#[test]
fn a_uuid_that_is_not_32_lower_case_digits_is_refused() {
    let message = "manifest.uuid must be 32 lower-case hexadecimal digits";
    for uuid in [
        "0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "01234567-89ab-cdef-0123-456789abcdef",
        "0123456789abcdef0123456789abcdeg",
        " 123456789abcdef0123456789abcdef",
    ] {
        assert_eq!(refusal("/uuid", json!(uuid)), message, "{uuid}");
    }
}

#[test]
fn language_tags_have_one_form() {
    let message = "manifest.language must be a language tag such as \"en\" or \"fr-CH\"";
    for tag in [
        "e",
        "EN",
        "En",
        "e1",
        "english-",
        "englishes",
        "en_GB",
        "en-",
        "-en",
        "en--x",
        "en-a_b",
        "en-é",
        "en GB",
        "zh-Hant-",
        "en-abcdefghi",
        "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd",
    ] {
        assert_eq!(refusal("/language", json!(tag)), message, "{tag}");
        let text = json!({"en": "Title", tag: "Title"});
        let message = format!("manifest.title.{tag} must be named by a language tag");
        assert_eq!(refusal("/title", text), message);
    }
    for tag in ["de", "gsw", "zh-Hant-TW", "fr-CH", "de-1996", "abcdefgh"] {
        accepted("/title", json!({"en": "Title", tag: "Title"}));
    }
    // The language of the manifest itself may be any of them, if every text has it.
    let text = valid().to_string().replace("\"en\":", "\"fr-CH\":");
    assert!(ElectionManifest::parse(text.as_bytes()).is_err());
    let text = text.replace("\"language\":\"en\"", "\"language\":\"fr-CH\"");
    assert!(ElectionManifest::parse(text.as_bytes()).is_ok());
}

#[test]
fn options_are_listed_in_order_or_rotated() {
    let message = "manifest.contests[0].order must be \"fixed\" or \"rotated\"";
    assert_eq!(refusal("/contests/0/order", json!("sorted")), message);
    assert_eq!(refusal("/contests/0/order", json!("Fixed")), message);
    accepted("/contests/0/order", json!("fixed"));
    for (order, is_rotated) in [("fixed", false), ("rotated", true)] {
        let manifest = parse(&with("/contests/1/order", json!(order))).unwrap();
        assert_eq!(manifest.contests[1].is_rotated, is_rotated);
        assert!(!manifest.contests[0].is_rotated);
    }
    assert!(
        refusal("/contests/0/order", json!(true)).starts_with("manifest.contests[0].order must be")
    );
}

#[test]
fn every_text_needs_the_manifests_language() {
    for pointer in [
        "/title",
        "/description",
        "/contests/0/title",
        "/contests/1/description",
        "/contests/0/options/1/label",
    ] {
        let message = refusal(pointer, json!({"pl": "Tekst", "EN": "x"}));
        assert!(
            message.ends_with(".EN must be named by a language tag"),
            "{message}"
        );
        let message = refusal(pointer, json!({"pl": "Tekst"}));
        assert!(
            message.ends_with("must be an object with a text in the manifest's language"),
            "{message}"
        );
        accepted(pointer, json!({"en": "Text", "pl": "Tekst"}));
    }
}

#[test]
fn texts_are_neither_empty_nor_too_long_nor_have_control_characters() {
    let clean = "must be a text that is neither empty nor too long and has no control characters";
    let control = [
        "\0", "\t", "\r", "\u{1b}", "\u{7f}", "\u{80}", "\u{85}", "\u{9f}", "a\u{1f}b",
    ];
    for text in control
        .into_iter()
        .chain(["", &"x".repeat(20_001), &"é".repeat(10_001)])
    {
        assert_eq!(
            refusal("/title/en", json!(text)),
            format!("manifest.title.en {clean}")
        );
    }
    for text in [
        "x",
        "a\nb",
        "\n",
        &"x".repeat(20_000),
        &"é".repeat(10_000),
        "\u{a0}",
        "🗳",
    ] {
        accepted("/title/en", json!(text));
    }
    for pointer in [
        "/organiser/name",
        "/issuers/0/name",
        "/trustees/0/name",
        "/board/origin",
        "/uuid",
        "/language",
        "/opens",
        "/contests/0/id",
        "/contests/0/kind",
        "/styles/0/id",
        "/styles/0/contests/0",
        "/contests/0/options/0/id",
        "/organiser/key",
        "/board/key",
    ] {
        for text in control.into_iter().chain(["", "a\nb", &"x".repeat(501)]) {
            let message = refusal(pointer, json!(text));
            assert!(message.ends_with(clean), "{pointer}: {message}");
        }
    }
    accepted("/organiser/name", json!("x".repeat(500)));
    accepted("/trustees/2/name", json!("é".repeat(250)));
}

#[test]
fn keys_are_canonical_elements_in_lower_case_hexadecimal() {
    let message = "must be 64 lower-case hexadecimal digits that encode a key";
    let good = key(9);
    for (fault, bad) in [
        ("the identity", "00".repeat(32)),
        ("upper case", good.to_uppercase()),
        ("short", good[..62].to_owned()),
        ("long", format!("{good}00")),
        ("not canonical", format!("{}ff", &good[..62])),
        ("negative", "01".to_owned() + &"00".repeat(31)),
        ("a prefix", format!("0x{}", &good[..62])),
    ] {
        for (pointer, path) in [
            ("/organiser/key", "manifest.organiser.key"),
            ("/trustees/1/key", "manifest.trustees[1].key"),
        ] {
            assert_eq!(
                refusal(pointer, json!(bad)),
                format!("{path} {message}"),
                "{fault}"
            );
        }
    }
    accepted("/organiser/key", json!(good));
    let board = "manifest.board.key must be 64 lower-case hexadecimal digits";
    for bad in [
        "AA".repeat(32),
        "11".repeat(31),
        "11".repeat(33),
        "1g".repeat(32),
    ] {
        assert_eq!(refusal("/board/key", json!(bad)), board);
    }
}

#[test]
fn trustees_are_distinct_in_name_and_key() {
    let twice = |name: &str, number: u32| json!({"name": name, "key": key(number)});
    let message = refusal("/trustees/2", twice("Ada", 9));
    assert_eq!(message, "manifest.trustees repeats the name \"Ada\"");
    let message = refusal("/trustees/2", twice("Cy", 3));
    assert_eq!(message, "manifest.trustees repeats a key, that of \"Cy\"");
    let message = refusal("/trustees/2", twice("Cy", 1));
    assert_eq!(message, "manifest.trustees repeats a key, that of \"Cy\"");
    accepted("/trustees/2", twice("Club", 9));
}

#[test]
fn the_quorum_lets_no_two_closes_be_certified() {
    let manifest = |n: u32, t: u32, q: u32| {
        let trustees: Vec<Value> = (0..n)
            .map(|j| json!({"name": format!("T{j}"), "key": key(100 + j)}))
            .collect();
        let mut manifest = with("/trustees", json!(trustees));
        manifest["threshold"] = json!(t);
        manifest["close_quorum"] = json!(q);
        parse(&manifest)
    };
    for n in 1..=9u32 {
        for t in 1..=n {
            for q in 1..=n {
                // Two sets of q of n trustees share one that is honest though t − 1 are not.
                let safe = 2 * q > n + t - 1;
                match manifest(n, t, q) {
                    Ok(_) => assert!(safe, "{n} {t} {q}"),
                    Err(error) => {
                        assert!(!safe, "{n} {t} {q}: {error}");
                        let ManifestError::Quorum { quorum, rule } = error else {
                            panic!("{error}");
                        };
                        let least = rule.least_quorum();
                        assert_eq!(u32::from(quorum), q);
                        assert!(u32::from(least) > q && manifest(n, t, u32::from(least)).is_ok());
                    }
                }
            }
            for q in [0, n + 1, u32::MAX] {
                let message = manifest(n, t, q).unwrap_err().to_string();
                assert!(message.starts_with("manifest.close_quorum is"), "{message}");
            }
        }
        for t in [0, n + 1] {
            let message = format!("manifest.threshold is {t}; it must be between 1 and {n}");
            assert_eq!(manifest(n, t, n).unwrap_err().to_string(), message);
        }
    }
    assert_eq!(
        refusal("/close_quorum", json!(2)),
        "close_quorum is 2; with 3 trustees and threshold 2 it must be at least 3, \
         so that two different closes can never both be certified"
    );
}

#[test]
fn an_origin_is_a_url_without_scheme_that_ends_in_the_uuid() {
    let message = "manifest.board.origin must be a URL without scheme, spaces or plus signs that \
                   ends in \"/\" and the uuid";
    let other = "0".repeat(32);
    for origin in [
        format!("https://vote.example/{UUID}"),
        format!("vote.example/{UUID}/"),
        format!("vote.example{UUID}"),
        format!("vote.example/{other}"),
        format!("vote example/{UUID}"),
        format!("vote+example/{UUID}"),
        format!("vote.example/{}", UUID.to_uppercase()),
        format!("/{UUID}"),
        format!("/vote.example/{UUID}"),
        format!("//{UUID}"),
        format!("głos.example/{UUID}"),
        format!("vote\u{a0}example/{UUID}"),
        UUID.to_owned(),
        "vote.example".to_owned(),
    ] {
        assert_eq!(refusal("/board/origin", json!(origin)), message, "{origin}");
    }
    for origin in [
        format!("a/{UUID}"),
        format!("localhost:8000/elections/{UUID}"),
    ] {
        accepted("/board/origin", json!(origin));
    }
}

#[test]
fn times_are_moments_of_the_calendar_in_one_form() {
    let message = "manifest.opens must be a time in UTC such as \"2026-05-01T08:00:00Z\"";
    for time in [
        "2026-05-01T08:00:00",
        "2026-05-01T08:00:00z",
        "2026-05-01t08:00:00Z",
        "2026-05-01 08:00:00Z",
        "2026-05-01T08:00:00+00:00",
        "2026-05-01T08:00:00.0Z",
        "2026-05-01T08:00Z",
        "2026-5-01T08:00:00Z0",
        "20260501T080000Z",
        "2026-02-29T08:00:00Z",
        "1900-02-29T08:00:00Z",
        "2026-13-01T08:00:00Z",
        "2026-00-01T08:00:00Z",
        "2026-04-31T08:00:00Z",
        "2026-04-00T08:00:00Z",
        "2026-05-01T24:00:00Z",
        "2026-05-01T08:60:00Z",
        "2026-05-01T08:00:60Z",
        "2025-12-31T23:59:60Z",
        "2016-12-31T23:59:60Z",
        "+026-05-01T08:00:00Z",
        "-026-05-01T08:00:00Z",
        "2026-05-01T08:00:0٠Z",
        "2026-05-01T08:00:0 Z",
        "1969-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "tomorrow",
    ] {
        assert_eq!(refusal("/opens", json!(time)), message, "{time}");
    }
    for time in [
        "2024-02-29T23:59:59Z",
        "2000-02-29T00:00:00Z",
        "1970-01-01T00:00:00Z",
    ] {
        accepted("/opens", json!(time));
    }
}

#[test]
fn an_election_closes_after_it_opens() {
    let message = "manifest.closes must be later than manifest.opens";
    assert_eq!(refusal("/closes", json!("2026-05-01T08:00:00Z")), message);
    assert_eq!(refusal("/closes", json!("2026-05-01T07:59:59Z")), message);
    accepted("/closes", json!("2026-05-01T08:00:01Z"));
}

#[test]
fn ids_have_1_to_64_plain_characters() {
    let message = "must be an id: 1 to 64 letters, digits, hyphens and underscores";
    let long = "x".repeat(65);
    for id in ["a b", "a.b", "é", "a/b", "a+b", "\"", long.as_str()] {
        for (pointer, path) in [
            ("/contests/0/id", "manifest.contests[0].id"),
            (
                "/contests/1/options/2/id",
                "manifest.contests[1].options[2].id",
            ),
            ("/styles/1/id", "manifest.styles[1].id"),
        ] {
            assert_eq!(refusal(pointer, json!(id)), format!("{path} {message}"));
        }
    }
    for id in ["a", "A-Z_09", &"x".repeat(64)] {
        accepted("/styles/1/id", json!(id));
        accepted("/contests/1/options/2/id", json!(id));
    }
}

#[test]
fn ids_are_distinct() {
    let message = "manifest.contests repeats the id \"chair\"";
    assert_eq!(refusal("/contests/1/id", json!("chair")), message);
    let message = "manifest.contests[1].options repeats the id \"x\"";
    assert_eq!(refusal("/contests/1/options/2/id", json!("x")), message);
    let message = "manifest.styles repeats the id \"all\"";
    assert_eq!(refusal("/styles/1/id", json!("all")), message);
    // Options of another contest may have the same ids, and case matters.
    accepted("/contests/1/options/2/id", json!("a"));
    accepted("/styles/1/id", json!("ALL"));
}

#[test]
fn styles_name_every_contest_in_order_and_once() {
    let order = "the id of a contest, each at most once and in the order of the contests";
    for (contests, at) in [
        (json!(["budget", "chair"]), 1),
        (json!(["chair", "chair"]), 1),
        (json!(["chair", "nothing"]), 1),
        (json!(["Chair"]), 0),
    ] {
        let message = format!("manifest.styles[0].contests[{at}] must be {order}");
        assert_eq!(refusal("/styles/0/contests", contests), message);
    }
    let message = "manifest.styles[0].contests has 0 items; it must have between 1 and 256";
    assert_eq!(refusal("/styles/0/contests", json!([])), message);
    let message = "manifest.styles must be such that every contest is in a style";
    assert_eq!(refusal("/styles/0/contests", json!(["budget"])), message);
}

#[test]
fn kinds_fix_which_members_there_are() {
    let message = "manifest.contests[0].kind must be \"choices\", \"points\", \
        \"matrix\", \"number\", \"product\" or \"table\"";
    for kind in ["choice", "Choices", "ranking"] {
        assert_eq!(refusal("/contests/0/kind", json!(kind)), message);
    }
    assert_eq!(
        refusal("/contests/0/max_per_option", json!(1)),
        "manifest.contests[0] has an unknown member \"max_per_option\"; check its spelling"
    );
    assert_eq!(
        refusal("/contests/0/kind", json!("points")),
        "manifest.contests[0] lacks the member \"max_per_option\""
    );
}
