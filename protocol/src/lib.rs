//! What the parties of a Psephos election must agree on byte for byte.
//!
//! No input or output, no clock, no global randomness. Each module names the page of `docs/spec`
//! that it implements. In reading order:
//!
//! - [`group`], [`encoding`], [`secret`], [`transcript`], [`signature`]: what everything rests on;
//! - [`manifest`], [`style`]: what is asked, and what a ballot therefore proves;
//! - [`proofs`]: the ballot proof, ranges of numbers, equal logarithms, knowledge of many logarithms,
//!   batches;
//! - [`credential`], [`ballot`]: from a voter's code and choices to a sealed ballot;
//! - [`key_ceremony`]: how trustees make the election keys;
//! - [`joint`], [`beacon`]: what trustees sign together;
//! - [`entry`], [`merkle`], [`checkpoint`], [`cosignature`], [`receipt`]: the board;
//! - [`tally`]: sums, decryption shares, totals;
//! - [`election`]: the fold over all of it.
//!
//! The feature `joint`, on unless told otherwise, is the arithmetic of joint signatures. Without it
//! boards can be followed and ballots made, nobody can be a trustee, and of what belongs to the joint
//! key only lengths are checked: that is a voter's booth.
//!
//! The feature `ranges`, on likewise, is the arithmetic of range proofs. Without it elections that ask
//! for numbers are refused at their opening: that is the booth of those that ask for none.

pub mod ballot;
pub mod beacon;
pub mod checkpoint;
pub mod cosignature;
pub mod credential;
pub mod election;
pub mod encoding;
pub mod entry;
pub mod group;
pub mod joint;
pub mod key_ceremony;
pub mod manifest;
pub mod merkle;
mod note;
pub mod proofs;
pub mod receipt;
mod sealing;
pub mod secret;
pub mod signature;
pub mod style;
pub mod tally;
pub mod transcript;
