//! How many trustees and witnesses must certify a close.

/// Who may certify a close. Spec: docs/spec/tally.md, "Certified close".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CloseRule {
    /// n, the number of trustees.
    pub trustees: u16,
    /// t, how many trustees can decrypt.
    pub threshold: u16,
    /// W, the number of witnesses; 0 without any.
    pub witnesses: u16,
    /// k, how many witnesses make a checkpoint witnessed; 0 without any.
    pub witness_quorum: u16,
}

impl CloseRule {
    /// The rule of an election that names no witnesses.
    pub fn of_trustees(trustees: u16, threshold: u16) -> Self {
        Self {
            trustees,
            threshold,
            witnesses: 0,
            witness_quorum: 0,
        }
    }

    /// n + W, how many can certify a close.
    pub fn certifiers(&self) -> u16 {
        self.trustees.saturating_add(self.witnesses)
    }

    /// The fewest witnesses that may make a checkpoint witnessed: more than half, so that two
    /// witnessed checkpoints share one.
    pub fn least_witness_quorum(witnesses: u16) -> u16 {
        witnesses / 2 + 1
    }

    /// The smallest quorum q with 2q > (n + W) + (t − 1) + (W − k): two sets of q share a member
    /// that is honest even if t − 1 trustees and W − k witnesses are not. And more than W: witnesses
    /// alone never certify a close.
    pub fn least_quorum(&self) -> u16 {
        let dishonest = u32::from(self.threshold).saturating_sub(1)
            + u32::from(self.witnesses.saturating_sub(self.witness_quorum));
        let sum = u32::from(self.trustees) + u32::from(self.witnesses) + dishonest;
        u16::try_from((sum / 2).max(u32::from(self.witnesses)) + 1).unwrap_or(u16::MAX)
    }
}

/// `, 3 witnesses of whom 2 are needed`, or nothing.
pub(super) struct WitnessesOf<'a>(pub(super) &'a CloseRule);

impl std::fmt::Display for WitnessesOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0.witnesses {
            0 => Ok(()),
            witnesses => write!(
                f,
                ", {witnesses} witnesses and witness_quorum {}",
                self.0.witness_quorum
            ),
        }
    }
}
