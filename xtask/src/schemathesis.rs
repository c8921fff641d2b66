//! The program that tries the server with requests made from its description.

use std::fs;
use std::process::Command;

use crate::command::{ChoreError, copy, output, run, target_folder, workspace_root};
use crate::wasm;

/// Makes sure that schemathesis is where the ballot box's tests look for it: in the build's folder,
/// with exactly the packages whose hashes are in the repository.
pub fn install() -> Result<(), ChoreError> {
    let folder = target_folder()?.join("schemathesis");
    let locked = workspace_root().join("ballot-box/tests/schemathesis/requirements.txt");
    // Copied there once all of it is installed.
    let installed = folder.join("requirements.txt");
    let is_same = |a: Vec<u8>| fs::read(&locked).is_ok_and(|b| a == b);
    if fs::read(&installed).is_ok_and(is_same) {
        return Ok(());
    }
    if output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_none() {
        wasm::install(vec!["python3", "python3-venv"])?;
    }
    run(Command::new("python3")
        .args(["-m", "venv", "--clear"])
        .arg(&folder))?;
    run(Command::new(folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet"])
        .args(["--disable-pip-version-check", "--require-hashes"])
        .args(["--only-binary", ":all:", "--requirement"])
        .arg(&locked))?;
    copy(&locked, &installed)
}
