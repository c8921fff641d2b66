//! What is fixed at the opening, and the verification of ballots against it.

use std::collections::HashMap;
use std::sync::Arc;

use rand_core::TryCryptoRng;

use crate::ballot::{BallotHead, ConfirmationCode, EncryptedBallot};
use crate::encoding::{EncodingError, Reader};
use crate::entry::{Author, Envelope, Kind, Unsigned};
use crate::group::Element;
use crate::key_ceremony::ElectionKeys;
use crate::manifest::ElectionManifest;
use crate::merkle::leaf_hash;
use crate::proofs::ballot::{
    BallotProofError, Candidate, EncryptedVector, FixedPoints, StyleStatement, verify_batch,
};
use crate::proofs::batch::Weights;
use crate::signature::{Claim, Purpose, Signature, verify_claims};
use crate::style::Shape;
use crate::transcript::{Digest, Transcript};

use super::Refusal;

/// Everything that ballots depend on, fixed when the election opens and never changed. Shared
/// between threads that verify ballots.
pub struct Voting {
    manifest: Arc<ElectionManifest>,
    election: Digest,
    styles: Vec<StyleStatement>,
    keys: ElectionKeys,
    /// The style of every voter of the roll.
    roll: HashMap<[u8; 32], u16>,
}

impl std::fmt::Debug for Voting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Voting")
            .field("election", &self.election)
            .finish_non_exhaustive()
    }
}

/// A ballot whose signature and proof hold. Only [`Voting`] makes one.
#[derive(Clone, Debug)]
pub struct VerifiedBallot {
    pub(super) election: Digest,
    pub(super) leaf: Digest,
    pub(super) code: ConfirmationCode,
    pub(super) style: u16,
    pub(super) credential: Element,
    pub(super) counter: u32,
    pub(super) previous: [u8; 32],
    pub(super) alpha: Element,
    pub(super) beta: Vec<Element>,
}

impl VerifiedBallot {
    /// The confirmation code.
    pub fn code(&self) -> ConfirmationCode {
        self.code
    }

    /// The voter's credential.
    pub fn credential(&self) -> &Element {
        &self.credential
    }
}

/// A ballot entry, decoded strictly but not verified.
struct DecodedBallot<'a> {
    ballot: EncryptedBallot,
    statement: &'a StyleStatement,
}

/// A decoded ballot of a voter of the roll, with its signature.
struct SignedBallot<'a> {
    envelope: Envelope<'a>,
    signature: Signature,
    decoded: DecodedBallot<'a>,
    leaf: Digest,
}

impl Voting {
    pub(super) fn new(
        manifest: Arc<ElectionManifest>,
        keys: ElectionKeys,
        roll: &Digest,
        voters: u32,
        ceremony: &Digest,
        booth: &[u8; 32],
        styles_of_voters: HashMap<[u8; 32], u16>,
    ) -> Result<Self, Refusal> {
        let mut transcript = Transcript::new("election id");
        transcript.append("manifest", manifest.id().as_bytes());
        transcript.append("roll", roll.as_bytes());
        transcript.append_u32("voters", voters);
        transcript.append("ceremony", ceremony.as_bytes());
        transcript.append_elements("keys", keys.keys.iter());
        transcript.append("booth", booth);
        let election = transcript.digest("election");

        let shape = |style| {
            Shape::of_style(&manifest, style).map_err(|source| {
                crate::manifest::ManifestError::Shape {
                    style: style.id.clone(),
                    source,
                }
            })
        };
        let shapes = manifest
            .styles
            .iter()
            .map(shape)
            .collect::<Result<Vec<_>, _>>()?;
        if manifest.has_numbers() && !cfg!(feature = "ranges") {
            return Err(Refusal::NoRangeProofs);
        }
        let fixed = Arc::new(FixedPoints::new(&shapes, &keys.keys));
        let statement = |((index, style), shape)| {
            let positions = manifest.positions_of(style);
            let style_keys = positions
                .iter()
                .filter_map(|position| keys.keys.get(*position).copied())
                .collect();
            StyleStatement::new(
                &election,
                index,
                shape,
                positions,
                style_keys,
                Arc::clone(&fixed),
            )
        };
        let styles = (0u16..)
            .zip(&manifest.styles)
            .zip(shapes)
            .map(statement)
            .collect();
        Ok(Self {
            manifest,
            election,
            styles,
            keys,
            roll: styles_of_voters,
        })
    }

    /// The manifest.
    pub fn manifest(&self) -> &ElectionManifest {
        &self.manifest
    }

    /// The election id.
    pub fn election_id(&self) -> &Digest {
        &self.election
    }

    /// Election keys and verification keys.
    pub fn keys(&self) -> &ElectionKeys {
        &self.keys
    }

    /// The statement that ballots of a style prove.
    pub fn style(&self, style: u16) -> Option<&StyleStatement> {
        self.styles.get(usize::from(style))
    }

    /// Whether a credential is on the roll: no signature of any other needs to be checked.
    pub fn is_on_roll(&self, credential: &Element) -> bool {
        self.roll.contains_key(credential.as_bytes())
    }

    /// Decodes the unsigned bytes of a ballot of this election.
    fn decode_unsigned<'a>(
        &'a self,
        unsigned: &Unsigned<'_>,
    ) -> Result<DecodedBallot<'a>, Refusal> {
        let kind = unsigned.kind;
        let (Author::Voter(credential), Kind::Ballot) = (unsigned.author, kind) else {
            return Err(Refusal::NotABallot { kind });
        };
        if unsigned.scope != self.election {
            return Err(Refusal::Scope { kind });
        }
        let body = |source| Refusal::Body { kind, source };
        let mut reader = Reader::new(unsigned.body);
        let BallotHead { style, context } =
            BallotHead::decode(&mut reader, credential).map_err(body)?;
        let unknown = EncodingError::Truncated {
            what: "the list of styles",
        };
        let statement = self.style(style).ok_or(body(unknown))?;
        // What costs nothing is checked before what costs much.
        let expected = *self
            .roll
            .get(credential.as_bytes())
            .ok_or(Refusal::UnknownCredential)?;
        if expected != style {
            return Err(Refusal::Style {
                expected,
                found: style,
            });
        }
        let vector = EncryptedVector::decode(statement.shape(), &mut reader).map_err(body)?;
        reader.finish().map_err(body)?;
        Ok(DecodedBallot {
            ballot: EncryptedBallot {
                style,
                context,
                vector,
            },
            statement,
        })
    }

    fn decode<'a>(&'a self, entry: &'a [u8]) -> Result<SignedBallot<'a>, Refusal> {
        let envelope = Envelope::decode(entry)?;
        let Envelope {
            kind,
            scope,
            author,
            body,
            ..
        } = envelope;
        let decoded = self.decode_unsigned(&Unsigned {
            kind,
            scope,
            author,
            body,
        })?;
        Ok(SignedBallot {
            envelope,
            signature: envelope.author_signature()?,
            decoded,
            leaf: leaf_hash(entry),
        })
    }

    /// Verifies signatures and proofs of ballot entries together; the verdicts are in order. A few
    /// hundred at a time are fastest.
    ///
    /// Signatures are verified first, in a batch of their own: only who is on the roll can make
    /// the expensive proofs fail, and is known then.
    pub fn verify(
        &self,
        entries: &[&[u8]],
        rng: &mut impl TryCryptoRng,
    ) -> Vec<Result<VerifiedBallot, Refusal>> {
        let mut weights = match Weights::draw(rng) {
            Ok(weights) => weights,
            Err(error) => return entries.iter().map(|_| Err(error.into())).collect(),
        };
        let mut verdicts: Vec<Result<SignedBallot<'_>, Refusal>> =
            entries.iter().map(|entry| self.decode(entry)).collect();
        let claims: Vec<_> = verdicts
            .iter()
            .flatten()
            .map(
                |SignedBallot {
                     envelope,
                     signature,
                     decoded,
                     ..
                 }| Claim {
                    key: &decoded.ballot.context.credential,
                    signature,
                    challenge: signature.challenge(
                        &decoded.ballot.context.credential,
                        Purpose::Entry,
                        envelope.unsigned,
                    ),
                },
            )
            .collect();
        let signatures = verify_claims(&claims, &mut weights);
        refuse(
            &mut verdicts,
            signatures
                .into_iter()
                .map(|verdict| verdict.map_err(Refusal::from)),
        );

        let candidates: Vec<_> = verdicts
            .iter()
            .flatten()
            .map(|ballot| ballot.decoded.candidate())
            .collect();
        let ready: Vec<_> = candidates.iter().flatten().collect();
        let mut proofs = verify_batch(&ready, &mut weights).into_iter();
        let proofs: Vec<Result<(), Refusal>> = candidates
            .iter()
            .map(|candidate| match candidate {
                Ok(_) => proofs
                    .next()
                    .unwrap_or(Err(BallotProofError::Equations))
                    .map_err(Refusal::from),
                Err(error) => Err(Refusal::from(*error)),
            })
            .collect();
        drop(candidates);
        refuse(&mut verdicts, proofs);
        verdicts
            .into_iter()
            .map(|verdict| verdict.map(|ballot| self.verified(ballot)))
            .collect()
    }

    /// Takes a ballot entry as verified that this very program verified before and has kept since.
    ///
    /// # Errors
    /// [`Refusal`] if it is not a ballot of this election at all.
    pub fn trust_stored(&self, entry: &[u8]) -> Result<VerifiedBallot, Refusal> {
        self.decode(entry).map(|ballot| self.verified(ballot))
    }

    /// Checks everything about a sealed ballot but its signature: that it could be cast.
    ///
    /// # Errors
    /// [`Refusal`], naming what is wrong.
    pub fn verify_unsigned(
        &self,
        unsigned: &[u8],
        rng: &mut impl TryCryptoRng,
    ) -> Result<EncryptedBallot, Refusal> {
        let decoded = self.decode_unsigned(&Unsigned::decode(unsigned)?)?;
        let mut weights = Weights::draw(rng)?;
        verify_batch(&[&decoded.candidate()?], &mut weights)
            .into_iter()
            .collect::<Result<(), _>>()?;
        Ok(decoded.ballot)
    }

    fn verified(&self, ballot: SignedBallot<'_>) -> VerifiedBallot {
        let SignedBallot {
            envelope,
            decoded,
            leaf,
            ..
        } = ballot;
        let EncryptedBallot {
            style,
            context,
            vector,
        } = decoded.ballot;
        VerifiedBallot {
            election: self.election,
            leaf,
            code: ConfirmationCode::of(envelope.unsigned),
            style,
            credential: context.credential,
            counter: context.counter,
            previous: context.previous,
            alpha: vector.alpha,
            beta: vector.beta,
        }
    }
}

impl DecodedBallot<'_> {
    fn candidate(&self) -> Result<Candidate<'_>, BallotProofError> {
        Candidate::new(self.statement, &self.ballot.context, &self.ballot.vector)
    }
}

/// Turns those still standing that a check refuses, in order, into refusals.
fn refuse<T>(
    verdicts: &mut [Result<T, Refusal>],
    checks: impl IntoIterator<Item = Result<(), Refusal>>,
) {
    let standing = verdicts.iter_mut().filter(|verdict| verdict.is_ok());
    for (verdict, check) in standing.zip(checks) {
        if let Err(refusal) = check {
            *verdict = Err(refusal);
        }
    }
}
