//! Voters whose choices the totals could show, because few ballots of their kind are counted.

use std::collections::BTreeMap;

use protocol::credential::RollPart;
use protocol::election::Election;
use protocol::entry::{Envelope, Kind};

/// So few counted ballots of one class single their voters out.
const FEW: usize = 2;

/// The voters of one ballot style and weight: their ballots are summed as one, and where weights
/// differ, the totals can often be taken apart into the sums of each class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Id of the ballot style.
    pub style: String,
    /// The weight.
    pub weight: u32,
    /// How many voters of the roll it has.
    pub voters: usize,
    /// How many of them have a ballot that counts.
    pub voted: usize,
}

impl Class {
    /// Whether the totals could single out somebody of this class.
    pub fn is_exposed(&self) -> bool {
        (1..=FEW).contains(&self.voted)
    }
}

/// The classes of an election's roll, by style and weight. `entries` are those of `election`.
pub fn classes(election: &Election, entries: &[Vec<u8>]) -> Vec<Class> {
    let Some(manifest) = election.manifest() else {
        return Vec::new();
    };
    let is_roll = |entry: &&Vec<u8>| entry.get(1) == Some(&(Kind::Roll as u8));
    let mut classes: BTreeMap<(u16, u32), (usize, usize)> = BTreeMap::new();
    for entry in entries.iter().filter(is_roll) {
        // The fold has decoded every entry before.
        let Ok(envelope) = Envelope::decode(entry) else {
            continue;
        };
        let Ok(part) = RollPart::decode(envelope.body, manifest.issuers.len()) else {
            continue;
        };
        for line in part.voters {
            let credential = line.credential();
            let record = credential.and_then(|credential| election.voter(&credential));
            let has_voted = record.is_some_and(|record| record.counter > 0);
            let (voters, voted) = classes.entry((line.style, line.weight)).or_default();
            (*voters, *voted) = (*voters + 1, *voted + usize::from(has_voted));
        }
    }
    let named = classes
        .into_iter()
        .map(|((style, weight), (voters, voted))| Class {
            style: manifest
                .styles
                .get(usize::from(style))
                .map_or_else(String::new, |style| style.id.clone()),
            weight,
            voters,
            voted,
        });
    named.collect()
}
