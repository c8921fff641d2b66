//! `trustee ceremony`: every round of the key ceremony, to the end.

use board_client::ClientError;
use getrandom::SysRng;
use protocol::entry::{Envelope, Kind};
use protocol::key_ceremony::{
    Culprit, Fault, KeyCeremony, Round, Step, TrusteeSeed, abandon, next_step,
};

use super::{Refused, show_heading};
use crate::board::BoardAccess;
use crate::error::Error;
use crate::follow::{FollowError, Follower, is_passing};
use crate::patience::Patience;
use crate::promises;
use crate::screen::Screen;
use crate::state::{ElectionState, RecordedEntry, Slot};

/// How often a refusal is taken for a race with another trustee's message.
const MOST_REFUSALS: u32 = 3;
const ROUNDS: [Round; 5] = [
    Round::Register,
    Round::Commit,
    Round::Reveal,
    Round::Deal,
    Round::Certify,
];

/// What a trustee does next in the ceremony.
#[derive(Debug)]
pub enum Next {
    /// Send this entry; it is in the journal.
    Send {
        /// The entry.
        entry: RecordedEntry,
        /// What it says, for people.
        says: String,
    },
    /// Wait for these trustees.
    Wait {
        /// The round.
        round: Round,
        /// Whose messages are missing.
        missing: Vec<u16>,
    },
    /// The keys are made.
    Complete,
}

/// Takes part in the ceremony until the keys are made.
///
/// # Errors
/// [`Error`]; the same command goes on where it was, whatever ended it.
pub fn run<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    patience: &Patience,
    most_attempts: u16,
    screen: &mut dyn Screen,
) -> Result<(), Error> {
    let mut shown = Shown::default();
    let (mut refusals, mut sent) = (0, None::<String>);
    loop {
        let before = follower.election().size();
        follower.catch_up_patiently(patience, screen)?;
        let is_new = follower.election().size() > before;
        if is_new {
            refusals = 0;
        }
        // The board shows what it gave a receipt for, or there would be an error.
        if let Some(says) = sent.take() {
            screen.say(&format!("  {says}"));
        }
        shown.show(follower, screen)?;
        match next(follower, seed, most_attempts)? {
            Next::Complete => break,
            Next::Wait { round, missing } => {
                let names = follower.names(&missing);
                screen.wait(&format!("{} waiting for {names}", heading(round)));
                patience.wait(&names)?;
            }
            Next::Send { entry, says } => match follower.send(&entry) {
                Ok(()) => sent = Some(says),
                Err(FollowError::Board(error)) if is_passing(&error) => {
                    screen.wait(&format!("trying again: {error}"));
                    patience.wait("the board to answer")?;
                }
                // Another trustee's message may have come first, and ended the attempt.
                Err(FollowError::Board(error @ ClientError::Refused { .. })) => {
                    refusals += 1;
                    if refusals > MOST_REFUSALS {
                        return Err(error.into());
                    }
                    patience.wait("the board to take your message")?;
                }
                Err(error) => return Err(error.into()),
            },
        }
    }
    follower.save()?;
    let manifest = follower.manifest()?;
    screen.say(&format!(
        "✓ The election key is made. Any {} of the {} trustees can open the totals.",
        manifest.threshold,
        manifest.n_trustees()
    ));
    if let Some(digest) = follower.election().ceremony().and_then(KeyCeremony::digest) {
        screen.say(&format!("  Ceremony  {digest}"));
    }
    screen.say("  Next: after the close, `trustee certify-close`.");
    Ok(())
}

/// Decides what to do next, and records it. The board must have been caught up with.
///
/// # Errors
/// [`Refused::Attempts`] if the current attempt is above `most_attempts`.
pub fn next<B: BoardAccess>(
    follower: &mut Follower<B>,
    seed: &TrusteeSeed,
    most_attempts: u16,
) -> Result<Next, Error> {
    let trustee = follower.trustee();
    let ceremony = follower.election().ceremony().ok_or(FollowError::Empty)?;
    let (round, attempt) = (ceremony.round(), ceremony.attempt());
    if round == Round::Complete {
        return Ok(Next::Complete);
    }
    if is_lost(ceremony, trustee, follower.journal().state()) {
        let entry = follower.message::<Error>(
            Slot::Abandon(attempt),
            &promises::attempt(attempt),
            |election| {
                let ceremony = election.ceremony().ok_or(FollowError::Empty)?;
                Ok(abandon(ceremony, seed, trustee, &mut SysRng)?)
            },
        )?;
        let says = format!(
            "You give up attempt {attempt}, because the state of your program from before is lost."
        );
        return Ok(Next::Send { entry, says });
    }
    if attempt > most_attempts {
        let culprit = ceremony.culprits().last().map(|last| last.trustee);
        return Err(Refused::Attempts {
            attempts: attempt - 1,
            culprit: follower.names(culprit.as_slice()),
        }
        .into());
    }
    if ceremony.has_done(trustee, round) {
        let missing = ceremony.missing();
        return Ok(Next::Wait { round, missing });
    }
    let (slot, about) = match round {
        Round::Register | Round::Complete => (Slot::Register, promises::REGISTER.to_owned()),
        Round::Commit => (Slot::Commit(attempt), promises::attempt(attempt)),
        Round::Reveal => (Slot::Reveal(attempt), promises::attempt(attempt)),
        Round::Deal => (Slot::Deal(attempt), promises::attempt(attempt)),
        Round::Certify => (Slot::Certify(attempt), promises::attempt(attempt)),
    };
    let mut complaint = None;
    let entry = follower.message::<Error>(slot, &about, |election| {
        let ceremony = election.ceremony().ok_or(FollowError::Empty)?;
        match next_step(ceremony, seed, trustee, &mut SysRng)? {
            Step::Post { entry, .. } => Ok(entry),
            Step::Complain {
                dealer,
                error,
                entry,
            } => {
                complaint = Some((dealer, error));
                Ok(entry)
            }
            // Whether there is a message to give was decided above, from the same board.
            Step::Wait { .. } | Step::Complete => {
                Err(protocol::key_ceremony::StepError::Incomplete.into())
            }
        }
    })?;
    let says = match complaint {
        Some((dealer, error)) => format!(
            "✗ What trustee {dealer} ({}) dealt to you is wrong: {error}. You complain; everybody can check it.",
            follower.names(&[dealer])
        ),
        None => message_text(&entry).to_owned(),
    };
    Ok(Next::Send { entry, says })
}

/// Whether the current attempt has messages of this trustee that its journal does not know, or was
/// open when the state was lost: it must not go on then.
fn is_lost(ceremony: &KeyCeremony, trustee: u16, state: &ElectionState) -> bool {
    let attempt = ceremony.attempt();
    let known = |slot| state.message(slot).is_some();
    let messages = [
        (Round::Commit, Slot::Commit(attempt)),
        (Round::Reveal, Slot::Reveal(attempt)),
        (Round::Deal, Slot::Deal(attempt)),
        (Round::Certify, Slot::Certify(attempt)),
    ];
    state.must_abandon() == Some(attempt)
        || known(Slot::Abandon(attempt))
        || messages
            .into_iter()
            .any(|(round, slot)| ceremony.has_done(trustee, round) && !known(slot))
}

fn message_text(entry: &RecordedEntry) -> &'static str {
    match Envelope::decode(entry.bytes()).map(|envelope| envelope.kind) {
        Ok(Kind::Register) => "You accept this election.",
        Ok(Kind::Commit) => "You have committed to your part of the key.",
        Ok(Kind::Reveal) => "You have revealed the public side of your part.",
        Ok(Kind::Deal) => "You have dealt the shares of your part, sealed for each trustee.",
        Ok(Kind::Certify) => "All parts dealt to you fit; you certify the key.",
        Ok(Kind::Complain) => "✗ Your complaint is sent.",
        _ => "Your message is sent.",
    }
}

fn heading(round: Round) -> &'static str {
    match round {
        Round::Register => "1 Register ",
        Round::Commit => "2 Commit   ",
        Round::Reveal => "3 Reveal   ",
        Round::Deal => "4 Deal     ",
        Round::Certify | Round::Complete => "5 Certify  ",
    }
}

/// What was said about the ceremony so far.
#[derive(Default)]
struct Shown {
    is_begun: bool,
    culprits: usize,
    attempt: u16,
    rounds: usize,
}

impl Shown {
    fn show<B: BoardAccess>(
        &mut self,
        follower: &Follower<B>,
        screen: &mut dyn Screen,
    ) -> Result<(), FollowError> {
        let ceremony = follower.election().ceremony().ok_or(FollowError::Empty)?;
        if !self.is_begun {
            show_heading(follower, screen)?;
            screen.say("  You can stop with Ctrl-C and go on later. Nothing is lost.");
            (self.is_begun, self.attempt) = (true, 1);
        }
        for culprit in ceremony.culprits().iter().skip(self.culprits) {
            screen.say(&fault_text(follower, culprit));
        }
        self.culprits = ceremony.culprits().len();
        if ceremony.attempt() != self.attempt {
            // Registrations hold for all attempts.
            (self.attempt, self.rounds) = (ceremony.attempt(), 1);
            screen.say(&format!("▸ Attempt {} of the key ceremony", self.attempt));
        }
        let n = ceremony.dimensions().trustees;
        let complete = ROUNDS.iter().filter(|round| **round < ceremony.round());
        for round in complete.skip(self.rounds) {
            screen.say(&format!("✓ {} all {n} trustees", heading(*round)));
            self.rounds += 1;
        }
        Ok(())
    }
}

/// Who ended an attempt and how, as every trustee's program reads it from the board.
fn fault_text<B: BoardAccess>(follower: &Follower<B>, culprit: &Culprit) -> String {
    let name = |trustee: u16| format!("trustee {trustee} ({})", follower.names(&[trustee]));
    let who = name(culprit.trustee);
    let what = match culprit.fault {
        Fault::WrongShares { recipient, error } => format!(
            "{who} dealt to {} what does not fit: {error}. Everybody's program reads the same verdict from the board",
            name(recipient)
        ),
        Fault::FalseComplaint { dealer } => format!(
            "{who} complained about {}, whose shares are right",
            name(dealer)
        ),
        Fault::Abandoned => format!("{who} gave it up"),
    };
    format!("✗ Attempt {} ended: {what}.", culprit.attempt)
}
