//! The roll: all `roll.*` checks (docs/spec/credentials.md).

use crate::{
    entry::body::RollBody,
    log::Hash,
    manifest::Manifest,
    prepare::RollFindings,
    report::{CheckId, Findings},
    transcript::{Digest, Transcript},
};
use std::collections::{HashMap, HashSet};

/// The most voters a roll may have.
const MAX_VOTERS: usize = 1 << 31;

/// A voter, with what the ballots so far say of it.
#[derive(Debug, Clone)]
pub struct Voter {
    /// The style, by its index in the manifest.
    pub style: u16,
    /// The weight.
    pub weight: u32,
    /// How many ballots it cast.
    pub n_ballots: u32,
    /// How many ballots it voided.
    pub n_voids: u32,
    /// The confirmation code of the last of them, or zeros.
    pub last_code: Digest,
    /// The entry of the last of them: the one that counts.
    pub last_entry: Option<u64>,
}

/// All voters, in the order of the board.
#[derive(Debug)]
pub struct Roll {
    voters: Vec<Voter>,
    by_credential: HashMap<[u8; 32], u32>,
    /// The parts so far, with the number of their issuer.
    parts: HashSet<(u8, [u8; 32])>,
    transcript: Transcript,
}

impl Default for Roll {
    fn default() -> Self {
        Self {
            voters: Vec::new(),
            by_credential: HashMap::new(),
            parts: HashSet::new(),
            transcript: Transcript::new("roll"),
        }
    }
}

impl Roll {
    /// Adds the voters of an entry and reports what is wrong with them.
    pub fn apply(
        &mut self,
        (index, leaf): (u64, &Hash),
        body: &RollBody,
        found: &RollFindings,
        manifest: &Manifest,
        findings: &mut Findings,
    ) {
        self.transcript.append("entry", leaf);
        if body.first as usize != self.voters.len() {
            let reason = format!(
                "the part says that {} voters come before; {} do",
                body.first,
                self.voters.len()
            );
            findings.fail(CheckId::RollSequence, Some(index), reason);
        }
        findings.count(CheckId::RollSequence, 1);
        if self.voters.len() + body.voters.len() > MAX_VOTERS {
            let reason = "the roll has more than 2^31 voters";
            findings.fail(CheckId::RollSequence, Some(index), reason);
            return;
        }
        for (voter, credential) in body.voters.iter().zip(&found.credentials) {
            let number = self.voters.len();
            let mut fail = |check, reason: &str| {
                findings.fail(check, Some(index), format!("voter {number}: {reason}"));
            };
            if manifest.styles.get(usize::from(voter.style)).is_none() {
                fail(CheckId::RollStyles, "there is no such style");
            }
            if voter.weight == 0 {
                fail(CheckId::RollWeights, "the weight is 0");
            }
            match credential {
                None => fail(CheckId::RollCredentials, "the credential is the identity"),
                Some(credential) if self.by_credential.contains_key(credential) => {
                    let reason = "the credential is on the roll already";
                    fail(CheckId::RollCredentials, reason);
                }
                Some(credential) => {
                    self.by_credential.insert(*credential, number as u32);
                }
            }
            // Otherwise one honest part, with many parts of another issuer, makes many voters.
            for (issuer, (part, _)) in (0..).zip(&voter.parts) {
                if !self.parts.insert((issuer, *part.encoding())) {
                    let reason = "a part of the credential is on the roll already";
                    fail(CheckId::RollParts, reason);
                }
            }
            self.voters.push(Voter {
                style: voter.style,
                weight: voter.weight,
                n_ballots: 0,
                n_voids: 0,
                last_code: [0; 32],
                last_entry: None,
            });
        }
        for check in [
            CheckId::RollStyles,
            CheckId::RollWeights,
            CheckId::RollCredentials,
        ] {
            findings.count(check, body.voters.len() as u64);
        }
        let n_parts: usize = body.voters.iter().map(|voter| voter.parts.len()).sum();
        for check in [CheckId::RollParts, CheckId::RollPossession] {
            findings.count(check, n_parts as u64);
        }
        for (voter, issuer) in &found.false_possessions {
            let reason = format!(
                "voter {}: the proof of possession of issuer {} does not hold",
                u64::from(body.first) + *voter as u64,
                issuer + 1
            );
            findings.fail(CheckId::RollPossession, Some(index), reason);
        }
    }

    /// After the last entry.
    pub fn finish(&self, findings: &mut Findings) {
        for check in [
            CheckId::RollSequence,
            CheckId::RollStyles,
            CheckId::RollWeights,
            CheckId::RollCredentials,
            CheckId::RollParts,
            CheckId::RollPossession,
        ] {
            if self.is_empty() {
                findings.not_checked(check, "not checked: there is no roll");
            } else {
                findings.ran(check);
            }
        }
    }

    /// How many voters there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.voters.len()
    }

    /// Whether there is no voter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    /// All voters.
    #[must_use]
    pub fn voters(&self) -> &[Voter] {
        &self.voters
    }

    /// The voter with this credential.
    #[must_use]
    pub fn find(&self, credential: &[u8; 32]) -> Option<&Voter> {
        let number = self.by_credential.get(credential)?;
        self.voters.get(*number as usize)
    }

    /// The voter with this credential, to record a ballot.
    pub fn find_mut(&mut self, credential: &[u8; 32]) -> Option<&mut Voter> {
        let number = self.by_credential.get(credential)?;
        self.voters.get_mut(*number as usize)
    }

    /// The roll digest.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.transcript.clone().digest("roll")
    }
}
