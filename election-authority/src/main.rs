//! The organiser's program.

fn main() {}
