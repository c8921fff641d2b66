//! The auditor of a Psephos election: reads the published record and derives everything in it
//! again (docs/spec/verification.md).
//!
//! It is written from docs/spec alone and shares no code with the programs it judges. Everything
//! it handles is public, so it may take variable time; everything it reads may be hostile, so it
//! allocates only in proportion to what is there and stops at nothing.
//!
//! The library needs neither files nor network nor threads: pages verify a
//! [`record::MemoryRecord`] in WebAssembly with the same code.

pub mod batch;
pub mod checkpoint;
pub mod checks;
pub mod consistency;
pub mod cosignature;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod durable;
pub mod encoding;
pub mod entry;
pub mod equivocation;
pub mod figures;
pub mod fold;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod follow;
pub mod group;
pub mod html;
pub mod joint;
pub mod json;
pub mod log;
pub mod manifest;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod pages;
pub mod prepare;
pub mod progress;
pub mod proofs;
pub mod receipt;
pub mod record;
pub mod report;
pub mod scan;
pub mod shape;
pub mod transcript;
mod verification;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod witness;
mod workers;

pub use verification::{manifest_of, verify};
