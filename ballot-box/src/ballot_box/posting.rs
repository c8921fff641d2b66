//! What happens to a posted entry, from arrival to receipt.

use std::sync::Arc;
use std::time::Instant;

use protocol::election::{Applied, Phase, Refusal};
use protocol::entry::{Author, Envelope, Kind};
use protocol::group::Element;
use protocol::merkle::leaf_hash;
use protocol::receipt::Receipt;
use protocol::transcript::Digest;
use tokio::sync::oneshot;

use super::{BallotBox, following, unavailable};
use crate::boards::Board;
use crate::limits::Wait;
use crate::models::Place;
use crate::problem::Problem;
use crate::refusals;
use crate::sequencer::{Rejection, Reply};
use crate::state::State;
use crate::verification::{Check, Job};

/// What became of a posted entry.
#[derive(Debug)]
pub enum Posted {
    /// It was appended.
    New(Receipt),
    /// It had been appended before.
    Known(Receipt),
}

impl BallotBox {
    /// Appends an entry, or finds that it has been appended before.
    ///
    /// # Errors
    /// The problem to be sent.
    pub async fn append(&self, board: &Arc<Board>, entry: Vec<u8>) -> Result<Posted, Problem> {
        // The time of arrival counts, however long the entry waits.
        let now = self.config.clock.now();
        let leaf = leaf_hash(&entry);
        let credential = credential(&entry);
        let (outcome, is_signed) = match self.admit(board, entry, now).await {
            Ok((applied, scope)) => {
                let receipt = self.receipt(board, &place(&applied, scope)).await;
                (receipt.map(Posted::New), true)
            }
            // Whatever the fold says to a repetition, an entry on the board has a receipt.
            Err(Refused { problem, is_signed }) => match self.posted_before(board, leaf).await? {
                Some(known) => return Ok(known),
                None => (Err(problem), is_signed),
            },
        };
        if let Some(credential) = credential.filter(|_| is_signed) {
            self.limits.credential.take(credential, Instant::now());
        }
        outcome
    }

    async fn admit(
        &self,
        board: &Arc<Board>,
        entry: Vec<u8>,
        now: i64,
    ) -> Result<(Applied, Digest), Refused> {
        let envelope =
            Envelope::decode(&entry).map_err(|error| refusals::refused(&error.into()))?;
        let (kind, scope) = (envelope.kind, envelope.scope);
        let manifest = self.manifest(board).await?;
        let is_of_voter = matches!(kind, Kind::Ballot | Kind::Void);
        if is_of_voter && now < manifest.opens {
            return Err(refusals::not_open_yet(manifest.opens).into());
        }
        if is_of_voter && now >= manifest.closes {
            return Err(refusals::voting_over(manifest.closes).into());
        }
        let state = self.state(board).await?;
        if let Author::Voter(credential) = &envelope.author {
            may_vote(&state, kind, &scope, credential)
                .map_err(|refusal| refusals::refused(&refusal))?;
            self.limits
                .credential
                .check(credential.as_bytes(), Instant::now())
                .map_err(|Wait(wait)| Problem::too_many(wait))?;
        }
        if kind == Kind::WitnessClose && !matches!(state.phase, Phase::Closed | Phase::Certified) {
            let phase = state.phase;
            return Err(refusals::refused(&Refusal::Phase { kind, phase }).into());
        }
        self.leads()?;
        let check = match &state.voting {
            Some(voting) if kind == Kind::Ballot => Check::Ballot(voting.clone()),
            voting => Check::Signature {
                manifest,
                election: voting.as_ref().map(|voting| *voting.election_id()),
            },
        };
        let (reply, answer) = reply();
        let job = Job {
            board: board.clone(),
            check,
            entry,
            reply,
        };
        self.verification.submit(job).map_err(|_| {
            Problem::unavailable("More entries are waiting than this server can check; send the entry again shortly.")
        })?;
        let outcome = answer.await.unwrap_or(Err(Rejection::Unavailable));
        let applied = outcome.map_err(|rejection| Refused {
            problem: rejected(&rejection),
            is_signed: is_past_signature(&rejection),
        })?;
        Ok((applied, scope))
    }

    pub(super) async fn posted_before(
        &self,
        board: &Arc<Board>,
        leaf: Digest,
    ) -> Result<Option<Posted>, Problem> {
        let number = board.number;
        match self
            .read(move |store| store.place_of_leaf(number, &leaf))
            .await?
        {
            Some(place) => Ok(Some(Posted::Known(self.receipt(board, &place).await?))),
            None => Ok(None),
        }
    }
}

/// Why an entry is not appended, and whether its author is known to have signed it.
struct Refused {
    problem: Problem,
    is_signed: bool,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            is_signed: false,
        }
    }
}

/// Whether an entry was refused for something that is looked at only after its signature.
fn is_past_signature(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::Refused(
            Refusal::BallotProof(_)
                | Refusal::Counter { .. }
                | Refusal::Previous
                | Refusal::RepeatedAlpha
                | Refusal::TooMany { .. }
        )
    )
}

/// The voter who is said to have made an entry.
fn credential(entry: &[u8]) -> Option<[u8; 32]> {
    match Envelope::decode(entry).ok()?.author {
        Author::Voter(credential) => Some(*credential.as_bytes()),
        _ => None,
    }
}

/// Refuses what no signature could make right, so that nobody has a signature checked in vain: the
/// voters' entries outside the voting, and those of credentials that are not on the roll.
fn may_vote(
    state: &State,
    kind: Kind,
    scope: &Digest,
    credential: &Element,
) -> Result<(), Refusal> {
    let phase = state.phase;
    let voting = state.voting.as_ref().filter(|_| phase == Phase::Open);
    let voting = voting.ok_or(Refusal::Phase { kind, phase })?;
    if scope != voting.election_id() {
        return Err(Refusal::Scope { kind });
    }
    if voting.is_on_roll(credential) {
        Ok(())
    } else {
        Err(Refusal::UnknownCredential)
    }
}

pub(crate) fn reply() -> (Reply, oneshot::Receiver<Result<Applied, Rejection>>) {
    let (sender, receiver) = oneshot::channel();
    (Reply(sender), receiver)
}

pub(super) fn place(applied: &Applied, scope: Digest) -> Place {
    Place {
        index: applied.index,
        code: applied.code.map_or(applied.leaf, |code| code.0),
        scope,
    }
}

pub(super) fn rejected(rejection: &Rejection) -> Problem {
    match rejection {
        Rejection::Refused(refusal) => refusals::refused(refusal),
        Rejection::Exists => refusals::election_exists(),
        Rejection::Unavailable => unavailable(),
        Rejection::Following => following(),
    }
}
