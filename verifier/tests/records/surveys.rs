//! Surveys: a small one with a question of every kind, and what is computed from it.

use crate::{
    ballots::Answer,
    election::{Plan, manifest_text},
    sound::{failed, verify},
};
use verifier::{
    figures::{ContestFigures, csv, json},
    manifest::Manifest,
    report::{Decision, Report},
};

/// The contests of [`manifest`], by name.
pub const LIKES: usize = 1;
pub const WORK: usize = 3;
pub const HOURS: usize = 4;
pub const DAYS: usize = 5;
pub const TABLE: usize = 9;
pub const STAY_A: usize = 10;
pub const STAY_B: usize = 11;

/// A question of every kind, two groups, and small cells. Positions, by contest: place 0 to 2,
/// likes 3 and 4, budget 5 and 6, work 7 to 12, hours 13 to 16, days 17 to 21, x 22 and 23, y 24
/// and 25, their product 26, the table of place and hours 27 to 32, stay 33 to 35 and 36 to 38.
pub fn manifest() -> String {
    let text = manifest_text();
    let styles = text.find(r#""styles":"#).unwrap();
    let asked = r#""place","likes","budget","work","hours","days","x","y","xy","place-hours""#;
    let stay = |group: &str| {
        format!(
            r#"{{"id":"stay-{group}","kind":"choices","title":{{"en":"Do you stay?"}},
            "question":"stay","group":"{group}","min":1,"max":1,"blank":true,
            "options":[{{"id":"no","label":{{"en":"No"}},"value":-1}},
                       {{"id":"yes","label":{{"en":"Yes"}},"value":2}}]}}"#
        )
    };
    let option = |id: &str| format!(r#"{{"id":"{id}","label":{{"en":"{id}"}}}}"#);
    let options = |ids: &[&str]| -> String {
        let options: Vec<String> = ids.iter().map(|id| option(id)).collect();
        options.join(",")
    };
    format!(
        r#"{}"styles":[{{"id":"a","contests":[{asked},"stay-a"]}},{{"id":"b","contests":[{asked},"stay-b"]}}],
        "groups":[{{"id":"a","title":{{"en":"Group A"}}}},{{"id":"b","title":{{"en":"Group B"}}}}],
        "contests":[
          {{"id":"place","kind":"choices","title":{{"en":"Place"}},"min":1,"max":1,"blank":false,
            "options":[{}]}},
          {{"id":"likes","kind":"choices","title":{{"en":"Likes"}},"min":0,"max":2,"blank":false,
            "options":[{}]}},
          {{"id":"budget","kind":"points","title":{{"en":"Budget"}},"min":3,"max":3,
            "max_per_option":3,"blank":false,"options":[{}]}},
          {{"id":"work","kind":"matrix","title":{{"en":"Work"}},"blank":true,"rows":[{}],
            "options":[{{"id":"bad","label":{{"en":"=bad"}},"value":-1}},
                       {{"id":"good","label":{{"en":"good"}},"value":1}}]}},
          {{"id":"hours","kind":"number","title":{{"en":"Hours"}},"lo":-5,"hi":14,"decimals":1,
            "unit":{{"en":"hours"}},"step":5,"blank":false,"spread":true,"buckets":[-5,5]}},
          {{"id":"days","kind":"number","title":{{"en":"Days"}},"lo":0,"hi":9,"decimals":0,
            "blank":true,"spread":true,"buckets":[0,5]}},
          {{"id":"x","kind":"number","title":{{"en":"X"}},"lo":-100,"hi":200,"decimals":0,
            "blank":false,"spread":true}},
          {{"id":"y","kind":"number","title":{{"en":"Y"}},"lo":1,"hi":5,"decimals":2,
            "blank":false,"spread":true}},
          {{"id":"xy","kind":"product","title":{{"en":"X and Y"}},"of":["x","y"]}},
          {{"id":"place-hours","kind":"table","title":{{"en":"Place and hours"}},
            "of":["place","hours"]}},
          {},{}],
        "minimum_ballots":3,"minimum_cell":2,"participation":"issued"}}"#,
        &text[..styles],
        options(&["u", "r", "s"]),
        options(&["p", "q"]),
        options(&["roof", "boat"]),
        options(&["noise", "team"]),
        stay("a"),
        stay("b"),
    )
}

fn one(values: &[u64]) -> Answer {
    Answer::Values(values.to_vec())
}

/// What somebody answers: place, hours above lo, x and y above theirs, whether it stays.
fn answers(place: usize, hours: u64, x: u64, y: u64, stay: usize) -> Vec<Answer> {
    let choice = |option: usize, of: usize| -> Answer {
        one(&(0..of)
            .map(|other| u64::from(other == option))
            .collect::<Vec<_>>())
    };
    let n = x as usize;
    vec![
        choice(place, 3),
        one(&[u64::from(n.is_multiple_of(2)), u64::from(n % 4 < 2)]),
        one(&[x % 4, 3 - x % 4]),
        // In the second row somebody alone finds it bad.
        one(&[u64::from(n.is_multiple_of(2)), u64::from(x != 3)]),
        one(&[hours]),
        match x {
            5 => one(&[7]),
            _ => Answer::Blank,
        },
        one(&[100 + 3 * x]),
        one(&[y]),
        choice(stay, 2),
    ]
}

/// Ten voters, of whom the first answers twice. Closed are: the second row of the matrix, all of
/// days, four cells of the table that form a square, and who stays in group B.
pub fn plan() -> Plan {
    let voter = |style, answers| (style, 1, vec![answers]);
    let mut voters = vec![
        voter(0, answers(0, 3, 0, 0, 0)),
        voter(0, answers(0, 12, 1, 1, 1)),
        voter(0, answers(0, 19, 2, 1, 0)),
        voter(0, answers(1, 0, 3, 2, 1)),
        voter(0, answers(1, 9, 4, 2, 1)),
        voter(1, answers(1, 10, 5, 4, 1)),
        voter(1, answers(2, 1, 6, 3, 1)),
        voter(1, answers(2, 11, 7, 4, 1)),
        voter(1, answers(2, 9, 8, 3, 0)),
        voter(1, answers(2, 10, 9, 4, 1)),
    ];
    voters[0].2.insert(0, answers(1, 15, 5, 3, 1));
    Plan {
        manifest: manifest(),
        voters,
        previews: vec![1, 2, 3],
        closed: vec![
            (WORK, vec![3, 4]),
            (DAYS, vec![1, 3, 4]),
            (TABLE, vec![0, 1, 2, 3]),
            (STAY_B, vec![0, 1]),
        ],
        ..Plan::default()
    }
}

/// One number with a blank, and weights.
pub fn one_number() -> Plan {
    let text = manifest_text();
    let styles = text.find(r#""styles":"#).unwrap();
    let manifest = format!(
        r#"{}"styles":[{{"id":"all","contests":["age","rank"]}}],
        "contests":[
          {{"id":"age","kind":"number","title":{{"en":"Age"}},"lo":0,"hi":4294967295,"decimals":0,
            "blank":true,"spread":false}},
          {{"id":"rank","kind":"choices","title":{{"en":"Rank"}},"min":1,"max":1,"blank":true,
            "options":[{{"id":"a","label":{{"en":"A"}}}},{{"id":"b","label":{{"en":"B"}}}}]}}],
        "minimum_ballots":2}}"#,
        &text[..styles]
    );
    let voter = |weight, age: Answer, rank: &[u64]| (0, weight, vec![vec![age, one(rank)]]);
    Plan {
        manifest,
        voters: vec![
            voter(2, one(&[4_294_967_295]), &[1, 0]),
            voter(3, one(&[0]), &[0, 1]),
            voter(1, Answer::Blank, &[0, 1]),
            voter(1, one(&[17]), &[1, 0]),
        ],
        ..Plan::default()
    }
}

fn accepted(plan: Plan) -> Report {
    let report = verify(&plan.make().record());
    assert_eq!(failed(&report), [], "{:?}", report.notes);
    assert_eq!(report.verdict, Decision::Accepted);
    report
}

fn named<'a>(figures: &'a [ContestFigures], id: &str) -> &'a ContestFigures {
    let is_named =
        |of: &&ContestFigures| of.id.as_deref() == Some(id) || of.question.as_deref() == Some(id);
    figures.iter().find(is_named).unwrap()
}

fn totals(of: &ContestFigures) -> Vec<Option<u64>> {
    of.totals.iter().map(|total| total.total).collect()
}

fn values(of: &ContestFigures) -> Vec<(&'static str, &str)> {
    let figures = of.figures.iter();
    figures
        .map(|figure| (figure.name, figure.value.as_str()))
        .collect()
}

#[test]
fn a_survey_with_a_question_of_every_kind_is_accepted() {
    let report = accepted(plan());
    let figures = report.figures.unwrap();
    assert_eq!(
        totals(named(&figures, "place")),
        [Some(3), Some(3), Some(4)]
    );
    // Above −5, in tenths, together.
    let hours = named(&figures, "hours");
    assert_eq!(totals(hours)[0], Some(84));
    assert_eq!(values(hours)[0], ("sum", "3.4"));
    assert_eq!(values(hours)[1], ("mean", "0.340"));
    assert_eq!(totals(named(&figures, "days")), [None; 5]);
    assert!(values(named(&figures, "days")).is_empty());
    let table = [None, None, None, None, Some(2), Some(2)];
    assert_eq!(totals(named(&figures, "place-hours")), table);
    let work = named(&figures, "work");
    assert_eq!(totals(work)[3..], [None, None, Some(0)]);
    assert!(work.figures.iter().all(|figure| figure.row == Some(0)));
    let names: Vec<_> = values(named(&figures, "xy")).iter().map(|f| f.0).collect();
    assert_eq!(names, ["covariance", "correlation", "slope", "intercept"]);
    assert_eq!(
        totals(named(&figures, "stay-a")),
        [Some(2), Some(3), Some(0)]
    );
    assert_eq!(values(named(&figures, "stay-a"))[0], ("mean", "0.80"));
    let stay = named(&figures, "stay");
    assert_eq!(
        (stay.ballots, totals(stay)),
        (10, vec![None, None, Some(0)])
    );
    assert!(values(stay).is_empty());
    assert_eq!(report.results.unwrap()[TABLE].totals, table);
}

#[test]
fn a_number_of_32_bits_with_weights_is_accepted() {
    let report = accepted(one_number());
    let figures = report.figures.unwrap();
    let age = named(&figures, "age");
    assert_eq!((age.ballots, age.weight), (4, 7));
    assert_eq!(totals(age), [Some(2 * 4_294_967_295 + 17), Some(1)]);
    assert_eq!(
        values(age),
        [("sum", "8589934607"), ("mean", "1431655767.83")]
    );
}

#[test]
fn exports_hold_every_total_and_figure() {
    let plan = plan();
    let manifest = Manifest::read(plan.manifest.as_bytes()).unwrap();
    let figures = accepted(plan).figures.unwrap();
    let text = json(&manifest, "00", &figures);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["kind"], "figures");
    assert_eq!(value["contests"].as_array().unwrap().len(), 13);
    assert_eq!(value["contests"][12]["question"], "stay");
    assert!(value["contests"][12].get("group").is_none());
    assert_eq!(value["contests"][10]["group"], "a");
    assert!(value["contests"][5]["totals"][0]["total"].is_null());
    assert_eq!(value["contests"][4]["totals"][2]["label"], "-0.5 to 0.4");
    let lines = csv(&figures);
    assert!(lines.starts_with("contest,group,row,column,label,total,figure,value\r\n"));
    assert!(
        lines.contains("\r\nwork,,1,0,'=bad,closed,,\r\n"),
        "{lines}"
    );
    assert!(
        lines.contains("\r\nplace-hours,,2,1,s / 0.5 to 1.4,2,,\r\n"),
        "{lines}"
    );
    assert!(lines.contains("\r\nstay-a,a,,,,,mean,0.80\r\n"), "{lines}");
}

/// What may be shown to be in range, and what may not.
#[test]
fn answers_at_the_ends_of_their_range_are_accepted() {
    for age in [0, 1, 4_294_967_294, 4_294_967_295] {
        let mut plan = one_number();
        plan.voters[3].2[0][0] = one(&[age]);
        accepted(plan);
    }
}
