//! Surveys, written in full and in short.

use protocol::manifest::{ContestKind, Participation};

use super::*;

const SURVEY: &str = include_str!("../../../../docs/examples/survey.json");
const ONE_NUMBER: &str = include_str!("../../../../docs/examples/one-number.json");

/// A draft of these contests and other members.
fn draft(members: &str, contests: &str) -> String {
    format!(
        r#"{{"language": "en", "title": "Survey", "organiser": "Club",
            "opens": "2026-05-01T08:00:00Z", "closes": "2026-05-08T20:00:00Z"{members},
            "contests": [{contests}]}}"#
    )
}

const GROUPS: &str =
    r#", "groups": [{"id": "care", "title": "Carers"}, {"id": "med", "title": "Doctors"}]"#;

/// A number of this id, and more of its members.
fn number(id: &str, more: &str) -> String {
    format!(
        r#"{{"id": "{id}", "kind": "number", "title": "How much?", "lo": -10, "hi": 30{more}}}"#
    )
}

/// Completes an example, which has no times.
fn example(text: &str) -> ElectionManifest {
    let times = r#"{"opens": "2026-05-01T08:00:00Z", "closes": "2026-05-08T20:00:00Z","#;
    complete(&text.replacen('{', times, 1), 3, Some(2)).unwrap()
}

#[test]
fn the_examples_are_drafts_of_every_kind_of_question() {
    let survey = example(SURVEY);
    assert_eq!(survey.contests.len(), 13);
    assert_eq!((survey.minimum_cell, survey.minimum_ballots), (Some(4), 5));
    assert_eq!((survey.groups.len(), survey.styles.len()), (2, 2));
    let kind = |id: &str| {
        let contest = survey.contests.iter().find(|contest| contest.id == id);
        &contest.unwrap().kind
    };
    assert!(matches!(kind("conditions"), ContestKind::Matrix { rows } if rows.len() == 3));
    assert!(matches!(
        kind("place-overtime"),
        ContestKind::Table {
            rows: 3,
            columns: 5,
            ..
        }
    ));
    assert!(matches!(
        kind("years-balance"),
        ContestKind::Product { of: [5, 6], .. }
    ));
    let one = example(ONE_NUMBER);
    assert_eq!(one.contests[0].number().unwrap().hi, 5000);
    assert_eq!(one.participation, Participation::Issued);
    assert_eq!(
        survey.title.get("fr"),
        Some("Travailler à l'hôpital Saint-Roch, 2026")
    );
}

#[test]
fn a_number_needs_no_more_than_its_bounds() {
    let manifest = complete(&draft("", &number("n", "")), 3, Some(2)).unwrap();
    let rules = manifest.contests[0].number().unwrap();
    assert_eq!((rules.lo, rules.hi, rules.decimals), (-10, 30, 0));
    assert!(rules.spread && rules.buckets.is_empty() && !manifest.contests[0].blank);
    let told = complete(&draft("", &number("n", r#", "buckets": 4"#)), 3, Some(2)).unwrap();
    assert_eq!(told.contests[0].number().unwrap().buckets, [-10, 0, 10, 20]);
}

#[test]
fn a_question_named_once_is_asked_of_every_group() {
    let groups = r#", "groups": "all""#;
    let contests = [
        number("shared", ""),
        number("a", groups),
        number("b", groups),
        r#"{"id": "ab", "kind": "product", "title": "Together", "groups": "all", "of": ["a", "b"]}"#
            .to_owned(),
        number("doctors", r#", "groups": ["med"]"#),
    ];
    let manifest = complete(&draft(GROUPS, &contests.join(",")), 3, Some(2)).unwrap();
    let ids: Vec<_> = manifest
        .contests
        .iter()
        .map(|one| one.id.as_str())
        .collect();
    let expected = [
        "shared",
        "a-care",
        "a-med",
        "b-care",
        "b-med",
        "ab-care",
        "ab-med",
        "doctors-med",
    ];
    assert_eq!(ids, expected);
    assert_eq!(manifest.contests[4].question, Some(("b".to_owned(), 1)));
    assert_eq!(manifest.contests[6].of(), Some([2, 4]));
    let styles: Vec<_> = manifest
        .styles
        .iter()
        .map(|one| (one.id.as_str(), one.contests.as_slice()))
        .collect();
    assert_eq!(
        styles,
        [
            ("care", [0, 1, 3, 5].as_slice()),
            ("med", [0, 2, 4, 6, 7].as_slice())
        ]
    );
    // A finished manifest is a draft that says the same.
    let again = std::str::from_utf8(manifest.bytes()).unwrap();
    assert_eq!(complete(again, 0, None).unwrap().bytes(), manifest.bytes());
}

#[test]
fn a_style_of_a_group_may_name_the_question() {
    let styles = format!(
        r#"{GROUPS}, "styles": [{{"id": "med", "contests": ["a"]}}, {{"id": "other", "contests": ["a-care"]}}]"#
    );
    let question = number("a", r#", "groups": "all""#);
    let manifest = complete(&draft(&styles, &question), 3, Some(2)).unwrap();
    assert_eq!(manifest.styles[0].contests, [1]);
    let told = error(
        &draft(
            &styles.replace("\"med\", \"contests\"", "\"x\", \"contests\""),
            &question,
        ),
        3,
        Some(2),
    );
    assert!(
        told.contains(r#"the style "x" must name the contest of one of them, such as "a-care""#),
        "{told}"
    );
}

#[test]
fn surveys_that_cannot_be_are_told_in_one_sentence() {
    let groups = r#", "groups": "all""#;
    let product = |more: &str| {
        format!(r#"{{"id": "p", "kind": "product", "title": "P", "of": ["a", "b"]{more}}}"#)
    };
    let options = r#""options": [{"id": "x", "label": "X"}, {"id": "y", "label": "Y"}]"#;
    for (contests, told) in [
        (
            number("a", r#", "groups": ["nobody"]"#),
            r#"the question "a" is for the group "nobody", which is not among"#,
        ),
        (number("a", r#", "groups": []"#), "is for no group"),
        (
            number("a", r#", "groups": 3"#),
            "groups are a list of their ids, or \"all\"",
        ),
        (
            number(
                "a",
                r#", "groups": "all", "group": "care", "question": "a""#,
            ),
            "has \"groups\" beside",
        ),
        (
            [number("a", groups), number("b", groups), product("")].join(","),
            r#"the question "p" is of "a", which is asked of groups"#,
        ),
        (
            [number("a", groups), number("b", ""), product(groups)].join(","),
            r#"the question "p" is of "b""#,
        ),
        (
            number("a", r#", "buckets": "some""#),
            "buckets are a list of where each begins",
        ),
        (number("a", r#", "buckets": [0, 5]"#), "contests[0].buckets"),
        (number("a", r#", "buckets": 1"#), "contests[0].buckets"),
        (number("a", "").replace("30", "-30"), "contests[0]"),
        (
            number("a", r#", "options": []"#),
            "unknown member \"options\"",
        ),
        (
            number("a", "").replace(r#""lo": -10,"#, ""),
            "lacks the member \"lo\"",
        ),
        (
            format!(r#"{{"id": "m", "kind": "matrix", "title": "M", {options}}}"#),
            "lacks the member \"rows\"",
        ),
        (
            format!(r#"{{"id": "c", "kind": "choices", "title": "C", {options}, "max": 1}}"#),
            "lacks the member \"min\"",
        ),
    ] {
        let found = error(&draft(GROUPS, &contests), 3, Some(2));
        assert!(found.contains(told), "{contests}: {found}");
    }
}

#[test]
fn without_a_least_number_of_ballots_it_is_that_of_small_counts_or_three() {
    for (least, expected) in [(2, 3), (7, 7)] {
        let members = format!(r#", "minimum_cell": {least}"#);
        let draft = draft(&members, &number("n", ""));
        let manifest = complete(&draft, 3, Some(2)).unwrap();
        assert_eq!(manifest.minimum_ballots, expected);
    }
}
