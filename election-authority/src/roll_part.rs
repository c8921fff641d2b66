//! The public parts that issuers hand in, and the roll that they make together.
//!
//! Spec: docs/spec/credentials.md, "Roll". A part file lists, in the issuers' secret order, each
//! voter's style, weight, key and proof of possession; nothing about who the voters are.

use std::collections::HashMap;
use std::path::PathBuf;

use protocol::credential::{PossessionError, PublicPart, RollVoter, verify_possession};
use protocol::encoding::{EncodingError, Reader, decode_hex, encode_hex};
use protocol::entry::VERSION;
use protocol::manifest::ElectionManifest;
use protocol::proofs::batch::Weights;
use protocol::signature::Signature;
use protocol::transcript::RandomnessError;
use rand_core::TryCryptoRng;
use serde::{Deserialize, Serialize};

const KIND: &str = "roll part";

/// One issuer's public part of the roll, as its file holds it (JSON).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedPart {
    /// Version of the protocol, 1.
    pub psephos: u8,
    /// Always `roll part`.
    pub kind: String,
    /// The election, 32 hexadecimal digits.
    pub uuid: String,
    /// Number of the issuer, from 1.
    pub issuer: u16,
    /// Digest of the voters' ranks in order, 64 hexadecimal digits: equal for two issuers only if
    /// they have the same voters and the same order key. It says nothing without the order key.
    pub order: String,
    /// The voters.
    pub voters: Vec<IssuedVoter>,
}

/// A voter of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedVoter {
    /// Id of the style; empty for the only one.
    pub style: String,
    /// Weight.
    pub weight: u32,
    /// X_k, 64 hexadecimal digits.
    pub key: String,
    /// Proof of possession, 128 hexadecimal digits.
    pub possession: String,
}

/// Why parts do not make a roll.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PartError {
    /// Not a part file.
    #[error("{} is not the public part of an issuer: {reason}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another election.
    #[error("the part of issuer {issuer} is for the election {found}, not {expected}")]
    OtherElection {
        /// Which issuer.
        issuer: u16,
        /// Its election.
        found: String,
        /// This one.
        expected: String,
    },
    /// Not exactly one part of each issuer.
    #[error(
        "the manifest names {expected} issuers; parts of the issuers {found:?} are here, and exactly one of each is needed"
    )]
    Issuers {
        /// How many there must be.
        expected: usize,
        /// Whose parts are here.
        found: Vec<u16>,
    },
    /// Lists of different lengths.
    #[error(
        "issuer {issuer} lists {found} voters and issuer {first} lists {expected}; both must use the same voter list"
    )]
    Length {
        /// Which issuer.
        issuer: u16,
        /// How many it lists.
        found: usize,
        /// The issuer compared with.
        first: u16,
        /// How many that lists.
        expected: usize,
    },
    /// The same voter with another style or weight.
    #[error(
        "issuers {first} and {issuer} disagree about the {what} of voter {voter} of the roll; both must use the same voter list"
    )]
    Disagreement {
        /// Which issuer.
        issuer: u16,
        /// The issuer compared with.
        first: u16,
        /// Style or weight.
        what: &'static str,
        /// Number of the voter, from 1.
        voter: usize,
    },
    /// Another order.
    #[error(
        "issuers {first} and {issuer} used different voter lists or different order keys; both must use the same files"
    )]
    Order {
        /// Which issuer.
        issuer: u16,
        /// The issuer compared with.
        first: u16,
    },
    /// A style that the manifest does not have.
    #[error(
        "voter {voter} of the roll has the ballot style {found:?}, which the manifest does not have"
    )]
    Style {
        /// Number of the voter, from 1.
        voter: usize,
        /// The style.
        found: String,
    },
    /// A line that is not a part.
    #[error("issuer {issuer}, voter {voter}: {reason}; the issuer must issue again")]
    Voter {
        /// Which issuer.
        issuer: u16,
        /// Number of the voter, from 1.
        voter: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// A proof of possession fails.
    #[error(transparent)]
    Possession(#[from] PossessionError),
    /// A credential, or an issuer's part, twice.
    #[error(
        "voters {first} and {second} of the roll share a credential or a part of it; issue again"
    )]
    Repeated {
        /// Number of the one, from 1.
        first: usize,
        /// Number of the other.
        second: usize,
    },
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl IssuedVoter {
    /// A line of a part file.
    pub fn new(style: &str, weight: u32, part: &PublicPart) -> Self {
        let mut possession = Vec::with_capacity(Signature::LENGTH);
        part.possession.encode(&mut possession);
        Self {
            style: style.to_owned(),
            weight,
            key: encode_hex(part.key.as_bytes()),
            possession: encode_hex(&possession),
        }
    }

    fn public_part(&self) -> Result<PublicPart, &'static str> {
        let not_element = |_: EncodingError| "the key is not the encoding of an element";
        let key: [u8; 32] = decode_hex(&self.key).ok_or("the key has not 64 hexadecimal digits")?;
        let key = Reader::new(&key).element("the key").map_err(not_element)?;
        let possession: [u8; 64] =
            decode_hex(&self.possession).ok_or("the proof has not 128 hexadecimal digits")?;
        let possession = Signature::decode(&mut Reader::new(&possession))
            .map_err(|_| "the proof is not the encoding of a signature")?;
        Ok(PublicPart { key, possession })
    }
}

impl IssuedPart {
    /// The part of issuer `issuer` (from 1), of voters in the secret order.
    pub fn new(uuid: &[u8; 16], issuer: u16, order: String, voters: Vec<IssuedVoter>) -> Self {
        Self {
            psephos: VERSION,
            kind: KIND.to_owned(),
            uuid: encode_hex(uuid),
            issuer,
            order,
            voters,
        }
    }

    /// Reads a part file.
    ///
    /// # Errors
    /// [`PartError::Format`] naming the file.
    pub fn parse(path: &std::path::Path, bytes: &[u8]) -> Result<Self, PartError> {
        let format = |reason: String| PartError::Format {
            path: path.to_owned(),
            reason,
        };
        let part: Self =
            serde_json::from_slice(bytes).map_err(|error| format(error.to_string()))?;
        if part.psephos != VERSION || part.kind != KIND {
            return Err(format("it says that it is something else".to_owned()));
        }
        Ok(part)
    }

    /// The file's bytes.
    ///
    /// # Errors
    /// [`serde_json::Error`] if there is no memory for them.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// Puts one part of each issuer together: voter by voter, in the order that they share.
///
/// # Errors
/// [`PartError`], naming the issuer and the voter where the parts do not fit.
pub fn combine_parts(
    manifest: &ElectionManifest,
    mut parts: Vec<IssuedPart>,
    rng: &mut impl TryCryptoRng,
) -> Result<Vec<RollVoter>, PartError> {
    parts.sort_by_key(|part| part.issuer);
    let found: Vec<u16> = parts.iter().map(|part| part.issuer).collect();
    let expected = manifest.issuers.len();
    if !found.iter().copied().eq((1..).take(expected)) {
        return Err(PartError::Issuers { expected, found });
    }
    let uuid = manifest.uuid_text();
    if let Some(part) = parts.iter().find(|part| part.uuid != uuid) {
        return Err(PartError::OtherElection {
            issuer: part.issuer,
            found: part.uuid.clone(),
            expected: uuid,
        });
    }
    let Some((first, others)) = parts.split_first() else {
        return Err(PartError::Issuers { expected, found });
    };
    others.iter().try_for_each(|part| compare(first, part))?;
    let mut roll = Vec::with_capacity(first.voters.len());
    for (index, voter) in first.voters.iter().enumerate() {
        let lines = parts
            .iter()
            .map(|part| (part.issuer, part.voters.get(index)));
        let public = lines.map(|(issuer, line)| {
            let line = line.ok_or("the line is missing");
            line.and_then(IssuedVoter::public_part)
                .map_err(|reason| PartError::Voter {
                    issuer,
                    voter: index + 1,
                    reason,
                })
        });
        if voter.weight == 0 {
            return Err(PartError::Voter {
                issuer: first.issuer,
                voter: index + 1,
                reason: "the weight is 0",
            });
        }
        roll.push(RollVoter {
            style: style_index(manifest, voter, index)?,
            weight: voter.weight,
            parts: public.collect::<Result<_, _>>()?,
        });
    }
    verify_possession(&manifest.uuid, &roll, &mut Weights::draw(rng)?)?;
    check_distinct(&roll)?;
    Ok(roll)
}

/// No part serves two voters, and no two voters have one credential.
fn check_distinct(roll: &[RollVoter]) -> Result<(), PartError> {
    let mut seen = HashMap::new();
    for (second, voter) in (1..).zip(roll) {
        let credential = voter.credential().ok_or(PartError::Voter {
            issuer: 1,
            voter: second,
            reason: "the parts of all issuers cancel out",
        })?;
        let parts = (1u16..).zip(voter.parts.iter().map(|part| part.key));
        for (issuer, key) in parts.chain([(0, credential)]) {
            if let Some(first) = seen.insert((issuer, *key.as_bytes()), second) {
                return Err(PartError::Repeated { first, second });
            }
        }
    }
    Ok(())
}

fn compare(first: &IssuedPart, part: &IssuedPart) -> Result<(), PartError> {
    let (issuer, expected) = (part.issuer, first.voters.len());
    if part.voters.len() != expected {
        return Err(PartError::Length {
            issuer,
            found: part.voters.len(),
            first: first.issuer,
            expected,
        });
    }
    for (voter, (a, b)) in (1..).zip(first.voters.iter().zip(&part.voters)) {
        let what = match (a.style == b.style, a.weight == b.weight) {
            (true, true) => continue,
            (false, _) => "style",
            (true, false) => "weight",
        };
        return Err(PartError::Disagreement {
            issuer,
            first: first.issuer,
            what,
            voter,
        });
    }
    if part.order != first.order {
        return Err(PartError::Order {
            issuer,
            first: first.issuer,
        });
    }
    Ok(())
}

fn style_index(
    manifest: &ElectionManifest,
    voter: &IssuedVoter,
    index: usize,
) -> Result<u16, PartError> {
    let styles = &manifest.styles;
    let found = match (voter.style.as_str(), styles.len()) {
        ("", 1) => Some(0),
        (id, _) => styles.iter().position(|style| style.id == id),
    };
    found
        .and_then(|style| u16::try_from(style).ok())
        .ok_or_else(|| PartError::Style {
            voter: index + 1,
            found: voter.style.clone(),
        })
}
