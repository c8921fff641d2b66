//! Problem documents for requests that no route answers.

use std::collections::BTreeSet;

use rocket::http::{Method, Status};
use rocket::{Catcher, Request, catch, catchers};

use crate::problem::Problem;

/// All catchers.
pub fn all() -> Vec<Catcher> {
    catchers![not_found, misnamed, other]
}

#[catch(404)]
fn not_found(request: &Request<'_>) -> Problem {
    missing(request)
}

/// A uuid, code or credential in the address is not one, so nothing can be there.
#[catch(422)]
fn misnamed(request: &Request<'_>) -> Problem {
    missing(request)
}

fn missing(request: &Request<'_>) -> Problem {
    let path: Vec<&str> = request.uri().path().segments().collect();
    let mut methods = BTreeSet::new();
    for route in request.rocket().routes() {
        let pattern = route
            .uri
            .path()
            .split('/')
            .filter(|segment| !segment.is_empty());
        if matches(pattern.collect::<Vec<_>>().as_slice(), &path) {
            methods.insert(route.method.as_str());
            if route.method == Method::Get {
                methods.insert(Method::Head.as_str());
            }
        }
    }
    if methods.is_empty() || methods.contains(request.method().as_str()) {
        return Problem::not_found(
            "There is nothing at this address; see GET /elections for what is here.",
        );
    }
    Problem::method_not_allowed(methods.into_iter().collect::<Vec<_>>().join(", "))
}

/// Whether a path fits a route's pattern of names, `<one>` and a last `<many..>`.
fn matches(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([many], _) if many.ends_with("..>") => true,
        ([first, pattern @ ..], [segment, path @ ..]) => {
            (first.starts_with('<') || first == segment) && matches(pattern, path)
        }
        _ => false,
    }
}

#[catch(default)]
fn other(status: Status, _: &Request<'_>) -> Problem {
    match status.code {
        400 => Problem::new(
            status,
            "bad-request",
            "The request is malformed",
            "The request is not one that this server understands.",
        ),
        408 => Problem::new(
            status,
            "timeout",
            "The request took too long",
            "The request was not complete in time; send it again.",
        ),
        413 => Problem::new(
            status,
            "entry-too-long",
            "The entry is too long",
            "The body of the request is longer than an entry may be.",
        ),
        415 => Problem::new(
            status,
            "unsupported-media-type",
            "Wrong media type",
            "Entries are posted as application/octet-stream.",
        ),
        503 => Problem::unavailable("The server cannot answer just now; try again shortly."),
        _ => {
            tracing::error!(status = status.code, "a request failed");
            Problem::internal()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn paths_fit_patterns_of_their_length() {
        let pattern = ["e", "<uuid>", "tile", "<path..>"];
        assert!(matches(&pattern, &["e", "0", "tile", "0", "000"]));
        assert!(matches(&pattern, &["e", "0", "tile"]));
        assert!(!matches(&pattern, &["e", "0"]));
        assert!(!matches(&["e", "<uuid>"], &["e", "0", "x"]));
        assert!(matches(&[], &[]));
    }
}
