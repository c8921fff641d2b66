//! Lines that give something away, and lines that do not.

use super::*;

fn line(cells: &[usize], sum: Sum) -> Line {
    Line {
        contest: "c".to_owned(),
        cells: cells.iter().map(|position| (0, *position)).collect(),
        sum,
    }
}

/// Counts of contest 0, in order.
fn counts(cells: &[Option<u64>]) -> Counts {
    let cells = cells.iter().enumerate();
    cells
        .map(|(position, count)| ((0, position), *count))
        .collect()
}

fn leaks(line: &Line, counts: &Counts) -> bool {
    let determined = determined::of(std::slice::from_ref(line), counts);
    leak(line, counts, &determined, 5).is_some()
}

#[test]
fn a_line_leaks_by_one_closed_cell_or_by_few_together() {
    let sum = |sum| line(&[0, 1, 2], Sum::Ballots(sum));
    for (cells, ballots, expected) in [
        ([Some(8), Some(9), Some(7)], 24, false),
        ([None, Some(9), Some(7)], 30, true),
        ([None, None, Some(7)], 15, true),
        ([None, None, Some(7)], 16, false),
        ([None, None, None], 2, false),
        // More is open than there are ballots, which another fault may bring about.
        ([None, None, Some(70)], 16, true),
    ] {
        assert_eq!(leaks(&sum(ballots), &counts(&cells)), expected, "{cells:?}");
    }
}

#[test]
fn no_cell_is_open_under_a_closed_margin() {
    let line = line(&[0, 1], Sum::Margin((0, 2)));
    for (cells, expected) in [
        ([Some(8), Some(9), None], true),
        ([None, Some(9), None], true),
        ([None, None, None], false),
        ([None, None, Some(9)], false),
        ([Some(8), Some(9), Some(17)], false),
    ] {
        assert_eq!(leaks(&line, &counts(&cells)), expected, "{cells:?}");
    }
}

/// Two rows less two columns of a table leave one cell (4 by 4, nine cells closed).
#[test]
fn a_cell_is_determined_by_many_lines_together() {
    let open = |closed: &[usize]| {
        let count = |cell| (!closed.contains(&cell)).then_some(10);
        counts(&(0..16).map(count).collect::<Vec<_>>())
    };
    let rows = (0..4).map(|row| [0, 1, 2, 3].map(|column| 4 * row + column));
    let columns = (0..4).map(|column| [0, 1, 2, 3].map(|row| 4 * row + column));
    let lines: Vec<Line> = rows
        .chain(columns)
        .map(|cells| line(&cells, Sum::Ballots(100)))
        .collect();
    let bridge = open(&[0, 1, 4, 5, 6, 10, 11, 14, 15]);
    assert_eq!(determined::of(&lines, &bridge), BTreeSet::from([(0, 6)]));
    let cycle = open(&[0, 1, 4, 5, 10, 11, 14, 15]);
    assert_eq!(determined::of(&lines, &cycle), BTreeSet::new());
}
