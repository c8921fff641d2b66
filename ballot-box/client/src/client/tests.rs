//! A ballot box that lies, as a client meets it.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use ed25519_dalek::{Signer as _, SigningKey};
use getrandom::SysRng;
use protocol::checkpoint::{checkpoint_note, checkpoint_text};
use protocol::election::EntryMaker;
use protocol::encoding::encode_hex;
use protocol::key_ceremony::TrusteeSeed;
use protocol::merkle::{Frontier, node_hash};
use protocol::transcript::Digest;

use super::*;
use crate::record::record_files;

/// What the server answers by method and path, and what it was asked.
#[derive(Default)]
struct Answers {
    by_request: HashMap<String, Vec<u8>>,
    asked: Vec<String>,
}

struct LyingServer {
    answers: Arc<Mutex<Answers>>,
    uuid: String,
    board: BoardIdentity,
    key: SigningKey,
    manifest_entry: Vec<u8>,
    port: u16,
}

impl LyingServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = Arc::new(Mutex::new(Answers::default()));
        let shared = answers.clone();
        std::thread::spawn(move || {
            listener
                .incoming()
                .for_each(|stream| answer(stream.unwrap(), &shared));
        });
        let key = SigningKey::from_bytes(&[5; 32]);
        let uuid = "0".repeat(32);
        let board = BoardIdentity {
            origin: format!("127.0.0.1:{port}/e/{uuid}"),
            key: key.verifying_key().to_bytes(),
            witnesses: Vec::new(),
            witness_quorum: 0,
        };
        let manifest_entry = manifest_entry(&uuid, &board);
        Self {
            answers,
            uuid,
            board,
            key,
            manifest_entry,
            port,
        }
    }

    fn client(&self) -> BoardClient {
        BoardClient::new(&format!("http://127.0.0.1:{}/e/{}", self.port, self.uuid)).unwrap()
    }

    /// A log that starts with the manifest.
    fn log(&self, more: &[&str]) -> Vec<Vec<u8>> {
        let more = more.iter().map(|entry| entry.as_bytes().to_vec());
        [self.manifest_entry.clone()]
            .into_iter()
            .chain(more)
            .collect()
    }

    fn note(&self, size: u64, root: &Digest) -> String {
        let text = checkpoint_text(&self.board.origin, size, root);
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        checkpoint_note(&self.board, &text, &signature)
    }

    fn signed(&self, log: &[Vec<u8>]) -> String {
        let mut frontier = Frontier::default();
        log.iter()
            .for_each(|entry| frontier.append(leaf_hash(entry)));
        self.note(frontier.size(), &frontier.root())
    }

    fn show(&self, log: &[Vec<u8>], note: &str) {
        for (path, content) in record_files(log, note) {
            self.say(&format!("GET /e/{}/{path}", self.uuid), content);
        }
    }

    fn say(&self, request: &str, content: Vec<u8>) {
        let mut answers = self.answers.lock().unwrap();
        answers.by_request.insert(request.to_owned(), content);
    }

    fn acknowledge(&self, receipt: Vec<u8>) {
        self.say(&format!("POST /e/{}/entries", self.uuid), receipt);
    }

    fn receipt(&self, index: u64, proof: &[Digest], note: String) -> Receipt {
        let entry = &self.manifest_entry;
        let scope = Envelope::decode(entry).unwrap().scope;
        Receipt::new(&scope, &leaf_hash(entry), index, proof, note)
    }
}

fn manifest_entry(uuid: &str, board: &BoardIdentity) -> Vec<u8> {
    let seed = || TrusteeSeed::draw(&mut SysRng).unwrap();
    let (organiser, trustee) = (seed(), seed());
    let hex = |seed: &TrusteeSeed| encode_hex(seed.signing_key().unwrap().public().as_bytes());
    let manifest = format!(
        r#"{{"psephos":3,"uuid":"{uuid}","language":"en","title":{{"en":"Test"}},
        "organiser":{{"name":"Club","key":"{}"}},"issuers":[{{"name":"Club"}}],
        "trustees":[{{"name":"T","key":"{}"}}],"threshold":1,"close_quorum":1,
        "board":{{"origin":"{}","key":"{}"}},
        "opens":"2026-01-01T00:00:00Z","closes":"2027-01-01T00:00:00Z",
        "styles":[{{"id":"all","contests":["c"]}}],
        "contests":[{{"id":"c","kind":"choices","title":{{"en":"Who?"}},"min":1,"max":1,"blank":true,
          "options":[{{"id":"a","label":{{"en":"A"}}}},{{"id":"b","label":{{"en":"B"}}}}]}}],
        "minimum_ballots":1}}"#,
        hex(&organiser),
        hex(&trustee),
        board.origin,
        encode_hex(&board.key)
    );
    let key = organiser.signing_key().unwrap();
    EntryMaker { key: &key }
        .manifest(manifest.as_bytes(), &mut SysRng)
        .unwrap()
}

fn answer(stream: TcpStream, answers: &Mutex<Answers>) {
    let mut reader = BufReader::new(&stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let request = first.rsplit_once(' ').unwrap().0.to_owned();
    let mut answers = answers.lock().unwrap();
    let content = answers.by_request.get(&request).cloned();
    answers.asked.push(request);
    let status = if content.is_some() {
        "200 OK"
    } else {
        "404 Not Found"
    };
    let content = content.unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        content.len()
    );
    let mut stream = &stream;
    // A client that has read enough may be gone.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&content));
}

/// A board that was updated and saved in a folder, so that it has a place for evidence.
fn known(server: &LyingServer, folder: &Path, log: &[Vec<u8>]) -> Board {
    server.show(log, &server.signed(log));
    let mut board = Board::load(folder).unwrap();
    server.client().update(&mut board, |_, _| ()).unwrap();
    board.save(folder).unwrap();
    board
}

/// All files of the evidence, each with what it says.
fn evidence_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let items = std::fs::read_dir(folder.join("board-evidence")).unwrap();
    let mut files: Vec<_> = items
        .map(|item| {
            let item = item.unwrap();
            let name = item.file_name().into_string().unwrap();
            (name, std::fs::read(item.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_signed_fork_is_kept_as_evidence() {
    let (server, folder) = (LyingServer::start(), tempfile::tempdir().unwrap());
    let path = folder.path().join("board");
    let log = server.log(&["a", "b"]);
    for fork in [
        server.log(&["a", "c", "d"]),
        server.log(&["a", "c"]),
        server.log(&["c"]),
        server.log(&["a"]),
    ] {
        let mut board = known(&server, &path, &log);
        let notes = [server.signed(&log), server.signed(&fork)];
        server.show(&fork, &notes[1]);
        let error = server.client().update(&mut board, |_, _| ()).unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, ClientError::Lying { .. }));
        assert_eq!(told.contains(", and others"), fork == server.log(&["c"]));
        let kept = evidence_in(folder.path());
        for note in &notes {
            let named = |(name, content): &&(String, Vec<u8>)| {
                name.ends_with(".checkpoint") && content == note.as_bytes()
            };
            assert!(kept.iter().any(|file| named(&file)), "{told}");
        }
        let refused = kept.iter().find(|(_, kept)| kept == notes[1].as_bytes());
        assert!(told.contains(&refused.unwrap().0), "{told}");
        // Nothing changed, and the same lie again is kept once.
        assert_eq!(board.entries(), log);
        server.client().update(&mut board, |_, _| ()).unwrap_err();
        assert_eq!(evidence_in(folder.path()), kept);
        std::fs::remove_dir_all(folder.path().join("board-evidence")).unwrap();
    }
}

#[test]
fn an_unsigned_size_of_an_unknown_board_is_not_fetched() {
    let server = LyingServer::start();
    let log = server.log(&vec!["x"; 600]);
    let note = server.signed(&log).replacen("601", "600", 1);
    server.show(&log, &note);
    let error = server.client().update(&mut Board::default(), |_, _| ());
    let told = error.unwrap_err().to_string();
    assert!(told.contains("not signed with the board key"), "{told}");
    let asked = server.answers.lock().unwrap().asked.clone();
    let bundles = asked.iter().filter(|path| path.contains("/tile/entries/"));
    assert_eq!(bundles.count(), 1, "{asked:?}");
}

#[test]
fn a_signed_board_beyond_the_limit_is_not_read_to_its_end() {
    let server = LyingServer::start();
    let log = server.log(&vec!["x"; 1500]);
    server.show(&log, &server.signed(&log));
    let mut board = Board::default();
    let limit = 100_000;
    let outcome = server
        .client()
        .update_within(limit, &mut board, |done, _| assert!(done < 1024));
    assert!(matches!(outcome, Err(ClientError::TooLarge { .. })));
    assert_eq!(board.size(), 0);
    server.client().update(&mut board, |_, _| ()).unwrap();
    assert_eq!(board.entries(), log);
}

#[test]
fn a_receipt_of_a_private_fork_is_not_confirmed() {
    let server = LyingServer::start();
    // The entry stands at the same place of both logs, and what is before it differs.
    let entry = server.manifest_entry.clone();
    let log = |other: &str| [server.log(&[other]), vec![entry.clone()]].concat();
    let (shown, private) = (log("shown"), log("private"));
    let receipt = |log: &[Vec<u8>]| {
        let proof = node_hash(&leaf_hash(&log[0]), &leaf_hash(&log[1]));
        server.receipt(2, &[proof], server.signed(log))
    };
    server.show(&shown, &server.signed(&shown));
    let mut board = Board::default();
    let client = server.client();
    client.update(&mut board, |_, _| ()).unwrap();
    for (log, confirmed) in [(&shown, true), (&private, false)] {
        server.acknowledge(serde_json::to_vec(&receipt(log)).unwrap());
        let posted = client.post(&entry).unwrap();
        let outcome = board.confirm(&posted.receipt, &entry);
        assert_eq!(outcome.is_ok(), confirmed, "{outcome:?}");
        assert!(board.confirm(&posted.receipt, b"another entry").is_err());
    }
    // An older checkpoint of this log is as good; one that signs more than is shown is not.
    let old = server.receipt(0, &[], server.signed(&shown[..1]));
    assert_eq!(board.confirm(&old, &entry), Ok(()));
    let longer = [shown, vec![vec![9]]].concat();
    let new = server.receipt(2, &[], server.signed(&longer));
    let told = board.confirm(&new, &entry).unwrap_err();
    assert!(told.contains("checkpoint of 4 entries"), "{told}");
}

#[test]
fn a_signed_receipt_that_does_not_hold_is_kept() {
    let (server, folder) = (LyingServer::start(), tempfile::tempdir().unwrap());
    let log = server.log(&["a"]);
    let mut board = known(&server, &folder.path().join("board"), &log);
    let client = server.client();
    server.show(&log, &server.signed(&log));
    client.update(&mut board, |_, _| ()).unwrap();
    let receipt = server.receipt(0, &[Digest([3; 32])], server.signed(&log));
    let json = serde_json::to_vec(&receipt).unwrap();
    server.acknowledge(json.clone());
    let told = client.post(&server.manifest_entry).unwrap_err().to_string();
    let kept = evidence_in(folder.path());
    assert_eq!(kept.len(), 1);
    assert!(kept[0].1 == json && told.contains(&kept[0].0), "{told}");
}

#[test]
fn a_receipt_cannot_steer_the_terminal() {
    let server = LyingServer::start();
    server.acknowledge(r#"{"\u001b[2J\n\u202eevil": 1}"#.as_bytes().to_vec());
    let told = server.client().post(&server.manifest_entry);
    let told = told.unwrap_err().to_string();
    assert!(told.contains("evil"), "{told}");
    let bad = |c: char| c.is_control() || c == '\u{202e}';
    assert!(!told.contains(bad), "{told:?}");
}
