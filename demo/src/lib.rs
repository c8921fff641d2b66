//! A whole election with the real programs, each a process of its own, and real ballots.
//!
//! [`run`] is the demonstration; [`stage`] has its steps, which the end-to-end tests take one by
//! one.

pub mod audit;
pub mod cli;
pub mod draft;
pub mod example;
pub mod live;
pub mod parties;
pub mod programs;
pub mod record;
pub mod run;
pub mod screen;
pub mod stage;
pub mod summary;
pub mod voters;
