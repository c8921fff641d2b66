//! The program against live boards that lie, stall and flood, its report as a page, and boards and
//! witnesses against the code of others.

// A test that panics fails, which is what it should do.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

mod board;
mod floods;
mod following;
mod go;
mod interop;
mod pages;
mod running;
mod served;
mod witness;

use std::process::Command;

/// Runs the program: exit status and all that it prints.
fn run(arguments: &[&str]) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_verifier");
    let output = Command::new(program).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}
