//! A record in a folder.

use super::{MAX_FILES, Record, RecordError, within};
use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

/// Folders nested deeper than any record's.
const MAX_DEPTH: usize = 12;

/// The files below a folder. Links and special files are never followed or opened.
#[derive(Debug)]
pub struct FolderRecord {
    root: PathBuf,
    files: BTreeMap<String, u64>,
    defects: Vec<String>,
}

impl FolderRecord {
    /// Lists the folder.
    ///
    /// # Errors
    /// [`RecordError::Read`] if the folder cannot be listed.
    pub fn open(root: &Path) -> Result<Self, RecordError> {
        let mut record = Self {
            root: root.to_owned(),
            files: BTreeMap::new(),
            defects: Vec::new(),
        };
        record.list(root, "", 0)?;
        Ok(record)
    }

    fn list(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), RecordError> {
        let failed = |source| RecordError::Read {
            path: folder.display().to_string(),
            source,
        };
        let mut empty = true;
        for item in fs::read_dir(folder).map_err(failed)? {
            empty = false;
            let item = item.map_err(failed)?;
            let name = item.file_name();
            let Some(name) = name.to_str() else {
                self.defect(format!("`{prefix}` holds a file whose name is not text"));
                continue;
            };
            let path = format!("{prefix}{name}");
            // This does not follow links: what a link names is not part of the record.
            let metadata = item.metadata().map_err(failed)?;
            if metadata.is_dir() && depth < MAX_DEPTH {
                self.list(&item.path(), &format!("{path}/"), depth + 1)?;
            } else if metadata.is_file() && self.files.len() < MAX_FILES {
                self.files.insert(path, metadata.len());
            } else {
                self.defect(format!("`{path}` is not a regular file of a record"));
            }
        }
        if empty && depth > 0 {
            self.defect(format!("the folder `{prefix}` is empty"));
        }
        Ok(())
    }

    fn defect(&mut self, defect: String) {
        if self.defects.len() < MAX_FILES {
            self.defects.push(defect);
        }
    }
}

impl Record for FolderRecord {
    fn files(&self) -> &BTreeMap<String, u64> {
        &self.files
    }

    fn defects(&self) -> &[String] {
        &self.defects
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, RecordError> {
        // Only listed paths are opened, so no path can lead out of the folder.
        let size = within(self, path, limit)?;
        let failed = |source| RecordError::Read {
            path: path.to_owned(),
            source,
        };
        let mut content = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        fs::File::open(self.root.join(path))
            .and_then(|file| file.take(limit).read_to_end(&mut content))
            .map_err(failed)?;
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_defects_and_are_not_read() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret"), b"s").unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("tile/0/000.p")).unwrap();
        fs::write(folder.path().join("tile/0/000.p/1"), [0; 32]).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(
            outside.path().join("secret"),
            folder.path().join("checkpoint"),
        )
        .unwrap();
        let record = FolderRecord::open(folder.path()).unwrap();
        assert_eq!(
            record.files(),
            &BTreeMap::from([("tile/0/000.p/1".to_owned(), 32)])
        );
        #[cfg(unix)]
        assert_eq!(record.defects().len(), 1);
        assert!(record.read("checkpoint", 100).is_err());
        assert!(record.read("../secret", 100).is_err());
        assert!(matches!(
            record.read("tile/0/000.p/1", 31),
            Err(RecordError::Large { size: 32, .. })
        ));
    }
}
