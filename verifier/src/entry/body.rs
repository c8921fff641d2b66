//! The bodies of entries (docs/spec/encoding.md).

use super::{EntryError, Kind, ballot::BallotBody};
use crate::{
    encoding::{EncodingError, Reader},
    group::{Element, GroupError, Scalar},
    joint::{self, JointKey, JointSignature},
    manifest::{Contest, Manifest},
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
        /// 32·(N + 1) + 16 bytes for each recipient.
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
    Certify(Box<CertifyBody>),
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
    /// Sealed shares of all cells, decoded like those.
    Preview(&'a [u8]),
    /// The result, by contest.
    Result(Vec<ContestTotals>),
    /// A witness's cosignature of a checkpoint after the close.
    WitnessClose {
        /// The size of the checkpoint.
        size: u64,
        /// When the witness cosigned it, in seconds since 1970.
        time: u64,
    },
    /// A share of the beacon.
    Beacon {
        /// What the trustee contributes to lots.
        contribution: &'a Digest,
        /// The signature share.
        share: &'a [u8; joint::SIGNATURE],
    },
    /// A share of the seal.
    Seal(&'a [u8; joint::SIGNATURE]),
}

/// The joint elements of an entry, which bodies keep as bytes: who does not check them, like the
/// booth, needs no arithmetic for them.
#[derive(Debug, Clone, Default)]
pub struct JointParts {
    /// Keys in G1.
    pub keys: Vec<JointKey>,
    /// The signature in G2, in the entries that have one.
    pub signature: Option<JointSignature>,
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
    /// `B_k`, in order of degree.
    pub joint: Vec<[u8; joint::KEY]>,
    /// The proof of possession of the constant term.
    pub possession: [u8; joint::SIGNATURE],
}

/// A certificate of the ceremony.
#[derive(Debug, Clone)]
pub struct CertifyBody {
    /// The attempt.
    pub attempt: u16,
    /// The ceremony digest.
    pub ceremony: Digest,
    /// The proof of the rehearsal.
    pub proof: DleqProof,
    /// The commitment to the trustee's contribution to the beacon.
    pub contribution: Digest,
    /// The rehearsal of the joint share.
    pub joint: [u8; joint::SIGNATURE],
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
    /// Their weight.
    pub weight: u64,
    /// The totals of its positions, unless withheld; none where a cell is closed.
    pub totals: Option<Vec<Option<u64>>>,
}

impl<'a> Body<'a> {
    pub(super) fn decode(
        kind: Kind,
        reader: &mut Reader<'a>,
        manifest: &Manifest,
    ) -> Result<Self, EntryError> {
        let n_positions = manifest.n_positions();
        // The length is looked at before any element is decoded.
        let threshold = usize::from(manifest.threshold);
        let n_coefficients = n_positions * threshold;
        match kind {
            Kind::Reveal => reader.expect_left(
                2 + 32 * (n_coefficients + 4) + joint::KEY * threshold + joint::SIGNATURE,
            )?,
            Kind::Complain => reader.expect_left(4 + 32 + 96)?,
            Kind::Certify => reader.expect_left(2 + 32 + 96 + 32 + joint::SIGNATURE)?,
            Kind::Beacon => reader.expect_left(32 + joint::SIGNATURE)?,
            Kind::Seal => reader.expect_left(joint::SIGNATURE)?,
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
                joint: (0..threshold)
                    .map(|_| reader.array().copied())
                    .collect::<Result<_, _>>()?,
                possession: *reader.array()?,
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
            Kind::Certify => Self::Certify(Box::new(CertifyBody {
                attempt: reader.u16()?,
                ceremony: *reader.array()?,
                proof: DleqProof::read(reader)?,
                contribution: *reader.array()?,
                joint: *reader.array()?,
            })),
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
            Kind::Preview => Self::Preview(reader.take(reader.remaining())?),
            Kind::Result => Self::Result(totals(reader, manifest)?),
            Kind::WitnessClose => Self::WitnessClose {
                size: reader.u64()?,
                time: reader.u64()?,
            },
            Kind::Beacon => Self::Beacon {
                contribution: reader.array()?,
                share: reader.array()?,
            },
            Kind::Seal => Self::Seal(reader.array()?),
        })
    }

    /// The joint elements in the entry, decoded: a key of each degree, and the one signature.
    /// They come last in every body that has them.
    ///
    /// # Errors
    /// [`GroupError`] for the first one that does not decode.
    pub fn joint(&self) -> Result<JointParts, GroupError> {
        let (keys, signature): (&[_], _) = match self {
            Self::Reveal(reveal) => (&reveal.joint, &reveal.possession),
            Self::Certify(certificate) => (&[], &certificate.joint),
            Self::Beacon { share, .. } | Self::Seal(share) => (&[], *share),
            _ => return Ok(JointParts::default()),
        };
        Ok(JointParts {
            keys: keys
                .iter()
                .map(JointKey::decode)
                .collect::<Result<_, _>>()?,
            signature: Some(JointSignature::decode(signature)?),
        })
    }

    /// The attempt of the key ceremony that the entry belongs to, if it names one.
    #[must_use]
    pub fn attempt(&self) -> Option<u16> {
        match self {
            Self::Commit { attempt, .. }
            | Self::Deal { attempt, .. }
            | Self::Abandon { attempt } => Some(*attempt),
            Self::Certify(certificate) => Some(certificate.attempt),
            Self::Reveal(reveal) => Some(reveal.attempt),
            Self::Complain(complaint) => Some(complaint.attempt),
            _ => None,
        }
    }
}

/// The sealed shares for one recipient: N scalars, one of the joint key, and a tag.
#[must_use]
pub fn sealed_length(n_positions: usize) -> usize {
    32 * (n_positions + 1) + 16
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

/// The closed positions of a contest, in order: those with a bit, and those closed with them.
///
/// # Errors
/// [`EncodingError::Short`], and [`EntryError::Field`] if an unused bit is set.
pub fn closed_cells(
    reader: &mut Reader<'_>,
    manifest: &Manifest,
    contest: usize,
) -> Result<Vec<usize>, EntryError> {
    let guarded = manifest.guarded(contest);
    let bytes = reader.take(guarded.len().div_ceil(8))?;
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    let unused = bytes.last().map_or(0, |last| match guarded.len() % 8 {
        0 => 0,
        used => last << used,
    });
    if unused != 0 {
        return Err(EntryError::Field {
            field: "an unused bit of closed cells",
            found: 1,
        });
    }
    let closed = guarded.iter().zip(bits).filter(|(_, closed)| *closed);
    let mut closed: Vec<usize> = closed.map(|(position, _)| *position).collect();
    if let Some(contest) = manifest.contests.get(contest) {
        closed.extend(contest.closed_with(&closed));
        closed.sort_unstable();
    }
    Ok(closed)
}

fn totals(reader: &mut Reader<'_>, manifest: &Manifest) -> Result<Vec<ContestTotals>, EntryError> {
    let contest = |(number, contest): (usize, &Contest)| {
        let (ballots, weight) = (reader.u32()?, reader.u64()?);
        let totals = match reader.u8()? {
            0 => None,
            1 => {
                let closed = closed_cells(reader, manifest, number)?;
                let total = |position| match closed.contains(&position) {
                    true => Ok(None),
                    false => reader.u64().map(Some),
                };
                let totals: Result<_, _> = (0..contest.n_positions()).map(total).collect();
                Some(totals?)
            }
            found => {
                return Err(EntryError::Field {
                    field: "`opened`",
                    found: u64::from(found),
                });
            }
        };
        Ok(ContestTotals {
            ballots,
            weight,
            totals,
        })
    };
    manifest.contests.iter().enumerate().map(contest).collect()
}
