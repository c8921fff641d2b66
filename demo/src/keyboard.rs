//! Waiting for Enter, for people at a terminal and for programs that drive the demonstration.

use std::io::{IsTerminal as _, stdin};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

/// How long the results stay when nobody can press Enter.
const LAST_LOOK: Duration = Duration::from_secs(60);
/// How long a person may look at them.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether a person can press Enter.
pub fn is_there() -> bool {
    stdin().is_terminal()
}

/// The lines that come in, until there are no more.
pub struct Keyboard(Receiver<()>);

impl Keyboard {
    /// Listens from now on.
    pub fn listen() -> Self {
        let (sender, receiver) = channel();
        spawn(move || {
            for line in stdin().lines() {
                if line.is_err() || sender.send(()).is_err() {
                    break;
                }
            }
        });
        Self(receiver)
    }

    /// Waits for a line, but no longer than that. The end of all lines is not one: who starts the
    /// demonstration without a keyboard gets the whole time.
    pub fn wait(&self, most: time::Duration) {
        // What a person typed before being asked is no answer.
        while is_there() && self.0.try_recv().is_ok() {}
        let most = most.try_into().unwrap_or_default();
        let end = Instant::now() + most;
        if self.0.recv_timeout(most) == Err(RecvTimeoutError::Disconnected) {
            sleep(end.saturating_duration_since(Instant::now()));
        }
    }

    /// Waits until whoever looks at the results has seen them: a person says so, a program has the
    /// time it had for voting, and where no line can come it is a minute.
    pub fn wait_to_leave(&self, of_a_program: time::Duration) {
        let most = match is_there() {
            true => A_DAY,
            false => of_a_program.try_into().unwrap_or_default(),
        };
        if self.0.recv_timeout(most) == Err(RecvTimeoutError::Disconnected) {
            sleep(LAST_LOOK.min(most));
        }
    }
}
