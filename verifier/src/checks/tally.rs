//! Decryption shares and the result: `shares.*` and `result.*` (docs/spec/tally.md).

pub mod aggregate;

use crate::{
    checks::{entries::not_decoded_by, opening::Opening},
    encoding::{EncodingError, Reader},
    entry::body::ContestTotals,
    fold::{Fold, SharesEntry},
    group::{Element, Generators, Point, Scalar, multiscalar_vartime, vanishes},
    manifest::{Contest, Manifest},
    proofs::dleq::{DleqProof, DleqStatement},
    report::{CheckId, ContestResult, Findings, OptionResult},
    transcript::{Digest, Transcript},
};
use aggregate::Aggregate;
use std::collections::BTreeMap;

/// A contest whose totals trustees decrypt.
struct Decrypted<'m> {
    /// Its number in the manifest, from 0.
    number: usize,
    contest: &'m Contest,
    alpha: Element,
}

/// The checks of a published result.
const OF_RESULT: [CheckId; 3] = [
    CheckId::ResultBallots,
    CheckId::ResultWithheld,
    CheckId::ResultTotals,
];

/// The shares of one trustee whose proofs hold, by the number of the contest.
type ValidShares = BTreeMap<usize, Vec<Element>>;

/// Checks shares and result against the aggregates recomputed from the ballots, and gives the
/// results if they hold.
pub fn check(
    fold: &Fold<'_>,
    aggregates: &[Aggregate],
    generators: &Generators,
    findings: &mut Findings,
) -> Vec<ContestResult> {
    let digest = fold
        .opening
        .as_ref()
        .zip(fold.close.as_ref())
        .and_then(|(opening, close)| Some((opening, close.digest(&opening.election)?)));
    let Some((opening, close_digest)) = digest else {
        for check in [CheckId::SharesProofs, CheckId::SharesThreshold]
            .into_iter()
            .chain(OF_RESULT)
        {
            findings.not_checked(check, "not checked: there is no close of an election");
        }
        return Vec::new();
    };
    let manifest = fold.manifest;
    let decrypted = decrypted(manifest, aggregates);
    let lengths = lengths(&decrypted);
    let mut valid = BTreeMap::new();
    for shares in &fold.shares {
        match decode(&shares.bytes, &lengths) {
            Err(error) => findings.fail(not_decoded_by(&error), Some(shares.entry), error),
            Ok(decoded) => {
                let context = SharesContext {
                    opening,
                    close_digest: &close_digest,
                    generators,
                };
                let held = context.verify(shares, &decrypted, decoded, findings);
                if let Some(held) = held {
                    valid.insert(shares.trustee, held);
                }
            }
        }
    }
    findings.ran(CheckId::SharesProofs);
    let threshold = usize::from(manifest.threshold);
    findings.count(CheckId::SharesThreshold, fold.shares.len() as u64);
    if fold.shares.len() < threshold {
        let reason = format!(
            "{} trustees gave shares; {threshold} must",
            fold.shares.len()
        );
        findings.fail(CheckId::SharesThreshold, None, reason);
    }
    findings.ran(CheckId::SharesThreshold);

    let Some((index, published)) = &fold.result else {
        for check in OF_RESULT {
            findings.not_checked(check, "not checked: there is no result");
        }
        return Vec::new();
    };
    let enough = valid.len() >= threshold || decrypted.is_empty();
    let chosen: Vec<(u16, &ValidShares)> = valid
        .iter()
        .take(threshold)
        .map(|(trustee, shares)| (*trustee, shares))
        .collect();
    let contests = manifest.contests.iter().zip(aggregates).zip(published);
    for (number, ((contest, aggregate), totals)) in contests.enumerate() {
        let opener = Opener {
            manifest,
            contest,
            aggregate,
            generators,
        };
        let mut check = |check, result: Result<(), String>| {
            let result = result.map_err(|reason| format!("contest {}: {reason}", contest.id));
            findings.check(check, *index, result);
        };
        check(CheckId::ResultBallots, opener.check_ballots(totals));
        check(CheckId::ResultWithheld, opener.check_withheld(totals));
        if enough && !opener.is_withheld() {
            for result in opener.check_totals(number, totals, &chosen) {
                check(CheckId::ResultTotals, result);
            }
        }
    }
    for check in OF_RESULT {
        if check == CheckId::ResultTotals && !enough {
            let reason = "not checked: too few shares have proofs that hold";
            findings.not_checked(check, reason);
        } else {
            findings.ran(check);
        }
    }
    let named = manifest.contests.iter().zip(published);
    named
        .map(|(contest, totals)| name(manifest, contest, totals))
        .collect()
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

fn lengths(decrypted: &[Decrypted<'_>]) -> Vec<usize> {
    decrypted
        .iter()
        .map(|decrypted| decrypted.contest.n_positions())
        .collect()
}

/// The numbers of positions of the decrypted contests, if the fold took or left shares without
/// knowing them and knowing them could change which it takes.
#[must_use]
pub fn teach(fold: &Fold<'_>, aggregates: &[Aggregate]) -> Option<Vec<usize>> {
    let lengths = lengths(&decrypted(fold.manifest, aggregates));
    let unsure = fold.misplaced_shares
        || fold
            .shares
            .iter()
            .any(|shares| decode(&shares.bytes, &lengths).is_err());
    (fold.hindsight.decrypted.is_none() && unsure).then_some(lengths)
}

/// Decodes the shares of contests with so many positions each.
///
/// # Errors
/// [`EncodingError`].
pub(crate) fn decode(
    bytes: &[u8],
    lengths: &[usize],
) -> Result<Vec<(Vec<Element>, DleqProof)>, EncodingError> {
    let mut reader = Reader::new(bytes);
    let expected = lengths.iter().map(|length| 32 * length + 96).sum();
    reader.expect_left(expected)?;
    let decoded = lengths
        .iter()
        .map(|length| {
            let shares = reader.elements(*length)?;
            Ok((shares, DleqProof::read(&mut reader)?))
        })
        .collect::<Result<_, EncodingError>>()?;
    reader.finish()?;
    Ok(decoded)
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
        shares: &SharesEntry,
        decrypted: &[Decrypted<'_>],
        decoded: Vec<(Vec<Element>, DleqProof)>,
        findings: &mut Findings,
    ) -> Option<ValidShares> {
        let keys = self.opening.keys.of_trustee(shares.trustee);
        let mut valid = ValidShares::new();
        let mut all_hold = true;
        for (decrypted, (elements, proof)) in decrypted.iter().zip(decoded) {
            let mut context = Transcript::new("decryption");
            context.append("election", &self.opening.election);
            context.append("close", self.close_digest);
            context.append("trustee", &shares.trustee.to_be_bytes());
            context.append("contest", &(decrypted.number as u16).to_be_bytes());
            let statement = DleqStatement {
                context: &context.digest("context"),
                base: &decrypted.alpha,
                keys: keys.get(decrypted.contest.positions()).unwrap_or_default(),
                shares: &elements,
            };
            let result = proof
                .verify(&statement, self.generators)
                .map_err(|error| format!("contest {}: {error}", decrypted.contest.id));
            all_hold &= result.is_ok();
            findings.check(CheckId::SharesProofs, shares.entry, result);
            valid.insert(decrypted.number, elements);
        }
        all_hold.then_some(valid)
    }
}

/// Checks the published totals of one contest.
struct Opener<'a> {
    manifest: &'a Manifest,
    contest: &'a Contest,
    aggregate: &'a Aggregate,
    generators: &'a Generators,
}

impl Opener<'_> {
    fn is_withheld(&self) -> bool {
        self.aggregate.ballots < self.manifest.minimum_ballots
    }

    fn check_ballots(&self, published: &ContestTotals) -> Result<(), String> {
        let (found, counted) = (published.ballots, self.aggregate.ballots);
        if found == counted {
            Ok(())
        } else {
            Err(format!("{found} ballots are published, {counted} count"))
        }
    }

    fn check_withheld(&self, published: &ContestTotals) -> Result<(), String> {
        let reason = match (&published.totals, self.is_withheld()) {
            (None, true) | (Some(_), false) => return Ok(()),
            (None, false) => "the totals are withheld though there are enough ballots",
            (Some(_), true) => "the totals are published though there are too few ballots",
        };
        Err(reason.to_owned())
    }

    /// One verdict per published total.
    fn check_totals(
        &self,
        number: usize,
        published: &ContestTotals,
        chosen: &[(u16, &ValidShares)],
    ) -> Vec<Result<(), String>> {
        let totals = published.totals.iter().flatten().zip(&self.aggregate.beta);
        totals
            .enumerate()
            .map(|(position, (total, beta))| {
                let shares: Vec<(u16, &Element)> = chosen
                    .iter()
                    .filter_map(|(trustee, shares)| {
                        Some((*trustee, shares.get(&number)?.get(position)?))
                    })
                    .collect();
                self.check_total(position, *total, beta, &shares)
            })
            .collect()
    }

    /// Checks v·H = B − Σ λ_j·D_j and that v is within its bound.
    fn check_total(
        &self,
        position: usize,
        total: u64,
        beta: &Point,
        shares: &[(u16, &Element)],
    ) -> Result<(), String> {
        let most =
            u128::from(self.aggregate.weight) * u128::from(self.contest.max_of_position(position));
        if u128::from(total) > most {
            return Err(format!(
                "the total of position {position} exceeds its bound"
            ));
        }
        let indices: Vec<u16> = shares.iter().map(|(trustee, _)| *trustee).collect();
        let mut scalars = vec![Scalar::ONE, -Scalar::from(total)];
        let mut points = vec![*beta, self.generators.h];
        for (trustee, share) in shares {
            scalars.push(-lagrange(*trustee, &indices));
            points.push(*share.point());
        }
        if vanishes(&multiscalar_vartime(&scalars, &points)) {
            Ok(())
        } else {
            Err(format!(
                "the total of position {position} is not what the shares open"
            ))
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

fn name(manifest: &Manifest, contest: &Contest, published: &ContestTotals) -> ContestResult {
    let total = |position: usize| published.totals.as_ref()?.get(position).copied();
    ContestResult {
        id: contest.id.clone(),
        title: manifest.text(&contest.title).to_owned(),
        ballots: published.ballots,
        opened: published.totals.is_some(),
        options: contest
            .options
            .iter()
            .enumerate()
            .map(|(position, option)| OptionResult {
                id: option.id.clone(),
                label: manifest.text(&option.label).to_owned(),
                total: total(position),
            })
            .collect(),
        blank: contest
            .blank
            .then(|| total(contest.options.len()))
            .flatten(),
    }
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
