//! The tables, as `diesel print-schema` writes them; tests/schema.rs compares them with the database.
#![allow(missing_docs)]

diesel::table! {
    checkpoints (election, size) {
        election -> Integer,
        size -> BigInt,
        note -> Text,
    }
}

diesel::table! {
    cosignatures (election, size, witness) {
        election -> Integer,
        size -> BigInt,
        witness -> Integer,
        signed_at -> BigInt,
        signature -> Binary,
    }
}

diesel::table! {
    elections (id) {
        id -> Integer,
        uuid -> Binary,
        origin -> Text,
    }
}

diesel::table! {
    entries (election, entry_index) {
        election -> Integer,
        entry_index -> BigInt,
        bytes -> Binary,
        leaf_hash -> Binary,
        code -> Nullable<Binary>,
    }
}

diesel::table! {
    sequencer (id) {
        id -> Integer,
        epoch -> BigInt,
        board_key -> Nullable<Binary>,
    }
}

diesel::joinable!(checkpoints -> elections (election));
diesel::joinable!(cosignatures -> elections (election));
diesel::joinable!(entries -> elections (election));
diesel::allow_tables_to_appear_in_same_query!(
    checkpoints,
    cosignatures,
    elections,
    entries,
    sequencer
);
