//! What the trustees sign jointly: `beacon.contributions`, `beacon.shares`, `seal.shares`, and the
//! joint signatures of the ceremony (docs/spec/beacon-and-seal.md). All of them are checked in
//! one batch. No verdict on the count depends on whether beacon and seal exist.

use crate::{
    batch::Randomness,
    fold::Fold,
    joint::{JointClaim, JointSignature, Purpose, find_false},
    report::{BeaconReport, CheckId, Findings, JointReport, Lots, SealReport},
    transcript::{Digest, Transcript},
};
use std::collections::{BTreeMap, BTreeSet};

/// A trustee's beacon.
#[derive(Debug)]
pub struct BeaconShare {
    entry: u64,
    /// What it contributes to lots; none if that is not what it committed to.
    contribution: Option<Digest>,
    share: JointSignature,
}

/// Beacons and seals, at most one of each trustee.
#[derive(Debug, Default)]
pub struct Signed {
    /// Beacons, by trustee.
    pub beacon: BTreeMap<u16, BeaconShare>,
    /// Seals, with their entries, by trustee.
    pub seal: BTreeMap<u16, (u64, JointSignature)>,
}

impl Signed {
    /// Applies a beacon; `matches` says whether the contribution is the one committed to.
    pub fn post_beacon(
        &mut self,
        entry: u64,
        trustee: u16,
        (contribution, matches): (Digest, bool),
        share: JointSignature,
        findings: &mut Findings,
    ) {
        let result = if matches {
            Ok(())
        } else {
            Err("the contribution is not the one that the trustee committed to")
        };
        findings.check(CheckId::BeaconContributions, entry, result);
        let beacon = BeaconShare {
            entry,
            contribution: matches.then_some(contribution),
            share,
        };
        self.beacon.insert(trustee, beacon);
    }

    /// Applies a seal.
    pub fn post_seal(&mut self, entry: u64, trustee: u16, share: JointSignature) {
        self.seal.insert(trustee, (entry, share));
    }
}

/// The message of the beacon.
#[must_use]
pub fn beacon_message(election: &Digest) -> Vec<u8> {
    [b"psephos v2 beacon\0", &election[..]].concat()
}

/// The message of the seal on a log of this size and root.
#[must_use]
pub fn seal_message(election: &Digest, size: u64, root: &Digest) -> Vec<u8> {
    let size = size.to_be_bytes();
    [b"psephos v2 seal\0", &election[..], &size, root].concat()
}

/// The audit sample: the indices of `count` entries of the `size` up to the close.
#[must_use]
pub fn sample(seed: &Digest, size: u64, count: usize) -> Vec<u64> {
    let mut ranked: Vec<(Digest, u64)> = (0..size)
        .map(|entry| {
            let mut transcript = Transcript::new("sample");
            transcript.append("seed", seed);
            transcript.append("entry", &entry.to_be_bytes());
            (transcript.digest("rank"), entry)
        })
        .collect();
    ranked.sort_unstable();
    ranked.truncate(count);
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

/// The options of a contest, by their numbers from 0, in the order of the lot.
#[must_use]
pub fn lot_order(seed: &Digest, n_options: usize) -> Vec<u16> {
    let mut ranked: Vec<(Digest, u16)> = (0..n_options as u16)
        .map(|option| {
            let mut transcript = Transcript::new("lot");
            transcript.append("seed", seed);
            transcript.append("option", &option.to_be_bytes());
            (transcript.digest("rank"), option)
        })
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, option)| option).collect()
}

/// Checks every joint signature of the record, and gives what they come to.
pub fn check(
    fold: &Fold<'_>,
    randomness: &Randomness,
    findings: &mut Findings,
) -> Option<JointReport> {
    let closed = fold.opening.as_ref().zip(fold.close.as_ref());
    for check in [
        CheckId::BeaconContributions,
        CheckId::BeaconShares,
        CheckId::SealShares,
    ] {
        if closed.is_some() {
            findings.ran(check);
        } else {
            findings.not_checked(check, "not checked: the election was not closed");
        }
    }
    let audit = JointAudit { fold };
    let mut own: Vec<(CheckId, u64, JointClaim)> = Vec::new();
    let state = audit.state();
    if let Some(opening) = &fold.opening {
        let claim = |trustee, message: &[u8], signature| {
            Some(JointClaim {
                key: *fold.ceremony.joint_keys()?.of_trustee(trustee)?,
                purpose: Purpose::Message,
                message: message.to_vec(),
                signature,
            })
        };
        let message = beacon_message(&opening.election);
        own.extend(fold.signed.beacon.iter().filter_map(|(trustee, beacon)| {
            let claim = claim(*trustee, &message, beacon.share)?;
            Some((CheckId::BeaconShares, beacon.entry, claim))
        }));
        for (trustee, (entry, share)) in &fold.signed.seal {
            let signed = state.map(|(size, root)| seal_message(&opening.election, size, &root));
            match signed.and_then(|message| claim(*trustee, &message, *share)) {
                Some(claim) => own.push((CheckId::SealShares, *entry, claim)),
                None => findings.check(
                    CheckId::SealShares,
                    *entry,
                    Err("not checked: entries before the result are missing"),
                ),
            }
        }
    }
    let claims: Vec<_> = fold.ceremony.joint.iter().chain(&own).collect();
    let only: Vec<&JointClaim> = claims.iter().map(|(_, _, claim)| claim).collect();
    let found: BTreeSet<usize> = find_false(&only, randomness).into_iter().collect();
    let mut false_entries = BTreeSet::new();
    for (number, (check, entry, _)) in claims.iter().enumerate() {
        let result = if found.contains(&number) {
            false_entries.insert(*entry);
            Err("the joint signature does not hold")
        } else {
            Ok(())
        };
        findings.check(*check, *entry, result);
    }
    audit.report(&false_entries)
}

/// What follows from the shares that hold.
struct JointAudit<'f, 'm> {
    fold: &'f Fold<'m>,
}

impl JointAudit<'_, '_> {
    /// Size and root of the log after the result.
    fn state(&self) -> Option<(u64, Digest)> {
        let (result, _) = self.fold.result.as_ref()?;
        let close = self.fold.close.as_ref()?;
        let after = usize::try_from(result.checked_sub(close.entry)?).ok()?;
        Some((result + 1, (*close.roots.get(after)?)?))
    }

    fn report(&self, false_entries: &BTreeSet<u64>) -> Option<JointReport> {
        let opening = self.fold.opening.as_ref()?;
        let signed = &self.fold.signed;
        let holds = |entry: &u64| !false_entries.contains(entry);
        let message = beacon_message(&opening.election);
        let shares: Vec<(u16, JointSignature)> = signed
            .beacon
            .iter()
            .filter(|(_, beacon)| holds(&beacon.entry))
            .map(|(trustee, beacon)| (*trustee, beacon.share))
            .collect();
        let signature = self.combine(&shares, &message);
        let lots = signature.and_then(|signature| self.lots(&opening.election, &signature));
        let contributed = signed
            .beacon
            .iter()
            .filter(|(_, beacon)| beacon.contribution.is_some());
        let beacon = BeaconReport {
            by: shares.iter().map(|(trustee, _)| *trustee).collect(),
            contributions: contributed.map(|(trustee, _)| *trustee).collect(),
            message: hex::encode(&message),
            signature: signature.map(|signature| hex::encode(signature.encoding())),
            entries: self.fold.close.as_ref().map_or(0, |close| close.size()),
            audit_seed: signature.map(|signature| {
                let mut transcript = Transcript::new("beacon audit");
                transcript.append("election", &opening.election);
                transcript.append("signature", &signature.encoding());
                hex::encode(transcript.digest("seed"))
            }),
            lots,
        };
        let seal = self.state().map(|(size, root)| {
            let message = seal_message(&opening.election, size, &root);
            let shares: Vec<(u16, JointSignature)> = signed
                .seal
                .iter()
                .filter(|(_, (entry, _))| holds(entry))
                .map(|(trustee, (_, share))| (*trustee, *share))
                .collect();
            let signature = self.combine(&shares, &message);
            SealReport {
                by: shares.iter().map(|(trustee, _)| *trustee).collect(),
                size,
                root: hex::encode(root),
                message: hex::encode(&message),
                signature: signature.map(|signature| hex::encode(signature.encoding())),
            }
        });
        Some(JointReport {
            key: hex::encode(self.fold.ceremony.joint_keys()?.key.encoding()),
            beacon,
            seal,
        })
    }

    /// The joint signature, if enough shares hold. Any t of them give the same one.
    fn combine(&self, shares: &[(u16, JointSignature)], message: &[u8]) -> Option<JointSignature> {
        let shares = shares.get(..usize::from(self.fold.manifest.threshold))?;
        let signature = JointSignature::combine(shares);
        // False only where the joint key is the identity, under which nothing is signed.
        let claim = JointClaim {
            key: self.fold.ceremony.joint_keys()?.key,
            purpose: Purpose::Message,
            message: message.to_vec(),
            signature,
        };
        claim.holds().then_some(signature)
    }

    /// The lots of all contests, once every trustee has contributed.
    fn lots(&self, election: &Digest, signature: &JointSignature) -> Option<Vec<Lots>> {
        let contributions: Vec<Digest> = (1..)
            .take(self.fold.manifest.n_trustees())
            .map(|trustee| self.fold.signed.beacon.get(&trustee)?.contribution)
            .collect::<Option<_>>()?;
        let mut transcript = Transcript::new("beacon lot");
        transcript.append("election", election);
        transcript.append("signature", &signature.encoding());
        transcript.append("contributions", contributions.as_flattened());
        let lots = |(number, contest): (u16, &crate::manifest::Contest)| {
            let mut transcript = transcript.clone();
            transcript.append("contest", &number.to_be_bytes());
            let seed = transcript.digest("seed");
            Lots {
                contest: contest.id.clone(),
                order: lot_order(&seed, contest.options().len()),
            }
        };
        Some((0..).zip(&self.fold.manifest.contests).map(lots).collect())
    }
}
