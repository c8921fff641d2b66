//! The pages of voters: a folder of files, read once when the server starts.
//!
//! They are built elsewhere (`cargo xtask ui`) and need nothing of this server but its API, so
//! anybody can compare what is served with the list of their hashes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use brotli_decompressor::Decompressor;
use flate2::read::MultiGzDecoder;

/// What the pages may do: run and fetch what this server has, and nothing else. No inline script,
/// no eval but wasm's, no style attribute, no form, no frame.
pub const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
     style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The page at the server's root; a folder without it is no folder of pages.
pub const HOME: &str = "index.html";

/// Why there are no pages.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PagesError {
    /// Unreadable.
    #[error("The pages in {} cannot be read: {source}; build them with: cargo xtask ui", path.display())]
    Unreadable {
        /// What cannot be read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something else is there.
    #[error("The folder {} has no {HOME}, so it holds no pages; build them with: cargo xtask ui", path.display())]
    NoPages {
        /// The folder.
        path: PathBuf,
    },
    /// A compressed copy is of something else, so browsers would not get the file that is listed.
    #[error(
        "The compressed copy {name}.{coding} of the pages is not a copy of {name}; build them anew with: cargo xtask ui"
    )]
    OtherCopy {
        /// The file, by its path in the folder.
        name: String,
        /// The ending of the copy.
        coding: &'static str,
    },
}

/// How much a Brotli decoder reads at once.
const BUFFER: usize = 4096;

/// A file, as it is and compressed.
#[derive(Debug, Default)]
pub struct PageFile {
    /// Its bytes.
    pub plain: Vec<u8>,
    /// The same with Brotli, if the folder has it.
    pub brotli: Option<Vec<u8>>,
    /// The same with gzip, if the folder has it.
    pub gzip: Option<Vec<u8>>,
}

impl PageFile {
    /// The ending of a compressed copy that is not one of this file.
    fn other_copy(&self) -> Option<&'static str> {
        let differs = |reader: &mut dyn Read| {
            let mut bytes = Vec::new();
            // One byte more than the file shows that a copy is longer; none is read further.
            let limit = self.plain.len() as u64 + 1;
            reader.take(limit).read_to_end(&mut bytes).is_err() || bytes != self.plain
        };
        let brotli = self
            .brotli
            .as_deref()
            .is_some_and(|copy| differs(&mut Decompressor::new(copy, BUFFER)));
        let gzip = self
            .gzip
            .as_deref()
            .is_some_and(|copy| differs(&mut MultiGzDecoder::new(copy)));
        if brotli {
            Some("br")
        } else {
            gzip.then_some("gz")
        }
    }

    /// The smallest form that a client takes, with its name.
    pub fn encoded(&self, accepted: &str) -> (Option<&'static str>, &[u8]) {
        // A client that refuses a coding says so with a weight of 0; none of the usual ones does.
        let accepts = |name: &str| {
            accepted
                .split(',')
                .any(|coding| coding.trim().split(';').next() == Some(name))
        };
        match self {
            Self {
                brotli: Some(bytes),
                ..
            } if accepts("br") => (Some("br"), bytes),
            Self {
                gzip: Some(bytes), ..
            } if accepts("gzip") => (Some("gzip"), bytes),
            Self { plain, .. } => (None, plain),
        }
    }
}

/// All files, by their path in the folder.
#[derive(Debug)]
pub struct Pages(BTreeMap<String, PageFile>);

impl Pages {
    /// Reads a folder. Every compressed copy in it must be one of the file beside it.
    ///
    /// # Errors
    /// [`PagesError`].
    pub fn read(folder: &Path) -> Result<Self, PagesError> {
        let mut pages = Self(BTreeMap::new());
        pages.read_below(folder, "")?;
        if pages.get(HOME).is_none() {
            let path = folder.to_owned();
            return Err(PagesError::NoPages { path });
        }
        for (name, file) in &pages.0 {
            if let Some(coding) = file.other_copy() {
                let name = name.clone();
                return Err(PagesError::OtherCopy { name, coding });
            }
        }
        Ok(pages)
    }

    fn read_below(&mut self, folder: &Path, prefix: &str) -> Result<(), PagesError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| PagesError::Unreadable { path, source }
        };
        for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            let name = format!("{prefix}{name}");
            if path.is_dir() {
                self.read_below(&path, &format!("{name}/"))?;
                continue;
            }
            let bytes = fs::read(&path).map_err(unreadable(&path))?;
            if let Some(name) = name.strip_suffix(".br") {
                self.0.entry(name.to_owned()).or_default().brotli = Some(bytes);
            } else if let Some(name) = name.strip_suffix(".gz") {
                self.0.entry(name.to_owned()).or_default().gzip = Some(bytes);
            } else {
                self.0.entry(name).or_default().plain = bytes;
            }
        }
        Ok(())
    }

    /// The file at this path.
    pub fn get(&self, path: &str) -> Option<&PageFile> {
        self.0.get(path)
    }
}
