//! A board that was fetched and folded: nothing is done on a state that was not verified here.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use board_client::{ClientError, Receipt};
use getrandom::SysRng;
use protocol::credential::{RollPart, RollVoter};
use protocol::election::{Election, Phase, ReplayError, replay_on_threads};
use protocol::entry::{Envelope, Kind};
use protocol::manifest::ElectionManifest;
use protocol::merkle::leaf_hash;

use crate::board::{BoardAccess, Network};
use crate::error::CommandError;
use crate::files::FileError;
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
    /// A receipt that the board does not keep.
    #[error(
        "the ballot box is not to be trusted: {what}; keep its receipt {} and the folder {} as evidence, and tell the trustees", receipt.display(), board.display()
    )]
    NotShown {
        /// What is wrong.
        what: String,
        /// Where the receipt is.
        receipt: PathBuf,
        /// Where the board is.
        board: PathBuf,
    },
    /// An entry that did not do what it is for.
    #[error(
        "the entry is on the board, and yet the election is in the phase {found:?}, not {expected:?}; compare this program's version with the trustees'"
    )]
    Phase {
        /// The phase that it should have led to.
        expected: String,
        /// The phase of the board.
        found: String,
    },
    /// The receipt cannot be kept.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A verified state of one election's board.
pub struct Session {
    board: Box<dyn BoardAccess>,
    election: Election,
    folder: ElectionFolder,
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
    ) -> Result<Self, CommandError> {
        let url = folder.board_url()?;
        let board = network.board(&url, &folder.board_folder())?;
        let mut session = Self {
            board,
            election: Election::new(),
            folder: folder.clone(),
        };
        session.refresh(screen)?;
        Ok(session)
    }

    /// Fetches and folds what is new.
    ///
    /// # Errors
    /// [`SessionError`] if it cannot be had or is not valid.
    pub fn refresh(&mut self, screen: &mut dyn Screen) -> Result<(), SessionError> {
        self.board
            .update(&mut |done, of| screen.progress("Fetching the board", done, of))?;
        let entries = self.board.entries();
        let first = entries.first().map(|entry| Envelope::decode(entry));
        if !matches!(first, Some(Ok(envelope)) if envelope.body == self.manifest().bytes()) {
            return Err(SessionError::OtherManifest);
        }
        let known = usize::try_from(self.election.size()).unwrap_or(usize::MAX);
        let new = entries.iter().skip(known).map(Vec::as_slice);
        let of = entries.len() as u64;
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        replay_on_threads(
            &mut self.election,
            new,
            0,
            threads,
            || SysRng,
            |done| {
                screen.progress("Verifying the board", done, of);
            },
        )?;
        Ok(())
    }

    /// Adds an entry, and folds the board that holds it: the election is in the phase `least` then,
    /// or in a later one.
    ///
    /// # Errors
    /// [`SessionError`] if it is refused, or acknowledged and not shown.
    pub fn post(
        &mut self,
        entry: &[u8],
        least: Phase,
        screen: &mut dyn Screen,
    ) -> Result<(), SessionError> {
        self.post_all(&[entry.to_vec()], screen)?;
        let found = self.election.phase();
        if found < least {
            return Err(SessionError::Phase {
                expected: least.to_string(),
                found: found.to_string(),
            });
        }
        Ok(())
    }

    /// Adds entries one after the other, and folds the board that holds them all. Their receipts
    /// are kept, and the board must bear them out.
    ///
    /// # Errors
    /// [`SessionError`] if one is refused, those before it are on the board then; or if one is
    /// acknowledged and not shown.
    pub fn post_all(
        &mut self,
        entries: &[Vec<u8>],
        screen: &mut dyn Screen,
    ) -> Result<(), SessionError> {
        let of = entries.len() as u64;
        let mut receipts = Vec::with_capacity(entries.len());
        for (done, entry) in (1..).zip(entries) {
            let receipt = self.board.post(entry)?;
            let path = self.folder.keep_receipt(&leaf_hash(entry), &receipt)?;
            receipts.push((receipt, path));
            screen.progress("Posting", done, of);
        }
        if let Err(error) = self.refresh(screen) {
            if let Some((_, path)) = receipts.last() {
                screen.warn(&format!(
                    "what was posted is not confirmed; the ballot box's receipt is kept in {}",
                    path.display()
                ));
            }
            return Err(error);
        }
        for (entry, (receipt, path)) in entries.iter().zip(receipts) {
            self.confirm(entry, &receipt, path)?;
        }
        Ok(())
    }

    /// Confirms that the fetched board has an entry where its receipt, kept in `path`, says.
    ///
    /// # Errors
    /// [`SessionError::NotShown`] if it does not.
    pub fn confirm(
        &self,
        entry: &[u8],
        receipt: &Receipt,
        path: PathBuf,
    ) -> Result<(), SessionError> {
        self.board
            .confirm(receipt, entry)
            .map_err(|what| SessionError::NotShown {
                what,
                receipt: path,
                board: self.folder.board_folder(),
            })
    }

    /// The state.
    pub fn election(&self) -> &Election {
        &self.election
    }

    /// The manifest, which the board has in its first entry.
    pub fn manifest(&self) -> &ElectionManifest {
        self.folder.manifest()
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
        let issuers = self.manifest().issuers.len();
        let parts = self.entries().iter().filter_map(|entry| {
            let envelope = Envelope::decode(entry).ok()?;
            // The fold has decoded every roll entry before.
            (envelope.kind == Kind::Roll).then(|| RollPart::decode(envelope.body, issuers).ok())?
        });
        parts.flat_map(|part| part.voters).collect()
    }
}
