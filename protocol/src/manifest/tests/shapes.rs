//! `Style.Shape` of the valid manifest, worked out by hand.

use super::*;
use crate::style::{Constraint, Coordinate, CoordinateKind, RangeForm, digits};

fn bits(list: &[(Option<u16>, u64)]) -> Vec<Coordinate> {
    list.iter()
        .map(|(position, weight)| Coordinate {
            kind: CoordinateKind::Bit,
            counts: position.map(|position| (position, *weight)),
        })
        .collect()
}

fn constraint(first: u16, coefficients: &[u64], constant: u64) -> Constraint {
    Constraint {
        terms: (first..).zip(coefficients.iter().copied()).collect(),
        constant,
    }
}

#[test]
fn the_shape_of_both_styles_is_the_one_worked_out_by_hand() {
    let manifest = parse(&valid()).unwrap();
    assert_eq!(digits(5), [3, 1, 1]);
    assert_eq!(digits(8), [4, 2, 1, 1]);

    // Chair: two options, blank, slack 0 to 1; budget: three options of 3 + 1 + 1, slack 0 to 8.
    let all = Shape::of_style(&manifest, &manifest.styles[0]).unwrap();
    let points = |first: u16| -> Vec<(Option<u16>, u64)> {
        (first..first + 3)
            .flat_map(|position| [3, 1, 1].map(|weight| (Some(position), weight)))
            .chain([(None, 0); 4])
            .collect()
    };
    let chair = [(Some(0), 1), (Some(1), 1), (Some(2), 1), (None, 0)];
    assert_eq!(all.n_positions(), 6);
    assert_eq!(all.coordinates(), bits(&[&chair[..], &points(3)].concat()));
    let budget = [3, 1, 1, 3, 1, 1, 3, 1, 1, 4, 2, 1, 1];
    assert_eq!(
        all.constraints(),
        [constraint(0, &[1, 1, 1, 1], 1), constraint(4, &budget, 9)]
    );
    assert_eq!(all.kernel_dimension(), 17 - 2);

    // Positions are numbered within the style.
    let some = Shape::of_style(&manifest, &manifest.styles[1]).unwrap();
    assert_eq!(some.n_positions(), 3);
    assert_eq!(some.coordinates(), bits(&points(0)));
    assert_eq!(some.constraints(), [constraint(0, &budget, 9)]);
}

#[test]
fn a_blank_counts_as_the_largest_sum() {
    let mut manifest = with("/contests/1/blank", json!(true));
    manifest["contests"][1]["min"] = json!(9);
    let manifest = parse(&manifest).unwrap();
    let some = Shape::of_style(&manifest, &manifest.styles[1]).unwrap();
    // No slack is left when min is max.
    assert_eq!(some.n_coordinates(), 10);
    assert_eq!(some.coordinates()[9], bits(&[(Some(3), 1)])[0]);
    assert_eq!(
        some.constraints(),
        [constraint(0, &[3, 1, 1, 3, 1, 1, 3, 1, 1, 9], 9)]
    );
}

/// By hand, from the list of widths in the specification.
#[test]
fn a_shape_is_encoded_as_specified() {
    let shape = Shape::new(
        2,
        vec![
            Coordinate {
                kind: CoordinateKind::Bit,
                counts: Some((1, 3)),
            },
            Coordinate {
                kind: CoordinateKind::Free,
                counts: None,
            },
            Coordinate {
                kind: CoordinateKind::Product(1, 0),
                counts: Some((0, 1 << 40)),
            },
        ],
        vec![Constraint {
            terms: vec![(0, 7), (2, 258)],
            constant: 9,
        }],
    )
    .unwrap()
    .with_ranges(
        16,
        vec![RangeForm {
            constant: 65_535,
            terms: vec![(1, -3), (0, 1 << 32)],
        }],
    )
    .unwrap();
    let expected = [
        "0002 0003",
        "00 0000 0000 0001 0000000000000003",
        "01 0000 0000 ffff 0000000000000000",
        "02 0001 0000 0000 0000010000000000",
        "0001",
        "0000000000000009 0002",
        "0000 0000000000000007",
        "0002 0000000000000102",
        "10 0001",
        "000000000000ffff 0002",
        "0001 01 0000000000000003",
        "0000 00 0000000100000000",
    ];
    assert_eq!(
        encode_hex(&shape.encode()),
        expected.concat().replace(' ', "")
    );
}
