//! Patterns over made-up surveys, against the rules of the specification written down once more.

use proptest::prelude::*;

use super::*;
use crate::tally::cells::{Arrangement, GuardedContest};

fn contest(contest: usize, ballots: u32, n: usize, arrangement: Arrangement) -> GuardedContest {
    GuardedContest {
        contest,
        ballots,
        positions: (0..n).collect(),
        arrangement,
        with_blank: Vec::new(),
    }
}

/// Questions with one answer.
fn one_of(number: usize, ballots: u32, n: usize, blank: bool) -> GuardedContest {
    contest(number, ballots, n, Arrangement::OneOf { blank })
}

/// Two questions with one answer and their table: cells are those of the first, of the second, and
/// the table's row by row.
fn table(kappa: u32, rows: &[&[u64]]) -> Survey {
    let mut counts: Vec<u64> = rows.iter().map(|row| row.iter().sum()).collect();
    let column = |j: usize| rows.iter().map(|row| row[j]).sum::<u64>();
    let columns = 0..rows[0].len();
    counts.extend(columns.clone().map(column));
    counts.extend(rows.iter().copied().flatten());
    let ballots = u32::try_from(rows.iter().copied().flatten().sum::<u64>()).unwrap();
    let cells = Cells::new(
        kappa,
        vec![
            one_of(0, ballots, rows.len(), false),
            one_of(1, ballots, columns.len(), false),
            contest(
                2,
                ballots,
                rows.len() * columns.len(),
                Arrangement::Table { of: [0, 1] },
            ),
        ],
    );
    Survey { cells, counts }
}

fn closed(cells: &Cells, counts: &[u64]) -> Vec<bool> {
    let pattern = Pattern::close(cells, counts);
    (0..cells.n_cells())
        .map(|cell| pattern.is_closed(cell))
        .collect()
}

#[test]
fn the_next_cell_of_a_line_is_closed_with_a_small_one() {
    let cells = Cells::new(3, vec![one_of(0, 14, 3, false)]);
    assert_eq!(closed(&cells, &[4, 4, 6]), [false; 3]);
    assert_eq!(closed(&cells, &[1, 4, 9]), [true, true, false]);
    // The next one, whichever is smallest; after the last comes the first.
    assert_eq!(closed(&cells, &[4, 2, 8]), [false, true, true]);
    assert_eq!(closed(&cells, &[9, 4, 1]), [true, false, true]);
    // Two small ones hide each other only if neither can have just one count: 1 and 2 would be
    // told by 3, 2 and 2 by 4.
    assert_eq!(closed(&cells, &[2, 2, 10]), [true; 3]);
    assert_eq!(closed(&cells, &[0, 0, 14]), [true; 3]);
    let cells = Cells::new(3, vec![one_of(0, 14, 4, false)]);
    assert_eq!(closed(&cells, &[2, 2, 1, 9]), [true, true, true, false]);
}

#[test]
fn a_blank_is_closed_only_where_nothing_else_is_left_to_close() {
    let cells = Cells::new(3, vec![one_of(0, 20, 3, true)]);
    assert_eq!(closed(&cells, &[9, 10, 1]), [false; 3]);
    assert_eq!(closed(&cells, &[1, 18, 1]), [true, true, false]);
    assert_eq!(closed(&cells, &[1, 1, 18]), [true; 3]);
    // A number: its blank comes first, and its value and square are closed with it.
    let number = GuardedContest {
        positions: vec![1, 3, 4],
        with_blank: vec![0, 2],
        ..contest(0, 20, 3, Arrangement::Buckets { blank: true })
    };
    let cells = Cells::new(3, vec![number]);
    let open = |counts: &[u64]| Pattern::close(&cells, counts).open_positions(&cells, 0, 5);
    assert_eq!(open(&[1, 9, 10]), [0, 1, 2, 3, 4]);
    assert_eq!(open(&[1, 1, 18]), [0, 1, 2]);
    assert_eq!(open(&[18, 1, 1]), Vec::<usize>::new());
}

#[test]
fn approval_of_nearly_all_is_as_small_as_of_nearly_nobody() {
    let cells = Cells::new(3, vec![contest(0, 20, 3, Arrangement::Approval)]);
    assert_eq!(closed(&cells, &[3, 10, 17]), [false; 3]);
    assert_eq!(closed(&cells, &[2, 18, 10]), [true, true, false]);
    assert_eq!(closed(&cells, &[0, 20, 10]), [true, true, false]);
}

#[test]
fn a_breakdown_of_a_closed_category_is_closed() {
    // The second option of the first question is rare, so both of its options are closed.
    let Survey { cells, counts } = table(4, &[&[8, 9], &[2, 1]]);
    let is_closed = closed(&cells, &counts);
    assert_eq!(is_closed[..4], [true, true, false, false]);
    assert_eq!(is_closed[4..], [true; 4]);
}

#[test]
fn a_pattern_that_lines_give_away_together_is_refused() {
    // No closed cell is alone in its line, but rows 1 and 2 less columns 1 and 2 are the cell of row
    // 2 and column 3.
    let Survey { cells, counts } = table(2, &[&[10; 4][..]; 4]);
    let nine = [1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1];
    let mut is_closed = vec![false; 8];
    is_closed.extend(nine.map(|bit| bit == 1));
    let verdict = |is_closed: &[bool]| {
        Pattern::new(is_closed.to_vec()).verify(&cells, |cell| Some(counts[cell]))
    };
    assert_eq!(verdict(&is_closed), Err(PatternError::Leak { contest: 2 }));
    // With one more of column 3 it is on a cycle.
    is_closed[8 + 2] = true;
    assert_eq!(verdict(&is_closed), Ok(()));
}

#[test]
fn closed_cells_have_one_encoding() {
    for n in 1..20usize {
        let bits: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
        let mut bytes = Vec::new();
        put_closed(bits.iter().copied(), &mut bytes);
        assert_eq!(bytes.len(), n.div_ceil(8));
        assert_eq!(bytes[0] >> 7, 1);
        assert_eq!(read_closed(&mut Reader::new(&bytes), n).unwrap(), bits);
        assert!(read_closed(&mut Reader::new(&bytes[1..]), n).is_err());
        for unused in n..8 * bytes.len() {
            let mut bytes = bytes.clone();
            bytes[unused / 8] |= 0x80 >> (unused % 8);
            let read = read_closed(&mut Reader::new(&bytes), n);
            assert!(
                matches!(read, Err(EncodingError::Value { .. })),
                "{n} {unused}"
            );
        }
    }
}

/// Cells and what they hold.
struct Survey {
    cells: Cells,
    counts: Vec<u64>,
}

/// A question with one answer, a number with buckets, their table, approval and a matrix. Each ballot
/// is 64 random bits; small numbers are likelier, so that some counts are small.
fn survey(kappa: u32, ballots: &[u64], blank: bool) -> Survey {
    let n = u32::try_from(ballots.len()).unwrap();
    let extra = usize::from(blank);
    let row = 3 + extra;
    let guarded = vec![
        one_of(0, n, 3 + extra, blank),
        contest(1, n, 2 + extra, Arrangement::Buckets { blank }),
        contest(
            2,
            n,
            (3 + extra) * (2 + extra),
            Arrangement::Table { of: [0, 1] },
        ),
        contest(3, n, 4, Arrangement::Approval),
        contest(4, n, 2 * row, Arrangement::Matrix { row, blank }),
    ];
    let starts: Vec<usize> = guarded
        .iter()
        .scan(0, |next, guarded| {
            let start = *next;
            *next += guarded.positions.len();
            Some(start)
        })
        .collect();
    let cells = Cells::new(kappa, guarded);
    let mut counts = vec![0; cells.n_cells()];
    for ballot in ballots {
        let draw = |shift: u32, n: usize| {
            let bits = ballot >> shift & 0xff;
            // The smaller of two draws: 0 is likely, n − 1 rare.
            usize::try_from((bits & 15).min(bits >> 4)).unwrap() * n / 16
        };
        let (c, d) = (draw(0, 3 + extra), draw(8, 2 + extra));
        counts[starts[0] + c] += 1;
        // Categories are buckets and then the blank; the blank's position comes first.
        counts[starts[1] + (d + extra) % (2 + extra)] += 1;
        counts[starts[2] + c * (2 + extra) + d] += 1;
        (0..4).for_each(|i| counts[starts[3] + i] += u64::from(draw(16 + 2 * i as u32, 2) == 0));
        counts[starts[4] + draw(32, row)] += 1;
        counts[starts[4] + row + draw(40, row)] += 1;
    }
    Survey { cells, counts }
}

/// Every way in which closed cells and closed margins could hold other counts than they do: a basis
/// of the changes of closed cells that no line notices, over a small prime field.
fn changes(cells: &Cells, is_closed: &[bool]) -> Vec<Vec<i64>> {
    const P: i64 = 1_000_003;
    let unknown: Vec<usize> = (0..is_closed.len())
        .filter(|cell| is_closed[*cell])
        .collect();
    let mut rows: Vec<Vec<i64>> = cells
        .lines()
        .iter()
        .map(|line| {
            let entry = |cell: &usize| {
                let is_margin = line.sum == Sum::Margin(*cell);
                i64::from(line.cells.contains(cell)) - i64::from(is_margin)
            };
            unknown
                .iter()
                .map(|cell| entry(cell).rem_euclid(P))
                .collect()
        })
        .collect();
    let inverse = |a: i64| {
        (1..P - 1)
            .fold((1, a, P - 2), |(r, b, e), _| {
                if e == 0 {
                    (r, b, e)
                } else {
                    (if e & 1 == 1 { r * b % P } else { r }, b * b % P, e >> 1)
                }
            })
            .0
    };
    let mut pivots: Vec<usize> = Vec::new();
    for column in 0..unknown.len() {
        let rank = pivots.len();
        let Some(found) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else {
            continue;
        };
        rows.swap(rank, found);
        let scale = if rows[rank][column] == 1 {
            1
        } else {
            inverse(rows[rank][column])
        };
        rows[rank]
            .iter_mut()
            .for_each(|entry| *entry = *entry * scale % P);
        let own = rows[rank].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            let factor = row[column];
            if index != rank && factor != 0 {
                row.iter_mut()
                    .zip(&own)
                    .for_each(|(entry, own)| *entry = (*entry - factor * own).rem_euclid(P));
            }
        }
        pivots.push(column);
    }
    (0..unknown.len())
        .filter(|column| !pivots.contains(column))
        .map(|free| {
            let mut change = vec![0; is_closed.len()];
            change[unknown[free]] = 1;
            for (row, pivot) in rows.iter().zip(&pivots) {
                change[unknown[*pivot]] = (P - row[free]) % P;
            }
            change
        })
        .collect()
}

/// Whether any line leaks, from the true counts.
fn leaks(cells: &Cells, is_closed: &[bool], counts: &[u64]) -> bool {
    let changes = changes(cells, is_closed);
    let is_determined = |cell: usize| is_closed[cell] && changes.iter().all(|of| of[cell] == 0);
    cells.lines().iter().any(|line| {
        let margin = match line.sum {
            Sum::Margin(margin) => Some(margin),
            Sum::Ballots(_) => None,
        };
        let is_margin_closed = margin.is_some_and(|margin| is_closed[margin]);
        let own = line.cells.iter().filter(|cell| is_closed[**cell]);
        let hidden: u64 = own.clone().map(|cell| counts[*cell]).sum();
        let is_small = own.count() > 0 && hidden < 2 * cells.minimum() - 1;
        let mut all = line.cells.iter().copied().chain(margin);
        line.cells.iter().any(|cell| !is_closed[*cell])
            && (is_margin_closed || is_small || all.any(is_determined))
    })
}

/// Whether an open count is small.
fn opens_small(cells: &Cells, is_closed: &[bool], counts: &[u64], ballots: usize) -> bool {
    let (approval, guarded) = cells.of_contest(3).unwrap();
    let approval = approval..approval + guarded.positions.len();
    let ballots = u64::try_from(ballots).unwrap();
    (0..is_closed.len()).any(|cell| {
        let others = ballots - counts[cell];
        let is_small = counts[cell] < cells.minimum() && !cells.is_blank(cell);
        let is_nearly_all = approval.contains(&cell) && others < cells.minimum();
        !is_closed[cell] && (is_small || is_nearly_all)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_pattern_passes_verification_and_gives_no_closed_count_away(
        ballots in prop::collection::vec(any::<u64>(), 7..60),
        kappa in 2u32..7,
        blank: bool,
    ) {
        let Survey { cells, counts } = survey(kappa, &ballots, blank);
        let pattern = Pattern::close(&cells, &counts);
        let is_closed = closed(&cells, &counts);
        let total = |cell: usize| {
            assert!(!is_closed[cell], "a closed cell is read");
            Some(counts[cell])
        };
        prop_assert_eq!(pattern.verify(&cells, total), Ok(()));
        prop_assert!(!opens_small(&cells, &is_closed, &counts, ballots.len()));
        prop_assert!(!leaks(&cells, &is_closed, &counts));
        // By one line alone, no closed cell beside an open one has one possible count only.
        for line in cells.lines() {
            let sum = match line.sum {
                Sum::Ballots(ballots) => ballots,
                Sum::Margin(margin) => counts[margin],
            };
            let own = line.cells.iter().filter(|cell| is_closed[**cell]);
            let hidden: u64 = own.clone().map(|cell| counts[*cell]).sum();
            let n = own.count();
            prop_assert!(hidden <= sum);
            prop_assert!(n == 0 || n == line.cells.len() || n > 1 && hidden > 1, "{:?}", line);
        }
    }

    #[test]
    fn every_pattern_that_opens_a_small_count_or_leaks_is_refused_and_no_other(
        ballots in prop::collection::vec(any::<u64>(), 7..40),
        kappa in 2u32..6,
        blank: bool,
        flips in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let Survey { cells, counts } = survey(kappa, &ballots, blank);
        let mut is_closed = closed(&cells, &counts);
        for flip in flips {
            let cell = flip.index(is_closed.len());
            is_closed[cell] = !is_closed[cell];
        }
        let is_small = opens_small(&cells, &is_closed, &counts, ballots.len());
        let leaks = leaks(&cells, &is_closed, &counts);
        let pattern = Pattern::new(is_closed);
        match pattern.verify(&cells, |cell| Some(counts[cell])) {
            Ok(()) => prop_assert!(!is_small && !leaks),
            Err(PatternError::Small { .. }) => prop_assert!(is_small),
            Err(PatternError::Leak { .. }) => prop_assert!(leaks && !is_small),
        }
    }

    #[test]
    fn closing_ends_whatever_the_counts_are(
        counts in prop::collection::vec(0u64..20, 4 + 3 + 12 + 4 + 8),
        kappa in 2u32..12,
    ) {
        let Survey { cells, .. } = survey(kappa, &[0; 12], true);
        prop_assert_eq!(cells.n_cells(), counts.len());
        let pattern = Pattern::close(&cells, &counts);
        prop_assert_eq!(pattern.verify(&cells, |cell| counts.get(cell).copied()), Ok(()));
    }
}
