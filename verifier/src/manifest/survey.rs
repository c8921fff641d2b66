//! Rules between contests: derived ones, groups, and what a style must have.

use super::{Contest, ContestKind, Manifest, Style};
use crate::json::{JsonError, refused};

/// The most numbers that one ballot answers.
const MAX_NUMBERS: usize = 16;

/// Checks what a manifest must keep between its contests and styles.
pub(super) fn check(manifest: &Manifest) -> Result<(), JsonError> {
    for (number, style) in manifest.styles.iter().enumerate() {
        check_style(manifest, style)
            .map_err(|rule| refused(&format!("styles[{number}].contests"), rule))?;
    }
    for (number, contest) in manifest.contests.iter().enumerate() {
        check_group(manifest, number, contest)
            .map_err(|rule| refused(&format!("contests[{number}]"), rule))?;
    }
    check_small_cells(manifest)
}

/// What a manifest with a minimum for cells keeps besides.
fn check_small_cells(manifest: &Manifest) -> Result<(), JsonError> {
    let Some(least) = manifest.minimum_cell else {
        return Ok(());
    };
    if manifest.minimum_ballots < least {
        let rule = "at least `minimum_cell`";
        return Err(refused("minimum_ballots", rule));
    }
    for (number, contest) in manifest.contests.iter().enumerate() {
        let rule = match &contest.kind {
            ContestKind::Options(options) if options.points => options
                .blank
                .then_some("without blank where small cells are closed"),
            ContestKind::Options(options) => {
                let is_one = (options.min, options.max) == (1, 1);
                let is_approval = options.min == 0
                    && options.max == options.options.len() as u64
                    && !options.blank;
                (!is_one && !is_approval)
                    .then_some("a choice of one, or of any, where small cells are closed")
            }
            ContestKind::Number(of) if of.buckets.is_empty() => of
                .blank
                .then_some("with buckets, as it has a blank and small cells are closed"),
            ContestKind::Number(of) => of
                .bounds()
                .any(|(first, last)| first == last)
                .then_some("with at least two values in every bucket"),
            _ => None,
        };
        if let Some(rule) = rule {
            return Err(refused(&format!("contests[{number}]"), rule));
        }
    }
    Ok(())
}

fn check_style(manifest: &Manifest, style: &Style) -> Result<(), &'static str> {
    let has = |contest: usize| style.contests.contains(&contest);
    let kinds = || {
        let contests = style.contests.iter();
        contests.filter_map(|index| manifest.contests.get(*index).map(|contest| &contest.kind))
    };
    if kinds().all(|kind| kind.of().is_some()) {
        return Err("such that one of them asks something");
    }
    let is_number = |kind: &&ContestKind| matches!(kind, ContestKind::Number(_));
    if kinds().filter(is_number).count() > MAX_NUMBERS {
        return Err("at most 16 numbers");
    }
    for (index, contest) in manifest.contests.iter().enumerate() {
        if let Some([first, second]) = contest.kind.of()
            && (has(index) != has(first) || has(index) != has(second))
        {
            return Err("with a product or table exactly where both its contests are");
        }
    }
    Ok(())
}

fn check_group(manifest: &Manifest, number: usize, contest: &Contest) -> Result<(), &'static str> {
    let contests = &manifest.contests;
    let of = |contest: &Contest| -> Vec<Option<(String, usize)>> {
        let of = contest.kind.of().into_iter().flatten();
        of.filter_map(|index| contests.get(index).map(|other| other.of_group.clone()))
            .collect()
    };
    let group = |of: &Option<(String, usize)>| of.as_ref().map(|(_, group)| *group);
    if of(contest)
        .iter()
        .any(|other| group(other) != group(&contest.of_group))
    {
        return Err("of two contests of its own group");
    }
    let Some((question, group)) = &contest.of_group else {
        return Ok(());
    };
    for (earlier, other) in contests.iter().enumerate().take(number) {
        let Some((_, other_group)) = other.of_group.as_ref().filter(|(q, _)| q == question) else {
            continue;
        };
        let questions = |contest: &Contest| -> Vec<Option<String>> {
            let of = of(contest).into_iter();
            of.map(|of| of.map(|(question, _)| question)).collect()
        };
        let both =
            |style: &Style| style.contests.contains(&number) && style.contests.contains(&earlier);
        if other_group == group {
            return Err("of another group than the contests of the same question");
        }
        if manifest.styles.iter().any(both) {
            return Err("in no style with another contest of the same question");
        }
        if !are_alike(&contest.kind, &other.kind) || questions(contest) != questions(other) {
            return Err("like the other contests of its question");
        }
    }
    Ok(())
}

/// Whether two contests of one question ask the same, whatever their texts are.
fn are_alike(one: &ContestKind, other: &ContestKind) -> bool {
    let plain = |kind: &ContestKind| {
        let mut kind = kind.clone();
        match &mut kind {
            ContestKind::Options(options) => strip(&mut options.options),
            ContestKind::Matrix(matrix) => {
                strip(&mut matrix.options);
                strip(&mut matrix.rows);
            }
            ContestKind::Number(number) => number.unit = None,
            ContestKind::Product(of) | ContestKind::Table(of) => *of = [0; 2],
        }
        kind
    };
    plain(one) == plain(other)
}

fn strip(options: &mut [super::ContestOption]) {
    for option in options {
        option.label.clear();
    }
}
