//! Contests, member by member.

use std::collections::BTreeSet;

use super::super::json::{Object, Place, Reading, refuse};
use super::super::{
    BallotStyle, Contest, ContestKind, ContestOption, ContestRow, Group, ManifestError, NumberRules,
};
use super::{NAME_LENGTH, groups, id, text};

/// Largest absolute value of a bound of a number, and of an option of a scale.
const LARGEST_BOUND: i64 = 1 << 53;
const LARGEST_VALUE: i64 = 1_000_000;

pub(super) fn contests(place: Place, language: &str, groups: &[Group]) -> Reading<Vec<Contest>> {
    let path = place.path().to_owned();
    let mut ids = BTreeSet::new();
    let mut contests = Vec::new();
    for item in place.array(1, 256)? {
        let contest = contest(item.object()?, language, groups, &contests)?;
        if !ids.insert(contest.id.clone()) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("the id {:?}", contest.id),
            });
        }
        contests.push(contest);
    }
    Ok(contests)
}

/// Reads a contest; `before` are those that stand before it.
fn contest(
    mut object: Object,
    language: &str,
    groups: &[Group],
    before: &[Contest],
) -> Reading<Contest> {
    let contest_id = id(object.take("id")?)?;
    let kind_place = object.take("kind")?;
    let wrong = kind_place
        .wrong("\"choices\", \"points\", \"matrix\", \"number\", \"product\" or \"table\"");
    let kind = kind_place.string(NAME_LENGTH, false)?;
    let title = text(object.take("title")?, language)?;
    let description = object
        .optional("description")
        .map(|place| text(place, language))
        .transpose()?;
    let question = groups::question(&mut object, groups)?;
    let empty = Contest {
        id: contest_id,
        kind: ContestKind::Choices,
        title,
        description,
        options: Vec::new(),
        min: 0,
        max: 0,
        max_per_option: 0,
        blank: false,
        is_rotated: false,
        question,
    };
    let contest = match kind.as_str() {
        "choices" => options_with_limits(&mut object, language, empty)?,
        "points" => {
            let empty = Contest {
                kind: ContestKind::Points,
                ..empty
            };
            options_with_limits(&mut object, language, empty)?
        }
        "matrix" => matrix(&mut object, language, empty)?,
        "number" => Contest {
            blank: object.take("blank")?.bool()?,
            kind: ContestKind::Number(number(&mut object, language)?),
            ..empty
        },
        "product" => Contest {
            kind: product(&mut object, before)?,
            ..empty
        },
        "table" => Contest {
            kind: table(&mut object, before)?,
            ..empty
        },
        _ => return Err(wrong),
    };
    object.finish()?;
    Ok(contest)
}

/// The rest of a contest of kind choices or points.
fn options_with_limits(object: &mut Object, language: &str, contest: Contest) -> Reading<Contest> {
    let options_place = object.take("options")?;
    let path = options_place.path().to_owned();
    let options = options(options_place, 1, 1024, language)?;
    let is_choice = contest.kind == ContestKind::Choices;
    let max_per_option = if is_choice {
        1
    } else {
        object.take("max_per_option")?.integer(1, 1 << 20)?
    };
    let most = max_per_option * options.len() as u64;
    let max = object.take("max")?.integer(1, most)?;
    let min = object.take("min")?.integer(0, max)?;
    let has_values = options.iter().any(|option| option.value.is_some());
    if has_values && !(is_choice && max == 1) {
        return refuse(ManifestError::Unknown {
            path: format!("{path}[0]"),
            name: "value".to_owned(),
        });
    }
    let blank = object.take("blank")?.bool()?;
    let is_rotated = object.optional("order").map(order).transpose()?;
    // Each is at most 2^30, by the ranges above.
    let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    Ok(Contest {
        options,
        min: narrow(min),
        max: narrow(max),
        max_per_option: narrow(max_per_option),
        blank,
        is_rotated: is_rotated.unwrap_or(false),
        ..contest
    })
}

fn order(place: Place) -> Reading<bool> {
    let wrong = place.wrong("\"fixed\" or \"rotated\"");
    match place.string(NAME_LENGTH, false)?.as_str() {
        "fixed" => Ok(false),
        "rotated" => Ok(true),
        _ => Err(wrong),
    }
}

/// Options with distinct ids, and values for all of them or none.
fn options(place: Place, least: usize, most: usize, language: &str) -> Reading<Vec<ContestOption>> {
    let path = place.path().to_owned();
    let mut options: Vec<ContestOption> = Vec::new();
    for (option_id, label, mut object) in labelled(place, least, most, language)? {
        let value = object
            .optional("value")
            .map(|place| place.signed(-LARGEST_VALUE, LARGEST_VALUE))
            .transpose()?;
        object.finish()?;
        options.push(ContestOption {
            id: option_id,
            label,
            value,
        });
    }
    let with_value = options.iter().filter(|option| option.value.is_some());
    if [0, options.len()].contains(&with_value.count()) {
        Ok(options)
    } else {
        refuse(ManifestError::Member {
            path,
            expected: "options that all have a value, or none",
        })
    }
}

/// Objects with distinct ids and a label; the rest of each is still to be read.
fn labelled(
    place: Place,
    least: usize,
    most: usize,
    language: &str,
) -> Reading<Vec<(String, super::Text, Object)>> {
    let path = place.path().to_owned();
    let (mut ids, mut list) = (BTreeSet::new(), Vec::new());
    for item in place.array(least, most)? {
        let mut object = item.object()?;
        let item_id = id(object.take("id")?)?;
        let label = text(object.take("label")?, language)?;
        if !ids.insert(item_id.clone()) {
            return refuse(ManifestError::Duplicate {
                path,
                what: format!("the id {item_id:?}"),
            });
        }
        list.push((item_id, label, object));
    }
    Ok(list)
}

fn matrix(object: &mut Object, language: &str, contest: Contest) -> Reading<Contest> {
    let rows = labelled(object.take("rows")?, 1, 64, language)?
        .into_iter()
        .map(|(id, label, rest)| rest.finish().map(|()| ContestRow { id, label }))
        .collect::<Result<_, _>>()?;
    Ok(Contest {
        kind: ContestKind::Matrix { rows },
        options: options(object.take("options")?, 2, 64, language)?,
        min: 1,
        max: 1,
        max_per_option: 1,
        blank: object.take("blank")?.bool()?,
        ..contest
    })
}

fn number(object: &mut Object, language: &str) -> Reading<NumberRules> {
    let lo = object.take("lo")?.signed(-LARGEST_BOUND, LARGEST_BOUND)?;
    let hi_place = object.take("hi")?;
    let hi = hi_place.signed(-LARGEST_BOUND, LARGEST_BOUND)?;
    // R is 1 to 2^32 − 1.
    hi_place.signed(lo + 1, lo + i64::from(u32::MAX))?;
    let range = u64::try_from(hi - lo).unwrap_or(0);
    let decimals = object.take("decimals")?.integer(0, 9)?;
    let unit = object
        .optional("unit")
        .map(|place| text(place, language))
        .transpose()?;
    let step = object
        .optional("step")
        .map(|place| place.integer(1, range))
        .transpose()?;
    let spread = object.take("spread")?.bool()?;
    let buckets = object
        .optional("buckets")
        .map(|place| buckets(place, lo, hi))
        .transpose()?;
    Ok(NumberRules {
        lo,
        hi,
        decimals: u8::try_from(decimals).unwrap_or(u8::MAX),
        unit,
        step: step.map(|step| u32::try_from(step).unwrap_or(u32::MAX)),
        spread,
        buckets: buckets.unwrap_or_default(),
    })
}

fn buckets(place: Place, lo: i64, hi: i64) -> Reading<Vec<i64>> {
    let wrong = place.wrong("rising integers of which the first is lo and the last at most hi");
    let buckets = place
        .array(2, 64)?
        .iter()
        .map(|item| item.signed(-LARGEST_BOUND, LARGEST_BOUND))
        .collect::<Result<Vec<i64>, _>>()?;
    let rises = buckets.is_sorted_by(|a, b| a < b);
    if rises && buckets.first() == Some(&lo) && buckets.last().is_some_and(|last| *last <= hi) {
        Ok(buckets)
    } else {
        Err(wrong)
    }
}

/// The two distinct contests that stand before a derived one, with their indices.
fn of<'a>(
    object: &mut Object,
    before: &'a [Contest],
    expected: &'static str,
    fits: impl Fn(&Contest) -> bool,
) -> Reading<([usize; 2], [&'a Contest; 2])> {
    let place = object.take("of")?;
    let wrong = place.wrong(expected);
    let mut found = Vec::new();
    for item in place.array(2, 2)? {
        let contest_id = id(item)?;
        let mut known = before.iter().enumerate();
        found.extend(known.find(|(_, contest)| contest.id == contest_id));
    }
    match found.as_slice() {
        [(c, first), (d, second)] if c != d && fits(first) && fits(second) => {
            Ok(([*c, *d], [*first, *second]))
        }
        _ => Err(wrong),
    }
}

fn product(object: &mut Object, before: &[Contest]) -> Reading<ContestKind> {
    let expected =
        "the ids of two distinct numbers that stand before, without blank and with spread";
    let fits = |contest: &Contest| {
        let rules = contest.number();
        !contest.blank && rules.is_some_and(|rules| rules.spread)
    };
    let (of, contests) = of(object, before, expected, fits)?;
    // Both below 2^32.
    let ranges = contests.into_iter().filter_map(Contest::number);
    let max = ranges.map(|rules| u64::from(rules.range())).product();
    Ok(ContestKind::Product { of, max })
}

fn table(object: &mut Object, before: &[Contest]) -> Reading<ContestKind> {
    let expected = "the ids of two distinct contests that stand before and have categories";
    let categories = |contest: &Contest| contest.categories().map_or(0, |list| list.len());
    let fits = |contest: &Contest| categories(contest) > 0;
    let (of, [first, second]) = of(object, before, expected, fits)?;
    Ok(ContestKind::Table {
        of,
        rows: categories(first),
        columns: categories(second),
    })
}

/// A derived contest is in exactly the styles of the first it is of, and in those of the second.
pub(super) fn check_derived(contests: &[Contest], styles: &[BallotStyle]) -> Reading<()> {
    for (index, contest) in contests.iter().enumerate() {
        let Some([c, d]) = contest.of() else {
            continue;
        };
        let has = |style: &BallotStyle, contest: usize| style.contests.contains(&contest);
        let in_same = |other| {
            let mut styles = styles.iter();
            styles.all(|style| has(style, index) == has(style, other))
        };
        if !in_same(c) || !in_same(d) {
            return refuse(ManifestError::Member {
                path: format!("contest {:?}", contest.id),
                expected: "in exactly the styles of each of the two contests it is of",
            });
        }
        if let Some(expected) = groups::wrong_group(contest, [c, d].map(|of| contests.get(of))) {
            return refuse(ManifestError::Member {
                path: format!("contest {:?}", contest.id),
                expected,
            });
        }
    }
    Ok(())
}
