//! How boards are reached: over HTTP, or another way in a test.

use std::path::{Path, PathBuf};

use board_client::{Board, BoardClient, ClientError, Receipt, ServerIdentity};

/// The way to ballot boxes.
pub trait Network {
    /// Key and origin of a ballot box.
    ///
    /// # Errors
    /// [`ClientError`] if it gives none.
    fn server_identity(&self, server: &str) -> Result<ServerIdentity, ClientError>;

    /// Creates an election with its manifest entry, and checks the receipt.
    ///
    /// # Errors
    /// [`ClientError`] if the ballot box refuses.
    fn create(&self, server: &str, manifest_entry: &[u8]) -> Result<Receipt, ClientError>;

    /// The board at `url`, kept in `folder` between starts.
    ///
    /// # Errors
    /// [`ClientError`] if that is no address or the folder holds something else.
    fn board(&self, url: &str, folder: &Path) -> Result<Box<dyn BoardAccess>, ClientError>;
}

/// One election's board. What it says is folded and compared before it is believed.
pub trait BoardAccess {
    /// Fetches what is new; `progress` is told how many entries are there, of how many.
    ///
    /// # Errors
    /// [`ClientError`] if the board cannot be reached or contradicts its own signatures.
    fn update(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), ClientError>;

    /// All entries so far.
    fn entries(&self) -> &[Vec<u8>];

    /// The signed checkpoint of these entries.
    fn checkpoint(&self) -> &str;

    /// Adds an entry, and checks the receipt.
    ///
    /// # Errors
    /// [`ClientError`] if it is refused or acknowledged wrongly.
    fn post(&mut self, entry: &[u8]) -> Result<Receipt, ClientError>;

    /// Confirms that the board, as it is shown since the last update, has the entry where its
    /// receipt says.
    ///
    /// # Errors
    /// A sentence naming what is wrong.
    fn confirm(&self, receipt: &Receipt, entry: &[u8]) -> Result<(), String>;
}

/// Ballot boxes on the network.
#[derive(Clone, Copy, Debug)]
pub struct HttpNetwork;

impl Network for HttpNetwork {
    fn server_identity(&self, server: &str) -> Result<ServerIdentity, ClientError> {
        BoardClient::server_identity(server)
    }

    fn create(&self, server: &str, manifest_entry: &[u8]) -> Result<Receipt, ClientError> {
        let (_, posted) = BoardClient::create(server, manifest_entry)?;
        Ok(posted.receipt)
    }

    fn board(&self, url: &str, folder: &Path) -> Result<Box<dyn BoardAccess>, ClientError> {
        Ok(Box::new(HttpBoard {
            client: BoardClient::new(url)?,
            board: Board::load(folder)?,
            folder: folder.to_owned(),
        }))
    }
}

struct HttpBoard {
    client: BoardClient,
    board: Board,
    folder: PathBuf,
}

impl BoardAccess for HttpBoard {
    fn update(&mut self, progress: &mut dyn FnMut(u64, u64)) -> Result<(), ClientError> {
        let before = self.board.size();
        self.client.update(&mut self.board, progress)?;
        // What was seen once is compared with what the server shows later.
        if self.board.size() > before {
            self.board.save(&self.folder)?;
        }
        Ok(())
    }

    fn entries(&self) -> &[Vec<u8>] {
        self.board.entries()
    }

    fn checkpoint(&self) -> &str {
        self.board.checkpoint()
    }

    fn post(&mut self, entry: &[u8]) -> Result<Receipt, ClientError> {
        let client = match self.board.identity() {
            Some(identity) => self.client.clone().with_identity(identity.clone()),
            None => self.client.clone(),
        };
        Ok(client.post(entry)?.receipt)
    }

    fn confirm(&self, receipt: &Receipt, entry: &[u8]) -> Result<(), String> {
        self.board.confirm(receipt, entry)
    }
}
