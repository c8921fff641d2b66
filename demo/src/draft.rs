//! What the organiser writes by hand: the draft of the manifest and the voter list.

use protocol::manifest::ContestKind;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::example::{ExampleElection, Question};
use crate::parties::Witness;

/// The draft of an election's manifest, in JSON, open from now on for a day.
///
/// # Errors
/// [`time::error::Format`] if the clock is beyond the year 9999.
pub fn manifest(
    example: &ExampleElection,
    threshold: u16,
    now: OffsetDateTime,
) -> Result<Vec<u8>, time::error::Format> {
    // A minute of the past makes up for the parts of a second that are cut off.
    let now = now.truncate_to_second();
    let opens = (now - Duration::MINUTE).format(&Rfc3339)?;
    let closes = (now + Duration::DAY).format(&Rfc3339)?;
    let draft = json!({
        "language": "en",
        "title": example.title,
        "organiser": { "name": example.organiser },
        "threshold": threshold,
        "opens": opens,
        "closes": closes,
        "contests": example.questions.iter().map(contest).collect::<Vec<_>>(),
        "minimum_ballots": 1,
    });
    Ok(draft.to_string().into_bytes())
}

fn contest(question: &Question) -> Value {
    let options = question.options.iter();
    let options = options.map(|(id, label)| json!({ "id": id, "label": label }));
    let mut contest = json!({
        "id": question.id,
        "kind": "choices",
        "title": question.title,
        "options": options.collect::<Vec<_>>(),
        "min": question.min,
        "max": question.max,
        "blank": question.blank,
    });
    if question.kind == ContestKind::Points
        && let Some(members) = contest.as_object_mut()
    {
        members.insert("kind".to_owned(), "points".into());
        members.insert("max_per_option".to_owned(), question.max_per_option.into());
    }
    contest
}

/// A draft that fixes its uuid and names these witnesses by their keys.
///
/// # Errors
/// [`serde_json::Error`] if the draft is no JSON.
pub fn watched(
    draft: &[u8],
    uuid: &str,
    witnesses: &[Witness],
) -> Result<Vec<u8>, serde_json::Error> {
    let mut draft: Value = serde_json::from_slice(draft)?;
    if let Some(members) = draft.as_object_mut() {
        members.insert("uuid".to_owned(), uuid.into());
        let keys = witnesses.iter().map(Witness::key).collect::<Vec<_>>();
        members.insert("witnesses".to_owned(), json!(keys));
    }
    serde_json::to_vec(&draft)
}

/// What the organiser calls the voters, in their order.
pub fn voter_ids(count: usize) -> Vec<String> {
    (1..=count)
        .map(|number| format!("voter-{number:06}"))
        .collect()
}

/// The voter list, CSV.
pub fn voter_list(ids: &[String]) -> Vec<u8> {
    let mut list = "id\n".to_owned();
    for id in ids {
        list.push_str(id);
        list.push('\n');
    }
    list.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::club;

    #[test]
    fn the_draft_states_every_question_with_its_limits() {
        let club = club::election();
        let draft = manifest(&club, 2, OffsetDateTime::UNIX_EPOCH + Duration::DAY).unwrap();
        let draft: Value = serde_json::from_slice(&draft).unwrap();
        assert_eq!(draft["opens"], "1970-01-01T23:59:00Z");
        assert_eq!(draft["closes"], "1970-01-03T00:00:00Z");
        assert_eq!(draft["threshold"], 2);
        let contests = draft["contests"].as_array().unwrap();
        assert_eq!(contests[0]["kind"], "choices");
        assert_eq!(contests[0]["blank"], true);
        assert!(contests[0].get("max_per_option").is_none());
        assert_eq!(contests[0]["options"][1]["label"], "Tomás \"Tom\" Oyelaran");
        assert_eq!(contests[1]["kind"], "points");
        assert_eq!(contests[1]["max_per_option"], 6);
    }

    #[test]
    fn the_list_has_a_line_for_each_voter() {
        let ids = voter_ids(2);
        assert_eq!(voter_list(&ids), b"id\nvoter-000001\nvoter-000002\n");
    }
}
