//! What the demonstration says while it runs: bars on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, stderr};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Says one line.
pub fn say(line: &str) {
    println!("{line}");
}

/// Does a step of unknown length and says how long it took. Gives the seconds, too.
///
/// # Errors
/// Those of the step.
pub fn step<R, E>(what: &str, work: impl FnOnce() -> Result<R, E>) -> Result<(R, f64), E> {
    let bar = stderr().is_terminal().then(ProgressBar::new_spinner);
    if let Some(bar) = &bar {
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
    }
    let begun = Instant::now();
    let result = work();
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let seconds = begun.elapsed().as_secs_f64();
    if result.is_ok() {
        say(&format!("{what:<58}{seconds:>8.1} s"));
    }
    result.map(|result| (result, seconds))
}

/// Does a step of `total` parts; the work tells of each part that is done.
///
/// # Errors
/// Those of the step.
pub fn counted_step<R, E>(
    what: &str,
    total: usize,
    work: impl FnOnce(&(dyn Fn() + Sync)) -> Result<R, E>,
) -> Result<(R, f64), E> {
    let target = if stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(total as u64), target);
    if let Ok(style) = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {per_sec}") {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(what.to_owned());
    let begun = Instant::now();
    let result = work(&|| bar.inc(1));
    bar.finish_and_clear();
    let seconds = begun.elapsed().as_secs_f64();
    if result.is_ok() {
        let rate = total as f64 / seconds.max(1e-9);
        let rate = format!("({rate:.0} a second)");
        say(&format!("{what:<40}{rate:>18}{seconds:>8.1} s"));
    }
    result.map(|result| (result, seconds))
}
