//! The five equations, one by one and without weights, so that a test can say which one refuses.

use super::*;

/// What the right sides of equations 1 to 4 lack to the left sides; all zero when they hold.
pub fn errors(election: &Election, vector: &EncryptedVector, (y, x): Challenges) -> [Point; 4] {
    let (shape, proof) = (&election.shape, &vector.proof);
    let p = blinding_base();
    let bases = vector_bases(shape.n_coordinates());
    let f = &proof.f;
    let combine = |scalars: &[Scalar]| -> Point {
        scalars
            .iter()
            .zip(&bases)
            .map(|(scalar, base)| base * scalar)
            .sum()
    };
    let g: Vec<Scalar> = shape
        .coordinates()
        .iter()
        .zip(f)
        .map(|(coordinate, f_j)| match coordinate.kind {
            CoordinateKind::Bit => f_j * (x - f_j),
            CoordinateKind::Free => Scalar::ZERO,
            CoordinateKind::SquareOf(k) => x * f_j - f[usize::from(k)] * f[usize::from(k)],
        })
        .collect();
    let power = |i: u16| (0..i).fold(Scalar::ONE, |power, _| power * y);
    let row: Scalar = shape
        .coordinates()
        .iter()
        .zip(f)
        .filter_map(|(coordinate, f_j)| {
            let (position, weight) = coordinate.counts?;
            Some(power(position) * Scalar::from(weight) * f_j)
        })
        .sum();
    let (mut keys, mut betas) = (Point::default(), Point::default());
    for (i, (key, beta)) in (0u16..).zip(election.keys().iter().zip(&vector.beta)) {
        keys += key * power(i);
        betas += beta.point() * power(i);
    }
    [
        combine(f) + p * proof.z - proof.c.point() * x - proof.a.point(),
        combine(&g) + p * proof.z_prime - proof.d.point() * x - proof.e.point(),
        mul_base(&proof.zeta) - proof.t_alpha.point() - vector.alpha.point() * x,
        value_base() * row + keys * proof.zeta - proof.t_beta.point() - betas * x,
    ]
}

/// Numbers of the equations that do not hold; 5 stands for any constraint.
pub fn broken(election: &Election, vector: &EncryptedVector, (y, x): Challenges) -> Vec<usize> {
    let mut broken: Vec<usize> = errors(election, vector, (y, x))
        .iter()
        .zip(1..)
        .filter(|(error, _)| !is_identity(error))
        .map(|(_, number)| number)
        .collect();
    let kept = election.shape.constraints().iter().all(|constraint| {
        let terms = constraint.terms.iter();
        let sum: Scalar = terms
            .map(|(j, c)| Scalar::from(*c) * vector.proof.f[usize::from(*j)])
            .sum();
        sum == x * Scalar::from(constraint.constant)
    });
    if !kept {
        broken.push(5);
    }
    broken
}
