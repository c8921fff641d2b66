//! Decryption shares and previews: their lengths, which follow from the contests that are
//! decrypted and the cells that stay closed, and their parts (docs/spec/encoding.md).

use crate::{
    encoding::{EncodingError, Reader},
    entry::{EntryError, body::closed_cells},
    group::Element,
    manifest::Manifest,
    proofs::dleq::DleqProof,
};
use std::collections::BTreeMap;

/// Which cells stay closed: positions within each decrypted contest, in order. Contests without
/// cells have an empty list.
pub type Pattern = Vec<Vec<usize>>;

/// A trustee's shares of one decrypted contest.
#[derive(Debug, Clone)]
pub struct ContestShares {
    /// The positions that are open, within the contest.
    pub open: Vec<usize>,
    /// The share of each of them.
    pub elements: Vec<Element>,
    /// Their proof, if there is any.
    pub proof: Option<DleqProof>,
}

/// Reads which cells an entry of shares closes, and looks at its length.
///
/// # Errors
/// [`EntryError`] if the length is not exact or an unused bit is set.
pub fn pattern(
    bytes: &[u8],
    manifest: &Manifest,
    decrypted: &[usize],
) -> Result<Pattern, EntryError> {
    let mut reader = Reader::new(bytes);
    let mut pattern = Pattern::new();
    for contest in decrypted {
        let closed = closed_cells(&mut reader, manifest, *contest)?;
        reader.take(length(n_open(manifest, *contest, &closed)))?;
        pattern.push(closed);
    }
    reader.finish()?;
    Ok(pattern)
}

/// Decodes an entry of shares strictly, its length first.
///
/// # Errors
/// [`EntryError`].
pub fn decode(
    bytes: &[u8],
    manifest: &Manifest,
    decrypted: &[usize],
) -> Result<(Pattern, Vec<ContestShares>), EntryError> {
    let pattern = pattern(bytes, manifest, decrypted)?;
    let mut reader = Reader::new(bytes);
    let mut shares = Vec::new();
    for (contest, closed) in decrypted.iter().zip(&pattern) {
        reader.take(manifest.guarded(*contest).len().div_ceil(8))?;
        let n_positions = n_positions(manifest, *contest);
        let open: Vec<usize> = (0..n_positions)
            .filter(|position| !closed.contains(position))
            .collect();
        let elements = reader.elements(open.len())?;
        let proof = (!open.is_empty()).then(|| DleqProof::read(&mut reader));
        shares.push(ContestShares {
            open,
            elements,
            proof: proof.transpose()?,
        });
    }
    reader.finish()?;
    Ok((pattern, shares))
}

/// Looks at the length of a preview, and at its one element. What is sealed in it is for trustees.
///
/// # Errors
/// [`EncodingError`].
pub fn check_preview(
    bytes: &[u8],
    manifest: &Manifest,
    decrypted: &[usize],
) -> Result<(), EncodingError> {
    let guarded = decrypted
        .iter()
        .map(|contest| manifest.guarded(*contest).len());
    let sealed: usize = guarded.map(length).sum();
    let mut reader = Reader::new(bytes);
    reader.expect_left(32 + 48 * manifest.n_trustees() + sealed + 16)?;
    reader.element()?;
    Ok(())
}

/// Whether a decrypted contest has cells.
#[must_use]
pub fn has_cells(manifest: &Manifest, decrypted: &[usize]) -> bool {
    decrypted
        .iter()
        .any(|contest| !manifest.guarded(*contest).is_empty())
}

/// The first of these patterns that `threshold` of them have in common.
pub fn agreed(patterns: impl Iterator<Item = Pattern>, threshold: usize) -> Option<Pattern> {
    let mut counts: BTreeMap<Pattern, usize> = BTreeMap::new();
    for pattern in patterns {
        let count = counts.entry(pattern.clone()).or_default();
        *count += 1;
        if *count >= threshold {
            return Some(pattern);
        }
    }
    None
}

fn n_positions(manifest: &Manifest, contest: usize) -> usize {
    let contest = manifest.contests.get(contest);
    contest.map_or(0, |contest| contest.n_positions())
}

fn n_open(manifest: &Manifest, contest: usize, closed: &[usize]) -> usize {
    n_positions(manifest, contest) - closed.len()
}

/// So many shares and their proof.
fn length(n_open: usize) -> usize {
    match n_open {
        0 => 0,
        _ => 32 * n_open + 96,
    }
}
