//! An election and a survey that stay open for whoever runs the demonstration: real programs, real
//! pages, and codes to vote with.

mod made_up;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::encoding::encode_hex;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use crate::audit;
use crate::draft;
use crate::example::survey;
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
#[derive(Debug)]
pub struct Example {
    /// The folder of its parties.
    name: &'static str,
    draft: &'static str,
    /// Everybody on the roll: ballot styles (empty for the only one), and how many have each.
    styles: &'static [(&'static str, usize)],
    /// How many of each style have voted before you come.
    n_early: usize,
    /// How many codes of each style are given to you.
    n_yours: usize,
}

impl Example {
    /// The style of everybody on the roll, and how many of the same style stand before.
    fn roll(&self) -> Vec<(String, usize)> {
        let of_style = |(style, count): &(&str, usize)| {
            let style = (*style).to_owned();
            (0..*count).map(move |place| (style.clone(), place))
        };
        self.styles.iter().flat_map(of_style).collect()
    }
}

const ELECTION: Example = Example {
    name: "election",
    draft: include_str!("live/election.json"),
    styles: &[("", 60)],
    n_early: 17,
    n_yours: 5,
};
const SURVEY: Example = Example {
    name: "survey",
    draft: include_str!("live/survey.json"),
    styles: &[("", 60)],
    n_early: 38,
    n_yours: 3,
};
const HOSPITAL: Example = Example {
    name: "hospital",
    draft: survey::DRAFT,
    styles: &[("care", 30), ("doctors", 30)],
    n_early: 17,
    n_yours: 3,
};

/// What is held unless it is said: an election, and a survey of the usual kinds of questions.
pub const USUAL: &[Example] = &[ELECTION, SURVEY];
/// A survey with every kind of question, of two groups.
pub const EVERY_KIND: &[Example] = &[HOSPITAL];

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
    open_for: Duration,
) -> Result<(String, Vec<u8>), LiveError> {
    let members: Map<String, Value> = serde_json::from_str(example.draft)?;
    let title = members.get("title").and_then(|title| title.get("en"));
    let title = title
        .and_then(Value::as_str)
        .unwrap_or(example.name)
        .to_owned();
    let now = OffsetDateTime::now_utc();
    Ok((title, draft::manifest(&members, threshold, now, open_for)?))
}

/// An election that is open.
struct Open {
    stage: Stage,
    title: String,
    election_id: String,
    /// Each with its ballot style.
    codes: Vec<(String, String)>,
    record: PathBuf,
}

impl Open {
    /// From the first key to the first ballots.
    fn new(
        example: &Example,
        (server, witnesses, uuid): (&Arc<BallotBox>, &[Witness], &str),
        programs: &Programs,
        folder: &Path,
        (settings, opening): (&Settings, &Opening),
        is_first: bool,
    ) -> Result<Self, LiveError> {
        let digest = booth_digest(&opening.pages)?;
        let mut record = std::path::absolute(&settings.record)?.into_os_string();
        if !is_first {
            record.push("-");
            record.push(example.name);
        }
        record::expect_replaceable(record.as_ref()).map_err(RunError::from)?;
        let folder = folder.join(example.name);
        fs::create_dir(&folder)?;
        let (n, t) = (settings.trustees, settings.threshold);
        let (title, draft) = timed_draft(example, t, opening.open_for)?;
        let roll = example.roll();
        let draft = draft::watched(&draft, uuid, witnesses)?;
        let what = format!("{title}: keys, roll");
        let (stage, _) = step(&what, || {
            let server = Arc::clone(server);
            let roll: Vec<String> = roll.iter().map(|(style, _)| style.clone()).collect();
            Stage::set_up_on(server, programs, &folder, &draft, &roll, n)
        })
        .map_err(RunError::from)?;
        let what = format!("  key ceremony of {n} trustees, of whom {t} can decrypt");
        step(&what, || stage.ceremony()).map_err(RunError::from)?;
        let n_early = example.n_early * example.styles.len();
        let what = format!("  opening; {n_early} voters come early");
        let ((election_id, codes), _) = step(&what, || {
            stage.open_with_booth(&digest)?;
            let (booth, codes) = stage.booth()?;
            let plans = made_up::early_voters(&booth, example);
            let entries = voters::seal_all(&booth, &plans, &codes, || ())?;
            voters::cast_all(&booth, stage.board(), &entries, || ())?;
            // A program takes all that are left, a person a handful.
            let n_yours = match opening.in_json {
                true => usize::MAX,
                false => example.n_yours,
            };
            let left = codes.into_iter().zip(roll).filter(|(_, (_, place))| {
                (example.n_early..example.n_early.saturating_add(n_yours)).contains(place)
            });
            let codes: Vec<(String, String)> =
                left.map(|(code, (style, _))| (code, style)).collect();
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
        let link = |(code, _): &(String, String)| format!("{board}/vote#e={id}&c={code}");
        self.codes.iter().map(link).collect()
    }

    /// Where to go, for programs.
    fn in_json(&self) -> Value {
        json!({
            "board": self.stage.board(),
            "election": self.election_id,
            "codes": self.codes.iter().map(|(code, _)| code).collect::<Vec<_>>(),
            "links": self.links(),
        })
    }

    /// Where to go, for people.
    fn tell(&self) {
        let board = self.stage.board();
        say(&format!("\n{}", self.title));
        say("  Vote in a browser, each time with a link of its own:");
        for (link, (_, style)) in self.links().iter().zip(&self.codes) {
            match style.as_str() {
                "" => say(&format!("    {link}")),
                style => say(&format!("    {link}  ({style})")),
            }
        }
        if let Some((code, _)) = self.codes.first() {
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

/// Holds elections and surveys on one server: set-up, a few ballots, then they are yours until
/// Enter is pressed or the time is over; then close, tally and verification; then the results are
/// to be seen until Enter is pressed again. Says whether the verifier accepts all records.
///
/// # Errors
/// [`LiveError`] of the first step that fails.
pub fn hold(
    programs: &Programs,
    folder: &Path,
    examples: &[Example],
    opening: &Opening,
    settings: &Settings,
) -> Result<bool, LiveError> {
    let keyboard = Keyboard::listen();
    let port = free_port()?;
    let uuids = examples.iter().map(|_| new_uuid());
    let uuids = uuids.collect::<io::Result<Vec<String>>>()?;
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
    let closes = OffsetDateTime::now_utc() + opening.open_for;
    let open = |(example, uuid): (&Example, &String)| {
        let place = (&server, witnesses.as_slice(), uuid.as_str());
        // The first record goes where it is asked for, the others beside it.
        let is_first = examples
            .first()
            .is_some_and(|first| first.name == example.name);
        Open::new(
            example,
            place,
            programs,
            folder,
            (settings, opening),
            is_first,
        )
    };
    let all = examples.iter().zip(&uuids).map(open);
    let all = all.collect::<Result<Vec<_>, _>>()?;

    if opening.in_json {
        let mut told = all.first().map_or(Value::Null, Open::in_json);
        for (one, example) in all.iter().zip(examples).skip(1) {
            if let Some(members) = told.as_object_mut() {
                members.insert(example.name.to_owned(), one.in_json());
            }
        }
        say(&told.to_string());
    } else {
        all.iter().for_each(Open::tell);
        let (hour, minute) = (closes.hour(), closes.minute());
        say(&format!("\nEverything on this server: {}/", server.url()));
        say(&format!(
            "\nOpen until {hour:02}:{minute:02} UTC. Press Enter to close now, open the totals and verify \
             everything."
        ));
        if examples.iter().all(|example| example.name != HOSPITAL.name) {
            say(
                "A survey with every kind of question, to answer yourself: cargo xtask demo --survey --live",
            );
        }
    }

    keyboard.wait(closes - OffsetDateTime::now_utc());
    let mut is_accepted = true;
    for one in &all {
        is_accepted &= one.finish(settings, programs)?;
    }
    if opening.in_json {
        say(&json!({ "verified": is_accepted }).to_string());
    } else {
        say(match is_accepted {
            true => "\nThe verifier accepts every record.",
            false => "\nTHE VERIFIER REJECTS A RECORD.",
        });
        all.iter().for_each(|one| one.tell_results(programs));
        say("\nThe pages stay until you press Enter.");
    }
    keyboard.wait_to_leave(opening.open_for);
    Ok(is_accepted)
}
