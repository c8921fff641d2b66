//! Which of the elections that were joined a command is about.

use clap::Args;

use crate::board::{BoardAccess as _, HttpBoard};
use crate::error::Error;
use crate::follow::Follower;
use crate::keystore::Home;
use crate::screen::{Screen as _, Terminal};
use crate::state::{Journal, StateError, joined};

// No doc comment: clap would show it as that of each command.
#[derive(Debug, Args)]
pub(super) struct ElectionChoice {
    /// Address of the board; not needed if you have joined one election only
    #[arg(long)]
    board: Option<String>,
}

/// Follows the election that the options name.
pub(super) fn follow(
    home: &Home,
    choice: &ElectionChoice,
    screen: &mut Terminal,
) -> Result<Follower<HttpBoard>, Error> {
    let (uuid, mut board) = choose(home, choice, screen)?;
    let journal = Journal::open(&home.elections(), &uuid)?;
    board.keep_in(&journal.folder().join("board"));
    Ok(Follower::new(journal, board))
}

/// As [`follow`], but if another program works on this election, looks over its shoulder.
pub(super) fn look(
    home: &Home,
    choice: &ElectionChoice,
    screen: &mut Terminal,
) -> Result<Follower<HttpBoard>, Error> {
    match follow(home, choice, screen) {
        Err(Error::State(StateError::Busy)) => {
            let (uuid, mut board) = choose(home, choice, screen)?;
            let journal = Journal::look(&home.elections(), &uuid)?;
            board.keep_in(&journal.folder().join("board"));
            Ok(Follower::new(journal, board))
        }
        other => other,
    }
}

/// The uuid and the board of the election that the options name, or of the only one. It is the
/// uuid at the end of the address that counts: a board may move, and its manifest is pinned.
fn choose(
    home: &Home,
    choice: &ElectionChoice,
    screen: &mut Terminal,
) -> Result<(String, HttpBoard), Error> {
    home.card()?;
    if let Some(url) = &choice.board {
        // An address ends with 32 hexadecimal digits, so they are a folder's name and no path.
        let board = HttpBoard::new(url)?;
        let uuid = board.url().rsplit('/').next().unwrap_or_default();
        return Ok((uuid.to_owned(), board));
    }
    let (pins, damaged) = joined(&home.elections());
    match pins.as_slice() {
        [pin] => {
            for error in damaged {
                screen.say(&format!("! Another election is left out: {error}"));
            }
            Ok((pin.uuid.clone(), HttpBoard::new(&pin.url)?))
        }
        [] => Err(damaged.into_iter().next().unwrap_or(StateError::NotJoined))?,
        pins => Err(StateError::Which { found: pins.len() })?,
    }
}
