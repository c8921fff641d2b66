//! The server's figures, for this computer only.

use std::net::IpAddr;

use rocket::http::ContentType;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{Route, State, get, routes};

use crate::ballot_box::BallotBox;
use crate::problem::Problem;
use crate::routes::{Answer, Keep};

/// All routes of this module.
pub fn all() -> Vec<Route> {
    routes![metrics]
}

/// Whether the request is of this computer: its connection, and whoever a proxy speaks for.
struct IsLocal(bool);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for IsLocal {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let local = |address: Option<IpAddr>| address.is_none_or(|address| address.is_loopback());
        let direct = request.remote().map(|remote| remote.ip());
        Outcome::Success(Self(local(direct) && local(request.real_ip())))
    }
}

#[get("/metrics")]
fn metrics(is_local: IsLocal, ballot_box: &State<BallotBox>) -> Result<Answer, Problem> {
    if !is_local.0 {
        return Err(Problem::not_found("There is nothing at this address."));
    }
    let text = ballot_box.metrics_text().into_bytes();
    Ok(Answer::new(ContentType::Plain, Keep::No, text))
}
