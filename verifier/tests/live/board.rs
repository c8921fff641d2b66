//! A board of which the test has the key, so that it can sign whatever it likes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signer, SigningKey};
use sha2::{Digest as _, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};
use verifier::{
    log::{Hash, leaf_hash, root_of},
    manifest::Manifest,
    record::{Record, folder::FolderRecord, layout::bundle_of, layout::tiles_of_level},
    scan::split,
};

/// The record of the known answers, whose keys are known too.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/spec/vectors/record")
}

pub fn manifest() -> Manifest {
    verifier::manifest_of(&FolderRecord::open(&folder()).unwrap()).unwrap()
}

/// The entries of the known answers.
pub fn entries() -> Vec<Vec<u8>> {
    let record = FolderRecord::open(&folder()).unwrap();
    let size = record.files()["tile/0/000.p/35"] / 32;
    let tile = bundle_of(0, size).unwrap();
    let bundle = record.read(&tile.path(), tile.bytes().1).unwrap();
    let (entries, _) = split(&bundle, size);
    entries.into_iter().map(<[u8]>::to_vec).collect()
}

/// So many entries: the first 29 of the known answers, then made-up ones with this mark.
pub fn history(size: usize, mark: u8) -> Vec<Vec<u8>> {
    let more = (0..size).map(|index| vec![mark, index as u8, (index >> 8) as u8]);
    let mut entries = entries();
    entries.truncate(29);
    entries.extend(more);
    entries.truncate(size);
    entries
}

pub fn root(entries: &[Vec<u8>]) -> Hash {
    let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    root_of(&leaves)
}

/// A checkpoint of the board of the known answers.
pub fn checkpoint(size: u64, root: &Hash) -> String {
    let key = SigningKey::from_bytes(&[8; 32]);
    let origin = manifest().origin;
    let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root));
    let public = key.verifying_key().to_bytes();
    let id = Sha256::digest([origin.as_bytes(), b"\n\x01", &public].concat());
    let line = STANDARD.encode([&id[..4], &key.sign(text.as_bytes()).to_bytes()].concat());
    format!("{text}\n— {origin} {line}\n")
}

/// What a server has to show, by path; a test may change it at any time.
pub type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// The checkpoint and entry bundles of a board of these entries.
pub fn files(entries: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
    let size = entries.len() as u64;
    let mut files: BTreeMap<String, Vec<u8>> = tiles_of_level(None, size)
        .map(|tile| {
            let start = tile.index as usize * 256;
            let content = entries[start..start + tile.width as usize]
                .iter()
                .flat_map(|entry| [&(entry.len() as u16).to_be_bytes()[..], entry].concat())
                .collect();
            (tile.path(), content)
        })
        .collect();
    let note = checkpoint(size, &root(entries));
    files.insert("checkpoint".to_owned(), note.into_bytes());
    files
}

/// Listens, and answers every request on its own thread; gives the address of the board.
pub fn listen(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || {
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let Some(Ok(request)) = lines.next() else {
                    return;
                };
                while lines
                    .next()
                    .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
                {}
                let path = request.split(' ').nth(1).unwrap_or_default();
                answer(path.strip_prefix("/e/00/").unwrap_or(path), &mut { stream });
            });
        }
    });
    format!("http://{address}/e/00")
}

/// Serves files as they are at the time.
pub fn serve(files: Files) -> String {
    listen(move |path, stream| {
        let found = files.lock().unwrap().get(path).cloned();
        let status = if found.is_some() {
            "200 OK"
        } else {
            "404 Not Found"
        };
        let content = found.unwrap_or_default();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            content.len()
        );
        // A client that hangs up has its reasons.
        let _ = stream.write_all(&[head.as_bytes(), &content].concat());
    })
}

/// A folder with these files.
pub fn write(files: &BTreeMap<String, Vec<u8>>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}
