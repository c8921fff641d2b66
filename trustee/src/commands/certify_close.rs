//! `trustee certify-close`: verifies the whole board, and signs the one close of this election.

use getrandom::SysRng;
use protocol::election::{Close, Election, EntryMaker, Phase};
use protocol::key_ceremony::TrusteeSeed;

use super::{Refused, count, moment, show_heading};
use crate::board::BoardAccess;
use crate::classes::{Class, classes};
use crate::error::Error;
use crate::follow::{FollowError, Follower};
use crate::patience::Patience;
use crate::promises;
use crate::screen::Screen;
use crate::state::Slot;
use crate::words::WordsError;

/// Not more than this many classes of voters are listed.
const MOST_CLASSES: usize = 12;

/// What the trustee has said yes to on the command line; all else is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// To certify the close.
    pub to_certify: bool,
    /// To a close before the time in the manifest.
    pub to_early_close: bool,
    /// The word of a restored trustee that it has certified no close before.
    pub never_certified: bool,
}

/// Certifies the close of the board, once the trustee has seen it and agreed.
///
/// # Errors
/// [`crate::state::StateError::Second`] if this trustee certified another close;
/// [`Refused::NotClosed`] if there is none and `patience` does not wait; [`Refused::EarlyClose`],
/// [`Refused::NotAgreed`] and [`Refused::MayHaveCertified`] without consent.
pub fn run<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    patience: &Patience,
    agreement: Agreement,
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
    show_classes(&classes(election, follower.entries()), screen);
    follower.expect_same(Slot::CertifyClose, &promises::close(&close))?;
    let is_signed = (follower.journal().state())
        .message(Slot::CertifyClose)
        .is_some();
    if !is_signed {
        expect_consent(follower, agreement, screen)?;
    }
    let entry =
        follower.message::<Error>(Slot::CertifyClose, &promises::close(&close), |election| {
            let key = seed.signing_key().ok_or(WordsError::Checksum)?;
            Ok(EntryMaker { key: &key }.certify_close(election, trustee, &mut SysRng)?)
        })?;
    follower.deliver(&entry, patience, screen)?;
    follower.save()?;
    screen.say("✓ You have certified this close, and will never certify another one.");
    let manifest = follower.manifest()?;
    let (n, needed) = (follower.election().n_certified(), manifest.close_quorum);
    let by = follower.certifiers();
    screen.say(&format!(
        "  {n} of {needed} certifications are there: {by}."
    ));
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

/// Asks a restored trustee, who cannot know it from its folder, whether this is its first close.
///
/// # Errors
/// [`Refused::MayHaveCertified`] if it does not say so.
pub(super) fn expect_first_close<B: BoardAccess>(
    follower: &Follower<B>,
    never_certified: bool,
    screen: &mut dyn Screen,
) -> Result<(), Refused> {
    let question = "This folder may not know all that you signed before. Are you sure that you never certified another close \
                    of this election, and opened none?";
    let is_restored = follower.journal().state().is_restored();
    match is_restored && !never_certified && screen.ask(question) != Some(true) {
        true => Err(Refused::MayHaveCertified),
        false => Ok(()),
    }
}

/// Asks for what the trustee has not said yes to. A certification cannot be taken back, and there
/// will never be another one.
fn expect_consent<B: BoardAccess>(
    follower: &Follower<B>,
    agreement: Agreement,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    expect_first_close(follower, agreement.never_certified, screen)?;
    let mut agrees =
        |is_given: bool, question: &str| is_given || screen.ask(question) == Some(true);
    let manifest = follower.manifest()?;
    let question = "Do you agree that voting ended before its time?";
    if now() < manifest.closes && !agrees(agreement.to_early_close, question) {
        let closes = moment(manifest.closes);
        return Err(Refused::EarlyClose { closes }.into());
    }
    let question = "Do you certify this close? It cannot be taken back, and you will never certify another one.";
    if !agrees(agreement.to_certify, question) {
        return Err(Refused::NotAgreed.into());
    }
    Ok(())
}

fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

fn show_close(election: &Election, close: &Close, screen: &mut dyn Screen) {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    screen.say(&format!(
        "✓ Every entry is checked: {} from {} of {} on the roll",
        count(number(election.n_ballots()), "ballot"),
        count(election.n_voted(), "voter"),
        election.n_voters()
    ));
    screen.say(&format!("  Close     entry {}", close.size - 1));
    screen.say(&format!("  Root      {}", close.root));
    let Some(manifest) = election.manifest() else {
        return;
    };
    screen.say(&format!(
        "  Voting    {} to {} by the manifest; now it is {}",
        moment(manifest.opens),
        moment(manifest.closes),
        moment(now())
    ));
    if now() < manifest.closes {
        screen.say(&format!(
            "! Voting was to last until {}; the organiser closed it before. If nobody told you why, ask.",
            moment(manifest.closes)
        ));
    }
}

/// Says which kinds of voters there are, and whom the totals could single out.
fn show_classes(classes: &[Class], screen: &mut dyn Screen) {
    let say_more = |n: usize, screen: &mut dyn Screen| {
        if n > MOST_CLASSES {
            screen.say(&format!("            … and {} more", n - MOST_CLASSES));
        }
    };
    if classes.len() > 1 {
        screen.say("  Voters    by ballot style and weight");
        for class in classes.iter().take(MOST_CLASSES) {
            screen.say(&format!(
                "            {:?}, weight {}: {}, {} voted",
                class.style,
                class.weight,
                count(class.voters, "voter"),
                class.voted
            ));
        }
        say_more(classes.len(), screen);
    }
    let exposed: Vec<&Class> = classes.iter().filter(|class| class.is_exposed()).collect();
    for class in exposed.iter().take(MOST_CLASSES) {
        screen.say(&format!(
            "! Only {} counted from voters with ballot style {:?} and weight {}: the totals could show how they voted.",
            match class.voted {
                1 => "1 ballot is".to_owned(),
                n => format!("{n} ballots are"),
            },
            class.style,
            class.weight
        ));
    }
    say_more(exposed.len(), screen);
}
