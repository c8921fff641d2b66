//! `status`: where the election stands, and who is waited for.

use super::Context;
use crate::cli::Status;
use crate::error::CommandError;
use crate::state_report::StateReport;

pub(super) fn run(context: &mut Context<'_>, args: &Status) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let session = context.session(&folder)?;
    let report = StateReport::new(&session, folder.board_url()?, context.now);
    if args.json {
        let text = serde_json::to_string_pretty(&report).map_err(|error| {
            CommandError::Refused(format!("the state cannot be written: {error}"))
        })?;
        context.screen.print(&text);
    } else {
        report.lines().iter().for_each(|line| context.say(line));
    }
    Ok(())
}
