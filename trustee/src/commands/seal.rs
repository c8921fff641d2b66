//! `trustee seal`: waits for the result, verifies the whole board up to it, and signs that this is
//! how the election ended. Spec: docs/spec/beacon-and-seal.md.
//!
//! The beacon, too: both are shares of signatures that the trustees make together.

use getrandom::SysRng;
use protocol::beacon::FinalState;
use protocol::election::{EntryMaker, Phase};
use protocol::key_ceremony::TrusteeSeed;

use super::certify_close::wait_for_close;
use super::{Refused, count, show_heading, text};
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
    /// To seal the result.
    pub to_seal: bool,
    /// The word of a restored trustee that it has sealed nothing before.
    pub never_sealed: bool,
}

/// Seals the board up to its result, once the trustee has seen it and agreed; gives the beacon
/// first, if the board has none of this trustee's yet.
///
/// # Errors
/// [`StateError::Second`](crate::state::StateError::Second) if this trustee certified another close
/// or sealed another state; [`Refused::NoResult`] if there is none and `patience` does not wait;
/// [`Refused::NotSealed`] and [`Refused::MayHaveSealed`] without consent.
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
    let end = wait_for_result(follower, patience, screen)?;
    follower.expect_same(Slot::CertifyClose, &promises::close(&close))?;
    give_beacon(follower, seed, patience, screen)?;
    let trustee = follower.trustee();
    if follower.election().signing().seal_of(trustee).is_some() {
        screen.say("✓ You have sealed this result already.");
        return Ok(follower.save()?);
    }
    show_end(follower, &end, screen)?;
    let about = promises::end(&end);
    follower.expect_same(Slot::Seal, &about)?;
    if follower.journal().state().message(Slot::Seal).is_none() {
        expect_consent(follower, agreement, screen)?;
    }
    let entry = follower.message::<Error>(Slot::Seal, &about, |election| {
        let key = seed.signing_key().ok_or(WordsError::Checksum)?;
        Ok(EntryMaker { key: &key }.seal(election, seed, trustee, &mut SysRng)?)
    })?;
    follower.deliver(&entry, patience, screen)?;
    follower.save()?;
    screen.say("✓ You have sealed this result, and will never seal another one.");
    let needed = usize::from(follower.manifest()?.threshold);
    let given = follower.election().signing().sealed_by().len();
    screen.say(&format!(
        "  {} of {needed} needed seals are there.",
        given.min(needed)
    ));
    Ok(())
}

/// Gives this trustee's beacon, unless the board has it: nothing is asked, since all it says was
/// fixed before anybody voted. It is in the journal before it is sent, so that a trustee whose
/// board refuses it can still show it to anybody.
///
/// # Errors
/// [`FollowError`] if the board refuses it; [`StateError::Second`](crate::state::StateError::Second)
/// if this trustee gave one for another election.
pub(super) fn give_beacon<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    let trustee = follower.trustee();
    if follower.election().signing().beacon_of(trustee).is_some() {
        return Ok(());
    }
    let id = follower
        .election()
        .election_id()
        .ok_or(FollowError::Empty)?;
    let entry = follower.message::<Error>(Slot::Beacon, &promises::beacon(&id), |election| {
        let key = seed.signing_key().ok_or(WordsError::Checksum)?;
        Ok(EntryMaker { key: &key }.beacon(election, seed, trustee, &mut SysRng)?)
    })?;
    follower.deliver(&entry, patience, screen)?;
    screen.say(
        "✓ Your beacon is on the board: your part of the public randomness for audits and lots.",
    );
    Ok(())
}

fn wait_for_result<B: BoardAccess>(
    follower: &mut Follower<B>,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<FinalState, Error> {
    loop {
        let election = follower.election();
        if let Some(end) = election.signing().final_state() {
            return Ok(*end);
        }
        let phase = election.phase();
        if !patience.waits() {
            let phase = phase.to_string();
            return Err(Refused::NoResult { phase }.into());
        }
        let what = match phase {
            Phase::Certified => "the result, which the organiser publishes",
            _ => "the result",
        };
        screen.wait(&format!("waiting for {what}"));
        patience.wait(what)?;
        follower.catch_up_patiently(patience, screen)?;
    }
}

/// Asks for what the trustee has not said yes to. A seal cannot be taken back, and there will never
/// be another one.
fn expect_consent<B: BoardAccess>(
    follower: &Follower<B>,
    agreement: Agreement,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    let mut agrees =
        |is_given: bool, question: &str| is_given || screen.ask(question) == Some(true);
    let question = "This folder may not know all that you signed before. Are you sure that you never sealed a result of \
                    this election?";
    if follower.journal().state().is_restored() && !agrees(agreement.never_sealed, question) {
        return Err(Refused::MayHaveSealed.into());
    }
    let question =
        "Do you seal this result? It cannot be taken back, and you will never seal another one.";
    if !agrees(agreement.to_seal, question) {
        return Err(Refused::NotSealed.into());
    }
    Ok(())
}

fn show_end<B: BoardAccess>(
    follower: &Follower<B>,
    end: &FinalState,
    screen: &mut dyn Screen,
) -> Result<(), FollowError> {
    let manifest = follower.manifest()?;
    let result = follower.election().result().ok_or(FollowError::Empty)?;
    screen.say(&format!(
        "✓ Every entry is checked, the result is what ballots and shares give: {} entries with it",
        end.size
    ));
    screen.say(&format!("  Root      {}", end.root));
    for (contest, found) in manifest.contests.iter().zip(&result.contests) {
        let ballots = usize::try_from(found.ballots).unwrap_or(usize::MAX);
        let totals = found.totals.as_ref().map_or_else(
            || "not opened".to_owned(),
            |totals| {
                let number = |total: &Option<u64>| {
                    total.map_or_else(|| "closed".to_owned(), |total| total.to_string())
                };
                let numbers: Vec<String> = totals.iter().map(number).collect();
                numbers.join(", ")
            },
        );
        screen.say(&format!(
            "  {}: {}; {totals}",
            text(manifest, &contest.title),
            count(ballots, "ballot")
        ));
    }
    Ok(())
}
