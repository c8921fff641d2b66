//! What the parties of a Psephos election must agree on byte for byte.
//!
//! No input or output, no clock, no global randomness. Read the modules in this order; each names
//! the page of `docs/spec` that it implements.

pub mod encoding;
pub mod group;
pub mod manifest;
pub mod proofs;
pub mod secret;
pub mod signature;
pub mod style;
pub mod transcript;
