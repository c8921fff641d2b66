//! A signed note.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::checkpoint::UnverifiedCheckpoint;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(checkpoint) = UnverifiedCheckpoint::parse(bytes) {
        // Nobody has a key that the fuzzer could use.
        assert!(checkpoint.verify(&checkpoint.origin, &[3; 32]).is_err());
        assert_eq!(checkpoint.cosigned_note().as_bytes(), bytes);
    }
    if let Ok(board) = UnverifiedCheckpoint::parse_board(bytes) {
        let again = UnverifiedCheckpoint::parse(board.note().as_bytes());
        assert_eq!(again, Ok(board));
    }
    for one in UnverifiedCheckpoint::parse_cosigned(bytes).unwrap_or_default() {
        let again = UnverifiedCheckpoint::parse(one.note().as_bytes());
        assert_eq!(again, Ok(one));
    }
});
