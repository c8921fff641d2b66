//! `trustee certify-close`: verifies the whole board, and signs the one close of this election.

use getrandom::SysRng;
use protocol::election::{Close, Election, EntryMaker, Phase};
use protocol::key_ceremony::TrusteeSeed;

use super::{Refused, count, moment, show_heading};
use crate::board::BoardAccess;
use crate::error::Error;
use crate::follow::{FollowError, Follower};
use crate::patience::Patience;
use crate::promises;
use crate::screen::Screen;
use crate::state::Slot;
use crate::words::WordsError;

/// Certifies the close of the board.
///
/// `never_certified` is the word of a restored trustee that it has certified no close before.
///
/// # Errors
/// [`crate::state::StateError::Second`] if this trustee certified another close;
/// [`Refused::NotClosed`] if there is none and `patience` does not wait.
pub fn run<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    patience: &Patience,
    never_certified: bool,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    follower.catch_up_patiently(patience, screen)?;
    show_heading(follower, screen)?;
    let close = wait_for_close(follower, patience, screen)?;
    let trustee = follower.trustee();
    let election = follower.election();
    if election.certified_by().contains(&trustee) {
        screen.say("✓ You have certified this close already.");
        return Ok(follower.save()?);
    }
    if election.phase() == Phase::Finished {
        screen.say("✓ The result is on the board; there is nothing to certify any more.");
        return Ok(follower.save()?);
    }
    show_close(election, &close, screen);
    let state = follower.journal().state();
    if state.is_restored() && state.message(Slot::CertifyClose).is_none() && !never_certified {
        let question = "Your key was restored from its words. Are you sure that you never certified a close before?";
        if screen.ask(question) != Some(true) {
            return Err(Refused::MayHaveCertified.into());
        }
    }
    let entry =
        follower.message::<Error>(Slot::CertifyClose, &promises::close(&close), |election| {
            let key = seed.signing_key().ok_or(WordsError::Checksum)?;
            Ok(EntryMaker { key: &key }.certify_close(election, trustee, &mut SysRng)?)
        })?;
    follower.deliver(&entry, patience, screen)?;
    follower.catch_up_patiently(patience, screen)?;
    follower.save()?;
    screen.say("✓ You have certified this close, and will never certify another one.");
    let manifest = follower.manifest()?;
    let (n, needed) = (
        follower.election().certified_by().len(),
        manifest.close_quorum,
    );
    screen.say(&format!("  {n} of {needed} certifications are there."));
    Ok(())
}

/// Waits until the board has a close.
///
/// # Errors
/// [`Refused::NotClosed`] if `patience` does not wait.
pub(super) fn wait_for_close<B: BoardAccess>(
    follower: &mut Follower<B>,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<Close, Error> {
    loop {
        let election = follower.election();
        if let Some(close) = election.close() {
            return Ok(*close);
        }
        let closes = moment(election.manifest().ok_or(FollowError::Empty)?.closes);
        if !patience.waits() {
            return Err(Refused::NotClosed {
                phase: election.phase().to_string(),
                closes,
            }
            .into());
        }
        let what = format!("the close (by the manifest, {closes})");
        screen.wait(&format!("waiting for {what}"));
        patience.wait(&what)?;
        follower.catch_up_patiently(patience, screen)?;
    }
}

fn show_close(election: &Election, close: &Close, screen: &mut dyn Screen) {
    screen.say(&format!(
        "✓ Every entry is checked: {} from {} of {}",
        count(
            usize::try_from(election.n_ballots()).unwrap_or(usize::MAX),
            "ballot"
        ),
        count(election.n_voted(), "voter"),
        election.n_voters()
    ));
    screen.say(&format!("  Close     entry {}", close.size - 1));
    screen.say(&format!("  Root      {}", close.root));
    let now = time::OffsetDateTime::now_utc().unix_timestamp();
    if let Some(manifest) = election.manifest()
        && now < manifest.closes
    {
        screen.say(&format!(
            "! Voting was to last until {}; the organiser closed it before. If nobody told you why, ask.",
            moment(manifest.closes)
        ));
    }
}
