//! How long and how often a command waits for others.

use std::time::{Duration, Instant};

/// Too long for the one who asked.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[error(
    "After {seconds} seconds this program stopped waiting for {what}. Nothing is lost: run the same command again to go on."
)]
pub struct TimedOut {
    /// How long it waited.
    pub seconds: u64,
    /// For what.
    pub what: String,
}

/// Whether, how often and how long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    poll: Duration,
    timeout: Option<Duration>,
    since: Instant,
    waits: bool,
}

impl Patience {
    /// Looks again every `poll`, for `timeout` from now or for ever.
    pub fn new(poll: Duration, timeout: Option<Duration>) -> Self {
        Self {
            poll,
            timeout,
            since: Instant::now(),
            waits: true,
        }
    }

    /// Does not wait for anybody.
    pub fn none() -> Self {
        Self {
            waits: false,
            ..Self::new(Duration::ZERO, Some(Duration::ZERO))
        }
    }

    /// Whether to wait at all.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// Sleeps until it is time to look again.
    ///
    /// # Errors
    /// [`TimedOut`] if that would be too late.
    pub fn wait(&self, what: &str) -> Result<(), TimedOut> {
        let left = self
            .timeout
            .map(|timeout| timeout.saturating_sub(self.since.elapsed()));
        if left.is_some_and(|left| left.is_zero()) {
            return Err(TimedOut {
                seconds: self.since.elapsed().as_secs(),
                what: what.to_owned(),
            });
        }
        std::thread::sleep(left.map_or(self.poll, |left| left.min(self.poll)));
        Ok(())
    }
}
