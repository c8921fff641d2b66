//! The parties, each with a folder and a program of its own. They meet on the board only.

mod ballot_box;
mod organiser;
mod trustee;

pub use ballot_box::BallotBox;
pub use organiser::{LetterError, Organiser};
pub use trustee::Trustee;
