//! Contests of surveys: matrices, numbers, products, tables, groups, small cells.

use super::*;
use crate::style::{Constraint, Coordinate, CoordinateKind, RangeForm};

fn scale(id: &str, value: i64) -> Value {
    json!({"id": id, "label": {"en": id}, "value": value})
}

fn number(id: &str, changes: Value) -> Value {
    let mut number = json!({
        "id": id, "kind": "number", "title": {"en": "How many?"},
        "lo": -3, "hi": 96, "decimals": 1, "blank": true, "spread": true, "buckets": [-3, 0, 10],
    });
    let members = number.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
        if value.is_null() {
            members.remove(name);
        }
    }
    number
}

/// A manifest with every kind and every member of surveys.
fn survey() -> Value {
    let mut manifest = valid();
    let members = manifest.as_object_mut().unwrap();
    members.insert("issuers".into(), json!([{"name": "Registrar"}]));
    members.insert("participation".into(), json!("registered"));
    members.insert("minimum_cell".into(), json!(4));
    members.insert(
        "groups".into(),
        json!([{"id": "old", "title": {"en": "Old"}}, {"id": "new", "title": {"en": "New"}}]),
    );
    let mood = |id: &str, group: &str| {
        json!({"id": id, "question": "mood", "group": group, "kind": "choices", "title": {"en": "Mood?"},
               "options": [scale("bad", -1), scale("good", 1)], "min": 1, "max": 1, "blank": true})
    };
    members.insert(
        "contests".into(),
        json!([
            {"id": "place", "kind": "choices", "title": {"en": "Where?"},
             "options": [option("a"), option("b")], "min": 1, "max": 1, "blank": true},
            {"id": "matrix", "kind": "matrix", "title": {"en": "How is …"},
             "rows": [{"id": "r", "label": {"en": "r"}}, {"id": "s", "label": {"en": "s"}}],
             "options": [scale("low", 0), scale("high", 1_000_000)], "blank": true},
            number("hours", json!({"unit": {"en": "hours"}, "step": 5})),
            number("x", json!({"lo": 0, "hi": 255, "blank": false, "buckets": null})),
            number("y", json!({"lo": -7, "hi": 3, "blank": false, "buckets": null})),
            {"id": "xy", "kind": "product", "title": {"en": "x and y"}, "of": ["x", "y"]},
            {"id": "cells", "kind": "table", "title": {"en": "Where and how long"}, "of": ["place", "hours"]},
            mood("mood-old", "old"),
            mood("mood-new", "new"),
        ]),
    );
    let with = |last| ["place", "matrix", "hours", "x", "y", "xy", "cells", last];
    members.insert(
        "styles".into(),
        json!([
            {"id": "old", "contests": with("mood-old")},
            {"id": "new", "contests": with("mood-new")},
        ]),
    );
    manifest
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut manifest = survey();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match manifest.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => {
            members.remove(name);
        }
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        other => panic!("{other} has no members"),
    }
    manifest
}

#[track_caller]
fn says(pointer: &str, value: Value) -> String {
    parse(&changed(pointer, value)).unwrap_err().to_string()
}

#[track_caller]
fn allows(pointer: &str, value: Value) -> ElectionManifest {
    parse(&changed(pointer, value)).unwrap()
}

#[test]
fn a_survey_is_read_as_it_stands() {
    let manifest = parse(&survey()).unwrap();
    assert_eq!(manifest.minimum_cell, Some(4));
    assert_eq!(manifest.participation, Participation::Registered);
    assert_eq!(manifest.groups[1].id, "new");
    assert_eq!(manifest.contests[8].question, Some(("mood".into(), 1)));
    let n: Vec<usize> = manifest.contests.iter().map(Contest::n_positions).collect();
    assert_eq!(n, [3, 6, 6, 2, 2, 1, 12, 3, 3]);
    assert_eq!(manifest.asked_in(&manifest.styles[0]).count(), 6);
    assert!(manifest.has_numbers());
    assert!(!parse(&valid()).unwrap().has_numbers());

    let hours = &manifest.contests[2];
    let rules = hours.number().unwrap();
    assert_eq!(
        (rules.range(), rules.decimals, rules.step),
        (99, 1, Some(5))
    );
    let bounds: Vec<_> = rules.bucket_bounds().collect();
    assert_eq!(bounds, [(0, 2), (3, 12), (13, 99)]);
    let largest: Vec<u64> = (0..6).map(|i| hours.max_of_position(i)).collect();
    assert_eq!(largest, [99, 1, 99 * 99, 1, 1, 1]);
    assert_eq!(hours.max_of_positions(), 99 * 99);
    assert_eq!(manifest.contests[5].max_of_positions(), 255 * 10);
    // Categories are buckets, then the blank; cells stand in the order of positions.
    assert_eq!(hours.categories(), Some(vec![3, 4, 5, 1]));
    assert_eq!(hours.guarded(), [1, 3, 4, 5]);
    assert_eq!(manifest.contests[3].guarded(), [0usize; 0]);
    assert_eq!(manifest.contests[6].guarded().len(), 12);
    assert_eq!(manifest.contests[0].categories(), Some(vec![0, 1, 2]));
    assert_eq!(manifest.contests[1].categories(), None);
}

/// Place, matrix, hours, x, y, their product and the table of place and hours, by hand.
#[test]
fn the_shape_of_a_survey_is_the_one_worked_out_by_hand() {
    let manifest = parse(&survey()).unwrap();
    let shape = Shape::of_style(&manifest, &manifest.styles[0]).unwrap();
    assert_eq!(shape.n_positions(), 3 + 6 + 6 + 2 + 2 + 1 + 12 + 3);
    // Every position has one coordinate here.
    let kinds = |j: u16| match j {
        9 | 15 | 17 => CoordinateKind::Free,
        11 => CoordinateKind::Product(9, 9),
        16 => CoordinateKind::Product(15, 15),
        18 => CoordinateKind::Product(17, 17),
        19 => CoordinateKind::Product(15, 17),
        _ => CoordinateKind::Bit,
    };
    let expected: Vec<Coordinate> = (0..35)
        .map(|j| Coordinate {
            kind: kinds(j),
            counts: Some((j, 1)),
        })
        .collect();
    assert_eq!(shape.coordinates(), expected);
    // Cells are 20 to 31: rows a, b, blank; columns three buckets and the blank.
    let one = |list: &[u16]| Constraint {
        terms: list.iter().map(|j| (*j, 1)).collect(),
        constant: 1,
    };
    let constraints = [
        one(&[0, 1, 2]),
        one(&[3, 4, 5]),
        one(&[6, 7, 8]),
        one(&[10, 12, 13, 14]),
        one(&[20, 21, 22, 23, 1, 2]),
        one(&[24, 25, 26, 27, 0, 2]),
        one(&[28, 29, 30, 31, 0, 1]),
        one(&[20, 24, 28, 13, 14, 10]),
        one(&[21, 25, 29, 12, 14, 10]),
        one(&[22, 26, 30, 12, 13, 10]),
        one(&[23, 27, 31, 12, 13, 14]),
        one(&[32, 33, 34]),
    ];
    assert_eq!(shape.constraints(), constraints);
    let form = |constant, terms: &[(u16, i64)]| RangeForm {
        constant,
        terms: terms.to_vec(),
    };
    assert_eq!(shape.ranges().bits(), 8);
    let forms = [
        form(0, &[(9, 1), (13, -3), (14, -13)]),
        form(0, &[(9, -1), (12, 2), (13, 12), (14, 99)]),
        form(0, &[(15, 1)]),
        form(255, &[(15, -1)]),
        form(0, &[(17, 1)]),
        form(10, &[(17, -1)]),
    ];
    assert_eq!(shape.ranges().forms(), forms);
}

#[test]
fn a_blank_without_buckets_takes_the_whole_range() {
    let manifest = parse(&changed(
        "/contests/2",
        number("hours", json!({"buckets": null})),
    ));
    // The table lost its categories.
    assert!(manifest.is_err());
    let mut manifest = changed("/contests/3/blank", json!(true));
    manifest.as_object_mut().unwrap().remove("minimum_cell");
    manifest["contests"].as_array_mut().unwrap().remove(5);
    for style in 0..2 {
        manifest["styles"][style]["contests"]
            .as_array_mut()
            .unwrap()
            .remove(5);
    }
    let manifest = parse(&manifest).unwrap();
    let shape = Shape::of_style(&manifest, &manifest.styles[0]).unwrap();
    let form = &shape.ranges().forms()[3];
    assert_eq!(
        (form.constant, &form.terms[..]),
        (255, &[(15, -1), (16, -255)][..])
    );
}

#[test]
fn the_bits_of_range_proofs_are_the_least_that_hold_every_number() {
    for (hi, bits) in [
        (255u64, 8),
        (256, 16),
        (65_535, 16),
        (65_536, 32),
        (4_294_967_295, 32),
    ] {
        let manifest = allows("/contests/3/hi", json!(hi));
        assert_eq!(manifest.range_bits(&manifest.styles[0]), bits, "{hi}");
        let shape = Shape::of_style(&manifest, &manifest.styles[0]).unwrap();
        assert_eq!(shape.ranges().bits(), bits);
    }
    let plain = parse(&valid()).unwrap();
    assert_eq!(plain.range_bits(&plain.styles[0]), 0);
}

#[test]
fn numbers_outside_their_bounds_are_refused() {
    let hi = "/contests/3/hi";
    assert!(says(hi, json!(0)).contains("must be between 1 and 4294967295"));
    assert!(says(hi, json!(4_294_967_296u64)).contains("must be between"));
    assert!(says(hi, json!(9_007_199_254_740_993i64)).contains("must be between"));
    allows("/contests/4/lo", json!(-4_294_967_292i64));
    assert!(says("/contests/4/lo", json!(-4_294_967_293i64)).contains("must be between"));
    allows("/contests/3/decimals", json!(9));
    assert!(says("/contests/3/decimals", json!(10)).contains("between 0 and 9"));
    allows("/contests/3/step", json!(255));
    assert!(says("/contests/3/step", json!(256)).contains("between 1 and 255"));
    assert!(says("/contests/3/step", json!(0)).contains("between 1 and 255"));
    for member in ["lo", "hi", "decimals", "blank", "spread"] {
        let lacks = says(&format!("/contests/3/{member}"), Value::Null);
        assert!(lacks.contains("lacks the member"), "{lacks}");
    }
    assert!(says("/contests/3/max", json!(1)).contains("unknown member"));
    assert!(says("/contests/3/options", json!([])).contains("unknown member"));
}

#[test]
fn only_bounds_buckets_and_values_may_be_negative_and_minus_zero_is_no_integer() {
    for text in ["-0", "-0.0", "-1.5", "-1e1", "-9007199254740993"] {
        let manifest = survey()
            .to_string()
            .replace("\"lo\":-7", &format!("\"lo\":{text}"));
        assert!(
            ElectionManifest::parse(manifest.as_bytes()).is_err(),
            "{text}"
        );
    }
    let manifest = survey().to_string();
    assert!(manifest.contains("\"lo\":-7"));
    assert!(ElectionManifest::parse(manifest.as_bytes()).is_ok());
    let negative = says("/minimum_ballots", json!(-1));
    assert!(negative.contains("not a negative number"), "{negative}");
    assert!(says("/contests/3/decimals", json!(-1)).contains("not a negative number"));
}

#[test]
fn buckets_that_do_not_rise_from_lo_to_at_most_hi_are_refused() {
    let of = |list: Value| changed("/contests/2/buckets", list);
    for good in [json!([-3, 95]), json!([-3, -1, 1, 3])] {
        assert!(parse(&of(good)).is_ok());
    }
    for bad in [
        json!([-3]),
        json!([-2, 5]),
        json!([-3, 5, 5]),
        json!([-3, 6, 5]),
        json!([-3, 97]),
        json!([-3, 1.5]),
        Value::Array((-3..62).map(Value::from).collect()),
    ] {
        assert!(parse(&of(bad.clone())).is_err(), "{bad}");
    }
    let most: Vec<Value> = (-3..61).map(Value::from).collect();
    let mut many = of(most.into());
    many.as_object_mut().unwrap().remove("minimum_cell");
    assert!(parse(&many).is_ok());
}

#[test]
fn values_of_options_are_for_one_of_n_and_for_matrices() {
    let options = "/contests/0/options";
    allows(options, json!([scale("a", -1_000_000), scale("b", 0)]));
    let beyond = says(options, json!([scale("a", -1_000_001), scale("b", 0)]));
    assert!(beyond.contains("-1000000"), "{beyond}");
    assert!(says(options, json!([scale("a", 1), option("b")])).contains("all have a value"));
    // Two of them may be chosen, or they are points.
    let mut many = survey();
    many["contests"][8] = json!({"id": "mood-new", "kind": "choices", "title": {"en": "?"},
        "options": [scale("a", 1), scale("b", 2)], "min": 1, "max": 2, "blank": false});
    assert!(parse(&many).is_err());
    many["contests"][8]["max"] = json!(1);
    assert!(parse(&many).is_ok());
    many["contests"][8]["kind"] = json!("points");
    many["contests"][8]["max_per_option"] = json!(1);
    assert!(parse(&many).is_err());
}

#[test]
fn matrices_have_1_to_64_rows_and_2_to_64_options_with_distinct_ids() {
    let rows = |count: usize| -> Value {
        let row = |i| json!({"id": format!("r{i}"), "label": {"en": "row"}});
        (0..count).map(row).collect()
    };
    allows("/contests/1/rows", rows(64));
    for count in [0, 65] {
        assert!(says("/contests/1/rows", rows(count)).contains("between 1 and 64"));
    }
    let twice = json!([{"id": "r", "label": {"en": "r"}}, {"id": "r", "label": {"en": "s"}}]);
    assert!(says("/contests/1/rows", twice).contains("repeats the id"));
    let value = json!([{"id": "r", "label": {"en": "r"}, "value": 1}]);
    assert!(says("/contests/1/rows", value).contains("unknown member"));
    assert!(says("/contests/1/options", json!([option("a")])).contains("between 2 and 64"));
    for member in ["min", "max", "order"] {
        assert!(says(&format!("/contests/1/{member}"), json!(1)).contains("unknown member"));
    }
}

#[test]
fn products_are_of_two_numbers_without_blank_and_with_spread() {
    let of = "/contests/5/of";
    for bad in [
        json!(["x"]),
        json!(["x", "x"]),
        json!(["x", "hours"]),
        json!(["x", "place"]),
        json!(["x", "nobody"]),
        json!(["x", "y", "x"]),
        json!(["x", "cells"]),
    ] {
        assert!(parse(&changed(of, bad.clone())).is_err(), "{bad}");
    }
    allows(of, json!(["y", "x"]));
    assert!(parse(&changed("/contests/3/spread", json!(false))).is_err());
    assert!(says("/contests/5/blank", json!(false)).contains("unknown member"));
}

#[test]
fn tables_are_of_two_contests_with_categories_that_stand_before() {
    let of = "/contests/6/of";
    allows(of, json!(["hours", "place"]));
    for bad in [
        json!(["place", "x"]),
        json!(["place", "matrix"]),
        json!(["place", "place"]),
        json!(["place", "mood-old"]),
        json!(["place", "xy"]),
    ] {
        assert!(parse(&changed(of, bad.clone())).is_err(), "{bad}");
    }
    // None of n may be chosen: no categories. One option alone has one, with a blank two.
    assert!(parse(&changed("/contests/0/min", json!(0))).is_err());
    let mut one = changed("/contests/0/options", json!([option("a")]));
    assert!(parse(&one).is_ok());
    one["contests"][0]["blank"] = json!(false);
    assert!(parse(&one).is_err());
}

#[test]
fn derived_contests_are_in_exactly_the_styles_of_what_they_are_of() {
    for lost in ["xy", "x", "cells", "place"] {
        let mut manifest = survey();
        manifest["styles"][0]["contests"]
            .as_array_mut()
            .unwrap()
            .retain(|id| id != lost);
        let said = parse(&manifest).unwrap_err().to_string();
        assert!(said.contains("in exactly the styles"), "{lost}: {said}");
    }
    let mut manifest = survey();
    manifest["styles"][0]["contests"]
        .as_array_mut()
        .unwrap()
        .retain(|id| !["xy", "x", "y"].contains(&id.as_str().unwrap()));
    assert!(parse(&manifest).is_ok());
}

#[test]
fn a_style_asks_something_and_at_most_16_numbers() {
    let with_numbers = |count: usize| {
        let mut manifest = valid();
        let ids: Vec<String> = (0..count).map(|i| format!("n{i}")).collect();
        let numbers = ids.iter().map(|id| number(id, json!({"buckets": null})));
        manifest["contests"] = numbers.collect();
        manifest["styles"] = json!([{"id": "all", "contests": ids}]);
        parse(&manifest)
    };
    assert!(with_numbers(16).is_ok());
    assert!(with_numbers(17).unwrap_err().to_string().contains("17"));
}

#[test]
fn groups_and_questions_go_together() {
    let say = |pointer, value| says(pointer, value);
    assert!(say("/contests/7/group", json!("nobody")).contains("id of a group"));
    assert!(say("/contests/7/group", Value::Null).contains("lacks the member \"group\""));
    assert!(say("/contests/7/question", Value::Null).contains("lacks the member \"question\""));
    assert!(say("/contests/8/group", json!("old")).contains("another group"));
    assert!(say("/contests/8/blank", json!(false)).contains("alike"));
    let other = json!([scale("bad", -2), scale("good", 1)]);
    assert!(say("/contests/8/options", other).contains("alike"));
    allows("/contests/8/question", json!("weather"));
    allows("/contests/8/title", json!({"en": "Another text"}));
    assert!(say("/groups", json!([])).contains("between 1 and 64"));
    // Without groups both members are unknown.
    assert!(say("/groups", Value::Null).contains("unknown member"));
    let together = json!([
        "place", "matrix", "hours", "x", "y", "xy", "cells", "mood-old", "mood-new"
    ]);
    assert!(say("/styles/0/contests", together).contains("in no style"));
    // A derived contest has the group of both it is of.
    let mut mixed = changed("/contests/6/question", json!("cells"));
    mixed["contests"][6]["group"] = json!("old");
    assert!(
        parse(&mixed)
            .unwrap_err()
            .to_string()
            .contains("of its own group")
    );
    let twice =
        json!([{"id": "old", "title": {"en": "Old"}}, {"id": "old", "title": {"en": "New"}}]);
    assert!(say("/groups", twice).contains("repeats the id"));
}

#[test]
fn participation_is_issued_or_registered_by_one() {
    allows("/participation", json!("issued"));
    assert_eq!(
        allows("/participation", Value::Null).participation,
        Participation::Issued
    );
    assert!(says("/participation", json!("open")).contains("registered"));
    let two = json!([{"name": "Registrar"}, {"name": "Post"}]);
    assert!(says("/issuers", two).contains("exactly one issuer"));
}

#[test]
fn small_cells_are_at_least_two_and_their_preview_fits() {
    allows("/minimum_cell", json!(5));
    assert!(says("/minimum_cell", json!(6)).contains("minimum_ballots is 5"));
    for bad in [0u64, 1, 1 << 32] {
        assert!(says("/minimum_cell", json!(bad)).contains("between 2 and"));
    }
    assert_eq!(allows("/minimum_cell", Value::Null).minimum_cell, None);
    // 938 options in 938 contests of their own fit into every other entry; with one proof for each
    // contest, the preview does not.
    let contest = |i: usize| {
        json!({"id": format!("{i}"), "kind": "points", "title": {"en": "?"}, "options": [option("a")],
               "min": 0, "max": 1, "max_per_option": 1, "blank": false})
    };
    let mut large = valid();
    large["trustees"] = json!([{"name": "Ada", "key": key(2)}]);
    large["threshold"] = json!(1);
    large["close_quorum"] = json!(1);
    large["minimum_cell"] = json!(5);
    let with = |large: &Value, count: usize, kind: &str| {
        let mut large = large.clone();
        let matrix = |i: usize| {
            json!({"id": format!("m{i}"), "kind": kind, "title": {"en": "?"}, "blank": false,
                   "rows": (0..20).map(|r| json!({"id": format!("{r}"), "label": {"en": "r"}})).collect::<Value>(),
                   "options": [option("a"), option("b")]})
        };
        large["contests"] = (0..count).map(matrix).chain([contest(0)]).collect();
        let ids: Vec<Value> = (0..count).map(|i| json!(format!("m{i}"))).collect();
        large["styles"] = ids
            .iter()
            .map(|id| json!({"id": id, "contests": [id]}))
            .collect();
        large["styles"][0]["contests"] = json!(["m0", "0"]);
        parse(&large)
    };
    assert!(with(&large, 20, "matrix").is_ok());
    // Sealed for 64 trustees, the key of each preview takes 48 bytes for each.
    let roster = (0..64).map(|i| json!({"name": format!("T{i}"), "key": key(10 + i)}));
    large["trustees"] = roster.collect();
    large["close_quorum"] = json!(64);
    assert!(
        with(&large, 20, "matrix")
            .unwrap_err()
            .to_string()
            .contains("would not fit")
    );
}

/// What would give small counts away is refused with `minimum_cell`, and allowed without.
#[test]
fn contests_that_small_cells_cannot_guard_are_refused() {
    let free = |pointer: &str, value: Value| {
        let mut manifest = changed(pointer, value);
        manifest.as_object_mut().unwrap().remove("minimum_cell");
        parse(&manifest)
    };
    let options = json!([option("a"), option("b"), option("c")]);
    let place = |min: u32, max: u32, blank: bool| {
        json!({"id": "mood-new", "kind": "choices", "title": {"en": "?"}, "options": options,
               "min": min, "max": max, "blank": blank})
    };
    let points = |blank: bool| {
        json!({"id": "mood-new", "kind": "points", "title": {"en": "?"}, "options": options,
               "min": 0, "max": 5, "max_per_option": 5, "blank": blank})
    };
    let last = "/contests/8";
    for good in [place(1, 1, true), place(0, 3, false), points(false)] {
        allows(last, good);
    }
    for (pointer, bad) in [
        (last, place(0, 1, false)),
        (last, place(1, 2, false)),
        (last, place(0, 3, true)),
        (last, points(true)),
        (last, number("mood-new", json!({"buckets": null}))),
        (last, number("mood-new", json!({"buckets": [-3, -2, 5]}))),
        (last, number("mood-new", json!({"buckets": [-3, 5, 96]}))),
    ] {
        assert!(says(pointer, bad.clone()).contains("minimum_cell"), "{bad}");
        assert!(free(pointer, bad.clone()).is_ok(), "{bad}");
    }
}

#[test]
fn the_example_survey_is_a_manifest() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples/survey.json");
    let mut example: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let valid = valid();
    example["organiser"]["key"] = valid["organiser"]["key"].clone();
    for name in [
        "uuid",
        "trustees",
        "threshold",
        "close_quorum",
        "board",
        "opens",
        "closes",
    ] {
        example[name] = valid[name].clone();
    }
    let manifest = parse(&example).unwrap();
    assert!(manifest.has_numbers() && manifest.minimum_cell.is_some());
}
