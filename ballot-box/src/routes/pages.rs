//! The pages of voters, where the server has them.

use std::io::Cursor;
use std::path::Path;

use rocket::http::{ContentType, Header};
use rocket::request::Request;
use rocket::response::{Responder, Response};
use rocket::{Route, State, get, routes};

use crate::boards::Uuid;
use crate::pages::{HOME, POLICY, Pages};
use crate::problem::Problem;

/// All routes of this module.
pub fn all() -> Vec<Route> {
    routes![home, vote, check, board, asset, file]
}

/// A file of the pages, in a form that the client takes.
struct Page<'a> {
    pages: &'a Pages,
    path: String,
    /// Its name has its hash, so it never changes.
    is_asset: bool,
}

impl<'r> Responder<'r, 'r> for Page<'r> {
    fn respond_to(self, request: &'r Request<'_>) -> rocket::response::Result<'r> {
        let Some(file) = self.pages.get(&self.path) else {
            return Problem::not_found("There is no such page on this server.").respond_to(request);
        };
        let accepted: Vec<_> = request.headers().get("Accept-Encoding").collect();
        let (coding, body) = file.encoded(&accepted.join(","));
        let extension = Path::new(&self.path)
            .extension()
            .and_then(|text| text.to_str());
        let content_type = extension
            .and_then(ContentType::from_extension)
            .unwrap_or(ContentType::Binary);
        // Only the check of receipts scans codes; no page hears, locates or anything else.
        let features = if self.path == "check.html" {
            "camera=(self), microphone=(), geolocation=()"
        } else {
            "camera=(), microphone=(), geolocation=()"
        };
        let keep = if self.is_asset {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let mut response = Response::build();
        response
            .header(content_type)
            .header(Header::new("Cache-Control", keep))
            .header(Header::new("Vary", "Accept-Encoding"))
            .header(Header::new("Content-Security-Policy", POLICY))
            .header(Header::new("Permissions-Policy", features))
            .header(Header::new("Cross-Origin-Opener-Policy", "same-origin"))
            .header(Header::new("X-Frame-Options", "DENY"));
        if let Some(coding) = coding {
            response.header(Header::new("Content-Encoding", coding));
        }
        response.sized_body(body.len(), Cursor::new(body)).ok()
    }
}

fn page<'a>(pages: &'a State<Pages>, path: &str) -> Page<'a> {
    Page {
        pages,
        path: path.to_owned(),
        is_asset: false,
    }
}

#[get("/")]
fn home(pages: &State<Pages>) -> Page<'_> {
    page(pages, HOME)
}

// Whether there is such an election is for the page to say, in the reader's language.
#[get("/e/<_uuid>/vote")]
fn vote(_uuid: Uuid, pages: &State<Pages>) -> Page<'_> {
    page(pages, "vote.html")
}

#[get("/e/<_uuid>/check")]
fn check(_uuid: Uuid, pages: &State<Pages>) -> Page<'_> {
    page(pages, "check.html")
}

#[get("/e/<_uuid>/board")]
fn board(_uuid: Uuid, pages: &State<Pages>) -> Page<'_> {
    page(pages, "board.html")
}

#[get("/assets/<name>")]
fn asset<'a>(name: &str, pages: &'a State<Pages>) -> Page<'a> {
    Page {
        is_asset: true,
        ..page(pages, &format!("assets/{name}"))
    }
}

/// The files of the list of hashes under their own names, and the list.
#[get("/<name>", rank = 20)]
fn file<'a>(name: &str, pages: &'a State<Pages>) -> Page<'a> {
    page(pages, name)
}
