//! A trustee of a Psephos election: key ceremony, certified close, decryption.
//!
//! A trustee trusts nobody but itself. It checks the whole board with the rules of
//! `docs/spec/board.md`, keeps what it must never forget in a journal on its own disk, and signs
//! only what follows from both. Read in this order: [`words`] and [`keystore`] (the key),
//! [`state`] (the journal), [`follow`] (the board), [`commands`].

pub mod board;
pub mod classes;
pub mod cli;
pub mod commands;
pub mod error;
pub mod follow;
pub mod keystore;
pub mod passphrase;
pub mod patience;
pub mod promises;
pub mod screen;
pub mod state;
pub mod words;
