//! Elections: the list, one's state, its manifest, its voters.

use protocol::entry::VERSION;
use rocket::http::ContentType;
use rocket::{Route, State, get, post, routes};
use serde_json::json;

use crate::ballot_box::BallotBox;
use crate::boards::Uuid;
use crate::clock::in_digits;
use crate::guards::{EntryBody, HexElement};
use crate::problem::Problem;
use crate::routes::{Answer, Keep};

/// All routes of this module.
pub fn all() -> Vec<Route> {
    routes![server, health, ready, list, create, state, manifest, voter]
}

#[get("/board")]
fn server(ballot_box: &State<BallotBox>) -> Answer {
    Answer::json(&json!({
        "psephos": VERSION,
        "kind": "board",
        "key": ballot_box.public_key(),
        "origin_prefix": ballot_box.config().origin_prefix,
        "version": env!("CARGO_PKG_VERSION"),
    }))
}

#[get("/health")]
async fn health(ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    ballot_box.in_time(ballot_box.health()).await?;
    Ok(Answer::json(&json!({ "status": "ok" })))
}

#[get("/ready")]
async fn ready(ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    ballot_box.in_time(ballot_box.ready()).await?;
    Ok(Answer::json(&json!({ "status": "ready" })))
}

#[get("/elections")]
async fn list(ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    let manifests = ballot_box.in_time(async {
        let mut manifests = Vec::new();
        for board in ballot_box.boards().all() {
            let manifest = ballot_box.manifest(&board).await?;
            manifests.push((board, manifest));
        }
        Ok(manifests)
    });
    let mut elections = Vec::new();
    for (board, manifest) in manifests.await? {
        let title: serde_json::Map<_, _> = manifest
            .title
            .iter()
            .map(|(language, text)| (language.to_owned(), text.into()))
            .collect();
        elections.push(json!({
            "uuid": board.uuid.to_string(),
            "origin": board.origin,
            "title": title,
            "language": manifest.language,
            "organiser": manifest.organiser_name,
            "opens": in_digits(manifest.opens),
            "closes": in_digits(manifest.closes),
        }));
    }
    Ok(Answer::json(
        &json!({ "psephos": VERSION, "kind": "elections", "elections": elections }),
    ))
}

#[post("/elections", data = "<entry>")]
async fn create(
    entry: Result<EntryBody, Problem>,
    ballot_box: &State<BallotBox>,
) -> Result<Answer, Problem> {
    let posted = ballot_box.in_time(ballot_box.create(entry?.0)).await?;
    Ok(posted.into())
}

#[get("/e/<uuid>")]
async fn state(uuid: Uuid, ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let state = ballot_box.in_time(ballot_box.state(&board)).await?;
    Ok(Answer::json(&state.shown))
}

#[get("/e/<uuid>/manifest")]
async fn manifest(uuid: Uuid, ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let manifest = ballot_box.in_time(ballot_box.manifest(&board)).await?;
    Ok(Answer::new(
        ContentType::JSON,
        Keep::Forever,
        manifest.bytes().to_vec(),
    ))
}

#[get("/e/<uuid>/voters/<credential>")]
async fn voter(
    uuid: Uuid,
    credential: HexElement,
    ballot_box: &State<BallotBox>,
) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let voter = ballot_box
        .in_time(ballot_box.voter(&board, credential.0))
        .await?;
    Ok(Answer::json(&voter))
}
