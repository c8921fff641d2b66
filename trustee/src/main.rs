//! A trustee's program.

fn main() {}
