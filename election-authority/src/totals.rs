//! Totals that could never be opened are refused before anything is posted.
//!
//! Spec: docs/spec/manifest.md, "Bound on totals".

use protocol::manifest::{Contest, ContestKind, ElectionManifest, MAX_TOTAL};

/// A roll, or a question, whose totals could not be opened.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum TotalsError {
    /// A total that could become too large.
    #[error(
        "the total of contest {contest:?} could reach {total}, more than {MAX_TOTAL}; {advice}"
    )]
    TooLarge {
        /// Its id.
        contest: String,
        /// The worst case.
        total: u128,
        /// What would help.
        advice: &'static str,
    },
    /// Cells are counted in people.
    #[error(
        "a voter has weight {weight}; with minimum_cell every weight must be 1, since counts that stay closed are counts of people"
    )]
    Weight {
        /// The weight.
        weight: u32,
    },
}

/// For how many voters, or which sum of their weights, the totals of a contest can be opened.
pub fn most_voters(contest: &Contest) -> u64 {
    MAX_TOTAL / contest.max_of_positions().max(1)
}

/// Checks the worst case of every contest if it is asked of `voters` voters of weight 1.
///
/// # Errors
/// [`TotalsError::TooLarge`] naming the first contest above the bound.
pub fn check_expected(manifest: &ElectionManifest, voters: u64) -> Result<(), TotalsError> {
    let mut contests = manifest.contests.iter();
    contests.try_for_each(|contest| check(contest, u128::from(voters)))
}

/// Checks the worst case of every contest, for voters given by the index of their style and their
/// weight.
///
/// # Errors
/// [`TotalsError`] naming the first contest above the bound, or a weight that is not allowed.
pub fn check_totals(
    manifest: &ElectionManifest,
    voters: impl Iterator<Item = (u16, u32)>,
) -> Result<(), TotalsError> {
    let mut weights = vec![0u128; manifest.styles.len()];
    for (style, weight) in voters {
        if manifest.minimum_cell.is_some() && weight != 1 {
            return Err(TotalsError::Weight { weight });
        }
        if let Some(sum) = weights.get_mut(usize::from(style)) {
            *sum += u128::from(weight);
        }
    }
    for (index, contest) in manifest.contests.iter().enumerate() {
        let styles = manifest.styles.iter().zip(&weights);
        let weight: u128 = styles
            .filter(|(style, _)| style.contests.contains(&index))
            .map(|(_, weight)| weight)
            .sum();
        check(contest, weight)?;
    }
    Ok(())
}

fn check(contest: &Contest, weight: u128) -> Result<(), TotalsError> {
    let total = weight * u128::from(contest.max_of_positions());
    if total <= u128::from(MAX_TOTAL) {
        return Ok(());
    }
    let advice = match &contest.kind {
        ContestKind::Number(rules) if rules.spread => {
            "leave out the sum of squares (\"spread\": false), or ask for a smaller range, such as in larger units"
        }
        ContestKind::Number(_) => "ask for a smaller range, such as in larger units",
        ContestKind::Product { .. } => {
            "leave it out, or ask for smaller ranges, such as in larger units"
        }
        _ => "use smaller weights or fewer points",
    };
    Err(TotalsError::TooLarge {
        contest: contest.id.clone(),
        total,
        advice,
    })
}
