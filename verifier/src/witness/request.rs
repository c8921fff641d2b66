//! The body of an `add-checkpoint` request (C2SP tlog-witness).

use super::Refusal;
use crate::log::Hash;
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The most hashes that a consistency proof may have.
const MAX_PROOF: usize = 63;

/// What a board, or anybody in its place, hands to a witness.
#[derive(Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The size of the checkpoint that the witness cosigned last, as far as they know.
    pub old: u64,
    /// The consistency proof from there (RFC 6962, section 2.1.2).
    pub proof: Vec<Hash>,
    /// The new checkpoint, signed.
    pub note: &'a str,
}

impl<'a> Request<'a> {
    /// Reads a body strictly; the note in it is not yet looked at.
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn parse(body: &'a [u8]) -> Result<Self, Refusal> {
        let text = std::str::from_utf8(body).map_err(|_| malformed("it is not UTF-8 text"))?;
        let (head, note) = text
            .split_once("\n\n")
            .ok_or(malformed("no empty line before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(plain_number)
            .ok_or(malformed("the first line is not `old` and a size"))?;
        let proof = lines
            .take(MAX_PROOF + 1)
            .map(|line| STANDARD.decode(line).ok()?.try_into().ok())
            .collect::<Option<Vec<Hash>>>()
            .ok_or(malformed("a line of the proof is not 32 bytes in base64"))?;
        if proof.len() > MAX_PROOF {
            return Err(malformed("the proof has more than 63 hashes"));
        }
        Ok(Self { old, proof, note })
    }

    /// The origin that the checkpoint names.
    #[must_use]
    pub fn origin(&self) -> &'a str {
        self.note.lines().next().unwrap_or_default()
    }
}

fn malformed(rule: &'static str) -> Refusal {
    Refusal::Malformed { rule }
}

/// A decimal number without leading zeros.
fn plain_number(text: &str) -> Option<u64> {
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_an_old_size_a_proof_and_a_checkpoint() {
        let hash = STANDARD.encode([7; 32]);
        let body = format!("old 12\n{hash}\n{hash}\n\nvote.example\n13\n");
        let request = Request::parse(body.as_bytes()).unwrap();
        assert_eq!((request.old, request.proof.len()), (12, 2));
        assert_eq!(request.origin(), "vote.example");
        let first = Request::parse(b"old 0\n\nvote.example\n").unwrap();
        assert_eq!((first.old, first.proof.len()), (0, 0));
    }

    #[test]
    fn other_bodies_are_malformed() {
        let hash = STANDARD.encode([7; 32]);
        for body in [
            String::new(),
            "old 0\n".to_owned(),
            "\n\n".to_owned(),
            "old 00\n\nx".to_owned(),
            "old +1\n\nx".to_owned(),
            "old -1\n\nx".to_owned(),
            "old \n\nx".to_owned(),
            "old 1 \n\nx".to_owned(),
            "old 18446744073709551616\n\nx".to_owned(),
            "Old 1\n\nx".to_owned(),
            format!("old 1\n{hash} \n\nx"),
            format!("old 1\r\n{hash}\r\n\r\nx"),
            format!("old 1\n{}\n\nx", &hash[1..]),
            format!("old 1\n{}\n\nx", hash.replace("c=", "d=")),
            format!("old 1\n{}\nx", format!("{hash}\n").repeat(64)),
        ] {
            assert!(
                matches!(
                    Request::parse(body.as_bytes()),
                    Err(Refusal::Malformed { .. })
                ),
                "{body:?}"
            );
        }
        assert!(Request::parse(&[b'o', 0xff]).is_err());
    }

    /// Whatever byte is changed or cut off: nothing panics, and what is read says every byte.
    #[test]
    fn one_request_has_one_body() {
        let hash = STANDARD.encode([7; 32]);
        let good = format!("old 12\n{hash}\n{hash}\n\nvote.example\n13\n").into_bytes();
        let mut read = 0;
        for index in 0..good.len() {
            for byte in 0..=u8::MAX {
                let mut body = good.clone();
                body[index] = byte;
                for body in [&body[..], &body[..index]] {
                    let Ok(request) = Request::parse(body) else {
                        continue;
                    };
                    read += 1;
                    let lines = request.proof.iter().map(|hash| STANDARD.encode(hash));
                    let head: Vec<String> = std::iter::once(format!("old {}", request.old))
                        .chain(lines)
                        .collect();
                    let again = format!("{}\n\n{}", head.join("\n"), request.note);
                    assert_eq!(again.as_bytes(), body);
                }
            }
        }
        assert!(read > 1000, "{read}");
    }
}
