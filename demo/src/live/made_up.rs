//! Those who have voted before you come.

use client::booth::Booth;
use protocol::ballot::Answer;
use protocol::manifest::{Contest, ContestKind};

use super::Example;
use crate::example::VoterPlan;

/// The plans of everybody on the roll: the first of each style vote, the others do not.
pub(super) fn early_voters(booth: &Booth, example: &Example) -> Vec<VoterPlan> {
    let manifest = booth.manifest();
    let roll = example.roll().into_iter().enumerate();
    let plan = |(voter, (style, place)): (usize, (String, usize))| {
        let mut styles = manifest.styles.iter();
        let own = styles.find(|one| style.is_empty() || one.id == style);
        let asked = own.into_iter().flat_map(|style| manifest.asked_in(style));
        let answers = asked.map(|contest| answer(contest, voter)).collect();
        match place < example.n_early {
            true => VoterPlan {
                style,
                ..VoterPlan::one(answers)
            },
            false => VoterPlan {
                style,
                ..VoterPlan::default()
            },
        }
    };
    roll.map(plan).collect()
}

/// What the `voter`-th made-up voter answers: some choices more liked than others.
fn answer(contest: &Contest, voter: usize) -> Answer {
    let blank = contest.blank && voter % 9 == 8;
    match &contest.kind {
        ContestKind::Matrix { rows } => {
            let n = contest.options.len();
            let option = |row| u32::try_from((voter * voter + row) % n).unwrap_or(0);
            Answer {
                values: (0..rows.len()).map(option).collect(),
                blank: false,
            }
        }
        ContestKind::Number(rules) => {
            let voter = u32::try_from(voter).unwrap_or(0);
            // Below 2^32, whatever the range is.
            let spread = u64::from(voter * 7 % 100) * u64::from(rules.range()) / 99;
            let value = u32::try_from(spread).unwrap_or(0);
            Answer {
                values: vec![if blank { 0 } else { value }],
                blank,
            }
        }
        _ => options(contest, voter, blank),
    }
}

/// Values of options, some more liked than others.
fn options(contest: &Contest, voter: usize, blank: bool) -> Answer {
    let n = contest.options.len();
    let mut values = vec![0; n];
    let liking = |rank: usize| (voter * voter + 3 * rank * rank + rank * voter / 2) % n;
    if !blank {
        let mut left = contest.max;
        let is_points = contest.kind == ContestKind::Points;
        let wanted = if is_points {
            n
        } else {
            1 + voter % usize::try_from(contest.max).unwrap_or(1)
        };
        for rank in 0..wanted {
            let most = contest.max_per_option.min(left);
            let given = if is_points {
                most.min(1 + u32::try_from((voter + rank) % 5).unwrap_or(0))
            } else {
                most
            };
            if let Some(value) = values.get_mut(liking(rank)).filter(|value| **value == 0) {
                *value = given;
                left -= given;
            }
        }
    }
    Answer { values, blank }
}
