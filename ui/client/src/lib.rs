//! What a voter's device computes: it reads the set-up of an election from the board, seals
//! answers into a ballot, and checks the receipt that the ballot box gives for it.
//!
//! Nothing here asks the network or a clock, and randomness is an argument, so the same code runs
//! in a page, in a program and in tests. Read [`booth`] first, then [`receipt`] and [`challenge`];
//! [`registration`] makes the code of a respondent who registers its own key; [`look`] and [`browse`]
//! are for whoever looks at a board, [`setup`] says which election it is of,
//! [`audit`] and [`held`] are for whoever checks the whole record, and [`history`] shows both kinds of
//! readers when a board contradicts itself.

pub mod answers;
pub mod audit;
#[cfg(target_arch = "wasm32")]
mod bindings;
pub mod booth;
pub mod browse;
pub mod challenge;
pub mod held;
pub mod history;
pub mod look;
pub mod receipt;
pub mod registration;
pub mod setup;
