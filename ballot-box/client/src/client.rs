//! One election's board at one address.

use std::sync::OnceLock;

use protocol::ballot::ConfirmationCode;
use protocol::checkpoint::Checkpoint;
use protocol::encoding::decode_hex;
use protocol::entry::{Envelope, Kind};
use protocol::manifest::{BoardIdentity, ElectionManifest};
use protocol::merkle::leaf_hash;
use protocol::receipt::Receipt;
use serde::Deserialize;

use crate::board::Board;
use crate::error::ClientError;
use crate::http::{Answer, Http};
use crate::record::{bundles, tile_path, unbundle};

/// Reads one election's board and adds to it.
#[derive(Clone, Debug)]
pub struct BoardClient {
    http: Http,
    url: String,
    /// Learned from the board itself where the caller does not say.
    identity: OnceLock<BoardIdentity>,
}

/// Who a server says it is: what a manifest must name.
#[derive(Clone, Debug, Deserialize)]
pub struct ServerIdentity {
    /// The Ed25519 key of checkpoints, 64 hexadecimal digits.
    pub key: String,
    /// The origin of a board is this, a slash, and the uuid.
    pub origin_prefix: String,
}

/// An entry that is on the board.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The checked receipt.
    pub receipt: Receipt,
    /// Whether it had been there before.
    pub already_there: bool,
}

impl BoardClient {
    /// A client of the board at `<scheme>://<host>/…/<uuid>`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Address`] if that is not such an address.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let url = url.trim_end_matches('/');
        let scheme = url.starts_with("http://") || url.starts_with("https://");
        let uuid = url.rsplit('/').next().and_then(decode_hex::<16>);
        if !scheme || uuid.is_none() {
            return Err(ClientError::Address {
                url: url.to_owned(),
            });
        }
        Ok(Self {
            http: Http::default(),
            url: url.to_owned(),
            identity: OnceLock::new(),
        })
    }

    /// Asks a server for the key and origin that a manifest must name.
    ///
    /// # Errors
    /// [`ClientError`] if it gives none.
    pub fn server_identity(server: &str) -> Result<ServerIdentity, ClientError> {
        let url = format!("{}/board", server.trim_end_matches('/'));
        let answer = Http::default().get(&url)?;
        let what = "it does not say its key and origin in the way of a ballot box".to_owned();
        serde_json::from_slice(&answer.body).map_err(|_| ClientError::Lying { url, what })
    }

    /// Creates an election: posts its manifest entry, and gives the client of its board.
    ///
    /// # Errors
    /// [`ClientError`] if the server refuses or gives no valid receipt.
    pub fn create(server: &str, manifest_entry: &[u8]) -> Result<(Self, Posted), ClientError> {
        let server = server.trim_end_matches('/');
        let address = || ClientError::Address {
            url: server.to_owned(),
        };
        let envelope = Envelope::decode(manifest_entry).map_err(|_| address())?;
        let manifest = ElectionManifest::parse(envelope.body).map_err(|_| address())?;
        let scheme = server
            .split_once("://")
            .map(|(scheme, _)| scheme)
            .ok_or_else(address)?;
        let mut client = Self::new(&format!("{scheme}://{}", manifest.board.origin))?;
        client.identity = OnceLock::from(manifest.board);
        let answer = client
            .http
            .post(&format!("{server}/elections"), manifest_entry)?;
        let posted = client.check_receipt(manifest_entry, &answer)?;
        Ok((client, posted))
    }

    /// The board's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn lying(&self, what: impl Into<String>) -> ClientError {
        ClientError::Lying {
            url: self.url.clone(),
            what: what.into(),
        }
    }

    /// Fetches what is new on the board. `board` then holds every entry under the newest signed
    /// checkpoint; a server that shows less than before, or something else, is caught.
    /// `progress` is told how many entries are there, of how many.
    ///
    /// # Errors
    /// [`ClientError::Lying`] if signature, root or history do not fit; `board` is unchanged then.
    pub fn update(
        &self,
        board: &mut Board,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), ClientError> {
        let note = self.http.get(&format!("{}/checkpoint", self.url))?.body;
        let note =
            String::from_utf8(note).map_err(|_| self.lying("its checkpoint is not a text"))?;
        if note == board.checkpoint() {
            return Ok(());
        }
        // The signature is checked before anything is fetched by its size, as soon as the key is known.
        let size = match board.identity() {
            Some(identity) => {
                Checkpoint::verify(&note, identity)
                    .map_err(|error| self.lying(error.to_string()))?
                    .size
            }
            None => {
                let size = note.lines().nth(1).and_then(|line| line.parse().ok());
                size.ok_or_else(|| self.lying("its checkpoint has no size"))?
            }
        };
        if size < board.size() {
            let what = format!(
                "it showed {} entries before and signs only {size} now",
                board.size()
            );
            return Err(self.lying(what));
        }
        let mut new: Vec<Vec<u8>> = Vec::new();
        for (index, width) in bundles(size) {
            let (start, end) = (256 * index, 256 * index + width as u64);
            if end <= board.size() {
                continue;
            }
            let bytes = self
                .http
                .get(&format!(
                    "{}/{}",
                    self.url,
                    tile_path("entries", index, width)
                ))?
                .body;
            let entries = unbundle(&bytes).filter(|entries| entries.len() == width);
            let entries =
                entries.ok_or_else(|| self.lying("an entry bundle does not have its entries"))?;
            // At most 255 entries of the first bundle are known already.
            let known = usize::try_from(board.size().saturating_sub(start)).unwrap_or(usize::MAX);
            new.extend(entries.into_iter().skip(known));
            progress(end, size);
        }
        board.extend(new, &note).map_err(|what| self.lying(what))?;
        if let Some(identity) = board.identity() {
            self.identity.get_or_init(|| identity.clone());
        }
        Ok(())
    }

    /// Adds an entry to the board and checks the receipt.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with the server's reason; [`ClientError::Lying`] if the receipt
    /// does not hold.
    pub fn post(&self, entry: &[u8]) -> Result<Posted, ClientError> {
        let answer = self.http.post(&format!("{}/entries", self.url), entry)?;
        self.check_receipt(entry, &answer)
    }

    /// Lets receipts be checked against this board's key and origin.
    #[must_use]
    pub fn with_identity(mut self, identity: BoardIdentity) -> Self {
        self.identity = OnceLock::from(identity);
        self
    }

    fn check_receipt(&self, entry: &[u8], answer: &Answer) -> Result<Posted, ClientError> {
        let receipt =
            Receipt::parse(&answer.body).map_err(|error| self.lying(error.to_string()))?;
        let identity = match self.identity.get() {
            Some(identity) => identity,
            None => {
                let mut board = Board::default();
                self.update(&mut board, |_, _| ())?;
                let identity = board
                    .identity()
                    .cloned()
                    .ok_or_else(|| self.lying("its board is empty"))?;
                self.identity.get_or_init(|| identity)
            }
        };
        let envelope = Envelope::decode(entry).map_err(|_| {
            self.lying("it gave a receipt for what is not an entry, which it must refuse")
        })?;
        let leaf = leaf_hash(entry);
        let (scope, code) = match envelope.kind {
            Kind::Ballot => (envelope.scope, ConfirmationCode::of(envelope.unsigned).0),
            _ => (envelope.scope, leaf),
        };
        receipt
            .verify(identity, &scope, &code, &leaf)
            .map_err(|error| self.lying(error.to_string()))?;
        Ok(Posted {
            receipt,
            already_there: answer.status == 200,
        })
    }
}
