//! `roll register`: the keys that respondents made themselves become the roll.

use std::path::Path;

use getrandom::SysRng;
use protocol::manifest::{ElectionManifest, Participation};

use super::{Context, roll};
use crate::cli::Register;
use crate::error::CommandError;
use crate::files::{self, Readers};
use crate::registration::{Source, part_of_registered};
use crate::roll_part::combine_parts;

pub(super) fn run(context: &mut Context<'_>, args: &Register) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let manifest = folder.manifest();
    if manifest.participation != Participation::Registered {
        return Err(CommandError::Refused(
            "issuers make the codes of this election; use `election-authority roll import` and `credentials issue`, or a new manifest with \"participation\": \"registered\"".to_owned(),
        ));
    }
    let sources = args.keys.iter().map(|given| source(manifest, given));
    let sources = sources.collect::<Result<Vec<_>, _>>()?;
    let table = args.assign.as_deref().map(|path| read(path, None));
    let part = part_of_registered(manifest, &sources, table.transpose()?.as_ref(), &mut SysRng)?;
    let voters = combine_parts(manifest, vec![part.clone()], &mut SysRng)?;
    let classes: Vec<_> = voters
        .iter()
        .map(|voter| (voter.style, voter.weight))
        .collect();
    roll::check_classes(context, manifest, &classes)?;
    let path = folder.part_path(1);
    let bytes = part.to_json().map_err(|error| {
        CommandError::Refused(format!("the public part cannot be written: {error}"))
    })?;
    files::ensure_folder(&folder.parts_folder(), Readers::Owner)?;
    match args.replace {
        true => files::replace(&path, &bytes, Readers::Everyone)?,
        false => files::create(&path, &bytes, Readers::Everyone)?,
    }
    context.say(format!(
        "{} respondents registered; every line is for this election, and its sender knew its key.",
        voters.len()
    ));
    context.say("Next: election-authority roll publish. Who is not on the roll at the opening cannot take part.");
    Ok(())
}

/// A file of keys, given alone or as STYLE=FILE.
fn source(manifest: &ElectionManifest, given: &str) -> Result<Source, CommandError> {
    let style = given
        .split_once('=')
        .filter(|(style, _)| manifest.styles.iter().any(|known| known.id == *style));
    match style {
        Some((style, path)) => read(Path::new(path), Some(style.to_owned())),
        None => read(Path::new(given), None),
    }
}

fn read(path: &Path, style: Option<String>) -> Result<Source, CommandError> {
    Ok(Source {
        name: path.display().to_string(),
        bytes: files::read(path)?,
        style,
    })
}
