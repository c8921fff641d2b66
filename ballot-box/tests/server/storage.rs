//! What is stored is read back alike from a file and from PostgreSQL.

use std::time::Duration;

use ballot_box::database::{Access, Database};
use ballot_box::models::{Election, StoredCheckpoint, StoredEntry};
use ballot_box::store::{Store, StoreError};
use ballot_box::writer::{Batch, Writer};
use diesel::connection::SimpleConnection as _;
use protocol::transcript::Digest;

use crate::host::Place;

const WAIT: Duration = Duration::from_secs(5);

fn entry(index: u8, code: Option<u8>) -> StoredEntry {
    StoredEntry {
        election: 1,
        entry_index: index.into(),
        bytes: vec![index; 40],
        leaf_hash: vec![index; 32],
        code: code.map(|code| vec![code; 32]),
    }
}

fn checkpoint(size: i64) -> StoredCheckpoint {
    StoredCheckpoint {
        election: 1,
        size,
        note: format!("note {size}"),
    }
}

fn election(id: i32) -> Election {
    Election {
        id,
        uuid: vec![7; 16],
        origin: "example.org/e/07".to_owned(),
    }
}

#[test]
fn both_databases_keep_and_give_the_same() {
    for place in Place::of_each_kind() {
        let database = place.database();
        assert_eq!(database.migrate(WAIT).unwrap().len(), 3);
        assert!(database.migrate(WAIT).unwrap().is_empty());
        let store = Store::open(&database, 2, WAIT).unwrap();
        assert_eq!(store.board_key().unwrap(), None);
        let mut writer = Writer::take(&database, WAIT, &[1; 32]).unwrap().unwrap();
        assert_eq!(store.board_key().unwrap(), Some(vec![1; 32]));
        writer
            .commit(&Batch {
                elections: vec![election(1)],
                entries: vec![entry(0, None), entry(1, Some(9)), entry(2, None)],
                checkpoints: vec![checkpoint(3)],
                ..Batch::default()
            })
            .unwrap();
        assert_eq!(store.elections().unwrap()[0].origin, "example.org/e/07");
        let leaves = vec![Digest([0; 32]), Digest([1; 32]), Digest([2; 32])];
        assert_eq!(store.leaves(1, 0, 9).unwrap(), leaves);
        assert_eq!(store.leaves(1, 1, 2).unwrap(), leaves[1..2]);
        // Only what was stored is a checkpoint of this log.
        for note in ["note 3", "note\n3\n", ""] {
            assert_eq!(store.size_of_note(1, note).unwrap(), None);
        }
        assert_eq!(store.entries(1, 1, 9).unwrap(), [vec![1; 40], vec![2; 40]]);
        assert_eq!(store.bundle_length(1, 0, 2).unwrap(), 84);
        assert_eq!(store.latest_checkpoint(1).unwrap().unwrap(), "note 3");
        let place_of_code = store.place_of_code(1, &Digest([9; 32])).unwrap().unwrap();
        assert_eq!(
            (place_of_code.index, place_of_code.code),
            (1, Digest([9; 32]))
        );
        assert_eq!(place_of_code.scope, Digest([1; 32]));
        let place_of_leaf = store.place_of_leaf(1, &Digest([2; 32])).unwrap().unwrap();
        assert_eq!(
            (place_of_leaf.index, place_of_leaf.code),
            (2, Digest([2; 32]))
        );
        assert_eq!(store.place_of_leaf(2, &Digest([2; 32])).unwrap(), None);

        // What no board holds is refused, and the rest of the batch with it.
        let bad_entries = [
            entry(2, None),
            StoredEntry {
                leaf_hash: vec![2; 32],
                ..entry(3, None)
            },
            StoredEntry {
                leaf_hash: vec![3; 31],
                ..entry(3, None)
            },
            StoredEntry {
                entry_index: -1,
                ..entry(3, None)
            },
            StoredEntry {
                election: 2,
                ..entry(3, None)
            },
            StoredEntry {
                bytes: vec![],
                ..entry(3, None)
            },
            StoredEntry {
                bytes: vec![0; 65_536],
                ..entry(3, None)
            },
            entry(3, Some(9)),
        ];
        for bad in bad_entries {
            let batch = Batch {
                entries: vec![entry(4, None), bad],
                ..Batch::default()
            };
            assert!(matches!(writer.commit(&batch), Err(StoreError::Query(_))));
        }
        for bad in [
            checkpoint(3),
            checkpoint(0),
            StoredCheckpoint {
                election: 2,
                ..checkpoint(4)
            },
        ] {
            let batch = Batch {
                checkpoints: vec![bad],
                ..Batch::default()
            };
            assert!(matches!(writer.commit(&batch), Err(StoreError::Query(_))));
        }
        let twice = Election {
            id: 2,
            ..election(2)
        };
        let batch = Batch {
            elections: vec![twice],
            ..Batch::default()
        };
        assert!(matches!(writer.commit(&batch), Err(StoreError::Query(_))));
        assert_eq!(store.entries(1, 0, 9).unwrap().len(), 3);
        assert_eq!(store.elections().unwrap().len(), 1);
    }
}

/// The one who appends, as soon as the database has noticed that the last one is gone.
fn take_soon(database: &Database, key: &[u8; 32]) -> Result<Writer, StoreError> {
    loop {
        if let Some(writer) = Writer::take(database, WAIT, key)? {
            return Ok(writer);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_earlier_epoch_writes_nothing() {
    for place in Place::of_each_kind() {
        let database = place.database();
        database.migrate(WAIT).unwrap();
        let mut old = Writer::take(&database, WAIT, &[1; 32]).unwrap().unwrap();
        if database.is_shared() {
            assert!(Writer::take(&database, WAIT, &[1; 32]).unwrap().is_none());
        }
        // As if the lock had been lost without notice.
        let mut other = database.connect(Access::Write, WAIT).unwrap();
        other
            .batch_execute("UPDATE sequencer SET epoch = epoch + 1")
            .unwrap();
        let batch = Batch {
            elections: vec![election(1)],
            ..Batch::default()
        };
        assert!(matches!(old.check(), Err(StoreError::Deposed)));
        assert!(matches!(old.commit(&batch), Err(StoreError::Deposed)));
        drop(old);
        let mut new = take_soon(&database, &[1; 32]).unwrap();
        new.check().unwrap();
        new.commit(&batch).unwrap();
        drop(new);
        assert!(matches!(
            take_soon(&database, &[2; 32]),
            Err(StoreError::OtherKey)
        ));
    }
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    for place in Place::of_each_kind() {
        let database = place.database();
        database.migrate(WAIT).unwrap();
        let mut connection = database.connect(Access::Write, WAIT).unwrap();
        connection
            .batch_execute(
                "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')",
            )
            .unwrap();
        assert!(matches!(database.migrate(WAIT), Err(StoreError::Newer)));
    }
}
