//! The places of entries: the "admitted when" column of the fold (docs/spec/board.md), by the
//! checks that own its conditions.

use super::key_ceremony::{MAX_ATTEMPT, Round};
use crate::{
    entry::{Author, Entry, Kind},
    fold::Fold,
    report::CheckId,
};
use thiserror::Error;

/// Why an entry is not admitted in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Misplaced {
    /// The manifest comes first, and only it.
    #[error("the first entry, and no other, is the manifest")]
    Manifest,
    /// The kind has its time before the opening.
    #[error("a {0} entry is admitted only before the opening")]
    AfterOpening(&'static str),
    /// The kind has its time between the opening and the close.
    #[error("a {0} entry is admitted only while the election is open")]
    NotOpen(&'static str),
    /// The kind has its time after the close.
    #[error("a {0} entry is admitted only after the close")]
    NotClosed(&'static str),
    /// Nothing but beacons and seals comes after the result.
    #[error("a {0} entry is not admitted after the result")]
    AfterResult(&'static str),
    /// No decrypted contest has cells that small ones could be among.
    #[error("a preview entry is admitted only where there are cells to look at")]
    NoCells,
    /// The kind has its time after the result.
    #[error("a {0} entry is admitted only after the result")]
    NoResult(&'static str),
    /// The author has already given what is given once.
    #[error("a second {0} entry of the same author")]
    Twice(&'static str),
    /// Not all trustees have registered.
    #[error("the ceremony begins when all trustees have registered")]
    NotRegistered,
    /// The last attempt has ended.
    #[error("the ceremony ended with attempt {MAX_ATTEMPT}")]
    CeremonyOver,
    /// The attempt is not the current one.
    #[error("the current attempt is {expected}")]
    Attempt {
        /// Its number.
        expected: u32,
    },
    /// The attempt is in another round.
    #[error("the attempt is in round {found:?}, not {expected:?}")]
    Round {
        /// The round it is in.
        found: Round,
        /// The round of the entry.
        expected: Round,
    },
    /// A trustee that certified complains.
    #[error("the complainer has certified")]
    Certified,
    /// No attempt is under way.
    #[error("there is no attempt to abandon")]
    NoAttempt,
    /// The ceremony is not complete.
    #[error("the opening comes after all trustees have certified")]
    NotCertified,
    /// The roll is empty.
    #[error("the opening needs a voter")]
    NoVoter,
    /// Too few certified the close.
    #[error("a {kind} entry comes after {quorum} certificates of the close")]
    Quorum {
        /// The kind that comes too early.
        kind: &'static str,
        /// How many must certify.
        quorum: u16,
    },
    /// Too few gave shares that agree.
    #[error("the result comes after the shares of {0} trustees that close the same cells")]
    Threshold(u16),
}

impl Misplaced {
    /// The check whose fault it is.
    #[must_use]
    pub fn check(&self) -> CheckId {
        match self {
            Self::AfterOpening(_)
            | Self::NotOpen(_)
            | Self::NotClosed(_)
            | Self::AfterResult(_)
            | Self::NoCells
            | Self::NoResult(_) => CheckId::EntriesPhase,
            Self::Manifest | Self::Twice(_) => CheckId::EntriesOnce,
            Self::NotRegistered => CheckId::CeremonyRegistered,
            Self::CeremonyOver | Self::Attempt { .. } => CheckId::CeremonyAttempts,
            Self::Round { .. } | Self::Certified | Self::NoAttempt => CheckId::CeremonyRounds,
            Self::NotCertified => CheckId::CeremonyEverybody,
            Self::NoVoter => CheckId::OpenVoters,
            Self::Quorum { .. } => CheckId::CloseQuorum,
            Self::Threshold(_) => CheckId::SharesThreshold,
        }
    }
}

/// Decides whether the entry may stand where it stands.
///
/// # Errors
/// [`Misplaced`].
pub fn admit(fold: &Fold<'_>, index: u64, entry: &Entry<'_>) -> Result<(), Misplaced> {
    let kind = entry.kind;
    let name = kind.name();
    if (kind == Kind::Manifest) != (index == 0) {
        return Err(Misplaced::Manifest);
    }
    let comes_after_result = matches!(kind, Kind::Beacon | Kind::Seal);
    if fold.result.is_some() && !comes_after_result {
        return Err(Misplaced::AfterResult(name));
    }
    match kind {
        Kind::Manifest => Ok(()),
        Kind::Roll if fold.is_opened() => Err(Misplaced::AfterOpening(name)),
        Kind::Roll => Ok(()),
        Kind::Register | Kind::Commit | Kind::Reveal | Kind::Deal => ceremony(fold, entry),
        Kind::Complain | Kind::Abandon | Kind::Certify => ceremony(fold, entry),
        Kind::Open => open(fold),
        Kind::Ballot | Kind::Void | Kind::Close => {
            if !fold.is_opened() || fold.close.is_some() {
                return Err(Misplaced::NotOpen(name));
            }
            Ok(())
        }
        Kind::Seal if fold.result.is_none() => Err(Misplaced::NoResult(name)),
        Kind::CertifyClose | Kind::WitnessClose => after_close(fold, entry),
        Kind::Shares | Kind::Preview | Kind::Result => after_close(fold, entry),
        Kind::Beacon | Kind::Seal => after_close(fold, entry),
    }
}

fn ceremony(fold: &Fold<'_>, entry: &Entry<'_>) -> Result<(), Misplaced> {
    let name = entry.kind.name();
    if fold.is_opened() {
        return Err(Misplaced::AfterOpening(name));
    }
    let trustee = entry.trustee().unwrap_or_default();
    let n_trustees = fold.manifest.n_trustees();
    let ceremony = &fold.ceremony;
    if entry.kind == Kind::Register {
        if ceremony.registered.contains(&trustee) {
            return Err(Misplaced::Twice(name));
        }
        return Ok(());
    }
    if ceremony.registered.len() < n_trustees {
        return Err(Misplaced::NotRegistered);
    }
    let attempt = &ceremony.attempt;
    if attempt.number > MAX_ATTEMPT {
        return Err(Misplaced::CeremonyOver);
    }
    if entry.body.attempt().map(u32::from) != Some(attempt.number) {
        return Err(Misplaced::Attempt {
            expected: attempt.number,
        });
    }
    let found = attempt.round(n_trustees);
    let expected = match entry.kind {
        Kind::Commit => Round::Commit,
        Kind::Reveal => Round::Reveal,
        Kind::Deal => Round::Deal,
        Kind::Abandon => {
            let under_way = attempt.has_begun() && found != Round::Complete;
            return if under_way {
                Ok(())
            } else {
                Err(Misplaced::NoAttempt)
            };
        }
        _ => Round::Certify,
    };
    if found != expected {
        return Err(Misplaced::Round { found, expected });
    }
    match (entry.kind, attempt.has(expected, trustee)) {
        (_, false) => Ok(()),
        (Kind::Complain, true) => Err(Misplaced::Certified),
        (_, true) => Err(Misplaced::Twice(name)),
    }
}

fn open(fold: &Fold<'_>) -> Result<(), Misplaced> {
    let round = fold.ceremony.attempt.round(fold.manifest.n_trustees());
    if fold.is_opened() {
        Err(Misplaced::Twice(Kind::Open.name()))
    } else if round != Round::Complete {
        Err(Misplaced::NotCertified)
    } else if fold.roll.is_empty() {
        Err(Misplaced::NoVoter)
    } else {
        Ok(())
    }
}

fn after_close(fold: &Fold<'_>, entry: &Entry<'_>) -> Result<(), Misplaced> {
    let name = entry.kind.name();
    let close = fold.close.as_ref().ok_or(Misplaced::NotClosed(name))?;
    let quorum = fold.manifest.close_quorum;
    let is_certified = close.n_certificates() >= usize::from(quorum);
    let is_given = match entry.author {
        Author::Witness(witness) => close.witnessed.contains(&witness),
        Author::Trustee(trustee) => match entry.kind {
            Kind::CertifyClose => close.certified.contains(&trustee),
            Kind::Shares => fold.shares.iter().any(|shares| shares.trustee == trustee),
            Kind::Preview => fold.previews.contains_key(&trustee),
            Kind::Beacon => fold.signed.beacon.contains_key(&trustee),
            _ => fold.signed.seal.contains_key(&trustee),
        },
        _ => false,
    };
    match entry.kind {
        Kind::Preview if !fold.has_cells() => Err(Misplaced::NoCells),
        Kind::Shares | Kind::Preview | Kind::Beacon if !is_certified => {
            Err(Misplaced::Quorum { kind: name, quorum })
        }
        Kind::Result if !fold.shares_agree() => Err(Misplaced::Threshold(fold.manifest.threshold)),
        _ if is_given => Err(Misplaced::Twice(name)),
        _ => Ok(()),
    }
}
