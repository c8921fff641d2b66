//! Running other programs: where, with what, and what is said when one fails.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// Why a chore stopped.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChoreError {
    /// A program could not be started.
    NotStarted {
        /// The program and its arguments.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ran and reported failure; it has said why itself.
    Failed {
        /// The program and its arguments.
        command: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// A file could not be read, changed or written.
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// The tests did not notice that something was taken out of the verifier.
    Survivors {
        /// What was taken out.
        what: Vec<String>,
    },
    /// A path of this machine is not a valid one to build in.
    TargetFolder {
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    NotWritten {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Node is too old for the tools that build the pages.
    OldNode {
        /// The version found.
        found: String,
    },
    /// Packages are missing that only root may install.
    PackagesMissing {
        /// Their names.
        packages: Vec<&'static str>,
    },
}

impl ChoreError {
    /// The status to exit with: that of the program that failed, where it left one.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Failed { status, .. } => status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(1),
            _ => 2,
        }
    }
}

impl fmt::Display for ChoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStarted { command, source } => {
                write!(f, "could not start `{command}`: {source}")
            }
            Self::Failed { command, status } => write!(f, "`{command}` failed: {status}"),
            Self::File { path, source } => write!(f, "{}: {source}", path.display()),
            Self::Survivors { what } => write!(
                f,
                "the corpus does not notice when these are gone; add a forgery for each:\n  {}",
                what.join("\n  ")
            ),
            Self::TargetFolder { source } => {
                write!(f, "CARGO_TARGET_DIR is not a usable path: {source}")
            }
            Self::NotWritten { path, source } => {
                write!(f, "{} could not be written: {source}", path.display())
            }
            Self::OldNode { found } => write!(
                f,
                "the pages are built with Node 20.19 or newer, and this is {found}; install a newer one, \
                 or hold an election without pages: cargo xtask demo --scripted"
            ),
            Self::PackagesMissing { packages } => write!(
                f,
                "a tool is missing and could not be installed. On Debian, run this as root and \
                 try again:\n  apt-get update && apt-get install {}",
                packages.join(" ")
            ),
        }
    }
}

impl std::error::Error for ChoreError {}

/// The folder of the workspace.
pub fn workspace_root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The folder that cargo builds into, absolute whatever folder the chore was started in.
pub fn target_folder() -> Result<PathBuf, ChoreError> {
    let folder = env::var_os("CARGO_TARGET_DIR")
        .filter(|folder| !folder.is_empty())
        .map_or_else(|| workspace_root().join("target"), PathBuf::from);
    std::path::absolute(folder).map_err(|source| ChoreError::TargetFolder { source })
}

/// A cargo command, to be run in the workspace.
pub fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<Command, ChoreError> {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    cargo_at(program, arguments)
}

/// A command of the cargo at a given place, to be run in the workspace.
pub fn cargo_at<'a>(
    program: impl Into<OsString>,
    arguments: impl IntoIterator<Item = &'a str>,
) -> Result<Command, ChoreError> {
    let mut command = Command::new(program.into());
    command
        .args(arguments)
        .current_dir(workspace_root())
        .env("CARGO_TARGET_DIR", target_folder()?);
    Ok(command)
}

/// Runs a command to its end, its output shown.
pub fn run(command: &mut Command) -> Result<(), ChoreError> {
    let status = command.status().map_err(|source| ChoreError::NotStarted {
        command: line(command),
        source,
    })?;
    if status.success() {
        Ok(())
    } else {
        Err(ChoreError::Failed {
            command: line(command),
            status,
        })
    }
}

/// What a command prints, or nothing where it cannot be run or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Copies a file.
pub fn copy(from: &Path, to: &Path) -> Result<(), ChoreError> {
    let path = || to.to_owned();
    std::fs::copy(from, to)
        .map(drop)
        .map_err(|source| ChoreError::NotWritten {
            path: path(),
            source,
        })
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
