//! What a command ends with if it does not end well.

use board_client::ClientError;
use protocol::election::{MakeError, Refusal};
use protocol::key_ceremony::StepError;
use protocol::transcript::RandomnessError;

use crate::commands::Refused;
use crate::follow::FollowError;
use crate::keystore::KeystoreError;
use crate::passphrase::PassphraseError;
use crate::patience::TimedOut;
use crate::state::StateError;
use crate::words::WordsError;

/// Why a command did not do what it was asked. Every text is one or two sentences: what happened,
/// and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder or the key.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// The words.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// The passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The journal.
    #[error(transparent)]
    State(#[from] StateError),
    /// The board.
    #[error(transparent)]
    Follow(#[from] FollowError),
    /// The first entry of a board is not a manifest.
    #[error("This board cannot be joined: {0}. Check the address, and ask the organiser.")]
    Manifest(#[from] Refusal),
    /// The program refuses.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The key ceremony cannot go on.
    #[error(transparent)]
    Step(#[from] StepError),
    /// An entry cannot be made.
    #[error(transparent)]
    Make(#[from] MakeError),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    /// A file named on the command line.
    #[error("{path:?} cannot be read or written: {source}. Check the path.")]
    File {
        /// Which file.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Nobody to ask.
    #[error("{0}")]
    NoTerminal(&'static str),
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        Self::Follow(error.into())
    }
}

impl From<TimedOut> for Error {
    fn from(error: TimedOut) -> Self {
        Self::Follow(error.into())
    }
}

impl Error {
    /// The program's exit status: 1 if a check failed or the program refused, 2 if it could not
    /// run.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Refused(_) | Self::Manifest(_) | Self::Step(_) | Self::Make(_) => 1,
            Self::State(error) => state_status(error),
            Self::Follow(error) => match error.cause() {
                FollowError::Invalid(_)
                | FollowError::WentBack { .. }
                | FollowError::Rewritten { .. }
                | FollowError::BrokenPromise { .. } => 1,
                FollowError::State(error) => state_status(error),
                FollowError::Board(ClientError::Lying { .. } | ClientError::Refused { .. }) => 1,
                FollowError::Board(_)
                | FollowError::Empty
                | FollowError::TimedOut(_)
                | FollowError::Evidence { .. } => 2,
            },
            Self::Keystore(KeystoreError::Exists { .. }) => 1,
            Self::Keystore(_)
            | Self::Words(_)
            | Self::Passphrase(_)
            | Self::Randomness(_)
            | Self::File { .. }
            | Self::NoTerminal(_) => 2,
        }
    }
}

fn state_status(error: &StateError) -> u8 {
    match error {
        StateError::OtherManifest { .. } | StateError::Second { .. } => 1,
        _ => 2,
    }
}
