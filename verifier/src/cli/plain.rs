//! Text of others, made harmless for a terminal.

/// Replaces everything that could move the cursor, colour or reorder what is shown, or begin a
/// new line: a title or a file name of a hostile record must not be able to imitate a verdict.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => ' ',
            '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            other if other.is_control() => '\u{fffd}',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_of_it_can_imitate_a_verdict() {
        assert_eq!(plain("Zażółć gęślą 愛"), "Zażółć gęślą 愛");
        assert_eq!(plain("a\nACCEPTED"), "a ACCEPTED");
        assert_eq!(
            plain("\u{1b}[2Ja\r\u{202e}b"),
            "\u{fffd}[2Ja\u{fffd}\u{fffd}b"
        );
    }
}
