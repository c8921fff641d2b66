//! Replays on several threads are the same fold, and trust only what they are told to trust.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use std::num::NonZeroUsize;

use getrandom::SysRng;
use protocol::credential::{Code, RollVoter, combine};
use protocol::election::{Election, Refusal, ReplayError, replay_on_threads};
use protocol::manifest::ElectionManifest;
use support::{Setup, answers};

/// More than two full batches; each voter casts two, so that half of them are superseded.
const BALLOTS: usize = 600;

/// A setup whose roll has that many voters more.
fn large(voters: usize) -> (Setup, usize) {
    let mut setup = Setup::new(1, 1);
    let manifest = ElectionManifest::parse(setup.manifest.as_bytes()).unwrap();
    let first = setup.credentials.len();
    for _ in 0..voters {
        let part = Code::draw(&mut SysRng).unwrap().part(&manifest.uuid, 0);
        setup.lines.push(RollVoter {
            style: 0,
            weight: 1,
            parts: vec![part.public(&mut SysRng).unwrap().unwrap()],
        });
        setup.credentials.push(combine(&[part]).unwrap());
    }
    (setup, first)
}

fn replay(
    entries: &[Vec<u8>],
    trusted: u64,
    threads: usize,
) -> (Election, Result<(), ReplayError>) {
    let mut election = Election::new();
    let threads = NonZeroUsize::new(threads).unwrap();
    let entries = entries.iter().map(Vec::as_slice);
    let result = replay_on_threads(&mut election, entries, trusted, threads, || SysRng, |_| ());
    (election, result)
}

#[test]
fn threads_and_trust_change_nothing_but_the_work() {
    let (setup, voter) = large(BALLOTS / 2);
    let mut board = setup.opened();
    let first = board.entries.len();
    for i in 0..BALLOTS {
        board.vote(
            &setup,
            voter + i % (BALLOTS / 2),
            answers(&[&[1, 0, 0, 0], &[3, 1, 0]], false),
        );
    }
    let mut entries = board.entries;
    let size = entries.len() as u64;
    for (threads, trusted) in [(1, 0), (2, 0), (5, 0), (2, size), (2, 300), (1, 1 << 60)] {
        let (election, result) = replay(&entries, trusted, threads);
        result.unwrap();
        assert_eq!(election.root(), board.election.root());
        assert_eq!(election.encrypted_tally(), board.election.encrypted_tally());
    }

    // A ballot whose signature is broken is named, wherever it is, unless it is trusted.
    for bad in [first, first + 255, first + 256, first + BALLOTS - 1] {
        let last = entries[bad].len() - 40;
        entries[bad][last] ^= 1;
        let index = bad as u64;
        for (threads, trusted) in [(1, 0), (2, 0), (2, index), (3, 0)] {
            let (election, result) = replay(&entries, trusted, threads);
            assert_eq!(result.unwrap_err().index, index);
            assert_eq!(election.size(), index);
        }
        entries[bad][last] ^= 1;
    }
    // Trust is about signatures and proofs alone: order and repetition are checked all the same.
    let again = entries[first].clone();
    entries.push(again);
    let (_, result) = replay(&entries, 1 << 60, 2);
    let refusal = Refusal::Counter {
        expected: 3,
        found: 1,
    };
    assert_eq!(
        result,
        Err(ReplayError {
            index: size,
            refusal
        })
    );
}
