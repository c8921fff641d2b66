//! The election manifest and the positions that follow from it (docs/spec/manifest.md).

mod contest;
mod read;
mod rules;
mod survey;

use crate::{
    group::Element,
    json::JsonError,
    shape::Shape,
    transcript::{Digest, Transcript},
};
pub use contest::{Contest, ContestKind, ContestOption, Matrix, Number, OptionsContest};
use std::collections::BTreeMap;
use thiserror::Error;

/// A manifest that its page refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The text is longer than 60,000 bytes.
    #[error("the manifest has {bytes} bytes; 60,000 are allowed")]
    Long {
        /// Its length.
        bytes: usize,
    },
    /// The text or one of its values is refused.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Two disjoint quorums could certify two closes.
    #[error("`close_quorum` is so small that two closes could be certified")]
    Quorum,
    /// Entries of this election could not fit.
    #[error("{what} would not fit")]
    Size {
        /// Which entry.
        what: &'static str,
    },
}

/// What one signs up to: roster, rules, texts and contests of an election.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The manifest id.
    pub id: Digest,
    /// The election's name on a server, and the salt of credentials.
    pub uuid: [u8; 16],
    /// The language that every text has.
    pub language: String,
    /// The title in all its languages.
    pub title: Text,
    /// The organiser.
    pub organiser: Party,
    /// Names of those who issue credential parts, in order.
    pub issuers: Vec<String>,
    /// The trustees; number j is at j − 1.
    pub trustees: Vec<Party>,
    /// How many trustees decrypt: t.
    pub threshold: u16,
    /// How many trustees and witnesses together must certify the close: q.
    pub close_quorum: u16,
    /// Who watches that the board tells everybody one history; number j is at j − 1.
    pub witnesses: Vec<Witness>,
    /// How many of them must have cosigned a checkpoint for it to be called witnessed: k. 0
    /// without witnesses.
    pub witness_quorum: u16,
    /// The log's origin line.
    pub origin: String,
    /// The log's Ed25519 key.
    pub board_key: [u8; 32],
    /// The opening time, as written.
    pub opens: String,
    /// The closing time, as written.
    pub closes: String,
    /// Ballot styles.
    pub styles: Vec<Style>,
    /// Contests.
    pub contests: Vec<Contest>,
    /// A contest with fewer counted ballots is not decrypted.
    pub minimum_ballots: u32,
    /// Counts below this stay closed: κ.
    pub minimum_cell: Option<u32>,
    /// By what results are told apart.
    pub groups: Vec<Group>,
    /// Whether every respondent made its own key and registered it.
    pub registered: bool,
}

/// By what results are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Text,
}

/// A name with a key of signatures.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its name.
    pub name: String,
    /// Its key.
    pub key: Element,
}

/// A named witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its name, which is that of its key in signed notes.
    pub name: String,
    /// Its Ed25519 key.
    pub key: [u8; 32],
}

/// One text in several languages.
pub type Text = BTreeMap<String, String>;

/// Who answers what.
#[derive(Debug, Clone)]
pub struct Style {
    /// Its id.
    pub id: String,
    /// Its contests, by their index in the manifest, in order.
    pub contests: Vec<usize>,
    /// What a ballot of this style proves.
    pub shape: Shape,
    /// The election's number of each position of a ballot of this style.
    pub positions: Vec<usize>,
}

impl ManifestError {
    /// Whether the text could not even be read as the object it has to be.
    #[must_use]
    pub fn is_of_encoding(&self) -> bool {
        match self {
            Self::Json(error) => !matches!(error, JsonError::Value { .. }),
            Self::Long { .. } | Self::Quorum | Self::Size { .. } => false,
        }
    }
}

impl Manifest {
    /// Reads the manifest's exact bytes and checks every rule of its page.
    ///
    /// # Errors
    /// [`ManifestError`], for the first rule that is broken.
    pub fn read(bytes: &[u8]) -> Result<Self, ManifestError> {
        let manifest = Self::read_with_any_quorum(bytes)?;
        manifest.check_quorum()?;
        Ok(manifest)
    }

    /// Checks 2q > (n + W) + (t − 1) + (W − k): two quorums have a member in common that is
    /// neither one of t − 1 corrupt trustees nor one of W − k corrupt witnesses.
    ///
    /// # Errors
    /// [`ManifestError::Quorum`].
    pub fn check_quorum(&self) -> Result<(), ManifestError> {
        let (n, t) = (self.n_trustees(), usize::from(self.threshold));
        let (w, k) = (self.witnesses.len(), usize::from(self.witness_quorum));
        if 2 * usize::from(self.close_quorum) + k < n + 2 * w + t {
            return Err(ManifestError::Quorum);
        }
        Ok(())
    }

    /// Reads the manifest's exact bytes. A record of a manifest whose only fault is its quorum
    /// can still be judged in everything else.
    ///
    /// # Errors
    /// [`ManifestError`], for the first other rule that is broken.
    pub fn read_with_any_quorum(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > 60_000 {
            return Err(ManifestError::Long { bytes: bytes.len() });
        }
        let mut transcript = Transcript::new("manifest id");
        transcript.append("manifest", bytes);
        let manifest = read::manifest(bytes, transcript.digest("id"))?;
        manifest.fits()?;
        Ok(manifest)
    }

    /// How many positions the election has: N.
    #[must_use]
    pub fn n_positions(&self) -> usize {
        self.contests.iter().map(Contest::n_positions).sum()
    }

    /// How many trustees there are: n.
    #[must_use]
    pub fn n_trustees(&self) -> usize {
        self.trustees.len()
    }

    /// Trustee `index`, counted from 1.
    #[must_use]
    pub fn trustee(&self, index: u16) -> Option<&Party> {
        self.trustees.get(usize::from(index).checked_sub(1)?)
    }

    /// Witness `index`, counted from 1.
    #[must_use]
    pub fn witness(&self, index: u16) -> Option<&Witness> {
        self.witnesses.get(usize::from(index).checked_sub(1)?)
    }

    /// The positions of a contest whose counts may stay closed, by their numbers within it, in
    /// order.
    #[must_use]
    pub fn guarded(&self, contest: usize) -> Vec<usize> {
        let guarded = self.contests.get(contest).map(Contest::guarded);
        guarded
            .filter(|_| self.minimum_cell.is_some())
            .unwrap_or_default()
    }

    /// A text in the manifest's language.
    #[must_use]
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(&self.language).map_or("", String::as_str)
    }

    /// The size limits that make every entry fit.
    fn fits(&self) -> Result<(), ManifestError> {
        let (positions, trustees) = (self.n_positions(), self.n_trustees());
        let refuse = |what| Err(ManifestError::Size { what });
        if 32 * positions * usize::from(self.threshold) > 60_000 {
            return refuse("a reveal");
        }
        if trustees * (32 * positions + 16) > 60_000 {
            return refuse("a deal");
        }
        for style in &self.styles {
            let shape = &style.shape;
            let elements =
                style.positions.len() + shape.coordinates.len() + 10 + shape.n_of_ranges();
            if 32 * elements + 168 > 65_535 {
                return refuse("a ballot");
            }
        }
        let guarded = (0..self.contests.len()).map(|contest| self.guarded(contest).len());
        let (cells, contests) = guarded
            .filter(|cells| *cells > 0)
            .fold((0, 0), |(cells, contests), more| {
                (cells + more, contests + 1)
            });
        if self.minimum_cell.is_some()
            && 34 + 48 * trustees + 32 * cells + 96 * contests + 16 > 60_000
        {
            return refuse("a preview");
        }
        Ok(())
    }
}
