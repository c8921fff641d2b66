//! Digits and encodings against what was written by hand.

use super::*;
use crate::manifest::{ContestOption, Text};

/// The page's closed formula, for comparison.
fn digits_by_formula(most: u64) -> Vec<u64> {
    if most == 0 {
        return Vec::new();
    }
    (0..=most.ilog2())
        .map(|i| (most + (1 << i)) >> (i + 1))
        .collect()
}

#[test]
fn digits_are_the_formula_and_reach_every_value_and_no_other() {
    for most in 0..200 {
        let weights = digits(most);
        assert_eq!(weights, digits_by_formula(most));
        let mut reached = vec![false; most as usize + 1];
        for choice in 0..1_u32 << weights.len() {
            let sum: u64 = weights
                .iter()
                .enumerate()
                .filter(|(i, _)| choice >> i & 1 == 1)
                .map(|(_, weight)| weight)
                .sum();
            reached[sum as usize] = true;
        }
        assert!(reached.iter().all(|reached| *reached));
    }
    assert_eq!(digits(1 << 20), digits_by_formula(1 << 20));
}

fn contest(options: usize, min: u64, max: u64, max_per_option: u64, blank: bool) -> Contest {
    let option = ContestOption {
        id: "o".into(),
        label: Text::new(),
        value: None,
    };
    of(ContestKind::Options(OptionsContest {
        points: max_per_option > 1,
        options: vec![option; options],
        min,
        max,
        max_per_option,
        blank,
    }))
}

fn of(kind: ContestKind) -> Contest {
    Contest {
        id: "c".into(),
        title: Text::new(),
        kind,
        of_group: None,
        first_position: 0,
        most: Vec::new(),
    }
}

fn number(lo: i64, hi: i64, blank: bool, spread: bool, buckets: &[i64]) -> Contest {
    of(ContestKind::Number(Number {
        lo,
        hi,
        decimals: 0,
        unit: None,
        blank,
        spread,
        buckets: buckets.to_vec(),
    }))
}

/// The terms of a form, each as its coordinate and its signed coefficient.
fn signed(form: &Form) -> (u64, Vec<(usize, i128)>) {
    let terms = form.terms.iter().map(|term| {
        let magnitude = i128::from(term.magnitude);
        (
            term.coordinate,
            if term.minus { -magnitude } else { magnitude },
        )
    });
    (form.constant, terms.collect())
}

#[test]
fn a_number_is_in_range_by_two_forms() {
    let shape = Shape::of(&[number(-5, 250, true, true, &[])], &[0]);
    assert_eq!((shape.bits, shape.n_positions), (8, 3));
    assert_eq!(shape.coordinates[2].kind, CoordinateKind::ProductOf(0, 0));
    assert_eq!(shape.constraints, []);
    let forms: Vec<_> = shape.forms.iter().map(signed).collect();
    assert_eq!(forms[0], (0, vec![(0, 1)]));
    assert_eq!(forms[1], (255, vec![(0, -1), (1, -255)]));
    assert_eq!(shape.n_of_ranges(), 2 + 11 + 2 * 4);
}

#[test]
fn buckets_bound_a_number_by_their_own_ends() {
    let shape = Shape::of(&[number(10, 65_546, true, false, &[10, 20, 65_546])], &[0]);
    assert_eq!((shape.bits, shape.n_positions), (32, 5));
    assert_eq!(shape.constraints[0].terms, [(1, 1), (2, 1), (3, 1), (4, 1)]);
    let forms: Vec<_> = shape.forms.iter().map(signed).collect();
    assert_eq!(forms[0], (0, vec![(0, 1), (3, -10), (4, -65_536)]));
    assert_eq!(
        forms[1],
        (0, vec![(0, -1), (2, 9), (3, 65_535), (4, 65_536)])
    );
}

/// Categories of the number are its buckets and then its blank, though the blank's position
/// comes before.
#[test]
fn a_table_constrains_rows_and_columns() {
    let contests = [
        contest(2, 1, 1, 1, false),
        number(0, 9, true, false, &[0, 5]),
        of(ContestKind::Table([0, 1])),
    ];
    let shape = Shape::of(&contests, &[0, 1, 2]);
    // Options 0, 1; value 2, blank 3, buckets 4, 5; cells 6 to 11.
    assert_eq!(shape.coordinates.len(), 12);
    let terms = |index: usize| -> Vec<usize> {
        let terms = shape.constraints[index].terms.iter();
        terms.map(|(coordinate, _)| *coordinate).collect()
    };
    assert_eq!(terms(2), [6, 7, 8, 1]);
    assert_eq!(terms(3), [9, 10, 11, 0]);
    assert_eq!(terms(4), [6, 9, 5, 3]);
    assert_eq!(terms(6), [8, 11, 4, 5]);
    assert_eq!(shape.constraints.len(), 7);
}

/// The example of docs/spec/encoding.md: 13 options, 1 to 3 choices.
#[test]
fn thirteen_options_with_one_to_three_choices_have_fifteen_coordinates() {
    let shape = Shape::of(&[contest(13, 1, 3, 1, false)], &[0]);
    assert_eq!((shape.n_positions, shape.coordinates.len()), (13, 15));
    assert_eq!(shape.constraints[0].terms.len(), 15);
}

#[test]
fn a_shape_encodes_as_written_by_hand() {
    let shape = Shape::of(&[contest(1, 0, 3, 3, true)], &[0]);
    let mut expected = vec![0, 2, 0, 5];
    for (position, weight) in [(0_u16, 2_u8), (0, 1), (1, 1), (65_535, 0), (65_535, 0)] {
        expected.extend([0; 5]);
        expected.extend(position.to_be_bytes());
        expected.extend([0, 0, 0, 0, 0, 0, 0, weight]);
    }
    expected.extend([0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 5]);
    for (coordinate, coefficient) in [(0, 2), (1, 1), (2, 3), (3, 2), (4, 1)] {
        expected.extend([0, coordinate, 0, 0, 0, 0, 0, 0, 0, coefficient]);
    }
    expected.extend([0, 0, 0]);
    assert_eq!(shape.encode(), expected);
    let shape = Shape::of(&[number(0, 1, false, false, &[])], &[0]);
    let form = |constant, sign| -> Vec<u8> {
        [&[0; 7][..], &[constant, 0, 1, 0, 0, sign], &[0; 7], &[1]].concat()
    };
    let expected = [
        &[0, 1, 0, 1][..],
        &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        &[0, 0, 8, 0, 2],
        &form(0, 0),
        &form(1, 1),
    ];
    assert_eq!(shape.encode(), expected.concat());
}
