//! The auditor's program: verifies the published record of a Psephos election.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
