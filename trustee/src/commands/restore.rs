//! `trustee restore`: the 24 words and the board bring a trustee back.

use age::secrecy::SecretString;
use protocol::key_ceremony::TrusteeSeed;

use super::Refused;
use super::init::say_written;
use super::join::{self, Consent, find_trustee};
use crate::board::BoardAccess;
use crate::error::Error;
use crate::follow::{FollowError, Follower, read_manifest};
use crate::keystore::Home;
use crate::patience::Patience;
use crate::screen::Screen;
use crate::words::Words;

/// Restores a key from its words, and joins the election of `board` again. Whatever the trustee
/// had sent is taken over from the board; an attempt at the key ceremony that was open is given
/// up by the next `trustee ceremony`. A key file that is there already stays if it is that of the
/// words: where only the journal is lost, `passphrase` is that of this file.
///
/// # Errors
/// [`Error`]; an existing key is never overwritten, and [`Refused::OtherKey`] if it is another one.
#[expect(
    clippy::too_many_arguments,
    reason = "each is one of the command's own options"
)]
pub fn run<B: BoardAccess>(
    home: &Home,
    words: &str,
    passphrase: &SecretString,
    work_factor: u8,
    mut board: B,
    consent: Consent,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<Follower<B>, Error> {
    let seed: TrusteeSeed = Words::read_seed(words)?;
    board.update(&mut |done, of| screen.progress("Fetching the board", done, of))?;
    let manifest = read_manifest(board.entries().first().ok_or(FollowError::Empty)?)?;
    let trustee = find_trustee(&manifest, &seed)?;
    match home.expect_no_key() {
        Ok(()) => {
            let name = manifest
                .trustee(trustee)
                .map(|trustee| trustee.name.clone())
                .unwrap_or_default();
            let (card, path) = home.create(&name, &seed, passphrase, work_factor)?;
            say_written(home, &card, &path, work_factor, screen);
        }
        Err(_) => {
            let path = home.key_path();
            if home.unlock(passphrase)?.expose() != seed.expose() {
                return Err(Refused::OtherKey { path }.into());
            }
            screen.say(&format!(
                "✓ The key file is these words': {}",
                path.display()
            ));
        }
    }
    let elections = home.elections();
    join::run(&elections, &seed, true, board, consent, patience, screen)
}
