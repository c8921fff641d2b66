//! The log: checkpoint, hash tiles, entry bundles (C2SP tlog-tiles).

use rocket::http::ContentType;
use rocket::http::uri::Segments;
use rocket::{Route, State, get, routes};

use crate::ballot_box::BallotBox;
use crate::boards::Uuid;
use crate::problem::Problem;
use crate::routes::{Answer, Keep};
use crate::tiles::TilePath;

/// All routes of this module.
pub fn all() -> Vec<Route> {
    routes![checkpoint, tile]
}

#[get("/e/<uuid>/checkpoint")]
async fn checkpoint(uuid: Uuid, ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let checkpoint = ballot_box.checkpoint(&board).await?;
    Ok(Answer::bytes(
        ContentType::Plain,
        Keep::Revalidate,
        checkpoint.note.as_bytes().to_vec(),
    ))
}

#[get("/e/<uuid>/tile/<path..>")]
async fn tile(
    uuid: Uuid,
    path: Segments<'_, rocket::http::uri::fmt::Path>,
    ballot_box: &State<BallotBox>,
) -> Result<Answer, Problem> {
    let missing =
        || Problem::not_found("This log has no such tile; its checkpoint says how large it is.");
    let path = TilePath::parse(path).ok_or_else(missing)?;
    let board = ballot_box.board(&uuid)?;
    let checkpoint = ballot_box.checkpoint(&board).await?;
    let content = match path.level {
        Some(_) => board.tile(&path).ok_or_else(missing)?,
        None if path.end() > checkpoint.size => return Err(missing()),
        None => bundle(&ballot_box.entries(&board, path.start(), path.end()).await?),
    };
    // A partial tile of a given width never changes either.
    Ok(Answer::bytes(ContentType::Binary, Keep::Forever, content))
}

/// Each entry with its length before it, 16 bits big-endian.
fn bundle(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(entries.iter().map(|entry| 2 + entry.len()).sum());
    for entry in entries {
        // No longer entry is ever accepted.
        let length = u16::try_from(entry.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    bytes
}
