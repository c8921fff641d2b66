//! How much memory the real program needs as a board grows, and how long a large board takes to be
//! read again: real ballots, through HTTP, proofs, fold, disk and receipts.
//!
//! `PSEPHOS_SOAK=1000000 cargo bench -p ballot-box --bench soak` grows a board by a million ballots:
//! a hundredth as many voters of a question of two options cast a hundred ballots each, so that what
//! is kept for each voter stays the same from the second ballot on. Without it, by 20,000. With
//! `-- voids` they challenge their ballots instead: as many entries, signed and admitted alike, which
//! need no proof and so a quarter of the time.

// A measurement stops where anything fails, as a test does.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "../tests/server/cluster.rs"]
#[allow(dead_code)]
mod cluster;
#[path = "../tests/server/host.rs"]
#[allow(dead_code)]
mod host;
#[path = "../tests/server/parties.rs"]
#[allow(dead_code)]
mod parties;
#[path = "http/wire.rs"]
#[allow(dead_code)]
mod wire;

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ballot_box::tiles::grown;
use host::{Http as _, Place, free_port};
use parties::{Parties, signed_anew};
use protocol::ballot::ConfirmationCode;
use protocol::election::Voting;
use protocol::entry::{Author, Envelope, Kind};
use protocol::group::{encode, hash_to_group};
use protocol::signature::SigningKey;
use wire::Wire;

/// Ballots of each voter; the protocol allows no more.
const EACH: u32 = 100;

/// Connections that cast.
const N_CONNECTIONS: usize = 64;

fn main() {
    let n_ballots: usize = std::env::var("PSEPHOS_SOAK").map_or(20_000, |n| n.parse().unwrap());
    let n_voters = n_ballots.div_ceil(EACH as usize);
    let is_void = std::env::args().any(|argument| argument == "voids");
    let place = Place::in_file();
    let port = free_port();
    let settings = ["--credential-limit", "0"];
    let mut host = place.start_with(port, &settings);
    let parties = Parties::new(&host, n_voters, 2);
    let election = parties.open(&host);
    let (set_up, voting, path) = (
        election.fold.size(),
        election.voting(),
        parties.path("/entries"),
    );
    let what = if is_void { "voids" } else { "ballots" };
    println!("{n_voters} voters post {EACH} {what} each; {set_up} entries before the first");
    println!(
        "{:>9} entries: {:>7.1} MB in memory",
        set_up,
        resident(host.id())
    );

    let (n_cast, start) = (AtomicUsize::new(0), Instant::now());
    let voters: Vec<usize> = (0..n_voters).collect();
    std::thread::scope(|scope| {
        let cast = |voters: &[usize]| {
            let mut wire = Wire::to(port);
            let mut previous = vec![[0; 32]; voters.len()];
            for counter in 1..=EACH {
                for (voter, previous) in voters.iter().zip(&mut previous) {
                    let key = &parties.voters[*voter];
                    if is_void {
                        wire.post(&path, &void(voting, key, *voter, counter));
                    } else {
                        let ballot = parties.ballot(voting, key, counter, *previous);
                        wire.post(&path, &ballot);
                        let unsigned = Envelope::decode(&ballot).unwrap().unsigned;
                        *previous = ConfirmationCode::of(unsigned).0.0;
                    }
                    n_cast.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        let chunks = voters.chunks(n_voters.div_ceil(N_CONNECTIONS));
        let threads: Vec<_> = chunks
            .map(|voters| scope.spawn(move || cast(voters)))
            .collect();
        // From when every voter has a ballot, nothing more is kept for voters.
        let (mut due, step) = (n_voters, (n_ballots / 20).max(n_voters));
        let mut last = None;
        while threads.iter().any(|thread| !thread.is_finished()) {
            let cast = n_cast.load(Ordering::Relaxed);
            if cast >= due {
                let now = resident(host.id());
                let slope = last.map_or(String::new(), |(before, size)| {
                    let each = (now - before) * 1e6 / (cast - size) as f64;
                    format!(", {each:.0} bytes for each entry since")
                });
                println!(
                    "{:>9} entries: {now:>7.1} MB in memory{slope}",
                    set_up as usize + cast
                );
                last = Some((now, cast));
                due += step;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let took = start.elapsed();
    let size = host.get(&parties.path("")).json()["size"].as_u64().unwrap();
    println!(
        "{size:>9} entries: {:>7.1} MB in memory, after {took:.0?}",
        resident(host.id())
    );
    drop(election);

    let start = Instant::now();
    let mut wire = Wire::to(port);
    for tile in grown(0, size) {
        wire.get(&parties.path(&format!("/{tile}")));
    }
    println!(
        "everything read in {:.1?}; {:.1} MB in memory",
        start.elapsed(),
        resident(host.id())
    );
    drop(wire);
    host.terminate();
    let file = std::fs::metadata(place.folder.path().join("board.sqlite")).unwrap();
    println!("on the disk: {} MB", file.len() / 1_000_000);

    let start = Instant::now();
    let mut host = place.start_with(port, &settings);
    host.get(&parties.path("/checkpoint")).expect(200);
    println!(
        "restart until a checkpoint is answered: {:.1?}",
        start.elapsed()
    );
    // Replaying takes longer than a client waits for an answer.
    let state = || host.connection().try_get(&parties.path(""));
    while state().is_none_or(|reply| reply.status != 200) {}
    println!(
        "and until ballots are taken: {:.1?}; {:.1} MB in memory",
        start.elapsed(),
        resident(host.id())
    );
    host.terminate();
    let folder = place.folder.path().join("record");
    let folder = folder.to_str().unwrap();
    for chore in [
        vec!["export", &parties.uuid, folder, "--unfinished"],
        vec!["fsck"],
    ] {
        let start = Instant::now();
        let mut command = host::program();
        command
            .args(&chore)
            .args(place.settings())
            .stdout(Stdio::null());
        assert!(command.status().unwrap().success());
        println!("{}: {:.1?}", chore[0], start.elapsed());
    }
}

/// A challenge of a ballot that nobody made, of an alpha of its own.
fn void(voting: &Voting, key: &SigningKey, voter: usize, counter: u32) -> Vec<u8> {
    let name = format!("{voter} {counter}");
    let alpha = encode(&hash_to_group(name.as_bytes()));
    let author = Author::Voter(*key.public());
    let body = [[7; 32], alpha].concat();
    signed_anew(Kind::Void, voting.election_id(), author, &body, key)
}

/// Megabytes of memory that a process has.
fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    let kilobytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024.0 / 1e6
}
