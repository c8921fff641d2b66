//! The command line.

mod figures;
mod follow;
mod page;
mod pages;
mod plain;
mod print;
mod progress;
mod show;
mod source;
mod witness;

use clap::{Parser, Subcommand};
use plain::plain;
use progress::Bar;
use source::Source;
use std::{
    fmt::Display,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};
use verifier::{
    equivocation::Equivocation,
    progress::{Progress, Silent},
    receipt::{Receipt, ReceiptError, Standing},
    record::Record,
    report::Decision,
};

/// Verify the published record of a Psephos election
///
/// RECORD is a folder, an archive file, or the address of a live board
/// (https://host/e/<uuid>). Exit status: 0 accepted, 1 rejected, 2 could not run.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every check and show the result
    Verify {
        /// The record: a folder, an archive file or an address
        record: String,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
        /// Print the verdict and what failed, nothing else
        #[arg(long)]
        quiet: bool,
        /// Keep what is fetched from an address in this new folder
        #[arg(long, value_name = "FOLDER")]
        save: Option<PathBuf>,
    },
    /// Verify, and draw the audit sample that the trustees' beacon gives
    ///
    /// Prints the indices of the sampled entries, of those up to the close, in the order of the
    /// sample. Exit status: 0 drawn, 1 rejected or no beacon, 2 could not run.
    Sample {
        /// The record: a folder, an archive file or an address
        record: String,
        /// How many entries
        #[arg(long, value_name = "N")]
        count: usize,
    },
    /// Print one entry readably
    Show {
        /// The record: a folder, an archive file or an address
        record: String,
        /// The index of the entry, from 0
        index: u64,
    },
    /// Verify, and print totals and figures for spreadsheets and programs
    ///
    /// Means, spreads, correlations and tables, as docs/spec/figures.md defines them. JSON unless
    /// CSV is asked for. Exit status: 0 printed, 1 rejected, 2 could not run.
    Figures {
        /// The record: a folder, an archive file or an address
        record: String,
        /// Print figures.json
        #[arg(long)]
        json: bool,
        /// Print figures.csv
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Verify, and write the report as one page (HTML) for people and for paper
    Report {
        /// The record: a folder, an archive file or an address
        record: String,
        /// The page, a new file
        #[arg(long, value_name = "FILE.html")]
        out: PathBuf,
    },
    /// Watch a live board: whatever it signs must contain what it signed before
    ///
    /// Goes on until the board contradicts itself (exit status 1), also after the result, when
    /// beacons and seals may still come. A board that does not answer is asked again; that proves
    /// nothing.
    Follow {
        /// The address of the board
        url: String,
        /// The folder in which the last checkpoint is kept, for this board alone
        #[arg(long, value_name = "FOLDER")]
        state: PathBuf,
        /// Seconds between two looks
        #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
        every: u64,
        /// Look once: 0 nothing contradicts, 1 two histories, 2 could not tell
        #[arg(long)]
        once: bool,
    },
    /// Be a witness: cosign whatever contains all that was cosigned before
    ///
    /// Follows boards (`--follow`) and takes checkpoints that boards hand in
    /// (`POST /add-checkpoint`, C2SP tlog-witness), until it is stopped. The folder needs one
    /// witness at a time and no copies: an old copy forgets what was cosigned.
    Witness(witness::Options),
    /// Compare the pages that a server sends with those that the opening names
    ///
    /// Fetches the list of hashes once, then every file of it as browsers get it: plain and
    /// compressed, and under the election's own address. Nothing is written.
    /// Exit status: 0 the same, 1 other pages, 2 could not run.
    Pages {
        /// The address of the board
        url: String,
    },
    /// Check a proof that a board signed two histories, without asking any server
    ///
    /// Exit status: 0 proved, 1 not proved, 2 could not run.
    Equivocation {
        /// The proof, as `verifier follow`, `verifier receipt` or the pages write it
        file: PathBuf,
        /// The manifest (JSON) that the proof must be about
        #[arg(long, value_name = "FILE", conflicts_with = "record")]
        manifest: Option<PathBuf>,
        /// The record that the proof must be about
        #[arg(long)]
        record: Option<String>,
    },
    /// Check whether the ballot of a receipt is on the board, and whether it counts
    Receipt {
        /// The record: a folder, an archive file or an address
        record: String,
        /// The receipt
        file: PathBuf,
        /// Where the proof goes if the board signed two histories, a new file
        #[arg(long, value_name = "FILE")]
        proof: Option<PathBuf>,
    },
}

/// Reads the arguments and does what they say.
pub fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Verify {
            record,
            json,
            quiet,
            save,
        } => verify(&record, json, quiet, save),
        Command::Sample { record, count } => sample(&record, count),
        Command::Show { record, index } => show(&record, index),
        Command::Figures { record, csv, .. } => figures::figures(&record, csv),
        Command::Report { record, out } => page::write(&record, &out),
        Command::Follow {
            url,
            state,
            every,
            once,
        } => follow::follow(&url, &state, every, once),
        Command::Witness(options) => witness::witness(&options),
        Command::Pages { url } => pages::pages(&url),
        Command::Equivocation {
            file,
            manifest,
            record,
        } => follow::equivocation(&file, manifest, record),
        Command::Receipt {
            record,
            file,
            proof,
        } => receipt(&record, &file, proof.as_deref()),
    };
    done.unwrap_or_else(|error| {
        eprintln!("verifier: {}", plain(&error));
        ExitCode::from(2)
    })
}

fn could_not<E: Display>(what: &str) -> impl Fn(E) -> String {
    move |error| format!("could not {what}: {error}")
}

/// Randomness for the weights of the batches.
fn seed() -> Result<[u8; 32], String> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(could_not("get randomness for the batches"))?;
    Ok(seed)
}

fn verify(
    record: &str,
    json: bool,
    quiet: bool,
    save: Option<PathBuf>,
) -> Result<ExitCode, String> {
    let progress: Box<dyn Progress> = if quiet {
        Box::new(Silent)
    } else {
        Box::new(Bar::new())
    };
    let source = Source::open(record, save, progress.as_ref())?;
    let report = verifier::verify(source.record(), seed()?, progress.as_ref());
    // The bar goes away before anything is printed.
    drop(progress);
    let mut output = io::stdout().lock();
    let written = if json {
        serde_json::to_writer(&mut output, &report)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(output))
    } else {
        print::report(&report, quiet, &mut output)
    };
    written.map_err(could_not("write the report"))?;
    Ok(match report.verdict {
        Decision::Accepted => ExitCode::SUCCESS,
        Decision::Rejected => ExitCode::from(1),
    })
}

fn sample(record: &str, count: usize) -> Result<ExitCode, String> {
    let source = Source::open(record, None, &Silent)?;
    let report = verifier::verify(source.record(), seed()?, &Silent);
    if report.verdict == Decision::Rejected {
        println!("The record is rejected, so there is nothing to sample: run `verifier verify`.");
        return Ok(ExitCode::from(1));
    }
    let beacon = report.joint.map(|joint| joint.beacon);
    let drawn = beacon.and_then(|beacon| {
        let seed = verifier::json::lower_hex(&beacon.audit_seed?)?;
        Some(verifier::checks::joint::sample(
            &seed,
            beacon.entries,
            count,
        ))
    });
    let Some(drawn) = drawn else {
        println!("There is no audit seed: too few trustees have posted a beacon.");
        return Ok(ExitCode::from(1));
    };
    let lines: String = drawn.iter().map(|index| format!("{index}\n")).collect();
    io::stdout()
        .lock()
        .write_all(lines.as_bytes())
        .map_err(could_not("write the sample"))?;
    Ok(ExitCode::SUCCESS)
}

fn show(record: &str, index: u64) -> Result<ExitCode, String> {
    let source = Source::open(record, None, &Silent)?;
    let text = show::entry(source.record(), index)?;
    io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .map_err(could_not("write the entry"))?;
    Ok(ExitCode::SUCCESS)
}

fn receipt(record: &str, file: &Path, proof: Option<&Path>) -> Result<ExitCode, String> {
    let text = fs::read(file).map_err(could_not("read the receipt"))?;
    let source = Source::open(record, None, &Silent)?;
    let checked =
        Receipt::read(&text).and_then(|receipt| Ok((receipt.check(source.record())?, receipt)));
    match checked {
        Ok((standing, receipt)) => {
            println!("{}", say(standing, receipt.index));
            if let Some(line) = cosigned(&receipt, source.record())? {
                println!("{line}");
            }
            println!("This says nothing about the rest of the record: `verifier verify` does.");
            Ok(ExitCode::SUCCESS)
        }
        Err(ReceiptError::Record(error)) => Err(error.to_string()),
        Err(error) => {
            println!("NOT CONFIRMED: {}", plain(&error.to_string()));
            if let ReceiptError::TwoHistories(found) = error {
                two_histories(&found, proof)?;
            }
            Ok(ExitCode::from(1))
        }
    }
}

/// How many witnesses cosigned the receipt, where the manifest names some.
fn cosigned(receipt: &Receipt, record: &dyn Record) -> Result<Option<String>, String> {
    let manifest = verifier::manifest_of(record)?;
    if manifest.witnesses.is_empty() {
        return Ok(None);
    }
    let cosigned = receipt
        .cosigned(&manifest)
        .map_err(|error| error.to_string())?;
    Ok(Some(format!(
        "{} of the {} witnesses cosigned the receipt\u{2019}s checkpoint; {} make it witnessed. A \
         receipt may come before any of them.",
        cosigned.len(),
        manifest.witnesses.len(),
        manifest.witness_quorum
    )))
}

/// Keeps the proof that the board signed two histories, or says how to.
fn two_histories(found: &Equivocation, file: Option<&Path>) -> Result<(), String> {
    let Some(file) = file else {
        println!("Run this again with --proof FILE to get a proof that convinces others.");
        return Ok(());
    };
    File::create_new(file)
        .and_then(|mut new| new.write_all(found.write().as_bytes()))
        .map_err(could_not("write the proof"))?;
    println!(
        "The proof is in {}: `verifier equivocation` checks it without asking the server.",
        file.display()
    );
    Ok(())
}

fn say(standing: Standing, index: u64) -> String {
    match standing {
        Standing::Last { closed: true } => {
            format!("The ballot is on the board as entry {index}, and it is the one that counts.")
        }
        Standing::Last { closed: false } => format!(
            "The ballot is on the board as entry {index}. The election is not closed in this \
             record; so far it is the one that counts."
        ),
        Standing::Superseded { by } => format!(
            "The ballot is on the board as entry {index}, but the same voter cast another one \
             later (entry {by}): that one replaces it."
        ),
        Standing::NotABallot(kind) => {
            format!(
                "Entry {index} is on the board; it is a {} entry.",
                kind.name()
            )
        }
    }
}
