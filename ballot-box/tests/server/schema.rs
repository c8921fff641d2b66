//! The tables of the database file, as migrations make them.

use std::time::Duration;

use ballot_box::database::Database;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Text};

#[derive(QueryableByName, Debug, PartialEq)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    required: i32,
    #[diesel(sql_type = Integer)]
    key: i32,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Value {
    #[diesel(sql_type = Text)]
    value: String,
}

fn database() -> (tempfile::TempDir, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("board.sqlite");
    let file = Database::Sqlite(path.clone());
    file.migrate(Duration::from_secs(1)).unwrap();
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    connection
        .batch_execute("PRAGMA foreign_keys = ON")
        .unwrap();
    (folder, connection)
}

#[test]
fn tables_have_the_columns_of_the_schema() {
    let (_folder, mut connection) = database();
    let mut columns = |table: &str| {
        let query = format!(
            "SELECT name, type AS kind, \"notnull\" AS required, pk AS key FROM pragma_table_info('{table}') ORDER BY cid"
        );
        let found: Vec<Column> = diesel::sql_query(query).load(&mut connection).unwrap();
        found
            .into_iter()
            .map(|column| (column.name, column.kind, column.required, column.key))
            .collect::<Vec<_>>()
    };
    let column =
        |name: &str, kind: &str, required, key| (name.to_owned(), kind.to_owned(), required, key);
    assert_eq!(
        columns("elections"),
        [
            column("id", "INTEGER", 1, 1),
            column("uuid", "BLOB", 1, 0),
            column("origin", "TEXT", 1, 0)
        ]
    );
    assert_eq!(
        columns("entries"),
        [
            column("election", "INTEGER", 1, 1),
            column("entry_index", "INTEGER", 1, 2),
            column("bytes", "BLOB", 1, 0),
            column("leaf_hash", "BLOB", 1, 0),
            column("code", "BLOB", 0, 0),
        ]
    );
    assert_eq!(
        columns("checkpoints"),
        [
            column("election", "INTEGER", 1, 1),
            column("size", "INTEGER", 1, 2),
            column("note", "TEXT", 1, 0)
        ]
    );
    assert_eq!(
        columns("cosignatures"),
        [
            column("election", "INTEGER", 1, 1),
            column("size", "INTEGER", 1, 2),
            column("witness", "INTEGER", 1, 3),
            column("signed_at", "INTEGER", 1, 0),
            column("signature", "BLOB", 1, 0)
        ]
    );
    assert_eq!(
        columns("sequencer"),
        [
            column("id", "INTEGER", 1, 1),
            column("epoch", "INTEGER", 1, 0),
            column("board_key", "BLOB", 0, 0)
        ]
    );
    let tables: Vec<Name> =
        diesel::sql_query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .load(&mut connection)
            .unwrap();
    let tables: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        tables,
        [
            "__diesel_schema_migrations",
            "checkpoints",
            "cosignatures",
            "elections",
            "entries",
            "sequencer"
        ]
    );
}

#[test]
fn the_database_refuses_what_no_board_holds() {
    let (_folder, mut connection) = database();
    let hash = |byte: u8| format!("x'{}'", format!("{byte:02x}").repeat(32));
    let entry = |index: i64, leaf: u8, code: &str| {
        format!(
            "INSERT INTO entries VALUES (1, {index}, x'01', {}, {code})",
            hash(leaf)
        )
    };
    for good in [
        "INSERT INTO elections VALUES (1, zeroblob(16), 'a/0')".to_owned(),
        entry(0, 0, "NULL"),
        entry(1, 1, "NULL"),
        entry(2, 2, &hash(9)),
        "INSERT INTO checkpoints VALUES (1, 3, 'note')".to_owned(),
        "INSERT INTO cosignatures VALUES (1, 3, 16, 0, zeroblob(64))".to_owned(),
    ] {
        connection.batch_execute(&good).unwrap();
    }
    for bad in [
        "INSERT INTO elections VALUES (2, zeroblob(16), 'a/1')".to_owned(),
        "INSERT INTO elections VALUES (2, zeroblob(15), 'a/1')".to_owned(),
        "INSERT INTO elections VALUES (2, x'01010101010101010101010101010101', 'a/0')".to_owned(),
        entry(2, 3, "NULL"),
        entry(3, 2, "NULL"),
        entry(3, 3, &hash(9)),
        entry(-1, 3, "NULL"),
        format!(
            "INSERT INTO entries VALUES (2, 0, x'01', {}, NULL)",
            hash(4)
        ),
        format!("INSERT INTO entries VALUES (1, 3, x'', {}, NULL)", hash(4)),
        format!(
            "INSERT INTO entries VALUES (1, 3, zeroblob(65536), {}, NULL)",
            hash(4)
        ),
        "INSERT INTO entries VALUES (1, 3, x'01', x'00', NULL)".to_owned(),
        "INSERT INTO checkpoints VALUES (1, 3, 'other')".to_owned(),
        "INSERT INTO checkpoints VALUES (2, 1, 'note')".to_owned(),
        "INSERT INTO checkpoints VALUES (1, 0, 'note')".to_owned(),
        "INSERT INTO cosignatures VALUES (1, 3, 16, 1, zeroblob(64))".to_owned(),
        "INSERT INTO cosignatures VALUES (2, 3, 1, 0, zeroblob(64))".to_owned(),
        "INSERT INTO cosignatures VALUES (1, 0, 1, 0, zeroblob(64))".to_owned(),
        "INSERT INTO cosignatures VALUES (1, 3, 0, 0, zeroblob(64))".to_owned(),
        "INSERT INTO cosignatures VALUES (1, 3, 17, 0, zeroblob(64))".to_owned(),
        "INSERT INTO cosignatures VALUES (1, 3, 1, -1, zeroblob(64))".to_owned(),
        "INSERT INTO cosignatures VALUES (1, 3, 1, 0, zeroblob(63))".to_owned(),
    ] {
        assert!(connection.batch_execute(&bad).is_err(), "{bad}");
    }
}

#[test]
fn the_tree_is_rebuilt_from_an_index_alone() {
    #[derive(QueryableByName)]
    struct Plan {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let (_folder, mut connection) = database();
    let query =
        "EXPLAIN QUERY PLAN SELECT leaf_hash FROM entries WHERE election = 1 ORDER BY entry_index";
    let plan: Vec<Plan> = diesel::sql_query(query).load(&mut connection).unwrap();
    assert!(
        plan.iter()
            .any(|step| step.detail.contains("COVERING INDEX leaf_hashes")),
        "{}",
        plan[0].detail
    );
    assert_eq!(plan.len(), 1, "no sorting");
}

#[test]
fn the_file_is_written_ahead_and_through() {
    let (_folder, mut connection) = database();
    let mode: Vec<Value> =
        diesel::sql_query("SELECT journal_mode AS value FROM pragma_journal_mode")
            .load(&mut connection)
            .unwrap();
    assert_eq!(mode[0].value, "wal");
}
