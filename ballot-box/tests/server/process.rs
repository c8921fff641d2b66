//! The real program: settings and signals.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use protocol::encoding::encode_hex;

use crate::crashes::post_until;
use crate::host::{Http as _, Process, free_port, program};
use crate::parties::Parties;
use crate::rfc6962::{Audit, leaf, leaves};

fn run(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

#[test]
fn a_terminated_server_finishes_what_it_took() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut host = Process::start(folder.path(), port);
    let parties = Parties::new(&host, 200, 2);
    let election = parties.open(&host);
    let ballots: Vec<_> = (0..200).map(|voter| election.next_ballot(voter)).collect();
    drop(election);
    let acknowledged = post_until(&mut host, &parties.path("/entries"), &ballots, 60, |host| {
        assert_eq!(host.terminate(), Some(0));
    });
    let acknowledged: Vec<_> = acknowledged.into_iter().map(|(ballot, _)| ballot).collect();
    let host = Process::start(folder.path(), port);
    let entries = Audit::new(&host, &parties.uuid).entries(&host);
    let leaves = leaves(&entries);
    assert!(
        acknowledged.len() >= 40
            && acknowledged
                .iter()
                .all(|ballot| leaves.contains(&leaf(ballot)))
    );
}

#[test]
fn the_log_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let outputs = [folder.path().join("out"), folder.path().join("err")];
    let files = [0, 1].map(|i| File::create(&outputs[i]).unwrap());
    let mut host = Process::start_logged(&folder.path().join("data"), free_port(), files);
    let parties = Parties::new(&host, 1, 2);
    let mut election = parties.open(&host);
    let code = election.vote(0).json()["code"].as_str().unwrap().to_owned();
    let credential = encode_hex(parties.voters[0].public().as_bytes());
    host.get(&parties.path(&format!("/receipt/{code}")))
        .expect(200);
    host.get(&parties.path(&format!("/voters/{credential}")))
        .expect(200);
    host.get(&parties.path(&format!("/voters/{credential}0")))
        .expect(404);
    election.try_post(&[0; 10]).expect(400);
    drop(election);
    host.terminate();
    let text: String = outputs
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    assert!(text.contains("/e/<uuid>/voters/<credential>") && text.contains("stopped"));
    for secret in [
        code.as_str(),
        &credential,
        "127.0.0.1:",
        "octet-stream",
        "ureq",
    ] {
        let found = text
            .lines()
            .find(|line| line.contains(secret) && !line.starts_with("ballot box: http://"));
        assert_eq!(found, None);
    }
}

#[test]
fn large_bodies_are_told_so_over_a_real_connection() {
    let folder = tempfile::tempdir().unwrap();
    let host = Process::start(folder.path(), free_port());
    for length in [65_536, 200_000, 3 << 20] {
        assert_eq!(
            host.post("/elections", &vec![1; length]).problem(),
            (413, "entry-too-long".to_owned()),
            "{length}"
        );
    }
}

#[test]
fn a_body_that_trickles_in_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let host = Process::start_with(folder.path(), port, &["--body-timeout", "1"]);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = "POST /elections HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 100\r\n\r\nThe first half of an entry";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    let mut buffer = [0; 4096];
    while !answer.contains("urn:psephos:problem:timeout") {
        let n = stream.read(&mut buffer).unwrap();
        assert!(n > 0, "{answer}");
        answer.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
    }
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    host.get("/health").expect(200);
}

#[test]
fn the_key_command_prints_what_manifests_name() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new");
    let data_text = data.to_str().unwrap();
    // Before it is known who the organisers are.
    let public = ["--data", data_text, "--origin-prefix", "example.org/e"];
    let output = run(&[&["key"], public.as_slice()].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().nth(1), Some("origin prefix: example.org/e"));
    let output = run(&["key", "--data", data_text, "--port", "8123"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let key = text
        .lines()
        .next()
        .unwrap()
        .strip_prefix("board key:     ")
        .unwrap()
        .to_owned();
    assert_eq!(text.lines().nth(1), Some("origin prefix: localhost:8123/e"));
    let host = Process::start(&data, free_port());
    let board = host.get("/board").json();
    assert_eq!(board["key"], key.as_str());
}

#[test]
fn what_is_in_the_way_is_said_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let cases: [(&[&str], &str); 10] = [
        (&[], "No data folder is set"),
        (
            &["--data", data, "--port", &port],
            "is in use by another program; stop that, or choose another port with --port.",
        ),
        (
            &["--data", data, "--address", "0.0.0.0"],
            "with --origin-prefix",
        ),
        (
            &[
                "--data",
                data,
                "--address",
                "0.0.0.0",
                "--origin-prefix",
                "example.org/e",
            ],
            "--any-organiser",
        ),
        (
            &["--data", data, "--origin-prefix", "example.org/e"],
            "its elections are at example.org/e): say who may create elections",
        ),
        (
            &["--data", data, "--organiser", "abc"],
            "is not 64 lower-case hexadecimal digits",
        ),
        (&["--data", data, "--workers", "0"], "--workers is 0"),
        (
            &["--data", data, "--database", "mysql://secret@host/name"],
            "is not of the form postgres://user@host/name",
        ),
        (
            &["--data", data, "--tiles", "s3://secret@bucket"],
            "is neither of the form file:///folder nor s3://bucket/prefix",
        ),
        (
            &["--data", file.to_str().unwrap()],
            "could not be made or read",
        ),
    ];
    for (args, expected) in cases {
        let output = run(args);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
        let lines: Vec<_> = text
            .lines()
            .filter(|line| line.starts_with("ballot-box: "))
            .collect();
        assert!(
            lines.len() == 1 && lines[0].contains(expected),
            "{args:?}: {text}"
        );
        assert!(
            !text.contains("panicked") && !text.contains("secret"),
            "{text}"
        );
    }
}

#[test]
fn a_folder_serves_one_server_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let _host = Process::start(folder.path(), free_port());
    let output = run(&[
        "--data",
        folder.path().to_str().unwrap(),
        "--port",
        &free_port().to_string(),
    ]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("Another ballot box is using the data folder")
    );
}

#[test]
fn help_lists_every_setting_with_its_variable() {
    let text = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for setting in [
        "data",
        "address",
        "port",
        "origin-prefix",
        "organiser",
        "any-organiser",
        "workers",
        "queue",
        "body-timeout",
        "database",
        "credential-limit",
        "address-limit",
        "metrics",
        "tiles",
        "boards",
        "log",
        "log-json",
    ] {
        assert!(text.contains(&format!("--{setting}")), "{setting}");
    }
    for variable in [
        "DATA",
        "ADDRESS",
        "PORT",
        "ORIGIN_PREFIX",
        "ORGANISERS",
        "ANY_ORGANISER",
        "WORKERS",
        "QUEUE",
        "BODY_TIMEOUT",
        "DATABASE",
        "CREDENTIAL_LIMIT",
        "ADDRESS_LIMIT",
        "METRICS",
        "TILES",
        "BOARDS",
        "LOG",
        "LOG_JSON",
    ] {
        assert!(
            text.contains(&format!("BALLOT_BOX_{variable}")),
            "{variable}"
        );
    }
    assert!(text.contains("Rocket.toml") && text.contains("65,535"));
}
