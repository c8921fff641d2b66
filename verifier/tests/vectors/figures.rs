//! Known answers of docs/spec/figures.md. The verifier makes them:
//! `PSEPHOS_WRITE_VECTORS=1 cargo test --release --workspace --test vectors` writes them.

use super::folder;
use serde_json::{Value, json};
use std::fs;
use verifier::{
    entry::body::ContestTotals,
    figures::{csv, figures, json as figures_json},
    manifest::Manifest,
};

/// The election id of every case.
const ELECTION: &str = "0101010101010101010101010101010101010101010101010101010101010101";

/// A manifest with these contests.
pub fn manifest(contests: &Value, groups: bool, minimum_cell: Option<u32>) -> String {
    // The first multiples of the basepoint (RFC 9496, appendix A.1).
    let keys = [
        "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
        "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    ];
    let uuid = "00112233445566778899aabbccddeeff";
    let ids = |group: &str| -> Vec<&Value> {
        let contests = contests.as_array().unwrap().iter();
        let asked = contests.filter(|of| of.get("group").is_none_or(|other| other == group));
        asked.map(|contest| &contest["id"]).collect()
    };
    let mut manifest = json!({
        "psephos": 3,
        "uuid": uuid,
        "language": "en",
        "title": { "en": "Known \"answers\", of figures" },
        "organiser": { "name": "Organiser", "key": keys[0] },
        "issuers": [{ "name": "Issuer" }],
        "trustees": [{ "name": "Trustee", "key": keys[1] }],
        "threshold": 1,
        "close_quorum": 1,
        "board": { "origin": format!("vote.example/e/{uuid}"), "key": "02".repeat(32) },
        "opens": "2026-11-01T08:00:00Z",
        "closes": "2026-11-08T20:00:00Z",
        "styles": [{ "id": "all", "contests": ids("one") }],
        "contests": contests,
        "minimum_ballots": 5,
    });
    if groups {
        manifest["styles"] = json!([
            { "id": "one", "contests": ids("one") },
            { "id": "two", "contests": ids("two") },
        ]);
        manifest["groups"] = json!([
            { "id": "one", "title": { "en": "Group one" } },
            { "id": "two", "title": { "en": "Group two" } },
        ]);
    }
    if let Some(least) = minimum_cell {
        manifest["minimum_cell"] = json!(least);
    }
    manifest.to_string()
}

fn text(label: &str) -> Value {
    json!({ "en": label })
}

fn options(options: &[(&str, Option<i64>)]) -> Value {
    let option = |(index, (label, value)): (usize, &(&str, Option<i64>))| {
        let mut option = json!({ "id": format!("o{index}"), "label": text(label) });
        if let Some(value) = value {
            option["value"] = json!(value);
        }
        option
    };
    options.iter().enumerate().map(option).collect()
}

fn number(id: &str, (lo, hi, decimals): (i64, i64, u32), blank: bool, buckets: &[i64]) -> Value {
    let mut number = json!({
        "id": id, "kind": "number", "title": text(id), "lo": lo, "hi": hi, "decimals": decimals,
        "blank": blank, "spread": true,
    });
    if !buckets.is_empty() {
        number["buckets"] = json!(buckets);
    }
    number
}

fn scale(id: &str, of: Value, blank: bool) -> Value {
    json!({
        "id": id, "kind": "choices", "title": text(id), "min": 1, "max": 1, "blank": blank,
        "options": of,
    })
}

fn product(id: &str, of: [&str; 2]) -> Value {
    json!({ "id": id, "kind": "product", "title": text(id), "of": of })
}

/// Ballots, weight and totals: an absent list is withheld, a `null` in it closed.
type Totals = (u32, u64, Option<Vec<Option<u64>>>);

fn open(ballots: u32, totals: &[u64]) -> Totals {
    let totals = totals.iter().copied().map(Some).collect();
    (ballots, ballots.into(), Some(totals))
}

struct Case {
    what: &'static str,
    contests: Value,
    groups: bool,
    minimum_cell: Option<u32>,
    totals: Vec<Totals>,
}

fn case(what: &'static str, contests: Value, totals: Vec<Totals>) -> Case {
    Case {
        what,
        contests,
        groups: false,
        minimum_cell: None,
        totals,
    }
}

/// Values of x and y, and the totals of both and of their product.
fn pairs(of: &[(u64, u64)]) -> Vec<Totals> {
    let n = of.len() as u32;
    let sum = |f: &dyn Fn(u64, u64) -> u64| of.iter().map(|(x, y)| f(*x, *y)).sum::<u64>();
    vec![
        open(n, &[sum(&|x, _| x), sum(&|x, _| x * x)]),
        open(n, &[sum(&|_, y| y), sum(&|_, y| y * y)]),
        open(n, &[sum(&|x, y| x * y)]),
    ]
}

fn cases() -> Vec<Case> {
    let xy = |decimals: [u32; 2]| {
        json!([
            number("x", (-50, 1_000, decimals[0]), false, &[]),
            number("y", (3, 2_000, decimals[1]), false, &[]),
            product("xy", ["x", "y"]),
        ])
    };
    let scale_of = options(&[
        ("=never", Some(-2)),
        ("some, \"times\"", Some(0)),
        ("often", Some(3)),
    ]);
    let with_buckets = || number("age", (18, 99, 0), true, &[18, 30, 65]);
    let in_groups = |kind: &dyn Fn(&str) -> Value| -> Value {
        let of = ["one", "two"].iter().flat_map(|group| {
            let mut contests = vec![kind(&format!("scale-{group}"))];
            contests.push(number(&format!("n-{group}"), (0, 10, 1), false, &[]));
            contests.push(number(&format!("m-{group}"), (0, 10, 0), false, &[]));
            contests.push(product(
                &format!("p-{group}"),
                [&format!("n-{group}"), &format!("m-{group}")],
            ));
            contests.into_iter().map(move |mut contest| {
                let id = contest["id"].as_str().unwrap().to_owned();
                contest["question"] = json!(id.split('-').next().unwrap());
                contest["group"] = json!(group);
                contest
            })
        });
        of.collect()
    };
    let mut asked_in_one = in_groups(&|id| scale(id, scale_of.clone(), true));
    let product_of_two = asked_in_one.as_array_mut().and_then(Vec::pop);
    assert_eq!(product_of_two.unwrap()["id"], "p-two");
    let matrix = json!([{
        "id": "work", "kind": "matrix", "title": text("Work"), "blank": true,
        "rows": options(&[("Noise", None), ("-Team", None)]),
        "options": options(&[("bad", Some(-1)), ("good", Some(1))]),
    }]);
    let table = json!([
        scale("place", options(&[("Ward", None), ("@Office", None)]), true),
        with_buckets(),
        { "id": "t", "kind": "table", "title": text("t"), "of": ["place", "age"] },
    ]);
    let points = json!([{
        "id": "points", "kind": "points", "title": text("Points"), "min": 0, "max": 10,
        "max_per_option": 10, "blank": true,
        "options": options(&[("a", None), ("b", None)]),
    }]);
    vec![
        case(
            "ids and labels that a spreadsheet would take for formulas",
            json!([scale(
                "-1",
                options(&[
                    ("\u{a0}=1+1", Some(1)),
                    (" @all", Some(2)),
                    ("5 - 3", Some(3)),
                    ("'=", Some(4)),
                ]),
                false,
            )]),
            vec![open(10, &[1, 2, 3, 4])],
        ),
        case(
            "points and a blank have totals alone",
            points,
            vec![open(9, &[31, 17, 1])],
        ),
        case(
            "a scale, with a blank that does not count",
            json!([scale("s", scale_of.clone(), true)]),
            vec![open(14, &[3, 4, 5, 2])],
        ),
        case(
            "a scale that everybody left blank has no mean",
            json!([scale("s", scale_of.clone(), true)]),
            vec![open(6, &[0, 0, 0, 6])],
        ),
        case(
            "a number with decimals, a negative least answer, a blank and buckets",
            json!([number("n", (-150, 999, 1), true, &[-150, 0, 300])]),
            vec![open(11, &[3_456, 2, 1_812_345, 4, 3, 2])],
        ),
        case(
            "halves are rounded away from zero, below it too",
            json!([
                number("up", (0, 9, 0), false, &[]),
                number("down", (-9, 0, 0), false, &[]),
                number("to-zero", (-1, 9, 0), false, &[]),
            ]),
            vec![
                open(8, &[9, 15]),
                (8, 8, Some(vec![Some(63), Some(511)])),
                (1_001, 1_001, Some(vec![Some(1_000), Some(1_000)])),
            ],
        ),
        case(
            "everybody gave the same answer: no spread, no correlation",
            xy([0, 0]),
            pairs(&[(7, 5), (7, 5), (7, 5), (7, 5), (7, 5)]),
        ),
        case(
            "nobody answered",
            json!([number("n", (-5, 5, 2), true, &[])]),
            vec![open(6, &[0, 6, 0])],
        ),
        case(
            "a negative correlation, with decimals",
            xy([1, 2]),
            pairs(&[
                (1, 900),
                (13, 850),
                (50, 700),
                (200, 650),
                (999, 3),
                (1_050, 0),
            ]),
        ),
        case(
            "a correlation of one, and a line through all points",
            xy([2, 0]),
            pairs(&[(0, 1), (1, 4), (2, 7), (10, 31), (20, 61)]),
        ),
        case(
            "weights: ballots and their weight differ",
            json!([
                number("n", (0, 100, 0), false, &[]),
                scale("s", scale_of.clone(), false)
            ]),
            vec![
                (5, 17, Some(vec![Some(901), Some(60_001)])),
                (5, 17, Some(vec![Some(10), Some(0), Some(7)])),
            ],
        ),
        case(
            "the largest totals there are",
            xy([9, 9]),
            vec![
                (
                    4_000_000_000,
                    1 << 48,
                    Some(vec![Some(1 << 47), Some(1 << 48)]),
                ),
                (
                    4_000_000_000,
                    1 << 48,
                    Some(vec![Some(1 << 46), Some((1 << 48) - 1)]),
                ),
                (4_000_000_000, 1 << 48, Some(vec![Some(1 << 47)])),
            ],
        ),
        case(
            "a matrix, with a row that a blank and its zeros leave without a mean",
            matrix.clone(),
            vec![open(7, &[2, 4, 1, 0, 0, 7])],
        ),
        case(
            "a table with a blank on both sides",
            table.clone(),
            vec![
                open(10, &[5, 4, 1]),
                open(10, &[301, 1, 20_000, 4, 3, 2]),
                open(10, &[2, 2, 1, 0, 2, 1, 1, 0, 0, 1, 0, 0]),
            ],
        ),
        Case {
            minimum_cell: Some(5),
            ..case(
                "closed cells: no share of a scale, no sum where the blank is closed",
                json!([
                    scale("s", scale_of.clone(), true),
                    number("n", (0, 99, 0), true, &[0, 50]),
                    number("m", (0, 99, 0), true, &[0, 50]),
                ]),
                vec![
                    (40, 40, Some(vec![None, Some(20), None, Some(2)])),
                    (40, 40, Some(vec![None, None, None, None, None])),
                    (
                        40,
                        40,
                        Some(vec![Some(1_700), Some(1), Some(90_000), None, None]),
                    ),
                ],
            )
        },
        case(
            "withheld",
            json!([
                number("n", (0, 9, 0), false, &[]),
                scale("s", scale_of.clone(), false)
            ]),
            vec![(4, 4, None), open(5, &[1, 2, 2])],
        ),
        case(
            "a product of a number that is withheld",
            xy([0, 0]),
            vec![open(5, &[20, 100]), (4, 4, None), open(5, &[60])],
        ),
        Case {
            groups: true,
            ..case(
                "two groups and their sum",
                in_groups(&|id| scale(id, scale_of.clone(), true)),
                vec![
                    open(6, &[1, 2, 3, 0]),
                    open(6, &[30, 170]),
                    open(6, &[12, 40]),
                    open(6, &[71]),
                    open(7, &[2, 2, 2, 1]),
                    open(7, &[11, 29]),
                    open(7, &[40, 270]),
                    open(7, &[80]),
                ],
            )
        },
        Case {
            groups: true,
            ..case(
                "a product asked of one group: the other's numbers are not its own",
                asked_in_one,
                vec![
                    open(6, &[1, 2, 3, 0]),
                    open(6, &[30, 170]),
                    open(6, &[12, 40]),
                    open(6, &[71]),
                    open(7, &[2, 2, 2, 1]),
                    open(7, &[11, 29]),
                    open(7, &[40, 270]),
                ],
            )
        },
        Case {
            groups: true,
            ..case(
                "a group that is withheld is missing in the sum, and so is what needs it",
                in_groups(&|id| scale(id, scale_of.clone(), true)),
                vec![
                    open(6, &[1, 2, 3, 0]),
                    open(6, &[30, 170]),
                    open(6, &[12, 40]),
                    open(6, &[71]),
                    (2, 2, None),
                    (2, 2, None),
                    (2, 2, None),
                    (2, 2, None),
                ],
            )
        },
    ]
}

fn answer(case: &Case) -> Value {
    let text = manifest(&case.contests, case.groups, case.minimum_cell);
    let manifest =
        Manifest::read(text.as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", case.what));
    let totals: Vec<ContestTotals> = case
        .totals
        .iter()
        .map(|(ballots, weight, totals)| ContestTotals {
            ballots: *ballots,
            weight: *weight,
            totals: totals.clone(),
        })
        .collect();
    for (contest, totals) in manifest.contests.iter().zip(&totals) {
        let found = totals.totals.as_ref().map(Vec::len);
        assert!(
            found.is_none_or(|found| found == contest.n_positions()),
            "{}",
            case.what
        );
    }
    let figures = figures(&manifest, &totals);
    let exported = figures_json(&manifest, ELECTION, &figures);
    json!({
        "what": case.what,
        "manifest": text,
        "result": case.totals.iter().map(|(ballots, weight, totals)| {
            json!({ "ballots": ballots, "weight": weight, "totals": totals })
        }).collect::<Vec<_>>(),
        "figures.json": serde_json::from_str::<Value>(&exported).unwrap(),
        "figures.csv": csv(&figures),
    })
}

#[test]
fn figures_of_all_kinds() {
    let whole = json!({
        "what": "Totals of contests (`result`: null is withheld, null among totals closed), and what is computed from them (docs/spec/figures.md)",
        "election": ELECTION,
        "cases": cases().iter().map(answer).collect::<Vec<_>>(),
    });
    let text = format!("{whole:#}\n");
    let path = folder().join("figures.json");
    if std::env::var_os("PSEPHOS_WRITE_VECTORS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let found: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert!(
        found == whole,
        "docs/spec/vectors/figures.json differs from what this code makes"
    );
}
