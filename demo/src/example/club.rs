//! The built-in election: a made-up club with made-up members, the same every time.

use protocol::ballot::Answer;
use serde_json::{Value, json};

use super::{ExampleElection, Sealing, VoterPlan};

/// The number of members on the roll; a few of them do not vote.
pub const N_MEMBERS: usize = 60;

/// A sequence that looks random and is the same every time (SplitMix64, Steele–Lea–Flood,
/// OOPSLA 2014); only made-up choices come from it.
pub(super) struct Sequence(pub(super) u64);

impl Sequence {
    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The remainder is below `limit`, which fits.
        u32::try_from(mixed % u64::from(limit)).unwrap_or(0)
    }
}

fn options(labels: &[&str]) -> Vec<Value> {
    let option =
        |(index, label): (usize, &&str)| json!({ "id": format!("o{}", index + 1), "label": label });
    labels.iter().enumerate().map(option).collect()
}

fn contests() -> Vec<Value> {
    let chair = json!({
        "id": "chair",
        "kind": "choices",
        "title": "Who should chair the rowing club next year?",
        "options": options(&["Ada Birkeland", "Tomás \"Tom\" Oyelaran", "Mei-Ling Sørby"]),
        "min": 1,
        "max": 1,
        "blank": true,
    });
    let budget = json!({
        "id": "budget",
        "kind": "points",
        "title": "Spread ten points over what the club should pay for",
        "options": options(&[
            "A new double scull",
            "Repairs to the boathouse roof, windows and doors",
            "Lessons for beginners",
            "A better coffee machine",
        ]),
        "min": 0,
        "max": 10,
        "max_per_option": 6,
    });
    vec![chair, budget]
}

/// One member's answers: a chair or a blank, then up to ten points.
fn answers(sequence: &mut Sequence) -> Vec<Answer> {
    let choice = match sequence.below(20) {
        0..9 => Some(0),
        9..15 => Some(1),
        15..19 => Some(2),
        _ => None,
    };
    let chair = Answer {
        values: (0..3)
            .map(|option| u32::from(choice == Some(option)))
            .collect(),
        blank: choice.is_none(),
    };
    let mut left = 10;
    let mut points = || {
        let value = sequence.below(7).min(left);
        left -= value;
        value
    };
    let budget = Answer {
        values: (0..4).map(|_| points()).collect(),
        blank: false,
    };
    vec![chair, budget]
}

/// The election of the rowing club: two questions, a blank answer, a member who votes twice, one
/// who challenges the booth before casting, and some who do not vote.
pub fn election() -> ExampleElection {
    let mut sequence = Sequence(2026);
    let mut voters: Vec<VoterPlan> = (0..N_MEMBERS)
        .map(|_| VoterPlan::one(answers(&mut sequence)))
        .collect();
    let sealing = |sequence: &mut Sequence, is_challenged| Sealing {
        answers: answers(sequence),
        is_challenged,
    };
    if let [revoting, challenging, blank, rest @ ..] = voters.as_mut_slice() {
        revoting.sealings.push(sealing(&mut sequence, false));
        challenging.sealings.insert(0, sealing(&mut sequence, true));
        if let Some([chair, _]) = blank
            .sealings
            .first_mut()
            .map(|one| one.answers.as_mut_slice())
        {
            chair.values.fill(0);
            chair.blank = true;
        }
        for absent in rest.iter_mut().skip(2).step_by(12) {
            absent.sealings.clear();
        }
    }
    ExampleElection::new(
        "Annual meeting of the Lakeside Rowing Club",
        "Lakeside Rowing Club (made up)",
        contests(),
        voters,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_club_votes_in_every_way_and_always_the_same() {
        let club = election();
        let answers = |club: &ExampleElection| {
            let voters = club.voters.iter().flat_map(|voter| &voter.sealings);
            let answers = voters.flat_map(|sealing| &sealing.answers);
            answers
                .map(|answer| (answer.values.clone(), answer.blank))
                .collect::<Vec<_>>()
        };
        assert_eq!(answers(&club), answers(&election()));
        let absent = club
            .voters
            .iter()
            .filter(|voter| voter.n_cast() == 0)
            .count();
        assert_eq!((club.voters.len(), absent), (N_MEMBERS, 5));
        assert_eq!((club.n_voting(), club.n_cast()), (55, 56));
        let challenged = club
            .voters
            .iter()
            .flat_map(|voter| &voter.sealings)
            .filter(|sealing| sealing.is_challenged);
        assert_eq!(challenged.count(), 1);
    }
}
