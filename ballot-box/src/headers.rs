//! Headers of every answer, and a line in the log for each.

use std::time::Instant;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Header, Method};
use rocket::{Data, Request, Response};

use crate::ballot_box::BallotBox;

/// Sets the security headers. Nothing the server sends may run, be framed or be guessed at.
pub struct SecurityHeaders;

#[rocket::async_trait]
impl Fairing for SecurityHeaders {
    fn info(&self) -> Info {
        Info {
            name: "security headers",
            kind: Kind::Response,
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        if !response.headers().contains("Content-Security-Policy") {
            let policy =
                "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
            response.set_header(Header::new("Content-Security-Policy", policy));
        }
        response.set_header(Header::new("X-Content-Type-Options", "nosniff"));
        response.set_header(Header::new("Referrer-Policy", "no-referrer"));
        // Boards are public and nothing depends on cookies, so that an auditor's own page may read them.
        if matches!(request.method(), Method::Get | Method::Head) {
            response.set_header(Header::new("Access-Control-Allow-Origin", "*"));
        }
    }
}

/// Writes one line for each request: the kind of address, never the address itself, which may
/// hold a credential or a confirmation code; no body; nothing about who asked.
pub struct RequestLog;

struct Arrival(Instant);

#[rocket::async_trait]
impl Fairing for RequestLog {
    fn info(&self) -> Info {
        Info {
            name: "request log",
            kind: Kind::Request | Kind::Response,
        }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        request.local_cache(|| Arrival(Instant::now()));
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let took = request.local_cache(|| Arrival(Instant::now())).0.elapsed();
        let route = request
            .route()
            .map_or_else(|| "-".to_owned(), |route| route.uri.to_string());
        if let Some(ballot_box) = request.rocket().state::<BallotBox>() {
            let method = request.method().as_str();
            let status = response.status().code;
            ballot_box.metrics().answered(method, &route, status, took);
        }
        tracing::info!(method = %request.method(), route, status = response.status().code, took = ?took, "request");
    }
}
