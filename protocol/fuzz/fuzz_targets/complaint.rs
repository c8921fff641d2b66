//! A complaint.
#![no_main]

#[allow(dead_code)]
#[path = "../example.rs"]
mod example;

use libfuzzer_sys::fuzz_target;
use protocol::encoding::Reader;
use protocol::key_ceremony::Complaint;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = Reader::new(bytes);
    if let Ok(value) = Complaint::decode(&mut reader)
        && reader.finish().is_ok()
    {
        // One value has one encoding.
        let mut again = Vec::new();
        value.encode(&mut again);
        assert_eq!(again, bytes);
    }
});
