//! Power cuts, full disks and clocks that go back: nothing that was acknowledged is lost.
//!
//! `PSEPHOS_CRASHES=300` kills the server so many times instead of 12 times on each database.

use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::host::{CLOSES, DURING, Http as _, Local, OPENS, Place, Process, free_port, program};
use crate::parties::Parties;
use crate::rfc6962::{Audit, leaves};
use crate::voters::{check_kept, fsck, n_rounds, random};

const PER_ROUND: usize = 40;

/// Posts ballots from several threads, ends the process in the middle in the given way, and gives
/// the ballots that were acknowledged, with their receipts.
pub fn post_until(
    host: &mut Process,
    path: &str,
    ballots: &[Vec<u8>],
    after: usize,
    end: impl FnOnce(&mut Process),
) -> Vec<(Vec<u8>, Value)> {
    let acknowledged = Mutex::new(Vec::new());
    let n_sent = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let other = host.connection().clone();
        for chunk in ballots.chunks(ballots.len().div_ceil(8)) {
            let (other, acknowledged, n_sent) = (other.clone(), &acknowledged, &n_sent);
            scope.spawn(move || {
                for ballot in chunk {
                    n_sent.fetch_add(1, Ordering::SeqCst);
                    match other.try_post(path, ballot) {
                        Some(reply) if reply.status == 201 => {
                            let receipt = (ballot.clone(), reply.json());
                            acknowledged.lock().unwrap().push(receipt)
                        }
                        Some(reply) => assert_eq!(reply.problem().0, 503),
                        None => break,
                    }
                }
            });
        }
        while n_sent.load(Ordering::SeqCst) < after {
            std::thread::yield_now();
        }
        end(host);
    });
    acknowledged.into_inner().unwrap()
}

fn survive_kills(place: &Place) {
    let port = free_port();
    let mut host = place.start(port);
    let rounds = n_rounds(12);
    let parties = Parties::new(&host, rounds * PER_ROUND, 2);
    let key = host.get("/board").json()["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let election = parties.open(&host);
    let ballots: Vec<_> = (0..rounds * PER_ROUND)
        .map(|voter| election.next_ballot(voter))
        .collect();
    drop(election);
    let audit = Audit::new(&host, &parties.uuid);
    let path = parties.path("/entries");
    let mut n_acknowledged = 0;
    for (round, ballots) in ballots.chunks(PER_ROUND).enumerate() {
        let after = usize::try_from(random(PER_ROUND as u64)).unwrap();
        let acknowledged = post_until(&mut host, &path, ballots, after, |host| {
            std::thread::sleep(Duration::from_micros(random(8_000)));
            host.kill();
        });
        if round % rounds.div_ceil(20) == 0 {
            fsck(place);
        }
        host = place.start(port);
        let leaves = leaves(&audit.entries(&host));
        check_kept(&audit, &key, &leaves, &acknowledged);
        n_acknowledged += acknowledged.len();
    }
    assert!(n_acknowledged >= 2 * rounds, "{n_acknowledged}");
    println!("{rounds} kills, {n_acknowledged} ballots acknowledged before them");
    // Ballots whose answer was lost are posted again: every voter ends with exactly one.
    for ballot in &ballots {
        assert!([200, 201].contains(&host.post(&path, ballot).status));
    }
    let shown = host.get(&parties.path("")).json();
    assert_eq!(
        (&shown["ballots"], &shown["voted"]),
        (&ballots.len().into(), &ballots.len().into())
    );
    assert_eq!(host.terminate(), Some(0));
    fsck(place);
}

#[test]
fn a_killed_server_on_a_file_has_every_acknowledged_entry_once() {
    survive_kills(&Place::in_file());
}

#[test]
fn a_killed_server_on_postgres_has_every_acknowledged_entry_once() {
    survive_kills(&Place::in_postgres());
}

#[test]
fn a_full_disk_costs_no_acknowledged_entry() {
    let place = Place::in_file();
    let port = free_port();
    let mut host = place.start(port);
    let parties = Parties::new(&host, 400, 2);
    let election = parties.open(&host);
    let ballots: Vec<_> = (0..400).map(|voter| election.next_ballot(voter)).collect();
    drop(election);
    host.terminate();
    // Files may grow a little more, and then writing fails, as on a full disk.
    let size = std::fs::metadata(place.folder.path().join("board.sqlite"))
        .unwrap()
        .len();
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", size / 512 + 100);
    let child = std::process::Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(program().get_program())
        .args(place.settings())
        .args([
            "--port",
            &port.to_string(),
            "--origin-prefix",
            "localhost:8000/e",
            "--log",
            "off",
        ])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut full = Process::await_answer(child, port);
    let path = parties.path("/entries");
    let (mut acknowledged, mut n_refused) = (Vec::new(), 0);
    for ballot in &ballots {
        let reply = full.post(&path, ballot);
        match reply.status {
            201 => acknowledged.push((ballot.clone(), reply.json())),
            _ => {
                assert_eq!(reply.problem(), (503, "unavailable".to_owned()));
                n_refused += 1;
            }
        }
    }
    assert!(
        !acknowledged.is_empty() && n_refused > 0,
        "{} {n_refused}",
        acknowledged.len()
    );
    // What was acknowledged is still shown.
    full.get(&parties.path("/checkpoint")).expect(200);
    full.terminate();
    fsck(&place);
    let host = place.start(port);
    let audit = Audit::new(&host, &parties.uuid);
    let key = host.get("/board").json()["key"]
        .as_str()
        .unwrap()
        .to_owned();
    check_kept(&audit, &key, &leaves(&audit.entries(&host)), &acknowledged);
    for ballot in &ballots {
        assert!([200, 201].contains(&host.post(&path, ballot).status));
    }
}

#[test]
fn a_clock_that_goes_back_changes_no_order_and_no_receipt() {
    Local::of_each_kind().iter().for_each(turn_clock_back);
}

fn turn_clock_back(host: &Local) {
    let parties = Parties::new(host, 3, 2);
    let mut election = parties.open(host);
    let first = election.vote(0).json();
    host.clock.set(DURING - 86_400);
    let second = election.vote(1).json();
    assert_eq!(second["index"], first["index"].as_u64().unwrap() + 1);
    host.clock.set(OPENS - 1);
    let ballot = election.next_ballot(2);
    assert_eq!(
        election.try_post(&ballot).problem(),
        (403, "not-open-yet".to_owned())
    );
    host.clock.set(CLOSES);
    assert_eq!(
        election.try_post(&ballot).problem(),
        (403, "voting-over".to_owned())
    );
    host.clock.set(DURING);
    election.post(&ballot);
    election.finish();
    // After the close no clock opens the election again.
    let late = parties.ballot(election.voting(), &parties.voters[0], 2, [0; 32]);
    assert_eq!(
        election.try_post(&late).problem(),
        (409, "wrong-phase".to_owned())
    );
    let path = parties.path(&format!("/receipt/{}", first["code"].as_str().unwrap()));
    assert_eq!(host.get(&path).expect(200).json()["index"], first["index"]);
}
