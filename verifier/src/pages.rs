//! The pages that a server sends, held against the list of hashes that the opening names.
//!
//! Nothing is written anywhere: every file is hashed as it comes. A server can still send one
//! visitor something else than another; what is compared is what it sends to this program.

use crate::transcript::Digest;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use thiserror::Error;
use ureq::Agent;

/// The list's path (docs/spec/encoding.md, "booth digest").
const LIST: &str = "HASHES.txt";

/// Bytes of the list at most.
const MAX_LIST: u64 = 1 << 20;

/// Bytes of a page's file at most, decompressed.
const MAX_FILE: u64 = 32 << 20;

/// Files on the list at most.
const MAX_NAMES: usize = 1_000;

/// How long one file may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// In which codings browsers get files; servers keep a copy for each.
const CODINGS: [&str; 3] = ["br", "gzip", "identity"];

/// The page at the root.
const HOME: &str = "index.html";

/// Under which names files are also served, below an election's address.
const ALIASES: [(&str, &str); 3] = [
    ("vote", "vote.html"),
    ("check", "check.html"),
    ("board", "board.html"),
];

/// Why pages are not those of the list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PagesError {
    /// The list is another one.
    #[error("the list of hashes has the hash {found}; the opening names {named}")]
    List {
        /// What the list's bytes give.
        found: String,
        /// The booth digest.
        named: String,
    },
    /// The list cannot be read.
    #[error("line {0} of the list of hashes is no hash with the name of a page's file")]
    Line(usize),
    /// A page that voters open is not on the list.
    #[error("`{0}` is not on the list of hashes")]
    Missing(&'static str),
    /// A file is another one.
    #[error("`{path}`, asked for with the coding {coding}, is not the file of the list")]
    File {
        /// Its path on the server.
        path: String,
        /// The coding that was asked for.
        coding: &'static str,
    },
    /// The server does not answer.
    #[error("could not fetch {url}: {detail}")]
    Fetch {
        /// The address.
        url: String,
        /// What went wrong.
        detail: String,
    },
}

/// A list of hashes: the SHA-256 of each file, and its name.
type List = Vec<(Digest, String)>;

/// Whether a name is one of the pages' files: no path leads out of their folder.
fn is_name(name: &str) -> bool {
    let file = name.strip_prefix("assets/").unwrap_or(name);
    file.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_' || first == '-')
        && file
            .chars()
            .all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | '.'))
}

fn read(list: &[u8]) -> Result<List, PagesError> {
    let text = std::str::from_utf8(list).map_err(|_| PagesError::Line(1))?;
    let mut files = List::new();
    for (number, line) in (1..).zip(text.lines()) {
        let file = line.split_once("  ").and_then(|(hash, name)| {
            let hash: Digest = hex::decode(hash).ok()?.try_into().ok()?;
            (is_name(name) && number <= MAX_NAMES).then(|| (hash, name.to_owned()))
        });
        files.push(file.ok_or(PagesError::Line(number))?);
    }
    Ok(files)
}

/// Fetches the list and every file of it, in each coding, and the pages of the election `uuid`,
/// from the server at `origin`; gives the number of files.
///
/// `booth` is the booth digest of a verified opening.
///
/// # Errors
/// [`PagesError::Fetch`] if the server does not answer, any other if the pages are not those that
/// the opening names.
pub fn compare(origin: &str, uuid: &str, booth: &str) -> Result<usize, PagesError> {
    // Fetched once: the list that is compared is the one that is used.
    let list = fetch(origin, LIST, "identity", MAX_LIST)?;
    let found = hex::encode(Sha256::digest(&list));
    if found != booth {
        let named = booth.to_owned();
        return Err(PagesError::List { found, named });
    }
    let files = read(&list)?;
    let mut paths: Vec<(&Digest, String)> = files
        .iter()
        .map(|(hash, name)| (hash, name.clone()))
        .collect();
    let aliases = ALIASES.map(|(page, name)| (format!("e/{uuid}/{page}"), name));
    for (path, name) in aliases.into_iter().chain([(String::new(), HOME)]) {
        let file = files.iter().find(|(_, listed)| listed == name);
        let (hash, _) = file.ok_or(PagesError::Missing(name))?;
        paths.push((hash, path));
    }
    for (hash, path) in paths {
        for coding in CODINGS {
            let content = fetch(origin, &path, coding, MAX_FILE)?;
            if Sha256::digest(content)[..] != hash[..] {
                let path = format!("/{path}");
                return Err(PagesError::File { path, coding });
            }
        }
    }
    Ok(files.len())
}

fn fetch(
    origin: &str,
    path: &str,
    coding: &'static str,
    limit: u64,
) -> Result<Vec<u8>, PagesError> {
    let url = format!("{origin}/{path}");
    let failed = |error: ureq::Error| PagesError::Fetch {
        url: url.clone(),
        detail: error.to_string(),
    };
    let config = Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .accept_encoding(coding);
    let mut response = config
        .build()
        .new_agent()
        .get(&url)
        .call()
        .map_err(failed)?;
    let body = response.body_mut().with_config().limit(limit);
    body.read_to_vec().map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_names_a_file_elsewhere_is_refused() {
        let hash = "ab".repeat(32);
        let line = |name: &str| read(format!("{hash}  {name}\n").as_bytes());
        for name in ["vote.html", "assets/booth_bg-D_8.wasm", "-a", "favicon.svg"] {
            assert_eq!(line(name).unwrap().len(), 1, "{name}");
        }
        for name in [
            "../.bashrc",
            ".bashrc",
            "assets/../x",
            "assets/.x",
            "/etc/x",
            "a/b",
            "assets/",
            "",
            "a b",
            "$(id)",
            "a\u{202e}",
        ] {
            assert_eq!(line(name), Err(PagesError::Line(1)), "{name}");
        }
        assert_eq!(read(b"abcd  vote.html\n"), Err(PagesError::Line(1)));
        assert_eq!(read(&[0xff]), Err(PagesError::Line(1)));
    }
}
