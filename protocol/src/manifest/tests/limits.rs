//! Numbers and sizes: what is still allowed, and the first that is not.

use super::*;

fn options(count: usize) -> Value {
    (0..count)
        .map(|i| json!({"id": format!("o{i}"), "label": {"en": "x"}}))
        .collect()
}

#[test]
fn lists_have_at_least_one_item_and_no_more_than_allowed() {
    let trustee = |j: usize| json!({"name": format!("T{j}"), "key": key(100 + j as u32)});
    type Item<'a> = &'a dyn Fn(usize) -> Value;
    let lists: [(&str, &str, usize, Item<'_>); 3] = [
        (
            "/issuers",
            "manifest.issuers",
            4,
            &|i| json!({"name": format!("I{i}")}),
        ),
        ("/trustees", "manifest.trustees", 64, &trustee),
        (
            "/styles",
            "manifest.styles",
            64,
            &|i| json!({"id": format!("s{i}"), "contests": ["chair", "budget"]}),
        ),
    ];
    for (pointer, path, most, item) in lists {
        let list = |count: usize| -> Value { (0..count).map(item).collect() };
        for count in [0, most + 1] {
            let message = format!("{path} has {count} items; it must have between 1 and {most}");
            assert_eq!(refusal(pointer, list(count)), message);
        }
        let mut manifest = with(pointer, list(most));
        if path == "manifest.trustees" {
            manifest["close_quorum"] = json!(33);
        }
        assert!(
            parse(&manifest).is_ok(),
            "{path}: {:?}",
            parse(&manifest).err()
        );
    }
    for count in [0, 1025] {
        let path = "manifest.contests[0].options";
        let message = format!("{path} has {count} items; it must have between 1 and 1024");
        assert_eq!(refusal("/contests/0/options", options(count)), message);
    }
}

#[test]
fn contests_are_1_to_256() {
    let manifest = |count: usize| {
        let ids: Vec<String> = (0..count).map(|i| format!("c{i}")).collect();
        let contest = |id: &String| {
            json!({"id": id, "kind": "choices", "title": {"en": "x"}, "options": options(1),
                   "min": 0, "max": 1, "blank": false})
        };
        let mut manifest = with("/contests", ids.iter().map(contest).collect());
        // A style lists at most 256 contests; the last is in a style of its own.
        let first = ids.get(..256).unwrap_or(&ids);
        manifest["styles"] = json!([
            {"id": "s", "contests": first},
            {"id": "t", "contests": [ids.last()]},
        ]);
        parse(&manifest)
    };
    assert!(manifest(256).is_ok());
    for count in [0, 257] {
        let message =
            format!("manifest.contests has {count} items; it must have between 1 and 256");
        assert_eq!(manifest(count).unwrap_err().to_string(), message);
    }
}

#[test]
fn sums_lie_within_what_the_options_allow() {
    // Three options of up to 5 points: at most 15.
    let path = "manifest.contests[1]";
    for (pointer, value, message) in [
        ("max", 0, "max is 0; it must be between 1 and 15"),
        ("max", 16, "max is 16; it must be between 1 and 15"),
        ("min", 10, "min is 10; it must be between 0 and 9"),
        (
            "max_per_option",
            0,
            "max_per_option is 0; it must be between 1 and 1048576",
        ),
        (
            "max_per_option",
            1_048_577,
            "max_per_option is 1048577; it must be between 1 and 1048576",
        ),
        ("max_per_option", 2, "max is 9; it must be between 1 and 6"),
    ] {
        let message = format!("{path}.{message}");
        assert_eq!(
            refusal(&format!("/contests/1/{pointer}"), json!(value)),
            message
        );
    }
    for (pointer, value) in [("max", 15), ("max", 1), ("min", 0), ("min", 9)] {
        accepted(&format!("/contests/1/{pointer}"), json!(value));
    }
    accepted("/contests/1/max_per_option", json!(1 << 20));
    // Two options of choices.
    let message = "manifest.contests[0].max is 3; it must be between 1 and 2";
    assert_eq!(refusal("/contests/0/max", json!(3)), message);
    accepted("/contests/0/max", json!(2));
}

#[test]
fn minimum_ballots_is_1_to_2_to_the_32_less_1() {
    let message = "manifest.minimum_ballots is 0; it must be between 1 and 4294967295";
    assert_eq!(refusal("/minimum_ballots", json!(0)), message);
    accepted("/minimum_ballots", json!(1));
    accepted("/minimum_ballots", json!(u32::MAX));
}

/// One contest of points under n trustees.
fn sized(n: u32, t: u32, n_options: usize, max_per_option: u64, slack: u64) -> Value {
    let trustees: Vec<Value> = (0..n)
        .map(|j| json!({"name": format!("T{j}"), "key": key(100 + j)}))
        .collect();
    let mut manifest = with("/trustees", json!(trustees));
    manifest["threshold"] = json!(t);
    manifest["close_quorum"] = json!(n);
    manifest["styles"] = json!([{"id": "s", "contests": ["c"]}]);
    manifest["contests"] = json!([{
        "id": "c", "kind": "points", "title": {"en": "x"}, "options": options(n_options),
        "min": 200 - slack, "max": 200, "max_per_option": max_per_option, "blank": false,
    }]);
    manifest
}

fn too_large(what: &'static str) -> Option<ManifestError> {
    Some(ManifestError::TooLarge { what })
}

#[test]
fn a_ceremony_that_would_not_fit_is_refused() {
    // n·(32·N + 16) ≤ 60,000, and with N·t·32 above 60,000 the coefficients would not fit either.
    assert_eq!(parse(&sized(3, 3, 624, 1, 20)).err(), None);
    let shares = "a trustee's sealed shares";
    assert_eq!(parse(&sized(3, 3, 625, 1, 20)).err(), too_large(shares));
    assert_eq!(parse(&sized(3, 1, 626, 1, 20)).err(), too_large(shares));
    let coefficients = "a trustee's coefficients";
    assert_eq!(
        parse(&sized(3, 3, 626, 1, 20)).err(),
        too_large(coefficients)
    );
}

#[test]
fn more_than_1024_positions_are_refused() {
    // Two contests in two styles, so that each ballot is small enough.
    let mut manifest = sized(1, 1, 512, 1, 0);
    let mut second = manifest["contests"][0].clone();
    second["id"] = json!("d");
    manifest["contests"].as_array_mut().unwrap().push(second);
    manifest["styles"] = json!([{"id": "s", "contests": ["c"]}, {"id": "t", "contests": ["d"]}]);
    assert_eq!(parse(&manifest).unwrap().n_positions(), 1024);
    manifest["contests"][0]["blank"] = json!(true);
    let message =
        "the list of all options and blanks has 1025 items; it must have between 1 and 1024";
    assert_eq!(parse(&manifest).unwrap_err().to_string(), message);
}

#[test]
fn a_ballot_that_would_not_fit_is_refused() {
    // N_s + m + 10 ≤ 2,042: 405 options of 4 digits, and slack of 7 or 8 digits.
    assert_eq!(parse(&sized(1, 1, 405, 15, 127)).err(), None);
    assert_eq!(
        parse(&sized(1, 1, 405, 15, 128)).err(),
        too_large("a ballot")
    );
    // Each style is measured on its own: two styles of half the size fit.
    let mut two = sized(1, 1, 300, 15, 7);
    let mut second = two["contests"][0].clone();
    second["id"] = json!("d");
    two["contests"].as_array_mut().unwrap().push(second);
    two["styles"] = json!([{"id": "s", "contests": ["c"]}, {"id": "t", "contests": ["d"]}]);
    assert_eq!(parse(&two).err(), None);
    two["styles"] = json!([{"id": "s", "contests": ["c", "d"]}]);
    assert_eq!(parse(&two).err(), too_large("a ballot"));
}

#[test]
fn the_largest_coordinates_that_fit_into_a_manifest_are_refused_at_once() {
    // 1,000 options of 21 digits: the size is known before any matrix of it is made.
    let mut manifest = sized(1, 1, 1000, 1 << 20, 20);
    assert_eq!(parse(&manifest).err(), too_large("a ballot"));
    let contests: Vec<Value> = (0..150)
        .map(|i| {
            json!({"id": format!("c{i}"), "kind": "points", "title": {"en": "x"},
                   "options": options(4), "min": 0, "max": 4_194_304, "max_per_option": 1 << 20,
                   "blank": true})
        })
        .collect();
    let ids: Vec<String> = (0..150).map(|i| format!("c{i}")).collect();
    manifest["contests"] = json!(contests);
    manifest["styles"] = (0..15)
        .map(|i| json!({"id": format!("s{i}"), "contests": ids}))
        .collect();
    let started = std::time::Instant::now();
    assert_eq!(parse(&manifest).err(), too_large("a ballot"));
    assert!(
        started.elapsed() < std::time::Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
}
