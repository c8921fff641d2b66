//! One contest, by its kind.

use super::{distinct, id, list, text};
use crate::{
    json::{Json, JsonError, Members, refused},
    manifest::{Contest, ContestKind, ContestOption, Group, Matrix, Number, OptionsContest, Text},
};

/// The greatest size of an option's value.
const MAX_VALUE: u64 = 1_000_000;

/// What a contest is read with.
pub(super) struct Context<'a> {
    /// The manifest's language.
    pub language: &'a str,
    /// The manifest's groups.
    pub groups: &'a [Group],
    /// The contests before it.
    pub before: &'a [Contest],
}

impl Context<'_> {
    pub(super) fn contest(&self, value: Json, path: &str) -> Result<Contest, JsonError> {
        let mut members = Members::of(value, path)?;
        let id = id(&mut members)?;
        let kind = members.string("kind")?;
        let title = self.text(&mut members, "title")?;
        if members.has("description") {
            self.text(&mut members, "description")?;
        }
        let kind = match kind.as_str() {
            "choices" => self.options(&mut members, false)?,
            "points" => self.options(&mut members, true)?,
            "matrix" => self.matrix(&mut members)?,
            "number" => self.number(&mut members)?,
            "product" => self.product(&mut members)?,
            "table" => self.table(&mut members)?,
            _ => return Err(members.refused("kind", "a kind of contest")),
        };
        let of_group = self.of_group(&mut members)?;
        members.finish()?;
        Ok(Contest {
            id,
            title,
            of_group,
            first_position: self
                .before
                .last()
                .map_or(0, |before| before.positions().end),
            most: kind.most(self.before),
            kind,
        })
    }

    fn text(&self, members: &mut Members, member: &str) -> Result<Text, JsonError> {
        text(members.take(member)?, &members.path(member), self.language)
    }

    fn options(&self, members: &mut Members, points: bool) -> Result<ContestKind, JsonError> {
        let max_per_option = match points {
            false => 1,
            true => members.integer("max_per_option", 1, 1 << 20)?,
        };
        let options = self.labelled(members, "options", 1_024, !points)?;
        let most = options.len() as u64 * max_per_option;
        let max = members.integer("max", 1, most)?;
        let min = members.integer("min", 0, max)?;
        if max != 1 && options.iter().any(|option| option.value.is_some()) {
            return Err(members.refused("options", "without values where more than one is chosen"));
        }
        let blank = members.bool("blank")?;
        match members.take_optional("order") {
            None => (),
            Some(Json::String(order)) if order == "fixed" || order == "rotated" => (),
            Some(_) => return Err(members.refused("order", "`fixed` or `rotated`")),
        }
        Ok(ContestKind::Options(OptionsContest {
            points,
            options,
            min,
            max,
            max_per_option,
            blank,
        }))
    }

    fn matrix(&self, members: &mut Members) -> Result<ContestKind, JsonError> {
        let rows = self.labelled(members, "rows", 64, false)?;
        let options = self.labelled(members, "options", 64, true)?;
        if options.len() < 2 {
            return Err(members.refused("options", "2 to 64 options"));
        }
        Ok(ContestKind::Matrix(Matrix {
            rows,
            options,
            blank: members.bool("blank")?,
        }))
    }

    /// Options or rows, whose ids differ; where values are known, all have one or none.
    fn labelled(
        &self,
        members: &mut Members,
        member: &str,
        most: usize,
        values: bool,
    ) -> Result<Vec<ContestOption>, JsonError> {
        let options = list(members, member, most, |value, path| {
            let mut option = Members::of(value, path)?;
            let id = id(&mut option)?;
            let label = self.text(&mut option, "label")?;
            let value = match values && option.has("value") {
                true => Some(option.signed("value")?),
                false => None,
            };
            if value.is_some_and(|value| value.unsigned_abs() > MAX_VALUE) {
                return Err(option.refused("value", "an integer of at most 1,000,000 in size"));
            }
            option.finish()?;
            Ok(ContestOption { id, label, value })
        })?;
        if !distinct(options.iter().map(|option| &option.id)) {
            return Err(members.refused(member, "different in ids"));
        }
        let n_values = options.iter().filter(|option| option.value.is_some());
        if ![0, options.len()].contains(&n_values.count()) {
            return Err(members.refused(member, "all with a value or none"));
        }
        Ok(options)
    }

    fn number(&self, members: &mut Members) -> Result<ContestKind, JsonError> {
        let (lo, hi) = (members.signed("lo")?, members.signed("hi")?);
        let range = hi
            .checked_sub(lo)
            .and_then(|range| u64::try_from(range).ok());
        let range = range
            .filter(|range| (1..=u64::from(u32::MAX)).contains(range))
            .ok_or_else(|| members.refused("hi", "1 to 2^32 - 1 more than `lo`"))?;
        let decimals = members.integer("decimals", 0, 9)? as u32;
        let unit = match members.has("unit") {
            true => Some(self.text(members, "unit")?),
            false => None,
        };
        if members.has("step") {
            members.integer("step", 1, range)?;
        }
        let (blank, spread) = (members.bool("blank")?, members.bool("spread")?);
        let buckets = match members.has("buckets") {
            true => buckets(members, lo, hi)?,
            false => Vec::new(),
        };
        Ok(ContestKind::Number(Number {
            lo,
            hi,
            decimals,
            unit,
            blank,
            spread,
            buckets,
        }))
    }

    fn product(&self, members: &mut Members) -> Result<ContestKind, JsonError> {
        let rule = "two number contests before, without blank and with spread";
        let of = self.of(
            members,
            rule,
            |kind| matches!(kind, ContestKind::Number(number) if !number.blank && number.spread),
        )?;
        Ok(ContestKind::Product(of))
    }

    fn table(&self, members: &mut Members) -> Result<ContestKind, JsonError> {
        let rule = "two contests before that have categories";
        let of = self.of(members, rule, |kind| kind.categories().is_some())?;
        Ok(ContestKind::Table(of))
    }

    /// Two different contests before this one.
    fn of(
        &self,
        members: &mut Members,
        rule: &'static str,
        fits: impl Fn(&ContestKind) -> bool,
    ) -> Result<[usize; 2], JsonError> {
        let find = |value: &Json| {
            let is_named =
                |contest: &Contest| matches!(value, Json::String(id) if *id == contest.id);
            let index = self.before.iter().position(is_named)?;
            let contest = self.before.get(index)?;
            fits(&contest.kind).then_some(index)
        };
        let of = members.array("of", 2, 2)?;
        match of.iter().map(find).collect::<Option<Vec<_>>>().as_deref() {
            Some([first, second]) if first != second => Ok([*first, *second]),
            _ => Err(members.refused("of", rule)),
        }
    }

    /// Question and group, where the manifest has groups; elsewhere they are unknown.
    fn of_group(&self, members: &mut Members) -> Result<Option<(String, usize)>, JsonError> {
        let given = members.has("question") || members.has("group");
        if self.groups.is_empty() || !given {
            return Ok(None);
        }
        let question = members.string("question")?;
        if !super::rules::is_id(&question) {
            return Err(members.refused("question", "an id"));
        }
        let group = members.string("group")?;
        let index = self.groups.iter().position(|other| other.id == group);
        match index {
            Some(index) => Ok(Some((question, index))),
            None => Err(members.refused("group", "one of `groups`")),
        }
    }
}

/// Rising integers from `lo` on, none beyond `hi`.
fn buckets(members: &mut Members, lo: i64, hi: i64) -> Result<Vec<i64>, JsonError> {
    let values = members.array("buckets", 2, 64)?;
    let rule = "rising integers from `lo` to at most `hi`";
    let buckets: Option<Vec<i64>> = values
        .iter()
        .map(|value| match value {
            Json::Integer(value) => Some(*value),
            _ => None,
        })
        .collect();
    buckets
        .filter(|buckets| {
            buckets.first() == Some(&lo)
                && buckets.last() <= Some(&hi)
                && buckets.is_sorted_by(|one, next| one < next)
        })
        .ok_or_else(|| refused(&members.path("buckets"), rule))
}
