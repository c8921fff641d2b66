//! The journal's file: lines that are only ever added, each synced before anything follows from it.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use protocol::transcript::Digest;

use super::{ElectionState, Pin, Record, RecordedEntry, Slot, StateError, Verified};
use crate::keystore::{private_folder, sync_parent};

pub(super) const JOURNAL: &str = "journal";

/// The journal of one election, held by this program alone, or only looked at.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    /// None where the journal is only looked at; nothing can be signed then.
    file: Option<File>,
    state: ElectionState,
    pin: Pin,
}

pub(super) fn file_error(path: &Path) -> impl Fn(std::io::Error) -> StateError {
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

/// The elections that were joined, without holding their journals; and what is wrong with those
/// whose journals cannot be read, which is no reason to stop all the others.
pub fn joined(elections: &Path) -> (Vec<Pin>, Vec<StateError>) {
    let Ok(items) = fs::read_dir(elections) else {
        return (Vec::new(), Vec::new());
    };
    let (mut pins, mut errors) = (Vec::new(), Vec::new());
    for item in items.flatten() {
        match read(&item.path().join(JOURNAL)) {
            Ok(state) => pins.extend(state.and_then(|state| state.pin)),
            Err(error) => errors.push(error),
        }
    }
    pins.sort_by(|a, b| a.uuid.cmp(&b.uuid));
    (pins, errors)
}

/// Reads a journal without holding it; `None` where there is no file.
fn read(path: &Path) -> Result<Option<ElectionState>, StateError> {
    match fs::read(path) {
        Ok(bytes) => ElectionState::read(complete_lines(&bytes), path).map(Some),
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => Ok(None),
            _ => Err(file_error(path)(error)),
        },
    }
}

impl Journal {
    /// What was accepted under this uuid, if anything was.
    ///
    /// # Errors
    /// [`StateError`] if that journal cannot be read.
    pub fn pinned(elections: &Path, uuid: &str) -> Result<Option<Pin>, StateError> {
        let state = read(&elections.join(uuid).join(JOURNAL))?;
        Ok(state.and_then(|state| state.pin))
    }

    /// Begins the journal of an election, or opens it if the same election was joined before.
    /// `is_restored` says that an earlier state may be lost; the journal says so from its very
    /// beginning, whenever the program is stopped.
    ///
    /// # Errors
    /// [`StateError::OtherManifest`] if another manifest was accepted under this uuid.
    pub fn join(elections: &Path, pin: &Pin, is_restored: bool) -> Result<Self, StateError> {
        let folder = elections.join(&pin.uuid);
        private_folder(elections)?;
        private_folder(&folder)?;
        let (file, state) = open(&folder, true)?;
        let mut journal = Self {
            folder,
            file: Some(file),
            pin: pin.clone(),
            state,
        };
        // Were only a part of them written, the journal would rather be restored and not joined.
        let restored = Record::Restored {
            abandon: None,
            is_undecided: true,
        };
        let lost = (is_restored && !journal.state.restored).then_some(restored);
        match &journal.state.pin {
            None => {
                let joined = Record::Joined { pin: pin.clone() };
                journal.append_all(lost.into_iter().chain([joined]).collect())?;
            }
            Some(known) => {
                let id = |text: &str| Digest::from_hex(text).unwrap_or(Digest([0; 32]));
                if known.manifest != pin.manifest {
                    return Err(StateError::OtherManifest {
                        pinned: id(&known.manifest),
                        found: id(&pin.manifest),
                    });
                }
                journal.pin = known.clone();
                journal.append_all(lost.into_iter().collect())?;
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
            file: Some(file),
            state,
            pin,
        })
    }

    /// Looks at a journal that another program may hold. What this one records stays in memory,
    /// and it can give no message.
    ///
    /// # Errors
    /// [`StateError`] if the election was not joined, or the journal is damaged.
    pub fn look(elections: &Path, uuid: &str) -> Result<Self, StateError> {
        let folder = elections.join(uuid);
        let state = read(&folder.join(JOURNAL))?.ok_or(StateError::NotJoined)?;
        let pin = state.pin.clone().ok_or(StateError::NotJoined)?;
        Ok(Self {
            folder,
            file: None,
            state,
            pin,
        })
    }

    /// Whether the journal is held, so that messages can be recorded.
    pub fn is_held(&self) -> bool {
        self.file.is_some()
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
        self.append_all(vec![record])
    }

    /// Appends lines in one write.
    fn append_all(&mut self, records: Vec<Record>) -> Result<(), StateError> {
        let path = self.folder.join(JOURNAL);
        let failed = file_error(&path);
        let mut lines = Vec::new();
        for record in &records {
            let line = serde_json::to_vec(record);
            lines.extend(line.map_err(|error| failed(std::io::Error::other(error)))?);
            lines.push(b'\n');
        }
        if let Some(file) = &mut self.file {
            file.write_all(&lines).map_err(&failed)?;
            file.sync_all().map_err(&failed)?;
        }
        for record in records {
            let (path, line) = (path.clone(), usize::MAX);
            self.state
                .take(record)
                .ok_or(StateError::Damaged { path, line })?;
        }
        Ok(())
    }

    /// Checks that a message of this slot is about what an earlier one was about, if there is one.
    ///
    /// # Errors
    /// [`StateError::Second`].
    pub fn expect_same(&self, slot: Slot, about: &str) -> Result<(), StateError> {
        match self.state.promise(slot) {
            Some(recorded) if recorded != about => Err(StateError::Second {
                slot,
                recorded: recorded.to_owned(),
                asked: about.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Records durably what a message of this slot could be about, without making one: what was
    /// done on the strength of it binds as the message would.
    ///
    /// # Errors
    /// [`StateError::Second`] if it was promised or made about something else.
    pub fn promise(&mut self, slot: Slot, about: &str) -> Result<(), StateError> {
        self.expect_same(slot, about)?;
        if self.state.promise(slot).is_some() {
            return Ok(());
        }
        if !self.is_held() {
            return Err(StateError::Busy);
        }
        self.append(Record::Promise {
            slot,
            about: about.to_owned(),
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
        self.expect_same(slot, about)?;
        if let Some((_, entry)) = self.state.message(slot) {
            return Ok(entry.clone());
        }
        if !self.is_held() {
            return Err(StateError::Busy.into());
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
        self.append(Record::Restored {
            abandon,
            is_undecided: false,
        })
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
