//! How a manifest becomes an election.

use protocol::election::Refusal;
use protocol::encoding::decode_hex;
use protocol::entry::{Envelope, Kind};
use protocol::group::Element;
use protocol::manifest::{ElectionManifest, ManifestError};
use protocol::merkle::leaf_hash;
use serde::Deserialize;

use super::posting::{place, rejected, reply};
use super::{BallotBox, Posted, blocking, busy, unavailable};
use crate::boards::Uuid;
use crate::problem::Problem;
use crate::refusals;
use crate::sequencer::{Command, Rejection};

/// What tells whose a manifest is. All else in it is passed over, so reading this costs little.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    uuid: Uuid,
    organiser: Element,
}

impl Head {
    fn read(manifest: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Members {
            uuid: String,
            organiser: Organiser,
        }
        #[derive(Deserialize)]
        struct Organiser {
            key: String,
        }
        let members: Members =
            serde_json::from_slice(manifest).map_err(|error| ManifestError::Json {
                reason: error.to_string(),
            })?;
        let wrong = |path: &str, expected| ManifestError::Member {
            path: path.to_owned(),
            expected,
        };
        let uuid = Uuid::parse(&members.uuid)
            .ok_or(wrong("manifest.uuid", "32 lower-case hexadecimal digits"))?;
        let organiser = decode_hex(&members.organiser.key)
            .and_then(|bytes| Element::decode(&bytes))
            .ok_or(wrong(
                "manifest.organiser.key",
                "64 lower-case hexadecimal digits of a key",
            ))?;
        Ok(Self { uuid, organiser })
    }
}

/// Reads a manifest whole, if its organiser signed it.
fn read_signed(entry: &[u8], organiser: &Element) -> Result<ElectionManifest, Refusal> {
    let envelope = Envelope::decode(entry)?;
    envelope.verify(organiser)?;
    Ok(ElectionManifest::parse(envelope.body)?)
}

impl BallotBox {
    /// Begins a board with a manifest entry. Whoever may not, or has not signed it, is refused
    /// before the sequencer hears of it.
    ///
    /// # Errors
    /// The problem to be sent.
    pub async fn create(&self, entry: Vec<u8>) -> Result<Posted, Problem> {
        let refused = |refusal: Refusal| refusals::refused(&refusal);
        let envelope = Envelope::decode(&entry).map_err(|error| refused(error.into()))?;
        if envelope.kind != Kind::Manifest {
            return Err(refused(Refusal::NoManifest));
        }
        let scope = envelope.scope;
        let Head { uuid, organiser } =
            Head::read(envelope.body).map_err(|error| refused(error.into()))?;
        let leaf = leaf_hash(&entry);
        if let Some(board) = self.boards.get(&uuid) {
            return self
                .posted_before(&board, leaf)
                .await?
                .ok_or_else(refusals::election_exists);
        }
        if !self.config.organisers.allow(&organiser) {
            return Err(refusals::organiser_not_allowed());
        }
        self.leads()?;
        let (entry, manifest) = {
            let _turn = self.creations.acquire().await.map_err(|_| unavailable())?;
            let read = move || read_signed(&entry, &organiser).map(|manifest| (entry, manifest));
            blocking(read).await?.map_err(refused)?
        };
        // The head only spared work; the manifest has the last word.
        if !self.config.organisers.allow(&manifest.organiser_key) {
            return Err(refusals::organiser_not_allowed());
        }
        let origin = self.config.origin(&uuid.to_string());
        if manifest.board.origin != origin {
            return Err(refusals::other_board("board origin", &origin));
        }
        if manifest.board.key != self.key.public() {
            return Err(refusals::other_board("board key", &self.public_key()));
        }
        let (reply, answer) = reply();
        let command = Command::Create {
            uuid,
            origin,
            entry,
            reply,
        };
        self.line().try_send(command).map_err(|_| busy())?;
        let outcome = answer.await.unwrap_or(Err(Rejection::Unavailable));
        let board = self.boards.get(&uuid);
        match (outcome, board) {
            (Ok(applied), Some(board)) => {
                self.witnesses.warn_of(&manifest);
                Ok(Posted::New(
                    self.receipt(&board, &place(&applied, scope)).await?,
                ))
            }
            (Err(Rejection::Exists), Some(board)) => self
                .posted_before(&board, leaf)
                .await?
                .ok_or_else(refusals::election_exists),
            (Err(rejection), _) => Err(rejected(&rejection)),
            (Ok(_), None) => Err(unavailable()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76";

    #[test]
    fn a_head_is_read_past_all_else_but_never_from_two_places() {
        let uuid = "0f".repeat(16);
        let head = |more: &str| {
            let text =
                format!(r#"{{"uuid":"{uuid}","organiser":{{"name":"x","key":"{KEY}"}}{more}}}"#);
            Head::read(text.as_bytes())
        };
        let organiser = decode_hex(KEY).and_then(|bytes| Element::decode(&bytes));
        let good = head(r#","contests":[1,{"a":null}]"#).unwrap();
        assert_eq!(
            (good.uuid, Some(good.organiser)),
            (Uuid([15; 16]), organiser)
        );
        for twice in [
            r#","uuid":"00""#.to_owned(),
            format!(r#","organiser":{{"key":"{KEY}"}}"#),
        ] {
            assert!(matches!(head(&twice), Err(ManifestError::Json { .. })));
        }
        assert!(Head::read(b"{}").is_err());
        assert!(Head::read(&[b'['; 60_000]).is_err());
    }
}
