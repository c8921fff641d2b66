//! Entries: the signed messages that a board consists of.
//!
//! Spec: docs/spec/encoding.md, "Entry".

use rand_core::TryCryptoRng;

use crate::encoding::{EncodingError, Reader};
use crate::group::Element;
use crate::signature::{Purpose, Signature, SignatureError, SigningKey, verify};
use crate::transcript::{Digest, RandomnessError};

/// Most bytes of an entry: what an entry bundle's length prefix can say.
pub const MAX_ENTRY_LENGTH: usize = 65_535;

/// The version of the protocol: of every entry, manifest and receipt.
pub const VERSION: u8 = 3;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// The organiser's manifest; the first entry.
    Manifest = 1,
    /// A part of the roll.
    Roll = 2,
    /// A trustee accepts the manifest.
    Register = 3,
    /// Key ceremony, first round.
    Commit = 4,
    /// Key ceremony, second round.
    Reveal = 5,
    /// Key ceremony, third round.
    Deal = 6,
    /// A trustee shows that shares dealt to it are wrong.
    Complain = 7,
    /// A trustee gives up an attempt at the ceremony.
    Abandon = 8,
    /// Key ceremony, last round.
    Certify = 9,
    /// The organiser opens the election.
    Open = 10,
    /// A voter's ballot.
    Ballot = 11,
    /// A voter's challenged ballot, never to be cast.
    Void = 12,
    /// The organiser closes the election.
    Close = 13,
    /// A trustee certifies the close.
    CertifyClose = 14,
    /// A trustee's decryption shares.
    Shares = 15,
    /// The organiser publishes the result.
    Result = 16,
    /// A witness's cosignature of the log at or after the close.
    WitnessClose = 17,
    /// A trustee's share of the public randomness after the close.
    Beacon = 18,
    /// A trustee's share of the signature on the board up to the result.
    Seal = 19,
    /// A trustee's shares of all guarded counts, sealed for the trustees.
    Preview = 20,
}

impl Kind {
    const ALL: [Self; 20] = [
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

    /// The name used in the specification.
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

    /// Whether the scope is the election id; otherwise it is the manifest id.
    pub fn is_scoped_to_election(self) -> bool {
        self as u8 > Self::Open as u8
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Who signed an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The organiser of the manifest.
    Organiser,
    /// The trustee of this index, from 1.
    Trustee(u16),
    /// The voter of this credential.
    Voter(Element),
    /// The witness of this index, from 1.
    Witness(u16),
}

/// What stands at the end of an entry.
#[derive(Clone, Copy, Debug)]
pub enum EntrySignature {
    /// The author's signature over all that stands before it.
    Author(Signature),
    /// A witness's Ed25519 cosignature of a checkpoint, not decoded.
    Cosignature([u8; Signature::LENGTH]),
}

/// Why bytes are not an entry.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum EntryError {
    /// Longer than an entry may be.
    #[error("the entry has {length} bytes, more than {MAX_ENTRY_LENGTH}")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// Another version.
    #[error("the entry is of protocol version {found}; this program knows only version {VERSION}")]
    Version {
        /// The version found.
        found: u8,
    },
    /// An unknown kind.
    #[error("the entry is of the unknown kind {found}")]
    Kind {
        /// The kind found.
        found: u8,
    },
    /// Malformed.
    #[error("the entry is malformed: {0}")]
    Encoding(#[from] EncodingError),
}

/// An entry taken apart; the body is not decoded yet.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// What it is.
    pub kind: Kind,
    /// Manifest id or election id.
    pub scope: Digest,
    /// Who signed it.
    pub author: Author,
    /// What it says.
    pub body: &'a [u8],
    /// Everything that is signed.
    pub unsigned: &'a [u8],
    /// The author's signature, or a witness's.
    pub signature: EntrySignature,
}

/// The signed part of an entry, taken apart.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'a> {
    /// What it is.
    pub kind: Kind,
    /// Manifest id or election id.
    pub scope: Digest,
    /// Who is to sign it.
    pub author: Author,
    /// What it says.
    pub body: &'a [u8],
}

impl<'a> Unsigned<'a> {
    /// Takes the unsigned bytes of an entry apart strictly; the body is not decoded.
    ///
    /// # Errors
    /// [`EntryError`], naming what is wrong.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EntryError> {
        let mut reader = Reader::new(bytes);
        let found = reader.u8("the version")?;
        if found != VERSION {
            return Err(EntryError::Version { found });
        }
        let found = reader.u8("the kind")?;
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| *kind as u8 == found)
            .ok_or(EntryError::Kind { found })?;
        let scope = Digest(reader.array("the scope")?);
        let author = match kind {
            Kind::Manifest | Kind::Roll | Kind::Open | Kind::Close | Kind::Result => {
                Author::Organiser
            }
            Kind::Ballot | Kind::Void => Author::Voter(reader.element("the credential")?),
            Kind::WitnessClose => Author::Witness(reader.u16("the witness's number")?),
            _ => Author::Trustee(reader.u16("the trustee's number")?),
        };
        Ok(Self {
            kind,
            scope,
            author,
            body: reader.rest(),
        })
    }
}

impl<'a> Envelope<'a> {
    /// Takes an entry apart strictly.
    ///
    /// # Errors
    /// [`EntryError`], naming what is wrong.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, EntryError> {
        let length = bytes.len();
        if length > MAX_ENTRY_LENGTH {
            return Err(EntryError::TooLong { length });
        }
        let split = length
            .checked_sub(Signature::LENGTH)
            .and_then(|at| bytes.split_at_checked(at));
        let Some((unsigned, signature)) = split else {
            // Too short for a signature; what is there is still named.
            Unsigned::decode(bytes)?;
            return Err(EncodingError::Truncated {
                what: "the signature",
            }
            .into());
        };
        let Unsigned {
            kind,
            scope,
            author,
            body,
        } = Unsigned::decode(unsigned)?;
        let mut reader = Reader::new(signature);
        let signature = if kind == Kind::WitnessClose {
            EntrySignature::Cosignature(reader.array("the cosignature")?)
        } else {
            EntrySignature::Author(Signature::decode(&mut reader)?)
        };
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

    /// Checks the author's signature under the author's key.
    ///
    /// # Errors
    /// [`SignatureError`] if it does not hold; a cosignature is no signature of an author.
    pub fn verify(&self, key: &Element) -> Result<(), SignatureError> {
        let signature = self.author_signature()?;
        verify(key, Purpose::Entry, self.unsigned, &signature)
    }

    /// The author's signature.
    ///
    /// # Errors
    /// [`SignatureError`] if a witness's cosignature stands in its place.
    pub(crate) fn author_signature(&self) -> Result<Signature, SignatureError> {
        match self.signature {
            EntrySignature::Author(signature) => Ok(signature),
            EntrySignature::Cosignature(_) => Err(SignatureError),
        }
    }
}

/// The bytes that an author signs.
pub fn unsigned_entry(kind: Kind, scope: &Digest, author: &Author, body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(68 + body.len() + Signature::LENGTH);
    bytes.push(VERSION);
    bytes.push(kind as u8);
    bytes.extend_from_slice(scope.as_bytes());
    match author {
        Author::Organiser => {}
        Author::Trustee(number) | Author::Witness(number) => {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        Author::Voter(credential) => bytes.extend_from_slice(credential.as_bytes()),
    }
    bytes.extend_from_slice(body);
    bytes
}

/// Signs the unsigned bytes of an entry, which makes them an entry.
///
/// # Errors
/// [`RandomnessError`] if `rng` fails.
pub fn sign_entry(
    mut unsigned: Vec<u8>,
    key: &SigningKey,
    rng: &mut impl TryCryptoRng,
) -> Result<Vec<u8>, RandomnessError> {
    let signature = key.sign(Purpose::Entry, &unsigned, rng)?;
    signature.encode(&mut unsigned);
    Ok(unsigned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::wide_scalar;
    use crate::secret::Secret;
    use getrandom::SysRng;

    #[test]
    fn an_entry_reads_back_and_bad_envelopes_are_named() {
        let key = SigningKey::new(Secret::new(wide_scalar(&[1; 64]))).unwrap();
        let unsigned = unsigned_entry(Kind::Commit, &Digest([7; 32]), &Author::Trustee(3), b"body");
        let entry = sign_entry(unsigned.clone(), &key, &mut SysRng).unwrap();
        let envelope = Envelope::decode(&entry).unwrap();
        assert_eq!(
            (envelope.kind, envelope.author, envelope.body),
            (Kind::Commit, Author::Trustee(3), b"body".as_slice())
        );
        assert_eq!(envelope.unsigned, unsigned);

        let changed = |index: usize, value: u8| {
            let mut bytes = entry.clone();
            bytes[index] = value;
            Envelope::decode(&bytes).map(|_| ())
        };
        assert_eq!(changed(0, 1), Err(EntryError::Version { found: 1 }));
        assert_eq!(changed(1, 0), Err(EntryError::Kind { found: 0 }));
        assert_eq!(changed(1, 21), Err(EntryError::Kind { found: 21 }));
        assert_eq!(
            Envelope::decode(&vec![2; 65_536]).map(|_| ()),
            Err(EntryError::TooLong { length: 65_536 })
        );
        for length in 0..100 {
            assert!(Envelope::decode(&entry[..length]).is_err(), "{length}");
        }
    }
}
