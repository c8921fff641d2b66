//! What is said beside the verdict: witnesses, beacon and seal (docs/spec/beacon-and-seal.md).

use serde::Serialize;

/// The witnesses that the manifest names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WitnessReport {
    /// How many of them must have cosigned the record's checkpoint.
    pub quorum: u16,
    /// The witnesses, in the order of the manifest.
    pub named: Vec<NamedWitness>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedWitness {
    /// Its name.
    pub name: String,
    /// When it cosigned the checkpoint, in seconds since 1970; none if it did not.
    pub cosigned: Option<u64>,
    /// Whether it certified the close.
    pub certified_close: bool,
}

/// What the trustees signed jointly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JointReport {
    /// J, in hexadecimal.
    pub key: String,
    /// Public randomness.
    pub beacon: BeaconReport,
    /// The seal on the result; none before the result.
    pub seal: Option<SealReport>,
}

/// Public randomness that nobody could know or choose before the close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BeaconReport {
    /// The trustees whose share holds.
    pub by: Vec<u16>,
    /// The trustees whose contribution is the one that they committed to.
    pub contributions: Vec<u16>,
    /// What they sign, in hexadecimal.
    pub message: String,
    /// The joint signature in hexadecimal, if enough shares hold.
    pub signature: Option<String>,
    /// How many entries the audit sample is drawn from: those up to the close.
    pub entries: u64,
    /// The seed of the audit sample in hexadecimal, if there is a signature.
    pub audit_seed: Option<String>,
    /// The lots of every contest, if there is a signature and all contributed.
    pub lots: Option<Vec<Lots>>,
}

/// The lots of a contest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lots {
    /// The contest's id.
    pub contest: String,
    /// Its options, by their numbers from 0. Where a rule says that lots decide between equal
    /// totals, the one that comes first wins.
    pub order: Vec<u16>,
}

/// The seal on the result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SealReport {
    /// The trustees whose share holds.
    pub by: Vec<u16>,
    /// How many entries are sealed: all up to the result.
    pub size: u64,
    /// The root of the log at that size, in hexadecimal.
    pub root: String,
    /// What they sign, in hexadecimal.
    pub message: String,
    /// The joint signature in hexadecimal, if enough shares hold.
    pub signature: Option<String>,
}
