//! `credentials links`: a personal link for everybody on an invitation list.

use protocol::election::{MakeError, Phase};

use super::Context;
use crate::cli::Links;
use crate::error::CommandError;
use crate::files::{self, Readers};
use crate::links::{CodeFile, Target, table};

pub(super) fn run(context: &mut Context<'_>, args: &Links) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let files = args.codes.iter().map(|path| {
        Ok(CodeFile {
            name: path.display().to_string(),
            bytes: files::read_secret(path)?,
        })
    });
    let files = files.collect::<Result<Vec<_>, CommandError>>()?;
    let session = context.session(&folder)?;
    let Some(election) = session.election().election_id() else {
        let reason = "a link names the election id, which is there once the election is open; run `election-authority open` first";
        return Err(MakeError::NotNow(reason).into());
    };
    if session.election().phase() > Phase::Open {
        context
            .screen
            .warn("voting is over; these links no longer take anybody to a vote");
    }
    let vote_at = match &args.vote_at {
        Some(url) => url.clone(),
        None => format!("{}/vote", folder.board_url()?),
    };
    if vote_at.contains('#') {
        return Err(CommandError::Usage(format!(
            "{vote_at:?} has a # already; give the address of the page alone"
        )));
    }
    let roll = session.roll();
    let roll = roll
        .iter()
        .filter_map(protocol::credential::RollVoter::credential);
    let roll = roll.map(|key| *key.as_bytes()).collect();
    let manifest = folder.manifest();
    let links = table(
        &files,
        &Target {
            vote_at: &vote_at,
            election,
            uuid: manifest.uuid,
            roll: &roll,
            issuers: manifest.issuers.len(),
        },
    )?;
    files::create(&args.out, links.as_bytes(), Readers::Owner)?;
    context.say(format!(
        "The links are in {}, a line for each voter, for mail merge.",
        args.out.display()
    ));
    context.say("What stands behind the # is the voter's code: send each link to its voter alone, then erase the file. A browser sends no server what stands behind a #; a shortened link, or one that counts clicks, does.");
    Ok(())
}
