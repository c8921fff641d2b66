//! One request to a witness: C2SP tlog-witness, `add-checkpoint`.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use protocol::cosignature::{CosignatureError, Witness};
use protocol::transcript::Digest;
use ureq::Agent;

/// No good answer is longer: a few signature lines, or a size.
const MOST_BYTES: u64 = 8_192;
/// As much of a refusal is put into the log.
const MOST_SHOWN: usize = 200;

/// What a witness answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// It cosigned; the signature holds.
    Cosigned {
        /// When, in seconds since 1970, as it says.
        time: u64,
        /// The Ed25519 signature.
        signature: [u8; 64],
    },
    /// It cosigned another size last.
    Stands(u64),
}

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// It could not be reached, or did not answer in time or in bounds.
    #[error("it does not answer: {0}")]
    Unreachable(Box<ureq::Error>),
    /// It refuses.
    #[error("it refuses with status {status}: {reason:?}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The beginning of what it says.
        reason: String,
    },
    /// It says nothing that can be read.
    #[error("its answer is not one of a witness")]
    Garbage,
    /// It signed something else, or another did.
    #[error("its signature is refused: {0}")]
    Signature(#[from] CosignatureError),
}

/// What is asked.
pub struct Request<'a> {
    /// The size that the witness cosigned last.
    pub old: u64,
    /// That the board begins with that.
    pub proof: Vec<Digest>,
    /// The checkpoint, signed by the board.
    pub note: &'a str,
}

/// Sends requests, one at a time.
pub struct Sender {
    agent: Agent,
    url: String,
}

impl Sender {
    /// To the witness under this address.
    pub fn new(address: &str) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(15)))
            .timeout_connect(Some(Duration::from_secs(5)))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self {
            agent: config.into(),
            url: format!("{}/add-checkpoint", address.trim_end_matches('/')),
        }
    }

    /// Asks once.
    ///
    /// # Errors
    /// [`RequestError`], naming what is wrong with the witness.
    pub fn ask(&self, witness: &Witness, request: &Request<'_>) -> Result<Answer, RequestError> {
        let unreachable = |error| RequestError::Unreachable(Box::new(error));
        let mut body = format!("old {}\n", request.old);
        for hash in &request.proof {
            body.push_str(&STANDARD.encode(hash.as_bytes()));
            body.push('\n');
        }
        body.push('\n');
        body.push_str(request.note);
        let response = self
            .agent
            .post(&self.url)
            .content_type("text/plain; charset=utf-8")
            .send(body.as_bytes());
        let mut response = response.map_err(unreachable)?;
        let status = response.status().as_u16();
        let kind = response.headers().get("content-type");
        let is_size = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/x.tlog.size"));
        let said = response
            .body_mut()
            .with_config()
            .limit(MOST_BYTES)
            .read_to_vec()
            .map_err(unreachable)?;
        let said = String::from_utf8(said).map_err(|_| RequestError::Garbage)?;
        match status {
            200 => cosigned(witness, request.note, &said),
            409 if is_size => {
                let size = said.trim_end_matches('\n').parse();
                size.map(Answer::Stands).map_err(|_| RequestError::Garbage)
            }
            _ => Err(RequestError::Refused {
                status,
                reason: said.chars().take(MOST_SHOWN).collect(),
            }),
        }
    }
}

/// The witness's line among those of the answer.
fn cosigned(witness: &Witness, note: &str, said: &str) -> Result<Answer, RequestError> {
    let text = note.split_inclusive('\n').take(3).collect::<String>();
    let lines = said.strip_suffix('\n').ok_or(RequestError::Garbage)?;
    let mut refused = None;
    for line in lines.split('\n') {
        match witness.verify_line(&text, line) {
            // A time that no database holds; it is not asked again at once.
            Ok((time, _)) if i64::try_from(time).is_err() => return Err(RequestError::Garbage),
            Ok((time, signature)) => return Ok(Answer::Cosigned { time, signature }),
            // A line of another key says nothing of this one.
            Err(CosignatureError::Other) => refused = refused.or(Some(CosignatureError::Other)),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.map_or(RequestError::Garbage, RequestError::Signature))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use protocol::cosignature::cosigned_message;

    use super::*;

    #[test]
    fn a_time_that_no_database_holds_is_garbage() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let witness = Witness {
            name: "w.example".to_owned(),
            key: key.verifying_key().to_bytes(),
        };
        let note = "o\n1\nAAAA\n\nsigned\n";
        let said = |time: u64| {
            let message = cosigned_message(time, "o\n1\nAAAA\n");
            let signature = key.sign(message.as_bytes()).to_bytes();
            cosigned(&witness, note, &witness.line(time, &signature))
        };
        let last = i64::MAX.unsigned_abs();
        assert!(matches!(said(last), Ok(Answer::Cosigned { time, .. }) if time == last));
        assert!(matches!(said(last + 1), Err(RequestError::Garbage)));
    }
}
