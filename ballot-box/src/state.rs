//! What the fold says about an election, as it is shown to anybody who asks.

use std::sync::Arc;

use protocol::election::{Election, Phase, Voting};
use protocol::encoding::encode_hex;
use protocol::entry::VERSION;
use protocol::group::Element;
use protocol::key_ceremony::{Fault, KeyCeremony, Round};
use protocol::manifest::ElectionManifest;
use serde::Serialize;
use serde_json::{Value, json};

use crate::boards::Board;
use crate::clock::in_digits;

/// The state of an election after the last entry on the disk.
pub struct State {
    /// Where it stands.
    pub phase: Phase,
    /// What ballots are verified against, from the opening on.
    pub voting: Option<Arc<Voting>>,
    /// The number of entries up to and with the close, once there is one.
    pub close: Option<u64>,
    /// The witnesses who certified it.
    pub witnessed_by: Vec<u16>,
    /// All of it, as JSON.
    pub shown: Value,
}

/// A voter as the board shows it: a pseudonym, and what it has cast.
#[derive(Clone, Debug, Serialize)]
pub struct VoterStatus {
    /// Index of its ballot style in the manifest.
    pub style: u16,
    /// How much its ballot counts.
    pub weight: u32,
    /// How many ballots it has cast.
    pub counter: u32,
    /// Confirmation code of its last ballot.
    pub previous: Option<String>,
}

impl VoterStatus {
    /// The voter of a credential, if it is on the roll.
    pub fn of(election: &Election, credential: &Element) -> Option<Self> {
        let voter = election.voter(credential)?;
        let previous = (voter.counter > 0).then(|| encode_hex(&voter.previous));
        Some(Self {
            style: voter.style,
            weight: voter.weight,
            counter: voter.counter,
            previous,
        })
    }
}

impl State {
    /// What is shown of `election`. `n_voted` is the number of voters with a ballot, which is
    /// counted along, since counting it anew reads the whole roll.
    pub fn of(board: &Board, election: &Election, n_voted: usize) -> Self {
        let manifest = election.manifest();
        let culprits = election
            .ceremony()
            .map(KeyCeremony::culprits)
            .unwrap_or_default();
        let faults: Vec<_> = culprits
            .iter()
            .map(|culprit| json!({ "attempt": culprit.attempt, "trustee": culprit.trustee, "fault": in_words(&culprit.fault) }))
            .collect();
        let shown = json!({
            "psephos": VERSION,
            "kind": "election",
            "uuid": board.uuid.to_string(),
            "origin": board.origin,
            "phase": election.phase().to_string(),
            "manifest_id": manifest.map(|manifest| manifest.id().to_string()),
            "election_id": election.election_id().map(|id| id.to_string()),
            "opens": manifest.map(|manifest| in_digits(manifest.opens)),
            "closes": manifest.map(|manifest| in_digits(manifest.closes)),
            "voters": election.n_voters(),
            "voted": n_voted,
            "ballots": election.n_ballots(),
            "voids": election.n_voids(),
            "ceremony": election.ceremony().map(|ceremony| json!({
                "attempt": ceremony.attempt(),
                "round": ceremony.round().to_string(),
                "faults": faults,
            })),
            "trustees": manifest.map(|manifest| trustees(manifest, election)),
            "witnesses": manifest.map(|manifest| witnesses(manifest, election)),
            "size": election.size(),
            "root": election.root().to_string(),
        });
        Self {
            phase: election.phase(),
            voting: election.voting().cloned(),
            close: election.close().map(|close| close.size),
            witnessed_by: election.witnessed_by().to_vec(),
            shown,
        }
    }
}

fn trustees(manifest: &ElectionManifest, election: &Election) -> Vec<Value> {
    let has_done = |trustee, round| {
        election
            .ceremony()
            .is_some_and(|ceremony| ceremony.has_done(trustee, round))
    };
    (1u16..)
        .zip(&manifest.trustees)
        .map(|(number, trustee)| {
            json!({
                "trustee": number,
                "name": trustee.name,
                "registered": has_done(number, Round::Register),
                "committed": has_done(number, Round::Commit),
                "revealed": has_done(number, Round::Reveal),
                "dealt": has_done(number, Round::Deal),
                "certified": has_done(number, Round::Certify),
                "certified_close": election.certified_by().contains(&number),
                "previewed": election.previewed_by().contains(&number),
                "shares": election.shares_by().contains(&number),
            })
        })
        .collect()
}

fn witnesses(manifest: &ElectionManifest, election: &Election) -> Vec<Value> {
    (1u16..)
        .zip(&manifest.board.witnesses)
        .map(|(number, witness)| {
            json!({
                "witness": number,
                "name": witness.name,
                "certified_close": election.witnessed_by().contains(&number),
            })
        })
        .collect()
}

fn in_words(fault: &Fault) -> String {
    match fault {
        Fault::WrongShares { recipient, .. } => {
            format!("dealt wrong shares to trustee {recipient}")
        }
        Fault::FalseComplaint { dealer } => {
            format!("complained about shares of trustee {dealer} that are right")
        }
        Fault::Abandoned => "gave the attempt up".to_owned(),
    }
}
