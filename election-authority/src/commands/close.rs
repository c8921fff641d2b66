//! `close`: no ballot is accepted any more.

use getrandom::SysRng;
use protocol::election::{EntryMaker, MakeError, Phase};

use super::Context;
use crate::cli::Close;
use crate::error::CommandError;
use crate::instant;

pub(super) fn run(context: &mut Context<'_>, args: &Close) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let closes = folder.manifest().closes;
    if context.now < closes && !args.early {
        return Err(CommandError::Refused(format!(
            "the manifest announces {} as the closing time; use --early to close before it",
            instant::text(closes)
        )));
    }
    let key = context.home()?.key(&context.passphrase)?;
    let mut session = context.session(&folder)?;
    if session.election().phase() > Phase::Open {
        return Err(MakeError::NotNow("the election has been closed already").into());
    }
    let entry = EntryMaker { key: &key }.close(session.election(), &mut SysRng)?;
    session.post(&entry, Phase::Closed, context.screen)?;
    let election = session.election();
    context.say(format!(
        "The election is closed: {} of {} voters cast {} ballots.",
        election.n_voted(),
        election.n_voters(),
        election.n_ballots()
    ));
    context.say(format!(
        "Next: {} of the {} trustees certify the close, then {} of them decrypt.",
        folder.manifest().close_quorum,
        folder.manifest().n_trustees(),
        folder.manifest().threshold
    ));
    Ok(())
}
