//! The election manifest: what is asked, who holds keys, when, and on which board.
//!
//! Spec: docs/spec/manifest.md.

mod close_rule;
mod contest;
mod json;
mod read;

use crate::cosignature::Witness;
use crate::group::Element;
use crate::proofs::ranges::{BITS, proof_length};
use crate::style::{Shape, ShapeError};
use crate::transcript::{Digest, Transcript};

use close_rule::WitnessesOf;

pub use close_rule::CloseRule;
pub use contest::{Contest, ContestKind, ContestOption, ContestRow, NumberRules};

/// Most bytes of a manifest.
pub const MAX_MANIFEST_LENGTH: usize = 60_000;
/// Worst-case totals stay within this, so that they can be decoded.
pub const MAX_TOTAL: u64 = 1 << 48;
/// Most numbers of a style.
pub const MAX_NUMBERS: usize = 16;

/// Why a manifest is refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum ManifestError {
    /// Too long.
    #[error("the manifest has {length} bytes, more than {MAX_MANIFEST_LENGTH}; shorten its texts")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// Not JSON, or a duplicate member.
    #[error("the manifest is not valid JSON: {reason}")]
    Json {
        /// What the JSON reader says.
        reason: String,
    },
    /// A member is missing.
    #[error("{path} lacks the member {name:?}")]
    Missing {
        /// Which object.
        path: String,
        /// The member.
        name: &'static str,
    },
    /// A member is unknown.
    #[error("{path} has an unknown member {name:?}; check its spelling")]
    Unknown {
        /// Which object.
        path: String,
        /// The member.
        name: String,
    },
    /// A member is of the wrong kind or form.
    #[error("{path} must be {expected}")]
    Member {
        /// Which member.
        path: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A member is of the wrong kind.
    #[error("{path} must be {expected}, not {found}")]
    Found {
        /// Which member.
        path: String,
        /// What it must be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A number is out of range.
    #[error("{path} is {found}; it must be between {least} and {most}")]
    Range {
        /// Which member.
        path: String,
        /// Its value.
        found: u64,
        /// Smallest value allowed.
        least: u64,
        /// Largest value allowed.
        most: u64,
    },
    /// A number that may be negative is out of range.
    #[error("{path} is {found}; it must be between {least} and {most}")]
    SignedRange {
        /// Which member.
        path: String,
        /// Its value.
        found: i64,
        /// Smallest value allowed.
        least: i64,
        /// Largest value allowed.
        most: i64,
    },
    /// A list is too short or too long.
    #[error("{path} has {found} items; it must have between {least} and {most}")]
    Length {
        /// Which list.
        path: String,
        /// How many items.
        found: usize,
        /// Fewest allowed.
        least: usize,
        /// Most allowed.
        most: usize,
    },
    /// Something that must be distinct stands twice.
    #[error("{path} repeats {what}")]
    Duplicate {
        /// Where.
        path: String,
        /// What.
        what: String,
    },
    /// An entry of the board could not hold what this manifest asks for.
    #[error(
        "{what} would not fit into one entry of the board; use fewer options, trustees or a lower threshold"
    )]
    TooLarge {
        /// Which entry.
        what: &'static str,
    },
    /// The close could be certified twice.
    #[error(
        "close_quorum is {quorum}; with {} trustees and threshold {}{} it must be at least {}, \
         so that two different closes can never both be certified",
        rule.trustees, rule.threshold, WitnessesOf(rule), rule.least_quorum()
    )]
    Quorum {
        /// The quorum of the manifest.
        quorum: u16,
        /// Who may certify.
        rule: CloseRule,
    },
    /// The linear system of a style is unusable.
    #[error("style {style:?}: {source}")]
    Shape {
        /// Which style.
        style: String,
        /// Why.
        source: ShapeError,
    },
}

/// A text in one or more languages: pairs of language tag and text, in the order of the tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(Vec<(String, String)>);

impl Text {
    /// The text in `language` if there is one.
    pub fn get(&self, language: &str) -> Option<&str> {
        let mut pairs = self.iter();
        pairs.find_map(|(tag, text)| (tag == language).then_some(text))
    }

    /// All languages and texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(language, text)| (language.as_str(), text.as_str()))
    }
}

/// A trustee of the roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterTrustee {
    /// Its name.
    pub name: String,
    /// Its signing key.
    pub key: Element,
}

/// Which contests a voter answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BallotStyle {
    /// Its id.
    pub id: String,
    /// Indices of its contests, rising.
    pub contests: Vec<usize>,
}

/// By what results are told apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its id.
    pub id: String,
    /// What readers see.
    pub title: Text,
}

/// Who made the voters' codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Participation {
    /// The issuers.
    #[default]
    Issued,
    /// Every respondent its own; the registrar put its key on the roll.
    Registered,
}

/// The log's name and key, and its witnesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardIdentity {
    /// The origin line of checkpoints: a URL without scheme.
    pub origin: String,
    /// The Ed25519 key of checkpoints, 32 bytes, not decoded.
    pub key: [u8; 32],
    /// Who watches that it shows everybody one history; witness i is at index i − 1.
    pub witnesses: Vec<Witness>,
    /// How many of them make a checkpoint witnessed; 0 without witnesses.
    pub witness_quorum: u16,
}

impl BoardIdentity {
    /// The witness of 1-based index `witness`.
    pub fn witness(&self, witness: u16) -> Option<&Witness> {
        self.witnesses.get(usize::from(witness).checked_sub(1)?)
    }
}

/// A valid manifest. Everything in it is fixed by [`ElectionManifest::id`].
#[derive(Clone, Debug)]
pub struct ElectionManifest {
    bytes: Vec<u8>,
    id: Digest,
    /// Names the election on a server and salts credentials.
    pub uuid: [u8; 16],
    /// The language that every text has.
    pub language: String,
    /// What voters read first.
    pub title: Text,
    /// More to read.
    pub description: Option<Text>,
    /// The organiser's name.
    pub organiser_name: String,
    /// The organiser's signing key.
    pub organiser_key: Element,
    /// Names of the issuers of credential parts.
    pub issuers: Vec<String>,
    /// The trustees; trustee j is at index j − 1.
    pub trustees: Vec<RosterTrustee>,
    /// How many trustees can decrypt.
    pub threshold: u16,
    /// How many trustees and witnesses together must certify the close.
    pub close_quorum: u16,
    /// The log and its witnesses.
    pub board: BoardIdentity,
    /// Opening time, seconds since 1970 (UTC).
    pub opens: i64,
    /// Closing time, seconds since 1970 (UTC).
    pub closes: i64,
    /// The ballot styles.
    pub styles: Vec<BallotStyle>,
    /// The contests.
    pub contests: Vec<Contest>,
    /// Contests with fewer counted ballots are not decrypted.
    pub minimum_ballots: u32,
    /// κ: counts below it stay closed.
    pub minimum_cell: Option<u32>,
    /// By what results are told apart; empty without groups.
    pub groups: Vec<Group>,
    /// Who made the voters' codes.
    pub participation: Participation,
}

impl ElectionManifest {
    /// Reads a manifest and checks every rule of its page.
    ///
    /// # Errors
    /// [`ManifestError`], naming the first rule broken and where.
    pub fn parse(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST_LENGTH {
            return Err(ManifestError::TooLong {
                length: bytes.len(),
            });
        }
        let mut transcript = Transcript::new("manifest id");
        transcript.append("manifest", bytes);
        let id = transcript.digest("id");
        let manifest = read::manifest(bytes, id).map_err(|error| *error)?;
        manifest.check_sizes()?;
        Ok(manifest)
    }

    /// The exact bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The manifest id.
    pub fn id(&self) -> Digest {
        self.id
    }

    /// The uuid as 32 hexadecimal digits.
    pub fn uuid_text(&self) -> String {
        crate::encoding::encode_hex(&self.uuid)
    }

    /// n, the number of trustees.
    pub fn n_trustees(&self) -> u16 {
        // At most 64 by the reader's rules.
        u16::try_from(self.trustees.len()).unwrap_or(u16::MAX)
    }

    /// N, the number of positions over all contests.
    pub fn n_positions(&self) -> usize {
        self.contests.iter().map(Contest::n_positions).sum()
    }

    /// The trustee of 1-based index `trustee`.
    pub fn trustee(&self, trustee: u16) -> Option<&RosterTrustee> {
        self.trustees.get(usize::from(trustee).checked_sub(1)?)
    }

    /// First position of every contest.
    pub fn contest_offsets(&self) -> Vec<usize> {
        let mut next = 0;
        self.contests
            .iter()
            .map(|contest| {
                let offset = next;
                next += contest.n_positions();
                offset
            })
            .collect()
    }

    /// The contests of a style.
    pub fn contests_of<'a>(&'a self, style: &'a BallotStyle) -> impl Iterator<Item = &'a Contest> {
        style
            .contests
            .iter()
            .filter_map(|&index| self.contests.get(index))
    }

    /// The contests of a style that ask something: as many answers a ballot has.
    pub fn asked_in<'a>(&'a self, style: &'a BallotStyle) -> impl Iterator<Item = &'a Contest> {
        self.contests_of(style).filter(|contest| contest.asks())
    }

    /// n of the range proofs of a style: the least that holds all its numbers; 0 without numbers.
    pub fn range_bits(&self, style: &BallotStyle) -> u8 {
        let ranges = self.contests_of(style).filter_map(Contest::number);
        let largest = ranges.map(NumberRules::range).max().unwrap_or(0);
        let enough = |bits: &u8| u64::from(largest) >> bits == 0;
        BITS.into_iter()
            .filter(|_| largest > 0)
            .find(enough)
            .unwrap_or(0)
    }

    /// Whether any ballot has a range proof: booths then need the arithmetic of range proofs.
    pub fn has_numbers(&self) -> bool {
        self.contests
            .iter()
            .any(|contest| contest.number().is_some())
    }

    /// The global positions of a style's ballots, in order.
    pub fn positions_of(&self, style: &BallotStyle) -> Vec<usize> {
        let offsets = self.contest_offsets();
        style
            .contests
            .iter()
            .filter_map(|&index| {
                let offset = *offsets.get(index)?;
                Some(offset..offset + self.contests.get(index)?.n_positions())
            })
            .flatten()
            .collect()
    }

    /// Who may certify the close.
    pub fn close_rule(&self) -> CloseRule {
        CloseRule {
            trustees: self.n_trustees(),
            threshold: self.threshold,
            // At most 16 by the reader's rules.
            witnesses: u16::try_from(self.board.witnesses.len()).unwrap_or(u16::MAX),
            witness_quorum: self.board.witness_quorum,
        }
    }

    /// What `minimum_cell` asks of the rest of the manifest.
    fn check_cells(&self, cell: u32) -> Result<(), ManifestError> {
        if self.minimum_ballots < cell {
            return Err(ManifestError::Range {
                path: "manifest.minimum_ballots".to_owned(),
                found: self.minimum_ballots.into(),
                least: cell.into(),
                most: u32::MAX.into(),
            });
        }
        for contest in &self.contests {
            if let Some(expected) = contest.unguarded() {
                return Err(ManifestError::Member {
                    path: format!("contest {:?}", contest.id),
                    expected,
                });
            }
        }
        Ok(())
    }

    fn check_sizes(&self) -> Result<(), ManifestError> {
        let (n, t, positions) = (
            self.trustees.len(),
            usize::from(self.threshold),
            self.n_positions(),
        );
        if positions > 1024 {
            return Err(ManifestError::Length {
                path: "the list of all options and blanks".to_owned(),
                found: positions,
                least: 1,
                most: 1024,
            });
        }
        if 32 * positions * t > 60_000 {
            return Err(ManifestError::TooLarge {
                what: "a trustee's coefficients",
            });
        }
        if n * (32 * positions + 16) > 60_000 {
            return Err(ManifestError::TooLarge {
                what: "a trustee's sealed shares",
            });
        }
        if let Some(cell) = self.minimum_cell {
            self.check_cells(cell)?;
            let guarded = self.contests.iter().map(|contest| contest.guarded().len());
            let guarded: usize = guarded
                .filter(|count| *count > 0)
                .map(|g| 32 * g + 96)
                .sum();
            if 34 + 48 * n + guarded + 16 > 60_000 {
                return Err(ManifestError::TooLarge {
                    what: "a trustee's preview of small cells",
                });
            }
        }
        for style in &self.styles {
            // Before the shape is made, which costs more the larger it is.
            let (n_s, m) = self.contests_of(style).fold((0, 0), |(n_s, m), contest| {
                (n_s + contest.n_positions(), m + contest.n_coordinates())
            });
            let numbers = self.contests_of(style).filter_map(Contest::number).count();
            if numbers > MAX_NUMBERS {
                return Err(ManifestError::Length {
                    path: format!("the list of numbers of style {:?}", style.id),
                    found: numbers,
                    least: 0,
                    most: MAX_NUMBERS,
                });
            }
            // Two forms for each number: W, the Bulletproof, T_W and zeta_W.
            let ranges = match 2 * numbers {
                0 => 0,
                forms => 32 * (forms + 2) + proof_length(self.range_bits(style), forms),
            };
            if 32 * (n_s + m + 10) + ranges + 168 > 65_535 {
                return Err(ManifestError::TooLarge { what: "a ballot" });
            }
            Shape::of_style(self, style).map_err(|source| ManifestError::Shape {
                style: style.id.clone(),
                source,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
