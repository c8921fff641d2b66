//! What a survey opens, and to whom, in plain words.
//!
//! Spec: docs/spec/manifest.md, docs/spec/tally.md, "Small cells".

use protocol::manifest::{Contest, ContestKind, ElectionManifest, NumberRules, Participation};

use crate::totals::most_voters;

/// Says what of a manifest's surveys is opened, who sees small counts, and who knows who took part.
/// Nothing of a manifest without questions of surveys.
pub fn survey(manifest: &ElectionManifest) -> Vec<String> {
    let mut advice: Vec<String> = (manifest.contests.iter())
        .filter_map(|contest| opened(manifest, contest))
        .collect();
    let is_survey = !advice.is_empty() || !manifest.groups.is_empty();
    if let Some(least) = manifest.minimum_cell {
        advice.push(format!(
            "Small counts: counts below {least} stay closed, with others that would give them away. Every trustee sees all counts, the small ones too; sums and squares of numbers are always opened."
        ));
    } else if is_survey {
        advice.push("Small counts: every count is opened, that of a single person too; \"minimum_cell\" would keep those below it closed.".to_owned());
    }
    advice.extend(groups(manifest));
    if manifest.participation == Participation::Registered {
        let registrar = manifest.issuers.first().map_or("", String::as_str);
        advice.push(format!(
            "Participation: every respondent makes a code and registers its key; that nobody takes part twice rests on {registrar}, who decides which keys come on the roll."
        ));
    }
    advice
}

/// What a question of a survey opens; nothing is said of choices and points.
fn opened(manifest: &ElectionManifest, contest: &Contest) -> Option<String> {
    let what = match &contest.kind {
        ContestKind::Number(rules) => number(manifest, contest, rules),
        ContestKind::Matrix { rows } => format!(
            "one option for each of {} rows. Opened: how many gave each option in each row",
            rows.len()
        ),
        ContestKind::Product { of, .. } => format!(
            "nothing is asked. Opened: the sum of products of {}, for correlation and regression line",
            named(manifest, of)
        ),
        ContestKind::Table { of, .. } => format!(
            "nothing is asked. Opened: how many gave each pair of answers to {}",
            named(manifest, of)
        ),
        _ => return None,
    };
    let bound = match most_voters(contest) {
        // Nobody has so many.
        voters if voters >= 1 << 32 => String::new(),
        voters => format!(
            " Its totals can be opened for at most {voters} voters (or the sum of their weights)."
        ),
    };
    Some(format!("Question {:?}: {what}.{bound}", contest.id))
}

fn number(manifest: &ElectionManifest, contest: &Contest, rules: &NumberRules) -> String {
    let mut what = vec!["the sum".to_owned()];
    if rules.spread {
        what.push("the sum of squares".to_owned());
    }
    if contest.blank {
        what.push("how many left it blank".to_owned());
    }
    if !rules.buckets.is_empty() {
        what.push(format!(
            "how many are in each of {} ranges",
            rules.buckets.len()
        ));
    }
    let unit = rules
        .unit
        .as_ref()
        .and_then(|unit| unit.get(&manifest.language));
    let unit = unit.map_or_else(String::new, |unit| format!(" {unit}"));
    let (lo, hi) = (
        decimal(rules.lo, rules.decimals),
        decimal(rules.hi, rules.decimals),
    );
    format!(
        "a number from {lo} to {hi}{unit}. Opened: {}",
        what.join(", ")
    )
}

/// An answer as people write it.
fn decimal(value: i64, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>1$}", value.unsigned_abs(), decimals + 1);
    match digits.split_at(digits.len() - decimals) {
        (whole, "") => format!("{sign}{whole}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

fn named(manifest: &ElectionManifest, of: &[usize; 2]) -> String {
    let ids = of.iter().filter_map(|index| manifest.contests.get(*index));
    let ids: Vec<String> = ids.map(|contest| format!("{:?}", contest.id)).collect();
    ids.join(" and ")
}

fn groups(manifest: &ElectionManifest) -> Option<String> {
    let mut asked: Vec<&str> = Vec::new();
    for contest in &manifest.contests {
        if let Some((question, _)) = &contest.question
            && !asked.contains(&question.as_str())
        {
            asked.push(question);
        }
    }
    if asked.is_empty() {
        return None;
    }
    let groups: Vec<&str> = manifest
        .groups
        .iter()
        .map(|group| group.id.as_str())
        .collect();
    Some(format!(
        "Groups: the results of {} are told apart by {}, and added up; where fewer than {} of a group answer, they are in neither.",
        asked.join(", "),
        groups.join(", "),
        manifest.minimum_ballots
    ))
}

/// A contest that will stay sealed, because few are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RarelyAsked {
    /// Its id.
    pub contest: String,
    /// The voters whose style has it.
    pub voters: usize,
    /// How many ballots it needs.
    pub needed: u32,
}

/// Warns of a contest that cannot reach `minimum_ballots`.
pub fn rarely_asked(rare: &RarelyAsked) -> String {
    let RarelyAsked {
        contest,
        voters,
        needed,
    } = rare;
    format!(
        "the question {contest:?} will never be opened: {voters} voters are asked, and minimum_ballots is {needed}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_their_decimals() {
        assert_eq!(decimal(-5, 0), "-5");
        assert_eq!(decimal(-5, 1), "-0.5");
        assert_eq!(decimal(1234, 2), "12.34");
        assert_eq!(decimal(0, 3), "0.000");
    }
}
