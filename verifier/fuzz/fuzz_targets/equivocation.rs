//! A proof of two histories: one that is read is written as it was understood.
#![no_main]

use libfuzzer_sys::fuzz_target;
use verifier::equivocation::Equivocation;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(proof) = Equivocation::read(bytes) {
        assert_eq!(
            Equivocation::read(proof.write().as_bytes()),
            Ok(proof.clone())
        );
        let _ = proof.check();
    }
});
