//! Set-up and build chores: `cargo xtask`.

fn main() {}
