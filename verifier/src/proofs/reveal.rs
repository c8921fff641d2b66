//! What a trustee reveals in the key ceremony: the commitment to it and the proof of knowledge of
//! all its secrets (docs/spec/key-ceremony.md; Gennaro–Leigh–Sundaram–Yerazunis, ASIACRYPT 2004).

use super::Row;
use crate::{
    entry::body::{JointParts, RevealBody},
    group::{Generators, Scalar},
    joint::{JointClaim, Purpose},
    transcript::{Digest, Transcript},
};
use thiserror::Error;

/// A proof of knowledge that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the proof of knowledge does not hold")]
pub struct RevealError;

/// The session of an attempt.
#[must_use]
pub fn session(manifest_id: &Digest, attempt: u16) -> Digest {
    let mut transcript = Transcript::new("ceremony session");
    transcript.append("manifest", manifest_id);
    transcript.append("attempt", &attempt.to_be_bytes());
    transcript.digest("session")
}

/// The hash that a trustee commits to before it reveals.
#[must_use]
pub fn commitment(session: &Digest, trustee: u16, reveal: &RevealBody) -> Digest {
    let mut transcript = statement("ceremony commitment", session, trustee, reveal);
    transcript.append("joint coefficients", reveal.joint.as_flattened());
    transcript.append("possession", &reveal.possession);
    transcript.digest("commitment")
}

/// Checks z·G = R + Σ c^i·S_i, where the S_i are the constant terms, the encryption key and the
/// ephemeral.
///
/// # Errors
/// [`RevealError`].
pub fn verify(
    session: &Digest,
    trustee: u16,
    threshold: u16,
    reveal: &RevealBody,
    generators: &Generators,
) -> Result<(), RevealError> {
    let mut transcript = statement("ceremony reveal", session, trustee, reveal);
    transcript.append("R", reveal.commitment.encoding());
    let challenge = transcript.challenge("c");

    let constant_terms = reveal.coefficients.iter().step_by(usize::from(threshold));
    let mut row = Row::default();
    row.add(-reveal.response, &generators.g);
    row.add(Scalar::ONE, reveal.commitment.point());
    let mut power = challenge;
    for secret in constant_terms.chain([&reveal.encryption_key, &reveal.ephemeral]) {
        row.add(power, secret.point());
        power *= challenge;
    }
    if row.holds() {
        Ok(())
    } else {
        Err(RevealError)
    }
}

/// The claim that the dealer knows the constant term of its joint coefficients, which are those
/// of the body, decoded.
#[must_use]
pub fn possession(
    session: &Digest,
    trustee: u16,
    reveal: &RevealBody,
    joint: &JointParts,
) -> Option<JointClaim> {
    let message = [
        b"psephos v2 possession\0",
        &session[..],
        &trustee.to_be_bytes(),
        reveal.joint.as_flattened(),
    ];
    Some(JointClaim {
        key: *joint.keys.first()?,
        purpose: Purpose::Possession,
        message: message.concat(),
        signature: joint.signature?,
    })
}

fn statement(name: &str, session: &Digest, trustee: u16, reveal: &RevealBody) -> Transcript {
    let mut transcript = Transcript::new(name);
    transcript.append("session", session);
    transcript.append("trustee", &trustee.to_be_bytes());
    transcript.append_elements("coefficients", reveal.coefficients.iter());
    transcript.append("encryption key", reveal.encryption_key.encoding());
    transcript.append("ephemeral", reveal.ephemeral.encoding());
    transcript
}
