//! Closed cells that all lines together give away.
//!
//! Spec: docs/spec/tally.md, "Lines": the reduced row echelon form modulo the prime 2^61 − 1 of the
//! matrix with a column for each closed cell and a row for each line.

use std::collections::BTreeMap;

use super::cells::{Line, Sum};

/// 2^61 − 1.
const PRIME: u64 = (1 << 61) - 1;

/// A row without its zeros: column → entry, 1..PRIME.
type Row = BTreeMap<usize, u64>;

fn multiply(a: u64, b: u64) -> u64 {
    // The remainder is below 2^61.
    (u128::from(a) * u128::from(b) % u128::from(PRIME)) as u64
}

fn inverse(a: u64) -> u64 {
    let (mut result, mut power, mut exponent) = (1, a, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, power);
        }
        (power, exponent) = (multiply(power, power), exponent >> 1);
    }
    result
}

/// `row` − factor·`other`.
fn subtract(row: &mut Row, factor: u64, other: &Row) {
    for (column, entry) in other {
        let entry = multiply(factor, *entry);
        let sum = (row.get(column).copied().unwrap_or(0) + PRIME - entry) % PRIME;
        match sum {
            0 => row.remove(column),
            sum => row.insert(*column, sum),
        };
    }
}

/// The closed cells that follow from these lines and the open cells.
pub(super) fn determined(lines: &[Line], is_closed: impl Fn(usize) -> bool) -> Vec<usize> {
    let row = |line: &Line| -> Row {
        let own = line.cells.iter().map(|cell| (*cell, 1));
        let margin = match line.sum {
            Sum::Margin(cell) => Some((cell, PRIME - 1)),
            Sum::Ballots(_) => None,
        };
        own.chain(margin)
            .filter(|(cell, _)| is_closed(*cell))
            .collect()
    };
    // By pivot; every row has 1 there, and no other row has an entry there.
    let mut reduced: BTreeMap<usize, Row> = BTreeMap::new();
    for mut row in lines.iter().map(row) {
        let known: Vec<(usize, u64)> = row
            .iter()
            .filter(|(column, _)| reduced.contains_key(column))
            .map(|(column, entry)| (*column, *entry))
            .collect();
        for (column, entry) in known {
            if let Some(other) = reduced.get(&column) {
                subtract(&mut row, entry, other);
            }
        }
        let Some((pivot, first)) = row.first_key_value() else {
            continue;
        };
        let (pivot, scale) = (*pivot, inverse(*first));
        row.values_mut()
            .for_each(|entry| *entry = multiply(*entry, scale));
        for other in reduced.values_mut() {
            if let Some(entry) = other.get(&pivot).copied() {
                subtract(other, entry, &row);
            }
        }
        reduced.insert(pivot, row);
    }
    reduced
        .into_iter()
        .filter_map(|(pivot, row)| (row.len() == 1).then_some(pivot))
        .collect()
}
