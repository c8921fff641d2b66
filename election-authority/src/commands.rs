//! One file for each command.

mod close;
mod credentials;
mod init;
mod links;
mod new;
mod open;
mod publish;
mod register;
mod roll;
mod status;

use crate::board::Network;
use crate::cli::{Cli, Command, Credentials, Roll};
use crate::error::CommandError;
use crate::home::{ElectionFolder, Home, HomeError};
use crate::key_file::PassphraseSource;
use crate::screen::Screen;
use crate::session::Session;

/// What commands work with.
pub struct Context<'a> {
    home: Option<Home>,
    election: Option<String>,
    passphrase: PassphraseSource,
    network: &'a dyn Network,
    screen: &'a mut dyn Screen,
    /// Now, in seconds since 1970 (UTC).
    now: i64,
}

impl Context<'_> {
    fn home(&self) -> Result<&Home, HomeError> {
        self.home.as_ref().ok_or(HomeError::Unnamed)
    }

    fn folder(&self) -> Result<ElectionFolder, HomeError> {
        self.home()?.election(self.election.as_deref())
    }

    fn session(&mut self, folder: &ElectionFolder) -> Result<Session, CommandError> {
        Session::open(self.network, folder, self.screen)
    }

    fn say(&mut self, line: impl AsRef<str>) {
        self.screen.say(line.as_ref());
    }
}

/// Runs the command of a command line. `now` is the time in seconds since 1970 (UTC).
///
/// # Errors
/// [`CommandError`], one sentence of what happened and what to do.
pub fn run(
    cli: Cli,
    network: &dyn Network,
    screen: &mut dyn Screen,
    now: i64,
) -> Result<(), CommandError> {
    let context = &mut Context {
        home: cli.home.map(Home::new),
        election: cli.election,
        passphrase: cli
            .passphrase_file
            .map_or(PassphraseSource::Terminal, PassphraseSource::File),
        network,
        screen,
        now,
    };
    match cli.command {
        Command::Init(args) => init::run(context, &args),
        Command::Key => init::show_key(context),
        Command::New(args) => new::run(context, args),
        Command::Submit => new::submit(context),
        Command::Roll(Roll::Import(args)) => roll::import(context, &args),
        Command::Roll(Roll::Combine(args)) => roll::combine(context, &args),
        Command::Roll(Roll::Register(args)) => register::run(context, &args),
        Command::Roll(Roll::Publish) => roll::publish(context),
        Command::Credentials(Credentials::Issue(args)) => credentials::issue(context, &args),
        Command::Credentials(Credentials::Links(args)) => links::run(context, &args),
        Command::Status(args) => status::run(context, &args),
        Command::Open(args) => open::run(context, &args),
        Command::Close(args) => close::run(context, &args),
        Command::Publish(args) => publish::run(context, &args),
        Command::Record(args) => publish::record(context, &args),
    }
}
