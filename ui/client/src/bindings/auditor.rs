//! What reading, searching and verifying a board takes.

use std::cell::{Cell, RefCell};

use protocol::encoding::encode_hex;
use protocol::transcript::Digest;
use serde_json::json;
use verifier::checkpoint::{MAX_CHECKPOINT, UnverifiedCheckpoint};
use verifier::log::Hash;
use verifier::manifest::Manifest;
use verifier::progress::Progress;
use verifier::receipt::{Receipt, ReceiptError, Standing};
use verifier::record::layout::CHECKPOINT;
use verifier::record::{MemoryRecord, Record as _};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, other, split_all, text};
use crate::audit;
use crate::browse::{self, BrowseError, Opened, Sought};
use crate::history::HistoryError;
use crate::look::{self, LookError};

/// A board that is shown, not judged.
#[wasm_bindgen]
pub struct Board(Manifest);

#[wasm_bindgen]
impl Board {
    /// The board of the election with this manifest (its exact bytes).
    #[wasm_bindgen(constructor)]
    pub fn new(manifest: &[u8]) -> Result<Board, JsValue> {
        Ok(Self(Manifest::read(manifest).map_err(other)?))
    }

    /// Checks the signature of a checkpoint; gives its size and root as JSON text.
    pub fn checkpoint(&self, note: &[u8]) -> Result<String, JsValue> {
        let signed = |error| Thrown::new("checkpoint", error);
        let checkpoint = UnverifiedCheckpoint::parse(note).map_err(signed)?;
        let checkpoint = checkpoint
            .verify(&self.0.origin, &self.0.board_key)
            .map_err(signed)?;
        Ok(text(&json!({
            "size": checkpoint.size, "root": encode_hex(&checkpoint.root),
        })))
    }

    /// Describes the entries of a bundle, as JSON text.
    pub fn lines(&self, bundle: &[u8]) -> Result<String, JsValue> {
        let lines = split_all(bundle)?.into_iter();
        let lines: Vec<_> = lines.map(|entry| browse::line(entry, &self.0)).collect();
        Ok(text(&lines))
    }
}

/// A record that a page has fetched.
#[wasm_bindgen]
#[derive(Default)]
pub struct Record(MemoryRecord);

#[wasm_bindgen]
impl Record {
    /// An empty record.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Record {
        Self::default()
    }

    /// Adds a file under its path.
    pub fn insert(&mut self, path: String, content: Vec<u8>) {
        self.0.insert(path, content);
    }

    /// Looks for a confirmation code (hexadecimal) on the board of the manifest with these exact
    /// bytes, and for the void of an opened ballot by its voter and alpha (hexadecimal, both or
    /// neither); gives, as JSON text, where it stands.
    pub fn search(
        &self,
        manifest: &[u8],
        code: &str,
        voter: Option<String>,
        alpha: Option<String>,
    ) -> Result<String, JsValue> {
        let opened = match (voter, alpha) {
            (Some(voter), Some(alpha)) => Some(Opened {
                voter: hash(&voter)?,
                alpha: hash(&alpha)?,
            }),
            _ => None,
        };
        let sought = Sought {
            code: &hash(code)?,
            opened: opened.as_ref(),
        };
        let search = browse::search(&self.0, manifest, sought);
        Ok(text(&search.map_err(Thrown::from)?))
    }

    /// Proves that the entry at `index` is on the board and holds `code` (hexadecimal), and that
    /// the one at `by` replaces it; gives, as JSON text, what is known then. Files that it takes
    /// are thrown as wanted. `manifest` has the manifest's exact bytes, and the set-up is among the
    /// first `set_up` entries.
    pub fn look(
        &self,
        manifest: &[u8],
        set_up: f64,
        code: &str,
        index: f64,
        by: Option<f64>,
    ) -> Result<String, JsValue> {
        let code = hash(code)?;
        let looked = look::Board::new(&self.0, manifest, set_up as u64)
            .and_then(|board| board.look(&code, index as u64, by.map(|by| by as u64)));
        Ok(text(&looked.map_err(Thrown::from)?))
    }

    /// The same for the entry of a saved receipt, which is checked.
    pub fn look_for_receipt(
        &self,
        manifest: &[u8],
        set_up: f64,
        receipt: &str,
        by: Option<f64>,
    ) -> Result<String, JsValue> {
        let receipt = Receipt::read(receipt.as_bytes()).map_err(in_words)?;
        let looked = look::Board::new(&self.0, manifest, set_up as u64)
            .and_then(|board| board.look_for(&receipt, by.map(|by| by as u64)));
        Ok(text(&looked.map_err(Thrown::from)?))
    }

    /// Makes sure that the board of this record begins with that of the checkpoint `earlier`.
    pub fn compare(&self, manifest: &[u8], earlier: &str) -> Result<(), JsValue> {
        let compared = look::Board::new(&self.0, manifest, 0);
        let compared = compared.and_then(|board| board.begins_with(earlier));
        Ok(compared.map_err(Thrown::from)?)
    }

    /// Checks a saved receipt against this record; gives, as JSON text, where its entry stands.
    pub fn check_receipt(&self, receipt: &str) -> Result<String, JsValue> {
        let receipt = Receipt::read(receipt.as_bytes()).map_err(in_words)?;
        let standing = receipt.check(&self.0).map_err(in_words)?;
        let note = self.0.read(CHECKPOINT, MAX_CHECKPOINT).map_err(other)?;
        let size = UnverifiedCheckpoint::parse_board(&note)
            .map_err(other)?
            .size;
        let manifest = browse::manifest(&self.0, size).map_err(Thrown::from)?;
        let witnesses = look::witnesses_of(&receipt, &manifest).map_err(in_words)?;
        let (standing, by, closed) = match standing {
            Standing::Last { closed } => ("last", None, Some(closed)),
            Standing::Superseded { by } => ("superseded", Some(by), None),
            Standing::NotABallot(_) => ("other", None, None),
        };
        Ok(text(&json!({
            "standing": standing, "by": by, "closed": closed,
            "index": receipt.index, "code": browse::written(&receipt.code),
            "election": encode_hex(&receipt.election), "witnesses": witnesses,
        })))
    }
}

impl From<BrowseError> for Thrown {
    fn from(error: BrowseError) -> Self {
        let kind = match &error {
            BrowseError::OtherElection { .. } | BrowseError::OtherManifest => "foreign",
            _ => "board",
        };
        Self::new(kind, error)
    }
}

impl From<LookError> for Thrown {
    fn from(error: LookError) -> Self {
        match error {
            LookError::History(error) => error.into(),
            LookError::Receipt(error) => in_words(error),
            LookError::OtherElection => Self::new("foreign", error),
            error => Self::new("board", error),
        }
    }
}

/// 32 bytes in hexadecimal.
fn hash(digits: &str) -> Result<Hash, Thrown> {
    let digest = Digest::from_hex(digits);
    Ok(digest
        .ok_or_else(|| other("this is no confirmation code"))?
        .0)
}

/// What a receipt that does not hold says about the board.
fn in_words(error: ReceiptError) -> Thrown {
    if let ReceiptError::TwoHistories(proof) = error {
        return HistoryError::TwoHistories(proof).into();
    }
    let kind = match &error {
        ReceiptError::Malformed(_) => "malformed",
        ReceiptError::Older { .. } => "older",
        // Whoever made the key under which it does not hold: it may hold under the election's own.
        ReceiptError::Checkpoint { of: "receipt", .. } => "foreign",
        // Code and index of a receipt are not signed. Where the signed history is the board's, a
        // receipt that names another entry of it was changed, and accuses nobody.
        ReceiptError::OtherEntry { .. } | ReceiptError::Inclusion | ReceiptError::Proof(_) => {
            "worthless"
        }
        _ => "board",
    };
    Thrown::new(kind, error)
}

#[wasm_bindgen]
extern "C" {
    /// A function of three arguments: the stage, how much of it is done, and of how much.
    #[wasm_bindgen(typescript_type = "(stage: string, done: number, of: number) => void")]
    pub type OnProgress;

    /// Every function of JavaScript has a method that calls it.
    #[wasm_bindgen(method, js_name = call)]
    fn tell(this: &OnProgress, receiver: &JsValue, stage: &str, done: f64, of: f64);
}

thread_local! {
    /// Who is told how far the check is. A page has one thread, and values of JavaScript cannot
    /// be shared with others, so it stays outside of what the checks see.
    static LISTENER: RefCell<Option<OnProgress>> = const { RefCell::new(None) };
    static STAGE: Cell<(&'static str, u64, u64)> = const { Cell::new(("", 0, 0)) };
}

/// Tells the page, at most a hundred times in each stage.
struct Page;

impl Page {
    fn tell(stage: (&'static str, u64, u64)) {
        STAGE.set(stage);
        let (name, done, of) = stage;
        LISTENER.with_borrow(|listener| {
            if let Some(listener) = listener {
                listener.tell(&JsValue::NULL, name, done as f64, of as f64);
            }
        });
    }
}

impl Progress for Page {
    fn begin(&self, stage: &'static str, steps: u64) {
        Self::tell((stage, 0, steps));
    }

    fn advance(&self, steps: u64) {
        let (stage, done, of) = STAGE.get();
        let now = done.saturating_add(steps);
        let part = (of / 100).max(1);
        if now / part > done / part {
            Self::tell((stage, now, of));
        } else {
            STAGE.set((stage, now, of));
        }
    }
}

/// Runs every check of docs/spec/verification.md on a record in one archive file (`.tar`), and
/// tells `progress` how far it is; gives the report, and what the record holds, as JSON text.
#[wasm_bindgen]
pub fn verify_record(archive: Vec<u8>, progress: Option<OnProgress>) -> Result<String, JsValue> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|_| other("this browser gives no randomness; use another one"))?;
    LISTENER.set(progress);
    let audited = audit::verify_record(archive, seed, &Page);
    LISTENER.set(None);
    Ok(text(&audited.map_err(other)?))
}
