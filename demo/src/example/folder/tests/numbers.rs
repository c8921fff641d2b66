//! Numeric answers from a folder.

use super::*;

const NUMBERS: &str = r#"{"title": "Hours", "kind": "numbers", "lo": -5, "hi": 20, "decimals": 1}"#;

fn values(election: &ExampleElection) -> Vec<Vec<u32>> {
    let voters = election.voters.iter();
    let answers = voters.map(|voter| voter.counted().unwrap());
    answers
        .map(|answers| answers.iter().map(|answer| answer.values[0]).collect())
        .collect()
}

#[test]
fn one_column_may_have_a_name_or_not() {
    for (ballots, id) in [
        ("hours\n-5\n20\n0\n", "hours"),
        ("-5\n20\n0\n", "n1"),
        ("\u{feff}How many hours?\r\n -5\r\n20\r\n0\r\n", "n1"),
    ] {
        let folder = folder(NUMBERS, ballots, "total\n15\n");
        let election = read(folder.path(), None).unwrap();
        assert_eq!(values(&election), [[0], [25], [5]]);
        // 15 above three times -5.
        assert_eq!(election.published, [[Some(30)]]);
        let contest = &election.draft["contests"][0];
        assert_eq!(
            (&contest["id"], &contest["spread"]),
            (&id.into(), &true.into())
        );
        assert_eq!(
            (&contest["lo"], &contest["decimals"]),
            (&(-5).into(), &1.into())
        );
        fs::remove_file(folder.path().join("totals.csv")).unwrap();
        assert!(read(folder.path(), None).unwrap().published.is_empty());
    }
}

#[test]
fn several_questions_have_their_own_members_and_blanks() {
    let question = r#"{"title": "Both", "kind": "numbers", "lo": 0, "hi": 9, "options": [
        {"id": "a", "label": "First", "blank": true}, {"id": "b", "label": "Second", "lo": -9}]}"#;
    let folder = folder(
        question,
        "a,b\n3,-9\n,9\n",
        "id,label,total\nb,Second,0\na,First,3\n",
    );
    let election = read(folder.path(), None).unwrap();
    assert_eq!(values(&election), [[3, 0], [0, 18]]);
    assert!(election.voters[1].counted().unwrap()[0].blank);
    assert_eq!(election.published, [[Some(3)], [Some(18)]]);
    assert_eq!(election.draft["contests"][1]["title"], "Second");
}

#[test]
fn a_range_too_wide_for_squares_leaves_the_variance_out_and_says_so() {
    let wide = NUMBERS.replace("20", "4294967290");
    let folder = folder(&wide, "1\n4294967290\n", "sum\n4294967291\n");
    let election = read(folder.path(), None).unwrap();
    assert_eq!(election.draft["contests"][0]["spread"], false);
    assert!(
        election.notes[0].contains("not the variance"),
        "{:?}",
        election.notes
    );
    assert_eq!(values(&election), [[6], [u32::MAX]]);
}

#[test]
fn numbers_that_cannot_be_run_are_named() {
    for (ballots, reason) in [
        (
            "hours\n21\n",
            "line 2: an answer is 21, not between -5 and 20",
        ),
        ("1\nten\n", "line 2: \"ten\" is not a whole number"),
        ("hours\n1.5\n", "line 2: \"1.5\" is not a whole number"),
        ("hours\n\"\"\n", "line 2: an answer is missing"),
        ("a,b\n1,2\n", "line 2: it has 2 fields for 1 questions"),
        ("hours\n", "there are no answers"),
    ] {
        let error = error(NUMBERS, ballots, "");
        assert!(error.contains(reason), "{error}");
    }
    for (totals, reason) in [
        ("mean\n1\n", "no column `total`"),
        ("total\nmany\n", "\"many\" is not a whole number"),
        ("total\n1\n2\n", "not the questions, each once"),
    ] {
        let error = error(NUMBERS, "1\n", totals);
        assert!(error.contains(reason), "{error}");
    }
    let backwards = NUMBERS.replace("20", "-5");
    assert!(error(&backwards, "1\n", "").contains("hi is -5, which is not above lo"));
    assert!(error(&NUMBERS.replace("\"lo\": -5,", ""), "1\n", "").contains("lo"));
}
