//! `trustee decrypt`: opens the totals of a certified close, and never anything else; gives the
//! beacon in the same sitting.

use getrandom::SysRng;
use protocol::election::{EntryMaker, Phase};
use protocol::key_ceremony::TrusteeSeed;
use protocol::tally::{Opening, Pattern};

use super::certify_close::{expect_first_close, wait_for_close};
use super::seal::give_beacon;
use super::{Refused, count, preview, show_heading};
use crate::board::BoardAccess;
use crate::error::Error;
use crate::follow::{FollowError, Follower};
use crate::patience::Patience;
use crate::promises;
use crate::screen::Screen;
use crate::state::Slot;
use crate::words::WordsError;

/// What the trustee has said yes to on the command line; all else is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreement {
    /// To open the totals.
    pub to_open: bool,
    /// The word of a restored trustee that it has certified no close before.
    pub never_certified: bool,
}

/// Publishes this trustee's decryption shares for the sums that the board's ballots give, and its
/// beacon.
///
/// # Errors
/// [`Refused::NotOpened`] and [`Refused::MayHaveCertified`] without consent; [`Refused::NotCertified`] if the certifying quorum is missing, [`Refused::FewPreviews`] if previews of guarded counts are, and `patience` does not wait;
/// [`StateError::Second`](crate::state::StateError::Second) if this trustee certified another close or opened other sums.
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
    wait_for_quorum(follower, patience, screen)?;
    // A trustee that certified a close opens no other one.
    follower.expect_same(Slot::CertifyClose, &promises::close(&close))?;
    let trustee = follower.trustee();
    let election = follower.election();
    if election.shares_by().contains(&trustee) {
        screen.say("✓ Your part of the decryption is on the board already.");
        give_beacon(follower, seed, patience, screen)?;
        return Ok(follower.save()?);
    }
    if election.phase() == Phase::Finished {
        screen.say("✓ The result is on the board; your part is not needed any more.");
        give_beacon(follower, seed, patience, screen)?;
        return Ok(follower.save()?);
    }
    let certified = follower.certifiers();
    screen.say(&format!(
        "✓ The close, entry {}, is certified by {certified}",
        close.size - 1
    ));
    let sums = promises::sums(election).ok_or(FollowError::Empty)?;
    show_sums(follower, screen)?;
    preview::explain(follower, screen);
    let state = follower.journal().state();
    let is_first = state.message(Slot::Shares).is_none() && state.message(Slot::Preview).is_none();
    if (follower.journal().state())
        .promise(Slot::CertifyClose)
        .is_none()
    {
        expect_first_close(follower, agreement.never_certified, screen)?;
    }
    if is_first && !agreement.to_open && screen.ask("Open?") != Some(true) {
        return Err(Refused::NotOpened.into());
    }
    // What it opens is the one close of its life, also where others certified it without it. That
    // is no certification: if it is asked for one later, it looks and says yes as ever.
    follower.promise(Slot::CertifyClose, &promises::close(&close))?;
    match preview::closed_cells(follower, seed, &sums, patience, screen)? {
        Some(closed) => give_shares(follower, seed, &sums, &closed, patience, screen)?,
        None => screen.say("✓ The result is on the board; your part is not needed any more."),
    }
    give_beacon(follower, seed, patience, screen)?;
    Ok(follower.save()?)
}

/// Publishes the shares of all that is not closed.
fn give_shares<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    sums: &str,
    closed: &Pattern,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    let trustee = follower.trustee();
    let entry = follower.message::<Error>(Slot::Shares, sums, |election| {
        let key = seed.signing_key().ok_or(WordsError::Checksum)?;
        Ok(EntryMaker { key: &key }.shares(election, seed, trustee, closed, &mut SysRng)?)
    })?;
    follower.deliver(&entry, patience, screen)?;
    follower.save()?;
    let election = follower.election();
    let (agreeing, needed) = (
        election.n_agreeing_shares(),
        usize::from(follower.manifest()?.threshold),
    );
    screen.say(&format!(
        "✓ Your part is on the board. {} of {needed} needed parts are there.",
        agreeing.min(needed)
    ));
    let parts = election.shares_by().iter().zip(election.shares());
    let others = parts.filter(|(_, shares)| shares.closed() != closed);
    let others: Vec<u16> = others.map(|(trustee, _)| *trustee).collect();
    if !others.is_empty() {
        screen.say(&format!(
            "! {} closed other counts than you did. Parts that do not agree open nothing together; find out whose program is \
             wrong.",
            follower.names(&others)
        ));
    }
    Ok(())
}

fn wait_for_quorum<B: BoardAccess>(
    follower: &mut Follower<B>,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    while follower.election().phase() < Phase::Certified {
        let manifest = follower.manifest()?;
        let certified = follower.election().certified_by();
        let missing: Vec<u16> = (1..=manifest.n_trustees())
            .filter(|trustee| !certified.contains(trustee))
            .collect();
        let missing = follower.names(&missing);
        let needed =
            usize::from(manifest.close_quorum).saturating_sub(follower.election().n_certified());
        if !patience.waits() {
            return Err(Refused::NotCertified {
                certified: follower.certifiers(),
                needed,
                missing,
            }
            .into());
        }
        let what = format!(
            "{} of the close from {missing}",
            count(needed, "certification")
        );
        screen.wait(&format!("waiting for {what}"));
        patience.wait(&what)?;
        follower.catch_up_patiently(patience, screen)?;
    }
    Ok(())
}

fn show_sums<B: BoardAccess>(
    follower: &Follower<B>,
    screen: &mut dyn Screen,
) -> Result<(), FollowError> {
    let manifest = follower.manifest()?;
    let sums = follower
        .election()
        .encrypted_tally()
        .ok_or(FollowError::Empty)?;
    let (mut numbers, mut withheld) = (0, 0);
    for (contest, sums) in manifest.contests.iter().zip(sums.contests()) {
        match sums.opening(manifest.minimum_ballots) {
            Opening::Shares => numbers += contest.n_positions(),
            Opening::Withheld => withheld += 1,
            Opening::Clear => {}
        }
    }
    screen.say(&format!(
        "  The sums were made again from the {} that count. You are about to open totals only: {}.",
        count(follower.election().n_voted(), "ballot"),
        count(numbers, "number"),
    ));
    if withheld > 0 {
        screen.say(&format!(
            "  {} with fewer than {} stays closed.",
            count(withheld, "question"),
            count(
                usize::try_from(manifest.minimum_ballots).unwrap_or(usize::MAX),
                "ballot"
            ),
        ));
    }
    screen.say("  This program will never open another sum of this election.");
    Ok(())
}
