//! Every address that takes something takes it only from whoever signed it.

use getrandom::SysRng;
use protocol::entry::Envelope;
use protocol::signature::SigningKey;
use rocket::http::Method;

use crate::host::{Http as _, Local};
use crate::parties::{Parties, signed_anew};

/// Bytes of a signature, at the end of every entry.
const SIGNATURE: usize = 64;

/// The entry without a signature, with none that is one, with that of another entry, and with one of
/// somebody else.
fn unsigned(entry: &[u8], other: &[u8], stranger: &SigningKey) -> Vec<(&'static str, Vec<u8>)> {
    let (body, signature) = entry.split_at(entry.len() - SIGNATURE);
    let of_other = &other[other.len() - SIGNATURE..];
    let parts = Envelope::decode(entry).unwrap();
    let flipped = |position: usize| {
        let mut bytes = signature.to_vec();
        bytes[position] ^= 1;
        [body, &bytes].concat()
    };
    vec![
        ("no signature", body.to_vec()),
        ("half a signature", entry[..entry.len() - 32].to_vec()),
        ("zeros", [body, &[0; SIGNATURE]].concat()),
        ("all ones", [body, &[0xff; SIGNATURE]].concat()),
        ("another commitment", flipped(0)),
        ("another answer", flipped(32)),
        ("the signature of another entry", [body, of_other].concat()),
        (
            "a stranger's signature",
            signed_anew(parts.kind, &parts.scope, parts.author, parts.body, stranger),
        ),
    ]
}

#[test]
fn no_address_takes_what_its_author_did_not_sign() {
    let host = Local::start();
    let parties = Parties::new(&host, 2, 2);
    let election = parties.open(&host);
    let new = Parties::new(&host, 1, 2);
    let entries = election.path("/entries");
    let close = parties
        .organiser()
        .close(&election.fold, &mut SysRng)
        .unwrap();
    // An entry of every kind that can be posted there now.
    let posted = |path: &str| match path {
        "/elections" => ("/elections", vec![new.manifest_entry()]),
        "/e/<uuid>/entries" => (
            entries.as_str(),
            vec![
                election.next_ballot(0),
                election.challenge(1).0,
                close.clone(),
            ],
        ),
        other => panic!("{other} takes posts: which entries does this test post there?"),
    };
    let other = election.next_ballot(1);
    let shown = || {
        let election = host.get(&parties.path("")).json();
        (election, host.get("/elections").json())
    };
    let before = shown();
    let mut n_addresses = 0;
    for route in host.client().rocket().routes() {
        if route.method == Method::Get {
            continue;
        }
        n_addresses += 1;
        let (path, entries) = posted(&route.uri.to_string());
        for entry in &entries {
            for (fault, bad) in unsigned(entry, &other, &parties.stranger) {
                let (status, code) = host.post(path, &bad).problem();
                let is_named = [(403, "bad-signature"), (400, "malformed-entry")];
                assert!(
                    is_named.contains(&(status, code.as_str())),
                    "{path}, {fault}: {code}"
                );
                assert_eq!(shown(), before, "{path}, {fault}");
            }
        }
    }
    assert_eq!(n_addresses, 2);
    for path in ["/elections", "/e/<uuid>/entries"] {
        let (path, entries) = posted(path);
        for entry in &entries {
            host.post(path, entry).expect(201);
        }
    }
}
