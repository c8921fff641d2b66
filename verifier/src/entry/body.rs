//! The bodies of entries (docs/spec/encoding.md).

use super::{EntryError, Kind, ballot::BallotBody};
use crate::{
    encoding::{EncodingError, Reader},
    group::{Element, Scalar},
    manifest::Manifest,
    proofs::{dleq::DleqProof, signature::Signature},
    transcript::Digest,
};

/// What an entry says.
#[derive(Debug, Clone)]
pub enum Body<'a> {
    /// The manifest's bytes.
    Manifest(&'a [u8]),
    /// A part of the roll.
    Roll(RollBody),
    /// Nothing but the name of its kind: register and close.
    Empty,
    /// The hash of what the trustee will reveal.
    Commit {
        /// The attempt.
        attempt: u16,
        /// The hash.
        commitment: &'a Digest,
    },
    /// What the trustee committed to.
    Reveal(Box<RevealBody>),
    /// Sealed shares, one for each recipient.
    Deal {
        /// The attempt.
        attempt: u16,
        /// 32·N + 16 bytes for each recipient.
        sealed: &'a [u8],
    },
    /// A complaint.
    Complain(Box<ComplainBody>),
    /// The end of an attempt.
    Abandon {
        /// The attempt.
        attempt: u16,
    },
    /// A certificate of the ceremony, with a rehearsal.
    Certify {
        /// The attempt.
        attempt: u16,
        /// The ceremony digest.
        ceremony: &'a Digest,
        /// The proof of the rehearsal.
        proof: Box<DleqProof>,
    },
    /// The opening.
    Open(OpenBody),
    /// A ballot.
    Ballot(BallotBody<'a>),
    /// A voided ballot.
    Void {
        /// Its confirmation code.
        code: &'a Digest,
        /// Its alpha.
        alpha: &'a [u8; 32],
    },
    /// A certificate of the close.
    CertifyClose {
        /// The size of the log after the close.
        size: u64,
        /// The root at that size.
        root: &'a Digest,
    },
    /// Decryption shares. Their number depends on which contests are decrypted, so they are
    /// decoded once the ballots are counted.
    Shares(&'a [u8]),
    /// The result, by contest.
    Result(Vec<ContestTotals>),
}

/// A part of the roll.
#[derive(Debug, Clone)]
pub struct RollBody {
    /// How many voters come before.
    pub first: u32,
    /// The voters.
    pub voters: Vec<RollVoter>,
}

/// A voter of the roll.
#[derive(Debug, Clone)]
pub struct RollVoter {
    /// The style, by its index in the manifest.
    pub style: u16,
    /// The weight.
    pub weight: u32,
    /// The credential's part of each issuer, with its proof of possession.
    pub parts: Vec<(Element, Signature)>,
}

/// What a trustee reveals.
#[derive(Debug, Clone)]
pub struct RevealBody {
    /// The attempt.
    pub attempt: u16,
    /// `A_{i,k}`, in order of position i, then of degree k.
    pub coefficients: Vec<Element>,
    /// The key that shares are sealed to.
    pub encryption_key: Element,
    /// The ephemeral that this dealer seals with.
    pub ephemeral: Element,
    /// The proof's commitment R.
    pub commitment: Element,
    /// The proof's response z.
    pub response: Scalar,
}

/// A complaint about a dealer.
#[derive(Debug, Clone)]
pub struct ComplainBody {
    /// The attempt.
    pub attempt: u16,
    /// The dealer.
    pub dealer: u16,
    /// The Diffie–Hellman point of complainer and dealer.
    pub shared_point: Element,
    /// The proof that it is that point.
    pub proof: DleqProof,
}

/// The opening.
#[derive(Debug, Clone)]
pub struct OpenBody {
    /// The roll digest.
    pub roll: Digest,
    /// The number of voters.
    pub voters: u32,
    /// The ceremony digest.
    pub ceremony: Digest,
    /// The booth digest, or zeros.
    pub booth: Digest,
}

/// The published result of one contest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestTotals {
    /// How many ballots were counted.
    pub ballots: u32,
    /// The totals of its positions, unless withheld.
    pub totals: Option<Vec<u64>>,
}

impl<'a> Body<'a> {
    pub(super) fn decode(
        kind: Kind,
        reader: &mut Reader<'a>,
        manifest: &Manifest,
    ) -> Result<Self, EntryError> {
        let n_positions = manifest.n_positions();
        // The length is looked at before any element is decoded.
        let n_coefficients = n_positions * usize::from(manifest.threshold);
        match kind {
            Kind::Reveal => reader.expect_left(2 + 32 * (n_coefficients + 4))?,
            Kind::Complain => reader.expect_left(4 + 32 + 96)?,
            Kind::Certify => reader.expect_left(2 + 32 + 96)?,
            _ => {}
        }
        Ok(match kind {
            Kind::Manifest => Self::Manifest(reader.take(reader.remaining())?),
            Kind::Roll => Self::Roll(RollBody::decode(reader, manifest.issuers.len())?),
            Kind::Register | Kind::Close => Self::Empty,
            Kind::Commit => Self::Commit {
                attempt: reader.u16()?,
                commitment: reader.array()?,
            },
            Kind::Reveal => Self::Reveal(Box::new(RevealBody {
                attempt: reader.u16()?,
                coefficients: reader.elements(n_coefficients)?,
                encryption_key: reader.element()?,
                ephemeral: reader.element()?,
                commitment: reader.element()?,
                response: reader.scalar()?,
            })),
            Kind::Deal => Self::Deal {
                attempt: reader.u16()?,
                sealed: reader.take(manifest.n_trustees() * sealed_length(n_positions))?,
            },
            Kind::Complain => Self::Complain(Box::new(ComplainBody {
                attempt: reader.u16()?,
                dealer: reader.u16()?,
                shared_point: reader.element()?,
                proof: DleqProof::read(reader)?,
            })),
            Kind::Abandon => Self::Abandon {
                attempt: reader.u16()?,
            },
            Kind::Certify => Self::Certify {
                attempt: reader.u16()?,
                ceremony: reader.array()?,
                proof: Box::new(DleqProof::read(reader)?),
            },
            Kind::Open => Self::Open(OpenBody {
                roll: *reader.array()?,
                voters: reader.u32()?,
                ceremony: *reader.array()?,
                booth: *reader.array()?,
            }),
            Kind::Ballot => {
                let index = reader.u16()?;
                let style = manifest
                    .styles
                    .get(usize::from(index))
                    .ok_or(EntryError::Style { found: index })?;
                Self::Ballot(BallotBody::decode(index, style, reader)?)
            }
            Kind::Void => Self::Void {
                code: reader.array()?,
                alpha: reader.array()?,
            },
            Kind::CertifyClose => Self::CertifyClose {
                size: reader.u64()?,
                root: reader.array()?,
            },
            Kind::Shares => Self::Shares(reader.take(reader.remaining())?),
            Kind::Result => Self::Result(totals(reader, manifest)?),
        })
    }

    /// The attempt of the key ceremony that the entry belongs to, if it names one.
    #[must_use]
    pub fn attempt(&self) -> Option<u16> {
        match self {
            Self::Commit { attempt, .. }
            | Self::Deal { attempt, .. }
            | Self::Abandon { attempt }
            | Self::Certify { attempt, .. } => Some(*attempt),
            Self::Reveal(reveal) => Some(reveal.attempt),
            Self::Complain(complaint) => Some(complaint.attempt),
            _ => None,
        }
    }
}

/// The sealed shares for one recipient: N scalars and a tag.
#[must_use]
pub fn sealed_length(n_positions: usize) -> usize {
    32 * n_positions + 16
}

impl RollBody {
    fn decode(reader: &mut Reader<'_>, n_issuers: usize) -> Result<Self, EntryError> {
        let first = reader.u32()?;
        let count = usize::from(reader.u16()?);
        if count == 0 {
            return Err(EntryError::Field {
                field: "the number of voters",
                found: 0,
            });
        }
        reader.expect_left(count * (6 + 96 * n_issuers))?;
        let voter = |_| {
            Ok(RollVoter {
                style: reader.u16()?,
                weight: reader.u32()?,
                parts: (0..n_issuers)
                    .map(|_| Ok((reader.element()?, Signature::decode(reader.array()?)?)))
                    .collect::<Result<_, EncodingError>>()?,
            })
        };
        let voters = (0..count)
            .map(voter)
            .collect::<Result<_, EncodingError>>()?;
        Ok(Self { first, voters })
    }
}

fn totals(reader: &mut Reader<'_>, manifest: &Manifest) -> Result<Vec<ContestTotals>, EntryError> {
    let contest = |n_positions| {
        let ballots = reader.u32()?;
        let totals = match reader.u8()? {
            0 => None,
            1 => {
                let totals: Result<_, _> = (0..n_positions).map(|_| reader.u64()).collect();
                Some(totals?)
            }
            found => {
                return Err(EntryError::Field {
                    field: "`opened`",
                    found: u64::from(found),
                });
            }
        };
        Ok(ContestTotals { ballots, totals })
    };
    manifest
        .contests
        .iter()
        .map(|contest| contest.n_positions())
        .map(contest)
        .collect()
}
