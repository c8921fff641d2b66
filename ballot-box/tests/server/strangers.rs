//! Whoever has no key keeps nobody waiting: what strangers post is refused before it reaches the one
//! thread that puts entries in order.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use ballot_box::ballot_box::{BallotBox, Posted};
use ballot_box::boards::Uuid;
use ballot_box::problem::Problem;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use protocol::entry::{Author, Envelope, Kind};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::host::{Http as _, Local};
use crate::parties::{Parties, signed_anew};

/// The same entry with another signature of the right form.
fn forged(entry: &[u8]) -> Vec<u8> {
    let mut entry = entry.to_vec();
    let last = entry.len() - 32;
    entry[last] ^= 1;
    entry
}

/// A void of this alpha by somebody who is on no roll.
fn void_of_stranger(parties: &Parties, ballot: &[u8]) -> Vec<u8> {
    let scope = Envelope::decode(ballot).unwrap().scope;
    let key = &parties.stranger;
    let body = [&[0; 32], &ballot[104..136]].concat();
    signed_anew(Kind::Void, &scope, Author::Voter(*key.public()), &body, key)
}

#[test]
fn strangers_are_answered_while_the_sequencer_is_held_up() {
    let mut host = Local::start();
    host.busy_timeout = Duration::from_secs(60);
    host.restart();
    let [parties, early, new] = [(); 3].map(|()| Parties::new(&host, 2, 2));
    let election = parties.open(&host);
    early.create(&host);
    let ballot = election.next_ballot(0);
    let (void, _) = election.challenge(1);
    let stranger = parties.ballot(election.voting(), &parties.stranger, 1, [0; 32]);

    let ballot_box = host.client().rocket().state::<BallotBox>().unwrap();
    let board = |parties: &Parties| {
        let uuid = Uuid::parse(&parties.uuid).unwrap();
        ballot_box.board(&uuid).unwrap()
    };
    let [open, early] = [board(&parties), board(&early)];
    async fn refused(answer: impl Future<Output = Result<Posted, Problem>>) -> &'static str {
        let answer = timeout(Duration::from_secs(10), answer).await;
        answer.expect("waits for the sequencer").unwrap_err().code
    }
    let mut lock = SqliteConnection::establish(&host.database()).unwrap();
    lock.batch_execute("BEGIN IMMEDIATE").unwrap();
    Runtime::new().unwrap().block_on(async {
        let mut good = pin!(ballot_box.append(&open, ballot.clone()));
        let waits = timeout(Duration::from_millis(300), &mut good).await;
        assert!(waits.is_err(), "the sequencer is not held up");

        let entry = void_of_stranger(&parties, &ballot);
        let answer = refused(ballot_box.append(&open, entry)).await;
        assert_eq!(answer, "unknown-credential");
        let answer = refused(ballot_box.append(&open, stranger)).await;
        assert_eq!(answer, "unknown-credential");
        let answer = refused(ballot_box.append(&open, forged(&void))).await;
        assert_eq!(answer, "bad-signature");
        for entry in [&void, &ballot] {
            let answer = refused(ballot_box.append(&early, entry.clone())).await;
            assert_eq!(answer, "wrong-phase");
        }
        let answer = refused(ballot_box.create(forged(&new.manifest_entry()))).await;
        assert_eq!(answer, "bad-signature");

        lock.batch_execute("ROLLBACK").unwrap();
        assert!(matches!(good.await, Ok(Posted::New(_))));
    });
}

#[test]
fn no_signature_is_checked_in_vain() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    let early = Parties::new(&host, 1, 2);
    early.create(&host);
    let election = parties.open(&host);
    let ballot = election.next_ballot(0);
    let void = void_of_stranger(&parties, &ballot);
    let post = |parties: &Parties, entry: &[u8]| {
        let reply = host.post(&parties.path("/entries"), &forged(entry));
        reply.problem()
    };
    assert_eq!(
        post(&parties, &void),
        (403, "unknown-credential".to_owned())
    );
    for entry in [&ballot, &void] {
        assert_eq!(post(&early, entry), (409, "wrong-phase".to_owned()));
    }
}
