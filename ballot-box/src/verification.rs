//! The threads that check entries before they are put in order, so that whoever has no key can
//! keep these threads busy but never the sequencer (new manifests: `ballot_box::creation`).
//!
//! Ballots that wait together are checked together, which is cheaper. Elections take turns.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use getrandom::SysRng;
use protocol::election::{Refusal, Voting};
use protocol::entry::{Author, Envelope};
use protocol::manifest::ElectionManifest;
use protocol::transcript::Digest;

use crate::boards::Board;
use crate::sequencer::{Command, Line, Rejection, Reply, Work};

/// Most ballots checked together: larger batches are hardly cheaper, and wait longer.
const MAX_BATCH: usize = 64;

/// What must hold before an entry is put in line.
pub enum Check {
    /// A ballot, against the opened election.
    Ballot(Arc<Voting>),
    /// Anything else: that it belongs here and that its author signed it. The fold checks all.
    Signature {
        /// The manifest, which has the keys.
        manifest: Arc<ElectionManifest>,
        /// The election id, from the opening on.
        election: Option<Digest>,
    },
}

/// An entry that waits to be checked.
pub struct Job {
    /// Its board.
    pub board: Arc<Board>,
    /// What to check.
    pub check: Check,
    /// The entry.
    pub entry: Vec<u8>,
    /// Who waits for the answer.
    pub reply: Reply,
}

/// So many bytes of entries wait already that no more are taken.
#[derive(Debug, thiserror::Error)]
#[error("too many entries are waiting")]
pub struct QueueFull;

#[derive(Default)]
struct Waiting {
    /// The entries of each election, in order of arrival.
    jobs: HashMap<i32, VecDeque<Job>>,
    /// The elections with waiting entries, each once.
    turns: VecDeque<i32>,
    bytes: usize,
    closed: bool,
}

struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    capacity: usize,
    n_threads: usize,
}

/// The threads and their queue. Dropping it finishes what waits.
pub struct Verification {
    queue: Arc<Queue>,
    threads: Vec<JoinHandle<()>>,
}

impl Verification {
    /// Starts `n_threads` threads that send what holds to `line`; at most `capacity` bytes wait.
    ///
    /// # Errors
    /// The operating system's, if a thread cannot be started.
    pub fn start(n_threads: usize, capacity: usize, line: &Line) -> Result<Self, std::io::Error> {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            capacity,
            n_threads,
        });
        let mut started = Self {
            queue: queue.clone(),
            threads: Vec::new(),
        };
        for number in 1..=n_threads {
            let (queue, line) = (queue.clone(), line.clone());
            let thread = std::thread::Builder::new().name(format!("verification-{number}"));
            let work = move || work(|| queue.take(), |jobs| check(jobs, &line));
            started.threads.push(thread.spawn(work)?);
        }
        Ok(started)
    }

    /// Bytes of entries that wait.
    pub fn waiting(&self) -> usize {
        self.queue.lock().bytes
    }

    /// Puts an entry in the queue.
    ///
    /// # Errors
    /// [`QueueFull`] if too much waits already.
    pub fn submit(&self, job: Job) -> Result<(), QueueFull> {
        let mut waiting = self.queue.lock();
        if waiting.closed || waiting.bytes + job.entry.len() > self.queue.capacity {
            return Err(QueueFull);
        }
        waiting.bytes += job.entry.len();
        let number = job.board.number;
        let jobs = waiting.jobs.entry(number).or_default();
        jobs.push_back(job);
        if jobs.len() == 1 {
            waiting.turns.push_back(number);
        }
        drop(waiting);
        self.queue.changed.notify_one();
        Ok(())
    }
}

impl Drop for Verification {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.changed.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a verification thread panicked");
            }
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next jobs: several ballots of one election, or one other entry. `None` when
    /// the queue is closed and empty.
    fn take(&self) -> Option<Vec<Job>> {
        let mut waiting = self.lock();
        loop {
            if let Some(number) = waiting.turns.pop_front() {
                let jobs = self.take_of(&mut waiting, number);
                waiting.bytes -= jobs.iter().map(|job| job.entry.len()).sum::<usize>();
                return Some(jobs);
            }
            if waiting.closed {
                return None;
            }
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn take_of(&self, waiting: &mut Waiting, number: i32) -> Vec<Job> {
        let Some(mut line) = waiting.jobs.remove(&number) else {
            return Vec::new();
        };
        let is_ballot = |job: &Job| matches!(job.check, Check::Ballot(_));
        // What waits is shared among the threads.
        let most = line.len().div_ceil(self.n_threads).clamp(1, MAX_BATCH);
        let n_ballots = line
            .iter()
            .take(most)
            .take_while(|job| is_ballot(job))
            .count();
        let jobs = line.drain(..n_ballots.max(1)).collect();
        if !line.is_empty() {
            waiting.jobs.insert(number, line);
            waiting.turns.push_back(number);
            self.changed.notify_one();
        }
        jobs
    }
}

/// Checks what `take` gives until there is no more. A panic is a fault of ours: it costs the entries
/// at hand, whose replies are dropped, which tells whoever waits, but not the thread.
fn work<T>(take: impl Fn() -> Option<T>, check: impl Fn(T)) {
    while let Some(jobs) = take() {
        if catch_unwind(AssertUnwindSafe(|| check(jobs))).is_err() {
            tracing::error!("checking entries panicked; they are not acknowledged");
        }
    }
}

fn check(jobs: Vec<Job>, line: &Line) {
    match jobs.first().map(|job| &job.check) {
        Some(Check::Ballot(voting)) => {
            let entries: Vec<&[u8]> = jobs.iter().map(|job| job.entry.as_slice()).collect();
            let verdicts = voting.verify(&entries, &mut SysRng);
            for (
                Job {
                    board,
                    entry,
                    reply,
                    ..
                },
                verdict,
            ) in jobs.into_iter().zip(verdicts)
            {
                match verdict {
                    Ok(verified) => line.send(Command::Append {
                        board,
                        work: Work::Ballot {
                            entry,
                            verified: Box::new(verified),
                        },
                        reply,
                    }),
                    Err(refusal) => reply.reject(Rejection::Refused(refusal)),
                }
            }
        }
        _ => {
            for Job {
                board,
                check,
                entry,
                reply,
            } in jobs
            {
                match check_signature(&check, &entry) {
                    Ok(()) => line.send(Command::Append {
                        board,
                        work: Work::Entry(entry),
                        reply,
                    }),
                    Err(refusal) => reply.reject(Rejection::Refused(refusal)),
                }
            }
        }
    }
}

/// Refuses what belongs elsewhere or is not signed by its author. The fold checks this again, with
/// all else.
fn check_signature(check: &Check, entry: &[u8]) -> Result<(), Refusal> {
    let Check::Signature { manifest, election } = check else {
        return Ok(());
    };
    let envelope = Envelope::decode(entry)?;
    let scope = if envelope.kind.is_scoped_to_election() {
        *election
    } else {
        Some(manifest.id())
    };
    if scope.is_some_and(|scope| scope != envelope.scope) {
        return Err(Refusal::Scope {
            kind: envelope.kind,
        });
    }
    let key = match envelope.author {
        Author::Organiser => manifest.organiser_key,
        Author::Trustee(trustee) => {
            manifest
                .trustee(trustee)
                .ok_or(Refusal::UnknownTrustee { trustee })?
                .key
        }
        Author::Voter(credential) => credential,
        // A cosignature is of the board, which only the fold knows.
        Author::Witness(witness) => {
            let known = manifest.board.witness(witness);
            return known.map(|_| ()).ok_or(Refusal::UnknownWitness { witness });
        }
    };
    Ok(envelope.verify(&key)?)
}

#[cfg(test)]
mod tests {
    use super::work;
    use std::cell::RefCell;

    #[test]
    fn a_panic_over_one_entry_does_not_end_the_thread() {
        let waiting = RefCell::new(vec!["good", "bad", "good"]);
        let checked = RefCell::new(0);
        work(
            || waiting.borrow_mut().pop(),
            |entry| {
                assert_ne!(entry, "bad", "a fault on purpose");
                *checked.borrow_mut() += 1;
            },
        );
        assert_eq!(checked.into_inner(), 2);
    }
}
