//! What a trustee reads and answers: a terminal with progress, or plain lines in a pipe.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Where a command speaks. Texts of a manifest come from strangers, so implementations show
/// [`one_line`] of what they are given.
pub trait Screen {
    /// Says one line; it stays.
    fn say(&mut self, line: &str);

    /// Shows what is being waited for, until something else is said. The same text again is not
    /// shown again.
    fn wait(&mut self, what: &str);

    /// Shows that `done` of `of` steps are done.
    fn progress(&mut self, what: &str, done: u64, of: u64);

    /// Asks a question that yes or no answers; `None` if there is nobody to ask.
    fn ask(&mut self, question: &str) -> Option<bool>;
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

/// The terminal or pipe that the program runs in.
pub struct Terminal {
    colours: bool,
    bar: Option<ProgressBar>,
    waiting: String,
    last_progress: Option<Instant>,
}

impl Default for Terminal {
    fn default() -> Self {
        Self::new()
    }
}

impl Terminal {
    /// Looks whether somebody sits there.
    pub fn new() -> Self {
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let bar = std::io::stderr()
            .is_terminal()
            .then(|| ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()));
        Self {
            colours: std::io::stdout().is_terminal() && !no_colour,
            bar,
            waiting: String::new(),
            last_progress: None,
        }
    }

    fn style(bar: &ProgressBar, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
    }

    fn print(&self, line: &str) {
        let print = || {
            // A reader that has gone away is no reason to stop a ceremony.
            let _ = writeln!(std::io::stdout(), "{line}");
            let _ = std::io::stdout().flush();
        };
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }
}

impl Screen for Terminal {
    fn say(&mut self, line: &str) {
        if let Some(bar) = &self.bar {
            bar.disable_steady_tick();
            bar.finish_and_clear();
        }
        self.waiting.clear();
        self.last_progress = None;
        let line = one_line(line);
        let colour = |sign: &str, code: u8| {
            line.replacen(sign, &format!("\u{1b}[{code}m{sign}\u{1b}[0m"), 1)
        };
        match line.trim_start().chars().next() {
            Some('✓') if self.colours => self.print(&colour("✓", 32)),
            Some('✗') if self.colours => self.print(&colour("✗", 31)),
            Some('!') if self.colours => self.print(&colour("!", 33)),
            _ => self.print(&line),
        }
    }

    fn wait(&mut self, what: &str) {
        let what = one_line(what);
        if what == self.waiting {
            return;
        }
        match &self.bar {
            Some(bar) => {
                bar.reset();
                Self::style(bar, "{spinner} {msg}  {elapsed}");
                bar.set_message(what.clone());
                bar.enable_steady_tick(Duration::from_millis(200));
            }
            None => self.print(&format!("· {what}")),
        }
        self.waiting = what;
    }

    fn progress(&mut self, what: &str, done: u64, of: u64) {
        let what = one_line(what);
        match &self.bar {
            Some(bar) => {
                self.waiting.clear();
                bar.disable_steady_tick();
                Self::style(bar, "{msg:20} {wide_bar} {human_pos}/{human_len} {eta}");
                bar.set_message(what);
                bar.set_length(of);
                bar.set_position(done);
            }
            // Nothing that is over within seconds is worth a line.
            None if done >= of => self.last_progress = None,
            None => {
                let now = Instant::now();
                let last = *self.last_progress.get_or_insert(now);
                if now.duration_since(last) >= Duration::from_secs(5) {
                    self.last_progress = Some(now);
                    self.print(&format!("· {what}: {done} of {of}"));
                }
            }
        }
    }

    fn ask(&mut self, question: &str) -> Option<bool> {
        if !std::io::stdin().is_terminal() {
            return None;
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        print!("{} [y/N] ", one_line(question));
        std::io::stdout().flush().ok()?;
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).ok()?;
        Some(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_strangers_cannot_steer_the_terminal() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc\u{9b}d"), "a [2Jb c d");
        assert_eq!(one_line("Chloé \u{202e}Martin"), "Chloé Martin");
    }
}
