//! Several servers on one PostgreSQL database: one appends, the others follow and take over.

use std::process::Command;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::host::{Http as _, Place, Process, free_port};
use crate::parties::{Parties, Posted};
use crate::rfc6962::{Audit, leaf, leaves};
use crate::voters::{cast_until_acknowledged, check_shown, fsck, random};

fn signal(host: &Process, name: &str) {
    let status = Command::new("kill")
        .args([name, &host.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Lets the database give up the connection of the one who appends.
fn terminate_appender(place: &Place) {
    let mut database = PgConnection::establish(place.url.as_ref().unwrap()).unwrap();
    database
        .batch_execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
        .unwrap();
}

/// Waits until a server shows a log of this size.
fn await_size(host: &Process, path: &str, size: u64) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while host.get(path).json()["size"] != size {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_follower_answers_reads_refuses_posts_and_takes_over() {
    let place = Place::in_postgres();
    let first = place.start(free_port());
    let other_place = place.second();
    let second = other_place.follow(free_port());
    let parties = Parties::new(&first, 3, 2);
    let mut election = parties.open(&first);
    let receipt = election.vote(0).json();
    let path = parties.path("");
    second.await_status(&path, 200);
    let size = election.fold.size();
    await_size(&second, &path, size);
    assert_eq!(second.get(&path).json(), first.get(&path).json());
    assert_eq!(
        second.get(&parties.path("/checkpoint")).text(),
        first.get(&parties.path("/checkpoint")).text()
    );
    let code = receipt["code"].as_str().unwrap();
    second
        .get(&parties.path(&format!("/receipt/{code}")))
        .expect(200);
    let ballot = election.next_ballot(1);
    for reply in [
        second.get("/ready"),
        second.post(&parties.path("/entries"), &ballot),
        second.post("/elections", &Parties::new(&second, 1, 2).manifest_entry()),
    ] {
        assert_eq!(reply.problem(), (503, "unavailable".to_owned()));
        assert!(reply.header("retry-after").is_some());
    }
    second.get("/health").expect(200);
    election.post(&ballot);

    signal(&first, "-KILL");
    let killed = Instant::now();
    second.await_status("/ready", 200);
    assert!(
        killed.elapsed() < Duration::from_secs(5),
        "{:?}",
        killed.elapsed()
    );
    let fold = election.fold;
    let mut election = Posted {
        http: &second,
        parties: &parties,
        fold,
    };
    let again = election.try_post(&ballot).expect(200).json();
    election.vote(2);
    election.vote(0);
    let audit = Audit::new(&second, &parties.uuid);
    let entries = audit.entries(&second);
    assert_eq!(entries.len() as u64, election.fold.size());
    audit.check_receipt(&again, &ballot, &leaves(&entries));

    // The first comes back as a follower.
    let first = place.follow(free_port());
    assert_eq!(first.get("/ready").status, 503);
    await_size(&first, &path, election.fold.size());
}

#[test]
fn a_server_that_was_taken_for_dead_appends_nothing() {
    let place = Place::in_postgres();
    let first = place.start(free_port());
    let other_place = place.second();
    let second = other_place.follow(free_port());
    let parties = Parties::new(&first, 3, 2);
    let mut election = parties.open(&first);
    election.vote(0);
    // The first sleeps, the database gives it up, and the second goes on.
    signal(&first, "-STOP");
    terminate_appender(&place);
    second.await_status("/ready", 200);
    let ballot = election.next_ballot(1);
    second.post(&parties.path("/entries"), &ballot).expect(201);
    let late = election.next_ballot(2);
    signal(&first, "-CONT");
    let reply = first.post(&parties.path("/entries"), &late);
    assert_eq!(reply.problem(), (503, "unavailable".to_owned()));
    await_size(&first, &parties.path(""), election.fold.size() + 1);
    let entries = Audit::new(&first, &parties.uuid).entries(&first);
    assert_eq!(entries, Audit::new(&second, &parties.uuid).entries(&second));
    assert!(!leaves(&entries).contains(&leaf(&late)));
    second.post(&parties.path("/entries"), &late).expect(201);
}

#[test]
fn a_server_with_another_key_does_not_start_on_the_database() {
    let place = Place::in_postgres();
    let host = place.start(free_port());
    let with_other_key = Place {
        url: place.url.clone(),
        ..Place::in_file()
    };
    let without = with_other_key.run(&["--port", &free_port().to_string()]);
    assert!(
        String::from_utf8_lossy(&without.stderr).contains("is missing although there are boards")
    );
    std::fs::write(
        with_other_key.folder.path().join("board.key"),
        "01".repeat(32),
    )
    .unwrap();
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(with_other_key.folder.path().join("board.key"), private).unwrap();
    drop(host);
    let output = with_other_key.run(&["--port", &free_port().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("signed by another key"));
}

/// The one who appends sleeps in the middle of posts, longer than the database takes to give it up,
/// and wakes when another has gone on.
#[test]
fn a_server_that_sleeps_through_a_takeover_acknowledges_nothing_false() {
    let place = Place::in_postgres();
    let first = place.start(free_port());
    let other_place = place.second();
    let second = other_place.follow(free_port());
    let parties = Parties::new(&first, 160, 2);
    let election = parties.open(&first);
    let ballots: Vec<_> = (0..160).map(|voter| election.next_ballot(voter)).collect();
    let path = parties.path("/entries");
    let acknowledged = std::thread::scope(|scope| {
        let sleepy: Vec<_> = ballots
            .chunks(20)
            .map(|ballots| {
                let (first, path) = (&first, &path);
                let post = move |ballot: &Vec<u8>| (ballot.clone(), first.post(path, ballot));
                scope.spawn(move || ballots.iter().map(post).collect::<Vec<_>>())
            })
            .collect();
        std::thread::sleep(Duration::from_millis(30 + random(60)));
        signal(&first, "-STOP");
        terminate_appender(&place);
        second.await_status("/ready", 200);
        let servers = [second.connection().clone()];
        let by_second = cast_until_acknowledged(&servers, &path, &ballots[100..], |_| {});
        signal(&first, "-CONT");
        let mut acknowledged = by_second;
        for (ballot, reply) in sleepy.into_iter().flat_map(|posts| posts.join().unwrap()) {
            match reply.status {
                200 | 201 => acknowledged.push((ballot, reply.json())),
                503 => assert_eq!(reply.problem().1, "unavailable"),
                // Its own ballot is on the board already, and the receipt of it comes with 200.
                _ => panic!("{reply:?}"),
            }
        }
        acknowledged
    });
    check_shown(&second, &parties.uuid, &acknowledged);
    let servers = [second.connection().clone()];
    let all = cast_until_acknowledged(&servers, &path, &ballots, |_| {});
    let entries = check_shown(&second, &parties.uuid, &all);
    assert_eq!(
        entries.iter().filter(|entry| entry[1] == 11).count(),
        ballots.len()
    );
    await_size(&first, &parties.path(""), entries.len() as u64);
    check_shown(&first, &parties.uuid, &acknowledged);
    fsck(&place);
}
