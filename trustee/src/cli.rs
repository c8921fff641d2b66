//! The command line, and how its options become a command.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use protocol::key_ceremony::TrusteeSeed;
use zeroize::Zeroizing;

use crate::board::HttpBoard;
use crate::commands::certify_close::Agreement;
use crate::commands::init::WordsOutput;
use crate::commands::join::Consent;
use crate::commands::{ceremony, certify_close, decrypt, init, join, restore, seal, status};
use crate::error::Error;
use crate::keystore::{Home, WORK_FACTOR, read_private};
use crate::passphrase;
use crate::patience::Patience;
use crate::screen::{Screen as _, Terminal};
use crate::words::N_WORDS;

mod election;

use election::{ElectionChoice, follow, look};

/// A trustee of a Psephos election: makes the key with the others, certifies the close, opens the
/// totals.
///
/// Exit status: 0 done, 1 a check failed or the program refused, 2 it could not run.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// Folder of this trustee's key and state [default: ~/.psephos-trustee]
    #[arg(long, global = true, env = "TRUSTEE_HOME")]
    home: Option<PathBuf>,
    /// File with the passphrase of the key (or set TRUSTEE_PASSPHRASE); asked for otherwise
    #[arg(long, global = true)]
    passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key, its 24 words, and the card for the organiser
    Init {
        /// Your name, as the organiser should write it
        #[arg(long)]
        name: String,
        /// Write the words to this new file, readable by you only
        #[arg(long, conflicts_with = "words_to_stdout")]
        words_file: Option<PathBuf>,
        /// Print the words and do not ask for any of them
        #[arg(long)]
        words_to_stdout: bool,
        #[command(flatten)]
        strength: Strength,
    },
    /// Look at an election and accept to be its trustee
    Join {
        /// Address of the board, such as https://vote.example.org/e/0123…
        #[arg(long)]
        board: String,
        /// Accept without being asked
        #[arg(long)]
        yes: bool,
    },
    /// Make the election key with the other trustees
    Ceremony {
        #[command(flatten)]
        election: ElectionChoice,
        #[command(flatten)]
        waiting: Waiting,
        /// Stop when more attempts than this have failed
        #[arg(long, default_value_t = 5)]
        max_attempts: u16,
    },
    /// Verify the whole board and certify its close
    CertifyClose {
        #[command(flatten)]
        election: ElectionChoice,
        /// Wait until the election is closed
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        waiting: Waiting,
        /// Certify without being asked
        #[arg(long)]
        yes: bool,
        /// You know why voting ended before the time in the manifest, and agree
        #[arg(long)]
        early: bool,
        /// After a restore: you are sure that you never certified a close of this election
        #[arg(long)]
        never_certified: bool,
    },
    /// Open the totals of the certified close, and give your part of the public randomness
    Decrypt {
        #[command(flatten)]
        election: ElectionChoice,
        /// Wait until enough trustees have certified the close
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        waiting: Waiting,
        /// Open without being asked
        #[arg(long)]
        yes: bool,
        /// After a restore: you are sure that you never certified or opened another close
        #[arg(long)]
        never_certified: bool,
        /// Stay until the organiser has published the result, and then be asked to seal it
        #[arg(long)]
        seal: bool,
    },
    /// Verify the whole board up to its result, and seal it
    Seal {
        #[command(flatten)]
        election: ElectionChoice,
        /// Wait until the result is published
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        waiting: Waiting,
        /// Seal without being asked
        #[arg(long)]
        yes: bool,
        /// After a restore: you are sure that you never sealed a result of this election
        #[arg(long)]
        never_sealed: bool,
    },
    /// Show where the election stands and what to do next
    Status {
        #[command(flatten)]
        election: ElectionChoice,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring a trustee back from its 24 words and the board
    Restore {
        /// Address of the board
        #[arg(long)]
        board: String,
        /// File with the words; asked for otherwise
        #[arg(long)]
        words_file: Option<PathBuf>,
        /// Accept the election without being asked
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        strength: Strength,
    },
}

#[derive(Debug, Args)]
struct Strength {
    /// For tests only: log2 of the work that each guess of the passphrase costs
    #[arg(long, hide = true, default_value_t = WORK_FACTOR, value_parser = clap::value_parser!(u8).range(1..=22))]
    scrypt_work_factor: u8,
}

#[derive(Debug, Args)]
struct Waiting {
    /// Seconds between two looks at the board
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    poll: f64,
    /// Stop waiting after this many seconds
    #[arg(long, value_parser = seconds)]
    timeout: Option<f64>,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1e9).contains(&value) => Ok(value),
        _ => Err("give a number of seconds".to_owned()),
    }
}

impl Waiting {
    fn patience(&self) -> Patience {
        let timeout = self.timeout.map(Duration::from_secs_f64);
        Patience::new(Duration::from_secs_f64(self.poll), timeout)
    }
}

/// Runs the command.
///
/// # Errors
/// [`Error`], to be shown to the person.
pub fn run(cli: &Cli) -> Result<(), Error> {
    let home = Home::new(home_folder(cli)?);
    let mut screen = Terminal::new();
    match &cli.command {
        Command::Init {
            name,
            words_file,
            words_to_stdout,
            strength,
        } => {
            home.expect_no_key()?;
            let output = match (words_file, words_to_stdout) {
                (Some(path), _) => WordsOutput::File(path.clone()),
                (None, true) => WordsOutput::Stdout,
                (None, false) => WordsOutput::Terminal,
            };
            let passphrase = passphrase::read_new(cli.passphrase_file.as_deref())?;
            let factor = strength.scrypt_work_factor;
            init::run(&home, name, &passphrase, &output, factor, &mut screen).map(drop)
        }
        Command::Join { board, yes } => {
            let board = HttpBoard::new(board)?;
            let seed = unlock(cli, &home)?;
            let patience = Patience::none();
            join::run(
                &home.elections(),
                &seed,
                false,
                board,
                consent(*yes),
                &patience,
                &mut screen,
            )
            .map(drop)
        }
        Command::Ceremony {
            election,
            waiting,
            max_attempts,
        } => {
            let mut follower = follow(&home, election, &mut screen)?;
            let seed = unlock(cli, &home)?;
            ceremony::run(
                &mut follower,
                &seed,
                &waiting.patience(),
                *max_attempts,
                &mut screen,
            )
        }
        Command::CertifyClose {
            election,
            wait,
            waiting,
            yes,
            early,
            never_certified,
        } => {
            let mut follower = follow(&home, election, &mut screen)?;
            let seed = unlock(cli, &home)?;
            let patience = patience(*wait, waiting);
            let agreement = Agreement {
                to_certify: *yes,
                to_early_close: *early,
                never_certified: *never_certified,
            };
            certify_close::run(&mut follower, &seed, &patience, agreement, &mut screen)
        }
        Command::Decrypt {
            election,
            wait,
            waiting,
            yes,
            never_certified,
            seal,
        } => {
            let mut follower = follow(&home, election, &mut screen)?;
            let seed = unlock(cli, &home)?;
            decrypt::run(
                &mut follower,
                &seed,
                &patience(*wait, waiting),
                decrypt::Agreement {
                    to_open: *yes,
                    never_certified: *never_certified,
                },
                &mut screen,
            )?;
            if *seal {
                // The yes was for opening; nobody has seen the result yet.
                let agreement = seal::Agreement::default();
                let patience = waiting.patience();
                seal::run(&mut follower, &seed, &patience, agreement, &mut screen)?;
            }
            Ok(())
        }
        Command::Seal {
            election,
            wait,
            waiting,
            yes,
            never_sealed,
        } => {
            let mut follower = follow(&home, election, &mut screen)?;
            let seed = unlock(cli, &home)?;
            let agreement = seal::Agreement {
                to_seal: *yes,
                never_sealed: *never_sealed,
            };
            let patience = patience(*wait, waiting);
            seal::run(&mut follower, &seed, &patience, agreement, &mut screen)
        }
        Command::Status { election, json } => {
            let mut follower = look(&home, election, &mut screen)?;
            let status = status::run(&mut follower, &mut screen)?;
            if *json {
                let text = serde_json::to_string(&status).unwrap_or_default();
                screen.say(&text);
            } else {
                status::show(&status, &mut screen);
            }
            Ok(())
        }
        Command::Restore {
            board,
            words_file,
            yes,
            strength,
        } => {
            let board = HttpBoard::new(board)?;
            let words = read_words(words_file.as_deref())?;
            let file = cli.passphrase_file.as_deref();
            let passphrase = match home.expect_no_key() {
                Ok(()) => passphrase::read_new(file)?,
                Err(_) => passphrase::read(file)?,
            };
            let (factor, patience) = (strength.scrypt_work_factor, Patience::none());
            let consent = consent(*yes);
            restore::run(
                &home,
                &words,
                &passphrase,
                factor,
                board,
                consent,
                &patience,
                &mut screen,
            )
            .map(drop)
        }
    }
}

fn home_folder(cli: &Cli) -> Result<PathBuf, Error> {
    match (&cli.home, std::env::home_dir()) {
        (Some(folder), _) => Ok(folder.clone()),
        (None, Some(folder)) => Ok(folder.join(".psephos-trustee")),
        (None, None) => Err(Error::NoTerminal(
            "Your home folder is not known. Say where the key is with --home.",
        )),
    }
}

fn consent(yes: bool) -> Consent {
    if yes { Consent::Given } else { Consent::Ask }
}

fn patience(wait: bool, waiting: &Waiting) -> Patience {
    if wait {
        waiting.patience()
    } else {
        Patience::none()
    }
}

fn unlock(cli: &Cli, home: &Home) -> Result<TrusteeSeed, Error> {
    home.card()?;
    Ok(home.unlock(&passphrase::read(cli.passphrase_file.as_deref())?)?)
}

fn read_words(file: Option<&Path>) -> Result<Zeroizing<String>, Error> {
    if let Some(path) = file {
        return Ok(read_private(path)?);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::NoTerminal(
            "There is no terminal to ask for the words. Give --words-file FILE.",
        ));
    }
    println!("Type your {N_WORDS} words, with spaces or on lines of their own:");
    let mut words = Zeroizing::new(String::with_capacity(512));
    let mut stdin = std::io::stdin().lock();
    while words.split_whitespace().count() < N_WORDS {
        match stdin.read_line(&mut words) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    Ok(words)
}
