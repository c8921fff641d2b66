//! What the operator does beside serving: the subcommands for the stored board.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use ballot_box::config::{Config, Settings};
use ballot_box::data_folder::LockedFolder;
use ballot_box::database::Database;
use ballot_box::key::BoardKey;
use ballot_box::maintenance::backup::{Copied, backup};
use ballot_box::maintenance::export::export;
use ballot_box::maintenance::fsck::fsck;
use ballot_box::maintenance::restore::{Force, restore};

#[derive(clap::Subcommand)]
pub enum Chore {
    /// Write all boards into one new file, consistent while the server runs; the signing key is not in it
    Backup {
        /// The file to write; it must not exist
        file: PathBuf,
        #[command(flatten)]
        settings: Settings,
    },
    /// Put the boards of a backup in place; the server must be stopped
    Restore {
        /// The file that `backup` wrote
        file: PathBuf,
        /// Replace boards that are here, if the backup has all their entries
        #[arg(long)]
        overwrite: bool,
        /// Replace boards that are here even if the backup lacks acknowledged entries. Everybody who
        /// holds a later receipt or checkpoint will see the fork and can prove it
        #[arg(long)]
        fork: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Check everything that is stored against the entries: exit code 0 if all is well, 1 if not, 2 if it could not be read
    Fsck {
        #[command(flatten)]
        settings: Settings,
    },
    /// Write an election's record as files that any web server can host
    Export {
        /// The election, 32 hexadecimal digits
        uuid: String,
        /// The folder to write; it must not exist
        folder: PathBuf,
        /// Write it although it has no result yet
        #[arg(long)]
        unfinished: bool,
        #[command(flatten)]
        settings: Settings,
    },
    /// Bring the database's tables up to date, as the server does when it starts
    Migrate {
        #[command(flatten)]
        settings: Settings,
    },
}

type Outcome = Result<ExitCode, String>;

impl Chore {
    pub fn run(self) -> Outcome {
        match self {
            Self::Backup { file, settings } => {
                let copied = backup(&read(settings)?.database, &file).map_err(in_words)?;
                print(&copied);
                println!(
                    "Written to {}. The signing key board.key is not in it: keep a copy of that elsewhere, guarded.",
                    file.display()
                );
                Ok(ExitCode::SUCCESS)
            }
            Self::Restore {
                file,
                overwrite,
                fork,
                settings,
            } => put_back(&file, overwrite, fork, read(settings)?),
            Self::Fsck { settings } => check(&read(settings)?),
            Self::Export {
                uuid,
                folder,
                unfinished,
                settings,
            } => {
                let config = read(settings)?;
                let size =
                    export(&config.database, &uuid, &folder, unfinished).map_err(in_words)?;
                println!(
                    "{size} entries in {0}. Check them with: verifier verify {0}",
                    folder.display()
                );
                Ok(ExitCode::SUCCESS)
            }
            Self::Migrate { settings } => migrate(&read(settings)?),
        }
    }
}

/// Who may create elections is asked when the server starts; nothing is served here.
fn read(mut settings: Settings) -> Result<Config, String> {
    settings.any_organiser = true;
    Config::read(settings).map_err(in_words)
}

fn in_words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn print(copied: &[Copied]) {
    for Copied {
        uuid, size, root, ..
    } in copied
    {
        println!("election {uuid}: {size} entries, root {root}");
    }
}

fn put_back(file: &std::path::Path, overwrite: bool, fork: bool, config: Config) -> Outcome {
    let _folder = LockedFolder::take(&config.data).map_err(in_words)?;
    let force = match (overwrite, fork) {
        (_, true) => Force::Fork,
        (true, false) => Force::Overwrite,
        (false, false) => Force::None,
    };
    let copied = restore(&config.database, file, force).map_err(in_words)?;
    print(&copied);
    println!(
        "Restored. Before you start the server: if it acknowledged entries after this backup, their voters hold receipts that this board cannot honour, and going on with it is a fork that everybody will see and can prove. Compare the sizes above with the checkpoints that others hold."
    );
    if BoardKey::load(&config.data).is_err() {
        println!(
            "The signing key is missing: put board.key into {} as well.",
            config.data.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn check(config: &Config) -> Outcome {
    let key = BoardKey::load(&config.data).ok().map(|key| key.public());
    let threads = NonZeroUsize::new(config.workers).unwrap_or(NonZeroUsize::MIN);
    let report = fsck(&config.database, key, threads).map_err(in_words)?;
    for finding in &report.findings {
        println!("{finding}");
    }
    let unlisted = report.n_findings - report.findings.len();
    if unlisted > 0 {
        println!("and {unlisted} more");
    }
    println!(
        "{} elections, {} entries, {} checkpoints: {}",
        report.elections,
        report.entries,
        report.checkpoints,
        match report.n_findings {
            0 => "all is well".to_owned(),
            n => format!("{n} faults"),
        }
    );
    Ok(ExitCode::from(u8::from(report.n_findings > 0)))
}

fn migrate(config: &Config) -> Outcome {
    let _folder = match config.database {
        Database::Sqlite(_) => Some(LockedFolder::take(&config.data).map_err(in_words)?),
        Database::Postgres(_) => None,
    };
    let steps = config
        .database
        .migrate(config.busy_timeout)
        .map_err(in_words)?;
    if steps.is_empty() {
        println!("The tables are up to date.");
    }
    for step in steps {
        println!("Done: {step}");
    }
    Ok(ExitCode::SUCCESS)
}
