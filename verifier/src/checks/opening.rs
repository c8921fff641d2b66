//! The opening: all `open.*` checks, and what follows from it.

use super::{key_ceremony::keys::Keys, roll::Roll};
use crate::{
    batch::Bases,
    entry::body::OpenBody,
    group::{Element, Generators, RangeGenerators},
    manifest::Manifest,
    proofs::ballot::BallotContext,
    report::{CheckId, Findings},
    shape::Shape,
    transcript::{Digest, Transcript},
};

/// The greatest total that is always found.
const MAX_TOTAL: u128 = 1 << 48;

/// The election id of these keys and of what an opening names (docs/spec/board.md, "Election id").
#[must_use]
pub fn election_id(manifest: &Manifest, keys: &[Element], named: &OpenBody) -> Digest {
    let mut transcript = Transcript::new("election id");
    transcript.append("manifest", &manifest.id);
    transcript.append("roll", &named.roll);
    transcript.append("voters", &named.voters.to_be_bytes());
    transcript.append("ceremony", &named.ceremony);
    transcript.append_elements("keys", keys.iter());
    transcript.append("booth", &named.booth);
    transcript.digest("election")
}

/// An election that is open.
#[derive(Debug)]
pub struct Opening<'m> {
    /// The index of the entry.
    pub entry: u64,
    /// The election id.
    pub election: Digest,
    /// The booth digest.
    pub booth: Digest,
    /// The election's keys, and the trustees'.
    pub keys: Keys,
    /// For each style, what its ballots are checked in.
    pub contexts: Vec<BallotContext<'m>>,
    /// The points of the batches.
    pub bases: Bases,
}

impl<'m> Opening<'m> {
    /// Derives the election from what was recomputed, never from what the entry claims.
    #[must_use]
    pub fn new(
        entry: u64,
        body: &OpenBody,
        manifest: &'m Manifest,
        roll: &Roll,
        (keys, ceremony): (&Keys, &Digest),
    ) -> Self {
        let named = OpenBody {
            roll: roll.digest(),
            voters: roll.len() as u32,
            ceremony: *ceremony,
            booth: body.booth,
        };
        let election = election_id(manifest, &keys.election, &named);

        let contexts = (0..)
            .zip(&manifest.styles)
            .map(|(index, style)| {
                let style_keys: Vec<Element> = style
                    .positions
                    .iter()
                    .filter_map(|position| keys.election.get(*position).copied())
                    .collect();
                BallotContext::new(
                    &election,
                    index,
                    &style.shape,
                    &style.positions,
                    &style_keys,
                )
            })
            .collect();
        let shapes = || manifest.styles.iter().map(|style| &style.shape);
        let n_coordinates = shapes().map(|shape| shape.coordinates.len()).max();
        let bits = shapes().map(|shape| usize::from(shape.bits)).max();
        let parties = shapes().map(Shape::n_proved).max();
        let ranges = RangeGenerators::new(bits.unwrap_or(0), parties.unwrap_or(0));
        let points: Vec<_> = keys.election.iter().map(|key| *key.point()).collect();
        Self {
            entry,
            election,
            booth: body.booth,
            keys: keys.clone(),
            contexts,
            bases: Bases::with_ranges(
                &Generators::new(n_coordinates.unwrap_or(0)),
                &points,
                ranges,
            ),
        }
    }
}

/// Compares what the entry names with what was recomputed.
pub fn check_binding(
    entry: u64,
    body: &OpenBody,
    roll: &Roll,
    ceremony: &Digest,
    findings: &mut Findings,
) {
    for (check, holds, reason) in [
        (
            CheckId::OpenRoll,
            body.roll == roll.digest(),
            "the roll digest is not the recomputed one",
        ),
        (
            CheckId::OpenVoters,
            body.voters as usize == roll.len(),
            "the number of voters is not the roll's",
        ),
        (
            CheckId::OpenCeremony,
            body.ceremony == *ceremony,
            "the ceremony digest is not the recomputed one",
        ),
    ] {
        let result = if holds { Ok(()) } else { Err(reason) };
        findings.check(check, entry, result);
        findings.ran(check);
    }
}

/// Checks that no total can exceed 2^48, and that cells are counted in people.
pub fn check_bounds(entry: u64, manifest: &Manifest, roll: &Roll, findings: &mut Findings) {
    let mut weights = vec![0_u128; manifest.styles.len()];
    for voter in roll.voters() {
        if let Some(sum) = weights.get_mut(usize::from(voter.style)) {
            *sum += u128::from(voter.weight);
        }
    }
    for (number, contest) in manifest.contests.iter().enumerate() {
        let largest = contest.most.iter().copied().max().unwrap_or_default();
        let weight: u128 = manifest
            .styles
            .iter()
            .zip(&weights)
            .filter(|(style, _)| style.contests.contains(&number))
            .map(|(_, weight)| weight)
            .sum();
        let result = if weight * u128::from(largest) <= MAX_TOTAL {
            Ok(())
        } else {
            Err(format!(
                "the totals of contest {} may exceed 2^48",
                contest.id
            ))
        };
        findings.check(CheckId::OpenBounds, entry, result);
    }
    if manifest.minimum_cell.is_some() && roll.voters().iter().any(|voter| voter.weight != 1) {
        let reason = "a voter's weight is not 1 though small cells are closed";
        findings.fail(CheckId::OpenBounds, Some(entry), reason);
    }
    findings.ran(CheckId::OpenBounds);
}
