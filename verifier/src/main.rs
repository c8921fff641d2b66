//! The auditor's program.

fn main() {}
