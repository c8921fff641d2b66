//! `trustee join`: shows what is asked of a trustee, pins the election, and registers.

use std::path::Path;

use getrandom::SysRng;
use protocol::encoding::encode_hex;
use protocol::key_ceremony::{Step, TrusteeSeed, next_step};
use protocol::manifest::{Contest, ContestKind, ElectionManifest};

use super::{Refused, moment, text};
use crate::board::BoardAccess;
use crate::error::Error;
use crate::follow::{FollowError, Follower, is_passing, read_manifest, with_evidence};
use crate::patience::Patience;
use crate::promises;
use crate::screen::Screen;
use crate::state::{Journal, Pin, Slot, StateError};
use crate::words::WordsError;

/// Whether the trustee has said yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// On the command line.
    Given,
    /// To be asked for.
    Ask,
}

/// Joins the election of a board and gives its follower. `is_restored` says that the seed was
/// used before with a state that is lost.
///
/// # Errors
/// [`Error`]; nothing is signed before the trustee has accepted.
pub fn run<B: BoardAccess>(
    elections: &Path,
    seed: &TrusteeSeed,
    is_restored: bool,
    mut board: B,
    consent: Consent,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<Follower<B>, Error> {
    fetch(&mut board, patience, screen)?;
    let manifest = read_manifest(board.entries().first().ok_or(FollowError::Empty)?)?;
    let trustee = find_trustee(&manifest, seed)?;
    show(&manifest, trustee, screen);

    let pin = pin(&manifest, trustee, board.url());
    let known =
        Journal::pinned(elections, &pin.uuid)?.is_some_and(|known| known.manifest == pin.manifest);
    if consent == Consent::Ask
        && !known
        && screen.ask("Do you accept to be a trustee of this election?") != Some(true)
    {
        return Err(Refused::Declined.into());
    }
    let folder = elections.join(&pin.uuid);
    let journal = Journal::join(elections, &pin, is_restored)
        .map_err(|error| with_evidence(&board, &folder, error.into()))?;
    board.keep_in(&journal.folder().join("board"));
    let mut follower = Follower::new(journal, board);
    follower.catch_up_patiently(patience, screen)?;
    register(&mut follower, seed, patience, screen)?;
    follower.save()?;
    Ok(follower)
}

/// The number of the trustee whose seed this is.
///
/// # Errors
/// [`Refused::NotInRoster`] if the manifest does not have its key.
pub fn find_trustee(manifest: &ElectionManifest, seed: &TrusteeSeed) -> Result<u16, Error> {
    let key = seed.signing_key().ok_or(WordsError::Checksum)?;
    let mut roster = (1..).zip(&manifest.trustees);
    let own = roster.find(|(_, trustee)| trustee.key == *key.public());
    own.map(|(number, _)| number).ok_or_else(|| {
        Refused::NotInRoster {
            title: text(manifest, &manifest.title).to_owned(),
            key: encode_hex(key.public().as_bytes()),
        }
        .into()
    })
}

fn fetch<B: BoardAccess>(
    board: &mut B,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    loop {
        let fetched = board.update(&mut |done, of| screen.progress("Fetching the board", done, of));
        match fetched {
            Err(error) if is_passing(&error) && patience.waits() => {
                screen.wait(&format!("trying again: {error}"));
                patience.wait("the board to answer")?;
            }
            other => return Ok(other?),
        }
    }
}

fn pin(manifest: &ElectionManifest, trustee: u16, url: &str) -> Pin {
    Pin {
        manifest: manifest.id().to_string(),
        uuid: manifest.uuid_text(),
        title: text(manifest, &manifest.title).to_owned(),
        origin: manifest.board.origin.clone(),
        board_key: encode_hex(&manifest.board.key),
        url: url.to_owned(),
        trustee,
    }
}

fn register<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    patience: &Patience,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    let trustee = follower.trustee();
    let ceremony = follower.election().ceremony().ok_or(FollowError::Empty)?;
    if ceremony.has_done(trustee, protocol::key_ceremony::Round::Register) {
        screen.say("✓ You are registered.");
        return Ok(());
    }
    let entry = follower.message::<Error>(Slot::Register, promises::REGISTER, |election| {
        let ceremony = election.ceremony().ok_or(FollowError::Empty)?;
        match next_step(ceremony, seed, trustee, &mut SysRng)? {
            Step::Post { entry, .. } => Ok(entry),
            // Before a trustee has registered there is nothing else it could do.
            _ => Err(StateError::NotJoined.into()),
        }
    })?;
    follower.deliver(&entry, patience, screen)?;
    screen.say("✓ You are registered. Next: `trustee ceremony`, together with the other trustees.");
    Ok(())
}

/// Shows an election in plain words.
fn show(manifest: &ElectionManifest, trustee: u16, screen: &mut dyn Screen) {
    let (n, t) = (manifest.n_trustees(), manifest.threshold);
    let mut say = |line: String| screen.say(&line);
    say(format!(
        "{}, {}",
        text(manifest, &manifest.title),
        manifest.organiser_name
    ));
    say(format!("  Manifest  {}", manifest.id()));
    say(
        "            This is the manifest id. Read it to the other trustees: it must be the same for everybody."
            .to_owned(),
    );
    say(format!(
        "  Voting    {} to {}",
        moment(manifest.opens),
        moment(manifest.closes)
    ));
    say(format!("  Board     {}", manifest.board.origin));
    say("  Questions".to_owned());
    for (number, contest) in (1..).zip(&manifest.contests) {
        say(format!(
            "    {number}. {}  ({})",
            text(manifest, &contest.title),
            rule(contest)
        ));
        for option in &contest.options {
            say(format!("         - {}", text(manifest, &option.label)));
        }
    }
    say("  Trustees".to_owned());
    for (number, other) in (1..).zip(&manifest.trustees) {
        let you = if number == trustee { "  (you)" } else { "" };
        say(format!("    {number:2} {}{you}", other.name));
        say(format!("       {}", encode_hex(other.key.as_bytes())));
    }
    let fewer = match t - 1 {
        0 => "So each of you alone can read every vote.".to_owned(),
        1 => "One trustee alone learns nothing about any vote.".to_owned(),
        fewer => format!("Any {fewer} together learn nothing about any vote."),
    };
    say(format!(
        "  Any {t} of the {n} trustees can open the totals, and together could also read single votes. {fewer}"
    ));
    say(match n - t {
        0 => "  Nobody may be lost: without every single trustee there is no result.".to_owned(),
        spare => format!(
            "  Once the close is certified, there is no result if more than {spare} of you lose key and words."
        ),
    });
    show_witnesses(manifest, &mut say);
    if manifest.minimum_ballots > 1 {
        say(format!(
            "  A question with fewer than {} ballots stays closed.",
            manifest.minimum_ballots
        ));
    }
    if let Some(least) = manifest.minimum_cell {
        say(format!(
            "! Counts of fewer than {least} people stay closed for everybody. But the trustees' programs must read every count to \
             find them: who has your words can read them all, now and years later. Tell nobody what you could know."
        ));
    }
}

/// Who certifies the close, and what the witnesses are trusted with.
fn show_witnesses(manifest: &ElectionManifest, say: &mut impl FnMut(String)) {
    let (n, q) = (manifest.n_trustees(), manifest.close_quorum);
    let (witnesses, k) = (&manifest.board.witnesses, manifest.board.witness_quorum);
    if witnesses.is_empty() {
        say(format!(
            "  At the end {q} of the {n} must certify that they saw the same close, before any program opens anything."
        ));
        return;
    }
    let w = witnesses.len();
    say("  Witnesses of the board".to_owned());
    for witness in witnesses {
        say(format!("       {}", witness.name));
        say(format!("       {}", witness.verifier_key()));
    }
    say(format!(
        "  {k} of these {w} must sign what the board shows. At the end {q} of {} ({n} trustees and {w} witnesses) must \
         certify that they saw the same close, before any program opens anything.",
        usize::from(n) + w
    ));
    let (w, others) = (u32::try_from(w).unwrap_or(u32::MAX), manifest.threshold - 1);
    let liars = w.saturating_sub(k.into());
    if 2 * u32::from(q) <= u32::from(n) + 2 * w + u32::from(others) {
        let traitors = match others {
            0 => "the server alone".to_owned(),
            1 => "one corrupt trustee and the server".to_owned(),
            some => format!("{some} corrupt trustees and the server"),
        };
        say(format!(
            "  If more than {liars} of these witnesses work for the organiser, {traitors} could have two closes opened: know \
             who they are."
        ));
    }
}

/// What a voter may do in a contest.
fn rule(contest: &Contest) -> String {
    let options = contest.options.len();
    let blank = if contest.blank { ", or blank" } else { "" };
    let (min, max) = (contest.min, contest.max);
    let range = if min == max {
        format!("{max}")
    } else {
        format!("{min} to {max}")
    };
    match &contest.kind {
        ContestKind::Choices => format!("choose {range} of {options}{blank}"),
        ContestKind::Points => format!(
            "give {range} points over {options} options, at most {} each{blank}",
            contest.max_per_option
        ),
        ContestKind::Matrix { rows } => {
            format!(
                "one of {options} options for each of {} rows{blank}",
                rows.len()
            )
        }
        ContestKind::Number(rules) => {
            let scale = match rules.decimals {
                0 => String::new(),
                decimals => format!(", divided by 10^{decimals}"),
            };
            format!("an integer from {} to {}{scale}{blank}", rules.lo, rules.hi)
        }
        ContestKind::Product { .. } => "asks nothing: sum of products of two answers".to_owned(),
        ContestKind::Table { rows, columns, .. } => {
            format!("asks nothing: {rows} by {columns} counts of pairs of answers")
        }
    }
}
