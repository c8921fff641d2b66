//! The database's machine is lost in the middle of voting: a replica takes over, and whatever was
//! acknowledged is on it.
//!
//! `PSEPHOS_CRASHES=20` does so many failovers instead of one.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use getrandom::SysRng;
use protocol::election::{Election, replay};
use serde_json::Value;

use crate::cluster::{Cluster, url};
use crate::host::{Connection, Http as _, Place, Process, free_port};
use crate::parties::{Parties, Posted};
use crate::rfc6962::Audit;
use crate::voters::{await_count, cast_until_acknowledged, check_shown, fsck, n_rounds, random};

/// A server of PostgreSQL and one that has a copy of everything before it is acknowledged.
fn pair(commit: &str) -> (Cluster, Cluster, String) {
    let primary = Cluster::start_new();
    let database = primary.new_database();
    let database = database.split(['/', '?']).nth(3).unwrap().to_owned();
    let replica = primary.copy();
    replica.start();
    primary.await_true("SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'");
    primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.execute(&format!("ALTER SYSTEM SET synchronous_commit = {commit}"));
    primary.execute("SELECT pg_reload_conf()");
    primary.await_true("SELECT bool_or(sync_state = 'sync') FROM pg_stat_replication");
    let url = url(&[&primary, &replica], &database);
    (primary, replica, url)
}

/// The approval ballots of a real election, or made-up ones of its size where they are not at hand.
fn ballots_of_gy() -> Vec<Vec<u32>> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/elections/gy-2002/ballots.csv");
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let line = |line: &str| {
                line.split(',')
                    .map(|value| value.parse().unwrap())
                    .collect()
            };
            text.lines().skip(1).map(line).collect()
        }
        Err(_) => {
            println!("made-up ballots, because {} is not there", file.display());
            let ballot = |_| (0..16).map(|_| u32::from(random(4) == 0)).collect();
            (0..365).map(ballot).collect()
        }
    }
}

fn replayed(entries: &[Vec<u8>]) -> Election {
    let mut fold = Election::new();
    let entries = entries.iter().map(Vec::as_slice);
    replay(&mut fold, entries, &mut SysRng, |_| ()).unwrap();
    fold
}

#[derive(diesel::QueryableByName)]
struct Epoch {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    epoch: i64,
}

fn epoch(cluster: &Cluster, url: &str) -> i64 {
    let database = url.split(['/', '?']).nth(3).unwrap();
    let row = diesel::sql_query("SELECT epoch FROM sequencer");
    let row: Epoch = row.get_result(&mut cluster.connect(database)).unwrap();
    row.epoch
}

/// Loses the primary and one ballot box while the ballots of a real election are cast.
fn survive_failover(commit: &str) {
    let (primary, replica, url) = pair(commit);
    let place = Place::at(url.clone());
    let mut first = place.start(free_port());
    let other_place = place.second();
    let second = other_place.follow(free_port());
    let choices = ballots_of_gy();
    let parties = Parties::approving(&first, choices.len(), 16);
    let election = parties.open(&first);
    let voting = election.voting();
    let cast = |(voter, values): (usize, &Vec<u32>)| {
        let key = &parties.voters[voter];
        let sealed = parties.seal_choices(voting, key, 1, [0; 32], values.clone());
        sealed.cast(key, &mut SysRng).unwrap()
    };
    let ballots: Vec<_> = choices.iter().enumerate().map(cast).collect();
    drop(election);
    let servers: Vec<Connection> = [&first, &second]
        .map(|host| host.connection().clone())
        .into();
    let before = epoch(&primary, &url);
    let acknowledged =
        cast_until_acknowledged(&servers, &parties.path("/entries"), &ballots, |counter| {
            await_count(counter, 30 + usize::try_from(random(200)).unwrap());
            std::thread::sleep(Duration::from_micros(random(8_000)));
            primary.kill();
            first.kill();
            let n_before = counter.load(std::sync::atomic::Ordering::SeqCst);
            println!("the primary is lost after {n_before} ballots were acknowledged");
            replica.execute("SELECT pg_promote()");
        });
    assert_eq!(acknowledged.len(), ballots.len());
    // The lock went with the primary; the epoch did not, and goes on from where it was.
    assert!(epoch(&replica, &url) > before);

    let entries = check_shown(&second, &parties.uuid, &acknowledged);
    let mut election = Posted {
        http: &second,
        parties: &parties,
        fold: replayed(&entries),
    };
    assert_eq!(election.fold.n_ballots(), ballots.len() as u64);
    election.finish();
    let totals = election.fold.result().unwrap().contests[0].totals.clone();
    let sum = |option: usize| choices.iter().map(|values| u64::from(values[option])).sum();
    assert_eq!(
        totals,
        Some((0..16).map(|option| Some(sum(option))).collect())
    );
    // The other comes back and follows.
    let first = place.follow(free_port());
    first.await_status(&parties.path("/checkpoint"), 200);
    check_shown(&first, &parties.uuid, &acknowledged);
    fsck(&place);
    verify(&place, &parties);
}

/// Lets the verifier check the record of a finished election.
fn verify(place: &Place, parties: &Parties) {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("record");
    let output = place.run(&["export", &parties.uuid, record.to_str().unwrap()]);
    assert!(output.status.success(), "{output:?}");
    let verifier = Path::new(env!("CARGO_BIN_EXE_ballot-box")).with_file_name("verifier");
    let output = Command::new(&verifier)
        .args(["verify", "--json"])
        .arg(&record)
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "{}: {error}; cargo build --release --workspace makes it",
                verifier.display()
            )
        });
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{report}");
}

#[test]
fn a_replica_that_takes_over_has_every_acknowledged_ballot_once() {
    for round in 0..n_rounds(1) {
        survive_failover(if round % 2 == 0 { "on" } else { "remote_apply" });
    }
}

/// A replica without the last entries, as behind a replication that nothing waits for: going on with
/// it would sign a second history.
#[test]
fn a_database_that_lost_acknowledged_entries_is_not_gone_on_with() {
    let primary = Cluster::start_new();
    let database = primary.new_database();
    let database = database.split(['/', '?']).nth(3).unwrap().to_owned();
    let replica = Cluster::in_new_folder();
    let place = Place::at(url(&[&primary, &replica], &database));
    let host = place.start(free_port());
    let parties = Parties::new(&host, 3, 2);
    let mut election = parties.open(&host);
    let first = election.next_ballot(0);
    let receipt = election.post(&first).json();
    replica.copy_from(&primary);
    let second = election.next_ballot(1);
    let acknowledged = [
        (first, receipt),
        (second.clone(), election.post(&second).json()),
    ];
    let third = election.next_ballot(2);

    primary.kill();
    replica.start();
    replica.execute("SELECT pg_promote()");
    host.await_status("/health", 200);
    // The server takes over, and says that the log went back instead of adding to it.
    host.await_status("/ready", 200);
    let unavailable = (503, "unavailable".to_owned());
    for _ in 0..3 {
        assert_eq!(
            host.post(&parties.path("/entries"), &third).problem(),
            unavailable
        );
        assert_eq!(host.get(&parties.path("")).problem(), unavailable);
        assert_eq!(
            host.get(&parties.path("/checkpoint")).problem(),
            unavailable
        );
    }
    // What nobody has seen yet goes on, once the server is sure which database it reads.
    let first_of_all = Parties::new(&host, 1, 2).manifest_entry();
    let deadline = Instant::now() + Duration::from_secs(60);
    while host.post("/elections", &first_of_all).status != 201 {
        assert!(Instant::now() < deadline, "no election can be created");
        std::thread::sleep(Duration::from_millis(100));
    }
    let other = Parties::new(&host, 1, 2);
    other.open(&host).vote(0);
    // With the database that has all, it goes on by itself.
    replica.kill();
    primary.start();
    host.await_status(&parties.path("/checkpoint"), 200);
    host.await_status("/ready", 200);
    let receipt = post_soon(&host, &parties.path("/entries"), &third);
    let acknowledged: Vec<_> = acknowledged.into_iter().chain([(third, receipt)]).collect();
    check_shown(&host, &parties.uuid, &acknowledged);
    fsck(&place);
}

fn post_soon(host: &Process, path: &str, ballot: &[u8]) -> Value {
    let servers = [host.connection().clone()];
    let mut acknowledged = cast_until_acknowledged(&servers, path, &[ballot.to_vec()], |_| {});
    acknowledged.pop().unwrap().1
}

/// The replica stops: nothing is acknowledged that only the primary has, even if the database's
/// operator limits the time of statements, which would end the wait for the replica with success.
#[test]
fn nothing_is_acknowledged_that_the_replica_does_not_have() {
    let (primary, replica, url) = pair("on");
    let database = url.split(['/', '?']).nth(3).unwrap();
    let mut connection = primary.connect(database);
    // Nothing but the ballot box is to wait for the replica from here on.
    connection
        .batch_execute(&format!(
            "SET synchronous_commit = local; ALTER DATABASE {database} SET statement_timeout = '300ms'; \
             ALTER DATABASE {database} SET synchronous_commit = off"
        ))
        .unwrap();
    let place = Place::at(url.clone());
    let host = place.start(free_port());
    let parties = Parties::new(&host, 1, 2);
    let election = parties.open(&host);
    let ballot = election.next_ballot(0);
    replica.signal("-STOP");
    std::thread::scope(|scope| {
        let posted = scope.spawn(|| host.post(&parties.path("/entries"), &ballot));
        std::thread::sleep(Duration::from_secs(2));
        assert!(!posted.is_finished(), "it did not wait for the replica");
        replica.signal("-CONT");
        posted.join().unwrap().expect(201);
    });
    Audit::new(&host, &parties.uuid).entries(&host);
}
