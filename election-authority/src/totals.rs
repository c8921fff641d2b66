//! Totals that could not be decoded are refused before anything is posted.
//!
//! Spec: docs/spec/manifest.md, "Bound on totals".

use protocol::manifest::{ElectionManifest, MAX_TOTAL};

/// A contest whose total could become too large.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[error(
    "the total of contest {contest:?} could reach {total}, more than {MAX_TOTAL}; use smaller weights or fewer points"
)]
pub struct TotalsError {
    /// Its id.
    pub contest: String,
    /// The worst case.
    pub total: u128,
}

/// Checks the worst case of every contest, for voters given by the index of their style and their
/// weight.
///
/// # Errors
/// [`TotalsError`] naming the first contest above the bound.
pub fn check_totals(
    manifest: &ElectionManifest,
    voters: impl Iterator<Item = (u16, u32)>,
) -> Result<(), TotalsError> {
    let mut weights = vec![0u128; manifest.styles.len()];
    for (style, weight) in voters {
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
        let total = weight * u128::from(contest.max_of_positions());
        if total > u128::from(MAX_TOTAL) {
            return Err(TotalsError {
                contest: contest.id.clone(),
                total,
            });
        }
    }
    Ok(())
}
