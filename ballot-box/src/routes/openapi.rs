//! The description of all addresses for programs: `openapi.json` of this crate.

use rocket::http::ContentType;
use rocket::{Route, get, routes};

use crate::routes::{Answer, Keep};

/// The description, as it is served.
pub const DESCRIPTION: &str = include_str!("../../openapi.json");

/// All routes of this module.
pub fn all() -> Vec<Route> {
    routes![description]
}

#[get("/openapi.json")]
fn description() -> Answer {
    Answer::new(
        ContentType::JSON,
        Keep::Revalidate,
        DESCRIPTION.as_bytes().to_vec(),
    )
}
