//! A whole election with the real programs, each a process of its own, and real ballots.

pub mod example;
