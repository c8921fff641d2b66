//! What is done to records.

use crate::board::Keys;
use getrandom::SysRng;
use protocol::entry::sign_entry;

/// A generator of numbers that are the same in every run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// A change of one entry or of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing but a new signature: the only one that always leaves a good entry.
    SignAgain,
    /// One bit, anywhere.
    FlipBit,
    /// One bit, and signed again.
    FlipSigned,
    /// A small number near the front: kinds, attempts, counters.
    SetByte,
    /// 32 bytes from somewhere else in the record.
    Splice,
    /// Bytes that no element and no scalar has.
    Extreme,
    /// Cut short, signed again or not.
    Truncate,
    /// Made longer, signed again or not.
    Extend,
    /// The author is somebody else, who signs.
    OtherAuthor,
    /// Two entries change places.
    Swap,
    /// It changes places with the next of its kind.
    SwapSameKind,
    /// It is there twice.
    Duplicate,
    /// It comes again at the end.
    Again,
    /// It is not there.
    Remove,
    /// All after it is not there.
    Cut,
}

use Change::{
    Again, Cut, Duplicate, Extend, Extreme, FlipBit, FlipSigned, OtherAuthor, Remove, SetByte,
    SignAgain, Splice, Swap, SwapSameKind, Truncate,
};

const ALL: [Change; 15] = [
    SignAgain,
    FlipBit,
    FlipSigned,
    SetByte,
    Splice,
    Extreme,
    Truncate,
    Extend,
    OtherAuthor,
    Swap,
    SwapSameKind,
    Duplicate,
    Again,
    Remove,
    Cut,
];

/// The first byte after version, kind and scope.
const AUTHOR: usize = 34;
const SIGNATURE: usize = 64;

impl Change {
    pub fn draw(dice: &mut Dice) -> Self {
        ALL[dice.below(ALL.len())]
    }

    /// Changes entry `at` or its place. `good` is where other bytes come from.
    pub fn apply(
        self,
        entries: &mut Vec<Vec<u8>>,
        at: usize,
        good: &[Vec<u8>],
        keys: &Keys,
        dice: &mut Dice,
    ) {
        if entries.is_empty() {
            return;
        }
        let at = at.min(entries.len() - 1);
        match self {
            Swap => entries.swap(at, dice.below(good.len()).min(at)),
            SwapSameKind => {
                let kind = entries[at].get(1).copied();
                let other = (at + 1..entries.len()).find(|i| entries[*i].get(1).copied() == kind);
                entries.swap(at, other.unwrap_or(at));
            }
            Duplicate => entries.insert(at, entries[at].clone()),
            Again => entries.push(entries[at].clone()),
            Remove => drop(entries.remove(at)),
            Cut => entries.truncate(at + 1),
            _ => self.change(&mut entries[at], good, keys, dice),
        }
    }

    fn change(self, entry: &mut Vec<u8>, good: &[Vec<u8>], keys: &Keys, dice: &mut Dice) {
        let key = keys.of(entry);
        if self == FlipBit && !entry.is_empty() {
            let bit = dice.below(8 * entry.len());
            entry[bit / 8] ^= 1 << (bit % 8);
            return;
        }
        let mut unsigned = entry.clone();
        unsigned.truncate(entry.len().saturating_sub(SIGNATURE));
        let length = unsigned.len();
        let body = length.saturating_sub(AUTHOR);
        match self {
            FlipSigned if length > 0 => {
                let bit = dice.below(8 * length);
                unsigned[bit / 8] ^= 1 << (bit % 8);
            }
            SetByte if body > 0 => {
                let place = AUTHOR + dice.below(body.min(12));
                unsigned[place] = [0, 1, 2, 3, 4, 0xff][dice.below(6)];
            }
            Splice if body >= 32 => {
                let from = &good[dice.below(good.len())];
                let start = dice.below(from.len() - 31);
                // Elements and scalars stand every 32 bytes, from either end.
                let steps = dice.below((body - 32) / 32 + 1);
                let place = length - 32 - 32 * steps;
                unsigned[place..place + 32].copy_from_slice(&from[start..start + 32]);
            }
            Extreme if body >= 32 => {
                let place = length - 32 - 32 * dice.below((body - 32) / 32 + 1);
                unsigned[place..place + 32].fill([0, 0xff][dice.below(2)]);
            }
            Truncate => unsigned.truncate(dice.below(length)),
            Extend => unsigned.resize(length + 1 + dice.below(40), 0),
            OtherAuthor if body >= 2 => {
                unsigned[AUTHOR] = 0;
                unsigned[AUTHOR + 1] = dice.below(5) as u8;
            }
            _ => {}
        }
        let key = if self == OtherAuthor {
            keys.of(&unsigned)
        } else {
            key
        };
        if matches!(self, Truncate | Extend) && dice.below(2) == 0 {
            *entry = unsigned;
            return;
        }
        *entry = sign_entry(unsigned, key, &mut SysRng).unwrap();
    }
}
