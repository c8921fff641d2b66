//! The Python programs that try the ballot box: schemathesis makes requests from its description,
//! moto speaks S3.

use std::fs;
use std::process::Command;

use crate::command::{ChoreError, copy, output, run, target_folder, workspace_root};
use crate::wasm;

/// Makes sure that the program is where the ballot box's tests look for it: in a folder of this name
/// in the build's folder, with exactly the packages whose hashes are in the repository. None of them
/// is built here, which would run what it brings.
pub fn install(name: &str) -> Result<(), ChoreError> {
    let folder = target_folder()?.join(name);
    let tests = workspace_root().join("ballot-box/tests");
    let locked = tests.join(name).join("requirements.txt");
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
        .arg("--no-deps")
        .args(["--only-binary", ":all:", "--requirement"])
        .arg(&locked))?;
    copy(&locked, &installed)
}
