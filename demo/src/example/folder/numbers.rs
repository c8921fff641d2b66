//! Numeric answers from a folder.
//!
//! `question.json` has `title`, `kind` (`numbers`), `lo` and `hi`, and as needed `decimals`, `unit`,
//! `buckets`, `spread` and `blank`, as a contest of a manifest has them. With `options` (`id`,
//! `label`, and any of these members for one of them alone) there are several questions. Every line
//! of `ballots.csv` has a voter's integers, one per question; an empty field is a blank. Its first
//! line has the ids of the questions, and may be left out. `totals.csv` may be left out; it has a
//! column `total` (or `sum`) with the sum of the answers, and with several questions a column `id`.

use std::fs;
use std::path::Path;

use protocol::ballot::Answer;
use protocol::manifest::MAX_TOTAL;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{FolderError, ORGANISER, parse};
use crate::example::{ExampleElection, VoterPlan};

/// The members of a contest that are taken as they are.
const MEMBERS: [&str; 8] = [
    "lo", "hi", "decimals", "unit", "step", "buckets", "spread", "blank",
];

/// What an answer must keep to.
#[derive(Deserialize)]
struct Rules {
    lo: i64,
    hi: i64,
    spread: Option<bool>,
    #[serde(default)]
    blank: bool,
}

/// A question.
struct Number {
    id: Option<String>,
    rules: Rules,
    contest: Map<String, Value>,
}

impl Number {
    /// R; questions are refused where there is none.
    fn range(&self) -> u64 {
        let range = self.rules.hi.checked_sub(self.rules.lo);
        range
            .and_then(|range| u64::try_from(range).ok())
            .unwrap_or(u64::MAX)
    }

    fn set(&mut self, member: &str, value: impl Into<Value>) {
        self.contest.insert(member.to_owned(), value.into());
    }
}

/// The answers of all voters to every question; none where blank.
type Answers = Vec<Vec<Option<i64>>>;

pub(super) fn read(
    folder: &Path,
    text: &[u8],
    limit: Option<usize>,
) -> Result<ExampleElection, FolderError> {
    let path = folder.join("question.json");
    let whole: Map<String, Value> = parse(&path, text)?;
    let title = whole
        .get("title")
        .and_then(Value::as_str)
        .unwrap_or("Numbers");
    let mut numbers = questions(&path, &whole, title)?;
    let (answers, is_whole) = read_answers(&folder.join("ballots.csv"), &mut numbers, limit)?;
    let sums = match is_whole {
        true => read_sums(&folder.join("totals.csv"), &numbers)?,
        false => Vec::new(),
    };
    let mut notes = Vec::new();
    for number in &mut numbers {
        notes.extend(leave_out_spread(number, answers.len()));
    }
    let published = (0..)
        .zip(&numbers)
        .zip(sums)
        .map(|((column, number), sum)| {
            let answered = answers
                .iter()
                .filter_map(|row: &Vec<_>| row.get::<usize>(column).copied().flatten());
            // What is counted is how far each answer is above lo.
            let n = i128::try_from(answered.count()).unwrap_or(i128::MAX);
            vec![sum.map(|sum| sum - n * i128::from(number.rules.lo))]
        });
    let published = published.collect();
    let voters = answers.iter().map(|row| {
        let answers = row.iter().zip(&numbers).map(|(answer, number)| {
            // Within lo..hi, as it was read.
            let value = answer.and_then(|answer| u32::try_from(answer - number.rules.lo).ok());
            Answer {
                values: vec![value.unwrap_or(0)],
                blank: answer.is_none(),
            }
        });
        VoterPlan::one(answers.collect())
    });
    let voters = voters.collect();
    let contests = numbers
        .into_iter()
        .map(|number| Value::Object(number.contest));
    let mut election = ExampleElection::new(title, ORGANISER, contests.collect(), voters);
    election.published = published;
    election.notes = notes;
    Ok(election)
}

/// The questions: one for each of the options, or a single one.
fn questions(
    path: &Path,
    whole: &Map<String, Value>,
    title: &str,
) -> Result<Vec<Number>, FolderError> {
    let wrong = |reason: String| FolderError::Question {
        path: path.to_owned(),
        reason,
    };
    let nothing = Map::new();
    let options = match whole.get("options").and_then(Value::as_array) {
        Some(options) if !options.is_empty() => options
            .iter()
            .map(|option| option.as_object().unwrap_or(&nothing))
            .collect(),
        _ => vec![&nothing],
    };
    let mut numbers = Vec::new();
    for option in options {
        let own = MEMBERS.into_iter().filter_map(|name| {
            let value = option.get(name).or_else(|| whole.get(name));
            Some((name.to_owned(), value?.clone())).filter(|(_, value)| !value.is_null())
        });
        let contest: Map<String, Value> = own.collect();
        let rules = Rules::deserialize(Value::Object(contest.clone()));
        let rules = rules.map_err(|error| wrong(error.to_string()))?;
        if rules.hi <= rules.lo {
            return Err(wrong(format!(
                "hi is {}, which is not above lo, {}",
                rules.hi, rules.lo
            )));
        }
        let text = |name| option.get(name).and_then(Value::as_str);
        let id = option.get("id").map(|id| match id {
            Value::String(id) => id.clone(),
            other => other.to_string(),
        });
        let mut number = Number { id, rules, contest };
        number.set("kind", "number");
        number.set("title", text("label").unwrap_or(title));
        numbers.push(number);
    }
    Ok(numbers)
}

/// Counts no squares where their sum could be too large to be opened; says so.
fn leave_out_spread(number: &mut Number, voters: usize) -> Option<String> {
    let range = u128::from(number.range());
    let largest = range * range * u128::try_from(voters).unwrap_or(u128::MAX);
    let is_possible = largest <= u128::from(MAX_TOTAL);
    let is_wanted = number.rules.spread.unwrap_or(true);
    number.set("spread", is_possible && is_wanted);
    let title = number
        .contest
        .get("title")
        .and_then(Value::as_str)
        .unwrap_or_default();
    (is_wanted && !is_possible).then(|| {
        format!(
            "{title}: the sum of squares could reach {largest}, more than the {MAX_TOTAL} that can be opened, so only the sum and the mean are counted, not the variance"
        )
    })
}

fn wrong(path: &Path, line: u64, reason: impl Into<String>) -> FolderError {
    FolderError::Table {
        path: path.to_owned(),
        line,
        reason: reason.into(),
    }
}

/// Every line of a table, with its number.
fn lines(path: &Path) -> Result<Vec<(u64, Vec<String>)>, FolderError> {
    let bytes = fs::read(path).map_err(|source| FolderError::Read {
        path: path.to_owned(),
        source,
    })?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| {
            let line = error.position().map_or(1, csv::Position::line);
            wrong(path, line, error.to_string())
        })?;
        let line = record.position().map_or(1, csv::Position::line);
        lines.push((line, record.iter().map(str::to_owned).collect()));
    }
    Ok(lines)
}

/// Everybody's answers, and whether these are all of the file. Names the questions by the first
/// line, if it has names.
fn read_answers(
    path: &Path,
    numbers: &mut [Number],
    limit: Option<usize>,
) -> Result<(Answers, bool), FolderError> {
    let mut lines = lines(path)?;
    let is_header = lines.first().is_some_and(|(_, fields)| {
        fields
            .iter()
            .any(|field| !field.is_empty() && field.parse::<i64>().is_err())
    });
    let header = if is_header {
        lines.remove(0).1
    } else {
        Vec::new()
    };
    let known: Option<Vec<&str>> = numbers.iter().map(|number| number.id.as_deref()).collect();
    if is_header && known.is_some_and(|known| known.len() > 1 && known != header) {
        let reason = "the columns are not the ids of the questions, in their order";
        return Err(wrong(path, 1, reason));
    }
    for (index, number) in numbers.iter_mut().enumerate() {
        let named = number.id.clone().or_else(|| header.get(index).cloned());
        let id = named
            .filter(|id| is_id(id))
            .unwrap_or_else(|| format!("n{}", index + 1));
        number.set("id", id.as_str());
        number.id = Some(id);
    }
    let all = lines.len();
    let mut answers = Vec::new();
    for (line, fields) in lines.into_iter().take(limit.unwrap_or(usize::MAX)) {
        if fields.len() != numbers.len() {
            let reason = format!(
                "it has {} fields for {} questions",
                fields.len(),
                numbers.len()
            );
            return Err(wrong(path, line, reason));
        }
        let row = fields
            .iter()
            .zip(&*numbers)
            .map(|(field, number)| answer(field, &number.rules));
        let row: Result<Vec<_>, String> = row.collect();
        answers.push(row.map_err(|reason| wrong(path, line, reason))?);
    }
    match answers.len() {
        0 => Err(wrong(path, 1, "there are no answers")),
        read => Ok((answers, read == all)),
    }
}

fn is_id(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=64).contains(&text.len()) && text.chars().all(allowed)
}

fn answer(field: &str, rules: &Rules) -> Result<Option<i64>, String> {
    if field.is_empty() {
        return match rules.blank {
            true => Ok(None),
            false => Err("an answer is missing, and `blank` is not allowed".to_owned()),
        };
    }
    let (lo, hi) = (rules.lo, rules.hi);
    match field.parse() {
        Ok(answer) if (lo..=hi).contains(&answer) => Ok(Some(answer)),
        Ok(answer) => Err(format!("an answer is {answer}, not between {lo} and {hi}")),
        Err(_) => Err(format!("{field:?} is not a whole number")),
    }
}

/// The published sum of each question, where there is one.
fn read_sums(path: &Path, numbers: &[Number]) -> Result<Vec<Option<i128>>, FolderError> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut lines = lines(path)?.into_iter();
    let (_, header) = lines.next().ok_or_else(|| wrong(path, 1, "it is empty"))?;
    let column = |names: &[&str]| {
        header
            .iter()
            .position(|field| names.contains(&field.to_lowercase().as_str()))
    };
    let total = column(&["total", "sum"]);
    let total = total.ok_or_else(|| wrong(path, 1, "it has no column `total`"))?;
    let mut sums = vec![None; numbers.len()];
    for (index, (line, fields)) in lines.enumerate() {
        let id = column(&["id"]).and_then(|column| fields.get(column));
        let place = match id {
            Some(id) if numbers.len() > 1 => numbers
                .iter()
                .position(|number| number.id.as_ref() == Some(id)),
            _ => Some(index),
        };
        let field = fields.get(total).map(String::as_str).unwrap_or_default();
        let sum: i128 = field
            .parse()
            .map_err(|_| wrong(path, line, format!("{field:?} is not a whole number")))?;
        match place.and_then(|place| sums.get_mut(place)) {
            Some(place @ None) => *place = Some(sum),
            _ => {
                return Err(wrong(
                    path,
                    line,
                    "the lines are not the questions, each once",
                ));
            }
        }
    }
    Ok(sums)
}
