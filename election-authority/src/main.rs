//! The organiser's program.

use std::process::ExitCode;

use clap::Parser as _;
use election_authority::board::HttpNetwork;
use election_authority::cli::Cli;
use election_authority::screen::{Terminal, indented_lines};
use election_authority::{commands, instant};

fn main() -> ExitCode {
    let mut cli = Cli::parse();
    if cli.home.is_none() {
        cli.home = std::env::home_dir().map(|home| home.join(".psephos-organiser"));
    }
    let outcome = commands::run(cli, &HttpNetwork, &mut Terminal::default(), instant::now());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("election-authority: {}", indented_lines(&error.to_string()));
            ExitCode::from(error.exit_code())
        }
    }
}
