//! `new` and `submit`: from a draft to an election on a ballot box.

use board_client::{ClientError, ServerIdentity};
use getrandom::SysRng;
use protocol::election::EntryMaker;
use protocol::manifest::{ElectionManifest, Participation};
use protocol::merkle::leaf_hash;
use protocol::transcript::RandomnessError;
use rand_core::TryRng as _;

use super::Context;
use crate::advice;
use crate::cli::New;
use crate::error::CommandError;
use crate::files;
use crate::home::ElectionFolder;
use crate::interview;
use crate::manifest_draft::{DraftWitness, Fillings, ManifestDraft, read_card};
use crate::totals::check_expected;

pub(super) fn run(context: &mut Context<'_>, args: New) -> Result<(), CommandError> {
    let home = context.home()?.clone();
    let key = home.key(&context.passphrase)?;
    let cards = args.trustees.iter().map(|path| {
        let bytes = files::read(path)?;
        Ok(read_card(&path.display().to_string(), &bytes)?)
    });
    let cards = cards.collect::<Result<Vec<_>, CommandError>>()?;
    let witnesses = args.witnesses.iter().map(|key| {
        DraftWitness::parse(key)
            .map_err(|error| CommandError::Usage(format!("the witness {key:?}: {error}")))
    });
    let witnesses = witnesses.collect::<Result<Vec<_>, CommandError>>()?;
    let server_address = args.board.trim_end_matches('/');
    if !server_address.starts_with("http://") && !server_address.starts_with("https://") {
        return Err(CommandError::Usage(format!(
            "{server_address:?} is not the address of a ballot box; it looks like https://vote.example.org"
        )));
    }
    let server = match &args.server_identity {
        Some(path) => identity_of_file(path)?,
        None => context.network.server_identity(server_address)?,
    };
    let (draft, asked) = match &args.draft {
        Some(path) => (ManifestDraft::parse(&files::read(path)?)?, false),
        None if context.screen.is_interactive() => {
            let (input, output) = (&mut std::io::stdin().lock(), &mut std::io::stdout());
            (interview::draft(input, output)?, true)
        }
        None => {
            return Err(CommandError::Usage(
                "there is no draft and no terminal to ask; write a draft and run `election-authority new DRAFT.json`"
                    .to_owned(),
            ));
        }
    };
    let mut uuid = [0; 16];
    SysRng
        .try_fill_bytes(&mut uuid)
        .map_err(|_| RandomnessError)?;
    let manifest = draft.complete(Fillings {
        uuid,
        organiser_key: key.public(),
        cards,
        witnesses,
        threshold: args.threshold,
        opens: args.opens,
        closes: args.closes,
        server: &server,
    })?;
    // A question that even one voter's answer takes beyond the bound is found before the ceremony.
    check_expected(&manifest, 1)?;
    advise(context, &manifest);
    if let Some(Err(error)) = args.voters.map(|voters| check_expected(&manifest, voters)) {
        context.screen.warn(&error.to_string());
    }
    if asked && !args.dry_run {
        let question = "Create this election? Its manifest can never be changed. [y/N] ";
        let (input, output) = (&mut std::io::stdin().lock(), &mut std::io::stdout());
        if !interview::confirm(question, input, output)? {
            return Err(CommandError::Refused("nothing was created".to_owned()));
        }
    }
    let entry = EntryMaker { key: &key }.manifest(manifest.bytes(), &mut SysRng)?;
    let folder = home.create_election(manifest, &entry, server_address)?;
    let path = folder.manifest_path();
    if args.dry_run {
        context.say(format!(
            "The manifest is written to {}; nothing was posted.",
            path.display()
        ));
        context.say(format!(
            "To post it: election-authority submit --election {}",
            folder.manifest().uuid_text()
        ));
        return Ok(());
    }
    context.say(format!("The manifest is written to {}.", path.display()));
    post(context, &folder)
}

/// Posts the manifest of a dry run, or again after the network failed.
pub(super) fn submit(context: &mut Context<'_>) -> Result<(), CommandError> {
    let folder = context.folder()?;
    post(context, &folder)
}

fn post(context: &mut Context<'_>, folder: &ElectionFolder) -> Result<(), CommandError> {
    let (server, entry) = (folder.server()?, folder.manifest_entry()?);
    let receipt = match context.network.create(&server, &entry) {
        Err(error @ ClientError::Unreachable { .. }) => {
            context.screen.warn("the election is not on the ballot box yet; `election-authority submit` tries again");
            return Err(error.into());
        }
        outcome => outcome?,
    };
    let path = folder.keep_receipt(&leaf_hash(&entry), &receipt)?;
    match context.session(folder) {
        Ok(session) => session.confirm(&entry, &receipt, path)?,
        Err(error) => {
            context.screen.warn(&format!(
                "the ballot box took the manifest, but its board is not confirmed; its receipt is kept in {}, and `election-authority submit` tries again",
                path.display()
            ));
            return Err(error);
        }
    }
    context.say(format!(
        "The election is on the board: {}",
        folder.board_url()?
    ));
    context.say(format!("Manifest id: {}", folder.manifest().id()));
    context.say("Give both to the trustees, each by a way you trust; they compare the id before they take part.");
    Ok(())
}

fn identity_of_file(path: &std::path::Path) -> Result<ServerIdentity, CommandError> {
    let bytes = files::read(path)?;
    serde_json::from_slice(&bytes).map_err(|_| {
        CommandError::File(files::FileError::Content {
            path: path.to_owned(),
            expected: "the identity of a ballot box",
            advice: "save it again from the address /board of the ballot box",
        })
    })
}

fn advise(context: &mut Context<'_>, manifest: &ElectionManifest) {
    let rule = manifest.close_rule();
    let (n, t) = (rule.trustees, rule.threshold);
    let title = manifest.title.get(&manifest.language).unwrap_or_default();
    context.say(format!(
        "{title}: contests {}, trustees {n}, threshold {t}.",
        manifest.contests.len()
    ));
    let lines = advice::certifiers(&rule, manifest.close_quorum)
        .into_iter()
        .chain(
            (manifest.participation == Participation::Issued)
                .then(|| advice::issuers(&manifest.issuers)),
        )
        .chain([advice::minimum_ballots(manifest.minimum_ballots)])
        .chain(advice::survey(manifest));
    lines.for_each(|line| context.say(format!("- {line}")));
}
