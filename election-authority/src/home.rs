//! The organiser's folder: its key, and a folder for each election.
//!
//! ```text
//! organiser.key          the signing key (mode 0600)
//! organiser.pub          its public key
//! elections/<uuid>/
//!     manifest.json      the exact bytes of the manifest
//!     manifest.entry     the signed first entry of the board
//!     server             address of the ballot box
//!     voters.csv         the voter list (mode 0600; never sent)
//!     order.key          the issuers' order key (mode 0600)
//!     parts/<k>.json     public part of issuer k
//!     board/             the board as last seen, as a record
//!     board-evidence/    what the ballot box signed and the board contradicts, if anything
//!     receipts/          the receipt of each entry that was posted (mode 0600)
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use board_client::Receipt;
use protocol::encoding::{decode_hex, encode_hex};
use protocol::manifest::{ElectionManifest, ManifestError};
use protocol::signature::SigningKey;
use protocol::transcript::Digest;
use rand_core::TryCryptoRng;

use crate::files::{self, FileError, Readers};
use crate::key_file::{self, KeyError, PassphraseSource};

/// Why the home folder or an election's folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// No home was named.
    #[error("no home folder is named; use --home DIR or set ELECTION_AUTHORITY_HOME")]
    Unnamed,
    /// No key in it.
    #[error("{} holds no organiser's key; run `election-authority init` first", path.display())]
    NoKey {
        /// The home folder.
        path: PathBuf,
    },
    /// No election.
    #[error("{} holds no election; run `election-authority new` first", path.display())]
    NoElection {
        /// The home folder.
        path: PathBuf,
    },
    /// No election of that uuid.
    #[error("no election here has a uuid that starts with {uuid:?}; there are {known}")]
    UnknownElection {
        /// What was asked for.
        uuid: String,
        /// The uuids there are.
        known: String,
    },
    /// Several elections.
    #[error(
        "there are several elections, {known}; say which with --election UUID (its first digits are enough)"
    )]
    SeveralElections {
        /// The uuids there are.
        known: String,
    },
    /// The manifest was changed.
    #[error("{} is not a manifest any more: {error}; restore it from a backup", path.display())]
    Manifest {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: ManifestError,
    },
}

/// The organiser's folder.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// The folder at this path; nothing is made yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    fn key_path(&self) -> PathBuf {
        self.folder.join("organiser.key")
    }

    /// Makes the folder and the organiser's key.
    ///
    /// # Errors
    /// [`KeyError`]; an existing key is never overwritten.
    pub fn create_key(
        &self,
        passphrase: Option<&PassphraseSource>,
        rng: &mut impl TryCryptoRng,
    ) -> Result<SigningKey, KeyError> {
        files::ensure_folder(&self.folder, Readers::Owner)?;
        let key = key_file::create_organiser_key(&self.key_path(), passphrase, rng)?;
        self.write_public_key(&key)?;
        Ok(key)
    }

    fn public_key_path(&self) -> PathBuf {
        self.folder.join("organiser.pub")
    }

    fn write_public_key(&self, key: &SigningKey) -> Result<String, FileError> {
        let public = encode_hex(key.public().as_bytes());
        let line = format!("{public}\n");
        files::create(&self.public_key_path(), line.as_bytes(), Readers::Everyone)?;
        Ok(public)
    }

    /// The organiser's key.
    ///
    /// # Errors
    /// [`HomeError::NoKey`] before `init`, [`KeyError`] if it cannot be opened.
    pub fn key(&self, passphrase: &PassphraseSource) -> Result<SigningKey, crate::CommandError> {
        let path = self.key_path();
        if !path.exists() {
            let path = self.folder.clone();
            return Err(HomeError::NoKey { path }.into());
        }
        Ok(key_file::read_organiser_key(&path, passphrase)?)
    }

    /// The organiser's public key, 64 hexadecimal digits. The secret one is opened only if the
    /// public one is missing, as after a crash between the two; then it is written again.
    ///
    /// # Errors
    /// [`HomeError::NoKey`] before `init`, [`KeyError`] if the secret key cannot be opened.
    pub fn public_key(&self, passphrase: &PassphraseSource) -> Result<String, crate::CommandError> {
        match files::read(&self.public_key_path()) {
            Err(FileError::Missing { .. }) => Ok(self.write_public_key(&self.key(passphrase)?)?),
            bytes => Ok(String::from_utf8_lossy(&bytes?).trim().to_owned()),
        }
    }

    /// Makes the folder of a new election, with its manifest and first entry.
    ///
    /// # Errors
    /// [`HomeError`]; the folder of an election is never overwritten.
    pub fn create_election(
        &self,
        manifest: ElectionManifest,
        entry: &[u8],
        server: &str,
    ) -> Result<ElectionFolder, HomeError> {
        let elections = self.folder.join("elections");
        files::ensure_folder(&elections, Readers::Owner)?;
        let folder = elections.join(manifest.uuid_text());
        files::create_folder(&folder, Readers::Owner)?;
        let write = |name: &str, content: &[u8]| {
            files::create(&folder.join(name), content, Readers::Everyone)
        };
        write("server", format!("{server}\n").as_bytes())?;
        write("manifest.entry", entry)?;
        write("manifest.json", manifest.bytes())?;
        Ok(ElectionFolder { folder, manifest })
    }

    /// The election whose uuid starts with `uuid`, or the only one.
    ///
    /// # Errors
    /// [`HomeError`] if there is none or several.
    pub fn election(&self, uuid: Option<&str>) -> Result<ElectionFolder, HomeError> {
        let elections = self.folder.join("elections");
        let mut known = Vec::new();
        if elections.is_dir() {
            let entries = fs::read_dir(&elections)
                .map_err(|source| files::system(&elections, "read", source))?;
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if decode_hex::<16>(&name).is_some() && entry.path().join("manifest.json").exists()
                {
                    known.push(name);
                }
            }
        }
        known.sort();
        let list = known.join(", ");
        if known.is_empty() {
            let path = self.folder.clone();
            return Err(HomeError::NoElection { path });
        }
        let wanted = uuid.unwrap_or_default();
        known.retain(|name| name.starts_with(wanted));
        match known.as_slice() {
            [name] => ElectionFolder::open(&elections.join(name)),
            [] => Err(HomeError::UnknownElection {
                uuid: wanted.to_owned(),
                known: list,
            }),
            _ => Err(HomeError::SeveralElections { known: list }),
        }
    }
}

/// The folder of one election.
#[derive(Clone, Debug)]
pub struct ElectionFolder {
    folder: PathBuf,
    manifest: ElectionManifest,
}

impl ElectionFolder {
    fn open(folder: &Path) -> Result<Self, HomeError> {
        let path = folder.join("manifest.json");
        let bytes = files::read(&path)?;
        let manifest =
            ElectionManifest::parse(&bytes).map_err(|error| HomeError::Manifest { path, error })?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
        })
    }

    /// The manifest.
    pub fn manifest(&self) -> &ElectionManifest {
        &self.manifest
    }

    /// The path of the manifest, which anybody may have.
    pub fn manifest_path(&self) -> PathBuf {
        self.folder.join("manifest.json")
    }

    /// The signed first entry.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be read.
    pub fn manifest_entry(&self) -> Result<Vec<u8>, FileError> {
        files::read(&self.folder.join("manifest.entry"))
    }

    /// Address of the ballot box, such as `https://vote.example.org`.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be read.
    pub fn server(&self) -> Result<String, FileError> {
        let bytes = files::read(&self.folder.join("server"))?;
        Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
    }

    /// Address of the board: the server's scheme and the manifest's origin.
    ///
    /// # Errors
    /// [`FileError`] if the server's address cannot be read.
    pub fn board_url(&self) -> Result<String, FileError> {
        let server = self.server()?;
        let scheme = server
            .split_once("://")
            .map_or("https", |(scheme, _)| scheme);
        Ok(format!("{scheme}://{}", self.manifest.board.origin))
    }

    /// The private voter list.
    pub fn voters_path(&self) -> PathBuf {
        self.folder.join("voters.csv")
    }

    /// The issuers' order key.
    pub fn order_key_path(&self) -> PathBuf {
        self.folder.join("order.key")
    }

    /// The folder of the issuers' parts.
    pub fn parts_folder(&self) -> PathBuf {
        self.folder.join("parts")
    }

    /// The public part of issuer number `issuer`, from 1.
    pub fn part_path(&self, issuer: u16) -> PathBuf {
        self.parts_folder().join(format!("{issuer}.json"))
    }

    /// Keeps the receipt of an entry with this leaf hash: the ballot box's signed promise. Another
    /// receipt of the same entry is kept beside it.
    ///
    /// # Errors
    /// [`FileError`] if it cannot be written.
    pub fn keep_receipt(&self, leaf: &Digest, receipt: &Receipt) -> Result<PathBuf, FileError> {
        let folder = self.folder.join("receipts");
        files::ensure_folder(&folder, Readers::Owner)?;
        let json = serde_json::to_vec_pretty(receipt).map_err(|error| FileError::System {
            path: folder.clone(),
            doing: "written",
            source: error.into(),
        })?;
        let mut path = folder.join(format!("{leaf}.json"));
        for number in 2.. {
            match files::create(&path, &json, Readers::Owner) {
                Err(FileError::Exists { .. }) if files::read(&path)? == json => break,
                Err(FileError::Exists { .. }) => {
                    path = folder.join(format!("{leaf}-{number}.json"));
                }
                outcome => return outcome.map(|()| path),
            }
        }
        Ok(path)
    }

    /// The board as last seen.
    pub fn board_folder(&self) -> PathBuf {
        self.folder.join("board")
    }
}
