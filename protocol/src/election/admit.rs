//! `Election.Apply`: the checks of each kind of entry, and what it changes.

use std::collections::HashSet;
use std::sync::Arc;

use rand_core::TryCryptoRng;

use super::{Applied, Close, Election, Phase, Refusal, VerifiedBallot, VoterRecord, Voting};
use crate::credential::{RollPart, first_duplicate, verify_possession};
use crate::encoding::{EncodingError, Reader};
use crate::entry::{Author, Envelope, Kind};
use crate::group::Element;
use crate::key_ceremony::{Complaint, Deal, KeyCeremony, Reveal, Round};
use crate::manifest::{ElectionManifest, MAX_TOTAL};
use crate::merkle::leaf_hash;
use crate::proofs::batch::Weights;
use crate::proofs::dleq::DleqProof;
use crate::signature::{Purpose, verify};
use crate::tally::{
    DecryptionContext, DecryptionShares, EncryptedTally, Tally, TallyError, close_digest,
};
use crate::transcript::Digest;

/// A voter casts at most this many ballots, and voids at most as many.
const MAX_PER_VOTER: u32 = 100;

/// The roll has at most this many voters.
const MAX_VOTERS: usize = 1 << 31;

impl Election {
    /// Checks an entry completely and, if it is in order, appends it. A refused entry changes
    /// nothing. `rng` draws the weights of batched checks.
    ///
    /// # Errors
    /// [`Refusal`], naming what is wrong.
    pub fn apply(&mut self, entry: &[u8], rng: &mut impl TryCryptoRng) -> Result<Applied, Refusal> {
        let envelope = Envelope::decode(entry)?;
        let leaf = leaf_hash(entry);
        if envelope.kind == Kind::Manifest {
            self.apply_manifest(&envelope)?;
            return Ok(self.append(Kind::Manifest, leaf));
        }
        let manifest = Arc::clone(self.manifest.as_ref().ok_or(Refusal::NoManifest)?);
        if envelope.kind == Kind::Ballot {
            let voting = self.expect_open(Kind::Ballot)?;
            let verdict = voting.verify(&[entry], rng).pop();
            return self.apply_verified(verdict.unwrap_or(Err(Refusal::NotABallot {
                kind: envelope.kind,
            }))?);
        }
        let scope = if envelope.kind.is_scoped_to_election() {
            self.election_id()
        } else {
            Some(manifest.id())
        };
        if scope.is_none() {
            return Err(self.not_now(envelope.kind));
        }
        if scope != Some(envelope.scope) {
            return Err(Refusal::Scope {
                kind: envelope.kind,
            });
        }
        let key = match envelope.author {
            Author::Organiser => manifest.organiser_key,
            Author::Trustee(trustee) => {
                manifest
                    .trustee(trustee)
                    .ok_or(Refusal::UnknownTrustee { trustee })?
                    .key
            }
            Author::Voter(credential) => credential,
        };
        verify(&key, Purpose::Entry, envelope.unsigned, &envelope.signature)?;
        match envelope.kind {
            Kind::Roll => self.apply_roll(&manifest, envelope.body, leaf, rng)?,
            Kind::Open => self.apply_open(&manifest, envelope.body)?,
            Kind::Void => self.apply_void(&key, envelope.body)?,
            Kind::Close => self.apply_close(envelope.body, leaf)?,
            Kind::Result => self.apply_result(&manifest, envelope.body)?,
            kind => match envelope.author {
                Author::Trustee(trustee) => {
                    self.apply_of_trustee(&manifest, kind, trustee, envelope.body, leaf)?
                }
                Author::Organiser | Author::Voter(_) => return Err(self.not_now(kind)),
            },
        }
        Ok(self.append(envelope.kind, leaf))
    }

    /// Appends a verified ballot if it is this voter's next one.
    ///
    /// # Errors
    /// [`Refusal`], naming what is wrong.
    pub fn apply_verified(&mut self, ballot: VerifiedBallot) -> Result<Applied, Refusal> {
        let voting = self.expect_open(Kind::Ballot)?;
        if ballot.election != *voting.election_id() {
            return Err(Refusal::Scope { kind: Kind::Ballot });
        }
        let voter = self
            .roll
            .voters
            .get_mut(ballot.credential.as_bytes())
            .ok_or(Refusal::UnknownCredential)?;
        if voter.style != ballot.style {
            return Err(Refusal::Style {
                expected: voter.style,
                found: ballot.style,
            });
        }
        let expected = voter.counter.saturating_add(1);
        if ballot.counter != expected {
            return Err(Refusal::Counter {
                expected,
                found: ballot.counter,
            });
        }
        if ballot.previous != voter.previous {
            return Err(Refusal::Previous);
        }
        let alpha = ballot.alpha.as_bytes();
        if self.alphas.contains(alpha) || voter.voided.contains(alpha) {
            return Err(Refusal::RepeatedAlpha);
        }
        if expected > MAX_PER_VOTER {
            return Err(Refusal::TooMany { kind: Kind::Ballot });
        }
        let contests = voting
            .manifest()
            .styles
            .get(usize::from(ballot.style))
            .map(|style| style.contests.as_slice());
        let (contests, tally) = contests
            .zip(self.tally.as_mut())
            .ok_or(Refusal::UnknownCredential)?;
        if voter.counter > 0 {
            let (alpha, beta) = read_vector(&voter.last)?;
            tally.remove(contests, voter.weight, &alpha, &beta);
        }
        tally.add(contests, voter.weight, &ballot.alpha, &ballot.beta);
        voter.counter = expected;
        voter.previous = *ballot.code.0.as_bytes();
        voter.last = [&ballot.alpha]
            .into_iter()
            .chain(&ballot.beta)
            .flat_map(|e| *e.as_bytes())
            .collect();
        self.alphas.insert(*ballot.alpha.as_bytes());
        self.n_ballots += 1;
        Ok(Applied {
            code: Some(ballot.code),
            ..self.append(Kind::Ballot, ballot.leaf)
        })
    }

    fn append(&mut self, kind: Kind, leaf: Digest) -> Applied {
        let index = self.log.size();
        self.log.append(leaf);
        Applied {
            kind,
            index,
            leaf,
            code: None,
        }
    }

    fn not_now(&self, kind: Kind) -> Refusal {
        Refusal::Phase {
            kind,
            phase: self.phase(),
        }
    }

    fn expect(&self, kind: Kind, phase: Phase) -> Result<(), Refusal> {
        if self.phase() == phase {
            Ok(())
        } else {
            Err(self.not_now(kind))
        }
    }

    fn expect_open(&self, kind: Kind) -> Result<Arc<Voting>, Refusal> {
        self.expect(kind, Phase::Open)?;
        self.voting.clone().ok_or(self.not_now(kind))
    }

    fn apply_manifest(&mut self, envelope: &Envelope<'_>) -> Result<(), Refusal> {
        if self.manifest.is_some() {
            return Err(Refusal::Repeated {
                kind: Kind::Manifest,
            });
        }
        let manifest = ElectionManifest::parse(envelope.body)?;
        if envelope.scope != manifest.id() {
            return Err(Refusal::Scope {
                kind: Kind::Manifest,
            });
        }
        verify(
            &manifest.organiser_key,
            Purpose::Entry,
            envelope.unsigned,
            &envelope.signature,
        )?;
        self.ceremony = Some(KeyCeremony::new(manifest.id(), Self::dimensions(&manifest)));
        self.roll.style_weights = vec![0; manifest.styles.len()];
        self.manifest = Some(Arc::new(manifest));
        Ok(())
    }

    fn apply_roll(
        &mut self,
        manifest: &ElectionManifest,
        body: &[u8],
        leaf: Digest,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(), Refusal> {
        self.expect(Kind::Roll, Phase::Setup)?;
        let part =
            RollPart::decode(body, manifest.issuers.len()).map_err(body_error(Kind::Roll))?;
        let expected = self.roll.voters.len();
        if usize::try_from(part.first) != Ok(expected) {
            return Err(Refusal::RollOrder {
                expected,
                found: part.first,
            });
        }
        if part.voters.is_empty() || expected + part.voters.len() > MAX_VOTERS {
            return Err(Refusal::RollVoter {
                voter: 0,
                reason: "a part lists at least one voter, a roll at most 2^31",
            });
        }
        let mut credentials = Vec::with_capacity(part.voters.len());
        for (voter, line) in part.voters.iter().enumerate() {
            let wrong = |reason| Refusal::RollVoter { voter, reason };
            if usize::from(line.style) >= manifest.styles.len() {
                return Err(wrong("the manifest has no such ballot style"));
            }
            if line.weight == 0 {
                return Err(wrong("the weight is 0; it must be at least 1"));
            }
            credentials.push(
                line.credential()
                    .ok_or(wrong("the parts of the credential cancel out"))?,
            );
        }
        if let Some(voter) =
            first_duplicate(&credentials, |credential| self.voter(credential).is_some())
        {
            return Err(Refusal::RollVoter {
                voter,
                reason: "this credential is on the roll already",
            });
        }
        let mut parts = HashSet::new();
        for (voter, line) in part.voters.iter().enumerate() {
            for (issuer, public) in (0u16..).zip(&line.parts) {
                let part = (issuer, *public.key.as_bytes());
                if self.roll.parts.contains(&part) || !parts.insert(part) {
                    let reason = "an issuer's part of this credential serves another voter too";
                    return Err(Refusal::RollVoter { voter, reason });
                }
            }
        }
        verify_possession(&manifest.uuid, &part.voters, &mut Weights::draw(rng)?)?;
        self.roll.parts.extend(parts);
        for (line, credential) in part.voters.iter().zip(credentials) {
            let record = VoterRecord {
                style: line.style,
                weight: line.weight,
                counter: 0,
                previous: [0; 32],
                last: Box::default(),
                voided: Vec::new(),
            };
            self.roll.voters.insert(*credential.as_bytes(), record);
            if let Some(sum) = self.roll.style_weights.get_mut(usize::from(line.style)) {
                *sum += u128::from(line.weight);
            }
        }
        self.roll.transcript.append("entry", leaf.as_bytes());
        Ok(())
    }

    fn apply_of_trustee(
        &mut self,
        manifest: &ElectionManifest,
        kind: Kind,
        trustee: u16,
        body: &[u8],
        leaf: Digest,
    ) -> Result<(), Refusal> {
        match kind {
            Kind::CertifyClose => self.apply_certify_close(trustee, body),
            Kind::Shares => self.apply_shares(manifest, trustee, body),
            _ => {
                self.expect(kind, Phase::Setup)?;
                match &mut self.ceremony {
                    Some(ceremony) => apply_ceremony(ceremony, kind, trustee, body, leaf),
                    None => Err(Refusal::NoManifest),
                }
            }
        }
    }

    fn apply_open(&mut self, manifest: &Arc<ElectionManifest>, body: &[u8]) -> Result<(), Refusal> {
        self.expect(Kind::Open, Phase::Setup)?;
        let error = body_error(Kind::Open);
        let mut reader = Reader::new(body);
        let roll = Digest(reader.array("the roll digest").map_err(error)?);
        let voters = reader.u32("the number of voters").map_err(error)?;
        let digest = Digest(reader.array("the ceremony digest").map_err(error)?);
        let booth = reader.array("the booth digest").map_err(error)?;
        reader.finish().map_err(error)?;
        let complete = self
            .ceremony
            .as_ref()
            .filter(|ceremony| ceremony.round() == Round::Complete);
        let complete =
            complete.and_then(|ceremony| ceremony.digest().zip(ceremony.keys().cloned()));
        let Some((ceremony_digest, keys)) = complete else {
            return Err(self.not_now(Kind::Open));
        };
        if self.roll.voters.is_empty() || usize::try_from(voters) != Ok(self.roll.voters.len()) {
            return Err(Refusal::Opening {
                what: "number of voters",
            });
        }
        if roll != self.roll_digest() {
            return Err(Refusal::Opening { what: "roll" });
        }
        if digest != ceremony_digest {
            return Err(Refusal::Opening {
                what: "key ceremony",
            });
        }
        for (index, contest) in manifest.contests.iter().enumerate() {
            let styles = manifest.styles.iter().zip(&self.roll.style_weights);
            let weight: u128 = styles
                .filter(|(style, _)| style.contests.contains(&index))
                .map(|(_, sum)| sum)
                .sum();
            let total = weight.saturating_mul(u128::from(contest.max_per_option));
            if total > u128::from(MAX_TOTAL) {
                return Err(Refusal::Bound {
                    contest: contest.id.clone(),
                    total,
                });
            }
        }
        let voters_and_styles = self
            .roll
            .voters
            .iter()
            .map(|(credential, voter)| (*credential, voter.style));
        let voting = Voting::new(
            Arc::clone(manifest),
            keys,
            &roll,
            voters,
            &digest,
            &booth,
            voters_and_styles.collect(),
        )?;
        self.voting = Some(Arc::new(voting));
        self.tally = Some(EncryptedTally::new(manifest));
        Ok(())
    }

    fn apply_void(&mut self, credential: &Element, body: &[u8]) -> Result<(), Refusal> {
        self.expect(Kind::Void, Phase::Open)?;
        let error = body_error(Kind::Void);
        let mut reader = Reader::new(body);
        reader.array::<32>("the confirmation code").map_err(error)?;
        let alpha = reader.element("alpha").map_err(error)?;
        reader.finish().map_err(error)?;
        let voter = self
            .roll
            .voters
            .get_mut(credential.as_bytes())
            .ok_or(Refusal::UnknownCredential)?;
        if self.alphas.contains(alpha.as_bytes()) || voter.voided.contains(alpha.as_bytes()) {
            return Err(Refusal::RepeatedAlpha);
        }
        if voter.voided.len() >= usize::try_from(MAX_PER_VOTER).unwrap_or(usize::MAX) {
            return Err(Refusal::TooMany { kind: Kind::Void });
        }
        voter.voided.push(*alpha.as_bytes());
        self.n_voids += 1;
        Ok(())
    }

    fn apply_close(&mut self, body: &[u8], leaf: Digest) -> Result<(), Refusal> {
        self.expect(Kind::Close, Phase::Open)?;
        Reader::new(body)
            .finish()
            .map_err(body_error(Kind::Close))?;
        let mut log = self.log.clone();
        log.append(leaf);
        self.close = Some(Close {
            size: log.size(),
            root: log.root(),
        });
        Ok(())
    }

    fn apply_certify_close(&mut self, trustee: u16, body: &[u8]) -> Result<(), Refusal> {
        let close = self
            .close
            .filter(|_| self.result.is_none())
            .ok_or(self.not_now(Kind::CertifyClose))?;
        let error = body_error(Kind::CertifyClose);
        let mut reader = Reader::new(body);
        let size = reader.u64("the size").map_err(error)?;
        let root = Digest(reader.array("the root").map_err(error)?);
        reader.finish().map_err(error)?;
        if self.certified.contains(&trustee) {
            return Err(Refusal::Repeated {
                kind: Kind::CertifyClose,
            });
        }
        if (Close { size, root }) != close {
            return Err(Refusal::CloseMismatch { trustee });
        }
        self.certified.push(trustee);
        Ok(())
    }

    /// What a trustee's decryption shares are bound to, once the close is certified.
    pub fn decryption_context(&self, trustee: u16) -> Option<DecryptionContext> {
        let (election, close) = self.election_id().zip(self.close)?;
        let certified = self.phase() >= Phase::Certified;
        certified.then(|| DecryptionContext {
            election,
            close: close_digest(&election, close.size, &close.root),
            trustee,
        })
    }

    fn apply_shares(
        &mut self,
        manifest: &ElectionManifest,
        trustee: u16,
        body: &[u8],
    ) -> Result<(), Refusal> {
        self.expect(Kind::Shares, Phase::Certified)?;
        if self.shares.contains_key(&trustee) {
            return Err(Refusal::Repeated { kind: Kind::Shares });
        }
        let parts = self
            .voting
            .as_ref()
            .zip(self.tally.as_ref())
            .zip(self.decryption_context(trustee));
        let ((voting, tally), context) = parts.ok_or(self.not_now(Kind::Shares))?;
        let shares =
            DecryptionShares::decode(body, manifest, tally).map_err(body_error(Kind::Shares))?;
        let shares = shares.verify(manifest, tally, &context, voting.keys())?;
        self.shares.insert(trustee, shares);
        self.share_order.push(trustee);
        Ok(())
    }

    fn apply_result(&mut self, manifest: &ElectionManifest, body: &[u8]) -> Result<(), Refusal> {
        self.expect(Kind::Result, Phase::Certified)?;
        let result = Tally::decode(body, manifest).map_err(body_error(Kind::Result))?;
        let found = self.shares.len();
        if found < usize::from(manifest.threshold) {
            return Err(TallyError::TooFewShares {
                found,
                needed: manifest.threshold,
            }
            .into());
        }
        let tally = self.tally.as_ref().ok_or(self.not_now(Kind::Result))?;
        result.verify(manifest, tally, &self.shares_in_order())?;
        self.result = Some(result);
        Ok(())
    }

    /// The totals that the ballots and shares of the board give.
    ///
    /// # Errors
    /// [`TallyError`] if there are not enough shares yet.
    pub fn compute_tally(&self) -> Result<Tally, TallyError> {
        let needed = self
            .manifest
            .as_ref()
            .map_or(0, |manifest| manifest.threshold);
        let too_few = TallyError::TooFewShares {
            found: self.shares.len(),
            needed,
        };
        let (manifest, tally) = self
            .manifest
            .as_ref()
            .zip(self.tally.as_ref())
            .ok_or(too_few)?;
        if self.shares.len() < usize::from(needed) {
            return Err(too_few);
        }
        Tally::compute(manifest, tally, &self.shares_in_order())
    }
}

fn body_error(kind: Kind) -> impl Fn(EncodingError) -> Refusal + Copy {
    move |source| Refusal::Body { kind, source }
}

fn apply_ceremony(
    ceremony: &mut KeyCeremony,
    kind: Kind,
    trustee: u16,
    body: &[u8],
    leaf: Digest,
) -> Result<(), Refusal> {
    let error = body_error(kind);
    let mut reader = Reader::new(body);
    let dimensions = *ceremony.dimensions();
    if kind == Kind::Register {
        reader.finish().map_err(error)?;
        return Ok(ceremony.register(trustee)?);
    }
    let attempt = reader.u16("the attempt").map_err(error)?;
    match kind {
        Kind::Commit => {
            let commitment = Digest(reader.array("the commitment").map_err(error)?);
            reader.finish().map_err(error)?;
            ceremony.commit(trustee, attempt, commitment, leaf)?;
        }
        Kind::Reveal => {
            let reveal = Reveal::decode(&mut reader, &dimensions).map_err(error)?;
            reader.finish().map_err(error)?;
            ceremony.reveal(trustee, attempt, reveal, leaf)?;
        }
        Kind::Deal => {
            let deal = Deal::decode(&mut reader, &dimensions).map_err(error)?;
            reader.finish().map_err(error)?;
            ceremony.deal(trustee, attempt, deal, leaf)?;
        }
        Kind::Complain => {
            let complaint = Complaint::decode(&mut reader).map_err(error)?;
            reader.finish().map_err(error)?;
            ceremony.complain(trustee, attempt, &complaint)?;
        }
        Kind::Abandon => {
            reader.finish().map_err(error)?;
            ceremony.abandon(trustee, attempt)?;
        }
        _ => {
            let digest = Digest(reader.array("the ceremony digest").map_err(error)?);
            let rehearsal = DleqProof::decode(&mut reader).map_err(error)?;
            reader.finish().map_err(error)?;
            ceremony.certify(trustee, attempt, &digest, &rehearsal)?;
        }
    }
    Ok(())
}

/// alpha and beta of a ballot that was accepted, from their encodings.
fn read_vector(bytes: &[u8]) -> Result<(Element, Vec<Element>), Refusal> {
    let mut reader = Reader::new(bytes);
    let error = body_error(Kind::Ballot);
    let alpha = reader.element("alpha").map_err(error)?;
    let beta = reader
        .elements(bytes.len() / 32 - 1, "beta")
        .map_err(error)?;
    Ok((alpha, beta))
}
