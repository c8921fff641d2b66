//! What the organiser reads: results on standard output; warnings and progress on standard error,
//! as a bar in a terminal and as plain lines otherwise.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where a command speaks.
pub trait Screen {
    /// Says one line.
    fn say(&mut self, line: &str);

    /// Prints a text for programs, exactly.
    fn print(&mut self, text: &str);

    /// Warns, in one line.
    fn warn(&mut self, line: &str);

    /// Shows that `done` of `of` steps are done.
    fn progress(&mut self, what: &str, done: u64, of: u64);

    /// Whether a person can be asked.
    fn is_interactive(&self) -> bool;
}

/// A text on one line, without control characters and without those that turn the direction of
/// what follows: nothing in it can move the cursor, colour or overwrite what was said.
pub fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(|c| !turns(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A text of several lines, each as by [`one_line`]; those after the first are indented, so that
/// none of them can pass for a line of its own.
pub fn indented_lines(text: &str) -> String {
    let mut lines = text.lines().map(one_line);
    let first = lines.next().unwrap_or_default();
    lines.fold(first, |text, line| text + "\n  " + line.trim_start())
}

/// The terminal or pipe that the program runs in.
pub struct Terminal {
    bar: Option<ProgressBar>,
    last_progress: Option<Instant>,
}

impl Default for Terminal {
    fn default() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            match ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self {
            bar,
            last_progress: None,
        }
    }
}

impl Terminal {
    fn end_progress(&mut self) {
        self.last_progress = None;
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

// A reader that has gone away is no reason to stop half way.
impl Screen for Terminal {
    fn say(&mut self, line: &str) {
        self.end_progress();
        let _ = writeln!(std::io::stdout(), "{}", one_line(line));
    }

    fn print(&mut self, text: &str) {
        self.end_progress();
        let _ = writeln!(std::io::stdout(), "{text}");
    }

    fn warn(&mut self, line: &str) {
        self.end_progress();
        let _ = writeln!(std::io::stderr(), "Warning: {}", one_line(line));
    }

    fn progress(&mut self, what: &str, done: u64, of: u64) {
        match &self.bar {
            Some(bar) if done >= of => bar.finish_and_clear(),
            Some(bar) => {
                if bar.is_finished() {
                    bar.reset();
                }
                bar.set_message(one_line(what));
                bar.set_length(of);
                bar.set_position(done);
            }
            None => {
                let now = Instant::now();
                let last = *self.last_progress.get_or_insert(now);
                if now.duration_since(last) >= Duration::from_secs(5) {
                    self.last_progress = Some(now);
                    let _ = writeln!(std::io::stderr(), "{}: {done} of {of}", one_line(what));
                }
            }
        }
    }

    fn is_interactive(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.end_progress();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_strangers_cannot_steer_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc\u{9b}d"), "a [2Jb c d");
        assert_eq!(
            indented_lines("the list has 2 problems:\n  line 3: \u{1b}[2J\r\n\nDone.\u{202e}"),
            "the list has 2 problems:\n  line 3:  [2J\n  \n  Done."
        );
        assert_eq!(one_line("Chlo\u{e9} \u{202e}Martin"), "Chlo\u{e9} Martin");
    }
}
