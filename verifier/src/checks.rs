//! The checks of docs/spec/verification.md, by what they are about.

pub mod ballots;
pub mod close;
pub mod entries;
pub mod files;
pub mod joint;
pub mod key_ceremony;
pub mod opening;
pub mod order;
pub mod roll;
pub mod tally;
pub mod tiles;
