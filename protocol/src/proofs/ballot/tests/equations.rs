//! The five equations, one by one and without weights, so that a test can say which one refuses.

use super::*;

/// What the right sides of equations 1 to 4 and 6 lack to the left sides; all zero when they hold.
pub fn errors(election: &Election, vector: &EncryptedVector, (y, x): Challenges) -> [Point; 5] {
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
            CoordinateKind::Product(k, l) => x * f_j - f[usize::from(k)] * f[usize::from(l)],
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
        vector.ranges.as_ref().map_or(Point::default(), |ranges| {
            let sum = prover::combine(shape, &y, |form| {
                let terms = form.terms.iter();
                let terms = terms.map(|(j, factor)| prover::signed(*factor) * f[usize::from(*j)]);
                x * Scalar::from(form.constant) + terms.sum::<Scalar>()
            });
            let ws: Point = (0u16..)
                .zip(&ranges.w)
                .map(|(k, w)| w.point() * power(k))
                .sum();
            value_base() * sum + p * ranges.zeta_w - ranges.t_w.point() - ws * x
        }),
    ]
}

/// Whether the ballot's Bulletproof holds, by itself.
fn bulletproof_holds(election: &Election, vector: &EncryptedVector) -> bool {
    vector.ranges.as_ref().is_none_or(|argument| {
        let context = prover::range_context(election, &vector.alpha, &vector.beta);
        let commitments: Vec<u8> = argument.w.iter().flat_map(|w| *w.as_bytes()).collect();
        let bits = election.shape.ranges().bits();
        let proof = argument.bulletproof.encode();
        let mut weights = Weights::draw(&mut SysRng).unwrap();
        ranges::verify(&Digest(context), bits, &commitments, &proof, &mut weights).is_ok()
    })
}

/// Numbers of the equations that do not hold; 5 stands for any constraint, 7 for the Bulletproof.
pub fn broken(election: &Election, vector: &EncryptedVector, (y, x): Challenges) -> Vec<usize> {
    let mut broken: Vec<usize> = errors(election, vector, (y, x))
        .iter()
        .zip([1, 2, 3, 4, 6])
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
    if !bulletproof_holds(election, vector) {
        broken.push(7);
    }
    broken
}
