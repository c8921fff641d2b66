//! The example survey, answered by made-up people, the same every time.

use protocol::ballot::Answer;
use serde_json::{Map, Value};

use super::club::Sequence;
use super::{ExampleElection, VoterPlan};

/// The draft of the survey.
pub const DRAFT: &str = include_str!("../../../docs/examples/survey.json");
/// How many nurses and how many doctors are on the roll.
const STAFF: [(&str, usize); 2] = [("care", 27), ("doctors", 13)];

/// What somebody answers to the question of this id; the questions are those of the draft.
fn answer(id: &str, sequence: &mut Sequence, years: u32) -> Answer {
    let mut below = |limit| sequence.below(limit);
    let blank = |blank| Answer {
        values: vec![0],
        blank,
    };
    let one_of = |n: u32, chosen: u32| Answer {
        values: (0..n).map(|option| u32::from(option == chosen)).collect(),
        blank: chosen == n,
    };
    let number = |value| Answer {
        values: vec![value],
        blank: false,
    };
    match id {
        "place" => one_of(
            3,
            [0, 0, 0, 0, 1, 1, 2]
                .get(below(7) as usize)
                .copied()
                .unwrap_or(0),
        ),
        "help" => Answer {
            values: [8, 6, 5, 2]
                .map(|liking| u32::from(below(10) < liking))
                .to_vec(),
            blank: false,
        },
        "budget" => {
            let sport = below(8);
            let bikes = below(11 - sport);
            Answer {
                values: vec![sport, bikes, 10 - sport - bikes],
                blank: false,
            }
        }
        // A row each; the fifth is its blank.
        "conditions" => Answer {
            values: [below(3), below(4), 1 + below(4)].to_vec(),
            blank: false,
        },
        "overtime" if below(9) == 0 => blank(true),
        "overtime" => number(below(30) * below(20)),
        "years" => number(years),
        // From -10; who stays long finds it easier.
        "balance" => number((4 + years / 3 + below(8)).min(20)),
        "stay-care" => one_of(4, (below(4) + below(3)).min(4)),
        "stay-doctors" => one_of(4, (1 + below(4)).min(3)),
        "nights-care" => number(below(12)),
        _ => number(below(7)),
    }
}

/// The survey of a hospital's staff: every kind of question, two groups, small counts.
///
/// # Errors
/// [`serde_json::Error`] if the draft is no JSON.
pub fn election() -> Result<ExampleElection, serde_json::Error> {
    let draft: Map<String, Value> = serde_json::from_str(DRAFT)?;
    let mut sequence = Sequence(1893);
    let mut voters = Vec::new();
    for (style, count) in STAFF {
        let asked = asked(&draft, style);
        for _ in 0..count {
            let years = sequence.below(6) * sequence.below(7);
            let answers = asked.iter().map(|id| answer(id, &mut sequence, years));
            voters.push(VoterPlan {
                style: style.to_owned(),
                ..VoterPlan::one(answers.collect())
            });
        }
    }
    // One of the nurses does not answer.
    if let Some(absent) = voters.first_mut() {
        absent.sealings.clear();
    }
    let title = draft.get("title").and_then(|title| title.get("en"));
    Ok(ExampleElection {
        title: title.and_then(Value::as_str).unwrap_or_default().to_owned(),
        draft,
        voters,
        published: Vec::new(),
        notes: Vec::new(),
    })
}

/// The ids of the questions that a ballot style asks.
fn asked(draft: &Map<String, Value>, style: &str) -> Vec<String> {
    let list = |name: &str| {
        draft
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let styles = list("styles").filter(|one| text(one, "id").as_deref() == Some(style));
    let contests = styles
        .filter_map(|one| one.get("contests")?.as_array())
        .flatten();
    let contests: Vec<&str> = contests.filter_map(Value::as_str).collect();
    let asked = list("contests").filter(|contest| contest.get("of").is_none());
    asked
        .filter_map(|contest| text(contest, "id"))
        .filter(|id| contests.contains(&id.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_groups_answer_their_own_questions() {
        let survey = election().unwrap();
        assert_eq!((survey.voters.len(), survey.n_voting()), (40, 39));
        for voter in survey.voters.iter().skip(1) {
            assert_eq!(voter.counted().unwrap().len(), 9, "{}", voter.style);
        }
        let draft = &survey.draft;
        assert!(asked(draft, "care").contains(&"stay-care".to_owned()));
        assert!(!asked(draft, "doctors").contains(&"years-balance".to_owned()));
    }
}
