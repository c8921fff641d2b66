//! `trustee status`: where the election stands, and what this trustee should do.

use protocol::election::{Election, Phase};
use protocol::key_ceremony::Round;
use protocol::manifest::ElectionManifest;
use serde::Serialize;

use super::{count, text};
use crate::board::BoardAccess;
use crate::follow::{FollowError, Follower};
use crate::screen::Screen;

/// Where an election stands, for one trustee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The election's title.
    pub title: String,
    /// The manifest id.
    pub manifest: String,
    /// The election id, from the opening on.
    pub election: Option<String>,
    /// Where the board is.
    pub board: String,
    /// Number of entries, all checked.
    pub entries: u64,
    /// This trustee's number, from 1.
    pub trustee: u16,
    /// This trustee's name.
    pub name: String,
    /// How many trustees there are.
    pub trustees: u16,
    /// How many can open the totals.
    pub threshold: u16,
    /// How many, witnesses included, must certify the close.
    pub close_quorum: u16,
    /// Where the election stands.
    pub phase: String,
    /// The round of the key ceremony.
    pub round: String,
    /// The attempt at the key ceremony.
    pub attempt: u16,
    /// Ballots on the board.
    pub ballots: u64,
    /// Which trustees certified the close.
    pub certified: Vec<String>,
    /// Which witnesses certified it.
    pub witnessed: Vec<String>,
    /// Who gave previews of guarded counts.
    pub previewed: Vec<String>,
    /// Who gave parts of the decryption.
    pub decrypted: Vec<String>,
    /// Whose beacons are on the board.
    pub beacons: Vec<String>,
    /// Who sealed the result.
    pub sealed: Vec<String>,
    /// Who is waited for.
    pub waiting_for: Vec<String>,
    /// What this trustee should do.
    pub next: String,
}

/// Reports where the election stands, after checking the board.
///
/// # Errors
/// [`FollowError`] if the board is not followed.
pub fn run<B: BoardAccess>(
    follower: &mut Follower<B>,
    screen: &mut dyn Screen,
) -> Result<Status, FollowError> {
    follower.catch_up(screen)?;
    follower.save()?;
    let election = follower.election();
    let manifest = follower.manifest()?;
    let trustee = follower.trustee();
    let ceremony = election.ceremony().ok_or(FollowError::Empty)?;
    let names = |trustees: &[u16]| -> Vec<String> {
        let roster = (1..).zip(&manifest.trustees);
        let named = roster.filter(|(number, _)| trustees.contains(number));
        named.map(|(_, trustee)| trustee.name.clone()).collect()
    };
    Ok(Status {
        title: text(manifest, &manifest.title).to_owned(),
        manifest: manifest.id().to_string(),
        election: election.election_id().map(|id| id.to_string()),
        board: follower.url().to_owned(),
        entries: election.size(),
        trustee,
        name: names(&[trustee]).concat(),
        trustees: manifest.n_trustees(),
        threshold: manifest.threshold,
        close_quorum: manifest.close_quorum,
        phase: election.phase().to_string(),
        round: ceremony.round().to_string(),
        attempt: ceremony.attempt(),
        ballots: election.n_ballots(),
        certified: names(election.certified_by()),
        witnessed: (election.witnessed_by().iter())
            .filter_map(|number| manifest.board.witness(*number))
            .map(|witness| witness.name.clone())
            .collect(),
        previewed: names(&election.previewed_by()),
        decrypted: names(election.shares_by()),
        beacons: names(&election.signing().beacons_by()),
        sealed: names(&election.signing().sealed_by()),
        waiting_for: names(&waiting_for(election, manifest)),
        next: next(election, manifest, trustee).to_owned(),
    })
}

fn waiting_for(election: &Election, manifest: &ElectionManifest) -> Vec<u16> {
    let all_but = |done: &[u16]| {
        (1..=manifest.n_trustees())
            .filter(|trustee| !done.contains(trustee))
            .collect()
    };
    match election.phase() {
        Phase::Setup => election
            .ceremony()
            .filter(|ceremony| ceremony.round() != Round::Complete)
            .map(|ceremony| ceremony.missing())
            .unwrap_or_default(),
        Phase::Closed => all_but(election.certified_by()),
        Phase::Certified if lacks_previews(election, manifest) => all_but(&election.previewed_by()),
        Phase::Certified if election.n_agreeing_shares() < usize::from(manifest.threshold) => {
            all_but(election.shares_by())
        }
        Phase::Finished
            if election.signing().sealed_by().len() < usize::from(manifest.threshold) =>
        {
            all_but(&election.signing().sealed_by())
        }
        _ => Vec::new(),
    }
}

/// Whether guarded counts must be looked at and too few trustees have done so.
fn lacks_previews(election: &Election, manifest: &ElectionManifest) -> bool {
    election.cells().is_some_and(|cells| cells.n_cells() > 0)
        && election.previewed_by().len() < usize::from(manifest.threshold)
}

fn next(election: &Election, manifest: &ElectionManifest, trustee: u16) -> &'static str {
    let in_ceremony = election
        .ceremony()
        .is_some_and(|ceremony| ceremony.round() != Round::Complete);
    let has_certified = election.certified_by().contains(&trustee);
    let has_beacon = election.signing().beacon_of(trustee).is_some();
    let has_sealed = election.signing().seal_of(trustee).is_some();
    match election.phase() {
        Phase::Empty | Phase::Setup if in_ceremony => "run `trustee ceremony`",
        Phase::Empty | Phase::Setup => "nothing: the organiser opens the election",
        Phase::Open => "nothing until the close; then run `trustee certify-close`",
        Phase::Closed if !has_certified => "run `trustee certify-close`",
        Phase::Closed => "nothing: the others certify the close",
        Phase::Certified
            if lacks_previews(election, manifest) && election.previewed_by().contains(&trustee) =>
        {
            "run `trustee decrypt` once more when enough others have run it"
        }
        Phase::Certified if !has_beacon => "run `trustee decrypt`",
        Phase::Certified if election.n_agreeing_shares() >= usize::from(manifest.threshold) => {
            "nothing: the organiser publishes the result"
        }
        Phase::Certified if election.shares_by().contains(&trustee) => {
            "nothing: other trustees decrypt"
        }
        Phase::Certified => "run `trustee decrypt`",
        Phase::Finished if !has_sealed || !has_beacon => "run `trustee seal`",
        Phase::Finished => "nothing: the result is on the board, and you sealed it",
    }
}

/// Says a status in lines.
pub fn show(status: &Status, screen: &mut dyn Screen) {
    screen.say(&status.title);
    let mut line = |name: &str, value: &str| screen.say(&format!("  {name:<11} {value}"));
    line(
        "You",
        &format!(
            "trustee {} of {} ({}); any {} can open the totals",
            status.trustee, status.trustees, status.name, status.threshold
        ),
    );
    line(
        "Board",
        &format!("{} ({} entries, all checked)", status.board, status.entries),
    );
    line("Phase", &status.phase);
    if status.phase == Phase::Setup.to_string() {
        line(
            "Ceremony",
            &format!("round {}, attempt {}", status.round, status.attempt),
        );
    } else {
        let ballots = usize::try_from(status.ballots).unwrap_or(usize::MAX);
        line("Ballots", &count(ballots, "ballot"));
    }
    let witnesses = status.witnessed.iter();
    let certifiers: Vec<String> = (status.certified.iter().cloned())
        .chain(witnesses.map(|name| format!("the witness {name}")))
        .collect();
    if !certifiers.is_empty() {
        let certified = format!(
            "{} of {} needed: {}",
            certifiers.len(),
            status.close_quorum,
            certifiers.join(", ")
        );
        line("Certified", &certified);
    }
    if !status.previewed.is_empty() {
        line("Previewed", &status.previewed.join(", "));
    }
    if !status.decrypted.is_empty() {
        line("Decrypted", &status.decrypted.join(", "));
    }
    if !status.beacons.is_empty() {
        line("Beacons", &status.beacons.join(", "));
    }
    if !status.sealed.is_empty() {
        let sealed = format!(
            "{} of {} needed: {}",
            status.sealed.len(),
            status.threshold,
            status.sealed.join(", ")
        );
        line("Sealed", &sealed);
    }
    if !status.waiting_for.is_empty() {
        line("Missing", &status.waiting_for.join(", "));
    }
    line("Next", &status.next);
}
