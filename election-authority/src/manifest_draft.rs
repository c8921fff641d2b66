//! A manifest that is not complete: what an organiser writes, and what the program fills in.
//!
//! A draft is a manifest (docs/spec/manifest.md) without the members that a program knows better:
//! uuid, organiser key, trustees' keys, board, certifying quorum. A text may be a plain string,
//! which is then in the draft's language; a question may be named once for several groups, and
//! buckets by their number. The finished bytes are checked by
//! [`ElectionManifest::parse`], like everybody else does.

mod contest;
mod groups;
mod text;
mod witnesses;

use board_client::ServerIdentity;
use protocol::encoding::encode_hex;
use protocol::group::Element;
use protocol::manifest::{CloseRule, ElectionManifest, MAX_MANIFEST_LENGTH, ManifestError};
use serde::{Deserialize, Serialize};

pub use contest::{All, Buckets, DraftContest, DraftGroup, DraftOption, DraftRow, Groups};
pub use text::DraftText;
pub use witnesses::DraftWitness;

/// Contests with fewer counted ballots stay sealed, unless the draft says otherwise: the total of
/// one or two ballots is nearly the ballots.
pub const MINIMUM_BALLOTS: u64 = 3;

/// A draft; the members are those of the manifest, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestDraft {
    /// Protocol version, 3.
    #[serde(default = "version")]
    pub psephos: u64,
    /// 32 hexadecimal digits; drawn where missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
    /// The language that every text has.
    pub language: String,
    /// What voters read first.
    pub title: DraftText,
    /// More to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<DraftText>,
    /// The organiser, or only its name; the key is filled in.
    #[serde(deserialize_with = "text::name_or_named_key")]
    pub organiser: NamedKey,
    /// Who issues credential parts; the organiser where missing.
    #[serde(default)]
    pub issuers: Vec<Issuer>,
    /// The trustees; their cards are added.
    #[serde(default)]
    pub trustees: Vec<NamedKey>,
    /// How many trustees can decrypt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<u64>,
    /// How many trustees and witnesses must certify the close; the least possible where missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub close_quorum: Option<u64>,
    /// Who watches that the board tells everybody one history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<DraftWitness>,
    /// How many of them make a checkpoint witnessed; the least possible where missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub witness_quorum: Option<u64>,
    /// The log; filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub board: Option<DraftBoard>,
    /// Opening time, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opens: Option<String>,
    /// Closing time, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closes: Option<String>,
    /// By what results are told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<DraftGroup>,
    /// Ballot styles; where missing one for each group, or one with all contests.
    #[serde(default)]
    pub styles: Vec<DraftStyle>,
    /// The contests.
    pub contests: Vec<DraftContest>,
    /// Contests with fewer counted ballots are not decrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_ballots: Option<u64>,
    /// Counts below this stay closed; none where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_cell: Option<u64>,
    /// `issued` or `registered`: who makes the voters' codes; issuers where missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participation: Option<String>,
}

/// A name and a key: the organiser, or a trustee as its card has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedKey {
    /// The name.
    pub name: String,
    /// The key, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// Who issues a part of the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The name.
    pub name: String,
}

/// The log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftBoard {
    /// Origin.
    pub origin: String,
    /// Ed25519 key, 64 hexadecimal digits.
    pub key: String,
}

/// A ballot style.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftStyle {
    /// Its id.
    pub id: String,
    /// Ids of its contests.
    pub contests: Vec<String>,
}

fn version() -> u64 {
    protocol::entry::VERSION.into()
}

/// Why a draft does not become a manifest.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum DraftError {
    /// Not a draft.
    #[error("the draft cannot be read: {reason}")]
    Json {
        /// What the JSON reader says, with line and column.
        reason: String,
    },
    /// Not a card.
    #[error("the trustee's card {card} cannot be read: {reason}")]
    Card {
        /// Which file.
        card: String,
        /// Why.
        reason: String,
    },
    /// Something that only a person can say is missing.
    #[error("the draft lacks {what}; {advice}")]
    Lacks {
        /// What.
        what: &'static str,
        /// How to give it.
        advice: &'static str,
    },
    /// A member that contradicts what the program knows.
    #[error("the draft names another {what} than {where_from}; leave it out of the draft")]
    Contradiction {
        /// Which member.
        what: &'static str,
        /// Where the other value comes from.
        where_from: &'static str,
    },
    /// A question for groups that cannot be written out.
    #[error("the question {contest:?} {reason}")]
    Question {
        /// Its id.
        contest: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The finished manifest breaks a rule.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// What the program fills in.
#[derive(Debug)]
pub struct Fillings<'a> {
    /// A random uuid, for a draft without one.
    pub uuid: [u8; 16],
    /// The organiser's public key.
    pub organiser_key: &'a Element,
    /// Cards of trustees, added after those of the draft.
    pub cards: Vec<NamedKey>,
    /// Witnesses, added after those of the draft.
    pub witnesses: Vec<DraftWitness>,
    /// Threshold, if given beside the draft.
    pub threshold: Option<u64>,
    /// Times, if given beside the draft.
    pub opens: Option<String>,
    /// Times, if given beside the draft.
    pub closes: Option<String>,
    /// Key and origin of the ballot box.
    pub server: &'a ServerIdentity,
}

/// Reads a trustee's card: its name and key, as `trustee init` writes it.
///
/// # Errors
/// [`DraftError::Card`] naming the file.
pub fn read_card(name: &str, bytes: &[u8]) -> Result<NamedKey, DraftError> {
    let wrong = |reason: String| DraftError::Card {
        card: name.to_owned(),
        reason,
    };
    let card: NamedKey = serde_json::from_slice(bytes).map_err(|error| wrong(error.to_string()))?;
    match card.key {
        Some(_) => Ok(card),
        None => Err(wrong("it has no key".to_owned())),
    }
}

impl ManifestDraft {
    /// Reads a draft.
    ///
    /// # Errors
    /// [`DraftError::Json`] naming line and column.
    pub fn parse(bytes: &[u8]) -> Result<Self, DraftError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        serde_json::from_slice(bytes).map_err(|error| DraftError::Json {
            reason: error.to_string(),
        })
    }

    /// Fills in what is missing and checks the result by every rule of a manifest.
    ///
    /// # Errors
    /// [`DraftError`], naming what is missing or which rule is broken.
    pub fn complete(mut self, fillings: Fillings<'_>) -> Result<ElectionManifest, DraftError> {
        let uuid = self
            .uuid
            .get_or_insert_with(|| encode_hex(&fillings.uuid))
            .clone();
        let organiser = encode_hex(fillings.organiser_key.as_bytes());
        fill(
            &mut self.organiser.key,
            organiser,
            "organiser key",
            "this organiser's own",
        )?;
        let board = DraftBoard {
            origin: format!("{}/{uuid}", fillings.server.origin_prefix),
            key: fillings.server.key.clone(),
        };
        fill(&mut self.board, board, "board", "the ballot box gives")?;
        if let Some(threshold) = fillings.threshold {
            fill(&mut self.threshold, threshold, "threshold", "--threshold")?;
        }
        if let Some(opens) = fillings.opens {
            fill(&mut self.opens, opens, "opening time", "--opens")?;
        }
        if let Some(closes) = fillings.closes {
            fill(&mut self.closes, closes, "closing time", "--closes")?;
        }
        self.trustees.extend(fillings.cards);
        self.witnesses.extend(fillings.witnesses);
        self.check_given()?;
        self.fill_quorums();
        if self.issuers.is_empty() {
            let name = self.organiser.name.clone();
            self.issuers.push(Issuer { name });
        }
        self.write_out_groups()?;
        self.contests.iter_mut().for_each(DraftContest::fill);
        let least = self.minimum_cell.unwrap_or(0).max(MINIMUM_BALLOTS);
        self.minimum_ballots.get_or_insert(least);
        self.name_languages();
        Ok(ElectionManifest::parse(&self.to_json()?)?)
    }

    /// The least that is safe, where the draft says nothing. What cannot be right is left for the
    /// manifest's rules to refuse.
    fn fill_quorums(&mut self) {
        let narrow = |number: usize| u16::try_from(number).ok();
        let witnesses = narrow(self.witnesses.len()).unwrap_or(u16::MAX);
        if witnesses > 0 {
            let least = CloseRule::least_witness_quorum(witnesses);
            self.witness_quorum.get_or_insert(least.into());
        }
        let quorum = self.witness_quorum.unwrap_or(0);
        let threshold = self.threshold.and_then(|t| u16::try_from(t).ok());
        let parts = (
            narrow(self.trustees.len()),
            threshold,
            u16::try_from(quorum),
        );
        if let (Some(trustees), Some(threshold), Ok(witness_quorum)) = parts
            && (1..=trustees).contains(&threshold)
            && trustees <= 64
            && witness_quorum <= witnesses
            && witnesses <= 16
        {
            let rule = CloseRule {
                trustees,
                threshold,
                witnesses,
                witness_quorum,
            };
            self.close_quorum.get_or_insert(rule.least_quorum().into());
        }
    }

    fn check_given(&self) -> Result<(), DraftError> {
        let lacks = |what, advice| Err(DraftError::Lacks { what, advice });
        if self.trustees.is_empty() {
            return lacks("trustees", "add the card of each with --trustee CARD.json");
        }
        if self.trustees.iter().any(|trustee| trustee.key.is_none()) {
            return lacks("a trustee's key", "use the cards that the trustees sent");
        }
        if self.threshold.is_none() {
            return lacks(
                "the threshold",
                "say how many trustees can decrypt with --threshold",
            );
        }
        if self.opens.is_none() {
            return lacks(
                "the opening time",
                "give it with --opens 2026-05-01T08:00:00Z",
            );
        }
        if self.closes.is_none() {
            return lacks(
                "the closing time",
                "give it with --closes 2026-05-08T20:00:00Z",
            );
        }
        Ok(())
    }

    /// Puts every plain string into the draft's language.
    fn name_languages(&mut self) {
        let language = self.language.clone();
        let mut texts = vec![&mut self.title];
        texts.extend(&mut self.description);
        texts.extend(self.groups.iter_mut().map(|group| &mut group.title));
        texts.extend(self.contests.iter_mut().flat_map(DraftContest::texts));
        texts
            .into_iter()
            .for_each(|text| text.name_language(&language));
    }

    /// The bytes, laid out for readers unless that makes them too long.
    fn to_json(&self) -> Result<Vec<u8>, DraftError> {
        let wrong = |error: serde_json::Error| DraftError::Json {
            reason: error.to_string(),
        };
        let pretty = serde_json::to_vec_pretty(self).map_err(wrong)?;
        if pretty.len() <= MAX_MANIFEST_LENGTH {
            return Ok(pretty);
        }
        serde_json::to_vec(self).map_err(wrong)
    }
}

fn fill<T: PartialEq>(
    member: &mut Option<T>,
    value: T,
    what: &'static str,
    where_from: &'static str,
) -> Result<(), DraftError> {
    match member {
        Some(given) if *given != value => Err(DraftError::Contradiction { what, where_from }),
        _ => {
            *member = Some(value);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests;
