//! A whole election with the real programs, each a process of its own, and real ballots.
//!
//! [`live`] is an election and a survey for people with a browser, [`run`] one that needs nobody;
//! [`stage`] has their steps, which the end-to-end tests take one by one.

pub mod audit;
pub mod clear;
pub mod cli;
pub mod draft;
pub mod example;
mod keyboard;
pub mod live;
pub mod parties;
pub mod programs;
pub mod record;
pub mod run;
pub mod screen;
pub mod stage;
pub mod summary;
pub mod table;
pub mod voters;
