//! The organiser, who is also the only issuer of credentials here.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::programs::{ProgramError, Programs};

/// Why the letters with the voters' codes cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LetterError {
    /// The file cannot be read or is no table.
    #[error("the file of codes cannot be read: {0}")]
    Read(#[from] csv::Error),
    /// A column is missing.
    #[error("the file of codes has no column {0:?}")]
    Column(&'static str),
    /// A voter got no code.
    #[error("the voter {0} got no code")]
    NoCode(String),
}

/// The organiser's program and folder.
pub struct Organiser {
    programs: Programs,
    folder: PathBuf,
}

impl Organiser {
    /// An organiser with a new folder below `folder`.
    ///
    /// # Errors
    /// What the system says when the folder cannot be made.
    pub fn new(programs: &Programs, folder: &Path) -> io::Result<Self> {
        let folder = folder.join("organiser");
        fs::create_dir(&folder)?;
        Ok(Self {
            programs: programs.clone(),
            folder,
        })
    }

    /// Runs a command of the organiser's program; gives what it said.
    ///
    /// # Errors
    /// [`ProgramError`] if it refuses.
    pub fn run(&self, arguments: &[&str]) -> Result<String, ProgramError> {
        let home = self.folder.join("home");
        let home = home.to_string_lossy();
        let arguments: Vec<&str> = arguments
            .iter()
            .copied()
            .chain(["--home", &*home])
            .collect();
        let log = self.folder.join("log");
        self.programs
            .run("election-authority", &arguments, &self.folder, &log)
    }

    /// A file in the organiser's folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, name: &str, content: &[u8]) -> io::Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, content)?;
        Ok(path)
    }

    /// Creates the election.
    ///
    /// # Errors
    /// [`ProgramError`] if the program refuses.
    pub fn create(
        &self,
        draft: &Path,
        cards: &[PathBuf],
        server: &str,
    ) -> Result<(), ProgramError> {
        let draft = draft.to_string_lossy();
        let cards: Vec<_> = cards.iter().map(|card| card.to_string_lossy()).collect();
        let mut arguments = vec!["new", &*draft, "--board", server];
        for card in &cards {
            arguments.extend(["--trustee", &**card]);
        }
        self.run(&arguments).map(drop)
    }

    /// The uuid of the only election.
    ///
    /// # Errors
    /// What the system says when the folder is not there.
    pub fn uuid(&self) -> io::Result<String> {
        let elections = self.folder.join("home/elections");
        let first = fs::read_dir(elections)?.next();
        let first = first.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))??;
        Ok(first.file_name().to_string_lossy().into_owned())
    }

    /// Issues a code to everybody on the roll; gives the file with the letters.
    ///
    /// # Errors
    /// [`ProgramError`] if the program refuses.
    pub fn issue(&self) -> Result<PathBuf, ProgramError> {
        let path = self.folder.join("codes.csv");
        self.run(&["credentials", "issue", "--csv", &path.to_string_lossy()])?;
        Ok(path)
    }

    /// The codes of the letters, in the order of `voters`.
    ///
    /// # Errors
    /// [`LetterError`] if a voter has none.
    pub fn codes(letters: &Path, voters: &[String]) -> Result<Vec<String>, LetterError> {
        let mut reader = csv::Reader::from_path(letters)?;
        let header = reader.headers()?.clone();
        let column = |name| {
            let position = header.iter().position(|column| column == name);
            position.ok_or(LetterError::Column(name))
        };
        let (id, code) = (column("id")?, column("code")?);
        let mut codes = HashMap::new();
        for record in reader.records() {
            let record = record?;
            let field = |index| record.get(index).unwrap_or_default().to_owned();
            codes.insert(field(id), field(code));
        }
        let code = |voter: &String| {
            let code = codes.remove(voter);
            code.ok_or_else(|| LetterError::NoCode(voter.clone()))
        };
        voters.iter().map(code).collect()
    }
}
