//! What pages show of a board: each entry in a few words, and where a confirmation code stands.
//!
//! Everything is read with the verifier's code. Nothing here judges the board beyond its root and
//! the signature of its checkpoint; that is what the whole verification is for.

use protocol::ballot::ConfirmationCode;
use protocol::encoding::encode_hex;
use protocol::transcript::Digest;
use serde::Serialize;
use verifier::checkpoint::{CheckpointError, MAX_CHECKPOINT, UnverifiedCheckpoint};
use verifier::entry::body::Body;
use verifier::entry::{Author, Entry, Kind, manifest_bytes};
use verifier::log::{Hash, Tree, leaf_hash};
use verifier::manifest::Manifest;
use verifier::record::layout::{CHECKPOINT, bundle_of, tiles_of_level};
use verifier::record::{Record, RecordError};
use verifier::scan::split;

/// Why nothing can be said of a board.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowseError {
    /// A file is missing.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The board has no valid manifest.
    #[error("the board has no valid manifest: {0}")]
    Manifest(String),
    /// The board did not sign what it shows.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The entries are not those of the checkpoint.
    #[error("the entries that the board shows are not those that it signed")]
    Root,
}

/// The published totals of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many ballots were counted.
    pub ballots: u32,
    /// Options in order, then the blank; none if withheld. At most 2^44 each.
    pub totals: Option<Vec<u64>>,
}

/// An entry, for a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Line {
    /// The name of its kind; "unknown" for what does not decode.
    pub kind: &'static str,
    /// The trustee who wrote it.
    pub trustee: Option<u16>,
    /// The pseudonym of the voter who wrote it.
    pub voter: Option<String>,
    /// The confirmation code of a ballot or a void.
    pub code: Option<String>,
    /// Number of a ballot among its voter's.
    pub counter: Option<u32>,
    /// Voters of a part of the roll.
    pub voters: Option<usize>,
    /// Digest of the booth's files, of an opening.
    pub booth: Option<String>,
    /// What a result says.
    pub result: Option<Vec<Totals>>,
}

/// A confirmation code as voters read it.
pub fn written(code: &Hash) -> String {
    ConfirmationCode(Digest(*code)).to_string()
}

/// Describes an entry.
pub fn line(bytes: &[u8], manifest: &Manifest) -> Line {
    let Ok(entry) = Entry::decode(bytes, manifest) else {
        return Line {
            kind: "unknown",
            ..Line::default()
        };
    };
    let mut line = Line {
        kind: entry.kind.name(),
        trustee: entry.trustee(),
        voter: voter(&entry).map(|voter| encode_hex(voter)),
        ..Line::default()
    };
    match &entry.body {
        Body::Ballot(ballot) => {
            line.code = Some(written(&entry.confirmation_code()));
            line.counter = Some(ballot.counter);
        }
        Body::Void { code, .. } => line.code = Some(written(code)),
        Body::Roll(roll) => line.voters = Some(roll.voters.len()),
        Body::Open(open) => line.booth = Some(encode_hex(&open.booth)),
        Body::Result(contests) => {
            let totals = contests.iter().map(|contest| Totals {
                ballots: contest.ballots,
                totals: contest.totals.clone(),
            });
            line.result = Some(totals.collect());
        }
        _ => {}
    }
    line
}

fn voter<'a>(entry: &Entry<'a>) -> Option<&'a Hash> {
    match entry.author {
        Author::Voter(voter) => Some(voter),
        _ => None,
    }
}

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Found {
    /// A ballot.
    Ballot {
        /// Its entry.
        index: u64,
        /// Its number among its voter's.
        counter: u32,
        /// The entry of the same voter's last ballot, if that is a later one.
        by: Option<u64>,
    },
    /// A ballot that was challenged instead of cast.
    Void {
        /// The entry that says so.
        index: u64,
    },
}

/// Where a code stands on a whole board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Search {
    /// How many entries were read.
    pub entries: u64,
    /// Whether no ballot can come any more.
    pub closed: bool,
    /// What the code stands for, if for anything.
    pub found: Option<Found>,
}

/// The manifest in the first entry of a record.
///
/// # Errors
/// [`BrowseError`].
pub fn manifest(record: &dyn Record, size: u64) -> Result<Manifest, BrowseError> {
    let invalid = |reason: &dyn std::fmt::Display| BrowseError::Manifest(reason.to_string());
    let bundle = bundle_of(0, size).ok_or_else(|| invalid(&"the board is empty"))?;
    let bytes = record.read(&bundle.path(), bundle.bytes().1)?;
    let (entries, _) = split(&bytes, bundle.width);
    let first = entries.first().copied().unwrap_or_default();
    let text = manifest_bytes(first).map_err(|error| invalid(&error))?;
    Manifest::read(text).map_err(|error| invalid(&error))
}

/// Reads all entries of a record, which has its checkpoint and its bundles, and looks for a code.
///
/// # Errors
/// [`BrowseError`] if the board did not sign these entries.
pub fn search(record: &dyn Record, code: &Hash) -> Result<Search, BrowseError> {
    let note = record.read(CHECKPOINT, MAX_CHECKPOINT)?;
    let checkpoint = UnverifiedCheckpoint::parse(&note)?;
    let size = checkpoint.size;
    let manifest = manifest(record, size)?;
    checkpoint.verify(&manifest.origin, &manifest.board_key)?;
    let mut tree = Tree::default();
    let mut search = Search {
        entries: size,
        closed: false,
        found: None,
    };
    let mut seeker: Option<Hash> = None;
    for tile in tiles_of_level(None, size) {
        let bundle = record.read(&tile.path(), tile.bytes().1)?;
        for bytes in split(&bundle, tile.width).0 {
            let at = tree.size();
            tree.push(leaf_hash(bytes));
            let Ok(entry) = Entry::decode(bytes, &manifest) else {
                continue;
            };
            match (&entry.body, voter(&entry)) {
                (Body::Ballot(ballot), Some(voter)) if !search.closed => {
                    if entry.confirmation_code() == *code {
                        seeker = Some(*voter);
                        search.found = Some(Found::Ballot {
                            index: at,
                            counter: ballot.counter,
                            by: None,
                        });
                    } else if seeker == Some(*voter)
                        && let Some(Found::Ballot { by, .. }) = &mut search.found
                    {
                        *by = Some(at);
                    }
                }
                // A ballot with the code outweighs a voter's word that it is void.
                (Body::Void { code: void, .. }, _) if *void == code && search.found.is_none() => {
                    search.found = Some(Found::Void { index: at });
                }
                _ if entry.kind == Kind::Close => search.closed = true,
                _ => {}
            }
        }
    }
    if tree.size() == size && tree.root() == checkpoint.root {
        Ok(search)
    } else {
        Err(BrowseError::Root)
    }
}
