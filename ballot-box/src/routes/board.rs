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
    routes![checkpoint, witnessed, tile]
}

#[get("/e/<uuid>/checkpoint")]
async fn checkpoint(uuid: Uuid, ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let note = ballot_box.in_time(ballot_box.note(&board)).await?;
    Ok(Answer::new(
        ContentType::Plain,
        Keep::Revalidate,
        note.into_bytes(),
    ))
}

#[get("/e/<uuid>/witnessed")]
async fn witnessed(uuid: Uuid, ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let note = ballot_box.in_time(ballot_box.witnessed(&board)).await?;
    Ok(Answer::new(
        ContentType::Plain,
        Keep::Revalidate,
        note.into_bytes(),
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
    let content = ballot_box.in_time(ballot_box.tile(&board, path)).await?;
    let content = content.ok_or_else(missing)?;
    // A partial tile of a given width never changes either.
    Ok(Answer::new(ContentType::Binary, Keep::Forever, content))
}
