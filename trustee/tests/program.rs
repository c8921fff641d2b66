//! The program as scripts use it: exit statuses, files, and what it never prints.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

const PASSPHRASE: &str = "a passphrase for tests";

fn trustee(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trustee"))
        .arg("--home")
        .arg(home)
        .args(arguments)
        .env_remove("TRUSTEE_HOME")
        .env("TRUSTEE_PASSPHRASE", PASSPHRASE)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    [output.stdout.as_slice(), &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
}

fn init(home: &Path, words: &Path) -> Output {
    let words = words.to_str().unwrap();
    trustee(
        home,
        &[
            "init",
            "--name",
            "Alice",
            "--words-file",
            words,
            "--scrypt-work-factor",
            "4",
        ],
    )
}

#[test]
fn a_key_is_made_without_a_terminal_and_never_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (home, words) = (folder.path().join("home"), folder.path().join("words"));
    let made = init(&home, &words);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made));
    let written = std::fs::read_to_string(&words).unwrap();
    assert_eq!(written.split_whitespace().count(), 24);
    let mode = std::fs::metadata(&words).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let card = std::fs::read_to_string(home.join("Alice.trustee.json")).unwrap();
    let key = card.split('"').nth(7).unwrap();
    assert_eq!(key.len(), 64);
    assert!(text(&made).contains(key) && text(&made).contains("for tests only"));
    assert!(!text(&made).contains(PASSPHRASE) && !text(&made).contains(written.trim()));

    let again = init(&home, &folder.path().join("other-words"));
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again).contains("a key is never overwritten"));
    assert!(!folder.path().join("other-words").exists());
    // An existing file of words is not overwritten either, and then there is no key.
    let other = folder.path().join("other-home");
    let refused = init(&other, &words);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&words).unwrap(), written);
    assert!(!other.join("trustee.key").exists());
}

#[test]
fn what_cannot_run_ends_with_2_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (home, words) = (folder.path().join("home"), folder.path().join("words"));
    let no_key = trustee(&home, &["ceremony"]);
    assert_eq!(no_key.status.code(), Some(2));
    assert!(text(&no_key).contains("trustee init"), "{}", text(&no_key));
    // Without a terminal the words must go somewhere.
    let nowhere = trustee(&home, &["init", "--name", "Alice"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(
        text(&nowhere).contains("--words-file"),
        "{}",
        text(&nowhere)
    );
    init(&home, &words);
    let not_joined = trustee(&home, &["certify-close"]);
    assert_eq!(not_joined.status.code(), Some(2));
    assert!(
        text(&not_joined).contains("trustee join"),
        "{}",
        text(&not_joined)
    );
    // Nobody listens on port 9 of this machine.
    let board = format!("http://127.0.0.1:9/e/{}", "0".repeat(32));
    let unreachable = trustee(&home, &["join", "--board", &board, "--yes"]);
    assert_eq!(unreachable.status.code(), Some(2), "{}", text(&unreachable));
    let bad_address = trustee(&home, &["join", "--board", "localhost", "--yes"]);
    assert_eq!(bad_address.status.code(), Some(2));
    let bad_option = trustee(&home, &["join", "--bord", "x"]);
    assert_eq!(bad_option.status.code(), Some(2));
    for output in [no_key, nowhere, not_joined, unreachable, bad_address] {
        assert_eq!(text(&output).trim().lines().count(), 1, "{}", text(&output));
    }
}

#[test]
fn short_and_wrong_passphrases_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (home, words) = (folder.path().join("home"), folder.path().join("words"));
    let file = folder.path().join("passphrase");
    write_private(&file, "short\n");
    let file = file.to_str().unwrap();
    let arguments = [
        "--passphrase-file",
        file,
        "init",
        "--name",
        "A",
        "--words-to-stdout",
    ];
    let short = trustee(&home, &arguments);
    assert_eq!(short.status.code(), Some(2));
    assert!(text(&short).contains("at least 8 characters"));
    init(&home, &words);
    write_private(Path::new(file), "another passphrase\n");
    let board = format!("http://127.0.0.1:9/e/{}", "0".repeat(32));
    let wrong = trustee(
        &home,
        &["--passphrase-file", file, "join", "--board", &board],
    );
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong).contains("does not open"), "{}", text(&wrong));
    assert!(!text(&wrong).contains("another passphrase"));
}

#[test]
fn files_of_secrets_that_others_may_read_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (home, words) = (folder.path().join("home"), folder.path().join("words"));
    init(&home, &words);
    let file = folder.path().join("passphrase");
    write_private(&file, PASSPHRASE);
    for path in [&file, &words] {
        std::fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    }
    let board = format!("http://127.0.0.1:9/e/{}", "0".repeat(32));
    let passphrase = ["--passphrase-file", file.to_str().unwrap()];
    let join = ["join", "--board", &board, "--yes"];
    let refused = trustee(&home, &[&passphrase[..], &join].concat());
    let words = words.to_str().unwrap();
    let other = folder.path().join("other");
    let restore = ["restore", "--board", &board, "--words-file", words, "--yes"];
    for output in [refused, trustee(&other, &restore)] {
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains("chmod 600"), "{}", text(&output));
    }
}

#[test]
fn a_damaged_journal_of_another_election_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (home, words) = (folder.path().join("home"), folder.path().join("words"));
    init(&home, &words);
    let (uuid, damaged) = ("0".repeat(32), "1".repeat(32));
    let board = |uuid: &str| format!("http://127.0.0.1:9/e/{uuid}");
    let journal = format!(
        r#"{{"record":"joined","pin":{{"manifest":"{id}","uuid":"{uuid}","title":"T","origin":"o","board_key":"k","url":"{url}","trustee":1}}}}"#,
        id = "2".repeat(64),
        url = board(&uuid)
    ) + "\n";
    for (uuid, text) in [(&uuid, journal.as_str()), (&damaged, "nonsense\n")] {
        let folder = home.join("elections").join(uuid);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("journal"), text).unwrap();
    }
    // It comes as far as the network, with or without a warning.
    let named = trustee(&home, &["status", "--board", &board(&uuid)]);
    assert!(
        text(&named).contains("cannot be reached"),
        "{}",
        text(&named)
    );
    assert!(!text(&named).contains("damaged"), "{}", text(&named));
    let only = trustee(&home, &["status"]);
    assert!(text(&only).contains("cannot be reached"), "{}", text(&only));
    assert!(text(&only).contains("! Another election is left out"));
    // The damaged one itself is refused, with the way out.
    let refused = trustee(&home, &["status", "--board", &board(&damaged)]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        text(&refused).contains("trustee restore"),
        "{}",
        text(&refused)
    );
}
