//! One election's board at one address.

use std::path::PathBuf;
use std::sync::OnceLock;

use protocol::ballot::ConfirmationCode;
use protocol::checkpoint::{Checkpoint, board_note};
use protocol::encoding::decode_hex;
use protocol::entry::{Envelope, Kind};
use protocol::manifest::{BoardIdentity, ElectionManifest};
use protocol::merkle::leaf_hash;
use protocol::receipt::Receipt;
use serde::Deserialize;

use crate::board::{Board, identity_of};
use crate::error::ClientError;
use crate::evidence;
use crate::http::{Answer, BUNDLE, Http, SMALL};
use crate::plain_text::plain_line;
use crate::record::{bundles, tile_path, unbundle};

/// No board that takes more memory is read: some 2.5 million ballots. A server with the key can
/// sign a log of any size, and would otherwise exhaust whoever reads it.
const MOST_BYTES: u64 = 4 << 30;
/// What an entry takes in memory beside its bytes.
const ENTRY_OVERHEAD: u64 = 128;

/// Reads one election's board and adds to it.
#[derive(Clone, Debug)]
pub struct BoardClient {
    http: Http,
    url: String,
    /// Learned from the board itself where the caller does not say.
    identity: OnceLock<BoardIdentity>,
    /// Where evidence against the server is kept; learned from the first board that is updated.
    evidence: OnceLock<PathBuf>,
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
            evidence: OnceLock::new(),
        })
    }

    /// Asks a server for the key and origin that a manifest must name.
    ///
    /// # Errors
    /// [`ClientError`] if it gives none.
    pub fn server_identity(server: &str) -> Result<ServerIdentity, ClientError> {
        let url = format!("{}/board", server.trim_end_matches('/'));
        let answer = Http::default().get(&url, SMALL)?;
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

    fn lying(&self, what: impl AsRef<str>) -> ClientError {
        ClientError::Lying {
            url: self.url.clone(),
            what: plain_line(what.as_ref()),
        }
    }

    /// As [`BoardClient::lying`], about something that is signed: it is kept.
    fn convicted(&self, what: String, signed: &[(String, &[u8])]) -> ClientError {
        let kept = evidence::keep(self.evidence.get().map(PathBuf::as_path), signed);
        ClientError::Lying {
            url: self.url.clone(),
            what: plain_line(&what) + &kept,
        }
    }

    /// The newest checkpoint, not yet verified.
    fn fetch_checkpoint(&self) -> Result<String, ClientError> {
        let note = self
            .http
            .get(&format!("{}/checkpoint", self.url), SMALL)?
            .body;
        String::from_utf8(note).map_err(|_| self.lying("its checkpoint is not a text"))
    }

    fn fetch_bundle(&self, index: u64, width: usize) -> Result<Vec<Vec<u8>>, ClientError> {
        let path = tile_path("entries", index, width);
        let bytes = self.http.get(&format!("{}/{path}", self.url), BUNDLE)?.body;
        unbundle(&bytes)
            .filter(|entries| entries.len() == width)
            .ok_or_else(|| self.lying("an entry bundle does not have its entries"))
    }

    /// Origin and key of a board that is not known yet, from its first entry: nothing more is
    /// fetched before the checkpoint's signature is checked.
    fn fetch_identity(&self, note: &str) -> Result<BoardIdentity, ClientError> {
        let size = note.lines().nth(1).and_then(|line| line.parse().ok());
        let size = size.ok_or_else(|| self.lying("its checkpoint has no size"))?;
        let (index, width) = bundles(size)
            .next()
            .ok_or_else(|| self.lying("it has no entries"))?;
        let entries = self.fetch_bundle(index, width)?;
        let first = entries.first().map(Vec::as_slice).unwrap_or_default();
        identity_of(first).map_err(|what| self.lying(what))
    }

    fn verify_checkpoint(
        &self,
        note: &str,
        identity: &BoardIdentity,
    ) -> Result<Checkpoint, ClientError> {
        Checkpoint::verify(note, identity).map_err(|error| self.lying(error.to_string()))
    }

    /// Fetches what is new on the board. `board` then holds every entry under the newest signed
    /// checkpoint; a server that shows less than before, or something else, is caught, and what it
    /// signed is kept beside the folder that `board` was loaded from.
    /// `progress` is told how many entries are there, of how many.
    ///
    /// # Errors
    /// [`ClientError::Lying`] if signature, root or history do not fit; [`ClientError::TooLarge`]
    /// beyond 4 GiB; `board` is unchanged then.
    pub fn update(
        &self,
        board: &mut Board,
        progress: impl FnMut(u64, u64),
    ) -> Result<(), ClientError> {
        self.update_within(MOST_BYTES, board, progress)
    }

    fn update_within(
        &self,
        limit: u64,
        board: &mut Board,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(), ClientError> {
        if let Some(folder) = board.evidence() {
            self.evidence.get_or_init(|| folder.to_owned());
        }
        let note = self.fetch_checkpoint()?;
        if note == board.checkpoint() {
            return Ok(());
        }
        let identity = match board.identity() {
            Some(identity) => identity.clone(),
            None => self.fetch_identity(&note)?,
        };
        let checkpoint = self.verify_checkpoint(&note, &identity)?;
        let size = checkpoint.size;
        if size < board.size() {
            let what = match board.root_at(size) {
                Some(root) if root == checkpoint.root => "",
                _ => ", and others",
            };
            let what = format!(
                "it showed {} entries before and signs only {size} now{what}",
                board.size()
            );
            return Err(self.contradicted(what, board, &identity, &checkpoint, &note));
        }
        let weight = |entries: &[Vec<u8>]| -> u64 {
            let weights = entries.iter().map(|entry| entry.len() as u64);
            weights.map(|bytes| bytes + ENTRY_OVERHEAD).sum()
        };
        let mut held = weight(board.entries());
        let mut new: Vec<Vec<u8>> = Vec::new();
        for (index, width) in bundles(size) {
            let (start, end) = (256 * index, 256 * index + width as u64);
            if end <= board.size() {
                continue;
            }
            let entries = self.fetch_bundle(index, width)?;
            held += weight(&entries);
            if held > limit {
                return Err(ClientError::TooLarge {
                    url: self.url.clone(),
                    limit,
                });
            }
            // At most 255 entries of the first bundle are known already.
            let known = usize::try_from(board.size().saturating_sub(start)).unwrap_or(usize::MAX);
            new.extend(entries.into_iter().skip(known));
            progress(end, size);
        }
        if let Err(what) = board.extend(new, &note) {
            return Err(self.contradicted(what, board, &identity, &checkpoint, &note));
        }
        self.identity.get_or_init(|| identity);
        Ok(())
    }

    /// A checkpoint whose signature holds and which the board does not bear out. It is kept with
    /// the one that the board had before.
    fn contradicted(
        &self,
        what: String,
        board: &Board,
        identity: &BoardIdentity,
        checkpoint: &Checkpoint,
        note: &str,
    ) -> ClientError {
        let kind = "checkpoint";
        let mut signed = vec![(
            evidence::file_name(checkpoint, kind),
            board_note(note).as_bytes(),
        )];
        if let Ok(before) = Checkpoint::verify(board.checkpoint(), identity) {
            let name = evidence::file_name(&before, kind);
            signed.push((name, board_note(board.checkpoint()).as_bytes()));
        }
        self.convicted(what, &signed)
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
                let note = self.fetch_checkpoint()?;
                let identity = self.fetch_identity(&note)?;
                self.verify_checkpoint(&note, &identity)?;
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
        receipt.verify(identity, &scope, &code, &leaf).map_err(
            |error| match Checkpoint::verify(&receipt.checkpoint, identity) {
                Ok(checkpoint) => {
                    let kind = format!("{leaf}.receipt.json");
                    let name = evidence::file_name(&checkpoint, &kind);
                    self.convicted(error.to_string(), &[(name, &answer.body)])
                }
                Err(_) => self.lying(error.to_string()),
            },
        )?;
        Ok(Posted {
            receipt,
            already_there: answer.status == 200,
        })
    }
}

#[cfg(test)]
mod tests;
