//! The program of docs/spec/interop: boards and cosignatures as others' code reads them.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

/// Builds the program once, without any network.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let program = folder.join("interop");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/interop");
        let built = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg("interop.go")
            .current_dir(source)
            .env("GOPATH", "/usr/share/gocode")
            .env("GO111MODULE", "off")
            .env("GOPROXY", "off")
            .env("GOFLAGS", "")
            .env("GOCACHE", folder.join("go"))
            .status()
            .expect("this test needs Go; install golang-go and golang-golang-x-mod-dev");
        assert!(
            built.success(),
            "this test needs golang.org/x/mod; install golang-golang-x-mod-dev"
        );
        program
    })
}

/// Runs the program: what it prints, or why it refuses.
pub fn interop(arguments: &[&str], input: &str) -> Result<String, String> {
    let mut child = Command::new(program())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have refused before it reads.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let refusal = String::from_utf8(output.stderr).unwrap();
    // A panic of the program is no refusal.
    assert!(refusal.starts_with("REFUSED: "), "{refusal}");
    Err(refusal)
}
