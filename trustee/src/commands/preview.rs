//! Looking at guarded counts before anybody decrypts: the trustee's own preview, those of others,
//! and which counts stay closed. Part of `trustee decrypt` where the manifest has `minimum_cell`.

use getrandom::SysRng;
use protocol::election::{EntryMaker, MakeError, Phase, Previewed};
use protocol::key_ceremony::TrusteeSeed;
use protocol::tally::Pattern;

use super::seal::give_beacon;
use super::{Refused, count};
use crate::board::BoardAccess;
use crate::error::Error;
use crate::follow::Follower;
use crate::patience::Patience;
use crate::screen::Screen;
use crate::state::Slot;
use crate::words::WordsError;

/// How many counts of this election are guarded.
pub(super) fn n_cells<B: BoardAccess>(follower: &Follower<B>) -> usize {
    let cells = follower.election().cells();
    cells.map_or(0, |cells| cells.n_cells())
}

/// Says what small counts are, before the trustee agrees to anything.
pub(super) fn explain<B: BoardAccess>(follower: &Follower<B>, screen: &mut dyn Screen) {
    let n_cells = n_cells(follower);
    if n_cells == 0 {
        return;
    }
    let manifest = follower.election().manifest();
    let least = manifest.and_then(|manifest| manifest.minimum_cell);
    screen.say(&format!(
        "  {} of these are counts of people. Those below {} stay closed for everybody, and some beside them.",
        n_cells,
        least.unwrap_or(0)
    ));
    screen.say(
        "! To find them, the programs of the trustees, yours too, read all counts first. This one shows and keeps none. \
         Whoever has your words can read them for ever: tell nobody what you could know.",
    );
}

/// Which counts stay closed, once t trustees have given good previews; this trustee gives its own
/// first. Nothing is closed where nothing is guarded.
///
/// `None` if the result came onto the board meanwhile.
///
/// # Errors
/// [`Refused::FewPreviews`] if previews are missing and `patience` does not wait;
/// [`StateError::Second`](crate::state::StateError::Second) if this trustee previewed other sums.
pub(super) fn closed_cells<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    sums: &str,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<Option<Pattern>, Error> {
    let n_cells = n_cells(follower);
    if n_cells == 0 {
        return Ok(Some(Pattern::default()));
    }
    give_preview(follower, seed, sums, patience, screen)?;
    let Some(previewed) = wait_for_previews(follower, seed, patience, screen)? else {
        return Ok(None);
    };
    let pattern = previewed.pattern(follower.election());
    let pattern = pattern.map_err(MakeError::from)?;
    screen.say(&match pattern.n_closed() {
        0 => format!("✓ None of {n_cells} counts is small; all are opened."),
        n => format!(
            "✓ {n} of {n_cells} counts stay closed: the small ones, and those that would give them away. Your part \
             opens the others and all sums."
        ),
    });
    Ok(Some(pattern))
}

/// Seals this trustee's shares of all counts for the trustees. It binds as shares do: no other sums
/// are ever opened.
fn give_preview<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    sums: &str,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    let trustee = follower.trustee();
    follower.promise(Slot::Shares, sums)?;
    if follower.election().previewed_by().contains(&trustee) {
        return Ok(follower.expect_same(Slot::Preview, sums)?);
    }
    let entry = follower.message::<Error>(Slot::Preview, sums, |election| {
        let key = seed.signing_key().ok_or(WordsError::Checksum)?;
        Ok(EntryMaker { key: &key }.preview(election, seed, trustee, &mut SysRng)?)
    })?;
    follower.deliver(&entry, patience, screen)?;
    follower.save()?;
    screen.say("✓ Your preview of the counts is on the board, sealed for the trustees.");
    Ok(())
}

fn wait_for_previews<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<Option<Previewed>, Error> {
    let mut n_bad = 0;
    loop {
        if follower.election().phase() == Phase::Finished {
            return Ok(None);
        }
        let previewed = follower
            .election()
            .open_previews(seed, follower.trustee())?;
        for (trustee, error) in previewed.bad().iter().skip(n_bad) {
            screen.say(&format!(
                "! The preview of {} is of no use: {error}. It is left out. Tell the other trustees.",
                follower.names(&[*trustee])
            ));
        }
        n_bad = previewed.bad().len();
        let needed = usize::from(follower.manifest()?.threshold);
        if previewed.n_good() >= needed {
            return Ok(Some(previewed));
        }
        let given = follower.election().previewed_by();
        let missing: Vec<u16> = (1..=follower.manifest()?.n_trustees())
            .filter(|trustee| !given.contains(trustee))
            .collect();
        let missing = follower.names(&missing);
        if !patience.waits() {
            let found = previewed.n_good();
            give_beacon(follower, seed, patience, screen)?;
            follower.save()?;
            return Err(Refused::FewPreviews {
                found,
                needed,
                missing,
            }
            .into());
        }
        let more = count(needed - previewed.n_good(), "more preview");
        let what = format!("{more} of the counts from {missing}");
        screen.wait(&format!("waiting for {what}"));
        patience.wait(&what)?;
        follower.catch_up_patiently(patience, screen)?;
    }
}
