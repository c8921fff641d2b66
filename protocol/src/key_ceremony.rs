//! The key ceremony: n trustees make the election keys, t of whom can decrypt.
//!
//! Spec: docs/spec/key-ceremony.md. Sources: Pedersen, EUROCRYPT '91;
//! Gennaro–Jarecki–Krawczyk–Rabin, J. Cryptology 2007; Gennaro et al., ASIACRYPT 2004.
//!
//! Without the feature `joint` the ceremony can be followed, not taken part in, and nothing of the
//! joint key is checked but the lengths of its fields.

mod by_trustee;
mod certificate;
mod complain;
mod deal;
mod keys;
mod progress;
mod reveal;
#[cfg(feature = "joint")]
mod seed;
#[cfg(feature = "joint")]
mod step;

pub use certificate::Certificate;
pub use complain::{Complaint, ComplaintError};
pub use deal::{Deal, DealError, ReceivedShares};
#[cfg(feature = "joint")]
pub use keys::KeyShares;
pub use keys::{ElectionKeys, KeyError};
pub use progress::{CeremonyError, Culprit, Fault, KeyCeremony, MAX_ATTEMPTS, Round};
pub use reveal::{Reveal, RevealError};
#[cfg(feature = "joint")]
pub use seed::{CeremonySecrets, TrusteeSeed};
#[cfg(feature = "joint")]
pub use step::{Step, StepError, abandon, key_shares, next_step};

use crate::transcript::{Digest, Transcript};

/// Names one attempt at the ceremony of one manifest; it binds roster, n and t.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session(pub Digest);

impl Session {
    /// The session of attempt number `attempt`, from 1.
    pub fn new(manifest: &Digest, attempt: u16) -> Self {
        let mut transcript = Transcript::new("ceremony session");
        transcript.append("manifest", manifest.as_bytes());
        transcript.append_u16("attempt", attempt);
        Self(transcript.digest("session"))
    }
}

/// Numbers of a ceremony, all from the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions {
    /// n, trustees.
    pub trustees: u16,
    /// t, how many can decrypt.
    pub threshold: u16,
    /// N, positions, each with a key of its own.
    pub positions: usize,
}
