//! The organiser: manifest, roll, credentials, opening, closing and publication.
//!
//! Every command fetches the board, verifies it by folding it (docs/spec/board.md) and only then
//! acts. The voter list and the codes never leave this computer.

pub mod advice;
pub mod archive;
pub mod board;
pub mod cli;
pub mod commands;
pub mod credentials;
pub mod csv;
pub mod error;
pub mod files;
pub mod home;
pub mod instant;
pub mod interview;
pub mod key_file;
pub mod labels;
pub mod letters;
pub mod links;
pub mod manifest_draft;
pub mod record;
pub mod registration;
pub mod roll;
pub mod roll_part;
pub mod screen;
pub mod session;
pub mod small_classes;
pub mod state_report;
pub mod totals;

pub use error::CommandError;
