//! What the organiser writes by hand: the draft of the manifest and the voter list.

use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::parties::Witness;

/// The draft of an election's manifest, in JSON, from these members, open from now on for so long.
///
/// # Errors
/// [`time::error::Format`] if the clock is beyond the year 9999.
pub fn manifest(
    members: &Map<String, Value>,
    threshold: u16,
    now: OffsetDateTime,
    open_for: Duration,
) -> Result<Vec<u8>, time::error::Format> {
    // A minute of the past makes up for the parts of a second that are cut off.
    let now = now.truncate_to_second();
    let mut draft = members.clone();
    let mut insert = |name: &str, value: Value| draft.insert(name.to_owned(), value);
    insert("opens", (now - Duration::MINUTE).format(&Rfc3339)?.into());
    insert(
        "closes",
        (now + open_for)
            .truncate_to_second()
            .format(&Rfc3339)?
            .into(),
    );
    insert("threshold", threshold.into());
    Ok(Value::Object(draft).to_string().into_bytes())
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

/// The voter list, CSV, with the ballot style of each.
pub fn voter_list(ids: &[String], styles: &[String]) -> Vec<u8> {
    let has_styles = styles.iter().any(|style| !style.is_empty());
    let mut list = if has_styles { "id,style\n" } else { "id\n" }.to_owned();
    for (id, style) in ids.iter().zip(styles) {
        list.push_str(id);
        if has_styles {
            list.push(',');
            list.push_str(style);
        }
        list.push('\n');
    }
    list.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::club;

    #[test]
    fn the_draft_is_open_from_now_on() {
        let club = club::election();
        let now = OffsetDateTime::UNIX_EPOCH + Duration::DAY;
        let draft = manifest(&club.draft, 2, now, Duration::DAY).unwrap();
        let draft: Value = serde_json::from_slice(&draft).unwrap();
        assert_eq!(draft["opens"], "1970-01-01T23:59:00Z");
        assert_eq!(draft["closes"], "1970-01-03T00:00:00Z");
        assert_eq!(draft["threshold"], 2);
        assert_eq!(draft["contests"], club.draft["contests"]);
    }

    #[test]
    fn the_list_has_a_line_for_each_voter() {
        let ids = voter_ids(2);
        let styles = |style: &str| vec![style.to_owned(), String::new()];
        assert_eq!(
            voter_list(&ids, &styles("")),
            b"id\nvoter-000001\nvoter-000002\n"
        );
        assert_eq!(
            voter_list(&ids, &styles("a")),
            b"id,style\nvoter-000001,a\nvoter-000002,\n"
        );
    }
}
