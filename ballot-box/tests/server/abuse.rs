//! Requests that no client makes: the server answers each with a refusal, and the next as ever.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::host::{Http as _, Place, Process, free_port};
use crate::parties::Parties;

/// Sends bytes and gives whatever comes back; the server may close before it has all of them.
fn send(port: u16, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let _ = stream.write_all(request);
    let _ = stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// What was answered is a refusal: a problem document, or no body where the request is not even
/// HTTP. Where it is nothing at all, the server closed the connection.
fn must_refuse(port: u16, what: &str, request: &[u8]) {
    let answer = send(port, request);
    if answer.is_empty() {
        return;
    }
    let status: u16 = answer[9..12].parse().unwrap();
    assert!((400..500).contains(&status), "{what}: {answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        body.is_empty() || head.contains("application/problem+json"),
        "{what}: {answer}"
    );
    assert!(
        !answer.contains("root:") && !answer.to_lowercase().contains("sql"),
        "{what}: {answer}"
    );
}

fn requests(parties: &Parties, ballot: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut requests = Vec::new();
    for path in [
        "/../../../../etc/passwd",
        "/e/../../board.key",
        "//etc/passwd",
        "/%2e%2e/%2e%2e/board.key",
        "/%2e%2e%2fboard.key",
        "/..%5c..%5cboard.key",
        "/assets/%2e%2e%2f%2e%2e%2fboard.key",
        "/assets/..%00.js",
        "/%00",
        "/%ff%fe",
        "/%",
        "/e/%00",
        "/elections%0d%0aX-Injected:%20yes",
        "http://other.example/board.key",
        "*",
        "/e/0123456789abcdef0123456789abcdeG",
        "/e/0123456789ABCDEF0123456789ABCDEF",
        "/e/'%20OR%201=1--",
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        requests.push((path.to_owned(), request.into_bytes()));
    }
    for tile in [
        "18446744073709551615/000",
        "-1/000",
        "0/x999/x999/x999/x999/x999/x999/999",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/-1",
        "entries/%2e%2e/%2e%2e/board.sqlite",
    ] {
        let path = parties.path(&format!("/tile/{tile}"));
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        requests.push((tile.to_owned(), request.into_bytes()));
    }
    let path = parties.path("/entries");
    let binary = "Content-Type: application/octet-stream\r\n";
    let mut post = |what: &str, headers: String, body: &[u8]| {
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        requests.push((what.to_owned(), [head.as_bytes(), body].concat()));
    };
    let n = ballot.len();
    for (what, length) in [
        ("a negative length", "-1".to_owned()),
        ("a length that is no number", "many".to_owned()),
        ("a length beyond any", "99999999999999999999999".to_owned()),
        ("a length too short", (n - 1).to_string()),
        ("a length too long", (n + 1).to_string()),
    ] {
        post(
            what,
            format!("{binary}Content-Length: {length}\r\n"),
            ballot,
        );
    }
    let lengths = format!(
        "{binary}Content-Length: {n}\r\nContent-Length: {}\r\n",
        n - 1
    );
    post("two lengths", lengths, ballot);
    let both = format!("{binary}Content-Length: {n}\r\nTransfer-Encoding: chunked\r\n");
    post("a length and chunks", both, ballot);
    let coded = format!("{binary}Transfer-Encoding: chunked\r\n");
    post("a chunk of no size", coded.clone(), b"xyz\r\n");
    post("a chunk beyond any", coded, b"ffffffffffffffffff\r\n");
    let compressed = format!("Content-Type: application/gzip\r\nContent-Length: {n}\r\n");
    post("a compressed body", compressed, ballot);
    let long = format!("{binary}X-Long: {}\r\n", "x".repeat(1 << 20));
    post("a header of a megabyte", long, b"");
    let many: String = (0..1000).map(|i| format!("X-{i}: y\r\n")).collect();
    post("a thousand headers", many, b"");
    post("a header that is none", "no colon here\r\n".to_owned(), b"");
    post(
        "a type that is none",
        format!(
            "Content-Type: {}\r\nContent-Length: {n}\r\n",
            "/".repeat(500)
        ),
        ballot,
    );
    for (what, line) in [
        (
            "a path of a megabyte",
            format!("GET /{} HTTP/1.1", "e/".repeat(1 << 19)),
        ),
        ("another protocol", "HELO ballot-box".to_owned()),
        ("a version from elsewhere", "GET /board HTTP/7.3".to_owned()),
        ("a method of its own", "VOTE /elections HTTP/1.1".to_owned()),
        ("a trace", "TRACE /board HTTP/1.1".to_owned()),
        ("a tunnel", "CONNECT /board HTTP/1.1".to_owned()),
    ] {
        let request = format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n");
        requests.push((what.to_owned(), request.into_bytes()));
    }
    requests.push((
        "TLS".to_owned(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
    ));
    requests.push(("noise".to_owned(), (0..=255).collect()));
    requests
}

#[test]
fn requests_that_no_client_makes_are_refused_and_harm_nobody() {
    let place = Place::in_file();
    let port = free_port();
    let host: Process = place.start(port);
    let parties = Parties::new(&host, 1, 2);
    let mut election = parties.open(&host);
    let ballot = election.next_ballot(0);
    let before = host.get(&parties.path("")).json();
    for (what, request) in requests(&parties, &ballot) {
        must_refuse(port, &what, &request);
        assert_eq!(host.get(&parties.path("")).json(), before, "{what}");
    }
    election.post(&ballot);
}
