//! What is read from requests, strictly.

use std::time::Instant;

use rocket::data::{Data, FromData, Outcome, ToByteUnit as _};
use rocket::http::{ContentType, MediaType, Status};
use rocket::request::{FromParam, Request};
use tokio::io::AsyncReadExt as _;

use protocol::encoding::decode_hex;
use protocol::entry::MAX_ENTRY_LENGTH;
use protocol::group::Element;
use protocol::transcript::Digest;

use crate::ballot_box::BallotBox;
use crate::boards::Uuid;
use crate::limits::Wait;
use crate::problem::Problem;

/// Bytes read and thrown away of a body that is too long. Closing at once would reset the
/// connection, and the client would never see why.
const MAX_DISCARDED: u64 = 4 << 20;

impl<'r> FromParam<'r> for Uuid {
    type Error = ();

    fn from_param(text: &'r str) -> Result<Self, ()> {
        Self::parse(text).ok_or(())
    }
}

/// 32 bytes in an address, as 64 lower-case hexadecimal digits.
pub struct HexDigest(pub Digest);

impl<'r> FromParam<'r> for HexDigest {
    type Error = ();

    fn from_param(text: &'r str) -> Result<Self, ()> {
        Digest::from_hex(text).map(Self).ok_or(())
    }
}

/// A credential in an address.
pub struct HexElement(pub Element);

impl<'r> FromParam<'r> for HexElement {
    type Error = ();

    fn from_param(text: &'r str) -> Result<Self, ()> {
        decode_hex(text)
            .and_then(|bytes| Element::decode(&bytes))
            .map(Self)
            .ok_or(())
    }
}

/// The body of a request that posts an entry: of the right media type, not too long, in time.
pub struct EntryBody(pub Vec<u8>);

#[rocket::async_trait]
impl<'r> FromData<'r> for EntryBody {
    type Error = Problem;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let Some(ballot_box) = request.rocket().state::<BallotBox>() else {
            return failure(Problem::internal());
        };
        let limit = ballot_box.config().body_timeout;
        match tokio::time::timeout(limit, read(request, data)).await {
            Ok(Ok(entry)) => match admit(request, ballot_box) {
                Ok(()) => Outcome::Success(Self(entry)),
                Err(problem) => failure(problem),
            },
            Ok(Err(problem)) => failure(problem),
            Err(_) => {
                let detail = format!(
                    "The entry was not complete after {} seconds; send it again.",
                    limit.as_secs()
                );
                failure(Problem::new(
                    Status::RequestTimeout,
                    "timeout",
                    "The request took too long",
                    detail,
                ))
            }
        }
    }
}

/// Counts a post of the client's address: that of the connection, or the one for which a proxy says
/// it speaks (`ip_header` in Rocket.toml).
fn admit(request: &Request<'_>, ballot_box: &BallotBox) -> Result<(), Problem> {
    let Some(address) = request.client_ip() else {
        return Ok(());
    };
    let (limit, now) = (&ballot_box.limits().address, Instant::now());
    limit
        .check(&address, now)
        .map_err(|Wait(wait)| Problem::too_many(wait))?;
    limit.take(address, now);
    Ok(())
}

fn failure<'r>(problem: Problem) -> Outcome<'r, EntryBody> {
    Outcome::Error((problem.status, problem))
}

async fn read(request: &Request<'_>, data: Data<'_>) -> Result<Vec<u8>, Problem> {
    let media_type = request.content_type().map(ContentType::media_type);
    let is_binary =
        media_type.is_some_and(|found| *found == MediaType::Binary && found.params().count() == 0);
    let mut stream = data.open((MAX_ENTRY_LENGTH as u64 + MAX_DISCARDED).bytes());
    let mut entry = Vec::new();
    let broken = |_| {
        Problem::new(
            Status::BadRequest,
            "bad-request",
            "The request broke off",
            "The request broke off before the entry was complete; send it again.",
        )
    };
    (&mut stream)
        .take(MAX_ENTRY_LENGTH as u64 + 1)
        .read_to_end(&mut entry)
        .await
        .map_err(broken)?;
    if entry.len() > MAX_ENTRY_LENGTH {
        tokio::io::copy(&mut stream, &mut tokio::io::sink())
            .await
            .map_err(broken)?;
        let detail = format!("An entry has at most {MAX_ENTRY_LENGTH} bytes; this body is longer.");
        return Err(Problem::new(
            Status::PayloadTooLarge,
            "entry-too-long",
            "The entry is too long",
            detail,
        ));
    }
    if !is_binary {
        let detail = "Entries are posted as application/octet-stream, without parameters.";
        return Err(Problem::new(
            Status::UnsupportedMediaType,
            "unsupported-media-type",
            "Wrong media type",
            detail,
        ));
    }
    Ok(entry)
}
