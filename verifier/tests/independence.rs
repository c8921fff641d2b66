//! The verifier judges the other crates of the workspace, so it may use none of them.

use std::{path::Path, process::Command};

#[test]
fn no_other_crate_of_the_workspace_is_a_dependency() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", "verifier", "-e", "all", "--prefix", "none"])
        .args(["--offline", "--all-features"])
        .args(["--format", "{p}"])
        .current_dir(folder)
        .output()
        .unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    // A crate of a registry is printed with its version alone, one of a path with that path.
    let mut paths: Vec<&str> = listed.lines().filter(|line| line.contains("(/")).collect();
    paths.sort_unstable();
    paths.dedup();
    let own = format!("({})", folder.display());
    assert!(listed.lines().count() > 20, "{listed}");
    assert!(
        paths.len() == 1 && paths.iter().all(|path| path.contains(&own)),
        "{paths:?}"
    );
}
