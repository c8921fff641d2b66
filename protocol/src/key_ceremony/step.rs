//! What a trustee does next, decided from the board and its seed alone.

use rand_core::TryCryptoRng;

use super::keys::{KeyShares, rehearse};
use super::{Certificate, Complaint, Deal, DealError, KeyCeremony, Reveal, Round, TrusteeSeed};
use crate::beacon::{contribution_commitment, rehearsal_message};
use crate::entry::{Author, Kind, sign_entry, unsigned_entry};
use crate::transcript::RandomnessError;

/// What a trustee does next.
#[derive(Debug)]
pub enum Step {
    /// Post this entry.
    Post {
        /// Its kind.
        kind: Kind,
        /// The signed entry.
        entry: Vec<u8>,
    },
    /// Post this complaint: `dealer` dealt wrong shares.
    Complain {
        /// The culprit.
        dealer: u16,
        /// What is wrong with the shares.
        error: DealError,
        /// The signed entry.
        entry: Vec<u8>,
    },
    /// Wait for these trustees.
    Wait {
        /// The round.
        round: Round,
        /// Whose messages are missing.
        missing: Vec<u16>,
    },
    /// The ceremony is complete.
    Complete,
}

/// Why a trustee can do nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[non_exhaustive]
pub enum StepError {
    /// The key is not the one in the roster.
    #[error("this key is not the key of trustee {trustee} in the manifest")]
    NotInRoster {
        /// The trustee.
        trustee: u16,
    },
    /// A derived secret is zero; a new attempt derives others.
    #[error("a secret derived from the seed is zero; abandon this attempt")]
    Zero,
    /// The ceremony is not complete.
    #[error("the key ceremony is not complete")]
    Incomplete,
    /// Shares that were right at the ceremony are wrong now.
    #[error(
        "the shares that trustee {dealer} dealt do not open: {error}; this is not the board of the ceremony"
    )]
    Shares {
        /// The dealer.
        dealer: u16,
        /// Why.
        error: DealError,
    },
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
}

/// Decides what trustee number `trustee` does next in the ceremony. The same board gives the same
/// step; only proofs and signatures are drawn anew.
///
/// # Errors
/// [`StepError`] if the trustee cannot go on.
pub fn next_step(
    ceremony: &KeyCeremony,
    seed: &TrusteeSeed,
    trustee: u16,
    rng: &mut impl TryCryptoRng,
) -> Result<Step, StepError> {
    let round = ceremony.round();
    if round == Round::Complete {
        return Ok(Step::Complete);
    }
    if ceremony.has_done(trustee, round) {
        return Ok(Step::Wait {
            round,
            missing: ceremony.missing(),
        });
    }
    let key = seed.signing_key().ok_or(StepError::Zero)?;
    let (session, dimensions) = (ceremony.session(), ceremony.dimensions());
    let secrets = seed.ceremony_secrets(&session, dimensions);
    let sign = |kind: Kind, body: &[u8], rng: &mut _| {
        let attempt = if kind == Kind::Register {
            Vec::new()
        } else {
            ceremony.attempt().to_be_bytes().to_vec()
        };
        let body = [attempt.as_slice(), body].concat();
        sign_entry(
            unsigned_entry(kind, &ceremony.manifest(), &Author::Trustee(trustee), &body),
            &key,
            rng,
        )
    };
    let mut body = Vec::new();
    let kind = match round {
        Round::Register | Round::Complete => Kind::Register,
        Round::Commit => {
            let reveal = Reveal::new(&session, trustee, &secrets, rng)?.ok_or(StepError::Zero)?;
            body.extend_from_slice(reveal.commitment(&session, trustee).as_bytes());
            Kind::Commit
        }
        Round::Reveal => {
            Reveal::new(&session, trustee, &secrets, rng)?
                .ok_or(StepError::Zero)?
                .encode(&mut body);
            Kind::Reveal
        }
        Round::Deal => {
            Deal::new(&session, trustee, &secrets, &ceremony.reveals())
                .map_err(|_| StepError::Zero)?
                .encode(&mut body);
            Kind::Deal
        }
        Round::Certify => {
            let (reveals, deals) = (ceremony.reveals(), ceremony.deals());
            let own = usize::from(trustee).wrapping_sub(1);
            match KeyShares::collect(&session, trustee, &secrets, &reveals, &deals, dimensions) {
                Ok(shares) => {
                    let (digest, keys) = ceremony
                        .digest()
                        .zip(ceremony.keys())
                        .ok_or(StepError::Incomplete)?;
                    let rehearsal =
                        rehearse(&digest, trustee, keys, &shares, rng)?.ok_or(StepError::Zero)?;
                    let joint = shares.joint().sign(&rehearsal_message(&digest));
                    let contribution = seed.contribution(&session);
                    let certificate = Certificate {
                        digest,
                        rehearsal,
                        contribution: contribution_commitment(
                            &session,
                            trustee,
                            contribution.expose(),
                        ),
                        joint_rehearsal: joint.map_err(|_| StepError::Zero)?,
                    };
                    certificate.encode(&mut body);
                    Kind::Certify
                }
                Err((dealer, error)) => {
                    let from = reveals.get(usize::from(dealer).wrapping_sub(1));
                    let (own, from) = reveals.get(own).zip(from).ok_or(StepError::Incomplete)?;
                    let complaint =
                        Complaint::new(&session, trustee, &secrets, own, (dealer, from), rng)?;
                    complaint.ok_or(StepError::Zero)?.encode(&mut body);
                    let entry = sign(Kind::Complain, &body, rng)?;
                    return Ok(Step::Complain {
                        dealer,
                        error,
                        entry,
                    });
                }
            }
        }
    };
    Ok(Step::Post {
        kind,
        entry: sign(kind, &body, rng)?,
    })
}

/// The entry with which a trustee gives up the current attempt.
///
/// # Errors
/// [`StepError`] if `rng` fails.
pub fn abandon(
    ceremony: &KeyCeremony,
    seed: &TrusteeSeed,
    trustee: u16,
    rng: &mut impl TryCryptoRng,
) -> Result<Vec<u8>, StepError> {
    let key = seed.signing_key().ok_or(StepError::Zero)?;
    let body = ceremony.attempt().to_be_bytes();
    let unsigned = unsigned_entry(
        Kind::Abandon,
        &ceremony.manifest(),
        &Author::Trustee(trustee),
        &body,
    );
    Ok(sign_entry(unsigned, &key, rng)?)
}

/// A trustee's key shares, recomputed from its seed and the board of a complete ceremony.
///
/// # Errors
/// [`StepError`] if the ceremony is not complete or the board is not the one it was held on.
pub fn key_shares(
    ceremony: &KeyCeremony,
    seed: &TrusteeSeed,
    trustee: u16,
) -> Result<KeyShares, StepError> {
    if ceremony.round() != Round::Complete {
        return Err(StepError::Incomplete);
    }
    let (session, dimensions) = (ceremony.session(), ceremony.dimensions());
    let secrets = seed.ceremony_secrets(&session, dimensions);
    KeyShares::collect(
        &session,
        trustee,
        &secrets,
        &ceremony.reveals(),
        &ceremony.deals(),
        dimensions,
    )
    .map_err(|(dealer, error)| StepError::Shares { dealer, error })
}
