//! What can be said of an entry by itself, before its place on the board is known. Entries are
//! prepared on all processors and then folded one after the other.

use crate::{
    batch::{Bases, Randomness, SignatureClaim, find_false},
    encoding::EncodingError,
    entry::{
        Author, ENTRY_PREFIX, Entry, EntryError, Kind,
        body::{Body, JointParts, RollBody},
    },
    group::{Element, identity},
    log::{Hash, leaf_hash},
    manifest::Manifest,
    proofs::signature::{Signature, SignatureError},
    transcript::Digest,
};

/// The prefix of what a part of a credential signs.
const PART_PREFIX: &[u8] = b"psephos v1 credential part\0";

/// An entry with all that was found in it.
#[derive(Debug)]
pub struct Prepared<'a> {
    /// Its index on the board.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Hash,
    /// The entry, if it decodes.
    pub decoded: Result<Decoded<'a>, EntryError>,
}

/// A decoded entry.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The entry.
    pub entry: Entry<'a>,
    /// Whether its author signed it. Voters' signatures are checked later, in batches, and
    /// those of witnesses with the log that they are of.
    pub signature: Option<Result<(), SignatureError>>,
    /// Why the signature of shares or a preview does not decode. It comes after the faults of their body,
    /// whose length only the fold knows.
    pub late: Option<EncodingError>,
    /// The confirmation code of a ballot.
    pub code: Option<Digest>,
    /// What was found in a part of the roll.
    pub roll: RollFindings,
    /// The joint elements in it.
    pub joint: JointParts,
}

/// What was found in a part of the roll.
#[derive(Debug, Default)]
pub struct RollFindings {
    /// The credential X of each voter; none where it is the identity.
    pub credentials: Vec<Option<[u8; 32]>>,
    /// Voters and issuers, both from 0, whose proof of possession does not hold.
    pub false_possessions: Vec<(usize, usize)>,
}

/// What entries are prepared with.
#[derive(Debug)]
pub struct Preparation<'m> {
    /// The manifest.
    pub manifest: &'m Manifest,
    /// The generators.
    pub bases: Bases,
    /// The weights of batches.
    pub randomness: &'m Randomness,
}

impl Preparation<'_> {
    /// Hashes and decodes an entry and checks what it says by itself.
    #[must_use]
    pub fn prepare<'a>(&self, index: u64, bytes: &'a [u8]) -> Prepared<'a> {
        Prepared {
            index,
            leaf: leaf_hash(bytes),
            decoded: Entry::decode(bytes, self.manifest).and_then(|entry| self.look_into(entry)),
        }
    }

    fn look_into<'a>(&self, entry: Entry<'a>) -> Result<Decoded<'a>, EntryError> {
        // Before the signature, which comes after them.
        let joint = entry.body.joint().map_err(EncodingError::from)?;
        let mut late = None;
        let signature = match self.key(entry.author) {
            Some(key) => match Signature::decode(entry.signature) {
                Ok(signature) => Some(signature.verify(key, ENTRY_PREFIX, entry.unsigned)),
                Err(error) if matches!(entry.kind, Kind::Shares | Kind::Preview) => {
                    late = Some(error);
                    None
                }
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let roll = match &entry.body {
            Body::Roll(roll) => self.look_into_roll(roll),
            _ => RollFindings::default(),
        };
        Ok(Decoded {
            signature,
            late,
            code: (entry.kind == Kind::Ballot).then(|| entry.confirmation_code()),
            roll,
            joint,
            entry,
        })
    }

    /// The author's key, unless the author is a voter or a witness.
    fn key(&self, author: Author<'_>) -> Option<&Element> {
        match author {
            Author::Organiser => Some(&self.manifest.organiser.key),
            Author::Trustee(index) => self.manifest.trustee(index).map(|trustee| &trustee.key),
            Author::Voter(_) | Author::Witness(_) => None,
        }
    }

    fn look_into_roll(&self, roll: &RollBody) -> RollFindings {
        let n_issuers = self.manifest.issuers.len();
        let mut claims = Vec::with_capacity(roll.voters.len() * n_issuers);
        for voter in &roll.voters {
            for (issuer, (part, signature)) in voter.parts.iter().enumerate() {
                let mut message = self.manifest.uuid.to_vec();
                message.extend((issuer as u16).to_be_bytes());
                claims.push(SignatureClaim::new(
                    signature,
                    *part.point(),
                    part.encoding(),
                    PART_PREFIX,
                    &message,
                ));
            }
        }
        let credentials = roll
            .voters
            .iter()
            .map(|voter| match voter.parts.as_slice() {
                [(part, _)] => Some(*part.encoding()),
                parts => {
                    let sum = parts
                        .iter()
                        .fold(identity(), |sum, (part, _)| sum + part.point());
                    Element::from_point(sum).ok().map(|sum| *sum.encoding())
                }
            });
        RollFindings {
            credentials: credentials.collect(),
            false_possessions: find_false(&claims, &self.bases, self.randomness)
                .into_iter()
                .map(|claim| (claim.index / n_issuers, claim.index % n_issuers))
                .collect(),
        }
    }
}
