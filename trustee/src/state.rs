//! What a trustee must never forget about an election: an append-only, durable journal.
//!
//! Every message is written here, and synced to the disk, before it is sent; a repeat sends the
//! stored bytes. So there is one message per round and attempt, one certified close, one
//! previewed and decrypted sum, one seal, whatever is killed when. Spec: docs/spec/key-ceremony.md, "Rounds"; tally.md.

mod journal;
mod receipts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use protocol::transcript::Digest;
use serde::{Deserialize, Serialize};

use crate::keystore::KeystoreError;

pub use journal::{Journal, joined};
pub use receipts::Receipts;

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
        "Line {line} of {path:?} is damaged, so this program cannot know what it has signed. Move the folder of that file \
         away and keep it, then run `trustee restore --board URL` with your 24 words; the key file stays where it is."
    )]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A kept receipt that this program did not write.
    #[error(
        "{path:?} is damaged and not a receipt any more. Move it out of that folder, then run the command again."
    )]
    DamagedReceipt {
        /// Which file.
        path: PathBuf,
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
    /// The one look at this election's guarded counts.
    Preview,
    /// The one opening of this election's totals.
    Shares,
    /// The one beacon of this election.
    Beacon,
    /// The one seal of this election's result.
    Seal,
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
            Self::Preview => write!(f, "its preview of the counts"),
            Self::Shares => write!(f, "its part of the decryption"),
            Self::Beacon => write!(f, "its beacon"),
            Self::Seal => write!(f, "the seal"),
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
        /// Whether `abandon` is not known yet, because no board has been checked since.
        #[serde(default)]
        is_undecided: bool,
    },
    Message {
        slot: Slot,
        about: String,
        entry: String,
    },
    /// A message of this slot would be about this and nothing else; there is none yet.
    Promise {
        slot: Slot,
        about: String,
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
    undecided: bool,
    abandon: Option<u16>,
    messages: BTreeMap<Slot, (String, RecordedEntry)>,
    promises: BTreeMap<Slot, String>,
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
            Record::Restored {
                abandon,
                is_undecided,
            } => {
                (self.restored, self.undecided) = (true, is_undecided);
                self.abandon = abandon;
            }
            Record::Message { slot, about, entry } => {
                let entry = RecordedEntry(STANDARD.decode(entry).ok()?);
                self.messages.insert(slot, (about, entry));
            }
            Record::Promise { slot, about } => {
                self.promises.insert(slot, about);
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

    /// Whether it must still be found out which attempt was open when the state was lost.
    pub fn is_undecided(&self) -> bool {
        self.undecided
    }

    /// The attempt that was open when the state was lost.
    pub fn must_abandon(&self) -> Option<u16> {
        self.abandon
    }

    /// What was verified last.
    pub fn verified(&self) -> Option<Verified> {
        self.verified
    }

    /// All messages that were recorded.
    pub fn messages(&self) -> impl Iterator<Item = &RecordedEntry> {
        self.messages.values().map(|(_, entry)| entry)
    }

    /// What the message of a slot is about, made or only promised.
    pub fn promise(&self, slot: Slot) -> Option<&str> {
        let made = self.messages.get(&slot).map(|(about, _)| about);
        made.or_else(|| self.promises.get(&slot))
            .map(String::as_str)
    }

    /// A message that was recorded, and what it is about.
    pub fn message(&self, slot: Slot) -> Option<(&str, &RecordedEntry)> {
        let (about, entry) = self.messages.get(&slot)?;
        Some((about, entry))
    }
}

#[cfg(test)]
mod tests;
