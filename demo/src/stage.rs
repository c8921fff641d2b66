//! An election on the way from its set-up to its record, one method for each step.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use board_client::{Board, BoardClient, ClientError};
use client::booth::{Booth, BoothError};
use getrandom::SysRng;
use protocol::election::{Election, Phase, ReplayError, replay};
use protocol::encoding::encode_hex;
use time::OffsetDateTime;

use crate::draft;
use crate::example::ExampleElection;
use crate::parties::{BallotBox, LetterError, Organiser, Trustee, Witness, free_port};
use crate::programs::{ProgramError, Programs, Running};

/// How often the witnesses of a close are waited for, a quarter of a second each time.
const WITNESS_WAITS: u32 = 240;

/// Why a step failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// A program refused or failed.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The board cannot be read.
    #[error(transparent)]
    Board(#[from] ClientError),
    /// The board is not one to vote on.
    #[error(transparent)]
    Booth(#[from] BoothError),
    /// The board holds what no board may hold.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The codes cannot be read.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// The draft of a manifest.
    #[error("the draft of a manifest cannot be read: {0}")]
    Draft(#[from] serde_json::Error),
    /// The witnesses.
    #[error("the witnesses did not certify the close in time; their logs are in {}", folder.display())]
    Unwitnessed {
        /// Where the logs are.
        folder: PathBuf,
    },
    /// The clock.
    #[error("the time cannot be written: {0}")]
    Clock(#[from] time::error::Format),
    /// The system refuses a file or folder.
    #[error("a file of the demonstration cannot be used: {0}")]
    System(#[from] io::Error),
}

/// All parties of one election.
pub struct Stage {
    programs: Programs,
    folder: PathBuf,
    /// The server, which may have other elections, too.
    pub ballot_box: Arc<BallotBox>,
    /// The organiser.
    pub organiser: Organiser,
    /// The trustees, in order.
    pub trustees: Vec<Trustee>,
    /// The witnesses, in order.
    pub witnesses: Vec<Witness>,
    board: String,
    voters: Vec<String>,
    letters: PathBuf,
    /// Whether trustees look at counts before any is opened.
    has_small_cells: bool,
}

impl Stage {
    /// Starts the server, makes everybody's keys, creates the election, lets the trustees join,
    /// issues the codes and publishes the roll.
    ///
    /// # Errors
    /// [`StageError`] of the first step that fails.
    pub fn set_up(
        programs: &Programs,
        folder: &Path,
        example: &ExampleElection,
        trustees: u16,
        threshold: u16,
    ) -> Result<Self, StageError> {
        let now = OffsetDateTime::now_utc();
        let draft = draft::manifest(&example.draft, threshold, now, time::Duration::DAY)?;
        let server = Arc::new(BallotBox::start(programs, folder, None)?);
        Self::set_up_on(server, programs, folder, &draft, &example.roll(), trustees)
    }

    /// The same with so many witnesses, whom the manifest names.
    ///
    /// # Errors
    /// [`StageError`] of the first step that fails.
    pub fn set_up_watched(
        programs: &Programs,
        folder: &Path,
        example: &ExampleElection,
        (trustees, threshold): (u16, u16),
        witnesses: usize,
    ) -> Result<Self, StageError> {
        let (port, uuid) = (free_port()?, new_uuid()?);
        let boards = [format!("http://127.0.0.1:{port}/e/{uuid}")];
        let witnesses = (1..=witnesses)
            .map(|number| Witness::start(programs, folder, number, &boards))
            .collect::<Result<Vec<_>, _>>()?;
        let now = OffsetDateTime::now_utc();
        let draft = draft::manifest(&example.draft, threshold, now, time::Duration::DAY)?;
        let draft = draft::watched(&draft, &uuid, &witnesses)?;
        let server = BallotBox::start_on(programs, folder, None, port, &witnesses)?;
        let server = Arc::new(server);
        let stage = Self::set_up_on(server, programs, folder, &draft, &example.roll(), trustees)?;
        Ok(Self { witnesses, ..stage })
    }

    /// The same on a server that runs already, with a manifest's draft, which names the threshold,
    /// for voters of these ballot styles (empty for the only one).
    ///
    /// # Errors
    /// [`StageError`] of the first step that fails.
    pub fn set_up_on(
        ballot_box: Arc<BallotBox>,
        programs: &Programs,
        folder: &Path,
        draft: &[u8],
        roll: &[String],
        trustees: u16,
    ) -> Result<Self, StageError> {
        let organiser = Organiser::new(programs, folder)?;
        organiser.run(&["init"])?;
        let trustees: Vec<Trustee> = (1..=trustees)
            .map(|number| Trustee::new(programs, folder, number))
            .collect::<Result<_, _>>()?;
        trustees.iter().try_for_each(Trustee::init)?;
        let cards = trustees.iter().map(Trustee::card);
        let cards: Vec<PathBuf> = cards.collect::<Result<_, _>>()?;

        let members: serde_json::Value = serde_json::from_slice(draft)?;
        let draft = organiser.write("draft.json", draft)?;
        organiser.create(&draft, &cards, &ballot_box.url())?;
        let board = format!("{}/e/{}", ballot_box.url(), organiser.uuid()?);
        trustees
            .iter()
            .try_for_each(|trustee| trustee.join(&board))?;

        let voters = draft::voter_ids(roll.len());
        let list = organiser.write("voters.csv", &draft::voter_list(&voters, roll))?;
        organiser.run(&["roll", "import", &list.to_string_lossy()])?;
        let letters = organiser.issue()?;
        organiser.run(&["roll", "publish"])?;
        Ok(Self {
            programs: programs.clone(),
            folder: folder.to_owned(),
            ballot_box,
            organiser,
            trustees,
            witnesses: Vec::new(),
            board,
            voters,
            letters,
            has_small_cells: members.get("minimum_cell").is_some(),
        })
    }

    /// Address of the board.
    pub fn board(&self) -> &str {
        &self.board
    }

    /// The programs.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The folder that holds everything.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All trustees make the election key, at the same time.
    ///
    /// # Errors
    /// [`StageError`] of the first who fails.
    pub fn ceremony(&self) -> Result<(), StageError> {
        finish_all(self.trustees.iter().map(Trustee::ceremony))
    }

    /// The organiser opens the election.
    ///
    /// # Errors
    /// [`StageError`] if the program refuses.
    pub fn open(&self) -> Result<(), StageError> {
        self.organiser.run(&["open"])?;
        Ok(())
    }

    /// The organiser opens the election and names the digest of the booth's files.
    ///
    /// # Errors
    /// [`StageError`] if the program refuses.
    pub fn open_with_booth(&self, digest: &str) -> Result<(), StageError> {
        self.organiser.run(&["open", "--booth", digest])?;
        Ok(())
    }

    /// Everything on the board, checked against its signed checkpoint.
    ///
    /// # Errors
    /// [`StageError`] if the board cannot be read or lies.
    pub fn fetch(&self) -> Result<Board, StageError> {
        let mut board = Board::default();
        BoardClient::new(&self.board)?.update(&mut board, |_, _| ())?;
        Ok(board)
    }

    /// The voters' booth, with the set-up of the board checked, and the codes of their letters.
    ///
    /// # Errors
    /// [`StageError`] if the set-up is not valid or a letter is missing.
    pub fn booth(&self) -> Result<(Booth, Vec<String>), StageError> {
        let booth = Booth::new(self.fetch()?.iter(), &mut SysRng)?;
        Ok((booth, Organiser::codes(&self.letters, &self.voters)?))
    }

    /// The organiser closes the election, and all trustees verify the board and certify the close.
    ///
    /// # Errors
    /// [`StageError`] if a program refuses.
    pub fn close(&self) -> Result<(), StageError> {
        self.organiser.run(&["close", "--early"])?;
        finish_all(self.trustees.iter().map(Trustee::certify_close))?;
        self.await_witnesses()
    }

    /// Waits until enough of the witnesses, if the manifest names any, certified the close, too.
    fn await_witnesses(&self) -> Result<(), StageError> {
        for _ in 0..WITNESS_WAITS {
            let board = self.fetch()?;
            let mut election = Election::new();
            replay(&mut election, board.iter(), &mut SysRng, |_| ())?;
            let is_watched =
                (election.manifest()).is_some_and(|manifest| !manifest.board.witnesses.is_empty());
            if !is_watched || election.phase() >= Phase::Certified {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(250));
        }
        let folder = self.folder.clone();
        Err(StageError::Unwitnessed { folder })
    }

    /// These trustees (numbers from 1) open the totals.
    ///
    /// # Errors
    /// [`StageError`] if a program refuses.
    pub fn decrypt(&self, numbers: &[u16]) -> Result<(), StageError> {
        let chosen = |trustee: &&Trustee| numbers.contains(&trustee.number());
        let start = match self.has_small_cells {
            true => Trustee::decrypt_with_others,
            false => Trustee::decrypt,
        };
        finish_all(self.trustees.iter().filter(chosen).map(start))
    }

    /// The organiser publishes the result.
    ///
    /// # Errors
    /// [`StageError`] if the program refuses.
    pub fn publish(&self) -> Result<(), StageError> {
        self.organiser.run(&["publish"])?;
        Ok(())
    }

    /// These trustees (numbers from 1) seal the result; the others, who did not decrypt, give their
    /// beacons.
    ///
    /// # Errors
    /// [`StageError`] if a program refuses.
    pub fn seal(&self, numbers: &[u16]) -> Result<(), StageError> {
        let start = |trustee: &Trustee| match numbers.contains(&trustee.number()) {
            true => trustee.seal(),
            false => trustee.decrypt(),
        };
        finish_all(self.trustees.iter().map(start))
    }

    /// The organiser writes the record.
    ///
    /// # Errors
    /// [`StageError`] if the program refuses.
    pub fn write_record(&self, record: &Path) -> Result<(), StageError> {
        self.organiser
            .run(&["record", "--out", &record.to_string_lossy()])?;
        Ok(())
    }
}

/// A random uuid, 32 hexadecimal digits.
///
/// # Errors
/// What the system says if it has no randomness.
pub fn new_uuid() -> io::Result<String> {
    let mut uuid = [0; 16];
    getrandom::fill(&mut uuid).map_err(io::Error::other)?;
    Ok(encode_hex(&uuid))
}

/// Starts them all, then waits for them all.
fn finish_all(
    starts: impl Iterator<Item = Result<Running, ProgramError>>,
) -> Result<(), StageError> {
    let running: Vec<Running> = starts.collect::<Result<_, _>>()?;
    for one in running {
        one.finish()?;
    }
    Ok(())
}
