//! The ceremony as everybody sees it: a fold over its messages.

use std::collections::HashSet;

use super::by_trustee::ByTrustee;
#[cfg(feature = "joint")]
use super::keys::joint_keys;
use super::keys::{ceremony_digest, verify_rehearsal};
use super::{
    Certificate, Complaint, ComplaintError, Deal, DealError, Dimensions, ElectionKeys, KeyError,
    Reveal, RevealError, Session,
};
#[cfg(feature = "joint")]
use crate::beacon::rehearsal_message;
use crate::group::Element;
#[cfg(feature = "joint")]
use crate::joint::JointKeys;
use crate::proofs::dleq::DleqError;
use crate::transcript::Digest;

/// Where a ceremony stands: which message everybody owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Round {
    /// Trustees accept the manifest.
    Register,
    /// Trustees commit.
    Commit,
    /// Trustees reveal.
    Reveal,
    /// Trustees deal.
    Deal,
    /// Trustees certify.
    Certify,
    /// All is done.
    Complete,
}

/// After this many attempts the ceremony is over for good: a session, and the secrets that follow
/// from it, must never come back.
pub const MAX_ATTEMPTS: u16 = 1_000;

impl std::fmt::Display for Round {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Register => "register",
            Self::Commit => "commit",
            Self::Reveal => "reveal",
            Self::Deal => "deal",
            Self::Certify => "certify",
            Self::Complete => "complete",
        })
    }
}

/// What ended an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The trustee dealt wrong shares to `recipient`.
    WrongShares {
        /// Who complained, rightly.
        recipient: u16,
        /// What is wrong.
        error: DealError,
    },
    /// The trustee complained about shares of `dealer` that are right.
    FalseComplaint {
        /// Who was accused.
        dealer: u16,
    },
    /// The trustee gave up.
    Abandoned,
}

/// Who ended an attempt, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// The attempt that ended.
    pub attempt: u16,
    /// The trustee at fault.
    pub trustee: u16,
    /// What it did.
    pub fault: Fault,
}

/// Why a message of the ceremony is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum CeremonyError {
    /// Not the round for this message.
    #[error(
        "the key ceremony is in the round \"{current}\"; this message belongs to the round \"{wanted}\""
    )]
    Round {
        /// The round it is.
        current: Round,
        /// The round of the message.
        wanted: Round,
    },
    /// Another attempt.
    #[error("the key ceremony is in attempt {current}; this message is of attempt {found}")]
    Attempt {
        /// The attempt it is.
        current: u16,
        /// The attempt of the message.
        found: u16,
    },
    /// No attempt is left.
    #[error(
        "the key ceremony failed {MAX_ATTEMPTS} times; it needs a new manifest, without those at fault"
    )]
    Exhausted,
    /// A second message of one trustee in one round.
    #[error("trustee {trustee} already gave its message for the round \"{round}\"")]
    Repeated {
        /// Who.
        trustee: u16,
        /// Which round.
        round: Round,
    },
    /// A bad reveal.
    #[error(transparent)]
    Reveal(#[from] RevealError),
    /// A reveal that spoils a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A complaint that cannot be heard.
    #[error(transparent)]
    Complaint(#[from] ComplaintError),
    /// Another ceremony digest.
    #[error("trustee {trustee} certifies another ceremony than the one on this board")]
    Digest {
        /// Who.
        trustee: u16,
    },
    /// A rehearsal that fails.
    #[error("trustee {trustee}'s rehearsal does not show that it holds its key shares")]
    Rehearsal {
        /// Who.
        trustee: u16,
    },
    /// A rehearsal of the joint signature that fails.
    #[error("trustee {trustee}'s rehearsal does not show that it holds its share of the joint key")]
    JointRehearsal {
        /// Who.
        trustee: u16,
    },
}

/// The state of a key ceremony.
#[derive(Debug)]
pub struct KeyCeremony {
    manifest: Digest,
    dimensions: Dimensions,
    registered: ByTrustee<()>,
    attempt: u16,
    commits: ByTrustee<(Digest, Digest)>,
    reveals: ByTrustee<(Reveal, Digest)>,
    deals: ByTrustee<(Deal, Digest)>,
    /// With the commitment to the trustee's contribution.
    certified: ByTrustee<Digest>,
    keys: Option<ElectionKeys>,
    #[cfg(feature = "joint")]
    joint: Option<JointKeys>,
    digest: Option<Digest>,
    culprits: Vec<Culprit>,
    /// Encryption keys and ephemerals of all attempts.
    used_keys: HashSet<[u8; 32]>,
}

impl KeyCeremony {
    /// A ceremony that has not begun.
    pub fn new(manifest: Digest, dimensions: Dimensions) -> Self {
        Self {
            manifest,
            dimensions,
            registered: ByTrustee::default(),
            attempt: 1,
            commits: ByTrustee::default(),
            reveals: ByTrustee::default(),
            deals: ByTrustee::default(),
            certified: ByTrustee::default(),
            keys: None,
            #[cfg(feature = "joint")]
            joint: None,
            digest: None,
            culprits: Vec::new(),
            used_keys: HashSet::new(),
        }
    }

    /// The manifest id.
    pub fn manifest(&self) -> Digest {
        self.manifest
    }

    /// n, t and N.
    pub fn dimensions(&self) -> &Dimensions {
        &self.dimensions
    }

    /// The current attempt, from 1.
    pub fn attempt(&self) -> u16 {
        self.attempt
    }

    /// The current session.
    pub fn session(&self) -> Session {
        Session::new(&self.manifest, self.attempt)
    }

    /// The round that is waited for.
    pub fn round(&self) -> Round {
        let n = usize::from(self.dimensions.trustees);
        let lengths = [
            self.registered.len(),
            self.commits.len(),
            self.reveals.len(),
            self.deals.len(),
            self.certified.len(),
        ];
        let rounds = [
            Round::Register,
            Round::Commit,
            Round::Reveal,
            Round::Deal,
            Round::Certify,
        ];
        rounds
            .into_iter()
            .zip(lengths)
            .find(|(_, length)| *length < n)
            .map_or(Round::Complete, |(round, _)| round)
    }

    /// Whether a trustee has given its message of a round.
    pub fn has_done(&self, trustee: u16, round: Round) -> bool {
        match round {
            Round::Register => self.registered.has(trustee),
            Round::Commit => self.commits.has(trustee),
            Round::Reveal => self.reveals.has(trustee),
            Round::Deal => self.deals.has(trustee),
            Round::Certify => self.certified.has(trustee),
            Round::Complete => self.round() == Round::Complete,
        }
    }

    /// The trustees whose message of the current round is missing.
    pub fn missing(&self) -> Vec<u16> {
        let round = self.round();
        (1..=self.dimensions.trustees)
            .filter(|trustee| !self.has_done(*trustee, round))
            .collect()
    }

    /// Whether `trustee` has sent anything in the current attempt.
    pub fn has_begun(&self, trustee: u16) -> bool {
        self.commits.has(trustee)
    }

    /// Who ended earlier attempts.
    pub fn culprits(&self) -> &[Culprit] {
        &self.culprits
    }

    /// The keys, once everybody revealed.
    pub fn keys(&self) -> Option<&ElectionKeys> {
        self.keys.as_ref()
    }

    /// The joint key and its verification keys, once everybody revealed.
    #[cfg(feature = "joint")]
    pub fn joint_keys(&self) -> Option<&JointKeys> {
        self.joint.as_ref()
    }

    /// The commitment to a trustee's contribution, once it certified.
    pub fn contribution_commitment(&self, trustee: u16) -> Option<&Digest> {
        self.certified.get(trustee)
    }

    /// The ceremony digest, once everybody dealt.
    pub fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The share-encryption keys of trustees 1..n, in order, once everybody revealed.
    pub fn encryption_keys(&self) -> Vec<Element> {
        self.reveals
            .values()
            .map(|(reveal, _)| reveal.encryption_key)
            .collect()
    }

    pub(super) fn reveals(&self) -> Vec<&Reveal> {
        self.reveals.values().map(|(reveal, _)| reveal).collect()
    }

    #[cfg(feature = "joint")]
    pub(super) fn deals(&self) -> Vec<&Deal> {
        self.deals.values().map(|(deal, _)| deal).collect()
    }

    fn expect_attempts_left(&self) -> Result<(), CeremonyError> {
        if self.attempt > MAX_ATTEMPTS {
            Err(CeremonyError::Exhausted)
        } else {
            Ok(())
        }
    }

    fn expect(&self, trustee: u16, attempt: u16, wanted: Round) -> Result<(), CeremonyError> {
        self.expect_attempts_left()?;
        if attempt != self.attempt {
            return Err(CeremonyError::Attempt {
                current: self.attempt,
                found: attempt,
            });
        }
        if self.has_done(trustee, wanted) {
            return Err(CeremonyError::Repeated {
                trustee,
                round: wanted,
            });
        }
        match self.round() {
            current if current == wanted => Ok(()),
            current => Err(CeremonyError::Round { current, wanted }),
        }
    }

    pub(crate) fn register(&mut self, trustee: u16) -> Result<(), CeremonyError> {
        if self.registered.insert(trustee, ()) {
            Ok(())
        } else {
            Err(CeremonyError::Repeated {
                trustee,
                round: Round::Register,
            })
        }
    }

    pub(crate) fn commit(
        &mut self,
        trustee: u16,
        attempt: u16,
        commitment: Digest,
        leaf: Digest,
    ) -> Result<(), CeremonyError> {
        self.expect(trustee, attempt, Round::Commit)?;
        self.commits.insert(trustee, (commitment, leaf));
        Ok(())
    }

    pub(crate) fn reveal(
        &mut self,
        trustee: u16,
        attempt: u16,
        reveal: Reveal,
        leaf: Digest,
    ) -> Result<(), CeremonyError> {
        self.expect(trustee, attempt, Round::Reveal)?;
        let (commitment, _) = self
            .commits
            .get(trustee)
            .ok_or(RevealError::Commitment { trustee })?;
        reveal.verify(&self.session(), trustee, commitment, &self.dimensions)?;
        let own = [
            *reveal.encryption_key.as_bytes(),
            *reveal.ephemeral.as_bytes(),
        ];
        if own.iter().any(|key| self.used_keys.contains(key)) {
            return Err(RevealError::Reused { trustee }.into());
        }
        if self.reveals.len() + 1 == usize::from(self.dimensions.trustees) {
            let all: Vec<&Reveal> = self.reveals().into_iter().chain([&reveal]).collect();
            // The sum does not depend on the order.
            let keys = ElectionKeys::new(&all, &self.dimensions)?;
            #[cfg(feature = "joint")]
            {
                self.joint = Some(joint_keys(&all, &self.dimensions)?);
            }
            self.keys = Some(keys);
        }
        self.used_keys.extend(own);
        self.reveals.insert(trustee, (reveal, leaf));
        Ok(())
    }

    pub(crate) fn deal(
        &mut self,
        trustee: u16,
        attempt: u16,
        deal: Deal,
        leaf: Digest,
    ) -> Result<(), CeremonyError> {
        self.expect(trustee, attempt, Round::Deal)?;
        self.deals.insert(trustee, (deal, leaf));
        if self.deals.len() == usize::from(self.dimensions.trustees)
            && let Some(keys) = &self.keys
        {
            let rounds = self
                .commits
                .values()
                .zip(self.reveals.values())
                .zip(self.deals.values());
            let leaves: Vec<_> = rounds
                .map(|(((_, commit), (_, reveal)), (_, deal))| [*commit, *reveal, *deal])
                .collect();
            self.digest = Some(ceremony_digest(&self.session(), &leaves, keys));
        }
        Ok(())
    }

    /// Judges a complaint; the attempt ends either way, and the culprit is recorded.
    pub(crate) fn complain(
        &mut self,
        trustee: u16,
        attempt: u16,
        complaint: &Complaint,
    ) -> Result<(), CeremonyError> {
        self.expect(trustee, attempt, Round::Certify)?;
        let dealer = complaint.dealer;
        let parties = (
            self.reveals.get(trustee),
            self.reveals.get(dealer),
            self.deals.get(dealer),
        );
        let (Some((to, _)), Some((from, _)), Some((deal, _))) = parties else {
            return Err(ComplaintError::Dealer { dealer }.into());
        };
        if dealer == trustee {
            return Err(ComplaintError::Dealer { dealer }.into());
        }
        let culprit =
            match complaint.judge(&self.session(), (trustee, to), from, deal, &self.dimensions)? {
                Err(error) => (
                    dealer,
                    Fault::WrongShares {
                        recipient: trustee,
                        error,
                    },
                ),
                Ok(()) => (trustee, Fault::FalseComplaint { dealer }),
            };
        self.end_attempt(culprit);
        Ok(())
    }

    pub(crate) fn abandon(&mut self, trustee: u16, attempt: u16) -> Result<(), CeremonyError> {
        self.expect_attempts_left()?;
        if attempt != self.attempt {
            return Err(CeremonyError::Attempt {
                current: self.attempt,
                found: attempt,
            });
        }
        if self.commits.len() == 0 || self.round() == Round::Complete {
            return Err(CeremonyError::Round {
                current: self.round(),
                wanted: Round::Certify,
            });
        }
        self.end_attempt((trustee, Fault::Abandoned));
        Ok(())
    }

    pub(crate) fn certify(
        &mut self,
        trustee: u16,
        attempt: u16,
        certificate: &Certificate,
    ) -> Result<(), CeremonyError> {
        self.expect(trustee, attempt, Round::Certify)?;
        let (Some(keys), Some(own)) = (&self.keys, &self.digest) else {
            return Err(CeremonyError::Digest { trustee });
        };
        if certificate.digest != *own {
            return Err(CeremonyError::Digest { trustee });
        }
        verify_rehearsal(own, trustee, keys, &certificate.rehearsal)
            .map_err(|DleqError| CeremonyError::Rehearsal { trustee })?;
        #[cfg(feature = "joint")]
        {
            let joint = self
                .joint
                .as_ref()
                .ok_or(CeremonyError::Digest { trustee })?;
            joint
                .verify_share(
                    trustee,
                    &rehearsal_message(own),
                    &certificate.joint_rehearsal,
                )
                .map_err(|_| CeremonyError::JointRehearsal { trustee })?;
        }
        self.certified.insert(trustee, certificate.contribution);
        Ok(())
    }

    fn end_attempt(&mut self, (trustee, fault): (u16, Fault)) {
        self.culprits.push(Culprit {
            attempt: self.attempt,
            trustee,
            fault,
        });
        self.attempt = self.attempt.saturating_add(1);
        self.commits = ByTrustee::default();
        self.reveals = ByTrustee::default();
        self.deals = ByTrustee::default();
        self.certified = ByTrustee::default();
        (self.keys, self.digest) = (None, None);
        #[cfg(feature = "joint")]
        {
            self.joint = None;
        }
    }
}
