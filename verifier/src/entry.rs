//! Entries of the board: their envelope and the bodies of all kinds (docs/spec/encoding.md).

pub mod ballot;
pub mod body;

use crate::{
    encoding::{EncodingError, Reader},
    group::Element,
    manifest::Manifest,
    proofs::signature::Signature,
    transcript::{Digest, Transcript},
};
use body::Body;
use thiserror::Error;

/// The prefix of what the author of an entry signs.
pub const ENTRY_PREFIX: &[u8] = b"psephos v1 entry\0";

/// How many bytes a signature has.
const SIGNATURE: usize = 64;

/// Bytes that are not an entry of this election.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EntryError {
    /// A part does not decode.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// The version is not 3.
    #[error("the version is {found}, not 3")]
    Version {
        /// What the entry says.
        found: u8,
    },
    /// There is no such kind.
    #[error("there is no kind {found}")]
    Kind {
        /// What the entry says.
        found: u8,
    },
    /// The manifest has no such trustee.
    #[error("there is no trustee {found}")]
    Trustee {
        /// What the entry says.
        found: u16,
    },
    /// The manifest has no such witness.
    #[error("there is no witness {found}")]
    Witness {
        /// What the entry says.
        found: u16,
    },
    /// The manifest has no such style, so the ballot has no length.
    #[error("there is no style {found}")]
    Style {
        /// What the entry says.
        found: u16,
    },
    /// A field that allows few values has another.
    #[error("{field} is {found}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What the entry says.
        found: u64,
    },
}

/// The kinds of entries, with their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// The manifest.
    Manifest = 1,
    /// A part of the roll.
    Roll,
    /// A trustee accepts the manifest.
    Register,
    /// A trustee commits to its part of the keys.
    Commit,
    /// A trustee reveals what it committed to.
    Reveal,
    /// A trustee deals sealed shares.
    Deal,
    /// A trustee complains about a dealer.
    Complain,
    /// A trustee gives an attempt up.
    Abandon,
    /// A trustee certifies the ceremony.
    Certify,
    /// The organiser opens the election.
    Open,
    /// A ballot.
    Ballot,
    /// A sealed ballot that is challenged, not cast.
    Void,
    /// The organiser closes the election.
    Close,
    /// A trustee certifies the close.
    CertifyClose,
    /// A trustee's decryption shares.
    Shares,
    /// The result.
    Result,
    /// A witness certifies the close.
    WitnessClose,
    /// A trustee's share of the beacon.
    Beacon,
    /// A trustee's share of the seal.
    Seal,
    /// A trustee's shares of all cells, sealed for the trustees.
    Preview,
}

impl Kind {
    /// All kinds, in order of their numbers.
    pub const ALL: [Self; 20] = [
        Self::Manifest,
        Self::Roll,
        Self::Register,
        Self::Commit,
        Self::Reveal,
        Self::Deal,
        Self::Complain,
        Self::Abandon,
        Self::Certify,
        Self::Open,
        Self::Ballot,
        Self::Void,
        Self::Close,
        Self::CertifyClose,
        Self::Shares,
        Self::Result,
        Self::WitnessClose,
        Self::Beacon,
        Self::Seal,
        Self::Preview,
    ];

    /// The name of the kind in the specification.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Roll => "roll",
            Self::Register => "register",
            Self::Commit => "commit",
            Self::Reveal => "reveal",
            Self::Deal => "deal",
            Self::Complain => "complain",
            Self::Abandon => "abandon",
            Self::Certify => "certify",
            Self::Open => "open",
            Self::Ballot => "ballot",
            Self::Void => "void",
            Self::Close => "close",
            Self::CertifyClose => "certify-close",
            Self::Shares => "shares",
            Self::Result => "result",
            Self::WitnessClose => "witness-close",
            Self::Beacon => "beacon",
            Self::Seal => "seal",
            Self::Preview => "preview",
        }
    }

    fn of(number: u8) -> Result<Self, EntryError> {
        Self::ALL
            .into_iter()
            .find(|kind| *kind as u8 == number)
            .ok_or(EntryError::Kind { found: number })
    }

    /// Whether the scope is the election id; before the opening it is the manifest id.
    #[must_use]
    pub fn is_of_election(self) -> bool {
        self >= Self::Ballot
    }
}

/// Who signs an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author<'a> {
    /// The organiser of the manifest.
    Organiser,
    /// A trustee of the manifest, counted from 1.
    Trustee(u16),
    /// A credential, which is the key.
    Voter(&'a [u8; 32]),
    /// A witness of the manifest, counted from 1.
    Witness(u16),
}

/// A decoded entry; its signature and its meaning are not yet checked.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The kind.
    pub kind: Kind,
    /// What the entry belongs to.
    pub scope: &'a [u8; 32],
    /// Who signs.
    pub author: Author<'a>,
    /// What it says.
    pub body: Body<'a>,
    /// What is signed.
    pub unsigned: &'a [u8],
    /// The signature: R ‖ z.
    pub signature: &'a [u8; SIGNATURE],
}

impl<'a> Entry<'a> {
    /// Decodes an entry exactly. Lengths follow from the manifest before any arithmetic.
    ///
    /// The points of ballots and voids and the proof of ballots are left as bytes:
    /// the batch that checks them decodes them, once. So are joint elements ([`Body::joint`]).
    ///
    /// # Errors
    /// [`EntryError`].
    pub fn decode(bytes: &'a [u8], manifest: &Manifest) -> Result<Self, EntryError> {
        let (unsigned, signature) = bytes
            .split_last_chunk::<SIGNATURE>()
            .ok_or(EncodingError::Short)?;
        let mut reader = Reader::new(unsigned);
        let (kind, scope) = head(&mut reader)?;
        let author = match kind {
            Kind::Manifest | Kind::Roll | Kind::Open | Kind::Close | Kind::Result => {
                Author::Organiser
            }
            Kind::Ballot | Kind::Void => Author::Voter(reader.array()?),
            Kind::WitnessClose => {
                let index = reader.u16()?;
                if manifest.witness(index).is_none() {
                    return Err(EntryError::Witness { found: index });
                }
                Author::Witness(index)
            }
            _ => {
                let index = reader.u16()?;
                if manifest.trustee(index).is_none() {
                    return Err(EntryError::Trustee { found: index });
                }
                Author::Trustee(index)
            }
        };
        let body = Body::decode(kind, &mut reader, manifest)?;
        reader.finish()?;
        Ok(Self {
            kind,
            scope,
            author,
            body,
            unsigned,
            signature,
        })
    }

    /// The number of the trustee who signs, if one does.
    #[must_use]
    pub fn trustee(&self) -> Option<u16> {
        match self.author {
            Author::Trustee(index) => Some(index),
            _ => None,
        }
    }

    /// Whether the author signed it, by one check of its own: for few entries, not for a record.
    /// Of a witness-close this cannot be said from the entry alone
    /// ([`crate::cosignature::certifies`]).
    #[must_use]
    pub fn is_signed(&self, manifest: &Manifest) -> bool {
        let key = match self.author {
            Author::Organiser => Some(manifest.organiser.key),
            Author::Trustee(index) => manifest.trustee(index).map(|trustee| trustee.key),
            Author::Voter(credential) => Element::decode(credential).ok(),
            Author::Witness(_) => None,
        };
        let signature = Signature::decode(self.signature).ok();
        key.zip(signature).is_some_and(|(key, signature)| {
            let verified = signature.verify(&key, ENTRY_PREFIX, self.unsigned);
            verified.is_ok()
        })
    }

    /// The confirmation code, if this entry is a ballot (docs/spec/ballot.md).
    #[must_use]
    pub fn confirmation_code(&self) -> Digest {
        let mut transcript = Transcript::new("confirmation code");
        transcript.append("entry", self.unsigned);
        transcript.digest("code")
    }
}

/// The manifest's bytes in the first entry, which nothing else is needed to find.
///
/// # Errors
/// [`EntryError`] if the entry is not a manifest.
pub fn manifest_bytes(entry: &[u8]) -> Result<&[u8], EntryError> {
    let (unsigned, _) = entry
        .split_last_chunk::<SIGNATURE>()
        .ok_or(EncodingError::Short)?;
    let mut reader = Reader::new(unsigned);
    match head(&mut reader)? {
        (Kind::Manifest, _) => Ok(reader.take(reader.remaining())?),
        (kind, _) => Err(EntryError::Kind { found: kind as u8 }),
    }
}

fn head<'a>(reader: &mut Reader<'a>) -> Result<(Kind, &'a [u8; 32]), EntryError> {
    match reader.u8()? {
        3 => Ok((Kind::of(reader.u8()?)?, reader.array()?)),
        found => Err(EntryError::Version { found }),
    }
}
