//! What strangers say, made fit for a terminal.

/// One line of at most 500 characters, without control characters and without those that turn the
/// direction of what follows: nothing in it can move the cursor, colour or overwrite what was said.
pub(crate) fn plain_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !turns(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(500)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::plain_line;

    #[test]
    fn texts_of_a_server_cannot_steer_the_terminal() {
        assert_eq!(plain_line("a\u{1b}[2Jb\nc\u{9b}d"), "a [2Jb c d");
        assert_eq!(plain_line("is \u{202e}desolc\u{202c} now"), "is desolc now");
        assert_eq!(plain_line("a\u{2066}b\u{2069}"), "ab");
        assert_eq!(plain_line(&"x".repeat(600)).len(), 500);
    }
}
