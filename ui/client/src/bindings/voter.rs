//! What voting takes, and what checking a challenged ballot takes.

use getrandom::SysRng;
use protocol::ballot::{Answer, SealedBallot};
use protocol::credential::CodeError;
use protocol::encoding::encode_hex;
use protocol::transcript::Digest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, other, split_all, text};
use crate::booth::{self, BoothError, Place};
use crate::challenge;
use crate::receipt;

impl Thrown {
    fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        if let Some(members) = self.0.as_object_mut() {
            members.insert(member.to_owned(), value.into());
        }
        self
    }
}

impl From<BoothError> for Thrown {
    fn from(error: BoothError) -> Self {
        match &error {
            BoothError::Setup { index, .. } => Self::new("setup", &error).with("index", *index),
            BoothError::NotOpen { phase } => {
                Self::new("not-open", &error).with("phase", phase.to_string())
            }
            BoothError::OtherElection { expected, found } => Self::new("other-election", &error)
                .with("expected", expected.to_string())
                .with("found", found.to_string()),
            BoothError::Codes { .. } => Self::new("codes", &error),
            BoothError::Code { issuer, source } => {
                let thrown = match source {
                    CodeError::Character { character } => {
                        Self::new("code-character", &error).with("character", character.to_string())
                    }
                    CodeError::Length { found } => {
                        Self::new("code-length", &error).with("found", *found)
                    }
                    _ => Self::new("code-checksum", &error),
                };
                thrown.with("issuer", *issuer)
            }
            BoothError::NotOnTheRoll => Self::new("not-on-the-roll", &error),
            _ => Self::new("refused", &error),
        }
    }
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

/// A challenged ballot: what to post, and what opens it to another device.
#[wasm_bindgen]
pub struct Challenged {
    entry: Vec<u8>,
    opened: Vec<u8>,
}

/// An answer as pages write it.
#[derive(Serialize, Deserialize)]
struct AnswerJson {
    values: Vec<u32>,
    blank: bool,
}

#[wasm_bindgen]
impl Booth {
    /// Checks the set-up of the election with this id (hexadecimal), or, where the voter was told
    /// none, of whatever election the entries are.
    #[wasm_bindgen(constructor)]
    pub fn new(bundles: &[u8], election: Option<String>) -> Result<Booth, JsValue> {
        let entries = split_all(bundles)?;
        let booth = booth::Booth::new(entries, &mut SysRng).map_err(Thrown::from)?;
        let Some(election) = election else {
            return Ok(Self(booth));
        };
        let expected = Digest::from_hex(&election).ok_or_else(|| {
            Thrown::new(
                "link",
                "the link holds no election id; ask for the link again",
            )
        })?;
        Ok(Self(booth.expect(&expected).map_err(Thrown::from)?))
    }

    /// The manifest's JSON text.
    pub fn manifest(&self) -> String {
        String::from_utf8_lossy(self.0.manifest().bytes()).into_owned()
    }

    /// The election id, in hexadecimal.
    pub fn election(&self) -> String {
        self.0.election_id().to_string()
    }

    /// Number of entries up to and including the opening.
    pub fn size(&self) -> f64 {
        // Far below 2^53.
        self.0.size() as f64
    }

    /// The credential of the typed codes, one per issuer.
    pub fn credential(&self, codes: Vec<String>) -> Result<Credential, JsValue> {
        let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
        Ok(Credential(self.0.credential(&codes).map_err(Thrown::from)?))
    }

    /// Seals answers, a JSON array of `{"values": [...], "blank": bool}` per contest. `counter`
    /// and `previous` (hexadecimal) come from the board's record of the voter.
    pub fn seal(
        &self,
        credential: &Credential,
        counter: u32,
        previous: &str,
        answers: &str,
    ) -> Result<Sealed, JsValue> {
        let Digest(previous) = Digest::from_hex(previous)
            .ok_or_else(|| other("the code of the previous ballot is malformed"))?;
        let place = Place { counter, previous };
        let answers: Vec<AnswerJson> = serde_json::from_str(answers).map_err(other)?;
        let answers = answers
            .into_iter()
            .map(|AnswerJson { values, blank }| Answer { values, blank })
            .collect();
        let ballot = self
            .0
            .seal(&credential.0, place, answers, &mut SysRng)
            .map_err(Thrown::from)?;
        let code = ballot.code().to_string();
        Ok(Sealed { ballot, code })
    }

    /// Checks a receipt (JSON text) for the posted entry; gives the entry's index.
    pub fn check_receipt(&self, entry: &[u8], receipt: &str) -> Result<f64, JsValue> {
        let verified = receipt::verify(&self.0, entry, receipt.as_bytes())
            .map_err(|error| Thrown::new("receipt", error))?;
        // At most 2^53.
        Ok(verified.index as f64)
    }

    /// Encrypts a ballot that another device opened once more; gives, as JSON text, its code, its
    /// style and the answers it holds.
    pub fn check_challenged(&self, opened: &[u8]) -> Result<String, JsValue> {
        let damaged = |error| Thrown::new("damaged", error);
        let ballot = challenge::decode(opened).map_err(damaged)?;
        let voter = challenge::voter(&ballot).map_err(damaged)?;
        let answers: Vec<AnswerJson> = ballot
            .answers
            .iter()
            .map(|answer| AnswerJson {
                values: answer.values.clone(),
                blank: answer.blank,
            })
            .collect();
        let style = self.0.style_of(&voter);
        let code = self
            .0
            .check_challenged(&voter, ballot, &mut SysRng)
            .map_err(|error| Thrown::new("challenge", error))?;
        Ok(text(&json!({
            "code": code.to_string(), "style": style, "answers": answers,
        })))
    }
}

#[wasm_bindgen]
impl Credential {
    /// The pseudonym on the roll, in hexadecimal.
    pub fn pseudonym(&self) -> String {
        encode_hex(self.0.key().public().as_bytes())
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
    pub fn cast(self, credential: &Credential) -> Result<Vec<u8>, JsValue> {
        let cast = self.ballot.cast(credential.0.key(), &mut SysRng);
        Ok(cast.map_err(other)?)
    }

    /// Gives the ballot up and opens it. The sealed ballot is used up.
    pub fn challenge(self, credential: &Credential) -> Result<Challenged, JsValue> {
        let (entry, opened) = self
            .ballot
            .challenge(credential.0.key(), &mut SysRng)
            .map_err(other)?;
        Ok(Challenged {
            entry,
            opened: challenge::encode(&opened),
        })
    }
}

#[wasm_bindgen]
impl Challenged {
    /// The void to post.
    pub fn entry(&self) -> Vec<u8> {
        self.entry.clone()
    }

    /// What opens the ballot to another device, and must go to no server.
    pub fn opened(&self) -> Vec<u8> {
        self.opened.clone()
    }
}
