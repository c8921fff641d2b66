//! `openapi.json` says what the server does: no route is missing from it, and schemathesis, which
//! makes requests from it, gets no answer that it does not describe.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use ballot_box::routes::openapi::DESCRIPTION;
use protocol::encoding::encode_hex;
use rocket::http::Method;
use serde_json::{Value, json};

use crate::host::{Http as _, Local, Place, free_port};
use crate::parties::Parties;
use crate::rfc6962::leaf;

fn description() -> Value {
    serde_json::from_str(DESCRIPTION).unwrap()
}

/// A server with all routes that there can be.
fn with_all_routes() -> Local {
    let mut host = Local::start();
    let pages = host.folder.path().join("pages");
    make_pages(&pages);
    host.restart_with(|config| {
        config.pages = Some(pages);
        config.metrics = true;
    });
    host
}

fn make_pages(folder: &Path) {
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    for file in [
        "index.html",
        "vote.html",
        "check.html",
        "board.html",
        "HASHES.txt",
        "assets/a.js",
    ] {
        std::fs::write(folder.join(file), "content").unwrap();
    }
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let host = with_all_routes();
    let mut mounted: BTreeMap<(String, String), bool> = BTreeMap::new();
    for route in host.client().rocket().routes() {
        let segment = |segment: &str| {
            let name = segment
                .strip_prefix('<')
                .and_then(|rest| rest.strip_suffix('>'));
            name.map_or(segment.to_owned(), |name| {
                format!("{{{}}}", name.trim_start_matches('_'))
            })
        };
        let path: Vec<_> = route.uri.path().split('/').map(segment).collect();
        mounted.insert((route.method.to_string(), path.join("/")), false);
    }
    let description = description();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            // What a tile is called has several segments; each kind of tile is described by itself.
            let path = match path.strip_prefix("/e/{uuid}/tile/") {
                Some(_) => "/e/{uuid}/tile/{path..}",
                None => path,
            };
            let key = (method.to_uppercase(), path.to_owned());
            let found = mounted.get_mut(&key);
            *found.unwrap_or_else(|| panic!("{key:?} is described, and there is no such route")) =
                true;
            // Whoever looks something up may find nothing; whoever posts may have to wait.
            let statuses = operation["responses"].as_object().unwrap();
            let may_be_missing = statuses.contains_key("404");
            assert!(may_be_missing || !path.contains('{'), "{key:?}");
            assert!(method != "post" || statuses.contains_key("503"), "{key:?}");
        }
    }
    let forgotten: Vec<_> = mounted
        .iter()
        .filter(|(_, is_described)| !**is_described)
        .collect();
    assert!(
        forgotten.is_empty(),
        "openapi.json does not describe {forgotten:?}"
    );
}

#[test]
fn the_description_is_served_as_it_is_and_refers_to_nothing_missing() {
    let host = Local::start();
    let reply = host.get("/openapi.json");
    assert_eq!(reply.expect(200).json(), description());
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(host.send(Method::Post, "/openapi.json").problem().0, 405);
    let mut references = BTreeSet::new();
    let mut rest = DESCRIPTION;
    while let Some((_, after)) = rest.split_once("\"$ref\": \"#") {
        let (pointer, after) = after.split_once('"').unwrap();
        references.insert(pointer);
        rest = after;
    }
    assert!(references.len() > 10);
    for pointer in references {
        assert!(description().pointer(pointer).is_some(), "{pointer}");
    }
}

/// Where `cargo xtask test` installs it, or where `PSEPHOS_SCHEMATHESIS` says.
fn schemathesis() -> PathBuf {
    let installed = || {
        let release = Path::new(env!("CARGO_BIN_EXE_ballot-box"))
            .parent()
            .unwrap();
        release
            .with_file_name("schemathesis")
            .join("bin/schemathesis")
    };
    std::env::var_os("PSEPHOS_SCHEMATHESIS").map_or_else(installed, PathBuf::from)
}

/// What schemathesis is told of: names of elections, receipts and voters, and entries. Of the
/// receipts nearly all are there.
fn known(elections: &[&Parties], entries: &[Vec<u8>], receipts: &[&[u8]]) -> Value {
    let voters = elections.iter().flat_map(|parties| &parties.voters);
    json!({
        "uuid": elections.iter().map(|parties| parties.uuid.clone()).collect::<Vec<_>>(),
        "digest": receipts.iter().map(|entry| encode_hex(&leaf(entry))).collect::<Vec<_>>(),
        "credential": voters.map(|key| encode_hex(key.public().as_bytes())).collect::<Vec<_>>(),
        "name": ["HASHES.txt", "a.js", "vote.html"],
        "entries": entries.iter().map(|entry| encode_hex(entry)).collect::<Vec<_>>(),
    })
}

/// `PSEPHOS_SCHEMATHESIS_EXAMPLES=2000` tries so many requests of each kind.
#[test]
fn schemathesis_gets_no_answer_that_is_not_described() {
    let place = Place::in_file();
    let port = free_port();
    let pages = place.folder.path().join("pages");
    make_pages(&pages);
    let pages = pages.to_str().unwrap();
    let host = place.start_with(port, &["--metrics", "--pages", pages]);
    // An election that only has a manifest, one that is open, one that is over, and none.
    let [early, open, over, none] = [(); 4].map(|()| Parties::new(&host, 4, 2));
    early.create(&host);
    let mut election = open.open(&host);
    let manifest = open.manifest_entry();
    let mut entries = vec![none.manifest_entry(), manifest.clone()];
    entries.extend((0..3).map(|voter| election.next_ballot(voter)));
    let voted = election.next_ballot(3);
    election.post(&voted);
    entries.extend([
        voted.clone(),
        election.next_ballot(3),
        election.challenge(3).0,
    ]);
    let mut finished = over.open(&host);
    let last = finished.next_ballot(0);
    finished.post(&last);
    let not_there = election.next_ballot(0);
    let receipts: [&[u8]; 4] = [&manifest, &voted, &last, &not_there];
    finished.vote(0);
    finished.finish();
    entries.push(last.clone());
    let file = place.folder.path().join("known.json");
    let known = known(&[&open, &early, &open, &over], &entries, &receipts);
    std::fs::write(&file, known.to_string()).unwrap();

    let examples = std::env::var("PSEPHOS_SCHEMATHESIS_EXAMPLES");
    let hooks = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    let output = Command::new(schemathesis())
        .arg("--config-file")
        .arg(hooks.join("schemathesis.toml"))
        .args(["run", &format!("http://127.0.0.1:{port}/openapi.json")])
        .args(["--phases", "examples,coverage,fuzzing", "--seed", "1"])
        .args(["--max-examples", examples.as_deref().unwrap_or("60")])
        // Bytes that are an entry by their length are hardly ever one that is accepted.
        .args([
            "--checks",
            "all",
            "--exclude-checks",
            "positive_data_acceptance",
        ])
        .args([
            "--continue-on-failure",
            "--request-timeout",
            "20",
            "--workers",
            "2",
        ])
        .args(["--no-color", "--warnings", "off"])
        // What it keeps of a run stays here, too.
        .current_dir(place.folder.path())
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &hooks)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PSEPHOS_KNOWN", &file)
        .output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask test` installs it",
            schemathesis().display()
        )
    });
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    println!("{}", text.split("SUMMARY").last().unwrap());
    // It did not only ask for what is not there.
    let figures = host.get("/metrics").expect(200).text();
    let was_answered = |method: &str, route: &str, status: u16| {
        let line = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
        figures.contains(&line)
    };
    let entries = |status| was_answered("POST", "/e/<uuid>/entries", status);
    let reads = [
        "/e/<uuid>/receipt/<digest>",
        "/e/<uuid>/voters/<credential>",
        "/e/<uuid>/tile/<path..>",
    ];
    let found_all = reads.iter().all(|route| was_answered("GET", route, 200));
    let posted_real_ones = [200, 403, 409, 422].into_iter().any(entries);
    assert!(found_all && entries(400) && posted_real_ones, "{figures}");
    // It lives, and what was there before is there still.
    host.get("/ready").expect(200);
    assert_eq!(host.get(&over.path("")).json()["phase"], "finished");
    crate::rfc6962::Audit::new(&host, &open.uuid).entries(&host);
}
