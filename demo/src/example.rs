//! What is voted on in the demonstration, and how everybody votes.

pub mod club;
pub mod folder;
pub mod survey;

use protocol::ballot::Answer;
use serde_json::{Map, Value};

/// A ballot that a voter seals.
#[derive(Clone)]
pub struct Sealing {
    /// One answer per question of the voter's ballot style.
    pub answers: Vec<Answer>,
    /// The voter tests the booth with this ballot instead of casting it.
    pub is_challenged: bool,
}

/// What one voter does, in this order.
#[derive(Clone, Default)]
pub struct VoterPlan {
    /// The id of the ballot style; empty for the only one.
    pub style: String,
    /// Every ballot that is sealed; the last one cast counts.
    pub sealings: Vec<Sealing>,
}

impl VoterPlan {
    /// A voter who casts one ballot.
    pub fn one(answers: Vec<Answer>) -> Self {
        let is_challenged = false;
        Self {
            style: String::new(),
            sealings: vec![Sealing {
                answers,
                is_challenged,
            }],
        }
    }

    /// How many ballots are cast, superseded ones included.
    pub fn n_cast(&self) -> usize {
        let cast = self
            .sealings
            .iter()
            .filter(|sealing| !sealing.is_challenged);
        cast.count()
    }

    /// The answers that count.
    pub fn counted(&self) -> Option<&[Answer]> {
        let cast = self.sealings.iter().rfind(|sealing| !sealing.is_challenged);
        cast.map(|sealing| sealing.answers.as_slice())
    }
}

/// An election to be held from beginning to end.
#[derive(Clone)]
pub struct ExampleElection {
    /// Its title.
    pub title: String,
    /// The draft of its manifest, without threshold and times.
    pub draft: Map<String, Value>,
    /// Everybody on the roll.
    pub voters: Vec<VoterPlan>,
    /// Totals that were published with the ballots, by contest and position; the others are added up
    /// in the clear.
    pub published: Vec<Vec<Option<i128>>>,
    /// What whoever runs it should know.
    pub notes: Vec<String>,
}

impl ExampleElection {
    /// An election with these contests, in which nothing is withheld.
    pub fn new(title: &str, organiser: &str, contests: Vec<Value>, voters: Vec<VoterPlan>) -> Self {
        let members = [
            ("language", "en".into()),
            ("title", title.into()),
            ("organiser", organiser.into()),
            ("contests", contests.into()),
            ("minimum_ballots", 1.into()),
        ];
        let members = members.into_iter();
        Self {
            title: title.to_owned(),
            draft: members
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            voters,
            published: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// How many ballots are cast, superseded ones included.
    pub fn n_cast(&self) -> usize {
        self.voters.iter().map(VoterPlan::n_cast).sum()
    }

    /// How many voters cast a ballot.
    pub fn n_voting(&self) -> usize {
        let voting = self.voters.iter().filter(|voter| voter.n_cast() > 0);
        voting.count()
    }

    /// The ballot style of everybody on the roll.
    pub fn roll(&self) -> Vec<String> {
        self.voters
            .iter()
            .map(|voter| voter.style.clone())
            .collect()
    }
}
