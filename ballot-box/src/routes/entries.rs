//! Posting entries, and receipts for them.

use rocket::http::Status;
use rocket::{Route, State, get, post, routes};

use crate::ballot_box::{BallotBox, Posted};
use crate::boards::Uuid;
use crate::guards::{EntryBody, HexDigest};
use crate::problem::Problem;
use crate::routes::Answer;

/// All routes of this module.
pub fn all() -> Vec<Route> {
    routes![append, receipt, witnessed_receipt]
}

impl From<Posted> for Answer {
    fn from(posted: Posted) -> Self {
        match posted {
            Posted::New(receipt) => Self::json(&receipt).with_status(Status::Created),
            Posted::Known(receipt) => Self::json(&receipt),
        }
    }
}

#[post("/e/<uuid>/entries", data = "<entry>")]
async fn append(
    uuid: Uuid,
    entry: Result<EntryBody, Problem>,
    ballot_box: &State<BallotBox>,
) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let posted = ballot_box
        .in_time(ballot_box.append(&board, entry?.0))
        .await?;
    Ok(posted.into())
}

#[get("/e/<uuid>/receipt/<digest>/witnessed")]
async fn witnessed_receipt(
    uuid: Uuid,
    digest: HexDigest,
    ballot_box: &State<BallotBox>,
) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let receipt = ballot_box.in_time(async {
        let place = ballot_box.find(&board, digest.0).await?;
        ballot_box.witnessed_receipt(&board, &place).await
    });
    Ok(Answer::json(&receipt.await?))
}

#[get("/e/<uuid>/receipt/<digest>")]
async fn receipt(
    uuid: Uuid,
    digest: HexDigest,
    ballot_box: &State<BallotBox>,
) -> Result<Answer, Problem> {
    let board = ballot_box.board(&uuid)?;
    let receipt = ballot_box.in_time(async {
        let place = ballot_box.find(&board, digest.0).await?;
        ballot_box.receipt(&board, &place).await
    });
    Ok(Answer::json(&receipt.await?))
}
