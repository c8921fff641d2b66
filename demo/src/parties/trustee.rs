//! A trustee: key, words and state in a folder of its own.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::programs::{ProgramError, Programs, Running};

/// The trustees' program weakens the protection of keys only when it is told to, for tests: the
/// keys made here are thrown away.
const WEAK: [&str; 2] = ["--scrypt-work-factor", "4"];
/// Seconds between two looks at the board.
const POLL: &str = "0.05";
/// Nobody waits longer than this many seconds for the others.
const TIMEOUT: &str = "600";

/// A trustee's program and folder.
pub struct Trustee {
    programs: Programs,
    folder: PathBuf,
    number: u16,
}

impl Trustee {
    /// Trustee number `number`, from 1, with a new folder below `folder`.
    ///
    /// # Errors
    /// What the system says when the folder cannot be made.
    pub fn new(programs: &Programs, folder: &Path, number: u16) -> io::Result<Self> {
        let folder = folder.join(format!("trustee-{number}"));
        fs::create_dir(&folder)?;
        // The program refuses a passphrase that others may read.
        let mut passphrase = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(folder.join("passphrase"))?;
        passphrase.write_all(b"thrown away after the demonstration\n")?;
        Ok(Self {
            programs: programs.clone(),
            folder,
            number,
        })
    }

    /// The number, from 1.
    pub fn number(&self) -> u16 {
        self.number
    }

    fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Starts a command of the trustee's program.
    ///
    /// # Errors
    /// [`ProgramError`] if it does not start.
    pub fn start(&self, arguments: &[&str]) -> Result<Running, ProgramError> {
        let home = self.home();
        let passphrase = self.folder.join("passphrase");
        let (home, passphrase) = (home.to_string_lossy(), passphrase.to_string_lossy());
        let own = ["--home", &*home, "--passphrase-file", &*passphrase];
        let arguments: Vec<&str> = arguments.iter().copied().chain(own).collect();
        let log = self.folder.join("log");
        self.programs
            .start("trustee", &arguments, &self.folder, &log)
    }

    /// Makes the key and the words.
    ///
    /// # Errors
    /// [`ProgramError`] if the program refuses.
    pub fn init(&self) -> Result<(), ProgramError> {
        let (name, words) = (format!("Trustee {}", self.number), self.words());
        let words = words.to_string_lossy();
        let arguments = ["init", "--name", &name, "--words-file", &*words];
        self.start(&[&arguments[..], &WEAK[..]].concat())?
            .finish()
            .map(drop)
    }

    /// The file with the 24 words.
    fn words(&self) -> PathBuf {
        self.folder.join("words")
    }

    /// The card for the organiser.
    ///
    /// # Errors
    /// What the system says when there is none.
    pub fn card(&self) -> io::Result<PathBuf> {
        for file in fs::read_dir(self.home())? {
            let path = file?.path();
            if path.to_string_lossy().ends_with(".trustee.json") {
                return Ok(path);
            }
        }
        Err(io::ErrorKind::NotFound.into())
    }

    /// Accepts the election of a board.
    ///
    /// # Errors
    /// [`ProgramError`] if the program refuses.
    pub fn join(&self, board: &str) -> Result<(), ProgramError> {
        self.start(&["join", "--board", board, "--yes"])?
            .finish()
            .map(drop)
    }

    /// Starts to take part in the key ceremony; the others are waited for.
    ///
    /// # Errors
    /// [`ProgramError`] if the program does not start.
    pub fn ceremony(&self) -> Result<Running, ProgramError> {
        self.start(&["ceremony", "--poll", POLL, "--timeout", TIMEOUT])
    }

    /// Starts to verify the whole board and to certify its close, which comes early here.
    ///
    /// # Errors
    /// [`ProgramError`] if the program does not start.
    pub fn certify_close(&self) -> Result<Running, ProgramError> {
        self.start(&["certify-close", "--yes", "--early"])
    }

    /// Starts to open the totals.
    ///
    /// # Errors
    /// [`ProgramError`] if the program does not start.
    pub fn decrypt(&self) -> Result<Running, ProgramError> {
        self.start(&["decrypt", "--yes"])
    }

    /// The same, waiting for the others to look at counts, too.
    ///
    /// # Errors
    /// [`ProgramError`] if the program does not start.
    pub fn decrypt_with_others(&self) -> Result<Running, ProgramError> {
        self.start(&[
            "decrypt",
            "--yes",
            "--wait",
            "--poll",
            POLL,
            "--timeout",
            TIMEOUT,
        ])
    }

    /// Starts to verify the board up to its result, and to seal it.
    ///
    /// # Errors
    /// [`ProgramError`] if the program does not start.
    pub fn seal(&self) -> Result<Running, ProgramError> {
        self.start(&["seal", "--yes"])
    }

    /// Loses the computer: key and state are gone, the words are not.
    ///
    /// # Errors
    /// What the system says.
    pub fn lose_everything_but_the_words(&self) -> io::Result<()> {
        fs::remove_dir_all(self.home())
    }

    /// Comes back on a new computer, from the words and the board.
    ///
    /// # Errors
    /// [`ProgramError`] if the program refuses.
    pub fn restore(&self, board: &str) -> Result<(), ProgramError> {
        let words = self.words();
        let words = words.to_string_lossy();
        let arguments = [
            "restore",
            "--board",
            board,
            "--words-file",
            &*words,
            "--yes",
        ];
        self.start(&[&arguments[..], &WEAK[..]].concat())?
            .finish()
            .map(drop)
    }
}
