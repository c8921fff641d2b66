//! The key ceremony: all `ceremony.*` checks (docs/spec/key-ceremony.md).

pub mod complaint;
pub mod keys;

use crate::{
    entry::{
        Entry,
        body::{Body, CertifyBody, ComplainBody, JointParts, RevealBody},
    },
    group::{Element, Generators, Point},
    joint::{JointClaim, JointKey, JointKeys, Purpose},
    log::Hash,
    manifest::Manifest,
    proofs::{dleq::DleqStatement, reveal},
    report::{CheckId, Findings},
    transcript::{Digest, Transcript},
};
use keys::Keys;
use std::collections::{BTreeMap, BTreeSet};

/// The last attempt: when it ends, the ceremony is over, so that no session ever comes back.
pub const MAX_ATTEMPT: u32 = 1_000;

/// How far an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Trustees commit.
    Commit,
    /// All committed; trustees reveal.
    Reveal,
    /// All revealed; trustees deal.
    Deal,
    /// All dealt; trustees certify, or complain.
    Certify,
    /// All certified.
    Complete,
}

/// One attempt at making the keys.
#[derive(Debug)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    session: Digest,
    commits: BTreeMap<u16, (Hash, Digest)>,
    reveals: BTreeMap<u16, (Hash, RevealBody)>,
    /// The joint coefficients of the reveals.
    joint: BTreeMap<u16, Vec<JointKey>>,
    deals: BTreeMap<u16, (Hash, Vec<u8>)>,
    /// Who certified, with the commitments to the contributions.
    certified: BTreeMap<u16, Digest>,
    /// Once all revealed, if no key is the identity.
    keys: Option<Keys>,
    joint_keys: Option<JointKeys>,
    /// Once all dealt and if there are keys.
    digest: Option<Digest>,
}

impl Attempt {
    fn new(manifest: &Manifest, number: u32) -> Self {
        Self {
            number,
            // No attempt after the last is admitted, so the number fits.
            session: reveal::session(&manifest.id, number as u16),
            commits: BTreeMap::new(),
            reveals: BTreeMap::new(),
            joint: BTreeMap::new(),
            deals: BTreeMap::new(),
            certified: BTreeMap::new(),
            keys: None,
            joint_keys: None,
            digest: None,
        }
    }

    /// How far the attempt of n trustees is.
    #[must_use]
    pub fn round(&self, n_trustees: usize) -> Round {
        if self.commits.len() < n_trustees {
            Round::Commit
        } else if self.reveals.len() < n_trustees {
            Round::Reveal
        } else if self.deals.len() < n_trustees {
            Round::Deal
        } else if self.certified.len() < n_trustees {
            Round::Certify
        } else {
            Round::Complete
        }
    }

    /// Whether the trustee has given its message of a round.
    #[must_use]
    pub fn has(&self, round: Round, trustee: u16) -> bool {
        match round {
            Round::Commit => self.commits.contains_key(&trustee),
            Round::Reveal => self.reveals.contains_key(&trustee),
            Round::Deal => self.deals.contains_key(&trustee),
            Round::Certify | Round::Complete => self.certified.contains_key(&trustee),
        }
    }

    /// Whether anybody has committed.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        !self.commits.is_empty()
    }
}

/// The ceremony as the fold sees it.
#[derive(Debug)]
pub struct KeyCeremony<'m> {
    manifest: &'m Manifest,
    generators: Generators,
    /// Who registered.
    pub registered: BTreeSet<u16>,
    /// The current attempt.
    pub attempt: Attempt,
    /// The joint signatures of all attempts, to be checked together: each with its check and
    /// its entry.
    pub joint: Vec<(CheckId, u64, JointClaim)>,
    /// Encryption keys and ephemerals seen so far, in all attempts.
    seen: BTreeSet<[u8; 32]>,
}

impl<'m> KeyCeremony<'m> {
    /// Before the first entry.
    #[must_use]
    pub fn new(manifest: &'m Manifest) -> Self {
        Self {
            manifest,
            generators: Generators::new(0),
            registered: BTreeSet::new(),
            attempt: Attempt::new(manifest, 1),
            joint: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// The keys and the ceremony digest, once all have certified.
    #[must_use]
    pub fn completed(&self) -> Option<(&Keys, &Digest)> {
        let complete = self.attempt.round(self.manifest.n_trustees()) == Round::Complete;
        let keys = self.attempt.keys.as_ref().filter(|_| complete)?;
        Some((keys, self.attempt.digest.as_ref()?))
    }

    /// The joint key and those of its shares, once all have revealed.
    #[must_use]
    pub fn joint_keys(&self) -> Option<&JointKeys> {
        self.attempt.joint_keys.as_ref()
    }

    /// Whether a contribution to the beacon is the one that the trustee committed to.
    #[must_use]
    pub fn is_contribution(&self, trustee: u16, contribution: &Digest) -> bool {
        let mut transcript = Transcript::new("contribution commitment");
        transcript.append("session", &self.attempt.session);
        transcript.append("trustee", &trustee.to_be_bytes());
        transcript.append("contribution", contribution);
        self.attempt.certified.get(&trustee) == Some(&transcript.digest("commitment"))
    }

    /// Applies an entry that was admitted in its place.
    pub fn apply(
        &mut self,
        (index, leaf): (u64, &Hash),
        trustee: u16,
        (entry, joint): (&Entry<'_>, &JointParts),
        findings: &mut Findings,
    ) {
        match &entry.body {
            Body::Empty => {
                self.registered.insert(trustee);
            }
            Body::Commit { commitment, .. } => {
                self.attempt.commits.insert(trustee, (*leaf, **commitment));
            }
            Body::Reveal(body) => {
                self.check_reveal((index, trustee), body, joint, findings);
                self.attempt.joint.insert(trustee, joint.keys.clone());
                self.attempt
                    .reveals
                    .insert(trustee, (*leaf, body.as_ref().clone()));
                if self.attempt.reveals.len() == self.manifest.n_trustees() {
                    self.make_keys(index, findings);
                }
            }
            Body::Deal { sealed, .. } => {
                self.attempt.deals.insert(trustee, (*leaf, sealed.to_vec()));
                if self.attempt.deals.len() == self.manifest.n_trustees() {
                    self.attempt.digest = self.ceremony_digest();
                }
            }
            Body::Complain(body) => self.complain(index, trustee, body, findings),
            Body::Abandon { .. } => {
                findings.note(format!(
                    "entry {index}: trustee {trustee} abandoned attempt {}",
                    self.attempt.number
                ));
                self.next_attempt();
            }
            Body::Certify(body) => {
                self.check_certificate((index, trustee), body, joint, findings);
                self.attempt.certified.insert(trustee, body.contribution);
            }
            _ => {}
        }
    }

    fn next_attempt(&mut self) {
        self.attempt = Attempt::new(self.manifest, self.attempt.number + 1);
    }

    fn check_reveal(
        &mut self,
        (index, trustee): (u64, u16),
        body: &RevealBody,
        joint: &JointParts,
        findings: &mut Findings,
    ) {
        let session = &self.attempt.session;
        let committed = self.attempt.commits.get(&trustee).map(|(_, hash)| *hash);
        let matches = if committed == Some(reveal::commitment(session, trustee, body)) {
            Ok(())
        } else {
            Err("the reveal does not match the commitment")
        };
        findings.check(CheckId::CeremonyCommitments, index, matches);
        let threshold = self.manifest.threshold;
        let proved = reveal::verify(session, trustee, threshold, body, &self.generators);
        findings.check(CheckId::CeremonyProofs, index, proved);
        if let Some(claim) = reveal::possession(session, trustee, body, joint) {
            self.joint.push((CheckId::CeremonyPossession, index, claim));
        }
        for (what, key) in [
            ("encryption key", &body.encryption_key),
            ("ephemeral", &body.ephemeral),
        ] {
            let fresh = if self.seen.insert(*key.encoding()) {
                Ok(())
            } else {
                Err(format!("the {what} occurred before in this ceremony"))
            };
            findings.check(CheckId::CeremonyFreshness, index, fresh);
        }
    }

    /// Makes the keys of the attempt when its last reveal is in.
    fn make_keys(&mut self, index: u64, findings: &mut Findings) {
        let dealers: Vec<&[Element]> = self
            .attempt
            .reveals
            .values()
            .map(|(_, reveal)| reveal.coefficients.as_slice())
            .collect();
        let n_trustees = self.manifest.n_trustees();
        let n_keys = (1 + n_trustees) * (self.manifest.n_positions() + 1);
        findings.count(CheckId::CeremonyKeys, n_keys as u64);
        let joint: Vec<&[JointKey]> = self.attempt.joint.values().map(Vec::as_slice).collect();
        let joint = JointKeys::combine(&joint);
        let keys = Keys::combine(&dealers, usize::from(self.manifest.threshold));
        if let Err(error) = keys.check().and_then(|()| keys::check_joint(&joint)) {
            findings.fail(CheckId::CeremonyKeys, Some(index), error);
        }
        self.attempt.keys = Some(keys);
        self.attempt.joint_keys = Some(joint);
    }

    /// The digest that everybody certifies, when the last deal is in.
    fn ceremony_digest(&self) -> Option<Digest> {
        let attempt = &self.attempt;
        let mut transcript = Transcript::new("ceremony");
        transcript.append("session", &attempt.session);
        // The maps are in order of the trustees, and all of them are full.
        for (((commit, _), (reveal, _)), (deal, _)) in attempt
            .commits
            .values()
            .zip(attempt.reveals.values())
            .zip(attempt.deals.values())
        {
            transcript.append("commit", commit);
            transcript.append("reveal", reveal);
            transcript.append("deal", deal);
        }
        let keys = attempt.keys.as_ref()?;
        transcript.append_elements("keys", keys.election.iter());
        Some(transcript.digest("ceremony"))
    }

    fn check_certificate(
        &mut self,
        (index, trustee): (u64, u16),
        body: &CertifyBody,
        joint: &JointParts,
        findings: &mut Findings,
    ) {
        let (Some(keys), Some(digest)) = (&self.attempt.keys, &self.attempt.digest) else {
            return;
        };
        let matches = if body.ceremony == *digest {
            Ok(())
        } else {
            Err("the ceremony digest is not the recomputed one")
        };
        findings.check(CheckId::CeremonyDigest, index, matches);
        let mut transcript = Transcript::new("rehearsal");
        transcript.append("ceremony", digest);
        let nonce = transcript.challenge("nonce");
        let multiple = |point: &Point| Element::computed(point * nonce);
        let verification_keys = keys.of_trustee(trustee);
        let shares: Vec<_> = verification_keys
            .iter()
            .map(|key| multiple(key.point()))
            .collect();
        let mut context = Transcript::new("rehearsal proof");
        context.append("ceremony", digest);
        context.append("trustee", &trustee.to_be_bytes());
        let statement = DleqStatement {
            context: &context.digest("context"),
            base: &multiple(&self.generators.g),
            keys: verification_keys,
            shares: &shares,
        };
        let rehearsed = body.proof.verify(&statement, &self.generators);
        findings.check(CheckId::CeremonyRehearsal, index, rehearsed);
        let key = self.joint_keys().and_then(|keys| keys.of_trustee(trustee));
        if let (Some(key), Some(signature)) = (key, joint.signature) {
            let claim = JointClaim {
                key: *key,
                purpose: Purpose::Message,
                message: [b"psephos v2 rehearsal\0", &digest[..]].concat(),
                signature,
            };
            self.joint.push((CheckId::CeremonyRehearsal, index, claim));
        }
    }

    /// A complaint ends the attempt, whoever is at fault.
    fn complain(&mut self, index: u64, trustee: u16, body: &ComplainBody, findings: &mut Findings) {
        let result = self.check_complaint(trustee, body).map(|verdict| {
            findings.note(format!(
                "entry {index}: trustee {trustee} complained about dealer {} in attempt {}: {verdict}",
                body.dealer, self.attempt.number
            ));
        });
        findings.check(CheckId::CeremonyComplaints, index, result);
        self.next_attempt();
    }

    fn check_complaint(
        &self,
        trustee: u16,
        body: &ComplainBody,
    ) -> Result<complaint::Verdict, String> {
        if body.dealer == trustee {
            return Err("the trustee complains about itself".to_owned());
        }
        let attempt = &self.attempt;
        let (Some((_, complainer)), Some((_, dealer)), Some((_, sealed))) = (
            attempt.reveals.get(&trustee),
            attempt.reveals.get(&body.dealer),
            attempt.deals.get(&body.dealer),
        ) else {
            return Err("there is no such dealer".to_owned());
        };
        let complaint = complaint::Complaint {
            session: &attempt.session,
            complainer: (trustee, complainer),
            dealer: (body.dealer, dealer),
            joint: attempt.joint.get(&body.dealer).map_or(&[], Vec::as_slice),
            sealed,
            threshold: usize::from(self.manifest.threshold),
        };
        complaint
            .judge(body, &self.generators)
            .map_err(|error| error.to_string())
    }

    /// After the last entry.
    pub fn finish(&self, findings: &mut Findings) {
        findings.count(CheckId::CeremonyRegistered, self.registered.len() as u64);
        let certified = self.attempt.certified.len();
        findings.count(CheckId::CeremonyEverybody, certified as u64);
        findings.ran(CheckId::CeremonyComplaints);
        for check in [
            CheckId::CeremonyRegistered,
            CheckId::CeremonyAttempts,
            CheckId::CeremonyRounds,
            CheckId::CeremonyCommitments,
            CheckId::CeremonyProofs,
            CheckId::CeremonyPossession,
            CheckId::CeremonyFreshness,
            CheckId::CeremonyKeys,
            CheckId::CeremonyDigest,
            CheckId::CeremonyRehearsal,
            CheckId::CeremonyEverybody,
        ] {
            if self.completed().is_some() {
                findings.ran(check);
            } else {
                findings.not_checked(check, "not checked: no key ceremony was completed");
            }
        }
    }
}
