//! The pages of voters: a folder of files, read once when the server starts.
//!
//! They are built elsewhere (`cargo xtask ui`) and need nothing of this server but its API, so
//! anybody can compare what is served with the list of their hashes.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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
}

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
    /// Reads a folder.
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
