//! What the sequencer's thread does just now, for those who must not wait for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Told by the thread, asked by everybody.
pub(super) struct Pulse {
    appends: Arc<AtomicBool>,
    began: Instant,
    /// Milliseconds after `began` at which the thread took up its work; 0 while it waits for some.
    at_work_since: AtomicU64,
}

impl Pulse {
    pub(super) fn new(appends: bool) -> Self {
        Self {
            appends: Arc::new(AtomicBool::new(appends)),
            began: Instant::now(),
            at_work_since: AtomicU64::new(0),
        }
    }

    pub(super) fn set_appends(&self, appends: bool) {
        self.appends.store(appends, Ordering::Relaxed);
    }

    pub(super) fn appends_flag(&self) -> Arc<AtomicBool> {
        self.appends.clone()
    }

    pub(super) fn appends(&self) -> bool {
        self.appends.load(Ordering::Relaxed)
    }

    pub(super) fn works(&self) {
        self.at_work_since.store(self.now(), Ordering::Relaxed);
    }

    pub(super) fn rests(&self) {
        self.at_work_since.store(0, Ordering::Relaxed);
    }

    /// Whether one round of work has taken longer than this.
    pub(super) fn is_held_up(&self, patience: Duration) -> bool {
        let since = self.at_work_since.load(Ordering::Relaxed);
        let patience = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        since != 0 && self.now().saturating_sub(since) > patience
    }

    fn now(&self) -> u64 {
        // Never 0, which says something else.
        u64::try_from(self.began.elapsed().as_millis())
            .unwrap_or(u64::MAX)
            .saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_work_that_lasts_is_a_hold_up() {
        let pulse = Pulse::new(true);
        let patience = Duration::from_millis(5);
        std::thread::sleep(2 * patience);
        assert!(!pulse.is_held_up(patience));
        pulse.works();
        assert!(!pulse.is_held_up(Duration::from_secs(60)));
        std::thread::sleep(2 * patience);
        assert!(pulse.is_held_up(patience));
        pulse.rests();
        assert!(!pulse.is_held_up(patience));
    }
}
