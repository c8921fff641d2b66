//! The operator's chores on a stored board, with the real program.

use std::path::Path;
use std::process::Output;
use std::time::Duration;

use ballot_box::database::Access;
use ballot_box::key::BoardKey;
use ballot_box::store::Store;
use diesel::connection::SimpleConnection as _;

use crate::host::{Http as _, Place, free_port};
use crate::parties::{Parties, Posted};
use crate::published::{PlainServer, verify};
use crate::rfc6962::Audit;

fn text(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

fn expect(output: Output, code: i32, words: &str) -> String {
    let text = text(&output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(text.contains(words), "{words:?} is not in: {text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn copy_key(from: &Place, to: &Place) {
    let key = |place: &Place| place.folder.path().join("board.key");
    std::fs::copy(key(from), key(to)).unwrap();
}

#[test]
fn a_backup_of_a_running_server_goes_on_in_either_database() {
    for (from, to) in [
        (Place::in_file(), Place::in_postgres()),
        (Place::in_postgres(), Place::in_file()),
    ] {
        let host = from.start(free_port());
        let parties = Parties::new(&host, 3, 2);
        let mut election = parties.open(&host);
        election.vote(0);
        let file = from.folder.path().join("backup.sqlite");
        let file = file.to_str().unwrap();
        let told = expect(from.run(&["backup", file]), 0, "board.key is not in it");
        assert!(told.contains(&format!(
            "{}: {} entries",
            parties.uuid,
            election.fold.size()
        )));
        expect(from.run(&["backup", file]), 2, "exists already");
        let fold = election.fold;
        drop(host);

        expect(to.run(&["restore", file]), 0, "put board.key into");
        let wait = Duration::from_secs(5);
        let signer = Store::open(&to.database(), 1, wait)
            .unwrap()
            .board_key()
            .unwrap();
        copy_key(&from, &to);
        let key = BoardKey::load(to.folder.path()).unwrap().public();
        assert_eq!(signer, Some(key.to_vec()));
        expect(to.run(&["fsck"]), 0, "all is well");
        let host = to.start(free_port());
        let mut election = Posted {
            http: &host,
            parties: &parties,
            fold,
        };
        election.vote(0);
        election.vote(1);
        let entries = Audit::new(&host, &parties.uuid).entries(&host);
        assert_eq!(entries.len() as u64, election.fold.size());
    }
}

#[test]
fn a_restore_takes_nothing_back_unless_told() {
    for place in Place::of_each_kind() {
        let mut host = place.start(free_port());
        let parties = Parties::new(&host, 2, 2);
        let mut election = parties.open(&host);
        election.vote(0);
        let old = place.folder.path().join("old.sqlite");
        let old = old.to_str().unwrap();
        expect(place.run(&["backup", old]), 0, "");
        election.vote(1);
        drop(election);
        expect(place.run(&["restore", old, "--fork"]), 2, "ballot box");
        host.terminate();
        let new = place.folder.path().join("new.sqlite");
        let new = new.to_str().unwrap();
        expect(place.run(&["backup", new]), 0, "");
        expect(place.run(&["restore", new]), 2, "add --overwrite");
        expect(
            place.run(&["restore", old, "--overwrite"]),
            2,
            "is a fork: everybody",
        );
        expect(place.run(&["restore", new, "--overwrite"]), 0, "Restored");
        let told = expect(
            place.run(&["restore", old, "--fork"]),
            0,
            "a fork that everybody will see",
        );
        assert!(told.contains("entries, root"));
        // The newer one has all that is here now.
        expect(place.run(&["restore", new, "--overwrite"]), 0, "Restored");
        expect(place.run(&["fsck"]), 0, "all is well");
        let missing = place.folder.path().join("missing.sqlite");
        expect(
            place.run(&["restore", missing.to_str().unwrap()]),
            2,
            "There is no database",
        );
    }
}

/// Changes of stored rows, and the words that name them.
const DAMAGES: [(&str, &str); 8] = [
    (
        "DELETE FROM entries WHERE entry_index = (SELECT max(entry_index) FROM entries)",
        "acknowledged entries are lost",
    ),
    (
        "DELETE FROM entries WHERE entry_index = 4",
        "entry 4 is missing",
    ),
    (
        "UPDATE entries SET leaf_hash = bytes_of_zero WHERE entry_index = 3",
        "entry 3: the stored leaf hash",
    ),
    (
        "UPDATE entries SET code = bytes_of_zero WHERE code IS NOT NULL",
        "the stored confirmation code",
    ),
    (
        "DELETE FROM checkpoints WHERE size = (SELECT max(size) FROM checkpoints)",
        "the last entries have no checkpoint",
    ),
    (
        "UPDATE checkpoints SET note = replace(note, 'localhost', 'remotehost') WHERE size = 2",
        "the checkpoint of 2 entries",
    ),
    (
        "UPDATE entries SET bytes = (SELECT bytes FROM entries WHERE entry_index = 2) WHERE entry_index = 3",
        "entry 3 of the board is not valid",
    ),
    (
        "UPDATE elections SET origin = 'elsewhere.example.org/e/00'",
        "another origin",
    ),
];

#[test]
fn fsck_names_what_is_wrong() {
    for (kind, kept) in [Place::in_file, Place::in_postgres].into_iter().enumerate() {
        let place = kept();
        let mut host = place.start(free_port());
        let parties = Parties::new(&host, 1, 2);
        parties.open(&host).vote(0);
        host.terminate();
        expect(place.run(&["fsck"]), 0, "all is well");
        let backup = place.folder.path().join("backup.sqlite");
        let backup = backup.to_str().unwrap();
        expect(place.run(&["backup", backup]), 0, "");
        let zero = ["zeroblob(32)", "decode(repeat('00', 32), 'hex')"][kind];
        for (damage, words) in DAMAGES {
            let wait = Duration::from_secs(5);
            let mut database = place.database().connect(Access::Write, wait).unwrap();
            database
                .batch_execute(&damage.replace("bytes_of_zero", zero))
                .unwrap();
            drop(database);
            let told = expect(place.run(&["fsck"]), 1, words);
            assert!(
                told.contains(&format!("election {}", parties.uuid)),
                "{told}"
            );
            expect(place.run(&["restore", backup, "--fork"]), 0, "Restored");
        }
        expect(place.run(&["fsck"]), 0, "all is well");
    }
    let nowhere = Place::in_file();
    expect(nowhere.run(&["fsck"]), 2, "There is no database");
}

#[test]
fn an_exported_board_is_a_record_in_a_folder_and_on_any_web_server() {
    for place in Place::of_each_kind() {
        let host = place.start(free_port());
        let parties = Parties::new(&host, 300, 2);
        let mut election = parties.open(&host);
        for voter in 0..300 {
            election.vote(voter);
        }
        let folder = place.folder.path().join("record");
        let out = folder.to_str().unwrap();
        expect(
            place.run(&["export", &parties.uuid, out]),
            2,
            "has no result yet",
        );
        expect(
            place.run(&["export", &"00".repeat(16), out]),
            2,
            &parties.uuid,
        );
        election.finish();
        let size = election.fold.size();
        expect(
            place.run(&["export", &parties.uuid, out]),
            0,
            &format!("{size} entries"),
        );
        expect(
            place.run(&["export", &parties.uuid, out]),
            2,
            "exists already",
        );
        let server = PlainServer::of(&folder);
        verify(out);
        verify(&server.url(""));
    }
}

/// The database of the first release's tables, with a finished election, is served and goes on.
#[test]
fn a_database_of_the_first_tables_is_brought_up_to_date_and_served() {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/first-schema");
    let new = || {
        let place = Place::in_file();
        for name in ["board.sqlite", "board.key"] {
            let copy = place.folder.path().join(name);
            std::fs::copy(kept.join(name), &copy).unwrap();
            let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            std::fs::set_permissions(copy, private).unwrap();
        }
        place
    };
    let place = new();
    // It can be checked before anything is changed.
    expect(place.run(&["fsck"]), 0, "1 elections, 73 entries");
    expect(place.run(&["migrate"]), 0, "Done: 20261122000001");
    expect(place.run(&["migrate"]), 0, "up to date");

    let place = new();
    let host = place.start(free_port());
    let listed = host.get("/elections").json();
    let uuid = listed["elections"][0]["uuid"].as_str().unwrap().to_owned();
    let shown = host.get(&format!("/e/{uuid}")).expect(200).json();
    assert_eq!(
        (&shown["phase"], &shown["size"]),
        (&"finished".into(), &73.into())
    );
    let parties = Parties::new(&host, 1, 2);
    parties.open(&host).vote(0);
    drop(host);
    expect(place.run(&["fsck"]), 0, "2 elections");
}
