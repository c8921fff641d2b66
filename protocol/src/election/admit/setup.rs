//! Admission up to the opening: manifest, roll, key ceremony, open.

use std::collections::HashSet;
use std::sync::Arc;

use rand_core::TryCryptoRng;

use super::body_error;
use crate::credential::{RollPart, first_duplicate, verify_possession};
use crate::election::{Election, Phase, Refusal, VoterRecord, Voting};
use crate::encoding::Reader;
use crate::entry::{Envelope, Kind};
use crate::key_ceremony::{Certificate, Complaint, Deal, KeyCeremony, Reveal, Round};
use crate::manifest::{ElectionManifest, MAX_TOTAL};
use crate::proofs::batch::Weights;
use crate::tally::EncryptedTally;
use crate::transcript::Digest;

/// The roll has at most this many voters.
const MAX_VOTERS: usize = 1 << 31;

impl Election {
    pub(super) fn apply_manifest(&mut self, envelope: &Envelope<'_>) -> Result<(), Refusal> {
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
        envelope.verify(&manifest.organiser_key)?;
        self.ceremony = Some(KeyCeremony::new(manifest.id(), Self::dimensions(&manifest)));
        self.roll.style_weights = vec![0; manifest.styles.len()];
        self.manifest = Some(Arc::new(manifest));
        Ok(())
    }

    pub(super) fn apply_roll(
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

    pub(super) fn apply_open(
        &mut self,
        manifest: &Arc<ElectionManifest>,
        body: &[u8],
    ) -> Result<(), Refusal> {
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
            let total = weight.saturating_mul(u128::from(contest.max_of_positions()));
            if total > u128::from(MAX_TOTAL) {
                return Err(Refusal::Bound {
                    contest: contest.id.clone(),
                    total,
                });
            }
        }
        let is_weighted = self.roll.voters.values().any(|voter| voter.weight != 1);
        if manifest.minimum_cell.is_some() && is_weighted {
            return Err(Refusal::Weights);
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
}

pub(super) fn apply_ceremony(
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
            let certificate = Certificate::decode(&mut reader).map_err(error)?;
            reader.finish().map_err(error)?;
            ceremony.certify(trustee, attempt, &certificate)?;
        }
    }
    Ok(())
}
