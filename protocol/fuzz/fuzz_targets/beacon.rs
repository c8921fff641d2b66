//! A beacon.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protocol::beacon::Beacon;
use protocol::encoding::Reader;

fuzz_target!(|bytes: &[u8]| {
    let mut reader = Reader::new(bytes);
    if let Ok(value) = Beacon::decode(&mut reader)
        && reader.finish().is_ok()
    {
        // One value has one encoding.
        let mut again = Vec::new();
        value.encode(&mut again);
        assert_eq!(again, bytes);
    }
});
