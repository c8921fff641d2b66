//! What pages call: the same functions, with bytes and JSON texts for JavaScript.
//!
//! Entries come as entry bundles are (docs/spec/board.md, "Log"): each with its length (u16,
//! big-endian) before it. Every error is an `Error` with one sentence for the voter.

use getrandom::SysRng;
use protocol::ballot::{Answer, SealedBallot};
use protocol::transcript::Digest;
use serde::Deserialize;
use verifier::progress::Silent;
use verifier::record::MemoryRecord;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::booth::{self, Place};
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

/// An answer as pages write it.
#[derive(Deserialize)]
struct AnswerJson {
    values: Vec<u32>,
    blank: bool,
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
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        Ok(Credential(self.0.credential(&codes)?))
    }

    /// Seals answers, a JSON array of `{"values": [...], "blank": bool}` per contest. `counter`
    /// and `previous` (hexadecimal) come from the board's record of the voter.
    pub fn seal(
        &self,
        credential: &Credential,
        counter: u32,
        previous: &str,
        answers: &str,
    ) -> Result<Sealed, JsError> {
        let Digest(previous) = Digest::from_hex(previous)
            .ok_or_else(|| JsError::new("the code of the previous ballot is malformed"))?;
        let place = Place { counter, previous };
        let answers: Vec<AnswerJson> = serde_json::from_str(answers)?;
        let answers = answers
            .into_iter()
            .map(|AnswerJson { values, blank }| Answer { values, blank })
            .collect();
        let ballot = self.0.seal(&credential.0, place, answers, &mut SysRng)?;
        let code = ballot.code().to_string();
        Ok(Sealed { ballot, code })
    }

    /// Checks a receipt (JSON text) for the posted entry; gives the entry's index as text.
    pub fn check_receipt(&self, entry: &[u8], receipt: &str) -> Result<String, JsError> {
        let verified = receipt::verify(&self.0, entry, receipt.as_bytes())?;
        Ok(verified.index.to_string())
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
