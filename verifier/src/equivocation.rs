//! Proofs that a board signed two histories (docs/spec/board.md, "Equivocation").
//!
//! Such a proof convinces anybody who knows the manifest: no server need be asked, and no word of
//! whoever made it be believed.

use crate::{
    checkpoint::{CheckpointError, UnverifiedCheckpoint},
    consistency::{self, PathError},
    json::{Json, JsonError, Members},
    log::Hash,
    manifest::{Manifest, ManifestError},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use thiserror::Error;

/// A file of this kind is never larger: a manifest, two notes and a path.
pub const MAX_EQUIVOCATION: u64 = 1 << 18;

/// Why a file does not prove that a board signed two histories.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EquivocationError {
    /// The file is malformed.
    #[error("the file is malformed: {0}")]
    Malformed(#[from] JsonError),
    /// The manifest in it is not valid.
    #[error("the manifest in the file is not valid: {0}")]
    Manifest(#[from] ManifestError),
    /// A checkpoint does not hold.
    #[error("the {which} checkpoint does not hold: {error}")]
    Checkpoint {
        /// Which.
        which: &'static str,
        /// Why.
        error: CheckpointError,
    },
    /// The sizes are in the wrong order, or the path does not fit them.
    #[error("the path does not fit the checkpoints: {0}")]
    Path(#[from] PathError),
    /// The path does not lead to the larger checkpoint.
    #[error("the path does not lead to the root of the larger checkpoint")]
    Root,
    /// Both checkpoints are of one history.
    #[error("both checkpoints are of the same history: nothing is wrong with them")]
    OneHistory,
}

/// Two signed checkpoints that no one history has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Equivocation {
    /// The manifest's exact text.
    pub manifest: Vec<u8>,
    /// The note of the smaller size, or either if the sizes are equal.
    pub smaller: String,
    /// The other note.
    pub larger: String,
    /// From the beginning of the larger log to its root; empty if the sizes are equal.
    pub path: Vec<Hash>,
}

/// What a proof proves.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The manifest that names the board.
    pub manifest: Manifest,
    /// The smaller size.
    pub smaller: u64,
    /// The larger size.
    pub larger: u64,
    /// The root that the board signed for the smaller size.
    pub signed: Hash,
    /// The root that the first entries of the larger log have.
    pub other: Hash,
}

impl Equivocation {
    /// Reads a proof strictly.
    ///
    /// # Errors
    /// [`EquivocationError::Malformed`].
    pub fn read(text: &[u8]) -> Result<Self, EquivocationError> {
        let mut members = Members::of(Json::parse(text)?, "")?;
        members.integer("psephos", 3, 3)?;
        if members.string("kind")? != "equivocation" {
            return Err(members.refused("kind", "`equivocation`").into());
        }
        let manifest = STANDARD
            .decode(members.string("manifest")?)
            .map_err(|_| members.refused("manifest", "a manifest's bytes in base64"))?;
        let smaller = members.string("smaller")?;
        let larger = members.string("larger")?;
        let path = members
            .array("path", 0, 65)?
            .iter()
            .map(|value| match value {
                Json::String(text) => STANDARD.decode(text).ok()?.try_into().ok(),
                _ => None,
            })
            .collect::<Option<_>>()
            .ok_or_else(|| members.refused("path", "hashes in base64"))?;
        members.finish()?;
        Ok(Self {
            manifest,
            smaller,
            larger,
            path,
        })
    }

    /// The proof as a file.
    #[must_use]
    pub fn write(&self) -> String {
        let path: Vec<String> = self.path.iter().map(|hash| STANDARD.encode(hash)).collect();
        let json = serde_json::json!({
            "psephos": 3,
            "kind": "equivocation",
            "manifest": STANDARD.encode(&self.manifest),
            "smaller": self.smaller,
            "larger": self.larger,
            "path": path,
        });
        format!("{json:#}\n")
    }

    /// Checks the proof, with nothing but what is in it.
    ///
    /// # Errors
    /// [`EquivocationError`]: then it proves nothing.
    pub fn check(&self) -> Result<Proved, EquivocationError> {
        let manifest = Manifest::read(&self.manifest)?;
        let verify = |note: &str, which| {
            UnverifiedCheckpoint::parse(note.as_bytes())
                .and_then(|note| {
                    if note.is_cosigned() {
                        let rule = "in such a proof the board's signature stands alone";
                        return Err(CheckpointError::Form { rule });
                    }
                    note.verify(&manifest.origin, &manifest.board_key)
                })
                .map_err(|error| EquivocationError::Checkpoint { which, error })
        };
        let smaller = verify(&self.smaller, "smaller")?;
        let larger = verify(&self.larger, "larger")?;
        let other = if smaller.size == larger.size {
            if !self.path.is_empty() {
                return Err(PathError::Length.into());
            }
            larger.root
        } else {
            let roots = consistency::roots(smaller.size, larger.size, &self.path)?;
            if roots.whole != larger.root {
                return Err(EquivocationError::Root);
            }
            roots.beginning
        };
        if other == smaller.root {
            return Err(EquivocationError::OneHistory);
        }
        Ok(Proved {
            manifest,
            smaller: smaller.size,
            larger: larger.size,
            signed: smaller.root,
            other,
        })
    }
}
