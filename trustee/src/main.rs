//! The trustee's program.

use std::process::ExitCode;

use clap::Parser as _;
use trustee::cli::{Cli, run};
use trustee::screen::one_line;

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("✗ {}", one_line(&error.to_string()));
            ExitCode::from(error.exit_status())
        }
    }
}
