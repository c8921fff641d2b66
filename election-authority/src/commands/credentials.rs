//! `credentials issue`: codes for the voters, and the public part of the roll.

use std::path::{Path, PathBuf};

use getrandom::SysRng;
use protocol::encoding::decode_hex;
use protocol::manifest::ElectionManifest;

use super::{Context, roll};
use crate::cli::Issue;
use crate::credentials::{self, Issued};
use crate::csv;
use crate::error::CommandError;
use crate::files::{self, FileError, Readers};
use crate::key_file::OrderKey;
use crate::letters::Letters;
use crate::manifest_draft::DraftError;
use crate::roll::VoterList;

/// Everything that issuing needs, from the election's folder or from an issuer's own files.
struct Job {
    uuid: [u8; 16],
    manifest: Option<ElectionManifest>,
    voters: VoterList,
    order_key: PathBuf,
    public: PathBuf,
}

pub(super) fn issue(context: &mut Context<'_>, args: &Issue) -> Result<(), CommandError> {
    let job = match &args.roll {
        Some(voters) => own_machine(voters, args)?,
        None => election_folder(context, args)?,
    };
    if let Some(manifest) = &job.manifest {
        roll::expect_issued(manifest)?;
    }
    let issuer_name = issuer_name(&job, args.issuer)?;
    // Everything that would stop the writing later is looked at before codes are drawn.
    for path in [Some(&job.public), args.out.as_ref(), args.csv.as_ref()] {
        if let Some(path) = path.filter(|path| path.exists()) {
            let path = path.clone();
            return Err(FileError::Exists { path }.into());
        }
    }
    let order_key = order_key(&job.order_key, args.issuer)?;
    let issued = credentials::issue(&job.uuid, args.issuer, &job.voters, &order_key, || SysRng)?;
    let letters = Letters {
        title: job
            .manifest
            .as_ref()
            .and_then(|manifest| manifest.title.get(&manifest.language)),
        issuer: &issuer_name,
        vote_at: args.vote_at.as_deref(),
    };
    // The codes are on disk before the part that binds the election to them: nobody can make them
    // again.
    write(context, args, &issued, &letters)?;
    if let Some(folder) = job.public.parent().filter(|path| *path != Path::new("")) {
        files::ensure_folder(folder, Readers::Owner)?;
    }
    let public = issued.part.to_json().map_err(|error| {
        CommandError::Refused(format!("the public part cannot be written: {error}"))
    })?;
    files::create(&job.public, &public, Readers::Everyone)?;
    context.say(format!(
        "The public part, without names, is in {}; it is for the organiser.",
        job.public.display()
    ));
    context.say("Send each voter its code, then erase your copies: whoever has a code can vote in that voter's name.");
    Ok(())
}

fn write(
    context: &mut Context<'_>,
    args: &Issue,
    issued: &Issued<'_>,
    letters: &Letters<'_>,
) -> Result<(), CommandError> {
    let count = issued.codes.len();
    if let Some(path) = &args.csv {
        files::create(path, letters.csv(&issued.codes).as_bytes(), Readers::Owner)?;
        context.say(format!("{count} codes are in {}.", path.display()));
    }
    if let Some(folder) = &args.out {
        files::create_folder(folder, Readers::Owner)?;
        let mut paths = Vec::with_capacity(count);
        for (done, (voter, code)) in (1..).zip(&issued.codes) {
            let path = folder.join(letters.file_name(voter));
            files::create_quickly(&path, letters.letter(voter, code).as_bytes())?;
            paths.push(path);
            context.screen.progress("Writing codes", done, count as u64);
        }
        files::sync_created(folder, &paths)?;
        context.say(format!(
            "{count} codes are in {}, a file for each voter.",
            folder.display()
        ));
    }
    Ok(())
}

fn election_folder(context: &Context<'_>, args: &Issue) -> Result<Job, CommandError> {
    let folder = context.folder()?;
    let manifest = folder.manifest().clone();
    roll::expect_issued(&manifest)?;
    let voters = match files::read(&folder.voters_path()) {
        Err(FileError::Missing { .. }) => {
            return Err(CommandError::Refused(
                "there is no voter list yet; run `election-authority roll import FILE.csv` first"
                    .to_owned(),
            ));
        }
        bytes => bytes?,
    };
    Ok(Job {
        uuid: manifest.uuid,
        voters: VoterList::parse(&voters, Some(&roll::style_ids(&manifest)))?,
        order_key: args
            .order_key
            .clone()
            .unwrap_or_else(|| folder.order_key_path()),
        public: args
            .public
            .clone()
            .unwrap_or_else(|| folder.part_path(args.issuer)),
        manifest: Some(manifest),
    })
}

fn own_machine(voters: &Path, args: &Issue) -> Result<Job, CommandError> {
    let lacks = |what: &str| CommandError::Usage(format!("--roll needs {what} beside it"));
    let manifest = match &args.manifest {
        Some(path) => Some(ElectionManifest::parse(&files::read(path)?).map_err(DraftError::from)?),
        None => None,
    };
    let uuid = match (&manifest, args.uuid.as_deref()) {
        (Some(manifest), _) => manifest.uuid,
        (None, Some(text)) => decode_hex(text).ok_or_else(|| {
            CommandError::Usage(format!(
                "{text:?} is not the uuid of an election; it has 32 lower-case hexadecimal digits"
            ))
        })?,
        (None, None) => return Err(lacks("--manifest FILE or --uuid UUID")),
    };
    let styles = manifest.as_ref().map(roll::style_ids);
    Ok(Job {
        uuid,
        voters: VoterList::parse(&files::read(voters)?, styles.as_deref())?,
        order_key: args
            .order_key
            .clone()
            .ok_or_else(|| lacks("--order-key FILE"))?,
        public: args.public.clone().ok_or_else(|| lacks("--public FILE"))?,
        manifest,
    })
}

fn issuer_name(job: &Job, issuer: u16) -> Result<String, CommandError> {
    let Some(manifest) = &job.manifest else {
        return match issuer {
            1..=4 => Ok(format!("issuer {issuer}")),
            _ => Err(CommandError::Usage(
                "an election has issuers 1 to 4".to_owned(),
            )),
        };
    };
    let name = usize::from(issuer)
        .checked_sub(1)
        .and_then(|index| manifest.issuers.get(index));
    let name = name.cloned().ok_or_else(|| {
        CommandError::Usage(format!(
            "the manifest has no issuer {issuer}; it has {}, numbered from 1",
            manifest.issuers.join(", ")
        ))
    })?;
    // On an issuer's own machine the manifest comes from somebody else.
    if csv::is_formula(&name) {
        return Err(CommandError::Refused(format!(
            "the manifest calls the issuer {name:?}, which would be a formula in a spreadsheet of codes; ask the organiser for a new manifest"
        )));
    }
    Ok(name)
}

/// The first issuer makes the order key; the others must use the same one.
fn order_key(path: &Path, issuer: u16) -> Result<OrderKey, CommandError> {
    if path.exists() {
        return Ok(OrderKey::read(path)?);
    }
    if issuer != 1 {
        return Err(CommandError::Usage(format!(
            "{} is not there; ask the first issuer for its order key",
            path.display()
        )));
    }
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        files::ensure_folder(folder, Readers::Owner)?;
    }
    Ok(OrderKey::create(path, &mut SysRng)?)
}
