mod numbers;

use super::*;

const QUESTION: &str = r#"{"title": "Zażółć, \"gęślą\" jaźń", "source": "none", "kind": "choices",
    "options": [{"id": "1", "label": "Plac, \"Centrum\""}, {"id": "b", "label": "日本"}],
    "min": 1, "max": 2, "ballots": 3}"#;
const BALLOTS: &str = "1,b\n1,0\n1,1\n0,1\n";
const TOTALS: &str = "id,label,total\nb,日本,2\n1,\"Plac, \"\"Centrum\"\"\",2\n";

fn folder(question: &str, ballots: &str, totals: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("question.json"), question).unwrap();
    fs::write(folder.path().join("ballots.csv"), ballots).unwrap();
    fs::write(folder.path().join("totals.csv"), totals).unwrap();
    folder
}

fn error(question: &str, ballots: &str, totals: &str) -> String {
    let folder = folder(question, ballots, totals);
    match read(folder.path(), None) {
        Ok(_) => panic!("it was read"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn labels_of_any_kind_ballots_and_totals_are_read() {
    let folder = folder(QUESTION, BALLOTS, TOTALS);
    let election = read(folder.path(), None).unwrap();
    assert_eq!(election.title, "Zażółć, \"gęślą\" jaźń");
    let options = &election.draft["contests"][0]["options"];
    assert_eq!(options[0]["label"], "Plac, \"Centrum\"");
    assert_eq!(options[1]["label"], "日本");
    assert_eq!((election.n_cast(), election.n_voting()), (3, 3));
    assert_eq!(election.published, [[Some(2), Some(2)]]);
}

#[test]
fn the_totals_are_those_of_the_file_unless_a_limit_makes_them_others() {
    let totals = TOTALS.replace(",2\n1", ",7\n1");
    let folder = folder(QUESTION, BALLOTS, &totals);
    let published = |limit| read(folder.path(), limit).unwrap().published;
    assert_eq!(published(None), [[Some(2), Some(7)]]);
    assert_eq!(published(Some(3)), [[Some(2), Some(7)]]);
    assert!(published(Some(2)).is_empty());
}

#[test]
fn points_are_read_with_their_limits() {
    let question = QUESTION.replace("choices", "points");
    assert!(error(&question, BALLOTS, TOTALS).ends_with("it lacks `max_per_option`"));
    let question = question.replace("\"max\": 2", "\"max\": 5, \"max_per_option\": 3");
    let folder = folder(&question, "1,b\n3,2\n0,1\n", TOTALS);
    let election = read(folder.path(), Some(1)).unwrap();
    assert_eq!(election.voters[0].counted().unwrap()[0].values, [3, 2]);
    assert_eq!(election.draft["contests"][0]["max_per_option"], 3);
    assert!(error(&question, "1,b\n4,0\n", TOTALS).contains("line 2: an option has 4"));
}

#[test]
fn what_cannot_be_run_is_named() {
    let ranking = QUESTION.replace("choices", "ranking");
    assert!(error(&ranking, BALLOTS, TOTALS).contains("ranked counting is not there yet"));
    let other = QUESTION.replace("choices", "letters");
    assert!(error(&other, BALLOTS, TOTALS).contains("\"letters\""));
    let cases = [
        ("b,1\n1,0\n", "not the ids of the question's options"),
        ("1,b\n1,x\n", "line 2: \"x\" is not a whole number"),
        ("1,b\n1\n", "line 2"),
        ("1,b\n0,1\n0,0\n", "line 3: the values add up to 0"),
        ("1,b\n", "there are no ballots"),
    ];
    for (ballots, reason) in cases {
        let error = error(QUESTION, ballots, TOTALS);
        assert!(error.contains(reason), "{error}");
    }
    let cases = [
        ("id,total\n1,2\n", "the columns are not"),
        ("id,label,total\n1,x,2\n", "not the question's options"),
        ("id,label,total\n1,x,2\n1,x,2\n", "stands twice"),
        (
            "id,label,total\n1,x,2\nb,x,1\nc,x,1\n",
            "not the question's options",
        ),
        ("id,label,total\n1,x,two\nb,x,1\n", "not a whole number"),
    ];
    for (totals, reason) in cases {
        let error = error(QUESTION, BALLOTS, totals);
        assert!(error.contains(reason), "{error}");
    }
    let empty = tempfile::tempdir().unwrap();
    let error = read(empty.path(), None)
        .err()
        .map(|error| error.to_string());
    assert!(error.unwrap().contains("question.json could not be read"));
}
