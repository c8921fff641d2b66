//! Many posts at once.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use getrandom::SysRng;
use protocol::election::{Election, replay};

use crate::host::{Http as _, Local, Place, Process, Reply, free_port};
use crate::parties::{Parties, Posted};
use crate::rfc6962::{Audit, leaf, leaves};
use crate::voters::fsck;

/// Posts all entries at once, from threads of their own; the replies are in order.
fn post_at_once(host: &Process, path: &str, entries: &[Vec<u8>]) -> Vec<Reply> {
    let start = Barrier::new(entries.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = entries
            .iter()
            .map(|entry| {
                scope.spawn(|| {
                    start.wait();
                    host.post(path, entry)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// A server on each kind of database.
fn on_each_kind(race: impl Fn(&Process)) {
    for place in Place::of_each_kind() {
        let host = place.start(free_port());
        race(&host);
        drop(host);
        fsck(&place);
    }
}

#[test]
fn of_fifty_first_ballots_of_one_voter_exactly_one_is_accepted() {
    on_each_kind(race_of_first_ballots);
}

fn race_of_first_ballots(host: &Process) {
    let parties = Parties::new(host, 1, 2);
    let election = parties.open(host);
    let ballots: Vec<_> = (0..50).map(|_| election.next_ballot(0)).collect();
    let replies = post_at_once(host, &parties.path("/entries"), &ballots);
    let accepted: Vec<_> = replies.iter().filter(|reply| reply.status == 201).collect();
    assert_eq!(accepted.len(), 1);
    for refused in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(refused.problem(), (409, "wrong-counter".to_owned()));
    }
    let entries = Audit::new(host, &parties.uuid).entries(host);
    assert_eq!(entries.iter().filter(|entry| entry[1] == 11).count(), 1);
}

#[test]
fn of_fifty_identical_posts_one_is_new_and_all_have_the_receipt() {
    on_each_kind(race_of_identical_posts);
}

fn race_of_identical_posts(host: &Process) {
    let parties = Parties::new(host, 1, 2);
    let election = parties.open(host);
    let ballot = election.next_ballot(0);
    let replies = post_at_once(host, &parties.path("/entries"), &vec![ballot.clone(); 50]);
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 201).count(),
        1
    );
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 200).count(),
        49
    );
    let audit = Audit::new(host, &parties.uuid);
    let leaves = leaves(&audit.entries(host));
    for reply in &replies {
        audit.check_receipt(&reply.json(), &ballot, &leaves);
    }
}

#[test]
fn of_many_elections_with_one_uuid_one_is_created() {
    on_each_kind(race_of_elections);
}

fn race_of_elections(host: &Process) {
    let parties = Parties::new(host, 1, 2);
    // Signed anew each time, so no two are the same entry.
    let entries: Vec<_> = (0..20).map(|_| parties.manifest_entry()).collect();
    let replies = post_at_once(host, "/elections", &entries);
    assert_eq!(
        replies.iter().filter(|reply| reply.status == 201).count(),
        1
    );
    for refused in replies.iter().filter(|reply| reply.status != 201) {
        assert_eq!(refused.problem(), (409, "election-exists".to_owned()));
    }
    assert_eq!(Audit::new(host, &parties.uuid).entries(host).len(), 1);
}

#[test]
fn ballots_in_flight_at_the_close_are_before_it_or_refused() {
    on_each_kind(race_with_the_close);
}

fn race_with_the_close(host: &Process) {
    let parties = Parties::new(host, 120, 2);
    let election = parties.open(host);
    let ballots: Vec<_> = (0..120).map(|voter| election.next_ballot(voter)).collect();
    let close = parties
        .organiser()
        .close(&election.fold, &mut SysRng)
        .unwrap();
    let n_done = AtomicUsize::new(0);
    let replies: Vec<(Vec<u8>, Reply)> = std::thread::scope(|scope| {
        let threads: Vec<_> = ballots
            .chunks(10)
            .map(|ballots| {
                let (path, n_done) = (parties.path("/entries"), &n_done);
                scope.spawn(move || {
                    let post = |ballot: &Vec<u8>| {
                        let reply = host.post(&path, ballot);
                        n_done.fetch_add(1, Ordering::SeqCst);
                        (ballot.clone(), reply)
                    };
                    ballots.iter().map(post).collect::<Vec<_>>()
                })
            })
            .collect();
        while n_done.load(Ordering::SeqCst) < 40 {
            std::thread::yield_now();
        }
        host.post(&parties.path("/entries"), &close).expect(201);
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });

    let n_accepted = count_close(host, &parties, &close, &replies);
    assert!(
        (40..replies.len() as u64).contains(&n_accepted),
        "{n_accepted}"
    );
}

#[test]
fn of_a_hundred_ballots_sent_with_the_close_those_acknowledged_are_counted() {
    on_each_kind(race_of_all_with_the_close);
}

fn race_of_all_with_the_close(host: &Process) {
    let parties = Parties::new(host, 101, 2);
    let mut election = parties.open(host);
    let first = election.next_ballot(100);
    let before = election.post(&first);
    let ballots: Vec<_> = (0..100).map(|voter| election.next_ballot(voter)).collect();
    let close = parties
        .organiser()
        .close(&election.fold, &mut SysRng)
        .unwrap();
    let mut entries = ballots.clone();
    entries.insert(50, close.clone());
    let mut replies = post_at_once(host, &parties.path("/entries"), &entries);
    replies.remove(50).expect(201);
    let mut replies: Vec<_> = ballots.into_iter().zip(replies).collect();
    replies.push((first, before));
    count_close(host, &parties, &close, &replies);
}

/// Those who were acknowledged are on the board before the close, and in the totals; all others were
/// told that the election is over. Gives their number.
fn count_close(
    host: &Process,
    parties: &Parties,
    close: &Vec<u8>,
    replies: &[(Vec<u8>, Reply)],
) -> u64 {
    let audit = Audit::new(host, &parties.uuid);
    let entries = audit.entries(host);
    let leaves = leaves(&entries);
    assert_eq!(entries.last().unwrap(), close);
    let mut n_accepted = 0;
    for (ballot, reply) in replies {
        if reply.status == 201 {
            n_accepted += 1;
            audit.check_receipt(&reply.json(), ballot, &leaves);
        } else {
            assert_eq!(reply.problem(), (409, "wrong-phase".to_owned()));
            assert!(!leaves.contains(&leaf(ballot)));
        }
    }
    let mut fold = Election::new();
    replay(
        &mut fold,
        entries.iter().map(Vec::as_slice),
        &mut SysRng,
        |_| (),
    )
    .unwrap();
    assert_eq!(fold.n_ballots(), n_accepted);
    // The trustees count what was acknowledged, and nothing else.
    let mut election = Posted {
        http: host,
        parties,
        fold,
    };
    election.finish_closed();
    let totals = election.fold.result().unwrap().contests[0].totals.clone();
    assert_eq!(totals, Some(vec![Some(n_accepted), Some(0)]));
    n_accepted
}

#[test]
fn a_failed_transaction_is_not_acknowledged_and_leaves_no_trace() {
    let mut host = Local::start();
    host.busy_timeout = Duration::from_millis(50);
    host.restart();
    let parties = Parties::new(&host, 3, 2);
    let mut election = parties.open(&host);
    election.vote(0);
    let before = host.get(&parties.path("/checkpoint")).text();

    let mut lock = SqliteConnection::establish(&host.database()).unwrap();
    lock.batch_execute("BEGIN IMMEDIATE").unwrap();
    let second = election.next_ballot(1);
    assert_eq!(
        election.try_post(&second).problem(),
        (503, "unavailable".to_owned())
    );
    let created = Parties::new(&host, 1, 2);
    assert_eq!(
        host.post("/elections", &created.manifest_entry()).problem(),
        (503, "unavailable".to_owned())
    );
    // What was promised before is still shown, from the disk.
    assert_eq!(host.get(&parties.path("/checkpoint")).text(), before);
    assert_eq!(host.get(&parties.path("")).expect(200).json()["ballots"], 1);
    assert_eq!(host.get(&created.path("")).problem().0, 404);
    lock.batch_execute("ROLLBACK").unwrap();

    let receipt = election.post(&second).json();
    election.vote(0);
    created.open(&host).vote(0);
    let audit = Audit::new(&host, &parties.uuid);
    let entries = audit.entries(&host);
    assert_eq!(entries.len() as u64, election.fold.size());
    audit.check_receipt(&receipt, &second, &leaves(&entries));
}
