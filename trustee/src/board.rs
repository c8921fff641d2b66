//! The board as a trustee reaches it: over HTTP, or another way in a test.

use std::path::{Path, PathBuf};

use board_client::{Board, BoardClient, ClientError, Receipt};

use crate::state::RecordedEntry;

/// A place where one election's entries are read and added.
///
/// What it says is never believed for its own sake: the follower folds every entry, compares the
/// manifest with the pinned one, and never lets the board go back.
pub trait BoardAccess {
    /// Its address, to be shown.
    fn url(&self) -> &str;

    /// Fetches what is new; `progress` is told how many entries are there, of how many.
    ///
    /// # Errors
    /// [`ClientError`] if the board cannot be reached or contradicts its own signatures.
    fn update(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), ClientError>;

    /// All entries so far.
    fn entries(&self) -> &[Vec<u8>];

    /// Adds an entry and gives the checked receipt. Only what the journal holds can be sent.
    ///
    /// # Errors
    /// [`ClientError`] if it is refused, or acknowledged wrongly.
    fn post(&mut self, entry: &RecordedEntry) -> Result<Receipt, ClientError>;

    /// Confirms that the entries so far have this entry where its receipt says.
    ///
    /// # Errors
    /// A clause that says what the board does instead.
    fn confirm(&self, receipt: &Receipt, entry: &RecordedEntry) -> Result<(), String>;

    /// Names the folder where entries are kept between starts, and continues what it holds.
    fn keep_in(&mut self, folder: &Path);

    /// Keeps the entries for the next start.
    ///
    /// # Errors
    /// [`ClientError`] if they cannot be written.
    fn save(&self) -> Result<(), ClientError>;

    /// Writes the entries and their signed checkpoint into another folder, as evidence.
    ///
    /// # Errors
    /// [`ClientError`] if they cannot be written.
    fn save_evidence(&self, folder: &Path) -> Result<(), ClientError>;
}

/// A board behind HTTP, kept in a folder between starts.
#[derive(Debug)]
pub struct HttpBoard {
    client: BoardClient,
    board: Board,
    folder: Option<PathBuf>,
}

impl HttpBoard {
    /// The board at `url`; nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Address`] if that is not the address of a board.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        Ok(Self {
            client: BoardClient::new(url)?,
            board: Board::default(),
            folder: None,
        })
    }
}

impl BoardAccess for HttpBoard {
    fn url(&self) -> &str {
        self.client.url()
    }

    fn update(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), ClientError> {
        self.client.update(&mut self.board, progress)
    }

    fn entries(&self) -> &[Vec<u8>] {
        self.board.entries()
    }

    fn post(&mut self, entry: &RecordedEntry) -> Result<Receipt, ClientError> {
        let client = match self.board.identity() {
            Some(identity) => self.client.clone().with_identity(identity.clone()),
            None => self.client.clone(),
        };
        Ok(client.post(entry.bytes())?.receipt)
    }

    fn confirm(&self, receipt: &Receipt, entry: &RecordedEntry) -> Result<(), String> {
        self.board.confirm(receipt, entry.bytes())
    }

    fn keep_in(&mut self, folder: &Path) {
        if self.board.size() == 0 {
            // A folder that was left half written is fetched anew: what the trustee has seen
            // before stands in its journal, too.
            self.board = Board::load(folder).unwrap_or_default();
        }
        self.folder = Some(folder.to_owned());
    }

    fn save(&self) -> Result<(), ClientError> {
        match &self.folder {
            Some(folder) if self.board.size() > 0 => Ok(self.board.save(folder)?),
            _ => Ok(()),
        }
    }

    fn save_evidence(&self, folder: &Path) -> Result<(), ClientError> {
        Ok(self.board.save(folder)?)
    }
}
