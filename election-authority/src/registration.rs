//! The keys that respondents made themselves, and the roll that the registrar makes of them.
//!
//! Spec: docs/spec/credentials.md, "Registered keys". Keys come as lines `psephos-key-1:…`, in one
//! text file or in one for each ballot style; a table may give some of them another style or a
//! weight.

use std::collections::HashMap;

use protocol::credential::{RegisteredKey, RegisteredKeyError};
use protocol::encoding::encode_hex;
use protocol::manifest::ElectionManifest;
use protocol::transcript::Transcript;
use rand_core::TryCryptoRng;

use crate::csv::{self, CsvError};
use crate::roll;
use crate::roll_part::{IssuedPart, IssuedVoter};

/// Most problems that are told at once.
const MOST_PROBLEMS: usize = 20;
const COLUMNS: [&str; 3] = ["key", "style", "weight"];

/// A file and what is in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, for errors.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The style of everybody in it; none for the only one.
    pub style: Option<String>,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, line {}", self.file, self.line)
    }
}

/// One thing wrong with registered keys.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum RegistrationProblem {
    /// No line.
    #[error(
        "no key is registered; each respondent hands in one line that starts with psephos-key-1:"
    )]
    Empty,
    /// Not a text.
    #[error("{file} is not a text in UTF-8; save it as plain text")]
    NotText {
        /// Which file.
        file: String,
    },
    /// A line that registers no key.
    #[error("{place}: {source}; ask its sender for a new line")]
    Line {
        /// Where.
        place: Place,
        /// Why.
        source: RegisteredKeyError,
    },
    /// Another election.
    #[error(
        "{place}: it registers for the election {found}, not {expected}; ask its sender to open the link of this election"
    )]
    OtherElection {
        /// Where.
        place: Place,
        /// Its election.
        found: String,
        /// This one.
        expected: String,
    },
    /// A key twice.
    #[error("{place}: this key stands in {first} already; remove one of them")]
    Repeated {
        /// Where.
        place: Place,
        /// Where it stood first.
        first: Place,
    },
    /// Several styles, and nothing says which.
    #[error("{place}: nothing says which ballot style it gets; give the file as STYLE={}, or a table with --assign. The styles are {known}", place.file)]
    NoStyle {
        /// Where.
        place: Place,
        /// The manifest's styles.
        known: String,
    },
    /// The table is no CSV.
    #[error("{file}: {source}")]
    Csv {
        /// Which file.
        file: String,
        /// Why.
        source: CsvError,
    },
    /// Unknown or missing columns.
    #[error(
        "{file}: its first line must name the columns key and, as needed, style and weight, each once"
    )]
    Columns {
        /// Which file.
        file: String,
    },
    /// Too few or too many fields.
    #[error("{place}: it has not as many fields as the first line")]
    Fields {
        /// Where.
        place: Place,
    },
    /// A key of the table that nobody registered.
    #[error(
        "{place}: nobody registered this key; write the line psephos-key-1:… or its key, 64 hexadecimal digits"
    )]
    Unknown {
        /// Where.
        place: Place,
    },
    /// A key of the table, twice.
    #[error("{place}: the table gives this key a second time")]
    Reassigned {
        /// Where.
        place: Place,
    },
    /// A style that the manifest does not have.
    #[error("{place}: the manifest has no ballot style {found:?}; it has {known}")]
    Style {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
        /// The manifest's styles.
        known: String,
    },
    /// An unusable weight.
    #[error("{place}: the weight {found:?} is not a whole number from 1 to 4294967295")]
    Weight {
        /// Where.
        place: Place,
        /// What stands there.
        found: String,
    },
}

/// Everything wrong with registered keys; nothing was taken from them.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct RegistrationError {
    /// The problems, file by file and line by line; at least one.
    pub problems: Vec<RegistrationProblem>,
}

impl std::error::Error for RegistrationError {}

impl std::fmt::Display for RegistrationError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let [problem] = self.problems.as_slice() {
            return write!(f, "the registered keys make no roll: {problem}");
        }
        write!(
            f,
            "the registered keys have {} problems:",
            self.problems.len()
        )?;
        for problem in self.problems.iter().take(MOST_PROBLEMS) {
            write!(f, "\n  {problem}")?;
        }
        match self.problems.len().saturating_sub(MOST_PROBLEMS) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// A respondent's line of the roll.
struct Respondent {
    place: Place,
    key: RegisteredKey,
    style: Option<String>,
    weight: u32,
    is_assigned: bool,
}

/// Checks every line (election, key, proof, repetition), gives everybody a style and a weight, and
/// makes the registrar's part of the roll, in the order of the keys, which says nothing of when
/// they came. White space around lines, empty lines and lines that begin with `#` do not matter.
///
/// # Errors
/// [`RegistrationError`] naming every bad line.
pub fn part_of_registered(
    manifest: &ElectionManifest,
    sources: &[Source],
    assignments: Option<&Source>,
    rng: &mut impl TryCryptoRng,
) -> Result<IssuedPart, RegistrationError> {
    let mut problems = Vec::new();
    let mut respondents = Vec::new();
    let mut seen: HashMap<[u8; 32], usize> = HashMap::new();
    for (place, line, style) in lines(sources, &mut problems) {
        match checked(manifest, &place, line, rng) {
            Err(problem) => problems.push(problem),
            Ok(key) => {
                let index = *seen
                    .entry(*key.part.key.as_bytes())
                    .or_insert(respondents.len());
                if let Some(Respondent { place: first, .. }) = respondents.get(index) {
                    let first = first.clone();
                    problems.push(RegistrationProblem::Repeated { place, first });
                } else {
                    respondents.push(Respondent {
                        place,
                        key,
                        style,
                        weight: 1,
                        is_assigned: false,
                    });
                }
            }
        }
    }
    if let Some(table) = assignments {
        assign(table, &mut respondents, &seen, &mut problems);
    }
    let styles: Vec<&str> = manifest
        .styles
        .iter()
        .map(|style| style.id.as_str())
        .collect();
    for respondent in &mut respondents {
        if let Err(problem) = settle(respondent, &styles) {
            problems.push(problem);
        }
    }
    if respondents.is_empty() && problems.is_empty() {
        problems.push(RegistrationProblem::Empty);
    }
    if !problems.is_empty() {
        return Err(RegistrationError { problems });
    }
    respondents.sort_by_key(|respondent| *respondent.key.part.key.as_bytes());
    let mut transcript = Transcript::new("roll order");
    let mut voters = Vec::with_capacity(respondents.len());
    for Respondent {
        key, style, weight, ..
    } in &respondents
    {
        transcript.append("rank", key.part.key.as_bytes());
        voters.push(IssuedVoter::new(
            style.as_deref().unwrap_or_default(),
            *weight,
            &key.part,
        ));
    }
    let order = transcript.digest("order").to_string();
    Ok(IssuedPart::new(&manifest.uuid, 1, order, voters))
}

/// All lines that may register a key, with the style of their file.
fn lines<'a>(
    sources: &'a [Source],
    problems: &mut Vec<RegistrationProblem>,
) -> Vec<(Place, &'a str, Option<String>)> {
    let mut lines = Vec::new();
    for Source { name, bytes, style } in sources {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Ok(text) = std::str::from_utf8(bytes) else {
            problems.push(RegistrationProblem::NotText { file: name.clone() });
            continue;
        };
        for (line, text) in (1..).zip(text.lines().map(str::trim)) {
            if !text.is_empty() && !text.starts_with('#') {
                let file = name.clone();
                lines.push((Place { file, line }, text, style.clone()));
            }
        }
    }
    lines
}

fn checked(
    manifest: &ElectionManifest,
    place: &Place,
    line: &str,
    rng: &mut impl TryCryptoRng,
) -> Result<RegisteredKey, RegistrationProblem> {
    let wrong = |source| RegistrationProblem::Line {
        place: place.clone(),
        source,
    };
    let key = RegisteredKey::parse(line).map_err(wrong)?;
    if key.uuid != manifest.uuid {
        return Err(RegistrationProblem::OtherElection {
            place: place.clone(),
            found: encode_hex(&key.uuid),
            expected: manifest.uuid_text(),
        });
    }
    key.verify(rng).map_err(wrong)?;
    Ok(key)
}

/// Gives those of a table their styles and weights.
fn assign(
    table: &Source,
    respondents: &mut [Respondent],
    seen: &HashMap<[u8; 32], usize>,
    problems: &mut Vec<RegistrationProblem>,
) {
    let file = || table.name.clone();
    let records = match csv::parse(&table.bytes) {
        Ok(records) => records,
        Err(source) => {
            let file = file();
            return problems.push(RegistrationProblem::Csv { file, source });
        }
    };
    let mut records = records.into_iter();
    let header = records
        .next()
        .map(|header| header.fields)
        .unwrap_or_default();
    let names: Vec<String> = header
        .iter()
        .map(|name| name.trim().to_lowercase())
        .collect();
    let column = |name: &str| names.iter().position(|other| other == name);
    let known = names.iter().all(|name| COLUMNS.contains(&name.as_str()));
    let distinct = (1..names.len()).all(|end| {
        let (before, rest) = names.split_at(end);
        rest.first().is_none_or(|name| !before.contains(name))
    });
    let (Some(key), true, true) = (column("key"), known, distinct) else {
        return problems.push(RegistrationProblem::Columns { file: file() });
    };
    let (style, weight) = (column("style"), column("weight"));
    for record in records {
        let place = Place {
            file: file(),
            line: record.line,
        };
        if record.fields.len() != names.len() {
            problems.push(RegistrationProblem::Fields { place });
            continue;
        }
        let field = |column: usize| record.fields.get(column).map(|field| field.trim());
        let found = field(key).and_then(key_of).and_then(|key| seen.get(&key));
        let Some(respondent) = found.and_then(|index| respondents.get_mut(*index)) else {
            problems.push(RegistrationProblem::Unknown { place });
            continue;
        };
        if std::mem::replace(&mut respondent.is_assigned, true) {
            problems.push(RegistrationProblem::Reassigned { place });
            continue;
        }
        if let Some(style) = style.and_then(field).filter(|style| !style.is_empty()) {
            respondent.style = Some(style.to_owned());
        }
        match weight.and_then(field).map(roll::weight) {
            None => {}
            Some(Ok(weight)) => respondent.weight = weight,
            Some(Err(found)) => problems.push(RegistrationProblem::Weight {
                place: place.clone(),
                found,
            }),
        }
        // A style that does not exist is then told with its line here.
        respondent.place = place;
    }
}

/// The key of a line, or a key alone.
fn key_of(text: &str) -> Option<[u8; 32]> {
    match RegisteredKey::parse(text) {
        Ok(key) => Some(*key.part.key.as_bytes()),
        Err(_) => protocol::encoding::decode_hex(text),
    }
}

/// The style that a respondent gets in the end.
fn settle(respondent: &mut Respondent, styles: &[&str]) -> Result<(), RegistrationProblem> {
    let known = || {
        let quoted = styles.iter().map(|style| format!("{style:?}"));
        quoted.collect::<Vec<_>>().join(", ")
    };
    let place = || respondent.place.clone();
    match (&respondent.style, styles) {
        (Some(style), _) if styles.contains(&style.as_str()) => Ok(()),
        (Some(style), _) => Err(RegistrationProblem::Style {
            place: place(),
            found: style.clone(),
            known: known(),
        }),
        (None, [only]) => {
            respondent.style = Some((*only).to_owned());
            Ok(())
        }
        (None, _) => Err(RegistrationProblem::NoStyle {
            place: place(),
            known: known(),
        }),
    }
}
