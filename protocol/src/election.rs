//! The state of an election: a fold over the entries of its board.
//!
//! The same function admits an entry on a server, tells a trustee what to do, and shows an
//! organiser how far things are. Spec: `Election.Apply` (docs/spec/board.md).

mod admit;
mod make;
#[cfg(feature = "joint")]
mod previewing;
mod refusal;
mod replay;
mod signing;
mod voting;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::ballot::ConfirmationCode;
use crate::entry::Kind;
use crate::group::Element;
use crate::key_ceremony::{Dimensions, KeyCeremony};
use crate::manifest::{BallotStyle, ElectionManifest};
use crate::merkle::Frontier;
use crate::tally::cells::Cells;
use crate::tally::{EncryptedTally, Preview, Tally, VerifiedShares};
use crate::transcript::{Digest, Transcript};

pub use make::{EntryMaker, MakeError, witness_close_entry};
#[cfg(feature = "joint")]
pub use previewing::Previewed;
pub use refusal::Refusal;
pub use replay::{ReplayError, replay, replay_on_threads};
pub use signing::Signing;
pub use voting::{VerifiedBallot, Voting};

/// Where an election stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Before the first entry.
    Empty,
    /// Roll and key ceremony.
    Setup,
    /// Ballots are accepted.
    Open,
    /// No more ballots; the close is being certified.
    Closed,
    /// The close is certified; trustees decrypt.
    Certified,
    /// The result is on the board.
    Finished,
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Setup => "setup",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Certified => "certified",
            Self::Finished => "finished",
        })
    }
}

/// What an admitted entry became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// What it is.
    pub kind: Kind,
    /// Its index on the board.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Digest,
    /// A ballot's confirmation code.
    pub code: Option<ConfirmationCode>,
}

/// A voter of the roll, and what it has cast.
#[derive(Clone, Debug)]
pub struct VoterRecord {
    /// Index of the style.
    pub style: u16,
    /// Weight.
    pub weight: u32,
    /// How many ballots it has cast.
    pub counter: u32,
    /// Confirmation code of the last ballot; zero before the first.
    pub previous: [u8; 32],
    /// alpha ‖ beta of the last ballot, encoded, to be taken out of the tally by the next.
    last: Box<[u8]>,
    /// Every alpha that this voter challenged instead of casting.
    voided: Vec<[u8; 32]>,
}

/// A close that can be decrypted once enough trustees and witnesses certified it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// Number of entries up to and including the close.
    pub size: u64,
    /// Root of the log at that size.
    pub root: Digest,
}

/// The state of an election.
#[derive(Debug)]
pub struct Election {
    log: Frontier,
    manifest: Option<Arc<ElectionManifest>>,
    ceremony: Option<KeyCeremony>,
    roll: Roll,
    voting: Option<Arc<Voting>>,
    n_ballots: u64,
    n_voids: u64,
    /// Every alpha of a ballot so far.
    alphas: HashSet<[u8; 32]>,
    tally: Option<EncryptedTally>,
    close: Option<Close>,
    /// The log's roots from the size at the close on: what witnesses of the close have signed.
    roots_since_close: Vec<Digest>,
    certified: Vec<u16>,
    /// The witnesses who certified the close.
    witnessed: Vec<u16>,
    /// In the order of the board, with the trustees who made them.
    previews: Vec<(u16, Preview)>,
    /// In the order of the board.
    shares: Vec<VerifiedShares>,
    /// The trustees of these shares.
    share_order: Vec<u16>,
    result: Option<Tally>,
    signing: Signing,
}

/// The roll so far.
#[derive(Debug)]
struct Roll {
    voters: HashMap<[u8; 32], VoterRecord>,
    /// Every part so far, with the number of its issuer: no part serves two voters.
    parts: HashSet<(u16, [u8; 32])>,
    /// One item per roll entry.
    transcript: Transcript,
    /// Sum of the weights of each style's voters.
    style_weights: Vec<u128>,
}

impl Default for Election {
    fn default() -> Self {
        Self::new()
    }
}

impl Election {
    /// The election of an empty board.
    pub fn new() -> Self {
        Self {
            log: Frontier::default(),
            manifest: None,
            ceremony: None,
            roll: Roll {
                voters: HashMap::new(),
                parts: HashSet::new(),
                transcript: Transcript::new("roll"),
                style_weights: Vec::new(),
            },
            voting: None,
            n_ballots: 0,
            n_voids: 0,
            alphas: HashSet::new(),
            tally: None,
            close: None,
            roots_since_close: Vec::new(),
            certified: Vec::new(),
            witnessed: Vec::new(),
            previews: Vec::new(),
            shares: Vec::new(),
            share_order: Vec::new(),
            result: None,
            signing: Signing::default(),
        }
    }

    /// Where the election stands.
    pub fn phase(&self) -> Phase {
        match (&self.manifest, &self.voting, &self.close, &self.result) {
            (None, ..) => Phase::Empty,
            (_, None, ..) => Phase::Setup,
            (_, _, None, _) => Phase::Open,
            (Some(manifest), _, _, None) => {
                if self.n_certified() >= usize::from(manifest.close_quorum) {
                    Phase::Certified
                } else {
                    Phase::Closed
                }
            }
            _ => Phase::Finished,
        }
    }

    /// The manifest, from the first entry on.
    pub fn manifest(&self) -> Option<&ElectionManifest> {
        self.manifest.as_deref()
    }

    /// The key ceremony, from the first entry on.
    pub fn ceremony(&self) -> Option<&KeyCeremony> {
        self.ceremony.as_ref()
    }

    /// What ballots are made for and verified against, from the opening on.
    pub fn voting(&self) -> Option<&Arc<Voting>> {
        self.voting.as_ref()
    }

    /// The election id, from the opening on.
    pub fn election_id(&self) -> Option<Digest> {
        self.voting.as_ref().map(|voting| *voting.election_id())
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.log.size()
    }

    /// Root of the log.
    pub fn root(&self) -> Digest {
        self.log.root()
    }

    /// Number of voters on the roll.
    pub fn n_voters(&self) -> usize {
        self.roll.voters.len()
    }

    /// Number of ballots on the board, superseded ones included.
    pub fn n_ballots(&self) -> u64 {
        self.n_ballots
    }

    /// Number of challenged ballots on the board.
    pub fn n_voids(&self) -> u64 {
        self.n_voids
    }

    /// Number of voters with at least one ballot.
    pub fn n_voted(&self) -> usize {
        self.roll
            .voters
            .values()
            .filter(|voter| voter.counter > 0)
            .count()
    }

    /// The voter of a credential.
    pub fn voter(&self, credential: &Element) -> Option<&VoterRecord> {
        self.roll.voters.get(credential.as_bytes())
    }

    /// The digest of the roll so far.
    pub fn roll_digest(&self) -> Digest {
        self.roll.transcript.clone().digest("roll")
    }

    /// The encrypted sums of the ballots that count so far, from the opening on.
    pub fn encrypted_tally(&self) -> Option<&EncryptedTally> {
        self.tally.as_ref()
    }

    /// The close, once there is one.
    pub fn close(&self) -> Option<&Close> {
        self.close.as_ref()
    }

    /// The trustees who certified the close, in order.
    pub fn certified_by(&self) -> &[u16] {
        &self.certified
    }

    /// The witnesses who certified the close, in order.
    pub fn witnessed_by(&self) -> &[u16] {
        &self.witnessed
    }

    /// How many trustees and witnesses together certified the close.
    pub fn n_certified(&self) -> usize {
        self.certified.len() + self.witnessed.len()
    }

    /// The counts that the manifest guards and that trustees decrypt, from the close on; none
    /// where it has no minimum for counts.
    pub fn cells(&self) -> Option<Cells> {
        self.close?;
        let (manifest, tally) = self.manifest().zip(self.encrypted_tally())?;
        Some(Cells::of_tally(manifest, tally))
    }

    /// The trustees who gave previews of guarded counts, in order.
    pub fn previewed_by(&self) -> Vec<u16> {
        self.previews.iter().map(|(trustee, _)| *trustee).collect()
    }

    /// The shares, in the order of the board; those of [`Election::shares_by`].
    pub fn shares(&self) -> &[VerifiedShares] {
        &self.shares
    }

    /// How many trustees gave shares that close the same cells: a result needs t.
    pub fn n_agreeing_shares(&self) -> usize {
        let same = |share: &VerifiedShares| {
            let others = self.shares.iter();
            others
                .filter(|other| other.closed() == share.closed())
                .count()
        };
        self.shares.iter().map(same).max().unwrap_or(0)
    }

    /// The trustees who gave shares, in order.
    pub fn shares_by(&self) -> &[u16] {
        &self.share_order
    }

    /// The result, once it is on the board.
    pub fn result(&self) -> Option<&Tally> {
        self.result.as_ref()
    }

    /// What trustees signed jointly so far.
    pub fn signing(&self) -> &Signing {
        &self.signing
    }

    /// The positions' keys and sizes of this manifest's ceremony.
    fn dimensions(manifest: &ElectionManifest) -> Dimensions {
        Dimensions {
            trustees: manifest.n_trustees(),
            threshold: manifest.threshold,
            positions: manifest.n_positions(),
        }
    }
}

impl VoterRecord {
    /// The style of this voter.
    pub fn style_of<'a>(&self, manifest: &'a ElectionManifest) -> Option<&'a BallotStyle> {
        manifest.styles.get(usize::from(self.style))
    }
}
