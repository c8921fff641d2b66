//! Who is told how far the work is.

/// Is told how far the verification is, from several threads.
pub trait Progress: Sync {
    /// A stage begins, with so many steps.
    fn begin(&self, stage: &'static str, steps: u64);

    /// So many more steps are done.
    fn advance(&self, steps: u64);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &'static str, _: u64) {}

    fn advance(&self, _: u64) {}
}
