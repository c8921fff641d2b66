//! Voters whose ballots are nearly names: few have the same ballot style and weight.

use std::collections::BTreeMap;

use protocol::manifest::ElectionManifest;

use crate::advice::SmallClass;

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
