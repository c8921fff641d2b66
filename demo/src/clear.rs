//! What must come out of an election: totals and figures of all answers in the clear.
//!
//! Nothing here is shared with the programs under test but the manifest's reader: positions are
//! those of docs/spec/manifest.md, figures those of docs/spec/figures.md, computed from the answers
//! themselves instead of from totals.

mod figures;
mod fraction;

use protocol::ballot::Answer;
use protocol::manifest::{BallotStyle, Contest, ContestKind, ElectionManifest};

use crate::example::VoterPlan;

pub use figures::ClearFigure;

/// What must come out of a contest, or of a question over all groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClearContest {
    /// Its id, or the question's.
    pub id: String,
    /// How many ballots count.
    pub ballots: u64,
    /// The totals of its positions.
    pub totals: Vec<u64>,
    /// Which of them `minimum_cell` guards, as they are counts below it or could give some away.
    pub may_be_closed: Vec<bool>,
    /// Whether too few ballots are there to open it.
    pub is_withheld: bool,
    /// Its figures, if nothing is closed.
    pub figures: Vec<ClearFigure>,
}

impl ClearContest {
    /// Puts totals that were published with the ballots in the place of those added up here.
    pub fn publish(&mut self, published: &[Option<i128>]) {
        for (total, published) in self.totals.iter_mut().zip(published) {
            if let Some(published) = published {
                // A published total that none can be is met by none.
                *total = u64::try_from(*published).unwrap_or(u64::MAX);
            }
        }
    }
}

/// A voter's answers that count, by contest of the manifest.
type Answers<'a> = Vec<(usize, &'a Answer)>;

/// What must come out of every contest, and then of every question with groups.
pub fn election(manifest: &ElectionManifest, voters: &[VoterPlan]) -> Vec<ClearContest> {
    let ballots: Vec<(&BallotStyle, Answers<'_>)> = voters
        .iter()
        .filter_map(|voter| counted(manifest, voter))
        .collect();
    let mut clear: Vec<ClearContest> = (0..manifest.contests.len())
        .filter_map(|index| contest(manifest, index, &ballots))
        .collect();
    let mut questions: Vec<(&str, Vec<usize>)> = Vec::new();
    for (index, contest) in manifest.contests.iter().enumerate() {
        if let Some((question, _)) = &contest.question {
            match questions.iter_mut().find(|(id, _)| id == question) {
                Some((_, contests)) => contests.push(index),
                None => questions.push((question, vec![index])),
            }
        }
    }
    for (question, contests) in questions {
        let parts: Vec<&ClearContest> = contests
            .iter()
            .filter_map(|index| clear.get(*index))
            .collect();
        clear.push(over_groups(
            manifest,
            (question, &contests),
            &parts,
            &ballots,
        ));
    }
    clear
}

/// The ballot that counts of a voter, with its style.
fn counted<'a>(
    manifest: &'a ElectionManifest,
    voter: &'a VoterPlan,
) -> Option<(&'a BallotStyle, Answers<'a>)> {
    let answers = voter.counted()?;
    let mut styles = manifest.styles.iter();
    let style = styles.find(|style| voter.style.is_empty() || style.id == voter.style)?;
    let asked = style.contests.iter().copied();
    let asked = asked.filter(|index| manifest.contests.get(*index).is_some_and(Contest::asks));
    Some((style, asked.zip(answers).collect()))
}

fn contest(
    manifest: &ElectionManifest,
    index: usize,
    ballots: &[(&BallotStyle, Answers<'_>)],
) -> Option<ClearContest> {
    let contest = manifest.contests.get(index)?;
    let mut totals = vec![0; contest.n_positions()];
    let mut count = 0;
    for (style, answers) in ballots {
        if style.contests.contains(&index) {
            count += 1;
            let values = values(manifest, index, answers);
            for (total, value) in totals.iter_mut().zip(values) {
                *total += value;
            }
        }
    }
    let guarded = contest.guarded();
    let guards = |position: &usize| manifest.minimum_cell.is_some() && guarded.contains(position);
    Some(ClearContest {
        id: contest.id.clone(),
        ballots: count,
        may_be_closed: (0..totals.len())
            .map(|position| {
                // The value and the square of a number are closed with its blank.
                guards(&position) || (contest.number().is_some() && contest.blank && guards(&1))
            })
            .collect(),
        totals,
        is_withheld: count < u64::from(manifest.minimum_ballots),
        figures: figures::of(manifest, &[index], ballots),
    })
}

/// The sums of a question's contests, and the figures of all answers to it.
fn over_groups(
    manifest: &ElectionManifest,
    (question, contests): (&str, &[usize]),
    parts: &[&ClearContest],
    ballots: &[(&BallotStyle, Answers<'_>)],
) -> ClearContest {
    let mut sum = ClearContest {
        id: question.to_owned(),
        figures: figures::of(manifest, contests, ballots),
        ..ClearContest::default()
    };
    for part in parts {
        sum.ballots += part.ballots;
        sum.is_withheld |= part.is_withheld;
        sum.totals.resize(part.totals.len(), 0);
        sum.may_be_closed.clone_from(&part.may_be_closed);
        for (total, more) in sum.totals.iter_mut().zip(&part.totals) {
            *total += more;
        }
    }
    sum
}

/// The answer to a contest, if the voter was asked.
fn answer_to<'a>(answers: &'a Answers<'_>, index: usize) -> Option<&'a Answer> {
    let found = answers.iter().find(|(contest, _)| *contest == index);
    found.map(|(_, answer)| *answer)
}

/// The value of every position of a contest in a ballot.
fn values(manifest: &ElectionManifest, index: usize, answers: &Answers<'_>) -> Vec<u64> {
    let Some(contest) = manifest.contests.get(index) else {
        return Vec::new();
    };
    match (&contest.kind, answer_to(answers, index)) {
        (ContestKind::Choices | ContestKind::Points, Some(answer)) => {
            let values = answer.values.iter().copied().map(u64::from);
            let blank = contest.blank.then_some(u64::from(answer.blank));
            values.chain(blank).collect()
        }
        (ContestKind::Matrix { .. }, Some(answer)) => {
            let columns = contest.options.len() + usize::from(contest.blank);
            let rows = answer.values.iter();
            rows.flat_map(|chosen| one_of(columns, usize::try_from(*chosen).ok()))
                .collect()
        }
        (ContestKind::Number(rules), Some(answer)) => {
            let value = answer.values.first().copied().unwrap_or(0);
            let mut values = vec![u64::from(value)];
            values.extend(contest.blank.then_some(u64::from(answer.blank)));
            values.extend(rules.spread.then_some(u64::from(value) * u64::from(value)));
            let bucket = (!answer.blank).then(|| bucket(rules, value)).flatten();
            values.extend(one_of(rules.buckets.len(), bucket));
            values
        }
        (ContestKind::Product { of: [x, y], .. }, _) => {
            let value = |index: &usize| {
                let answer = answer_to(answers, *index);
                u64::from(
                    answer
                        .and_then(|answer| answer.values.first().copied())
                        .unwrap_or(0),
                )
            };
            vec![value(x) * value(y)]
        }
        (
            ContestKind::Table {
                of: [c, d],
                rows,
                columns,
            },
            _,
        ) => {
            let row = category(manifest, *c, answers);
            let column = category(manifest, *d, answers);
            let cell = row.zip(column).map(|(row, column)| row * columns + column);
            one_of(rows * columns, cell)
        }
        _ => vec![0; contest.n_positions()],
    }
}

/// So many zeros, with a 1 at this place.
fn one_of(length: usize, place: Option<usize>) -> Vec<u64> {
    (0..length)
        .map(|index| u64::from(place == Some(index)))
        .collect()
}

/// The bucket of a value, which is an answer less lo.
fn bucket(rules: &protocol::manifest::NumberRules, value: u32) -> Option<usize> {
    let answer = rules.lo + i64::from(value);
    rules.buckets.iter().rposition(|start| *start <= answer)
}

/// Into which category of a contest an answer falls: an option or a bucket, or last the blank.
fn category(manifest: &ElectionManifest, index: usize, answers: &Answers<'_>) -> Option<usize> {
    let contest = manifest.contests.get(index)?;
    let answer = answer_to(answers, index)?;
    match contest.number() {
        Some(rules) if answer.blank => Some(rules.buckets.len()),
        Some(rules) => bucket(rules, answer.values.first().copied()?),
        None if answer.blank => Some(contest.options.len()),
        None => answer.values.iter().position(|value| *value == 1),
    }
}

#[cfg(test)]
mod tests;
