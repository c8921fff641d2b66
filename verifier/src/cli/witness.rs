//! Being a witness of boards.

use super::plain::plain;
use clap::Args;
use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, SystemTime},
};
use verifier::{
    follow::Follower,
    manifest::Manifest,
    record::layout::MAX_ENTRY,
    witness::{Looked, Refusal, Witness, hash_of, server},
};
use zeroize::Zeroizing;

/// What a witness is told.
#[derive(Debug, Args)]
pub struct Options {
    /// The folder of the witness: its key, and what it cosigned; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    home: PathBuf,
    /// The name in its cosignatures, without spaces and `+`; needed at the first start
    #[arg(long)]
    name: Option<String>,
    /// A board to look at, again and again, and to cosign
    #[arg(long, value_name = "URL")]
    follow: Vec<String>,
    /// The manifest (JSON) of a board that hands in its checkpoints itself
    #[arg(long, value_name = "FILE")]
    manifest: Vec<PathBuf>,
    /// Where it answers over HTTP; put a proxy with TLS before it
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7380")]
    listen: String,
    /// Seconds between two looks at a board
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
}

/// Serves and looks until it is stopped.
pub fn witness(options: &Options) -> Result<ExitCode, String> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(seed.as_mut()).map_err(super::could_not("get randomness for a key"))?;
    let witness = Witness::open(&options.home, options.name.as_deref(), &seed)
        .map_err(|error| error.to_string())?;
    for file in &options.manifest {
        let bytes =
            read_manifest(file).map_err(super::could_not(&format!("read `{}`", file.display())))?;
        witness.learn(&bytes).map_err(|error| error.to_string())?;
    }
    let manifests = witness.manifests();
    if manifests.is_empty() && options.follow.is_empty() {
        return Err(
            "there is no board to witness; name one with `--follow` or `--manifest`".into(),
        );
    }
    let followers: Vec<Follower> = options
        .follow
        .iter()
        .map(|url| witness.follower(url).map_err(|error| error.to_string()))
        .collect::<Result<_, _>>()?;
    let listener = TcpListener::bind(&options.listen)
        .map_err(super::could_not(&format!("listen on {}", options.listen)))?;
    let address = listener.local_addr().map_err(super::could_not("listen"))?;
    say(&format!(
        "The key of this witness, for whoever checks its cosignatures: {}",
        witness.verifier_key()
    ));
    say(&format!("Listening on http://{address}"));
    for manifest in manifests {
        say(&board(&manifest.origin, &manifest.id));
        say(&named(&witness, &manifest));
    }
    let witness = Arc::new(witness);
    for follower in followers {
        let witness = Arc::clone(&witness);
        let every = Duration::from_secs(options.every);
        thread::spawn(move || keep_looking(&witness, follower, every));
    }
    server::serve(listener, witness, now, Arc::new(tell))
        .map_err(super::could_not("serve"))
        .map(|()| ExitCode::SUCCESS)
}

fn read_manifest(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_ENTRY + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn board(origin: &str, manifest_id: &[u8; 32]) -> String {
    format!(
        "Witness of {origin}, manifest id {}: compare it with somebody else's. Cosigned \
         checkpoints are at /{}/checkpoint",
        hex::encode(manifest_id),
        hash_of(origin)
    )
}

/// Whether anybody waits for its cosignatures.
fn named(witness: &Witness, manifest: &Manifest) -> String {
    match witness.number_in(manifest) {
        Ok(Some(number)) => format!(
            "Its manifest names this witness as number {number} of {}; {} must cosign.",
            manifest.witnesses.len(),
            manifest.witness_quorum
        ),
        Ok(None) => "Its manifest does not name this witness: what it cosigns helps whoever asks \
                     for it, but is no part of the record."
            .to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Looks at a board as long as the program runs, whatever it shows.
fn keep_looking(witness: &Witness, mut follower: Follower, every: Duration) {
    let mut is_known = follower.known().is_some();
    let mut size = None;
    loop {
        match witness.look(&mut follower, now) {
            Ok(looked) => {
                if let Some(manifest) = follower.manifest() {
                    if !is_known {
                        say(&board(&manifest.origin, &manifest.id));
                        say(&named(witness, manifest));
                    }
                    is_known = true;
                    report(&looked, &manifest.origin, &mut size);
                }
            }
            Err(error) => say(&format!(
                "{error}; asking again in {} seconds",
                every.as_secs()
            )),
        }
        thread::sleep(every);
    }
}

/// Says what came of a look, but not again and again that nothing changed.
fn report(looked: &Looked, origin: &str, size: &mut Option<u64>) {
    match looked {
        Looked::Cosigned(now) if *size == Some(*now) => {}
        Looked::Cosigned(now) => {
            *size = Some(*now);
            say(&format!("Cosigned {now} entries of {origin}."));
        }
        Looked::Behind(shown) => say(&format!(
            "{origin} shows {shown} entries, fewer than are cosigned already."
        )),
        Looked::Refused(refusal) => {
            tell(refusal);
            say(&format!("Not cosigned: {origin}: {refusal}."));
        }
    }
}

/// Says what its owner must know. Other refusals are between the witness and who asked.
fn tell(refusal: &Refusal) {
    match refusal {
        Refusal::TwoHistories { file, is_new: true } => say(&format!(
            "ALARM: the board signed two histories. The proof is in {}. Copy it, and give it to \
             the organiser, the trustees and whoever else should know: `verifier equivocation` \
             checks it without asking the server.",
            file.display()
        )),
        Refusal::Storage(_) => say(&refusal.to_string()),
        _ => {}
    }
}

/// Prints a line at once. A witness goes on when nobody reads what it says.
fn say(line: &str) {
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "{}", plain(line)).and_then(|()| output.flush());
}

/// Seconds since 1970; a clock before that is as good as none.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |time| time.as_secs())
}
