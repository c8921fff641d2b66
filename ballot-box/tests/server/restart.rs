//! Restarts in the middle of elections, and disks that lie.

use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};

use ballot_box::ballot_box::BallotBox;

use crate::host::{Http as _, Local};
use crate::parties::{Parties, Posted};
use crate::rfc6962::{Audit, leaves, root};

#[test]
fn a_restart_in_every_phase_changes_nothing() {
    let mut host = Local::start();
    let parties = Parties::new(&host, 3, 2);
    let audit = Audit::new(&host, &parties.uuid);
    let mut checkpoints = Vec::new();
    let Posted { mut fold, .. } = parties.create(&host);
    let steps: [fn(&mut Posted<'_, Local>); 5] = [
        |election| election.post_roll(),
        |election| election.hold_ceremony(),
        |election| {
            let entry = election
                .parties
                .organiser()
                .open(&election.fold, &[0; 32], &mut getrandom::SysRng)
                .unwrap();
            election.post(&entry);
            election.vote(0);
            election.vote(1);
        },
        |election| {
            election.vote(0);
            election.vote(2);
        },
        |election| election.finish(),
    ];
    for step in steps {
        let before = host.get(&parties.path("")).expect(200).json();
        host.restart();
        assert_eq!(host.get(&parties.path("")).expect(200).json(), before);
        host.restart();
        let mut election = Posted {
            http: &host,
            parties: &parties,
            fold,
        };
        step(&mut election);
        fold = election.fold;
        checkpoints.push(audit.checkpoint(&host));
    }
    host.restart();
    assert_eq!(host.get(&parties.path("")).json()["phase"], "finished");
    let leaves = leaves(&audit.entries(&host));
    for checkpoint in checkpoints {
        assert_eq!(root(&leaves[..checkpoint.size]), checkpoint.root);
    }
}

#[test]
fn receipts_and_tiles_are_served_after_a_restart_without_a_replay() {
    let mut host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    let mut election = parties.open(&host);
    let receipt = election.vote(0).json();
    let path = parties.path(&format!("/receipt/{}", receipt["code"].as_str().unwrap()));
    drop(election);
    host.restart();
    assert_eq!(host.get(&path).expect(200).json(), receipt);
    host.restart();
    host.get(&parties.path("/tile/0/000.p/1")).expect(200);
}

/// A change of the stored rows, and whether even the log cannot be read any more.
const DAMAGES: [(&str, bool); 6] = [
    (
        "DELETE FROM entries WHERE entry_index = (SELECT max(entry_index) FROM entries)",
        true,
    ),
    (
        "UPDATE entries SET leaf_hash = zeroblob(32) WHERE entry_index = 3",
        true,
    ),
    (
        "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)",
        true,
    ),
    (
        "UPDATE checkpoints SET note = replace(note, 'localhost', 'remotehost')",
        true,
    ),
    (
        "UPDATE entries SET bytes = (SELECT bytes FROM entries WHERE entry_index = 2) WHERE entry_index = 3",
        false,
    ),
    (
        "UPDATE entries SET bytes = x'00' WHERE entry_index = 2",
        false,
    ),
];

#[test]
fn a_changed_database_is_noticed_and_nothing_is_signed_on_it() {
    for (damage, reaches_log) in DAMAGES {
        let mut host = Local::start();
        let parties = Parties::new(&host, 1, 2);
        let mut election = parties.open(&host);
        election.vote(0);
        let next = {
            election.fold.n_ballots();
            election.next_ballot(0)
        };
        let before = host.get(&parties.path("/checkpoint")).text();
        drop(election);
        host.stop();
        let mut database = SqliteConnection::establish(&host.database()).unwrap();
        database.batch_execute(damage).unwrap();
        drop(database);
        host.restart();
        assert_eq!(
            host.get(&parties.path("")).problem(),
            (503, "unavailable".to_owned()),
            "{damage}"
        );
        assert_eq!(
            host.post(&parties.path("/entries"), &next).problem(),
            (503, "unavailable".to_owned()),
            "{damage}"
        );
        let checkpoint = host.get(&parties.path("/checkpoint"));
        if reaches_log {
            assert_eq!(checkpoint.problem().0, 503, "{damage}");
        } else {
            assert_eq!(checkpoint.expect(200).text(), before, "{damage}");
        }
    }
}

#[test]
fn a_changed_prefix_leaves_old_boards_their_origin() {
    let mut host = Local::start();
    let old = Parties::new(&host, 1, 2);
    let audit = Audit::new(&host, &old.uuid);
    let fold = old.open(&host).fold;
    host.restart_with(|config| config.origin_prefix = "vote.example.org/e".to_owned());
    let mut election = Posted {
        http: &host,
        parties: &old,
        fold,
    };
    election.vote(0);
    audit.entries(&host);
    let new = Parties::new(&host, 1, 2);
    let note = {
        new.create(&host);
        host.get(&new.path("/checkpoint")).text()
    };
    assert!(note.starts_with(&format!("vote.example.org/e/{}\n", new.uuid)));
}

/// Anybody may ask for any board; that must not fill the memory. One that runs is not dropped, even
/// if nobody votes.
#[test]
fn boards_that_nobody_asks_for_are_dropped_and_those_that_run_are_not() {
    let mut host = Local::start();
    let all: Vec<_> = (0..6).map(|_| Parties::new(&host, 1, 2)).collect();
    let fold = all[0].open(&host).fold;
    let mut folds: Vec<_> = all[1..]
        .iter()
        .map(|parties| parties.create(&host).fold)
        .collect();
    let in_memory = |host: &Local| {
        let ballot_box = host.client().rocket().state::<BallotBox>().unwrap();
        let boards = ballot_box.boards().all();
        let kept = boards.into_iter().filter(|board| board.is_in_memory());
        kept.map(|board| board.uuid.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(in_memory(&host).len(), 6);
    host.restart_with(|config| config.boards = 2);
    host.get(&all[0].path("")).expect(200);
    for _ in 0..2 {
        for parties in &all[1..] {
            host.get(&parties.path("")).expect(200);
            host.get(&parties.path("/checkpoint")).expect(200);
            assert!(in_memory(&host).len() <= 3, "{:?}", in_memory(&host));
            assert!(in_memory(&host).contains(&all[0].uuid));
            assert!(in_memory(&host).contains(&parties.uuid));
        }
    }
    let mut election = Posted {
        http: &host,
        parties: &all[0],
        fold,
    };
    election.vote(0);
    // A dropped one is read again, and takes entries.
    assert!(!in_memory(&host).contains(&all[1].uuid));
    let mut election = Posted {
        http: &host,
        parties: &all[1],
        fold: folds.remove(0),
    };
    election.post_roll();
}
