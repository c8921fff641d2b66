//! Times of a manifest, for people.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time in seconds since 1970, as manifests write it: `2026-05-01T08:00:00Z`.
pub fn text(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| format!("{seconds} seconds since 1970"))
}

/// Now, in seconds since 1970.
pub fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_written_as_in_manifests() {
        assert_eq!(super::text(1_777_622_400), "2026-05-01T08:00:00Z");
    }
}
