//! An election that stays open for whoever runs the demonstration: real programs, real pages, and
//! codes to vote with.

use std::fs;
use std::io::{self, BufRead as _};
use std::path::{Path, PathBuf};

use client::booth::Booth;
use protocol::ballot::Answer;
use protocol::encoding::encode_hex;
use protocol::manifest::{Contest, ContestKind};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::audit::{self, Report};
use crate::example::VoterPlan;
use crate::programs::Programs;
use crate::record;
use crate::run::{RunError, Settings};
use crate::screen::{say, step};
use crate::stage::Stage;
use crate::voters;

/// Everybody on the roll.
const N_VOTERS: usize = 40;
/// Those who have voted before you come.
const N_EARLY: usize = 17;
/// Codes that are given to you.
const N_CODES: usize = 5;

/// Why there is no election to vote in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The pages are not built.
    #[error("there are no pages in {}; build them first with: cargo xtask ui", folder.display())]
    NoPages {
        /// Where they were looked for.
        folder: PathBuf,
    },
    /// A step failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The draft, which is part of this program, is no JSON.
    #[error("the draft of the manifest cannot be read: {0}")]
    Draft(#[from] serde_json::Error),
    /// The clock.
    #[error("the time cannot be written: {0}")]
    Clock(#[from] time::error::Format),
    /// The keyboard.
    #[error("the keyboard cannot be read: {0}")]
    System(#[from] io::Error),
}

/// The usual folder of the pages.
pub fn usual_pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist")
}

/// The digest of the booth's files: the hash of the list of their hashes (docs/spec/board.md).
fn booth_digest(pages: &Path) -> Result<String, LiveError> {
    let list = fs::read(pages.join("HASHES.txt")).map_err(|_| LiveError::NoPages {
        folder: pages.to_owned(),
    })?;
    Ok(encode_hex(&Sha256::digest(list)))
}

fn draft(threshold: u16) -> Result<Vec<u8>, LiveError> {
    let mut draft: Value = serde_json::from_str(include_str!("live/draft.json"))?;
    let now = OffsetDateTime::now_utc().truncate_to_second();
    if let Some(members) = draft.as_object_mut() {
        let opens = (now - Duration::MINUTE).format(&Rfc3339)?;
        let closes = (now + Duration::DAY).format(&Rfc3339)?;
        members.insert("opens".to_owned(), opens.into());
        members.insert("closes".to_owned(), closes.into());
        members.insert("threshold".to_owned(), threshold.into());
    }
    Ok(serde_json::to_vec(&draft)?)
}

/// What the `voter`-th made-up voter answers: some choices more liked than others.
fn answer(contest: &Contest, voter: usize) -> Answer {
    let n = contest.options.len();
    let mut values = vec![0; n];
    let blank = contest.blank && voter % 9 == 8;
    let liking = |rank: usize| (voter * voter + 3 * rank * rank + rank * voter / 2) % n;
    if !blank {
        let mut left = contest.max;
        let wanted = match contest.kind {
            ContestKind::Points => n,
            ContestKind::Choices => 1 + voter % usize::try_from(contest.max).unwrap_or(1),
        };
        for rank in 0..wanted {
            let most = contest.max_per_option.min(left);
            let given = match contest.kind {
                ContestKind::Choices => most,
                ContestKind::Points => most.min(1 + u32::try_from((voter + rank) % 5).unwrap_or(0)),
            };
            if let Some(value) = values.get_mut(liking(rank)).filter(|value| **value == 0) {
                *value = given;
                left -= given;
            }
        }
    }
    Answer { values, blank }
}

fn early_voters(booth: &Booth) -> Vec<VoterPlan> {
    let contests = &booth.manifest().contests;
    (0..N_EARLY)
        .map(|voter| VoterPlan::one(contests.iter().map(|one| answer(one, voter)).collect()))
        .collect()
}

/// Where to go, for people or for programs.
fn tell(stage: &Stage, booth: &Booth, codes: &[String], in_json: bool) {
    let (board, id) = (stage.board(), booth.election_id());
    let links: Vec<String> = codes
        .iter()
        .map(|code| format!("{board}/vote#e={id}&c={code}"))
        .collect();
    if in_json {
        say(
            &json!({ "board": board, "election": id.to_string(), "codes": codes, "links": links })
                .to_string(),
        );
        return;
    }
    say("\nThe election is open. Vote in a browser, with a link of your own each time:\n");
    for link in &links {
        say(&format!("  {link}"));
    }
    say(&format!("\nOr type one of the codes at {board}/vote:\n"));
    for code in codes {
        say(&format!("  {code}"));
    }
    say(&format!("\nThe public board:  {board}/board"));
    say(&format!("Check a receipt:   {board}/check"));
    say("\nPress Enter to close the election, open the totals and verify everything.");
}

/// Waits for Enter; whoever has no keyboard waits for the end of the program.
fn enter() -> io::Result<()> {
    io::stdin().lock().read_line(&mut String::new()).map(drop)
}

/// Holds the election: set-up, a few ballots, then it is yours until Enter is pressed; then close,
/// tally and verification; then the results are to be seen until Enter is pressed again.
///
/// # Errors
/// [`LiveError`] of the first step that fails.
pub fn hold(
    programs: &Programs,
    folder: &Path,
    pages: &Path,
    settings: &Settings,
    in_json: bool,
) -> Result<Report, LiveError> {
    let digest = booth_digest(pages)?;
    let (n, t) = (settings.trustees, settings.threshold);
    let draft = draft(t)?;
    let what = format!("Keys, manifest, a roll of {N_VOTERS} voters");
    let (stage, _) = step(&what, || {
        Stage::set_up_draft(programs, folder, &draft, N_VOTERS, n, Some(pages))
    })
    .map_err(RunError::from)?;
    step(&format!("Key ceremony of {n} trustees"), || {
        stage.ceremony()
    })
    .map_err(RunError::from)?;
    let ((booth, codes), _) = step("Opening", || {
        stage.open_with_booth(&digest)?;
        stage.booth()
    })
    .map_err(RunError::from)?;
    let plans = early_voters(&booth);
    step(&format!("{N_EARLY} voters come early"), || {
        let entries = voters::seal_all(&booth, &plans, &codes, || ())?;
        voters::cast_all(&booth, stage.board(), &entries, || ())
    })
    .map_err(RunError::from)?;
    // A program takes all that are left, a person a handful.
    let n_yours = if in_json { N_VOTERS } else { N_CODES };
    let yours: Vec<String> = codes.into_iter().skip(N_EARLY).take(n_yours).collect();
    tell(&stage, &booth, &yours, in_json);

    enter()?;
    step("Close; the trustees verify and add up all ballots", || {
        stage.close()
    })
    .map_err(RunError::from)?;
    let chosen: Vec<u16> = (n - t + 1..=n).collect();
    let record = std::path::absolute(&settings.record)?;
    step(
        &format!("{t} trustees open the totals; publication"),
        || {
            stage.decrypt(&chosen)?;
            record::make_room(&record)?;
            stage.publish(&record)?;
            Ok::<_, RunError>(())
        },
    )?;
    let (report, _) = step("The verifier checks the whole record", || {
        audit::verify(programs, &record, folder).map_err(RunError::from)
    })?;
    if in_json {
        say(&json!({ "verified": report.is_accepted() }).to_string());
    } else {
        say(match report.is_accepted() {
            true => "\nThe verifier accepts the record.",
            false => "\nTHE VERIFIER REJECTS THE RECORD.",
        });
        say(&format!("The results:  {}/board", stage.board()));
        say("\nPress Enter to end.");
    }
    enter()?;
    Ok(report)
}
