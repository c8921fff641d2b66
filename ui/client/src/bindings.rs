//! What pages call: the same functions, with bytes and JSON texts for JavaScript.
//!
//! Entries come as entry bundles are (docs/spec/board.md, "Log"): each with its length (u16,
//! big-endian) before it. Every error is an `Error` with one sentence for the voter.

use getrandom::SysRng;
use protocol::ballot::SealedBallot;
use protocol::encoding::decode_hex;
use protocol::group::Element;
use protocol::secret::Secret;
use protocol::transcript::Digest;
use std::cell::{Cell, RefCell};
use verifier::progress::{Progress, Silent};
use verifier::record::MemoryRecord;
use wasm_bindgen::prelude::{JsError, JsValue, wasm_bindgen};

use crate::audit;
use crate::booth;
use crate::json;
use crate::receipt;

/// Splits joined entry bundles.
fn split(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bundle = rest;
    }
    Some(entries)
}

/// An open election whose set-up is checked.
#[wasm_bindgen]
pub struct Booth(booth::Booth);

/// A voter's credential.
#[wasm_bindgen]
pub struct Credential(booth::Credential);

/// A sealed ballot that is neither cast nor challenged yet.
#[wasm_bindgen]
pub struct Sealed {
    ballot: SealedBallot,
    code: String,
}

/// A ballot's place among those of the same voter.
#[wasm_bindgen]
pub struct Place(booth::Place);

/// A ballot that is opened to a checking device, and never cast.
#[wasm_bindgen]
pub struct Challenged {
    entry: Vec<u8>,
    opening: Secret<String>,
}

#[wasm_bindgen]
impl Booth {
    /// Checks the set-up of the election with this id (hexadecimal).
    #[wasm_bindgen(constructor)]
    pub fn new(bundles: &[u8], election: &str) -> Result<Booth, JsError> {
        let entries = split(bundles).ok_or_else(|| JsError::new("the entry bundle is cut off"))?;
        let expected = Digest::from_hex(election)
            .ok_or_else(|| JsError::new("the link holds no election id; ask for the link again"))?;
        let booth = booth::Booth::new(entries, &mut SysRng)?;
        Ok(Self(booth.expect(&expected)?))
    }

    /// The manifest's JSON text.
    pub fn manifest(&self) -> String {
        String::from_utf8_lossy(self.0.manifest().bytes()).into_owned()
    }

    /// The credential of the typed codes, one per issuer.
    pub fn credential(&self, codes: Vec<String>) -> Result<Credential, JsError> {
        let codes = Secret::new(codes);
        let codes: Vec<&str> = codes.expose().iter().map(String::as_str).collect();
        Ok(Credential(self.0.credential(&codes)?))
    }

    /// Seals answers, a JSON array of `{"values": [...], "blank": bool}` per contest. `place` comes
    /// from the board's record of the voter; `known` from the last receipt on this device, and a
    /// `place` that contradicts it is refused.
    pub fn seal(
        &self,
        credential: &Credential,
        place: &Place,
        known: &Place,
        answers: String,
    ) -> Result<Sealed, JsError> {
        let answers = Secret::new(answers);
        place.0.since(known.0)?;
        let answers = json::answers(answers.expose())?;
        let ballot = self.0.seal(&credential.0, place.0, answers, &mut SysRng)?;
        let code = ballot.code().to_string();
        Ok(Sealed { ballot, code })
    }

    /// Checks a receipt (JSON text) for the posted entry; gives the entry's index as text.
    pub fn check_receipt(&self, entry: &[u8], receipt: &str) -> Result<String, JsError> {
        let verified = receipt::verify(&self.0, entry, receipt.as_bytes())?;
        Ok(verified.index.to_string())
    }

    /// Checks, on another device than the one that sealed it, a challenged ballot (JSON text) of
    /// the voter with this pseudonym (hexadecimal). Gives the confirmation code that the first
    /// device must have shown before.
    pub fn check_challenged(&self, pseudonym: &str, opening: String) -> Result<String, JsError> {
        let opening = Secret::new(opening);
        let credential = decode_hex(pseudonym).and_then(|bytes| Element::decode(&bytes));
        let credential = credential
            .ok_or_else(|| JsError::new("the pseudonym is malformed; copy it from the booth"))?;
        let opened = json::read_opening(opening.expose())?;
        let code = self.0.check_challenged(&credential, opened, &mut SysRng)?;
        Ok(code.to_string())
    }
}

#[wasm_bindgen]
impl Place {
    /// The place after `cast` ballots, of which the last has the code `last` (hexadecimal; none if
    /// none was cast): `counter` and `previous` of the board's record of the voter, or number and
    /// code of the last ballot for which this device has a receipt.
    #[wasm_bindgen(constructor)]
    pub fn new(cast: u32, last: Option<String>) -> Result<Place, JsError> {
        let malformed = || JsError::new("the code of the last ballot is malformed; try again");
        let last = last
            .map(|last| Digest::from_hex(&last).ok_or_else(malformed))
            .transpose()?;
        Ok(Self(booth::Place::after(cast, last)?))
    }

    /// How many ballots were cast on other devices since `known`; an error if the two contradict
    /// each other.
    pub fn since(&self, known: &Place) -> Result<u32, JsError> {
        Ok(self.0.since(known.0)?)
    }
}

#[wasm_bindgen]
impl Credential {
    /// The pseudonym on the roll, in hexadecimal.
    pub fn pseudonym(&self) -> String {
        protocol::encoding::encode_hex(self.0.key().public().as_bytes())
    }

    /// Index of the ballot style.
    pub fn style(&self) -> u16 {
        self.0.style()
    }
}

#[wasm_bindgen]
impl Sealed {
    /// The confirmation code as voters read it.
    pub fn code(&self) -> String {
        self.code.clone()
    }

    /// Signs: the entry to post. The sealed ballot is used up.
    pub fn cast(self, credential: &Credential) -> Result<Vec<u8>, JsError> {
        Ok(self.ballot.cast(credential.0.key(), &mut SysRng)?)
    }

    /// Gives the ballot up to be opened. The sealed ballot is used up.
    pub fn challenge(self, credential: &Credential) -> Result<Challenged, JsError> {
        let (entry, opened) = self.ballot.challenge(credential.0.key(), &mut SysRng)?;
        let opening = json::write_opening(&opened);
        Ok(Challenged { entry, opening })
    }
}

#[wasm_bindgen]
impl Challenged {
    /// The void entry to post before the ballot is opened to anybody.
    pub fn entry(&self) -> Vec<u8> {
        self.entry.clone()
    }

    /// What the checking device reads (JSON text). It tells the choices; hand it to no one else.
    pub fn opening(&self) -> String {
        self.opening.expose().clone()
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

    /// Runs every check of docs/spec/verification.md; gives the report's JSON text.
    pub fn verify(&self) -> Result<String, JsError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|_| JsError::new("this browser gives no randomness; use another one"))?;
        let report = verifier::verify(&self.0, seed, &Silent);
        Ok(serde_json::to_string(&report)?)
    }
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
/// tells `progress` how far it is; gives the report's JSON text.
#[wasm_bindgen]
pub fn verify_record(archive: Vec<u8>, progress: Option<OnProgress>) -> Result<String, JsError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|_| JsError::new("this browser gives no randomness; use another one"))?;
    LISTENER.set(progress);
    let report = audit::verify_record(archive, seed, &Page);
    LISTENER.set(None);
    Ok(serde_json::to_string(&report?)?)
}
