//! A witness of boards: cosigns each checkpoint that contains all it cosigned before, and so lets
//! others know that no second history was shown to it (C2SP tlog-witness and tlog-cosignature;
//! docs/spec/board.md, "Cosignatures").

pub mod key;
mod log;
pub mod request;
pub mod server;

use crate::{
    checkpoint::CheckpointError,
    durable,
    follow::{FollowError, Follower, Seen},
    manifest::{Manifest, ManifestError},
};
use key::WitnessKey;
use log::Log;
use request::Request;
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a witness cannot work.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// There is no key yet, and no name to make one for.
    #[error(
        "a new witness needs a name without spaces and `+`; give it with `--name`, like \
         `--name witness.example.org/ada`"
    )]
    Name,
    /// The key's file cannot be used.
    #[error(
        "the key in `{file}` cannot be used: {reason}; restore it, or begin with a new folder and \
         tell everybody the new key"
    )]
    Key {
        /// Which.
        file: String,
        /// Why not.
        reason: String,
    },
    /// A manifest names this witness with a key that it does not have.
    #[error(
        "the manifest names `{name}` with another key; ask the organiser for a manifest with the \
         key of this witness, since nothing that it cosigns will count"
    )]
    OtherKey {
        /// The name.
        name: String,
    },
    /// Another program uses the folder.
    #[error("another witness uses the folder `{folder}`; stop it first")]
    InUse {
        /// Which.
        folder: String,
    },
    /// What was cosigned last cannot be read.
    #[error(
        "the checkpoint in `{folder}` is not one that this witness cosigned; keep a copy of the \
         whole home, and begin with a new one and a new key"
    )]
    Damaged {
        /// Which.
        folder: String,
    },
    /// There is another manifest for the same board.
    #[error("this witness knows another manifest for {origin}; check which one is right")]
    OtherManifest {
        /// The board.
        origin: String,
    },
    /// Nothing new is known of a board.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// A manifest is not valid.
    #[error("the manifest is not valid: {0}")]
    Manifest(#[from] ManifestError),
    /// The folder cannot be read or written.
    #[error("the witness's folder cannot be used: {0}")]
    Home(#[from] io::Error),
}

/// Why a checkpoint is not cosigned.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// What was handed in is malformed.
    #[error("the request is malformed: {rule}")]
    Malformed {
        /// The rule that is broken.
        rule: &'static str,
    },
    /// The note in it is malformed.
    #[error("the request is malformed: {0}")]
    Note(#[from] CheckpointError),
    /// The board is none of this witness's.
    #[error("this witness does not know the board")]
    UnknownOrigin,
    /// The board did not sign it.
    #[error("the checkpoint is not signed with the board's key")]
    Unsigned,
    /// The proof begins elsewhere than where the witness stands.
    #[error("the last checkpoint that this witness cosigned has {size} entries")]
    Conflict {
        /// Where it stands.
        size: u64,
    },
    /// The proof does not hold.
    #[error("the consistency proof does not hold")]
    Proof,
    /// The board signed two histories, which is now proved.
    #[error("the board signed another history before")]
    TwoHistories {
        /// The proof.
        file: PathBuf,
        /// Whether it is the first one for this board.
        is_new: bool,
    },
    /// The cosignature could not be kept, and so is not given.
    #[error("the witness cannot write: {0}")]
    Storage(#[from] io::Error),
}

/// What came of a look at a board.
#[derive(Debug)]
pub enum Looked {
    /// This many entries are cosigned.
    Cosigned(u64),
    /// Somebody handed in more than the board shows.
    Behind(u64),
    /// Nothing is cosigned.
    Refused(Refusal),
}

/// A witness with all its boards.
#[derive(Debug)]
pub struct Witness {
    home: PathBuf,
    key: WitnessKey,
    /// By the hash of their origin. All cosignatures are made under this one lock, so that no
    /// check can be overtaken by another cosignature.
    logs: Mutex<BTreeMap<String, Log>>,
    /// Held as long as the witness lives.
    _lock: File,
}

impl Witness {
    /// Goes on from what a folder holds; it is made, with a key of this seed, if it is not there.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn open(
        home: &Path,
        name: Option<&str>,
        seed: &Zeroizing<[u8; 32]>,
    ) -> Result<Self, WitnessError> {
        durable::create_folder(&home.join("logs"))?;
        let lock = File::create(home.join("lock"))?;
        // A second program would cosign beside the checks of the first.
        lock.try_lock().map_err(|_| WitnessError::InUse {
            folder: home.display().to_string(),
        })?;
        let key = WitnessKey::open(&home.join("key"), name, seed)?;
        let mut logs = BTreeMap::new();
        for folder in fs::read_dir(home.join("logs"))? {
            if let Some(log) = Log::open(folder?.path(), &key)? {
                logs.insert(hash_of(&log.manifest().origin), log);
            }
        }
        Ok(Self {
            home: home.to_owned(),
            key,
            logs: Mutex::new(logs),
            _lock: lock,
        })
    }

    /// What others must know to check its cosignatures: name, key id and key (signed-note).
    #[must_use]
    pub fn verifier_key(&self) -> String {
        self.key.verifier_key()
    }

    /// Its number among the witnesses that a manifest names, from 1; an error if the manifest
    /// has its name with another key.
    ///
    /// # Errors
    /// [`WitnessError::OtherKey`].
    pub fn number_in(&self, manifest: &Manifest) -> Result<Option<u16>, WitnessError> {
        let mut named = (1..).zip(&manifest.witnesses);
        match named.find(|(_, witness)| witness.name == self.key.name()) {
            Some((_, witness)) if witness.key != self.key.public() => Err(WitnessError::OtherKey {
                name: witness.name.clone(),
            }),
            found => Ok(found.map(|(number, _)| number)),
        }
    }

    /// The manifests of its boards.
    #[must_use]
    pub fn manifests(&self) -> Vec<Manifest> {
        self.logs()
            .values()
            .map(|log| log.manifest().clone())
            .collect()
    }

    /// Takes the board of a manifest for one of its own from now on.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn learn(&self, manifest_bytes: &[u8]) -> Result<(), WitnessError> {
        let manifest = Manifest::read(manifest_bytes)?;
        let hash = hash_of(&manifest.origin);
        let mut logs = self.logs();
        match logs.get(&hash) {
            Some(log) if log.manifest().id == manifest.id => Ok(()),
            Some(_) => Err(WitnessError::OtherManifest {
                origin: manifest.origin,
            }),
            None => {
                let log = Log::begin(self.home.join("logs").join(&hash), manifest_bytes)?;
                logs.insert(hash, log);
                Ok(())
            }
        }
    }

    /// Answers an `add-checkpoint` request with a cosignature line; `now` in seconds since 1970.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn add_checkpoint(&self, body: &[u8], now: u64) -> Result<String, Refusal> {
        let request = Request::parse(body)?;
        let mut logs = self.logs();
        let log = logs
            .get_mut(&hash_of(request.origin()))
            .ok_or(Refusal::UnknownOrigin)?;
        log.submit(request.note, request.old, request.proof, &self.key, now)
    }

    /// Who follows the board at this address, with a memory in this witness's folder.
    ///
    /// # Errors
    /// [`FollowError::State`].
    pub fn follower(&self, url: &str) -> Result<Follower, FollowError> {
        let name = hash_of(url.trim_end_matches('/'));
        Follower::open(url, &self.home.join("followed").join(name))
    }

    /// Looks at a board once, and cosigns what is consistent; `clock` tells the seconds since
    /// 1970 when that is known.
    ///
    /// # Errors
    /// [`WitnessError`].
    pub fn look(
        &self,
        follower: &mut Follower,
        clock: impl FnOnce() -> u64,
    ) -> Result<Looked, WitnessError> {
        let seen = follower.look()?;
        let Some(known) = follower.known() else {
            return Ok(Looked::Behind(0));
        };
        let size = known.leaves.len() as u64;
        self.learn(known.manifest_bytes)?;
        let mut logs = self.logs();
        let Some(log) = logs.get_mut(&hash_of(&known.manifest.origin)) else {
            return Ok(Looked::Refused(Refusal::UnknownOrigin));
        };
        if let Seen::TwoHistories(proof) = seen {
            return Ok(Looked::Refused(log.keep(&proof)?));
        }
        Ok(match log.seen(&known, &self.key, clock()) {
            Ok(Some(_)) => Looked::Cosigned(size),
            Ok(None) => Looked::Behind(size),
            Err(refusal) => Looked::Refused(refusal),
        })
    }

    /// The last cosigned checkpoint of the board whose origin has this SHA-256 (hexadecimal).
    #[must_use]
    pub fn latest(&self, hash: &str) -> Option<String> {
        self.logs().get(hash)?.latest().map(str::to_owned)
    }

    /// A thread that panicked changed nothing: a log changes only when all is done.
    fn logs(&self) -> MutexGuard<'_, BTreeMap<String, Log>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The SHA-256 of an origin, in lower-case hexadecimal.
#[must_use]
pub fn hash_of(origin: &str) -> String {
    hex::encode(Sha256::digest(origin))
}
