//! `open`: ballots are accepted from now on.

use getrandom::SysRng;
use protocol::election::{EntryMaker, MakeError, Phase};
use protocol::encoding::decode_hex;

use super::Context;
use crate::advice;
use crate::cli::Open;
use crate::error::CommandError;
use crate::small_classes::small_classes;

pub(super) fn run(context: &mut Context<'_>, args: &Open) -> Result<(), CommandError> {
    let booth = match args.booth.as_deref() {
        None => [0; 32],
        Some(text) => decode_hex(text).ok_or_else(|| {
            CommandError::Usage(format!(
                "{text:?} is not a digest; it has 64 lower-case hexadecimal digits"
            ))
        })?,
    };
    let folder = context.folder()?;
    let key = context.home()?.key(&context.passphrase)?;
    let mut session = context.session(&folder)?;
    if session.election().phase() != Phase::Setup {
        return Err(MakeError::NotNow("the election has been opened already").into());
    }
    let voters = session.roll();
    let classes = voters.iter().map(|voter| (voter.style, voter.weight));
    for class in small_classes(session.manifest(), classes, args.smallest_class) {
        context.screen.warn(&advice::small_class(&class));
    }
    let entry = EntryMaker { key: &key }.open(session.election(), &booth, &mut SysRng)?;
    session.post(&entry, Phase::Open, context.screen)?;
    let id = session.election().election_id();
    context.say(format!(
        "The election is open for {} voters.",
        session.election().n_voters()
    ));
    if let Some(id) = id {
        let board = folder.board_url()?;
        context.say(format!("Election id: {id}"));
        context.say(format!("The public board: {board}/board"));
        context.say(format!(
            "Voters' link, with the code of each at its end: {board}/vote#e={id}&c=CODE"
        ));
    }
    Ok(())
}
