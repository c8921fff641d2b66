//! `roll`: the private voter list, the issuers' parts, the public roll.

use std::collections::BTreeMap;

use getrandom::SysRng;
use protocol::credential::RollVoter;
use protocol::election::{EntryMaker, MakeError, Phase};
use protocol::manifest::{ElectionManifest, Participation};

use super::Context;
use crate::advice;
use crate::cli::{Combine, Import};
use crate::error::CommandError;
use crate::files::{self, FileError, Readers};
use crate::home::ElectionFolder;
use crate::roll::VoterList;
use crate::roll_part::{IssuedPart, combine_parts};
use crate::small_classes::{USUAL, rarely_asked, small_classes};
use crate::totals::check_totals;

pub(super) fn import(context: &mut Context<'_>, args: &Import) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let manifest = folder.manifest();
    expect_issued(manifest)?;
    let list = VoterList::parse(&files::read(&args.file)?, Some(&style_ids(manifest)))?;
    let classes = list.voters().iter();
    let classes = classes.filter_map(|voter| class_of(manifest, &voter.style, voter.weight));
    let classes: Vec<_> = classes.collect();
    check_totals(manifest, classes.iter().copied())?;
    let path = folder.voters_path();
    if args.replace && path.exists() && folder.parts_folder().exists() {
        return Err(CommandError::Refused(
            "credentials were issued for the voter list that is here; it cannot be replaced any more".to_owned(),
        ));
    }
    match args.replace {
        true => files::replace(&path, list.to_csv().as_bytes(), Readers::Owner)?,
        false => files::create(&path, list.to_csv().as_bytes(), Readers::Owner)?,
    }
    context.say(format!(
        "{} voters are on the list, which stays on this computer: {}",
        list.voters().len(),
        path.display()
    ));
    warn_of_few(context, manifest, &classes);
    Ok(())
}

/// Refuses codes of issuers where respondents make their own.
pub(super) fn expect_issued(manifest: &ElectionManifest) -> Result<(), CommandError> {
    match manifest.participation {
        Participation::Issued => Ok(()),
        Participation::Registered => Err(CommandError::Refused(
            "respondents make their own codes here and register keys; collect their lines and run `election-authority roll register KEYS.txt`".to_owned(),
        )),
    }
}

/// Refuses voters, by style and weight, whose totals could not be opened, and warns of small
/// numbers.
pub(super) fn check_classes(
    context: &mut Context<'_>,
    manifest: &ElectionManifest,
    classes: &[(u16, u32)],
) -> Result<(), CommandError> {
    check_totals(manifest, classes.iter().copied())?;
    warn_of_few(context, manifest, classes);
    Ok(())
}

fn warn_of_few(context: &mut Context<'_>, manifest: &ElectionManifest, classes: &[(u16, u32)]) {
    for class in small_classes(manifest, classes.iter().copied(), USUAL) {
        context.screen.warn(&advice::small_class(&class));
    }
    for rare in rarely_asked(manifest, classes.iter().copied()) {
        context.screen.warn(&advice::rarely_asked(&rare));
    }
}

/// The ids of the manifest's styles.
pub(super) fn style_ids(manifest: &ElectionManifest) -> Vec<&str> {
    manifest
        .styles
        .iter()
        .map(|style| style.id.as_str())
        .collect()
}

/// Index of a style, the only one if the list names none, and the weight.
fn class_of(manifest: &ElectionManifest, style: &str, weight: u32) -> Option<(u16, u32)> {
    let index = match style {
        "" => Some(0),
        id => manifest.styles.iter().position(|style| style.id == id),
    };
    Some((u16::try_from(index?).ok()?, weight))
}

pub(super) fn combine(context: &mut Context<'_>, args: &Combine) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let manifest = folder.manifest();
    let mut parts = read_parts(&folder)?;
    let mut new = Vec::new();
    for path in &args.parts {
        let bytes = files::read(path)?;
        let part = IssuedPart::parse(path, &bytes)?;
        if !parts.contains(&part) {
            new.push((part.issuer, bytes));
            parts.push(part);
        }
    }
    let roll = combine_parts(manifest, parts, &mut SysRng)?;
    check_against_list(&folder, &roll)?;
    files::ensure_folder(&folder.parts_folder(), Readers::Owner)?;
    for (issuer, bytes) in new {
        files::create(&folder.part_path(issuer), &bytes, Readers::Everyone)?;
    }
    context.say(format!(
        "The parts of {} fit together: {} voters.",
        manifest.issuers.join(", "),
        roll.len()
    ));
    context.say("Next: election-authority roll publish");
    Ok(())
}

/// The parts in the election's folder.
fn read_parts(folder: &ElectionFolder) -> Result<Vec<IssuedPart>, CommandError> {
    let issuers = u16::try_from(folder.manifest().issuers.len()).unwrap_or(u16::MAX);
    let paths = (1..=issuers).map(|issuer| folder.part_path(issuer));
    let parts = paths.filter(|path| path.exists()).map(|path| {
        let bytes = files::read(&path)?;
        Ok(IssuedPart::parse(&path, &bytes)?)
    });
    parts.collect()
}

/// The private list, if it is here, must list as many voters of each style and weight.
fn check_against_list(folder: &ElectionFolder, roll: &[RollVoter]) -> Result<(), CommandError> {
    let manifest = folder.manifest();
    let bytes = match files::read(&folder.voters_path()) {
        Err(FileError::Missing { .. }) => return Ok(()),
        bytes => bytes?,
    };
    let list = VoterList::parse(&bytes, Some(&style_ids(manifest)))?;
    let mut difference: BTreeMap<(u16, u32), i64> = BTreeMap::new();
    for voter in roll {
        *difference.entry((voter.style, voter.weight)).or_default() += 1;
    }
    for voter in list.voters() {
        if let Some(class) = class_of(manifest, &voter.style, voter.weight) {
            *difference.entry(class).or_default() -= 1;
        }
    }
    if difference.values().all(|count| *count == 0) {
        return Ok(());
    }
    Err(CommandError::Refused(format!(
        "the issuers' parts list {} voters and the voter list here {}, or their styles and weights differ; all must use one list",
        roll.len(),
        list.voters().len()
    )))
}

pub(super) fn publish(context: &mut Context<'_>) -> Result<(), CommandError> {
    let folder = context.folder()?;
    let manifest = folder.manifest();
    let roll = combine_parts(manifest, read_parts(&folder)?, &mut SysRng)?;
    check_against_list(&folder, &roll)?;
    let classes = roll.iter().map(|voter| (voter.style, voter.weight));
    let classes: Vec<_> = classes.collect();
    check_totals(manifest, classes.iter().copied())?;
    let key = context.home()?.key(&context.passphrase)?;
    let mut session = context.session(&folder)?;
    let listed = session.roll();
    if roll.get(..listed.len()) != Some(listed.as_slice()) {
        return Err(CommandError::Refused(format!(
            "the board lists {} voters who are not those of the issuers' parts here; nothing was posted",
            listed.len()
        )));
    }
    let rest = roll.get(listed.len()..).unwrap_or_default();
    if rest.is_empty() {
        context.say(format!(
            "The board lists all {} voters already.",
            roll.len()
        ));
        return Ok(());
    }
    if session.election().phase() != Phase::Setup {
        return Err(
            MakeError::NotNow("the election is open; the roll cannot grow any more").into(),
        );
    }
    warn_of_few(context, manifest, &classes);
    // No roll has more than 2^31 voters.
    let first = u32::try_from(listed.len()).unwrap_or(u32::MAX);
    let entries = EntryMaker { key: &key }.roll(manifest, first, rest, &mut SysRng)?;
    session.post_all(&entries, context.screen)?;
    context.say(format!(
        "The board lists {} voters by credentials, without names.",
        session.election().n_voters()
    ));
    Ok(())
}
