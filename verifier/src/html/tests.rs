//! Pages of hostile, accepted and rejected records.

use super::*;
use crate::{
    figures::{ContestFigures, Figure, Total},
    report::{CheckId, Findings, NamedWitness, WitnessReport},
};

const HOSTILE: &str = "</title><script>alert(1)</script>\u{202e}<img src=x onerror='x()'>\"";

fn election() -> ElectionSummary {
    ElectionSummary {
        title: HOSTILE.to_owned(),
        uuid: String::new(),
        manifest: "00".repeat(32),
        id: Some("11".repeat(32)),
        booth: None,
        origin: HOSTILE.to_owned(),
        organiser: HOSTILE.to_owned(),
        trustees: vec![HOSTILE.to_owned()],
        threshold: 1,
        opens: HOSTILE.to_owned(),
        closes: "2026-11-08T20:00:00Z".to_owned(),
        voters: 4_000,
        entries: 5_000,
        ballots: 3_007,
        counted: 3_000,
    }
}

fn figures() -> Vec<ContestFigures> {
    let total = |label: &str, total| Total {
        label: label.to_owned(),
        row: None,
        column: None,
        from: None,
        to: None,
        total,
    };
    let of = |kind, totals| ContestFigures {
        id: Some(HOSTILE.to_owned()),
        question: None,
        group: Some(HOSTILE.to_owned()),
        kind,
        title: HOSTILE.to_owned(),
        ballots: 3_000,
        weight: 3_000,
        opened: true,
        totals,
        figures: Vec::new(),
    };
    let bucket = |from, count| Total {
        from: Some(from),
        to: Some(from + 9),
        ..total(HOSTILE, count)
    };
    let number = vec![
        total("sum of values", Some(7_311)),
        total("blank", Some(1)),
        bucket(0, Some(2_900)),
        bucket(10, None),
    ];
    let cell = |column, count| Total {
        row: Some(0),
        column: Some(column),
        ..total(HOSTILE, count)
    };
    let options = vec![
        total(HOSTILE, Some(2_345)),
        total(HOSTILE, Some(0)),
        total("blank", Some(655)),
    ];
    vec![
        of("choices", options),
        ContestFigures {
            figures: vec![Figure {
                name: "mean",
                row: None,
                value: "2.44".to_owned(),
                exact: "7311/2999".to_owned(),
            }],
            ..of("number", number)
        },
        of("table", vec![cell(0, Some(8_765)), cell(1, None)]),
    ]
}

fn page(failing: Option<CheckId>) -> String {
    let mut findings = Findings::default();
    for check in CheckId::ALL {
        findings.ran(*check);
    }
    if let Some(check) = failing {
        findings.fail(check, Some(7), HOSTILE);
    }
    findings.note(HOSTILE.to_owned());
    let mut report = findings.report(Some(election()), Vec::new());
    report.figures = report.results.as_ref().map(|_| figures());
    report.witnesses = Some(WitnessReport {
        quorum: 1,
        named: vec![NamedWitness {
            name: HOSTILE.to_owned(),
            cosigned: Some(7),
            certified_close: true,
        }],
    });
    let made = "2026-11-22 14:00 UTC";
    let page = Page {
        report: &report,
        manifest: None,
        root: Some(&[5; 32]),
        made,
    };
    page.to_string()
}

#[test]
fn hostile_texts_add_no_element_and_turn_no_line_around() {
    for page in [page(None), page(Some(CheckId::BallotsBits))] {
        for forbidden in ["<script", "<img", "\u{202e}", "onerror='", "<iframe", "<a "] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        assert_eq!(page.matches("</title>").count(), 1);
        assert!(page.matches("&lt;script&gt;alert(1)").count() >= 5);
    }
}

#[test]
fn the_page_asks_for_nothing_and_its_policy_allows_only_its_style() {
    let page = page(None);
    let (_, rest) = page.split_once("<style>").unwrap();
    let (style, _) = rest.split_once("</style>").unwrap();
    let hash = STANDARD.encode(Sha256::digest(style));
    assert!(page.contains(&format!(
        "content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\""
    )));
    for forbidden in [
        "http:", "https:", "src=\"", "href=", "url(", "@import", "style=\"", "<link",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn an_accepted_record_has_numbers_in_text_beside_every_bar() {
    let page = page(None);
    assert!(page.find("ACCEPTED").unwrap() < page.find("<h1>").unwrap());
    for text in [
        "2\u{202f}345",
        "78.2%",
        "655",
        "21.8%",
        "4\u{202f}000",
        "75.0%",
        ">7<",
        ">2.44<",
        "8\u{202f}765",
    ] {
        assert!(page.contains(text), "{text}");
    }
    // None for the option that nobody chose, nor for a sum of values or a closed cell.
    assert_eq!(page.matches("<svg").count(), 4);
    assert_eq!(page.matches("closed</td>").count(), 2);
    assert_eq!(page.matches("<td>ok</td>").count(), CheckId::ALL.len());
}

#[test]
fn a_rejected_record_says_so_first_and_has_no_numbers() {
    let page = page(Some(CheckId::BallotsBits));
    let body = page.split_once("<body>").unwrap().1;
    assert!(
        body.trim_start()
            .starts_with("<p class=\"verdict rejected\"")
    );
    for text in [
        "2\u{202f}345",
        "655",
        "78.2%",
        "75.0%",
        "3\u{202f}000",
        "Results",
        "Turnout",
    ] {
        assert!(!body.contains(text), "{text}");
    }
    assert!(body.contains("FAILED") && body.contains("entry 7: "));
    assert!(body.find("ballots.bits").unwrap() < body.find("record.files").unwrap());
}

#[test]
fn a_record_of_nothing_has_a_page() {
    let report = Findings::default().report(None, Vec::new());
    let page = Page {
        report: &report,
        manifest: None,
        root: None,
        made: "",
    };
    let page = page.to_string();
    assert!(page.contains("REJECTED") && page.contains("not checked"));
}
