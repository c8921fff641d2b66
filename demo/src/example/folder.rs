//! Real elections from a folder: `question.json`, `ballots.csv`, `totals.csv`.
//!
//! `question.json` has `title` and `kind`. For `choices` and `points` it has `options` (`id`, `label`), `min`,
//! `max` and, for points, `max_per_option`. The first line of `ballots.csv` has the ids of the
//! options, every other line one ballot's values. `totals.csv` has the columns `id`, `label`,
//! `total`: what must come out. What is in a folder of kind `numbers`: see `numbers`.

mod numbers;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use protocol::ballot::Answer;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ExampleElection, VoterPlan};

/// Who is said to organise it.
const ORGANISER: &str = "Demonstration";

/// Why a folder holds no election that can be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// A file cannot be read.
    #[error("{} could not be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The question is not as it must be.
    #[error("{} is not a question: {reason}", path.display())]
    Question {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A way of counting that does not exist.
    #[error(
        "{} asks for a ranking; ranked counting is not there yet. Elections with choices, \
         points or numbers can be run",
        path.display()
    )]
    Ranking {
        /// Which file.
        path: PathBuf,
    },
    /// A table is malformed.
    #[error("{}, line {line}: {reason}", path.display())]
    Table {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
}

#[derive(Deserialize)]
struct Kind {
    kind: String,
}

/// A question with options.
#[derive(Deserialize)]
struct Question {
    title: String,
    kind: String,
    options: Vec<OptionJson>,
    min: u32,
    max: u32,
    max_per_option: Option<u32>,
}

#[derive(Deserialize)]
struct OptionJson {
    id: String,
    label: String,
}

impl Question {
    fn max_per_option(&self) -> u32 {
        self.max_per_option.unwrap_or(1)
    }

    /// The contest of the manifest.
    fn contest(&self) -> Value {
        let options = self.options.iter();
        let options = options.map(|option| json!({ "id": option.id, "label": option.label }));
        let mut contest = json!({
            "id": "question",
            "kind": self.kind,
            "title": self.title,
            "options": options.collect::<Vec<_>>(),
            "min": self.min,
            "max": self.max,
        });
        if let (Some(most), Some(members)) = (self.max_per_option, contest.as_object_mut()) {
            members.insert("max_per_option".to_owned(), most.into());
        }
        contest
    }
}

/// Reads the election in a folder; with a limit, only its first so many ballots.
///
/// # Errors
/// [`FolderError`], naming the file and the line.
pub fn read(folder: &Path, limit: Option<usize>) -> Result<ExampleElection, FolderError> {
    let path = folder.join("question.json");
    let text = fs::read(&path).map_err(|source| FolderError::Read {
        path: path.clone(),
        source,
    })?;
    let Kind { kind } = parse(&path, &text)?;
    match kind.as_str() {
        "choices" | "points" => read_options(folder, parse(&path, &text)?, limit),
        "numbers" | "number" => numbers::read(folder, &text, limit),
        "ranking" => Err(FolderError::Ranking { path }),
        other => {
            let reason = format!("its kind is {other:?}, not `choices`, `points` or `numbers`");
            Err(FolderError::Question { path, reason })
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, text: &'a [u8]) -> Result<T, FolderError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    serde_json::from_slice(text).map_err(|error| FolderError::Question {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn read_options(
    folder: &Path,
    mut question: Question,
    limit: Option<usize>,
) -> Result<ExampleElection, FolderError> {
    match (question.kind.as_str(), question.max_per_option) {
        ("points", None) => {
            return Err(FolderError::Question {
                path: folder.join("question.json"),
                reason: "it lacks `max_per_option`".to_owned(),
            });
        }
        ("points", _) => {}
        _ => question.max_per_option = None,
    }
    let (voters, is_whole) = read_ballots(&folder.join("ballots.csv"), &question, limit)?;
    let contests = vec![question.contest()];
    let mut election = ExampleElection::new(&question.title, ORGANISER, contests, voters);
    // The published totals are of all ballots; for some of them they are added up in the clear.
    if is_whole {
        let totals = read_totals(&folder.join("totals.csv"), &question)?;
        let totals = totals.into_iter().map(|total| Some(total.into()));
        election.published = vec![totals.collect()];
    }
    Ok(election)
}

/// A table and the path that its errors name.
struct Table<'a> {
    path: &'a Path,
    reader: csv::Reader<fs::File>,
}

impl<'a> Table<'a> {
    fn open(path: &'a Path) -> Result<Self, FolderError> {
        let file = fs::File::open(path).map_err(|source| FolderError::Read {
            path: path.to_owned(),
            source,
        })?;
        let reader = csv::Reader::from_reader(file);
        Ok(Self { path, reader })
    }

    fn wrong(&self, line: u64, reason: impl Into<String>) -> FolderError {
        FolderError::Table {
            path: self.path.to_owned(),
            line,
            reason: reason.into(),
        }
    }

    fn malformed(&self, error: &csv::Error) -> FolderError {
        let line = error.position().map_or(1, csv::Position::line);
        self.wrong(line, error.to_string())
    }

    /// The next line, with its number.
    fn next(&mut self) -> Result<Option<(u64, csv::StringRecord)>, FolderError> {
        let mut record = csv::StringRecord::new();
        let more = self.reader.read_record(&mut record);
        let more = more.map_err(|error| self.malformed(&error))?;
        let line = record.position().map_or(1, csv::Position::line);
        Ok(more.then_some((line, record)))
    }

    fn header(&mut self) -> Result<Vec<String>, FolderError> {
        let header = self.reader.headers().cloned();
        let header = header.map_err(|error| self.malformed(&error))?;
        Ok(header.iter().map(str::to_owned).collect())
    }
}

/// One voter per ballot, and whether these are all ballots of the file.
fn read_ballots(
    path: &Path,
    question: &Question,
    limit: Option<usize>,
) -> Result<(Vec<VoterPlan>, bool), FolderError> {
    let mut table = Table::open(path)?;
    let ids: Vec<&String> = question.options.iter().map(|option| &option.id).collect();
    let header = table.header()?;
    if !ids.iter().copied().eq(&header) {
        let reason = "the columns are not the ids of the question's options, in their order";
        return Err(table.wrong(1, reason));
    }
    let mut voters = Vec::new();
    while let Some((line, record)) = table.next()? {
        if limit.is_some_and(|limit| voters.len() >= limit) {
            return Ok((voters, false));
        }
        let mut values = Vec::with_capacity(record.len());
        for field in &record {
            let value: u32 = field
                .parse()
                .map_err(|_| table.wrong(line, format!("{field:?} is not a whole number")))?;
            if value > question.max_per_option() {
                let most = question.max_per_option();
                let reason = format!("an option has {value}; at most {most} is allowed");
                return Err(table.wrong(line, reason));
            }
            values.push(value);
        }
        let sum: u64 = values.iter().copied().map(u64::from).sum();
        let (min, max) = (question.min, question.max);
        if !(u64::from(min)..=u64::from(max)).contains(&sum) {
            let reason = format!("the values add up to {sum}, not to between {min} and {max}");
            return Err(table.wrong(line, reason));
        }
        let blank = false;
        voters.push(VoterPlan::one(vec![Answer { values, blank }]));
    }
    if voters.is_empty() {
        return Err(table.wrong(1, "there are no ballots"));
    }
    Ok((voters, true))
}

fn read_totals(path: &Path, question: &Question) -> Result<Vec<u64>, FolderError> {
    let mut table = Table::open(path)?;
    if table.header()? != ["id", "label", "total"] {
        return Err(table.wrong(1, "the columns are not `id`, `label`, `total`"));
    }
    let mut totals = HashMap::new();
    while let Some((line, record)) = table.next()? {
        let mut fields = record.iter();
        let (Some(id), Some(total)) = (fields.next(), fields.nth(1)) else {
            return Err(table.wrong(line, "there are not three fields"));
        };
        let total: u64 = total
            .parse()
            .map_err(|_| table.wrong(line, format!("{total:?} is not a whole number")))?;
        if totals.insert(id.to_owned(), total).is_some() {
            return Err(table.wrong(line, format!("{id:?} stands twice")));
        }
    }
    let in_order = question
        .options
        .iter()
        .map(|option| totals.remove(&option.id));
    let in_order: Option<Vec<u64>> = in_order.collect();
    match (in_order, totals.is_empty()) {
        (Some(in_order), true) => Ok(in_order),
        _ => Err(table.wrong(1, "the lines are not the question's options, each once")),
    }
}

#[cfg(test)]
mod tests;
