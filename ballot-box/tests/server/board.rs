//! The log over HTTP, compared with one computed here.

use ballot_box::ballot_box::BallotBox;
use ballot_box::boards::Uuid;
use rocket::futures::StreamExt as _;
use rocket::http::Method;
use tokio::runtime::Runtime;

use crate::host::{Http as _, Local};
use crate::parties::Parties;
use crate::rfc6962::{Audit, leaves, root};

const FOREVER: &str = "public, max-age=31536000, immutable";

#[test]
fn tiles_and_bundles_are_those_of_the_entries() {
    let host = Local::start();
    let parties = Parties::new(&host, 280, 2);
    let mut election = parties.open(&host);
    for voter in 0..280 {
        election.vote(voter);
    }
    let audit = Audit::new(&host, &parties.uuid);
    let entries = audit.entries(&host);
    let leaves = leaves(&entries);
    assert!(leaves.len() > 290 && leaves.len() < 512);

    let get = |path: &str| host.get(&parties.path(path));
    let full = get("/tile/0/000");
    full.expect(200);
    assert_eq!(full.body, leaves[..256].concat());
    assert_eq!(full.header("cache-control"), Some(FOREVER));
    assert_eq!(
        full.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(
        get("/tile/1/000.p/1").expect(200).body,
        root(&leaves[..256])
    );
    // Every width that any checkpoint ever asked for is still there.
    for width in 1..=leaves.len() - 256 {
        let partial = get(&format!("/tile/0/001.p/{width}"));
        assert_eq!(partial.expect(200).body, leaves[256..256 + width].concat());
    }
    for width in [1, 255] {
        assert_eq!(
            get(&format!("/tile/0/000.p/{width}")).expect(200).body,
            leaves[..width].concat()
        );
    }
    let bundle = get("/tile/entries/000");
    assert_eq!(bundle.header("cache-control"), Some(FOREVER));
    let expected: Vec<u8> = entries[..256]
        .iter()
        .flat_map(|entry| {
            [
                &u16::try_from(entry.len()).unwrap().to_be_bytes(),
                entry.as_slice(),
            ]
            .concat()
        })
        .collect();
    assert_eq!(bundle.expect(200).body, expected);

    let beyond = leaves.len() - 255;
    for missing in [
        "/tile/0/001".to_owned(),
        format!("/tile/0/001.p/{beyond}"),
        format!("/tile/entries/001.p/{beyond}"),
        "/tile/entries/001".to_owned(),
        "/tile/entries/x001/000.p/1".to_owned(),
        "/tile/1/000".to_owned(),
        "/tile/1/000.p/2".to_owned(),
        "/tile/2/000.p/1".to_owned(),
        "/tile/0/0".to_owned(),
        "/tile/entries".to_owned(),
        "/tile".to_owned(),
    ] {
        assert_eq!(
            get(&missing).problem(),
            (404, "not-found".to_owned()),
            "{missing}"
        );
    }
}

#[test]
fn a_bundle_is_read_a_few_entries_at_a_time() {
    let host = Local::start();
    let parties = Parties::new(&host, 40, 2);
    let mut election = parties.open(&host);
    for voter in 0..40 {
        election.vote(voter);
    }
    let whole = host.get(&parties.path("/tile/entries/000.p/50"));
    let length = whole.expect(200).body.len().to_string();
    assert_eq!(whole.header("content-length"), Some(length.as_str()));

    let ballot_box = host.client().rocket().state::<BallotBox>().unwrap();
    let uuid = Uuid::parse(&parties.uuid).unwrap();
    let board = ballot_box.board(&uuid).unwrap();
    Runtime::new().unwrap().block_on(async {
        let bundle = ballot_box.bundle(&board, 0, 50).await.unwrap();
        assert_eq!(bundle.length, whole.body.len() as u64);
        let parts: Vec<Vec<u8>> = bundle.parts.collect().await;
        assert_eq!(parts.concat(), whole.body);
        assert_eq!(parts.len(), 4);
    });
}

#[test]
fn every_checkpoint_handed_out_is_of_one_log() {
    let host = Local::start();
    let parties = Parties::new(&host, 30, 2);
    let audit = Audit::new(&host, &parties.uuid);
    let mut election = parties.open(&host);
    let mut checkpoints = vec![audit.checkpoint(&host)];
    for voter in 0..30 {
        election.vote(voter);
        checkpoints.push(audit.checkpoint(&host));
    }
    let note = host.get(&parties.path("/checkpoint"));
    assert_eq!(
        note.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(note.header("cache-control"), Some("no-cache"));
    let leaves = leaves(&audit.entries(&host));
    for checkpoint in checkpoints {
        assert_eq!(root(&leaves[..checkpoint.size]), checkpoint.root);
    }
}

#[test]
fn odd_addresses_are_problems_and_reach_no_file() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    parties.create(&host);
    let uuid = &parties.uuid;
    for path in [
        "/".to_owned(),
        "/e".to_owned(),
        "/e/".to_owned(),
        "/e/../board.key".to_owned(),
        "/e/%2e%2e/%2e%2e/board.key".to_owned(),
        "/..%2f..%2fetc%2fpasswd".to_owned(),
        format!("/e/{uuid}/tile/../../../../etc/passwd"),
        format!("/e/{uuid}/tile/%2e%2e/%2e%2e/board.sqlite"),
        format!("/e/{uuid}/tile/0/..%2f..%2fboard.key"),
        format!("/e/{uuid}/tile/entries/000.p/1/.."),
        format!("/e/{uuid}/tile/%00"),
        format!("/e/{}/checkpoint", uuid.to_uppercase().replace('0', "A")),
        format!("/e/{uuid}0/checkpoint"),
        format!("/e/{}/checkpoint", "0".repeat(32)),
        format!("/e/{uuid}/receipt/{}", "0".repeat(64)),
        format!("/e/{uuid}/receipt/1'%20OR%20'1'='1"),
        format!("/e/{uuid}/voters/{}", "0".repeat(64)),
        format!("/e/{uuid}/nothing"),
        "/data/board.sqlite".to_owned(),
    ] {
        assert_eq!(
            host.get(&path).problem(),
            (404, "not-found".to_owned()),
            "{path}"
        );
    }
}

#[test]
fn wrong_methods_are_told_the_right_ones() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    parties.create(&host);
    for (method, path, allow) in [
        (Method::Delete, "/elections".to_owned(), "GET, HEAD, POST"),
        (Method::Get, parties.path("/entries"), "POST"),
        (Method::Put, parties.path("/entries"), "POST"),
        (Method::Post, parties.path("/checkpoint"), "GET, HEAD"),
        (Method::Post, parties.path("/tile/0/000"), "GET, HEAD"),
        (Method::Patch, "/board".to_owned(), "GET, HEAD"),
    ] {
        let reply = host.send(method, &path);
        assert_eq!(
            reply.problem(),
            (405, "method-not-allowed".to_owned()),
            "{method} {path}"
        );
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    }
    host.send(Method::Head, &parties.path("/checkpoint"))
        .expect(200);
}

#[test]
fn every_answer_forbids_to_run_frame_or_guess() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    parties.create(&host);
    for path in [
        "/board",
        "/health",
        "/elections",
        "/nothing",
        &parties.path(""),
        &parties.path("/checkpoint"),
        &parties.path("/manifest"),
    ] {
        let reply = host.get(path);
        assert!(
            reply
                .header("content-security-policy")
                .unwrap()
                .starts_with("default-src 'none'"),
            "{path}"
        );
        assert_eq!(
            reply.header("x-content-type-options"),
            Some("nosniff"),
            "{path}"
        );
        assert_eq!(
            reply.header("access-control-allow-origin"),
            Some("*"),
            "{path}"
        );
        assert_eq!(reply.header("set-cookie"), None, "{path}");
    }
    assert_eq!(host.get("/health").json()["status"], "ok");
}
