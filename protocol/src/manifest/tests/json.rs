//! The JSON itself: strict members, plain integers, no other form of the same content.

use super::*;

fn error(text: &[u8]) -> ManifestError {
    ElectionManifest::parse(text).unwrap_err()
}

#[track_caller]
fn is_not_json(text: impl AsRef<[u8]>, reason: &str) {
    match error(text.as_ref()) {
        ManifestError::Json { reason: found } => assert!(found.contains(reason), "{found}"),
        other => panic!("{other}"),
    }
}

/// Every object of a manifest: its path in errors and its JSON pointer.
fn objects(value: &Value, path: &str, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            found.push((path.to_owned(), pointer.to_owned()));
            for (name, value) in members {
                objects(
                    value,
                    &format!("{path}.{name}"),
                    &format!("{pointer}/{name}"),
                    found,
                );
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                objects(
                    value,
                    &format!("{path}[{i}]"),
                    &format!("{pointer}/{i}"),
                    found,
                );
            }
        }
        _ => {}
    }
}

fn all_objects() -> Vec<(String, String)> {
    let mut found = Vec::new();
    objects(&valid(), "manifest", "", &mut found);
    // The manifest, its two texts, those of the contests, organiser, issuers, trustees, board,
    // styles, contests, options and their labels.
    assert_eq!(found.len(), 1 + 2 + 3 + 1 + 2 + 3 + 1 + 2 + 2 + 5 + 5);
    found
}

fn is_text(path: &str) -> bool {
    [".title", ".description", ".label"]
        .iter()
        .any(|end| path.ends_with(end))
}

fn member_names(pointer: &str) -> Vec<String> {
    valid()
        .pointer(pointer)
        .unwrap()
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect()
}

/// The valid manifest as text, where the object at `pointer` starts with `insertion`.
fn text_with(pointer: &str, insertion: &str) -> String {
    let mut manifest = valid();
    let object = manifest
        .pointer_mut(pointer)
        .unwrap()
        .as_object_mut()
        .unwrap();
    object.insert("\u{1}mark".to_owned(), Value::Null);
    let text = manifest.to_string();
    let mark = "\"\\u0001mark\":null";
    assert_eq!(text.matches(mark).count(), 1);
    text.replace(mark, insertion)
}

#[test]
fn a_member_twice_is_refused_in_every_object() {
    for (_, pointer) in all_objects() {
        for name in member_names(&pointer) {
            let reason = format!("the member \"{name}\" stands twice in one object");
            let value = valid()
                .pointer(&format!("{pointer}/{name}"))
                .unwrap()
                .to_string();
            // With the same value, with another, and with the name written otherwise.
            is_not_json(text_with(&pointer, &format!("\"{name}\":{value}")), &reason);
            is_not_json(text_with(&pointer, &format!("\"{name}\":0")), &reason);
            let escaped = format!("\\u{:04x}{}", name.as_bytes()[0], &name[1..]);
            is_not_json(
                text_with(&pointer, &format!("\"{escaped}\":{value}")),
                &reason,
            );
        }
    }
}

#[test]
fn an_unknown_member_is_refused_in_every_object() {
    for (path, pointer) in all_objects() {
        let found = error(text_with(&pointer, "\"a member\":1").as_bytes());
        let expected = if is_text(&path) {
            ManifestError::Member {
                path: format!("{path}.a member"),
                expected: "named by a language tag",
            }
        } else {
            ManifestError::Unknown {
                path: path.clone(),
                name: "a member".to_owned(),
            }
        };
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn a_missing_member_is_refused_in_every_object() {
    for (path, pointer) in all_objects() {
        for name in member_names(&pointer) {
            let mut manifest = valid();
            let object = manifest
                .pointer_mut(&pointer)
                .unwrap()
                .as_object_mut()
                .unwrap();
            object.remove(&name);
            let result = parse(&manifest);
            let optional = name == "description" || (is_text(&path) && name != "en");
            match result {
                Ok(_) => assert!(optional, "{path} without {name}"),
                Err(ManifestError::Missing {
                    path: found,
                    name: missing,
                }) => {
                    assert_eq!((found.as_str(), missing), (path.as_str(), name.as_str()));
                }
                Err(error) => {
                    let wanted = "must be an object with a text in the manifest's language";
                    assert!(is_text(&path) && name == "en");
                    assert_eq!(error.to_string(), format!("{path} {wanted}"));
                }
            }
        }
    }
}

/// Every value of the manifest in turn becomes a value of every other kind.
#[test]
fn a_value_of_another_kind_is_refused_everywhere() {
    let others = [
        json!(null),
        json!(true),
        json!(1),
        json!(-1),
        json!(1.5),
        json!("text"),
        json!([]),
        json!([1]),
        json!({}),
        json!({"en": 1}),
    ];
    let kind = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    };
    let mut tried = 0;
    let mut try_all = |pointer: &str| {
        let original = valid().pointer(pointer).unwrap().clone();
        for other in others.iter().filter(|other| kind(other) != kind(&original)) {
            let mut manifest = valid();
            *manifest.pointer_mut(pointer).unwrap() = other.clone();
            assert!(parse(&manifest).is_err(), "{pointer} = {other}");
            tried += 1;
        }
    };
    for (_, pointer) in all_objects() {
        try_all(&pointer);
        for name in member_names(&pointer) {
            let pointer = format!("{pointer}/{name}");
            try_all(&pointer);
            let length = valid()
                .pointer(&pointer)
                .unwrap()
                .as_array()
                .map_or(0, Vec::len);
            (0..length).for_each(|i| try_all(&format!("{pointer}/{i}")));
        }
    }
    assert!(tried > 800, "{tried}");
}

#[test]
fn kinds_are_named_in_errors() {
    assert_eq!(
        refusal("/organiser", json!(["Club"])),
        "manifest.organiser must be an object"
    );
    assert_eq!(
        refusal("/issuers", json!({})),
        "manifest.issuers must be an array"
    );
    assert_eq!(
        refusal("/contests/0/blank", json!(1)),
        "manifest.contests[0].blank must be true or false"
    );
    assert_eq!(refusal("/uuid", json!(1)), "manifest.uuid must be a string");
    assert_eq!(
        refusal("/threshold", json!("2")),
        "manifest.threshold must be an integer"
    );
    assert_eq!(
        refusal("/threshold", json!(null)),
        "manifest.threshold must be an integer, not null"
    );
}

/// Numbers as they stand in the text.
#[test]
fn numbers_that_are_no_plain_integers_are_refused() {
    let number = |digits: &str| {
        let text = valid().to_string();
        assert_eq!(text.matches("\"minimum_ballots\":5").count(), 1);
        text.replace(
            "\"minimum_ballots\":5",
            &format!("\"minimum_ballots\":{digits}"),
        )
    };
    assert!(ElectionManifest::parse(number("6").as_bytes()).is_ok());
    let not_plain =
        "manifest.minimum_ballots must be an integer, not a number that is not a plain integer";
    for digits in [
        "5.0",
        "5e0",
        "5E2",
        "5.5",
        "0.5e1",
        "-0",
        "-0.0",
        "18446744073709551616",
        "1e400",
    ] {
        let message = error(number(digits).as_bytes()).to_string();
        assert!(
            message == not_plain || message.contains("number out of range"),
            "{digits}: {message}"
        );
    }
    let negative = "manifest.minimum_ballots must be an integer, not a negative number";
    for digits in ["-1", "-5", "-9007199254740992", "-9223372036854775808"] {
        assert_eq!(
            error(number(digits).as_bytes()).to_string(),
            negative,
            "{digits}"
        );
    }
    // Above 2^53, and just above the member's own bound.
    for digits in ["9007199254740993", "18446744073709551615", "4294967296"] {
        let range =
            format!("manifest.minimum_ballots is {digits}; it must be between 1 and 4294967295");
        assert_eq!(error(number(digits).as_bytes()).to_string(), range);
    }
    for digits in [
        "05", "+5", "0x5", "5.", ".5", "1_0", "NaN", "Infinity", "5 5", "",
    ] {
        assert!(
            matches!(error(number(digits).as_bytes()), ManifestError::Json { .. }),
            "{digits}"
        );
    }
}

#[test]
fn bytes_before_and_after_the_text_are_refused() {
    let text = valid().to_string();
    assert!(ElectionManifest::parse(format!(" \r\n\t{text} \n").as_bytes()).is_ok());
    is_not_json(format!("\u{feff}{text}"), "expected value");
    for trailing in ["{}", "x", ",", "\0", "\u{feff}", "//", "]", "}"] {
        is_not_json(format!("{text}{trailing}"), "trailing characters");
    }
    is_not_json(&text[..text.len() - 1], "EOF");
    is_not_json("", "EOF");
    is_not_json(format!("/* c */{text}"), "expected value");
    is_not_json(text.replacen(',', ",,", 1), "");
    is_not_json(text.replacen('}', ",}", 1), "trailing comma");
}

#[test]
fn other_top_levels_are_refused() {
    for text in ["[]", "1", "null", "\"manifest\"", "true"] {
        assert_eq!(
            error(text.as_bytes()).to_string(),
            "manifest must be an object",
            "{text}"
        );
    }
}

#[test]
fn text_that_is_not_unicode_is_refused() {
    let text = valid().to_string();
    let (before, after) = text.split_once("Club").unwrap();
    let name = |bytes: &[u8]| [before.as_bytes(), bytes, after.as_bytes()].concat();
    assert!(ElectionManifest::parse(&name(b"Club")).is_ok());
    for bytes in [
        &b"\xff"[..],
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xc3",
        b"\\ud800",
        b"\\udc00\\ud800",
        b"\n",
        b"\\x41",
    ] {
        assert!(
            matches!(error(&name(bytes)), ManifestError::Json { .. }),
            "{bytes:?}"
        );
    }
    // UTF-16 is not UTF-8.
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(matches!(error(&wide), ManifestError::Json { .. }));
}

#[test]
fn deep_nesting_is_an_error_and_no_overflow() {
    is_not_json("[".repeat(MAX_MANIFEST_LENGTH), "recursion limit");
    is_not_json("{\"a\":".repeat(MAX_MANIFEST_LENGTH / 5), "recursion limit");
    is_not_json(
        "[{\"a\":".repeat(MAX_MANIFEST_LENGTH / 6),
        "recursion limit",
    );
    let nested = format!("\"a member\":{}{}", "[".repeat(2000), "]".repeat(2000));
    for (_, pointer) in all_objects() {
        is_not_json(text_with(&pointer, &nested), "recursion limit");
    }
}

#[test]
fn a_manifest_that_is_too_long_is_refused_before_it_is_read() {
    let text = valid().to_string();
    let padded = |length: usize| format!("{text}{}", " ".repeat(length - text.len()));
    assert!(ElectionManifest::parse(padded(MAX_MANIFEST_LENGTH).as_bytes()).is_ok());
    let length = MAX_MANIFEST_LENGTH + 1;
    assert_eq!(
        error(padded(length).as_bytes()),
        ManifestError::TooLong { length }
    );
    assert_eq!(
        error(&vec![b'['; 1 << 20]),
        ManifestError::TooLong { length: 1 << 20 }
    );
}
