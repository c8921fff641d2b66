//! The trustee's folder: the encrypted key, the card for the organiser, a folder per election.
//!
//! The key file is an age file (C2SP.org/age) under a passphrase; what it holds is the 24 words
//! and a line feed, so that the `age` program alone can open it, too.

use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use protocol::encoding::{decode_hex, encode_hex};
use protocol::key_ceremony::TrusteeSeed;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::words::{Words, WordsError};

/// log2 of scrypt's work: about a second and 256 MiB for each guess.
pub const WORK_FACTOR: u8 = 18;
/// No key file that asks for more is opened.
const MAX_WORK_FACTOR: u8 = 22;
const KEY_FILE: &str = "trustee.key";
const CARD_ENDING: &str = ".trustee.json";

/// Why the folder or the key cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeystoreError {
    /// Never overwritten.
    #[error(
        "There is a key already, {path:?}, and a key is never overwritten. Choose another folder with --home."
    )]
    Exists {
        /// The key file.
        path: PathBuf,
    },
    /// No key.
    #[error(
        "There is no key {path:?}. Make one with `trustee init`, or restore yours with `trustee restore`."
    )]
    Missing {
        /// The key file.
        path: PathBuf,
    },
    /// No card, or several.
    #[error(
        "There are {found} files *{CARD_ENDING} in {folder:?}; leave exactly your own one there."
    )]
    Card {
        /// Where.
        folder: PathBuf,
        /// How many.
        found: usize,
    },
    /// Others could read a secret.
    #[error(
        "Others may read {path:?} (mode {mode:o}). Run `chmod 600` on it, and ask yourself who has read it."
    )]
    Mode {
        /// The key file, or a file with the passphrase or the words.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Others could look at secrets, or change what the trustee remembers.
    #[error(
        "Others may use the folder {path:?} (mode {mode:o}). Run `chmod 700` on it if it is for this program alone, or \
         choose another with --home."
    )]
    FolderMode {
        /// The folder.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The passphrase does not open the key.
    #[error(
        "The passphrase does not open {path:?}. Try again; without it, move that file away and use \
         `trustee restore` with your 24 words."
    )]
    Passphrase {
        /// The key file.
        path: PathBuf,
    },
    /// The key file is damaged.
    #[error(
        "{path:?} is not a trustee's key file: {reason}. Move it away, then use `trustee restore` with your 24 words."
    )]
    Damaged {
        /// The key file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A name that no manifest takes.
    #[error("The name must have 1 to 500 bytes and no control characters.")]
    Name,
    /// A seed that gives no key.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The file system.
    #[error("{path:?} cannot be read or written: {source}. Check the folder and its permissions.")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

/// What the organiser puts into the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrusteeCard {
    /// The trustee's name.
    pub name: String,
    /// Its signing key, 64 lower-case hexadecimal digits.
    pub key: String,
}

/// A trustee's folder.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
}

pub(crate) fn file_error(path: &Path) -> impl Fn(std::io::Error) -> KeystoreError {
    move |source| KeystoreError::File {
        path: path.to_owned(),
        source,
    }
}

/// Makes a folder that only its owner may enter. One that is there already is left as it is: it
/// may be somebody's home folder, and its mode is not for this program to change.
pub(crate) fn private_folder(path: &Path) -> Result<(), KeystoreError> {
    let failed = file_error(path);
    let mut builder = fs::DirBuilder::new();
    builder.mode(0o700);
    if let Some(parent) = path.parent() {
        builder.recursive(true).create(parent).map_err(&failed)?;
    }
    match builder.recursive(false).create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        other => return other.map_err(failed),
    }
    // Reading it as a folder tells a file of that name from a folder.
    fs::read_dir(path).map_err(&failed)?;
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode() & 0o777;
    match mode & 0o077 {
        0 => Ok(()),
        _ => Err(KeystoreError::FolderMode {
            path: path.to_owned(),
            mode,
        }),
    }
}

/// Reads a text that nobody else may know: refuses a file that others may read. A pipe has no
/// mode that says anything.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<String>, KeystoreError> {
    let failed = file_error(path);
    let mut file = File::open(path).map_err(&failed)?;
    let metadata = file.metadata().map_err(&failed)?;
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & 0o077 != 0 {
        return Err(KeystoreError::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    let mut text = Zeroizing::new(String::with_capacity(512));
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// Writes a new file of mode 0600, durably; an existing file is never touched.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), std::io::Error> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content)?;
    file.sync_all()?;
    sync_parent(path)
}

/// Makes the creation of a file durable.
pub(crate) fn sync_parent(path: &Path) -> Result<(), std::io::Error> {
    match path.parent() {
        Some(parent) if parent != Path::new("") => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

impl Home {
    /// The folder at this path; nothing is made yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Its path.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The key file's path.
    pub fn key_path(&self) -> PathBuf {
        self.folder.join(KEY_FILE)
    }

    /// The folder that holds one folder per election.
    pub fn elections(&self) -> PathBuf {
        self.folder.join("elections")
    }

    /// Refuses if there is a key already, before anybody is asked anything.
    ///
    /// # Errors
    /// [`KeystoreError::Exists`].
    pub fn expect_no_key(&self) -> Result<(), KeystoreError> {
        match self.key_path() {
            path if path.exists() => Err(KeystoreError::Exists { path }),
            _ => Ok(()),
        }
    }

    /// Encrypts a seed and writes key file and card; gives the card and its path.
    /// `work_factor` is log2 of scrypt's work: [`WORK_FACTOR`] except in tests.
    ///
    /// # Errors
    /// [`KeystoreError::Exists`] rather than overwrite a key.
    pub fn create(
        &self,
        name: &str,
        seed: &TrusteeSeed,
        passphrase: &SecretString,
        work_factor: u8,
    ) -> Result<(TrusteeCard, PathBuf), KeystoreError> {
        self.expect_no_key()?;
        if name.is_empty() || name.len() > 500 || name.chars().any(char::is_control) {
            return Err(KeystoreError::Name);
        }
        let key = seed.signing_key().ok_or(WordsError::Checksum)?;
        let card = TrusteeCard {
            name: name.to_owned(),
            key: encode_hex(key.public().as_bytes()),
        };
        let path = self.key_path();
        let encrypted =
            encrypt(&Words::of_seed(seed)?, passphrase, work_factor).map_err(file_error(&path))?;
        private_folder(&self.folder)?;
        // Written under another name first and then linked: a link never replaces a file, and a
        // key file is never half there.
        let unlinked = self.folder.join(format!("{KEY_FILE}.new"));
        let _ = fs::remove_file(&unlinked);
        write_new(&unlinked, &encrypted).map_err(file_error(&unlinked))?;
        let card_path = self.write_card(&card)?;
        let linked = fs::hard_link(&unlinked, &path);
        let _ = fs::remove_file(&unlinked);
        match linked {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(KeystoreError::Exists { path });
            }
            other => other
                .and_then(|()| sync_parent(&path))
                .map_err(file_error(&path))?,
        }
        Ok((card, card_path))
    }

    fn write_card(&self, card: &TrusteeCard) -> Result<PathBuf, KeystoreError> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
        let stem: String = card
            .name
            .chars()
            .map(|c| if allowed(c) { c } else { '-' })
            .take(60)
            .collect();
        let path = self.folder.join(format!("{stem}{CARD_ENDING}"));
        let text = serde_json::to_string_pretty(card).map_err(|error| KeystoreError::Damaged {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        fs::write(&path, text + "\n").map_err(file_error(&path))?;
        Ok(path)
    }

    /// The card, which needs no passphrase.
    ///
    /// # Errors
    /// [`KeystoreError`] if there is none or it cannot be read.
    pub fn card(&self) -> Result<TrusteeCard, KeystoreError> {
        let missing = KeystoreError::Missing {
            path: self.key_path(),
        };
        let Ok(items) = fs::read_dir(&self.folder) else {
            return Err(missing);
        };
        let cards: Vec<PathBuf> = items
            .filter_map(|item| Some(item.ok()?.path()))
            .filter(|path| path.to_string_lossy().ends_with(CARD_ENDING))
            .collect();
        let path = match cards.as_slice() {
            [path] => path,
            [] if !self.key_path().exists() => return Err(missing),
            _ => {
                return Err(KeystoreError::Card {
                    folder: self.folder.clone(),
                    found: cards.len(),
                });
            }
        };
        let text = fs::read_to_string(path).map_err(file_error(path))?;
        let damaged = |reason: String| KeystoreError::Damaged {
            path: path.clone(),
            reason,
        };
        let card: TrusteeCard =
            serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if decode_hex::<32>(&card.key).is_none() {
            return Err(damaged("its key is not 64 hexadecimal digits".to_owned()));
        }
        Ok(card)
    }

    /// Decrypts the key.
    ///
    /// # Errors
    /// [`KeystoreError`] if the file is missing, readable by others or damaged, or the passphrase
    /// wrong.
    pub fn unlock(&self, passphrase: &SecretString) -> Result<TrusteeSeed, KeystoreError> {
        let path = self.key_path();
        let metadata = match fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(KeystoreError::Missing { path });
            }
            other => other.map_err(file_error(&path))?,
        };
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeystoreError::Mode { path, mode });
        }
        let bytes = fs::read(&path).map_err(file_error(&path))?;
        let damaged = |reason: String| KeystoreError::Damaged {
            path: path.clone(),
            reason,
        };
        let mut identity = age::scrypt::Identity::new(passphrase.clone());
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        let decryptor = age::Decryptor::new_buffered(bytes.as_slice())
            .map_err(|error| damaged(error.to_string()))?;
        let identities = std::iter::once(&identity as &dyn age::Identity);
        let mut reader = decryptor.decrypt(identities).map_err(|error| match error {
            age::DecryptError::DecryptionFailed
            | age::DecryptError::KeyDecryptionFailed
            | age::DecryptError::NoMatchingKeys => KeystoreError::Passphrase { path: path.clone() },
            other => damaged(other.to_string()),
        })?;
        let mut text = Zeroizing::new(String::with_capacity(512));
        reader
            .read_to_string(&mut text)
            .map_err(|error| damaged(error.to_string()))?;
        Words::read_seed(&text).map_err(|error| damaged(error.to_string()))
    }
}

fn encrypt(
    words: &Words,
    passphrase: &SecretString,
    work_factor: u8,
) -> Result<Vec<u8>, std::io::Error> {
    let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(work_factor);
    let recipients = std::iter::once(&recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(std::io::Error::other)?;
    let mut encrypted = Vec::new();
    let mut writer = encryptor.wrap_output(&mut encrypted)?;
    writer.write_all(words.expose().as_bytes())?;
    writer.write_all(b"\n")?;
    writer.finish()?;
    Ok(encrypted)
}

#[cfg(test)]
mod tests;
