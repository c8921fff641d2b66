//! Building for `wasm32-unknown-unknown`, with whichever standard library can be had.
//!
//! Rustup's toolchain builds for wasm as soon as it has the target's standard library,
//! which `rustup target add` downloads. Where it cannot, Debian's packages of a recent Rust
//! (`rustc-web`) have the standard library's source, and it is compiled from that. Cargo
//! still calls this unstable, so stable has to be told to allow it; what is compiled is
//! the same.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{ChoreError, cargo, cargo_at, copy, output, run, target_folder};

const TARGET: &str = "wasm32-unknown-unknown";
/// The profile of what voters download.
const PROFILE: &str = "wasm";
const BUILD: [&str; 9] = [
    "build",
    "--locked",
    "--no-default-features",
    "--profile",
    PROFILE,
    "--package",
    "client",
    "--target",
    TARGET,
];

/// What the pages load, and the features that it is built with: voters the first; those whose
/// election asks for numbers the second in its place; readers of boards the third, too.
const FILES: [(&str, &str); 3] = [
    ("booth", "booth"),
    ("numbers", "booth,ranges"),
    ("auditor", "auditor"),
];

/// Builds the crate `client` for each of its sets of bindings; gives the files.
pub fn build() -> Result<Vec<PathBuf>, ChoreError> {
    let ready_made = target_is_installed() || add_target();
    let folder = target_folder()?.join(TARGET).join(PROFILE);
    let mut files = Vec::new();
    for (name, features) in FILES {
        if ready_made {
            run(cargo(BUILD)?.args(["--features", features]))?;
        } else {
            build_with_debian_packages(features)?;
        }
        // The next set of bindings is built to the same place.
        let file = folder.join(format!("{name}.wasm"));
        copy(&folder.join("client.wasm"), &file)?;
        println!("Built {}", file.display());
        files.push(file);
    }
    Ok(files)
}

fn sysroot() -> Option<PathBuf> {
    output(Command::new("rustc").args(["--print", "sysroot"])).map(PathBuf::from)
}

fn target_is_installed() -> bool {
    sysroot().is_some_and(|sysroot| {
        sysroot
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib")
            .is_dir()
    })
}

/// Asks rustup for the target; it may be missing, or without a network.
fn add_target() -> bool {
    run(Command::new("rustup").args(["target", "add", TARGET])).is_ok() && target_is_installed()
}

fn build_with_debian_packages(features: &str) -> Result<(), ChoreError> {
    const CARGO: &str = "/usr/bin/cargo";
    const RUSTC: &str = "/usr/bin/rustc";
    const SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std";

    println!("Building the standard library for {TARGET} from Debian's source of it");
    let mut missing = Vec::new();
    if !is_recent(RUSTC) || !is_recent(CARGO) || !Path::new(SOURCE).is_dir() {
        missing.extend(["rustc-web", "cargo-web", "rust-web-src"]);
    }
    if find_linker().is_none() {
        missing.push("lld");
    }
    if !missing.is_empty() {
        install(missing)?;
    }

    let mut command = cargo_at(CARGO, BUILD)?;
    command
        .args(["--features", features, "-Z", "build-std=std,panic_abort"])
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1");
    if let Some(linker) = find_linker() {
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
    }
    run(&mut command)
}

/// Whether a Rust program is there and new enough for this workspace.
fn is_recent(program: &str) -> bool {
    let minor = |version: &str| version.split('.').nth(1)?.parse::<u32>().ok();
    let installed = output(Command::new(program).arg("--version"));
    let required = minor(env!("CARGO_PKG_RUST_VERSION"));
    installed.and_then(|version| minor(&version)) >= required
}

/// A linker for wasm: rustup's toolchains carry one, and Debian has one.
fn find_linker() -> Option<PathBuf> {
    let rustup = sysroot().map(|sysroot| {
        let folder = format!("lib/rustlib/{ARCH}-unknown-linux-gnu/bin");
        sysroot.join(folder).join("rust-lld")
    });
    rustup
        .into_iter()
        .chain([PathBuf::from("/usr/bin/wasm-ld")])
        .find(|linker| linker.is_file())
}

pub fn install(packages: Vec<&'static str>) -> Result<(), ChoreError> {
    let is_root = output(Command::new("id").arg("-u")).as_deref() == Some("0");
    let has_apt = Path::new("/usr/bin/apt-get").is_file();
    if !(is_root && has_apt) {
        return Err(ChoreError::PackagesMissing { packages });
    }
    // An old list of packages may name a Rust that is too old to build this.
    run(Command::new("apt-get").arg("update"))?;
    run(Command::new("apt-get")
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}
