//! Where an election stands, for people and for programs.

use protocol::election::{Election, Phase};
use protocol::key_ceremony::{Culprit, Fault, KeyCeremony, Round};
use protocol::manifest::ElectionManifest;
use serde::Serialize;

use crate::instant;
use crate::session::Session;

/// The state of an election. Numbers of trustees count from 1.
#[derive(Clone, Debug, Serialize)]
pub struct StateReport {
    /// Name of the election on its server.
    pub uuid: String,
    /// Title, in the manifest's language.
    pub title: String,
    /// Address of the board.
    pub board: String,
    /// Manifest id.
    pub manifest_id: String,
    /// Election id, from the opening on.
    pub election_id: Option<String>,
    /// `setup`, `open`, `closed`, `certified` or `finished`.
    pub phase: String,
    /// Opening time of the manifest.
    pub opens: String,
    /// Closing time of the manifest.
    pub closes: String,
    /// Number of entries.
    pub entries: u64,
    /// Voters on the roll.
    pub voters: usize,
    /// Voters with at least one ballot.
    pub voted: usize,
    /// Ballots, superseded ones included.
    pub ballots: u64,
    /// Challenged ballots.
    pub challenged: u64,
    /// How many trustees decrypt.
    pub threshold: u16,
    /// How many trustees must certify the close.
    pub close_quorum: u16,
    /// Round of the key ceremony: `register`, `commit`, `reveal`, `deal`, `certify`, `complete`.
    pub round: String,
    /// Attempt at the key ceremony.
    pub attempt: u16,
    /// The trustees.
    pub trustees: Vec<TrusteeReport>,
    /// Numbers of the trustees whose next message is waited for.
    pub missing: Vec<u16>,
    /// Who ended earlier attempts at the key ceremony.
    pub culprits: Vec<CulpritReport>,
    /// What happens next.
    pub next: String,
}

/// What one trustee has done.
#[derive(Clone, Debug, Serialize)]
pub struct TrusteeReport {
    /// Number, from 1.
    pub number: u16,
    /// Name.
    pub name: String,
    /// The last round of the key ceremony with its message, if any.
    pub round: Option<String>,
    /// Whether it certified the close.
    pub certified_close: bool,
    /// Whether it gave its preview of guarded counts.
    pub gave_preview: bool,
    /// Whether it gave decryption shares.
    pub gave_shares: bool,
    /// Whether it gave its beacon.
    pub gave_beacon: bool,
    /// Whether it sealed the result.
    pub sealed: bool,
}

/// Who ended an attempt.
#[derive(Clone, Debug, Serialize)]
pub struct CulpritReport {
    /// The attempt.
    pub attempt: u16,
    /// Number of the trustee.
    pub trustee: u16,
    /// What it did.
    pub fault: String,
}

impl StateReport {
    /// Looks at a verified board. `now` is the time in seconds since 1970.
    pub fn new(session: &Session, board: String, now: i64) -> Self {
        let (election, manifest) = (session.election(), session.manifest());
        // The session has folded a manifest, so there is a ceremony.
        let ceremony = election.ceremony();
        let trustees: Vec<_> = (1..=manifest.n_trustees())
            .map(|number| TrusteeReport {
                number,
                name: name(manifest, number),
                round: ceremony.and_then(|ceremony| last_round(ceremony, number)),
                certified_close: election.certified_by().contains(&number),
                gave_preview: election.previewed_by().contains(&number),
                gave_shares: election.shares_by().contains(&number),
                gave_beacon: election.signing().beacon_of(number).is_some(),
                sealed: election.signing().seal_of(number).is_some(),
            })
            .collect();
        let missing = missing(election, manifest.threshold, &trustees);
        Self {
            uuid: manifest.uuid_text(),
            title: manifest
                .title
                .get(&manifest.language)
                .unwrap_or_default()
                .to_owned(),
            board,
            manifest_id: manifest.id().to_string(),
            election_id: election.election_id().map(|id| id.to_string()),
            phase: election.phase().to_string(),
            opens: instant::text(manifest.opens),
            closes: instant::text(manifest.closes),
            entries: election.size(),
            voters: election.n_voters(),
            voted: election.n_voted(),
            ballots: election.n_ballots(),
            challenged: election.n_voids(),
            threshold: manifest.threshold,
            close_quorum: manifest.close_quorum,
            round: ceremony.map_or_else(String::new, |ceremony| ceremony.round().to_string()),
            attempt: ceremony.map_or(0, KeyCeremony::attempt),
            culprits: ceremony
                .map_or(&[][..], KeyCeremony::culprits)
                .iter()
                .map(CulpritReport::new)
                .collect(),
            next: next(election, manifest, missing.len(), now),
            missing,
            trustees,
        }
    }

    /// The report in lines.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{}  {}", self.title, self.uuid),
            format!(
                "Board: {} ({} entries, all verified)",
                self.board, self.entries
            ),
            format!(
                "Phase: {}; opens {}, closes {}",
                self.phase, self.opens, self.closes
            ),
            format!(
                "Voters: {}; {} have voted, with {} ballots; {} ballots were challenged",
                self.voters, self.voted, self.ballots, self.challenged
            ),
            format!(
                "Trustees: {}; {} decrypt, {} certify the close; ceremony in round \"{}\" of attempt {}",
                self.trustees.len(),
                self.threshold,
                self.close_quorum,
                self.round,
                self.attempt
            ),
        ];
        for trustee in &self.trustees {
            let mut done = match &trustee.round {
                Some(round) => format!("has done \"{round}\""),
                None => "has not registered".to_owned(),
            };
            if trustee.certified_close {
                done.push_str(", certified the close");
            }
            if trustee.gave_preview {
                done.push_str(", looked at small counts");
            }
            if trustee.gave_shares {
                done.push_str(", gave its shares");
            }
            if trustee.gave_beacon {
                done.push_str(", gave its beacon");
            }
            if trustee.sealed {
                done.push_str(", sealed the result");
            }
            if self.missing.contains(&trustee.number) {
                done.push_str(" (waited for)");
            }
            lines.push(format!("  {}. {}: {done}", trustee.number, trustee.name));
        }
        for culprit in &self.culprits {
            lines.push(format!(
                "  Attempt {} was ended by trustee {}: {}",
                culprit.attempt, culprit.trustee, culprit.fault
            ));
        }
        lines.push(format!("Next: {}", self.next));
        lines
    }
}

impl CulpritReport {
    fn new(culprit: &Culprit) -> Self {
        let fault = match culprit.fault {
            Fault::WrongShares { recipient, error } => {
                format!("it dealt wrong shares to trustee {recipient}: {error}")
            }
            Fault::FalseComplaint { dealer } => {
                format!("it complained about shares of trustee {dealer} that are right")
            }
            Fault::Abandoned => "it gave the attempt up".to_owned(),
        };
        Self {
            attempt: culprit.attempt,
            trustee: culprit.trustee,
            fault,
        }
    }
}

fn name(manifest: &ElectionManifest, trustee: u16) -> String {
    manifest
        .trustee(trustee)
        .map_or_else(String::new, |trustee| trustee.name.clone())
}

fn last_round(ceremony: &KeyCeremony, trustee: u16) -> Option<String> {
    let rounds = [
        Round::Register,
        Round::Commit,
        Round::Reveal,
        Round::Deal,
        Round::Certify,
    ];
    let done = rounds
        .into_iter()
        .rev()
        .find(|round| ceremony.has_done(trustee, *round));
    done.map(|round| round.to_string())
}

fn n_sealed(election: &Election) -> usize {
    election.signing().sealed_by().len()
}

/// Whether guarded counts must be looked at and too few trustees have done so.
fn lacks_previews(election: &Election, threshold: u16) -> bool {
    election.cells().is_some_and(|cells| cells.n_cells() > 0)
        && election.previewed_by().len() < usize::from(threshold)
}

/// Whose message is waited for in this phase. More than the threshold may give shares.
fn missing(election: &Election, threshold: u16, trustees: &[TrusteeReport]) -> Vec<u16> {
    let without = |done: fn(&TrusteeReport) -> bool| {
        trustees
            .iter()
            .filter(|trustee| !done(trustee))
            .map(|trustee| trustee.number)
            .collect()
    };
    match election.phase() {
        Phase::Setup => election
            .ceremony()
            .map(KeyCeremony::missing)
            .unwrap_or_default(),
        Phase::Closed => without(|trustee| trustee.certified_close),
        Phase::Certified if lacks_previews(election, threshold) => {
            without(|trustee| trustee.gave_preview)
        }
        Phase::Certified if election.n_agreeing_shares() < usize::from(threshold) => {
            without(|trustee| trustee.gave_shares)
        }
        Phase::Finished if n_sealed(election) < usize::from(threshold) => {
            without(|trustee| trustee.sealed)
        }
        _ => Vec::new(),
    }
}

fn next(election: &Election, manifest: &ElectionManifest, missing: usize, now: i64) -> String {
    let trustees = |what: &str| format!("trustees {what}");
    match election.phase() {
        Phase::Setup if missing > 0 => {
            let roll = if election.n_voters() == 0 {
                "; the roll is not published either"
            } else {
                ""
            };
            trustees("take part in the key ceremony") + roll
        }
        Phase::Setup if election.n_voters() == 0 => "election-authority roll publish".to_owned(),
        Phase::Setup => "election-authority open".to_owned(),
        Phase::Open if now < manifest.closes => format!(
            "voters vote until {}; then election-authority close",
            instant::text(manifest.closes)
        ),
        Phase::Open => "election-authority close".to_owned(),
        Phase::Closed => {
            let who = if manifest.board.witnesses.is_empty() {
                "trustees"
            } else {
                "trustees and witnesses"
            };
            format!(
                "{who} certify the close; {} of {} needed have",
                election.n_certified(),
                manifest.close_quorum
            )
        }
        Phase::Certified if lacks_previews(election, manifest.threshold) => trustees(&format!(
            "look at small counts (trustee decrypt); {} of {} needed have",
            election.previewed_by().len(),
            manifest.threshold
        )),
        Phase::Certified if missing > 0 => trustees(&format!(
            "decrypt; {} of {} needed have",
            election.n_agreeing_shares(),
            manifest.threshold
        )),
        Phase::Certified => "election-authority publish".to_owned(),
        Phase::Finished if missing > 0 => format!(
            "trustees seal; {} of {} needed have. Then election-authority record --out OUT writes everything for auditors",
            n_sealed(election),
            manifest.threshold
        ),
        Phase::Empty | Phase::Finished => {
            "nothing; election-authority record --out OUT writes everything for auditors".to_owned()
        }
    }
}
