//! PostgreSQL that is killed, does not answer, has no room, or forgets: whatever it does, nobody
//! waits for ever, nothing that was acknowledged is lost, and the server goes on by itself.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use ballot_box::connection::AnyConnection;
use ballot_box::database::{Access, Database, check_promises};
use ballot_box::store::StoreError;
use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use protocol::secret::Secret;

use crate::cluster::{Cluster, signal};
use crate::host::{Http as _, Place, Process, Reply, free_port};
use crate::parties::Parties;
use crate::voters::{await_count, cast_until_acknowledged, check_shown, fsck, n_rounds, random};

const UNAVAILABLE: u16 = 503;

fn ballots(parties: &Parties, host: &Process) -> Vec<Vec<u8>> {
    let election = parties.open(host);
    (0..parties.voters.len())
        .map(|voter| election.next_ballot(voter))
        .collect()
}

#[test]
fn a_killed_and_restarted_database_has_every_acknowledged_ballot_once() {
    const PER_ROUND: usize = 80;
    let rounds = n_rounds(3);
    let cluster = Cluster::start_new();
    let place = Place::at(cluster.new_database());
    let host = place.start(free_port());
    let parties = Parties::new(&host, rounds * PER_ROUND, 2);
    let ballots = ballots(&parties, &host);
    let mut acknowledged = Vec::new();
    for ballots in ballots.chunks(PER_ROUND) {
        let servers = [host.connection().clone()];
        acknowledged.extend(cast_until_acknowledged(
            &servers,
            &parties.path("/entries"),
            ballots,
            |counter| {
                await_count(
                    counter,
                    usize::try_from(random(PER_ROUND as u64 / 2)).unwrap(),
                );
                std::thread::sleep(Duration::from_micros(random(8_000)));
                cluster.kill();
                println!("killed after {}", counter.load(Ordering::SeqCst));
                host.get("/board").expect(200);
                cluster.start();
            },
        ));
        host.await_status("/ready", 200);
    }
    let entries = check_shown(&host, &parties.uuid, &acknowledged);
    assert_eq!(
        entries.iter().filter(|entry| entry[1] == 11).count(),
        ballots.len()
    );
    fsck(&place);
}

/// The answer and how long it took.
fn timed(ask: impl FnOnce() -> Reply) -> (Reply, Duration) {
    let start = Instant::now();
    (ask(), start.elapsed())
}

fn must_be_told_to_wait(reply: &Reply) {
    assert_eq!(reply.problem(), (UNAVAILABLE, "unavailable".to_owned()));
    assert!(reply.header("retry-after").is_some());
}

#[test]
fn a_database_that_stops_answering_keeps_nobody_waiting_for_ever() {
    let cluster = Cluster::start_new();
    let place = Place::at(cluster.new_database());
    let host = place.start(free_port());
    let parties = Parties::new(&host, 60, 2);
    let ballots = ballots(&parties, &host);
    let path = parties.path("/entries");
    let receipt = host.post(&path, &ballots[0]).expect(201).json();
    let receipt_path = parties.path(&format!("/receipt/{}", receipt["code"].as_str().unwrap()));

    cluster.signal("-STOP");
    std::thread::scope(|scope| {
        // More than there are connections, and more than the sequencer takes at once.
        let in_flight: Vec<_> = ballots[1..40]
            .iter()
            .map(|ballot| scope.spawn(|| timed(|| host.post(&path, ballot))))
            .collect();
        let readers: Vec<_> = (0..40)
            .map(|_| scope.spawn(|| timed(|| host.get(&receipt_path))))
            .collect();
        // What is in memory is shown all the same.
        let (reply, took) = timed(|| host.get(&parties.path("/checkpoint")));
        reply.expect(200);
        assert!(took < Duration::from_secs(2), "{took:?}");
        for address in ["/health", "/ready"] {
            let (reply, took) = timed(|| host.get(address));
            must_be_told_to_wait(&reply);
            assert!(took < Duration::from_secs(15), "{address}: {took:?}");
        }
        // By now it is known that nothing is appended, and nobody waits to hear it.
        let (reply, took) = timed(|| host.post(&path, &ballots[50]));
        must_be_told_to_wait(&reply);
        assert!(took < Duration::from_secs(15), "{took:?}");
        for reader in readers {
            let (reply, took) = reader.join().unwrap();
            must_be_told_to_wait(&reply);
            assert!(took < Duration::from_secs(15), "{took:?}");
        }
        for post in in_flight {
            let (reply, took) = post.join().unwrap();
            must_be_told_to_wait(&reply);
            assert!(took < Duration::from_secs(45), "{took:?}");
        }
    });
    cluster.signal("-CONT");
    let resumed = Instant::now();
    host.await_status("/ready", 200);
    assert!(
        resumed.elapsed() < Duration::from_secs(15),
        "{:?}",
        resumed.elapsed()
    );
    host.get(&receipt_path).expect(200);
    let servers = [host.connection().clone()];
    let acknowledged = cast_until_acknowledged(&servers, &path, &ballots, |_| {});
    let entries = check_shown(&host, &parties.uuid, &acknowledged);
    assert_eq!(
        entries.iter().filter(|entry| entry[1] == 11).count(),
        ballots.len()
    );
    fsck(&place);
}

/// Only the connection that appends hangs, as behind a lock or a slow disk.
#[test]
fn a_transaction_that_hangs_is_not_queued_behind_and_stops_no_reader() {
    let cluster = Cluster::start_new();
    let place = Place::at(cluster.new_database());
    let host = place.start(free_port());
    let parties = Parties::new(&host, 2, 2);
    let mut election = parties.open(&host);
    let receipt = election.vote(0).json();
    let receipt_path = parties.path(&format!("/receipt/{}", receipt["code"].as_str().unwrap()));
    let ballot = election.next_ballot(1);
    let appender = cluster.appender();
    signal(&appender, "-STOP");
    host.await_status("/ready", UNAVAILABLE);
    for (path, is_post) in [(parties.path("/entries"), true), (receipt_path, false)] {
        let (reply, took) = timed(|| match is_post {
            true => host.post(&path, &ballot),
            false => host.get(&path),
        });
        assert!(took < Duration::from_secs(2), "{path}: {took:?}");
        match is_post {
            true => must_be_told_to_wait(&reply),
            false => assert_eq!(reply.json()["index"], receipt["index"]),
        }
    }
    host.get("/health").expect(200);
    signal(&appender, "-CONT");
    host.await_status("/ready", 200);
    election.post(&ballot);
    check_shown(&host, &parties.uuid, &[]);
}

#[test]
fn a_full_disk_of_the_database_costs_no_acknowledged_ballot() {
    // Small files of the database's own log, so that a limit of each file's size is reached by the
    // entries first.
    let cluster = Cluster::make(&["--wal-segsize=1"]);
    cluster.start();
    let url = cluster.new_database();
    let database = url.split(['/', '?']).nth(3).unwrap();
    let place = Place::at(url.clone());
    let mut host = place.start(free_port());
    let parties = Parties::new(&host, 400, 2);
    let ballots = ballots(&parties, &host);
    host.terminate();
    // Rows that are taken back leave their room taken: the file of entries has 1.7 MB now.
    cluster
        .connect(database)
        .batch_execute(
            "BEGIN; INSERT INTO elections VALUES (999, decode(repeat('ee', 16), 'hex'), 'x'); \
             INSERT INTO entries SELECT 999, n, decode(repeat('ab', 1800), 'hex'), \
             decode(lpad(to_hex(n), 64, '0'), 'hex'), NULL FROM generate_series(1, 850) n; ROLLBACK",
        )
        .unwrap();
    cluster.kill();
    // A unit of 512 bytes: nearly 1.9 MB.
    cluster.start_after("ulimit -f 3700;", &["autovacuum=off"]);
    let mut host = place.start(free_port());
    let path = parties.path("/entries");
    let (mut acknowledged, mut n_refused) = (Vec::new(), 0);
    for ballot in &ballots {
        let reply = host.post(&path, ballot);
        match reply.status {
            201 => acknowledged.push((ballot.clone(), reply.json())),
            _ => {
                must_be_told_to_wait(&reply);
                n_refused += 1;
            }
        }
        if n_refused == 20 {
            break;
        }
    }
    let n_acknowledged = acknowledged.len();
    assert!(
        n_acknowledged > 0 && n_refused == 20,
        "{n_acknowledged}, {n_refused}"
    );
    check_shown(&host, &parties.uuid, &acknowledged);
    // Somebody makes room; nobody starts the ballot box again.
    cluster.kill();
    cluster.start();
    host.await_status("/ready", 200);
    let servers = [host.connection().clone()];
    acknowledged.extend(cast_until_acknowledged(
        &servers,
        &path,
        &ballots[n_acknowledged..],
        |_| {},
    ));
    let entries = check_shown(&host, &parties.uuid, &acknowledged);
    assert_eq!(
        entries.iter().filter(|entry| entry[1] == 11).count(),
        ballots.len()
    );
    assert_eq!(host.terminate(), Some(0));
    fsck(&place);
}

#[test]
fn a_database_that_may_forget_what_it_acknowledged_is_not_used() {
    let cluster = Cluster::make(&[]);
    cluster.start_after("", &["fsync=off"]);
    let place = Place::at(cluster.new_database());
    let output = place.run(&["--port", &free_port().to_string()]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.code() == Some(2) && text.contains("runs with fsync = off"),
        "{text}"
    );

    // The same if it begins to forget later, until it no longer does.
    cluster.kill();
    cluster.start();
    let host = place.start(free_port());
    let parties = Parties::new(&host, 2, 2);
    let mut election = parties.open(&host);
    election.vote(0);
    cluster.execute("ALTER SYSTEM SET fsync = off");
    cluster.execute("SELECT pg_reload_conf()");
    host.await_status("/ready", UNAVAILABLE);
    let ballot = election.next_ballot(1);
    must_be_told_to_wait(&election.try_post(&ballot));
    cluster.execute("ALTER SYSTEM RESET fsync");
    cluster.execute("SELECT pg_reload_conf()");
    host.await_status("/ready", 200);
    election.post(&ballot);
}

#[test]
fn who_writes_waits_for_the_disk_whatever_the_database_is_told_meanwhile() {
    let cluster = Cluster::start_new();
    let database = Database::Postgres(Arc::new(Secret::new(cluster.new_database())));
    let wait = Duration::from_secs(1);
    let connect = || match database.connect(Access::Write, wait).unwrap() {
        AnyConnection::Postgres(connection) => connection,
        AnyConnection::Sqlite(_) => panic!("not a file"),
    };
    for (before, after) in [("on", "off"), ("remote_apply", "local")] {
        let set = |value: &str| {
            cluster.execute(&format!("ALTER SYSTEM SET synchronous_commit = {value}"));
            cluster.execute("SELECT pg_reload_conf()");
            cluster.await_true(&format!(
                "current_setting('synchronous_commit') = '{value}'"
            ));
        };
        set(before);
        let mut writer = connect();
        set(after);
        // Time for the session to hear of it, too.
        std::thread::sleep(Duration::from_millis(300));
        let found: Shown = diesel::sql_query("SHOW synchronous_commit")
            .get_result(&mut writer)
            .unwrap();
        assert_eq!(found.synchronous_commit, before);
        let mut writer = AnyConnection::Postgres(writer);
        check_promises(&mut writer).unwrap();
        writer
            .batch_execute("SET synchronous_commit = local")
            .unwrap();
        assert!(matches!(
            check_promises(&mut writer),
            Err(StoreError::Forgetful)
        ));
    }
}

#[derive(diesel::QueryableByName)]
struct Shown {
    #[diesel(sql_type = diesel::sql_types::Text)]
    synchronous_commit: String,
}

#[test]
fn a_database_that_does_not_wait_for_its_disk_is_told_to_and_named_in_the_log() {
    let cluster = Cluster::make(&[]);
    cluster.start_after("", &["synchronous_commit=off"]);
    let folder = tempfile::tempdir().unwrap();
    let outputs = ["out", "err"].map(|name| folder.path().join(name));
    let files = [0, 1].map(|i| File::create(&outputs[i]).unwrap());
    let settings = ["--log-json", "--database", &cluster.new_database()];
    let mut host =
        Process::start_logged_as(&folder.path().join("data"), free_port(), files, &settings);
    let parties = Parties::new(&host, 1, 2);
    // Every transaction is on the disk all the same.
    let receipt = (
        parties.open(&host).next_ballot(0),
        host.connection().clone(),
    );
    let acknowledged = cast_until_acknowledged(
        &[receipt.1],
        &parties.path("/entries"),
        std::slice::from_ref(&receipt.0),
        |_| {},
    );
    cluster.kill();
    cluster.start();
    host.await_status("/ready", 200);
    check_shown(&host, &parties.uuid, &acknowledged);
    host.terminate();
    let log = std::fs::read_to_string(&outputs[1]).unwrap();
    let warning = "the database may lose what it acknowledges";
    let warned = log.lines().find(|line| line.contains(warning)).unwrap();
    let warned: serde_json::Value = serde_json::from_str(warned).unwrap();
    assert_eq!(
        (&warned["level"], &warned["fields"]["synchronous_commit"]),
        (&"WARN".into(), &"off".into())
    );
}
