//! What an operator sees and sets: figures, limits, logs.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use protocol::encoding::encode_hex;
use protocol::entry::{Author, Kind};
use rocket::http::Header;

use crate::host::{Http as _, Local, Place, Process, free_port};
use crate::parties::{Parties, signed_anew};

#[test]
fn a_credential_that_signs_too_much_waits_and_others_do_not() {
    let mut host = Local::start();
    host.restart_with(|config| config.credential_limit = 5);
    let parties = Parties::new(&host, 2, 2);
    let mut election = parties.open(&host);
    let first = election.next_ballot(0);
    election.post(&first);
    for _ in 0..4 {
        election.vote(0);
    }
    let sixth = election.next_ballot(0);
    let reply = election.try_post(&sixth);
    assert_eq!(reply.problem(), (429, "too-many-requests".to_owned()));
    let wait: u64 = reply.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=13).contains(&wait), "{wait}");
    // Receipts of what is there are given all the same, and others vote.
    election.try_post(&first).expect(200);
    election.vote(1);
}

#[test]
fn nobody_uses_up_the_limit_of_another_credential() {
    let mut host = Local::start();
    host.restart_with(|config| config.credential_limit = 3);
    let parties = Parties::new(&host, 2, 2);
    let mut election = parties.open(&host);
    let posted = election.next_ballot(0);
    election.post(&posted);
    for _ in 0..5 {
        // A wrong signature, a body that is none, and the voter's own words again.
        let mut forged = election.next_ballot(0);
        let last = forged.len() - 1;
        forged[last] ^= 1;
        assert_eq!(election.try_post(&forged).problem().0, 403);
        let scope = *election.voting().election_id();
        let author = Author::Voter(*parties.voters[0].public());
        let nonsense = signed_anew(Kind::Ballot, &scope, author, &[0; 9], &parties.stranger);
        assert!([403, 422, 400].contains(&election.try_post(&nonsense).problem().0));
        election.try_post(&posted).expect(200);
    }
    election.vote(0);
    election.vote(0);
}

#[test]
fn an_address_that_posts_too_much_waits() {
    let mut host = Local::start();
    host.restart_with(|config| config.address_limit = 2);
    let post = |address: &'static str| {
        let request = host.client().post("/elections").body([0; 10]);
        let request = request.header(Header::new("X-Real-IP", address));
        let response = request.header(rocket::http::ContentType::Binary).dispatch();
        response.status().code
    };
    assert_eq!(
        [post("192.0.2.1"), post("192.0.2.1"), post("192.0.2.1")],
        [400, 400, 429]
    );
    assert_eq!(post("192.0.2.2"), 400);
}

#[test]
fn figures_count_and_name_nobody_and_are_for_this_computer() {
    let place = Place::in_file();
    let host = place.start_with(free_port(), &["--metrics"]);
    let parties = Parties::new(&host, 1, 2);
    let mut election = parties.open(&host);
    election.vote(0);
    let text = host.get("/metrics").expect(200).text();
    for line in [
        "ballot_box_elections 1".to_owned(),
        "ballot_box_appends 1".to_owned(),
        format!("ballot_box_entries_total {}", election.fold.size()),
        "ballot_box_transaction_seconds_count".to_owned(),
        "route=\"/e/<uuid>/entries\",method=\"POST\",status=\"201\"".to_owned(),
    ] {
        assert!(text.contains(&line), "{line} is not in {text}");
    }
    let credential = encode_hex(parties.voters[0].public().as_bytes());
    assert!(!text.contains(&parties.uuid) && !text.contains(&credential));

    let local = Local::start();
    assert_eq!(local.get("/metrics").problem().0, 404);
    let mut local = local;
    local.restart_with(|config| config.metrics = true);
    local.get("/metrics").expect(200);
    let remote = local.client().get("/metrics");
    let remote = remote
        .header(Header::new("X-Real-IP", "192.0.2.1"))
        .dispatch();
    assert_eq!(remote.status().code, 404);
}

#[test]
fn a_json_log_is_one_object_a_line() {
    let place = Place::in_file();
    let paths = ["out", "err"].map(|name| place.folder.path().join(name));
    let files = [0, 1].map(|i| File::create(&paths[i]).unwrap());
    let data = place.folder.path().join("data");
    let mut host = Process::start_logged_as(&data, free_port(), files, &["--log-json"]);
    host.get("/elections").expect(200);
    host.terminate();
    let text = std::fs::read_to_string(&paths[1]).unwrap();
    assert!(text.lines().count() > 2);
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["fields"].is_object() && line["level"].is_string());
    }
    assert!(text.contains("\"route\":\"/elections\""));
}

#[test]
fn a_full_queue_says_when_to_come_back() {
    let mut host = Local::start();
    // Less than one ballot.
    let parties = Parties::new(&host, 1, 2);
    let fold = parties.open(&host).fold;
    host.restart_with(|config| config.queue = 100);
    let election = crate::parties::Posted {
        http: &host,
        parties: &parties,
        fold,
    };
    let reply = election.try_post(&election.next_ballot(0));
    assert_eq!(reply.problem(), (503, "unavailable".to_owned()));
    assert_eq!(reply.header("retry-after"), Some("1"));
}

/// Clients that send a byte now and then hold a connection, but hold up nobody and are given up.
/// (The framework waits for the first 14 bytes of a body itself, for ever: a proxy cuts that off.)
#[test]
fn slow_clients_are_given_up_while_others_vote() {
    let place = Place::in_file();
    let port = free_port();
    let host = place.start_with(port, &["--body-timeout", "2"]);
    let parties = Parties::new(&host, 5, 2);
    let mut election = parties.open(&host);
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000\r\n\r\nThe first bytes",
        parties.path("/entries")
    );
    let mut slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(20)))
                .unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    for voter in 0..5 {
        for stream in &mut slow {
            // One that has been given up already may be closed.
            let _ = stream.write_all(b"x");
        }
        election.vote(voter);
    }
    for mut stream in slow {
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 408");
    }
}
