//! The voter list: who may vote, with which weight and ballot style.
//!
//! It holds names and addresses, so it stays on this computer: the board lists credentials only.

use std::collections::HashMap;

use crate::csv::{self, CsvError};

/// Most problems that are told at once.
const MOST_PROBLEMS: usize = 20;
const ID_LENGTH: usize = 500;
const COLUMNS: [&str; 5] = ["id", "name", "email", "weight", "style"];

/// A voter of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Line of the file.
    pub line: usize,
    /// What the organiser calls the voter; distinct.
    pub id: String,
    /// Name, possibly empty.
    pub name: String,
    /// Address for e-mail, possibly empty.
    pub email: String,
    /// Weight, at least 1.
    pub weight: u32,
    /// Id of the ballot style; empty for the only one.
    pub style: String,
}

/// One thing wrong with a voter list.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum RollProblem {
    /// Not CSV at all.
    #[error(transparent)]
    Csv(#[from] CsvError),
    /// No voter.
    #[error(
        "the file lists no voter; it needs a first line with the names of the columns, such as id,name,email,weight,style, and a line for each voter"
    )]
    Empty,
    /// No column of ids.
    #[error(
        "line {line}, the first, names no column \"id\"; the columns are id and, as needed, name, email, weight, style"
    )]
    NoId {
        /// The header's line.
        line: usize,
    },
    /// An unknown column; a misspelt "weight" must not give everybody the weight 1.
    #[error(
        "line {line} names an unknown column {name:?}; the columns are id, name, email, weight and style"
    )]
    UnknownColumn {
        /// The header's line.
        line: usize,
        /// The name.
        name: String,
    },
    /// A column twice.
    #[error("line {line} names the column {name:?} twice")]
    RepeatedColumn {
        /// The header's line.
        line: usize,
        /// The name.
        name: &'static str,
    },
    /// Too few or too many fields.
    #[error("line {line} has {found} fields where the first line names {expected} columns")]
    Fields {
        /// Where.
        line: usize,
        /// How many there are.
        found: usize,
        /// How many there should be.
        expected: usize,
    },
    /// An unusable id.
    #[error("line {line}: the id must have 1 to {ID_LENGTH} bytes and no control characters")]
    Id {
        /// Where.
        line: usize,
    },
    /// A name, address or style with a control character.
    #[error("line {line}: the {column} has a control character, such as a line break; remove it")]
    Control {
        /// Where.
        line: usize,
        /// Which column.
        column: &'static str,
    },
    /// What a spreadsheet would run when the list of codes is opened in it.
    #[error(
        "line {line}: the {column} {found:?} would be a formula in a spreadsheet; write it without a leading =, +, - or @ (a + before digits alone is fine)"
    )]
    Formula {
        /// Where.
        line: usize,
        /// Which column.
        column: &'static str,
        /// What stands there.
        found: String,
    },
    /// Two voters of one id.
    #[error("line {line}: the id {id:?} stands on line {first} already")]
    Duplicate {
        /// Where.
        line: usize,
        /// The id.
        id: String,
        /// Where it stood first.
        first: usize,
    },
    /// An unusable weight.
    #[error("line {line}: the weight {found:?} is not a whole number from 1 to 4294967295")]
    Weight {
        /// Where.
        line: usize,
        /// What stands there.
        found: String,
    },
    /// A style that the manifest does not have.
    #[error("line {line}: the manifest has no ballot style {found:?}; it has {known}")]
    Style {
        /// Where.
        line: usize,
        /// What stands there.
        found: String,
        /// The manifest's styles.
        known: String,
    },
    /// Several styles, and no column that says which.
    #[error("the manifest has several ballot styles, {known}; the file needs a column \"style\"")]
    NoStyles {
        /// The manifest's styles.
        known: String,
    },
}

/// Everything wrong with a voter list; nothing was taken from it.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct RollError {
    /// The problems, in the order of the lines; at least one.
    pub problems: Vec<RollProblem>,
}

impl std::error::Error for RollError {}

impl std::fmt::Display for RollError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let [problem] = self.problems.as_slice() {
            return write!(f, "the voter list cannot be used: {problem}");
        }
        write!(f, "the voter list has {} problems:", self.problems.len())?;
        for problem in self.problems.iter().take(MOST_PROBLEMS) {
            write!(f, "\n  {problem}")?;
        }
        match self.problems.len().saturating_sub(MOST_PROBLEMS) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

impl From<RollProblem> for RollError {
    fn from(problem: RollProblem) -> Self {
        Self {
            problems: vec![problem],
        }
    }
}

/// A valid voter list: at least one voter, ids distinct, weights at least 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoterList {
    voters: Vec<Voter>,
}

impl VoterList {
    /// Reads a list from CSV with a first line of column names: `id` and, optionally, `name`,
    /// `email`, `weight`, `style`. `styles` are the ids of the manifest's styles, where it is at
    /// hand; a list without styles means the only one.
    ///
    /// # Errors
    /// [`RollError`] with all problems by line.
    pub fn parse(bytes: &[u8], styles: Option<&[&str]>) -> Result<Self, RollError> {
        let records = csv::parse(bytes).map_err(RollProblem::from)?;
        let mut records = records.into_iter();
        let header = records.next().ok_or(RollProblem::Empty)?;
        let columns = Columns::of(&header)?;
        let known = || {
            let quoted = styles.unwrap_or_default().iter();
            quoted
                .map(|style| format!("{style:?}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        if columns.style.is_none() && styles.is_some_and(|styles| styles.len() > 1) {
            return Err(RollProblem::NoStyles { known: known() }.into());
        }
        let (mut voters, mut problems, mut lines) = (Vec::new(), Vec::new(), HashMap::new());
        for record in records {
            let line = record.line;
            if record.fields.len() != header.fields.len() {
                problems.push(RollProblem::Fields {
                    line,
                    found: record.fields.len(),
                    expected: header.fields.len(),
                });
                continue;
            }
            let field = |column: Option<usize>| {
                let field = column.and_then(|column| record.fields.get(column));
                field.map(|field| field.trim().to_owned())
            };
            let text = |column| field(column).unwrap_or_default();
            let id = text(Some(columns.id));
            if id.is_empty() || id.len() > ID_LENGTH || id.chars().any(char::is_control) {
                problems.push(RollProblem::Id { line });
            } else if let Some(first) = lines.insert(id.clone(), line) {
                // The first line stays on record for a third one.
                lines.insert(id.clone(), first);
                let id = id.clone();
                problems.push(RollProblem::Duplicate { line, id, first });
            }
            let weight = match field(columns.weight).as_deref().map(weight) {
                None => 1,
                Some(Ok(weight)) => weight,
                Some(Err(found)) => {
                    problems.push(RollProblem::Weight { line, found });
                    1
                }
            };
            let style = text(columns.style);
            let (name, email) = (text(columns.name), text(columns.email));
            // The control characters of ids are told above.
            for (column, text) in [("name", &name), ("email", &email), ("style", &style)] {
                if text.chars().any(char::is_control) {
                    problems.push(RollProblem::Control { line, column });
                }
            }
            for (column, text) in COLUMNS.iter().zip([&id, &name, &email]) {
                if csv::is_formula(text) {
                    let found = text.clone();
                    problems.push(RollProblem::Formula {
                        line,
                        column,
                        found,
                    });
                }
            }
            if columns.style.is_some()
                && styles.is_some_and(|styles| !styles.contains(&style.as_str()))
            {
                problems.push(RollProblem::Style {
                    line,
                    found: style.clone(),
                    known: known(),
                });
            }
            voters.push(Voter {
                line,
                id,
                name,
                email,
                weight,
                style,
            });
        }
        if voters.is_empty() && problems.is_empty() {
            problems.push(RollProblem::Empty);
        }
        if problems.is_empty() {
            Ok(Self { voters })
        } else {
            Err(RollError { problems })
        }
    }

    /// The voters, in the order of the file.
    pub fn voters(&self) -> &[Voter] {
        &self.voters
    }

    /// The list as CSV, which [`VoterList::parse`] reads back.
    pub fn to_csv(&self) -> String {
        let has_styles = self.voters.iter().any(|voter| !voter.style.is_empty());
        let mut out = String::new();
        let (all, _) = COLUMNS.split_at(if has_styles { 5 } else { 4 });
        csv::write(all, &mut out);
        for voter in &self.voters {
            let weight = voter.weight.to_string();
            let fields = [&voter.id, &voter.name, &voter.email, &weight, &voter.style];
            let fields: Vec<&str> = fields.into_iter().map(String::as_str).collect();
            csv::write(fields.split_at(all.len()).0, &mut out);
        }
        out
    }
}

/// Where the columns stand.
struct Columns {
    id: usize,
    name: Option<usize>,
    email: Option<usize>,
    weight: Option<usize>,
    style: Option<usize>,
}

impl Columns {
    fn of(header: &csv::Record) -> Result<Self, RollError> {
        let line = header.line;
        let mut found: [Option<usize>; 5] = [None; 5];
        for (index, field) in header.fields.iter().enumerate() {
            let name = field.trim().to_lowercase();
            let column = COLUMNS
                .iter()
                .zip(&mut found)
                .find(|(known, _)| **known == name);
            match column {
                None => return Err(RollProblem::UnknownColumn { line, name }.into()),
                Some((name, Some(_))) => {
                    return Err(RollProblem::RepeatedColumn { line, name }.into());
                }
                Some((_, place)) => *place = Some(index),
            }
        }
        let [id, name, email, weight, style] = found;
        Ok(Self {
            id: id.ok_or(RollProblem::NoId { line })?,
            name,
            email,
            weight,
            style,
        })
    }
}

/// A weight in plain digits.
pub(crate) fn weight(text: &str) -> Result<u32, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let value = text.parse().ok().filter(|weight| digits && *weight >= 1);
    value.ok_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests;
