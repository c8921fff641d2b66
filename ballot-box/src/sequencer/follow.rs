//! Who appends: stepping down, taking over, and reading what another server has appended.

use getrandom::SysRng;
use protocol::checkpoint::Checkpoint;
use protocol::transcript::Digest;

use super::Rejection;
use super::order::{Live, Order};
use crate::load::{self, LoadError};
use crate::writer::Writer;

/// Entries read at a time.
const CHUNK: u64 = 256;

impl Order {
    /// Whether this server may append now. A file is opened again at once; a database that servers
    /// share is asked again a little later.
    pub(super) fn may_append(&mut self) -> Result<(), Rejection> {
        if self.desk.writer.is_none() && !self.desk.database.is_shared() {
            self.take_over();
        }
        match (&self.desk.writer, self.desk.database.is_shared()) {
            (Some(_), _) => Ok(()),
            (None, true) => Err(Rejection::Following),
            (None, false) => Err(Rejection::Unavailable),
        }
    }

    /// Gives up appending: the connection failed, or another server took over.
    pub(super) fn step_down(&mut self) {
        self.desk.writer = None;
        self.desk.store.read_any();
        self.pulse.set_appends(false);
        if let Some(unpublished) = &self.desk.unpublished {
            unpublished.end();
        }
    }

    /// Looks whether this server still appends, or can, and otherwise what the other has appended.
    pub(super) fn look_around(&mut self) {
        let shared = self.desk.database.is_shared();
        match &mut self.desk.writer {
            Some(writer) if shared => {
                if let Err(error) = writer.check() {
                    tracing::error!(%error, "this server no longer appends");
                    self.step_down();
                }
            }
            Some(_) => {}
            None => {
                self.take_over();
                if shared && self.desk.writer.is_none() {
                    self.catch_up_all();
                }
            }
        }
    }

    /// Becomes the one who appends, if nobody else is. Everything that another has appended is read
    /// first; nothing can be appended meanwhile.
    fn take_over(&mut self) {
        let key = self.desk.key.public();
        match Writer::take(&self.desk.database, self.desk.busy_timeout, &key) {
            Ok(Some(writer)) => {
                if let Err(error) = self.desk.store.read_with(writer.epoch()) {
                    tracing::error!(%error, "what the connection for writing sees cannot be read; this server does not append yet");
                } else if self.catch_up_all() {
                    self.desk.writer = Some(writer);
                    self.pulse.set_appends(true);
                    if let Some(unpublished) = &self.desk.unpublished {
                        unpublished.begin(self.desk.boards.all());
                    }
                    tracing::info!("this server appends now");
                } else {
                    self.desk.store.read_any();
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "the database could not be taken over"),
        }
    }

    /// Reads what is new in every election; false if the list of them could not be read.
    fn catch_up_all(&mut self) -> bool {
        let listed = self.desk.store.elections();
        match listed.and_then(|elections| self.desk.boards.add_stored(elections)) {
            Ok(next_number) => self.desk.next_number = next_number,
            Err(error) => {
                tracing::error!(%error, "the elections could not be read");
                return false;
            }
        }
        for board in self.desk.boards.all() {
            self.catch_up(board.number);
            // A log that was read meanwhile, or that has no fold, is read again if it is behind.
            let last = match self.live.get(&board.number) {
                Some(live) => Some(live.checkpoint()),
                None => load::checkpoint(&self.desk.store, &self.desk.key, &board)
                    .ok()
                    .map(|(checkpoint, _)| checkpoint),
            };
            if board.checkpoint().is_some_and(|shown| Some(shown) != last) {
                board.forget_log();
            }
        }
        true
    }

    /// Reads what is new in an election that is followed. If that fails, all of it is read again
    /// when it is asked for.
    pub(super) fn catch_up(&mut self, number: i32) {
        let Some(mut live) = self.live.remove(&number) else {
            return;
        };
        match self.read_new(&mut live) {
            Ok(()) => {
                self.live.insert(number, live);
            }
            Err(error) => {
                tracing::error!(%error, election = %live.board.uuid, "what another server appended could not be read");
                live.board.forget();
            }
        }
    }

    fn read_new(&self, live: &mut Live) -> Result<(), LoadError> {
        let (checkpoint, note) = load::checkpoint(&self.desk.store, &self.desk.key, &live.board)?;
        let before = live.checkpoint();
        if checkpoint == before {
            return Ok(());
        }
        let leaves = self.apply_new(live, &checkpoint)?;
        let after = live.checkpoint();
        if after != checkpoint {
            return Err(LoadError::Checkpoint {
                found: after.size,
                size: checkpoint.size,
            });
        }
        self.publish(live, &leaves, checkpoint, note.into());
        Ok(())
    }

    /// Applies the entries up to a checkpoint. Proofs of ballots were checked by the server that
    /// stored them, and the root shows that they are the same ballots.
    fn apply_new(
        &self,
        live: &mut Live,
        checkpoint: &Checkpoint,
    ) -> Result<Vec<Digest>, LoadError> {
        let mut leaves = Vec::new();
        while live.election.size() < checkpoint.size {
            let start = live.election.size();
            let end = checkpoint.size.min(start + CHUNK);
            let entries = self.desk.store.entries(live.board.number, start, end)?;
            for entry in &entries {
                let index = live.election.size();
                let voting = live.election.voting().filter(|_| load::is_ballot(entry));
                let applied = match voting.map(|voting| voting.trust_stored(entry)) {
                    Some(ballot) => ballot.and_then(|ballot| live.apply_ballot(ballot)),
                    None => live.election.apply(entry, &mut SysRng),
                };
                let applied = applied.map_err(|refusal| LoadError::Entry { index, refusal })?;
                leaves.push(applied.leaf);
            }
            if entries.is_empty() {
                return Err(LoadError::Checkpoint {
                    found: start,
                    size: checkpoint.size,
                });
            }
        }
        Ok(leaves)
    }
}
