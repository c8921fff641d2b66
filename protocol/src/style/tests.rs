//! Digits, and kernels of constraints.

use super::*;
use crate::group::Scalar;
use crate::transcript::Transcript;
use getrandom::SysRng;

fn bit() -> Coordinate {
    Coordinate {
        kind: CoordinateKind::Bit,
        counts: None,
    }
}

fn shape(m: usize, constraints: &[(&[(u16, u64)], u64)]) -> Result<Shape, ShapeError> {
    let constraints = constraints.iter().map(|(terms, constant)| Constraint {
        terms: terms.to_vec(),
        constant: *constant,
    });
    Shape::new(0, vec![bit(); m], constraints.collect())
}

#[test]
fn digits_reach_every_value_and_no_other() {
    for max in 0..=300u32 {
        let weights = digits(max);
        let mut reached = vec![false; 1 + max as usize];
        reached[0] = true;
        let mut sums = vec![0u64];
        for weight in &weights {
            sums.extend(sums.clone().iter().map(|sum| sum + weight));
            sums.sort_unstable();
            sums.dedup();
        }
        assert_eq!(sums, (0..=u64::from(max)).collect::<Vec<_>>(), "{max}");
    }
    assert_eq!(digits(1 << 30).iter().sum::<u64>(), 1 << 30);
}

fn assert_uniform_kernel(shape: &Shape, dimension: usize) {
    assert_eq!(shape.kernel_dimension(), dimension);
    let mut nonces = Transcript::new("test").nonces(b"", &mut SysRng).unwrap();
    let (a, b) = (
        shape.kernel_vector(&mut nonces),
        shape.kernel_vector(&mut nonces),
    );
    for constraint in shape.constraints() {
        let sum: Scalar = constraint
            .terms
            .iter()
            .map(|(j, c)| Scalar::from(*c) * a[usize::from(*j)])
            .sum();
        assert_eq!(sum, Scalar::ZERO);
    }
    // A coordinate that is the same in two uniform vectors is constant on the kernel.
    let forced = a.iter().zip(&b).filter(|(x, y)| x == y).count();
    assert!(
        forced == 0 || dimension == 0,
        "{forced} coordinates are not masked"
    );
}

#[test]
fn permutation_matrices_are_masked_by_the_whole_kernel() {
    for k in 2..=5u16 {
        let rows = (0..k).map(|i| ((0..k).map(|j| (i * k + j, 1)).collect::<Vec<_>>(), 1));
        let columns = (0..k).map(|j| ((0..k).map(|i| (i * k + j, 1)).collect::<Vec<_>>(), 1));
        let constraints = rows
            .chain(columns)
            .map(|(terms, constant)| Constraint { terms, constant })
            .collect();
        let shape = Shape::new(0, vec![bit(); usize::from(k * k)], constraints).unwrap();
        // 2k constraints, of rank 2k − 1.
        assert_uniform_kernel(&shape, usize::from((k - 1) * (k - 1)));
    }
}

#[test]
fn duplicate_and_dependent_rows_cost_no_dimension() {
    let a: &[(u16, u64)] = &[(0, 1), (1, 1), (2, 1)];
    let b: &[(u16, u64)] = &[(2, 1), (3, 2)];
    let sum: &[(u16, u64)] = &[(0, 1), (1, 1), (2, 2), (3, 2)];
    assert_uniform_kernel(&shape(4, &[(a, 1), (a, 1)]).unwrap(), 3);
    assert_uniform_kernel(&shape(4, &[(a, 1), (b, 2), (sum, 3)]).unwrap(), 2);
    assert_uniform_kernel(&shape(4, &[(sum, 3), (b, 2), (a, 1)]).unwrap(), 2);
}

#[test]
fn contradictions_and_unknown_coordinates_are_refused() {
    let a: &[(u16, u64)] = &[(0, 1), (1, 1)];
    let twice: &[(u16, u64)] = &[(0, 2), (1, 2)];
    assert_eq!(
        shape(2, &[(a, 1), (a, 2)]).unwrap_err(),
        ShapeError::Inconsistent
    );
    assert_eq!(
        shape(2, &[(a, 1), (twice, 3)]).unwrap_err(),
        ShapeError::Inconsistent
    );
    assert_eq!(shape(2, &[(&[], 1)]).unwrap_err(), ShapeError::Inconsistent);
    assert_eq!(shape(1, &[(a, 1)]).unwrap_err(), ShapeError::OutOfRange);
    assert!(shape(2, &[(a, 1), (twice, 2)]).is_ok());
}
