//! Errors as they are sent: problem documents (RFC 9457) with a stable type for each.

use std::borrow::Cow;
use std::io::Cursor;
use std::time::Duration;

use rocket::Request;
use rocket::http::{ContentType, Header, Status};
use rocket::response::{Responder, Response};
use serde_json::json;

/// What went wrong, for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: Status,
    /// The last part of the type `urn:psephos:problem:…`; stable.
    pub code: &'static str,
    /// The same words for every problem of this type.
    pub title: &'static str,
    /// One sentence about this case and what to do.
    pub detail: Cow<'static, str>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
    /// The methods that the address allows.
    pub allow: Option<String>,
}

impl Problem {
    /// A problem; `detail` is one sentence.
    pub fn new(
        status: Status,
        code: &'static str,
        title: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            retry_after: None,
            allow: None,
        }
    }

    /// 404.
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::NotFound, "not-found", "Not found", detail)
    }

    /// 405.
    pub fn method_not_allowed(allow: String) -> Self {
        let detail = format!("This address allows only {allow}.");
        let problem = Self::new(
            Status::MethodNotAllowed,
            "method-not-allowed",
            "Method not allowed",
            detail,
        );
        Self {
            allow: Some(allow),
            ..problem
        }
    }

    /// 503, to be tried again.
    pub fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        let problem = Self::new(
            Status::ServiceUnavailable,
            "unavailable",
            "Not available just now",
            detail,
        );
        Self {
            retry_after: Some(1),
            ..problem
        }
    }

    /// 429, to be tried again after so long.
    pub fn too_many(wait: Duration) -> Self {
        let seconds = u32::try_from(wait.as_secs())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let detail = format!(
            "Too many entries were sent just now; send this one again in {seconds} seconds."
        );
        let problem = Self::new(
            Status::TooManyRequests,
            "too-many-requests",
            "Too many requests",
            detail,
        );
        Self {
            retry_after: Some(seconds),
            ..problem
        }
    }

    /// 500; the reason is in the server's log only.
    pub fn internal() -> Self {
        Self::new(
            Status::InternalServerError,
            "internal",
            "The server failed",
            "The server failed and wrote the reason to its log; nothing was accepted unless you hold a receipt.",
        )
    }
}

impl<'r> Responder<'r, 'static> for Problem {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let body = json!({
            "type": format!("urn:psephos:problem:{}", self.code),
            "title": self.title,
            "status": self.status.code,
            "detail": self.detail,
        })
        .to_string();
        let mut response = Response::build();
        response
            .status(self.status)
            .header(ContentType::new("application", "problem+json"))
            .header(Header::new("Cache-Control", "no-store"))
            .sized_body(body.len(), Cursor::new(body));
        if let Some(seconds) = self.retry_after {
            response.header(Header::new("Retry-After", seconds.to_string()));
        }
        if let Some(allow) = self.allow {
            response.header(Header::new("Allow", allow));
        }
        response.ok()
    }
}
