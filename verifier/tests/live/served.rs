//! Servers whose pages are not those that the opening names.

use crate::{board::folder, run};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};
use verifier::pages::{PagesError, compare};

const NAMES: [&str; 5] = [
    "assets/a-1.js",
    "board.html",
    "check.html",
    "index.html",
    "vote.html",
];

/// What is sent for each path, by coding where they differ.
type Sent = BTreeMap<String, String>;

/// Honest pages, and the hash of their list.
fn honest() -> (Sent, String) {
    let mut sent: Sent = NAMES
        .iter()
        .map(|name| (format!("/{name}"), name.to_string()))
        .collect();
    let list: String = NAMES
        .iter()
        .map(|name| format!("{}  {name}\n", hex::encode(Sha256::digest(name))))
        .collect();
    for page in ["board", "check", "vote"] {
        sent.insert(format!("/e/00/{page}"), format!("{page}.html"));
    }
    sent.insert("/".to_owned(), "index.html".to_owned());
    let hash = hex::encode(Sha256::digest(&list));
    sent.insert("/HASHES.txt".to_owned(), list);
    (sent, hash)
}

/// Serves them; a key such as `br /vote.html` goes before `/vote.html`.
fn serve(sent: Sent) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut path = String::new();
            let mut coding = String::new();
            for line in BufReader::new(stream.try_clone().unwrap()).lines() {
                let Ok(line) = line else { break };
                if path.is_empty() {
                    path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                } else if let Some(value) =
                    line.to_ascii_lowercase().strip_prefix("accept-encoding:")
                {
                    coding = value.trim().to_owned();
                } else if line.is_empty() {
                    break;
                }
            }
            let special = sent.get(&format!("{coding} {path}"));
            let content = special.or_else(|| sent.get(&path)).cloned();
            let status = if content.is_some() { 200 } else { 404 };
            let content = content.unwrap_or_default();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
                content.len()
            );
        }
    });
    format!("http://{address}")
}

fn compared(change: impl FnOnce(&mut Sent)) -> Result<usize, PagesError> {
    let (mut sent, booth) = honest();
    change(&mut sent);
    compare(&serve(sent), "00", &booth)
}

#[test]
fn pages_of_the_named_list_are_the_same() {
    assert_eq!(compared(|_| ()), Ok(NAMES.len()));
}

#[test]
fn another_file_for_those_who_take_a_coding_is_found() {
    for (key, path, coding) in [
        ("br /assets/a-1.js", "/assets/a-1.js", "br"),
        ("gzip /e/00/vote", "/e/00/vote", "gzip"),
        ("identity /", "/", "identity"),
        ("br /e/00/board", "/e/00/board", "br"),
    ] {
        let error = compared(|sent| {
            sent.insert(key.to_owned(), "evil".to_owned());
        });
        let path = path.to_owned();
        assert_eq!(error, Err(PagesError::File { path, coding }));
    }
}

#[test]
fn another_list_than_the_opening_names_is_found() {
    let error = compared(|sent| {
        sent.insert("/HASHES.txt".to_owned(), "other\n".to_owned());
    });
    assert!(matches!(error, Err(PagesError::List { .. })), "{error:?}");
}

#[test]
fn a_list_cannot_name_files_outside_of_the_pages() {
    let (mut sent, _) = honest();
    let list = format!("{}  ../.bashrc\n", "00".repeat(32));
    let booth = hex::encode(Sha256::digest(&list));
    sent.insert("/HASHES.txt".to_owned(), list);
    assert_eq!(
        compare(&serve(sent), "00", &booth),
        Err(PagesError::Line(1))
    );
}

#[test]
fn a_list_without_the_booth_is_refused() {
    let (mut sent, _) = honest();
    let list = format!("{}  index.html\n", "00".repeat(32));
    let booth = hex::encode(Sha256::digest(&list));
    sent.insert("/HASHES.txt".to_owned(), list);
    let error = compare(&serve(sent), "00", &booth);
    assert_eq!(error, Err(PagesError::Missing("vote.html")));
}

#[test]
fn pages_are_compared_with_a_live_board_alone() {
    let (status, output) = run(&["pages", folder().to_str().unwrap()]);
    assert_eq!(status, 2, "{output}");
    assert!(output.contains("https://host/e/<uuid>"), "{output}");
}
