//! How many ballots a second the real program accepts, with everything: HTTP, proofs, disk,
//! receipts. Clients run on the same processors, so the program's own time is measured as well.
//!
//! First as many as it takes, then at 70 % of that rate, as an election would come, to see how long
//! voters wait.
//!
//! `cargo bench -p ballot-box` casts 6,000 ballots of 13 options into a file; other numbers can be
//! given as `-- BALLOTS OPTIONS CONNECTIONS`, and `-- postgres` casts them into PostgreSQL.

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
mod wire;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use host::{Http as _, Place, free_port};
use parties::Parties;
use wire::Wire;

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let number = |i: usize, usual| numbers.get(i).copied().unwrap_or(usual);
    let (n_ballots, n_options, n_connections) = (number(0, 6_000), number(1, 13), number(2, 128));
    let place = match std::env::args().any(|argument| argument == "postgres") {
        true => Place::in_postgres(),
        false => Place::in_file(),
    };
    let port = free_port();
    let mut host = place.start(port);
    let parties = Parties::new(&host, n_ballots, n_options);
    let election = parties.open(&host);
    let voters: Vec<usize> = (0..n_ballots).collect();
    let ballots: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let chunks = voters.chunks(n_ballots.div_ceil(2));
        let threads: Vec<_> = chunks
            .map(|voters| {
                let (voting, parties) = (election.voting(), &parties);
                scope.spawn(move || {
                    let cast =
                        |voter: &usize| parties.ballot(voting, &parties.voters[*voter], 1, [0; 32]);
                    voters.iter().map(cast).collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let voting = election.voting();
    let checked = cpu_time(std::process::id());
    for batch in ballots.chunks(64) {
        let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        assert!(
            voting
                .verify(&batch, &mut getrandom::SysRng)
                .iter()
                .all(Result::is_ok)
        );
    }
    let proofs = cpu_time(std::process::id()) - checked;
    drop(election);
    let path = parties.path("/entries");
    let (most, rest) = ballots.split_at(n_ballots / 2);
    let (cpu, start) = (cpu_time(host.id()), Instant::now());
    cast(port, &path, most, n_connections, |_| Duration::ZERO);
    let (took, cpu) = (start.elapsed(), cpu_time(host.id()) - cpu);
    let n_most = most.len();
    let pause = took.div_f64(0.7 * n_most as f64);
    let due = |number: usize| pause * u32::try_from(number).unwrap();
    let waits = cast(port, &path, rest, n_connections, due);
    let each = |time: Duration| time.as_secs_f64() / n_most as f64;
    println!("{n_ballots} ballots of {n_options} options over {n_connections} connections");
    println!("accepted:           {:.0} a second", 1.0 / each(took));
    println!(
        "processor time:     {:.0} µs a ballot in the server, that is {:.0} a second on 2 cores of its own",
        each(cpu) * 1e6,
        2.0 / each(cpu)
    );
    println!(
        "proofs alone:       {:.0} µs a ballot, 64 at a time",
        proofs.as_secs_f64() / n_ballots as f64 * 1e6
    );
    println!(
        "wait for a receipt: {:?} in the middle, {:?} at the 99th of 100, at 70 % of that rate",
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100]
    );

    assert_eq!(host.get(&parties.path("")).json()["ballots"], n_ballots);
    let rate = 1.0 / each(took);
    read(&host, port, &parties, rate);
    host.terminate();
    let start = Instant::now();
    let host = place.start(port);
    host.get(&parties.path("")).expect(200);
    println!("restart and replay: {:?}", start.elapsed());
}

/// Casts ballots, each when it is due after the start or as soon as a connection is free, and gives
/// how long their voters waited from then on, in rising order.
fn cast(
    port: u16,
    path: &str,
    ballots: &[Vec<u8>],
    n_connections: usize,
    due: impl Fn(usize) -> Duration + Sync,
) -> Vec<Duration> {
    let (next, start) = (AtomicUsize::new(0), Instant::now());
    let client = || {
        let mut wire = Wire::to(port);
        let mut waits = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(ballot) = ballots.get(number) else {
                return waits;
            };
            let due = due(number);
            std::thread::sleep(due.saturating_sub(start.elapsed()));
            let sent = if due.is_zero() {
                Instant::now()
            } else {
                start + due
            };
            wire.post(path, ballot);
            waits.push(sent.elapsed());
        }
    };
    let mut waits: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..n_connections).map(|_| scope.spawn(client)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    waits.sort();
    waits
}

/// How long tiles are read to measure it.
const READING: Duration = Duration::from_secs(4);

/// Connections that read, each as fast as it is answered.
const N_READERS: usize = 16;

/// Reads full tiles of hashes, then full bundles of entries, and says how many a second and how that
/// compares with `rate`, the ballots a second.
fn read(host: &host::Process, port: u16, parties: &Parties, rate: f64) {
    let size = host.get(&parties.path("")).json()["size"].as_u64().unwrap();
    for (what, folder) in [("tiles", "0"), ("bundles", "entries")] {
        let paths: Vec<String> = (0..size / 256)
            .map(|index| parties.path(&format!("/tile/{folder}/{index:03}")))
            .collect();
        let (n_bytes, n_read) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (cpu, start) = (cpu_time(host.id()), Instant::now());
        std::thread::scope(|scope| {
            for reader in 0..N_READERS {
                let (paths, n_bytes, n_read) = (&paths, &n_bytes, &n_read);
                scope.spawn(move || {
                    let mut wire = Wire::to(port);
                    for path in paths.iter().cycle().skip(reader) {
                        n_bytes.fetch_add(wire.get(path), Ordering::Relaxed);
                        n_read.fetch_add(1, Ordering::Relaxed);
                        if start.elapsed() > READING {
                            return;
                        }
                    }
                });
            }
        });
        let (took, cpu) = (start.elapsed().as_secs_f64(), cpu_time(host.id()) - cpu);
        let n_read = n_read.into_inner() as f64;
        println!(
            "{what} read:{:>width$.0} a second, {:.1} times the ballots accepted; {:.0} µs of the server each; {:.0} MB and {:.0} entries a second",
            n_read / took,
            n_read / took / rate,
            cpu.as_secs_f64() * 1e6 / n_read,
            n_bytes.into_inner() as f64 / took / 1e6,
            256.0 * n_read / took,
            width = 14 - what.len() + 4,
        );
    }
}

/// Processor time that a process has used, from Linux's clock ticks of 10 ms.
fn cpu_time(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<_> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11..13]
        .iter()
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    Duration::from_millis(10 * ticks)
}
