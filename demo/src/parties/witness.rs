//! A witness of the board: a program that watches it, and answers the ballot box.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::programs::{ProgramError, Programs, Running};

/// How long a witness may take to start.
const START: Duration = Duration::from_secs(60);

/// A witness that runs until it is dropped.
pub struct Witness {
    name: String,
    key: String,
    address: String,
    home: PathBuf,
    running: Running,
}

impl Witness {
    /// Starts the witness of this number with a new folder below `folder`. It watches these boards
    /// from when they are there.
    ///
    /// # Errors
    /// [`ProgramError`] if it does not start.
    pub fn start(
        programs: &Programs,
        folder: &Path,
        number: usize,
        boards: &[String],
    ) -> Result<Self, ProgramError> {
        let name = format!("witness.example/{number}");
        let folder = folder.join(format!("witness-{number}"));
        std::fs::create_dir(&folder).map_err(|source: io::Error| ProgramError::NotStarted {
            command: "a witness".to_owned(),
            source,
        })?;
        let home = folder.join("home");
        let place = home.to_string_lossy();
        let mut arguments = vec!["witness", "--home", &place, "--name", &name];
        arguments.extend(["--listen", "127.0.0.1:0", "--every", "1"]);
        for board in boards {
            arguments.extend(["--follow", board]);
        }
        let running = programs.start("verifier", &arguments, &folder, &folder.join("log"))?;
        let after = |running: &Running, text: &str| {
            let said = running.said();
            let (line, _) = said.split_once(text)?.1.split_once('\n')?;
            Some(line.trim().to_owned())
        };
        const KEY: &str = "its cosignatures: ";
        const LISTENING: &str = "Listening on ";
        running.wait_until(START, |running| after(running, LISTENING).is_some())?;
        let key = after(&running, KEY).unwrap_or_default();
        let address = after(&running, LISTENING).unwrap_or_default();
        Ok(Self {
            name,
            key,
            address,
            home,
            running,
        })
    }

    /// The key that it hands on.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the ballot box is told of it: `NAME=URL`.
    pub fn given(&self) -> String {
        format!("{}={}", self.name, self.address)
    }

    /// Everything it has said so far.
    pub fn said(&self) -> String {
        self.running.said()
    }

    /// Where its key and what it cosigned are.
    pub fn home(&self) -> &Path {
        &self.home
    }
}
