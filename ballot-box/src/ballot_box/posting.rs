//! What happens to a posted entry, from arrival to receipt.

use std::sync::Arc;

use protocol::election::{Applied, Phase, Refusal};
use protocol::entry::{Envelope, Kind};
use protocol::manifest::ElectionManifest;
use protocol::merkle::leaf_hash;
use protocol::receipt::Receipt;
use protocol::transcript::Digest;
use tokio::sync::oneshot;

use super::{BallotBox, unavailable};
use crate::boards::{Board, Uuid};
use crate::models::Place;
use crate::problem::Problem;
use crate::refusals;
use crate::sequencer::{Command, Rejection, Reply};
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
    /// Begins a board with a manifest entry.
    ///
    /// # Errors
    /// The problem to be sent.
    pub async fn create(&self, entry: Vec<u8>) -> Result<Posted, Problem> {
        let envelope =
            Envelope::decode(&entry).map_err(|error| refusals::refused(&error.into()))?;
        if envelope.kind != Kind::Manifest {
            return Err(refusals::refused(&Refusal::NoManifest));
        }
        let manifest = ElectionManifest::parse(envelope.body)
            .map_err(|error| refusals::refused(&error.into()))?;
        let (uuid, leaf) = (Uuid(manifest.uuid), leaf_hash(&entry));
        if let Some(board) = self.boards.get(&uuid) {
            return self
                .posted_before(&board, leaf)
                .await?
                .ok_or_else(refusals::election_exists);
        }
        if !self.config.organisers.allow(&manifest.organiser_key) {
            return Err(refusals::organiser_not_allowed());
        }
        let origin = self.config.origin(&uuid.to_string());
        if manifest.board.origin != origin {
            return Err(refusals::other_board("board origin", &origin));
        }
        if manifest.board.key != self.key.public() {
            return Err(refusals::other_board("board key", &self.public_key()));
        }
        let scope = envelope.scope;
        let (reply, answer) = reply();
        self.line().send(Command::Create {
            uuid,
            origin,
            entry,
            reply,
        });
        let outcome = answer.await.unwrap_or(Err(Rejection::Unavailable));
        let board = self.boards.get(&uuid);
        match (outcome, board) {
            (Ok(applied), Some(board)) => Ok(Posted::New(
                self.receipt(&board, &place(&applied, scope)).await?,
            )),
            (Err(Rejection::Exists), Some(board)) => self
                .posted_before(&board, leaf)
                .await?
                .ok_or_else(refusals::election_exists),
            (Err(rejection), _) => Err(rejected(&rejection)),
            (Ok(_), None) => Err(unavailable()),
        }
    }

    /// Appends an entry, or finds that it has been appended before.
    ///
    /// # Errors
    /// The problem to be sent.
    pub async fn append(&self, board: &Arc<Board>, entry: Vec<u8>) -> Result<Posted, Problem> {
        // The time of arrival counts, however long the entry waits.
        let now = self.config.clock.now();
        let leaf = leaf_hash(&entry);
        match self.admit(board, entry, now).await {
            Ok((applied, scope)) => Ok(Posted::New(
                self.receipt(board, &place(&applied, scope)).await?,
            )),
            // Whatever the fold says to a repetition, an entry on the board has a receipt.
            Err(problem) => self.posted_before(board, leaf).await?.ok_or(problem),
        }
    }

    async fn admit(
        &self,
        board: &Arc<Board>,
        entry: Vec<u8>,
        now: i64,
    ) -> Result<(Applied, Digest), Problem> {
        let envelope =
            Envelope::decode(&entry).map_err(|error| refusals::refused(&error.into()))?;
        let (kind, scope) = (envelope.kind, envelope.scope);
        let manifest = self.manifest(board).await?;
        let is_of_voter = matches!(kind, Kind::Ballot | Kind::Void);
        if is_of_voter && now < manifest.opens {
            return Err(refusals::not_open_yet(manifest.opens));
        }
        if is_of_voter && now >= manifest.closes {
            return Err(refusals::voting_over(manifest.closes));
        }
        let state = self.state(board).await?;
        if is_of_voter && state.phase > Phase::Open {
            return Err(refusals::refused(&Refusal::Phase {
                kind,
                phase: state.phase,
            }));
        }
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
        Ok((outcome.map_err(|rejection| rejected(&rejection))?, scope))
    }

    async fn posted_before(
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

fn reply() -> (Reply, oneshot::Receiver<Result<Applied, Rejection>>) {
    let (sender, receiver) = oneshot::channel();
    (Reply(sender), receiver)
}

fn place(applied: &Applied, scope: Digest) -> Place {
    Place {
        index: applied.index,
        code: applied.code.map_or(applied.leaf, |code| code.0),
        scope,
    }
}

fn rejected(rejection: &Rejection) -> Problem {
    match rejection {
        Rejection::Refused(refusal) => refusals::refused(refusal),
        Rejection::Exists => refusals::election_exists(),
        Rejection::Unavailable => unavailable(),
    }
}
