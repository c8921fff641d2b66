//! Requests with bounds on time and size, and problem documents as errors.

use std::time::Duration;

use serde::Deserialize;
use ureq::Agent;
use ureq::http::Response;

use crate::error::ClientError;
use crate::plain_text::plain_line;

/// No bundle is larger: 256 entries of the largest size, each after its length.
pub const BUNDLE: u64 = 256 * 65_537;
/// Nothing else that is read is larger: checkpoints, receipts, reasons.
pub const SMALL: u64 = 65_536;

/// Sends requests; keeps connections open between them.
#[derive(Clone, Debug)]
pub struct Http(Agent);

/// A successful answer.
pub struct Answer {
    /// HTTP status, 200 to 299.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
struct ProblemDocument {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    detail: String,
}

impl Default for Http {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(120)))
            .timeout_connect(Some(Duration::from_secs(10)))
            .max_redirects(0)
            .http_status_as_error(false)
            .build();
        Self(config.into())
    }
}

impl Http {
    /// GET of at most `limit` bytes.
    pub fn get(&self, url: &str, limit: u64) -> Result<Answer, ClientError> {
        answer(url, self.0.get(url).call(), limit)
    }

    /// POST of an entry.
    pub fn post(&self, url: &str, entry: &[u8]) -> Result<Answer, ClientError> {
        answer(
            url,
            self.0
                .post(url)
                .content_type("application/octet-stream")
                .send(entry),
            SMALL,
        )
    }
}

fn answer(
    url: &str,
    response: Result<Response<ureq::Body>, ureq::Error>,
    limit: u64,
) -> Result<Answer, ClientError> {
    let unreachable = |error: ureq::Error| ClientError::Unreachable {
        url: url.to_owned(),
        reason: error.to_string(),
    };
    let mut response = response.map_err(unreachable)?;
    let status = response.status().as_u16();
    let body = response
        .body_mut()
        .with_config()
        .limit(limit)
        .read_to_vec()
        .map_err(unreachable)?;
    if (200..300).contains(&status) {
        return Ok(Answer { status, body });
    }
    let problem: Option<ProblemDocument> = serde_json::from_slice(&body).ok();
    let (code, detail) = match problem {
        Some(problem) => (
            problem
                .kind
                .rsplit(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
            plain_line(&problem.detail),
        ),
        None => (
            "no-problem-document".to_owned(),
            format!("it answered {status} without saying why"),
        ),
    };
    Err(ClientError::Refused {
        status,
        code,
        detail,
    })
}
