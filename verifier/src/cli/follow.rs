//! Watching a live board, and judging the proof that one lied.

use super::{plain::plain, source::Source};
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::Duration,
};
use verifier::{
    equivocation::{Equivocation, MAX_EQUIVOCATION, Proved},
    follow::{Follower, Seen},
    manifest::Manifest,
    progress::Silent,
};

/// Watches until the board contradicts itself, or looks once.
pub fn follow(url: &str, folder: &Path, every: u64, once: bool) -> Result<ExitCode, String> {
    let mut follower = Follower::open(url, folder).map_err(|error| error.to_string())?;
    loop {
        match follower.look() {
            Ok(Seen::TwoHistories(proof)) => {
                for witness in follower.liars() {
                    say(&format!(
                        "ALARM: the witness `{witness}` cosigned both; what it says is worth \
                         nothing any more."
                    ))?;
                }
                return alarm(&proof, folder);
            }
            Ok(seen) => say(&calm(&seen, follower.manifest()))?,
            Err(error) if once || !error.may_pass() => return Err(error.to_string()),
            Err(error) => say(&format!("{error}; asking again in {every} seconds"))?,
        }
        if once {
            return Ok(ExitCode::SUCCESS);
        }
        thread::sleep(Duration::from_secs(every));
    }
}

/// Prints a line at once: whoever watches reads it while the program goes on.
fn say(line: &str) -> Result<(), String> {
    let mut output = io::stdout().lock();
    writeln!(output, "{}", plain(line))
        .and_then(|()| output.flush())
        .map_err(super::could_not("write"))
}

fn calm(seen: &Seen, manifest: Option<&Manifest>) -> String {
    match seen {
        Seen::First(checkpoint) => {
            let (title, id) = manifest.map_or(("", String::new()), |manifest| {
                (manifest.text(&manifest.title), hex::encode(manifest.id))
            });
            format!(
                "Following `{title}` from entry {} on. Its manifest id is {id}: compare it with \
                 somebody else's.",
                checkpoint.size
            )
        }
        Seen::Same(checkpoint) => {
            format!("{} entries, as before.", checkpoint.size)
        }
        Seen::Grown { from, to } => format!(
            "{} entries: {} more, after the {from} from before.",
            to.size,
            to.size - from
        ),
        Seen::TwoHistories(_) => String::new(),
    }
}

fn alarm(proof: &Equivocation, folder: &Path) -> Result<ExitCode, String> {
    let proved = proof.check().map_err(|error| error.to_string())?;
    let name = format!(
        "equivocation-{}-{}-{}.json",
        proved.smaller,
        proved.larger,
        hex::encode(proved.other.get(..4).unwrap_or_default())
    );
    let file = folder.join(name);
    say("ALARM: the board signed two histories.")?;
    say(&describe(&proved))?;
    fs::write(&file, proof.write()).map_err(super::could_not("write the proof"))?;
    say(&format!(
        "The proof is in {}. Copy it, and give it to the organiser, the trustees and whoever else \
         should know: `verifier equivocation` checks it without asking the server.",
        file.display()
    ))?;
    Ok(ExitCode::from(1))
}

fn describe(proved: &Proved) -> String {
    let what = if proved.smaller == proved.larger {
        format!(
            "It signed two different boards of {} entries.",
            proved.smaller
        )
    } else {
        format!(
            "It signed a board of {} entries and one of {} entries that does not begin with them.",
            proved.smaller, proved.larger
        )
    };
    format!(
        "{what} Roots of the first {}: {} and {}.",
        proved.smaller,
        hex::encode(proved.signed),
        hex::encode(proved.other)
    )
}

/// Checks a proof, and against a manifest or a record that the reader trusts.
pub fn equivocation(
    file: &Path,
    manifest: Option<PathBuf>,
    record: Option<String>,
) -> Result<ExitCode, String> {
    let read = |path: &Path| {
        fs::read(path).map_err(|error| format!("could not read `{}`: {error}", path.display()))
    };
    let size = fs::metadata(file).map_or(0, |metadata| metadata.len());
    if size > MAX_EQUIVOCATION {
        return Err(format!(
            "`{}` is too large for such a proof",
            file.display()
        ));
    }
    let text = read(file)?;
    let expected = match (manifest, record) {
        (Some(path), _) => Some(Manifest::read(&read(&path)?).map_err(|error| error.to_string())?),
        (None, Some(record)) => {
            let source = Source::open(&record, None, &Silent)?;
            Some(verifier::manifest_of(source.record())?)
        }
        (None, None) => None,
    };
    match Equivocation::read(&text).and_then(|proof| proof.check()) {
        Err(error) => say(&format!("NOT PROVED: {error}")).map(|()| ExitCode::from(1)),
        Ok(proved) => {
            let id = hex::encode(proved.manifest.id);
            if expected.is_some_and(|expected| expected.id != proved.manifest.id) {
                say(&format!(
                    "NOT PROVED: the proof is about another election, with manifest id {id}."
                ))?;
                return Ok(ExitCode::from(1));
            }
            let manifest = &proved.manifest;
            say(&format!(
                "PROVED: whoever holds the board key of this election signed two histories of {}.",
                manifest.origin
            ))?;
            say(&describe(&proved))?;
            say(&format!("election     {}", manifest.text(&manifest.title)))?;
            say(&format!("manifest id  {id}"))?;
            say(&format!("board key    {}", hex::encode(manifest.board_key)))?;
            say(
                "It does not say which of the two is the right one, nor who was shown which. \
                 Anybody can write a manifest: compare its id with the one that voters and \
                 trustees see.",
            )?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
