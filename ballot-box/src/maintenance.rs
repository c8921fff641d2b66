//! What an operator does with a stored board beside serving it: back it up, put it back, check it,
//! write its record. All of it reads one snapshot, so a server may go on appending meanwhile.

pub mod backup;
pub mod export;
pub mod fsck;
pub mod restore;
mod rows;

use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::data_folder::FolderError;
use crate::store::StoreError;

/// Why a chore was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MaintenanceError {
    /// The database.
    #[error("The database cannot be used: {0}.")]
    Store(#[from] StoreError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// There is no database.
    #[error("There is no database {}; name the data folder with --data.", path.display())]
    NoDatabase {
        /// Where it should be.
        path: PathBuf,
    },
    /// A file cannot be written or read.
    #[error("{} cannot be read or written: {source}.", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Nothing is overwritten.
    #[error("{} exists already; choose another name.", path.display())]
    Exists {
        /// What is in the way.
        path: PathBuf,
    },
    /// A server appends to the database.
    #[error("A ballot box is running on this database; stop it first.")]
    Running,
    /// The stored log does not fit what was signed.
    #[error("Election {election} is damaged: {what}; ballot-box fsck tells more.")]
    Damaged {
        /// Which election.
        election: String,
        /// What is wrong.
        what: &'static str,
    },
    /// There is something to lose.
    #[error(
        "There are boards here already; add --overwrite to put those of the backup in their place."
    )]
    Occupied,
    /// The backup lacks entries that are here.
    #[error(
        "Election {election} has {here} entries here, and the backup has {there} of them. To go back behind entries that were acknowledged is a fork: everybody who holds a later receipt or checkpoint will see it and can prove it. Use the backup only if what is here is lost anyway, say so publicly, and add --fork."
    )]
    Fork {
        /// Which election.
        election: String,
        /// Entries here.
        here: u64,
        /// Entries of the same log in the backup; 0 if it has another log or none.
        there: u64,
    },
    /// No such election.
    #[error("There is no election {uuid}; those of this ballot box are: {known}.")]
    NoElection {
        /// What was asked for.
        uuid: String,
        /// All that there are.
        known: String,
    },
    /// Witnesses are missing.
    #[error(
        "Only {found} witnesses signed the last checkpoint of election {uuid}, and a record needs {needed}; let the server run with --witness NAME=URL for each until they have, or add --unfinished."
    )]
    Unwitnessed {
        /// Which election.
        uuid: String,
        /// How many signed.
        found: usize,
        /// How many are needed.
        needed: u16,
    },
    /// Not finished.
    #[error(
        "Election {uuid} has no result yet, and its record would soon be out of date; add --unfinished to write it all the same."
    )]
    Unfinished {
        /// Which election.
        uuid: String,
    },
}

impl From<diesel::result::Error> for MaintenanceError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}

fn failed(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> MaintenanceError {
    move |source| MaintenanceError::File {
        path: path.to_owned(),
        source,
    }
}

/// A bar on the standard error that disappears when it is dropped; hidden where that is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new(what: &'static str, entries: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(entries), ProgressDrawTarget::stderr());
        if let Ok(style) =
            ProgressStyle::with_template("{msg:10} {wide_bar} {human_pos}/{human_len} {eta}")
        {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self(bar)
    }

    fn advance(&self, entries: u64) {
        self.0.inc(entries);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
