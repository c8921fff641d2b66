//! What is given to voters: their codes, each in a file of its own or all in one CSV.

use protocol::credential::Code;
use zeroize::Zeroizing;

use crate::csv;
use crate::roll::Voter;
use crate::screen::one_line;

/// What stands beside the codes.
#[derive(Clone, Copy, Debug)]
pub struct Letters<'a> {
    /// The election's title, if the manifest is at hand.
    pub title: Option<&'a str>,
    /// Who issues the codes.
    pub issuer: &'a str,
    /// Where to vote. A code never becomes a part of an address.
    pub vote_at: Option<&'a str>,
}

impl Letters<'_> {
    /// The file of one voter.
    pub fn letter(&self, voter: &Voter, code: &Code) -> Zeroizing<String> {
        let mut letter = Zeroizing::new(String::with_capacity(1024));
        let mut line = |name: &str, text: &str| {
            if !text.is_empty() {
                letter.push_str(name);
                letter.push_str(&one_line(text));
                letter.push('\n');
            }
        };
        line("Election: ", self.title.unwrap_or_default());
        line("Voter: ", &voter.id);
        line("Name: ", &voter.name);
        line("E-mail: ", &voter.email);
        line("Vote at: ", self.vote_at.unwrap_or_default());
        line("Issued by: ", self.issuer);
        line("Code: ", code.text().expose());
        letter
    }

    /// The name of one voter's file: its line in the list and what of its id can stand in a name.
    pub fn file_name(&self, voter: &Voter) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        };
        let id: String = voter.id.chars().take(60).map(plain).collect();
        format!("{:06}-{id}.txt", voter.line)
    }

    /// All codes, with the columns id, name, email, issuer, vote_at, code.
    pub fn csv(&self, codes: &[(&Voter, Code)]) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(64 + 1024 * codes.len()));
        csv::write(
            &["id", "name", "email", "issuer", "vote_at", "code"],
            &mut out,
        );
        for (voter, code) in codes {
            let text = code.text();
            let (id, name, email) = (&voter.id, &voter.name, &voter.email);
            let vote_at = self.vote_at.unwrap_or_default();
            csv::write(
                &[id, name, email, self.issuer, vote_at, text.expose()],
                &mut out,
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;

    #[test]
    fn codes_stand_in_letters_and_csv_and_file_names_are_safe() {
        let voter = Voter {
            line: 7,
            id: "../a b".to_owned(),
            name: "Doe, Jo".to_owned(),
            email: String::new(),
            weight: 1,
            style: String::new(),
        };
        let code = Code::draw(&mut SysRng).unwrap();
        let text = code.text();
        let letters = Letters {
            title: Some("Board\nCode: none"),
            issuer: "Club",
            vote_at: Some("https://vote.example.org/"),
        };
        assert_eq!(letters.file_name(&voter), "000007-___a_b.txt");
        assert_eq!(
            *letters.letter(&voter, &code),
            format!(
                "Election: Board Code: none\nVoter: ../a b\nName: Doe, Jo\nVote at: https://vote.example.org/\nIssued by: Club\nCode: {}\n",
                text.expose()
            )
        );
        let csv = letters.csv(&[(&voter, code)]);
        assert_eq!(
            *csv,
            format!(
                "id,name,email,issuer,vote_at,code\n../a b,\"Doe, Jo\",,Club,https://vote.example.org/,{}\n",
                text.expose()
            )
        );
    }
}
