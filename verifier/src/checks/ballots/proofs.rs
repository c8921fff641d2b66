//! The second reading of the entries: ballot proofs and voters' signatures, in batches on all
//! processors, and the aggregates of the ballots that count.

use crate::{
    batch::{Bases, Claim, Randomness, SignatureClaim, Sum, find_false},
    checks::{
        entries::{count_values, not_decoded_by},
        tally::aggregate::Aggregates,
    },
    encoding::EncodingError,
    entry::{Author, ENTRY_PREFIX, Entry, ballot::BallotBody, body::Body},
    fold::{Fold, is_voters},
    group::{Generators, Point, Scalar, decode_point},
    log::{leaf_hash, root_of},
    progress::Progress,
    proofs::{
        ballot::{BallotClaim, BallotContext, SealedBallot},
        signature::Signature,
    },
    record::Record,
    report::{CheckId, Findings},
    scan::{Bundle, split},
    workers,
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// A batch is checked when it has about this many points: few enough for the cache, enough for
/// the multiplication to be cheap.
const BATCH_POINTS: usize = 8_192;

/// The checks of a ballot's proof.
pub const OF_PROOFS: [CheckId; 7] = [
    CheckId::BallotsCommitment,
    CheckId::BallotsBits,
    CheckId::BallotsNonce,
    CheckId::BallotsValues,
    CheckId::BallotsLimits,
    CheckId::BallotsLinked,
    CheckId::BallotsRanges,
];

/// What the rows of a voter's claim are about, in order: the signature, equations 1 to 4, and of
/// a ballot with numbers equation 6 and the two equations of its Bulletproof.
const ROWS: [(CheckId, &str); 8] = [
    (CheckId::EntriesSignatures, "the signature"),
    (CheckId::BallotsCommitment, "equation 1"),
    (CheckId::BallotsBits, "equation 2"),
    (CheckId::BallotsNonce, "equation 3"),
    (CheckId::BallotsValues, "equation 4"),
    (CheckId::BallotsLinked, "equation 6"),
    (CheckId::BallotsRanges, "the value of the range proof"),
    (
        CheckId::BallotsRanges,
        "the inner product of the range proof",
    ),
];

/// What the second reading needs.
pub struct SecondReading<'r> {
    /// The record.
    pub record: &'r dyn Record,
    /// The state after the last entry.
    pub fold: &'r Fold<'r>,
    /// The weights of batches.
    pub randomness: &'r Randomness,
    /// Who is told how far the work is.
    pub progress: &'r dyn Progress,
}

/// An entry of a voter, decoded.
struct VoterEntry<'a> {
    index: u64,
    credential: &'a [u8; 32],
    key: Point,
    signature: Signature,
    unsigned: &'a [u8],
    /// A ballot with its context, if its proof is to be checked.
    ballot: Option<(BallotBody<'a>, SealedBallot, &'a BallotContext<'a>)>,
}

/// The claims of a voter's entry: the signature in row 0, the proof's equations in the others.
struct VoterClaim<'a> {
    signature: SignatureClaim,
    ballot: Option<BallotClaim<'a>>,
}

impl Claim for VoterClaim<'_> {
    fn n_rows(&self) -> usize {
        1 + self.ballot.as_ref().map_or(0, Claim::n_rows)
    }

    fn add_to(&self, weights: &[Scalar], sum: &mut Sum<'_>) {
        if let Some((first, rest)) = weights.split_at_checked(1) {
            self.signature.add_to(first, sum);
            if let Some(ballot) = &self.ballot {
                ballot.add_to(rest, sum);
            }
        }
    }
}

impl<'r> SecondReading<'r> {
    /// Reads the bundles that hold voters' entries again. Entries that turn out not to decode are
    /// put into `undecodable`: the fold did not know it of them.
    pub fn run<'m>(
        &self,
        bundles: &[Bundle],
        findings: &mut Findings,
        aggregates: Aggregates<'m>,
        undecodable: &mut BTreeMap<u64, EncodingError>,
    ) -> Aggregates<'m> {
        let bundles: Vec<&Bundle> = bundles.iter().filter(|bundle| bundle.has_voters).collect();
        let total = bundles.iter().map(|bundle| bundle.tile.width).sum();
        self.progress.begin("checking ballots", total);
        let bases = match &self.fold.opening {
            Some(opening) => opening.bases.clone(),
            None => Bases::new(&Generators::new(0), &[]),
        };
        let empty = aggregates.empty();
        let merged = Mutex::new((std::mem::take(findings), aggregates, undecodable));
        workers::map(&bundles, |bundle| {
            let mut work = BundleWork {
                reading: self,
                bases: &bases,
                failures: Vec::new(),
                undecodable: BTreeMap::new(),
                n_decoded: 0,
                n_signatures: 0,
                n_proofs: 0,
                aggregates: empty.clone(),
            };
            work.read(bundle);
            let mut merged = merged.lock().unwrap_or_else(PoisonError::into_inner);
            let (findings, aggregates, undecodable) = &mut *merged;
            undecodable.append(&mut work.undecodable);
            work.merge(findings, aggregates);
            self.progress.advance(bundle.tile.width);
        });
        let (merged, aggregates, _) = merged.into_inner().unwrap_or_else(PoisonError::into_inner);
        *findings = merged;
        aggregates
    }
}

/// The work on one bundle, by one thread.
struct BundleWork<'w, 'm> {
    reading: &'w SecondReading<'w>,
    bases: &'w Bases,
    failures: Vec<(CheckId, u64, String)>,
    undecodable: BTreeMap<u64, EncodingError>,
    n_decoded: u64,
    n_signatures: u64,
    n_proofs: u64,
    aggregates: Aggregates<'m>,
}

impl BundleWork<'_, '_> {
    fn merge(self, findings: &mut Findings, aggregates: &mut Aggregates<'_>) {
        count_values(self.n_decoded, findings);
        findings.count(CheckId::EntriesSignatures, self.n_signatures);
        for check in OF_PROOFS {
            findings.count(check, self.n_proofs);
        }
        for (check, entry, reason) in self.failures {
            findings.fail(check, Some(entry), reason);
        }
        aggregates.merge(&self.aggregates);
    }

    fn read(&mut self, bundle: &Bundle) {
        let first = bundle.tile.index * 256;
        let path = bundle.tile.path();
        let bytes = match self.reading.record.read(&path, bundle.tile.bytes().1) {
            Ok(bytes) => bytes,
            Err(error) => return self.fail(CheckId::BoardRoot, first, error),
        };
        let (entries, _) = split(&bytes, bundle.tile.width);
        let leaves: Vec<_> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        if root_of(&leaves) != bundle.root {
            let reason = "the record changed while it was being verified";
            return self.fail(CheckId::BoardRoot, first, reason);
        }
        let mut batch = Vec::new();
        let mut n_points = 0;
        for (index, bytes) in (first..).zip(entries) {
            // What does not decode was reported at the first reading.
            let Ok(entry) = Entry::decode(bytes, self.reading.fold.manifest) else {
                continue;
            };
            let hindsight = &self.reading.fold.hindsight;
            if !is_voters(entry.kind) || hindsight.undecodable.contains_key(&index) {
                continue;
            }
            self.n_decoded += 1;
            match self.decode(index, &entry) {
                Err(error) => {
                    self.fail(not_decoded_by(&error), index, error);
                    self.undecodable.insert(index, error);
                }
                Ok(entry) => {
                    n_points += entry.n_points();
                    batch.push(entry);
                }
            }
            if n_points >= BATCH_POINTS {
                self.check(&batch);
                batch.clear();
                n_points = 0;
            }
        }
        self.check(&batch);
    }

    fn decode<'a>(&self, index: u64, entry: &Entry<'a>) -> Result<VoterEntry<'a>, EncodingError>
    where
        Self: 'a,
    {
        let Author::Voter(credential) = entry.author else {
            return Err(EncodingError::Short);
        };
        let key = decode_point(credential)?;
        let fold = self.reading.fold;
        let contexts = fold.opening.as_ref().map(|opening| &opening.contexts);
        let ballot = match &entry.body {
            Body::Ballot(body) => {
                let style = fold.manifest.styles.get(usize::from(body.style));
                let shape = style
                    .map(|style| &style.shape)
                    .ok_or(EncodingError::Short)?;
                let sealed = SealedBallot::decode(shape, body)?;
                contexts
                    .filter(|_| fold.is_polling(index))
                    .and_then(|contexts| contexts.get(usize::from(body.style)))
                    .map(|context| (*body, sealed, context))
            }
            Body::Void { alpha, .. } => {
                decode_point(alpha)?;
                None
            }
            _ => None,
        };
        Ok(VoterEntry {
            index,
            credential,
            key,
            signature: Signature::decode(entry.signature)?,
            unsigned: entry.unsigned,
            ballot,
        })
    }

    fn check(&mut self, batch: &[VoterEntry<'_>]) {
        let claims: Vec<VoterClaim<'_>> = batch.iter().map(VoterEntry::claim).collect();
        for (entry, claim) in batch.iter().zip(&claims) {
            self.n_signatures += 1;
            if let Some((body, sealed, _)) = &entry.ballot {
                self.n_proofs += 1;
                self.count(entry, body.style, sealed);
            }
            let broken = claim
                .ballot
                .iter()
                .flat_map(BallotClaim::broken_constraints);
            for constraint in broken {
                let reason = format!("equation 5 does not hold for constraint {constraint}");
                self.fail(CheckId::BallotsLimits, entry.index, reason);
            }
        }
        for found in find_false(&claims, self.bases, self.reading.randomness) {
            let Some(entry) = batch.get(found.index) else {
                continue;
            };
            for (check, what) in found.rows.iter().filter_map(|row| ROWS.get(*row)) {
                self.fail(*check, entry.index, format!("{what} does not hold"));
            }
        }
    }

    /// Adds the ballot to the aggregates, if it is its voter's last.
    fn count(&mut self, entry: &VoterEntry<'_>, style: u16, ballot: &SealedBallot) {
        let fold = self.reading.fold;
        if let Some(voter) = fold.roll.find(entry.credential)
            && voter.last_entry == Some(entry.index)
        {
            self.aggregates.add(style, voter.weight, ballot);
        }
    }

    fn fail(&mut self, check: CheckId, entry: u64, reason: impl ToString) {
        self.failures.push((check, entry, reason.to_string()));
    }
}

impl VoterEntry<'_> {
    fn n_points(&self) -> usize {
        2 + self
            .ballot
            .as_ref()
            .map_or(0, |(_, sealed, _)| sealed.n_points())
    }

    fn claim(&self) -> VoterClaim<'_> {
        VoterClaim {
            signature: SignatureClaim::new(
                &self.signature,
                self.key,
                self.credential,
                ENTRY_PREFIX,
                self.unsigned,
            ),
            ballot: self.ballot.as_ref().map(|(body, sealed, context)| {
                BallotClaim::new(context, self.credential, body, sealed)
            }),
        }
    }
}
