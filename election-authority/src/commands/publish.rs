//! `publish` and `record`: the result on the board, and everything for auditors.

use std::path::Path;
use std::time::Duration;

use getrandom::SysRng;
use protocol::checkpoint::CosignedCheckpoint;
use protocol::election::{EntryMaker, Phase};
use protocol::manifest::ElectionManifest;
use protocol::tally::Tally;

use super::Context;
use crate::cli::{Publish, Record};
use crate::error::CommandError;
use crate::labels::labels;
use crate::record;
use crate::session::Session;

/// How often a record waits half a second for witnesses.
const WITNESS_WAITS: u32 = 40;

pub(super) fn run(context: &mut Context<'_>, args: &Publish) -> Result<(), CommandError> {
    if let Some(path) = args.record.as_ref().filter(|path| path.exists()) {
        let path = path.clone();
        return Err(crate::files::FileError::Exists { path }.into());
    }
    let folder = context.folder()?;
    let mut session = context.session(&folder)?;
    if session.election().phase() == Phase::Finished {
        context.say("The result is on the board already.");
    } else if session.election().phase() < Phase::Closed {
        return Err(CommandError::Refused(
            "the election is not closed yet; first `election-authority close`, then the trustees certify the close and decrypt".to_owned(),
        ));
    } else {
        let key = context.home()?.key(&context.passphrase)?;
        let entry = EntryMaker { key: &key }.result(session.election(), &mut SysRng)?;
        session.post(&entry, Phase::Finished, context.screen)?;
        context.say("The result is on the board.");
    }
    if let Some(result) = session.election().result() {
        say_result(context, folder.manifest(), result);
    }
    match &args.record {
        Some(out) => write_record(context, &mut session, out),
        None => Ok(()),
    }
}

pub(super) fn record(context: &mut Context<'_>, args: &Record) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let mut session = context.session(&folder)?;
    if session.election().phase() != Phase::Finished {
        context
            .screen
            .warn("the result is not on the board yet, so this record is not complete");
    }
    write_record(context, &mut session, &args.out)
}

fn write_record(
    context: &mut Context<'_>,
    session: &mut Session,
    out: &Path,
) -> Result<(), CommandError> {
    await_witnesses(context, session)?;
    record::write(session.entries(), session.checkpoint(), out)?;
    context.say(format!(
        "The record of {} entries is in {}. To check it: verifier verify {}",
        session.entries().len(),
        out.display(),
        out.display()
    ));
    Ok(())
}

/// A record carries the cosignatures of enough witnesses, who are asked while the board is still.
fn await_witnesses(context: &mut Context<'_>, session: &mut Session) -> Result<(), CommandError> {
    let board = session.manifest().board.clone();
    let needed = usize::from(board.witness_quorum);
    for wait in 0..=WITNESS_WAITS {
        let signed = CosignedCheckpoint::verify(session.checkpoint(), &board);
        let found = signed.map_or(0, |signed| signed.cosignatures.len());
        if found >= needed {
            return Ok(());
        }
        if wait == WITNESS_WAITS {
            context.screen.warn(&format!(
                "only {found} witnesses have signed the last state of the board, and a record needs {needed}; run `election-authority record` again when they have"
            ));
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(500));
        session.refresh(context.screen)?;
    }
    Ok(())
}

fn say_result(context: &mut Context<'_>, manifest: &ElectionManifest, result: &Tally) {
    for (contest, counted) in manifest.contests.iter().zip(&result.contests) {
        let title = contest.title.get(&manifest.language).unwrap_or(&contest.id);
        context.say(format!("{title} ({} ballots)", counted.ballots));
        let Some(totals) = &counted.totals else {
            context.say(format!(
                "  sealed: fewer than {} ballots",
                manifest.minimum_ballots
            ));
            continue;
        };
        for (label, total) in labels(manifest, contest).iter().zip(totals) {
            let total = total.map_or_else(|| "closed".to_owned(), |total| total.to_string());
            context.say(format!("  {total:>8}  {label}"));
        }
    }
}
