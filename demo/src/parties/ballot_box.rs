//! The ballot box: a server on this computer with a real database file.

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Witness;
use crate::programs::{ProgramError, Programs, Running};

/// How long a server may take to start.
const START: Duration = Duration::from_secs(60);

fn not_started(source: io::Error) -> ProgramError {
    ProgramError::NotStarted {
        command: "the ballot box".to_owned(),
        source,
    }
}

/// A server that runs until it is killed or dropped.
pub struct BallotBox {
    programs: Programs,
    folder: PathBuf,
    port: u16,
    pages: Option<PathBuf>,
    /// As `--witness` takes them.
    witnesses: Vec<String>,
    running: Mutex<Option<Running>>,
}

/// A port of the loopback address that nobody listens on.
///
/// # Errors
/// What the system says.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

impl BallotBox {
    /// Starts a server with its data in a new folder below `folder`.
    ///
    /// # Errors
    /// [`ProgramError`] if it does not start.
    pub fn start(
        programs: &Programs,
        folder: &Path,
        pages: Option<&Path>,
    ) -> Result<Self, ProgramError> {
        let port = free_port().map_err(not_started)?;
        Self::start_on(programs, folder, pages, port, &[])
    }

    /// The same on a port that was chosen before, with witnesses who know it from there.
    ///
    /// # Errors
    /// [`ProgramError`] if it does not start.
    pub fn start_on(
        programs: &Programs,
        folder: &Path,
        pages: Option<&Path>,
        port: u16,
        witnesses: &[Witness],
    ) -> Result<Self, ProgramError> {
        let folder = folder.join("ballot-box");
        std::fs::create_dir(&folder).map_err(not_started)?;
        let server = Self {
            programs: programs.clone(),
            folder,
            port,
            pages: pages.map(Path::to_owned),
            witnesses: witnesses.iter().map(Witness::given).collect(),
            running: Mutex::default(),
        };
        server.start_again()?;
        Ok(server)
    }

    /// The folder of its key and database.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends the server as a power cut would.
    pub fn kill(&self) {
        if let Some(running) = self.set_running(None) {
            running.kill();
        }
    }

    /// Starts the server on the data it had, and waits until it answers.
    ///
    /// # Errors
    /// [`ProgramError`] if it does not start.
    pub fn start_again(&self) -> Result<(), ProgramError> {
        let data = self.folder.join("data");
        let data = data.to_string_lossy();
        let port = self.port.to_string();
        let origin_prefix = format!("127.0.0.1:{port}/e");
        let pages = self.pages.as_deref().map(Path::to_string_lossy);
        let mut arguments = vec![
            "--data",
            &data,
            "--address",
            "127.0.0.1",
            "--port",
            &port,
            "--origin-prefix",
            &origin_prefix,
            "--log",
            "warn",
        ];
        if let Some(pages) = &pages {
            arguments.extend(["--pages", pages]);
        }
        for witness in &self.witnesses {
            arguments.extend(["--witness", witness]);
        }
        let log = self.folder.join("log");
        let running = self
            .programs
            .start("ballot-box", &arguments, &self.folder, &log)?;
        let health = format!("{}/health", self.url());
        running.wait_until(START, |_| ureq::get(&health).call().is_ok())?;
        self.set_running(Some(running));
        Ok(())
    }

    /// Gives what ran before.
    fn set_running(&self, running: Option<Running>) -> Option<Running> {
        let mut slot = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *slot, running)
    }
}
