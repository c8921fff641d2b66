//! Decryption shares and the result: `shares.*` and `result.*` (docs/spec/tally.md).

pub mod aggregate;
pub mod cells;
mod logarithm;
mod published;
pub mod shares;

use crate::{
    checks::{entries::refused_by, opening::Opening},
    fold::{Fold, SharesEntry},
    group::{Element, Generators, Point, Scalar, multiscalar_vartime},
    manifest::{Contest, Manifest},
    proofs::dleq::DleqStatement,
    report::{CheckId, Findings},
    transcript::{Digest, Transcript},
};
use aggregate::Aggregate;
use published::Opener;
use shares::{ContestShares, Pattern};
use std::collections::BTreeMap;

/// A contest whose totals trustees decrypt.
struct Decrypted<'m> {
    /// Its number in the manifest, from 0.
    number: usize,
    contest: &'m Contest,
    alpha: Element,
}

/// The checks of shares.
const OF_SHARES: [CheckId; 3] = [
    CheckId::SharesProofs,
    CheckId::SharesThreshold,
    CheckId::SharesCells,
];

/// The checks of a published result.
const OF_RESULT: [CheckId; 3] = [
    CheckId::ResultBallots,
    CheckId::ResultWithheld,
    CheckId::ResultTotals,
];

/// The shares of one trustee whose proofs hold and that close the agreed cells, by position: the
/// contest's number, then the number within it.
type ValidShares = BTreeMap<(usize, usize), Element>;

/// Checks shares and result against the aggregates recomputed from the ballots.
pub fn check(
    fold: &Fold<'_>,
    aggregates: &[Aggregate],
    generators: &Generators,
    findings: &mut Findings,
) {
    let digest = fold
        .opening
        .as_ref()
        .zip(fold.close.as_ref())
        .and_then(|(opening, close)| Some((opening, close.digest(&opening.election)?)));
    let Some((opening, close_digest)) = digest else {
        for check in OF_SHARES.into_iter().chain(OF_RESULT) {
            findings.not_checked(check, "not checked: there is no close of an election");
        }
        return;
    };
    let manifest = fold.manifest;
    let decrypted = decrypted(manifest, aggregates);
    let numbers = numbers(&decrypted);
    let mut given: Vec<(u16, Pattern, Option<ValidShares>)> = Vec::new();
    for entry in &fold.shares {
        match shares::decode(&entry.bytes, manifest, &numbers) {
            Err(error) => findings.fail(refused_by(&error), Some(entry.entry), error),
            Ok((pattern, decoded)) => {
                let context = SharesContext {
                    opening,
                    close_digest: &close_digest,
                    generators,
                };
                let held = context.verify(entry, &decrypted, decoded, findings);
                given.push((entry.trustee, pattern, held));
            }
        }
    }
    findings.ran(CheckId::SharesProofs);
    let threshold = usize::from(manifest.threshold);
    findings.count(CheckId::SharesThreshold, fold.shares.len() as u64);
    let patterns = given.iter().map(|(_, pattern, _)| pattern.clone());
    let agreed = shares::agreed(patterns, threshold);
    if agreed.is_none() {
        let reason = format!(
            "{} trustees gave shares; {threshold} that close the same cells must",
            fold.shares.len()
        );
        findings.fail(CheckId::SharesThreshold, None, reason);
    }
    findings.ran(CheckId::SharesThreshold);

    let valid: Vec<(u16, ValidShares)> = given
        .into_iter()
        .filter(|(_, pattern, _)| agreed.as_ref() == Some(pattern))
        .filter_map(|(trustee, _, held)| Some((trustee, held?)))
        .take(threshold)
        .collect();
    let tally = Tally {
        manifest,
        aggregates,
        generators,
        decrypted: numbers,
        agreed,
        enough: valid.len() >= threshold || decrypted.is_empty(),
        valid,
    };
    tally.check_cells(fold, findings);
    tally.check_result(fold, findings);
}

/// The contests with enough ballots and something to decrypt.
fn decrypted<'m>(manifest: &'m Manifest, aggregates: &[Aggregate]) -> Vec<Decrypted<'m>> {
    let contests = manifest.contests.iter().zip(aggregates).enumerate();
    contests
        .filter(|(_, (_, aggregate))| aggregate.ballots >= manifest.minimum_ballots)
        .filter_map(|(number, (contest, aggregate))| {
            Some(Decrypted {
                number,
                contest,
                alpha: Element::from_point(aggregate.alpha).ok()?,
            })
        })
        .collect()
}

fn numbers(decrypted: &[Decrypted<'_>]) -> Vec<usize> {
    decrypted.iter().map(|decrypted| decrypted.number).collect()
}

/// The numbers of the decrypted contests, if the fold took or left shares, previews or a result
/// without knowing them and knowing them could change which it takes.
#[must_use]
pub fn teach(fold: &Fold<'_>, aggregates: &[Aggregate]) -> Option<Vec<usize>> {
    let manifest = fold.manifest;
    let decrypted = numbers(&decrypted(manifest, aggregates));
    let decoded = || {
        let shares = fold.shares.iter();
        shares.map(|entry| shares::decode(&entry.bytes, manifest, &decrypted))
    };
    let patterns = decoded().filter_map(|decoded| Some(decoded.ok()?.0));
    let threshold = usize::from(manifest.threshold);
    let unsure = fold.misplaced_shares
        || decoded().any(|decoded| decoded.is_err())
        || (fold.result.is_some() && shares::agreed(patterns, threshold).is_none())
        || (!fold.previews.is_empty() && !shares::has_cells(manifest, &decrypted))
        || fold
            .previews
            .values()
            .any(|bytes| shares::check_preview(bytes, manifest, &decrypted).is_err());
    (fold.hindsight.decrypted.is_none() && unsure).then_some(decrypted)
}

struct SharesContext<'a> {
    opening: &'a Opening<'a>,
    close_digest: &'a Digest,
    generators: &'a Generators,
}

impl SharesContext<'_> {
    /// Checks the proofs of one trustee; gives the shares if all of them hold.
    fn verify(
        &self,
        entry: &SharesEntry,
        decrypted: &[Decrypted<'_>],
        decoded: Vec<ContestShares>,
        findings: &mut Findings,
    ) -> Option<ValidShares> {
        let keys = self.opening.keys.of_trustee(entry.trustee);
        let mut valid = ValidShares::new();
        let mut all_hold = true;
        for (decrypted, shares) in decrypted.iter().zip(decoded) {
            let positions = keys.get(decrypted.contest.positions()).unwrap_or_default();
            let open = shares.open.iter();
            let keys: Vec<Element> = open.filter_map(|i| positions.get(*i).copied()).collect();
            if let Some(proof) = shares.proof {
                let mut context = Transcript::new("decryption");
                context.append("election", &self.opening.election);
                context.append("close", self.close_digest);
                context.append("trustee", &entry.trustee.to_be_bytes());
                context.append("contest", &(decrypted.number as u16).to_be_bytes());
                let statement = DleqStatement {
                    context: &context.digest("context"),
                    base: &decrypted.alpha,
                    keys: &keys,
                    shares: &shares.elements,
                };
                let result = proof
                    .verify(&statement, self.generators)
                    .map_err(|error| format!("contest {}: {error}", decrypted.contest.id));
                all_hold &= result.is_ok();
                findings.check(CheckId::SharesProofs, entry.entry, result);
            }
            let places = shares.open.iter().map(|i| (decrypted.number, *i));
            valid.extend(places.zip(shares.elements));
        }
        all_hold.then_some(valid)
    }
}

/// What ballots and shares give.
struct Tally<'a> {
    manifest: &'a Manifest,
    aggregates: &'a [Aggregate],
    generators: &'a Generators,
    /// The numbers of the decrypted contests.
    decrypted: Vec<usize>,
    /// The cells that t trustees close.
    agreed: Option<Pattern>,
    /// The shares of t trustees that close them and whose proofs hold, or of fewer.
    valid: Vec<(u16, ValidShares)>,
    /// Whether these give totals.
    enough: bool,
}

impl Tally<'_> {
    /// The closed cells of a contest, by position.
    fn closed(&self, number: usize) -> &[usize] {
        let patterns = self.agreed.iter().flatten();
        let found = self.decrypted.iter().zip(patterns);
        let mut found = found.filter(|(decrypted, _)| **decrypted == number);
        found.next().map_or(&[], |(_, closed)| closed.as_slice())
    }

    /// v·H of a position that is open: B − Σ λ_j·D_j.
    fn opened(&self, number: usize, position: usize) -> Option<Point> {
        let beta = self.aggregates.get(number)?.beta.get(position)?;
        let mut scalars = vec![Scalar::ONE];
        let mut points = vec![*beta];
        if self.decrypted.contains(&number) {
            let indices: Vec<u16> = self.valid.iter().map(|(trustee, _)| *trustee).collect();
            for (trustee, shares) in &self.valid {
                scalars.push(-lagrange(*trustee, &indices));
                points.push(*shares.get(&(number, position))?.point());
            }
        }
        Some(multiscalar_vartime(&scalars, &points))
    }

    /// Checks that the open cells are not small and give no closed one away.
    fn check_cells(&self, fold: &Fold<'_>, findings: &mut Findings) {
        let check = CheckId::SharesCells;
        findings.ran(check);
        if self.manifest.minimum_cell.is_none() {
            return;
        }
        if self.agreed.is_none() || !self.enough {
            let reason = "not checked: too few shares that close the same cells give totals";
            findings.not_checked(check, reason);
            return;
        }
        let mut counts = cells::Counts::new();
        for number in &self.decrypted {
            for position in self.manifest.guarded(*number) {
                let cell = (*number, position);
                if self.closed(*number).contains(&position) {
                    counts.insert(cell, None);
                } else if let Some(count) = self.count(fold, cell) {
                    counts.insert(cell, Some(count));
                } else {
                    findings.not_checked(check, "not checked: the total of a cell cannot be read");
                }
            }
        }
        let ballots: Vec<u32> = self.aggregates.iter().map(|of| of.ballots).collect();
        let (looked_at, faults) = cells::check(self.manifest, &self.decrypted, &ballots, &counts);
        findings.count(check, looked_at);
        for fault in faults {
            findings.fail(check, None, fault);
        }
    }

    /// The count of an open cell: the published one if it is right, else what is found.
    fn count(&self, fold: &Fold<'_>, (number, position): cells::Cell) -> Option<u64> {
        let opened = self.opened(number, position)?;
        let h = &self.generators.h;
        let published = fold.result.as_ref().and_then(|(_, contests)| {
            let totals = contests.get(number)?.totals.as_ref()?;
            *totals.get(position)?
        });
        let bound = self.aggregates.get(number)?.weight;
        published
            .filter(|total| *total <= bound && h * Scalar::from(*total) == opened)
            .or_else(|| logarithm::logarithm(&opened, h, bound))
    }

    /// Checks the published result.
    fn check_result(&self, fold: &Fold<'_>, findings: &mut Findings) {
        let Some((index, published)) = &fold.result else {
            for check in OF_RESULT {
                findings.not_checked(check, "not checked: there is no result");
            }
            return;
        };
        let contests = self.manifest.contests.iter().zip(self.aggregates);
        for (number, ((contest, aggregate), totals)) in contests.zip(published).enumerate() {
            let opener = Opener {
                tally: self,
                number,
                contest,
                aggregate,
            };
            let mut check = |check, result: Result<(), String>| {
                let result = result.map_err(|reason| format!("contest {}: {reason}", contest.id));
                findings.check(check, *index, result);
            };
            check(CheckId::ResultBallots, opener.check_ballots(totals));
            let opens_rightly = opener.check_withheld(totals);
            let compared = self.enough && opens_rightly.is_ok();
            check(CheckId::ResultWithheld, opens_rightly);
            if compared {
                for result in opener.check_totals(totals) {
                    check(CheckId::ResultTotals, result);
                }
            }
        }
        for check in OF_RESULT {
            if check == CheckId::ResultTotals && !self.enough {
                let reason = "not checked: too few shares have proofs that hold";
                findings.not_checked(check, reason);
            } else {
                findings.ran(check);
            }
        }
    }
}

/// λ_j = Π k/(k − j) over the other trustees k.
fn lagrange(trustee: u16, chosen: &[u16]) -> Scalar {
    let own = Scalar::from(trustee);
    let (mut numerator, mut denominator) = (Scalar::ONE, Scalar::ONE);
    for other in chosen.iter().filter(|other| **other != trustee) {
        numerator *= Scalar::from(*other);
        denominator *= Scalar::from(*other) - own;
    }
    // Trustees are distinct and fewer than the order, so no difference is 0.
    numerator * denominator.invert()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// f = 7 + 3x + 2x², at 2, 3 and 5.
    #[test]
    fn lagrange_coefficients_give_the_constant_term() {
        let chosen = [2, 3, 5];
        let f = |x: u16| Scalar::from(7 + 3 * x + 2 * x * x);
        let sum: Scalar = chosen.iter().map(|j| lagrange(*j, &chosen) * f(*j)).sum();
        assert_eq!(sum, Scalar::from(7_u8));
    }
}
