//! Surveys: numbers, tables, groups, small cells.

use super::*;
use crate::{
    ballots::{Cast, Tamper},
    faults::{flip, put},
    maker::voter_key,
    ranges::Forms,
    surveys::{self, DAYS, HOURS, LIKES, WORK},
};
use verifier::group::Scalar;

/// Positions and coordinates of a ballot of style a.
const VALUE_OF_X: (usize, usize) = (22, 26);
const SQUARE_OF_X: (usize, usize) = (23, 27);
const PRODUCT: (usize, usize) = (26, 30);
const HOURS_BUCKETS: [(usize, usize); 2] = [(15, 19), (16, 20)];
const BLANK_OF_DAYS: (usize, usize) = (18, 22);
const BUCKET_OF_DAYS: (usize, usize) = (21, 25);
const CELL: [(usize, usize); 4] = [(27, 31), (28, 32), (29, 33), (30, 34)];
const FIRST_ROW: [(usize, usize); 2] = [(7, 11), (8, 12)];

/// Where the ranges of a ballot of style a begin in its body, and where `t_x` is.
const RANGES: usize = 70 + 32 * 36;
const T_X: usize = RANGES + 32 * (8 + 4);

/// What needs a result.
const OF_RESULT: [&str; 4] = [
    "result.ballots",
    "result.withheld",
    "result.totals",
    "result.present",
];

fn set(v: &mut [Scalar], b: &mut [Scalar], (position, coordinate): (usize, usize), value: i64) {
    let size = Scalar::from(value.unsigned_abs());
    let scalar = if value < 0 { -size } else { size };
    (v[position], b[coordinate]) = (scalar, scalar);
}

/// The survey with what is encrypted and proved in the first ballot, which is superseded later.
fn tampered(tamper: Tamper) -> impl Fn() -> Made + 'static {
    cast(move |cast| cast.tamper = Some(tamper))
}

/// The survey with what is proved of the first ballot's forms.
fn ranged(ranges: fn(&mut Forms)) -> impl Fn() -> Made + 'static {
    cast(move |cast| cast.ranges = Some(ranges))
}

fn cast(change: impl Fn(&mut Cast<'_>) + Copy + 'static) -> impl Fn() -> Made + 'static {
    move || {
        Plan {
            casting: Box::new(move |voter, cast| {
                if (voter, cast.counter) == (0, 1) {
                    change(cast);
                }
            }),
            ..surveys::plan()
        }
        .make()
    }
}

/// The value of x, with square and product as they follow.
fn x(v: &mut [Scalar], b: &mut [Scalar], value: i64) {
    set(v, b, VALUE_OF_X, value);
    set(v, b, SQUARE_OF_X, value * value);
    // The answer for y is 3 above its least one.
    set(v, b, PRODUCT, value * 3);
}

fn spoiled(kind: Kind, number: usize, spoil: impl Fn(&mut Draft) + 'static) -> Made {
    crate::faults::changed(surveys::plan(), kind, number, spoil)
}

/// The survey with other cells closed.
fn closing(contest: usize, closed: &'static [usize]) -> Plan {
    let mut plan = surveys::plan();
    plan.closed.retain(|(other, _)| *other != contest);
    plan.closed.push((contest, closed.to_vec()));
    plan
}

/// The survey with one more entry: one of its own, changed and signed again.
fn with_another(
    (kind, number): (Kind, usize),
    key: Key,
    change: fn(&mut Vec<u8>),
    before: (Kind, usize),
) -> Made {
    static SOUND: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let entries = SOUND.get_or_init(|| surveys::plan().make().entries);
    let mut of_kind = entries.iter().filter(|entry| entry[1] == kind as u8);
    let mut unsigned = of_kind.nth(number).unwrap().clone();
    unsigned.truncate(unsigned.len() - 64);
    change(&mut unsigned);
    let signature = key.sign(ENTRY_PREFIX, &unsigned);
    Plan {
        insert: vec![(before.0, before.1, [&unsigned[..], &signature].concat())],
        ..surveys::plan()
    }
    .make()
}

/// The survey's manifest alone on its board, with its text changed.
fn manifest(from: &'static str, to: &'static str) -> impl Fn() -> Made + 'static {
    move || {
        let made = spoiled(Kind::Manifest, 0, move |draft| {
            let text = String::from_utf8(draft.unsigned[34..].to_vec()).unwrap();
            assert!(text.contains(from), "{from}");
            draft.unsigned.truncate(34);
            draft.unsigned.extend(text.replacen(from, to, 1).bytes());
        });
        Made {
            entries: made.entries[..1].to_vec(),
            ..Made::default()
        }
    }
}

pub fn all() -> Vec<Forgery> {
    let mut all = twins();
    all.extend(numbers());
    all.extend(tables());
    all.extend(bytes());
    all.extend(previews());
    all.extend(cells());
    all.extend(results());
    all.extend(manifests());
    all
}

fn twins() -> Vec<Forgery> {
    vec![
        Forgery::twin(
            "sound-survey",
            "A survey without a fault: every kind of question, two groups, small cells closed.",
            || surveys::plan().make(),
        ),
        Forgery::twin(
            "sound-with-a-number",
            "One number of 32 bits, at both ends of its range, and voters with weights.",
            || surveys::one_number().make(),
        ),
        Forgery::twin(
            "sound-though-a-trustee-closed-more",
            "One trustee closed cells that the others opened; the others are enough.",
            || {
                Plan {
                    closed_by: |trustee, closed| {
                        if trustee == 1 {
                            closed.push((0, vec![0, 1, 2]));
                        }
                    },
                    ..surveys::plan()
                }
                .make()
            },
        ),
    ]
}

fn numbers() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("number-above-its-range", "ballots.ranges"),
            (
                "An answer is one more than the greatest that is allowed.",
                "A21; A22",
            ),
            tampered(|v, b| x(v, b, 301)),
        ),
        Forgery::of(
            ("number-below-its-range", "ballots.ranges"),
            (
                "An answer is one less than the least that is allowed.",
                "A21; A22",
            ),
            tampered(|v, b| x(v, b, -1)),
        ),
        Forgery::of(
            ("number-far-above-its-range", "ballots.ranges"),
            ("An answer would decide a mean alone.", "A21; A22"),
            tampered(|v, b| x(v, b, 1_000_000_000)),
        ),
        Forgery::of(
            ("another-number-than-proved", "ballots.linked"),
            (
                "What is proved to be in range is another number than the one that is encrypted.",
                "A13",
            ),
            ranged(|forms| {
                forms.committed[4] -= Scalar::ONE;
                forms.proved[4] -= 1;
            }),
        ),
        Forgery::of(
            ("false-range-proof", "ballots.ranges"),
            (
                "A range proof is about other bits than the number has.",
                "A07; A13",
            ),
            ranged(|forms| forms.proved[0] ^= 1),
        ),
        Forgery::of(
            ("range-proof-of-another-ballot", "ballots.ranges"),
            ("A range proof was made for another statement.", "A09; A28"),
            ranged(|forms| forms.context = [7; 32]),
        ),
        Forgery::of(
            ("encrypts-another-number", "ballots.values"),
            (
                "A ballot encrypts one more than the number that it proves.",
                "A13; A21",
            ),
            tampered(|v, _| v[VALUE_OF_X.0] += Scalar::ONE),
        ),
        Forgery::of(
            ("square-of-another-number", "ballots.bits"),
            (
                "The square of an answer is one too large: the spread would be wrong.",
                "A13",
            ),
            tampered(|v, b| {
                v[SQUARE_OF_X.0] += Scalar::ONE;
                b[SQUARE_OF_X.1] += Scalar::ONE;
            }),
        ),
        Forgery::of(
            ("product-of-other-numbers", "ballots.bits"),
            (
                "The product of two answers is one too large: the correlation would be wrong.",
                "A13",
            ),
            tampered(|v, b| {
                v[PRODUCT.0] += Scalar::ONE;
                b[PRODUCT.1] += Scalar::ONE;
            }),
        ),
    ]
}

fn tables() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("number-in-another-bucket", "ballots.ranges"),
            (
                "An answer is counted in a bucket that it is not in.",
                "A13; A21",
            ),
            tampered(|v, b| {
                set(v, b, HOURS_BUCKETS[0], 1);
                set(v, b, HOURS_BUCKETS[1], 0);
                set(v, b, CELL[2], 1);
                set(v, b, CELL[3], 0);
            }),
        ),
        Forgery::of(
            ("number-in-two-buckets", "ballots.limits"),
            ("An answer is counted in two buckets.", "A21; A23"),
            tampered(|v, b| set(v, b, HOURS_BUCKETS[0], 1)),
        ),
        Forgery::of(
            ("number-in-no-bucket", "ballots.limits"),
            ("An answer is counted in no bucket, and is no blank.", "A23"),
            // With no bucket only the value 0 is in range.
            tampered(|v, b| {
                set(v, b, (17, 21), 0);
                set(v, b, (19, 23), 0);
                set(v, b, BUCKET_OF_DAYS, 0);
            }),
        ),
        Forgery::of(
            ("blank-with-a-number", "ballots.ranges"),
            ("A blank answer has a number all the same.", "A21; A23"),
            tampered(|v, b| {
                set(v, b, BLANK_OF_DAYS, 1);
                set(v, b, BUCKET_OF_DAYS, 0);
            }),
        ),
        Forgery::of(
            ("cell-off-its-margins", "ballots.limits"),
            (
                "A pair of answers is counted in another row of a table than they are in.",
                "A13; A21",
            ),
            tampered(|v, b| {
                set(v, b, CELL[3], 0);
                set(v, b, CELL[1], 1);
            }),
        ),
        Forgery::of(
            ("two-cells", "ballots.limits"),
            (
                "A pair of answers is counted in two cells of a table.",
                "A21; A23",
            ),
            tampered(|v, b| set(v, b, CELL[1], 1)),
        ),
        Forgery::of(
            ("two-options-in-a-row", "ballots.limits"),
            ("A row of a matrix has two answers.", "A21; A23"),
            tampered(|v, b| FIRST_ROW.iter().for_each(|place| set(v, b, *place, 1))),
        ),
        Forgery::of(
            ("row-without-an-answer", "ballots.limits"),
            ("A row of a matrix has no answer, and is not blank.", "A23"),
            tampered(|v, b| FIRST_ROW.iter().for_each(|place| set(v, b, *place, 0))),
        ),
    ]
}

fn bytes() -> Vec<Forgery> {
    let ballot =
        |change| with_another((Kind::Ballot, 1), voter_key(0, 2), change, (Kind::Close, 0));
    vec![
        Forgery::of(
            ("identity-in-a-range-proof", "entries.elements"),
            ("A commitment of a range proof is the identity.", "A17"),
            move || ballot(|unsigned| unsigned[66 + RANGES..66 + RANGES + 32].fill(0)),
        ),
        Forgery::of(
            ("scalar-plus-order-in-a-range-proof", "entries.scalars"),
            (
                "A scalar of a range proof has a second encoding.",
                "A16; A18",
            ),
            move || {
                ballot(|unsigned| {
                    crate::maker::add_order(&mut unsigned[66 + T_X..66 + T_X + 32]);
                })
            },
        ),
        Forgery::of(
            ("ballot-without-its-range-proof", "entries.length"),
            ("A ballot with numbers has no range proof.", "A13; A14"),
            move || {
                ballot(|unsigned| {
                    unsigned.drain(66 + RANGES..66 + T_X + 32 * 17 + 32 * 2);
                })
            },
        ),
        Forgery::of(
            ("unused-bit-in-shares", "entries.fields"),
            ("A trustee closes a cell that does not exist.", "A18"),
            || spoiled(Kind::Shares, 2, flip(0)),
        ),
        Forgery::of(
            ("unused-bit-in-the-result", "entries.fields"),
            ("The result closes a cell that does not exist.", "A18"),
            || spoiled(Kind::Result, 0, flip(13)),
        )
        .and(&OF_RESULT),
    ]
}

fn previews() -> Vec<Forgery> {
    let trustee = crate::election::trustee_key;
    let again = move |before| with_another((Kind::Preview, 0), trustee(1), |_| (), before);
    vec![
        Forgery::of(
            ("preview-before-the-close", "entries.phase"),
            (
                "A trustee sealed shares before the election was closed.",
                "A48; A53",
            ),
            move || again((Kind::Close, 0)),
        ),
        Forgery::of(
            ("preview-before-the-quorum", "close.quorum"),
            (
                "A trustee sealed shares before enough trustees had certified the close.",
                "A48; A53",
            ),
            move || again((Kind::CertifyClose, 2)),
        ),
        Forgery::of(
            ("preview-twice", "entries.once"),
            ("A trustee sealed its shares twice.", "A47"),
            move || again((Kind::Shares, 0)),
        ),
        Forgery::of(
            ("preview-too-long", "entries.length"),
            ("A preview has a byte more than its cells need.", "A70"),
            || spoiled(Kind::Preview, 1, |draft| draft.unsigned.push(0)),
        ),
        Forgery::of(
            ("preview-of-the-identity", "entries.elements"),
            (
                "What a preview is sealed with is the identity: anybody can open it.",
                "A17",
            ),
            || spoiled(Kind::Preview, 1, put(0, &[0; 32])),
        ),
        Forgery::of(
            ("preview-without-cells", "entries.phase"),
            (
                "A trustee sealed shares in an election where no count is guarded.",
                "A73",
            ),
            || {
                Plan {
                    previews: vec![1],
                    ..plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("unsigned-preview", "entries.signatures"),
            ("A preview is not signed by its trustee.", "A47"),
            || spoiled(Kind::Preview, 1, |draft| draft.signer = Key::new("another")),
        ),
    ]
}

fn cells() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("small-cell-opened", "shares.cells"),
            ("All trustees opened a count of one person.", "A52"),
            || closing(WORK, &[]).make(),
        ),
        Forgery::of(
            ("small-cell-given-away", "shares.cells"),
            (
                "A small count is closed, and the open ones beside it show what it is.",
                "A52",
            ),
            || closing(WORK, &[3]).make(),
        ),
        Forgery::of(
            ("closed-cell-that-the-sum-gives-away", "shares.cells"),
            (
                "One count of a question is closed, and the number of ballots shows what it is.",
                "A52",
            ),
            || {
                let mut plan = surveys::plan();
                plan.closed.insert(3, (surveys::STAY_A, vec![0]));
                plan.make()
            },
        ),
        Forgery::of(
            ("cells-under-a-closed-margin", "shares.cells"),
            (
                "Counts of a table are open though the count that they add up to is closed.",
                "A52",
            ),
            || closing(HOURS, &[2, 3]).make(),
        ),
        Forgery::of(
            ("all-but-few-approve", "shares.cells"),
            (
                "A count shows that nearly everybody approved: it names the few who did not.",
                "A52",
            ),
            || {
                let mut plan = surveys::plan();
                for (_, _, ballots) in &mut plan.voters {
                    for answers in ballots {
                        answers[LIKES] = super::values(&[1, 0]);
                    }
                }
                plan.voters[7].2[0][LIKES] = super::values(&[1, 1]);
                plan.voters[6].2[0][LIKES] = super::values(&[0, 1]);
                plan.make()
            },
        ),
        Forgery::of(
            ("shares-of-three-patterns", "shares.threshold"),
            (
                "No two trustees closed the same cells, and the organiser posted a result.",
                "A47",
            ),
            || {
                Plan {
                    closed_by: |trustee, closed| match trustee {
                        1 => closed.push((0, vec![0, 1, 2])),
                        2 => closed.push((LIKES, vec![0, 1])),
                        _ => {}
                    },
                    ..surveys::plan()
                }
                .make()
            },
        )
        .and(&[&["shares.cells"][..], &OF_RESULT].concat()),
        Forgery::of(
            ("weight-2-with-small-cells", "open.bounds"),
            (
                "A voter has the weight 2 where cells are counted in people.",
                "A37; A52",
            ),
            || {
                let mut plan = surveys::plan();
                plan.voters[4].1 = 2;
                plan.make()
            },
        ),
        Forgery::of(
            ("squares-beyond-the-bound", "open.bounds"),
            (
                "The sum of squares of a number could not be read.",
                "A22; A24",
            ),
            || {
                let mut plan = surveys::one_number();
                plan.manifest = plan
                    .manifest
                    .replace(r#""spread":false"#, r#""spread":true"#);
                plan.voters.iter_mut().for_each(|(_, _, ballots)| {
                    ballots[0][0] = super::values(&[5]);
                });
                plan.make()
            },
        ),
    ]
}

fn results() -> Vec<Forgery> {
    vec![
        Forgery::of(
            ("closed-cell-published", "result.withheld"),
            (
                "The result publishes totals of cells that the trustees closed.",
                "A52",
            ),
            || {
                Plan {
                    closed_by: |_, closed| closed.push((WORK, vec![3, 4])),
                    closed: surveys::plan()
                        .closed
                        .into_iter()
                        .filter(|(of, _)| *of != WORK)
                        .collect(),
                    ..surveys::plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("open-cells-kept-back", "result.withheld"),
            (
                "The result keeps totals back that the trustees opened.",
                "A50",
            ),
            || {
                let mut plan = surveys::plan();
                plan.closed.insert(0, (0, vec![0, 1, 2]));
                plan.closed_by = |_, closed| {
                    closed.remove(0);
                };
                plan.make()
            },
        ),
        Forgery::of(
            ("number-opened-with-its-closed-blank", "result.withheld"),
            (
                "The result publishes the sum of a number that nearly nobody answered.",
                "A52",
            ),
            || {
                Plan {
                    closed_by: |_, closed| {
                        closed.retain(|(of, _)| *of != DAYS);
                        closed.push((DAYS, vec![1, 3, 4]));
                    },
                    closed: {
                        let mut closed = surveys::plan().closed;
                        closed.retain(|(of, _)| *of != DAYS);
                        closed.push((DAYS, vec![3, 4]));
                        closed
                    },
                    ..surveys::plan()
                }
                .make()
            },
        ),
        Forgery::of(
            ("wrong-weight-of-ballots", "result.ballots"),
            (
                "The result names another weight: means would be wrong.",
                "A50",
            ),
            || spoiled(Kind::Result, 0, flip(11)),
        ),
        Forgery::of(
            ("wrong-sum-of-squares", "result.totals"),
            ("A sum of squares is one more than the ballots give.", "A50"),
            // Before it: place, likes, budget, two rows of which one is closed, and the value.
            || {
                spoiled(Kind::Result, 0, |draft| {
                    draft.body()[38 + 30 + 29 + 46 + 29] += 1
                })
            },
        ),
    ]
}

fn manifests() -> Vec<Forgery> {
    let judged = [
        "record.files",
        "record.archive",
        "board.note",
        "board.entries",
        "board.root",
        "board.tiles",
    ];
    let needs_manifest = all_but(&judged);
    let rules = |name, what, source, from, to| {
        Forgery::of((name, "manifest.rules"), (what, source), manifest(from, to))
            .and(&needs_manifest)
    };
    let encoding = |name, what, source, from, to| {
        Forgery::of(
            (name, "manifest.encoding"),
            (what, source),
            manifest(from, to),
        )
        .and(&needs_manifest)
    };
    vec![
        rules(
            "product-before-its-numbers",
            "A product is of a contest that does not stand before it.",
            "A73",
            r#""of":["x","y"]"#,
            r#""of":["x","xy"]"#,
        ),
        rules(
            "product-of-one-number",
            "A product is of one contest twice.",
            "A73",
            r#""of":["x","y"]"#,
            r#""of":["x","x"]"#,
        ),
        rules(
            "product-of-a-number-with-blank",
            "A product is of a number that may be blank.",
            "A24",
            r#""of":["x","y"]"#,
            r#""of":["x","days"]"#,
        ),
        rules(
            "table-without-categories",
            "A table is of a question of several choices, which have no categories.",
            "A23",
            r#""of":["place","hours"]"#,
            r#""of":["likes","hours"]"#,
        ),
        rules(
            "table-without-its-questions",
            "Voters of a style are in a table of a question that they are not asked.",
            "A23",
            r#""id":"b","contests":["place","likes""#,
            r#""id":"b","contests":["likes""#,
        ),
        rules(
            "groups-in-one-style",
            "A style asks one question of two groups: its voters would be counted in both.",
            "A23",
            r#""place-hours","stay-a"]"#,
            r#""place-hours","stay-a","stay-b"]"#,
        ),
        rules(
            "unlike-questions",
            "One question has other values for another group.",
            "A23",
            r#""value":2"#,
            r#""value":3"#,
        ),
        rules(
            "group-unknown",
            "A question is asked of a group that the manifest does not have.",
            "A06",
            r#""group":"b""#,
            r#""group":"c""#,
        ),
        encoding(
            "question-without-group",
            "A question of groups does not say of which.",
            "A18",
            r#""question":"stay","group":"b","#,
            r#""question":"stay","#,
        ),
        encoding(
            "minus-sign-elsewhere",
            "A number has a minus sign that no member of its name may have.",
            "A18; A21",
            r#""decimals":1"#,
            r#""decimals":-1"#,
        ),
        rules(
            "range-of-nothing",
            "A number has no answer but one.",
            "A24",
            r#""lo":-100,"hi":200"#,
            r#""lo":-100,"hi":-100"#,
        ),
        rules(
            "range-beyond-32-bits",
            "A number has more answers than a range proof is for.",
            "A22",
            r#""lo":-100,"hi":200"#,
            r#""lo":-1,"hi":4294967295"#,
        ),
        rules(
            "buckets-that-do-not-rise",
            "The buckets of a number do not rise.",
            "A23",
            r#""buckets":[-5,5]"#,
            r#""buckets":[-5,-5]"#,
        ),
        rules(
            "buckets-from-another-number",
            "The buckets of a number do not begin with its least answer.",
            "A23",
            r#""buckets":[-5,5]"#,
            r#""buckets":[-4,5]"#,
        ),
        rules(
            "bucket-of-one-value",
            "A bucket holds one value where small cells are closed.",
            "A52",
            r#""buckets":[-5,5]"#,
            r#""buckets":[-5,14]"#,
        ),
        rules(
            "values-for-some-options",
            "Some options of a scale have a value and others none.",
            "A23",
            r#","value":-1}"#,
            "}",
        ),
        rules(
            "minimum-of-ballots-below-cells",
            "A question is opened with fewer ballots than a count may be small.",
            "A52",
            r#""minimum_ballots":3,"minimum_cell":2"#,
            r#""minimum_ballots":3,"minimum_cell":4"#,
        ),
        rules(
            "several-choices-with-small-cells",
            "A question of one or two choices stands where small cells are closed.",
            "A52",
            r#""min":0,"max":2"#,
            r#""min":1,"max":2"#,
        ),
        rules(
            "registered-with-two-issuers",
            "Respondents register their own keys, and yet there are two issuers.",
            "A35",
            r#""participation":"issued""#,
            r#""participation":"registered""#,
        ),
    ]
}
