//! Voters who go on posting until they hold a receipt, and what must be on the board then.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::host::{Connection, Place};
use crate::rfc6962::{Audit, Hash, leaf, leaves, read_checkpoint, root};

/// Posts every ballot from several threads, at one server and then the next, until each has a
/// receipt; `meanwhile` is told how many have one. Gives the ballots with their receipts.
pub fn cast_until_acknowledged(
    servers: &[Connection],
    path: &str,
    ballots: &[Vec<u8>],
    meanwhile: impl FnOnce(&AtomicUsize),
) -> Vec<(Vec<u8>, Value)> {
    let acknowledged = Mutex::new(Vec::new());
    let n_acknowledged = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for chunk in ballots.chunks(ballots.len().div_ceil(8)) {
            let (acknowledged, n_acknowledged) = (&acknowledged, &n_acknowledged);
            scope.spawn(move || {
                for ballot in chunk {
                    let receipt = cast(servers, path, ballot);
                    acknowledged.lock().unwrap().push((ballot.clone(), receipt));
                    n_acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        meanwhile(&n_acknowledged);
    });
    acknowledged.into_inner().unwrap()
}

fn cast(servers: &[Connection], path: &str, ballot: &[u8]) -> Value {
    let deadline = Instant::now() + Duration::from_secs(120);
    for server in servers.iter().cycle() {
        match server.try_post(path, ballot) {
            Some(reply) if [200, 201].contains(&reply.status) => return reply.json(),
            Some(reply) => {
                assert_eq!(reply.problem(), (503, "unavailable".to_owned()));
                assert!(reply.header("retry-after").is_some());
            }
            None => {}
        }
        assert!(Instant::now() < deadline, "no server takes the ballot");
        std::thread::sleep(Duration::from_millis(20));
    }
    unreachable!("there are servers");
}

/// Waits until so many are counted.
pub fn await_count(counter: &AtomicUsize, number: usize) {
    while counter.load(Ordering::SeqCst) < number {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Every acknowledged ballot is in the log once, where its receipt says, and the log is the one
/// that every checkpoint handed out was signed over.
pub fn check_kept(audit: &Audit, key: &str, leaves: &[Hash], acknowledged: &[(Vec<u8>, Value)]) {
    for (ballot, receipt) in acknowledged {
        let places: Vec<_> = (0..leaves.len())
            .filter(|index| leaves[*index] == leaf(ballot))
            .collect();
        assert_eq!(places.len(), 1, "an acknowledged ballot is lost or doubled");
        assert_eq!(receipt["index"], places[0]);
        let note = receipt["checkpoint"].as_str().unwrap();
        let handed_out = read_checkpoint(note, audit.origin(), key);
        assert_eq!(root(&leaves[..handed_out.size]), handed_out.root);
    }
}

/// The same of the log that a server shows.
pub fn check_shown(
    http: &impl crate::host::Http,
    uuid: &str,
    acknowledged: &[(Vec<u8>, Value)],
) -> Vec<Vec<u8>> {
    let audit = Audit::new(http, uuid);
    let entries = audit.entries(http);
    check_kept(&audit, &audit.key, &leaves(&entries), acknowledged);
    entries
}

pub fn fsck(place: &Place) {
    let output = place.run(&["fsck"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}");
}

/// How often something is killed; `PSEPHOS_CRASHES` says another number.
pub fn n_rounds(usual: usize) -> usize {
    let number = std::env::var("PSEPHOS_CRASHES").ok();
    number.map_or(usual, |number| number.parse().unwrap())
}

pub fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % below
}
