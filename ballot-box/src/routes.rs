//! The addresses that the server answers.

pub mod board;
pub mod catchers;
pub mod elections;
pub mod entries;

use std::io::Cursor;

use rocket::Request;
use rocket::http::{ContentType, Header, Status};
use rocket::response::{Responder, Response};
use serde::Serialize;

/// How long others may keep an answer.
#[derive(Clone, Copy, Debug)]
pub enum Keep {
    /// Not at all.
    No,
    /// Until asked again: the answer may have changed.
    Revalidate,
    /// For ever: it never changes.
    Forever,
}

/// An answer with all its headers.
pub struct Answer {
    status: Status,
    content_type: ContentType,
    keep: Keep,
    body: Vec<u8>,
}

impl Answer {
    /// 200 with a JSON text.
    pub fn json(value: &impl Serialize) -> Self {
        // Our values have string keys and no failing parts; an empty body would fail every client.
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self {
            status: Status::Ok,
            content_type: ContentType::JSON,
            keep: Keep::No,
            body,
        }
    }

    /// 200 with bytes.
    pub fn bytes(content_type: ContentType, keep: Keep, body: Vec<u8>) -> Self {
        Self {
            status: Status::Ok,
            content_type,
            keep,
            body,
        }
    }

    /// The same answer with another status.
    pub fn with_status(self, status: Status) -> Self {
        Self { status, ..self }
    }
}

impl<'r> Responder<'r, 'static> for Answer {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let keep = match self.keep {
            Keep::No => "no-store",
            Keep::Revalidate => "no-cache",
            Keep::Forever => "public, max-age=31536000, immutable",
        };
        Response::build()
            .status(self.status)
            .header(self.content_type)
            .header(Header::new("Cache-Control", keep))
            .sized_body(self.body.len(), Cursor::new(self.body))
            .ok()
    }
}
