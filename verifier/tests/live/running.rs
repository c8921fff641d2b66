//! A witness as a process, and what one asks it.

use crate::{
    board::{self, checkpoint, history, manifest, root},
    go::interop,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use verifier::{
    consistency,
    log::{Hash, leaf_hash},
    witness::hash_of,
};

pub const NAME: &str = "witness.example/ada";

/// A running witness; it is killed, not stopped, when it is dropped.
pub struct Witness {
    pub child: Child,
    pub address: String,
    pub key: String,
    pub said: Arc<Mutex<String>>,
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A witness that the board of the known answers may hand its checkpoints to.
pub fn start(home: &Path) -> Witness {
    let file = tempfile::NamedTempFile::new().unwrap();
    let entry = &board::entries()[0];
    fs::write(file.path(), &entry[34..entry.len() - 64]).unwrap();
    start_with(home, &["--manifest", file.path().to_str().unwrap()])
}

pub fn start_with(home: &Path, more: &[&str]) -> Witness {
    let mut child = Command::new(env!("CARGO_BIN_EXE_verifier"))
        .args(["witness", "--name", NAME, "--listen", "127.0.0.1:0"])
        .args(["--every", "1", "--home", home.to_str().unwrap()])
        .args(more)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut after = |text: &str| {
        let line = lines.next().unwrap().unwrap();
        line.split_once(text).unwrap().1.to_owned()
    };
    let key = after("cosignatures: ");
    let address = after("Listening on http://");
    let said = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&said);
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            *heard.lock().unwrap() += &format!("{line}\n");
        }
    });
    Witness {
        child,
        address,
        key,
        said,
    }
}

/// Status, content type and body of an answer.
#[derive(Debug, PartialEq)]
pub struct Answer(pub u16, pub String, pub String);

impl Witness {
    pub fn send(&self, request: &[u8]) -> Answer {
        self.send_then(request, |_| {})
    }

    pub fn send_then(&self, request: &[u8], then: fn(&TcpStream)) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        // It may answer, and hang up, before it has read everything.
        let _ = stream.write_all(request);
        then(&stream);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).unwrap_or("0").parse().unwrap();
        let kind = head
            .lines()
            .find_map(|line| line.strip_prefix("content-type: "))
            .unwrap_or_default();
        Answer(status, kind.to_owned(), body.to_owned())
    }

    pub fn post(&self, body: &[u8]) -> Answer {
        let head = format!(
            "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.send(&[head.as_bytes(), body].concat())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n").as_bytes())
    }

    pub fn latest(&self) -> Answer {
        self.get(&format!("/{}/checkpoint", hash_of(&manifest().origin)))
    }

    /// Hands in the history of this mark from one size to another.
    pub fn add(&self, old: usize, size: usize, mark: u8) -> Answer {
        self.post(request(old, &history(size, mark)).as_bytes())
    }

    pub fn expect_cosigned(&self, old: usize, size: usize) {
        let Answer(status, _, line) = self.add(old, size, 1);
        assert_eq!(status, 200, "{old} to {size}: {line}");
        let note = checkpoint(size as u64, &root(&history(size, 1)));
        assert_eq!(self.latest().2, format!("{note}{line}"));
        self.expect_cosignature(&format!("{note}{line}"), size);
    }

    /// Go's notes accept the board's signature and the witness's.
    pub fn expect_cosignature(&self, note: &str, size: usize) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), note).unwrap();
        let folder = board::folder();
        let said = interop(
            &[
                "cosignature",
                folder.to_str().unwrap(),
                &self.key,
                file.path().to_str().unwrap(),
            ],
            "",
        );
        let said = said.unwrap();
        assert!(
            said.starts_with(&format!("OK: {size} entries, cosigned at ")),
            "{said}"
        );
    }

    pub fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.said.lock().unwrap().contains(text) {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "no `{text}` in {}",
                self.said.lock().unwrap()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A request from a size to a board of these entries.
pub fn request(old: usize, entries: &[Vec<u8>]) -> String {
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let mut path = consistency::path(old, &leaves);
    if old.is_power_of_two() || old == entries.len() {
        path.remove(0);
    }
    let lines: String = path
        .iter()
        .map(|hash| STANDARD.encode(hash) + "\n")
        .collect();
    let note = checkpoint(entries.len() as u64, &root(entries));
    format!("old {old}\n{lines}\n{note}")
}
