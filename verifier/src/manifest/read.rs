//! From the JSON text to the manifest, member by member.

mod contest;

use super::{Contest, Group, Manifest, ManifestError, Party, Style, Text, Witness, rules, survey};
use crate::{
    checkpoint::MAX_COSIGNATURES,
    group::Element,
    json::{Json, JsonError, Members, lower_hex, refused},
    shape::Shape,
    transcript::Digest,
};
use std::collections::BTreeSet;

/// The most positions of an election.
const MAX_POSITIONS: usize = 1_024;

/// More coordinates than any ballot that fits an entry can have.
const MAX_COORDINATES: usize = 2_048;

pub(super) fn manifest(bytes: &[u8], id: Digest) -> Result<Manifest, ManifestError> {
    let mut members = Members::of(Json::parse(bytes)?, "")?;
    members.integer("psephos", 3, 3)?;
    let uuid_text = members.string("uuid")?;
    let uuid = lower_hex(&uuid_text)
        .ok_or_else(|| members.refused("uuid", "32 lower-case hexadecimal digits"))?;
    let language = members.string("language")?;
    if !rules::is_language(&language) {
        return Err(members.refused("language", "a language tag").into());
    }
    let title = text(members.take("title")?, "title", &language)?;
    if let Some(description) = members.take_optional("description") {
        text(description, "description", &language)?;
    }
    let organiser = party(members.take("organiser")?, "organiser")?;
    let issuers = list(&mut members, "issuers", 4, |value, path| {
        let mut issuer = Members::of(value, path)?;
        let name = name(&mut issuer)?;
        issuer.finish()?;
        Ok(name)
    })?;
    let trustees = list(&mut members, "trustees", 64, party)?;
    let different = distinct(trustees.iter().map(|trustee| &trustee.name))
        && distinct(
            trustees
                .iter()
                .chain([&organiser])
                .map(|party| party.key.encoding()),
        );
    if !different {
        return Err(refused("trustees", "different in names and keys").into());
    }
    let n = trustees.len() as u64;
    let threshold = members.integer("threshold", 1, n)?;
    let (origin, board_key) = board(members.take("board")?, &uuid_text)?;
    let (witnesses, witness_quorum) = witnesses(&mut members, &origin, &board_key)?;
    // So many that the witnesses alone are too few.
    let n_witnesses = witnesses.len() as u64;
    let close_quorum = members.integer("close_quorum", n_witnesses + 1, n + n_witnesses)?;
    let (opens, closes) = (time(&mut members, "opens")?, time(&mut members, "closes")?);
    if opens >= closes {
        return Err(members.refused("closes", "later than `opens`").into());
    }
    let groups = groups(&mut members, &language)?;
    let contests = contests(&mut members, &language, &groups)?;
    if !distinct(contests.iter().map(|contest| &contest.id)) {
        return Err(refused("contests", "different in ids").into());
    }
    let n_positions: usize = contests.iter().map(Contest::n_positions).sum();
    if n_positions > MAX_POSITIONS {
        return Err(ManifestError::Size {
            what: "an entry for so many positions",
        });
    }
    let styles = list(&mut members, "styles", 64, |value, path| {
        style(value, path, &contests)
    })?;
    if !distinct(styles.iter().map(|style| &style.id)) {
        return Err(refused("styles", "different in ids").into());
    }
    let asked: BTreeSet<usize> = styles
        .iter()
        .flat_map(|style| style.contests.iter().copied())
        .collect();
    if asked.len() != contests.len() {
        return Err(refused("styles", "such that every contest is in one").into());
    }
    let minimum_ballots = members.integer("minimum_ballots", 1, u64::from(u32::MAX))?;
    let minimum_cell = match members.has("minimum_cell") {
        true => Some(members.integer("minimum_cell", 2, u64::from(u32::MAX))? as u32),
        false => None,
    };
    let registered = participation(&mut members, issuers.len())?;
    members.finish()?;
    let manifest = Manifest {
        id,
        uuid,
        language,
        title,
        organiser,
        issuers,
        trustees,
        threshold: threshold as u16,
        close_quorum: close_quorum as u16,
        witnesses,
        witness_quorum,
        origin,
        board_key,
        opens,
        closes,
        styles,
        contests,
        minimum_ballots: minimum_ballots as u32,
        minimum_cell,
        groups,
        registered,
    };
    survey::check(&manifest)?;
    Ok(manifest)
}

fn groups(members: &mut Members, language: &str) -> Result<Vec<Group>, JsonError> {
    if !members.has("groups") {
        return Ok(Vec::new());
    }
    let groups = list(members, "groups", 64, |value, path| {
        let mut group = Members::of(value, path)?;
        let id = id(&mut group)?;
        let title = text(group.take("title")?, &group.path("title"), language)?;
        group.finish()?;
        Ok(Group { id, title })
    })?;
    if !distinct(groups.iter().map(|group| &group.id)) {
        return Err(members.refused("groups", "different in ids"));
    }
    Ok(groups)
}

/// One after the other: each may be derived from contests before it.
fn contests(
    members: &mut Members,
    language: &str,
    groups: &[Group],
) -> Result<Vec<Contest>, JsonError> {
    let mut contests: Vec<Contest> = Vec::new();
    for (number, value) in members.array("contests", 1, 256)?.into_iter().enumerate() {
        let context = contest::Context {
            language,
            groups,
            before: &contests,
        };
        let contest = context.contest(value, &format!("contests[{number}]"))?;
        let end = contest.positions().end;
        contests.push(contest);
        // What is read next could be huge, and is refused anyway.
        if end > MAX_POSITIONS {
            break;
        }
    }
    Ok(contests)
}

/// Whether respondents registered keys of their own.
fn participation(members: &mut Members, n_issuers: usize) -> Result<bool, JsonError> {
    match members.take_optional("participation") {
        None => Ok(false),
        Some(Json::String(how)) if how == "issued" => Ok(false),
        Some(Json::String(how)) if how == "registered" && n_issuers == 1 => Ok(true),
        Some(_) => {
            Err(members.refused("participation", "`issued`, or `registered` with one issuer"))
        }
    }
}

/// Reads a non-empty array of at most `most` values.
fn list<T>(
    members: &mut Members,
    member: &str,
    most: usize,
    read: impl Fn(Json, &str) -> Result<T, JsonError>,
) -> Result<Vec<T>, JsonError> {
    let path = members.path(member);
    let values = members.array(member, 1, most)?;
    values
        .into_iter()
        .enumerate()
        .map(|(index, value)| read(value, &format!("{path}[{index}]")))
        .collect()
}

fn distinct<T: Ord>(values: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    values.into_iter().all(|value| seen.insert(value))
}

fn name(members: &mut Members) -> Result<String, JsonError> {
    let name = members.string("name")?;
    if !rules::is_name(&name) {
        return Err(members.refused("name", "1 to 500 bytes without control characters"));
    }
    Ok(name)
}

fn id(members: &mut Members) -> Result<String, JsonError> {
    let id = members.string("id")?;
    if !rules::is_id(&id) {
        return Err(members.refused("id", "an id"));
    }
    Ok(id)
}

fn time(members: &mut Members, member: &str) -> Result<String, JsonError> {
    let time = members.string(member)?;
    if !rules::is_time(&time) {
        return Err(members.refused(member, "a time YYYY-MM-DDTHH:MM:SSZ"));
    }
    Ok(time)
}

fn text(value: Json, path: &str, language: &str) -> Result<Text, JsonError> {
    let Json::Object(members) = value else {
        return Err(refused(path, "an object from language tags to strings"));
    };
    let mut text = Text::new();
    for (tag, value) in members {
        let allowed = rules::is_language(&tag);
        match value {
            Json::String(value) if allowed && rules::is_text(&value) => text.insert(tag, value),
            _ => {
                return Err(refused(
                    path,
                    "strings of 1 to 20,000 bytes under language tags",
                ));
            }
        };
    }
    if !text.contains_key(language) {
        return Err(refused(path, "present in the manifest's language"));
    }
    Ok(text)
}

fn party(value: Json, path: &str) -> Result<Party, JsonError> {
    let mut members = Members::of(value, path)?;
    let name = name(&mut members)?;
    let key = lower_hex(&members.string("key")?)
        .and_then(|encoding| Element::decode(&encoding).ok())
        .ok_or_else(|| members.refused("key", "an element in 64 lower-case hexadecimal digits"))?;
    members.finish()?;
    Ok(Party { name, key })
}

fn board(value: Json, uuid: &str) -> Result<(String, [u8; 32]), JsonError> {
    let mut members = Members::of(value, "board")?;
    let origin = members.string("origin")?;
    if !rules::is_origin(&origin, uuid) {
        return Err(members.refused("origin", "a schemeless URL ending in `/` and the uuid"));
    }
    let key = lower_hex(&members.string("key")?)
        .ok_or_else(|| members.refused("key", "64 lower-case hexadecimal digits"))?;
    members.finish()?;
    Ok((origin, key))
}

/// Reads the witnesses and their quorum, which are there together or not at all.
fn witnesses(
    members: &mut Members,
    origin: &str,
    board_key: &[u8; 32],
) -> Result<(Vec<Witness>, u16), JsonError> {
    if !members.has("witnesses") {
        return Ok((Vec::new(), 0));
    }
    let witnesses = list(members, "witnesses", MAX_COSIGNATURES, |value, path| {
        let mut witness = Members::of(value, path)?;
        let name = witness.string("name")?;
        if !rules::is_witness_name(&name) {
            return Err(witness.refused("name", "1 to 100 bytes without white space and `+`"));
        }
        let key = lower_hex(&witness.string("key")?)
            .ok_or_else(|| witness.refused("key", "64 lower-case hexadecimal digits"))?;
        witness.finish()?;
        Ok(Witness { name, key })
    })?;
    let names = witnesses.iter().map(|witness| witness.name.as_str());
    let keys = witnesses.iter().map(|witness| &witness.key);
    if !distinct(names.chain([origin])) || !distinct(keys.chain([board_key])) {
        let rule = "different in names and keys, also from the board";
        return Err(members.refused("witnesses", rule));
    }
    // More than half, so that two witnessed histories have a witness in common.
    let most = witnesses.len() as u64;
    let quorum = members.integer("witness_quorum", most / 2 + 1, most)?;
    Ok((witnesses, quorum as u16))
}

fn style(value: Json, path: &str, contests: &[Contest]) -> Result<Style, JsonError> {
    let mut members = Members::of(value, path)?;
    let id = id(&mut members)?;
    let rule = "distinct contests in manifest order";
    let mut indices: Vec<usize> = Vec::new();
    for value in members.array("contests", 1, contests.len())? {
        let index = contests
            .iter()
            .position(|contest| matches!(&value, Json::String(id) if *id == contest.id))
            .filter(|index| indices.last().is_none_or(|last| last < index))
            .ok_or_else(|| members.refused("contests", rule))?;
        indices.push(index);
    }
    members.finish()?;
    let chosen = || indices.iter().filter_map(|index| contests.get(*index));
    // Looked at before the shape is made, so that a hostile manifest cannot make a huge one.
    let n_coordinates: usize = chosen()
        .map(|contest| contest.kind.n_coordinates(contest.n_positions()))
        .sum();
    if n_coordinates > MAX_COORDINATES {
        return Err(refused(
            path,
            "small enough for its ballots to fit an entry",
        ));
    }
    Ok(Style {
        id,
        shape: Shape::of(contests, &indices),
        positions: chosen().flat_map(Contest::positions).collect(),
        contests: indices,
    })
}
