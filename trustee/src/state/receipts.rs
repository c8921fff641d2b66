//! The board's receipts for this trustee's messages: signed promises, kept as evidence.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use board_client::Receipt;

use super::StateError;
use super::journal::file_error;
use crate::keystore::{private_folder, sync_parent, write_new};

/// The folder of an election's receipts. There is one file for each message, named by the leaf
/// hash of its entry; it is durable before anything follows from it, and never changed.
#[derive(Clone, Debug)]
pub struct Receipts {
    folder: PathBuf,
}

impl Receipts {
    /// The receipts below an election's folder.
    pub fn of(election_folder: &Path) -> Self {
        Self {
            folder: election_folder.join("receipts"),
        }
    }

    /// Keeps a receipt. A second one for the same place says nothing new; one for another place is
    /// kept beside the first, since no board can keep both promises.
    ///
    /// # Errors
    /// [`StateError`] if it cannot be written.
    pub fn keep(&self, receipt: &Receipt) -> Result<(), StateError> {
        private_folder(&self.folder)?;
        let mut path = self.folder.join(format!("{}.json", receipt.code));
        if path.exists() {
            if read(&path)?.index == receipt.index {
                return Ok(());
            }
            path = (self.folder).join(format!("{}-{}.json", receipt.code, receipt.index));
            if path.exists() {
                return Ok(());
            }
        }
        let failed = file_error(&path);
        let text = serde_json::to_vec_pretty(receipt)
            .map_err(|error| failed(std::io::Error::other(error)))?;
        let unfinished = path.with_extension("new");
        let _ = fs::remove_file(&unfinished);
        write_new(&unfinished, &text)
            .and_then(|()| fs::rename(&unfinished, &path))
            .and_then(|()| sync_parent(&path))
            .and_then(|()| sync_parent(&self.folder))
            .map_err(&failed)
    }

    /// All receipts, with their files.
    ///
    /// # Errors
    /// [`StateError::DamagedReceipt`] if a file is none.
    pub fn all(&self) -> Result<Vec<(PathBuf, Receipt)>, StateError> {
        if File::open(&self.folder).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        {
            return Ok(Vec::new());
        }
        let failed = file_error(&self.folder);
        let mut receipts = Vec::new();
        for item in fs::read_dir(&self.folder).map_err(&failed)? {
            let path = item.map_err(&failed)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                let receipt = read(&path)?;
                receipts.push((path, receipt));
            }
        }
        Ok(receipts)
    }
}

fn read(path: &Path) -> Result<Receipt, StateError> {
    let bytes = fs::read(path).map_err(file_error(path))?;
    Receipt::parse(&bytes).map_err(|_| StateError::DamagedReceipt {
        path: path.to_owned(),
    })
}
