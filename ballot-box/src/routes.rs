//! The addresses that the server answers.

pub mod board;
pub mod catchers;
pub mod elections;
pub mod entries;
pub mod metrics;
pub mod openapi;
pub mod pages;

use std::io::Cursor;
use std::sync::Arc;

use rocket::Request;
use rocket::futures::StreamExt as _;
use rocket::http::{ContentType, Header, Status};
use rocket::response::stream::ReaderStream;
use rocket::response::{Responder, Response};
use serde::Serialize;

use crate::bundle::{Bundle, Content};

/// Bytes that are handed to a connection at a time; each time costs as much as a small answer.
const MAX_CHUNK: usize = 64 << 10;

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
    body: Body,
}

/// What an answer says.
pub enum Body {
    /// Bytes that are there already, perhaps for others, too.
    Whole(Arc<[u8]>),
    /// Entries that are read while they are sent.
    Bundle(Bundle),
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(bytes.into())
    }
}

impl From<Content> for Body {
    fn from(content: Content) -> Self {
        match content {
            Content::Whole(bytes) => Self::Whole(bytes),
            Content::Bundle(bundle) => Self::Bundle(bundle),
        }
    }
}

impl Answer {
    /// 200 with a JSON text.
    pub fn json(value: &impl Serialize) -> Self {
        // Our values have string keys and no failing parts; an empty body would fail every client.
        let body = serde_json::to_vec(value).unwrap_or_default();
        Self::new(ContentType::JSON, Keep::No, body)
    }

    /// 200 with a body.
    pub fn new(content_type: ContentType, keep: Keep, body: impl Into<Body>) -> Self {
        Self {
            status: Status::Ok,
            content_type,
            keep,
            body: body.into(),
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
        let mut response = Response::build();
        response
            .status(self.status)
            .header(self.content_type)
            .header(Header::new("Cache-Control", keep));
        match self.body {
            Body::Whole(bytes) => response
                .max_chunk_size(bytes.len().clamp(1, MAX_CHUNK))
                .sized_body(bytes.len(), Cursor::new(bytes)),
            // With the length said before, nobody takes what was cut off for the whole.
            Body::Bundle(Bundle { length, parts }) => response
                .raw_header("Content-Length", length.to_string())
                .streamed_body(ReaderStream::from(parts.map(Cursor::new))),
        };
        response.ok()
    }
}
