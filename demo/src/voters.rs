//! The voters: sealing ballots on their devices, posting them, checking the receipts.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{available_parallelism, scope, sleep};
use std::time::Duration;

use client::booth::{Booth, BoothError, Place};
use client::receipt::{self, BadReceipt};
use getrandom::SysRng;
use protocol::ballot::{ChallengeError, SealError};
use protocol::merkle::leaf_hash;
use protocol::transcript::Digest;
use ureq::Agent;

use crate::example::VoterPlan;

/// Requests that wait for their answer at the same time.
const IN_FLIGHT: usize = 64;
/// How often a voter tries again when the server is busy.
const MOST_TRIES: u32 = 100;

/// Why a voter did not get through.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VoterError {
    /// The booth refused.
    #[error(transparent)]
    Booth(#[from] BoothError),
    /// The sealed ballot could not be signed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The booth was caught.
    #[error(transparent)]
    Challenge(#[from] ChallengeError),
    /// No answer.
    #[error("the ballot box does not answer: {0}")]
    Unreachable(#[from] ureq::Error),
    /// The ballot box refused a ballot.
    #[error("the ballot box refused a ballot with status {status}: {body}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// What it said.
        body: String,
    },
    /// The receipt proves nothing.
    #[error("a receipt does not hold: {0}")]
    Receipt(#[from] BadReceipt),
}

/// Does `work` on every item with several threads; the results are in order. The first error ends
/// it.
fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> Result<R, VoterError> + Sync,
) -> Result<Vec<R>, VoterError> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let run = || -> Result<(), VoterError> {
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return Ok(());
            };
            let result = work(item).inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.push((index, result));
        }
        Ok(())
    };
    scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let mut outcome = Ok(());
        for thread in threads {
            // A panic goes on here.
            let ended = thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome = outcome.and(ended);
        }
        outcome
    })?;
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

/// Seals every voter's ballots with the code of its letter. Gives each voter's signed entries, in
/// the order in which they must be posted. `progress` is told of each voter.
///
/// # Errors
/// [`VoterError`] of the first voter whose booth refuses.
pub fn seal_all(
    booth: &Booth,
    plans: &[VoterPlan],
    codes: &[String],
    progress: impl Fn() + Sync,
) -> Result<Vec<Vec<Vec<u8>>>, VoterError> {
    let threads = available_parallelism().map_or(1, usize::from);
    let voters: Vec<_> = plans.iter().zip(codes).collect();
    in_parallel(&voters, threads, |(plan, code)| {
        let entries = seal(booth, plan, code)?;
        progress();
        Ok(entries)
    })
}

/// One voter's entries.
fn seal(booth: &Booth, plan: &VoterPlan, code: &str) -> Result<Vec<Vec<u8>>, VoterError> {
    let mut entries = Vec::with_capacity(plan.sealings.len());
    if plan.sealings.is_empty() {
        return Ok(entries);
    }
    let credential = booth.credential(&[code])?;
    let mut place = Place::FIRST;
    for sealing in &plan.sealings {
        let sealed = booth.seal(&credential, place, sealing.answers.clone(), &mut SysRng)?;
        let code = sealed.code();
        if sealing.is_challenged {
            let (void, opened) = sealed.challenge(credential.key(), &mut SysRng)?;
            // What another device would do with what the booth hands over.
            booth.check_challenged(credential.key().public(), opened, &mut SysRng)?;
            entries.push(void);
        } else {
            place = place.next(&code);
            entries.push(sealed.cast(credential.key(), &mut SysRng)?);
        }
    }
    Ok(entries)
}

/// Posts to one board, over connections that stay open.
#[derive(Clone)]
pub struct Postbox {
    agent: Agent,
    url: String,
}

/// What the ballot box answers.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Postbox {
    /// A postbox of the board at this address.
    pub fn new(board: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .max_idle_connections(IN_FLIGHT)
            .max_idle_connections_per_host(IN_FLIGHT)
            .build();
        Self {
            agent: config.into(),
            url: format!("{board}/entries"),
        }
    }

    /// Sends an entry; gives whatever the server answers.
    ///
    /// # Errors
    /// [`ureq::Error`] if there is no answer.
    pub fn send(&self, entry: &[u8]) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(&self.url);
        let request = request.content_type("application/octet-stream");
        let mut response = request.send(entry)?;
        Ok(Answer {
            status: response.status().as_u16(),
            body: response.body_mut().read_to_vec()?,
        })
    }

    /// Posts an entry and checks its receipt; a busy server is asked again.
    ///
    /// # Errors
    /// [`VoterError`] if it is refused or the receipt does not hold.
    pub fn post(&self, booth: &Booth, entry: &[u8]) -> Result<Receipted, VoterError> {
        for _ in 0..MOST_TRIES {
            let Answer { status, body } = self.send(entry)?;
            match status {
                200 | 201 => {
                    let verified = receipt::verify(booth, entry, &body)?;
                    return Ok(Receipted {
                        index: verified.index,
                        leaf: leaf_hash(entry),
                    });
                }
                429 | 503 => sleep(Duration::from_millis(200)),
                _ => return Err(refused(status, &body)),
            }
        }
        Err(refused(503, b"it stays busy"))
    }
}

fn refused(status: u16, body: &[u8]) -> VoterError {
    VoterError::Refused {
        status,
        body: String::from_utf8_lossy(body).into_owned(),
    }
}

/// An entry with a receipt that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipted {
    /// Where the board promised to keep it.
    pub index: u64,
    /// Its leaf hash.
    pub leaf: Digest,
}

/// Posts all entries, many voters at a time, each voter's in order, and checks every receipt.
/// `progress` is told of each voter.
///
/// # Errors
/// [`VoterError`] of the first voter who does not get through.
pub fn cast_all(
    booth: &Booth,
    board: &str,
    entries: &[Vec<Vec<u8>>],
    progress: impl Fn() + Sync,
) -> Result<Vec<Receipted>, VoterError> {
    let postbox = Postbox::new(board);
    let receipts = in_parallel(entries, IN_FLIGHT, |entries| {
        let receipts = entries.iter().map(|entry| postbox.post(booth, entry));
        let receipts = receipts.collect::<Result<Vec<_>, _>>()?;
        progress();
        Ok(receipts)
    })?;
    Ok(receipts.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_in_parallel_keeps_the_order_and_the_first_error_ends_it() {
        let items: Vec<u32> = (0..1000).collect();
        let double = in_parallel(&items, 8, |item| Ok(item * 2)).unwrap();
        assert!(
            double
                .iter()
                .zip(&items)
                .all(|(double, item)| *double == item * 2)
        );
        let done = AtomicUsize::new(0);
        let error = in_parallel(&items, 2, |item| {
            done.fetch_add(1, Ordering::Relaxed);
            if *item == 5 {
                Err(refused(400, b"no"))
            } else {
                Ok(())
            }
        });
        assert!(matches!(
            error,
            Err(VoterError::Refused { status: 400, .. })
        ));
        assert!(done.load(Ordering::Relaxed) < 1000);
    }
}
