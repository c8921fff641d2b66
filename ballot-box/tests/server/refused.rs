//! What the server must refuse, each with its status and problem type, and nothing changed.

use getrandom::SysRng;
use protocol::entry::{Author, Envelope, Kind};
use protocol::signature::SigningKey;
use rocket::http::ContentType;

use crate::host::{CLOSES, Http as _, Local, OPENS};
use crate::parties::{Parties, Posted, signed_anew};

#[test]
fn bad_entries_are_named_and_change_nothing() {
    let host = Local::start();
    let parties = Parties::new(&host, 3, 3);
    let mut election = parties.open(&host);
    let cast = election.next_ballot(0);
    election.post(&cast);
    let (void, _) = election.challenge(1);
    election.post(&void);
    let other = Parties::new(&host, 1, 3);
    let elsewhere = other.open(&host).next_ballot(0);

    let good = election.next_ballot(0);
    let envelope = Envelope::decode(&good).unwrap();
    let (scope, body) = (envelope.scope, envelope.body);
    let [first, second, third] = [0, 1, 2].map(|voter| &parties.voters[voter]);
    let previous = election.fold.voter(first.public()).unwrap().previous;
    let voting = election.voting();
    let flipped = |position: usize| {
        let mut bytes = good.clone();
        bytes[position] ^= 1;
        bytes
    };
    let mut changed = body.to_vec();
    changed[body.len() - 32] ^= 1;
    let with_byte = |position: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[position] = value;
        bytes
    };
    let author = |key: &SigningKey| Author::Voter(*key.public());
    let seed = parties.seeds[0].signing_key().unwrap();
    // The challenged ciphertext, cast after all: what a booth that was caught might try.
    let sealed = parties.seal(voting, third, 1, [0; 32]);
    let code = sealed.code();
    let unsigned = sealed.cast(third, &mut SysRng).unwrap();
    let alpha = &unsigned[104..136];
    let voided = signed_anew(
        Kind::Void,
        &scope,
        author(third),
        &[code.0.as_bytes(), alpha].concat(),
        third,
    );
    election.post(&voided);
    let voting = election.voting();

    let table: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("nothing", vec![], 400, "malformed-entry"),
        (
            "noise",
            [[3, 2].as_slice(), &[0xff; 298]].concat(),
            400,
            "malformed-entry",
        ),
        (
            "truncated",
            good[..good.len() - 1].to_vec(),
            400,
            "malformed-entry",
        ),
        (
            "cut in the middle",
            good[..good.len() / 2].to_vec(),
            400,
            "malformed-entry",
        ),
        (
            "a byte too many",
            [good.as_slice(), &[0]].concat(),
            400,
            "malformed-entry",
        ),
        ("oversized", vec![1; 65_536], 413, "entry-too-long"),
        ("much oversized", vec![1; 1 << 20], 413, "entry-too-long"),
        ("another version", with_byte(0, 1), 400, "unknown-version"),
        ("an unknown kind", with_byte(1, 21), 400, "unknown-kind"),
        (
            "a ballot called a void",
            with_byte(1, 12),
            403,
            "bad-signature",
        ),
        ("another election", elsewhere, 422, "other-election"),
        ("a changed scope", flipped(2), 422, "other-election"),
        (
            "a changed proof",
            flipped(good.len() - 96),
            403,
            "bad-signature",
        ),
        (
            "a changed proof, signed anew",
            signed_anew(Kind::Ballot, &scope, author(first), &changed, first),
            422,
            "bad-ballot-proof",
        ),
        (
            "a changed signature",
            flipped(good.len() - 32),
            403,
            "bad-signature",
        ),
        (
            "an identity",
            [&good[..104], &[0; 32], &good[136..]].concat(),
            400,
            "malformed-entry",
        ),
        (
            "an unknown credential",
            parties.ballot(voting, &parties.stranger, 1, [0; 32]),
            403,
            "unknown-credential",
        ),
        (
            "a counter too small",
            parties.ballot(voting, first, 1, [0; 32]),
            409,
            "wrong-counter",
        ),
        (
            "a counter too large",
            parties.ballot(voting, first, 3, previous),
            409,
            "wrong-counter",
        ),
        (
            "a wrong predecessor",
            parties.ballot(voting, first, 2, [7; 32]),
            409,
            "wrong-predecessor",
        ),
        (
            "no predecessor",
            parties.ballot(voting, first, 2, [0; 32]),
            409,
            "wrong-predecessor",
        ),
        (
            "a ballot copied by another voter",
            signed_anew(Kind::Ballot, &scope, author(second), body, second),
            422,
            "bad-ballot-proof",
        ),
        (
            "a challenged ciphertext",
            unsigned.clone(),
            409,
            "repeated-ciphertext",
        ),
        (
            "a void by a stranger",
            signed_anew(
                Kind::Void,
                &scope,
                author(&parties.stranger),
                &[&[0; 32], &good[104..136]].concat(),
                &parties.stranger,
            ),
            403,
            "unknown-credential",
        ),
        (
            "a void of a voided alpha",
            signed_anew(
                Kind::Void,
                &scope,
                author(third),
                &[&[1; 32], alpha].concat(),
                third,
            ),
            409,
            "repeated-ciphertext",
        ),
        (
            "a void of a cast alpha",
            signed_anew(
                Kind::Void,
                &scope,
                author(second),
                &[&[1; 32], &cast[104..136]].concat(),
                second,
            ),
            409,
            "repeated-ciphertext",
        ),
        (
            "a void signed by another",
            signed_anew(
                Kind::Void,
                &scope,
                author(second),
                &[&[0; 32], &good[104..136]].concat(),
                first,
            ),
            403,
            "bad-signature",
        ),
        (
            "a second manifest",
            parties.manifest_entry(),
            409,
            "repeated-entry",
        ),
        (
            "a close by a trustee",
            signed_anew(Kind::Close, &scope, Author::Organiser, &[], &seed),
            403,
            "bad-signature",
        ),
        (
            "a close with a body",
            signed_anew(
                Kind::Close,
                &scope,
                Author::Organiser,
                &[0],
                &parties.organiser,
            ),
            400,
            "malformed-entry",
        ),
        (
            "an unknown trustee",
            signed_anew(
                Kind::CertifyClose,
                &scope,
                Author::Trustee(4),
                &[0; 40],
                &seed,
            ),
            403,
            "unknown-trustee",
        ),
        (
            "a certification too early",
            signed_anew(
                Kind::CertifyClose,
                &scope,
                Author::Trustee(1),
                &[0; 40],
                &seed,
            ),
            409,
            "wrong-phase",
        ),
        (
            "shares too early",
            signed_anew(Kind::Shares, &scope, Author::Trustee(1), &[], &seed),
            409,
            "wrong-phase",
        ),
        (
            "a result too early",
            signed_anew(
                Kind::Result,
                &scope,
                Author::Organiser,
                &[],
                &parties.organiser,
            ),
            409,
            "wrong-phase",
        ),
    ];
    for (name, entry, status, code) in &table {
        let before = (
            host.get(&parties.path("")).json(),
            host.get(&parties.path("/checkpoint")).text(),
        );
        assert_eq!(
            election.try_post(entry).problem(),
            (*status, (*code).to_owned()),
            "{name}"
        );
        let after = (
            host.get(&parties.path("")).json(),
            host.get(&parties.path("/checkpoint")).text(),
        );
        assert_eq!(before, after, "{name}");
    }
    election.post(&good);
}

#[test]
fn entries_of_another_media_type_are_refused() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    let election = parties.open(&host);
    let ballot = election.next_ballot(0);
    let utf8 = ContentType::new("application", "octet-stream").with_params(("charset", "utf-8"));
    for content_type in [
        None,
        Some(ContentType::JSON),
        Some(ContentType::Form),
        Some(ContentType::Plain),
        Some(utf8),
    ] {
        let reply = host.post_as(&parties.path("/entries"), content_type, &ballot);
        assert_eq!(reply.problem(), (415, "unsupported-media-type".to_owned()));
    }
    election.try_post(&ballot).expect(201);
}

#[test]
fn more_than_can_wait_is_to_be_sent_again() {
    let mut host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    let fold = parties.open(&host).fold;
    host.restart_with(|config| config.queue = 100);
    let election = Posted {
        http: &host,
        parties: &parties,
        fold,
    };
    let ballot = election.next_ballot(0);
    let reply = election.try_post(&ballot);
    assert_eq!(reply.problem(), (503, "unavailable".to_owned()));
    assert_eq!(reply.header("retry-after"), Some("1"));
}

#[test]
fn ballots_and_voids_are_kept_to_the_hours_of_the_manifest() {
    let host = Local::start();
    let parties = Parties::new(&host, 2, 2);
    host.clock.set(OPENS - 1);
    let mut election = parties.open(&host);
    let (void, _) = election.challenge(1);
    let ballot = election.next_ballot(0);
    for entry in [&ballot, &void] {
        let reply = election.try_post(entry);
        assert_eq!(reply.problem(), (403, "not-open-yet".to_owned()));
        assert!(
            reply.json()["detail"]
                .as_str()
                .unwrap()
                .contains("1 January 2020, 00:00:00 UTC")
        );
    }
    host.clock.set(OPENS);
    election.post(&ballot);
    host.clock.set(CLOSES - 1);
    election.vote(0);
    host.clock.set(CLOSES);
    let late = election.next_ballot(0);
    for entry in [&late, &void] {
        let reply = election.try_post(entry);
        assert_eq!(reply.problem(), (403, "voting-over".to_owned()));
        assert!(
            reply.json()["detail"]
                .as_str()
                .unwrap()
                .contains("1 January 2099, 00:00:00 UTC")
        );
    }
    // Everybody else goes on.
    election.finish();
}

#[test]
fn ballots_wait_for_the_opening_and_end_with_the_close() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    let open = Parties::new(&host, 1, 2).open(&host).next_ballot(0);
    let mut election = parties.create(&host);
    assert_eq!(
        election.try_post(&open).problem(),
        (409, "wrong-phase".to_owned())
    );
    election.post_roll();
    election.hold_ceremony();
    let entry = parties
        .organiser()
        .open(&election.fold, &[0; 32], &mut SysRng)
        .unwrap();
    election.post(&entry);
    let late = election.next_ballot(0);
    election.finish();
    assert_eq!(
        election.try_post(&late).problem(),
        (409, "wrong-phase".to_owned())
    );
}
