//! One file for each command, and what they say in common.

pub mod ceremony;
pub mod certify_close;
pub mod decrypt;
pub mod init;
pub mod join;
mod preview;
pub mod restore;
pub mod seal;
pub mod status;

use protocol::manifest::{ElectionManifest, Text};

use crate::board::BoardAccess;
use crate::follow::Follower;
use crate::screen::Screen;

/// The program understood, and will not do it.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone)]
#[non_exhaustive]
pub enum Refused {
    /// Not in the roster.
    #[error(
        "Your key {key} is not among the trustees of {title:?}. Nothing was signed. Send the organiser your card; only a \
         new manifest can take you in."
    )]
    NotInRoster {
        /// The election.
        title: String,
        /// The trustee's key.
        key: String,
    },
    /// No consent.
    #[error(
        "You did not accept this election. Nothing was signed. Without a terminal, accept with --yes."
    )]
    Declined,
    /// Attempts keep failing.
    #[error(
        "The key ceremony failed {attempts} times, at last because of {culprit}. Talk to the organiser; with a new \
         manifest the election can do without a trustee."
    )]
    Attempts {
        /// How many attempts ended.
        attempts: u16,
        /// Who ended the last.
        culprit: String,
    },
    /// The words were not repeated rightly.
    #[error(
        "The words are wrong in the confirmation. Nothing was written; run `trustee init` again."
    )]
    WordsNotConfirmed,
    /// Voting goes on, or has not begun.
    #[error(
        "The election is not closed yet (it is in the phase \"{phase}\"; voting lasts until {closes}). Nothing was signed. \
         Come back after the close, or use --wait."
    )]
    NotClosed {
        /// The phase.
        phase: String,
        /// The closing time of the manifest.
        closes: String,
    },
    /// The certifying quorum is missing.
    #[error(
        "The close is certified by {certified}; {needed} more must certify it before anybody may decrypt. Missing: {missing}. \
         Ask them to run `trustee certify-close`, or use --wait."
    )]
    NotCertified {
        /// Who certified.
        certified: String,
        /// How many more must.
        needed: usize,
        /// Who has not.
        missing: String,
    },
    /// A restored trustee cannot know whether it certified.
    #[error(
        "This key was restored from its words, so this program cannot know whether it certified a close before. If it \
         never did, say so with --never-certified; if it did or you are not sure, do not certify."
    )]
    MayHaveCertified,
    /// No consent to decrypt.
    #[error(
        "You did not agree to open the totals, so nothing was decrypted. Without a terminal, agree with --yes."
    )]
    NotOpened,
    /// Others have not looked at the counts yet.
    #[error(
        "The first of two steps is done: your preview of the counts is on the board. {found} of the {needed} good previews \
         that it takes are there, so nobody knows yet which counts stay closed, and nothing was decrypted. Missing: \
         {missing}. When they have run `trustee decrypt`, run it once more, or use --wait."
    )]
    FewPreviews {
        /// How many good ones there are.
        found: usize,
        /// t.
        needed: usize,
        /// Who has given none.
        missing: String,
    },
    /// No consent to certify.
    #[error(
        "You did not agree to this close, so nothing was signed. If it is right, run the command again; without a terminal, \
         agree with --yes."
    )]
    NotAgreed,
    /// No consent to an early close.
    #[error(
        "Voting was to last until {closes} and was closed before, so nothing was signed. Ask the organiser why; if you agree, \
         say so with --early."
    )]
    EarlyClose {
        /// The closing time of the manifest.
        closes: String,
    },
    /// No result to seal.
    #[error(
        "There is no result to seal yet (the election is in the phase \"{phase}\"). Nothing was signed. Come back when the \
         organiser has published it, or use --wait."
    )]
    NoResult {
        /// The phase.
        phase: String,
    },
    /// A restored trustee cannot know whether it sealed.
    #[error(
        "This key was restored from its words, so this program cannot know whether it sealed a result before. If it never \
         did, say so with --never-sealed; if it did or you are not sure, do not seal."
    )]
    MayHaveSealed,
    /// No consent to seal.
    #[error(
        "You did not agree to this result, so it was not sealed. If it is right, run the command again; without a terminal, \
         agree with --yes."
    )]
    NotSealed,
    /// The words of another key.
    #[error(
        "The words are not those of the key {path:?}, so nothing was changed. Check the words, or choose another folder with \
         --home."
    )]
    OtherKey {
        /// The key file.
        path: std::path::PathBuf,
    },
}

/// The text in the manifest's own language.
pub(crate) fn text<'a>(manifest: &'a ElectionManifest, text: &'a Text) -> &'a str {
    text.get(&manifest.language).unwrap_or_default()
}

/// Seconds since 1970 as `2026-10-24 18:00 UTC`.
pub(crate) fn moment(seconds: i64) -> String {
    match time::OffsetDateTime::from_unix_timestamp(seconds) {
        Ok(at) => format!(
            "{:04}-{:02}-{:02} {:02}:{:02} UTC",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute()
        ),
        Err(_) => format!("{seconds} s after 1970"),
    }
}

/// `1 ballot`, `2 ballots`.
pub(crate) fn count(n: usize, one: &str) -> String {
    format!("{n} {one}{}", if n == 1 { "" } else { "s" })
}

/// Which election, and who this trustee is in it.
pub(crate) fn show_heading<B: BoardAccess>(
    follower: &Follower<B>,
    screen: &mut dyn Screen,
) -> Result<(), crate::follow::FollowError> {
    let manifest = follower.manifest()?;
    let trustee = follower.trustee();
    screen.say(&format!(
        "{}, {}",
        text(manifest, &manifest.title),
        manifest.organiser_name
    ));
    screen.say(&format!(
        "  You are trustee {trustee} of {} ({}). Any {} can open the totals.",
        manifest.n_trustees(),
        follower.names(&[trustee]),
        manifest.threshold
    ));
    screen.say(&format!(
        "  Board checked, {} entries, at {}",
        follower.election().size(),
        follower.url()
    ));
    Ok(())
}
