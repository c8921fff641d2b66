//! The parties, each with a folder and a program of its own. They meet on the board only.

mod ballot_box;
mod organiser;
mod trustee;
mod witness;

pub use ballot_box::{BallotBox, free_port};
pub use organiser::{LetterError, Organiser};
pub use trustee::Trustee;
pub use witness::Witness;
