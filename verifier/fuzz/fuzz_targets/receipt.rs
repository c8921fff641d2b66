//! A receipt.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::receipt::Receipt;

fuzz_target!(|bytes: &[u8]| {
    let _ = Receipt::read(bytes);
});
