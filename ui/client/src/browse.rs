//! What pages show of a board: each entry in a few words, and where a confirmation code stands.
//!
//! Everything is read with the verifier's code. Of the board only its root, the signature of its
//! checkpoint and its election id are judged, and of the entries those that an answer rests on;
//! the rest is what the whole verification is for.

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

use crate::setup::SetUp;

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
    /// The first entry holds another manifest than the server shows.
    #[error("the manifest that the server shows is not the one on the board")]
    OtherManifest,
    /// An entry stands under an election that these manifest, roll and keys are not of.
    #[error("entry {index} belongs to another election than the set-up of this board")]
    OtherElection {
        /// Its index.
        index: u64,
    },
    /// An entry without its author's signature.
    #[error("entry {index} does not carry its author's signature")]
    Unsigned {
        /// Its index.
        index: u64,
    },
    /// A ballot of a voter whose earlier one has the same number, or a higher one.
    #[error("entry {index} is a later ballot of this voter, and its number is not")]
    Counter {
        /// Its index.
        index: u64,
    },
}

/// The published totals of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// How many ballots were counted.
    pub ballots: u32,
    /// Their weight.
    pub weight: u64,
    /// By position, none where a cell is closed; none at all if withheld. At most 2^48 each.
    pub totals: Option<Vec<Option<u64>>>,
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
                weight: contest.weight,
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
    /// A void that names it: somebody's word, unless it was looked for by voter and alpha.
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
    /// The manifest id (hexadecimal).
    pub manifest: String,
    /// The election id (hexadecimal) that the set-up on the board gives, once it is open.
    pub election: Option<String>,
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

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// The confirmation code.
    pub code: &'a Hash,
    /// Voter and alpha of a ballot that was opened: what its void must bind. Without them any void
    /// that names the code is found, and the code in a void is free.
    pub opened: Option<&'a Opened>,
}

/// What a void binds (docs/spec/board.md, "The fold").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// The voter's credential.
    pub voter: Hash,
    /// The ballot's alpha.
    pub alpha: Hash,
}

/// Reads all entries of a record, which has its checkpoint and its bundles, and looks for a ballot.
/// `manifest_text` is the manifest that the server shows.
///
/// # Errors
/// [`BrowseError`] if the board did not sign these entries, or if those that the answer rests on
/// are not their authors' or not of this election.
pub fn search(
    record: &dyn Record,
    manifest_text: &[u8],
    sought: Sought<'_>,
) -> Result<Search, BrowseError> {
    let note = record.read(CHECKPOINT, MAX_CHECKPOINT)?;
    let checkpoint = UnverifiedCheckpoint::parse(&note)?;
    let size = checkpoint.size;
    let manifest = manifest(record, size)?;
    checkpoint.verify(&manifest.origin, &manifest.board_key)?;
    let mut tree = Tree::default();
    let mut seeker = Seeker::new(&manifest, sought);
    for tile in tiles_of_level(None, size) {
        let bundle = record.read(&tile.path(), tile.bytes().1)?;
        for bytes in split(&bundle, tile.width).0 {
            let index = tree.size();
            tree.push(leaf_hash(bytes));
            if index == 0 && manifest_bytes(bytes).ok() != Some(manifest_text) {
                return Err(BrowseError::OtherManifest);
            }
            if let Ok(entry) = Entry::decode(bytes, &manifest) {
                seeker.read(index, &entry)?;
            }
        }
    }
    if tree.size() != size || tree.root() != checkpoint.root {
        return Err(BrowseError::Root);
    }
    Ok(Search {
        entries: size,
        closed: seeker.closed,
        manifest: encode_hex(&manifest.id),
        election: seeker.election.map(|election| encode_hex(&election)),
        found: seeker.found,
    })
}

/// A reader of all entries who looks for one ballot.
struct Seeker<'a> {
    manifest: &'a Manifest,
    sought: Sought<'a>,
    set_up: SetUp,
    election: Option<Hash>,
    closed: bool,
    found: Option<Found>,
    /// The voter of the ballot that was found, and the number of their last one.
    last: Option<(Hash, u32)>,
}

impl<'a> Seeker<'a> {
    fn new(manifest: &'a Manifest, sought: Sought<'a>) -> Self {
        Self {
            manifest,
            sought,
            set_up: SetUp::default(),
            election: None,
            closed: false,
            found: None,
            last: None,
        }
    }

    fn read(&mut self, index: u64, entry: &Entry<'_>) -> Result<(), BrowseError> {
        match (&entry.body, voter(entry)) {
            (Body::Ballot(ballot), Some(voter)) if !self.closed => {
                if let Some((last, counter)) = self.last.filter(|(last, _)| last == voter) {
                    self.believe(index, entry)?;
                    if ballot.counter <= counter {
                        return Err(BrowseError::Counter { index });
                    }
                    self.last = Some((last, ballot.counter));
                    if let Some(Found::Ballot { by, .. }) = &mut self.found {
                        *by = Some(index);
                    }
                } else if self.last.is_none() && entry.confirmation_code() == *self.sought.code {
                    self.believe(index, entry)?;
                    self.last = Some((*voter, ballot.counter));
                    // A ballot outweighs a voter's word that it is void.
                    self.found = Some(Found::Ballot {
                        index,
                        counter: ballot.counter,
                        by: None,
                    });
                }
            }
            (Body::Void { code, alpha }, Some(voter)) if !self.closed && self.found.is_none() => {
                let is_it = match self.sought.opened {
                    Some(opened) => opened.voter == *voter && opened.alpha == **alpha,
                    None => *code == self.sought.code,
                };
                if is_it {
                    self.believe(index, entry)?;
                    self.found = Some(Found::Void { index });
                }
            }
            (Body::Open(_) | Body::Reveal(_), _) if self.election.is_none() => {
                self.set_up.read(entry);
                self.election = self.set_up.election(self.manifest);
            }
            _ if entry.kind == Kind::Close => {
                self.believe(index, entry)?;
                self.closed = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// Makes sure that an entry is its author's and of this election before anything rests on it.
    fn believe(&self, index: u64, entry: &Entry<'_>) -> Result<(), BrowseError> {
        if self.election.as_ref() != Some(entry.scope) {
            Err(BrowseError::OtherElection { index })
        } else if !entry.is_signed(self.manifest) {
            Err(BrowseError::Unsigned { index })
        } else {
            Ok(())
        }
    }
}
