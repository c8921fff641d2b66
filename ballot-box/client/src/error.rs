//! What can go wrong between a party and a ballot box.

use crate::record::RecordError;

/// Why a board cannot be read or added to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Not an address of an election.
    #[error(
        "{url:?} is not the address of an election's board; it looks like https://host/e/<32 digits>"
    )]
    Address {
        /// What was given.
        url: String,
    },
    /// No answer.
    #[error(
        "the ballot box at {url} cannot be reached: {reason}; check the address and the network, then try again"
    )]
    Unreachable {
        /// Which address.
        url: String,
        /// What the network says.
        reason: String,
    },
    /// The server refused.
    #[error("the ballot box refused: {detail}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stable name of the reason, such as `wrong-phase`.
        code: String,
        /// One sentence.
        detail: String,
    },
    /// The server said something that its own signatures contradict.
    #[error(
        "the ballot box at {url} is not to be trusted: {what}; keep the files of this board as evidence"
    )]
    Lying {
        /// Which address.
        url: String,
        /// What is wrong.
        what: String,
    },
    /// More than a party holds in memory.
    #[error(
        "the board at {url} has more than {limit} bytes of entries, which no election of this program has; ask the operator of the ballot box what it is"
    )]
    TooLarge {
        /// Which address.
        url: String,
        /// The limit.
        limit: u64,
    },
    /// A stored board cannot be used.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl ClientError {
    /// The stable name of a refusal.
    pub fn refusal_code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}
