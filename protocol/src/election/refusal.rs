//! Why an entry is refused.

use crate::credential::PossessionError;
use crate::encoding::EncodingError;
use crate::entry::{EntryError, Kind};
use crate::key_ceremony::{CeremonyError, ComplaintError, RevealError};
use crate::manifest::{MAX_TOTAL, ManifestError};
use crate::proofs::ballot::BallotProofError;
use crate::signature::SignatureError;
use crate::tally::TallyError;
use crate::transcript::RandomnessError;

use super::Phase;

/// Why an entry is refused. A refused entry changes nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum Refusal {
    /// Not an entry.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The body is malformed.
    #[error("the {kind} entry is malformed: {source}")]
    Body {
        /// What it claims to be.
        kind: Kind,
        /// What is wrong.
        source: EncodingError,
    },
    /// The first entry must be the manifest.
    #[error("the board is empty; its first entry must be a manifest")]
    NoManifest,
    /// Another manifest or election.
    #[error("the {kind} entry belongs to another election")]
    Scope {
        /// What it is.
        kind: Kind,
    },
    /// No such trustee.
    #[error("the manifest has no trustee {trustee}")]
    UnknownTrustee {
        /// The number found.
        trustee: u16,
    },
    /// No such witness.
    #[error("the manifest has no witness {witness}")]
    UnknownWitness {
        /// The number found.
        witness: u16,
    },
    /// Wrong signature.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Not now.
    #[error("a {kind} entry cannot be taken now: the election is in the phase \"{phase}\"")]
    Phase {
        /// What it is.
        kind: Kind,
        /// The phase.
        phase: Phase,
    },
    /// Only once.
    #[error("there is already a {kind} entry of this author; a second one is never taken")]
    Repeated {
        /// What it is.
        kind: Kind,
    },
    /// A bad manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Parts of the roll out of order.
    #[error("this part of the roll starts after {found} voters, but the board lists {expected}")]
    RollOrder {
        /// How many voters there are.
        expected: usize,
        /// What the part says.
        found: u32,
    },
    /// A bad line of the roll.
    #[error("voter {voter} of this part of the roll: {reason}")]
    RollVoter {
        /// Index within the part.
        voter: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// A part without possession.
    #[error(transparent)]
    Possession(#[from] PossessionError),
    /// A bad message of the ceremony.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// The opening names other values.
    #[error("the opening names another {what} than this board has")]
    Opening {
        /// Which value.
        what: &'static str,
    },
    /// Totals could not be decoded.
    #[error(
        "the total of contest {contest:?} could reach {total}, more than {MAX_TOTAL}; reduce weights or points"
    )]
    Bound {
        /// The contest's id.
        contest: String,
        /// The worst case.
        total: u128,
    },
    /// Counts are of people, so weights are 1.
    #[error(
        "small counts stay closed in this election, so every voter's weight must be 1, and the roll has others; \
         make a manifest without minimum_cell, or a roll without weights"
    )]
    Weights,
    /// Not on the roll.
    #[error("this credential is not on the roll")]
    UnknownCredential,
    /// A style that the voter does not have.
    #[error("this voter's ballot style is {expected}, not {found} (counted from 0)")]
    Style {
        /// The style in the roll.
        expected: u16,
        /// The style of the ballot.
        found: u16,
    },
    /// The counter does not follow.
    #[error(
        "this ballot has the number {found}; this voter's next ballot has the number {expected}"
    )]
    Counter {
        /// The next number.
        expected: u32,
        /// The number found.
        found: u32,
    },
    /// The predecessor is another.
    #[error("this ballot does not follow this voter's last ballot")]
    Previous,
    /// A copied or voided ciphertext.
    #[error("this encrypted ballot, or a part of it, is already on the board; seal a fresh one")]
    RepeatedAlpha,
    /// Too many entries of one voter.
    #[error("this voter has 100 {kind} entries already; no more are taken")]
    TooMany {
        /// What it is.
        kind: Kind,
    },
    /// A bad proof.
    #[error(transparent)]
    BallotProof(#[from] BallotProofError),
    /// Not a ballot.
    #[error("this is a {kind} entry where a ballot was expected")]
    NotABallot {
        /// What it is.
        kind: Kind,
    },
    /// Another close.
    #[error(
        "trustee {trustee} certifies another close than the one on this board: size or root differ"
    )]
    CloseMismatch {
        /// Who.
        trustee: u16,
    },
    /// A contribution that was not committed to.
    #[error("trustee {trustee} contributes other randomness than it committed to")]
    Contribution {
        /// Who.
        trustee: u16,
    },
    /// A share of a joint signature that does not hold.
    #[error("trustee {trustee}'s share of the joint signature in its {kind} does not hold")]
    JointShare {
        /// Beacon or seal.
        kind: Kind,
        /// Who.
        trustee: u16,
    },
    /// A cosignature of another moment.
    #[error(
        "witness {witness} signed the board of {size} entries: that is before the close, or more than the board has"
    )]
    WitnessedSize {
        /// Who.
        witness: u16,
        /// The size that the entry names.
        size: u64,
    },
    /// A cosignature that does not hold.
    #[error("witness {witness}'s cosignature does not hold for this board")]
    Cosignature {
        /// Whose it claims to be.
        witness: u16,
    },
    /// A preview where no count is guarded.
    #[error(
        "there is no count to preview: small counts do not stay closed in this election, or no question with counts is decrypted"
    )]
    NothingGuarded,
    /// A bad share or result.
    #[error(transparent)]
    Tally(#[from] TallyError),
    /// The election asks for numbers, and this program was built without the feature `ranges`.
    #[error(
        "the election asks for numbers, and this program was built without range proofs; use a \
         complete one"
    )]
    NoRangeProofs,
    /// No randomness for checking.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

impl Refusal {
    /// A stable name of the reason, for problem documents.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Entry(EntryError::TooLong { .. }) => "entry-too-long",
            Self::Entry(EntryError::Version { .. }) => "unknown-version",
            Self::Entry(EntryError::Kind { .. }) => "unknown-kind",
            Self::Entry(_) | Self::Body { .. } => "malformed-entry",
            Self::NoManifest => "no-manifest",
            Self::Scope { .. } => "other-election",
            Self::UnknownTrustee { .. } => "unknown-trustee",
            Self::UnknownWitness { .. } => "unknown-witness",
            Self::Signature(_) => "bad-signature",
            Self::Phase { .. } => "wrong-phase",
            Self::Repeated { .. } => "repeated-entry",
            Self::Manifest(_) => "bad-manifest",
            Self::RollOrder { .. } => "roll-order",
            Self::RollVoter { .. } => "bad-roll",
            Self::Possession(_) => "no-possession",
            Self::Ceremony(error) => match error {
                CeremonyError::Round { .. } => "wrong-round",
                CeremonyError::Attempt { .. } => "wrong-attempt",
                CeremonyError::Exhausted => "no-attempt-left",
                CeremonyError::Repeated { .. } => "repeated-entry",
                CeremonyError::Reveal(RevealError::Commitment { .. }) => "broken-commitment",
                CeremonyError::Reveal(RevealError::Knowledge { .. }) => "no-knowledge",
                CeremonyError::Reveal(RevealError::Possession { .. }) => "no-joint-possession",
                CeremonyError::Reveal(RevealError::Reused { .. }) => "reused-key",
                CeremonyError::Key(_) => "identity-key",
                CeremonyError::Complaint(ComplaintError::Proof) => "bad-complaint",
                CeremonyError::Complaint(_) => "bad-complaint",
                CeremonyError::Digest { .. } => "other-ceremony",
                CeremonyError::Rehearsal { .. } => "bad-rehearsal",
                CeremonyError::JointRehearsal { .. } => "bad-joint-rehearsal",
            },
            Self::Opening { .. } => "bad-opening",
            Self::Bound { .. } => "totals-too-large",
            Self::Weights => "weights-with-small-counts",
            Self::UnknownCredential => "unknown-credential",
            Self::Style { .. } => "wrong-style",
            Self::Counter { .. } => "wrong-counter",
            Self::Previous => "wrong-predecessor",
            Self::RepeatedAlpha => "repeated-ciphertext",
            Self::TooMany { .. } => "too-many-entries",
            Self::BallotProof(_) => "bad-ballot-proof",
            Self::NotABallot { .. } => "not-a-ballot",
            Self::CloseMismatch { .. } => "other-close",
            Self::Contribution { .. } => "other-contribution",
            Self::JointShare { .. } => "bad-joint-share",
            Self::WitnessedSize { .. } => "wrong-witnessed-size",
            Self::Cosignature { .. } => "bad-cosignature",
            Self::Tally(TallyError::Share { .. }) => "bad-share",
            Self::NothingGuarded => "nothing-to-preview",
            Self::Tally(TallyError::TooFewShares { .. }) => "too-few-shares",
            Self::Tally(TallyError::Pattern(_)) => "small-count-open",
            Self::Tally(_) => "bad-result",
            Self::NoRangeProofs => "no-range-proofs",
            Self::Randomness(_) => "no-randomness",
        }
    }
}
