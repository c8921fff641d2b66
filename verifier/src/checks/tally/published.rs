//! The published totals of one contest.

use super::Tally;
use crate::{
    checks::tally::aggregate::Aggregate, entry::body::ContestTotals, group::Scalar,
    manifest::Contest,
};

/// Compares what is published of a contest with what ballots and shares give.
pub(super) struct Opener<'a> {
    pub(super) tally: &'a Tally<'a>,
    /// The contest's number in the manifest, from 0.
    pub(super) number: usize,
    pub(super) contest: &'a Contest,
    pub(super) aggregate: &'a Aggregate,
}

impl Opener<'_> {
    pub(super) fn check_ballots(&self, published: &ContestTotals) -> Result<(), String> {
        let (found, counted) = (published.ballots, self.aggregate.ballots);
        if found != counted {
            return Err(format!("{found} ballots are published, {counted} count"));
        }
        let (found, counted) = (published.weight, self.aggregate.weight);
        if found != counted {
            return Err(format!("a weight of {found} is published, it is {counted}"));
        }
        Ok(())
    }

    pub(super) fn check_withheld(&self, published: &ContestTotals) -> Result<(), String> {
        let is_withheld = self.aggregate.ballots < self.tally.manifest.minimum_ballots;
        let reason = match (&published.totals, is_withheld) {
            (None, true) => return Ok(()),
            (Some(totals), false) => {
                let closed = self.tally.closed(self.number);
                let is_closed = |position: &usize| closed.contains(position);
                let differs = totals
                    .iter()
                    .enumerate()
                    .any(|(position, total)| total.is_none() != is_closed(&position));
                if !differs {
                    return Ok(());
                }
                "other cells are closed than those of the shares"
            }
            (None, false) => "the totals are withheld though there are enough ballots",
            (Some(_), true) => "the totals are published though there are too few ballots",
        };
        Err(reason.to_owned())
    }

    /// One verdict per published total.
    pub(super) fn check_totals(&self, published: &ContestTotals) -> Vec<Result<(), String>> {
        let totals = published.totals.iter().flatten().enumerate();
        totals
            .filter_map(|(position, total)| Some(self.check_total(position, (*total)?)))
            .collect()
    }

    /// Checks v·H = B − Σ λ_j·D_j and that v is within its bound.
    fn check_total(&self, position: usize, total: u64) -> Result<(), String> {
        let largest = self.contest.most.get(position).copied().unwrap_or_default();
        let most = u128::from(self.aggregate.weight) * u128::from(largest);
        if u128::from(total) > most {
            return Err(format!(
                "the total of position {position} exceeds its bound"
            ));
        }
        let opened = self.tally.opened(self.number, position);
        let value = self.tally.generators.h * Scalar::from(total);
        if opened == Some(value) {
            Ok(())
        } else {
            Err(format!(
                "the total of position {position} is not what the shares open"
            ))
        }
    }
}
