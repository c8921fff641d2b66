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
    let files = wasm::build()?;
    // A few seconds more for what is compiled once, but no program to install.
    run(&mut cargo([
        "build",
        "--locked",
        "--release",
        "--package",
        "glue",
    ])?)?;
    let glue = target_folder()?.join("release/glue");
    for file in files {
        run(Command::new(&glue).arg(file).arg(ui().join("wasm")))?;
    }
    install_node_packages()?;
    run(&mut npm(&["run", "build"]))
}

/// Builds everything that the pages need, then runs their tests in a browser.
pub fn test(filter: &[OsString]) -> Result<(), ChoreError> {
    const PROGRAMS: [&str; 5] = [
        "election-authority",
        "ballot-box",
        "trustee",
        "verifier",
        "demo",
    ];
    build()?;
    let packages = PROGRAMS.into_iter().flat_map(|name| ["--package", name]);
    run(cargo(["build", "--locked", "--release"])?.args(packages))?;
    if output(Command::new("chromium").arg("--version")).is_none() {
        wasm::install(vec!["chromium"])?;
    }
    let programs = target_folder()?.join("release");
    run(&mut npm(&["run", "--silent", "test"]))?;
    run(npm(&["run", "--silent", "test:browser", "--"])
        .args(filter)
        .env("PSEPHOS_PROGRAMS", programs))
}

/// The locked packages, from the lock file alone; nothing of theirs is run.
fn install_node_packages() -> Result<(), ChoreError> {
    if output(Command::new("npm").arg("--version")).is_none() {
        wasm::install(vec!["nodejs", "npm"])?;
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
