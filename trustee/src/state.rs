//! What a trustee must never forget about an election: an append-only, durable journal.
//!
//! Every message is written here, and synced to the disk, before it is sent; a repeat sends the
//! stored bytes. So there is one message per round and attempt, one certified close and one
//! decrypted sum, whatever is killed when. Spec: docs/spec/key-ceremony.md, "Rounds"; tally.md.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use protocol::transcript::Digest;
use serde::{Deserialize, Serialize};

use crate::keystore::{KeystoreError, private_folder, sync_parent};

const JOURNAL: &str = "journal";

/// Why the journal cannot be used, or forbids what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// Two programs at once.
    #[error(
        "Another `trustee` program works on this election now. Wait until it ends, or stop it."
    )]
    Busy,
    /// Not joined.
    #[error("This trustee has not joined that election. Run `trustee join --board URL` first.")]
    NotJoined,
    /// Several elections.
    #[error("This trustee has joined {found} elections. Say which with --board URL.")]
    Which {
        /// How many.
        found: usize,
    },
    /// Another manifest for an election that was joined.
    #[error(
        "The board shows the manifest {found}, but this trustee accepted {pinned}. Refused: the organiser or the \
         board has replaced the election. Tell the other trustees."
    )]
    OtherManifest {
        /// What was accepted.
        pinned: Digest,
        /// What the board shows.
        found: Digest,
    },
    /// A second message where only one may ever be.
    #[error(
        "This trustee has signed {slot} for {recorded} and will never sign one for {asked}. Refused: somebody shows \
         different trustees different boards. Tell the other trustees and keep the folder of this program as evidence."
    )]
    Second {
        /// Which message.
        slot: Slot,
        /// What it was about.
        recorded: String,
        /// What it would be about now.
        asked: String,
    },
    /// A line that this program did not write.
    #[error(
        "Line {line} of {path:?} is damaged, so this program cannot know what it has signed. Refused; move the folder \
         away and use `trustee restore`."
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The folder.
    #[error(transparent)]
    Folder(#[from] KeystoreError),
    /// The file system.
    #[error(
        "{path:?} cannot be read or written: {source}. Check the folder and the space on the disk."
    )]
    File {
        /// The journal.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// A message that a trustee gives at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// Acceptance of the manifest.
    Register,
    /// Key ceremony, in this attempt.
    Commit(u16),
    /// Key ceremony, in this attempt.
    Reveal(u16),
    /// Key ceremony, in this attempt.
    Deal(u16),
    /// The last message of this attempt: a certification or a complaint.
    Certify(u16),
    /// The end of this attempt.
    Abandon(u16),
    /// The one close of this election.
    CertifyClose,
    /// The one opening of this election's totals.
    Shares,
}

impl std::fmt::Display for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Register => write!(f, "its registration"),
            Self::Commit(attempt) => write!(f, "its commitment of attempt {attempt}"),
            Self::Reveal(attempt) => write!(f, "its reveal of attempt {attempt}"),
            Self::Deal(attempt) => write!(f, "its deal of attempt {attempt}"),
            Self::Certify(attempt) => write!(f, "its last message of attempt {attempt}"),
            Self::Abandon(attempt) => write!(f, "the end of attempt {attempt}"),
            Self::CertifyClose => write!(f, "the close"),
            Self::Shares => write!(f, "its part of the decryption"),
        }
    }
}

/// The election that a trustee accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The manifest id, 64 hexadecimal digits. It fixes all that follows but the address.
    pub manifest: String,
    /// The election's uuid, 32 hexadecimal digits.
    pub uuid: String,
    /// The title, to be shown.
    pub title: String,
    /// The origin of the board's checkpoints.
    pub origin: String,
    /// The key of the board's checkpoints.
    pub board_key: String,
    /// Where the board was when the trustee joined.
    pub url: String,
    /// This trustee's number, from 1.
    pub trustee: u16,
}

/// How much of the board this program has verified itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Number of entries.
    pub size: u64,
    /// Root of the log at that size.
    pub root: Digest,
}

/// An entry that is in the journal: only such an entry can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedEntry(Vec<u8>);

impl RecordedEntry {
    /// The signed entry.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum Record {
    Joined {
        pin: Pin,
    },
    Restored {
        abandon: Option<u16>,
    },
    Message {
        slot: Slot,
        about: String,
        entry: String,
    },
    Verified {
        size: u64,
        root: String,
    },
}

/// What the journal says.
#[derive(Clone, Debug, Default)]
pub struct ElectionState {
    pin: Option<Pin>,
    restored: bool,
    abandon: Option<u16>,
    messages: BTreeMap<Slot, (String, RecordedEntry)>,
    verified: Option<Verified>,
}

impl ElectionState {
    fn read(bytes: &[u8], path: &Path) -> Result<Self, StateError> {
        let mut state = Self::default();
        for (line, text) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            let damaged = || StateError::Damaged {
                path: path.to_owned(),
                line,
            };
            let record = serde_json::from_slice(text).map_err(|_| damaged())?;
            state.take(record).ok_or_else(damaged)?;
        }
        Ok(state)
    }

    fn take(&mut self, record: Record) -> Option<()> {
        match record {
            Record::Joined { pin } => self.pin = Some(pin),
            Record::Restored { abandon } => {
                self.restored = true;
                self.abandon = abandon;
            }
            Record::Message { slot, about, entry } => {
                let entry = RecordedEntry(STANDARD.decode(entry).ok()?);
                self.messages.insert(slot, (about, entry));
            }
            Record::Verified { size, root } => {
                let root = Digest::from_hex(&root)?;
                self.verified = Some(Verified { size, root });
            }
        }
        Some(())
    }

    /// Whether these secrets came back from words, so that earlier messages may be unknown here.
    pub fn is_restored(&self) -> bool {
        self.restored
    }

    /// The attempt that was open when the state was lost.
    pub fn must_abandon(&self) -> Option<u16> {
        self.abandon
    }

    /// What was verified last.
    pub fn verified(&self) -> Option<Verified> {
        self.verified
    }

    /// A message that was recorded, and what it is about.
    pub fn message(&self, slot: Slot) -> Option<(&str, &RecordedEntry)> {
        let (about, entry) = self.messages.get(&slot)?;
        Some((about, entry))
    }
}

/// The journal of one election, held by this program alone.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    file: File,
    state: ElectionState,
    pin: Pin,
}

fn file_error(path: &Path) -> impl Fn(std::io::Error) -> StateError {
    move |source| StateError::File {
        path: path.to_owned(),
        source,
    }
}

/// Drops a last line that has no end: the program was killed while it wrote it, and nothing was
/// sent for it.
fn complete_lines(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    bytes
        .get(..end.map_or(0, |end| end + 1))
        .unwrap_or_default()
}

/// The elections that were joined, without holding their journals.
///
/// # Errors
/// [`StateError`] if a journal cannot be read.
pub fn joined(elections: &Path) -> Result<Vec<Pin>, StateError> {
    let Ok(items) = fs::read_dir(elections) else {
        return Ok(Vec::new());
    };
    let mut pins = Vec::new();
    for item in items.flatten() {
        let path = item.path().join(JOURNAL);
        let Ok(bytes) = fs::read(&path) else { continue };
        pins.extend(ElectionState::read(complete_lines(&bytes), &path)?.pin);
    }
    pins.sort_by(|a, b| a.uuid.cmp(&b.uuid));
    Ok(pins)
}

impl Journal {
    /// Begins the journal of an election, or opens it if the same election was joined before.
    ///
    /// # Errors
    /// [`StateError::OtherManifest`] if another manifest was accepted under this uuid.
    pub fn join(elections: &Path, pin: &Pin) -> Result<Self, StateError> {
        let folder = elections.join(&pin.uuid);
        private_folder(elections)?;
        private_folder(&folder)?;
        let (file, state) = open(&folder, true)?;
        let mut journal = Self {
            folder,
            file,
            pin: pin.clone(),
            state,
        };
        match &journal.state.pin {
            None => journal.append(Record::Joined { pin: pin.clone() })?,
            Some(known) => {
                let id = |text: &str| Digest::from_hex(text).unwrap_or(Digest([0; 32]));
                if known.manifest != pin.manifest {
                    return Err(StateError::OtherManifest {
                        pinned: id(&known.manifest),
                        found: id(&pin.manifest),
                    });
                }
                journal.pin = known.clone();
            }
        }
        Ok(journal)
    }

    /// Opens the journal of an election that was joined.
    ///
    /// # Errors
    /// [`StateError`] if it was not joined, is in use, or is damaged.
    pub fn open(elections: &Path, uuid: &str) -> Result<Self, StateError> {
        let folder = elections.join(uuid);
        if !folder.join(JOURNAL).exists() {
            return Err(StateError::NotJoined);
        }
        let (file, state) = open(&folder, false)?;
        let pin = state.pin.clone().ok_or(StateError::NotJoined)?;
        Ok(Self {
            folder,
            file,
            state,
            pin,
        })
    }

    /// The election's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The election that was accepted.
    pub fn pin(&self) -> &Pin {
        &self.pin
    }

    /// What the journal says.
    pub fn state(&self) -> &ElectionState {
        &self.state
    }

    fn append(&mut self, record: Record) -> Result<(), StateError> {
        let path = self.folder.join(JOURNAL);
        let failed = file_error(&path);
        let mut line =
            serde_json::to_vec(&record).map_err(|error| failed(std::io::Error::other(error)))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(&failed)?;
        self.file.sync_all().map_err(&failed)?;
        let line = usize::MAX;
        self.state.take(record).ok_or(StateError::Damaged {
            path: path.clone(),
            line,
        })
    }

    /// The one message of a slot: the stored bytes if there are any, else those that `make` makes,
    /// recorded durably before anybody sees them. `about` says what is signed; it must be what
    /// it was the first time.
    ///
    /// # Errors
    /// [`StateError::Second`] if this slot's message was about something else.
    pub fn message<E: From<StateError>>(
        &mut self,
        slot: Slot,
        about: &str,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<RecordedEntry, E> {
        if let Some((recorded, entry)) = self.state.messages.get(&slot) {
            if recorded != about {
                return Err(StateError::Second {
                    slot,
                    recorded: recorded.clone(),
                    asked: about.to_owned(),
                }
                .into());
            }
            return Ok(entry.clone());
        }
        let entry = make()?;
        self.append(Record::Message {
            slot,
            about: about.to_owned(),
            entry: STANDARD.encode(&entry),
        })?;
        Ok(RecordedEntry(entry))
    }

    /// Records that the state before this was lost; `abandon` is the attempt that was open then.
    ///
    /// # Errors
    /// [`StateError`] if it cannot be written.
    pub fn record_restored(&mut self, abandon: Option<u16>) -> Result<(), StateError> {
        self.append(Record::Restored { abandon })
    }

    /// Records that this program has verified the board up to here.
    ///
    /// # Errors
    /// [`StateError`] if it cannot be written.
    pub fn record_verified(&mut self, verified: Verified) -> Result<(), StateError> {
        if self.state.verified == Some(verified) {
            return Ok(());
        }
        self.append(Record::Verified {
            size: verified.size,
            root: verified.root.to_string(),
        })
    }
}

fn open(folder: &Path, create: bool) -> Result<(File, ElectionState), StateError> {
    let path = folder.join(JOURNAL);
    let failed = file_error(&path);
    let mut file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(create)
        .mode(0o600)
        .open(&path)
        .map_err(&failed)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StateError::Busy,
        TryLockError::Error(source) => failed(source),
    })?;
    sync_parent(&path).map_err(&failed)?;
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(&failed)?;
    file.read_to_end(&mut bytes).map_err(&failed)?;
    let complete = complete_lines(&bytes);
    if complete.len() < bytes.len() {
        let length = u64::try_from(complete.len()).unwrap_or(u64::MAX);
        file.set_len(length).map_err(&failed)?;
        file.sync_all().map_err(&failed)?;
    }
    let state = ElectionState::read(complete, &path)?;
    Ok((file, state))
}

#[cfg(test)]
mod tests;
