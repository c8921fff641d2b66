//! `Election.Apply`: the checks of each kind of entry, and what it changes.

mod closing;
mod setup;
mod signing;

use std::sync::Arc;

use rand_core::TryCryptoRng;

use self::setup::apply_ceremony;
use super::{Applied, Election, Phase, Refusal, VerifiedBallot, Voting};
use crate::encoding::{EncodingError, Reader};
use crate::entry::{Author, Envelope, Kind};
use crate::group::Element;
use crate::manifest::ElectionManifest;
use crate::merkle::leaf_hash;
use crate::transcript::Digest;

/// A voter casts at most this many ballots, and voids at most as many.
const MAX_PER_VOTER: u32 = 100;

impl Election {
    /// Checks an entry completely and, if it is in order, appends it. A refused entry changes
    /// nothing. `rng` draws the weights of batched checks.
    ///
    /// # Errors
    /// [`Refusal`], naming what is wrong.
    pub fn apply(&mut self, entry: &[u8], rng: &mut impl TryCryptoRng) -> Result<Applied, Refusal> {
        let envelope = Envelope::decode(entry)?;
        let leaf = leaf_hash(entry);
        if !envelope.kind.is_scoped_to_election() {
            return self.apply_before_opening(&envelope, leaf, rng);
        }
        let manifest = self.expect_manifest()?;
        if envelope.kind == Kind::Ballot {
            let voting = self.expect_open(Kind::Ballot)?;
            let verdict = voting.verify(&[entry], rng).pop();
            return self.apply_verified(verdict.unwrap_or(Err(Refusal::NotABallot {
                kind: envelope.kind,
            }))?);
        }
        let election = self.election_id().ok_or(self.not_now(envelope.kind))?;
        if let Author::Witness(witness) = envelope.author {
            self.apply_witness_close(&manifest, election, witness, &envelope)?;
            return Ok(self.append(Kind::WitnessClose, leaf));
        }
        let key = authenticate(&manifest, election, &envelope)?;
        let body = envelope.body;
        match (envelope.kind, envelope.author) {
            (Kind::Void, _) => self.apply_void(&key, body)?,
            (Kind::Close, _) => self.apply_close(body, leaf)?,
            (Kind::Result, _) => self.apply_result(&manifest, body, leaf)?,
            (Kind::CertifyClose, Author::Trustee(trustee)) => {
                self.apply_certify_close(trustee, body)?
            }
            (Kind::Shares, Author::Trustee(trustee)) => {
                self.apply_shares(&manifest, trustee, body)?
            }
            (Kind::Preview, Author::Trustee(trustee)) => {
                self.apply_preview(&manifest, trustee, body)?
            }
            (Kind::Beacon, Author::Trustee(trustee)) => self.apply_beacon(trustee, body)?,
            (Kind::Seal, Author::Trustee(trustee)) => self.apply_seal(trustee, body)?,
            (kind, _) => return Err(self.not_now(kind)),
        }
        Ok(self.append(envelope.kind, leaf))
    }

    /// As [`Election::apply`], for those who read a board no further than to its opening, as a
    /// booth does: an entry that belongs behind it is refused whatever it holds, so that their
    /// program needs no part of what checks ballots, shares and results.
    ///
    /// # Errors
    /// [`Refusal`], naming what is wrong; [`Refusal::Phase`] for an entry of a later phase.
    pub fn apply_set_up(
        &mut self,
        entry: &[u8],
        rng: &mut impl TryCryptoRng,
    ) -> Result<Applied, Refusal> {
        let envelope = Envelope::decode(entry)?;
        if envelope.kind.is_scoped_to_election() {
            self.expect_manifest()?;
            return Err(self.not_now(envelope.kind));
        }
        self.apply_before_opening(&envelope, leaf_hash(entry), rng)
    }

    fn apply_before_opening(
        &mut self,
        envelope: &Envelope<'_>,
        leaf: Digest,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Applied, Refusal> {
        if envelope.kind == Kind::Manifest {
            self.apply_manifest(envelope)?;
            return Ok(self.append(Kind::Manifest, leaf));
        }
        let manifest = self.expect_manifest()?;
        authenticate(&manifest, manifest.id(), envelope)?;
        match (envelope.kind, envelope.author) {
            (Kind::Roll, _) => self.apply_roll(&manifest, envelope.body, leaf, rng)?,
            (Kind::Open, _) => self.apply_open(&manifest, envelope.body)?,
            (kind, Author::Trustee(trustee)) => {
                self.expect(kind, Phase::Setup)?;
                let ceremony = self.ceremony.as_mut().ok_or(Refusal::NoManifest)?;
                apply_ceremony(ceremony, kind, trustee, envelope.body, leaf)?;
            }
            (kind, _) => return Err(self.not_now(kind)),
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
        if self.close.is_some() {
            self.roots_since_close.push(self.log.root());
        }
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

    fn expect_manifest(&self) -> Result<Arc<ElectionManifest>, Refusal> {
        self.manifest.clone().ok_or(Refusal::NoManifest)
    }

    fn expect_open(&self, kind: Kind) -> Result<Arc<Voting>, Refusal> {
        self.expect(kind, Phase::Open)?;
        self.voting.clone().ok_or(self.not_now(kind))
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
}

/// Checks that an entry is of this manifest or election, and signed by its author; gives the key.
fn authenticate(
    manifest: &ElectionManifest,
    scope: Digest,
    envelope: &Envelope<'_>,
) -> Result<Element, Refusal> {
    if scope != envelope.scope {
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
        Author::Witness(witness) => return Err(Refusal::UnknownWitness { witness }),
    };
    envelope.verify(&key)?;
    Ok(key)
}

fn body_error(kind: Kind) -> impl Fn(EncodingError) -> Refusal + Copy {
    move |source| Refusal::Body { kind, source }
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
