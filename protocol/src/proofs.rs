//! The zero-knowledge proofs, each with its statement hashed whole.

pub mod ballot;
pub mod batch;
pub mod dleq;
pub mod knowledge;
pub mod ranges;
