//! The chores that are a few cargo commands each.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::command::{ChoreError, cargo, output, run, target_folder, workspace_root};
use crate::{pages, python, wasm};

/// Builds every program, and the pages where they are needed, then holds elections with them.
pub fn demo(arguments: &[OsString]) -> Result<(), ChoreError> {
    const PROGRAMS: [&str; 5] = [
        "election-authority",
        "ballot-box",
        "trustee",
        "verifier",
        "demo",
    ];
    let packages = PROGRAMS.into_iter().flat_map(|name| ["--package", name]);
    run(cargo(["build", "--locked", "--release"])?.args(packages))?;
    // Only elections to vote in need the pages.
    const WITHOUT: [&str; 6] = [
        "--election",
        "--scripted",
        "--pages",
        "--help",
        "-h",
        "--version",
    ];
    let is_without = |argument: &OsString| {
        let text = argument.to_string_lossy();
        WITHOUT
            .iter()
            .any(|name| text == *name || text.starts_with(&format!("{name}=")))
    };
    if !arguments.iter().any(is_without) {
        pages::build()?;
    }

    let demo = target_folder()?
        .join("release")
        .join(format!("demo{EXE_SUFFIX}"));
    run(Command::new(demo).args(arguments))
}

/// Everything that must pass before a change is accepted, the quickest first.
pub fn test() -> Result<(), ChoreError> {
    header("Format");
    install_component("fmt", "rustfmt")?;
    run(&mut cargo(["fmt", "--all", "--", "--check"])?)?;

    header("Lints");
    install_component("clippy", "clippy")?;
    run(&mut cargo([
        "clippy",
        "--locked",
        "--release",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?)?;

    header("Wasm");
    wasm::build().map(drop)?;

    // The end-to-end tests start the programs, which `cargo test` alone need not build. With all
    // targets, the programs share every compiled dependency with the tests.
    header("Programs");
    run(&mut cargo([
        "build",
        "--locked",
        "--release",
        "--workspace",
        "--all-targets",
    ])?)?;

    header("Tests, whole elections with the real programs among them");
    // The ballot box's tests start a server of their own, as an unprivileged user.
    if !has_postgresql() {
        wasm::install(vec!["postgresql"])?;
    }
    python::install("schemathesis")?;
    // A test lets the log code of Go's module mirror check boards and cosignatures.
    let has_go = output(Command::new("go").arg("version")).is_some();
    if !has_go || !Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog").is_dir() {
        wasm::install(vec!["golang-go", "golang-golang-x-mod-dev"])?;
    }
    // The ballot box is tried behind the proxy of deploy/nginx.conf, and with a store that speaks S3.
    if !Path::new("/usr/sbin/nginx").is_file() && output(Command::new("nginx").arg("-v")).is_none()
    {
        wasm::install(vec!["nginx-light"])?;
    }
    python::install("s3")?;
    run(&mut cargo([
        "test",
        "--locked",
        "--release",
        "--workspace",
        "--no-fail-fast",
    ])?)?;

    header("The plain verifier in Python, against the same known answers");
    if output(Command::new("python3").arg("--version")).is_none() {
        wasm::install(vec!["python3"])?;
    }
    let reference = workspace_root().join("docs/spec/reference");
    run(Command::new("python3")
        .args(["-B", "-m", "unittest", "--quiet"])
        .current_dir(reference))?;

    header("The pages, in a real browser");
    pages::build_and_test()
}

/// Whether a server of PostgreSQL is where Debian puts it, or on the search path.
fn has_postgresql() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    versions
        .flatten()
        .any(|version| version.path().join("bin/initdb").exists())
        || output(Command::new("initdb").arg("--version")).is_some()
}

/// Runs the measurements.
pub fn bench(arguments: &[OsString]) -> Result<(), ChoreError> {
    run(cargo(["bench"])?.args(arguments))
}

fn header(title: &str) {
    println!("\n=== {title} ===");
}

/// Makes sure that a cargo subcommand is there which rustup calls a component.
fn install_component(subcommand: &str, component: &str) -> Result<(), ChoreError> {
    if output(&mut cargo([subcommand, "--version"])?).is_some() {
        return Ok(());
    }
    run(Command::new("rustup").args(["component", "add", component]))
}
