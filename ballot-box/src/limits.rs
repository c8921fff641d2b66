//! How often one may post: by address, and by credential.
//!
//! A credential is public, so anybody can write it on an entry. Only entries that its owner signed
//! and that are new count against it; else whoever posts nonsense in a voter's name would keep the
//! voter from voting.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Keys kept before those that have long paid are first forgotten.
const MANY: usize = 10_000;

/// A limit for each key: so many at once, and then so many a minute.
#[derive(Debug)]
pub struct Limit<K> {
    /// `None` if there is no limit.
    period: Option<Duration>,
    burst: Duration,
    keys: Mutex<Keys<K>>,
}

#[derive(Debug)]
struct Keys<K> {
    /// When each key will have paid for what it took (the generic cell rate algorithm).
    paid: HashMap<K, Instant>,
    /// With so many keys, those that have paid are forgotten: each time twice as many as were left,
    /// so that it seldom happens.
    forget_at: usize,
}

/// The key has taken all it may; it may go on after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl<K: Eq + Hash> Limit<K> {
    /// `per_minute` at once and a minute; 0 is no limit.
    pub fn new(per_minute: u32) -> Self {
        let period = Duration::from_secs(60).checked_div(per_minute);
        Self {
            period,
            burst: Duration::from_secs(60).saturating_sub(period.unwrap_or_default()),
            keys: Mutex::new(Keys {
                paid: HashMap::new(),
                forget_at: MANY,
            }),
        }
    }

    /// Whether the key may take one more.
    ///
    /// # Errors
    /// How long it has to wait.
    pub fn check(&self, key: &K, now: Instant) -> Result<(), Wait> {
        if self.period.is_none() {
            return Ok(());
        }
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = keys
            .paid
            .get(key)
            .map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        match ahead.checked_sub(self.burst) {
            Some(wait) if wait > Duration::ZERO => Err(Wait(wait)),
            _ => Ok(()),
        }
    }

    /// Takes one for the key.
    pub fn take(&self, key: K, now: Instant) {
        let Some(period) = self.period else { return };
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.paid.len() >= keys.forget_at {
            keys.paid.retain(|_, at| *at > now);
            keys.forget_at = MANY.max(2 * keys.paid.len());
        }
        let at = keys.paid.entry(key).or_insert(now);
        *at = (*at).max(now) + period;
    }
}

/// The limits of a server.
#[derive(Debug)]
pub struct Limits {
    /// Posts of an address.
    pub address: Limit<IpAddr>,
    /// New entries that a credential signed.
    pub credential: Limit<[u8; 32]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_take_so_many_at_once_and_then_so_many_a_minute() {
        let limit = Limit::new(6);
        let start = Instant::now();
        for _ in 0..6 {
            assert_eq!(limit.check(&"a", start), Ok(()));
            limit.take("a", start);
        }
        let Err(Wait(wait)) = limit.check(&"a", start) else {
            panic!("a seventh at once")
        };
        assert!(wait <= Duration::from_secs(10), "{wait:?}");
        assert_eq!(limit.check(&"b", start), Ok(()));
        let later = start + wait;
        assert_eq!(limit.check(&"a", later), Ok(()));
        limit.take("a", later);
        assert!(limit.check(&"a", later).is_err());
        assert_eq!(limit.check(&"a", start + Duration::from_secs(100)), Ok(()));
    }

    #[test]
    fn zero_is_no_limit_and_idle_keys_are_forgotten() {
        let none = Limit::new(0);
        let start = Instant::now();
        (0..1000).for_each(|_| none.take("a", start));
        assert_eq!(none.check(&"a", start), Ok(()));

        let limit = Limit::new(60);
        (0..MANY).for_each(|key| limit.take(key, start));
        limit.take(MANY, start + Duration::from_secs(61));
        assert_eq!(limit.keys.lock().unwrap().paid.len(), 1);
    }
}
