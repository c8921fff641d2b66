//! The command line.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use crate::example::{ExampleElection, club, folder, survey};
use crate::keyboard;
use crate::live::{self, Opening};
use crate::programs::{Children, Programs};
use crate::record::{self, USUAL_FOLDER};
use crate::run::{RunError, Settings, run};
use crate::screen::say;
use crate::summary::{Outcome, signatures};
use crate::table::table;

/// Hold whole elections on this computer with the real programs, and verify them
///
/// A ballot box, an organiser, trustees, voters and an auditor, each with a process and a folder
/// of its own. Without arguments an election and a survey are opened in which you vote yourself,
/// in a browser, until you press Enter or their time is over; then they are tallied and verified.
/// With --election, --scripted or --survey nobody is needed. Exit status: 0 everything is verified and
/// every total is right, 1 it is not, 2 the demonstration could not run.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
pub struct Arguments {
    /// A folder with question.json, ballots.csv and totals.csv of a real election, or of a survey
    /// that asks for numbers: all its ballots are cast, and the totals (and means and variances) must
    /// come out
    #[arg(long, value_name = "DIR")]
    election: Option<PathBuf>,

    /// The ballots of a made-up club are cast, and the totals must come out
    #[arg(long, conflicts_with = "election")]
    scripted: bool,

    /// The staff of a made-up hospital answers a survey with every kind of question, and totals and
    /// figures must come out; with --live, the survey is opened for you to answer
    #[arg(long, conflicts_with_all = ["election", "scripted"])]
    survey: bool,

    /// Open the survey in a browser, and wait for you
    #[arg(long, requires = "survey")]
    live: bool,

    /// Only the first N ballots; the totals that must come out are then those of these ballots
    #[arg(long, value_name = "N", requires = "election", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// Number of trustees
    #[arg(long, value_name = "n", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=64))]
    trustees: u16,

    /// How many of them decrypt
    #[arg(long, value_name = "t", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    threshold: u16,

    /// Where the record goes; the record of an earlier run is replaced
    #[arg(long, value_name = "OUT", default_value = USUAL_FOLDER)]
    record: PathBuf,

    /// End with one line of JSON
    #[arg(long)]
    json: bool,

    /// How many minutes you can vote if you do not press Enter before [default: 60; 10 where there
    /// is no terminal]
    #[arg(long, value_name = "N", conflicts_with_all = ["election", "scripted"], value_parser = minutes)]
    minutes: Option<f64>,

    /// Folder of the pages of voters [default: ui/dist, which `cargo xtask ui` builds]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["election", "scripted"])]
    pages: Option<PathBuf>,

    /// Keep everybody's folders, keys and logs, and say where they are
    #[arg(long)]
    keep: bool,
}

/// More than none, at most a week.
fn minutes(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(minutes) if minutes > 0.0 && minutes <= 7.0 * 24.0 * 60.0 => Ok(minutes),
        _ => Err("give a number of minutes above 0, at most a week".to_owned()),
    }
}

/// Runs the demonstration.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match hold(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("demo: {error}");
            ExitCode::from(2)
        }
    }
}

/// Holds the election; says whether everything is as it must be.
fn hold(arguments: &Arguments) -> Result<bool, Box<dyn std::error::Error>> {
    let (n, t) = (arguments.trustees, arguments.threshold);
    if t > n {
        return Err(
            format!("{t} of {n} trustees cannot decrypt; choose a threshold up to {n}").into(),
        );
    }
    record::expect_replaceable(&arguments.record)?;
    let children = Children::default();
    let programs = Programs::built_with_this_one(children.clone())?;
    let folder = tempfile::Builder::new().prefix("psephos-demo-").tempdir()?;
    let path = folder.path().to_owned();
    // Once kept, nobody removes it, however the demonstration ends.
    let _removed_at_the_end = if arguments.keep {
        let _ = folder.keep();
        None
    } else {
        Some(folder)
    };
    end_with_everything_on_interrupt(children, path.clone(), arguments.keep)?;

    let settings = Settings {
        trustees: n,
        threshold: t,
        record: arguments.record.clone(),
    };
    let is_live =
        arguments.live || !(arguments.election.is_some() || arguments.scripted || arguments.survey);
    if is_live {
        let usual = if keyboard::is_there() { 60.0 } else { 10.0 };
        let minutes = arguments.minutes.unwrap_or(usual);
        let opening = Opening {
            pages: arguments.pages.clone().unwrap_or_else(live::usual_pages),
            open_for: time::Duration::seconds_f64(60.0 * minutes),
            in_json: arguments.json,
        };
        let examples = match arguments.survey {
            true => live::EVERY_KIND,
            false => live::USUAL,
        };
        let held = live::hold(&programs, &path, examples, &opening, &settings);
        tell_kept(arguments, &path);
        return Ok(held?);
    }
    let example = read_example(arguments)?;
    say(&format!(
        "{}: {} voters",
        example.title,
        example.voters.len()
    ));
    example.notes.iter().for_each(|note| say(note));
    let held = run(&programs, &path, &example, &settings);
    tell_kept(arguments, &path);
    let (outcome, report, expected) = held.map_err(|error: RunError| error.to_string())?;
    say(&table(&report, &expected));
    say(&signatures(&report, settings.trustees));
    tell(&outcome);
    if arguments.json {
        say(&serde_json::to_string(&outcome)?);
    }
    Ok(outcome.is_success())
}

fn tell_kept(arguments: &Arguments, folder: &Path) {
    if arguments.keep {
        say(&format!("Everybody's folders are in {}", folder.display()));
    }
}

fn read_example(arguments: &Arguments) -> Result<ExampleElection, Box<dyn std::error::Error>> {
    let limit = arguments
        .limit
        .and_then(|limit| usize::try_from(limit).ok());
    match &arguments.election {
        Some(path) => Ok(folder::read(path, limit)?),
        None if arguments.survey => Ok(survey::election()?),
        None => Ok(club::election()),
    }
}

/// Ctrl-C and a request to terminate end the programs, and remove what they wrote.
fn end_with_everything_on_interrupt(
    children: Children,
    folder: PathBuf,
    keep: bool,
) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || {
        children.kill_all();
        if !keep {
            // Whatever cannot be removed is in the system's folder for temporary files.
            let _ = std::fs::remove_dir_all(&folder);
        }
        eprintln!("demo: interrupted; all programs are ended");
        std::process::exit(2);
    })
}

fn tell(outcome: &Outcome) {
    let Outcome {
        ballots, accepted, ..
    } = outcome;
    say(&format!(
        "{accepted} of {ballots} ballots were accepted, with receipts that the record keeps."
    ));
    match outcome.verified {
        true => say("The verifier accepts the record."),
        false => say(&format!(
            "THE VERIFIER REJECTS THE RECORD: {}",
            outcome.failed_checks.join(", ")
        )),
    }
    match outcome.totals_match {
        true => say("Every total and every figure is the one that must come out."),
        false => say("THE TOTALS OR FIGURES ARE NOT THOSE THAT MUST COME OUT."),
    }
    let megabytes = outcome.record_bytes as f64 / 1e6;
    say(&format!(
        "The record ({megabytes:.1} MB) is in {}",
        outcome.record
    ));
    say(&format!(
        "To check it yourself: verifier verify {}",
        outcome.record
    ));
    say(&format!("All in all {:.1} s.", outcome.seconds.total));
}
