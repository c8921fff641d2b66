//! Groups, and the questions that are asked of several of them.

use std::collections::BTreeSet;

use super::super::json::{Object, Place, Reading, refuse};
use super::super::{BallotStyle, Contest, ContestKind, Group, ManifestError};
use super::{id, text};

pub(super) fn groups(place: Place, language: &str) -> Reading<Vec<Group>> {
    let path = place.path().to_owned();
    let (mut ids, mut groups) = (BTreeSet::new(), Vec::new());
    for item in place.array(1, 64)? {
        let mut object = item.object()?;
        let group_id = id(object.take("id")?)?;
        let title = text(object.take("title")?, language)?;
        object.finish()?;
        if !ids.insert(group_id.clone()) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("the id {group_id:?}"),
            });
        }
        groups.push(Group {
            id: group_id,
            title,
        });
    }
    Ok(groups)
}

/// The members `question` and `group` of a contest: both or neither, and unknown without groups.
pub(super) fn question(object: &mut Object, groups: &[Group]) -> Reading<Option<(String, usize)>> {
    if groups.is_empty() {
        return Ok(None);
    }
    let (question, group) = match object.optional("question") {
        Some(question) => (question, object.take("group")?),
        None if object.optional("group").is_some() => {
            return Err(object.missing("question"));
        }
        None => return Ok(None),
    };
    let wrong = group.wrong("the id of a group");
    let group_id = id(group)?;
    let index = groups.iter().position(|group| group.id == group_id);
    Ok(Some((id(question)?, index.ok_or(wrong)?)))
}

/// What is wrong with the group of a derived contest, if anything is.
pub(super) fn wrong_group(derived: &Contest, of: [Option<&Contest>; 2]) -> Option<&'static str> {
    let group = |contest: &Contest| contest.question.as_ref().map(|(_, group)| *group);
    let same = of
        .into_iter()
        .flatten()
        .all(|contest| group(contest) == group(derived));
    (!same).then_some("of two contests of its own group, or without a group of two without")
}

/// Contests of one question are of different groups, in no style together, and alike.
pub(super) fn check_questions(contests: &[Contest], styles: &[BallotStyle]) -> Reading<()> {
    for (second, contest) in contests.iter().enumerate() {
        let Some((question, group)) = &contest.question else {
            continue;
        };
        let path = || format!("contest {:?}", contest.id);
        let wrong = |expected| {
            refuse(ManifestError::Member {
                path: path(),
                expected,
            })
        };
        for (first, other) in contests.iter().enumerate().take(second) {
            let Some((other_question, other_group)) = &other.question else {
                continue;
            };
            if question != other_question {
                continue;
            }
            if group == other_group {
                return wrong("of another group than others of its question");
            }
            let together = |style: &BallotStyle| {
                style.contests.contains(&first) && style.contests.contains(&second)
            };
            if styles.iter().any(together) {
                return wrong("in no style with another of its question");
            }
            if !are_alike(contests, contest, other) {
                return wrong("alike to the others of its question");
            }
        }
    }
    Ok(())
}

/// Whether sums over both contests, position by position, mean something.
fn are_alike(contests: &[Contest], a: &Contest, b: &Contest) -> bool {
    let options = |contest: &Contest| -> Vec<(String, Option<i64>)> {
        let options = contest.options.iter();
        options.map(|o| (o.id.clone(), o.value)).collect()
    };
    let question = |contest: usize| {
        let contest = contests.get(contest)?;
        Some(&contest.question.as_ref()?.0)
    };
    let kinds = match (&a.kind, &b.kind) {
        (ContestKind::Choices, ContestKind::Choices)
        | (ContestKind::Points, ContestKind::Points) => true,
        (ContestKind::Matrix { rows: a }, ContestKind::Matrix { rows: b }) => {
            a.iter().map(|row| &row.id).eq(b.iter().map(|row| &row.id))
        }
        (ContestKind::Number(a), ContestKind::Number(b)) => {
            (a.lo, a.hi, a.decimals, a.spread) == (b.lo, b.hi, b.decimals, b.spread)
                && a.buckets == b.buckets
        }
        (ContestKind::Product { of: a, .. }, ContestKind::Product { of: b, .. })
        | (ContestKind::Table { of: a, .. }, ContestKind::Table { of: b, .. }) => {
            a.map(question) == b.map(question)
        }
        _ => false,
    };
    kinds
        && options(a) == options(b)
        && (a.min, a.max, a.max_per_option, a.blank) == (b.min, b.max, b.max_per_option, b.blank)
}
