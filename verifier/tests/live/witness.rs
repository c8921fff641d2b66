//! A witness, asked by honest boards, lying boards and strangers.

use crate::{
    board::{self, checkpoint, files, history, manifest, root, serve},
    go::interop,
    run,
    running::{Answer, NAME, request, start, start_with},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest as _, Sha256};
use std::{
    fs,
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use verifier::witness::{hash_of, key::WitnessKey};
use zeroize::Zeroizing;

fn conflict(size: usize) -> Answer {
    Answer(409, "text/x.tlog.size".to_owned(), format!("{size}\n"))
}

fn proof(home: &TempDir) -> PathBuf {
    let hash = hash_of(&manifest().origin);
    home.path()
        .join("logs")
        .join(hash)
        .join("equivocation.json")
}

fn expect_proof(home: &TempDir) {
    let record = board::folder();
    let file = proof(home);
    let arguments = ["equivocation", file.to_str().unwrap(), "--record"];
    let (status, output) = run(&[&arguments[..], &[record.to_str().unwrap()]].concat());
    assert_eq!(status, 0, "{output}");
    assert!(output.contains("PROVED: "), "{output}");
}

#[test]
fn a_board_that_grows_is_cosigned_at_every_step() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    assert_eq!(witness.latest().0, 404);
    let sizes = [0, 1, 2, 3, 29, 32, 256, 257, 600, 600];
    for pair in sizes.windows(2) {
        witness.expect_cosigned(pair[0], pair[1]);
    }
    // Go makes the consistency proof, from the tiles of a record.
    let folder = board::folder();
    for old in [0, 7, 16] {
        let witness = start(&home.path().join(old.to_string()));
        if old > 0 {
            witness.expect_cosigned(0, old);
        }
        let request = interop(&["request", folder.to_str().unwrap(), &old.to_string()], "");
        assert_eq!(witness.post(request.unwrap().as_bytes()).0, 200, "{old}");
    }
}

#[test]
fn a_board_that_goes_back_is_told_where_the_witness_stands() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    witness.expect_cosigned(0, 300);
    for (old, size) in [(0, 270), (270, 270), (0, 300), (0, 301), (256, 301)] {
        assert_eq!(witness.add(old, size, 1), conflict(300), "{old} to {size}");
    }
    let larger = request(270, &history(270, 1)).replacen("old 270", "old 300", 1);
    assert_eq!(witness.post(larger.as_bytes()).0, 400);
    assert_eq!(
        witness.latest().2.lines().nth(1),
        Some("300"),
        "nothing changed"
    );
    witness.expect_cosigned(300, 301);
    assert!(!proof(&home).exists());
}

#[test]
fn a_second_root_of_one_size_is_refused_and_proved() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    witness.expect_cosigned(0, 300);
    for old in [300, 0, 270] {
        let Answer(status, kind, _) = witness.add(old, 300, 2);
        assert_eq!((status, kind.as_str()), (409, "text/plain; charset=utf-8"));
    }
    expect_proof(&home);
    witness.wait_for("ALARM: the board signed two histories");
    assert_eq!(witness.said.lock().unwrap().matches("ALARM").count(), 1);
    witness.expect_cosigned(300, 310);
}

#[test]
fn a_larger_board_without_an_old_entry_is_refused_and_proved() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    witness.expect_cosigned(0, 300);
    assert_eq!(witness.add(300, 310, 2).0, 409);
    expect_proof(&home);
    witness.expect_cosigned(300, 310);
}

#[test]
fn a_proof_that_does_not_hold_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    let first =
        request(0, &history(30, 1)).replacen('\n', &format!("\n{}\n", STANDARD.encode([7; 32])), 1);
    assert_eq!(witness.post(first.as_bytes()).0, 422);
    let empty = format!("old 0\n\n{}", checkpoint(0, &root(&[])));
    assert_eq!(witness.post(empty.as_bytes()).0, 422);
    witness.expect_cosigned(0, 32);
    // Of a power of two the first node is the witness's own, so another history has no path.
    assert_eq!(witness.add(32, 50, 2).0, 422);
    witness.expect_cosigned(32, 50);
    let good = request(50, &history(77, 1));
    let lines: Vec<&str> = good.split_inclusive('\n').collect();
    let other = format!("{}\n", STANDARD.encode([7; 32]));
    let note = good.split_once("\n\n").unwrap().1;
    for bad in [
        format!("old 50\n\n{note}"),
        good.replacen(lines[1], "", 1),
        good.replacen(lines[1], &other, 1),
        good.replacen(lines[2], &other, 1),
        good.replacen(lines[1], &format!("{other}{}", lines[1]), 1),
    ] {
        assert_eq!(witness.post(bad.as_bytes()).0, 422, "{bad}");
    }
    let same = request(50, &history(50, 1)).replacen("\n\n", &format!("\n{other}\n"), 1);
    assert_eq!(witness.post(same.as_bytes()).0, 422);
    assert!(!proof(&home).exists());
    witness.expect_cosigned(50, 77);
}

#[test]
fn only_what_the_board_signed_is_cosigned() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    let good = request(0, &history(30, 1));
    let changed = good.replacen("30\n", "31\n", 1);
    assert_eq!(witness.post(changed.as_bytes()).0, 403);
    let origin = manifest().origin;
    let text = format!("{origin}\n30\n{}\n", STANDARD.encode(root(&history(30, 1))));
    let key = SigningKey::from_bytes(&[9; 32]);
    let id =
        Sha256::digest([origin.as_bytes(), b"\n\x01", key.verifying_key().as_bytes()].concat());
    let line = STANDARD.encode([&id[..4], &key.sign(text.as_bytes()).to_bytes()].concat());
    let line = format!("— {origin} {line}\n");
    let other = format!("old 0\n\n{text}\n{line}");
    assert_eq!(witness.post(other.as_bytes()).0, 403);
    let unknown = good.replace(&origin, "vote.example/e/11");
    assert_eq!(witness.post(unknown.as_bytes()).0, 404);
    assert_eq!(witness.latest().0, 404);
    // Signatures of others may stand beside the board's.
    let cosigned = format!("{good}{line}— other.example AAAAAAAA\n");
    let Answer(status, _, line) = witness.post(cosigned.as_bytes());
    assert_eq!(status, 200, "{line}");
    let note = checkpoint(30, &root(&history(30, 1)));
    assert_eq!(witness.latest().2, format!("{note}{line}"));
}

#[test]
fn a_witness_that_is_killed_goes_on_where_it_stood() {
    let home = tempfile::tempdir().unwrap();
    let mut last = 0;
    let mut key = String::new();
    for size in [30, 64, 256, 300] {
        let witness = start(home.path());
        assert!(key.is_empty() || key == witness.key);
        key.clone_from(&witness.key);
        if last > 0 {
            assert_eq!(witness.add(0, size, 1), conflict(last));
            assert_eq!(witness.add(last, last, 2).0, 409);
        }
        witness.expect_cosigned(last, size);
        last = size;
    }
    // Killed while it is being asked: what it answered is what it knows.
    for _ in 0..5 {
        let mut witness = start(home.path());
        let address = witness.address.clone();
        let body = request(last, &history(last + 1, 1));
        let head = format!(
            "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        witness.child.kill().unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        drop(witness);
        let witness = start(home.path());
        let Answer(status, _, said) = witness.add(0, 1, 1);
        assert_eq!(status, 409);
        let stands: usize = said.trim().parse().unwrap();
        let answered = answer.starts_with(b"HTTP/1.1 200");
        assert!(stands == last + 1 || (stands == last && !answered));
        last = stands;
    }
}

#[test]
fn of_many_histories_at_once_one_is_cosigned() {
    for _ in 0..3 {
        let home = tempfile::tempdir().unwrap();
        let witness = Arc::new(start(home.path()));
        witness.expect_cosigned(0, 29);
        let threads: Vec<_> = (1..=8)
            .map(|mark| {
                let witness = Arc::clone(&witness);
                thread::spawn(move || witness.add(29, 40, mark).0)
            })
            .collect();
        let mut statuses: Vec<u16> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
        expect_proof(&home);
    }
}

#[test]
fn strangers_cannot_make_it_fall() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    assert_eq!(witness.post(&vec![b'a'; 1 << 20]).0, 413);
    assert_eq!(witness.post(b"").0, 400);
    assert_eq!(witness.post(&[0xff; 100]).0, 400);
    let unicode = request(0, &history(30, 1)).replacen("old 0", "old ０", 1);
    assert_eq!(witness.post(unicode.as_bytes()).0, 400);
    for path in [
        "/",
        "/checkpoint",
        "//checkpoint",
        "/../key",
        "/%2e%2e/key",
        "/x/y/checkpoint",
    ] {
        assert_eq!(witness.get(path).0, 404, "{path}");
    }
    assert_eq!(witness.get("/add-checkpoint").0, 405);
    let chunked = "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nTransfer-Encoding: chunked\r\n\r\n";
    let flood = format!("{chunked}{}", "4000\r\n".to_owned() + &"a".repeat(1 << 18));
    assert!([400, 413].contains(&witness.send(flood.as_bytes()).0));
    for garbage in [
        &b"\0\0\0\0"[..],
        b"GET\r\n\r\n",
        &[b'A'; 100_000],
        b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 18446744073709551616\r\n\r\n",
        b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 50\r\n\r\nold 0",
    ] {
        let hang_up = |stream: &TcpStream| stream.shutdown(Shutdown::Write).unwrap_or_default();
        assert_ne!(witness.send_then(garbage, hang_up).0, 200);
    }
    let mut slow = TcpStream::connect(&witness.address).unwrap();
    slow.write_all(b"POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 50\r\n\r\nold 0")
        .unwrap();
    // More silent connections than it serves: they are hung up on, and others get their turn.
    let silent: Vec<TcpStream> = (0..70)
        .map(|_| TcpStream::connect(&witness.address).unwrap())
        .collect();
    witness.expect_cosigned(0, 30);
    drop(silent);
    witness.expect_cosigned(30, 31);
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
}

#[test]
fn a_board_that_hands_in_nothing_is_followed() {
    let home = tempfile::tempdir().unwrap();
    let shown = Arc::new(Mutex::new(files(&history(300, 1))));
    let url = serve(Arc::clone(&shown));
    let witness = start_with(home.path(), &["--follow", &url]);
    witness.wait_for("Cosigned 300 entries of ");
    witness.expect_cosignature(&witness.latest().2, 300);
    *shown.lock().unwrap() = files(&history(310, 1));
    witness.wait_for("Cosigned 310 entries of ");
    // Handed in and seen are one state.
    witness.expect_cosigned(310, 320);
    witness.wait_for("fewer than are cosigned already");
    *shown.lock().unwrap() = files(&history(330, 2));
    witness.wait_for("ALARM: the board signed two histories");
    expect_proof(&home);
    witness.expect_cosigned(320, 340);
    drop(witness);
    *shown.lock().unwrap() = files(&history(350, 1));
    let witness = start_with(home.path(), &["--follow", &url]);
    witness.wait_for("Cosigned 350 entries of ");
    let time = |note: &str| {
        let line = STANDARD.decode(note.trim_end().rsplit_once(' ').unwrap().1);
        u64::from_be_bytes(line.unwrap()[4..12].try_into().unwrap())
    };
    // Each look says anew that this is the largest board, as of then.
    let before = time(&witness.latest().2);
    let start = Instant::now();
    while time(&witness.latest().2) == before {
        assert!(start.elapsed() < Duration::from_secs(60));
        thread::sleep(Duration::from_millis(100));
    }
}

/// What was handed in before differs from what is seen: only the witness knows both.
#[test]
fn a_board_that_hands_in_another_history_than_it_shows_is_proved() {
    let home = tempfile::tempdir().unwrap();
    let witness = start(home.path());
    witness.expect_cosigned(0, 32);
    drop(witness);
    let url = serve(Arc::new(Mutex::new(files(&history(40, 2)))));
    let witness = start_with(home.path(), &["--follow", &url]);
    witness.wait_for("ALARM: the board signed two histories");
    expect_proof(&home);
    assert_eq!(witness.latest().2.lines().nth(1), Some("32"));
}

fn refused(home: &Path, more: &[&str]) -> String {
    let home = home.to_str().unwrap();
    let arguments = ["witness", "--listen", "127.0.0.1:0", "--home", home];
    let (status, output) = run(&[&arguments[..], more].concat());
    assert_eq!(status, 2, "{output}");
    assert_eq!(output.lines().count(), 1, "{output}");
    output
}

#[test]
fn a_home_that_cannot_be_trusted_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let follow = ["--follow", "http://127.0.0.1:1/e/00"];
    assert!(refused(home.path(), &follow).contains("give it with `--name`"));
    for name in ["a b", "a+b", "", "a\nb"] {
        let with = [&follow[..], &["--name", name]].concat();
        assert!(refused(home.path(), &with).contains("give it with `--name`"));
    }
    assert!(refused(home.path(), &["--name", NAME]).contains("no board to witness"));
    let witness = start(home.path());
    witness.expect_cosigned(0, 30);
    assert!(refused(home.path(), &follow).contains("another witness uses"));
    let secret = fs::read_to_string(home.path().join("key")).unwrap();
    let seed = secret.lines().nth(1).unwrap();
    assert!(!witness.said.lock().unwrap().contains(seed) && !witness.key.contains(seed));
    drop(witness);
    let other = [&follow[..], &["--name", "bob"]].concat();
    assert!(refused(home.path(), &other).contains("it is of `witness.example/ada`"));
    let hash = hash_of(&manifest().origin);
    let file = home.path().join("logs").join(hash).join("checkpoint");
    let good = fs::read_to_string(&file).unwrap();
    let other = checkpoint(30, &root(&history(30, 2)));
    let line = good.lines().last().unwrap();
    for bad in [
        good.replacen("30\n", "31\n", 1),
        other.clone(),
        format!("{other}{line}\n"),
    ] {
        fs::write(&file, bad).unwrap();
        assert!(refused(home.path(), &follow).contains("not one that this witness cosigned"));
    }
    fs::write(&file, good).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let key = home.path().join("key");
        let mode = fs::metadata(&key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(refused(home.path(), &follow).contains("others may read it"));
    }
}

/// The manifest of the known answers names a witness of this name, with a key that is known too.
#[test]
fn a_witness_says_whether_the_manifest_names_it() {
    let home = tempfile::tempdir().unwrap();
    start(home.path()).wait_for("with another key");
    let home = tempfile::tempdir().unwrap();
    let seed = Zeroizing::new([11; 32]);
    WitnessKey::open(&home.path().join("key"), Some(NAME), &seed).unwrap();
    start(home.path()).wait_for("names this witness as number 1 of 1; 1 must cosign.");
}
