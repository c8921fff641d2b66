//! A board that was fetched and folded: nothing is done on a state that was not verified here.

use board_client::ClientError;
use protocol::credential::{RollPart, RollVoter};
use protocol::election::{Election, ReplayError, replay};
use protocol::entry::{Envelope, Kind};
use protocol::manifest::ElectionManifest;
use rand_core::TryCryptoRng;

use crate::board::{BoardAccess, Network};
use crate::error::CommandError;
use crate::home::ElectionFolder;
use crate::screen::Screen;

/// Why a board cannot be worked on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The ballot box.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An entry of the board is not valid.
    #[error("{0}; the ballot box took what it must not take, so nothing was done")]
    Replay(#[from] ReplayError),
    /// The board of another election.
    #[error("the board's manifest is not the one in this election's folder; nothing was done")]
    OtherManifest,
}

/// A verified state of one election's board.
pub struct Session {
    board: Box<dyn BoardAccess>,
    election: Election,
    manifest: ElectionManifest,
}

impl Session {
    /// Fetches the election's board and folds it.
    ///
    /// # Errors
    /// [`SessionError`] if it cannot be had or is not valid.
    pub fn open(
        network: &dyn Network,
        folder: &ElectionFolder,
        screen: &mut dyn Screen,
        rng: &mut impl TryCryptoRng,
    ) -> Result<Self, CommandError> {
        let url = folder.board_url()?;
        let board = network.board(&url, &folder.board_folder())?;
        let mut session = Self {
            board,
            election: Election::new(),
            manifest: folder.manifest().clone(),
        };
        session.refresh(screen, rng)?;
        Ok(session)
    }

    /// Fetches and folds what is new.
    ///
    /// # Errors
    /// [`SessionError`] if it cannot be had or is not valid.
    pub fn refresh(
        &mut self,
        screen: &mut dyn Screen,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(), SessionError> {
        self.board
            .update(&mut |done, of| screen.progress("Fetching the board", done, of))?;
        let entries = self.board.entries();
        let first = entries.first().map(|entry| Envelope::decode(entry));
        if !matches!(first, Some(Ok(envelope)) if envelope.body == self.manifest.bytes()) {
            return Err(SessionError::OtherManifest);
        }
        let known = usize::try_from(self.election.size()).unwrap_or(usize::MAX);
        let new = entries.iter().skip(known).map(Vec::as_slice);
        let of = entries.len() as u64;
        replay(&mut self.election, new, rng, |done| {
            screen.progress("Verifying the board", done, of);
        })?;
        Ok(())
    }

    /// Adds an entry, and folds the board that holds it.
    ///
    /// # Errors
    /// [`SessionError`] if it is refused.
    pub fn post(
        &mut self,
        entry: &[u8],
        screen: &mut dyn Screen,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(), SessionError> {
        self.post_all(&[entry.to_vec()], screen, rng)
    }

    /// Adds entries one after the other, and folds the board that holds them all.
    ///
    /// # Errors
    /// [`SessionError`] if one is refused; those before it are on the board.
    pub fn post_all(
        &mut self,
        entries: &[Vec<u8>],
        screen: &mut dyn Screen,
        rng: &mut impl TryCryptoRng,
    ) -> Result<(), SessionError> {
        let of = entries.len() as u64;
        for (done, entry) in (1..).zip(entries) {
            self.board.post(entry)?;
            screen.progress("Posting", done, of);
        }
        self.refresh(screen, rng)
    }

    /// The state.
    pub fn election(&self) -> &Election {
        &self.election
    }

    /// The manifest, which the board has in its first entry.
    pub fn manifest(&self) -> &ElectionManifest {
        &self.manifest
    }

    /// The entries.
    pub fn entries(&self) -> &[Vec<u8>] {
        self.board.entries()
    }

    /// The signed checkpoint of the entries.
    pub fn checkpoint(&self) -> &str {
        self.board.checkpoint()
    }

    /// The roll as the board lists it.
    pub fn roll(&self) -> Vec<RollVoter> {
        let issuers = self.manifest.issuers.len();
        let parts = self.entries().iter().filter_map(|entry| {
            let envelope = Envelope::decode(entry).ok()?;
            // The fold has decoded every roll entry before.
            (envelope.kind == Kind::Roll).then(|| RollPart::decode(envelope.body, issuers).ok())?
        });
        parts.flat_map(|part| part.voters).collect()
    }
}
