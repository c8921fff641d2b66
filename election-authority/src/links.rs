//! Personal links for an invitation list: a table for mail merge.
//!
//! A code stands behind the `#` of its link, which no browser sends to a server.

use std::collections::{HashMap, HashSet};

use protocol::credential::{Code, CodeError, combine};
use protocol::transcript::Digest;
use zeroize::Zeroizing;

use crate::csv::{self, CsvError};

const COLUMNS: [&str; 4] = ["id", "name", "email", "code"];

/// Why codes make no links.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum LinkError {
    /// Not CSV.
    #[error("{file}: {source}")]
    Csv {
        /// Which file.
        file: String,
        /// Why.
        source: CsvError,
    },
    /// A column is missing.
    #[error("{file} has no column {column:?}; give the file that `credentials issue --csv` wrote")]
    Column {
        /// Which file.
        file: String,
        /// Which column.
        column: &'static str,
    },
    /// A line with other fields than the first.
    #[error("{file}, line {line}: it has not as many fields as the first line")]
    Fields {
        /// Which file.
        file: String,
        /// Where.
        line: usize,
    },
    /// Not a code.
    #[error("{file}, line {line}: {source}")]
    Code {
        /// Which file.
        file: String,
        /// Where.
        line: usize,
        /// Why.
        source: CodeError,
    },
    /// A voter twice, or what a spreadsheet would run.
    #[error("{file}, line {line}: {what}")]
    Voter {
        /// Which file.
        file: String,
        /// Where.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A file per issuer.
    #[error(
        "the manifest names {expected} issuers, and {found} files of codes are given; give one of each issuer, in their order"
    )]
    Issuers {
        /// How many there must be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Not for everybody.
    #[error("{file} has no code for the voter {id:?}; all issuers must have used one voter list")]
    NoCode {
        /// Which file.
        file: String,
        /// The voter.
        id: String,
    },
    /// Codes of another election, or of another issuing.
    #[error(
        "the code of {id:?} is not on this election's roll; give the codes whose public part was published"
    )]
    NotOnTheRoll {
        /// The voter.
        id: String,
    },
}

/// A file of codes.
pub struct CodeFile {
    /// Its name, for errors.
    pub name: String,
    /// Its bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// Where links lead.
pub struct Target<'a> {
    /// The page where voters vote.
    pub vote_at: &'a str,
    /// The election.
    pub election: Digest,
    /// Its uuid.
    pub uuid: [u8; 16],
    /// The credentials on its roll.
    pub roll: &'a HashSet<[u8; 32]>,
    /// How many issuers it has.
    pub issuers: usize,
}

/// An invited voter.
struct Invited {
    id: String,
    name: String,
    email: String,
    code: Code,
}

/// A table with the columns id, name, email, link, in the order of the first issuer's file. Files
/// stand in the order of the issuers; every code is checked against the roll.
///
/// # Errors
/// [`LinkError`], naming the file and the line.
pub fn table(files: &[CodeFile], target: &Target<'_>) -> Result<Zeroizing<String>, LinkError> {
    let (expected, found) = (target.issuers, files.len());
    let Some((first, others)) = files.split_first().filter(|_| expected == found) else {
        return Err(LinkError::Issuers { expected, found });
    };
    let invited = read(first)?;
    let mut rest = Vec::with_capacity(others.len());
    for file in others {
        let codes = read(file)?.into_iter().map(|one| (one.id, one.code));
        rest.push((file, codes.collect::<HashMap<_, _>>()));
    }
    let mut out = Zeroizing::new(String::with_capacity(64 + 1024 * invited.len()));
    csv::write(&["id", "name", "email", "link"], &mut out);
    for Invited {
        id,
        name,
        email,
        code,
    } in &invited
    {
        let mut codes = vec![code];
        for (file, others) in &rest {
            codes.push(others.get(id).ok_or_else(|| LinkError::NoCode {
                file: file.name.clone(),
                id: id.clone(),
            })?);
        }
        let parts: Vec<_> = (0u16..)
            .zip(&codes)
            .map(|(issuer, code)| code.part(&target.uuid, issuer))
            .collect();
        let key = combine(&parts).map(|key| *key.public().as_bytes());
        if !key.is_some_and(|key| target.roll.contains(&key)) {
            return Err(LinkError::NotOnTheRoll { id: id.clone() });
        }
        let mut link = Zeroizing::new(String::with_capacity(512));
        link.push_str(&format!("{}#e={}", target.vote_at, target.election));
        for code in codes {
            link.push_str("&c=");
            link.push_str(code.text().expose());
        }
        csv::write(&[id, name, email, &link], &mut out);
    }
    Ok(out)
}

/// Everybody in a file of codes.
fn read(file: &CodeFile) -> Result<Vec<Invited>, LinkError> {
    let name = || file.name.clone();
    let records = csv::parse(&file.bytes).map_err(|source| LinkError::Csv {
        file: name(),
        source,
    })?;
    let mut records = records.into_iter();
    let header = records
        .next()
        .map(|header| header.fields)
        .unwrap_or_default();
    let mut places = [0; 4];
    for (column, place) in COLUMNS.into_iter().zip(&mut places) {
        let found = header
            .iter()
            .position(|field| field.trim().eq_ignore_ascii_case(column));
        *place = found.ok_or_else(|| LinkError::Column {
            file: name(),
            column,
        })?;
    }
    let (mut invited, mut seen) = (Vec::new(), HashSet::new());
    for record in records {
        let line = record.line;
        if record.fields.len() != header.len() {
            return Err(LinkError::Fields { file: name(), line });
        }
        let [id, voter, email, code] = places.map(|place| {
            record
                .fields
                .get(place)
                .map(|field| field.trim().to_owned())
                .unwrap_or_default()
        });
        let code = Zeroizing::new(code);
        let wrong = |what| {
            Err(LinkError::Voter {
                file: name(),
                line,
                what,
            })
        };
        if !seen.insert(id.clone()) {
            return wrong("this voter stands above already");
        }
        if [&id, &voter, &email]
            .into_iter()
            .any(|text| csv::is_formula(text))
        {
            return wrong("a field would be a formula in a spreadsheet");
        }
        let code = Code::parse(&code).map_err(|source| LinkError::Code {
            file: name(),
            line,
            source,
        })?;
        invited.push(Invited {
            id,
            name: voter,
            email,
            code,
        });
    }
    Ok(invited)
}
