//! Who may create elections, and of which form.

use protocol::entry::{Author, Envelope, Kind};
use protocol::transcript::Digest;

use ballot_box::config::Organisers;

use crate::host::{Http as _, Local};
use crate::parties::{Parties, signed_anew};

#[test]
fn elections_are_created_by_the_organisers_of_this_server_on_this_board_only() {
    let mut host = Local::start();
    let allowed = Parties::new(&host, 1, 2);
    let stranger = Parties::new(&host, 1, 2);
    let key = host.get("/board").json()["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let here = |uuid: &str| format!("localhost:8000/e/{uuid}");
    let elsewhere = Parties::for_board(1, 2, |uuid| format!("example.org/e/{uuid}"), &key);
    let other_key = Parties::for_board(1, 2, here, &"11".repeat(32));
    let post = |host: &Local, entry: &[u8]| host.post("/elections", entry).problem();
    assert_eq!(
        post(&host, &elsewhere.manifest_entry()),
        (422, "other-board".to_owned())
    );
    assert_eq!(
        post(&host, &other_key.manifest_entry()),
        (422, "other-board".to_owned())
    );

    let body = allowed
        .manifest
        .replace("\"threshold\":2", "\"threshold\":4");
    let bad = signed_anew(
        Kind::Manifest,
        &Digest([0; 32]),
        Author::Organiser,
        body.as_bytes(),
        &allowed.organiser,
    );
    assert_eq!(post(&host, &bad), (422, "bad-manifest".to_owned()));
    let scope = Digest([0; 32]);
    let unscoped = signed_anew(
        Kind::Manifest,
        &scope,
        Author::Organiser,
        allowed.manifest.as_bytes(),
        &allowed.organiser,
    );
    assert_eq!(post(&host, &unscoped), (422, "other-election".to_owned()));
    let entry = allowed.manifest_entry();
    let scope = Envelope::decode(&entry).unwrap().scope;
    let forged = signed_anew(
        Kind::Manifest,
        &scope,
        Author::Organiser,
        allowed.manifest.as_bytes(),
        &stranger.organiser,
    );
    assert_eq!(post(&host, &forged), (403, "bad-signature".to_owned()));
    let close = signed_anew(
        Kind::Close,
        &scope,
        Author::Organiser,
        &[],
        &allowed.organiser,
    );
    assert_eq!(post(&host, &close), (422, "no-manifest".to_owned()));
    assert_eq!(
        post(&host, &entry[..entry.len() - 1]),
        (400, "malformed-entry".to_owned())
    );
    assert_eq!(
        post(&host, &vec![1; 65_536]),
        (413, "entry-too-long".to_owned())
    );
    assert_eq!(
        host.get("/elections").json()["elections"]
            .as_array()
            .unwrap()
            .len(),
        0
    );

    let listed = [*allowed.organiser.public().as_bytes()];
    host.restart_with(|config| config.organisers = Organisers::Only(listed.into()));
    assert_eq!(
        post(&host, &stranger.manifest_entry()),
        (403, "organiser-not-allowed".to_owned())
    );
    host.post("/elections", &entry).expect(201);
    assert_eq!(
        host.post(&stranger.path("/entries"), &entry).problem(),
        (404, "not-found".to_owned())
    );
}

#[test]
fn a_manifest_of_a_stranger_is_refused_before_it_is_read() {
    let mut host = Local::start();
    let [allowed, stranger] = [(); 2].map(|()| Parties::new(&host, 1, 2));
    let post = |host: &Local, manifest: &str, key| {
        let (scope, author) = (Digest([0; 32]), Author::Organiser);
        let entry = signed_anew(Kind::Manifest, &scope, author, manifest.as_bytes(), key);
        host.post("/elections", &entry).problem()
    };
    // What is wrong with it, only its organiser is told.
    let bad = |parties: &Parties| {
        let manifest = &parties.manifest;
        manifest.replace("\"threshold\":2", "\"threshold\":4")
    };
    assert_eq!(
        post(&host, &bad(&allowed), &stranger.organiser),
        (403, "bad-signature".to_owned())
    );
    let listed = [*allowed.organiser.public().as_bytes()];
    host.restart_with(|config| config.organisers = Organisers::Only(listed.into()));
    assert_eq!(
        post(&host, &bad(&stranger), &stranger.organiser),
        (403, "organiser-not-allowed".to_owned())
    );
    assert_eq!(
        post(&host, &bad(&allowed), &allowed.organiser),
        (422, "bad-manifest".to_owned())
    );
    assert_eq!(
        post(&host, "{}", &stranger.organiser),
        (422, "bad-manifest".to_owned())
    );
}
