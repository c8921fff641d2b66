//! The pages of voters: their wasm, its JavaScript side, the bundle, and the tests in a browser.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::command::{ChoreError, cargo, output, run, target_folder, workspace_root};
use crate::wasm;

/// The folder of the pages.
fn ui() -> PathBuf {
    workspace_root().join("ui")
}

/// Builds `ui/dist`.
pub fn build() -> Result<(), ChoreError> {
    // A few seconds more for what is compiled once, but no program to install.
    run(&mut cargo([
        "build",
        "--locked",
        "--release",
        "--package",
        "glue",
    ])?)?;
    bundle()
}

/// Builds everything that the pages need, then runs their tests in a browser.
pub fn test(filter: &[OsString]) -> Result<(), ChoreError> {
    build_all()?;
    test_built(filter)
}

/// Builds everything that the pages need, then measures them in a browser.
pub fn bench() -> Result<(), ChoreError> {
    build_all()?;
    run(Command::new("node")
        .arg("tests/bench/bench.mjs")
        .current_dir(ui())
        .env("PSEPHOS_PROGRAMS", browser_and_programs()?))
}

/// The pages, and the programs that serve and use them.
fn build_all() -> Result<(), ChoreError> {
    const PROGRAMS: [&str; 5] = [
        "election-authority",
        "ballot-box",
        "trustee",
        "verifier",
        "demo",
    ];
    let packages = PROGRAMS.into_iter().flat_map(|name| ["--package", name]);
    run(cargo(["build", "--locked", "--release"])?.args(packages))?;
    build()
}

/// The same for those who have built all programs of the workspace.
pub fn build_and_test() -> Result<(), ChoreError> {
    bundle()?;
    test_built(&[])
}

/// Binds the wasm with the program that is there, and bundles the pages.
fn bundle() -> Result<(), ChoreError> {
    let files = wasm::build()?;
    let glue = target_folder()?.join("release/glue");
    for file in files {
        run(Command::new(&glue).arg(file).arg(ui().join("wasm")))?;
    }
    install_node_packages()?;
    run(&mut npm(&["run", "build"]))
}

/// Makes sure that there is a browser; gives the folder of the programs.
fn browser_and_programs() -> Result<PathBuf, ChoreError> {
    if output(Command::new("chromium").arg("--version")).is_none() {
        wasm::install(vec!["chromium"])?;
    }
    Ok(target_folder()?.join("release"))
}

fn test_built(filter: &[OsString]) -> Result<(), ChoreError> {
    let programs = browser_and_programs()?;
    run(&mut npm(&["run", "--silent", "test"]))?;
    let patterns = filter.iter().map(|pattern| {
        let mut option = OsString::from("--test-name-pattern=");
        option.push(pattern);
        option
    });
    run(Command::new("node")
        .args(["--test", "--test-concurrency=1"])
        .args(patterns)
        .arg("tests/browser/")
        .current_dir(ui())
        .env("PSEPHOS_PROGRAMS", programs))
}

/// Whether a version like `v20.19.2` is one for which the tools of the pages are made.
fn is_recent(version: &str) -> bool {
    let version = version.trim().trim_start_matches('v');
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let (major, minor) = (parts.next().flatten(), parts.next().flatten());
    (major, minor) >= (Some(20), Some(19))
}

/// The locked packages, from the lock file alone; nothing of theirs is run.
fn install_node_packages() -> Result<(), ChoreError> {
    if output(Command::new("npm").arg("--version")).is_none() {
        wasm::install(vec!["nodejs", "npm"])?;
    }
    let found = output(Command::new("node").arg("--version")).unwrap_or_default();
    if !is_recent(&found) {
        return Err(ChoreError::OldNode { found });
    }
    run(&mut npm(&[
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ]))
}

/// An npm command in the pages' folder.
fn npm(arguments: &[&str]) -> Command {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(ui());
    command
}
