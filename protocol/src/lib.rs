//! What the parties of a Psephos election must agree on byte for byte.
//!
//! No input or output, no clock, no global randomness. Read the modules in this order; each names
//! the page of `docs/spec` that it implements.

pub mod ballot;
pub mod checkpoint;
pub mod credential;
pub mod election;
pub mod encoding;
pub mod entry;
pub mod group;
pub mod key_ceremony;
pub mod manifest;
pub mod merkle;
pub mod proofs;
pub mod receipt;
pub mod secret;
pub mod signature;
pub mod style;
pub mod tally;
pub mod transcript;
