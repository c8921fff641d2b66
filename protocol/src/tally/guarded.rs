//! The cells of an election's sums, from its manifest. Spec: docs/spec/tally.md, "Small cells".

use super::cells::{Arrangement, Cells, GuardedContest};
use super::{EncryptedTally, Opening};
use crate::manifest::{Contest, ContestKind, ElectionManifest};

/// How the guarded positions of a contest are arranged, if it is guarded.
fn arrangement(manifest: &ElectionManifest, contest: &Contest) -> Option<Arrangement> {
    manifest.minimum_cell?;
    let blank = contest.blank;
    match contest.kind {
        ContestKind::Choices if contest.min == contest.max => Some(Arrangement::OneOf { blank }),
        ContestKind::Choices => Some(Arrangement::Approval),
        ContestKind::Matrix { .. } => Some(Arrangement::Matrix {
            row: contest.options.len() + usize::from(blank),
            blank,
        }),
        ContestKind::Number(_) if contest.guarded().is_empty() => None,
        ContestKind::Number(_) => Some(Arrangement::Buckets { blank }),
        ContestKind::Table { of, .. } => Some(Arrangement::Table { of }),
        ContestKind::Points | ContestKind::Product { .. } => None,
    }
}

/// The positions of a contest that are closed with its blank: the value and the square of a number.
fn with_blank(contest: &Contest) -> Vec<usize> {
    match contest.number() {
        Some(_) => [Some(0), contest.square()].into_iter().flatten().collect(),
        None => Vec::new(),
    }
}

impl GuardedContest {
    /// The guarded positions of a contest, from 0, that `ballots` ballots answer; `None` where it is
    /// not guarded.
    pub(super) fn of(manifest: &ElectionManifest, contest: usize, ballots: u32) -> Option<Self> {
        let rules = manifest.contests.get(contest)?;
        Some(Self {
            contest,
            ballots,
            arrangement: arrangement(manifest, rules)?,
            positions: rules.guarded(),
            with_blank: with_blank(rules),
        })
    }
}

impl Cells {
    /// The cells of these sums; none where the manifest has no minimum for counts.
    pub fn of_tally(manifest: &ElectionManifest, tally: &EncryptedTally) -> Self {
        let contests = tally.contests().iter().enumerate();
        let decrypted = contests
            .filter(|(_, sums)| sums.opening(manifest.minimum_ballots) == Opening::Shares)
            .filter_map(|(index, sums)| GuardedContest::of(manifest, index, sums.ballots));
        Self::new(manifest.minimum_cell.unwrap_or(0), decrypted.collect())
    }
}
