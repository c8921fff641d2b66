//! Following one election: every entry is checked by this very program, and the board never goes
//! back behind what the trustee has seen.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use board_client::ClientError;
use getrandom::SysRng;
use protocol::election::{Election, Refusal, ReplayError, replay_on_threads};
use protocol::entry::{Envelope, Kind};
use protocol::key_ceremony::Round;
use protocol::manifest::{ElectionManifest, RosterTrustee};
use protocol::merkle::{Frontier, leaf_hash};
use protocol::transcript::Digest;

use crate::board::BoardAccess;
use crate::patience::{Patience, TimedOut};
use crate::screen::Screen;
use crate::state::{Journal, Receipts, StateError, Verified};

mod evidence;
mod messages;

pub(crate) use evidence::with_evidence;

/// Why the board is not followed any further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FollowError {
    /// An entry that must not be on a board.
    #[error(
        "The board is not valid: {0}. Nothing was signed. Tell the other trustees; whoever runs the board must explain it."
    )]
    Invalid(#[from] ReplayError),
    /// Less than before.
    #[error(
        "The board goes back: this trustee has seen {seen} entries, and now there are {found}. Nothing was signed. Tell \
         the other trustees."
    )]
    WentBack {
        /// How many were seen.
        seen: u64,
        /// How many there are.
        found: u64,
    },
    /// Other entries than before.
    #[error(
        "The board has changed among the first {size} entries, which this trustee has seen and checked. Nothing was \
         signed. Tell the other trustees."
    )]
    Rewritten {
        /// How many were seen.
        size: u64,
    },
    /// A receipt without the entry.
    #[error(
        "The ballot box is not to be trusted: {what}. Its signed receipt is kept as {receipt:?}; send that file to the other \
         trustees."
    )]
    BrokenPromise {
        /// What the board shows instead.
        what: String,
        /// The receipt's file.
        receipt: PathBuf,
    },
    /// Any of these, with the board that is to blame.
    #[error("{error} What the board shows is kept in {folder:?} as evidence.")]
    Evidence {
        /// What is wrong.
        error: Box<FollowError>,
        /// Where the board is.
        folder: PathBuf,
    },
    /// An empty board.
    #[error("The board is empty. Check the address.")]
    Empty,
    /// The journal.
    #[error(transparent)]
    State(#[from] StateError),
    /// The way there.
    #[error(transparent)]
    Board(#[from] ClientError),
    /// Too long.
    #[error(transparent)]
    TimedOut(#[from] TimedOut),
}

impl FollowError {
    /// What is wrong, without where the evidence is.
    pub fn cause(&self) -> &Self {
        match self {
            Self::Evidence { error, .. } => error.cause(),
            other => other,
        }
    }
}

/// One election as one trustee follows it.
pub struct Follower<B> {
    board: B,
    journal: Journal,
    election: Election,
    threads: NonZeroUsize,
}

impl<B: BoardAccess> Follower<B> {
    /// Begins to follow; nothing is fetched yet.
    pub fn new(journal: Journal, board: B) -> Self {
        Self {
            board,
            journal,
            election: Election::new(),
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }

    /// The election up to the last [`Follower::catch_up`].
    pub fn election(&self) -> &Election {
        &self.election
    }

    /// The journal.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// All entries up to the last [`Follower::catch_up`].
    pub fn entries(&self) -> &[Vec<u8>] {
        self.board.entries()
    }

    /// This trustee's number, from 1.
    pub fn trustee(&self) -> u16 {
        self.journal.pin().trustee
    }

    /// Where the board is.
    pub fn url(&self) -> &str {
        self.board.url()
    }

    /// The manifest.
    ///
    /// # Errors
    /// [`FollowError::Empty`] before the first catch-up.
    pub fn manifest(&self) -> Result<&ElectionManifest, FollowError> {
        self.election.manifest().ok_or(FollowError::Empty)
    }

    /// Names of trustees in the order of the roster, for a sentence.
    pub fn names(&self, trustees: &[u16]) -> String {
        joined(&self.name_list(trustees))
    }

    /// Those who certified the close, witnesses after trustees.
    pub fn certifiers(&self) -> String {
        let mut names = self.name_list(self.election.certified_by());
        let board = self.election.manifest().map(|manifest| &manifest.board);
        let witnesses = self.election.witnessed_by().iter();
        names.extend(witnesses.filter_map(|number| {
            let witness = board?.witness(*number)?;
            Some(format!("the witness {}", witness.name))
        }));
        joined(&names)
    }

    fn name_list(&self, trustees: &[u16]) -> Vec<String> {
        let name = |trustee: &u16| {
            let known = self
                .election
                .manifest()
                .and_then(|manifest| manifest.trustee(*trustee));
            known.map_or_else(
                || format!("trustee {trustee}"),
                |known: &RosterTrustee| known.name.clone(),
            )
        };
        let mut trustees = trustees.to_vec();
        trustees.sort_unstable();
        trustees.iter().map(name).collect()
    }

    /// Fetches what is new and checks it: every entry's rules, signatures and proofs. Ballots that
    /// this program verified at an earlier start are not proved again if the log's root at that
    /// size is the one in the journal.
    ///
    /// # Errors
    /// [`FollowError`]; nothing must be signed for such a board. One that contradicts itself or
    /// what this trustee has seen is kept as [`FollowError::Evidence`].
    pub fn catch_up(&mut self, screen: &mut dyn Screen) -> Result<(), FollowError> {
        let known = self.board.entries().len();
        self.board
            .update(&mut |done, of| screen.progress("Fetching the board", done, of))?;
        let fetched_much = self.board.entries().len() > known + 256;
        self.check(screen)
            .map_err(|error| self.keep_evidence(error))?;
        if fetched_much {
            self.save()?;
        }
        Ok(())
    }

    /// Checks what was fetched. It is remembered last, so that a board that contradicts this
    /// trustee's messages never takes the place of the one that they belong to.
    fn check(&mut self, screen: &mut dyn Screen) -> Result<(), FollowError> {
        self.expect_continuation()?;
        self.expect_promises()?;
        let before = self.election.size();
        self.fold(screen)?;
        if self.journal.state().is_undecided() {
            self.record_restored()?;
        }
        self.adopt_own_messages(before, screen)?;
        Ok(self.journal.record_verified(Verified {
            size: self.election.size(),
            root: self.election.root(),
        })?)
    }

    fn keep_evidence(&self, error: FollowError) -> FollowError {
        match self.journal.is_held() {
            true => with_evidence(&self.board, self.journal.folder(), error),
            false => error,
        }
    }

    /// Every entry that the board gave a receipt for, now or at an earlier start, stands where the
    /// receipt says.
    fn expect_promises(&self) -> Result<(), FollowError> {
        for (path, receipt) in Receipts::of(self.journal.folder()).all()? {
            let mut recorded = self.journal.state().messages();
            let entry = recorded.find(|entry| leaf_hash(entry.bytes()).to_string() == receipt.code);
            // The folder of a journal that was lost may have receipts for entries lost with it.
            let Some(entry) = entry else { continue };
            self.board
                .confirm(&receipt, entry)
                .map_err(|what| FollowError::BrokenPromise {
                    what,
                    receipt: path,
                })?;
        }
        Ok(())
    }

    /// As [`Follower::catch_up`], but a board that cannot be reached is waited for.
    ///
    /// # Errors
    /// [`FollowError`].
    pub fn catch_up_patiently(
        &mut self,
        patience: &Patience,
        screen: &mut dyn Screen,
    ) -> Result<(), FollowError> {
        loop {
            match self.catch_up(screen) {
                Err(FollowError::Board(error)) if is_passing(&error) && patience.waits() => {
                    screen.wait(&format!("trying again: {error}"));
                    patience.wait("the board to answer")?;
                }
                other => return other,
            }
        }
    }

    /// Keeps the entries for the next start.
    ///
    /// # Errors
    /// [`FollowError`] if they cannot be written.
    pub fn save(&self) -> Result<(), FollowError> {
        if self.journal.is_held() {
            self.board.save()?;
        }
        Ok(())
    }

    fn expect_continuation(&self) -> Result<(), FollowError> {
        let entries = self.board.entries();
        let first = entries.first().ok_or(FollowError::Empty)?;
        // The manifest is compared before anything else of a strange board is looked at.
        if self.election.size() == 0
            && let Ok(manifest) = read_manifest(first)
            && manifest.id().to_string() != self.journal.pin().manifest
        {
            return Err(self.other_manifest(manifest.id()));
        }
        let found = entries.len() as u64;
        let verified = self.journal.state().verified();
        let seen = verified
            .map_or(0, |verified| verified.size)
            .max(self.election.size());
        if found < seen {
            return Err(FollowError::WentBack { seen, found });
        }
        if self.election.size() > 0 {
            return Ok(());
        }
        if let Some(Verified { size, root }) = verified {
            let mut log = Frontier::default();
            let seen = entries.iter().zip(0..size);
            seen.for_each(|(entry, _)| log.append(leaf_hash(entry)));
            if log.root() != root {
                return Err(FollowError::Rewritten { size });
            }
        }
        Ok(())
    }

    fn other_manifest(&self, found: Digest) -> FollowError {
        let pinned = Digest::from_hex(&self.journal.pin().manifest).unwrap_or(Digest([0; 32]));
        StateError::OtherManifest { pinned, found }.into()
    }

    fn fold(&mut self, screen: &mut dyn Screen) -> Result<(), FollowError> {
        let Self {
            board,
            journal,
            election,
            threads,
        } = self;
        let entries = board.entries();
        let of = entries.len() as u64;
        let trusted = journal
            .state()
            .verified()
            .map_or(0, |verified| verified.size);
        let new = usize::try_from(election.size()).unwrap_or(usize::MAX);
        let new = entries.get(new..).unwrap_or_default();
        replay_on_threads(
            election,
            new.iter().map(Vec::as_slice),
            trusted,
            *threads,
            || SysRng,
            |done| screen.progress("Checking the board", done, of),
        )?;
        let found = self.manifest()?.id();
        if found.to_string() != self.journal.pin().manifest {
            return Err(self.other_manifest(found));
        }
        Ok(())
    }

    /// Records that this trustee's state is lost, so that it cannot know what it has signed. The
    /// attempt at the key ceremony that is open now must be given up.
    ///
    /// # Errors
    /// [`FollowError`] if it cannot be written.
    pub fn record_restored(&mut self) -> Result<(), FollowError> {
        let abandon = self.open_attempt();
        Ok(self.journal.record_restored(abandon)?)
    }

    /// The attempt that has begun and is not complete, if there is one.
    pub fn open_attempt(&self) -> Option<u16> {
        let ceremony = self.election.ceremony()?;
        let begun = (1..=ceremony.dimensions().trustees).any(|trustee| ceremony.has_begun(trustee));
        (begun && ceremony.round() != Round::Complete).then(|| ceremony.attempt())
    }
}

/// Whether the same request may succeed a little later.
pub(crate) fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. } => true,
        ClientError::Refused { status, .. } => *status >= 500 || *status == 429,
        _ => false,
    }
}

/// Reads the manifest of a board's first entry, without checking its signature.
///
/// # Errors
/// [`Refusal`] if it is none.
pub(crate) fn read_manifest(first: &[u8]) -> Result<ElectionManifest, Refusal> {
    let envelope = Envelope::decode(first)?;
    if envelope.kind != Kind::Manifest {
        return Err(Refusal::NoManifest);
    }
    Ok(ElectionManifest::parse(envelope.body)?)
}

fn joined(names: &[String]) -> String {
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}
