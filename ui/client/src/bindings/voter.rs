//! What voting takes, and what checking a challenged ballot takes.

use getrandom::SysRng;
use protocol::ballot::SealedBallot;
use protocol::credential::CodeError;
use protocol::encoding::encode_hex;
use protocol::secret::Secret;
use protocol::transcript::Digest;
use serde::Serialize;
use verifier::record::MemoryRecord;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use super::{Thrown, other, split_all, text};
use crate::answers;
use crate::booth::{self, BoothError, Place, PlaceError};
use crate::challenge::{self, Opening};
use crate::history::{self, Signer};
use crate::receipt;

impl From<PlaceError> for Thrown {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Malformed => other(error),
            _ => Self::new("forgotten", error),
        }
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

/// Hash tiles of a board, as far as they are fetched.
#[wasm_bindgen]
#[derive(Default)]
pub struct Tiles(MemoryRecord);

#[wasm_bindgen]
impl Tiles {
    /// None.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Tiles {
        Self::default()
    }

    /// Adds a file under its path.
    pub fn insert(&mut self, path: String, content: Vec<u8>) {
        self.0.insert(path, content);
    }
}

/// A voter's credential.
#[wasm_bindgen]
pub struct Credential(booth::Credential);

/// A sealed ballot that is neither cast nor challenged yet.
#[wasm_bindgen]
pub struct Sealed {
    ballot: SealedBallot,
    opening: Opening,
    code: String,
}

/// A challenged ballot: what to post, and what opens it to another device.
#[wasm_bindgen]
pub struct Challenged {
    entry: Vec<u8>,
    opened: Secret<Vec<u8>>,
}

/// An answer as pages read it.
#[derive(Serialize)]
struct AnswerJson<'a> {
    values: &'a [u32],
    blank: bool,
}

/// An opened ballot as pages read it.
#[derive(Serialize)]
struct OpenedJson<'a> {
    code: String,
    voter: String,
    alpha: String,
    style: Option<u16>,
    answers: Vec<AnswerJson<'a>>,
}

/// The place after `cast` ballots.
fn place(cast: u32, last: Option<String>) -> Result<Place, Thrown> {
    let malformed = || Thrown::from(PlaceError::Malformed);
    let last = last.map(|last| Digest::from_hex(&last).ok_or_else(malformed));
    Place::after(cast, last.transpose()?).map_err(Thrown::from)
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
        let codes = Secret::new(codes);
        let codes: Vec<&str> = codes.expose().iter().map(String::as_str).collect();
        Ok(Credential(self.0.credential(&codes).map_err(Thrown::from)?))
    }

    /// Seals answers, as [`answers::read`] reads them. `cast` ballots
    /// of this voter are on the board, as it says, the last with the code `last` (hexadecimal);
    /// `known` and `known_last` say the same of the last receipt on this device, and a board that
    /// contradicts it is refused.
    pub fn seal(
        &self,
        credential: &Credential,
        cast: u32,
        last: Option<String>,
        known: u32,
        known_last: Option<String>,
        answers: Vec<u32>,
    ) -> Result<Sealed, JsValue> {
        let answers = Secret::new(answers);
        let (place, known) = (place(cast, last)?, place(known, known_last)?);
        place.since(known).map_err(Thrown::from)?;
        let answers = answers::read(answers.expose()).map_err(other)?;
        let sealed = challenge::seal(&self.0, &credential.0, place, answers, &mut SysRng);
        let (ballot, opening) = sealed.map_err(Thrown::from)?;
        let code = ballot.code().to_string();
        Ok(Sealed {
            ballot,
            opening,
            code,
        })
    }

    /// Checks a receipt (JSON text) for the posted entry; gives the entry's index.
    pub fn check_receipt(&self, entry: &[u8], receipt: &str) -> Result<f64, JsValue> {
        let verified = receipt::verify(&self.0, entry, receipt.as_bytes())
            .map_err(|error| Thrown::new("receipt", error))?;
        // At most 2^53.
        Ok(verified.index as f64)
    }

    /// Checks the same for a receipt under a checkpoint that enough witnesses cosigned; gives their
    /// names.
    pub fn check_witnessed(&self, entry: &[u8], receipt: &str) -> Result<Vec<String>, JsValue> {
        let names = receipt::verify_witnessed(&self.0, entry, receipt.as_bytes());
        Ok(names.map_err(|error| Thrown::new("receipt", error))?)
    }

    /// Makes sure that the board of the checkpoint `larger`, of which `tiles` are there, begins with
    /// that of the checkpoint `smaller`.
    pub fn compare(&self, tiles: &Tiles, smaller: &str, larger: &str) -> Result<(), JsValue> {
        let manifest = self.0.manifest();
        let signer = Signer {
            manifest: manifest.bytes(),
            origin: &manifest.board.origin,
            key: &manifest.board.key,
        };
        let compared = history::compare(&tiles.0, signer, smaller, larger);
        Ok(compared.map_err(Thrown::from)?)
    }

    /// Seals once more what another device opened; gives, as JSON text, the code that comes out,
    /// voter and alpha, the style, and the answers.
    pub fn check_challenged(&self, opened: Vec<u8>) -> Result<String, JsValue> {
        let opened = Secret::new(opened);
        let opening = Opening::decode(opened.expose());
        let opening = opening.map_err(|error| Thrown::new("damaged", error))?;
        let sealed = opening.seal_again(&self.0);
        let sealed = sealed.map_err(|error| Thrown::new("challenge", error))?;
        let answers = opening.answers.iter().map(|answer| AnswerJson {
            values: &answer.values,
            blank: answer.blank,
        });
        Ok(text(&OpenedJson {
            code: sealed.code().to_string(),
            voter: encode_hex(opening.voter().as_bytes()),
            alpha: encode_hex(&sealed.alpha()),
            style: self.0.style_of(opening.voter()),
            answers: answers.collect(),
        }))
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
        let challenged = self.ballot.challenge(credential.0.key(), &mut SysRng);
        let (entry, _) = challenged.map_err(other)?;
        Ok(Challenged {
            entry,
            opened: self.opening.encode(),
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
        self.opened.expose().clone()
    }
}
