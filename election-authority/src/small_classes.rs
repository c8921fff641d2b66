//! Too few voters: those whose ballots are nearly names, as few have the same ballot style and weight,
//! and questions that are asked of too few to be opened.

use std::collections::BTreeMap;

use protocol::manifest::ElectionManifest;

use crate::advice::{RarelyAsked, SmallClass};

/// Classes with fewer voters than this are warned of, unless the organiser says otherwise.
pub const USUAL: usize = 5;

/// The classes with fewer than `least` voters, of voters given by the index of their style and
/// their weight.
pub fn small_classes(
    manifest: &ElectionManifest,
    voters: impl Iterator<Item = (u16, u32)>,
    least: usize,
) -> Vec<SmallClass> {
    let mut classes: BTreeMap<(u16, u32), usize> = BTreeMap::new();
    for class in voters {
        *classes.entry(class).or_default() += 1;
    }
    let small = classes.into_iter().filter(|(_, voters)| *voters < least);
    small
        .map(|((style, weight), voters)| SmallClass {
            style: manifest
                .styles
                .get(usize::from(style))
                .map_or_else(String::new, |style| style.id.clone()),
            weight,
            voters,
        })
        .collect()
}

/// The contests that fewer voters are asked than `minimum_ballots` says, of voters given by the
/// index of their style and their weight.
pub fn rarely_asked(
    manifest: &ElectionManifest,
    voters: impl Iterator<Item = (u16, u32)>,
) -> Vec<RarelyAsked> {
    let mut of_style = vec![0usize; manifest.styles.len()];
    for (style, _) in voters {
        if let Some(count) = of_style.get_mut(usize::from(style)) {
            *count += 1;
        }
    }
    let needed = manifest.minimum_ballots;
    let mut rare = Vec::new();
    for (index, contest) in manifest.contests.iter().enumerate() {
        let styles = manifest.styles.iter().zip(&of_style);
        let asked = styles.filter(|(style, _)| style.contests.contains(&index));
        let voters: usize = asked.map(|(_, voters)| voters).sum();
        if u64::try_from(voters).is_ok_and(|voters| voters < u64::from(needed)) {
            rare.push(RarelyAsked {
                contest: contest.id.clone(),
                voters,
                needed,
            });
        }
    }
    rare
}
