//! The real programs: where they are, running them, and making sure that none outlives us.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

/// The programs of the parties.
pub const PROGRAMS: [&str; 4] = ["ballot-box", "election-authority", "trustee", "verifier"];

/// How often a running program is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// How much of what a failed program said is repeated.
const LAST_LINES: usize = 12;

/// Why a program could not do its part.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// It is not built.
    #[error(
        "the program {name} is not in {}; build it first with: \
         cargo build --release -p ballot-box -p election-authority -p trustee -p verifier",
        folder.display()
    )]
    Missing {
        /// Which program.
        name: &'static str,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// Our own place is unknown.
    #[error("the folder of this program is not known: {0}")]
    Nowhere(io::Error),
    /// It could not be started, or its log not be written.
    #[error("{command} could not be started: {source}")]
    NotStarted {
        /// The program and its first arguments.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// It said no.
    #[error("{command} ended with {status}; it said:\n{said}")]
    Failed {
        /// The program and its first arguments.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// The last lines it wrote.
        said: String,
    },
    /// It never became ready.
    #[error("{command} did not become ready in {seconds} seconds; it said:\n{said}")]
    NotReady {
        /// The program and its first arguments.
        command: String,
        /// How long it was waited for.
        seconds: u64,
        /// The last lines it wrote.
        said: String,
    },
}

impl ProgramError {
    /// The exit status of a program that ended with one.
    pub fn exit_code(&self) -> Option<i32> {
        match self {
            Self::Failed { status, .. } => status.code(),
            _ => None,
        }
    }

    /// What a program that failed said.
    pub fn said(&self) -> &str {
        match self {
            Self::Failed { said, .. } | Self::NotReady { said, .. } => said,
            _ => "",
        }
    }
}

/// Everything that runs on our behalf. Clones share one list.
#[derive(Clone, Default)]
pub struct Children(Arc<Mutex<Vec<Arc<Mutex<Child>>>>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A list of children is as good after a panic as before.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Children {
    /// Ends all of them, at once.
    pub fn kill_all(&self) {
        // The list is released first: whoever drops a child locks the two in the other order.
        let children: Vec<_> = lock(&self.0).drain(..).collect();
        for child in children {
            let mut child = lock(&child);
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Finds and starts the programs.
#[derive(Clone)]
pub struct Programs {
    folder: PathBuf,
    children: Children,
}

impl Programs {
    /// The programs built together with this one: beside it, or for a test one folder up.
    ///
    /// # Errors
    /// [`ProgramError::Missing`] naming the first that is not there.
    pub fn built_with_this_one(children: Children) -> Result<Self, ProgramError> {
        let own = std::env::current_exe().map_err(ProgramError::Nowhere)?;
        let mut folder = own.parent().unwrap_or(Path::new(".")).to_owned();
        if folder.file_name() == Some(OsStr::new("deps")) {
            folder.pop();
        }
        let programs = Self { folder, children };
        for name in PROGRAMS {
            if !programs.path(name).is_file() {
                let folder = programs.folder;
                return Err(ProgramError::Missing { name, folder });
            }
        }
        Ok(programs)
    }

    /// Where a program is.
    pub fn path(&self, name: &str) -> PathBuf {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.folder.join(name)
    }

    /// Starts a program in a folder; what it says goes to the end of `log`.
    ///
    /// # Errors
    /// [`ProgramError::NotStarted`].
    pub fn start(
        &self,
        name: &str,
        arguments: &[&str],
        folder: &Path,
        log: &Path,
    ) -> Result<Running, ProgramError> {
        let first: Vec<&str> = arguments.iter().copied().take(2).collect();
        let label = format!("`{name} {}`", first.join(" "));
        let not_started = |source| ProgramError::NotStarted {
            command: label.clone(),
            source,
        };
        let (output, log) = Log::append(log).map_err(not_started)?;
        let errors = output.try_clone().map_err(not_started)?;
        let mut command = Command::new(self.path(name));
        command
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        // The settings of a real party on this computer are not those of the demonstration.
        const SETTINGS: [&str; 4] = ["BALLOT_BOX_", "ELECTION_AUTHORITY_", "ROCKET_", "TRUSTEE_"];
        for (variable, _) in std::env::vars_os() {
            let text = variable.to_string_lossy();
            if SETTINGS.iter().any(|prefix| text.starts_with(prefix)) {
                command.env_remove(&variable);
            }
        }
        let child = command.spawn().map_err(not_started)?;
        let child = Arc::new(Mutex::new(child));
        lock(&self.children.0).push(Arc::clone(&child));
        Ok(Running {
            child,
            children: self.children.clone(),
            label,
            log,
        })
    }

    /// Runs a program to its end; gives what it said.
    ///
    /// # Errors
    /// [`ProgramError::Failed`] if its exit status is not 0.
    pub fn run(
        &self,
        name: &str,
        arguments: &[&str],
        folder: &Path,
        log: &Path,
    ) -> Result<String, ProgramError> {
        self.start(name, arguments, folder, log)?.finish()
    }
}

/// What a program says, in a file; other runs may have written to it before.
struct Log {
    path: PathBuf,
    start: u64,
}

impl Log {
    fn append(path: &Path) -> io::Result<(File, Self)> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        let start = file.metadata()?.len();
        let path = path.to_owned();
        Ok((file, Self { path, start }))
    }

    fn said(&self) -> String {
        let bytes = std::fs::read(&self.path).unwrap_or_default();
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).into_owned()
    }
}

/// A program that runs until it ends by itself or this value is dropped.
pub struct Running {
    child: Arc<Mutex<Child>>,
    children: Children,
    label: String,
    log: Log,
}

impl Running {
    /// How it ended, if it has.
    pub fn ended(&self) -> Option<ExitStatus> {
        lock(&self.child).try_wait().ok().flatten()
    }

    /// Everything it has said so far.
    pub fn said(&self) -> String {
        self.log.said()
    }

    /// Waits until it ends; gives what it said.
    ///
    /// # Errors
    /// [`ProgramError::Failed`] if its exit status is not 0.
    pub fn finish(self) -> Result<String, ProgramError> {
        let command = self.label.clone();
        let (status, said) = self.outcome();
        if status.success() {
            return Ok(said);
        }
        let said = last_lines(&said);
        Err(ProgramError::Failed {
            command,
            status,
            said,
        })
    }

    /// Waits until it ends; gives how, and what it said.
    pub fn outcome(self) -> (ExitStatus, String) {
        loop {
            if let Some(status) = self.ended() {
                return (status, self.said());
            }
            sleep(LOOK);
        }
    }

    /// Waits until `is_ready`, which is asked again and again.
    ///
    /// # Errors
    /// [`ProgramError::Failed`] if it ends before, [`ProgramError::NotReady`] after the limit.
    pub fn wait_until(
        &self,
        limit: Duration,
        mut is_ready: impl FnMut(&Self) -> bool,
    ) -> Result<(), ProgramError> {
        let begun = std::time::Instant::now();
        while !is_ready(self) {
            let said = || last_lines(&self.said());
            let command = self.label.clone();
            if let Some(status) = self.ended() {
                return Err(ProgramError::Failed {
                    command,
                    status,
                    said: said(),
                });
            }
            if begun.elapsed() > limit {
                return Err(ProgramError::NotReady {
                    command,
                    seconds: limit.as_secs(),
                    said: said(),
                });
            }
            sleep(LOOK);
        }
        Ok(())
    }

    /// Ends it as a power cut would: SIGKILL, no chance to tidy up.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        {
            let mut child = lock(&self.child);
            // Both fail only for a child that has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
        lock(&self.children.0).retain(|other| !Arc::ptr_eq(other, &self.child));
    }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let rest = lines.len().saturating_sub(LAST_LINES);
    lines
        .into_iter()
        .skip(rest)
        .map(|line| format!("  {line}\n"))
        .collect()
}
