//! Set-up and build chores: `cargo xtask`.
//!
//! No dependencies, so that the first `cargo xtask` on a machine starts at once.

mod chores;
mod command;
mod mutate;
mod pages;
mod python;
mod wasm;

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <chore> [arguments]

  demo [arguments]   build everything, then hold an election and a survey to vote in; with
                     --election or --scripted one that needs nobody
  test               format, lints, wasm, tests, whole elections, the pages in a browser:
                     everything that must pass
  wasm               build the pages' Rust part for wasm32-unknown-unknown
  mutate [part]      take the verifier's checks out one by one: the forgeries must notice
                     (long; a part of a description chooses some)
  ui                 build the pages into ui/dist, with the list of their hashes
  ui-test [filter]   build all that the pages need, then try them in a real browser
  ui-bench           the same, then measure them there: their weight, and how fast they are
  bench [arguments]  measure; the arguments go to `cargo bench`
";

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let chore = arguments.next();
    let rest: Vec<OsString> = arguments.collect();

    let outcome = match chore.as_deref().and_then(|name| name.to_str()) {
        Some("demo") => chores::demo(&rest),
        Some("test") if rest.is_empty() => chores::test(),
        Some("mutate") if rest.len() < 2 => {
            let part = rest.first().map(|part| part.to_string_lossy());
            mutate::mutate(part.as_deref().unwrap_or_default())
        }
        Some("wasm") if rest.is_empty() => wasm::build().map(drop),
        Some("ui") if rest.is_empty() => pages::build(),
        Some("ui-test") => pages::test(&rest),
        Some("ui-bench") if rest.is_empty() => pages::bench(),
        Some("bench") => chores::bench(&rest),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
