//! An election and a survey that stay open for whoever runs the demonstration: real programs, real
//! pages, and codes to vote with.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use client::booth::Booth;
use protocol::ballot::Answer;
use protocol::encoding::encode_hex;
use protocol::manifest::{Contest, ContestKind};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::audit;
use crate::draft;
use crate::example::VoterPlan;
use crate::keyboard::Keyboard;
use crate::parties::{BallotBox, Witness, free_port};
use crate::programs::Programs;
use crate::record;
use crate::run::{RunError, Settings, WITNESSES};
use crate::screen::{say, step};
use crate::stage::{Stage, StageError, new_uuid};
use crate::summary::signatures;
use crate::voters;

/// What is held on the server.
struct Example {
    /// The folder of its parties.
    name: &'static str,
    draft: &'static str,
    /// Everybody on the roll.
    n_voters: usize,
    /// Those who have voted before you come.
    n_early: usize,
    /// Codes that are given to you.
    n_yours: usize,
}

const ELECTION: Example = Example {
    name: "election",
    draft: include_str!("live/election.json"),
    n_voters: 60,
    n_early: 17,
    n_yours: 5,
};
const SURVEY: Example = Example {
    name: "survey",
    draft: include_str!("live/survey.json"),
    n_voters: 60,
    n_early: 38,
    n_yours: 3,
};

/// How long it is open, and how it is told.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The folder of the pages.
    pub pages: PathBuf,
    /// Voting ends after this time if it is not ended before.
    pub open_for: Duration,
    /// Lines of JSON for programs, and every code that is left.
    pub in_json: bool,
}

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
    /// A draft, which is part of this program, is no JSON.
    #[error("the draft of a manifest cannot be read: {0}")]
    Draft(#[from] serde_json::Error),
    /// The clock.
    #[error("the time cannot be written: {0}")]
    Clock(#[from] time::error::Format),
    /// The system refuses a file or folder.
    #[error("a file of the demonstration cannot be used: {0}")]
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

/// The title in English, and the draft of the manifest.
fn timed_draft(
    example: &Example,
    threshold: u16,
    closes: OffsetDateTime,
) -> Result<(String, Vec<u8>), LiveError> {
    let mut draft: Value = serde_json::from_str(example.draft)?;
    let title = draft.pointer("/title/en").and_then(Value::as_str);
    let title = title.unwrap_or(example.name).to_owned();
    let opens = (OffsetDateTime::now_utc() - Duration::MINUTE).truncate_to_second();
    if let Some(members) = draft.as_object_mut() {
        members.insert("opens".to_owned(), opens.format(&Rfc3339)?.into());
        members.insert("closes".to_owned(), closes.format(&Rfc3339)?.into());
        members.insert("threshold".to_owned(), threshold.into());
    }
    Ok((title, serde_json::to_vec(&draft)?))
}

/// What the `voter`-th made-up voter answers: some choices more liked than others.
fn answer(contest: &Contest, voter: usize) -> Answer {
    let blank = contest.blank && voter % 9 == 8;
    match &contest.kind {
        ContestKind::Matrix { rows } => {
            let n = contest.options.len();
            let option = |row| u32::try_from((voter * voter + row) % n).unwrap_or(0);
            Answer {
                values: (0..rows.len()).map(option).collect(),
                blank: false,
            }
        }
        ContestKind::Number(rules) => {
            let voter = u32::try_from(voter).unwrap_or(0);
            // Below 2^32, whatever the range is.
            let spread = u64::from(voter * 7 % 100) * u64::from(rules.range()) / 99;
            let value = u32::try_from(spread).unwrap_or(0);
            Answer {
                values: vec![if blank { 0 } else { value }],
                blank,
            }
        }
        _ => options(contest, voter, blank),
    }
}

/// Values of options, some more liked than others.
fn options(contest: &Contest, voter: usize, blank: bool) -> Answer {
    let n = contest.options.len();
    let mut values = vec![0; n];
    let liking = |rank: usize| (voter * voter + 3 * rank * rank + rank * voter / 2) % n;
    if !blank {
        let mut left = contest.max;
        let is_points = contest.kind == ContestKind::Points;
        let wanted = if is_points {
            n
        } else {
            1 + voter % usize::try_from(contest.max).unwrap_or(1)
        };
        for rank in 0..wanted {
            let most = contest.max_per_option.min(left);
            let given = if is_points {
                most.min(1 + u32::try_from((voter + rank) % 5).unwrap_or(0))
            } else {
                most
            };
            if let Some(value) = values.get_mut(liking(rank)).filter(|value| **value == 0) {
                *value = given;
                left -= given;
            }
        }
    }
    Answer { values, blank }
}

fn early_voters(booth: &Booth, count: usize) -> Vec<VoterPlan> {
    let asked = || booth.manifest().contests.iter().filter(|one| one.asks());
    (0..count)
        .map(|voter| VoterPlan::one(asked().map(|one| answer(one, voter)).collect()))
        .collect()
}

/// An election that is open.
struct Open {
    stage: Stage,
    title: String,
    election_id: String,
    codes: Vec<String>,
    record: PathBuf,
}

impl Open {
    /// From the first key to the first ballots.
    fn new(
        example: &Example,
        (server, witnesses, uuid): (&Arc<BallotBox>, &[Witness], &str),
        programs: &Programs,
        folder: &Path,
        (settings, opening, closes): (&Settings, &Opening, OffsetDateTime),
    ) -> Result<Self, LiveError> {
        let digest = booth_digest(&opening.pages)?;
        let mut record = std::path::absolute(&settings.record)?.into_os_string();
        if example.name != ELECTION.name {
            record.push("-");
            record.push(example.name);
        }
        record::expect_replaceable(record.as_ref()).map_err(RunError::from)?;
        let folder = folder.join(example.name);
        fs::create_dir(&folder)?;
        let (n, t) = (settings.trustees, settings.threshold);
        let (title, draft) = timed_draft(example, t, closes)?;
        let draft = draft::watched(&draft, uuid, witnesses)?;
        let what = format!("{title}: keys, roll");
        let (stage, _) = step(&what, || {
            let server = Arc::clone(server);
            Stage::set_up_on(server, programs, &folder, &draft, example.n_voters, n)
        })
        .map_err(RunError::from)?;
        let what = format!("  key ceremony of {n} trustees, of whom {t} can decrypt");
        step(&what, || stage.ceremony()).map_err(RunError::from)?;
        let what = format!("  opening; {} voters come early", example.n_early);
        let ((election_id, codes), _) = step(&what, || {
            stage.open_with_booth(&digest)?;
            let (booth, mut codes) = stage.booth()?;
            let plans = early_voters(&booth, example.n_early);
            let entries = voters::seal_all(&booth, &plans, &codes, || ())?;
            voters::cast_all(&booth, stage.board(), &entries, || ())?;
            // A program takes all that are left, a person a handful.
            let n_yours = match opening.in_json {
                true => example.n_voters,
                false => example.n_yours,
            };
            codes.drain(..example.n_early);
            codes.truncate(n_yours);
            Ok::<_, RunError>((booth.election_id().to_string(), codes))
        })?;
        Ok(Self {
            stage,
            title,
            election_id,
            codes,
            record: record.into(),
        })
    }

    fn links(&self) -> Vec<String> {
        let (board, id) = (self.stage.board(), &self.election_id);
        let link = |code| format!("{board}/vote#e={id}&c={code}");
        self.codes.iter().map(link).collect()
    }

    /// Where to go, for programs.
    fn in_json(&self) -> Value {
        json!({
            "board": self.stage.board(),
            "election": self.election_id,
            "codes": self.codes,
            "links": self.links(),
        })
    }

    /// Where to go, for people.
    fn tell(&self) {
        let board = self.stage.board();
        say(&format!("\n{}", self.title));
        say("  Vote in a browser, each time with a link of its own:");
        for link in self.links() {
            say(&format!("    {link}"));
        }
        if let Some(code) = self.codes.first() {
            say(&format!(
                "  or type a code, such as {code}, at {board}/vote"
            ));
        }
        say(&format!("  The public board:   {board}/board"));
        say(&format!("  Check a receipt:    {board}/check"));
    }

    /// Close, tally, publication; says whether the verifier accepts the record.
    fn finish(&self, settings: &Settings, programs: &Programs) -> Result<bool, RunError> {
        let (n, t) = (settings.trustees, settings.threshold);
        let chosen: Vec<u16> = (n - t + 1..=n).collect();
        say(&self.title);
        step(
            "  close; the trustees verify and add up all ballots",
            || self.stage.close(),
        )?;
        let what = format!("  {t} trustees open the totals; publication");
        step(&what, || {
            self.stage.decrypt(&chosen)?;
            self.stage.publish()
        })?;
        let what = format!("  {t} trustees seal the result; the record");
        step(&what, || {
            self.stage.seal(&chosen)?;
            record::make_room(&self.record)?;
            self.stage.write_record(&self.record)?;
            Ok::<_, RunError>(())
        })?;
        let (report, _) = step("  the verifier checks the whole record", || {
            audit::verify(programs, &self.record, self.stage.folder())
        })?;
        for line in signatures(&report, n).lines() {
            say(&format!("  {line}"));
        }
        Ok(report.is_accepted())
    }

    /// Where the results are.
    fn tell_results(&self, programs: &Programs) {
        say(&format!("  The results: {}/board", self.stage.board()));
        let (verifier, record) = (programs.path("verifier"), self.record.display());
        say(&format!(
            "  To verify them yourself: {} verify {record}",
            verifier.display()
        ));
    }
}

/// Holds an election and a survey on one server: set-up, a few ballots, then they are yours until
/// Enter is pressed or the time is over; then close, tally and verification; then the results are
/// to be seen until Enter is pressed again. Says whether the verifier accepts both records.
///
/// # Errors
/// [`LiveError`] of the first step that fails.
pub fn hold(
    programs: &Programs,
    folder: &Path,
    opening: &Opening,
    settings: &Settings,
) -> Result<bool, LiveError> {
    let keyboard = Keyboard::listen();
    let (port, uuids) = (free_port()?, [new_uuid()?, new_uuid()?]);
    let [of_election, of_survey] = &uuids;
    let boards: Vec<String> = (uuids.iter())
        .map(|uuid| format!("http://127.0.0.1:{port}/e/{uuid}"))
        .collect();
    let failed = |error| RunError::from(StageError::from(error));
    let witnesses = (1..=WITNESSES)
        .map(|number| Witness::start(programs, folder, number, &boards))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    let pages = Some(opening.pages.as_path());
    let server = BallotBox::start_on(programs, folder, pages, port, &witnesses);
    let server = Arc::new(server.map_err(failed)?);
    let closes = (OffsetDateTime::now_utc() + opening.open_for).truncate_to_second();
    let how = (settings, opening, closes);
    let election = Open::new(
        &ELECTION,
        (&server, &witnesses, of_election),
        programs,
        folder,
        how,
    )?;
    let survey = Open::new(
        &SURVEY,
        (&server, &witnesses, of_survey),
        programs,
        folder,
        how,
    )?;
    let both = [&election, &survey];

    if opening.in_json {
        let mut told = election.in_json();
        if let Some(members) = told.as_object_mut() {
            members.insert("survey".to_owned(), survey.in_json());
        }
        say(&told.to_string());
    } else {
        both.into_iter().for_each(Open::tell);
        let (hour, minute) = (closes.hour(), closes.minute());
        say(&format!("\nEverything on this server: {}/", server.url()));
        say(&format!(
            "\nBoth are open until {hour:02}:{minute:02} UTC. Press Enter to close them now, open the totals \
             and verify everything."
        ));
    }

    keyboard.wait(closes - OffsetDateTime::now_utc());
    let mut is_accepted = true;
    for one in both {
        is_accepted &= one.finish(settings, programs)?;
    }
    if opening.in_json {
        say(&json!({ "verified": is_accepted }).to_string());
    } else {
        say(match is_accepted {
            true => "\nThe verifier accepts both records.",
            false => "\nTHE VERIFIER REJECTS A RECORD.",
        });
        both.into_iter().for_each(|one| one.tell_results(programs));
        say("\nThe pages stay until you press Enter.");
    }
    keyboard.wait_to_leave(opening.open_for);
    Ok(is_accepted)
}
