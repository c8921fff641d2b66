//! The forms that strings in a manifest may have.

use crate::cosignature::is_key_name;

/// An id: 1 to 64 characters of `a-z`, `A-Z`, `0-9`, `-`, `_`.
pub(super) fn is_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// A language tag: `[a-z]{2,8}(-[A-Za-z0-9]{1,8})*`, at most 35 characters.
pub(super) fn is_language(text: &str) -> bool {
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    text.len() <= 35
        && (2..=8).contains(&primary.len())
        && primary.bytes().all(|byte| byte.is_ascii_lowercase())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len())
                && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// A name: 1 to 500 bytes without forbidden characters.
pub(super) fn is_name(text: &str) -> bool {
    (1..=500).contains(&text.len()) && !text.chars().any(is_forbidden)
}

/// A witness's name: one that can also be the name of a note's key, of at most 100 bytes.
pub(super) fn is_witness_name(text: &str) -> bool {
    is_name(text) && text.len() <= 100 && is_key_name(text)
}

/// A text: 1 to 20,000 bytes without forbidden characters other than line feeds.
pub(super) fn is_text(text: &str) -> bool {
    (1..=20_000).contains(&text.len()) && !text.chars().any(|c| c != '\n' && is_forbidden(c))
}

/// Control characters, and those that reorder text: with them a name could be shown as another.
fn is_forbidden(character: char) -> bool {
    matches!(
        character,
        '\u{0}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// An origin: a schemeless URL of printable ASCII that ends in `/` and the uuid, usable as the
/// name of a note's key.
pub(super) fn is_origin(text: &str, uuid: &str) -> bool {
    is_name(text)
        && text
            .strip_suffix(uuid)
            .and_then(|rest| rest.strip_suffix('/'))
            .is_some_and(|host| !host.is_empty() && !host.starts_with('/'))
        && !text.contains("://")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'+')
}

/// A time: exactly `YYYY-MM-DDTHH:MM:SSZ`, a moment of the calendar in the years 1970 to 9999.
pub(super) fn is_time(text: &str) -> bool {
    let pattern = b"0000-00-00T00:00:00Z";
    let matches = text.len() == pattern.len()
        && text.bytes().zip(pattern).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            literal => byte == *literal,
        });
    if !matches {
        return false;
    }
    let number = |at: usize, length: usize| {
        text.get(at..at + length)
            .and_then(|digits| digits.parse::<u32>().ok())
            .unwrap_or(u32::MAX)
    };
    let (year, month) = (number(0, 4), number(5, 2));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => 0,
    };
    year >= 1970
        && (1..=days).contains(&number(8, 2))
        && number(11, 2) < 24
        && number(14, 2) < 60
        && number(17, 2) < 60
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_moments_of_the_calendar() {
        for good in [
            "2026-11-22T10:00:00Z",
            "2024-02-29T23:59:59Z",
            "1970-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ] {
            assert!(is_time(good), "{good}");
        }
        for bad in [
            "2026-11-22T10:00:00",
            "2026-11-22T10:00:00z",
            "2026-11-22 10:00:00Z",
            "2026-11-22T10:00:00+00:00",
            "2026-02-29T10:00:00Z",
            "2100-02-29T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-00-01T10:00:00Z",
            "2026-04-31T10:00:00Z",
            "2026-04-00T10:00:00Z",
            "2026-04-30T24:00:00Z",
            "2026-04-30T23:60:00Z",
            "2026-04-30T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "0000-01-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "2026-04-30T23:59:5９Z",
        ] {
            assert!(!is_time(bad), "{bad}");
        }
    }

    #[test]
    fn languages_ids_and_origins() {
        let longest = format!("abcdefgh{}", "-12345678".repeat(3));
        for good in [
            "en",
            "pl",
            "zh-Hant",
            "de-1996",
            "zh-Hant-TW",
            "sl-rozaj-biske-1994",
            "en-a",
            &longest,
        ] {
            assert!(is_language(good), "{good}");
        }
        for bad in [
            "e",
            "EN",
            "en-",
            "en_US",
            "abcdefghi",
            "",
            "é9",
            "en-123456789",
            "en--US",
            "-en",
            "en-US-",
            "en-ü",
            &format!("{longest}-1"),
        ] {
            assert!(!is_language(bad), "{bad}");
        }
        assert!(is_id("a-Z_9") && !is_id("") && !is_id("a b") && !is_id(&"a".repeat(65)));
        assert!(is_origin("vote.example/e/00", "00"));
        for bad in [
            "00",
            "/00",
            "vote.example/e/01",
            "https://vote.example/e/00",
            "vote example/00",
            "vote+example/00",
            "głos.example/00",
            "/vote.example/00",
            "//00",
            "//vote.example/00",
            "wählen.example/00",
            "vote.example\u{a0}/00",
            "vote.example\t/00",
            "vote.example/e/00/",
        ] {
            assert!(!is_origin(bad, "00"), "{bad}");
        }
    }
}
