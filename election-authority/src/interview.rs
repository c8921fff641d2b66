//! Asking a person for a simple election: contests in which some of the options are chosen, or a
//! number is given.

use std::io::{self, BufRead, Write};
use std::str::FromStr;

use protocol::entry::VERSION;

use crate::manifest_draft::{
    DraftContest, DraftOption, DraftText, DraftWitness, ManifestDraft, NamedKey,
};

/// Asks for everything that a draft needs. An empty answer takes what stands in brackets.
///
/// # Errors
/// [`io::Error`] if the person or the terminal is gone.
pub fn draft(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<ManifestDraft> {
    let mut ask = Interview { input, output };
    let title = ask.text("Title of the election", None)?;
    let organiser = ask.text("Your organisation", None)?;
    let language = ask.text("Language of the texts", Some("en"))?;
    let mut contests = Vec::new();
    loop {
        let number = contests.len() + 1;
        contests.push(ask.contest(number)?);
        if !ask.yes("Another question?")? {
            break;
        }
    }
    let opens = ask.text("Opens (UTC, such as 2026-05-01T08:00:00Z)", None)?;
    let closes = ask.text("Closes (UTC, such as 2026-05-08T20:00:00Z)", None)?;
    let witnesses = ask.witnesses()?;
    Ok(ManifestDraft {
        psephos: VERSION.into(),
        uuid: None,
        language,
        title: DraftText::Plain(title),
        description: None,
        organiser: NamedKey {
            name: organiser,
            key: None,
        },
        issuers: Vec::new(),
        trustees: Vec::new(),
        threshold: None,
        close_quorum: None,
        witnesses,
        witness_quorum: None,
        board: None,
        opens: Some(opens),
        closes: Some(closes),
        groups: Vec::new(),
        styles: Vec::new(),
        contests,
        minimum_ballots: None,
        minimum_cell: None,
        participation: None,
    })
}

/// Asks for a yes.
///
/// # Errors
/// [`io::Error`] if the person or the terminal is gone.
pub fn confirm(
    question: &str,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<bool> {
    let answer = Interview { input, output }.line(question)?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

struct Interview<'a, I, O> {
    input: &'a mut I,
    output: &'a mut O,
}

impl<I: BufRead, O: Write> Interview<'_, I, O> {
    fn line(&mut self, prompt: &str) -> io::Result<String> {
        write!(self.output, "{prompt}")?;
        self.output.flush()?;
        let mut line = String::new();
        if self.input.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim().to_owned())
    }

    fn text(&mut self, question: &str, usual: Option<&str>) -> io::Result<String> {
        let prompt = match usual {
            Some(usual) => format!("{question} [{usual}]: "),
            None => format!("{question}: "),
        };
        loop {
            match (self.line(&prompt)?, usual) {
                (answer, _) if !answer.is_empty() => return Ok(answer),
                (_, Some(usual)) => return Ok(usual.to_owned()),
                _ => {}
            }
        }
    }

    fn number<N: FromStr + ToString>(&mut self, question: &str, usual: N) -> io::Result<N> {
        loop {
            if let Ok(number) = self.text(question, Some(&usual.to_string()))?.parse() {
                return Ok(number);
            }
        }
    }

    fn yes(&mut self, question: &str) -> io::Result<bool> {
        confirm(&format!("{question} [y/N] "), self.input, self.output)
    }

    fn witnesses(&mut self) -> io::Result<Vec<DraftWitness>> {
        writeln!(
            self.output,
            "Witnesses watch that the board tells everybody one history. Their keys, one on each line; an empty line ends them."
        )?;
        let mut witnesses = Vec::new();
        loop {
            let key = self.line(&format!("Key of witness {}: ", witnesses.len() + 1))?;
            if key.is_empty() {
                return Ok(witnesses);
            }
            match DraftWitness::parse(&key) {
                Ok(witness) => witnesses.push(witness),
                Err(error) => writeln!(self.output, "{error}")?,
            }
        }
    }

    fn contest(&mut self, number: usize) -> io::Result<DraftContest> {
        let title = self.text(&format!("Question {number}"), None)?;
        writeln!(
            self.output,
            "Its options, one on each line; an empty line ends them. Without options it asks for a number."
        )?;
        let mut options = Vec::new();
        loop {
            let label = self.line(&format!("Option {}: ", options.len() + 1))?;
            if label.is_empty() {
                break;
            }
            options.push(DraftOption {
                id: format!("o{}", options.len() + 1),
                label: DraftText::Plain(label),
                value: None,
            });
        }
        let (id, title) = (format!("q{number}"), DraftText::Plain(title));
        if options.is_empty() {
            let lo: i64 = self.number("Least answer", 0)?;
            let hi = self.number("Largest answer", lo.saturating_add(100))?;
            let blank = self.yes("May voters answer this question blank?")?;
            return Ok(DraftContest::number(id, title, (lo, hi), blank));
        }
        let min: u64 = self.number("Choose at least", 1)?;
        let max = self.number("Choose at most", min.max(1))?;
        let blank = self.yes("May voters answer this question blank?")?;
        Ok(DraftContest::choices(id, title, options, (min, max), blank))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_a_draft() {
        let answers = "Board election\nChess club\n\nWho leads?\nAda\nGrace\n\n\n\ny\ny\nWhen?\nMay\n\n\
                       0\nx\n1\n\ny\nHow cold?\n\n-30\nwarm\n\n\n\n2026-05-01T08:00:00Z\n2026-05-08T20:00:00Z\nno key\nwitness.example/ada+320c72ac+BGa+fjMsekUzMr2dCn99sFX1xe8aBq2mbZizn7aBDEc6\n\n";
        let mut output = Vec::new();
        let draft = draft(&mut answers.as_bytes(), &mut output).unwrap();
        assert_eq!(draft.language, "en");
        assert_eq!(draft.organiser.name, "Chess club");
        let [first, second, third] = draft.contests.as_slice() else {
            panic!("{:?}", draft.contests)
        };
        let ids: Vec<_> = first
            .options
            .iter()
            .flatten()
            .map(|option| option.id.as_str())
            .collect();
        assert_eq!(ids, ["o1", "o2"]);
        assert_eq!(
            (first.min, first.max, first.blank),
            (Some(1), Some(1), Some(true))
        );
        assert_eq!(
            (second.id.as_str(), second.min, second.max, second.blank),
            ("q2", Some(0), Some(1), Some(false))
        );
        assert_eq!(
            (third.kind.as_str(), third.lo, third.hi),
            ("number", Some(-30), Some(70))
        );
        assert_eq!(draft.closes.as_deref(), Some("2026-05-08T20:00:00Z"));
        let names: Vec<_> = draft.witnesses.iter().map(|one| &one.name).collect();
        assert_eq!(names, ["witness.example/ada"]);
    }

    #[test]
    fn an_end_in_the_middle_is_an_error() {
        assert!(draft(&mut "Title\n".as_bytes(), &mut Vec::new()).is_err());
        assert!(!confirm("?", &mut "\n".as_bytes(), &mut Vec::new()).unwrap());
        assert!(confirm("?", &mut "Yes\n".as_bytes(), &mut Vec::new()).unwrap());
    }
}
