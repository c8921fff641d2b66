//! Voter lists, issuers and boards that do not fit, as an organiser meets them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use protocol::credential::{Code, combine};
use support::election::{DRAFT, new_args, roll, set_up};
use support::{Organiser, Trustees};

#[test]
fn issuers_on_their_own_machines() {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let draft = DRAFT.replace(
        r#""opens""#,
        r#""issuers": [{"name": "Club"}, {"name": "Post"}], "opens""#,
    );
    let draft = organiser.file("draft.json", &draft);
    organiser.run(&["init"]).unwrap();
    organiser
        .run(&new_args(&draft, &trustees.cards(&organiser), &[]))
        .unwrap();
    let list = organiser.file("roll.csv", &roll(9));
    organiser.run(&["roll", "import", &list]).unwrap();
    let manifest = organiser
        .election_folder()
        .join("manifest.json")
        .display()
        .to_string();
    let path = |name: &str| organiser.path(name).display().to_string();
    let (order, first, second) = (path("order.key"), path("part1.json"), path("part2.json"));
    let issue = |issuer, public: &str, out: &str| {
        let out = path(out);
        let args = [
            "credentials",
            "issue",
            "--roll",
            &list,
            "--manifest",
            &manifest,
            "--issuer",
            issuer,
            "--order-key",
            &order,
            "--public",
            public,
            "--out",
            &out,
        ];
        match organiser.run(&args) {
            Ok(_) => Ok(()),
            Err(error) => Err((error.exit_code(), error.to_string())),
        }
    };
    let (code, told) = issue("2", &second, "codes2").unwrap_err();
    assert!(
        code == 2 && told.contains("ask the first issuer for its order key"),
        "{told}"
    );
    assert!(
        issue("3", &second, "codes3")
            .unwrap_err()
            .1
            .contains("the manifest has no issuer 3")
    );
    issue("1", &first, "codes1").unwrap();
    issue("2", &second, "codes2").unwrap();
    assert!(
        issue("2", &second, "codes2")
            .unwrap_err()
            .1
            .contains("is there already")
    );
    assert!(
        organiser
            .refusal(1, &["roll", "publish"])
            .contains("the issuers [] are here")
    );
    assert!(
        organiser
            .refusal(1, &["roll", "combine", &first])
            .contains("the issuers [1] are here")
    );

    // A part made from another list does not fit.
    let shorter = organiser.file("shorter.csv", &roll(8));
    let wrong = path("wrong.json");
    let args = [
        "credentials",
        "issue",
        "--roll",
        &shorter,
        "--manifest",
        &manifest,
        "--issuer",
        "2",
        "--order-key",
        &order,
        "--public",
        &wrong,
        "--csv",
        &path("wrong.csv"),
    ];
    organiser.run(&args).unwrap();
    assert!(
        organiser
            .refusal(1, &["roll", "combine", &first, &wrong])
            .contains("issuer 2 lists 8 voters")
    );

    let combined = organiser
        .run(&["roll", "combine", &first, &second])
        .unwrap();
    assert!(combined.has("The parts of Club, Post fit together: 9 voters."));
    organiser.run(&["roll", "publish"]).unwrap();

    // One letter of each issuer makes the credential; both are private.
    let letter = |folder: &str| {
        let path = organiser.path(folder).join("000005-v3.txt");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode =
                |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
            assert_eq!(mode(&path) & 0o777, 0o600);
            assert_eq!(mode(&organiser.path(folder)) & 0o777, 0o700);
        }
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("Name: Voter 3\n"), "{text}");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("Code: "))
            .unwrap();
        Code::parse(line).unwrap()
    };
    let shared = organiser.ballot_box.shared.borrow();
    let uuid = shared.election.manifest().unwrap().uuid;
    let parts = [
        letter("codes1").part(&uuid, 0),
        letter("codes2").part(&uuid, 1),
    ];
    assert!(
        shared
            .election
            .voter(combine(&parts).unwrap().public())
            .is_some()
    );
}

#[test]
fn voter_lists_are_private_and_not_replaced_after_issuing() {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let points = r#""kind": "points", "max_per_option": 1048576"#;
    let draft = organiser.file("draft.json", &DRAFT.replace(r#""kind": "choices""#, points));
    organiser.run(&["init"]).unwrap();
    organiser
        .run(&new_args(&draft, &trustees.cards(&organiser), &[]))
        .unwrap();
    let codes = organiser.path("codes.csv").display().to_string();
    assert!(
        organiser
            .refusal(1, &["credentials", "issue", "--csv", &codes])
            .contains("roll import FILE.csv")
    );
    let bad = organiser.file("bad.csv", "id;style\na;all\na;none\n");
    let told = organiser.refusal(1, &["roll", "import", &bad]);
    assert!(
        told.contains("line 3: the id \"a\" stands on line 2 already"),
        "{told}"
    );
    assert!(
        told.contains("line 3: the manifest has no ballot style \"none\"; it has \"all\""),
        "{told}"
    );
    let large = organiser.file("large.csv", "id,weight\na,4294967295\nb,4294967295\n");
    assert!(
        organiser
            .refusal(1, &["roll", "import", &large])
            .contains("the total of contest \"c\" could reach")
    );

    let (list, other) = (
        organiser.file("a.csv", &roll(5)),
        organiser.file("b.csv", &roll(6)),
    );
    organiser.run(&["roll", "import", &list]).unwrap();
    let stored = organiser.election_folder().join("voters.csv");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(
            std::fs::metadata(&stored).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
    assert!(
        organiser
            .refusal(1, &["roll", "import", &other])
            .contains("never overwritten")
    );
    organiser
        .run(&["roll", "import", "--replace", &other])
        .unwrap();
    organiser
        .run(&["credentials", "issue", "--csv", &codes])
        .unwrap();
    assert!(
        organiser
            .refusal(1, &["roll", "import", "--replace", &list])
            .contains("cannot be replaced any more")
    );
    // A list changed behind the program's back is noticed before anything is posted.
    std::fs::write(&stored, roll(5)).unwrap();
    assert!(
        organiser
            .refusal(1, &["roll", "publish"])
            .contains("all must use one list")
    );
    assert_eq!(organiser.ballot_box.shared.borrow().entries.len(), 1);
}

#[test]
fn a_board_that_took_an_invalid_entry_is_not_worked_on() {
    let (organiser, _) = set_up(3);
    let mut entry = organiser.ballot_box.shared.borrow().entries[0].clone();
    let last = entry.len() - 1;
    entry[last] ^= 1;
    organiser.ballot_box.shared.borrow_mut().entries.push(entry);
    let told = organiser.refusal(1, &["roll", "publish"]);
    assert!(told.contains("entry 1 of the board is not valid"), "{told}");
    organiser.ballot_box.shared.borrow_mut().entries.clear();
    assert!(
        organiser
            .refusal(1, &["status"])
            .contains("not the one in this election's folder")
    );
}

#[test]
fn several_elections_are_told_apart() {
    let (organiser, trustees) = (Organiser::new(), Trustees::new(3));
    let cards = trustees.cards(&organiser);
    organiser.run(&["init"]).unwrap();
    assert!(
        organiser
            .refusal(2, &["status"])
            .contains("holds no election")
    );
    for digit in ["a", "b"] {
        let uuid = digit.repeat(32);
        let with = DRAFT.replace(r#""language""#, &format!(r#""uuid": "{uuid}", "language""#));
        let path = organiser.file("draft.json", &with);
        organiser
            .run(&new_args(&path, &cards, &["--dry-run"]))
            .unwrap();
        assert!(
            organiser
                .refusal(1, &new_args(&path, &cards, &["--dry-run"]))
                .contains("is there already")
        );
    }
    assert!(
        organiser
            .refusal(2, &["status"])
            .contains("there are several elections")
    );
    assert!(
        organiser
            .refusal(2, &["--election", "c", "status"])
            .contains("starts with \"c\"")
    );
    organiser.run(&["--election", "b", "submit"]).unwrap();
    organiser.run(&["--election", "bb", "status"]).unwrap();
}

#[test]
fn status_names_who_is_missing_and_who_ended_an_attempt() {
    let (organiser, trustees) = set_up(6);
    organiser.run(&["roll", "publish"]).unwrap();
    trustees.each_posts(&organiser.ballot_box, &[1, 3]);
    let waiting = organiser.run(&["status"]).unwrap();
    assert!(waiting.has("  2. T1: has not registered (waited for)"));
    assert!(waiting.has("  3. T2: has done \"register\""));
    trustees.each_posts(&organiser.ballot_box, &[2]);
    trustees.each_posts(&organiser.ballot_box, &[1]);
    trustees.abandon(&organiser.ballot_box, 2);
    let state = &organiser.run(&["status", "--json"]).unwrap().said[0];
    let state: serde_json::Value = serde_json::from_str(state).unwrap();
    assert_eq!(
        (&state["attempt"], &state["round"], &state["missing"]),
        (&2.into(), &"commit".into(), &vec![1, 2, 3].into())
    );
    assert_eq!(
        state["culprits"],
        serde_json::json!([{"attempt": 1, "trustee": 2, "fault": "it gave the attempt up"}])
    );
    let told = organiser.run(&["status"]).unwrap();
    assert!(told.has("Attempt 1 was ended by trustee 2: it gave the attempt up"));
    trustees.ceremony(&organiser.ballot_box);
    assert!(
        organiser
            .run(&["status"])
            .unwrap()
            .has("Next: election-authority open")
    );
}
