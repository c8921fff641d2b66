//! Records and servers made to exhaust whoever looks at them: refused fast, in little memory.

use crate::board::{checkpoint, files, folder, history, listen, write};
use std::{
    fs,
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use verifier::record::{
    Record,
    archive::{ArchiveRecord, header},
};

/// More than the program needs for any of this, less than what it is offered.
const MEMORY: u64 = 400 << 20;

/// Runs the program with little memory and a short time: status and what it prints.
fn run_bounded(arguments: &[&str], seconds: u64) -> (i32, String) {
    let start = Instant::now();
    let script = format!("ulimit -v {}; exec \"$0\" \"$@\"", MEMORY >> 10);
    let mut child = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_verifier")])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > Duration::from_secs(seconds) {
            child.kill().unwrap();
            panic!("still running after {seconds} seconds: {arguments:?}");
        }
        thread::sleep(Duration::from_millis(10));
    };
    let mut text = String::new();
    child.stdout.unwrap().read_to_string(&mut text).unwrap();
    child.stderr.unwrap().read_to_string(&mut text).unwrap();
    (status.code().expect(&text), text)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn member(path: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = header(path, content.len() as u64).unwrap().to_vec();
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// The archive of the known answers.
fn archive() -> Vec<u8> {
    let record = verifier::record::folder::FolderRecord::open(&folder()).unwrap();
    let members = record
        .files()
        .keys()
        .flat_map(|path| member(path, &record.read(path, u64::MAX).unwrap()));
    members.chain([0; 1_024]).collect()
}

/// With another type or name in the first header, and the checksum that goes with it.
fn with_header(mut archive: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    archive[at..at + bytes.len()].copy_from_slice(bytes);
    archive[148..156].fill(b' ');
    let sum: u32 = archive[..512].iter().map(|byte| u32::from(*byte)).sum();
    archive[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive
}

#[test]
fn archives_that_reach_outside_or_link_are_rejected_and_write_nothing() {
    let good = archive();
    let scene = tempfile::tempdir().unwrap();
    let path = scene.path().join("inner/record.tar");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, &good).unwrap();
    let (status, output) = run_bounded(&["verify", "--quiet", text(&path)], 30);
    assert_eq!(status, 0, "{output}");
    let name = |name: &str| {
        let mut field = [0; 100];
        field[..name.len()].copy_from_slice(name.as_bytes());
        with_header(good.clone(), 0, &field)
    };
    let link = |kind: u8| {
        let mut target = b"/etc/passwd".to_vec();
        target.resize(100, 0);
        let linked = with_header(good.clone(), 156, &[kind]);
        with_header(linked, 157, &target)
    };
    let cases = [
        ("a name that climbs", name("../../escaped")),
        ("an absolute name", name("/tmp/escaped")),
        ("a name within that climbs", name("tile/../../escaped")),
        ("a name of another spelling", name("./checkpoint")),
        ("a symbolic link", link(b'2')),
        ("a hard link", link(b'1')),
        ("a device", link(b'3')),
        ("a pipe", link(b'6')),
        ("a folder", link(b'5')),
        ("a long name of GNU", link(b'L')),
        ("extended headers", link(b'x')),
    ];
    for (what, bytes) in cases {
        fs::write(&path, bytes).unwrap();
        let (status, output) = run_bounded(&["verify", "--json", text(&path)], 30);
        assert_eq!(status, 1, "{what}: {output}");
        assert_eq!(fs::read_dir(scene.path()).unwrap().count(), 1, "{what}");
    }
}

#[test]
fn absurd_sizes_cost_nothing() {
    let scene = tempfile::tempdir().unwrap();
    let path = scene.path().join("record.tar");
    let start = header("checkpoint", (1 << 33) - 1).unwrap();
    // Eight gigabytes in the header: of a short file, then of a sparse one.
    fs::write(&path, [&start[..], &[b'a'; 4_096]].concat()).unwrap();
    let (status, output) = run_bounded(&["verify", text(&path)], 20);
    assert_eq!(status, 1, "{output}");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(&start).unwrap();
    file.seek(SeekFrom::Start(512 + (1 << 33))).unwrap();
    file.write_all(&[0; 1_024]).unwrap();
    let (status, output) = run_bounded(&["verify", text(&path)], 20);
    assert_eq!(status, 1, "{output}");
    assert!(output.contains("at most 65536 are allowed"), "{output}");
    // Digits that are none, a size in base 256.
    for field in [
        *b"99999999999\0",
        *b"-0000000001\0",
        [0x80, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0],
    ] {
        let bytes = with_header(archive(), 124, &field);
        assert!(
            !ArchiveRecord::open(std::io::Cursor::new(bytes))
                .unwrap()
                .defects()
                .is_empty()
        );
    }
    // A sparse tile of a terabyte in a folder.
    let record = write(&files(&history(29, 1)));
    let tile = record.path().join("tile/entries/000.p/29");
    let file = fs::OpenOptions::new().write(true).open(&tile).unwrap();
    if file.set_len(1 << 40).is_ok() {
        let (status, output) = run_bounded(&["verify", text(record.path())], 20);
        assert_eq!(status, 1, "{output}");
    }
}

#[test]
fn thousands_of_files_and_names_given_twice_are_rejected_fast() {
    let scene = tempfile::tempdir().unwrap();
    let path = scene.path().join("record.tar");
    let many: Vec<u8> = (0..20_000)
        .flat_map(|i| member(&format!("x/{i:06}"), b""))
        .collect();
    fs::write(
        &path,
        [&archive()[..archive().len() - 1_024], &many, &[0; 1_024]].concat(),
    )
    .unwrap();
    let (status, output) = run_bounded(&["verify", text(&path)], 30);
    assert_eq!(status, 1, "{output}");
    assert!(
        output.lines().count() < 200 && output.contains("record.files"),
        "{output}"
    );
    let good = archive();
    let first = &good[..1_024];
    fs::write(&path, [first, &good].concat()).unwrap();
    let (status, output) = run_bounded(&["verify", text(&path)], 30);
    assert_eq!(status, 1, "{output}");
    assert!(output.contains("not in ascending order"), "{output}");
    // The same name thousands of times.
    let again: Vec<u8> = (0..20_000)
        .flat_map(|_| member("checkpoint", b"x"))
        .collect();
    fs::write(&path, again).unwrap();
    assert_eq!(run_bounded(&["verify", text(&path)], 30).0, 1);
}

#[test]
fn a_compressed_archive_is_named_as_such() {
    let scene = tempfile::tempdir().unwrap();
    let path = scene.path().join("record.tar.gz");
    fs::write(&path, [&[0x1f, 0x8b, 8, 0][..], &[0; 5_000]].concat()).unwrap();
    let (status, output) = run_bounded(&["verify", text(&path)], 20);
    assert_eq!(status, 2, "{output}");
    assert!(
        output.contains("is compressed; unpack it first"),
        "{output}"
    );
}

#[cfg(unix)]
#[test]
fn folders_that_link_nest_or_never_end_are_rejected() {
    use std::os::unix::fs::symlink;
    let honest = write(&files(&history(29, 1)));
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "the secret of somebody").unwrap();
    let expect = |what: &str| {
        let (status, output) = run_bounded(&["verify", text(honest.path())], 20);
        assert_eq!(status, 1, "{what}: {output}");
        assert!(
            output.contains("is not a regular file of a record"),
            "{what}: {output}"
        );
        assert!(!output.contains("the secret"), "{what}: {output}");
    };
    let link = honest.path().join("tile/link");
    for (what, target) in [
        ("a link to a file", outside.path().join("secret")),
        ("a link to a folder", outside.path().to_owned()),
        ("a link to what is above", honest.path().to_owned()),
        ("a link to itself", link.clone()),
        ("a link to nothing", "/nowhere/at/all".into()),
        ("a link without an end", "/dev/zero".into()),
    ] {
        symlink(target, &link).unwrap();
        expect(what);
        fs::remove_file(&link).unwrap();
    }
    // The checkpoint itself is a link: nothing of it may be shown.
    let checkpoint = honest.path().join("checkpoint");
    fs::remove_file(&checkpoint).unwrap();
    symlink(outside.path().join("secret"), &checkpoint).unwrap();
    let (status, output) = run_bounded(&["verify", text(honest.path())], 20);
    assert_eq!(status, 1);
    assert!(!output.contains("the secret"), "{output}");
    fs::remove_file(&checkpoint).unwrap();
    fs::write(
        &checkpoint,
        files(&history(29, 1)).remove("checkpoint").unwrap(),
    )
    .unwrap();
    let pipe = honest.path().join("tile/pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    expect("a pipe that nobody writes");
    fs::remove_file(&pipe).unwrap();
    fs::create_dir_all(honest.path().join("d/".repeat(200))).unwrap();
    expect("two hundred folders in each other");
}

/// An answer without an end.
fn endless(stream: &mut std::net::TcpStream, head: &str) {
    let _ = stream.write_all(head.as_bytes());
    let block = [b'a'; 1 << 16];
    while stream.write_all(&block).is_ok() {}
}

#[test]
fn servers_that_never_stop_are_left_soon() {
    let flood = listen(|_, stream| endless(stream, "HTTP/1.1 200 OK\r\n\r\n"));
    let chunked = listen(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream
            .write_all(&[b"ffff\r\n", &[b'a'; 65_535][..], b"\r\n"].concat())
            .is_ok()
        {}
    });
    let headers = listen(|_, stream| endless(stream, "HTTP/1.1 200 OK\r\nX: "));
    let huge = listen(|_, stream| {
        endless(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        );
    });
    let tiles = listen(|path, stream| {
        if path == "checkpoint" {
            let note = checkpoint(29, &[1; 32]);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{note}",
                note.len()
            );
            let _ = stream.write_all(head.as_bytes());
        } else {
            endless(stream, "HTTP/1.1 200 OK\r\n\r\n");
        }
    });
    for url in [flood, chunked, headers, huge, tiles] {
        let (status, output) = run_bounded(&["verify", "--quiet", &url], 30);
        assert_eq!(status, 2, "{output}");
        let state = tempfile::tempdir().unwrap();
        let state = text(state.path());
        let (status, output) = run_bounded(&["follow", &url, "--state", state, "--once"], 30);
        assert_eq!(status, 2, "{output}");
    }
}

#[test]
fn redirects_without_an_end_are_left_soon() {
    let url = listen(|path, stream| {
        let head = format!("HTTP/1.1 302 Found\r\nLocation: /{path}x\r\nContent-Length: 0\r\n\r\n");
        let _ = stream.write_all(head.as_bytes());
    });
    let (status, output) = run_bounded(&["verify", "--quiet", &url], 20);
    assert_eq!(status, 2, "{output}");
    assert!(output.contains("cannot be fetched"), "{output}");
}

/// A board that speaks of 2^63 entries and has an answer for every tile.
#[test]
fn a_board_of_absurd_size_is_left_at_once() {
    let url = listen(|path, stream| {
        let content = match path {
            "checkpoint" => checkpoint(1 << 63, &[1; 32]).into_bytes(),
            _ => vec![0; 8_192],
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            content.len()
        );
        let _ = stream.write_all(&[head.as_bytes(), &content].concat());
    });
    let (status, output) = run_bounded(&["verify", "--quiet", &url], 20);
    assert_eq!(status, 2, "{output}");
    assert!(output.contains("more than any election has"), "{output}");
}
