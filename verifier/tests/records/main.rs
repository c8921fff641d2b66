//! Whole records, right and wrong. They are made here, by a small prover written from docs/spec
//! for tests alone, so that the verifier is tried without any other program of the project.

// A test that panics fails, which is what it should do.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod ballots;
mod board;
mod ceremony;
mod dice;
mod election;
mod faults;
mod files;
mod forgeries;
mod joint;
mod maker;
mod manifests;
mod program;
mod ranges;
mod receipts;
mod sound;
mod surveys;
