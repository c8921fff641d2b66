//! Where a record is read from (docs/spec/board.md, "Record").

pub mod archive;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod download;
#[cfg(not(target_arch = "wasm32"))]
pub mod folder;
pub mod layout;

use std::collections::BTreeMap;
use thiserror::Error;

/// Files beyond this number are not even listed: no election needs so many.
pub const MAX_FILES: usize = 4_000_000;

/// A file of the record that cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no such file.
    #[error("`{path}` is missing")]
    Missing {
        /// Its path in the record.
        path: String,
    },
    /// The file is larger than it may be.
    #[error("`{path}` has {size} bytes; at most {limit} are allowed")]
    Large {
        /// Its path in the record.
        path: String,
        /// Its size.
        size: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The operating system refuses.
    #[error("`{path}` cannot be read: {source}")]
    Read {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A board does not answer as it should.
    #[error("`{url}` cannot be fetched: {detail}")]
    Fetch {
        /// What was asked for.
        url: String,
        /// Why.
        detail: String,
    },
}

/// A published record: files under paths. The checks use it from several threads.
pub trait Record: Sync {
    /// The regular files with their sizes in bytes, by path.
    fn files(&self) -> &BTreeMap<String, u64>;

    /// What the container itself breaks of the record's format: links, headers, padding.
    fn defects(&self) -> &[String];

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// [`RecordError`].
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, RecordError>;
}

/// A record in memory, as the pages fetch it.
#[derive(Debug, Default)]
pub struct MemoryRecord {
    sizes: BTreeMap<String, u64>,
    contents: BTreeMap<String, Vec<u8>>,
}

impl MemoryRecord {
    /// Adds a file, or replaces it.
    pub fn insert(&mut self, path: impl Into<String>, content: Vec<u8>) {
        let path = path.into();
        self.sizes.insert(path.clone(), content.len() as u64);
        self.contents.insert(path, content);
    }

    /// Removes a file and gives its content.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        self.sizes.remove(path);
        self.contents.remove(path)
    }
}

impl Record for MemoryRecord {
    fn files(&self) -> &BTreeMap<String, u64> {
        &self.sizes
    }

    fn defects(&self) -> &[String] {
        &[]
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, RecordError> {
        within(self, path, limit)?;
        self.contents
            .get(path)
            .cloned()
            .ok_or_else(|| RecordError::Missing { path: path.into() })
    }
}

/// The size of a listed file, if it is within the limit.
fn within(record: &impl Record, path: &str, limit: u64) -> Result<u64, RecordError> {
    let path = path.to_owned();
    match record.files().get(&path) {
        None => Err(RecordError::Missing { path }),
        Some(&size) if size > limit => Err(RecordError::Large { path, size, limit }),
        Some(&size) => Ok(size),
    }
}
