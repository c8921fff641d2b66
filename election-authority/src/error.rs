//! Why a command ended, and with which exit code.

use board_client::ClientError;
use protocol::election::{MakeError, ReplayError};
use protocol::transcript::RandomnessError;

use crate::files::FileError;
use crate::home::HomeError;
use crate::key_file::KeyError;
use crate::links::LinkError;
use crate::manifest_draft::DraftError;
use crate::registration::RegistrationError;
use crate::roll::RollError;
use crate::roll_part::PartError;
use crate::session::SessionError;
use crate::totals::TotalsError;

/// Why a command ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A file.
    #[error(transparent)]
    File(#[from] FileError),
    /// The home folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The draft or manifest.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The voter list.
    #[error(transparent)]
    Roll(#[from] RollError),
    /// A roll whose totals could not be opened.
    #[error(transparent)]
    Totals(#[from] TotalsError),
    /// The keys that respondents registered.
    #[error(transparent)]
    Registration(#[from] RegistrationError),
    /// The codes to make links of.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The issuers' parts.
    #[error(transparent)]
    Part(#[from] PartError),
    /// The board.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The ballot box.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An entry that cannot be made now.
    #[error(transparent)]
    Make(#[from] MakeError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// The person at the terminal is gone.
    #[error("the questions were not answered to the end ({0}); nothing was created")]
    Interview(#[from] std::io::Error),
    /// A rule of this program, in one sentence.
    #[error("{0}")]
    Refused(String),
    /// The command line lacks something.
    #[error("{0}")]
    Usage(String),
}

impl From<ReplayError> for CommandError {
    fn from(error: ReplayError) -> Self {
        Self::Session(error.into())
    }
}

impl CommandError {
    /// 1 where something was checked and refused, 2 where the command could not run.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::File(error)
            | Self::Home(HomeError::File(error))
            | Self::Session(SessionError::File(error)) => file_code(error),
            Self::Home(HomeError::Manifest { .. }) => 1,
            Self::Key(KeyError::File(error)) => file_code(error),
            Self::Key(KeyError::WrongPassphrase { .. }) => 1,
            Self::Home(_)
            | Self::Key(_)
            | Self::Randomness(_)
            | Self::Usage(_)
            | Self::Interview(_) => 2,
            Self::Client(error) | Self::Session(SessionError::Client(error)) => match error {
                ClientError::Refused { .. } | ClientError::Lying { .. } => 1,
                _ => 2,
            },
            Self::Make(MakeError::Randomness(_)) => 2,
            Self::Part(PartError::Randomness(_)) => 2,
            Self::Draft(_)
            | Self::Roll(_)
            | Self::Totals(_)
            | Self::Registration(_)
            | Self::Link(_)
            | Self::Part(_)
            | Self::Session(_)
            | Self::Make(_)
            | Self::Refused(_) => 1,
        }
    }
}

fn file_code(error: &FileError) -> u8 {
    match error {
        FileError::Exists { .. } | FileError::Content { .. } | FileError::Mode { .. } => 1,
        FileError::Missing { .. } | FileError::System { .. } => 2,
    }
}
