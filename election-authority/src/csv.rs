//! Reading and writing CSV (RFC 4180), strictly and with line numbers.
//!
//! Spreadsheets write it with or without a byte order mark, and with `;` where the comma is the
//! decimal sign; both are read. A quote in the wrong place is an error, never a guess.

/// A record and the line it starts on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line.
    pub line: usize,
    /// The fields.
    pub fields: Vec<String>,
}

/// Why a text is not CSV.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum CsvError {
    /// Another encoding.
    #[error("line {line} is not UTF-8; save the file as \"CSV UTF-8\"")]
    NotUtf8 {
        /// Where.
        line: usize,
    },
    /// A quote within an unquoted field, or text after a closing quote.
    #[error(
        "line {line} has a quotation mark in a wrong place; a field with quotation marks is wholly quoted, with each one doubled"
    )]
    Quote {
        /// Where.
        line: usize,
    },
    /// A quote without its end.
    #[error("the quotation that starts on line {line} does not end")]
    Unterminated {
        /// Where.
        line: usize,
    },
}

/// Reads all records; empty lines are skipped. The separator is the one of `,` and `;` that stands
/// more often in the first line.
///
/// # Errors
/// [`CsvError`], naming the line.
pub fn parse(bytes: &[u8]) -> Result<Vec<Record>, CsvError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        CsvError::NotUtf8 {
            line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        }
    })?;
    let first = text.lines().find(|line| !line.trim().is_empty());
    let count = |separator| first.map_or(0, |line| line.matches(separator).count());
    let separator = if count(';') > count(',') { ';' } else { ',' };
    let (mut records, mut rest, mut line) = (Vec::new(), text, 1);
    while !rest.is_empty() {
        let (record, after) = record(rest, separator, line)?;
        let read = rest.len() - after.len();
        let lines = rest
            .get(..read)
            .map_or(0, |read| read.matches('\n').count());
        if record.iter().any(|field| !field.trim().is_empty()) {
            records.push(Record {
                line,
                fields: record,
            });
        }
        line += lines;
        rest = after;
    }
    Ok(records)
}

/// The fields of the first record, and what follows it.
fn record(text: &str, separator: char, line: usize) -> Result<(Vec<String>, &str), CsvError> {
    let (mut fields, mut rest, mut line) = (Vec::new(), text, line);
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted, line)?,
            None => {
                let end = rest.find([separator, '\n']).unwrap_or(rest.len());
                let (field, after) = rest.split_at(end);
                if field.contains('"') {
                    return Err(CsvError::Quote { line });
                }
                let is_last = !after.starts_with(separator);
                let field = if is_last {
                    field.trim_end_matches('\r')
                } else {
                    field
                };
                (field.to_owned(), after)
            }
        };
        line += field.matches('\n').count();
        fields.push(field);
        if let Some(after) = after.strip_prefix(separator) {
            rest = after;
            continue;
        }
        let end = after.strip_prefix('\r').unwrap_or(after);
        return match end.strip_prefix('\n') {
            Some(next) => Ok((fields, next)),
            None if end.is_empty() => Ok((fields, end)),
            None => Err(CsvError::Quote { line }),
        };
    }
}

/// A field up to its closing quote, and what follows that.
fn quoted_field(text: &str, line: usize) -> Result<(String, &str), CsvError> {
    let (mut field, mut rest) = (String::new(), text);
    loop {
        let (head, after) = rest
            .split_once('"')
            .ok_or(CsvError::Unterminated { line })?;
        field.push_str(head);
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => return Ok((field, after)),
        }
    }
}

/// Whether a spreadsheet may take a field, or what follows a separator in it, for a formula. A plus
/// or minus sign before digits alone is a number or a telephone number, and a lone dash is a dash.
pub fn is_formula(field: &str) -> bool {
    field.split([',', ';']).any(|part| {
        let mut rest = part.trim_start().chars();
        // Spreadsheets know the wide forms, too.
        match rest.next() {
            Some('=' | '@' | '\u{ff1d}' | '\u{ff20}') => true,
            Some('+' | '-' | '\u{ff0b}' | '\u{ff0d}') => {
                !rest.all(|c| c.is_ascii_digit() || " ()./-".contains(c))
            }
            _ => false,
        }
    })
}

/// Appends a record, ended by a line feed; fields are quoted where they must be.
pub fn write(fields: &[&str], out: &mut String) {
    for (i, field) in fields.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        if field.contains([',', ';', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&field.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(field);
        }
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Vec<(usize, Vec<String>)> {
        let records = parse(text.as_bytes()).unwrap();
        records.into_iter().map(|r| (r.line, r.fields)).collect()
    }

    fn row(line: usize, fields: &[&str]) -> (usize, Vec<String>) {
        (line, fields.iter().map(|f| (*f).to_owned()).collect())
    }

    #[test]
    fn separators_ends_marks_and_quotes() {
        for text in [
            "id,name\na,b\n",
            "\u{feff}id,name\r\na,b\r\n",
            "id;name\na;b",
            "\"id\",\"name\"\r\n\"a\",\"b\"",
        ] {
            assert_eq!(fields(text), [row(1, &["id", "name"]), row(2, &["a", "b"])]);
        }
        assert_eq!(
            fields("id;name\n1;\"Doe; \"\"Jo\"\"\n2nd line\"\n\n  \n2;b,c\n"),
            [
                row(1, &["id", "name"]),
                row(2, &["1", "Doe; \"Jo\"\n2nd line"]),
                row(6, &["2", "b,c"])
            ]
        );
        assert_eq!(fields("a,\n,b"), [row(1, &["a", ""]), row(2, &["", "b"])]);
        assert_eq!(fields(""), []);
    }

    #[test]
    fn what_is_not_csv_is_named_by_line() {
        assert_eq!(parse(b"id\na\nb\xff"), Err(CsvError::NotUtf8 { line: 3 }));
        assert_eq!(parse(b"id\na\"b"), Err(CsvError::Quote { line: 2 }));
        assert_eq!(parse(b"id\n\"a\"b"), Err(CsvError::Quote { line: 2 }));
        assert_eq!(
            parse(b"id\n\"a\nb"),
            Err(CsvError::Unterminated { line: 2 })
        );
    }

    #[test]
    fn formulas_are_told_from_names_and_numbers() {
        for formula in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-2+3+cmd|' /C calc'!A0",
            "\u{ff1d}1",
            " =1",
            "Doe;=1",
            "Doe, @x",
        ] {
            assert!(is_formula(formula), "{formula}");
        }
        for text in [
            "",
            "-",
            "+33 6 12 34 56 78",
            "+41(0)44-123",
            "-7",
            "Doe, Jo",
            "Anne-Marie",
            "a=b@c+d",
            "(x)",
        ] {
            assert!(!is_formula(text), "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        let rows = [
            vec!["id", "name"],
            vec!["a;b", "\"x\"\r\ny,"],
            vec!["", "z"],
        ];
        let mut text = String::new();
        rows.iter().for_each(|row| write(row, &mut text));
        let read: Vec<_> = parse(text.as_bytes()).unwrap();
        assert!(
            read.iter()
                .zip(&rows)
                .all(|(read, row)| read.fields == *row)
        );
        assert_eq!(read.len(), rows.len());
    }
}
