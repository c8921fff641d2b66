//! What time it is. The fold knows no time; only the ballot box keeps the opening and closing times.

use std::sync::atomic::{AtomicI64, Ordering};

use time::OffsetDateTime;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Seconds since 1970 (UTC).
    fn now(&self) -> i64;
}

/// The operating system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        OffsetDateTime::now_utc().unix_timestamp()
    }
}

/// A clock that stands still until it is set, for tests.
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock at this time, in seconds since 1970 (UTC).
    pub fn new(now: i64) -> Self {
        Self(AtomicI64::new(now))
    }

    /// Sets the time.
    pub fn set(&self, now: i64) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A time as one says it: `1 March 2026, 08:00:00 UTC`.
pub fn in_words(seconds: i64) -> String {
    match OffsetDateTime::from_unix_timestamp(seconds) {
        Ok(at) => {
            let (day, month, year) = (at.day(), at.month(), at.year());
            let (hour, minute, second) = at.time().as_hms();
            format!("{day} {month} {year}, {hour:02}:{minute:02}:{second:02} UTC")
        }
        // Manifests hold four-digit years, all of which have a date.
        Err(_) => format!("second {seconds} after 1970"),
    }
}

/// A time as manifests write it: `2026-03-01T08:00:00Z`.
pub fn in_digits(seconds: i64) -> String {
    match OffsetDateTime::from_unix_timestamp(seconds) {
        Ok(at) => {
            let (day, month, year) = (at.day(), u8::from(at.month()), at.year());
            let (hour, minute, second) = at.time().as_hms();
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
        }
        Err(_) => seconds.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_and_manifests_write_them() {
        assert_eq!(in_words(1_772_352_000), "1 March 2026, 08:00:00 UTC");
        assert_eq!(in_digits(1_772_352_000), "2026-03-01T08:00:00Z");
    }
}
