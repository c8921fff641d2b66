//! What is voted on in the demonstration, how everybody votes, and what must come out.

pub mod club;
pub mod folder;

use protocol::ballot::Answer;
use protocol::manifest::ContestKind;

/// A question with its limits, as the manifest will state it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its id.
    pub id: String,
    /// What voters read.
    pub title: String,
    /// What values options take.
    pub kind: ContestKind,
    /// Id and label of every option.
    pub options: Vec<(String, String)>,
    /// Least sum of values.
    pub min: u32,
    /// Largest sum of values.
    pub max: u32,
    /// Largest value of one option; 1 for choices.
    pub max_per_option: u32,
    /// Whether a blank answer is allowed.
    pub blank: bool,
}

impl Question {
    /// The labels of the positions whose totals are published.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let options = self.options.iter().map(|(_, label)| label.as_str());
        options.chain(self.blank.then_some("(blank)"))
    }
}

/// A ballot that a voter seals.
#[derive(Clone)]
pub struct Sealing {
    /// One answer per question.
    pub answers: Vec<Answer>,
    /// The voter tests the booth with this ballot instead of casting it.
    pub is_challenged: bool,
}

/// What one voter does, in this order.
#[derive(Clone, Default)]
pub struct VoterPlan {
    /// Every ballot that is sealed; the last one cast counts.
    pub sealings: Vec<Sealing>,
}

impl VoterPlan {
    /// A voter who casts one ballot.
    pub fn one(answers: Vec<Answer>) -> Self {
        let is_challenged = false;
        Self {
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
    fn counted(&self) -> Option<&[Answer]> {
        let cast = self.sealings.iter().rfind(|sealing| !sealing.is_challenged);
        cast.map(|sealing| sealing.answers.as_slice())
    }
}

/// An election to be held from beginning to end.
#[derive(Clone)]
pub struct ExampleElection {
    /// Its title.
    pub title: String,
    /// Who is said to organise it.
    pub organiser: String,
    /// The questions.
    pub questions: Vec<Question>,
    /// Everybody on the roll.
    pub voters: Vec<VoterPlan>,
    /// The totals that must come out, per question: its options, then its blank.
    pub expected: Vec<Vec<u64>>,
}

impl ExampleElection {
    /// The totals of the plans, added up in the clear.
    pub fn totals_in_the_clear(questions: &[Question], voters: &[VoterPlan]) -> Vec<Vec<u64>> {
        let mut totals: Vec<Vec<u64>> = questions
            .iter()
            .map(|question| vec![0; question.labels().count()])
            .collect();
        for answers in voters.iter().filter_map(VoterPlan::counted) {
            for (totals, answer) in totals.iter_mut().zip(answers) {
                let values = answer.values.iter().copied().map(u64::from);
                let values = values.chain([u64::from(answer.blank)]);
                for (total, value) in totals.iter_mut().zip(values) {
                    *total += value;
                }
            }
        }
        totals
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
}
