//! What is fixed at the opening, and the verification of ballots against it.

use std::sync::Arc;

use rand_core::TryCryptoRng;

use crate::ballot::{BallotHead, ConfirmationCode, EncryptedBallot};
use crate::encoding::{EncodingError, Reader};
use crate::entry::{Author, Envelope, Kind};
use crate::group::Element;
use crate::key_ceremony::ElectionKeys;
use crate::manifest::ElectionManifest;
use crate::merkle::leaf_hash;
use crate::proofs::ballot::{
    Candidate, EncryptedVector, FixedPoints, StyleStatement, verify_batch,
};
use crate::proofs::batch::Weights;
use crate::signature::Purpose;
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
    envelope: Envelope<'a>,
    ballot: EncryptedBallot,
    statement: &'a StyleStatement,
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
        let n_bases = shapes.iter().map(Shape::n_coordinates).max().unwrap_or(0);
        let fixed = Arc::new(FixedPoints::new(n_bases, &keys.keys));
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

    fn decode<'a>(&'a self, entry: &'a [u8]) -> Result<DecodedBallot<'a>, Refusal> {
        let envelope = Envelope::decode(entry)?;
        let Author::Voter(credential) = envelope.author else {
            return Err(Refusal::NotABallot {
                kind: envelope.kind,
            });
        };
        if envelope.kind != Kind::Ballot {
            return Err(Refusal::NotABallot {
                kind: envelope.kind,
            });
        }
        if envelope.scope != self.election {
            return Err(Refusal::Scope {
                kind: envelope.kind,
            });
        }
        let body = |source| Refusal::Body {
            kind: Kind::Ballot,
            source,
        };
        let mut reader = Reader::new(envelope.body);
        let BallotHead { style, context } =
            BallotHead::decode(&mut reader, credential).map_err(body)?;
        let statement = self.style(style).ok_or(body(EncodingError::Truncated {
            what: "the list of styles",
        }))?;
        let vector = EncryptedVector::decode(statement.shape(), &mut reader).map_err(body)?;
        reader.finish().map_err(body)?;
        let ballot = EncryptedBallot {
            style,
            context,
            vector,
        };
        Ok(DecodedBallot {
            envelope,
            ballot,
            statement,
            leaf: leaf_hash(entry),
        })
    }

    /// Verifies signatures and proofs of ballot entries together; the verdicts are in order. A few
    /// hundred at a time are fastest.
    pub fn verify(
        &self,
        entries: &[&[u8]],
        rng: &mut impl TryCryptoRng,
    ) -> Vec<Result<VerifiedBallot, Refusal>> {
        let mut weights = match Weights::draw(rng) {
            Ok(weights) => weights,
            Err(error) => return entries.iter().map(|_| Err(error.into())).collect(),
        };
        let decoded: Vec<_> = entries.iter().map(|entry| self.decode(entry)).collect();
        let candidates: Vec<_> = decoded
            .iter()
            .map(|decoded| {
                let DecodedBallot {
                    envelope,
                    ballot,
                    statement,
                    ..
                } = decoded.as_ref().map_err(Clone::clone)?;
                let context = &ballot.context;
                let challenge = envelope.signature.challenge(
                    &context.credential,
                    Purpose::Entry,
                    envelope.unsigned,
                );
                let candidate = Candidate::new(statement, context, &ballot.vector)?;
                Ok(candidate.with_signature(&context.credential, &envelope.signature, challenge))
            })
            .collect();
        let (mut waiting, mut refused) = (Vec::new(), Vec::new());
        for candidate in candidates {
            match candidate {
                Ok(candidate) => {
                    waiting.push(candidate);
                    refused.push(None);
                }
                Err(refusal) => refused.push(Some::<Refusal>(refusal)),
            }
        }
        let mut verdicts = verify_batch(&waiting, &mut weights).into_iter();
        let verdict =
            |(decoded, refused): (Result<DecodedBallot<'_>, Refusal>, Option<Refusal>)| {
                if let Some(refusal) = refused {
                    return Err(refusal);
                }
                verdicts
                    .next()
                    .unwrap_or(Err(crate::proofs::ballot::BallotProofError::Equations))?;
                decoded.map(|decoded| self.verified(decoded))
            };
        decoded.into_iter().zip(refused).map(verdict).collect()
    }

    /// Takes a ballot entry as verified that this very program verified before and has kept since.
    ///
    /// # Errors
    /// [`Refusal`] if it is not a ballot of this election at all.
    pub fn trust_stored(&self, entry: &[u8]) -> Result<VerifiedBallot, Refusal> {
        self.decode(entry).map(|decoded| self.verified(decoded))
    }

    fn verified(&self, decoded: DecodedBallot<'_>) -> VerifiedBallot {
        let DecodedBallot {
            envelope,
            ballot:
                EncryptedBallot {
                    style,
                    context,
                    vector,
                },
            leaf,
            ..
        } = decoded;
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
