//! From JSON to a manifest, member by member.

mod contests;
mod groups;

use std::collections::BTreeSet;
use std::ops::Range;

use time::{Date, Month, PrimitiveDateTime, Time};

use super::json::{Place, Reading, refuse};
use super::{
    BallotStyle, BoardIdentity, CloseRule, Contest, ElectionManifest, ManifestError, Participation,
    RosterTrustee, Text,
};
use crate::cosignature::{MAX_WITNESSES, Witness, is_witness_name};
use crate::encoding::decode_hex;
use crate::entry::VERSION;
use crate::group::Element;
use crate::transcript::Digest;

const NAME_LENGTH: usize = 500;
const TEXT_LENGTH: usize = 20_000;

pub(super) fn manifest(bytes: &[u8], id: Digest) -> Reading<ElectionManifest> {
    let mut object = Place::parse(bytes)?.object()?;
    object
        .take("psephos")?
        .integer(VERSION.into(), VERSION.into())?;
    let uuid = uuid(object.take("uuid")?)?;
    let language = language(object.take("language")?)?;
    let title = text(object.take("title")?, &language)?;
    let description = object
        .optional("description")
        .map(|place| text(place, &language))
        .transpose()?;
    let (organiser_name, organiser_key) = named_key(object.take("organiser")?)?;
    let issuers = object
        .take("issuers")?
        .array(1, 4)?
        .into_iter()
        .map(issuer)
        .collect::<Result<Vec<_>, _>>()?;
    let trustees = trustees(object.take("trustees")?, &organiser_key)?;
    let n = u16::try_from(trustees.len()).unwrap_or(u16::MAX);
    let threshold = small(&object.take("threshold")?, 1, n)?;
    let mut board = board(object.take("board")?, &uuid)?;
    if let Some(place) = object.optional("witnesses") {
        board.witnesses = witnesses(place, &board)?;
        let most = u16::try_from(board.witnesses.len()).unwrap_or(u16::MAX);
        board.witness_quorum = small(
            &object.take("witness_quorum")?,
            CloseRule::least_witness_quorum(most),
            most,
        )?;
    }
    let rule = CloseRule {
        trustees: n,
        threshold,
        witnesses: u16::try_from(board.witnesses.len()).unwrap_or(u16::MAX),
        witness_quorum: board.witness_quorum,
    };
    let close_quorum = small(&object.take("close_quorum")?, 1, rule.certifiers())?;
    if close_quorum < rule.least_quorum() {
        return refuse(ManifestError::Quorum {
            quorum: close_quorum,
            rule,
        });
    }
    let opens = instant(object.take("opens")?)?;
    let closes_place = object.take("closes")?;
    let closes_error = closes_place.wrong("later than manifest.opens");
    let closes = instant(closes_place)?;
    if closes <= opens {
        return Err(closes_error);
    }
    let groups = object
        .optional("groups")
        .map(|place| groups::groups(place, &language))
        .transpose()?
        .unwrap_or_default();
    let contests_place = object.take("contests")?;
    let contests = contests::contests(contests_place, &language, &groups)?;
    let styles = styles(object.take("styles")?, &contests)?;
    contests::check_derived(&contests, &styles)?;
    groups::check_questions(&contests, &styles)?;
    let minimum_ballots = u32::try_from(
        object
            .take("minimum_ballots")?
            .integer(1, u64::from(u32::MAX))?,
    )
    .unwrap_or(u32::MAX);
    let minimum_cell = object
        .optional("minimum_cell")
        .map(|place| place.integer(2, u64::from(u32::MAX)))
        .transpose()?
        .map(|cell| u32::try_from(cell).unwrap_or(u32::MAX));
    let participation = object
        .optional("participation")
        .map(|place| participation(place, issuers.len()))
        .transpose()?
        .unwrap_or_default();
    object.finish()?;
    Ok(ElectionManifest {
        bytes: bytes.to_vec(),
        id,
        uuid,
        language,
        title,
        description,
        organiser_name,
        organiser_key,
        issuers,
        trustees,
        threshold,
        close_quorum,
        board,
        opens,
        closes,
        styles,
        contests,
        minimum_ballots,
        minimum_cell,
        groups,
        participation,
    })
}

fn participation(place: Place, issuers: usize) -> Reading<Participation> {
    let wrong = place.wrong("\"issued\", or with exactly one issuer \"registered\"");
    match place.string(NAME_LENGTH, false)?.as_str() {
        "issued" => Ok(Participation::Issued),
        "registered" if issuers == 1 => Ok(Participation::Registered),
        _ => Err(wrong),
    }
}

fn small(place: &Place, least: u16, most: u16) -> Reading<u16> {
    Ok(u16::try_from(place.integer(u64::from(least), u64::from(most))?).unwrap_or(most))
}

fn uuid(place: Place) -> Reading<[u8; 16]> {
    let wrong = place.wrong("32 lower-case hexadecimal digits");
    decode_hex(&place.string(NAME_LENGTH, false)?).ok_or(wrong)
}

fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let primary = parts.next().unwrap_or_default();
    tag.len() <= 35
        && (2..=8).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

fn language(place: Place) -> Reading<String> {
    let wrong = place.wrong("a language tag such as \"en\" or \"fr-CH\"");
    Some(place.string(NAME_LENGTH, false)?)
        .filter(|tag| is_language_tag(tag))
        .ok_or(wrong)
}

fn text(place: Place, required: &str) -> Reading<Text> {
    let lacking = place.wrong("an object with a text in the manifest's language");
    let mut texts: Vec<(String, String)> = Vec::new();
    for (tag, value) in place.object()?.into_members() {
        if !is_language_tag(&tag) {
            return refuse(ManifestError::Member {
                path: value.path().to_owned(),
                expected: "named by a language tag",
            });
        }
        // No tag stands twice: the reader of JSON has seen to that.
        let place = texts.partition_point(|(other, _)| *other < tag);
        texts.insert(place, (tag, value.string(TEXT_LENGTH, true)?));
    }
    let text = Text(texts);
    if text.get(required).is_some() {
        Ok(text)
    } else {
        Err(lacking)
    }
}

fn element(place: Place) -> Reading<Element> {
    let wrong = place.wrong("64 lower-case hexadecimal digits that encode a key");
    decode_hex(&place.string(NAME_LENGTH, false)?)
        .and_then(|bytes| Element::decode(&bytes))
        .ok_or(wrong)
}

fn named_key(place: Place) -> Reading<(String, Element)> {
    let mut object = place.object()?;
    let name = object.take("name")?.string(NAME_LENGTH, false)?;
    let key = element(object.take("key")?)?;
    object.finish()?;
    Ok((name, key))
}

fn issuer(place: Place) -> Reading<String> {
    let mut object = place.object()?;
    let name = object.take("name")?.string(NAME_LENGTH, false)?;
    object.finish()?;
    Ok(name)
}

fn trustees(place: Place, organiser: &Element) -> Reading<Vec<RosterTrustee>> {
    let path = place.path().to_owned();
    let (mut names, mut keys) = (BTreeSet::new(), vec![*organiser]);
    let mut trustees = Vec::new();
    for item in place.array(1, 64)? {
        let (name, key) = named_key(item)?;
        if !names.insert(name.clone()) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("the name {name:?}"),
            });
        }
        if keys.contains(&key) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("a key, that of {name:?}"),
            });
        }
        keys.push(key);
        trustees.push(RosterTrustee { name, key });
    }
    Ok(trustees)
}

fn board(place: Place, uuid: &[u8; 16]) -> Reading<BoardIdentity> {
    let mut object = place.object()?;
    let origin_place = object.take("origin")?;
    let wrong = origin_place
        .wrong("a URL without scheme, spaces or plus signs that ends in \"/\" and the uuid");
    let origin = origin_place.string(NAME_LENGTH, false)?;
    let suffix = format!("/{}", crate::encoding::encode_hex(uuid));
    let plain = origin.bytes().all(|b| b.is_ascii_graphic() && b != b'+');
    if !plain
        || origin.contains("://")
        || origin.starts_with('/')
        || origin.len() == suffix.len()
        || !origin.ends_with(&suffix)
    {
        return Err(wrong);
    }
    let key_place = object.take("key")?;
    let wrong = key_place.wrong("64 lower-case hexadecimal digits");
    let key = decode_hex(&key_place.string(NAME_LENGTH, false)?).ok_or(wrong)?;
    object.finish()?;
    Ok(BoardIdentity {
        origin,
        key,
        witnesses: Vec::new(),
        witness_quorum: 0,
    })
}

fn witnesses(place: Place, board: &BoardIdentity) -> Reading<Vec<Witness>> {
    let path = place.path().to_owned();
    let (mut names, mut keys) = (vec![board.origin.clone()], vec![board.key]);
    let mut witnesses = Vec::new();
    for item in place.array(1, MAX_WITNESSES)? {
        let mut object = item.object()?;
        let name_place = object.take("name")?;
        let wrong = name_place
            .wrong("a name of at most 100 bytes without white space and without plus signs");
        let name = Some(name_place.string(NAME_LENGTH, false)?)
            .filter(|name| is_witness_name(name))
            .ok_or(wrong)?;
        let key_place = object.take("key")?;
        let wrong = key_place.wrong("64 lower-case hexadecimal digits");
        let key = decode_hex(&key_place.string(NAME_LENGTH, false)?).ok_or(wrong)?;
        object.finish()?;
        if names.contains(&name) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("the name {name:?}"),
            });
        }
        if keys.contains(&key) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("a key, that of {name:?}"),
            });
        }
        names.push(name.clone());
        keys.push(key);
        witnesses.push(Witness { name, key });
    }
    Ok(witnesses)
}

fn instant(place: Place) -> Reading<i64> {
    let wrong = place.wrong("a time in UTC such as \"2026-05-01T08:00:00Z\"");
    let text = place.string(NAME_LENGTH, false)?;
    let form = b"0000-00-00T00:00:00Z";
    let has_form = text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == *form,
        });
    // Times before 1970 are negative.
    let seconds = has_form.then(|| seconds_since_1970(&text)).flatten();
    seconds.filter(|seconds| *seconds >= 0).ok_or(wrong)
}

/// Reads `YYYY-MM-DDThh:mm:ssZ`, where every digit is one. The form is fixed, so the calendar is
/// all that is needed of the library of times; its parser would be ten more kilobytes for voters.
fn seconds_since_1970(text: &str) -> Option<i64> {
    let number = |range: Range<usize>| text.get(range)?.parse::<u16>().ok();
    let small = |range| u8::try_from(number(range)?).ok();
    let (year, month) = (
        i32::from(number(0..4)?),
        Month::try_from(small(5..7)?).ok()?,
    );
    let date = Date::from_calendar_date(year, month, small(8..10)?).ok()?;
    let time = Time::from_hms(small(11..13)?, small(14..16)?, small(17..19)?).ok()?;
    Some(
        PrimitiveDateTime::new(date, time)
            .assume_utc()
            .unix_timestamp(),
    )
}

fn id(place: Place) -> Reading<String> {
    let wrong = place.wrong("an id: 1 to 64 letters, digits, hyphens and underscores");
    let good = |id: &String| {
        id.len() <= 64
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    Some(place.string(NAME_LENGTH, false)?)
        .filter(good)
        .ok_or(wrong)
}

fn styles(place: Place, contests: &[Contest]) -> Reading<Vec<BallotStyle>> {
    let path = place.path().to_owned();
    let (mut ids, mut used) = (BTreeSet::new(), vec![false; contests.len()]);
    let mut styles = Vec::new();
    for item in place.array(1, 64)? {
        let mut object = item.object()?;
        let style_id = id(object.take("id")?)?;
        let mut indices: Vec<usize> = Vec::new();
        for contest_place in object.take("contests")?.array(1, 256)? {
            let wrong = contest_place
                .wrong("the id of a contest, each at most once and in the order of the contests");
            let contest_id = id(contest_place)?;
            let index = contests.iter().position(|contest| contest.id == contest_id);
            let index = index
                .filter(|&index| indices.last().is_none_or(|&last| last < index))
                .ok_or(wrong)?;
            if let Some(used) = used.get_mut(index) {
                *used = true;
            }
            indices.push(index);
        }
        object.finish()?;
        let mut chosen = indices.iter().filter_map(|index| contests.get(*index));
        if !chosen.any(Contest::asks) {
            return refuse(ManifestError::Member {
                path: format!("style {style_id:?}"),
                expected: "of at least one contest that asks something",
            });
        }
        if !ids.insert(style_id.clone()) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("the id {style_id:?}"),
            });
        }
        styles.push(BallotStyle {
            id: style_id,
            contests: indices,
        });
    }
    if used.into_iter().all(|used| used) {
        Ok(styles)
    } else {
        refuse(ManifestError::Member {
            path,
            expected: "such that every contest is in a style",
        })
    }
}
