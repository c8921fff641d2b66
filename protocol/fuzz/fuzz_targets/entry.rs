//! An entry, at every moment of an election: none but the one that comes next is admitted.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::election::Election;
use protocol::entry::Envelope;
use std::cell::RefCell;

thread_local! {
    static MOMENTS: RefCell<Vec<Election>> =
        RefCell::new((0..example::entries().len()).map(example::election).collect());
}

fuzz_target!(|bytes: &[u8]| {
    let _ = Envelope::decode(bytes);
    // What is known already would change the moments.
    if example::entries().contains(&bytes) {
        return;
    }
    MOMENTS.with_borrow_mut(|moments| {
        for election in moments {
            assert!(election.apply(bytes, &mut getrandom::SysRng).is_err());
        }
    });
});
