//! What RECORD on the command line names.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};
use verifier::{
    progress::Progress,
    record::{Record, archive::ArchiveRecord, download::download, folder::FolderRecord},
};

/// How a file compressed by gzip begins (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// An opened record.
pub struct Source {
    record: Box<dyn Record>,
    /// Removed again when the record is no longer used.
    _temporary: Option<TemporaryFolder>,
}

impl Source {
    /// Opens a folder or an archive, or fetches a board.
    pub fn open(
        name: &str,
        save: Option<PathBuf>,
        progress: &dyn Progress,
    ) -> Result<Self, String> {
        if name.starts_with("http://") || name.starts_with("https://") {
            return Self::fetch(name, save, progress);
        }
        if save.is_some() {
            return Err("`--save` keeps what is fetched from an address; give one".to_owned());
        }
        let failed = |error| format!("could not open `{name}`: {error}");
        let metadata = fs::metadata(name).map_err(failed)?;
        let record: Box<dyn Record> = if metadata.is_dir() {
            Box::new(FolderRecord::open(Path::new(name)).map_err(|error| error.to_string())?)
        } else if metadata.is_file() {
            let mut file = BufReader::new(File::open(name).map_err(failed)?);
            if file.fill_buf().map_err(failed)?.starts_with(&GZIP) {
                return Err(format!(
                    "`{name}` is compressed; unpack it first (`gunzip`), since every byte of the \
                     archive itself is checked"
                ));
            }
            Box::new(ArchiveRecord::open(file).map_err(|error| error.to_string())?)
        } else {
            return Err(format!("`{name}` is neither a folder nor a file"));
        };
        Ok(Self {
            record,
            _temporary: None,
        })
    }

    fn fetch(url: &str, save: Option<PathBuf>, progress: &dyn Progress) -> Result<Self, String> {
        let (folder, temporary) = match save {
            Some(folder) => {
                fs::create_dir(&folder).map_err(|error| {
                    format!(
                        "could not make the new folder `{}`: {error}",
                        folder.display()
                    )
                })?;
                (folder, None)
            }
            None => {
                let temporary = TemporaryFolder::make()?;
                (temporary.0.clone(), Some(temporary))
            }
        };
        download(url, &folder, progress).map_err(|error| error.to_string())?;
        let record = FolderRecord::open(&folder).map_err(|error| error.to_string())?;
        Ok(Self {
            record: Box::new(record),
            _temporary: temporary,
        })
    }

    /// The record.
    pub fn record(&self) -> &dyn Record {
        self.record.as_ref()
    }
}

/// A folder with an unguessable name, made new.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn make() -> Result<Self, String> {
        let mut name = [0; 16];
        getrandom::fill(&mut name).map_err(|error| format!("could not get randomness: {error}"))?;
        let folder = std::env::temp_dir().join(format!("psephos-record-{}", hex::encode(name)));
        fs::create_dir(&folder)
            .map_err(|error| format!("could not make `{}`: {error}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Nothing more can be done about a folder that cannot be removed.
        let _ = fs::remove_dir_all(&self.0);
    }
}
