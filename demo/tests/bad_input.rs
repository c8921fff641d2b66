//! What strangers and cheating voters send to the ballot box over HTTP, while everything goes on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use client::booth::{Booth, Place};
use demo::stage::Stage;
use demo::voters::{Postbox, VoterError};
use getrandom::SysRng;
use protocol::ballot::{self, PlaintextBallot, SealedBallot};
use protocol::credential::{Code, combine};
use protocol::election::{Election, replay};
use protocol::entry::{Author, Kind, sign_entry, unsigned_entry};
use protocol::proofs::ballot::BallotContext;
use protocol::signature::SigningKey;

#[path = "../../protocol/tests/support/mod.rs"]
mod other_election;
#[path = "support/mod.rs"]
mod support;

use support::{Scene, small_club};

/// Where alpha stands in a ballot entry (docs/spec/encoding.md).
const ALPHA: std::ops::Range<usize> = 104..136;

/// Sends an entry; it must be refused with this status and reason.
fn refused(postbox: &Postbox, entry: &[u8], status: u16, reason: &str) {
    let answer = postbox.send(entry).unwrap();
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status, status, "{reason}: {body}");
    let problem: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        problem["type"],
        format!("urn:psephos:problem:{reason}"),
        "{body}"
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.len() > 10 && !detail.contains("::"), "{detail}");
}

/// A ballot of another election, made in this process.
fn ballot_of_another_election() -> Vec<u8> {
    let setup = other_election::Setup::new(3, 2);
    let mut board = setup.opened();
    board.vote(
        &setup,
        0,
        other_election::answers(&[&[1, 0, 0, 0], &[3, 1, 0]], false),
    )
}

struct Hall {
    scene: Scene,
    booth: Booth,
    codes: Vec<String>,
    postbox: Postbox,
}

impl Hall {
    fn stage(&self) -> &Stage {
        &self.scene.stage
    }

    fn answers(&self, voter: usize) -> Vec<ballot::Answer> {
        self.scene.example.voters[voter]
            .sealings
            .last()
            .unwrap()
            .answers
            .clone()
    }

    /// A ballot of a voter of the roll.
    fn ballot(&self, voter: usize, place: Place) -> Vec<u8> {
        let credential = self.booth.credential(&[&self.codes[voter]]).unwrap();
        let sealed = self
            .booth
            .seal(&credential, place, self.answers(voter), &mut SysRng);
        sealed.unwrap().cast(credential.key(), &mut SysRng).unwrap()
    }

    fn key(&self, voter: usize) -> SigningKey {
        let uuid = self.booth.manifest().uuid;
        combine(&[Code::parse(&self.codes[voter]).unwrap().part(&uuid, 0)]).unwrap()
    }

    /// A ballot under a key that is on no roll.
    fn strangers_ballot(&self) -> Vec<u8> {
        let mut election = Election::new();
        let board = self.stage().fetch().unwrap();
        replay(&mut election, board.iter(), &mut SysRng, |_| ()).unwrap();
        let voting = election.voting().unwrap().clone();
        let manifest = voting.manifest();
        let code = Code::draw(&mut SysRng).unwrap();
        let key = combine(&[code.part(&manifest.uuid, 0)]).unwrap();
        let context = BallotContext {
            credential: *key.public(),
            counter: 1,
            previous: [0; 32],
        };
        let ballot = PlaintextBallot::new(manifest, &manifest.styles[0], self.answers(0)).unwrap();
        let statement = voting.style(0).unwrap();
        let id = voting.election_id();
        let sealed = SealedBallot::seal(id, 0, statement, &context, ballot, &mut SysRng).unwrap();
        sealed.cast(&key, &mut SysRng).unwrap()
    }
}

#[test]
fn every_bad_input_is_refused_by_name_and_the_election_goes_on() {
    let example = small_club(8);
    let scene = Scene::set_up(example, 3, 2);
    let foreign = ballot_of_another_election();
    let early = Postbox::new(scene.stage.board());
    refused(&early, &foreign, 409, "wrong-phase");
    scene.stage.ceremony().unwrap();
    refused(&early, &foreign, 409, "wrong-phase");
    scene.stage.open().unwrap();
    let (booth, codes) = scene.stage.booth().unwrap();
    let postbox = Postbox::new(scene.stage.board());
    let hall = Hall {
        scene,
        booth,
        codes,
        postbox,
    };
    strangers(&hall, &foreign);
    malformed(&hall);
    out_of_place(&hall);
    half_sent(&hall);
    one_credential_at_once(&hall);

    // Voters 0 to 3 have cast above; what counts is their last plan, and so do the others.
    for voter in 4..8 {
        if hall.scene.example.voters[voter].n_cast() > 0 {
            hall.postbox
                .post(&hall.booth, &hall.ballot(voter, Place::FIRST))
                .unwrap();
        }
    }
    let late = hall.ballot(7, Place::FIRST);
    hall.stage().close().unwrap();
    refused(&hall.postbox, &late, 409, "wrong-phase");
    hall.stage().decrypt(&[2, 3]).unwrap();
    refused(&hall.postbox, &late, 409, "wrong-phase");
    hall.scene.publish();
    refused(&hall.postbox, &late, 409, "wrong-phase");
}

fn strangers(hall: &Hall, foreign: &[u8]) {
    let post = &hall.postbox;
    refused(post, foreign, 422, "other-election");
    refused(post, &hall.strangers_ballot(), 403, "unknown-credential");
    // A voter plays the organiser, and a trustee.
    let key = hall.key(0);
    let id = hall.booth.election_id();
    let close = unsigned_entry(Kind::Close, id, &Author::Organiser, &[]);
    refused(
        post,
        &sign_entry(close, &key, &mut SysRng).unwrap(),
        403,
        "bad-signature",
    );
    let shares = unsigned_entry(Kind::Shares, id, &Author::Trustee(9), &[0; 128]);
    let shares = sign_entry(shares, &key, &mut SysRng).unwrap();
    refused(post, &shares, 403, "unknown-trustee");
}

fn malformed(hall: &Hall) {
    let post = &hall.postbox;
    for garbage in [
        &b""[..],
        b"\x01",
        b"<html>",
        &[1, 11],
        &[0xff; 700],
        &[0; 65_535],
    ] {
        let answer = post.send(garbage).unwrap();
        assert!((400..500).contains(&answer.status), "{}", answer.status);
    }
    for size in [65_536, 100_000, 3_000_000] {
        refused(post, &vec![1; size], 413, "entry-too-long");
    }
    let good = hall.ballot(0, Place::FIRST);
    for length in (0..good.len()).step_by(97) {
        let answer = post.send(&good[..length]).unwrap();
        assert!(
            (400..500).contains(&answer.status),
            "cut at {length}: {}",
            answer.status
        );
    }
    refused(
        post,
        &[good.as_slice(), b"\0"].concat(),
        400,
        "malformed-entry",
    );
    for place in (0..good.len()).step_by(61) {
        let mut changed = good.clone();
        changed[place] ^= 1 << (place % 8);
        let answer = post.send(&changed).unwrap();
        assert!(
            (400..500).contains(&answer.status),
            "byte {place}: {}",
            answer.status
        );
    }
    let answer = ureq::post(format!("{}/entries", hall.stage().board()))
        .config()
        .http_status_as_error(false)
        .build()
        .content_type("application/json")
        .send(&good[..])
        .unwrap();
    assert_eq!(answer.status(), 415);
    // The ballot itself is fine.
    post.post(&hall.booth, &good).unwrap();
}

fn out_of_place(hall: &Hall) {
    let post = &hall.postbox;
    let first = hall.ballot(1, Place::FIRST);
    let receipt = post.post(&hall.booth, &first).unwrap();
    // The same bytes again are the same ballot: the receipt is given again, nothing is added.
    assert_eq!(post.post(&hall.booth, &first).unwrap(), receipt);

    let code = ballot::ConfirmationCode::of(&first[..first.len() - 64]);
    let second = Place::FIRST.next(&code);
    refused(post, &hall.ballot(1, Place::FIRST), 409, "wrong-counter");
    refused(
        post,
        &hall.ballot(1, second.next(&code)),
        409,
        "wrong-counter",
    );
    let wrong = Place {
        previous: [7; 32],
        ..second
    };
    refused(post, &hall.ballot(1, wrong), 409, "wrong-predecessor");

    // Another voter copies the ballot and signs it as its own.
    let key = hall.key(2);
    let mut copy = first[..first.len() - 64].to_vec();
    copy[34..66].copy_from_slice(key.public().as_bytes());
    let copy = sign_entry(copy, &key, &mut SysRng).unwrap();
    refused(post, &copy, 422, "bad-ballot-proof");

    // A voided ballot is never cast; a cast one never voided, not even by another voter.
    let ballot = hall.ballot(2, Place::FIRST);
    let void = |alpha: &[u8], key: &SigningKey| {
        let body = [[0; 32].as_slice(), alpha].concat();
        let author = Author::Voter(*key.public());
        let unsigned = unsigned_entry(Kind::Void, hall.booth.election_id(), &author, &body);
        sign_entry(unsigned, key, &mut SysRng).unwrap()
    };
    post.post(&hall.booth, &void(&ballot[ALPHA], &key)).unwrap();
    refused(post, &ballot, 409, "repeated-ciphertext");
    refused(post, &void(&first[ALPHA], &key), 409, "repeated-ciphertext");
    post.post(&hall.booth, &hall.ballot(2, Place::FIRST))
        .unwrap();
}

/// Clients that promise more than they send.
fn half_sent(hall: &Hall) {
    let address = hall.scene.stage.ballot_box.url();
    let address = address.strip_prefix("http://").unwrap();
    let path = hall.stage().board();
    let (_, path) = path.split_once(address).unwrap();
    for head in [
        format!(
            "POST {path}/entries HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1384\r\n\
             Content-Type: application/octet-stream\r\n\r\n\u{1}\u{b}"
        ),
        format!("POST {path}/entries HTTP/1.1\r\nHost:"),
        "\0\0\0\0".to_owned(),
        format!("GET {path}/tile/../../../../etc/passwd HTTP/1.1\r\nHost: {address}\r\n\r\n"),
        format!("GET {path}/tile/entries/%2e%2e%2f%2e%2e HTTP/1.1\r\nHost: {address}\r\n\r\n"),
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_millis(300)))
            .unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = [0; 64];
        let read = stream.read(&mut answer).unwrap_or(0);
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(!answer.starts_with("HTTP/1.1 2"), "{head}: {answer}");
    }
}

/// Many first ballots of one voter at the same moment: exactly one is taken.
fn one_credential_at_once(hall: &Hall) {
    let ballots: Vec<Vec<u8>> = (0..24).map(|_| hall.ballot(3, Place::FIRST)).collect();
    let outcomes: Vec<Result<_, VoterError>> = std::thread::scope(|scope| {
        let posts = ballots.iter().map(|entry| {
            scope.spawn(move || Postbox::new(hall.stage().board()).post(&hall.booth, entry))
        });
        let posts: Vec<_> = posts.collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for error in outcomes.into_iter().filter_map(Result::err) {
        let VoterError::Refused { status, body } = error else {
            panic!("{error}")
        };
        assert!(
            status == 409 && body.contains("wrong-counter"),
            "{status} {body}"
        );
    }
}
