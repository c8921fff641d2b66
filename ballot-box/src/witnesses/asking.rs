//! One witness's thread.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use protocol::cosignature::Cosignature;
use protocol::election::{Phase, witness_close_entry};
use protocol::manifest::BoardIdentity;
use tokio::sync::oneshot;

use super::request::{Answer, Request, RequestError, Sender};
use super::{End, LOOK_EVERY, PACE, Shared, Target};
use crate::ballot_box::reply;
use crate::boards::Board;
use crate::load::{self, LoadError};
use crate::models::StoredCosignature;
use crate::sequencer::{Command, Rejection, Work};
use crate::tree::{Lack, Tiles};

/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How often a board that nobody reads is looked at.
const IDLE: Duration = Duration::from_secs(30);

/// Asks one witness about all boards that name it, one request at a time.
pub(super) struct Asking {
    shared: Arc<Shared>,
    name: String,
    sender: Sender,
    boards: HashMap<i32, Asked>,
}

/// What is known of the witness and one board.
struct Asked {
    /// Its number in the manifest; `None` if it is not named there.
    witness: Option<u16>,
    /// Whether the manifest could be read.
    is_read: bool,
    /// The size that it cosigned last, as far as we know.
    stands: u64,
    /// The last cosignature that is stored.
    last: Option<(u64, Cosignature)>,
    /// No more requests before.
    rests_until: Instant,
    failures: u32,
    /// Whether it certified the close, or cannot any more.
    is_done_with_close: bool,
    /// The size whose cosignature the fold refused as a certificate of the close; 0 if none.
    refused: u64,
    /// The size at which the end of the log was looked at.
    looked_at: u64,
}

impl Asking {
    pub(super) fn new(shared: Arc<Shared>, name: String, address: String) -> Self {
        Self {
            shared,
            name,
            sender: Sender::new(&address),
            boards: HashMap::new(),
        }
    }

    pub(super) fn run(mut self) {
        while self.shared.is_on() {
            if self.shared.desk.appends.load(Ordering::Relaxed) {
                for board in self.shared.desk.boards.all() {
                    if !self.shared.is_on() {
                        return;
                    }
                    self.look_at(&board);
                }
            } else {
                // What the other server is told is read from the database when this one takes over.
                self.boards.clear();
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn look_at(&mut self, board: &Arc<Board>) {
        let mut asked = match self.boards.remove(&board.number) {
            Some(asked) if asked.is_read || Instant::now() < asked.rests_until => asked,
            _ => self.first_look(board),
        };
        if let Some(witness) = asked.witness
            && Instant::now() >= asked.rests_until
            && let Err(error) = self.look(board, witness, &mut asked)
        {
            let election = board.uuid;
            tracing::error!(%error, %election, "a board could not be read for its witnesses");
            asked.rests_until = Instant::now() + LONGEST_WAIT;
        }
        self.boards.insert(board.number, asked);
    }

    fn first_look(&self, board: &Board) -> Asked {
        let mut asked = Asked {
            witness: None,
            is_read: true,
            stands: 0,
            last: None,
            rests_until: Instant::now(),
            failures: 0,
            is_done_with_close: false,
            refused: 0,
            looked_at: 0,
        };
        let known = self.shared.manifest(board).and_then(|manifest| {
            let numbered = (1u16..).zip(&manifest.board.witnesses);
            let mut named = numbered.filter(|(_, witness)| witness.name == self.name);
            let Some((number, _)) = named.next() else {
                return Ok(None);
            };
            let store = &self.shared.desk.store;
            Ok(Some((
                number,
                store.last_cosignature(board.number, number)?,
            )))
        });
        match known {
            Ok(Some((number, row))) => {
                asked.witness = Some(number);
                asked.last =
                    row.and_then(|row| Some((u64::try_from(row.size).ok()?, row.cosignature()?)));
                asked.stands = asked.last.map_or(0, |(size, _)| size);
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, election = %board.uuid, "a manifest could not be read");
                asked.is_read = false;
                asked.rests_until = Instant::now() + LONGEST_WAIT;
            }
        }
        asked
    }

    fn look(&self, board: &Arc<Board>, witness: u16, asked: &mut Asked) -> Result<(), LoadError> {
        if board.checkpoint().is_none() {
            let size = self.shared.signed_size(board)?;
            // A board that nobody reads does not grow, and its log need not be read.
            if asked.last.is_some_and(|(last, _)| last >= size) {
                asked.rests_until = Instant::now() + IDLE;
                return self.certify_close(board, witness, asked, size);
            }
        }
        let target = self.shared.target(board)?;
        let size = target.checkpoint.size;
        if asked.last.is_some_and(|(last, _)| last >= size) {
            // After a restart it may have signed what nobody asked it about here.
            self.shared.was_asked(board, &target, witness, true);
        } else {
            let manifest = self.shared.manifest(board)?;
            self.ask(board, &manifest.board, witness, asked, &target)?;
            let shared = &self.shared;
            shared.was_asked(board, &target, witness, asked.failures == 0);
        }
        self.certify_close(board, witness, asked, size)
    }

    fn ask(
        &self,
        board: &Board,
        identity: &BoardIdentity,
        number: u16,
        asked: &mut Asked,
        target: &Target,
    ) -> Result<(), LoadError> {
        let Some(witness) = identity.witness(number) else {
            return Ok(());
        };
        let size = target.checkpoint.size;
        // Twice: a witness that stands elsewhere says where.
        for _ in 0..2 {
            let (store, stands) = (&self.shared.desk.store, asked.stands);
            let ask = |tiles: &Tiles| board.consistency(stands, size, tiles);
            let proof = match load::with_tiles(store, board.number, ask)? {
                Ok(proof) => proof,
                // Dropped meanwhile: the next look reads it again.
                Err(Lack::Log) => return Ok(()),
                Err(_) => {
                    asked.stands = 0;
                    break;
                }
            };
            let request = Request {
                old: asked.stands,
                proof,
                note: &target.note,
            };
            match self.sender.ask(witness, &request) {
                Ok(Answer::Cosigned { time, signature }) => {
                    self.tell("cosigned");
                    let cosignature = Cosignature {
                        witness: number,
                        time,
                        signature,
                    };
                    let quorum = usize::from(identity.witness_quorum);
                    asked.failures = 0;
                    if self.keep(board, target, &cosignature, quorum) {
                        asked.stands = size;
                        asked.last = Some((size, cosignature));
                        // What follows from it is looked at again.
                        asked.looked_at = 0;
                    } else {
                        asked.rests_until = Instant::now() + PACE;
                    }
                    return Ok(());
                }
                Ok(Answer::Stands(stands)) if stands <= size && stands != asked.stands => {
                    asked.stands = stands;
                }
                Ok(Answer::Stands(stands)) => {
                    let (election, name) = (board.uuid, &self.name);
                    tracing::warn!(%election, witness = ?name, stands, size, "a witness has cosigned another size of this board than this server shows it");
                    break;
                }
                Err(error) => {
                    self.report(board, &error, asked.failures);
                    break;
                }
            }
        }
        self.tell("failed");
        let wait = PACE.saturating_mul(1 << asked.failures.min(6));
        asked.failures = asked.failures.saturating_add(1);
        asked.rests_until = Instant::now() + wait.min(LONGEST_WAIT);
        Ok(())
    }

    /// Says what is wrong with a witness, and not again and again that it is silent.
    fn report(&self, board: &Board, error: &RequestError, failures: u32) {
        let (election, name) = (board.uuid, &self.name);
        if failures == 0 || !matches!(error, RequestError::Unreachable(_)) {
            tracing::warn!(%election, witness = ?name, %error, "a witness does not cosign");
        }
    }

    fn tell(&self, outcome: &'static str) {
        self.shared.desk.metrics.asked(&self.name, outcome);
    }

    /// Hands a cosignature to the sequencer, and waits until it is stored; false if it is not, and
    /// has to be asked for again.
    fn keep(
        &self,
        board: &Board,
        target: &Target,
        cosignature: &Cosignature,
        quorum: usize,
    ) -> bool {
        let size = target.checkpoint.size;
        let Some(cosignature) = StoredCosignature::of(board.number, size, cosignature) else {
            return false;
        };
        let (reply, answer) = oneshot::channel();
        let command = Command::Cosigned {
            cosignature,
            note: target.note.clone(),
            quorum,
            reply,
        };
        self.shared.desk.line.try_send(command).is_ok() && answer.blocking_recv() == Ok(true)
    }

    /// Posts the witness's certificate of the close, once.
    fn certify_close(
        &self,
        board: &Arc<Board>,
        witness: u16,
        asked: &mut Asked,
        size: u64,
    ) -> Result<(), LoadError> {
        let Some((signed, cosignature)) = asked.last.filter(|_| !asked.is_done_with_close) else {
            return Ok(());
        };
        if board.state().is_none() && asked.looked_at != size {
            asked.looked_at = size;
            match self.shared.end_of(board, size)? {
                End::Before => {}
                End::Closed => self.shared.adopt(board)?,
                End::Finished => asked.is_done_with_close = true,
            }
        }
        let Some(state) = board.state() else {
            return Ok(());
        };
        if state.phase == Phase::Finished || state.witnessed_by.contains(&witness) {
            asked.is_done_with_close = true;
            return Ok(());
        }
        let (Some(close), Some(voting)) = (state.close, &state.voting) else {
            return Ok(());
        };
        if signed < close || signed == asked.refused {
            return Ok(());
        }
        let entry = witness_close_entry(voting.election_id(), signed, &cosignature);
        let (reply, answer) = reply();
        let append = Command::Append {
            board: board.clone(),
            work: Work::Entry(entry),
            reply,
        };
        if self.shared.desk.line.try_send(append).is_err() {
            return Ok(());
        }
        let (election, name) = (board.uuid, &self.name);
        match answer.blocking_recv() {
            Ok(Ok(_)) => {
                asked.is_done_with_close = true;
                tracing::info!(%election, witness = ?name, "a witness certified the close");
            }
            Ok(Err(Rejection::Refused(refusal))) => {
                asked.refused = signed;
                tracing::warn!(%election, witness = ?name, %refusal, "a witness's certificate of the close is refused");
            }
            // The disk, or another server: the next look tries again.
            Ok(Err(_)) | Err(_) => asked.rests_until = Instant::now() + PACE,
        }
        Ok(())
    }
}
