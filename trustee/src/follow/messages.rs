//! The trustee's own messages: what it gives, what the board has of it, and whether both agree.

use board_client::ClientError;
use protocol::election::Election;
use protocol::entry::{Author, Envelope, Kind};

use super::{FollowError, Follower, is_passing};
use crate::board::BoardAccess;
use crate::patience::Patience;
use crate::promises;
use crate::screen::Screen;
use crate::state::{Receipts, RecordedEntry, Slot, StateError};

impl<B: BoardAccess> Follower<B> {
    /// Compares the trustee's own entries from index `from` on with the journal. One whose bytes the
    /// journal lacks was sent before its state was lost, or by somebody else who has the words: then
    /// nobody knows what else was signed, a close above all, and the journal says so for ever.
    pub(super) fn adopt_own_messages(
        &mut self,
        from: u64,
        screen: &mut dyn Screen,
    ) -> Result<(), FollowError> {
        if !self.journal.is_held() {
            return Ok(());
        }
        let own = Author::Trustee(self.trustee());
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let new = self.board.entries().iter().enumerate().skip(from);
        let ours = new.filter_map(|(index, entry)| {
            // Ballots need not be taken apart again.
            let is_ballot = entry.get(1) == Some(&(Kind::Ballot as u8));
            let envelope = (!is_ballot)
                .then(|| Envelope::decode(entry).ok())
                .flatten()?;
            (envelope.author == own).then(|| (index, envelope.kind, entry.clone()))
        });
        for (index, kind, entry) in ours.collect::<Vec<_>>() {
            let state = self.journal.state();
            let is_known = state.messages().any(|known| known.bytes() == entry);
            if !is_known && !state.is_restored() {
                self.record_restored()?;
                screen.say(&format!(
                    "! Entry {index} of the board is signed with your key, but this folder does not know it. If you use a new \
                     or an old copy of the folder, that is why; otherwise somebody else has your words: tell the other trustees."
                ));
            }
            let (slot, about) = match kind {
                Kind::Register => (Slot::Register, Some(promises::REGISTER.to_owned())),
                Kind::CertifyClose => (
                    Slot::CertifyClose,
                    self.election.close().map(promises::close),
                ),
                Kind::Preview => (Slot::Preview, promises::sums(&self.election)),
                Kind::Shares => (Slot::Shares, promises::sums(&self.election)),
                Kind::Beacon => (
                    Slot::Beacon,
                    self.election.election_id().as_ref().map(promises::beacon),
                ),
                Kind::Seal => (
                    Slot::Seal,
                    self.election.signing().final_state().map(promises::end),
                ),
                // An attempt with messages that are unknown here is abandoned by the ceremony.
                _ => continue,
            };
            let about = about.unwrap_or_default();
            self.journal
                .message::<StateError>(slot, &about, || Ok(entry))?;
            if slot == Slot::Preview {
                // Whoever previewed these sums opens no others.
                self.journal.promise(Slot::Shares, &about)?;
            }
        }
        Ok(())
    }

    /// Checks that a message of this slot would be about what an earlier one was about.
    ///
    /// # Errors
    /// [`StateError::Second`], with the board as [`FollowError::Evidence`].
    pub fn expect_same(&self, slot: Slot, about: &str) -> Result<(), FollowError> {
        let same = self.journal.expect_same(slot, about);
        same.map_err(|error| self.keep_evidence(error.into()))
    }

    /// The one message of a slot, recorded before it can be sent
    /// ([`Journal::message`](crate::state::Journal::message)).
    ///
    /// # Errors
    /// [`StateError::Second`] if the slot's message was about something else, with the board as
    /// [`FollowError::Evidence`].
    pub fn message<E: From<StateError> + From<FollowError>>(
        &mut self,
        slot: Slot,
        about: &str,
        make: impl FnOnce(&Election) -> Result<Vec<u8>, E>,
    ) -> Result<RecordedEntry, E> {
        self.expect_same(slot, about)?;
        let Self {
            journal, election, ..
        } = self;
        journal.message(slot, about, || make(election))
    }

    /// Records what a message of this slot could be about
    /// ([`Journal::promise`](crate::state::Journal::promise)).
    ///
    /// # Errors
    /// [`StateError::Second`], with the board as [`FollowError::Evidence`].
    pub fn promise(&mut self, slot: Slot, about: &str) -> Result<(), FollowError> {
        self.expect_same(slot, about)?;
        Ok(self.journal.promise(slot, about)?)
    }

    /// Sends a recorded entry once and keeps the receipt. The entry is on the board when the next
    /// [`Follower::catch_up`] does not say otherwise.
    ///
    /// # Errors
    /// [`FollowError`].
    pub fn send(&mut self, entry: &RecordedEntry) -> Result<(), FollowError> {
        let receipt = self.board.post(entry)?;
        Ok(Receipts::of(self.journal.folder()).keep(&receipt)?)
    }

    /// Sends a recorded entry until the board shows it.
    ///
    /// # Errors
    /// [`FollowError`] if the board refuses it and does not hold it either;
    /// [`FollowError::BrokenPromise`] if it gives a receipt and does not show the entry.
    pub fn deliver(
        &mut self,
        entry: &RecordedEntry,
        patience: &Patience,
        screen: &mut dyn Screen,
    ) -> Result<(), FollowError> {
        loop {
            match self.send(entry) {
                Ok(()) => return self.catch_up_patiently(patience, screen),
                Err(FollowError::Board(error)) if is_passing(&error) && patience.waits() => {
                    screen.wait(&format!("trying again: {error}"));
                    patience.wait("the board to answer")?;
                }
                Err(FollowError::Board(error @ ClientError::Refused { .. })) => {
                    self.catch_up(screen)?;
                    let mut entries = self.board.entries().iter();
                    let is_there = entries.any(|other| other == entry.bytes());
                    return if is_there { Ok(()) } else { Err(error.into()) };
                }
                Err(error) => return Err(error),
            }
        }
    }
}
