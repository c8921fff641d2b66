//! Elections from creation to result, and receipts.

use protocol::ballot::ConfirmationCode;
use protocol::encoding::encode_hex;
use serde_json::json;

use crate::host::{Http as _, Local};
use crate::parties::Parties;
use crate::rfc6962::{Audit, leaf, leaves};

#[test]
fn a_whole_election_leaves_a_receipt_for_every_entry() {
    let host = Local::start();
    let parties = Parties::new(&host, 3, 4);
    let mut election = parties.open(&host);
    let state = || host.get(&parties.path("")).expect(200).json();
    assert_eq!(state()["phase"], "open");
    assert_eq!(
        state()["election_id"],
        election.voting().election_id().to_string()
    );
    assert_eq!(
        (&state()["voters"], &state()["ballots"], &state()["voted"]),
        (&json!(3), &json!(0), &json!(0))
    );

    election.vote(0);
    election.vote(1);
    election.vote(0);
    let (void, _) = election.challenge(2);
    election.post(&void);
    let shown = state();
    assert_eq!(
        (&shown["ballots"], &shown["voted"], &shown["voids"]),
        (&json!(3), &json!(2), &json!(1))
    );
    election.finish();

    let shown = state();
    assert_eq!(shown["phase"], "finished");
    assert_eq!(shown["size"], election.fold.size());
    assert_eq!(shown["root"], election.fold.root().to_string());
    let trustee = &shown["trustees"][2];
    assert_eq!(
        (
            &trustee["certified"],
            &trustee["certified_close"],
            &trustee["shares"]
        ),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(
        election.fold.result().unwrap().contests[0].totals,
        Some([2, 0, 0, 0].map(Some).to_vec())
    );

    let audit = Audit::new(&host, &parties.uuid);
    let entries = audit.entries(&host);
    assert_eq!(entries.len() as u64, election.fold.size());
    for entry in &entries {
        let by_leaf = host
            .get(&parties.path(&format!("/receipt/{}", encode_hex(&leaf(entry)))))
            .expect(200)
            .json();
        let code = audit.check_receipt(&by_leaf, entry, &leaves(&entries));
        let is_ballot = entry[1] == 11;
        let unsigned = &entry[..entry.len() - 64];
        let expected = if is_ballot {
            ConfirmationCode::of(unsigned).0.to_string()
        } else {
            encode_hex(&leaf(entry))
        };
        assert_eq!(code, expected);
        let by_code = host
            .get(&parties.path(&format!("/receipt/{code}")))
            .expect(200)
            .json();
        assert_eq!(by_code, by_leaf);
    }
}

#[test]
fn every_acknowledgement_carries_a_receipt_that_stays_true() {
    let host = Local::start();
    let parties = Parties::new(&host, 20, 2);
    let mut election = parties.open(&host);
    let receipts: Vec<_> = (0..20)
        .map(|voter| {
            let entry = election.next_ballot(voter);
            let receipt = election.post(&entry).json();
            (entry, receipt)
        })
        .collect();
    let audit = Audit::new(&host, &parties.uuid);
    let leaves = leaves(&audit.entries(&host));
    for (entry, receipt) in &receipts {
        audit.check_receipt(receipt, entry, &leaves);
    }
}

#[test]
fn an_identical_post_returns_the_receipt_of_the_stored_entry() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    let manifest = parties.manifest_entry();
    let created = host.post("/elections", &manifest).expect(201).json();
    let again = host.post("/elections", &manifest).expect(200).json();
    assert_eq!(
        (&again["index"], &again["code"]),
        (&created["index"], &created["code"])
    );
    // Another manifest entry for the same uuid, even one that only is signed anew, is refused.
    assert_eq!(
        host.post("/elections", &parties.manifest_entry()).problem(),
        (409, "election-exists".to_owned())
    );

    let other = Parties::new(&host, 2, 2);
    let mut election = other.open(&host);
    let entry = election.next_ballot(0);
    let first = election.post(&entry).json();
    election.vote(1);
    let size = host.get(&other.path("")).json()["size"].clone();
    let second = election.try_post(&entry).expect(200).json();
    assert_eq!(
        (&first["index"], &first["code"]),
        (&second["index"], &second["code"])
    );
    let audit = Audit::new(&host, &other.uuid);
    audit.check_receipt(&second, &entry, &leaves(&audit.entries(&host)));
    assert_eq!(host.get(&other.path("")).json()["size"], size);
    // It stays so when ballots are no longer accepted.
    election.finish();
    host.clock.set(crate::host::CLOSES);
    election.try_post(&entry).expect(200);
}

#[test]
fn a_voter_is_shown_by_credential() {
    let host = Local::start();
    let parties = Parties::new(&host, 1, 2);
    let mut election = parties.open(&host);
    let credential = encode_hex(parties.voters[0].public().as_bytes());
    let path = parties.path(&format!("/voters/{credential}"));
    let shown = host.get(&path).expect(200).json();
    assert_eq!(
        shown,
        json!({ "style": 0, "weight": 1, "counter": 0, "previous": null })
    );
    let receipt = election.vote(0).json();
    let shown = host.get(&path).expect(200).json();
    assert_eq!(
        shown,
        json!({ "style": 0, "weight": 1, "counter": 1, "previous": receipt["code"] })
    );
    let stranger = encode_hex(parties.stranger.public().as_bytes());
    let missing = host.get(&parties.path(&format!("/voters/{stranger}")));
    assert_eq!(missing.problem(), (404, "not-found".to_owned()));
}

#[test]
fn elections_are_listed_and_kept_apart() {
    let host = Local::start();
    let parties: Vec<_> = (0..3).map(|_| Parties::new(&host, 1, 2)).collect();
    let mut elections: Vec<_> = parties.iter().map(|parties| parties.open(&host)).collect();
    let stolen = elections[0].next_ballot(0);
    assert_eq!(
        elections[1].try_post(&stolen).problem(),
        (422, "other-election".to_owned())
    );
    for election in &mut elections {
        election.vote(0);
    }
    let listed = host.get("/elections").expect(200).json();
    let listed = listed["elections"].as_array().unwrap();
    assert_eq!(listed.len(), 3);
    for parties in &parties {
        let found = listed
            .iter()
            .find(|election| election["uuid"] == parties.uuid.as_str())
            .unwrap();
        assert_eq!(
            (&found["title"]["en"], &found["opens"]),
            (&json!("Test"), &json!("2020-01-01T00:00:00Z"))
        );
        assert_eq!(host.get(&parties.path("")).json()["ballots"], 1);
        assert_eq!(
            host.get(&parties.path("/manifest")).expect(200).text(),
            parties.manifest
        );
    }
}
