//! Closed cells that all lines together give away: elimination modulo 2^61 − 1.

use super::{
    Cell, Counts,
    lines::{Line, Sum},
};
use std::collections::{BTreeMap, BTreeSet};

/// A Mersenne prime, far above any coefficient that small lines can give.
const PRIME: u64 = (1 << 61) - 1;

/// A row of the matrix, by the number of the closed cell; without zeros.
type Row = BTreeMap<Cell, u64>;

/// The closed cells that the lines determine: those that stand alone in a row of the reduced row
/// echelon form.
pub(super) fn of(lines: &[Line], counts: &Counts) -> BTreeSet<Cell> {
    let is_closed = |cell: &Cell| counts.get(cell) == Some(&None);
    // By pivot, each row without the pivots of the others.
    let mut reduced: BTreeMap<Cell, Row> = BTreeMap::new();
    for line in lines {
        let own = line.cells.iter().map(|cell| (*cell, 1));
        let margin = match line.sum {
            Sum::Margin(margin) => Some((margin, PRIME - 1)),
            Sum::Ballots(_) => None,
        };
        let mut row: Row = own
            .chain(margin)
            .filter(|(cell, _)| is_closed(cell))
            .collect();
        let pivots: Vec<Cell> = row.keys().copied().collect();
        for pivot in pivots {
            if let (Some(factor), Some(other)) = (row.get(&pivot).copied(), reduced.get(&pivot)) {
                subtract(&mut row, factor, other);
            }
        }
        let Some((pivot, leading)) = row.first_key_value().map(|(cell, value)| (*cell, *value))
        else {
            continue;
        };
        let inverse = power(leading, PRIME - 2);
        for value in row.values_mut() {
            *value = product(*value, inverse);
        }
        for other in reduced.values_mut() {
            if let Some(factor) = other.get(&pivot).copied() {
                subtract(other, factor, &row);
            }
        }
        reduced.insert(pivot, row);
    }
    let alone = reduced.into_iter().filter(|(_, row)| row.len() == 1);
    alone.map(|(pivot, _)| pivot).collect()
}

/// row −= factor·other.
fn subtract(row: &mut Row, factor: u64, other: &Row) {
    let negative = PRIME - factor;
    for (cell, value) in other {
        let sum = row.entry(*cell).or_default();
        *sum = (*sum + product(negative, *value)) % PRIME;
        if *sum == 0 {
            row.remove(cell);
        }
    }
}

fn product(one: u64, other: u64) -> u64 {
    (u128::from(one) * u128::from(other) % u128::from(PRIME)) as u64
}

fn power(base: u64, exponent: u64) -> u64 {
    let mut result = 1;
    for bit in (0..u64::BITS).rev() {
        result = product(result, result);
        if exponent >> bit & 1 == 1 {
            result = product(result, base);
        }
    }
    result
}
